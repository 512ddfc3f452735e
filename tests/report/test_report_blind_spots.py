"""Blind spots that matter for a phenotype come first, and only where they hold."""

from __future__ import annotations

import pytest

from ariane.knowledge import blind_spots


def test_what_matters_is_told_first() -> None:
    told = blind_spots.told("genome", "en", "GRCh38", {"vntr": "MUC1: a disease"})
    assert (told[0][0].id, told[0][1]) == ("vntr", "MUC1: a disease")
    assert {spot.id for spot, reason in told[1:] if reason} == set()
    assert len(told) == len(blind_spots.of("genome", "en", "GRCh38"))


@pytest.mark.parametrize(("assembly", "held"), [("GRCh38", True), ("GRCh37", False), ("", True)])
def test_false_duplications_are_of_one_assembly(assembly: str, held: bool) -> None:
    ids = {spot.id for spot in blind_spots.of("exome", "en", assembly)}
    assert ("false_duplications" in ids) is held


def test_genes_and_terms_are_the_same_in_both_languages() -> None:
    for one, two in zip(blind_spots.load("en"), blind_spots.load("fr"), strict=True):
        assert (one.id, one.genes, one.terms, one.assembly) == (
            two.id, two.genes, two.terms, two.assembly,
        )  # fmt: skip
        assert all(gene.startswith("HGNC:") and symbol for symbol, gene in one.genes)
        assert all(term.startswith("HP:") and len(term) == 10 for term in one.terms)
    ids = [spot.id for spot in blind_spots.load("en")]
    assert len(ids) == len(set(ids))


def test_what_the_issue_names_is_there() -> None:
    genes = {symbol for spot in blind_spots.load("en") for symbol, _ in spot.genes}
    named = ["SMN1", "PMS2", "GBA1", "CYP21A2", "STRC", "HBA1", "HBA2", "CBS", "U2AF1", "KCNE1"]
    assert set(named) <= genes
    assert {"repeats", "mobile_elements", "mosaicism"} <= {s.id for s in blind_spots.load("en")}
