"""Write a patch into a registry file: only Ariane's columns, people win, journaled."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ariane.cli import run
from ariane.files import write_text
from ariane.model.canonical import to_json
from ariane.registry.apply import WriteBack, summary
from ariane.registry.mapping import read_mapping
from ariane.registry.patch import read_patch
from ariane.registry.places import REGISTRY_HELP, open_place
from ariane.registry.state import StateFolder


def main(argv: list[str]) -> None:
    """Parse the arguments, apply or check, write the receipt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", required=True, help=REGISTRY_HELP)
    parser.add_argument("--mapping", type=Path, required=True, help="YAML of its columns")
    parser.add_argument("--patch", type=Path, required=True, help="made by propose_registry")
    parser.add_argument("--state", type=Path, required=True, help="state/registry/NAME")
    parser.add_argument("--as-of", required=True, help="date of the cycle, as 2024-03-06")
    parser.add_argument("--actor", required=True, help="who applies the patch")
    parser.add_argument("--receipt", type=Path, required=True)
    parser.add_argument("--check", action="store_true", help="tell what would change, and stop")
    args = parser.parse_args(argv)
    mapping = read_mapping(args.mapping)
    work = WriteBack(
        open_place(args.registry, mapping),
        mapping,
        read_patch(args.patch),
        StateFolder(args.state),
        args.as_of,
        args.actor,
    )
    receipt = work.check() if args.check else work.run()
    write_text(args.receipt, to_json(receipt) + "\n")
    print(summary(receipt), file=sys.stderr)


if __name__ == "__main__":
    run(main)
