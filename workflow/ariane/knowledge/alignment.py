"""One way to write an allele: trimmed, then moved as far left as the reference allows.

A case's alleles are split and left-aligned by ``bcftools norm``; a resource may write the same
insertion or deletion anywhere along a repeat, or with more bases around it. Both must meet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pysam

from ariane.model.errors import ArianeError

PLAIN: Final = frozenset("ACGTN")
"""Letters of an allele that is spelled out."""

_PIECE: Final = 1 << 14


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The shortest way to write an allele at its place: shared last, then first bases dropped.

    One base is always left on each side, as VCF asks.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


class Aligner:
    """Left-aligns alleles against a reference (Tan and others, Bioinformatics 2015).

    Args:
        reference: FASTA with its ``.fai`` (and ``.gzi`` when packed).

    Raises:
        ArianeError: the file or an index is missing or damaged.
    """

    def __init__(self, reference: Path) -> None:
        try:
            self._fasta = pysam.FastaFile(str(reference))
        except (OSError, ValueError):
            raise ArianeError(
                f"{reference}: not a readable FASTA with its index. Pack it with bgzip and index "
                "it with samtools faidx."
            ) from None
        self._path = reference
        self._known = frozenset(self._fasta.references)
        self._where = ("", -1)
        self._piece = ""

    def place(self, chrom: str, pos: int, ref: str, alt: str) -> tuple[int, str, str]:
        """The leftmost shortest way to write an allele.

        An allele whose REF is not the reference's, or whose contig the reference lacks, is only
        trimmed: it is wrong or of another assembly, and must not be moved onto something else.

        Args:
            chrom: contig, named as in the reference.
            pos: 1-based position of the first base of ``ref``.
            ref: upper-case bases.
            alt: upper-case bases, not the same as ``ref``.
        """
        pos, ref, alt = trimmed(pos, ref, alt)
        if len(ref) == len(alt) or chrom not in self._known or ref == alt:
            return pos, ref, alt
        if ref[-1] != alt[-1]:
            return pos, ref, alt  # a substitution of unequal length has one place only
        if self._bases(chrom, pos, len(ref)) != ref:
            return pos, ref, alt
        held = pos, ref, alt
        while ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
            if not ref or not alt:
                if pos == 1:
                    return held
                pos -= 1
                before = self._bases(chrom, pos, 1)
                ref, alt = before + ref, before + alt
            held = pos, ref, alt
        return trimmed(*held)

    def _bases(self, chrom: str, pos: int, length: int) -> str:
        start = pos - 1
        number = start // _PIECE
        if start + length > (number + 1) * _PIECE:
            return self._fetch(chrom, start, start + length)
        if self._where != (chrom, number):
            self._piece = self._fetch(chrom, number * _PIECE, (number + 1) * _PIECE)
            self._where = (chrom, number)
        offset = start - number * _PIECE
        return self._piece[offset : offset + length]

    def _fetch(self, chrom: str, start: int, end: int) -> str:
        try:
            return str(self._fasta.fetch(chrom, start, end)).upper()
        except (ValueError, OSError):
            raise ArianeError(
                f"{self._path}: {chrom} cannot be read at {start + 1}: the FASTA is cut or its "
                "index is of another file. Restore both."
            ) from None
