"""RNA genes and non-coding positions, from VCF to rank, through the programs."""

from __future__ import annotations

import json
from pathlib import Path

import pysam
import pytest
from rna_world import (
    CONTIG,
    DECOYS,
    INTRON,
    RNU4_2,
    RNU4_2_DISEASE,
    RNU4_2_SPAN,
    Patient,
    Run,
    base_at,
    candidates,
    missense,
    published,
    standing,
)

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data"
HPO = DATA / "hpo" / "2025-01-16"
HGNC = DATA / "genes" / "hgnc_complete_set.2024-10.txt.gz"
CASES = DATA / "cases" / "phenopackets.jsonl.gz"
SEIZURES = ("HP:0001250", "HP:0001263", "HP:0000252")


def other(position: int) -> str:
    return next(base for base in "ACGT" if base != base_at(position))


_, START = DECOYS["SCN2A"]
INTRONIC, PROMOTER, FAR = START + 95 + INTRON // 2, START - 3_000, START + 50_000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    for path in (HPO / "phenotype.hpoa.gz", HGNC, CASES):
        if not path.is_file():
            pytest.skip(f"absent: {path.name}")
    said = [
        (position, base_at(position), other(position), "Pathogenic", "SCN2A:6326")
        for position in (INTRONIC, PROMOTER, FAR)
    ]
    made = Run(tmp_path_factory.mktemp("rna"), HPO, HGNC, said)
    made.release()
    return made


@pytest.mark.shared_data
def test_rnu4_2_of_every_published_case_is_ranked(run: Run) -> None:
    """The release's annotations were written from these very papers: no figure of accuracy."""
    published_cases = list(published(CASES))
    assert len(published_cases) == 61
    folder = run.cycle(
        "published",
        [
            Patient(p.id, [*p.alleles, *missense()], p.observed, p.excluded, p.sex)
            for p in published_cases
        ],
    )
    held = [row for row in candidates(folder) if row["gene"] == RNU4_2]
    assert {row["case"] for row in held} == {p.id for p in published_cases}
    assert {row["consequence"] for row in held} == {"non_coding_transcript_exon_variant"}
    assert {row["tier"] for row in held} == {"coding"}
    assert {row["transcript"] for row in held} == {"ENST00000365668.1"}
    inserted = [row for row in held if row["variant"] == f"{CONTIG}-120291839-T-TA"]
    assert len(inserted) == 53
    for patient in published_cases:
        (row,) = (row for row in held if row["case"] == patient.id)
        assert (row["pos"], row["ref"], row["alt"]) == patient.alleles[0]
        assert row["hgvs_c"] == patient.name or not patient.name
        assert row["place"] == "exon 1/1"
    assert sum(p.name == "n.64_65insT" for p in published_cases) == 53
    ranks = {
        row["case"]: row["gene_rank"]
        for row in standing(folder)
        if row["gene"] == RNU4_2 and row["disease"] == RNU4_2_DISEASE
    }
    assert ranks.keys() == {p.id for p in published_cases}
    first = sum(rank == 1 for rank in ranks.values())
    print(f"RNU4-2 stands first in {first} of {len(ranks)} cases, beside {len(DECOYS)} others")
    assert first > len(ranks) / 2


@pytest.mark.shared_data
def test_asserted_non_coding_alleles_are_stored_and_ranked(run: Run) -> None:
    """Deep intronic and promoter alleles open no hypothesis by themselves, asserted ones do."""
    upstream = RNU4_2_SPAN[1] + 400  # the strand is minus: its promoter
    places = {
        "intronic": INTRONIC,
        "promoter": PROMOTER,
        "far": FAR,
        "unsaid": INTRONIC + 40,
        "rna-promoter": upstream,
    }
    folder = run.cycle(
        "asserted",
        [Patient(name, [(at, base_at(at), other(at))], SEIZURES) for name, at in places.items()],
    )
    stored = {row["case"]: row for row in candidates(folder)}
    assert stored["intronic"]["consequence"] == "intron_variant"
    assert stored["promoter"]["consequence"] == "upstream_gene_variant"
    assert stored["unsaid"]["consequence"] == "intron_variant"
    assert (stored["rna-promoter"]["gene"], stored["rna-promoter"]["consequence"]) == (
        RNU4_2,
        "upstream_gene_variant",
    )
    ranked = {row["case"]: row["gene"] for row in standing(folder) if row["rank"] == 1}
    # Beyond the padding of every gene the allele is no candidate; the release that asserts it finds
    # it among the case's records.
    assert ranked == dict.fromkeys(("intronic", "promoter", "far"), "HGNC:10588")
    assert "far" not in stored
    case = folder / "results" / "cases" / "far"
    summary = json.loads((case / "annotation.json").read_text(encoding="utf-8"))
    assert summary["alleles"]["outside_genes"] == 1
    with pysam.VariantFile(str(case / "variants.bcf")) as bcf:
        assert [record.pos for record in bcf.fetch(CONTIG, FAR - 1, FAR)] == [FAR]
