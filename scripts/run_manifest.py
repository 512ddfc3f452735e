"""Write the manifest of a finished cycle: inputs, code, environment, release and files."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

from ariane.audit.folders import Folders
from ariane.audit.manifest import write_manifest
from ariane.cli import run

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Parse the arguments, write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycle", required=True)
    parser.add_argument("--releases", type=Path, required=True, help="folder of the releases")
    parser.add_argument("--command", default="", help="the words of the command, as a JSON list")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    args = parser.parse_args(argv)
    words = json.loads(args.command) if args.command else []
    log.info("Wrote %s.", write_manifest(Folders(args.directory, args.releases), args.cycle, words))


if __name__ == "__main__":
    run(main)
