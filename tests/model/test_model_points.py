"""Points: the unit, its rounding, the class borders."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.points import (
    acmg_class,
    milli,
    odds_from_points,
    points_from_odds,
    probability_of_pathogenicity,
)


@pytest.mark.parametrize(
    ("points", "thousandths"),
    [
        (0.0, 0),
        (1.0, 1000),
        (-4.0, -4000),
        (0.0005, 1),
        (-0.0005, -1),
        (0.00049, 0),
        (1.2345, 1235),
    ],
)
def test_halves_round_away_from_zero(points: float, thousandths: int) -> None:
    assert milli(points) == thousandths


@given(st.floats(-100, 100, allow_nan=False))
def test_rounding_is_symmetric_and_near(points: float) -> None:
    assert milli(-points) == -milli(points)
    assert abs(milli(points) - points * 1000) <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("points", "name"),
    [
        # Tavtigian and others, Hum Mutat 2020, table 2.
        (10_000, "P"),
        (9_999, "LP"),
        (6_000, "LP"),
        (5_999, "VUS"),
        (0, "VUS"),
        (-1, "LB"),
        (-6_000, "LB"),
        (-6_999, "LB"),
        (-7_000, "B"),
        (18_000, "P"),
        (-12_000, "B"),
    ],
)
def test_class_borders(points: int, name: str) -> None:
    assert acmg_class(points) == name


def test_very_strong_evidence_weighs_odds_of_350() -> None:
    assert odds_from_points(8000) == pytest.approx(350)
    assert odds_from_points(4000) == pytest.approx(18.7083, abs=1e-4)
    assert odds_from_points(2000) == pytest.approx(4.3253, abs=1e-4)
    assert odds_from_points(1000) == pytest.approx(2.0797, abs=1e-4)
    assert odds_from_points(0) == 1


@pytest.mark.parametrize(("points", "posterior"), [(0, 0.1), (6, 0.900), (10, 0.994), (-7, 0.0007)])
def test_probability_at_the_class_borders(points: int, posterior: float) -> None:
    # Tavtigian 2018: 10 points reach 0.99, 6 points 0.90, from a prior of 0.10.
    assert probability_of_pathogenicity(points * 1000) == pytest.approx(posterior, abs=6e-4)


@given(st.integers(-40_000, 40_000))
def test_odds_and_points_are_inverse(thousandths: int) -> None:
    assert points_from_odds(odds_from_points(thousandths)) == thousandths


@given(st.integers(-30_000, 30_000), st.integers(1, 5_000))
def test_more_points_are_more_probable(points: int, more: int) -> None:
    assert probability_of_pathogenicity(points) < probability_of_pathogenicity(points + more)


@pytest.mark.parametrize("odds", [0.0, -1.0])
def test_odds_must_be_above_zero(odds: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        points_from_odds(odds)


def test_an_infinite_number_of_points_is_refused() -> None:
    with pytest.raises(OverflowError):
        milli(math.inf)
