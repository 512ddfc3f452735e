"""Regions and the modes that they allow."""

from __future__ import annotations

import pytest
from rank_world import CONTIGS

from ariane.knowledge.contigs import Contigs
from ariane.rank.karyotype import Region, modes_for, region_of

GRCH37 = Contigs({"chrX": 155_270_560, "chrY": 59_373_566, "chrM": 16_569, "chr1": 249_250_621})


@pytest.mark.parametrize(
    ("chrom", "pos", "contigs", "region"),
    [
        ("1", 5, CONTIGS, Region.AUTOSOME),
        ("X", 10_000, CONTIGS, Region.X),
        ("X", 10_001, CONTIGS, Region.AUTOSOME),
        ("X", 2_781_479, CONTIGS, Region.AUTOSOME),
        ("X", 2_781_480, CONTIGS, Region.X),
        ("X", 155_701_383, CONTIGS, Region.AUTOSOME),
        ("X", 156_030_896, CONTIGS, Region.X),
        ("Y", 2_781_479, CONTIGS, Region.AUTOSOME),
        ("Y", 2_781_480, CONTIGS, Region.Y),
        ("MT", 3243, CONTIGS, Region.MITOCHONDRIAL),
        ("chrX", 2_699_520, GRCH37, Region.AUTOSOME),
        ("chrX", 2_699_521, GRCH37, Region.X),
        ("chrY", 5_000_000, GRCH37, Region.Y),
        ("chrM", 3243, GRCH37, Region.MITOCHONDRIAL),
    ],
)
def test_regions(chrom: str, pos: int, contigs: Contigs, region: Region) -> None:
    assert region_of(chrom, pos, contigs) is region


@pytest.mark.parametrize(
    ("stated", "region", "modes"),
    [
        (("AD",), Region.AUTOSOME, ("AD",)),
        (("AR", "AD"), Region.AUTOSOME, ("AD", "AR")),
        ((), Region.AUTOSOME, ("AD", "AR")),
        ((), Region.X, ("XLD", "XLR")),
        ((), Region.Y, ("YL",)),
        ((), Region.MITOCHONDRIAL, ("MT",)),
        (("AR",), Region.X, ("XLR",)),
        (("AD",), Region.X, ("XLD",)),
        (("none",), Region.AUTOSOME, ()),
        (("AD", "none"), Region.AUTOSOME, ("AD",)),
        (("MT",), Region.AUTOSOME, ()),
        (("XLD", "XLR"), Region.AUTOSOME, ("AD", "AR")),  # CSF2RA, pseudoautosomal
    ],
)
def test_modes(stated: tuple[str, ...], region: Region, modes: tuple[str, ...]) -> None:
    assert modes_for(stated, region) == modes
