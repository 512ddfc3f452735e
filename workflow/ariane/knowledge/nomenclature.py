"""The Orphanet nomenclature pack: which ORPHA codes are live, at which level, in which class.

A pack is a zip of ``ORPHAnomenclature_*.xml`` and ``Classifications/ORPHAclassification_*.xml``, in
ISO-8859-1. Statuses and levels are told by their numbers, which no language changes.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

from ariane.bounds import refuse_bomb
from ariane.files import sha256_of
from ariane.knowledge.orphanet import code_of, text_of
from ariane.model.errors import ArianeError
from ariane.safe import iterate_xml, parse_xml

_PACK: Final = 4 << 30
"""Bytes of a pack, unpacked."""
LARGEST: Final = 200_000_000
"""Bytes of one file of a pack, unpacked; the largest of 2023 has 20 million."""

_FLAG: Final = re.compile(r"[0-9]{1,9}")
_NOMENCLATURE: Final = re.compile(r"(?:.*/)?ORPHAnomenclature_(\w\w)(?:_\d+)?\.xml")
_CLASSIFICATION: Final = re.compile(r"(?:.*/)?ORPHAclassification_(\d+)_[^/]*\.xml")
_DEPRECATED, _NOT_RARE, _OBSOLETE, _INACTIVE = 256, 32, 16 | 1024, 8192
"""Bits of ``FlagValue``, inferred from the pack of 2023-06, where they agree with ``Totalstatus``
in all 10,839 entries (a test holds them to it)."""


class State(StrEnum):
    """Whether an entry may be used."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    """Moved to another entry, which stands for it."""
    OBSOLETE = "obsolete"
    """No longer an entity; it may refer to others, among which a person chooses."""
    NOT_RARE = "not rare in Europe"
    UNKNOWN = "inactive"


class Rank(StrEnum):
    """The level of an entry."""

    GROUP = "group of disorders"
    DISORDER = "disorder"
    SUBTYPE = "subtype of disorder"
    UNKNOWN = "unknown level"


_RANKS: Final[Mapping[str, Rank]] = {
    "36540": Rank.GROUP,
    "36547": Rank.DISORDER,
    "36554": Rank.SUBTYPE,
}


@dataclass(frozen=True)
class Entry:
    """One entry of the nomenclature."""

    id: str
    """``ORPHA:166024``."""
    name: str
    state: State
    rank: Rank
    targets: tuple[str, ...] = ()
    """Where a deprecated entry moved, or what an obsolete one refers to; sorted."""
    disorders: tuple[str, ...] = ()
    """Entries at the level of disorders under which a subtype is reported; sorted."""


@dataclass(frozen=True)
class Nomenclature:
    """A pack, read."""

    version: str
    """ISO date of its extraction."""
    language: str
    entries: Mapping[str, Entry]
    parents: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """By classification (``181``), each entry's parents in it; a root has none."""

    def above(self, classification: str, entry: str) -> frozenset[str]:
        """The entry and all above it in a classification; empty where it is not in it."""
        tree = self.parents.get(classification, {})
        if entry not in tree:
            return frozenset()
        found, waiting = {entry}, [entry]
        while waiting:
            for parent in tree.get(waiting.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return frozenset(found)


@cache
def read_pack(
    path: Path, version: str, sha256: str, classifications: tuple[str, ...] = ()
) -> Nomenclature:
    """Read a pack, after seeing that it is the one that was pinned.

    Args:
        path: the zip.
        version: date of extraction that it must have, ISO 8601.
        sha256: its checksum, in hexadecimal.
        classifications: numbers of the classifications to read; one that the pack lacks is left
            out.

    Raises:
        ArianeError: it is missing, is another file or version, or is no such pack.
    """
    try:
        found = sha256_of(path)
    except OSError:
        raise ArianeError(f"{path}: cannot be read. Check 'exports.nomenclatures'.") from None
    if found != sha256.lower():
        raise ArianeError(
            f"{path}: not the nomenclature that was pinned: its sha256 is {found}. "
            "Give the file in force at the destination, or pin this one."
        )
    try:
        with zipfile.ZipFile(path) as pack:
            refuse_bomb(pack.infolist(), path.stat().st_size, str(path), _PACK)
            nomenclature = _read(pack, path)
            parents = _classifications(pack, path, frozenset(classifications))
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError):
        raise ArianeError(f"{path}: not a whole zip. Download it again.") from None
    if nomenclature.version != version:
        raise ArianeError(
            f"{path}: extracted on {nomenclature.version}, but version {version} is pinned. "
            "Mend 'version' or give the other pack."
        )
    return Nomenclature(version, nomenclature.language, nomenclature.entries, parents)


def _read(pack: zipfile.ZipFile, path: Path) -> Nomenclature:
    named = [(m, i) for i in pack.infolist() if (m := _NOMENCLATURE.fullmatch(i.filename))]
    if len(named) != 1:
        raise ArianeError(
            f"{path}: holds {len(named)} nomenclatures, not one. Give Orphanet's pack."
        )
    match, info = named[0]
    where = f"{path}/{info.filename}"
    _bounded(info, where)
    with pack.open(info) as handle:
        head = handle.read(4000)
    extracted = re.search(rb'<JDBOR[^>]* ExtractionDate="(\d{4}-\d\d-\d\d)', head)
    if extracted is None:
        raise ArianeError(f"{where}: tells no date of extraction. Give Orphanet's pack.")
    entries: dict[str, Entry] = {}
    with pack.open(info) as handle:
        for element in iterate_xml(handle, "Disorder", where):
            entry = _entry(element)
            entries[entry.id] = entry
    if not entries:
        raise ArianeError(f"{where}: holds no entry. Give Orphanet's pack.")
    return Nomenclature(extracted[1].decode(), match[1].lower(), entries)


def _entry(element: etree._Element) -> Entry:
    code = code_of(element)
    level = element.find("ClassificationLevel")
    flag = text_of(element, "FlagValue")
    targets = {
        code_of(target)
        for target in element.iterfind("DisorderDisorderAssociationList/*/TargetDisorder")
    }
    disorders = {
        code_of(one)
        for one in element.iterfind("AggregationLevelSection/AggregationLevelList/AggregationLevel")
        if text_of(one, "AggregationLevelStatus") == "Applicable"
    }
    state = _state(int(flag)) if _FLAG.fullmatch(flag) else State.UNKNOWN
    return Entry(
        id=code,
        name=text_of(element, "Name"),
        state=state,
        rank=_RANKS.get(level.get("id", "") if level is not None else "", Rank.UNKNOWN),
        # An active entry names itself as the target of those that moved to it.
        targets=() if state is State.ACTIVE else tuple(sorted(targets - {code})),
        disorders=tuple(sorted(disorders)),
    )


def _state(flag: int) -> State:
    if not flag & _INACTIVE:
        return State.ACTIVE
    if flag & _DEPRECATED:
        return State.DEPRECATED
    if flag & _NOT_RARE:
        return State.NOT_RARE
    return State.OBSOLETE if flag & _OBSOLETE else State.UNKNOWN


def _classifications(
    pack: zipfile.ZipFile, path: Path, wanted: frozenset[str]
) -> dict[str, Mapping[str, frozenset[str]]]:
    found: dict[str, Mapping[str, frozenset[str]]] = {}
    for info in pack.infolist():
        match = _CLASSIFICATION.fullmatch(info.filename)
        if match is None or match[1] not in wanted:
            continue
        where = f"{path}/{info.filename}"
        _bounded(info, where)
        parents: dict[str, set[str]] = {}
        for child, parent in _edges(parse_xml(pack.read(info), where)):
            parents.setdefault(child, set()).update({parent} - {""})
        found[match[1]] = {child: frozenset(above) for child, above in parents.items()}
    return found


def _edges(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Entry and parent of each node; of a root, whose node may name no entry, an empty parent."""
    for node in root.iter("ClassificationNode"):
        disorder = node.find("Disorder")
        if disorder is None:
            continue
        above = node.getparent()
        holder = above.getparent() if above is not None else None
        parent = holder.find("Disorder") if holder is not None else None
        yield code_of(disorder), code_of(parent) if parent is not None else ""


def _bounded(info: zipfile.ZipInfo, where: str) -> None:
    if info.file_size > LARGEST:
        raise ArianeError(f"{where}: {info.file_size} bytes unpacked. Give Orphanet's own pack.")


def named(entries: Mapping[str, Entry], codes: Iterable[str]) -> str:
    """Codes with their names, for messages: ``ORPHA:58 (Alexander disease)``."""
    return ", ".join(f"{c} ({entries[c].name})" if c in entries else c for c in codes)
