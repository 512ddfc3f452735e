"""Where a checksum may come from when the manifest cannot know it, and how it is written there."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from ariane.model.errors import ArianeError

LENGTHS: Final[Mapping[str, int]] = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""Hexadecimal digits of each kind of checksum that is understood."""

_CHUNK: Final = 1 << 20
_LINE: Final = re.compile(r"\\?([0-9A-Fa-f]{32,128})(?:\s+[ *]?(\S.*))?")
_BSD: Final = re.compile(r"(MD5|SHA1|SHA256|SHA512) \((.+)\) = ([0-9A-Fa-f]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Checksum:
    """A checksum that a file must have, and who says so."""

    algorithm: str
    value: str
    """Lower-case hexadecimal."""
    said_by: str

    def __str__(self) -> str:
        return f"{self.algorithm} {self.value}"


def read_companion(text: str, file: str, algorithm: str, address: str) -> Checksum:
    """The checksum of a file in a list of checksums, as md5sum, sha256sum or BSD write it.

    A list that holds one bare checksum speaks of the file beside it. Folders before a file's name
    are passed over, as ClinVar writes them.

    Args:
        text: what the companion address gave.
        file: name of the file whose checksum is wanted.
        algorithm: ``md5``, ``sha1``, ``sha256`` or ``sha512``.
        address: where the text came from, for messages.

    Raises:
        ArianeError: the list does not name the file, twice in different ways, or is no list.
    """
    digits = LENGTHS[algorithm]
    named: set[str] = set()
    bare: set[str] = set()
    for line in text.splitlines():
        if found := _BSD.fullmatch(line.strip()):
            kind, name, value = found[1].lower(), found[2], found[3]
            if kind != algorithm:
                continue
        elif found := _LINE.fullmatch(line.strip()):
            value, name = found[1], found[2] or ""
        else:
            continue
        if len(value) != digits:
            continue
        if not name:
            bare.add(value.lower())
        elif PurePosixPath(name.strip()).name == file:
            named.add(value.lower())
    values = named or bare
    if len(values) != 1:
        what = "several checksums" if values else f"no {algorithm} checksum"
        raise ArianeError(
            f"{address}: it holds {what} of {file}. Look at the address; the publisher may have "
            "changed its form. Without it, take 'checksum' out of the manifest's entry: the file "
            "is then recorded as it comes."
        )
    return Checksum(algorithm, values.pop(), address)


def in_headers(headers: Mapping[str, str], address: str) -> Checksum | None:
    """The checksum that a server sends beside the body, or None.

    Google's stores give ``x-goog-hash``; others ``Repr-Digest`` (RFC 9530) or ``Content-MD5``
    (RFC 1864). Only checksums of the whole file are taken.

    Args:
        headers: by lower-case name.
        address: for messages.
    """
    tries = (
        ("repr-digest", "sha256", r"sha-256=:([^:]+):"),
        ("x-goog-hash", "md5", r"md5=([A-Za-z0-9+/=]+)"),
        ("content-md5", "md5", r"([A-Za-z0-9+/=]+)"),
    )
    for header, algorithm, pattern in tries:
        found = re.search(pattern, headers.get(header, ""))
        if not found:
            continue
        try:
            value = base64.b64decode(found[1], validate=True).hex()
        except (binascii.Error, ValueError):
            continue
        if len(value) == LENGTHS[algorithm]:
            return Checksum(algorithm, value, f"the header {header} of {address}")
    return None


def digests(path: Path, algorithms: Iterable[str]) -> dict[str, str]:
    """Checksums of a file, read once; SHA-256 is always among them."""
    made = {
        name: hashlib.new(name, usedforsecurity=False) for name in sorted({"sha256", *algorithms})
    }
    with path.open("rb") as handle:
        while piece := handle.read(_CHUNK):
            for one in made.values():
                one.update(piece)
    return {name: one.hexdigest() for name, one in made.items()}
