"""Checksums of a cycle's frozen inputs: a cycle rests on what it began with, or says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from ariane import files
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError

SUMS: Final = "sha256.json"
"""Name of the file that holds them, beside the inputs."""


def sums_of(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a folder and those below, but for the one that holds them."""
    return {name: files.sha256_of(folder / name) for name in _names(folder)}


def write_sums(folder: Path) -> None:
    """Write down the checksums of a folder's files."""
    files.write_text(folder / SUMS, to_json(sums_of(folder)) + "\n")


def check_sums(folder: Path, *below: str) -> dict[str, str]:
    """See that a cycle's inputs are what was frozen; gives their checksums.

    Args:
        folder: the frozen inputs.
        below: look at these files only; at all of them when none is named. ``*`` stands for those
            that lie in the folder itself: the files of the shards lie in folders below.

    Raises:
        ArianeError: a file was changed, cut, added or taken away since; all told together.
        FileNotFoundError: nothing was frozen there.
    """
    try:
        held: dict[str, str] = json.loads((folder / SUMS).read_text(encoding="utf-8"))
    except ValueError:
        held = {}
    there = set(_names(folder))
    asked = {*held, *there}
    if below:
        own = {name for name in asked if "/" not in name} if "*" in below else set[str]()
        asked = own | (set(below) - {"*"})
    now = {name: files.sha256_of(folder / name) for name in sorted(asked & there)}
    wrong = sorted(name for name in asked if held.get(name) != now.get(name))
    if wrong:
        raise ArianeError(
            f"{folder}: {', '.join(wrong)}: not what was frozen when the cycle began. Restore the "
            "folder from a backup: edits belong to the next cycle."
        )
    return now


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return sorted(path.relative_to(folder).as_posix() for path in paths)
