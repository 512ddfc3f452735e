"""Texts without what names a machine or a person at it: absolute paths, accounts, addresses.

A run manifest travels with results. What a path names is told by its checksum, not by where it lay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

HIDDEN: Final = "…"
"""Stands for what was left out."""

_FOLDERS: Final = frozenset({"--directory", "-d", "--shadow-prefix", "--conda-prefix"})
"""Options of Snakemake that name a folder: its name may be an account's."""

_PERSONAL: Final = re.compile(
    r"account|user|mail|passw|token|secret|credential|host|partition|contact", re.IGNORECASE
)
"""Words in the name of an option or key whose value may name a person, an account or a machine."""

_PUBLIC: Final = frozenset({"http", "https", "ftp"})
_PLACE: Final = re.compile(
    r"(?P<scheme>[A-Za-z][\w+.-]*)(?:://|:(?=\S+@))\S*"
    r"|(?<![^\s=:,;'\"(\[])(?:~[\w.-]*|[A-Za-z]:)?[/\\][^\s=:,;'\")\]]*"
)
"""An address with its scheme, or an absolute path."""
_AT_END: Final = re.compile(r"(?P<before>(?:[^/~\\:]*=)?)(?P<path>[/~].*)", re.DOTALL)
"""A word of a command that is a path, or an option or key with one."""
_WHOLE: Final = re.compile(r"(?:~[\w.-]*|[A-Za-z]:)?[/\\][^=:,;]*")


def unplaced(text: str, *, public: bool = False) -> str:
    """A text whose absolute paths are cut to the file's name, and whose addresses are hidden.

    A name without a suffix may be a folder's, and so an account's: it is left out too.

    Args:
        text: any.
        public: keep web addresses, as the source of a resource has.

    >>> unplaced("--configfile=/home/doe/cohort/config.yaml")
    '--configfile=…/config.yaml'
    >>> unplaced("postgresql://doe@database/base")
    'postgresql://…'
    """

    def named(found: re.Match[str]) -> str:
        scheme = found["scheme"]
        if not scheme:
            return _name(found[0])
        kept = public and scheme.lower() in _PUBLIC and "@" not in found[0]
        return found[0] if kept else f"{scheme}://{HIDDEN}"

    # A text that is one path may hold spaces.
    return _name(text) if _WHOLE.fullmatch(text) else _PLACE.sub(named, text)


def _name(path: str) -> str:
    name = re.split(r"[/\\]", path)[-1]
    return f"{HIDDEN}/{name}" if re.search(r"\w\.[A-Za-z]\w*$", name) else HIDDEN


def command(words: Sequence[str]) -> list[str]:
    """A command line without what names the machine: the program by its name, options as given."""
    told: list[str] = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        if not place:
            told.append("snakemake" if "snakemake" in word else unplaced(word))
            continue
        name, equals, _ = word.partition("=")
        if before in _FOLDERS or (before.startswith("-") and _PERSONAL.search(before)):
            told.append(HIDDEN)
        elif equals and (name in _FOLDERS or _PERSONAL.search(name)):
            told.append(f"{name}={HIDDEN}")
        # A word of a command is one path, whatever is in its folders' names: spaces, commas.
        elif path := _AT_END.fullmatch(word):
            told.append(path["before"] + _name(path["path"]))
        else:
            told.append(unplaced(word))
    return told


def configuration(value: Any, key: str = "") -> Any:
    """A configuration without what names the machine or a person.

    Args:
        value: a value of the configuration, or the whole of it.
        key: under which it stands.
    """
    if _PERSONAL.search(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(name): configuration(held, str(name)) for name, held in value.items()}
    if isinstance(value, str):
        return unplaced(value)
    if isinstance(value, Iterable):
        return [configuration(held) for held in value]
    return value
