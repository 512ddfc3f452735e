"""Reasons beside a code: a sentence for each, in both languages."""

from __future__ import annotations

import ast
import string
from enum import Enum
from pathlib import Path

import pytest

from ariane.knowledge.nomenclature import Rank, State
from ariane.messages import LANGUAGES, read_catalogue
from ariane.model.case import Status
from ariane.registry import orpha
from ariane.registry.reasons import CATALOGUE, in_words, reason

ENGLISH, FRENCH = (read_catalogue(CATALOGUE, language).texts for language in LANGUAGES)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def used() -> dict[str, set[str]]:
    """Keys that the coder gives a reason by, with the values that each names."""
    tree = ast.parse(Path(orpha.__file__).read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reason":
            assert isinstance(node.args[0], ast.Constant)
            found[f"coding.{node.args[0].value}"] = {k.arg or "" for k in node.keywords}
    return found


def test_both_languages_hold_the_same_keys_and_values() -> None:
    assert set(ENGLISH) == set(FRENCH)
    for key, text in ENGLISH.items():
        assert fields(text) == fields(FRENCH[key]), key
        assert text.strip()
        assert FRENCH[key].strip()


def test_every_reason_of_the_coder_stands_there_and_no_other() -> None:
    told = used()
    assert told.keys() == {k for k in ENGLISH if k.startswith("coding.")} - {"coding.and"}
    assert all(fields(ENGLISH[key]) == values for key, values in told.items())


@pytest.mark.parametrize("value", [*State, *Rank, *Status])
def test_every_word_of_a_closed_list_has_its_word(value: Enum) -> None:
    assert f"{type(value).__name__.lower()}.{value.value}" in FRENCH


def test_several_reasons_are_one_text() -> None:
    told = (
        reason("exact", disease="OMIM:1", codes=("ORPHA:1", "ORPHA:3")),
        reason("level", code="ORPHA:4", rank=Rank.GROUP),
    )
    assert in_words(told, "en") == (
        "OMIM:1 is exactly ORPHA:1 and ORPHA:3; "
        "ORPHA:4 is a group of disorders, which codes no diagnosis"
    )
    assert in_words(told, "fr") == (
        "OMIM:1 correspond exactement à ORPHA:1 et ORPHA:3; "
        "ORPHA:4 est un groupe de maladies, qui ne code pas un diagnostic"
    )
    assert in_words((), "fr") == ""
    assert in_words([reason("undecided", status=Status.IMPASSE)], "en") == (
        "impasse: no signed decision"
    )
