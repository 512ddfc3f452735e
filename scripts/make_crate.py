"""Pack a finished cycle as a Workflow Run RO-Crate: without any case unless asked for."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from ariane.audit.crate import make_crate
from ariane.audit.folders import Folders
from ariane.cli import run
from ariane.files import read_yaml
from ariane.intake.config import settings_of
from ariane.model.errors import InputFaults

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Parse the arguments, write and check the crate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--cycle", help="another cycle than the configuration's")
    parser.add_argument("--out", type=Path, required=True, help="folder to make")
    parser.add_argument("--with-data", action="store_true", help="pseudonymised data go along")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    args = parser.parse_args(argv)
    settings, faults = settings_of(read_yaml(args.config), str(args.config))
    if settings is None:
        raise InputFaults(faults)
    folders = Folders(args.directory, args.directory / settings.releases)
    cycle = args.cycle or settings.cycle
    out = make_crate(folders, cycle, args.out, with_data=args.with_data)
    held = "pseudonymised data of people: guard it" if args.with_data else "no data of people"
    log.info("Wrote %s, checked against its profiles. It holds %s.", out, held)


if __name__ == "__main__":
    run(main)
