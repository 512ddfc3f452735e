"""Assemble a release of knowledge from files listed in a YAML description."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

from ariane.cli import run
from ariane.files import read_yaml
from ariane.knowledge.release import Source, assemble
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Read the description, copy each file into the pool, write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("description", type=Path, help="see docs/own-data.md")
    parser.add_argument("--releases", type=Path, default=Path("releases"), help="parent folder")
    args = parser.parse_args(argv)
    raw = read_yaml(args.description)
    try:
        sources = [
            _source(kind, entry, args.description.parent)
            for kind, entry in sorted(raw["resources"].items())
        ]
        release = assemble(str(raw["name"]), str(raw["as_of"]), sources, args.releases)
    except KeyError as missing:
        raise ArianeError(f"{args.description}: lacks {missing}. See docs/own-data.md.") from None
    except (TypeError, AttributeError, ValueError):
        raise ArianeError(
            f"{args.description}: not the description of a release: 'name', 'as_of' and, under "
            "'resources', a mapping for each kind. See docs/own-data.md."
        ) from None
    log.info("Release %s lies in %s.", release.name, release.folder)


def _source(kind: str, entry: dict[str, Any], folder: Path) -> Source:
    path = folder / entry["file"]
    companions = [folder / name for name in entry.get("companions", ())]
    for needed in (path, *companions):
        if not needed.is_file():
            raise ArianeError(f"{needed}: there is no such file. Check '{kind}'.")
    return Source(
        kind=kind,
        path=path,
        format=entry["format"],
        version=str(entry["version"]),
        date=str(entry["date"]),
        licence_class=entry["licence"]["class"],
        licence=entry["licence"]["text"],
        source=entry["source"],
        companions=tuple(companions),
        options={k: str(v) for k, v in entry.get("options", {}).items()},
    )


if __name__ == "__main__":
    run(main)
