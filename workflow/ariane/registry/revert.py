"""Revert: one write, or all that was ever written of one case, put back. People win here too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ariane.model.errors import ArianeError
from ariane.registry.apply import check_who_and_when
from ariane.registry.document import Document
from ariane.registry.journal import Journal, Record, opened
from ariane.registry.keys import Keyring
from ariane.registry.mapping import RegistryMapping
from ariane.registry.merge import GROUPS, STAMP, Base, index_rows, same
from ariane.registry.place import Place
from ariane.registry.state import StateFolder, read_verified
from ariane.registry.writing import Writer, explained

Cells = dict[str, dict[str, str]]
"""Column to ``old`` and ``new`` text."""


@dataclass
class _Reverted:
    base: Base
    written: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    withheld: list[dict[str, Any]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


@dataclass
class Revert:
    """One reversal.

    Of a write, it says: this write was wrong. The same patch is not written again; a patch of
    another cycle is. Reverting the reversal writes the values again.

    Of a case, it says: people do not want these values. It counts as their edit, so later cycles
    report conflicts and leave the cells alone, as if somebody had emptied them by hand.
    """

    place: Place
    mapping: RegistryMapping
    state: StateFolder
    as_of: str
    """ISO 8601 date."""
    actor: str
    """Who answers for it."""
    record: int = 0
    """Number of a write in the journal; or 0, for a case."""
    case: str = ""

    def __post_init__(self) -> None:
        """Check what can be checked before anything is opened."""
        check_who_and_when(self.actor, self.as_of)
        if bool(self.record) == bool(self.case):
            raise ArianeError("Name either a record of the journal or a case to revert.")

    def run(self) -> dict[str, Any]:
        """Put back what nobody changed since, and tell what was left.

        Raises:
            ArianeError: there is no such write; or it cannot be written now, and the registry is
                as it was.
        """
        with explained(self.place.name, "The registry is as it was."), self.state.locked():
            keys, journal = read_verified(self.state)
            writer = Writer(self.place, self.state, keys, journal)
            recovered = writer.recover()
            base = self.state.read_base(journal)
            wanted, erased = self._wanted(journal, keys)
            old, document = self.place.read()
            done = _Reverted({case: dict(cells) for case, cells in base.items()})
            rows, twice = index_rows(document, self.mapping)
            for case, cells in sorted(wanted.items()):
                if case in rows and case not in {entry["case"] for entry in twice}:
                    self._put_back(document, rows[case], case, cells, done)
                else:
                    done.absent.append(case)
            backup = ""
            new = document.render()
            if new != old or done.base != base:
                record = self._record(journal, keys)
                backup = writer.write(old, new, document, done.base, done.written, record)
            return {
                "registry": self.place.name,
                "recovered": recovered,
                "reverted": done.written,
                "conflicts": done.conflicts,
                "withheld": done.withheld,
                "absent": done.absent,
                "erased": erased,
                "backup": backup,
                "journal": {"records": len(journal.records), "head": journal.head},
            }

    def _wanted(self, journal: Journal, keys: Keyring) -> tuple[dict[str, Cells], int]:
        """What to put back, by case, and how many changes an erasure made unreadable."""
        writes = journal.carried_out
        if self.record:
            writes = [r for r in writes if r["seq"] == self.record and r["changes"]]
            if not writes:
                raise ArianeError(
                    f"{self.state.journal}: record {self.record} wrote nothing. Run registry_"
                    "journal.py show and name the number (seq) of an intent that was committed."
                )
            if self.record in journal.reverted:
                raise ArianeError(
                    f"{self.state.journal}: record {self.record} was reverted already."
                )
        wanted: dict[str, Cells] = {}
        erased = 0
        for record in writes:
            for change in opened(record, keys):
                if "erased" in change:
                    erased += bool(self.record)
                elif not self.case or change["case"] == self.case:
                    into = wanted.setdefault(str(change["case"]), {})
                    for column, cell in change["cells"].items():
                        first = into.get(column, cell)["old"]
                        into[column] = {"old": first, "new": cell["new"]}
        touched = {column for cells in wanted.values() for column in cells}
        if unknown := sorted(touched - set(self.mapping.columns.values())):
            raise ArianeError(
                f"The mapping no longer names {', '.join(map(repr, unknown))}, which were written. "
                "Name the mapping with which they were."
            )
        if self.case and not wanted:
            raise ArianeError(f"{self.state.journal}: nothing was ever written of {self.case!r}.")
        return wanted, erased

    def _put_back(
        self, document: Document, row: int, case: str, cells: Cells, done: _Reverted
    ) -> None:
        where = {"case": case, "line": document.line(row)}
        put: Cells = {}
        for group in (*GROUPS, STAMP):
            if group is STAMP and not put:
                continue
            held, clash = {}, False
            for name in group:
                column = self.mapping.columns.get(name, "")
                if column not in cells:
                    continue
                wrote, before = cells[column]["new"], cells[column]["old"]
                found = document.cell(row, column) if document.has(column) else ""
                if document.has(column) and same(name, found, wrote):
                    held[name] = {"column": column, "found": found, "before": before}
                elif not same(name, found, before):
                    clash = True
                    done.conflicts.append(
                        {**where, "column": column, "ariane_wrote": wrote, "found": found}
                    )
            if clash and group is not STAMP:
                done.withheld += [{**where, "column": h["column"]} for h in held.values()]
                continue
            for name, h in held.items():
                if document.set(row, h["column"], h["before"]):
                    put[h["column"]] = {"old": h["found"], "new": h["before"]}
                if self.record:
                    done.base.setdefault(case, {})[name] = h["before"]
        if put:
            cause = f"revert of record {self.record}" if self.record else "revert of the case"
            done.written.append({**where, "cells": put, "causes": [{"reason": cause}]})

    def _record(self, journal: Journal, keys: Keyring) -> dict[str, Any]:
        of: Record = journal.records[self.record - 1] if self.record else {}
        return {
            "cycle": of.get("cycle", ""),
            "release": of.get("release", ""),
            "engine": of.get("engine", {}),
            "as_of": self.as_of,
            "actor": self.actor,
            "patch": "",
            "columns_added": [],
            "reverts": self.record or keys.reference(self.case),
        }


def summary(told: Mapping[str, Any]) -> str:
    """A reversal in a few lines, for people."""
    lines = [f"{len(told['reverted'])} rows put back in {told['registry']}"]
    for name, text in (
        ("conflicts", "cells changed by people since, left as they are"),
        ("withheld", "cells left with them"),
        ("absent", "cases without one row of their own"),
    ):
        if told[name]:
            lines.append(f"{len(told[name])} {text}")
    if told["erased"]:
        lines.append(f"{told['erased']} changes of erased cases, which nobody can read any more")
    return "\n".join(lines)
