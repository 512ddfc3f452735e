"""Codes of a FHIR Genomics Reporting bundle, from the tables of ``resources/registry``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from ariane.knowledge.marked import FOLDER, read_marked
from ariane.registry.case_state import State, words_of
from ariane.registry.record import Coded, Provenance
from ariane.registry.vocabularies import (
    allelic_states,
    prefix_of,
    variant_types,
    vocabulary,
)

Json = dict[str, Any]

LOINC: Final = "http://loinc.org"
SO: Final = "http://sequenceontology.org"
HGVS_SYSTEM: Final = "http://varnomen.hgvs.org"
REFSEQ: Final = "http://www.ncbi.nlm.nih.gov/refseq"
ENSEMBL: Final = "http://www.ensembl.org"
UCUM: Final = "http://unitsofmeasure.org"
_ANY: Final = "http://hl7.org/fhir/StructureDefinition/Observation"
_PROFILES: Final = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"

PROFILES: Final[Mapping[str, str]] = {
    "report": f"{_PROFILES}genomic-report",
    "overall": f"{_PROFILES}overall-interpretation",
    "variant": f"{_PROFILES}variant",
    "implication": f"{_PROFILES}diagnostic-implication",
    "consequence": f"{_PROFILES}molecular-consequence",
    **dict.fromkeys(("first signs", "clinical diagnosis", "genetic diagnosis"), _ANY),
}
"""The guide has no profile for ages: those are plain Observations."""

ACCESSION: Final = re.compile(r"[A-Z]{2}_\d+\.\d+")
"""A RefSeq accession with its version."""


def coding(system: str, code: str, display: str = "") -> Json:
    """One Coding."""
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(*codings: Json, text: str = "") -> Json:
    """One CodeableConcept."""
    return {"coding": list(codings)} | ({"text": text} if text else {})


def code(use: str, word: str) -> Json:
    """The Coding of a word of the table.

    Raises:
        KeyError: the table has no such word.
    """
    row = _codes()[use, word]
    return coding(row["system"], row["code"], row["display"])


def find(use: str, word: str) -> Json | None:
    """The Coding of a word, or None where the table has none."""
    return code(use, word) if (use, word) in _codes() else None


def allelic_coding(zygosity: str) -> Json | None:
    """The LOINC answer of an allelic state."""
    row = allelic_states().get(zygosity)
    return coding(LOINC, row["loinc"], row["loinc_label"]) if row else None


def change_coding(kind: str) -> Json | None:
    """The kind of a variant in the Sequence Ontology."""
    row = variant_types().get(kind)
    return coding(SO, row["so"], row["so_label"]) if row else None


def consequence_codings(consequence: str) -> list[Json]:
    """Consequence terms in the Sequence Ontology, most severe first; unknown ones are left out."""
    terms = _consequences()
    return [coding(SO, terms[t], t) for t in consequence.split("&") if t in terms]


def overall_coding(state: State) -> Json | None:
    """The overall interpretation of a state; None where none may be told."""
    row = words_of(state)
    return coding(LOINC, row["overall"], row["overall_label"]) if row["overall"] else None


def vocabulary_coding(term: Coded, provenance: Provenance) -> Json | None:
    """A gene, disease or HPO term; None where its vocabulary has no code system in FHIR."""
    found = vocabulary(prefix_of(term.id), provenance)
    if found is None or not found.fhir:
        return None
    bare = term.id.partition(":")[2]
    return coding(found.fhir, bare if found.bare else term.id, term.label)


def known_codes() -> frozenset[tuple[str, str, str]]:
    """System, code and display of all that the tables hold."""

    def told() -> Iterator[Json | None]:
        yield from (code(use, word) for use, word in _codes())
        yield from (allelic_coding(word) for word in allelic_states())
        yield from (change_coding(kind) for kind in variant_types())
        yield from (coding(SO, so, term) for term, so in _consequences().items())
        yield from (overall_coding(state) for state in State)

    return frozenset((c["system"], c["code"], c["display"]) for c in told() if c)


@cache
def _codes() -> Mapping[tuple[str, str], Mapping[str, str]]:
    return {(row["use"], row["word"]): row for row in read_marked(FOLDER / "fhir_codes.tsv")}


@cache
def _consequences() -> Mapping[str, str]:
    return {row["term"]: row["so"] for row in read_marked(FOLDER / "consequence_terms.tsv")}
