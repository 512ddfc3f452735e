"""Files that name who decided what lie outside the repository, and others may not read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ariane.files import REPOSITORY, RESOURCES
from ariane.model.errors import Fault, Level

_UNTRACKED: Final = frozenset({"results", "state", "releases", "own", ".venv", ".snakemake"})
"""Folders of the repository that version control leaves out."""
_INVENTED: Final = RESOURCES / "demo"
"""The demo's people are invented, and its files belong to the repository."""
_OTHERS: Final = 0o077


def open_to_others(path: Path, key: str, where: str) -> Iterator[Fault]:
    """Warnings of a file of decisions or steps that more people may come to read than should.

    Args:
        path: the file, which exists.
        key: the key of the configuration that names it.
        where: what messages call the configuration.
    """
    real = path.resolve()
    if real.is_relative_to(_INVENTED):
        return
    if real.is_relative_to(REPOSITORY):
        folder = real.relative_to(REPOSITORY).parts[0]
        if folder not in _UNTRACKED:
            what = f"key '{key}': {path} lies inside the repository, and could be committed"
            advice = "Move it to a folder outside that only those who decide may read"
            yield Fault(where, "", what, advice, Level.WARNING)
    mode = real.stat().st_mode
    if mode & _OTHERS:
        what = f"key '{key}': others may read or write {path} (mode {mode & 0o777:04o})"
        yield Fault(where, "", what, f"Run: chmod 600 {path}", Level.WARNING)
