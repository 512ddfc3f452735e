"""Draft a request for a targeted reanalysis for each flag of a cycle. Nothing is sent."""

from __future__ import annotations

import argparse
import sys
from functools import cache
from pathlib import Path

from ariane import files
from ariane.cli import run
from ariane.model.tables import QUEUE
from ariane.reanalyse import requests
from ariane.reanalyse.dismissals import frozen_steps
from ariane.reanalyse.frozen import cycle_facts, inputs_folder
from ariane.reanalyse.steps import by_finding, state_after


def main(argv: list[str]) -> None:
    """Read the flags in their order, write the drafts as a document and as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flags", required=True, type=Path, help="all flags of the cycle")
    parser.add_argument("--state", required=True, type=Path, help="folder of frozen inputs")
    parser.add_argument("--cycle", required=True)
    parser.add_argument("--language", default="fr", choices=requests.LANGUAGES)
    parser.add_argument("--markdown", required=True, type=Path, help="document to write")
    parser.add_argument("--tsv", required=True, type=Path, help="table to write")
    args = parser.parse_args(argv)

    @cache
    def told(cycle: str) -> requests.Told:
        raw = cycle_facts(args.state, cycle)
        return requests.Told(cycle, raw["release"], raw["as_of"])

    steps = by_finding(frozen_steps(inputs_folder(args.state, args.cycle)))
    drafts = [
        requests.draft(
            flag,
            told(flag["since"] or args.cycle),
            state_after(steps.get((flag["case"], flag["finding"]), [])),
            args.language,
        )
        for flag in files.read_table(args.flags, QUEUE)
        if requests.asks(flag)
    ]
    files.write_text(args.markdown, requests.to_markdown(drafts, args.language))
    files.write_text(args.tsv, requests.to_tsv(drafts))
    print(f"{len(drafts)} drafts: {args.markdown}", file=sys.stderr)


if __name__ == "__main__":
    run(main)
