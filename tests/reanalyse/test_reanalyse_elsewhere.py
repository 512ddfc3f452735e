"""Alleles outside the gene that they are asserted for: ranked from the records, delta as full."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pysam
import pytest
from reanalyse_genome import CONTIGS, KEYS
from reanalyse_passes import build, changes_between, delta, full
from reanalyse_people import Patient, family
from reanalyse_release import lay_out
from reanalyse_world import Said, World

from ariane.files import read_table
from ariane.model.errors import ArianeError
from ariane.model.tables import FINDINGS, LEDGER
from ariane.reanalyse.delta import Store
from ariane.reanalyse.effective import shard_state

FAR, NEAR = "chr1-900000-A-G", "chr1-900100-C-T"
GENE, OTHER = "HGNC:1", "HGNC:2"
STOP = KEYS[3]
CARRIED = {"F1": ("0/1", "0/0"), "F2": ("0/1", "1/1"), "F3": ("0/0", "./.")}
CARRIED |= {"F4": ("0/1", "0/1")}
"""Calls of the two far alleles in each case."""
IN_GENE = {"F4": 12}
"""The allele near a gene that each case carries: the stop, but for one case that has nothing in the
first gene."""
PATIENTS = [
    Patient(family(name), {IN_GENE.get(name, 3): {"child": "0/1:9,9:18:99:."}}) for name in CARRIED
]
BASE = World(
    assertions={STOP: (Said("LP", 1),)},
    gene_disease={(GENE, "OMIM:1"): "AD", (OTHER, "OMIM:2"): "AD"},
    dosage={GENE: "3"},
    elsewhere={FAR: GENE, NEAR: OTHER},
)
HALVES = replace(BASE, gene_disease={(GENE, "OMIM:1"): "AR"}, elsewhere={FAR: GENE, NEAR: GENE})
"""Both far alleles are said of one recessive gene."""
WORLDS: Mapping[str, World] = {
    "one half": replace(HALVES, assertions={**BASE.assertions, NEAR: (Said("P", 2),)}),
    "both halves": replace(
        HALVES, assertions={**BASE.assertions, NEAR: (Said("P", 2),), FAR: (Said("P", 2),)}
    ),
    "silent": BASE,
    "asserted": replace(BASE, assertions={**BASE.assertions, FAR: (Said("P", 2),)}),
    "better reviewed": replace(BASE, assertions={**BASE.assertions, FAR: (Said("P", 3),)}),
    "downgraded": replace(BASE, assertions={**BASE.assertions, FAR: (Said("VUS", 2),)}),
    "frequent": replace(
        BASE, assertions={**BASE.assertions, FAR: (Said("P", 1),)}, frequencies={FAR: 0.3}
    ),
    "both": replace(
        BASE, assertions={**BASE.assertions, FAR: (Said("P", 2),), NEAR: (Said("LP", 1),)}
    ),
    "no disease": replace(
        BASE,
        assertions={**BASE.assertions, FAR: (Said("P", 2),)},
        gene_disease={(OTHER, "OMIM:2"): "AD"},
    ),
    "recessive": replace(
        BASE,
        assertions={**BASE.assertions, FAR: (Said("P", 2),)},
        gene_disease={(GENE, "OMIM:1"): "AR", (OTHER, "OMIM:2"): "AD"},
    ),
}


def records_of(folder: Path, carried: Mapping[str, tuple[str, str]] = CARRIED) -> Path:
    """The cases' records as annotation leaves them."""
    for case, calls in carried.items():
        home = folder / case
        home.mkdir(parents=True)
        lines = ["##fileformat=VCFv4.2"]
        lines += [f"##contig=<ID={name},length={size}>" for name, size in CONTIGS.items()]
        lines += ['##INFO=<ID=OLD_RECORD,Number=1,Type=String,Description="x">']
        lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="x">']
        lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS"]
        for key, call in zip((FAR, NEAR), calls, strict=True):
            chrom, pos, ref, alt = key.split("-")
            lines.append(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t{call}")
        (home / "v.vcf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        made = ("-Ob", "-W=csi", "-o", str(home / "variants.bcf"), str(home / "v.vcf"))
        pysam.bcftools.view(*made, catch_stdout=False)
        told = {"samples": {"child": "S"}}
        (home / "annotation.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = build(tmp_path, "store", PATIENTS)
    return replace(made, cases=records_of(tmp_path / "cases"))


def found(folder: Path) -> set[tuple[str, str, str]]:
    rows = read_table(folder / "findings.parquet", FINDINGS)
    return {(r["case"], r["gene"], r["variants"]) for r in rows if STOP not in r["variants"]}


def test_an_asserted_allele_is_found_in_who_carries_it(tmp_path: Path, store: Store) -> None:
    laid = {name: lay_out(tmp_path, name, world) for name, world in WORLDS.items()}
    out = {name: full(PATIENTS, store, one, tmp_path / name) for name, one in laid.items()}
    assert found(out["silent"]) == found(out["downgraded"]) == found(out["no disease"]) == set()
    assert found(out["asserted"]) == {(case, GENE, FAR) for case in ("F1", "F2", "F4")}
    others = {(case, OTHER, NEAR) for case in ("F2", "F4")}
    assert found(out["both"]) == found(out["asserted"]) | others
    # Two copies in one case, one hit in the other.
    assert found(out["one half"]) == {("F2", GENE, NEAR), ("F4", GENE, NEAR)}
    assert ("F4", GENE, f"{FAR}+{NEAR}") in found(out["both halves"])
    (row,) = (
        r
        for r in read_table(out["asserted"] / "findings.parquet", FINDINGS)
        if (r["case"], r["variants"]) == ("F1", FAR)
    )
    assert (row["consequence"], row["hgvs"]) == ("intergenic_variant", "")
    assert row["hgvs_g"].endswith("900000A>G")


@pytest.mark.parametrize("after", sorted(WORLDS))
@pytest.mark.parametrize("before", sorted(WORLDS))
def test_delta_is_full(tmp_path: Path, store: Store, before: str, after: str) -> None:
    one = lay_out(tmp_path, "A", WORLDS[before])
    two = lay_out(tmp_path, "B", WORLDS[after])
    base = full(PATIENTS, store, one, tmp_path / "base")
    over = delta(
        PATIENTS, store, two, [base], changes_between(tmp_path, one, two), tmp_path / "over"
    )
    whole = full(PATIENTS, store, two, tmp_path / "whole")
    assert shard_state([base, over]) == shard_state([whole])


def test_a_case_that_is_analysed_anew_is_asked_too(tmp_path: Path, store: Store) -> None:
    laid = lay_out(tmp_path, "A", WORLDS["asserted"])
    again = lay_out(tmp_path, "B", WORLDS["asserted"])
    first = full(PATIENTS[:1], store, laid, tmp_path / "base")
    changes = changes_between(tmp_path, laid, again)
    over = delta(PATIENTS, store, again, [first], changes, tmp_path / "over", ["F2", "F3", "F4"])
    whole = full(PATIENTS, store, again, tmp_path / "whole")
    assert shard_state([first, over]) == shard_state([whole])


def test_records_that_are_gone_are_told(tmp_path: Path, store: Store) -> None:
    laid = lay_out(tmp_path, "A", WORLDS["asserted"])
    assert store.cases
    (store.cases / "F1" / "variants.bcf").unlink()
    with pytest.raises(ArianeError, match=r"variants\.bcf: missing or damaged"):
        full(PATIENTS, store, laid, tmp_path / "base")


def test_a_far_allele_in_cis_is_missed_when_it_is_silent(tmp_path: Path) -> None:
    """BP2 of a homozygote rests on it, though its finding is another's: one hit by itself."""
    patient = Patient(family("F1"), {3: {"child": "1|1:0,18:18:99:."}})
    made = build(tmp_path, "store", [patient])
    store = replace(made, cases=records_of(tmp_path / "cases", {"F1": ("0|1", "0/0")}))
    said = WORLDS["recessive"]
    silent = replace(said, assertions=BASE.assertions)
    laid = {n: lay_out(tmp_path, n, w) for n, w in (("said", said), ("silent", silent))}
    base = full([patient], store, laid["said"], tmp_path / "base")
    whole = full([patient], store, laid["silent"], tmp_path / "whole")
    codes = [
        {row["code"] for row in read_table(out / "ledger.parquet", LEDGER)} for out in (base, whole)
    ]
    assert ["BP2" in held for held in codes] == [True, False]
    assert found(base) == {("F1", GENE, FAR)}
    changes = changes_between(tmp_path, laid["said"], laid["silent"])
    over = delta([patient], store, laid["silent"], [base], changes, tmp_path / "over")
    assert shard_state([base, over]) == shard_state([whole])
