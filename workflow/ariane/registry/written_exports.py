"""Which exports were written where, so that the erasure of a case reaches them.

``state/exports.jsonl`` has a line for each folder that an export was ever written to; it names no
case. What lies within the working folder is removed; a folder elsewhere may be a share, or on its
way to a recipient, so that people are told of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError

REGISTER: Final = "exports.jsonl"
RECEIPT: Final = "export.json"
"""Written last into an export's folder: it vouches for the documents beside it."""


@dataclass
class Reached:
    """What an erasure found in written exports."""

    deleted: list[Path] = field(default_factory=list)
    """Documents within the working folder that named the case: those of the case alone, and tables
    of many cases, which are to be exported again."""
    rewritten: list[Path] = field(default_factory=list)
    left: list[Path] = field(default_factory=list)
    """Files elsewhere that name the case, for people to erase."""


def refused_table(folder: Path) -> Path:
    """The table of those who are not in an export, beside its folder."""
    return folder.with_name(f"{folder.name}.refused.tsv")


def remember(state: Path, folder: Path) -> None:
    """Note the folder of an export, before anything is written into it.

    Raises:
        ArianeError: the register is damaged.
    """
    place, home = folder.absolute(), state.absolute().parent
    # A run that is moved takes its exports with it.
    told = str(place.relative_to(home) if place.is_relative_to(home) else place)
    held = list(known_folders(state))
    if told not in held:
        path = state / REGISTER
        text = "".join(to_json({"folder": one}) + "\n" for one in [*held, told])
        files.write_text(path, text)
        path.chmod(0o600)


def erase_exports(state: Path, home: Path, case: str, more: Iterable[Path] = ()) -> Reached:
    """Remove the documents of written exports that name a case, within the working folder.

    Args:
        state: the run's state, whose register tells the folders.
        home: the working folder.
        case: identifier of the case.
        more: further folders of exports, from before there was a register.

    Raises:
        ArianeError: the register is damaged, or a folder that is named holds no export.
    """
    named = [folder.absolute() for folder in more]
    for folder in named:
        if not (folder / RECEIPT).is_file():
            raise ArianeError(f"{folder}: holds no {RECEIPT}. Name the folder of an export.")
    # A pseudonym may hold dots: F1 is not named where F1.2 is.
    name = re.escape(case.encode())
    word = re.compile(rb"(?<![\w-])(?<!\w\.)" + name + rb"(?![\w-]|\.\w)")
    own, reached = home.resolve(), Reached()
    known = {state.absolute().parent / told for told in known_folders(state)}
    for folder in sorted({*known, *named}):
        holding = [path for path in _files(folder) if _names(path, case, word)]
        if not folder.resolve().is_relative_to(own):
            reached.left += holding
            continue
        for path in holding:
            if path == refused_table(folder):
                _without_lines(path, word)
                reached.rewritten.append(path)
            elif path.name != RECEIPT:
                path.unlink()
                reached.deleted.append(path)
        if any(path.parent == folder for path in holding):
            _mend_receipt(folder / RECEIPT)
            reached.rewritten.append(folder / RECEIPT)
    return reached


def known_folders(state: Path) -> Iterator[str]:
    """Folders that an export was ever written to; those within the working folder start from it.

    Raises:
        ArianeError: the register is damaged.
    """
    path = state / REGISTER
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield str(json.loads(line)["folder"])
        except (ValueError, KeyError, TypeError):
            raise ArianeError(
                f"{path}:{number}: not a line of this register. Mend it: it tells an erasure where "
                "exports lie."
            ) from None


def _files(folder: Path) -> list[Path]:
    table = refused_table(folder)
    found = sorted(p for p in folder.glob("*") if p.is_file()) if folder.is_dir() else []
    return [*found, *([table] if table.is_file() else [])]


def _names(path: Path, case: str, word: re.Pattern[bytes]) -> bool:
    content = path.read_bytes()
    if path.name == RECEIPT and f'"{case}.'.encode() in content:  # of the document of the case
        documents = json.loads(content).get("documents", {})
        return any(Path(name).stem == case for name in documents)
    return path.stem == case or bool(word.search(content))


def _without_lines(path: Path, word: re.Pattern[bytes]) -> None:
    lines = path.read_bytes().split(b"\n")
    files.write_bytes(path, b"\n".join(line for line in lines if not word.search(line)))


def _mend_receipt(path: Path) -> None:
    """Take out of a receipt what no longer lies beside it."""
    if not path.is_file():
        return
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    documents = told.get("documents", {})
    told["documents"] = {name: s for name, s in documents.items() if (path.parent / name).is_file()}
    told["erased"] = True
    files.write_text(path, to_json(told) + "\n")
