"""Common data elements of ERN registries: what is told, what is not, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from export_world import ALL, ALLELE, FOUND, KEY, Bench, context_for, decision, record
from hypothesis import given
from hypothesis import strategies as st
from nomenclature_world import write_pack
from record_strategies import records

from ariane.model.case import Sex, Status
from ariane.model.history import History
from ariane.registry import ern_cde
from ariane.registry.consent_now import ConsentNow
from ariane.registry.documents import Context, Document
from ariane.registry.gates import Destination, Gate, Purpose
from ariane.registry.patch import Refusal
from ariane.registry.record import AlleleRecord, CaseRecord, Coded

EPICARE = Destination(Purpose.ERN, "EpiCARE")
CONTEXT = context_for(EPICARE)
OBO = "http://purl.obolibrary.org/obo/"
SOLVED = record(status=Status.SOLVED, decision=decision(), named=(FOUND,))


@pytest.fixture
def pinned(tmp_path: Path) -> Context:
    pins = {"nomenclatures": {"ern": write_pack(tmp_path / "pack.zip")}}
    return Context(EPICARE, CONTEXT.provenance, Bench(tmp_path / "b").knowledge, Path(), pins)


def told(*given: CaseRecord, context: Context = CONTEXT) -> tuple[list[Refusal], Document]:
    *refused, document = ern_cde.write(iter(given), context)
    assert isinstance(document, Document)
    assert list(ern_cde.check(document, context)) == []
    return [one for one in refused if isinstance(one, Refusal)], document


def rows(*given: CaseRecord, context: Context = CONTEXT) -> list[dict[str, str]]:
    refused, document = told(*given, context=context)
    assert refused == []
    return list(csv.DictReader(io.StringIO(document.text)))


def of(model: str, found: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in found if row["model"] == model]


def test_an_undiagnosed_case_is_told_by_its_terms_and_retained_variants() -> None:
    found = rows(record(decision=decision(Status.CANDIDATE), named=(FOUND,)))
    assert not of("Diagnosis", found)
    assert [(r["valueIRI"], r["comments"]) for r in of("Symptom", found)] == [
        (f"{OBO}HP_0001250", "Seizure")
    ]
    gene, variant = of("Genetic", found)
    assert (gene["value"], gene["valueIRI"]) == ("HGNC:4177", "https://identifiers.org/hgnc:4177")
    assert (variant["value"], variant["valueIRI"]) == ("NM_000001.2:c.1A>G", f"{OBO}VariO_0138")
    assert variant["process_type"] == f"{OBO}NCIT_C15709"
    assert variant["comments"] == "het; candidate by report CR-7"
    assert {(r["pid"], r["context_id"]) for r in found} == {("F1", "c1")}


HISTORY = History("P11M", "P3Y6M", "P5Y")


def test_ages_in_years_stand_with_what_they_are_about() -> None:
    found = rows(replace(SOLVED, history=HISTORY))
    (onset,) = of("Symptom_onset", found)
    assert (onset["value"], onset["value_datatype"], onset["comments"]) == (
        "0", "xsd:integer", "P11M",
    )  # fmt: skip
    assert [row["age"] for row in of("Diagnosis", found)] == ["3"]
    assert {row["age"] for row in of("Genetic", found)} == {"5"}
    assert {r["age"] for r in found if r["model"] not in ("Diagnosis", "Genetic")} == {""}
    genetic = replace(SOLVED, history=History(genetic_diagnosis="P5Y"))
    assert [row["age"] for row in of("Diagnosis", rows(genetic))] == ["5"]


def test_no_age_at_a_diagnosis_without_one_and_none_before_birth() -> None:
    candidate = record(decision=decision(Status.CANDIDATE), named=(FOUND,), history=HISTORY)
    assert {row["age"] for row in rows(candidate)} == {""}
    antenatal = rows(replace(SOLVED, history=History("antenatal", "antenatal")))
    assert not of("Symptom_onset", antenatal)  # the model takes a date or an age
    assert {row["age"] for row in antenatal} == {""}
    (birth,) = of("Symptom_onset", rows(record(history=History("P0D"))))
    assert (birth["value"], birth["comments"]) == ("0", "at birth")


def test_an_age_out_of_place_is_told() -> None:
    _, made = told(record())
    lines = made.text.split("\n")
    for number, line in enumerate(lines):
        cells = line.split(",")
        if len(cells) == len(ern_cde.COLUMNS) and cells[2] == "Symptom":
            cells[ern_cde.COLUMNS.index("age")] = "3"
            lines[number] = ",".join(cells)
    broken = Document(made.name, "\n".join(lines), made.columns)
    assert any("Symptom at the age '3'" in fault for fault in ern_cde.check(broken, CONTEXT))


def test_a_proposal_is_not_told() -> None:
    assert not of("Genetic", rows(record()))


@pytest.mark.parametrize("outcome", [Status.REFUTED, Status.CLOSED, Status.IN_PROGRESS])
def test_what_is_no_longer_or_not_yet_the_patients_is_not_told(outcome: Status) -> None:
    found = rows(record(decision=decision(outcome), named=(FOUND,)))
    assert not of("Genetic", found)
    assert not of("Diagnosis", found)


def test_a_diagnosis_by_the_pack_in_force(pinned: Context) -> None:
    moved = decision(disease=Coded("ORPHA:2", "Moved"))
    (one,) = of("Diagnosis", rows(replace(SOLVED, decision=moved), context=pinned))
    assert one["valueIRI"] == "http://www.orpha.net/ORDO/Orphanet_1"
    assert one["startdate"] == "2024-02-01"
    assert one["comments"] == "Disorder one é; ORPHA:2 moved to ORPHA:1"


def test_a_diagnosis_without_a_code_stays_a_diagnosis() -> None:
    (one,) = of("Diagnosis", rows(SOLVED))
    assert one["valueIRI"] == "https://www.omim.org/entry/1"
    assert one["comments"] == "no nomenclature is pinned for this destination"


def test_a_signed_impasse_is_undiagnosed_and_keeps_its_terms(pinned: Context) -> None:
    impasse = decision(Status.IMPASSE, disease=None)
    found = rows(record(decision=impasse, named=()), context=pinned)
    (one,) = of("Diagnosis", found)
    assert one["valueIRI"] == "http://www.orpha.net/ORDO/Orphanet_616874"
    assert of("Symptom", found)
    assert not of("Diagnosis", rows(record(status=Status.IMPASSE), context=pinned))


@pytest.mark.parametrize(
    ("sex", "code"), [(Sex.FEMALE, "C16576"), (Sex.MALE, "C20197"), (Sex.UNKNOWN, "C17998")]
)
def test_sexes(sex: Sex, code: str) -> None:
    assert of("Sex", rows(record(sex=sex)))[0]["valueIRI"] == f"{OBO}NCIT_{code}"


@pytest.mark.parametrize(
    ("onset", "age"),
    [("HP:0003577", ["0"]), ("HP:0003593", ["0"]), ("HP:0011463", []), ("HP:0030674", []),
     (None, [])],
)  # fmt: skip
def test_an_onset_is_told_where_it_means_an_age(onset: str | None, age: list[str]) -> None:
    found = of("Symptom_onset", rows(record(onset=Coded(onset, "x") if onset else None)))
    assert [row["value"] for row in found] == age


def test_the_consent_is_that_of_the_day() -> None:
    now = {"F1": ConsentNow(replace(ALL, research=False), False)}
    (today,) = Gate(EPICARE, now).passing([record()])
    assert [r["value"] for r in of("Consent_used", rows(today))] == ["No"]
    assert [r["value"] for r in of("Consent_used", rows(record()))] == ["Yes"]


@pytest.mark.parametrize(
    ("allele", "name"),
    [
        (ALLELE, ["NM_000001.2:c.1A>G"]), (replace(ALLELE, hgvs_c=""), ["NC_000001.11:g.55A>G"]),
        (AlleleRecord(KEY), []),
    ],
)  # fmt: skip
def test_a_variant_has_its_name_or_is_left_out(allele: AlleleRecord, name: list[str]) -> None:
    found = rows(replace(SOLVED, named=(replace(FOUND, alleles=(allele,)),)))
    assert [r["value"] for r in of("Genetic", found)][1:] == name


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"observed": (Coded("seizure", ""),)}, "'seizure' is not an HPO term"),
        ({"observed": ()}, "neither phenotype, nor diagnosis, nor genotype"),
        ({"decision": decision(disease=None)}, "solved, but the decision names no disease"),
        ({"decision": decision(disease=Coded("free", ""))}, "diagnosis 'free' has no address"),
    ],
)
def test_each_refusal(change: Mapping[str, Any], reason: str) -> None:
    refused, document = told(record(**change), record("F2"))
    assert [one.case for one in refused] == ["F1"]
    assert reason in "; ".join(refused[0].reasons)
    assert "F1" not in document.text


@given(st.lists(records(), max_size=3, unique_by=lambda r: r.case))
def test_any_records_are_a_valid_table_or_are_refused_with_a_reason(
    given: list[CaseRecord],
) -> None:
    refused, document = told(*given)
    held = {row["pid"] for row in csv.DictReader(io.StringIO(document.text))}
    assert held | {one.case for one in refused} == {one.case for one in given}
    assert not held & {one.case for one in refused}
    assert all(one.reasons for one in refused)
    assert told(*given) == (refused, document)


def line(**more: str) -> str:
    sex = {"pid": "F1", "model": "Sex", "valueIRI": f"{OBO}NCIT_C16576"}
    consent = {"pid": "F1", "model": "Consent_used", "value": "Yes", "value_datatype": "xsd:string"}
    symptom = {"pid": "F1", "model": "Symptom", "valueIRI": f"{OBO}HP_0001250", **more}
    out = io.StringIO()
    writer = csv.DictWriter(out, ern_cde.COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([sex, consent, symptom])
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("pid,model\n", "other columns"),
        (line(valueIRI="HP:0001250"), "Symptom with the address 'HP:0001250'"),
        (line(model="Sex"), "F1: not one sex"), (line(pid=""), "no pid"),
        (line(model="Sex", valueIRI="x"), "Sex with the address 'x'"),
        (line(model="Birthdate", value="2001-01-01"), "model 'Birthdate' is none"),
        (line(model="Genetic", valueIRI="https://x.org/y"), "Genetic without a label"),
        (line(model="Symptom_onset", value="early", value_datatype="xsd:integer"), "'early'"),
        (line(model="Symptom_onset", value="3", value_datatype="xsd:date"), "'xsd:date'"),
        (line(startdate="01/02/2024"), "startdate '01/02/2024'"),
        (line(pid="F2"), "F1: neither phenotype"),
        (line(model="Diagnosis", valueIRI="http://www.orpha.net/ORDO/Orphanet_616874")
         + "F1,,Diagnosis,,http://www.orpha.net/ORDO/Orphanet_58,,,,,,,,,,\n",
         "a diagnosis and that there is none"),
    ],
)  # fmt: skip
def test_each_fault_that_the_checker_knows(text: str, fault: str) -> None:
    found = list(ern_cde.check(Document("cde.csv", text), CONTEXT))
    assert any(fault in one for one in found), found
