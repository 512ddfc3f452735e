"""Apply: a patch into a registry, three-way, all or nothing, journaled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ariane.model.errors import ArianeError
from ariane.registry.document import Document
from ariane.registry.journal import Journal, opened
from ariane.registry.keys import Keyring
from ariane.registry.mapping import RegistryMapping
from ariane.registry.merge import Outcome, merge
from ariane.registry.patch import Patch
from ariane.registry.place import Place
from ariane.registry.state import StateFolder, read_verified
from ariane.registry.writing import Writer, explained


def check_who_and_when(actor: str, as_of: str) -> None:
    """Check what every write is signed with.

    Raises:
        ArianeError: nobody is named, or the date is not ISO 8601.
    """
    try:
        if date.fromisoformat(as_of).isoformat() != as_of:
            raise ValueError
    except ValueError:
        raise ArianeError(f"--as-of {as_of!r}: write the date as 2024-03-06.") from None
    if not actor.strip():
        raise ArianeError("--actor is empty: name who answers for this write.")


@dataclass
class WriteBack:
    """One application of a patch to a registry."""

    place: Place
    mapping: RegistryMapping
    patch: Patch
    state: StateFolder
    as_of: str
    """ISO 8601 date, for the backup's name and the journal."""
    actor: str
    """Who applies: a professional identifier or a service's name."""

    def __post_init__(self) -> None:
        """Check what can be checked before anything is opened."""
        check_who_and_when(self.actor, self.as_of)
        if self.patch.mapping != self.mapping.identity:
            raise ArianeError(
                "The patch was made for another mapping than the one given. Run propose_registry "
                "again with this mapping."
            )

    def check(self) -> dict[str, Any]:
        """What a run would do, and how the registry drifted since the last one. Changes nothing.

        Raises:
            ArianeError: the registry or the state cannot be read.
        """
        with explained(self.place.name, "Nothing was changed."):
            keys, journal = read_verified(self.state)
            if journal.pending is not None or self.state.next_base.exists():
                raise ArianeError(
                    f"{self.state.journal}: an earlier write was interrupted. Run without --check "
                    "to put it right."
                )
            old, document = self.place.read()
            outcome = merge(document, self.mapping, self.patch, self.state.read_base(journal))
            receipt = self._receipt(outcome, document, old, document.render())
            return (
                receipt | {"check": True, "journal": _place(journal)} | self._earlier(journal, keys)
            )

    def run(self) -> dict[str, Any]:
        """Apply the patch and return the receipt.

        Raises:
            ArianeError: somebody else is writing, saved meanwhile or has the file open; the
                registry is read-only; the disk is full. The registry is then as it was.
        """
        with explained(self.place.name, "The registry is as it was."), self.state.locked():
            keys, journal = read_verified(self.state)
            writer = Writer(self.place, self.state, keys, journal)
            told: dict[str, Any] = {"check": False, "recovered": writer.recover(), "backup": ""}
            base = self.state.read_base(journal)
            told |= self._earlier(journal, keys)
            old, document = self.place.read()
            if why := self._refused(journal):
                receipt = self._receipt(Outcome(base), document, old, old)
                return receipt | told | {"journal": _place(journal)} | why
            outcome = merge(document, self.mapping, self.patch, base)
            new = document.render()
            receipt = self._receipt(outcome, document, old, new)
            if new != old or outcome.base != base:
                changes, record = self._changes(outcome), self._record(outcome)
                told["backup"] = writer.write(old, new, document, outcome.base, changes, record)
            return receipt | told | {"journal": _place(journal)}

    def _refused(self, journal: Journal) -> dict[str, Any]:
        """Why this patch may not be written any more; empty when it may.

        What the registry holds of a later cycle is Ariane's own newer word, which the merge alone
        would take for nobody's: an older cycle's patch must not put it back. Nor may a patch that
        people reverted come back by itself.
        """
        own = [r for r in journal.carried_out if r["patch"] == self.patch.sha256]
        if own and own[-1]["seq"] in journal.reverted:
            return {"reverted": own[-1]["seq"]}
        last = journal.written
        if last and last["cycle"] != self.patch.cycle and last["as_of"] > self.as_of:
            return {"superseded_by": str(last["cycle"])}
        return {}

    def _changes(self, outcome: Outcome) -> list[dict[str, Any]]:
        """What the journal seals of each case: the cells, and the flags that caused them."""
        causes = {p.case: [dict(c) for c in p.causes] for p in self.patch.proposals}
        return [
            {"case": w["case"], "cells": w["cells"], "causes": causes[w["case"]]}
            for w in outcome.written
        ]

    def _record(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "cycle": self.patch.cycle,
            "release": self.patch.release,
            "engine": dict(self.patch.engine),
            "as_of": self.as_of,
            "actor": self.actor,
            "patch": self.patch.sha256,
            "columns_added": outcome.columns_added,
        }

    def _receipt(
        self, outcome: Outcome, document: Document, old: bytes, new: bytes
    ) -> dict[str, Any]:
        spoken = {p.case for p in self.patch.proposals} | {r.case for r in self.patch.refused}
        return {
            "schema": 1,
            "cycle": self.patch.cycle,
            "release": self.patch.release,
            "engine": dict(self.patch.engine),
            "as_of": self.as_of,
            "actor": self.actor,
            "patch": self.patch.sha256,
            "registry": {
                "name": self.place.name,
                **document.form,
                "sha256_before": hashlib.sha256(old).hexdigest(),
                "sha256_after": hashlib.sha256(new).hexdigest(),
            },
            "columns_added": outcome.columns_added,
            "written": outcome.written,
            "conflicts": outcome.conflicts,
            "withheld": outcome.withheld,
            "unwritable": outcome.unwritable,
            "absent": outcome.absent,
            "duplicates": outcome.duplicates,
            "drift": outcome.drift,
            "refused": [
                {
                    "case": refusal.case,
                    "reasons": list(refusal.reasons),
                    "earlier_values_in_file": any(outcome.base.get(refusal.case, {}).values()),
                }
                for refusal in self.patch.refused
            ],
            # A case that left the cohort, its consent withdrawn perhaps: people must know.
            "left_behind": [
                case
                for case, cells in sorted(outcome.base.items())
                if case not in spoken and any(cells.values())
            ],
        }

    def _earlier(self, journal: Journal, keys: Keyring) -> dict[str, Any]:
        """What earlier runs wrote of this same patch, so that a second receipt loses nothing."""
        return {
            "written_earlier": [
                {"record": record["seq"], "changes": opened(record, keys)}
                for record in journal.carried_out
                if record["patch"] == self.patch.sha256 and record["changes"]
            ]
        }


def summary(receipt: Mapping[str, Any]) -> str:
    """A receipt in a few lines, for people."""
    verb = "would be written" if receipt["check"] else "written"
    if receipt.get("superseded_by"):
        return (
            f"nothing was written in {receipt['registry']['name']}: cycle "
            f"{receipt['superseded_by']}, of later knowledge, was written before"
        )
    if receipt.get("reverted"):
        return (
            f"nothing was written in {receipt['registry']['name']}: this patch was reverted "
            f"(journal record {receipt['reverted']})"
        )
    lines = [f"{len(receipt['written'])} rows {verb} in {receipt['registry']['name']}"]
    if receipt["columns_added"]:
        lines.append(f"columns added: {', '.join(receipt['columns_added'])}")
    told = (
        ("conflicts", "cells kept as a person wrote them"),
        ("withheld", "cells held back with them"),
        ("unwritable", "rows with a value that cannot stand there"),
        ("absent", "cases without a row in the registry"),
        ("duplicates", "pseudonyms on more than one row, left untouched"),
        ("refused", "cases refused before writing (consent or identity)"),
        ("left_behind", "cases no longer in the cohort whose earlier values still stand"),
        ("drift", "own cells changed by people since the last write"),
    )
    lines += [f"{len(receipt[name])} {text}" for name, text in told if receipt[name]]
    if receipt.get("recovered"):
        lines.append(f"an interrupted earlier write was {receipt['recovered']}")
    return "\n".join(lines)


def _place(journal: Journal) -> dict[str, Any]:
    return {"records": len(journal.records), "head": journal.head}
