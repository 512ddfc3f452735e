"""Alleles read from a case's BCF by their keys, as the candidates would have them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from annotate_world import World

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.elsewhere import elsewhere_rows
from ariane.model.tables import CANDIDATES

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
OF_ALLELE = ("case", "variant", "chrom", "pos", "ref", "alt", "kind", "end", "hgvs_g", "filters")
OF_ALLELE += ("genotypes",)
TRIO = {"D": "S2", "M": "S3", "P": "S1"}


def ask(folder: Path, keys: Iterable[str], reference: Path, bcf: str = "v.bcf") -> list[Any]:
    """What a case's records say of alleles that are asserted for a gene far away."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    for end in ("", ".csi"):
        if (folder / f"{bcf}{end}").exists():
            shutil.copy(folder / f"{bcf}{end}", home / f"variants.bcf{end}")
    (summary,) = folder.glob("a*.json")
    shutil.copy(summary, home / "annotation.json")
    asserted = [{"gene": "HGNC:9", "symbol": "NINE", "variant": key} for key in sorted(keys)]
    return elsewhere_rows("F1", home, asserted, reference)


def trio(world: World, folder: Path) -> Path:
    """Alleles of every shape, nearly all of them far from every gene, of three members."""
    r, o = world.ref, world.other
    records = [
        f"chr1 20 . {r(20)} {o(20)} . PASS . GT:AD:DP:GQ 0/1:9,8:17:80 0/0:9,0:9:30 0/1:5,4:9:9",
        f"chr1 30 . {r(30)} {o(30)} . LowQual . GT 0/0 0/1 0/0",
        f"chr1 40 . {r(40)} {o(40)} . PASS . GT 0/0 0/0 0/0",
        f"chr1 50 . {r(50)} A,C,G,T . PASS . GT 1/2 0/1 0/2".replace(f"{r(50)},", "", 1),
        f"chr1 61 . {r(61, 3)} {r(61)} . PASS . GT 0|1 0/0 0/1",
        f"chr1 70 . {r(70)} {r(70)}{'ACGT' * 20} . PASS . GT 0/1 0/0 0/0",
        f"chr1 80 . {r(80, 2)} {o(80)}{o(81)} . PASS . GT 1/1 0/1 0/1",
        f"chr1 90 . {r(90)} {o(90)} . LowQual . GT:AD ./. 0/1:5,5 0/0:9,0",
        f"chr1 90 . {r(90)} {o(90)} . PASS . GT:AD 0/1:7,7 0/0:8,0 0/0:9,0",
        f"chr1 95 . {r(95)} * . PASS . GT 0/1 0/0 0/0",
        f"chr1 335 . {r(335)} {o(335)} . PASS . GT 0/1 0/0 0/1",
        f"chrM 7 . {r(7)} {o(7)} . PASS . GT 1 0 1",
    ]
    return world.vcf(folder, records, ("S1", "S2", "S3"))


def test_what_is_read_equals_a_candidate(world: World, tmp_path: Path) -> None:
    """With a reach that takes in everything, the same alleles are candidates: all columns agree."""
    vcf = trio(world, tmp_path)
    rows, _ = world.annotate(tmp_path, vcf, TRIO)
    assert {variant for variant, _ in rows} == {f"chr1-335-{world.ref(335)}-{world.other(335)}"}
    inputs = Inputs("F1", vcf, TRIO, world.reference, world.transcripts, gene_padding=900)
    outputs = Outputs(*(tmp_path / "w" / n for n in ("v.bcf", "c.parquet", "a.json")))
    annotate_case(inputs, outputs)
    wide = {row["variant"]: row for row in pq.read_table(outputs.candidates).to_pylist()}
    keys = {*wide, f"chr1-40-{world.ref(40)}-{world.other(40)}"}
    keys.add(f"chrM-7-{world.ref(7)}-{world.other(7)}")
    found = ask(tmp_path / "out", keys, world.reference)
    told = {row["variant"]: row for row in found}
    assert len(told) == len(found) == 10
    assert told.keys() - wide.keys() == {f"chrM-7-{world.ref(7)}-{world.other(7)}"}
    assert wide.keys() <= told.keys()
    for variant, row in wide.items():
        assert {n: told[variant][n] for n in OF_ALLELE} == {n: row[n] for n in OF_ALLELE}
    assert all(set(row) == set(CANDIDATES.columns) for row in found)
    assert {(row["gene"], row["consequence"], row["tier"]) for row in found} == {
        ("HGNC:9", "intergenic_variant", "elsewhere")
    }


def test_only_what_is_asked_for_and_carried(world: World, tmp_path: Path) -> None:
    world.annotate(tmp_path, trio(world, tmp_path), TRIO)

    def told(*keys: str) -> list[str]:
        return [row["variant"] for row in ask(tmp_path / "out", keys, world.reference)]

    r, o = world.ref, world.other
    third = next(base for base in "ACGT" if base not in (r(20), o(20)))
    assert told() == []
    assert told(f"chr1-20-{r(20)}-{third}", f"chr1-21-{r(21)}-{o(21)}", "chr9-5-A-T") == []
    assert told(f"chr1-40-{r(40)}-{o(40)}") == []  # nobody carries it
    assert told(f"chr1-20-{r(20)}-{o(20)}", "chr9-5-A-T") == [f"chr1-20-{r(20)}-{o(20)}"]
    assert told(f"chr1-30-{r(30)}-{o(30)}") == [f"chr1-30-{r(30)}-{o(30)}"]  # the father alone


@pytest.mark.shared_data
def test_a_real_exome_is_read_as_its_candidates_are(tmp_path: Path) -> None:
    names = ("exome_hu82436A.GRCh38.vcf.gz", "GRCh38.lrg524.fa.gz", "MANE_select.GRCh38.gff3.gz")
    exome, reference, transcripts = (
        SHARED / ("vcf" if name.endswith("vcf.gz") else "reference") / name for name in names
    )
    regions = SHARED / "reference" / "lrg524.bed"
    for path in (exome, reference, transcripts, regions):
        if not path.is_file():
            pytest.skip(f"absent: {path.name}")
    outputs = Outputs(*(tmp_path / n for n in ("v.bcf", "c.parquet", "a.json")))
    annotate_case(Inputs("F1", exome, {"P": "LH7161"}, reference, transcripts, regions), outputs)
    wide = {row["variant"]: row for row in pq.read_table(outputs.candidates).to_pylist()}
    found = ask(tmp_path, wide, reference)
    told = {row["variant"]: {n: row[n] for n in OF_ALLELE} for row in found}
    assert len(found) == len(told) > 3000
    assert told == {v: {n: row[n] for n in OF_ALLELE} for v, row in wide.items()}
