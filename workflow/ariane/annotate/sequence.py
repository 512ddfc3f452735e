"""The bases of the reference, in pieces small enough to keep."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pysam

from ariane.knowledge.contigs import Contigs
from ariane.model.errors import ArianeError

_PIECE: Final = 1 << 11


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

    def _fetch(self, contig: str, start: int, end: int) -> bytes:
        size = self.contigs.lengths[contig]
        if start >= size:
            return b""
        try:
            return str(self._fasta.fetch(contig, start, min(end, size))).upper().encode()
        except (ValueError, OSError):
            raise ArianeError(
                f"{self.path}: {contig} cannot be read at {start + 1}: the FASTA is cut or its "
                "index is of another file. Restore both."
            ) from None
