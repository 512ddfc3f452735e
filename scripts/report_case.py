"""Write the page, the table and the data of one case under one cycle."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.cli import run
from ariane.report import assemble
from ariane.report.messages import LANGUAGES


def main(argv: list[str]) -> int | None:
    """Parse the arguments, assemble the case's report, write its three files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True, help="identifier of the case")
    parser.add_argument("--cycle-folder", required=True, type=Path, help="results/cycles/{cycle}")
    parser.add_argument("--shard", required=True, help="name of the case's shard: 007-of-016")
    parser.add_argument("--inputs", required=True, type=Path, help="state/cycles/{cycle}/inputs")
    parser.add_argument("--knowledge", required=True, type=Path, help="the release laid out")
    parser.add_argument("--release", required=True, type=Path, help="folder of the manifest")
    parser.add_argument("--summary", required=True, type=Path, help="annotation.json of the case")
    parser.add_argument("--store", required=True, type=Path, help="results/store/{shard}")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    parser.add_argument("--html", required=True, type=Path, help="page to write")
    parser.add_argument("--tsv", required=True, type=Path, help="table to write")
    parser.add_argument("--json", required=True, type=Path, help="data to write")
    given = parser.parse_args(argv)
    report = assemble.case_report(
        case=given.case,
        cycle_folder=given.cycle_folder,
        shard=given.shard,
        inputs=given.inputs,
        knowledge=given.knowledge,
        release=given.release,
        summary=given.summary,
        store=given.store,
    )
    report.write(given.language, given.html, given.tsv, given.json)
    return None


if __name__ == "__main__":
    run(main)
