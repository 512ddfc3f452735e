"""No small count can be told from what is published: by exhaustion, and on known tables."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane.registry.suppression import Publication, Sum, most, suppressed

T = 5


def one_way(*counts: int) -> Publication[str]:
    cells = {f"s{number}": count for number, count in enumerate(counts)}
    return Publication({"all": sum(counts), **cells}, [Sum("all", tuple(cells))])


def two_way(rows: list[list[int]]) -> Publication[str]:
    cells = {f"{r}{c}": n for r, row in enumerate(rows) for c, n in enumerate(row)}
    counts, sums = dict(cells), []
    width = len(rows[0])
    for r, row in enumerate(rows):
        counts[f"{r}."] = sum(row)
        sums.append(Sum(f"{r}.", tuple(f"{r}{c}" for c in range(width))))
    for c in range(width):
        counts[f".{c}"] = sum(row[c] for row in rows)
        sums.append(Sum(f".{c}", tuple(f"{r}{c}" for r in range(len(rows)))))
    counts[".."] = sum(map(sum, rows))
    sums.append(Sum("..", tuple(f"{r}." for r in range(len(rows)))))
    sums.append(Sum("..", tuple(f".{c}" for c in range(width))))
    return Publication(counts, sums)


def worlds(publication: Publication[str], out: frozenset[str], limit: int) -> list[dict[str, int]]:
    """Every table of free cells up to a limit that a reader must think possible."""
    wholes = {one.whole for one in publication.sums}
    free = [k for k in publication.counts if k not in wholes]
    known = {k: n for k, n in publication.counts.items() if k not in out | publication.hidden}
    ranges = [
        [known[k]] if k in known else range(0 if k in publication.hidden else 1, limit + 1)
        for k in free
    ]
    found = []
    for values in product(*ranges):
        world = dict(zip(free, values, strict=True))
        for _ in publication.sums:  # wholes of wholes
            for one in publication.sums:
                if all(part in world for part in one.parts):
                    world.setdefault(one.whole, sum(world[part] for part in one.parts))
        fits = all(
            world[one.whole] == sum(world[part] for part in one.parts) for one in publication.sums
        )
        least = all(world[k] >= 1 for k in out)
        if fits and least and all(world[k] == n for k, n in known.items()):
            found.append(world)
    return found


@pytest.mark.parametrize(
    ("counts", "out"),
    [
        ((20, 30), set()),
        ((2, 20, 30), {"s0", "s1"}),
        ((0, 20, 30), set()),
        ((1, 1, 30, 40), {"s0", "s1", "s2"}),
        ((4, 4, 30), {"s0", "s1"}),  # 8 between two: each may be 7
        ((3, 0, 0), {"s0", "all"}),
        ((3,), {"s0", "all"}),
        ((3, 20), {"s0", "s1"}),
    ],
)
def test_one_dimension(counts: tuple[int, ...], out: set[str]) -> None:
    assert suppressed(one_way(*counts), T) == out


def test_a_table_of_two_dimensions_has_no_cell_alone_in_its_row_or_column() -> None:
    table = two_way([[20, 3, 40], [30, 25, 50], [60, 70, 80]])
    out = suppressed(table, T)
    assert "01" in out
    assert most(table, out, "01") >= T
    assert len([k for k in out if k.startswith("0")]) >= 2
    assert len([k for k in out if k.endswith("1")]) >= 2
    assert ".." not in out


def test_a_complement_is_protected_though_it_is_never_shown() -> None:
    counts = {"cases": 50, "with": 48, "without": 2}
    published = Publication(counts, [Sum("cases", ("with", "without"))], frozenset({"without"}))
    assert suppressed(published, T) == {"with"}
    assert published.shown({"with"}) == {"cases": 50}
    harmless = Publication(counts, published.sums, frozenset({"without"}), frozenset({"without"}))
    assert suppressed(harmless, T) == frozenset()


def test_a_chain_of_wholes() -> None:
    # Region one has one site: the site's count is the region's.
    counts = {"a": 3, "b": 20, "c": 30, "R1": 3, "R2": 50, "all": 53}
    sums = [Sum("R1", ("a",)), Sum("R2", ("b", "c")), Sum("all", ("R1", "R2"))]
    published = Publication(counts, sums)
    out = suppressed(published, T)
    assert {"a", "R1"} <= out
    assert most(published, out, "a") >= T


@given(st.lists(st.integers(0, 7), min_size=1, max_size=3))
def test_by_exhaustion_in_one_dimension(counts: list[int]) -> None:
    published = one_way(*counts)
    _nobody_can_tell(published, suppressed(published, 3), 3, 10)


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=2, max_size=3))
def test_by_exhaustion_in_two_dimensions(rows: list[list[int]]) -> None:
    published = two_way(rows)
    _nobody_can_tell(published, suppressed(published, 2), 2, 4)


def _nobody_can_tell(
    published: Publication[str], out: frozenset[str], threshold: int, limit: int
) -> None:
    assert published.small(threshold) <= out
    assert not any(published.counts[key] == 0 for key in out)
    possible = worlds(published, out, limit)
    assert published.counts in possible
    for key in published.small(threshold):
        largest = max(world[key] for world in possible)
        assert largest >= threshold, (key, out)
        assert most(published, out, key) >= largest


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=6))
def test_any_table_is_protected_and_in_any_order_alike(rows: list[list[int]]) -> None:
    published = two_way(rows)
    out = suppressed(published, 11)
    for key in published.small(11):
        assert key in out
        assert most(published, out, key) >= 11
    turned = Publication(
        dict(reversed(list(published.counts.items()))), list(reversed(published.sums))
    )
    assert suppressed(turned, 11) == out


def test_without_small_counts_nothing_is_left_out() -> None:
    assert suppressed(two_way([[20, 30], [40, 50]]), 11) == frozenset()
