"""Check the configuration, the families sheet and every file they name. Nothing is written."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from ariane.cli import EXIT_FAULT, run
from ariane.intake.check import check_config
from ariane.model.errors import Fault, Level


def main(argv: list[str]) -> int:
    """Print all faults, then a summary; status 2 when one is an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="configuration file (YAML)")
    options = parser.parse_args(argv)
    _, cases, faults = check_config(options.config)
    return _say(faults, len(cases))


def _say(faults: list[Fault], cases: int) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    levels = Counter(fault.level for fault in faults)
    counts = ", ".join(
        f"{levels[level]} {level.value}{'' if levels[level] == 1 else 's'}" for level in Level
    )
    ready = f"{cases} case{'' if cases == 1 else 's'} without errors"
    print(f"{ready}; {counts}.", file=sys.stderr)
    return EXIT_FAULT if levels[Level.ERROR] else 0


if __name__ == "__main__":
    run(main)
