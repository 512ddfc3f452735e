"""Invented nomenclature packs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import demo_nomenclature
from ariane.files import sha256_of
from ariane.knowledge.nomenclature import Entry, Nomenclature, Rank, State

ENTRIES = (
    Entry("ORPHA:1", "Disorder one é", State.ACTIVE, Rank.DISORDER, (), ("ORPHA:1",)),
    Entry("ORPHA:2", "Moved", State.DEPRECATED, Rank.DISORDER, ("ORPHA:1",), ("ORPHA:1",)),
    Entry("ORPHA:3", "Subtype", State.ACTIVE, Rank.SUBTYPE, (), ("ORPHA:1",)),
    Entry("ORPHA:4", "Group", State.ACTIVE, Rank.GROUP),
    Entry("ORPHA:5", "Obsolete", State.OBSOLETE, Rank.DISORDER, ("ORPHA:1",), ("ORPHA:1",)),
    Entry("ORPHA:6", "Common", State.NOT_RARE, Rank.DISORDER),
    Entry("ORPHA:7", "Moved to a group", State.DEPRECATED, Rank.DISORDER, ("ORPHA:4",)),
    Entry("ORPHA:8", "Moved in a ring", State.DEPRECATED, Rank.DISORDER, ("ORPHA:9",)),
    Entry("ORPHA:9", "Moved in a ring", State.DEPRECATED, Rank.DISORDER, ("ORPHA:8",)),
    Entry("ORPHA:10", "Moved twice", State.DEPRECATED, Rank.SUBTYPE, ("ORPHA:2",)),
    Entry("ORPHA:11", "Subtype alone", State.ACTIVE, Rank.SUBTYPE),
    Entry("ORPHA:12", "Obsolete alone", State.OBSOLETE, Rank.DISORDER),
    Entry("ORPHA:13", "Inactive", State.UNKNOWN, Rank.DISORDER),
    Entry("ORPHA:14", "Moved to two", State.DEPRECATED, Rank.DISORDER, ("ORPHA:1", "ORPHA:15")),
    Entry("ORPHA:15", "Disorder two", State.ACTIVE, Rank.DISORDER, (), ("ORPHA:15",)),
    Entry("ORPHA:586", "Cystic fibrosis", State.ACTIVE, Rank.DISORDER, (), ("ORPHA:586",)),
    Entry("ORPHA:616874", "Undetermined", State.ACTIVE, Rank.DISORDER, (), ("ORPHA:616874",)),
)
TREES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "147": (("ORPHA:4", ""), ("ORPHA:1", "ORPHA:4"), ("ORPHA:3", "ORPHA:1")),
    "181": (
        ("ORPHA:98006", ""),
        ("ORPHA:68381", "ORPHA:98006"),
        ("ORPHA:98503", "ORPHA:68381"),
        ("ORPHA:15", "ORPHA:98503"),
        ("ORPHA:99", "ORPHA:98006"),
        ("ORPHA:586", "ORPHA:99"),
        ("ORPHA:616", "ORPHA:99"),
    ),
}
"""Classifications as (entry, parent); a parent comes before its children."""


def nomenclature(entries: Iterable[Entry] = ENTRIES) -> Nomenclature:
    """A nomenclature as it is read, without a file."""
    parents: dict[str, dict[str, frozenset[str]]] = {}
    for number, edges in TREES.items():
        tree = parents.setdefault(number, {})
        for child, parent in edges:
            tree[child] = tree.get(child, frozenset()) | (frozenset({parent}) - {""})
    return Nomenclature("2023-06-21", "en", {e.id: e for e in entries}, parents)


def write_pack(path: Path, entries: Iterable[Entry] = ENTRIES, head: str = "") -> dict[str, str]:
    """Write the zip of a pack; gives how it is pinned."""
    demo_nomenclature.write_pack(path, entries, TREES, head)
    return {"pack": str(path), "version": demo_nomenclature.VERSION, "sha256": sha256_of(path)}
