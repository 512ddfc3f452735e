"""Walk back from a result to the bytes below it, or forward from a record to all that used it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.audit.back import Asked, back
from ariane.audit.back_registry import Cell, back_from_cell
from ariane.audit.folders import Folders
from ariane.audit.forward_told import forward
from ariane.audit.uses import Sought
from ariane.cli import run
from ariane.files import read_yaml
from ariane.intake.config import settings_of
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError, InputFaults

BROKEN = 1
"""Exit status where something that was compared differs or is gone, or a cycle was not read."""


def main(argv: list[str]) -> int:
    """Parse the arguments, walk, print."""
    args = _parser().parse_args(argv)
    settings, faults = settings_of(read_yaml(args.config), str(args.config))
    if settings is None:
        raise InputFaults(faults)
    folders = Folders(args.directory, args.directory / settings.releases)
    if args.command == "forward":
        sought = Sought(args.resource, args.key, args.record, args.gene, args.disease)
        uses = forward(folders, sought, args.exports)
        print(to_json(uses.to_json()) if args.json else "\n".join(uses.lines()))
        return BROKEN if uses.unread else 0
    hashing = not args.without_files
    if args.registry:
        if not (args.row and args.column) or args.case:
            raise ArianeError("--registry goes with --row and --column, and without --case.")
        cell = Cell(args.registry, args.row, args.column)
        walk = back_from_cell(folders, settings.registries, cell, hashing=hashing)
    else:
        if not args.case or bool(args.gene) == bool(args.finding):
            raise ArianeError(
                "Name --case with --gene or --finding; or --registry, --row, --column."
            )
        asked = Asked(args.case, args.gene, args.finding, args.code)
        walk = back(folders, args.cycle or settings.cycle, asked, hashing=hashing)
    print(to_json(walk.to_json()) if args.json else "\n".join(walk.lines()))
    return BROKEN if walk.faulty else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    way_back = commands.add_parser(
        "back", help="from a finding, an evidence row or a registry's cell"
    )
    way_back.add_argument("--case", default="", help="identifier of the case")
    way_back.add_argument("--gene", default="", help="symbol or HGNC identifier")
    way_back.add_argument(
        "--finding", default="", help="or gene|mode|variants, as pages and tables name it"
    )
    way_back.add_argument(
        "--code", default="", help="evidence rows of this code only, such as PVS1"
    )
    way_back.add_argument(
        "--registry", default="", help="or a registry's name in the configuration"
    )
    way_back.add_argument(
        "--row", default="", help="with --registry: what stands in its key column"
    )
    way_back.add_argument("--column", default="", help="with --registry: the column, or its field")
    way_back.add_argument("--cycle", help="another cycle than the configuration's")
    way_back.add_argument(
        "--without-files", action="store_true", help="do not read VCFs and resources whole"
    )
    way_on = commands.add_parser("forward", help="from a record, a gene or a disease")
    way_on.add_argument("--resource", default="", help="kind of resource, such as assertions")
    way_on.add_argument("--key", default="", help="its read key, such as chr1-7320-T-C")
    way_on.add_argument("--record", default="", help="or the record's digest, as the ledger has it")
    way_on.add_argument("--gene", default="", help="or a gene: symbol or HGNC identifier")
    way_on.add_argument("--disease", default="", help="or a disease, such as OMIM:248200")
    way_on.add_argument(
        "--exports", type=Path, nargs="*", default=[], help="folders that exports were written to"
    )
    for command in (way_back, way_on):
        command.add_argument("--config", type=Path, default=Path("config/config.yaml"))
        command.add_argument(
            "--directory", type=Path, default=Path(), help="working folder of the run"
        )
        command.add_argument("--json", action="store_true", help="JSON instead of text")
    return parser


if __name__ == "__main__":
    run(main)
