"""Write the page, the tables and the figures of all cases of one cycle."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.cli import run
from ariane.report import cohort_inputs
from ariane.report.messages import LANGUAGES


def main(argv: list[str]) -> int | None:
    """Parse the arguments, bring the shards together, write page, tables and figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycle-folder", required=True, type=Path, help="results/cycles/{cycle}")
    parser.add_argument("--inputs", required=True, type=Path, help="state/cycles/{cycle}/inputs")
    parser.add_argument("--release", required=True, type=Path, help="folder of the manifest")
    parser.add_argument("--release-before", type=Path, help="the previous cycle's, if any")
    parser.add_argument("--changes", type=Path, help="changes.parquet, in a delta")
    parser.add_argument("--follow-up", required=True, type=Path, help="table of who acts next")
    parser.add_argument("--shards", required=True, type=int, help="number of shards of the cohort")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    parser.add_argument("--html", required=True, type=Path, help="page to write")
    parser.add_argument("--tsv", required=True, type=Path, help="table of cases to write")
    parser.add_argument("--flags-tsv", required=True, type=Path, help="table of flags to write")
    parser.add_argument("--figures", required=True, type=Path, help="folder for the figures")
    given = parser.parse_args(argv)
    report = cohort_inputs.read(
        given.cycle_folder,
        given.inputs,
        given.release,
        given.shards,
        given.changes,
        given.follow_up,
        given.release_before,
    )
    report.write(given.language, given.html, given.tsv, given.flags_tsv, given.figures)
    return None


if __name__ == "__main__":
    run(main)
