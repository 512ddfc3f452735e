"""The data dictionary: a true Table Schema, the same as the mapping, the page, and what is written.

The rules of Table Schema are those of its specification, version 1 (specs.frictionlessdata.io).
"""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.case import Analysis, Case, Consent, Decision, Member, Phenotype, Status
from ariane.registry import words
from ariane.registry.impasse import load_impasses
from ariane.registry.mapping import FIELDS, read_mapping
from ariane.registry.propose import Rules, propose
from ariane.registry.values import DATE_FORMATS

ROOT = Path(__file__).resolve().parents[2]
DICTIONARY = ROOT / "resources" / "registry" / "impasse.schema.json"
DOCUMENT = json.loads(DICTIONARY.read_text(encoding="utf-8"))
OWN = {f["ariane_field"]: f for f in DOCUMENT["fields"] if "ariane_field" in f}
TEXT = {"type": "string", "minLength": 1}
TABLE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["fields"],
    "properties": {
        "fields": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "type"],
                "properties": {
                    "name": TEXT,
                    "title": TEXT,
                    "description": TEXT,
                    "type": {
                        "enum": [
                            "string", "number", "integer", "boolean", "object", "array", "date",
                            "time", "datetime", "year", "yearmonth", "duration", "geopoint",
                            "geojson", "any",
                        ]
                    },
                    "format": TEXT,
                    "decimalChar": TEXT,
                    "groupChar": TEXT,
                    "bareNumber": {"type": "boolean"},
                    "constraints": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "required": {"type": "boolean"},
                            "unique": {"type": "boolean"},
                            "minLength": {"type": "integer", "minimum": 0},
                            "maxLength": {"type": "integer", "minimum": 0},
                            "minimum": {"type": ["number", "string"]},
                            "maximum": {"type": ["number", "string"]},
                            "pattern": TEXT,
                            "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
                        },
                    },
                },
                "allOf": [
                    {
                        "if": {"properties": {"type": {"const": "string"}}},
                        "then": {"not": {"required": ["decimalChar"]}},
                        "else": {
                            "properties": {"constraints": {"not": {"required": ["pattern"]}}}
                        },
                    },
                    {
                        "if": {"properties": {"type": {"const": "date"}}},
                        "then": {"properties": {"format": {"enum": list(DATE_FORMATS)}}},
                    },
                ],
            },
        },
        "missingValues": {"type": "array", "items": {"type": "string"}},
        "primaryKey": {"type": ["string", "array"]},
        "foreignKeys": {"type": "array"},
    },
}  # fmt: skip


def test_it_is_a_table_schema_in_two_languages() -> None:
    jsonschema.validate(DOCUMENT, TABLE_SCHEMA)
    names = [f["name"] for f in DOCUMENT["fields"]]
    assert len(set(names)) == len(names)
    assert DOCUMENT["primaryKey"] in names
    for told in [DOCUMENT, *DOCUMENT["fields"]]:
        assert told["description_fr"]
        assert told["description_fr"] != told["description"]
    for field in DOCUMENT["fields"]:
        assert bool(field["decided_by"]) is bool(field["decided_by_fr"]) is True


def test_its_names_are_those_of_the_example_mapping() -> None:
    mapping = read_mapping(ROOT / "config" / "registries" / "example.yaml")
    assert {name: field["name"] for name, field in OWN.items()} == dict(mapping.columns)
    assert tuple(OWN) == FIELDS
    assert DOCUMENT["primaryKey"] == mapping.key
    assert OWN["due"]["format"] == mapping.date_format
    assert OWN["posterior"]["decimalChar"] == mapping.decimal


@pytest.mark.parametrize(
    ("page", "heading", "told"),
    [
        (
            "registry.md",
            "| field | default column |",
            ("description", "description_fr", "decided_by"),
        ),
        ("registry.fr.md", "| champ | colonne par défaut |", ("description_fr", "decided_by_fr")),
    ],
)
def test_the_pages_have_the_same_table(page: str, heading: str, told: tuple[str, ...]) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    lines = text[text.index(heading) :].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert rows == [
        [f"`{name}`", f"`{field['name']}`", *(field[what] for what in told)]
        for name, field in OWN.items()
    ]


@pytest.mark.parametrize("page", ["registry.md", "registry.fr.md"])
def test_the_pages_tell_every_word_and_say_first_whose_shape_this_is(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert "national" in text.splitlines()[0]
    assert "Ariane" in text.splitlines()[0]
    for word in [
        words.CANDIDATE, words.NO_CANDIDATE, words.IMPASSE, words.AT_RISK, words.NOT_EXAMINED,
        words.CLOSED_WITHOUT_DECISION, *words.BY_DECISION.values(),
        words.IMPASSE_UNSHOWN.format(what="…"), words.REVIEW.format(date="…"),
    ]:  # fmt: skip
        assert word in text, word


def fits(field: dict[str, Any], text: str) -> bool:
    """Whether a cell is what the dictionary says."""
    rules = field.get("constraints", {})
    if text == "":
        return not rules.get("required")
    if field["type"] == "number":
        value = float(text.replace(field["decimalChar"], "."))
        return bool(rules["minimum"] <= value <= rules["maximum"])
    if field["type"] == "date":
        datetime.datetime.strptime(text, field["format"])  # noqa: DTZ007
    if "pattern" in rules and not re.fullmatch(rules["pattern"], text):
        return False
    return "enum" not in rules or text in rules["enum"]


def test_every_word_that_ariane_writes_is_in_it() -> None:
    statuses = [
        words.CANDIDATE, words.NO_CANDIDATE, words.AT_RISK, words.NOT_EXAMINED,
        words.CLOSED_WITHOUT_DECISION, *words.BY_DECISION.values(), words.impasse([], ""),
        words.impasse([], "30/06/2024"), words.impasse(["2 ans", "exome ou génome"], ""),
        words.impasse(["2 ans"], "30/06/2024"),
    ]  # fmt: skip
    for text in statuses:
        assert fits(OWN["proposal_status"], text), text
    assert not fits(OWN["proposal_status"], "confirmé")
    assert OWN["outcome"]["constraints"]["enum"] == list(words.OUTCOME.values())
    assert set(words.BY_DECISION) < set(words.OUTCOME) < set(Status)


OUTCOMES = st.none() | st.sampled_from([*words.OUTCOME, Status.WITHDRAWN])


@given(
    st.sampled_from(list(Status)), OUTCOMES, st.floats(0, 1),
    st.lists(st.sampled_from(sorted(words.REASONS)), max_size=2, unique=True), st.booleans(),
)  # fmt: skip
def test_whatever_is_proposed_fits(
    status: Status, outcome: Status | None, posterior: float, reasons: list[str], looked_at: bool
) -> None:
    mapping = read_mapping(ROOT / "config" / "registries" / "example.yaml")
    case = Case("F1", "p", (Member("p", "s"),), Phenotype(), Analysis("a.vcf.gz"),
                Consent(registry=True), status, filiere="RespiFIL")  # fmt: skip
    finding = "HGNC:1|AR|chr1-55-A-G"
    standing = [
        {"case": "F1", "gene": "HGNC:1", "symbol": "GBA1", "rank": 1, "hypothesis": "h",
         "finding": finding, "disease": "OMIM:1", "posterior": posterior},
    ]  # fmt: skip
    flags = [
        {"case": "F1", "reason": reason, "gene": "HGNC:1", "symbol": "GBA1", "finding": finding,
         "sentence": "", "due": "2024-06-30", "priority": 1} for reason in reasons
    ]  # fmt: skip
    named = ("HGNC:1", "chr1-55-A-G", "OMIM:1", "RCP", "RCP", "CR-7", "2024-01-01")
    decisions = [Decision("F1", outcome, *named)] if outcome else []
    patch = propose(
        [case], flags, standing if looked_at else [], [], decisions, mapping=mapping, cycle="c",
        release="R", engine={}, rules=Rules(0.1, load_impasses(), "2024-03-06"),
    )  # fmt: skip
    for proposal in patch.proposals:
        for name, text in proposal.values.items():
            assert fits(OWN[name], text), (name, text)
    withdrawn = Status.WITHDRAWN in (status, outcome)
    assert bool(patch.proposals) is not withdrawn
