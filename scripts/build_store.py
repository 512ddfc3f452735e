"""Join the candidates of a shard's cases into its store, and derive the read keys."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.annotate.store import build_store
from ariane.cli import run


def main(argv: list[str]) -> int | None:
    """Parse the arguments and build the store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--candidates", nargs="*", default=[], type=Path, help="one file per case; may be none"
    )
    parser.add_argument("--out-candidates", required=True, type=Path)
    parser.add_argument("--out-read-keys", required=True, type=Path)
    given = parser.parse_args(argv)
    build_store(given.candidates, given.out_candidates, given.out_read_keys)
    return None


if __name__ == "__main__":
    run(main)
