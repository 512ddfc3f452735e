"""Find what differs between two cycles of a shard, and which cases must be looked at again."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane import files
from ariane.cli import run
from ariane.model.tables import EVENTS, FLAGS, SINCE
from ariane.reanalyse.watch import watch_shard


def main(argv: list[str]) -> None:
    """Compare the shard's states, write its events and flags, and since when things stand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--cycle", required=True)
    parser.add_argument("--shard", required=True)
    parser.add_argument(
        "--current",
        type=Path,
        nargs="+",
        required=True,
        help="the shard's folders that make up this cycle's state, oldest first",
    )
    parser.add_argument(
        "--previous",
        type=Path,
        nargs="*",
        default=[],
        help="the shard's folders that make up the previous cycle's state, oldest first",
    )
    parser.add_argument("--changes", type=Path, help="changes since the previous release")
    parser.add_argument("--release", type=Path, required=True, help="the release's folder")
    parser.add_argument("--knowledge", type=Path, required=True, help="the release, prepared")
    parser.add_argument("--waiting", type=Path, help="all flags of the previous cycle")
    parser.add_argument("--past", type=Path, help="the shard's table 'since' of the previous cycle")
    parser.add_argument("--events", type=Path, required=True)
    parser.add_argument("--flags", type=Path, required=True)
    parser.add_argument("--since", type=Path, required=True)
    args = parser.parse_args(argv)
    told = watch_shard(
        args.state,
        args.cycle,
        args.shard,
        args.current,
        args.previous,
        args.changes,
        args.release,
        args.knowledge,
        args.waiting,
        args.past,
    )
    files.write_table(args.events, EVENTS, told.events)
    files.write_table(args.flags, FLAGS, told.flags)
    files.write_table(args.since, SINCE, told.since)


if __name__ == "__main__":
    run(main)
