"""Registries under load: random histories with crashes in every kind, and large ones timed.

Fails when an update is lost, a foreign cell changes, the journal does not replay to the registry,
or a large registry takes longer, or more memory, than people were promised.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

import system_calls
from ariane.cli import run
from ariane.files import write_text
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from registry_histories import WORLDS, Histories
from registry_large import measure

SECONDS: Final = 30
MEGABYTES: Final = 1024
"""What a write of LARGE rows may take."""
LARGE: Final = {"csv": 100_000, "xlsx": 20_000, "sqlite": 100_000}
STEPS: Final = 8
"""Turns of one history."""

log = logging.getLogger(__name__)


def main(argv: list[str]) -> int:
    """Run what is asked and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000, help="in all, over the kinds")
    parser.add_argument("--large", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--kinds", nargs="*", choices=sorted(WORLDS), default=sorted(WORLDS))
    parser.add_argument("--scratch", type=Path, help="folder for temporary files")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    args = parser.parse_args(argv)
    if reason := system_calls.unable() if args.histories else "":
        raise ArianeError(f"The histories need a machine that can strike: {reason}.")
    told: dict[str, Any] = {"histories": {}, "large": []}
    failed = False
    if args.large:
        for kind in args.kinds:
            with tempfile.TemporaryDirectory(dir=args.scratch) as folder:
                for found in measure(kind, LARGE[kind], Path(folder)):
                    log.info(found.line)
                    told["large"].append(asdict(found))
                    # A busy machine is no fault of the program's.
                    slow = found.cpu > SECONDS or found.megabytes > MEGABYTES
                    failed |= slow or not found.only_cells_meant
    for place, kind in enumerate(args.kinds):
        share = (args.histories + place) // len(args.kinds)
        if share:
            began = time.monotonic()
            struck = histories(kind, share, args.scratch)
            seconds = time.monotonic() - began
            counts = ", ".join(f"{what} {n}" for what, n in sorted(struck.items()))
            log.info("%s: %d histories in %.0f s, none lost; %s", kind, share, seconds, counts)
            told["histories"][kind] = {"histories": share, "seconds": seconds, "struck": struck}
    if args.json:
        write_text(args.json, to_json(told) + "\n")
    if failed:
        log.error("A large registry broke the promise: %d s, %d MB.", SECONDS, MEGABYTES)
    return int(failed)


def histories(kind: str, number: int, scratch: Path | None) -> dict[str, int]:
    """Run random histories; returns how often what struck.

    Raises:
        AssertionError: an update was lost; Hypothesis prints the shortest such history.
    """
    memory = Path("/dev/shm")  # noqa: S108 (folders of our own are made there)
    where = scratch or (memory if memory.is_dir() else None)

    class Some(Histories):
        make = staticmethod(WORLDS[kind])
        struck = {}  # noqa: RUF012 (a count of this run)

    Some.scratch = str(where) if where else None
    run_state_machine_as_test(
        Some,
        settings=settings(
            max_examples=number,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    return Some.struck


if __name__ == "__main__":
    if not __debug__:
        sys.exit("Run without -O: the histories are judged by assertions.")
    run(main)
