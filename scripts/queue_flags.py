"""Put the flags of all shards in one order, and hold back what exceeds each site's cap."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from ariane.cli import run
from ariane.model.canonical import shard_name
from ariane.reanalyse.policy import load_policy
from ariane.reanalyse.queueing import queue_flags
from ariane.reanalyse.sums import check_sums


def main(argv: list[str]) -> None:
    """Read the shards' flags and the frozen policy, write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycle-folder", required=True, type=Path, help="results/cycles/{cycle}")
    parser.add_argument("--inputs", required=True, type=Path, help="state/cycles/{cycle}/inputs")
    parser.add_argument("--shards", required=True, type=int, help="number of shards of the cohort")
    parser.add_argument(
        "--as-of",
        required=True,
        type=datetime.date.fromisoformat,
        help="as-of date of the cycle's release, as 2024-03-06",
    )
    parser.add_argument("--out", required=True, type=Path, help="table of all flags to write")
    args = parser.parse_args(argv)
    folder = args.cycle_folder / "shards"
    paths = [folder / shard_name(n, args.shards) / "flags.parquet" for n in range(args.shards)]
    check_sums(args.inputs)
    cap = load_policy(args.inputs / "policy.yaml").cap
    told, waiting = queue_flags(paths, cap, args.as_of, args.out)
    print(f"{told} flags told, {waiting} wait in the queues of their sites", file=sys.stderr)


if __name__ == "__main__":
    run(main)
