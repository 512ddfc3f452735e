"""The bases of the reference, in pieces small enough to keep."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any, Final

import numpy as np
import pysam

from ariane.knowledge.contigs import Contigs
from ariane.model.errors import ArianeError

_PIECE: Final = 1 << 11
_STRETCH: Final = 18
"""Power of two of the bases of a packed FASTA that are unpacked together."""
_UPPER: Final = bytes(range(256)).upper()
_CAPITALS: Final = np.frombuffer(_UPPER, dtype=np.uint8)


def _is_plain(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(1) == b">"


class _Plain:
    """An unpacked FASTA mapped into memory, read by the arithmetic of its index.

    Args:
        path: the FASTA.
        index: its ``.fai``.
    """

    def __init__(self, path: Path, index: Path) -> None:
        with path.open("rb") as handle:
            self._bytes = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        self._view = np.frombuffer(self._bytes, dtype=np.uint8)
        self._lines: dict[str, tuple[int, int, int]] = {}
        for line in index.read_text(encoding="utf-8").splitlines():
            name, _, offset, bases, width = line.split("\t")[:5]
            self._lines[name] = (int(offset), max(1, int(bases)), int(width))

    def bases(self, contig: str, start: int, end: int) -> bytes | None:
        """Upper-case bases ``start`` to ``end`` from 0; None where the file does not hold them."""
        if contig not in self._lines:
            return None
        offset, bases, width = self._lines[contig]
        first = offset + start // bases * width + start % bases
        last = offset + (end - 1) // bases * width + (end - 1) % bases + 1
        found = self._bytes[first:last].translate(_UPPER, b"\r\n")
        return found if len(found) == end - start else None

    def let_go(self) -> None:
        """Unmap the pages that were read; they are mapped again when asked for."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._bytes.madvise(mmap.MADV_DONTNEED)

    def at(self, contig: str, positions: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, Any]:
        """The base at each position from 0; 0 outside."""
        offset, bases, width = self._lines.get(contig, (0, 1, 1))
        known = (positions >= 0) & (positions < size)
        places = offset + positions // bases * width + positions % bases
        known &= places < len(self._view)
        found: np.ndarray[Any, Any] = _CAPITALS[self._view[np.where(known, places, 0)]]
        return np.where(known, found, 0).astype(np.uint8)


class Reference:
    """A FASTA with its index, read in pieces of 2 kb: records lie close to one another.

    Args:
        path: FASTA, plain or BGZF, with ``.fai`` (and ``.gzi``) beside it.

    Raises:
        ArianeError: the file or an index is missing.
    """

    def __init__(self, path: Path) -> None:
        index = path.with_name(path.name + ".fai")
        for needed in (path, index):
            if not needed.is_file():
                raise ArianeError(
                    f"{needed}: there is no such file. Index the reference with samtools faidx."
                )
        self.contigs = Contigs.of_index(index)
        self.path = path
        self._plain = _Plain(path, index) if _is_plain(path) else None
        try:
            self._fasta = pysam.FastaFile(str(path))
        except (OSError, ValueError):
            raise ArianeError(
                f"{path}: not a readable FASTA. Pack it with bgzip and index it with samtools."
            ) from None
        self._where = ("", -1)
        self._piece = b""

    def bases(self, contig: str, position: int, length: int) -> bytes:
        """Upper-case bases from a 1-based position; fewer beyond the contig's end."""
        if position < 1 or contig not in self.contigs.lengths:
            return b""
        start = position - 1
        number = start // _PIECE
        if start + length > (number + 1) * _PIECE:
            return self._fetch(contig, start, start + length)
        if self._where != (contig, number):
            self._piece = self._fetch(contig, number * _PIECE, (number + 1) * _PIECE)
            self._where = (contig, number)
        offset = start - number * _PIECE
        return self._piece[offset : offset + length]

    def at(self, contig: str, positions: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The upper-case base, as a byte, at each 1-based position; 0 outside the contig."""
        size = self.contigs.lengths.get(contig, 0)
        if self._plain:
            return self._plain.at(contig, positions - 1, size)
        found = np.zeros(len(positions), dtype=np.uint8)
        known = np.flatnonzero((positions >= 1) & (positions <= size))
        pieces = (positions[known] - 1) >> _STRETCH
        for piece in np.unique(pieces).tolist():
            rows = known[pieces == piece]
            start = piece << _STRETCH
            bases = self._fetch(contig, start, start + (1 << _STRETCH))
            found[rows] = np.frombuffer(bases, dtype=np.uint8)[positions[rows] - 1 - start]
        return found

    def let_go(self) -> None:
        """Give back what was mapped so far: it would count as the process's memory."""
        if self._plain:
            self._plain.let_go()

    def _fetch(self, contig: str, start: int, end: int) -> bytes:
        size = self.contigs.lengths[contig]
        if start >= size:
            return b""
        if self._plain:
            found = self._plain.bases(contig, start, min(end, size))
            if found is not None:
                return found
        try:
            return str(self._fasta.fetch(contig, start, min(end, size))).upper().encode()
        except (ValueError, OSError):
            raise ArianeError(
                f"{self.path}: {contig} cannot be read at {start + 1}: the FASTA is cut or its "
                "index is of another file. Restore both."
            ) from None
