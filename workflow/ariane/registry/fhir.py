"""HL7 FHIR R4B: one Genomics Reporting bundle for each case, with the patient by pseudonym only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ariane.model.canonical import to_json
from ariane.model.case import Sex
from ariane.registry.case_state import State, overall_state, proposals, state_of
from ariane.registry.diseases import diseases_for
from ariane.registry.documents import Context, Document
from ariane.registry.fhir_ages import of_ages
from ariane.registry.fhir_codes import (
    PROFILES,
    Json,
    code,
    concept,
    find,
    overall_coding,
)
from ariane.registry.fhir_variant import observation, of_finding, patient_id, reference
from ariane.registry.identifiers import uuid_of
from ariane.registry.patch import Refusal
from ariane.registry.record import CaseRecord, Coded
from ariane.registry.sentences import of_case, of_proposal
from ariane.registry.variation import unwritable
from ariane.safe import visible

_SEXES: Final = {Sex.MALE: "male", Sex.FEMALE: "female", Sex.UNKNOWN: "unknown"}

_MEANT: Final = frozenset({State.SOLVED, State.PARTLY_SOLVED, State.CANDIDATE})
"""States in which a finding of the decision means its disease. A refuted one means none."""

_NAMED: Final = _MEANT | {State.REFUTED}
_ENDED: Final = frozenset(
    {State.SOLVED, State.PARTLY_SOLVED, State.REFUTED, State.IMPASSE, State.CLOSED}
)
"""States that a person verified, so that what is told of them is final."""

NOBODY: Final = Coded("", "")
"""A disease that nobody named: the implication then tells the class alone."""


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document | Refusal]:
    """One bundle for each case whose variants can be written."""
    disease_of = diseases_for(context)
    for record in records:
        reasons = tuple(_reasons(record))
        if reasons:
            yield Refusal(record.case, reasons)
            continue
        bundle = _bundle(record, disease_of(record))
        yield Document(f"{record.case}.json", to_json(bundle) + "\n")


def _reasons(record: CaseRecord) -> Iterator[str]:
    if find("assembly", record.assembly) is None:
        yield f"assembly {record.assembly!r} has no code"
    for finding in [*record.named, *(c.finding for c in proposals(record))]:
        for allele in finding.alleles:
            reason = unwritable(allele)
            if reason:
                yield f"variant {allele.key!r} {reason}"


def _bundle(record: CaseRecord, disease: Coded | None) -> Json:
    findings = list(_findings(record, disease))
    by_id = {resource["id"]: resource for resource in findings}  # a pair may share an allele
    observations = [*_overall(record), *of_ages(record), *by_id.values()]
    source = record.provenance
    resources = [_patient(record), _report(record, observations), *observations]
    return {
        "resourceType": "Bundle",
        "id": uuid_of("bundle", record.case, source.cycle),
        "type": "collection",
        "timestamp": _instant(record),
        "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources],
    }


def _patient(record: CaseRecord) -> Json:
    return {
        "resourceType": "Patient",
        "id": patient_id(record),
        "identifier": [{"type": {"text": "pseudonym"}, "value": visible(record.patient)}],
        "gender": _SEXES[record.sex],
    }


def _report(record: CaseRecord, observations: list[Json]) -> Json:
    decided = record.decided
    final = state_of(record) in _ENDED and not proposals(record)
    report: Json = {
        "resourceType": "DiagnosticReport",
        "id": uuid_of("report", record.case, record.provenance.cycle),
        "meta": {"profile": [PROFILES["report"]]},
        "status": "final" if final else "preliminary",
        "category": [concept(code("category", "genetics"))],
        "code": concept(code("resource", "report")),
        "subject": reference(patient_id(record)),
        "issued": _instant(record),
        "conclusion": visible(of_case(record)),
    }
    if decided:
        kind = {"text": "signed report of the decision"}
        report["identifier"] = [{"type": kind, "value": visible(decided.report)}]
    if record.analysis_date:
        report["effectiveDateTime"] = record.analysis_date
    if record.laboratory:
        report["performer"] = [{"display": visible(record.laboratory)}]
    if observations:
        report["result"] = [reference(one["id"]) for one in observations]
    return report


def _overall(record: CaseRecord) -> Iterator[Json]:
    state = overall_state(record)
    value = overall_coding(state)
    if value:
        status = "final" if state in _ENDED else "preliminary"
        number = uuid_of("overall", record.case, record.provenance.cycle)
        yield observation("overall", record, number, status, valueCodeableConcept=concept(value))


def _findings(record: CaseRecord, disease: Coded | None) -> Iterator[Json]:
    """Proposals first: what people decided about the same variant then stands in their place."""
    for candidate in proposals(record):
        yield from of_finding(
            record,
            candidate.finding,
            candidate.disease,
            "preliminary",
            of_proposal(candidate, record.provenance),
        )
    if state_of(record) in _NAMED:
        meant = (disease or NOBODY) if state_of(record) in _MEANT else None
        status = "final" if state_of(record) in _ENDED else "preliminary"
        for finding in record.named:
            yield from of_finding(record, finding, meant, status, of_case(record))


def _instant(record: CaseRecord) -> str:
    return f"{record.provenance.as_of}T00:00:00Z"
