"""ACMG criteria, one by one."""

from __future__ import annotations

from typing import Any

import pytest
from rank_world import (
    GENE,
    PROFILE,
    VARIANT,
    asserted,
    candidate,
    knowledge,
    known_allele,
    null_allele,
)

from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED, Evidence, Ledger
from ariane.rank.criteria import class_rows, shut_by_ba1
from ariane.rank.population import frequency
from ariane.rank.pvs1 import pvs1
from ariane.rank.residue import same_residue


def one(rows: list[Evidence]) -> Evidence:
    assert len(rows) == 1, rows
    assert rows[0].ledger is Ledger.CLASS
    return rows[0]


def gate(known: Knowledge, consequence: str = "stop_gained") -> Evidence:
    return one(list(pvs1(candidate(consequence=consequence), known, PROFILE)))


NULLS = ["stop_gained", "frameshift_variant", "splice_acceptor_variant", "splice_donor_variant"]


@pytest.mark.parametrize("score", ["3", "30"])
@pytest.mark.parametrize("consequence", NULLS)
def test_pvs1_opens_by_dosage(score: str, consequence: str) -> None:
    row = gate(knowledge(dosage=score), consequence)
    assert (row.code, row.points, row.suppressed) == ("PVS1", 8000, "")
    assert (row.resource, row.read_key, row.record) == ("dosage", GENE, "hi")


@pytest.mark.parametrize("score", ["0", "1", "2", "40", "Not yet evaluated"])
def test_pvs1_stays_shut_under_other_dosage_scores(score: str) -> None:
    row = gate(knowledge(dosage=score))
    assert row.points == 0
    assert "not shown" in row.suppressed


def test_pvs1_opens_by_two_other_null_alleles() -> None:
    row = gate(knowledge(nulls=[null_allele("1-7-A-T"), null_allele("1-9-A-T")]))
    assert (row.points, row.resource) == (8000, "assertions")
    assert row.record == "known-1-7-A-T"


def test_pvs1_masks_the_variants_own_record() -> None:
    others = [null_allele(VARIANT), null_allele("1-9-A-T")]
    assert gate(knowledge(nulls=others)).points == 0
    assert gate(knowledge(nulls=[*others, null_allele("1-7-A-T")])).points == 8000


def test_pvs1_counts_an_allele_once() -> None:
    twice = [null_allele("1-9-A-T"), {**null_allele("1-9-A-T"), "transcript": "ENST2.1"}]
    assert gate(knowledge(nulls=twice)).points == 0


def test_constraint_never_opens_pvs1() -> None:
    assert gate(knowledge(constraint=0.05)).points == 0


def test_pvs1_says_whether_anything_was_read() -> None:
    assert gate(knowledge(present=())).record == NO_RESOURCE
    assert gate(knowledge(present=("assertions",))).record == ABSENT


def test_pvs1_is_moderate_for_a_lost_start() -> None:
    near = {**known_allele("1-7-A-T", "stop_gained"), "hgvs_p": "p.(Arg30Ter)"}
    row = gate(knowledge(dosage="3", nulls=[near]), "start_lost")
    assert (row.code, row.points) == ("PVS1_Moderate", 2000)
    assert gate(knowledge(dosage="3"), "start_lost").code == "PVS1_Supporting"


@pytest.mark.parametrize(
    "consequence", ["missense_variant", "synonymous_variant", "intron_variant"]
)
def test_pvs1_says_nothing_of_other_variants(consequence: str) -> None:
    rows = pvs1(candidate(consequence=consequence), knowledge(dosage="3"), PROFILE)
    assert list(rows) == []


def residue(*records: Any, **fields: Any) -> dict[str, Evidence]:
    rows = same_residue(candidate(**fields), knowledge(codons=list(records)), PROFILE)
    return {row.code.partition("_")[0]: row for row in rows}


SAME = known_allele("1-101-C-G", aa_alt="W")
OTHER = known_allele("1-101-C-A", aa_alt="Q")


@pytest.mark.parametrize(
    ("stars", "code", "points"),
    [(4, "PS1", 4000), (2, "PS1", 4000), (1, "PS1_Moderate", 2000), (0, "PS1_Supporting", 1000)],
)
def test_ps1_by_stars(stars: int, code: str, points: int) -> None:
    row = residue({**SAME, "stars": stars})["PS1"]
    assert (row.code, row.points, row.read_key) == (code, points, "ENST1:34")


@pytest.mark.parametrize(
    ("stars", "code", "points"),
    [(3, "PM5", 2000), (1, "PM5_Supporting", 1000), (0, "PM5_Supporting", 1000)],
)
def test_pm5_by_stars(stars: int, code: str, points: int) -> None:
    row = residue({**OTHER, "stars": stars})["PM5"]
    assert (row.code, row.points, row.suppressed) == (code, points, "")


def test_the_residue_is_one_fact() -> None:
    rows = residue(SAME, OTHER)
    assert rows["PS1"].points == 4000
    assert (rows["PM5"].points, rows["PM5"].suppressed) == (0, "the residue already counts by PS1")


def test_the_own_record_never_counts() -> None:
    assert residue({**SAME, "variant": VARIANT}) == {}


def test_the_best_reviewed_other_allele_counts() -> None:
    weak = {**SAME, "variant": "1-50-A-C", "stars": 0}
    assert residue(weak, SAME)["PS1"].record == SAME["record"]


@pytest.mark.parametrize(
    "unfit",
    [
        {"klass": "VUS"},
        {"klass": "B"},
        {"klass": "conflicting"},
        {"aa_ref": "K"},  # the codon is read in another frame
        {"consequence": "stop_gained"},
    ],
)
def test_what_is_no_missense_asserted_pathogenic_there_never_counts(unfit: Any) -> None:
    assert residue({**SAME, **unfit}, {**OTHER, **unfit}) == {}


def test_only_a_missense_is_compared_by_residue() -> None:
    assert residue(SAME, consequence="stop_gained", codon="ENST1:34", aa_ref="R") == {}
    assert residue(SAME, codon="") == {}


def heard(known: Knowledge, variant: str = VARIANT) -> Evidence:
    return one(list(frequency(candidate(variant), known, PROFILE)))


def test_pm2_tells_three_silences_apart() -> None:
    absent = heard(knowledge())
    uncovered = heard(knowledge(covered=[("1", 0, 99)]))
    no_resource = heard(knowledge(present=("assertions",)))
    assert (absent.code, absent.points, absent.record) == ("PM2_Supporting", 1000, ABSENT)
    assert (uncovered.points, uncovered.record) == (0, NOT_COVERED)
    assert (no_resource.points, no_resource.record) == (0, NO_RESOURCE)
    assert len({absent.sentence, uncovered.sentence, no_resource.sentence}) == 3


def test_without_a_coverage_resource_absence_is_not_claimed() -> None:
    row = heard(knowledge(present=("frequencies",)))
    assert (row.points, row.record) == (0, NOT_COVERED)
    assert "does not say" in row.sentence
    assert row.suppressed == "coverage is not known"


@pytest.mark.parametrize(
    ("af", "code", "points"),
    [
        (0.0, "PM2_Supporting", 1000),
        (0.0001, "PM2_Supporting", 1000),
        (0.000101, "PM2_Supporting", 0),
        (0.00999, "PM2_Supporting", 0),
        (0.01, "BS1", -4000),
        (0.0499, "BS1", -4000),
        (0.05, "BA1", 0),
        (0.6, "BA1", 0),
    ],
)
def test_frequency_criteria_and_their_borders(af: float, code: str, points: int) -> None:
    row = heard(knowledge(frequencies={VARIANT: af}))
    assert (row.code, row.points, row.record) == (code, points, f"af-{af}")
    assert shut_by_ba1([row]) is (code == "BA1")


def test_the_highest_record_of_an_allele_counts() -> None:
    known = knowledge(frequencies={VARIANT: 0.00001})
    rare = known.frequencies[VARIANT][0]
    records = {VARIANT: (rare, {**rare, "af": 0.2, "record": "genomes"})}
    assert heard(Knowledge(**{**vars(known), "frequencies": records})).record == "genomes"


def test_an_assertion_of_the_allele_itself_gives_no_class_row() -> None:
    # PP5 and BP6 are off: what others say of the allele never moves its class.
    silent, said = (
        class_rows(candidate(), knowledge(assertions=a), PROFILE)
        for a in ({}, {VARIANT: [asserted("P", 4)]})
    )
    assert silent == said
