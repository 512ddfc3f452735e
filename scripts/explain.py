"""Say where a gene stands in a case, or at which step and by which rule it was left out."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.cli import run
from ariane.files import read_yaml
from ariane.intake.config import settings_of
from ariane.model.errors import InputFaults
from ariane.report.explain import Run, explain


def main(argv: list[str]) -> None:
    """Read the configuration, print the explanation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True, help="identifier of the case")
    parser.add_argument("--gene", required=True, help="symbol, former symbol or HGNC identifier")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--cycle", help="another cycle than the configuration's")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    args = parser.parse_args(argv)
    settings, faults = settings_of(read_yaml(args.config), str(args.config))
    if settings is None:
        raise InputFaults(faults)
    home: Path = args.directory
    regions = home / settings.regions if settings.regions else None
    folders = Run(
        results=home / "results",
        state=home / "state",
        releases=home / settings.releases,
        cycle=args.cycle or settings.cycle,
        regions=regions,
    )
    print("\n".join(explain(folders, args.case, args.gene)))


if __name__ == "__main__":
    run(main)
