"""Where a position lies on the chromosomes: autosome, X, Y, pseudoautosomal, mitochondria."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ariane.knowledge.contigs import Contigs
from ariane.model.case import Sex


class Region(StrEnum):
    """A part of the genome with its own law of inheritance."""

    AUTOSOME = "autosome"
    X = "X"
    Y = "Y"
    MITOCHONDRIAL = "mitochondrial"


PSEUDOAUTOSOMAL: Final[Mapping[tuple[str, int], tuple[tuple[int, int], ...]]] = {
    ("X", 156_040_895): ((10_001, 2_781_479), (155_701_383, 156_030_895)),  # GRCh38
    ("Y", 57_227_415): ((10_001, 2_781_479), (56_887_903, 57_217_415)),
    ("X", 155_270_560): ((60_001, 2_699_520), (154_931_044, 155_260_560)),  # GRCh37
    ("Y", 59_373_566): ((10_001, 2_649_520), (59_034_050, 59_363_566)),
}
"""Pseudoautosomal intervals (1-based, closed) by chromosome and its length, which tells the
assembly. Source: Genome Reference Consortium."""


def region_of(chrom: str, pos: int, contigs: Contigs) -> Region:
    """The region of a position; pseudoautosomal positions behave as autosomal ones."""
    bare = chrom.removeprefix("chr")
    if bare in ("M", "MT"):
        return Region.MITOCHONDRIAL
    if bare not in ("X", "Y"):
        return Region.AUTOSOME
    shared = PSEUDOAUTOSOMAL.get((bare, contigs.lengths.get(chrom, 0)), ())
    if any(first <= pos <= last for first, last in shared):
        return Region.AUTOSOME
    return Region(bare)


def ploidy_of(region: Region, sex: Sex) -> int | None:
    """Copies of a region in a healthy person of a sex; None where that is not known."""
    if region is Region.AUTOSOME:
        return 2
    if region is Region.MITOCHONDRIAL or sex is Sex.UNKNOWN:
        return None
    if region is Region.X:
        return 1 if sex is Sex.MALE else 2
    return 1 if sex is Sex.MALE else 0
