"""Say where the results of a run lie."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.cli import run
from ariane.files import read_yaml
from ariane.intake.config import settings_of
from ariane.model.errors import InputFaults


def main(argv: list[str]) -> None:
    """Print the pages, tables and registry files of a finished cycle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path, help="the configuration of the run")
    args = parser.parse_args(argv)
    settings, faults = settings_of(read_yaml(args.config), str(args.config))
    if settings is None:
        raise InputFaults(faults)
    folder = Path("results/cycles") / settings.cycle
    print()
    print("Where to look:")
    print(f"  the cohort         {folder}/cohort.html  (table: cohort.tsv)")
    print(f"  who must be seen   {folder}/flags.tsv")
    print(f"  one case           {folder}/cases/*.html  (.tsv and .json beside each)")
    if settings.previous:
        print(f"  the cycle before   results/cycles/{settings.previous}/cohort.html")
    for name, registry in settings.registries.items():
        print(f"  registry {name:<9} {registry.address}")
        print(f"  what was written   {folder}/registry/{name}.receipt.json")


if __name__ == "__main__":
    run(main)
