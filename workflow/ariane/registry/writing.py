"""Writing: one write into a registry, all or nothing, journaled; and what puts a crash right.

Order: keys, backup and next base; the new content staged; intent; is the registry still what was
read?; put, in one step; commit; base. Killed at any point, the next run finishes or undoes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ariane.model.errors import ArianeError
from ariane.registry.document import Document
from ariane.registry.journal import Journal
from ariane.registry.keys import Keyring, write_private
from ariane.registry.merge import Base
from ariane.registry.place import Place
from ariane.registry.state import StateFolder, base_bytes, identity, promote, tidy


@dataclass(frozen=True)
class Writer:
    """What a write needs; made and used under the lock."""

    place: Place
    state: StateFolder
    keys: Keyring
    journal: Journal

    def write(
        self,
        old: bytes,
        new: bytes,
        document: Document,
        base: Base,
        changes: Sequence[Mapping[str, Any]],
        record: Mapping[str, Any],
    ) -> str:
        """Write a changed document.

        Args:
            old: what the registry rendered to when it was read.
            new: what it renders to now.
            document: the registry as it shall be.
            base: the base as it shall be.
            changes: of each case what the journal seals: ``case``, ``cells`` (column to old and
                new text), ``causes``.
            record: who, when and why, for the journal in clear: no pseudonym, no value.

        Returns:
            Name of the backup; an empty string when no cell changed.

        Raises:
            ArianeError, OSError: the registry is as it was, unless the message says otherwise.
        """
        if new != old:
            self.place.writable()
        sealed = [self.keys.seal(c["case"], dict(c)) for c in changes]
        self.keys.write(self.state.keys)
        backup = mark = ""
        if new != old:
            self.state.backups.mkdir(mode=0o700, exist_ok=True)
            backup = self.state.backup_name(str(record["as_of"]), self.place.suffix)
            kept = self.place.backup(old, document, {str(c["case"]) for c in changes})
            write_private(self.state.backups / backup, kept)
        content = base_bytes(base)
        try:
            write_private(self.state.next_base, content)
            if new != old:
                mark = self.place.stage(new)
            intent = self.journal.append(
                self.keys,
                "intent",
                {
                    **record,
                    "registry_old": hashlib.sha256(old).hexdigest(),
                    "registry_new": hashlib.sha256(new).hexdigest(),
                    "base": hashlib.sha256(content).hexdigest(),
                    "backup": backup,
                    "mark": mark,
                    "changes": sealed,
                },
            )
        except (OSError, ArianeError):
            self.place.clear()
            tidy(self.state, self.journal)
            raise
        try:
            if mark:
                self.place.put(mark, old, document)
            self._close("commit", intent)
            promote(self.state)
        except (OSError, ArianeError) as problem:
            if not self._undone(intent):
                raise ArianeError(
                    f"{self.place.name}: the new values are in the registry, but the journal could "
                    f"not be closed ({problem}). Mend this and run again: it will be finished."
                ) from None
            raise
        return backup

    def recover(self, settle_as: str = "") -> str:
        """Finish or undo what a crash interrupted.

        Args:
            settle_as: ``commit`` or ``undone``: a person's answer where the registry cannot tell.
                Either is safe: a wrong one makes conflicts, never an overwritten edit.

        Returns:
            ``committed``, ``undone``, or an empty string when there was nothing to put right.

        Raises:
            ArianeError: whether the interrupted write happened cannot be told.
        """
        self.journal.mend()
        done = ""
        intent = self.journal.pending
        if intent is not None:
            stood = self._stood(intent)
            if stood is None and not settle_as:
                raise ArianeError(
                    f"{self.place.name}: a write was interrupted (journal record {intent['seq']}), "
                    "and what it had made ready is gone, yet the registry is as it was before. "
                    "Either somebody put the old one back or deleted the new one. Run: "
                    f"registry_journal.py settle --state {self.state.path} --registry ... "
                    "--mapping ... --as commit (if Ariane's values had been in it) or --as undone "
                    "(if never)."
                )
            kind = "commit" if stood or (stood is None and settle_as == "commit") else "undone"
            if kind == "commit" and identity(self.state.next_base) != intent["base"]:
                raise ArianeError(
                    f"{self.state.next_base}: missing or altered, so the interrupted write cannot "
                    "be finished. Restore the state folder from its backup."
                )
            self._close(kind, intent)
            done = "committed" if kind == "commit" else "undone"
        tidy(self.state, self.journal)
        self.place.clear()
        return done

    def _stood(self, intent: Mapping[str, Any]) -> bool | None:
        # Without a mark there was nothing to put: what was agreed only had to enter the base.
        return self.place.stood(intent) if intent["mark"] else True

    def _close(self, kind: str, intent: Mapping[str, Any]) -> None:
        self.journal.append(self.keys, kind, {"intent": intent["seq"], "base": intent["base"]})

    def _undone(self, intent: Mapping[str, Any]) -> bool:
        """Record that nothing was written; False when the write stands or this cannot be told."""
        if self.journal.pending is None:
            return False
        try:
            if self._stood(intent) is not False:
                return False
        except (OSError, ArianeError):
            return False
        try:
            self._close("undone", intent)
            tidy(self.state, self.journal)
            self.place.clear()
        except OSError:
            return True  # on a full disk the next run's recovery does it
        return True


@contextmanager
def explained(where: str, outcome: str) -> Iterator[None]:
    """Turn what the system refuses into a message."""
    try:
        yield
    except OSError as problem:
        raise ArianeError(
            f"{problem.filename or where}: {problem.strerror or problem}. {outcome} Mend this and "
            "run again."
        ) from None
