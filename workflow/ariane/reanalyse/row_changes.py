"""How the evidence rows of a finding differ between two states, and whether a source was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED

Row = dict[str, Any]

_NO_RECORD: Final = frozenset({"", ABSENT, NOT_COVERED, NO_RESOURCE})


def row_changes(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[int, Row]]:
    """Rows that differ, each with the change in points, the largest change first."""

    def indexed(rows: Sequence[Row]) -> dict[tuple[str, str, str, str], list[Row]]:
        """Several rows may share a key: several assertions of one allele."""
        held: dict[tuple[str, str, str, str], list[Row]] = {}
        for r in rows:
            key = (r["ledger"], r["variant"], r["resource"] + r["code"], r["read_key"])
            held.setdefault(key, []).append(r)
        for group in held.values():
            group.sort(key=lambda r: (-abs(r["points"]), repr(sorted(r.items()))))
        return held

    was, now = indexed(old), indexed(new)
    changes = []
    for key in was.keys() | now.keys():
        one, two = was.get(key, []), now.get(key, [])
        if one != two:
            change = sum(r["points"] for r in two) - sum(r["points"] for r in one)
            changes.append((change, (two or one)[0]))
    changes.sort(
        key=lambda c: (c[1]["resource"] == "genotypes", -abs(c[0]), repr(sorted(c[1].items())))
    )
    return changes


def lost_source(
    old: Iterable[Row],
    new: Iterable[Row],
    by_key: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]],
) -> Mapping[str, Any] | None:
    """The change that removed a record which a row of a finding rested on, if one did.

    A row that says and counts the same without the record has lost nothing: an allele that was
    rare and is now absent stays rare.

    Args:
        old: the finding's rows before.
        new: its rows now.
        by_key: the changes of the release by (resource, key).
    """
    still = {(r["ledger"], r["variant"], r["code"], r["points"]) for r in new}
    read = {
        (r["resource"], r["read_key"])
        for r in old
        if r["record"] not in _NO_RECORD
        and (r["ledger"], r["variant"], r["code"], r["points"]) not in still
    }
    for key in sorted(read):
        for change in by_key.get(key, ()):
            if change["change"] == "removed":
                return change
    return None
