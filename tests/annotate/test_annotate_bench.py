"""Small runs of the benchmark's own code, so that it does not rot between measures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ariane.files import REPOSITORY

DATA = REPOSITORY.parent / "shared" / "data"
NEEDED = ("variants/clinvar_20260226_grch38_16genes.vcf.gz", "vcf/trio_643594.sv.GRCh37.vcf.gz")

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(
        not all((DATA / name).is_file() for name in NEEDED),
        reason=f"{DATA}: {', '.join(NEEDED)} are not there",
    ),
]


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(REPOSITORY / "scripts"), *sys.path])


def test_most_severe_terms_are_those_of_clinvar() -> None:
    from bench_consequences import consequence_truth

    found = consequence_truth(DATA)
    assert found["records"] > 30_000
    assert found["share"] >= 0.99


def test_no_record_of_a_real_file_is_lost(tmp_path: Path) -> None:
    from bench_lossless import lossless

    folder = tmp_path / "vcf"
    folder.mkdir()
    for name in ("trio_643594.sv.GRCh37.vcf.gz", "trio_643594.vep.GRCh37.vcf.gz"):
        (folder / name).symlink_to(DATA / "vcf" / name)
    found = lossless(tmp_path)
    assert [row["records"] for row in found.values()] == [19, 680]
    assert all(row["equal"] for row in found.values())


def test_the_made_genome_agrees_with_its_reference(tmp_path: Path) -> None:
    from ariane.annotate.normalise import normalise
    from bench_genome import make_genome
    from bench_lossless import own_reference

    exome = DATA / "vcf/exome_pfeiffer_FGFR2.GRCh38.vcf.gz"
    own_reference(exome, tmp_path / "own.fa")
    lines = (tmp_path / "own.fa").read_text(encoding="utf-8").replace("N", "ACGT"[1])
    (tmp_path / "full.fa").write_text(lines, encoding="utf-8")
    import pysam

    pysam.faidx(str(tmp_path / "full.fa"))
    made = tmp_path / "genome.vcf.gz"
    written = make_genome(exome, tmp_path / "full.fa", made, 2000, seed=3)
    assert written > 1900
    counts = normalise(made, ["genome"], tmp_path / "full.fa", tmp_path).counts
    assert counts.records == counts.kept_records == written
