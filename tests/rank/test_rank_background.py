"""The background: how often such a genotype is the answer, against how often in health."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_world import (
    CONTIGS,
    GENE,
    KID,
    PROFILE,
    Setting,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
)

from ariane.model.points import milli
from ariane.rank.background import (
    BACKGROUND,
    FOLDS_OF_RATE,
    TYPICAL_RESIDUES,
    background_row,
    established,
    features,
    kind_of,
    rate,
)
from ariane.rank.constants import fitted, fold_constants, load_constants

SECOND = "1-200-G-C"


def known_gene(residues: int | None = None, **constraint: Any) -> Any:
    """Knowledge with the length of the gene's protein and its constraint."""
    held = knowledge(diseases=[disease("AD")])
    sizes = {GENE: ({"gene": GENE, "residues": residues},)} if residues else {}
    told = {GENE: ({"record": "c", "missense_z": None, **constraint},)} if constraint else {}
    return replace(held, proteins=sizes, constraint=told)


@pytest.mark.parametrize(
    ("consequence", "kind"),
    [
        ("missense_variant", "missense"),
        ("missense_variant&splice_region_variant", "missense"),
        ("inframe_deletion", "inframe"),
        ("splice_polypyrimidine_tract_variant&intron_variant", "splice region"),
        ("non_coding_transcript_exon_variant", "RNA"),
        ("sequence_variant", "other"),
        ("stop_gained", "null unproven"),
    ],
)
def test_kinds_of_alleles(consequence: str, kind: str) -> None:
    seen = candidate(consequence=consequence)
    (found,) = findings(family(KID), known_gene(), seen).values()
    assert kind_of(found.candidates[0], found.rows) == kind


def test_a_null_where_loss_of_function_is_known() -> None:
    seen = candidate(consequence="stop_gained")
    known = knowledge(diseases=[disease("AD")], dosage="3")
    (found,) = findings(family(KID), known, seen).values()
    assert kind_of(found.candidates[0], found.rows) == "null"


def test_a_long_or_tolerant_gene_shows_more_in_health() -> None:
    typical = known_gene(TYPICAL_RESIDUES)
    assert rate(GENE, "missense", typical) == pytest.approx(1.0)
    assert rate(GENE, "missense", known_gene(2 * TYPICAL_RESIDUES)) == pytest.approx(2.0)
    held = known_gene(TYPICAL_RESIDUES, missense_oe=0.5, lof_oe=0.0, lof_expected=45.0)
    assert rate(GENE, "missense", held) == pytest.approx(0.5)
    assert rate(GENE, "null", held) == pytest.approx(2.5 / 50 / 0.5)


def test_few_expected_say_little() -> None:
    few = known_gene(TYPICAL_RESIDUES, lof_oe=0.0, lof_expected=2.0)
    many = known_gene(TYPICAL_RESIDUES, lof_oe=0.0, lof_expected=80.0)
    first, second = rate(GENE, "null", few), rate(GENE, "null", many)
    assert first is not None
    assert second is not None
    assert second < first < 1


def test_without_a_length_nothing_is_said_of_the_rate() -> None:
    assert rate(GENE, "missense", known_gene(None, missense_oe=0.2)) is None
    assert rate(GENE, "missense", known_gene(TYPICAL_RESIDUES)) == 1.0


@given(
    residues=st.integers(1, 40_000),
    oe=st.none() | st.floats(0, 5),
    kind=st.sampled_from(("missense", "null", "null unproven", "other")),
)
def test_the_rate_is_bounded(residues: int, oe: float | None, kind: str) -> None:
    held = known_gene(residues, missense_oe=oe, lof_oe=oe, lof_expected=10.0)
    found = rate(GENE, kind, held)
    assert found is not None
    assert 1 / FOLDS_OF_RATE <= found <= FOLDS_OF_RATE


def test_the_row_is_the_sum_of_its_features() -> None:
    known = known_gene(2 * TYPICAL_RESIDUES)
    weights = {"AD het": 1.5, "missense": 0.25, "rate of others": -1.0}
    constants = replace(load_constants(), background=weights)
    setting = Setting(known, constants, PROFILE, CONTIGS)
    seen = candidate()
    told = features("AD", "het", [seen], [], known)
    assert told == {
        "AD het": 1.0,
        "missense": 1.0,
        "rate of others": pytest.approx(0.947, abs=1e-3),
    }
    row = background_row("AD", "het", [seen], [], setting)
    assert row.points == milli(1.5 + 0.25 - told["rate of others"])
    assert (row.variant, row.code, row.read_key) == ("", BACKGROUND, GENE)
    assert f"{2 * TYPICAL_RESIDUES} residues" in row.sentence


def test_each_finding_has_one_row_and_the_class_has_none() -> None:
    pair = [candidate(genotypes=calls(kid="0/1")), candidate(SECOND, genotypes=calls(kid="0/1"))]
    known = knowledge(diseases=[disease("AR", "OMIM:1"), disease("AD", "OMIM:2")])
    found = findings(family(KID), known, *pair)
    assert len(found) == 3
    for finding in found.values():
        (row,) = [r for r in finding.rows if r.code == BACKGROUND]
        assert row.ledger == "triage"


def test_a_pair_counts_each_of_its_alleles() -> None:
    pair = [candidate(), candidate(SECOND, "stop_gained")]
    told = features("AR", "compound", pair, [], known_gene(TYPICAL_RESIDUES))
    assert told["AR compound"] == told["missense"] == 1
    assert "rate of others" in told


def test_the_model_is_read_whole() -> None:
    model = fitted("ranking")
    assert load_constants().background == model["constants"]
    assert [c.background for c in fold_constants()] == model["folds"]
    for weights in (model["constants"], *model["folds"]):
        assert weights["rate of nulls"] < 0
        assert weights["rate of others"] < 0
        assert weights["null"] > weights["missense"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False),
        ({"dosage": "0"}, False),
        ({"dosage": "3"}, True),
        ({"dosage": "30"}, True),
        ({"validity": ["Definitive"]}, True),
        ({"validity": ["Limited"]}, False),
        ({"validity": ["Limited", "Moderate"]}, True),
    ],
)
def test_a_gene_that_clingen_holds_for_a_cause(fields: Any, expected: bool) -> None:
    known = knowledge(diseases=[disease("AD")], **fields)
    assert established(GENE, known) is expected
    told = features("AD", "het", [candidate()], [], known)
    assert ("gene established" in told) is expected
