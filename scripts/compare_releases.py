"""Tell what one release says that another did not, by resource and read key."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.cli import run
from ariane.knowledge.release import Release
from ariane.reanalyse.compare import compare, in_words, write_changes


def main(argv: list[str]) -> None:
    """Compare two prepared releases, print a summary, write the changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path, help="folder of the older release")
    parser.add_argument("new", type=Path, help="folder of the newer release")
    parser.add_argument("--old-knowledge", type=Path, required=True, help="its prepared tables")
    parser.add_argument("--new-knowledge", type=Path, required=True, help="its prepared tables")
    parser.add_argument("--out", type=Path, required=True, help="Parquet table of changes")
    args = parser.parse_args(argv)
    old, new = Release.open(args.old), Release.open(args.new)
    rows = compare(old, args.old_knowledge, new, args.new_knowledge)
    write_changes(args.out, rows)
    print(f"{old.name} -> {new.name}: {len(rows)} changes")
    for line in in_words(rows):
        print(f"  {line}")


if __name__ == "__main__":
    run(main)
