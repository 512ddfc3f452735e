"""The content-addressed folder: a file enters it once, whole and checked, and a receipt says how.

Under the folder of releases, ``files/{first 16 digits of sha256}/{name}`` holds the files, shared
with the releases; ``files/.parts/`` what is not whole yet; and
``files/.receipts/{entry}/{version}.json`` what came, from where, and what it was checked against.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ariane.files import settle, sha256_of, write_text
from ariane.knowledge.fetch.checksums import Checksum, digests
from ariane.knowledge.fetch.download import unwritable
from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.patience import Patience, amount
from ariane.knowledge.vcf_files import incomplete
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)

AS_IT_CAME: Final = "nothing: recorded as it came"
"""What a receipt says where neither manifest nor publisher gives a checksum."""

_PAGES: Final = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Receipt:
    """What was fetched for an entry of the manifest."""

    name: str
    version: str
    asked: str
    """Digest of what was asked: address, preparation, fields, regions."""
    address: str
    """Where it came from, after redirects."""
    last_modified: str
    came_sha256: str
    """Of the file as it came."""
    came_size: int
    checked_by: str
    """Who gave the checksum that it was compared with, or :data:`AS_IT_CAME`."""
    file: str
    """The file in the pool, relative to ``files/``, after its preparation."""
    sha256: str
    size: int
    companions: tuple[str, ...] = ()
    """Names of index files beside the file."""
    covers: str = ""
    """Where the streamed regions lie in the pool, as a BED file; empty for a whole file."""


@dataclass(frozen=True)
class Came:
    """What came over the line, before its preparation."""

    address: str
    """After redirects."""
    size: int | None = None
    """Bytes; None where the file is kept as it came."""
    sha256: str = ""
    """Empty where the file is kept as it came."""
    last_modified: str = ""


@dataclass(frozen=True)
class Pool:
    """The pool of a folder of releases."""

    releases: Path

    @property
    def files(self) -> Path:
        """Folder of the files."""
        return self.releases / "files"

    def work(self, download: Download) -> Path:
        """Folder in which an entry's parts gather."""
        return self.files / ".parts" / f"{download.name}-{download.version}"

    def path(self, receipt: Receipt) -> Path:
        """The file that a receipt speaks of."""
        return self.files / receipt.file

    def paths(self, receipt: Receipt) -> list[Path]:
        """The file, its companions, and the regions that it covers."""
        path = self.path(receipt)
        covers = [self.files / receipt.covers] if receipt.covers else []
        return [path, *(path.with_name(name) for name in receipt.companions), *covers]

    def receipt(self, download: Download) -> Receipt | None:
        """The receipt of an entry's version, or None when it was never fetched."""
        path = self.receipt_path(download)
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return Receipt(**{**raw, "companions": tuple(raw["companions"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError):
            raise ArianeError(f"{path}: a damaged receipt. Remove it and fetch again.") from None

    def receipt_path(self, download: Download) -> Path:
        """Where an entry's receipt lies."""
        return self.files / ".receipts" / download.name / f"{download.version}.json"

    def here(self, download: Download, asked: str, rehash: bool = False) -> Receipt | None:
        """The receipt when what it speaks of still lies in the pool and is what is asked now.

        Args:
            download: the entry.
            asked: see :func:`asked`.
            rehash: read the file and compare its checksum, not only its size.

        Raises:
            ArianeError: with ``rehash``, the file is not what it was.
        """
        receipt = self.receipt(download)
        if receipt is None or receipt.asked != asked:
            return None
        if not all(path.is_file() for path in self.paths(receipt)):
            return None
        path = self.path(receipt)
        if path.stat().st_size != receipt.size or (rehash and sha256_of(path) != receipt.sha256):
            raise ArianeError(
                f"{path}: it is not what was fetched. Remove it and fetch again; every release "
                "that names it is damaged."
            )
        return receipt

    def enter(self, path: Path, companions: tuple[Path, ...] = ()) -> tuple[str, str, int]:
        """Move a whole file into the pool.

        Returns:
            Its place relative to ``files/``, its SHA-256, its size.
        """
        checksum = sha256_of(path)
        size = path.stat().st_size
        folder = self.files / checksum[:16]
        folder.mkdir(parents=True, exist_ok=True)
        for one in (*companions, path):  # the file last: who sees it sees its indexes
            settle(one, folder / one.name)
        return f"{checksum[:16]}/{path.name}", checksum, size

    def keep(
        self,
        download: Download,
        asked: str,
        path: Path,
        companions: tuple[Path, ...] = (),
        came: Came | None = None,
        *,
        checked_by: str,
        covers: str = "",
    ) -> Receipt:
        """Move an entry's file into the pool, write its receipt, clear its working folder.

        Args:
            download: the entry.
            asked: see :func:`asked`.
            path: the whole file, prepared.
            companions: its index files.
            came: what came over the line; None where that is the file itself.
            checked_by: who gave the checksum, or :data:`AS_IT_CAME`.
            covers: place of the regions that were streamed.
        """
        place, checksum, size = self.enter(path, companions)
        came = came or Came(download.address)
        receipt = Receipt(
            name=download.name,
            version=download.version,
            asked=asked,
            address=came.address,
            last_modified=came.last_modified,
            came_sha256=came.sha256 or checksum,
            came_size=size if came.size is None else came.size,
            checked_by=checked_by,
            file=place,
            sha256=checksum,
            size=size,
            companions=tuple(sorted(one.name for one in companions)),
            covers=covers,
        )
        self.write(download, receipt)
        shutil.rmtree(self.work(download), ignore_errors=True)
        return receipt

    def write(self, download: Download, receipt: Receipt) -> None:
        """Write a receipt."""
        text = json.dumps(asdict(receipt), indent=2, sort_keys=True) + "\n"
        write_text(self.receipt_path(download), text)

    @contextmanager
    def claimed(self, download: Download) -> Iterator[None]:
        """Hold an entry for this process; another one that fetches it is waited for.

        Raises:
            ArianeError: the folder cannot be written.
        """
        folder = self.work(download)
        lock = folder.with_name(folder.name + ".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            handle = lock.open("a")
        except OSError as problem:
            raise unwritable(lock, problem) from None
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                log.info("%s: another process fetches it; waiting for that one.", download.name)
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def asked(download: Download, more: str = "") -> str:
    """Digest of what makes a fetched file the one that is wanted."""
    return digest(
        {
            "address": download.address,
            "checksum": str(download.checksum or ""),
            "prepare": " ".join(download.prepare),
            "fields": " ".join(download.fields),
            "contigs": " ".join(download.contigs),
            "more": more,
        }
    )[:16]


def check(
    part: Path, download: Download, expected: tuple[Checksum, ...], patience: Patience
) -> str:
    """See that what came is the file that is meant.

    Args:
        part: the whole file, under its part name.
        download: the entry.
        expected: checksums from the manifest, a companion address, the server's headers, or an
            earlier receipt.
        patience: for the tolerance of sizes.

    Returns:
        Its SHA-256.

    Raises:
        WrongBody: a checksum or the size differs, or the content is another kind of file.
    """
    found = digests(part, [c.algorithm for c in expected])
    for checksum in expected:
        if found[checksum.algorithm] != checksum.value:
            raise WrongBody(
                f"what came is not what was meant: {checksum.algorithm} is "
                f"{found[checksum.algorithm]}, and {checksum.value} after {checksum.said_by}"
            )
    size = part.stat().st_size
    if download.size is not None and download.checked and size != download.size:
        raise WrongBody(f"{size} bytes came, and the manifest says {download.size}")
    name = download.address.rsplit("/", 1)[-1] if download.prepare else download.file
    if reason := unlike(part, name):
        raise WrongBody(reason)
    wanted = download.size or 0
    if wanted and not wanted / patience.size_tolerance <= size <= wanted * patience.size_tolerance:
        log.warning(
            "%s: %s came where the manifest remembers %s. Look whether it is the right file.",
            download.name,
            amount(size),
            amount(wanted),
        )
    return found["sha256"]


class WrongBody(Exception):
    """What came is whole, and is not the file that is meant."""


def unlike(path: Path, name: str) -> str:
    """Why a file cannot be what its name says, in plain words; an empty string when it can.

    A server may cut a body and lie about its length: what is packed is read to its end.
    """
    with path.open("rb") as handle:
        head = handle.read(512)
    if head.lstrip().lower().startswith(_PAGES):
        return "a web page came instead of the file"
    if not head:
        return "an empty file came"
    if name.endswith((".gz", ".bgz")):
        if head[:2] != b"\x1f\x8b":
            return "what came is not packed with gzip, as its name says"
        return incomplete(path)
    if name.endswith(".zip"):
        try:
            with zipfile.ZipFile(path) as packed:
                damaged = packed.testzip()
        except (zipfile.BadZipFile, OSError):
            return "what came is not a whole zip file"
        return f"the zip file is damaged in {damaged}" if damaged else ""
    if name.endswith(".json"):
        try:
            with path.open("rb") as handle:
                json.load(handle)
        except ValueError:
            return "what came is not a whole JSON document"
    if name.endswith(".xml"):
        with path.open("rb") as handle:
            handle.seek(max(0, os.fstat(handle.fileno()).st_size - 64))
            if not handle.read().rstrip().endswith(b">"):
                return "what came is not a whole XML document"
    return ""
