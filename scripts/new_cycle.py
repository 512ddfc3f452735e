"""Begin a cycle: check every input, freeze it under state/, write the receipt."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

from ariane import files
from ariane.cli import run
from ariane.intake.check import check
from ariane.intake.config import settings_of
from ariane.intake.looked import REMEMBERED, Memory
from ariane.knowledge.release import Release
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError, InputFaults, Level
from ariane.reanalyse.cycle import freeze
from ariane.reanalyse.frozen import is_frozen, open_cycle, receipt

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Freeze the inputs of the cycle that the configuration names."""
    parser = argparse.ArgumentParser(description=__doc__)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--config", type=Path, help="configuration file")
    given.add_argument("--settings", help="the configuration as JSON, as the workflow passes it")
    parser.add_argument("--state", type=Path, default=Path("state"))
    parser.add_argument("--receipt", type=Path, help="where to write what was frozen")
    args = parser.parse_args(argv)
    where = str(args.config or "configuration")
    try:
        raw = files.read_yaml(args.config) if args.config else json.loads(args.settings)
    except json.JSONDecodeError:
        raise ArianeError(
            "--settings: not JSON. Give the configuration as the workflow does."
        ) from None
    settings, faults = settings_of(raw, where)
    if settings is None:
        raise InputFaults(faults)
    if is_frozen(args.state, settings.cycle):
        frozen = open_cycle(args.state, settings.cycle)
        if frozen.cycle.release != settings.release:
            raise ArianeError(
                f"cycle {settings.cycle!r} began with release {frozen.cycle.release!r}. "
                "Name a new cycle for another release."
            )
        log.info("Cycle %s had begun; its frozen inputs stand.", settings.cycle)
    else:
        release = Release.open(settings.release_folder)
        memory = Memory.read(REMEMBERED, release)  # what the plan saw a moment ago
        cases, found = check(settings, release, memory)
        faults += found
        if any(fault.level is Level.ERROR for fault in faults):
            raise InputFaults(faults)
        if args.config:
            for fault in faults:
                log.warning("%s", fault)
        elif faults:
            # The workflow told each when it was planned, to whoever started it. They name cases
            # beside terms, and the log of a job may be read by others.
            log.warning("%d warnings and notes were told when this was planned.", len(faults))
        frozen = freeze(settings, release, cases, args.state, raw, memory)
        log.info("Cycle %s begins with %d cases.", settings.cycle, len(frozen.cases))
    if args.receipt:
        files.write_text(args.receipt, to_json(receipt(frozen)) + "\n")


if __name__ == "__main__":
    run(main)
