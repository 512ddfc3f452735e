"""Tell who acts next on each flagged finding, and by when: a table, what is overdue first."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from ariane import files
from ariane.cli import run
from ariane.reanalyse.followup import COLUMNS, follow_up_of
from ariane.safe import tsv

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Read flags and frozen steps, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycle", required=True)
    parser.add_argument("--state", type=Path, default=Path("state"))
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--out", type=Path, required=True, help="table to write (TSV)")
    args = parser.parse_args(argv)
    rows, missing = follow_up_of(args.state, args.results, args.cycle)
    if missing:
        names = ", ".join(missing)
        log.warning("The flags of %s are no longer under %s: not listed.", names, args.results)
    table = tsv(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    files.write_checked(args.out, table)
    late = sum(row["overdue"] for row in rows)
    log.info("%d findings followed, %d steps overdue.", len({r["finding"] for r in rows}), late)


if __name__ == "__main__":
    run(main)
