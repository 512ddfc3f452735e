"""State of one registry: lock, base, backups, and putting right what a crash left.

Nothing here can be rebuilt: the folder belongs under ``state/`` and in people's backups.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from ariane.files import sync_folder
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry.journal import Journal, read_journal
from ariane.registry.keys import Keyring, write_private
from ariane.registry.merge import Base

EMPTY: Final = "empty"
"""Identity of a base that was never written."""


@dataclass(frozen=True)
class StateFolder:
    """Files of one registry's state."""

    path: Path

    @property
    def journal(self) -> Path:
        """The append-only journal."""
        return self.path / "journal.jsonl"

    @property
    def keys(self) -> Path:
        """The keys, mode 0600."""
        return self.path / "keys.json"

    @property
    def base(self) -> Path:
        """What Ariane last wrote and saw."""
        return self.path / "base.json"

    @property
    def next_base(self) -> Path:
        """The base as it will stand when the write under way is done."""
        return self.path / "base.next.json"

    @property
    def backups(self) -> Path:
        """Copies of the registry from before each write."""
        return self.path / "backups"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the registry's lock; the system frees it when the process ends, however it ends.

        Raises:
            ArianeError: another process holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self.path / "lock"
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(handle, 200).decode(errors="replace").strip() or "unknown"
                raise ArianeError(
                    f"{lock}: another write-back is at work ({holder}). Wait until it ends, then "
                    "run again."
                ) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
            yield
        finally:
            os.close(handle)

    def read_keys(self) -> Keyring:
        """The keyring, or a new one when nothing was ever written here.

        Raises:
            ArianeError: there is a journal but no keyring, or it is damaged or open to others.
        """
        if not self.keys.exists() and not self.journal.exists():
            return Keyring.new()
        return Keyring.read(self.keys)

    def read_base(self, journal: Journal) -> Base:
        """The base, checked against what the journal says of it.

        Raises:
            ArianeError: it is missing, damaged, or not the one the journal closed with.
        """
        last = journal.last("commit", "erased")
        expected = str(last["base"]) if last else EMPTY
        if identity(self.base) != expected:
            raise ArianeError(
                f"{self.base}: not the base that the journal's last write left. Restore it from a "
                "backup of the state folder: without it, people's edits cannot be told from "
                "Ariane's."
            )
        if expected == EMPTY:
            return {}
        cases: Base = json.loads(self.base.read_text(encoding="utf-8"))["cases"]
        return cases

    def backup_name(self, as_of: str, suffix: str) -> str:
        """A name no backup bears: the as-of date and a counter."""
        counter = 1
        while (self.backups / f"{as_of}-{counter:03d}{suffix}").exists():
            counter += 1
        return f"{as_of}-{counter:03d}{suffix}"


def base_bytes(base: Base) -> bytes:
    """A base as it stands in its file."""
    return (to_json({"schema": 1, "cases": base}) + "\n").encode()


def identity(path: Path) -> str:
    """SHA-256 of a file, or EMPTY when there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else EMPTY


def promote(state: StateFolder) -> None:
    """Make the next base the base, durably."""
    state.next_base.replace(state.base)
    sync_folder(state.path)


def tidy(state: StateFolder, journal: Journal) -> None:
    """Make a next base that the journal confirms the base, and remove one that it does not."""
    if state.next_base.exists():
        last = journal.last("commit", "undone", "erased")
        if last and last["kind"] != "undone" and identity(state.next_base) == last["base"]:
            promote(state)
        else:
            state.next_base.unlink()


def forget_case(state: StateFolder, case: str, *, as_of: str, actor: str) -> list[str]:
    """Lawful erasure of a case from a registry's state: its key, its base.

    The journal still verifies and holds nothing readable of the case. The registry file is people's
    and is not touched.

    Returns:
        Paths of backups that hold the pseudonym, for people to delete.

    Raises:
        ArianeError: the lock is held, a write is pending, or the state does not verify.
    """
    with state.locked():
        keys = state.read_keys()
        journal = read_journal(state.journal, keys)
        if journal.pending is not None:
            raise ArianeError(
                f"{state.journal}: a write is unfinished. Run apply_registry first, then erase."
            )
        journal.mend()
        tidy(state, journal)
        base = state.read_base(journal)
        base.pop(case, None)
        reference = keys.reference(case)
        write_private(state.next_base, base_bytes(base))
        keys.destroy(case)
        keys.write(state.keys)
        content = {"case": reference, "as_of": as_of, "actor": actor}
        journal.append(keys, "erased", {**content, "base": identity(state.next_base)})
        promote(state)
        backups = sorted(state.backups.iterdir()) if state.backups.exists() else []
        return [str(b) for b in backups if _names(b, case)]


def _names(path: Path, case: str) -> bool:
    """Whether a backup holds a pseudonym, in a workbook under its compression too."""
    spelled = {case.encode("utf-8"), case.encode("cp1252", errors="replace")}
    spelled |= {escape(case).encode("utf-8")}
    if not zipfile.is_zipfile(path):
        return any(s in path.read_bytes() for s in spelled)
    with zipfile.ZipFile(path) as parts:
        return any(s in parts.read(name) for name in parts.namelist() for s in spelled)


def read_verified(state: StateFolder) -> tuple[Keyring, Journal]:
    """Keys and journal of a state folder, verified.

    Raises:
        ArianeError: anything there was altered or is missing.
    """
    keys = state.read_keys()
    return keys, read_journal(state.journal, keys)
