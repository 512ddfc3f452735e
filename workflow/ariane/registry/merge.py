"""Merge: what Ariane last wrote, what the file says now, and what is proposed. People win."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ariane.model.errors import ArianeError
from ariane.registry.document import Document
from ariane.registry.mapping import RegistryMapping
from ariane.registry.patch import Patch, Proposal
from ariane.registry.values import day, number
from ariane.safe import neutralise

GROUPS: Final[tuple[tuple[str, ...], ...]] = (
    ("proposal_status", "gene", "variant", "disease", "posterior"),
    ("flag", "due"),
    ("outcome", "report"),
)
"""Cells that only make sense together: one conflict holds back its whole group, so that a gene a
person typed never stands beside Ariane's posterior for another one."""

STAMP: Final[tuple[str, ...]] = ("cycle", "release")
"""Written only when another cell of the row is: they date the row's last change."""

Base = dict[str, dict[str, str]]
"""Case to field to the text Ariane last wrote, or saw a person write identically."""


@dataclass
class Outcome:
    """What a merge did to a document, or would do."""

    base: Base
    columns_added: list[str] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    withheld: list[dict[str, Any]] = field(default_factory=list)
    """Cells without a conflict of their own, held back with their group."""
    unwritable: list[dict[str, Any]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    drift: list[dict[str, Any]] = field(default_factory=list)
    """Own cells that no longer hold what Ariane wrote, of every case it ever wrote about."""


def same(name: str, one: str, other: str) -> bool:
    """Whether two texts of a field say the same.

    Spreadsheets respell numbers and dates when they save (``87,50%``, ``06/03/2024``); a respelling
    is not an edit.
    """
    one, other = one.strip(), other.strip()
    if one == other:
        return True
    if name == "posterior":
        return number(one) is not None and number(one) == number(other)
    if name == "due":
        return day(one) is not None and day(one) == day(other)
    return False


def merge(document: Document, mapping: RegistryMapping, patch: Patch, base: Base) -> Outcome:
    """Write a patch's proposals into a document, three-way.

    Args:
        document: the registry as it stands; changed in place.
        mapping: its columns.
        patch: what is proposed.
        base: what Ariane last wrote and saw; not changed.

    Raises:
        ArianeError: own columns are missing and may not, or cannot, be added.
    """
    outcome = Outcome({case: dict(cells) for case, cells in base.items()})
    rows, outcome.duplicates = index_rows(document, mapping)
    missing = [c for c in mapping.columns.values() if not document.has(c)]
    outcome.drift = _drift(document, mapping, base, rows)
    if missing and not mapping.add_missing_columns:
        raise ArianeError(
            f"{document.name}: the header lacks {', '.join(map(repr, missing))}. Add the columns, "
            "drop them from the mapping, or set add_missing_columns: true."
        )
    if missing:
        document.add_columns(missing)
        outcome.columns_added = missing
        gone = {f for f, c in mapping.columns.items() if c in missing}
        for cells in outcome.base.values():
            for name in gone & set(cells):
                del cells[name]
    twice = {entry["case"] for entry in outcome.duplicates}
    for proposal in patch.proposals:
        if proposal.case in twice:
            continue
        if proposal.case not in rows:
            outcome.absent.append(proposal.case)
            continue
        _merge_row(document, mapping, proposal, rows[proposal.case], outcome)
    return outcome


def _merge_row(
    document: Document,
    mapping: RegistryMapping,
    proposal: Proposal,
    row: int,
    outcome: Outcome,
) -> None:
    case, line = proposal.case, document.line(row)
    old = outcome.base.get(case, {})
    targets = {
        name: neutralise(text) for name, text in proposal.values.items() if name in mapping.columns
    }
    agreed: dict[str, str] = {}
    changes: dict[str, str] = {}
    for group in (*GROUPS, STAMP):
        if group is STAMP and not changes:
            continue
        wanted: dict[str, str] = {}
        conflict = False
        for name in (n for n in group if n in targets):
            found = document.cell(row, mapping.columns[name])
            if same(name, found, targets[name]):
                agreed[name] = targets[name]
            elif same(name, found, old.get(name, "")):
                wanted[name] = targets[name]
            else:
                conflict = True
                outcome.conflicts.append(
                    {
                        "case": case,
                        "line": line,
                        "column": mapping.columns[name],
                        "ariane_wrote": old.get(name, ""),
                        "found": found,
                        "proposed": targets[name],
                    }
                )
        if conflict and group is not STAMP:
            outcome.withheld += [
                {"case": case, "line": line, "column": mapping.columns[n], "proposed": wanted[n]}
                for n in wanted
            ]
            continue
        changes |= wanted
    try:
        for name, text in changes.items():
            document.check(row, mapping.columns[name], text)
    except ArianeError as problem:
        outcome.unwritable.append({"case": case, "line": line, "reason": str(problem)})
        return
    cells: dict[str, dict[str, str]] = {}
    for name, text in changes.items():
        column = mapping.columns[name]
        before = document.cell(row, column)
        document.set(row, column, text)
        cells[column] = {"old": before, "new": text}
    if cells:
        outcome.written.append({"case": case, "line": line, "cells": cells})
    if agreed or changes:
        outcome.base[case] = {**old, **agreed, **changes}


def index_rows(
    document: Document, mapping: RegistryMapping
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Pseudonym to the number of its row, the first where it has several; and those that do."""
    found: dict[str, list[int]] = {}
    for row in document.data_rows():
        key = document.cell(row, mapping.key).strip()
        if key:
            found.setdefault(key, []).append(row)
    duplicates = [
        {"case": key, "lines": [document.line(r) for r in rows]}
        for key, rows in sorted(found.items())
        if len(rows) > 1
    ]
    return {key: rows[0] for key, rows in found.items()}, duplicates


def _drift(
    document: Document, mapping: RegistryMapping, base: Base, rows: Mapping[str, int]
) -> list[dict[str, Any]]:
    gone = [
        (column, sum(1 for cells in base.values() if cells.get(name)))
        for name, column in mapping.columns.items()
        if not document.has(column)
    ]
    drift: list[dict[str, Any]] = [
        {"what": "column gone", "column": column, "cases": cases} for column, cases in gone if cases
    ]
    for case in sorted(base):
        if case not in rows:
            drift.append({"case": case, "what": "row gone"})
            continue
        for name in _ordered(mapping, base[case]):
            column = mapping.columns[name]
            if not document.has(column):
                continue
            found = document.cell(rows[case], column)
            if not same(name, found, base[case][name]):
                drift.append(
                    {
                        "case": case,
                        "what": "edited",
                        "column": column,
                        "ariane_wrote": base[case][name],
                        "found": found,
                    }
                )
    return drift


def _ordered(mapping: RegistryMapping, names: Iterable[str]) -> list[str]:
    held = set(names)
    return [name for name in mapping.columns if name in held]
