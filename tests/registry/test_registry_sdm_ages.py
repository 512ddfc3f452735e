"""SDM-MR: ages at first signs and diagnoses, and the diagnosis at entry."""

from __future__ import annotations

import pytest
from export_world import (
    record,
)
from lxml import etree
from sdm_world import decided, diagnoses, section_of, written

from ariane.model.case import Status
from ariane.model.history import History
from ariane.registry.record import Coded
from ariane.registry.sdm_diagnosis import Age, Diagnosis
from ariane.registry.sdm_disease import Disease
from ariane.registry.sdm_document import document
from ariane.registry.sdm_shapes import CDA
from ariane.registry.sdm_tables import Edition


@pytest.mark.parametrize(
    ("onset", "code"),
    [
        ("HP:0030674", "303112003"), ("HP:0011460", "303112003"), ("HP:0034197", "303112003"),
        ("HP:0003577", "255407002"), ("HP:0003623", "255407002"),
        ("HP:0003593", "767023003"), ("HP:0003581", "767023003"), ("HP:0410280", "767023003"),
        ("HP:4000040", "373068000"), ("", "373068000"),
    ],
)  # fmt: skip
def test_age_at_first_signs_from_the_term_of_onset(onset: str, code: str) -> None:
    (fields,) = diagnoses(written(record(onset=Coded(onset, "x") if onset else None)))
    assert fields["PAT-013"] == [code]
    assert "PAT-014" not in fields  # a term tells no month


def test_what_nothing_tells_is_left_open_and_never_invented() -> None:
    (fields,) = diagnoses(written(decided()))
    assert fields["MED-071"] == ["NI"]  # the schematron demands it, the set has no "not known"
    assert fields["PAT-062"] == fields["PAT-064"] == ["373068000"]
    assert "MED-073" not in fields
    assert section_of(written(decided())).find(f".//{{{CDA}}}participant") is None
    (fields,) = diagnoses(written(decided(), version="2022.01"))
    assert fields["PAT-015"] == ["373068000"]


HISTORY = History("P5M", "P1Y", "P3Y4M", "inadequate")


def test_the_ages_of_the_sheet_are_those_of_the_confirmed_diagnosis() -> None:
    root = written(decided(history=HISTORY))
    (fields,) = diagnoses(root)
    assert [fields[f"PAT-0{n}"] for n in (13, 62, 64)] == [["767023003"]] * 3
    assert [fields[f"PAT-0{n}"] for n in (14, 63, 65)] == [["5"], ["12"], ["40"]]
    assert fields["MED-071"] == ["71978007"]
    text = etree.tostring(root, encoding="unicode")
    assert "à l'âge de : 3 ans 4 mois" in text
    assert "À REMPLACER : absent" not in text
    (old,) = diagnoses(written(decided(history=HISTORY), version="2022.01"))
    assert (old["PAT-015"], old["PAT-016"]) == (["767023003"], ["12"])
    late = History(genetic_diagnosis="P3Y4M")
    (old,) = diagnoses(written(decided(history=late), version="2022.01"))
    assert old["PAT-016"] == ["40"]  # the one age is that of the diagnosis which is told


@pytest.mark.parametrize(
    ("age", "code", "months"),
    [
        ("P0D", "255407002", None),
        ("P27D", "255407002", None),
        ("P28D", "767023003", "0"),
        ("P1Y1M", "767023003", "13"),
        ("antenatal", "303112003", None),
        ("postmortem", "303113008", None),
        ("", "373068000", None),
    ],
)
def test_each_age_has_its_code(age: str, code: str, months: str | None) -> None:
    (fields,) = diagnoses(written(decided(history=History(clinical_diagnosis=age))))
    assert fields["PAT-062"] == [code]
    assert fields.get("PAT-063", [None]) == [months]


@pytest.mark.parametrize("outcome", [Status.IN_PROGRESS, Status.CANDIDATE, Status.REFUTED])
def test_without_a_confirmed_diagnosis_no_age_at_one_is_told(outcome: Status) -> None:
    told = diagnoses(written(decided(outcome, history=HISTORY)))
    for fields in told:
        assert fields["PAT-062"] == fields["PAT-064"] == ["373068000"]
    assert told[-1]["PAT-014"] == ["5"]  # that of the whole case stands with the open one


@pytest.mark.parametrize(
    ("word", "told"),
    [("absent", ["2667000"] * 2), ("inadequate", ["NI"] * 2), ("adequate", ["NI"] * 2)],
)
def test_of_two_diagnoses_nothing_tells_which_was_right_at_entry(
    word: str, told: list[str]
) -> None:
    both = diagnoses(written(decided(Status.PARTLY_SOLVED, history=History(at_entry=word))))
    assert [fields["MED-071"][0] for fields in both] == told


@pytest.mark.parametrize(
    ("word", "code"),
    [("absent", "2667000"), ("inadequate", "71978007"), ("adequate", "88323005")],
)
def test_each_appreciation_has_its_code(word: str, code: str) -> None:
    (fields,) = diagnoses(written(record(history=History(at_entry=word))))
    assert fields["MED-071"] == [code]


def test_ages_that_are_told_are_written_in_months() -> None:
    months = {"first_signs": Age("age", 5), "clinical": Age("age", 12), "genetic": Age("age", 40)}
    one = Diagnosis("X", "confirmed", Disease("355", "", "", "G"), at_entry="inadequate",
                    investigations=("molecular", "clinical"), **months)  # fmt: skip
    root = etree.fromstring(document("F1", [one], Edition("2024.01", "2024-10-22"), "c").encode())
    (fields,) = diagnoses(root)
    assert [fields[f"PAT-0{n}"] for n in (14, 63, 65)] == [["5"], ["12"], ["40"]]
    assert fields["MED-071"] == ["71978007"]
    root = etree.fromstring(document("F1", [one], Edition("2022.01", "2024-10-22"), "c").encode())
    (fields,) = diagnoses(root)
    assert (fields["PAT-015"], fields["PAT-016"]) == (["767023003"], ["12"])
    assert fields["ORG-017"] == ["116148004", "58147004"]
