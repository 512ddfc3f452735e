"""gnomAD's releases name their fields differently; each shape says the same of an allele."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariane.knowledge.context import Context
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.fetch.manifest import read_catalogue
from ariane.knowledge.frequencies import read_frequencies
from ariane.knowledge.genes import GeneNames

SHAPES = Path(__file__).parent / "gnomad"
EXPECTED = [
    line.split("\t")
    for line in (SHAPES / "expected.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
GRCH38 = Contigs({"chr1": 248_956_422, "chrX": 156_040_895, "chrY": 57_227_415})
GRCH37 = Contigs({"chr1": 249_250_621, "chrX": 155_270_560, "chrY": 59_373_566})


def test_every_shape_is_expected() -> None:
    assert {path.stem for path in SHAPES.glob("*.vcf")} == {row[0] for row in EXPECTED}


@pytest.mark.parametrize("shape", sorted({row[0] for row in EXPECTED}))
def test_each_shape_says_the_same(shape: str) -> None:
    contigs = GRCH37 if shape.startswith("v2") else GRCH38
    rows = read_frequencies(SHAPES / f"{shape}.vcf", Context(GeneNames.of(()), contigs))
    names = ("variant", "basis", "faf95", "ac", "an", "homozygotes", "hemizygotes", "filters")
    found = [["." if r[n] is None else str(r[n]) for n in names] for r in rows]
    assert found == [row[1:] for row in EXPECTED if row[0] == shape]


def test_on_an_unknown_assembly_only_the_flag_tells(tmp_path: Path) -> None:
    short = Context(GeneNames.of(()), Contigs({"chrX": 4_000_000}))
    joint = list(read_frequencies(SHAPES / "v4.1_joint.vcf", short))
    assert [row["hemizygotes"] for row in joint if row["variant"].startswith("chrX")] == [None] * 2
    flagged = list(read_frequencies(SHAPES / "v4.1_genomes.vcf", short))
    assert [row["hemizygotes"] for row in flagged] == [None, 5, None]


@pytest.mark.parametrize(
    ("entry", "shape"),
    [
        ("gnomad_joint", "v4.1_joint"),
        ("gnomad_genomes", "v4.1_genomes"),
        ("gnomad_exomes_grch37", "v2.1.1_exomes"),
    ],
)
def test_the_manifest_keeps_what_is_read(entry: str, shape: str) -> None:
    text = (SHAPES / f"{shape}.vcf").read_text("utf-8")
    for name in read_catalogue().downloads[entry].fields:
        assert f"##INFO=<ID={name.removesuffix('?')}," in text, name
    for name in ("faf95_afr",) if shape.startswith("v2") else ("fafmax_faf95_max",):
        assert any(name in f for f in read_catalogue().downloads[entry].fields)
