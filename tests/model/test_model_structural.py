"""Kind and place of structural variants told by their keys; overlap; read keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.structural import (
    BIN,
    Spot,
    is_symbolic,
    kind_of,
    read_keys,
    reciprocal_overlap,
    spot_of,
)

bases = st.integers(1, 4 * BIN)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[int, int]:
    first = draw(bases)
    return first, first + draw(st.one_of(st.integers(0, 5), st.integers(0, 3 * BIN)))


@pytest.mark.parametrize(
    ("key", "spot"),
    [
        ("chr1-1000-N-<DEL:3500>", Spot("DEL", "chr1", 1000, 3500)),
        ("X-5-A-<INS:ME:ALU:5>", Spot("INS", "X", 5, 5)),
        ("chr1-10-A-A[chr2:321[", Spot("BND", "chr1", 10, 10, "chr2", 321)),
        ("chr1-10-A-]chr1:321]TTA", Spot("BND", "chr1", 10, 321, "chr1", 321)),
        (f"chr1-10-{'A' * 51}-A", Spot("DEL", "chr1", 10, 60)),
        (f"chr1-10-A-{'A' * 51}", Spot("INS", "chr1", 10, 10)),
        ("HLA-A*01:01-7-A-<DUP:90>", Spot("DUP", "HLA-A*01:01", 7, 90)),
        ("chr1-10-A-G", None),
        (f"chr1-10-{'A' * 50}-A", None),
        ("chr1-10-A-<DEL>", None),
        ("no key", None),
    ],
)
def test_place_told_by_a_key(key: str, spot: Spot | None) -> None:
    assert spot_of(key) == spot


def test_kinds_of_alleles_written_in_full() -> None:
    assert [kind_of("A" * n, "A") for n in (50, 51)] == ["small", "DEL"]
    assert kind_of("A", "A" * 51) == "INS"
    assert kind_of("A" * 60, "C" * 60) == "small"
    assert [is_symbolic(a) for a in ("A", "*", "<DEL>", "A[1:2[")] == [False, False, True, True]


@given(one=intervals(), two=intervals())
def test_overlap_is_a_share_of_the_longer_counted_base_by_base(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    share = reciprocal_overlap(one, two)
    assert share == reciprocal_overlap(two, one)
    assert 0 <= share <= 1
    assert (share == 1) == (one == two)
    shared = max(0, min(one[1], two[1]) - max(one[0], two[0]) + 1)
    lengths = [end - start + 1 for start, end in (one, two)]
    assert (share >= 0.5) == all(2 * shared >= length for length in lengths)


@given(one=st.tuples(st.integers(1, 30), st.integers(0, 20)), two=st.tuples(bases, bases))
def test_small_intervals_against_sets(one: tuple[int, int], two: tuple[int, int]) -> None:
    first = (one[0], one[0] + one[1])
    second = (two[0] % 40 + 1, two[0] % 40 + 1 + two[1] % 20)
    sets = [set(range(start, end + 1)) for start, end in (first, second)]
    expected = len(sets[0] & sets[1]) / max(map(len, sets))
    assert reciprocal_overlap(first, second) == expected


@given(variant=intervals(), shift=st.integers(-BIN, BIN), grow=st.integers(-BIN, BIN))
def test_what_overlaps_by_half_lies_under_the_read_key(
    variant: tuple[int, int], shift: int, grow: int
) -> None:
    """The property that makes a delta equal a full pass: the middle is in every match."""
    spot = Spot("DEL", "chr1", variant[0] - 1, variant[1])
    first = max(1, variant[0] + shift)
    record = (first, max(first, variant[1] + shift + grow))
    if reciprocal_overlap(variant, record) >= 0.5:
        assert spot.read_key in set(read_keys("DEL", "chr1", record[0] - 1, record[1] + 1))
