"""Apply: a patch into a registry file, three-way, all or nothing, journaled.

Order of a write: lock; put right what a crash left; read; merge; keys, backup and next base;
intent; new file beside the old one; is the registry still what was read?; rename; commit; base.
Killed at any step, the next run finishes or undoes it, and the registry is always one whole file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ariane.model.errors import ArianeError
from ariane.registry.csv_file import Document, load
from ariane.registry.journal import Journal, opened
from ariane.registry.keys import Keyring, write_private
from ariane.registry.mapping import RegistryMapping
from ariane.registry.merge import Outcome, merge
from ariane.registry.patch import Patch
from ariane.registry.state import (
    StateFolder,
    base_bytes,
    promote,
    read_verified,
    recover,
    sync_folder,
)

STEPS: Final = (
    "locked",
    "recovered",
    "merged",
    "keys",
    "backup",
    "next base",
    "intent",
    "temporary",
    "checked",
    "renamed",
    "synced",
    "committed",
    "promoted",
)
"""The steps of a write, in order."""


@dataclass
class WriteBack:
    """One application of a patch to a registry file."""

    registry: Path
    mapping: RegistryMapping
    patch: Patch
    state: StateFolder
    as_of: str
    """ISO 8601 date, for the backup's name and the journal."""
    actor: str
    """Who applies: a professional identifier or a service's name."""

    def __post_init__(self) -> None:
        """Check what can be checked before any file is opened."""
        try:
            if date.fromisoformat(self.as_of).isoformat() != self.as_of:
                raise ValueError
        except ValueError:
            raise ArianeError(f"--as-of {self.as_of!r}: write the date as 2024-03-06.") from None
        if not self.actor.strip():
            raise ArianeError("--actor is empty: name who applies the patch.")
        if self.patch.mapping != self.mapping.identity:
            raise ArianeError(
                "The patch was made for another mapping than the one given. Run propose_registry "
                "again with this mapping."
            )
        # A link keeps pointing: the file itself is replaced, where it really lies.
        self.registry = self.registry.resolve()

    def reached(self, step: str) -> None:
        """Called at the end of each step of a write, with a name of STEPS; does nothing here."""

    def check(self) -> dict[str, Any]:
        """What a run would do, and how the file drifted since the last one. Changes nothing.

        Raises:
            ArianeError: the registry or the state cannot be read.
        """
        with _explained(self.registry, "Nothing was changed."):
            keys, journal = read_verified(self.state)
            if journal.pending is not None or self.state.next_base.exists():
                raise ArianeError(
                    f"{self.state.journal}: an earlier write was interrupted. Run without --check "
                    "to put it right."
                )
            old, document = self._read()
            outcome = merge(document, self.mapping, self.patch, self.state.read_base(journal))
            receipt = self._receipt(outcome, document, old, document.render())
            return (
                receipt | {"check": True, "journal": _place(journal)} | self._earlier(journal, keys)
            )

    def run(self) -> dict[str, Any]:
        """Apply the patch and return the receipt.

        Raises:
            ArianeError: somebody else is writing, saved meanwhile or has the file open; the file
                is read-only; the disk is full. The registry is then as it was.
        """
        with _explained(self.registry, "The registry is as it was."), self.state.locked():
            self.reached("locked")
            keys, journal = read_verified(self.state)
            recovered = recover(self.state, self.registry, journal, keys)
            self.reached("recovered")
            base = self.state.read_base(journal)
            earlier = self._earlier(journal, keys)
            old, document = self._read()
            if later := self._superseded(journal):
                return (
                    self._receipt(Outcome(base), document, old, old)
                    | earlier
                    | {
                        "check": False,
                        "recovered": recovered,
                        "backup": "",
                        "journal": _place(journal),
                        "superseded_by": later,
                    }
                )
            outcome = merge(document, self.mapping, self.patch, base)
            new = document.render()
            self.reached("merged")
            receipt = self._receipt(outcome, document, old, new)
            backup = ""
            if new != old or outcome.base != base:
                if new != old:
                    self._writable()
                backup = self._write(keys, journal, outcome, old, new)
            return (
                receipt
                | earlier
                | {
                    "check": False,
                    "recovered": recovered,
                    "backup": backup,
                    "journal": _place(journal),
                }
            )

    def _superseded(self, journal: Journal) -> str:
        """The cycle, of later knowledge, that was already written; an empty string when none was.

        What the file holds then is Ariane's own newer word, which the merge alone would take for
        nobody's: an older cycle's patch must not put it back.
        """
        last = journal.written
        if last is None or last["cycle"] == self.patch.cycle or last["as_of"] <= self.as_of:
            return ""
        return str(last["cycle"])

    def _write(
        self, keys: Keyring, journal: Journal, outcome: Outcome, old: bytes, new: bytes
    ) -> str:
        changes = [
            {
                "case": keys.reference(entry["case"]),
                "sealed": keys.seal(
                    entry["case"], {"case": entry["case"], "cells": entry["cells"]}
                ),
            }
            for entry in outcome.written
        ]
        keys.write(self.state.keys)
        self.reached("keys")
        backup = ""
        if new != old:
            self.state.backups.mkdir(mode=0o700, exist_ok=True)
            backup = self.state.backup_name(self.as_of, self.registry.suffix)
            write_private(self.state.backups / backup, old)
        self.reached("backup")
        base = base_bytes(outcome.base)
        write_private(self.state.next_base, base)
        self.reached("next base")
        temporary = self.registry.with_name(f".{self.registry.name}.ariane-{os.urandom(8).hex()}")
        intent = journal.append(
            keys,
            "intent",
            {
                "cycle": self.patch.cycle,
                "release": self.patch.release,
                "engine": dict(self.patch.engine),
                "as_of": self.as_of,
                "actor": self.actor,
                "patch": self.patch.sha256,
                "registry_old": hashlib.sha256(old).hexdigest(),
                "registry_new": hashlib.sha256(new).hexdigest(),
                "base": hashlib.sha256(base).hexdigest(),
                "backup": backup,
                "temporary": temporary.name,
                "columns_added": outcome.columns_added,
                "changes": changes,
            },
        )
        self.reached("intent")
        renamed = False
        try:
            if new != old:
                self._write_beside(temporary, new)
                self.reached("temporary")
                if self.registry.read_bytes() != old:
                    raise ArianeError(
                        f"{self.registry}: somebody saved the registry while Ariane was at work. "
                        "Nothing was written. Run again."
                    )
                self.reached("checked")
                temporary.replace(self.registry)
                renamed = True
                self.reached("renamed")
                sync_folder(self.registry.parent)
                self.reached("synced")
            journal.append(keys, "commit", {"intent": intent["seq"], "base": intent["base"]})
            self.reached("committed")
            promote(self.state)
            self.reached("promoted")
        except (OSError, ArianeError) as problem:
            if renamed:
                raise ArianeError(
                    f"{self.registry}: the new registry is in place, but the journal could not be "
                    f"closed ({problem}). Free the disk and run again: it will be finished."
                ) from None
            temporary.unlink(missing_ok=True)
            self._undo(keys, journal, intent)
            raise
        return backup

    def _undo(self, keys: Keyring, journal: Journal, intent: Mapping[str, Any]) -> None:
        """Record that nothing was written; on a full disk the next run's recovery does it."""
        if journal.pending is None:
            return
        try:
            journal.append(keys, "undone", {"intent": intent["seq"], "base": intent["base"]})
            self.state.next_base.unlink(missing_ok=True)
        except OSError:
            return

    def _write_beside(self, temporary: Path, content: bytes) -> None:
        """The new file, whole and durable, with the old one's mode, attributes and owner."""
        before = self.registry.stat()
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            made = os.fstat(handle)
            if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
                os.chown(handle, before.st_uid, before.st_gid)
            shutil.copystat(self.registry, temporary)  # mode, access lists
            os.utime(temporary)  # but a file changed now says so
            os.fsync(handle)

    def _read(self) -> tuple[bytes, Document]:
        for mark in (f".~lock.{self.registry.name}#", f"~${self.registry.name}"):
            if self.registry.with_name(mark).exists():
                raise ArianeError(
                    f"{self.registry}: open in a spreadsheet ({mark} lies beside it). Close it "
                    "there first: its next save would put the old file back."
                )
        content = self.registry.read_bytes()
        return content, load(content, self.mapping, str(self.registry))

    def _writable(self) -> None:
        # A rename needs no right on the file itself, so a read-only mark is asked for by hand.
        mode = self.registry.stat().st_mode
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(
            self.registry, os.W_OK
        ):
            raise ArianeError(
                f"{self.registry}: read-only. Nothing was written. Have its keeper allow writing, "
                "then run again."
            )

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
                "name": self.registry.name,
                "encoding": document.encoding,
                "delimiter": document.delimiter,
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
        done = {r["intent"] for r in journal.records if r["kind"] == "commit"}
        return {
            "written_earlier": [
                {"record": record["seq"], "changes": opened(record, keys)}
                for record in journal.records
                if record["kind"] == "intent"
                and record["patch"] == self.patch.sha256
                and record["seq"] in done
                and record["changes"]
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
    lines = [f"{len(receipt['written'])} rows {verb} in {receipt['registry']['name']}"]
    if receipt["columns_added"]:
        lines.append(f"columns added: {', '.join(receipt['columns_added'])}")
    told = (
        ("conflicts", "cells kept as a person wrote them"),
        ("withheld", "cells held back with them"),
        ("unwritable", "rows with a character the file's encoding lacks"),
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


@contextmanager
def _explained(registry: Path, outcome: str) -> Iterator[None]:
    """Turn what the system refuses into a message."""
    try:
        yield
    except OSError as problem:
        where = problem.filename or registry
        raise ArianeError(
            f"{where}: {problem.strerror or problem}. {outcome} Mend this and run again."
        ) from None
