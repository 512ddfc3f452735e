"""Where a registry lies, and how it is replaced there in one step: here a file, CSV or workbook."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from ariane.files import sync_folder
from ariane.model.errors import ArianeError
from ariane.registry import csv_file, xlsx_file
from ariane.registry.document import Document
from ariane.registry.mapping import RegistryMapping

_ZIP: Final = b"PK\x03\x04"
_MARK: Final = re.compile(r"[0-9a-f]{32}")


class Place(Protocol):
    """A registry's place. A write is staged under a mark, then put there in one step."""

    @property
    def name(self) -> str:
        """How receipts call it: no path, no account."""

    @property
    def suffix(self) -> str:
        """Of its backups."""

    def read(self) -> tuple[bytes, Document]:
        """The registry as it stands: what it renders to, and its cells.

        Raises:
            ArianeError: it cannot be understood, or somebody has it open.
            OSError: it cannot be read.
        """

    def writable(self) -> None:
        """Make sure, before anything is journaled, that it may be written.

        Raises:
            ArianeError: it is read-only.
        """

    def backup(self, old: bytes, document: Document, cases: Collection[str]) -> bytes:
        """What must be kept to put it back: the whole file, or the rows of these cases."""

    def stage(self, new: bytes) -> str:
        """Make ready what will be put; returns the mark that the journal keeps."""

    def put(self, mark: str, old: bytes, document: Document) -> None:
        """Put what was staged, in one step, unless the registry is no longer what was read.

        Raises:
            ArianeError: somebody saved meanwhile. Nothing was written.
            OSError: nothing was written, or the step stands and is not yet durable.
        """

    def stood(self, intent: Mapping[str, Any]) -> bool | None:
        """Whether the write of an intent was put; None when this cannot be told."""

    def clear(self) -> None:
        """Remove what a write left that was staged and never put; only under the lock."""


@dataclass
class FilePlace:
    """A registry that is a file.

    The new file is written beside the old one before the intent is journaled, and renamed after.
    So it lies there exactly as long as the write did not happen: a crash leaves no doubt.
    """

    path: Path
    mapping: RegistryMapping

    def __post_init__(self) -> None:
        """A link keeps pointing: the file itself is replaced, where it really lies."""
        self.path = self.path.resolve()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def suffix(self) -> str:
        """The file's own."""
        return self.path.suffix

    def read(self) -> tuple[bytes, Document]:
        """The file, unless a spreadsheet has it open."""
        for mark in (f".~lock.{self.name}#", f"~${self.name}"):
            if self.path.with_name(mark).exists():
                raise ArianeError(
                    f"{self.path}: open in a spreadsheet ({mark} lies beside it). Close it there "
                    "first: its next save would put the old file back."
                )
        content = self.path.read_bytes()
        where = str(self.path)
        if content.startswith(_ZIP):
            return content, xlsx_file.load(content, self.mapping, where)
        return content, csv_file.load(content, self.mapping, where)

    def writable(self) -> None:
        """A rename needs no right on the file itself, so a read-only mark is asked for by hand."""
        mode = self.path.stat().st_mode
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(
            self.path, os.W_OK
        ):
            raise ArianeError(
                f"{self.path}: read-only. Nothing was written. Have its keeper allow writing, then "
                "run again."
            )

    def backup(self, old: bytes, document: Document, cases: Collection[str]) -> bytes:  # noqa: ARG002
        """The whole file."""
        return old

    def stage(self, new: bytes) -> str:
        """The new file, whole and durable, with the old one's mode, attributes and owner."""
        mark = os.urandom(16).hex()
        temporary = self._staged(mark)
        before = self.path.stat()
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(new)
                out.flush()
                made = os.fstat(handle)
                if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
                    os.chown(handle, before.st_uid, before.st_gid)
                shutil.copystat(self.path, temporary)  # mode, access lists
                os.utime(temporary)  # but a file changed now says so
                os.fsync(handle)
            sync_folder(self.path.parent)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        return mark

    def put(self, mark: str, old: bytes, document: Document) -> None:  # noqa: ARG002
        """Rename, unless the file is no longer what was read."""
        if self.path.read_bytes() != old:
            raise ArianeError(
                f"{self.path}: somebody saved the registry while Ariane was at work. Nothing was "
                "written. Run again."
            )
        self._staged(mark).replace(self.path)
        sync_folder(self.path.parent)

    def stood(self, intent: Mapping[str, Any]) -> bool | None:
        """Whether the new file was renamed: then it lies beside the old one no more."""
        if self._staged(str(intent["mark"])).exists():
            return False
        found = hashlib.sha256(self.path.read_bytes()).hexdigest()
        # Neither the new file nor its content: somebody put the old one back, or tidied up.
        return None if found == intent["registry_old"] else True

    def clear(self) -> None:
        """Remove new files that were never renamed."""
        prefix = f".{self.name}.ariane-"
        for path in self.path.parent.iterdir():
            if path.name.startswith(prefix) and _MARK.fullmatch(path.name[len(prefix) :]):
                path.unlink(missing_ok=True)

    def _staged(self, mark: str) -> Path:
        if not _MARK.fullmatch(mark):
            raise ArianeError(f"{mark!r}: not the mark of a write. Restore the state's backup.")
        return self.path.with_name(f".{self.name}.ariane-{mark}")
