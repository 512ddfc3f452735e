"""Rank a shard of cases: a full pass, or a delta over the cycles before."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from ariane.cli import run
from ariane.model.errors import ArianeError
from ariane.rank.shard import Bench
from ariane.reanalyse.at_hand import verify_calls, verify_code, verify_release, verify_store
from ariane.reanalyse.compaction import written_whole
from ariane.reanalyse.delta import Store, delta_pass, full_pass
from ariane.reanalyse.frozen import DELTA, open_cycle
from ariane.seals import verified

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Open the cycle and the release, rank the shard's cases, write its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--cycle", required=True)
    parser.add_argument("--shard", required=True, help="such as 003-of-016")
    parser.add_argument("--release", type=Path, required=True, help="folder of the release")
    parser.add_argument("--knowledge", type=Path, required=True, help="its prepared tables")
    parser.add_argument("--candidates", type=Path, required=True, help="the shard's store")
    parser.add_argument("--read-keys", type=Path, required=True, help="the shard's read keys")
    parser.add_argument("--changes", type=Path, help="changes since the previous release: a delta")
    parser.add_argument(
        "--previous",
        type=Path,
        nargs="*",
        default=[],
        help="the shard's folders from the last base to the previous cycle: a delta",
    )
    parser.add_argument("--cases", type=Path, required=True, help="results/cases")
    parser.add_argument("--out", type=Path, required=True, help="folder of the shard's tables")
    args = parser.parse_args(argv)
    frozen = open_cycle(args.state, args.cycle)
    cases = frozen.cases_of(args.shard)
    bench = Bench.open(args.release, args.knowledge, frozen.cycle.profile)
    store = Store(args.candidates, args.read_keys, args.cases)

    def progress(case: str) -> None:
        log.info("Ranked %s.", case)

    verify_code(frozen)
    verify_release(frozen, args.release)
    names = [case.id for case in cases]
    verify_calls(frozen, names, args.cases)
    verify_store(frozen, names, args.cases, args.candidates)
    if frozen.cycle.kind == DELTA:
        if not args.changes or not args.previous:
            raise ArianeError(f"cycle {args.cycle}: a delta needs --changes and --previous.")
        before = open_cycle(args.state, frozen.cycle.previous).cases_of(args.shard)
        anew = frozen.cycle.anew
        verified(args.read_keys)
        verified(args.changes)

        def overlay(out: Path) -> None:
            delta_pass(
                cases, store, bench, args.previous, args.changes, anew, out, progress, before
            )

        if frozen.cycle.compacted:
            written_whole(args.out, args.previous, overlay)
        else:
            overlay(args.out)
    else:
        full_pass(cases, store, bench, args.out, progress)


if __name__ == "__main__":
    run(main)
