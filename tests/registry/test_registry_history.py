"""Random histories: people and Ariane write by turns, crashes strike, no last word is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

ROOT = Path(__file__).resolve().parents[2]
import system_calls  # noqa: E402
from registry_histories import HEADER, WORLDS, Histories, mapping_of  # noqa: E402
from registry_worlds import SqlWorld, World  # noqa: E402

UNABLE = system_calls.unable()


@pytest.mark.skipif(bool(UNABLE), reason=UNABLE)
@pytest.mark.parametrize("kind", [*sorted(WORLDS), "postgresql"])
def test_no_update_is_lost_in_random_histories(kind: str, request: pytest.FixtureRequest) -> None:
    make_one = WORLDS.get(kind)
    if make_one is None:
        address = request.getfixturevalue("postgresql")

        def make_one(_: Path) -> World:
            return SqlWorld(address, HEADER, mapping_of(table="registre"))

    class Some(Histories):
        make = staticmethod(make_one)
        scratch = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
        struck = {}  # noqa: RUF012 (a count of this class alone)

    run_state_machine_as_test(
        Some,
        settings=settings(
            max_examples=25 if kind != "postgresql" else 10,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
    # The strikes struck: a history in which nothing happens shows nothing.
    for what in ("killed", "disk full", "saved meanwhile", "reverted"):
        assert Some.struck.get(what), what
