"""Ages at the first signs and the diagnoses, from the sheet and from a phenopacket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_folders import HERE, lay_out

from ariane.intake.check import check_config
from ariane.intake.history import AT_ENTRY, COLUMNS, at_entry_words, history_of
from ariane.intake.phenopacket import read_phenopacket
from ariane.intake.sheet import Row
from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Analysis, Case, Consent, Phenotype, Status
from ariane.model.errors import Fault, Level
from ariane.model.history import History, days_of, months_of, parts_of, years_of

FIRST, CLINICAL, GENETIC = COLUMNS


def read(
    phenotype: Phenotype | None = None,
    status: Status = Status.SOLVED,
    packet: str = "",
    **cells: str,
) -> tuple[History, list[Fault]]:
    row = Row(2, {"case_id": "F1", **cells})
    return history_of(row, phenotype or Phenotype(), status, packet, "s:2")


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("P3Y6M", "P3Y6M"),
        ("Anténatal", "antenatal"),
        ("birth", "P0D"),
        ("Naissance", "P0D"),
        ("", ""),
    ],
)
def test_an_age_or_one_of_the_words(written: str, held: str) -> None:
    told, faults = read(**dict.fromkeys(COLUMNS, written))
    assert told == History(held, held, held)
    assert faults == []


def test_all_faults_at_once() -> None:
    told, faults = read(
        age_first_signs="postmortem", age_clinical_diagnosis="3 ans",
        age_genetic_diagnosis="2014-02-01", diagnosis_at_entry="adequat",
    )  # fmt: skip
    assert told == History(at_entry="adequate")
    assert [f.what for f in faults] == [
        "age_first_signs 'postmortem' is not an age",
        "age_clinical_diagnosis '3 ans' is not an age",
        "age_genetic_diagnosis '2014-02-01' is not an age",
    ]
    _, (wrong,) = read(diagnosis_at_entry="inadequat ?")
    assert (wrong.level, wrong.what) == (
        Level.ERROR,
        "diagnosis_at_entry 'inadequat ?' is not known",
    )
    assert "inadequat" in wrong.advice
    assert read(age_clinical_diagnosis="postmortem")[0].clinical_diagnosis == "postmortem"


def test_every_word_of_the_national_value_set_is_known() -> None:
    rows = [r for r in read_marked(FOLDER / "sdm_mr.tsv") if r["list"] == "appreciation"]
    assert len(rows) == 6
    for row in rows:
        for written in (row["word"], row["fr"], row["label"].upper()):
            assert read(**{AT_ENTRY: written})[0].at_entry == row["word"]
    assert set(at_entry_words().values()) == {"absent", "inadequate", "adequate"}


@pytest.mark.parametrize(
    ("phenotype", "status", "cells", "said"),
    [
        (Phenotype(age="P2Y"), Status.SOLVED, {FIRST: "P3Y"}, "later than the age at the last"),
        (Phenotype(onset="HP:0003593"), Status.SOLVED, {FIRST: "P3Y"}, "onset is HP:0003593"),
        (Phenotype(onset="HP:0003593"), Status.SOLVED, {FIRST: "antenatal"}, "onset is HP:0003593"),
        (Phenotype(), Status.IMPASSE, {GENETIC: "P3Y"}, "is given, and status is impasse"),
    ],
)
def test_what_contradicts_is_told_and_kept(
    phenotype: Phenotype, status: Status, cells: dict[str, str], said: str
) -> None:
    told, (fault,) = read(phenotype, status, **cells)
    assert said in fault.what
    assert fault.level is Level.WARNING
    assert told != History()


@pytest.mark.parametrize(
    ("onset", "age"),
    [
        ("HP:0003577", "P0D"), ("HP:0003623", "P20D"), ("HP:0003593", "P11M"),
        ("HP:0011463", "P1Y"), ("HP:0003621", "P12Y"), ("HP:0011462", "P41Y"),
        ("HP:0003577", "antenatal"), ("HP:0030674", "antenatal"), ("HP:0410280", "P3Y"),
        ("", "P3Y"),
    ],
)  # fmt: skip
def test_an_onset_that_can_mean_the_age(onset: str, age: str) -> None:
    assert read(Phenotype(onset=onset), **{FIRST: age})[1] == []


def test_a_foetus_has_no_age_after_birth() -> None:
    foetus = Phenotype(gestation="P22W")
    _, faults = read(foetus, **{FIRST: "P0D", CLINICAL: "P1M", GENETIC: "antenatal"})
    assert [f.what for f in faults] == [
        "age_first_signs is P0D, and the case is a foetus",
        "age_clinical_diagnosis is P1M, and the case is a foetus",
    ]
    assert all(f.level is Level.ERROR for f in faults)
    assert read(foetus, **{FIRST: "antenatal", CLINICAL: "postmortem"})[1] == []


def test_the_phenopacket_tells_the_age_where_the_sheet_does_not() -> None:
    assert read(packet="P3Y")[0].first_signs == "P3Y"
    told, (fault,) = read(packet="P3Y", **{FIRST: "P4Y"})
    assert told.first_signs == "P4Y"
    assert "P4Y in the sheet and P3Y in the phenopacket" in fault.what
    assert read(packet="P3Y", **{FIRST: "P3Y"})[1] == []


@pytest.mark.parametrize(
    ("onsets", "held"),
    [
        ([{"age": {"iso8601duration": "P3Y"}}, {"age": {"iso8601duration": "P13M"}}], "P13M"),
        ([{"ontologyClass": {"id": "HP:0003593", "label": ""}}], ""),
        ([{"gestationalAge": {"weeks": 22}}, {"age": {"iso8601duration": "P3Y"}}], ""),
        ([{"age": {"iso8601duration": "three"}}], ""),
        ([], ""),
    ],
)
def test_the_age_that_a_phenopacket_tells(onsets: list[Any], held: str, tmp_path: Path) -> None:
    packet, faults = read_phenopacket(packet_with(onsets, tmp_path))
    assert packet is not None, faults
    assert packet.first_signs == held


def packet_with(onsets: list[Any], folder: Path) -> Path:
    """A phenopacket whose diseases have these onsets."""
    path = folder / "p.json"
    raw = json.loads((HERE / "cases" / "packet_onset_differs" / "p.json").read_text())
    term = {"id": "OMIM:1", "label": "x"}
    raw["diseases"] = [{"term": term, "onset": onset} for onset in onsets]
    path.write_text(json.dumps(raw))
    return path


def test_from_a_phenopacket_to_the_frozen_inputs(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(HERE / "cases" / "packet_onset_differs", tmp_path, releases)
    packet_with([{"age": {"iso8601duration": "P11M"}}], tmp_path)
    head, line = (tmp_path / "families.tsv").read_text().replace("HP:0003577", "").splitlines()
    (tmp_path / "families.tsv").write_text(f"{head}\t{AT_ENTRY}\n{line}\tabsent\n")
    monkeypatch.chdir(tmp_path)
    _, (one,), _ = check_config(Path("config.yaml"))
    assert one.history == History("P11M", at_entry="absent")
    assert Case.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_inputs_frozen_before_there_were_ages_are_read() -> None:
    one = Case("F1", "p", (), Phenotype(), Analysis("v.vcf"), Consent())
    raw = one.to_json()
    del raw["history"]
    assert Case.from_json(raw) == one


NUMBERS = st.integers(0, 130)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_durations_count_whole_units(years: int, months: int, weeks: int, days: int) -> None:
    text = f"P{years}Y{months}M{weeks}W{days}D"
    assert parts_of(text) == (years, months, weeks, days)
    total = days_of(text)
    assert total is not None
    assert (months_of(text) or 0) // 12 >= years
    assert (years_of(text) or 0) >= years
    more = days_of(f"P{years + 1}Y{months}M{weeks}W{days}D")
    assert more == total + 365


@given(st.text("PYMWDT0123456789 antel", max_size=9))
def test_any_text_is_an_age_or_a_fault(text: str) -> None:
    told, faults = read(**{CLINICAL: text})
    assert bool(faults) == bool(text and not told.clinical_diagnosis)
