"""FHIR Observations of ages: at the first signs and at the diagnoses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ariane.model.history import days_of, months_of
from ariane.registry import ages
from ariane.registry.fhir_codes import (
    PROFILES,
    UCUM,
    Json,
    code,
    concept,
    find,
    vocabulary_coding,
)
from ariane.registry.fhir_variant import patient_id, reference
from ariane.registry.identifiers import uuid_of
from ariane.registry.record import CaseRecord

WORDS: Final = ("first signs", "clinical diagnosis", "genetic diagnosis")


def of_ages(record: CaseRecord) -> Iterator[Json]:
    """An Observation for each age that is told.

    The age at the first signs is, where no number is known, the HPO term of onset. That a patient
    came with a wrong diagnosis or none has no code in FHIR.
    """
    told = (record.history.first_signs, ages.clinical(record), ages.genetic(record))
    for word, age in zip(WORDS, told, strict=True):
        value = _value(age)
        term = record.onset if word == WORDS[0] else None
        named = vocabulary_coding(term, record.provenance) if term else None
        if not value and named:
            value = {"valueCodeableConcept": concept(named)}
        if value:
            yield {
                "resourceType": "Observation",
                "id": uuid_of("age", word, record.case, record.patient),
                "meta": {"profile": [PROFILES[word]]},
                "status": "final" if record.decided else "preliminary",
                "category": [concept(code("category", "survey"))],
                "code": concept(code("resource", word), text=f"Age at {word}"),
                "subject": reference(patient_id(record)),
                **value,
            }


def _value(age: str) -> Json:
    """Completed months, or days below one; a word by its code; nothing where nothing is told."""
    word = find("age", age)
    if word:
        return {"valueCodeableConcept": concept(word)}
    days, months = days_of(age), months_of(age)
    if days is None or months is None:
        return {}
    count, unit, symbol = (months, "months", "mo") if months else (days, "days", "d")
    return {"valueQuantity": {"value": count, "unit": unit, "system": UCUM, "code": symbol}}
