"""Quantiles of Kaplan-Meier, against published ones and against plain counting."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.registry.survival import Duration, quantile

# Remission under 6-mercaptopurine (Freireich 1963), in weeks; the median is 23 in every textbook.
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
SEEN = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def durations(ended: list[int], seen: list[int]) -> list[Duration]:
    return [Duration(d, True) for d in ended] + [Duration(d, False) for d in seen]


@pytest.mark.parametrize(
    ("ended", "seen", "share", "days"),
    [
        (ENDED, SEEN, 0.5, 23),
        (ENDED, SEEN, 0.25, 13),  # 0.6902 left after 13 weeks
        (ENDED, SEEN, 0.75, None),  # 0.448 are left at the end
        (PLACEBO, [], 0.5, 8),
        ([], [5, 6], 0.5, None),
        ([], [], 0.5, None),
        ([7], [], 0.5, 7),
        ([0, 10], [], 0.5, 0),
        ([5], [5, 5, 5], 0.5, None),
    ],
)
def test_known_values(ended: list[int], seen: list[int], share: float, days: int | None) -> None:
    assert quantile(durations(ended, seen), share) == days


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60), st.sampled_from([0.25, 0.5, 0.75]))
def test_without_censoring_it_is_the_plain_quantile(ended: list[int], share: float) -> None:
    place = math.ceil(share * len(ended) - 1e-9)
    assert quantile(durations(ended, []), share) == sorted(ended)[place - 1]


@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=30),
    st.lists(st.integers(0, 3000), max_size=30),
    st.randoms(),
)
def test_order_never_matters_and_the_product_limit_is_exact(
    ended: list[int], seen: list[int], chance: object
) -> None:
    held = durations(ended, seen)
    mixed = list(held)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert quantile(mixed, 0.5) == quantile(held, 0.5)
    left, expected = 1.0, None
    for day in sorted(set(ended)):
        at_risk = sum(d.days >= day for d in held)
        left *= 1 - sum(d.days == day and d.ended for d in held) / at_risk
        if left <= 0.5 + 1e-9:
            expected = day
            break
    assert quantile(held, 0.5) == expected
