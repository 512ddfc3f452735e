"""Where a position lies for inheritance: autosome, X, Y, pseudoautosomal, mitochondria."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ariane.knowledge.contigs import Contigs


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

MODES: Final[Mapping[Region, tuple[str, ...]]] = {
    Region.AUTOSOME: ("AD", "AR"),
    Region.X: ("XLD", "XLR"),
    Region.Y: ("YL",),
    Region.MITOCHONDRIAL: ("MT",),
}
"""Modes of inheritance that a region allows."""

_ON_X: Final[Mapping[str, str]] = {"AD": "XLD", "AR": "XLR"}
_OFF_X: Final[Mapping[str, str]] = {linked: mode for mode, linked in _ON_X.items()}


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


def modes_for(stated: tuple[str, ...], region: Region) -> tuple[str, ...]:
    """Modes to test for a disease at a region.

    A disease without a stated mode is tested under each mode that the region allows. On the X,
    "dominant" and "recessive" are read as their X-linked forms. Elsewhere "X-linked" is read as its
    autosomal form: HPO says it of pseudoautosomal genes (CSF2RA), which behave so.
    """
    allowed = MODES[region]
    if not stated:
        return allowed
    names = _ON_X if region is Region.X else _OFF_X
    moved = {names.get(mode, mode) for mode in stated}
    return tuple(mode for mode in allowed if mode in moved)
