from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from ariane.annotate.terms import shipped_terms
from ariane.knowledge import blind_spots
from ariane.knowledge.release import FORMATS
from ariane.model.case import Status
from ariane.model.errors import ArianeError
from ariane.model.genotype import Zygosity
from ariane.reanalyse.flags import ORDER
from ariane.report import messages
from ariane.report.assemble import STEPS

KEY = re.compile(r"""\bt\("([a-z_.]+)"|\bt\('([a-z_.]+)'""")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_hold_the_same_keys_and_values() -> None:
    english, french = (messages.load(language).texts for language in messages.LANGUAGES)
    assert set(english) == set(french)
    for key, text in english.items():
        assert fields(text) == fields(french[key]), key
        assert text.strip()
        assert french[key].strip()


def test_every_key_of_the_templates_is_in_the_catalogue() -> None:
    texts = messages.load("en").texts
    used = {
        found[1] or found[2]
        for path in sorted(Path(messages.TEMPLATES).glob("*.j2"))
        for found in KEY.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(used) > 100
    assert {key for key in used if not key.endswith(".")} <= set(texts)


def test_closed_lists_have_words_in_the_catalogue() -> None:
    texts = messages.load("fr").texts
    wanted = [f"status_word.{status.value}" for status in Status]
    wanted += [f"zygosity.{zygosity.value}" for zygosity in Zygosity]
    wanted += [f"missing.{kind}" for kind in FORMATS]
    wanted += [f"flag_reason.{reason}" for reason in ORDER]
    wanted += [f"step_name.{step}" for step in STEPS]
    wanted += [f"consequence.{term}" for term in shipped_terms().rank]
    assert [key for key in wanted if key not in texts] == []


def test_an_unknown_word_stands_as_it_is() -> None:
    assert messages.load("fr").word("event_kind", "renamed gene") == "renamed gene"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ArianeError, match="en, fr"):
        messages.load("de")


def test_blind_spots_are_the_same_in_both_languages() -> None:
    english, french = blind_spots.load("en"), blind_spots.load("fr")
    assert [(r.technique, r.source) for r in english] == [(r.technique, r.source) for r in french]
    assert all(row.region and row.why and row.source for row in (*english, *french))


def test_blind_spots_of_a_technique() -> None:
    techniques = {row.technique for row in blind_spots.of("exome")}
    assert techniques == {"any", "exome"}
    assert blind_spots.of("nanopore") == blind_spots.load("en")
    assert any("SMN1" in row.region for row in blind_spots.of("genome"))
