"""What compare says of two releases: right words, right keys, the same both ways."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reanalyse_genome import ALLELES, KEYS
from reanalyse_release import lay_out
from reanalyse_world import TERMS, Said, World

from ariane import files
from ariane.files import RESOURCES
from ariane.knowledge import tables
from ariane.reanalyse.compare import compare, in_words, reasons_for_full_pass
from ariane.reanalyse.differences import SEVERITY

PLAIN = World(
    assertions={KEYS[0]: (Said("LP", 1),)},
    frequencies={KEYS[1]: 0.001},
    gene_disease={("HGNC:1", "OMIM:1"): "AD"},
    dosage={"HGNC:1": "0"},
    constraint={"HGNC:1": 0.2},
    described={("OMIM:1", TERMS[3]): "1/3"},
)
DISEASE = ("HGNC:1", "OMIM:2")


def said(klass: str, stars: int = 1, **more: str) -> World:
    return replace(PLAIN, assertions={KEYS[0]: (Said(klass, stars, **more),)})


# old, new, (resource, kind, key, word forth, word back)
EACH = {
    "assertion new": (
        replace(PLAIN, assertions={}),
        PLAIN,
        ("assertions", "variant", KEYS[0], "new", "removed"),
    ),
    "assertion raised": (
        said("VUS"),
        PLAIN,
        ("assertions", "variant", KEYS[0], "upgraded", "downgraded"),
    ),
    "benign lowered": (
        said("LB"),
        said("B"),
        ("assertions", "variant", KEYS[0], "downgraded", "upgraded"),
    ),
    "stars": (
        PLAIN,
        said("LP", 2),
        ("assertions", "variant", KEYS[0], "stars changed", "stars changed"),
    ),
    "conflict": (
        said("VUS"),
        said("conflicting"),
        ("assertions", "variant", KEYS[0], "conflict changed", "conflict changed"),
    ),
    "into conflict": (
        PLAIN,
        said("conflicting"),
        ("assertions", "variant", KEYS[0], "downgraded", "upgraded"),
    ),
    "who disagrees": (
        said("conflicting", conflicts="Pathogenic(1)|Benign(1)"),
        said("conflicting", conflicts="Pathogenic(2)|Benign(1)"),
        ("assertions", "variant", KEYS[0], "conflict changed", "conflict changed"),
    ),
    "panel": (
        replace(PLAIN, panels={"HGNC:1": "3"}),
        replace(PLAIN, panels={"HGNC:1": "1"}),
        ("panels", "gene", "HGNC:1", "changed", "changed"),
    ),
    "validity": (
        replace(PLAIN, validity={"HGNC:1": "Definitive"}),
        replace(PLAIN, validity={"HGNC:1": "Refuted"}),
        ("validity", "gene", "HGNC:1", "changed", "changed"),
    ),
    "conditions": (
        PLAIN,
        said("LP", conditions="x"),
        ("assertions", "variant", KEYS[0], "details changed", "details changed"),
    ),
    "known allele at the codon": (
        said("VUS"),
        PLAIN,
        ("assertions", "codon", ALLELES[0].codon, "known alleles changed", "known alleles changed"),
    ),
    "known null allele of the gene": (
        PLAIN,
        replace(PLAIN, assertions={**PLAIN.assertions, KEYS[3]: (Said("P", 0),)}),
        ("assertions", "null", "HGNC:1", "known alleles changed", "known alleles changed"),
    ),
    "known allele's details": (
        PLAIN,
        said("LP", conditions="x"),
        ("assertions", "codon", ALLELES[0].codon, "known alleles changed", "known alleles changed"),
    ),
    "frequency": (
        PLAIN,
        replace(PLAIN, frequencies={KEYS[1]: 0.06}),
        ("frequencies", "variant", KEYS[1], "risen", "fallen"),
    ),
    "frequency first seen": (
        replace(PLAIN, frequencies={}),
        PLAIN,
        ("frequencies", "variant", KEYS[1], "risen", "fallen"),
    ),
    "disease": (
        PLAIN,
        replace(PLAIN, gene_disease={**PLAIN.gene_disease, DISEASE: "AR"}),
        ("gene_disease", "gene", "HGNC:1", "gained a disease", "lost a disease"),
    ),
    "disease of a mode that the gene has": (
        PLAIN,
        replace(PLAIN, gene_disease={**PLAIN.gene_disease, DISEASE: "AD"}),
        ("gene_disease", "diseases", "HGNC:1", "gained a disease", "lost a disease"),
    ),
    "mode": (
        PLAIN,
        replace(PLAIN, gene_disease={("HGNC:1", "OMIM:1"): "AR"}),
        ("gene_disease", "gene", "HGNC:1", "mode changed", "mode changed"),
    ),
    "name": (
        PLAIN,
        replace(PLAIN, names={"OMIM:1": "another name"}),
        ("gene_disease", "diseases", "HGNC:1", "renamed", "renamed"),
    ),
    "dosage": (
        PLAIN,
        replace(PLAIN, dosage={"HGNC:1": "3"}),
        ("dosage", "gene", "HGNC:1", "changed", "changed"),
    ),
    "dosage new": (
        replace(PLAIN, dosage={}),
        PLAIN,
        ("dosage", "gene", "HGNC:1", "new", "removed"),
    ),
    "constraint": (
        PLAIN,
        replace(PLAIN, constraint={"HGNC:1": 0.5}),
        ("constraint", "gene", "HGNC:1", "changed", "changed"),
    ),
    "description": (
        PLAIN,
        replace(PLAIN, described={("OMIM:1", TERMS[3]): "3/3"}),
        ("hpo_annotations", "disease", "OMIM:1", "description changed", "description changed"),
    ),
    "description new": (
        PLAIN,
        replace(PLAIN, described={**PLAIN.described, ("OMIM:2", TERMS[4]): ""}),
        ("hpo_annotations", "disease", "OMIM:2", "new description", "description removed"),
    ),
    "term merged": (
        PLAIN,
        replace(PLAIN, ontology="merged"),
        ("hpo_ontology", "term", TERMS[-1], "merged", "new term"),
    ),
    "term obsolete": (
        PLAIN,
        replace(PLAIN, ontology="obsolete"),
        ("hpo_ontology", "term", TERMS[-1], "obsoleted", "new term"),
    ),
    "term moved": (
        PLAIN,
        replace(PLAIN, ontology="moved"),
        ("hpo_ontology", "term", TERMS[5], "moved", "moved"),
    ),
}


@pytest.mark.parametrize("name", sorted(EACH))
def test_each_change_is_told_both_ways(name: str, tmp_path: Path) -> None:
    old, new, (resource, kind, key, forth, back) = EACH[name]
    one, two = lay_out(tmp_path, "A", old), lay_out(tmp_path, "B", new)
    there = compare(one.release, one.folder, two.release, two.folder)
    again = compare(two.release, two.folder, one.release, one.folder)

    def of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        where = (resource, kind, key)
        return [r for r in rows if (r["resource"], r["kind"], r["key"]) == where]

    assert [r["change"] for r in of(there)] == [forth]
    assert [r["change"] for r in of(again)] == [back]
    keys = [sorted((r["resource"], r["kind"], r["key"]) for r in rows) for rows in (there, again)]
    assert keys[0] == keys[1]
    assert len(keys[0]) == len(set(keys[0])), "one row per key, so none hides another"
    if resource not in ("hpo_ontology", "hpo_annotations"):
        assert [(r["new"], r["old"]) for r in of(there)] == [
            (r["old"], r["new"]) for r in of(again)
        ]
    assert all(r["sentence"] for r in there)


def test_identical_releases_differ_in_nothing(tmp_path: Path) -> None:
    one, two = lay_out(tmp_path, "A", PLAIN), lay_out(tmp_path, "B", PLAIN)
    assert compare(one.release, one.folder, two.release, two.folder) == []
    assert reasons_for_full_pass(one.release, two.release) == []


def test_two_alleles_may_share_the_hash_of_what_is_said(tmp_path: Path) -> None:
    """The hash covers what is asserted, not of which allele: each allele still counts."""
    more = replace(PLAIN, assertions={k: (Said("LP", 1),) for k in (KEYS[3], KEYS[4])})
    fewer = replace(PLAIN, assertions={KEYS[3]: (Said("LP", 1),)})
    one, two = lay_out(tmp_path, "A", fewer), lay_out(tmp_path, "B", more)
    rows = compare(one.release, one.folder, two.release, two.folder)
    assert ("assertions", "null", "HGNC:1") in {(r["resource"], r["kind"], r["key"]) for r in rows}


def test_a_repeated_record_counts(tmp_path: Path) -> None:
    twice = replace(PLAIN, assertions={KEYS[0]: (Said("LP", 1), Said("LP", 1))})
    one, two = lay_out(tmp_path, "A", PLAIN), lay_out(tmp_path, "B", twice)
    rows = compare(one.release, one.folder, two.release, two.folder)
    assert [(r["change"], r["old"], r["new"]) for r in rows if r["kind"] == "variant"] == [
        ("review changed", "LP 1 star", "LP 1 star; LP 1 star")
    ]


@pytest.mark.parametrize("kind", ["reference", "transcripts", "coverage"])
def test_what_cannot_be_local_is_named(kind: str, tmp_path: Path) -> None:
    one = lay_out(tmp_path, "A", PLAIN)
    two = lay_out(tmp_path, "B", PLAIN, {kind: "another"})
    assert reasons_for_full_pass(one.release, two.release) == [f"the release's {kind} changed"]
    rows = compare(one.release, one.folder, two.release, two.folder)
    assert [(r["resource"], r["kind"], r["key"]) for r in rows] == [("release", "all", kind)]


def test_a_resource_that_comes_or_goes(tmp_path: Path) -> None:
    one = lay_out(tmp_path, "A", PLAIN)
    two = lay_out(tmp_path, "B", replace(PLAIN, lacks=frozenset({"dosage"})))
    lost = reasons_for_full_pass(one.release, two.release)
    assert lost == ["the release no longer holds 'dosage'"]
    gained = reasons_for_full_pass(two.release, one.release)
    assert gained == ["the release now holds 'dosage'"]
    rows = compare(one.release, one.folder, two.release, two.folder)
    assert ("release", "all", "dosage") in {(r["resource"], r["kind"], r["key"]) for r in rows}


def test_every_class_of_the_word_table_has_a_severity() -> None:
    text = (RESOURCES / "assertion_words.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert {cells[1] for cells in lines[1:]} - {"none"} <= set(SEVERITY)


def test_the_summary_counts_by_resource_and_change() -> None:
    rows = [{"resource": "a", "change": c} for c in ("new", "new", "removed")]
    assert in_words(rows) == ["a: 2 new", "a: 1 removed"]


def gene(number: int, symbol: str, ncbi: str = "1", former: str = "") -> dict[str, Any]:
    return {"gene": f"HGNC:{number}", "symbol": symbol, "ncbi": ncbi, "former": former}


def test_names_of_genes_are_told_and_touch_nothing(tmp_path: Path) -> None:
    before = [gene(1, "ONE"), gene(2, "TWO"), gene(3, "EXE"), gene(4, "MITO"), gene(5, "OLD")]
    after = [gene(1, "UNO"), gene(2, "TWO", "22"), gene(3, "EXE", former="X"), gene(4, "MITO")]
    after.append(gene(6, "NEW"))
    laid = []
    for name, rows in (("A", before), ("B", after)):
        laid.append(lay_out(tmp_path, name, PLAIN))
        files.write_stream(laid[-1].folder / "genes.parquet", tables.GENES, rows)
    one, two = laid
    rows = compare(one.release, one.folder, two.release, two.folder)
    assert [
        (r["resource"], r["kind"], r["key"], r["change"], r["old"], r["new"]) for r in rows
    ] == [
        ("genes", "name", "HGNC:1", "renamed", "ONE", "UNO"),
        ("genes", "name", "HGNC:2", "number changed", "1", "22"),
        ("genes", "name", "HGNC:3", "former names changed", "", "X"),
        ("genes", "name", "HGNC:5", "removed", "OLD", ""),
        ("genes", "name", "HGNC:6", "new", "", "NEW"),
    ]
    assert READ_KEYS_KINDS.isdisjoint(r["kind"] for r in rows)


READ_KEYS_KINDS = {"variant", "codon", "stretch", "gene", "structural"}
"""Kinds of key that a case's evidence reads."""
