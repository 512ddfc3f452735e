"""A small pack in the shape of Orphanet's nomenclature, byte for byte the same each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ariane import files
from ariane.knowledge.nomenclature import Entry, Rank, State
from demo_files import read_tsv

VERSION = "2023-06-21"

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

Trees = Mapping[str, Sequence[tuple[str, str]]]
"""Classifications as (entry, parent); a parent comes before its children."""


def write_demo_pack(source: Path, out: Path) -> None:
    """The demo's pack, from the table ``nomenclature.tsv``."""
    rows = read_tsv(source / "nomenclature.tsv")
    entries = [
        Entry(row["orpha"], row["name"], State.ACTIVE, Rank(row["rank"]), (), (row["orpha"],))
        for row in rows
    ]
    trees: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if row["classification"]:
            trees.setdefault(row["classification"], []).append((row["orpha"], row["parent"]))
    write_pack(out, entries, trees)


def write_pack(path: Path, entries: Iterable[Entry], trees: Trees, head: str = "") -> None:
    """Write the zip of a pack; unpacked and undated, so that no library changes its bytes.

    Args:
        path: where it goes.
        entries: the nomenclature.
        trees: the classifications.
        head: text after the XML declaration of the nomenclature.
    """
    entries = list(entries)
    moved = {target: e.id for e in entries for target in e.targets}
    lines = "".join(_entry(e, moved) for e in entries)
    text = (
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{head}'
        f'<JDBOR ExtractionDate="{VERSION} 18:14:45" version="1.3">'
        f'<DisorderList count="{len(entries)}">{lines}</DisorderList></JDBOR>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as pack:
        pack.writestr(zipfile.ZipInfo("pack/ORPHAnomenclature_en_2023.xml"), text.encode("latin-1"))
        for number, edges in trees.items():
            name = f"pack/Classifications/ORPHAclassification_{number}_rare_x_en_2023.xml"
            content = _classification(number, edges).encode("latin-1")
            pack.writestr(zipfile.ZipInfo(name), content)
    files.write_bytes(path, buffer.getvalue())


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
