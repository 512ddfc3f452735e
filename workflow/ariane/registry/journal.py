"""Journal: what was written into a registry, append-only, chained by hashes, no pseudonym in clear.

One JSON object per line. ``prev`` is the SHA-256 of the line before; ``mac`` is keyed with the
registry's secret. A last line without its newline is what a crash leaves: it was never
acknowledged, so it is completed when whole and dropped when torn.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ariane.files import sync_folder
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry.keys import Keyring

START: Final = "0" * 64
"""``prev`` of the first record."""

KINDS: Final = ("intent", "commit", "undone", "erased")

Record = dict[str, Any]


@dataclass
class Journal:
    """A journal as read and verified."""

    path: Path
    records: list[Record] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    """SHA-256 of each line; the last one is the head."""
    size: int = 0
    """Bytes of whole lines."""
    torn: int = 0
    """Bytes after the last whole line."""
    unended: bool = False
    """The last record is whole and lacks only its newline."""

    @property
    def head(self) -> str:
        """Hash of the last line; a receipt keeps it, so that a shortened journal shows."""
        return self.hashes[-1] if self.hashes else START

    @property
    def pending(self) -> Record | None:
        """An intent that nothing has answered, or None."""
        for record in reversed(self.records):
            if record["kind"] == "intent":
                return record
            if record["kind"] in ("commit", "undone"):
                return None
        return None

    def last(self, *kinds: str) -> Record | None:
        """The latest record of one of these kinds, or None."""
        return next((r for r in reversed(self.records) if r["kind"] in kinds), None)

    @property
    def carried_out(self) -> list[Record]:
        """The intents that were committed, in order."""
        done = {r["intent"] for r in self.records if r["kind"] == "commit"}
        return [r for r in self.records if r["kind"] == "intent" and r["seq"] in done]

    @property
    def reverted(self) -> frozenset[int]:
        """Numbers of writes that were reverted, and whose reversal was not."""
        by_number = {record["seq"]: record for record in self.records}
        found: set[int] = set()
        for record in self.carried_out:
            of = record.get("reverts")
            if isinstance(of, int):
                found.add(of)
                found.discard(by_number[of].get("reverts", 0))
        return frozenset(found)

    @property
    def written(self) -> Record | None:
        """The latest write of a patch that stands, or None."""
        gone = self.reverted
        standing = (
            r for r in self.carried_out if r["seq"] not in gone and r.get("reverts") is None
        )
        return max(standing, key=lambda record: record["seq"], default=None)

    def mend(self) -> bool:
        """Complete or drop what a crash left after the last whole line; only under the lock."""
        if not self.torn and not self.unended:
            return False
        with self.path.open("r+b") as handle:
            if self.unended:
                handle.seek(0, os.SEEK_END)
                handle.write(b"\n")
                self.size += 1
            else:
                handle.truncate(self.size)
            handle.flush()
            os.fsync(handle.fileno())
        self.torn, self.unended = 0, False
        return True

    def append(self, keys: Keyring, kind: str, content: Mapping[str, Any]) -> Record:
        """Add one record and make it durable.

        Raises:
            OSError: the record could not be written; what reached the disk is a torn line.
        """
        record: Record = {
            **content,
            "kind": kind,
            "seq": len(self.records) + 1,
            "prev": self.head,
        }
        record["mac"] = keys.mac(to_json(record))
        line = (to_json(record) + "\n").encode()
        new = not self.path.exists()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
            if new:
                sync_folder(self.path.parent)
        except OSError:
            os.ftruncate(handle, self.size)
            raise
        finally:
            os.close(handle)
        self.records.append(record)
        self.hashes.append(hashlib.sha256(memoryview(line)[:-1]).hexdigest())
        self.size += len(line)
        return record


def read_journal(path: Path, keys: Keyring | None) -> Journal:
    """Read a journal and verify its chain, and its seals when keys are given.

    Raises:
        ArianeError: a whole line is not what was written there; the line is named.
    """
    journal = Journal(path)
    content = path.read_bytes() if path.exists() else b""
    whole, _, tail = content.rpartition(b"\n")
    lines = whole.split(b"\n") if whole or content.startswith(b"\n") else []
    for number, line in enumerate(lines, start=1):
        problem = _accept(journal, line, keys)
        if problem:
            raise ArianeError(
                f"{path}:{number}: the journal was altered: {problem}. Restore it from a backup; "
                "Ariane writes nothing until it verifies."
            )
        journal.size += len(line) + 1
    if tail:
        if _accept(journal, tail, keys):
            journal.torn = len(tail)
        else:
            journal.unended = True
            journal.size += len(tail)
    return journal


def _accept(journal: Journal, line: bytes, keys: Keyring | None) -> str:
    """Add a line to the journal; return what is wrong with it, or an empty string."""
    try:
        record = json.loads(line)
        canonical = to_json(record).encode()
    except ValueError:
        return "not a record"
    if not isinstance(record, dict) or canonical != line or record.get("kind") not in KINDS:
        return "not a record"
    if record.get("seq") != len(journal.records) + 1 or record.get("prev") != journal.head:
        return "it does not follow the line before"
    if keys is not None:
        unsigned = {k: v for k, v in record.items() if k != "mac"}
        if record.get("mac") != keys.mac(to_json(unsigned)):
            return "its seal does not fit"
    journal.records.append(record)
    journal.hashes.append(hashlib.sha256(line).hexdigest())
    return ""


def opened(record: Record, keys: Keyring) -> list[dict[str, Any]]:
    """The changes of an intent in clear; one whose key was destroyed says so."""
    changes: Sequence[Mapping[str, str]] = record.get("changes", [])
    clear: list[dict[str, Any]] = []
    for change in changes:
        content = keys.unseal(change["case"], change["sealed"])
        clear.append(
            {"reference": change["case"], "erased": True} if content is None else dict(content)
        )
    return clear
