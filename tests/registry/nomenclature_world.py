"""Invented nomenclature packs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ariane.files import sha256_of
from ariane.knowledge.nomenclature import Entry, Nomenclature, Rank, State

FLAGS: Mapping[State, int] = {
    State.ACTIVE: 1,
    State.DEPRECATED: 8449,
    State.OBSOLETE: 8208,
    State.NOT_RARE: 8225,
    State.UNKNOWN: 8192,
}
LEVELS: Mapping[Rank, str] = {
    Rank.GROUP: "36540",
    Rank.DISORDER: "36547",
    Rank.SUBTYPE: "36554",
    Rank.UNKNOWN: "1",
}
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
    entries = list(entries)
    moved = {target: e.id for e in entries for target in e.targets}
    lines = "".join(_entry(e, moved) for e in entries)
    text = (
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{head}'
        '<JDBOR ExtractionDate="2023-06-21 18:14:45" version="1.3">'
        f'<DisorderList count="{len(entries)}">{lines}</DisorderList></JDBOR>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("pack/ORPHAnomenclature_en_2023.xml", text.encode("latin-1"))
        for number, edges in TREES.items():
            name = f"pack/Classifications/ORPHAclassification_{number}_rare_x_en_2023.xml"
            pack.writestr(name, _classification(number, edges).encode("latin-1"))
    return {"pack": str(path), "version": "2023-06-21", "sha256": sha256_of(path)}


def _entry(entry: Entry, moved: Mapping[str, str]) -> str:
    named = [(target, entry.id) for target in entry.targets]
    if entry.id in moved:  # an active target lists itself for each that moved to it
        named.append((entry.id, moved[entry.id]))
    links = "".join(
        f"<DisorderDisorderAssociation><TargetDisorder><OrphaCode>{_bare(target)}</OrphaCode>"
        "</TargetDisorder></DisorderDisorderAssociation>"
        for target, _ in named
    )
    levels = "".join(
        f"<AggregationLevel><OrphaCode>{_bare(one)}</OrphaCode>"
        "<AggregationLevelStatus>Applicable</AggregationLevelStatus></AggregationLevel>"
        for one in entry.disorders
    )
    return (
        f"<Disorder><OrphaCode>{_bare(entry.id)}</OrphaCode><Name>{entry.name}</Name>"
        f"<FlagValue>{FLAGS[entry.state]}</FlagValue>"
        f'<ClassificationLevel id="{LEVELS[entry.rank]}"/>'
        f"<DisorderDisorderAssociationList>{links}</DisorderDisorderAssociationList>"
        "<AggregationLevelSection><AggregationLevelList>"
        f"{levels}</AggregationLevelList></AggregationLevelSection></Disorder>"
    )


def _classification(number: str, edges: Iterable[tuple[str, str]]) -> str:
    children: dict[str, list[str]] = {}
    for child, parent in edges:
        children.setdefault(parent, []).append(child)

    def node(entry: str) -> str:
        inner = "".join(node(child) for child in children.get(entry, ()))
        return (
            f"<ClassificationNode><Disorder><OrphaCode>{_bare(entry)}</OrphaCode></Disorder>"
            f"<ClassificationNodeChildList>{inner}</ClassificationNodeChildList>"
            "</ClassificationNode>"
        )

    roots = "".join(node(root) for root in children[""])
    return (
        '<JDBOR date="2023-06-21"><ClassificationList><Classification>'
        f"<OrphaNumber>{number}</OrphaNumber><ClassificationNodeRootList>{roots}"
        "</ClassificationNodeRootList></Classification></ClassificationList></JDBOR>"
    )


def _bare(code: str) -> str:
    return code.removeprefix("ORPHA:")
