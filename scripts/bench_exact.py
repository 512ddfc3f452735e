"""Count random pairs of releases after which a delta equals a full pass, to the byte.

Releases, their successors and families are drawn at random (the worlds of the tests, tests/
reanalyse); each history of four is run by the workflow's own programs, cycle after cycle, and every
state that a delta reached is held against a full pass over the same frozen inputs. Pairs that a
change forced into a full pass are not counted, nor is the same pair twice.

Prints ``exact pairs=.. equal=..`` and what the pairs cover; status 1 where one is not equal.
"""

from __future__ import annotations

import argparse
import io
import logging
import sys
import tempfile
import time
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ariane import files
from ariane.cli import run
from ariane.model.canonical import to_json

sys.path.insert(0, str(files.REPOSITORY / "tests" / "reanalyse"))
from random_histories import COMPACTED, Moment, histories
from reanalyse_exactness import Tally, run_history

log = logging.getLogger(__name__)

LENGTH = 4
"""Releases of a history."""
BATCH = 250
"""Histories drawn in one go."""


def main(argv: list[str]) -> int:
    """Draw until the pairs are enough, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=2000, help="distinct pairs to count at least")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--work", type=Path, help="scratch folder: in memory it goes faster")
    parser.add_argument("--json", type=Path, help="where to write what the pairs cover")
    args = parser.parse_args(argv)
    logging.getLogger("rank_shard").setLevel(logging.WARNING)  # it tells each case
    tally, begun, number = Tally(), time.monotonic(), args.seed
    while tally.pairs.total() < args.pairs:
        draw(tally, number, min(BATCH, args.pairs), args.work)
        number += 1
        spent = time.monotonic() - begun
        print(f"{tally.line} after {spent:.0f} s", file=sys.stderr, flush=True)
    report(tally, args.json, round(time.monotonic() - begun))
    return 1 if tally.unequal else 0


def draw(tally: Tally, number: int, count: int, work: Path | None) -> None:
    """Draw histories and count the pairs of each."""

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(history=histories(LENGTH), turned=st.booleans(), compact_after=COMPACTED)
    def counted(history: list[Moment], turned: bool, compact_after: int) -> None:
        with tempfile.TemporaryDirectory(dir=work) as name, redirect_stdout(io.StringIO()):
            for step in run_history(Path(name), history, turned, compact_after):
                tally.add(step)

    counted()


def report(tally: Tally, path: Path | None, seconds: int) -> None:
    """Print the counts, and write them where asked."""
    print(tally.line)
    for title, counts in (
        ("What changed from one release to the next", tally.pairs),
        ("What came of it", tally.outcomes),
        ("Pairs in which this changed", tally.changes),
    ):
        print(f"{title}:")
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            print(f"  {count:6d}  {name}")
    for step in tally.unequal[:20]:
        print(f"not equal in {', '.join(step.unequal)}: {', '.join(step.changes)}")
    if path:
        told = {
            "pairs": tally.pairs.total(),
            "equal": tally.pairs.total() - len(tally.unequal),
            "seconds": seconds,
            "kinds": dict(tally.pairs),
            "changes": dict(tally.changes),
            "outcomes": dict(tally.outcomes),
            "unequal": [asdict(step) for step in tally.unequal],
        }
        files.write_text(path, to_json(told) + "\n")


if __name__ == "__main__":
    run(main)
