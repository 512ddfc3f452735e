"""How rows combine: caps, pairs as products."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_world import CONSTANTS, VARIANT

from ariane.model.evidence import Evidence, Ledger
from ariane.model.points import probability_of_pathogenicity
from ariane.rank.combine import (
    ALLELE_CAP,
    capped,
    class_points,
    pair_points,
    pair_row,
    total,
    triage,
)

POINTS = st.integers(-ALLELE_CAP, ALLELE_CAP)
TRANS = st.floats(0.01, 1.0)
TABLE = sorted(CONSTANTS.trans.values())


def row(points: int, ledger: Ledger = Ledger.TRIAGE) -> Evidence:
    return Evidence(VARIANT, ledger, "X", points, "why", "r", VARIANT, "rec")


@given(POINTS, POINTS, TRANS)
def test_a_pair_never_exceeds_its_weaker_allele(first: int, second: int, trans: float) -> None:
    points = pair_points(first, second, trans)
    assert points is not None
    assert points <= min(first, second)


@given(POINTS, POINTS, st.integers(0, 6000), TRANS, TRANS)
def test_a_pair_never_falls_when_its_reasons_grow(
    first: int, second: int, more: int, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    weak, strong = pair_points(first, second, low), pair_points(first + more, second, high)
    assert weak is not None
    assert strong is not None
    assert weak <= strong


@given(POINTS, POINTS, TRANS)
def test_the_order_of_a_pair_never_shows(first: int, second: int, trans: float) -> None:
    assert pair_points(first, second, trans) == pair_points(second, first, trans)


@given(POINTS, POINTS, TRANS)
def test_a_pair_is_the_product_it_is_said_to_be(first: int, second: int, trans: float) -> None:
    points = pair_points(first, second, trans)
    joint = probability_of_pathogenicity(first) * probability_of_pathogenicity(second) * trans
    assert points is not None
    if points < min(first, second):
        assert math.isclose(probability_of_pathogenicity(points), joint, rel_tol=1e-3)


@given(POINTS, POINTS)
def test_two_alleles_in_cis_are_no_pair(first: int, second: int) -> None:
    assert pair_points(first, second, 0.0) is None


def test_a_certain_partner_leaves_an_allele_nearly_as_it_is() -> None:
    assert pair_points(2000, ALLELE_CAP, 1.0) == pytest.approx(2000, abs=5)
    assert pair_points(8000, 0, 0.99) == pytest.approx(-54, abs=1)
    assert pair_points(8000, 8000, 0.99) == 6782


def test_what_is_known_of_the_phase_orders_the_table() -> None:
    trans = CONSTANTS.trans
    assert trans["cis"] == 0
    assert (
        trans["unknown"]
        < trans["one_parent_consistent"]
        < trans["trans_by_phase"]
        <= trans["trans_by_parents"]
        <= 1
    )


@given(POINTS, POINTS, st.sampled_from([t for t in TABLE if t]))
def test_the_rows_of_a_pair_sum_to_its_points(first: int, second: int, trans: float) -> None:
    points = pair_points(first, second, trans)
    assert points is not None
    rows = [row(first), row(second), pair_row("a+b", first, second, points, "why")]
    assert all(total(order) == points for order in permutations(rows))


@given(st.lists(st.integers(-9000, 9000), max_size=8))
def test_an_allele_is_capped_each_way_and_the_rows_still_sum(points: list[int]) -> None:
    rows = [row(p) for p in points]
    held = capped(VARIANT, rows)
    assert total(held) == max(-12_000, min(12_000, sum(points)))
    assert held[: len(rows)] == rows
    extra = held[len(rows) :]
    assert [r.code for r in extra] == ["CAP"] * (abs(sum(points)) > 12_000)


def test_a_cap_moves_no_class() -> None:
    rows = [row(14_000, Ledger.CLASS)]
    assert class_points(capped(VARIANT, rows)) == 14_000


def test_a_suppressed_row_counts_nothing() -> None:
    assert total([row(4000), row(8000).suppress("twin")]) == 4000


def test_class_points_leave_triage_out() -> None:
    rows = [row(2000, Ledger.CLASS), row(9000), triage(VARIANT, "A", 5, "why", read_key="k")]
    assert class_points(rows) == 2000
