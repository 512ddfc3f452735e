"""Sentences and their French: every template translated, every sentence found again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ariane import phrases
from ariane.files import RESOURCES
from ariane.model.genotype import Zygosity
from ariane.phrases import NAMES, NUMBERS, PARTS, PHRASES, say, slots, teller, told
from ariane.rank import background, pvs1
from ariane.rank.constants import load_constants
from ariane.rank.finding import ONE_HIT
from ariane.rank.profile import load_profile
from ariane.report.messages import load

PACKAGE = Path(phrases.__file__).parent


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                yield path, node


def templates() -> list[str]:
    found = []
    for path, call in calls():
        first = call.args[0]
        assert isinstance(first, ast.Constant), f"{path}:{call.lineno}: write the template out"
        found.append(str(first.value))
    return sorted(set(found))


TEMPLATES = templates()
STORED = sorted(phrases._stored())
LACKING = {kind["en"] for kind in yaml.safe_load(phrases.LACKING.read_text("utf-8"))["kinds"]}
PLAIN = sorted(template for template in STORED if not slots(template))


JOINING = (": ", ", ", "; ", " and ", " in ")
"""What stands between two sentences: one that holds it is a sentence of its own, never a part."""
INNER = {
    "scale": ["haploinsufficiency", "triplosensitivity"],
    "zygosity": ["het", "hom", "hemi", "compound", "homoplasmic"],
    "parentage": ["confirmed", "assumed"],
    "fit": ["yes", "partly", "heterogeneous", "no"],
    "phase": ["trans by phase", "unknown"],
    "side": ["maternal", "paternal"],
    "other_side": ["maternal", "paternal"],
    "room": ["knowledge", "annotation", "ranking"],
    "event": ["new candidate", "weakened"],
    "person": ["the patient", "a relative (M-1)"],
}


def copy_number_words() -> list[str]:
    """What the copy-number table says of items that Ariane applies, or passes to other rules."""
    table = yaml.safe_load((RESOURCES / "acmg" / "cnv_riggs2020.yaml").read_text("utf-8"))
    return [
        text
        for side in ("loss", "gain")
        for code, item in table[side].items()
        if item["applied"] != "no" and not code.startswith("5")
        for text in (item["text"], item.get("why", ""))
        if text
    ]


def test_the_catalogue_holds_every_template() -> None:
    assert len(TEMPLATES) > 150
    assert [t for t in TEMPLATES if t not in phrases.catalogue()] == []


def test_the_catalogue_holds_the_words_of_the_copy_number_table() -> None:
    words = copy_number_words()
    assert "both ends lie in the gene" in words
    assert [t for t in words if t not in phrases.catalogue()] == []


EVENTS = load("en").words("event_kind")
REASONS = load("en").words("flag_reason")


def test_kinds_of_events_and_flags_are_called_as_on_the_pages() -> None:
    french = load("fr")
    for group, kinds in (("event_kind", EVENTS), ("flag_reason", REASONS)):
        for kind in kinds:
            assert phrases.catalogue()[kind] == french.word(group, kind), kind


def words() -> set[str]:
    """Words of closed lists that stand inside sentences."""
    profile = load_profile("france_ngsdiag")
    nulls = {term.replace("_", " ") for term in pvs1._TRUNCATING}
    sites = {term.replace("_variant", "").replace("_", " ") + " lost" for term in pvs1.SITES}
    kinds = {background.NULL, background.UNPROVEN, background.OTHER, *background._KINDS.values()}
    carried = {z.value for z in (Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS)}
    carried |= {"compound", ONE_HIT, "homoplasmic", "heteroplasmic"}
    phases = {name.replace("_", " ") for name in load_constants().trans}
    kinds |= {*EVENTS, *REASONS, "absent", "none", "nothing", "not stated", "not given"}
    kinds |= {"counted", "not counted", "truncating", "mixed", "mother", "father", "genome"}
    kinds |= {"knowledge", "annotation", "ranking"}
    kinds |= {"male", "female", "affected", "unaffected", "not known"}
    sides = {"maternal", "paternal", "haploinsufficiency", "triplosensitivity"}
    return {*nulls, *sites, *kinds, *carried, *phases, *sides, "confirmed", "assumed"} | {
        str(fit) for fit in profile.de_novo.confirmed
    }


def test_the_catalogue_holds_the_words_of_closed_lists() -> None:
    assert sorted(words() - set(phrases.catalogue())) == []


def test_nothing_in_the_catalogue_is_left_over() -> None:
    used = {*TEMPLATES, *copy_number_words(), *words(), *LACKING}
    assert [t for t in phrases.catalogue() if t not in used] == []


@pytest.mark.parametrize("template", sorted(phrases.catalogue()))
def test_a_translation_says_the_same_values(template: str) -> None:
    french = phrases.catalogue()[template]
    assert set(slots(french)) == set(slots(template))
    assert not any(slots(french).values()), "a format belongs to the English template"
    assert french.strip() == french


def test_french_leaves_no_blank_before_a_colon_by_chance() -> None:
    for french in phrases.catalogue().values():
        assert " :" in french or ":" not in french, french


def _value(name: str, spec: str) -> st.SearchStrategy[Any]:
    if spec or name in NUMBERS:
        numbers = st.floats(-30, 30, allow_nan=False) if "+" in spec else st.floats(0, 1)
        return numbers if spec else st.integers(0, 99_999)
    if name in INNER:
        return st.sampled_from(INNER[name])
    if name in PHRASES:
        return st.sampled_from([p for p in PLAIN if not any(mark in p for mark in JOINING)])
    if name in PARTS:
        return st.sampled_from(["0.075", "absent", "exome", "LP 2 stars", "1-2345-A-G"])
    if name in NAMES:
        return st.sampled_from(["GENE1", "1-2345-A-G", "PVS1", "c.68-2A>G", "P/LP", "FATHER-1"])
    return st.sampled_from(["exon 3/27", "SCV000123", "3", "Fanconi anaemia", "LowQual"])


@pytest.mark.parametrize("template", [t for t in STORED if slots(t)])
@given(data=st.data())
def test_a_stored_sentence_is_found_again(template: str, data: st.DataObject) -> None:
    """French from the stored sentence is French from the values themselves."""
    values = {name: data.draw(_value(name, spec)) for name, spec in slots(template).items()}
    sentence = say(template, **values)
    assert told(sentence, "fr") == teller("fr")(template, **values)
    assert told(sentence, "en") == sentence


@given(st.text())
def test_words_that_nobody_made_stand_as_they_are(text: str) -> None:
    if not phrases.known(text):
        assert told(text, "fr") == text


def test_sentences_within_sentences() -> None:
    what = say("{said}, decay of the transcript expected,", said="stop gained")
    sentence = say("{said} in {gene}", said=what, gene="BRCA1")
    sentence = say(
        "{said}, {more}",
        said=sentence,
        more=say("where at least {count} other null alleles are asserted pathogenic", count=3),
    )
    assert told(sentence, "fr") == (
        "codon stop gagné, dégradation du transcrit (NMD) attendue, dans BRCA1, où au moins 3 "
        "autres allèles nuls sont affirmés pathogènes"
    )


def test_several_faults_of_a_call() -> None:
    faults = ", ".join([say("depth {count} below {limit}", count=4, limit=8), say("no call")])
    assert told(faults, "fr") == "profondeur 4, inférieure à 8, pas d'appel"


def test_numbers_are_written_as_french_does() -> None:
    assert told("population frequency 0.0123: excluded by BA1", "fr") == (
        "fréquence en population 0,0123 : exclu par BA1"
    )
