"""What is wrong with a FHIR bundle that is about to leave: its structure, its codes, its claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from ariane.registry.documents import Context, Document
from ariane.registry.fhir_ages import WORDS as AGES
from ariane.registry.fhir_codes import (
    ACCESSION,
    ENSEMBL,
    HGVS_SYSTEM,
    PROFILES,
    REFSEQ,
    Json,
    code,
    known_codes,
)
from ariane.registry.variation import HGVS
from ariane.registry.vocabularies import vocabulary

_PATIENT: Final = frozenset({"resourceType", "id", "identifier", "gender"})
_IDS: Final[Mapping[str, re.Pattern[str]]] = {
    "HGNC": re.compile(r"HGNC:\d+"),
    "OMIM": re.compile(r"\d+"),
    "ORPHA": re.compile(r"ORPHA:\d+"),
    "MONDO": re.compile(r"MONDO:\d{7}"),
    "HP": re.compile(r"HP:\d{7}"),
    "ensembl": re.compile(r"ENSG\d+[\w.]*"),
}
"""Forms of codes that no table lists."""


def check(document: Document, context: Context) -> Iterable[str]:
    """Faults of one document; nothing where it is a right bundle."""
    try:
        Bundle.model_validate_json(document.text)
    except ValidationError as problem:
        return [
            f"does not follow FHIR R4B: {'.'.join(map(str, e['loc']))}: {e['msg']}"
            for e in problem.errors()
        ]
    return list(_faults(json.loads(document.text), context))


def _faults(bundle: Json, context: Context) -> Iterator[str]:
    if bundle.get("timestamp") != f"{context.provenance.as_of}T00:00:00Z":
        yield "not stamped with the as-of date"
    entries = bundle.get("entry", [])
    urls = [entry.get("fullUrl") for entry in entries]
    if len(set(urls)) != len(urls):
        yield "two entries share an address"
    resources = [entry["resource"] for entry in entries]
    kinds = [resource["resourceType"] for resource in resources]
    if kinds.count("Patient") != 1 or kinds.count("DiagnosticReport") != 1:
        yield "not one Patient and one DiagnosticReport"
    for entry in entries:
        resource = entry["resource"]
        where = f"{resource['resourceType']} {resource.get('id', '')}"
        if entry.get("fullUrl") != f"urn:uuid:{resource.get('id')}":
            yield f"{where}: another address than its id"
        for link in _references(resource):
            if link not in urls:
                yield f"{where}: refers to {link}, which is not in the bundle"
        for one in _codings(resource):
            if not _known(one, context):
                yield f"{where}: {one.get('system')}|{one.get('code')} ({one.get('display', '')})"
        yield from (f"{where}: {fault}" for fault in _claims(resource))


def _claims(resource: Json) -> Iterator[str]:
    kind = resource["resourceType"]
    if kind == "Patient":
        extra = sorted(set(resource) - _PATIENT)
        if extra or not resource.get("identifier"):
            yield f"more or less than a pseudonym and a sex: {', '.join(extra)}"
        return
    profile = (resource.get("meta") or {}).get("profile", [""])[0]
    told = resource["code"]["coding"][0]
    words = (w for w, address in PROFILES.items() if address == profile)
    word = next((w for w in words if told == code("resource", w)), "")
    if not word:
        yield f"code and profile {profile!r} are not of one kind"
    if resource.get("status") not in ("final", "preliminary") or not resource.get("subject"):
        yield "neither final nor preliminary, or of no subject"
    if kind == "Observation" and word in AGES:
        if not {"valueQuantity", "valueCodeableConcept"} & set(resource):
            yield "an age without a value"
    elif kind == "Observation":
        yield from _observation(resource, word)


def _observation(resource: Json, word: str) -> Iterator[str]:
    parts = [part["code"]["coding"][0]["code"] for part in resource.get("component", [])]
    if len(set(parts)) != len(parts):
        yield "a component stands twice"
    laboratory = code("category", "laboratory")
    if all(laboratory not in one["coding"] for one in resource.get("category", [])):
        yield "not of the category laboratory"
    if word in ("implication", "consequence") and not resource.get("derivedFrom"):
        yield "derived from nothing"
    classified = code("component", "significance")["code"] in parts
    if classified and not any("proposed by Ariane" in n["text"] for n in resource.get("note", [])):
        yield "a class without its source"
    if resource.get("status") == "preliminary" and word == "implication":
        told = " ".join(n["text"] for n in resource.get("note", []))
        if not told:
            yield "a proposal that does not say so"


def _known(one: Mapping[str, Any], context: Context) -> bool:
    system, value, display = one.get("system"), one.get("code", ""), one.get("display", "")
    if (system, value, display) in _codes():
        return True
    if system == HGVS_SYSTEM:
        return bool(HGVS.fullmatch(value))
    if system == REFSEQ:
        return bool(ACCESSION.fullmatch(value))
    if system == ENSEMBL and value.startswith("ENST"):
        return True
    for prefix, form in _IDS.items():
        found = vocabulary(prefix, context.provenance)
        if found and found.fhir == system and form.fullmatch(value):
            return True
    return False


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _codings(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from value.get("coding", [])
        for inner in value.values():
            yield from _codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _codings(inner)


@cache
def _codes() -> frozenset[tuple[str, str, str]]:
    return known_codes()
