"""Write one export of a cycle for people to send: gate, write, check. Nothing is sent."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from ariane.cli import run
from ariane.files import read_yaml
from ariane.intake.config import settings_of
from ariane.model.errors import InputFaults
from ariane.reanalyse.frozen import inputs_folder, open_cycle
from ariane.registry.consent_now import consents_now
from ariane.registry.exports import FORMATS, destination_of, export
from ariane.registry.read_records import open_records

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Read the configuration, open the records of a cycle, write the export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="configuration file")
    parser.add_argument("--cycle", help="another cycle than the configuration's")
    parser.add_argument("--to", required=True, choices=sorted(FORMATS), help="format")
    parser.add_argument("--for", dest="destination", default="", help="bndmr, ern:REGISTRY, ...")
    parser.add_argument(
        "--third-country", action="store_true", help="the recipient lies outside the EEA"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write under")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    args = parser.parse_args(argv)
    settings, faults = settings_of(read_yaml(args.config), str(args.config))
    if settings is None:
        raise InputFaults(faults)
    destination = destination_of(args.to, args.destination, third_country=args.third_country)
    home: Path = args.directory
    state, results = home / "state", home / "results"
    cycle = args.cycle or settings.cycle
    release = open_cycle(state, cycle).cycle.release
    records = open_records(
        inputs_folder(state, cycle),
        results / "cycles",
        home / settings.releases / release,
        results / "releases" / release / "knowledge",
    )
    decisions = home / settings.decisions if settings.decisions else None
    now = consents_now(home / settings.families, decisions)
    outcome = export(
        args.to,
        records,
        destination,
        args.out,
        now=now,
        options=settings.exports,
        home=home,
        state=state,
    )
    log.info(
        "%d cases in %s; %d refused, listed in %s. Read both before you send the first.",
        outcome.passed,
        outcome.folder,
        outcome.refused,
        outcome.refused_table,
    )


if __name__ == "__main__":
    run(main)
