"""Random histories: people and Ariane write by turns, crashes strike, no last word is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import system_calls  # noqa: E402
from registry_histories import WORLDS, Histories  # noqa: E402

UNABLE = system_calls.unable()


@pytest.mark.skipif(bool(UNABLE), reason=UNABLE)
@pytest.mark.parametrize("kind", sorted(WORLDS))
def test_no_update_is_lost_in_random_histories(kind: str) -> None:
    class Some(Histories):
        make = staticmethod(WORLDS[kind])
        scratch = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
        struck = {}  # noqa: RUF012 (a count of this class alone)

    run_state_machine_as_test(
        Some,
        settings=settings(
            max_examples=25,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
    # The strikes struck: a history in which nothing happens shows nothing.
    for what in ("killed", "disk full", "saved meanwhile", "reverted"):
        assert Some.struck.get(what), what
