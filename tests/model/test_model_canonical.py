"""Canonical writing: equal content is equal bytes, and a case never changes its shard."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.canonical import digest, lines, sha256_of_rows, shard_name, shard_of, to_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
ROWS = st.lists(st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=6)))


@given(st.dictionaries(st.text(max_size=5), VALUES))
def test_order_of_keys_never_shows(record: dict[str, Any]) -> None:
    turned = dict(reversed(record.items()))
    assert to_json(turned) == to_json(record)
    assert digest(turned) == digest(record)
    assert json.loads(to_json(record)) == record


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_order_of_rows_never_shows(both: tuple[list[Any], list[Any]]) -> None:
    rows, shuffled = both
    assert list(lines(rows)) == list(lines(shuffled))
    assert sha256_of_rows(rows) == sha256_of_rows(shuffled)


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), min_size=1)))
def test_a_row_more_is_another_table(rows: list[dict[str, int]]) -> None:
    assert sha256_of_rows([*rows, {"a": 9}]) != sha256_of_rows(rows)


def test_letters_are_written_as_themselves_without_spaces() -> None:
    assert to_json({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"a": number})


def test_digests_stay_what_they_were() -> None:
    # Hashes of records are stored with past cycles: another hash would look like another record.
    assert digest({"b": 1, "a": "é"}) == "aa58fba8483623be"
    golden = "e91bd3062f38c3f1df2165d987872b022fb39a08c642a6fbc3b862dd2a2aaf24"
    assert sha256_of_rows([{"a": 2}, {"a": 1}]) == golden


@pytest.mark.parametrize(
    ("case", "of_16", "of_64"),
    [("DEMO-01", 0, 48), ("DEMO-02", 0, 16), ("F1", 13, 13), ("cas-é", 4, 20)],
)
def test_a_case_stays_in_its_shard(case: str, of_16: int, of_64: int) -> None:
    # Another value here would move every case of every running cohort.
    assert shard_of(case, 16) == of_16
    assert shard_of(case, 64) == of_64


@given(st.text(), st.integers(1, 500))
def test_shards_are_within_their_count(case: str, shards: int) -> None:
    assert 0 <= shard_of(case, shards) < shards


def test_shards_share_the_cases() -> None:
    held = [shard_of(f"CASE-{number}", 8) for number in range(4000)]
    assert all(400 < held.count(shard) < 600 for shard in range(8))


def test_names_of_shards_sort_as_numbers() -> None:
    names = [shard_name(index, 120) for index in range(120)]
    assert names[7] == "007-of-120"
    assert names == sorted(names)
