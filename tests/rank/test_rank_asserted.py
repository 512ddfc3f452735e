"""ASSERT rows: one fact per allele, by class and stars."""

from __future__ import annotations

from itertools import permutations

import pytest
from rank_world import CONSTANTS, VARIANT, asserted, knowledge

from ariane.model.evidence import ABSENT, NO_RESOURCE, Evidence, Ledger
from ariane.rank.asserted import assert_rows, named_pathogenic


def rows(*records: dict[str, object]) -> list[Evidence]:
    return assert_rows(VARIANT, knowledge(assertions={VARIANT: list(records)}), CONSTANTS)


@pytest.mark.parametrize(
    ("klass", "stars", "points"),
    [
        ("P", 0, 3000),
        ("P", 4, 8000),
        ("P/LP", 2, 6000),
        ("LP", 1, 4000),
        ("conflicting", 1, 500),
        ("VUS", 2, -500),
        ("LB", 2, -4000),
        ("B", 3, -8000),
        ("other", 3, 0),
    ],
)
def test_points_by_class_and_stars(klass: str, stars: int, points: int) -> None:
    (row,) = rows(asserted(klass, stars))
    assert (row.code, row.points, row.ledger) == ("ASSERT", points, Ledger.TRIAGE)
    assert (row.read_key, row.record, row.suppressed) == (VARIANT, "rec", "")


def test_more_stars_never_weigh_less() -> None:
    for by_stars in CONSTANTS.assertions.values():
        sizes = [abs(points) for points in by_stars]
        assert len(by_stars) == 5
        assert sizes == sorted(sizes)


def test_only_the_best_reviewed_counts_and_all_are_seen() -> None:
    records = [asserted("B", 1, "b"), asserted("P", 3, "a"), asserted("VUS", 0, "c")]
    for order in permutations(records):
        found = rows(*order)
        assert [(r.record, r.points) for r in found] == [("a", 8000), ("b", 0), ("c", 0)]
        assert [bool(r.suppressed) for r in found] == [False, True, True]


def test_silence_is_told_apart_from_ignorance() -> None:
    (silent,) = assert_rows(VARIANT, knowledge(), CONSTANTS)
    (ignorant,) = assert_rows(VARIANT, knowledge(present=("frequencies",)), CONSTANTS)
    assert (silent.points, silent.record) == (0, ABSENT)
    assert (ignorant.points, ignorant.record) == (0, NO_RESOURCE)


@pytest.mark.parametrize("klass", ["P", "LP", "P/LP"])
def test_named_pathogenic(klass: str) -> None:
    known = knowledge(assertions={VARIANT: [asserted("B", 3), asserted(klass, 0)]})
    assert named_pathogenic(VARIANT, known)


@pytest.mark.parametrize("klass", ["conflicting", "VUS", "LB", "B", "other"])
def test_not_named_pathogenic(klass: str) -> None:
    assert not named_pathogenic(VARIANT, knowledge(assertions={VARIANT: [asserted(klass, 3)]}))
    assert not named_pathogenic(VARIANT, knowledge())


def test_the_sentence_names_condition_and_record() -> None:
    (row,) = rows(asserted("P", 1, conditions="Stickler syndrome", accession="42"))
    assert row.sentence == (
        "this allele is asserted P with 1 star, for Stickler syndrome (record 42)"
    )
