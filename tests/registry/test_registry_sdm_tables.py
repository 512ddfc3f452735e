"""The tables of SDM-MR: each code on its days, against the value sets of the ANS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from lxml import etree
from sdm_world import SHARED, present, told, written

from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Status
from ariane.model.errors import ArianeError
from ariane.registry.sdm_check import faults_of
from ariane.registry.sdm_diagnosis import Age, Diagnosis
from ariane.registry.sdm_disease import Disease
from ariane.registry.sdm_document import document
from ariane.registry.sdm_tables import (
    VERSIONS,
    Edition,
    UntellableError,
    becomes,
    systems,
    value_sets,
)

ROWS = read_marked(FOLDER / "sdm_mr.tsv")
WORDS = read_marked(FOLDER / "sdm_mr_words.tsv")
SVS = "{urn:ihe:iti:svs:2008}"
FILES = {
    "status": "StatutActuelDiagnostic",
    "age": "Age",
    "appreciation": "AppreciationDiagnosticCentre",
    "heredity": "CasSporadiqueFamilial",
    "technique": "TechniquesDiagnostic",
}


def edition(day: str, version: str = "2024.01") -> Edition:
    """An edition of any day, which the configuration would not take for all versions."""
    return Edition(version, day, impasse_confirmed=True)


def before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def name_of(row: Mapping[str, str]) -> str:
    return f"{row['list']}-{row['word']}-{row['code']}-{row['since']}"


@pytest.mark.shared_data
@pytest.mark.parametrize("values", FILES)
def test_the_sets_are_those_of_the_ans(values: str) -> None:
    path = present(SHARED / "jeuxDeValeurs" / f"JDV_{FILES[values]}_CISIS.xml")
    found = etree.parse(str(path)).getroot().find(f"{SVS}ValueSet")
    assert found is not None
    concepts = {
        (c.get("code"), c.get("codeSystem"), c.get("displayName"))
        for c in found.iter(f"{SVS}Concept")
    }
    on = edition("2024-10-22")
    ours = {on.coding(values, on.word_of(values, *pair)) for pair in on.set_of(values)}
    assert {(c.code, c.system, c.label) for c in ours} == concepts
    assert on.revision(values) == (found.get("revisionDate") or "")[:10]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_code_stands_on_its_days_and_no_others(row: Mapping[str, str]) -> None:
    values, word, code = row["list"], row["word"], row["code"]
    days = [row["since"], before(row["until"]) if row["until"] else "2100-01-01"]
    for day in days:
        on = edition(day)
        assert on.coding(values, word).code == code
        assert (code, row["system"]) in on.set_of(values)
        assert on.word_of(values, code, row["system"]) == word
    for day in filter(None, (before(row["since"]), row["until"])):
        other = edition(day)
        still = [r for r in ROWS if r["code"] == code and r["list"] == values and r is not row]
        stands = any(r["since"] <= day and (not r["until"] or day < r["until"]) for r in still)
        assert ((code, row["system"]) in other.set_of(values)) is stands


@pytest.mark.parametrize("row", ROWS, ids=name_of)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_code_is_written_and_passes(row: Mapping[str, str], version: str) -> None:
    on = edition(row["since"], version)
    values, word = row["list"], row["word"]
    given: dict[str, Any] = {
        "status": {"status": word},
        "age": {"first_signs": Age(word, 7 if word == "age" else None)},
        "appreciation": {"at_entry": word},
        "heredity": {"heredity": word},
        "technique": {"techniques": (word,)},
        "investigation": {"investigations": (word,)},
    }[values]
    searched = word in ("ongoing", "undetermined") and values == "status"
    disease = Disease("", "", "UNK", "?") if searched else Disease("355", "Gaucher", "", "Gaucher")
    common = {"id": "X", "status": "confirmed", "investigations": ("molecular",)}
    text = document("F1", [Diagnosis(**{**common, **given}, disease=disease)], on, "c1")
    assert list(faults_of(text, "F1.xml", on)) == []
    known = version == "2022.01" or values != "investigation"
    assert (f'code="{row["code"]}" displayName="{row["label"]}"' in text) is known


def test_one_code_for_a_word_on_a_day() -> None:
    for values in value_sets():
        days = sorted(
            {day for r in ROWS if r["list"] == values for day in (r["since"], r["until"])}
        )
        for day in filter(None, days):
            on = edition(day)
            words = [on.word_of(values, *pair) for pair in on.set_of(values)]
            assert len(words) == len(set(words))


def test_probable_goes_and_comes_back() -> None:
    stands = {
        day: edition(day, "2022.01").word_of("status", "2931005", "2.16.840.1.113883.6.96")
        for day in ("2023-01-30", "2023-01-31", "2024-09-10", "2024-10-22", "2025-02-21")
    }
    assert [bool(word) for word in stands.values()] == [False, True, True, False, True]


@pytest.mark.parametrize(
    ("day", "word", "words"),
    [
        ("2024-10-22", "probable", "from 2023-01-31 to before 2024-10-11 and from 2025-02-21"),
        ("2024-02-06", "refuted", "from 2024-02-07"),
        ("2024-08-05", "carrier", "from 2024-08-06"),
        ("2024-09-20", "ongoing", "to before 2024-08-06 and from 2024-10-11"),
        ("2024-10-22", "nonsense", "never"),
    ],
)
def test_what_a_set_does_not_hold_is_said_with_its_days(day: str, word: str, words: str) -> None:
    with pytest.raises(UntellableError, match=f"value set of {day}: it stands there .*{words}"):
        edition(day).coding("status", word)


def test_gen_codes_stand_until_the_end_of_january_2023() -> None:
    codes = {code for code, _ in edition("2023-01-30").set_of("status")}
    assert codes == {"GEN-034", "G-2002", "GEN-021", "GEN-035"}


@pytest.mark.parametrize("day", ["2023-01-30", "2024-10-22"])
def test_the_code_of_impasse_waits_for_the_site(day: str) -> None:
    with pytest.raises(UntellableError, match=r"inferred.*impasse_code_confirmed: true"):
        Edition("2022.01", day).coding("status", "undetermined")
    assert edition(day).coding("status", "undetermined").shown == "non déterminé"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"version": "2021.01"}, "'2021.01' is not one of 2022.01, 2024.01"),
        ({"value_sets": "22/10/2024"}, "is no day"),
        ({"value_sets": "2024-10-17"}, "is before 2024-10-18, when version 2024.01 was made"),
        ({"version": "2022.01", "value_sets": "2022-10-23"}, "is before 2022-10-24"),
    ],
)
def test_an_edition_that_does_not_exist_is_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(ArianeError, match=words):
        told(**options)


def test_what_a_record_becomes_is_in_force_whenever_a_version_may_be_used() -> None:
    """Only a status can be missing from a set on a day; all other words are always there."""
    for row in WORDS:
        values = {"onset": "age", "outcome": "status"}.get(row["kind"], row["kind"])
        words = {r["word"] for r in ROWS if r["list"] == values}
        assert set(row["becomes"].split()) <= words
        if values == "status":
            continue
        changes = {r[when] for r in ROWS if r["list"] == values for when in ("since", "until")}
        for day in {"2022-10-24", *(d for d in changes if d > "2022-10-24")}:
            for word in becomes(row["kind"], row["word"]):
                assert edition(day).coding(values, word)


def test_each_outcome_of_a_decision_is_answered() -> None:
    answered = {r["word"]: r["becomes"] for r in WORDS if r["kind"] == "outcome"}
    assert set(answered) == {str(status) for status in Status} - {Status.WITHDRAWN}
    assert [word for word, words in answered.items() if not words] == ["closed"]
    (impasse,) = {r["certainty"] for r in ROWS if r["word"] == answered["impasse"] and
                  r["list"] == "status"}  # fmt: skip
    assert impasse == "I"


def test_fields_name_sets_and_systems_that_exist() -> None:
    for version in VERSIONS:
        fields = edition("2024-10-22", version).fields
        assert len({f.code for f in fields}) == len(fields) > 10
        for field in fields:
            if field.kind == "CD":
                assert field.values in value_sets() or systems(field.values)
            assert field.at_most is None or field.at_least <= field.at_most


def test_the_default_edition_is_written() -> None:
    assert written() is not None
