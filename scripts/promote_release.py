"""Promote a release: check it against those in use and the solved cases, then record who did."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from ariane.cli import run
from ariane.files import read_yaml
from ariane.intake.config import settings_of
from ariane.model.errors import InputFaults
from ariane.reanalyse.promotion import LIMITS, Home, Request, in_words, promote

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Check the release; record the promotion, or tell every reason against it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--release", required=True, help="name of the release to promote")
    parser.add_argument("--by", required=True, help="professional identifier of who promotes it")
    parser.add_argument("--date", required=True, help="date of the promotion, such as 2024-03-06")
    parser.add_argument("--cycle", help="the finished cycle whose solved cases are controls")
    parser.add_argument(
        "--controls", type=Path, help="case identifiers, one a line, not all solved"
    )
    parser.add_argument("--exceptions", type=Path, help="TSV: case, reason, who, date")
    parser.add_argument("--limits", type=Path, default=LIMITS, help="your own promotion.yaml")
    parser.add_argument("--first", action="store_true", help="there is nothing to compare with")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    args = parser.parse_args(argv)
    settings, faults = settings_of(read_yaml(args.config), str(args.config))
    if settings is None:
        raise InputFaults(faults)
    home = Home(
        state=args.directory / "state",
        results=args.directory / "results",
        releases=args.directory / settings.releases,
    )
    request = Request(
        release=args.release,
        by=args.by,
        date=args.date,
        cycles=[args.cycle] if args.cycle else [settings.cycle, settings.previous],
        limits=args.limits,
        exceptions=args.exceptions,
        controls=args.controls,
        first=args.first,
    )
    outcome = promote(home, request, lambda case: log.info("Ranked %s again.", case))
    for notice in outcome.notices:
        log.warning("%s", notice)
    for line in in_words(outcome):
        print(line)
    done = "is promoted" if outcome.new else "was promoted before; nothing changed"
    print(f"Release {outcome.promotion.release} {done}.")


if __name__ == "__main__":
    run(main)
