"""Identifiers of documents: the same for ever, and never shaped like a national number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.intake.identity import holds_ins, ins_key
from ariane.registry import identifiers
from ariane.registry.identifiers import short_id, uuid_of

INS = "1850578006084" + f"{ins_key('1850578006084'):02d}"


def test_they_never_change() -> None:
    assert short_id("F1", "a", 1) == "F1.135f17a475a61afd"
    assert uuid_of("patient", "F1") == "f5539845-d3d6-5086-8022-732502dc4af7"


@given(st.lists(st.text() | st.integers(), max_size=3), st.lists(st.text(), max_size=3))
def test_equal_content_has_equal_ids_and_other_content_others(
    one: list[Any], other: list[Any]
) -> None:
    assert short_id("x", *one) == short_id("x", *one)
    assert (uuid_of(*one) == uuid_of(*other)) == (one == other)
    assert UUID(uuid_of(*one)).version == 5
    assert not holds_ins(short_id("DEMO-1", *one))


def test_one_shaped_like_a_national_number_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        identifiers, "digest", lambda content: f"{INS}a" if content == ["x"] else "0123456789abcdef"
    )
    assert short_id("F", "x") == "F.0123456789abcdef"
    assert short_id(INS, "y").startswith(INS)  # the gate stops at such a pseudonym by itself
