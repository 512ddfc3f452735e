"""Mosaicism: a low balance that is told, not held against the call."""

from __future__ import annotations

import pytest
from rank_world import (
    CONSTANTS,
    DAD,
    GIRL,
    KID,
    MUM,
    VARIANT,
    asserted,
    call,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    points_of,
    site,
)

from ariane.rank.inheritance import mosaic

LIMITS = CONSTANTS.calls
TRIO = family(KID, MUM, DAD)
AD = knowledge(diseases=[disease("AD")])


def reads(alt: int, of: int, **fields: object) -> object:
    return call("0/1", ref_depth=of - alt, alt_depth=alt, depth=of, **fields)


@pytest.mark.parametrize(
    ("alt", "of", "found"),
    [(5, 100, True), (25, 100, True), (4, 100, False), (26, 100, False), (4, 40, False)],
)
def test_the_share_of_reads(alt: int, of: int, found: bool) -> None:
    assert mosaic(site(TRIO, kid=reads(alt, of), mum="0/0", dad="0/0"), LIMITS) is found


@pytest.mark.parametrize("mum", ["0/1", "1/1"])
def test_what_a_parent_carries_is_not_mosaic(mum: str) -> None:
    assert not mosaic(site(TRIO, kid=reads(10, 100), mum=mum, dad="0/0"), LIMITS)


def test_without_parents_it_may_be() -> None:
    assert mosaic(site(family(KID), kid=reads(10, 100)), LIMITS)
    assert mosaic(site(TRIO, kid=reads(10, 100), mum="./.", dad="0/0"), LIMITS)
    assert not mosaic(site(TRIO, kid="0/1", mum="0/0", dad="0/0"), LIMITS)
    assert not mosaic(site(TRIO, kid=reads(10, 100, other_alt=True)), LIMITS)


def test_a_low_balance_is_told_in_place_of_a_poor_call() -> None:
    seen = candidate(genotypes=calls(kid=reads(10, 100), mum="0/0", dad="0/0"))
    (found,) = findings(TRIO, AD, seen).values()
    told = points_of(found)
    assert (told["POOR_CALL"], told["MOSAIC"], told["DE_NOVO"]) == (0, -1000, 4000)
    poor = next(row for row in found.rows if row.code == "POOR_CALL")
    assert "mosaicism" in poor.suppressed


def test_between_the_two_thresholds_it_is_only_told() -> None:
    seen = candidate(genotypes=calls(kid=reads(20, 100), mum="0/0", dad="0/0"))
    (found,) = findings(TRIO, AD, seen).values()
    assert points_of(found)["MOSAIC"] == 0
    assert "POOR_CALL" not in points_of(found)


@pytest.mark.parametrize(
    "fields", [{"filters": "q10"}, {"genotypes": calls(kid=reads(5, 100, quality=5))}]
)
def test_what_else_is_wrong_with_the_call_still_counts(fields: dict[str, object]) -> None:
    given = {"genotypes": calls(kid=reads(10, 100))} | fields
    (found,) = findings(family(KID), AD, candidate(**given)).values()
    assert (points_of(found)["POOR_CALL"], points_of(found)["MOSAIC"]) == (-2000, 0)


def test_a_recessive_allele_is_not_excused() -> None:
    known = knowledge(diseases=[disease("AR")], dosage="30")
    first = candidate(consequence="stop_gained", genotypes=calls(kid=reads(10, 100)))
    found = findings(family(KID), known, first, candidate("1-200-C-G", consequence="stop_gained"))
    (pair,) = found.values()
    assert points_of(pair)["POOR_CALL"] == -2000
    assert "MOSAIC" not in points_of(pair)


def test_a_girls_x() -> None:
    known = knowledge(diseases=[disease("XLD")])
    seen = candidate("X-60000000-A-T", genotypes=calls(kid=reads(10, 100), mum="0/0", dad="0/0"))
    (found,) = findings(family(GIRL, MUM, DAD), known, seen).values()
    assert points_of(found)["MOSAIC"] == -1000


def test_the_cap_holds_when_the_poor_call_gives_way() -> None:
    known = knowledge(
        diseases=[disease("AD")], dosage="3", assertions={VARIANT: [asserted("P", 4)]}
    )
    seen = candidate(consequence="stop_gained", genotypes=calls(kid=reads(10, 100)))
    (found,) = findings(family(KID), known, seen).values()
    assert sum(points_of(found).values()) == 12_000
