"""An invented transcript small enough to name by hand, on both strands.

The picture, in transcript direction (``|`` is an exon's edge, introns in small letters):

    c.-10        c.1                              c.20
      CCGACTTCAC ATG AAA CTT CTG GAG TCT TG | gtaagtcctcacttacggacttgcatttag (30)
    c.21                                     c.50
      C GCA AAC CAG CAG CGT TGG GGC GGC GAT GA | gtacgtccttgacatcatgcattctaaccag (31)
    c.51                     c.66 *1
      A ACC CCT AAT AAG TAA CATGGTTGACCTAGTTAACTCTGATAGCACGTTCATTCGAG

    M K L L E S C A N Q Q R W G G D E T P N K Ter
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pysam

from ariane.annotate.genes import Transcript
from ariane.annotate.sequence import Reference

BEFORE: Final = "GCATCGGATTCAGGACTTACCGATAGGCTATTCGGCATTGACCAATCTGA"
EXONS: Final = (
    "CCGACTTCACATGAAACTTCTGGAGTCTTG",
    "CGCAAACCAGCAGCGTTGGGGCGGCGATGA",
    "AACCCCTAATAAGTAACATGGTTGACCTAGTTAACTCTGATAGCACGTTCATTCGAG",
)
INTRONS: Final = ("GTAAGTCCTCACTTACGGACTTGCATTTAG", "GTACGTCCTTGACATCATGCATTCTAACCAG")
AFTER: Final = "TCAGGCTTAACGGATCTTGACCATGGACTACCGTAGCTTAAGGCTACTTGCA"
PLUS: Final = BEFORE + EXONS[0] + INTRONS[0] + EXONS[1] + INTRONS[1] + EXONS[2] + AFTER
LENGTH: Final = len(PLUS)
_PAIRS: Final = str.maketrans("ACGTN", "TGCAN")


def other_strand(bases: str) -> str:
    return bases.translate(_PAIRS)[::-1]


def reference(folder: Path) -> Reference:
    """``chr1`` as drawn above, ``chr2`` its other strand, ``chrM`` as ``chr1``."""
    path = folder / "reference.fa"
    path.write_text(f">chr1\n{PLUS}\n>chr2\n{other_strand(PLUS)}\n>chrM\n{PLUS}\n", "utf-8")
    pysam.faidx(str(path))
    return Reference(path)


def transcript(
    strand: str = "+",
    coding: tuple[int, int] | None = (61, 187),
    phase: str = "0",
    mane: str = "select",
    identity: str = "ENST1",
) -> Transcript:
    """The transcript; ``coding`` is the coding span on ``chr1``."""
    exons = [(51, 80), (111, 140), (172, 228)]
    cds = [
        (max(start, coding[0]), min(end, coding[1]))
        for start, end in exons
        if coding and start <= coding[1] and coding[0] <= end
    ]
    parts = [(start, end, phase if at == 0 else "0") for at, (start, end) in enumerate(cds)]
    if strand == "-":
        exons = [(LENGTH + 1 - end, LENGTH + 1 - start) for start, end in reversed(exons)]
        parts = [(LENGTH + 1 - e, LENGTH + 1 - s, p) for s, e, p in reversed(parts)]
    made = Transcript(identity, "1", "protein_coding", mane, exons[0][0], exons[-1][1], strand)
    made.exons, made.cds = exons, parts
    return made


def mirrored(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The VCF allele of ``chr1`` as ``chr2`` has it."""
    return LENGTH + 1 - (pos + len(ref) - 1), other_strand(ref), other_strand(alt)
