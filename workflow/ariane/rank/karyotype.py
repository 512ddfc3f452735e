"""Which modes of inheritance a region of the genome allows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from ariane.knowledge.regions import PSEUDOAUTOSOMAL, Region, region_of

__all__ = ["MODES", "PSEUDOAUTOSOMAL", "Region", "modes_at", "modes_for", "region_of"]

MODES: Final[Mapping[Region, tuple[str, ...]]] = {
    Region.AUTOSOME: ("AD", "AR"),
    Region.X: ("XLD", "XLR"),
    Region.Y: ("YL",),
    Region.MITOCHONDRIAL: ("MT",),
}
"""Modes of inheritance that a region allows."""

_ON_X: Final[Mapping[str, str]] = {"AD": "XLD", "AR": "XLR"}
_OFF_X: Final[Mapping[str, str]] = {linked: mode for mode, linked in _ON_X.items()}


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


@cache
def modes_at(stated: str, region: Region) -> tuple[str, ...]:
    """:func:`modes_for` of modes as the ``gene_disease`` table writes them: few are, many ask."""
    return modes_for(tuple(stated.split()), region)
