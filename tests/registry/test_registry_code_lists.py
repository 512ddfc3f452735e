"""Each row of the tables of codes reaches a document, and the checker lets it through."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from export_world import ALLELE, FOUND, context_for, decision, record
from sdm_world import diagnoses, edition, written

from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Sex, Status
from ariane.model.history import History
from ariane.registry import ern_cde, fhir, fhir_check
from ariane.registry.documents import Document
from ariane.registry.gates import Destination, Purpose
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, FindingRecord
from ariane.registry.sdm_tables import becomes

Row = Mapping[str, str]
ERN = context_for(Destination(Purpose.ERN, "EpiCARE"))
REUSE = context_for(Destination(Purpose.REUSE))


def rows_of(name: str, column: str, *words: str) -> list[Any]:
    """Rows of a table whose column holds one of the words, as test parameters."""
    return [
        pytest.param(row, id=f"{row[column]}-{row['word']}")
        for row in read_marked(FOLDER / name)
        if row[column] in words
    ]


def elements(one: CaseRecord) -> list[dict[str, str]]:
    (document,) = ern_cde.write(iter([one]), ERN)
    assert isinstance(document, Document)
    assert list(ern_cde.check(document, ERN)) == []
    return list(csv.DictReader(io.StringIO(document.text)))


@pytest.mark.parametrize("row", rows_of("cde_terms.tsv", "use", "sex", "onset"))
def test_terms_of_the_ern_elements(row: Row) -> None:
    if row["use"] == "sex":
        (told,) = (r for r in elements(record(sex=Sex(row["word"]))) if r["model"] == "Sex")
        assert told["valueIRI"] == row["iri"]
    else:
        found = elements(record(onset=Coded(row["word"], "")))
        (told,) = (r for r in found if r["model"] == "Symptom_onset")
        assert told["value"] == row["value"]


def solved(finding: FindingRecord = FOUND, **more: Any) -> CaseRecord:
    return record(status=Status.SOLVED, decision=decision(), named=(finding,), **more)


def with_allele(**more: Any) -> CaseRecord:
    allele: AlleleRecord = replace(ALLELE, **more)
    return solved(replace(FOUND, alleles=(allele,)))


def told_with(row: Row) -> CaseRecord:
    """A record that tells the row's word."""
    word = row["word"]
    match row["use"]:
        case "assembly":
            return solved(assembly=word)
        case "mode":
            return solved(replace(FOUND, mode=word))
        case "significance":
            return with_allele(acmg_class=word)
        case "origin":
            return with_allele(origin=word)
        case "source":
            origin = word if word == "de novo" else ""
            pregnancy = {"gestation": "P22W", "age": ""} if word == "fetal" else {}
            return replace(with_allele(origin=origin), **pregnancy)
        case "variant":
            return with_allele(zygosity={"Absent": "ref", "No call": "missing"}.get(word, "het"))
        case "age":
            return replace(solved(), history=History(clinical_diagnosis=word))
        case _:
            raise AssertionError(row["use"])


@pytest.mark.parametrize(
    "row",
    rows_of("fhir_codes.tsv", "use", "assembly", "mode", "significance", "origin", "source",
            "variant", "age"),
)  # fmt: skip
def test_answers_of_the_fhir_bundle(row: Row) -> None:
    (document,) = fhir.write(iter([told_with(row)]), REUSE)
    assert isinstance(document, Document)
    assert list(fhir_check.check(document, REUSE)) == []
    told = {"system": row["system"], "code": row["code"], "display": row["display"]}
    assert told in list(codings(json.loads(document.text)))


def codings(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.get("coding", []), *(c for inner in value.values() for c in codings(inner))]
    return [c for inner in value for c in codings(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize("row", rows_of("sdm_mr_words.tsv", "kind", "onset"))
def test_each_onset_has_its_age_in_sdm_mr(row: Row) -> None:
    (fields,) = diagnoses(written(record(onset=Coded(row["word"], ""))))
    assert fields["PAT-013"] == [edition().coding("age", row["becomes"]).code]


@pytest.mark.parametrize("row", rows_of("sdm_mr_words.tsv", "kind", "technique", "investigation"))
def test_each_technique_has_its_words_in_sdm_mr(row: Row) -> None:
    version = "2022.01" if row["kind"] == "investigation" else "2024.01"
    one = solved(technique=row["word"])
    one = replace(one, decision=decision(disease=Coded("ORPHA:1", "")))
    (fields,) = diagnoses(written(one, version=version))
    field = {"technique": "MED-1286", "investigation": "ORG-017"}[row["kind"]]
    words = becomes(row["kind"], row["word"])
    assert fields[field] == [edition(version=version).coding(row["kind"], w).code for w in words]


def test_every_other_row_of_these_tables_is_named_here() -> None:
    """So that a row that is added is tested, or listed."""
    uses = {row["use"] for row in read_marked(FOLDER / "cde_terms.tsv")}
    assert uses == {"sex", "onset", "genetic"}
    uses = {row["use"] for row in read_marked(FOLDER / "fhir_codes.tsv")}
    elsewhere = {"resource", "component", "coordinates", "complex", "category"}
    assert uses - elsewhere == {
        "assembly", "mode", "significance", "origin", "source", "variant", "age",
    }  # fmt: skip
    kinds = {row["kind"] for row in read_marked(FOLDER / "sdm_mr_words.tsv")}
    assert kinds == {"outcome", "onset", "technique", "investigation"}
