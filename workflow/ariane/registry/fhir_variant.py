"""FHIR Observations of one finding: its variants, what they do, what they may mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ariane.registry.fhir_codes import (
    ACCESSION,
    ENSEMBL,
    HGVS_SYSTEM,
    PROFILES,
    REFSEQ,
    UCUM,
    Json,
    allelic_coding,
    change_coding,
    code,
    coding,
    concept,
    consequence_codings,
    find,
    vocabulary_coding,
)
from ariane.registry.identifiers import uuid_of
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, FindingRecord
from ariane.registry.variation import HGVS
from ariane.registry.vocabularies import gene_curie, structural, variant_kind
from ariane.safe import visible

_ASSESSED: Final = {"ref": "Absent", "missing": "No call"}


def observation(
    kind: str, record: CaseRecord, number: str, status: str, note: str = "", **more: Any
) -> Json:
    """An Observation of one of the profiles, about the patient of a record."""
    found: Json = {
        "resourceType": "Observation",
        "id": number,
        "meta": {"profile": [PROFILES[kind]]},
        "status": status,
        "category": [concept(code("category", "laboratory"))],
        "code": concept(code("resource", kind)),
        "subject": reference(patient_id(record)),
    }
    if record.analysis_date:
        found["effectiveDateTime"] = record.analysis_date
    if note:
        found["note"] = [{"text": visible(note)}]
    return found | {name: value for name, value in more.items() if value}


def patient_id(record: CaseRecord) -> str:
    """Identifier of the Patient."""
    return uuid_of("patient", record.case, record.patient)


def reference(number: str, display: str = "") -> Json:
    """A Reference to another resource of the bundle."""
    return {"reference": f"urn:uuid:{number}"} | ({"display": display} if display else {})


def of_finding(
    record: CaseRecord, finding: FindingRecord, disease: Coded | None, status: str, note: str
) -> Iterator[Json]:
    """Its variants, each with consequence and implication; a pair is told as one, too.

    Args:
        record: the case.
        finding: an allele or a pair.
        disease: what it would explain; None where nothing may be said of a meaning.
        status: ``final`` for what people decided, ``preliminary`` for a proposal.
        note: who says it.
    """
    variants = [_variant(record, finding, allele, status, note) for allele in finding.alleles]
    for allele, variant in zip(finding.alleles, variants, strict=True):
        yield variant
        source = [reference(variant["id"])]
        effects = consequence_codings(allele.consequence)
        if effects:
            number = uuid_of("consequence", variant["id"])
            component = [_part("effect", concept(*effects))]
            yield observation(
                "consequence", record, number, status, derivedFrom=source, component=component
            )
        if disease is not None:
            number = uuid_of("implication", variant["id"], finding.id, disease.id)
            component = list(_meaning(record, finding, allele, disease))
            told = _with_class(record, allele, note)
            yield observation(
                "implication", record, number, status, told, derivedFrom=source, component=component
            )
    if len(variants) > 1 and finding.zygosity == "compound":
        yield observation(
            "variant",
            record,
            uuid_of("pair", *(variant["id"] for variant in variants)),
            status,
            note,
            valueCodeableConcept=concept(code("variant", "Present")),
            hasMember=[reference(variant["id"]) for variant in variants],
            component=[_part("complex", concept(code("complex", "compound")))],
        )


def _variant(
    record: CaseRecord, finding: FindingRecord, allele: AlleleRecord, status: str, note: str
) -> Json:
    number = uuid_of("variant", record.case, record.assembly, allele.key, finding.gene.id)
    told = _ASSESSED.get(allele.zygosity, "Present" if allele.zygosity else "")
    components = [*_names(record, finding, allele), *_place(record, allele), *_call(record, allele)]
    return observation(
        "variant",
        record,
        number,
        status,
        note,
        valueCodeableConcept=concept(code("variant", told)) if told else None,
        component=components,
    )


def _names(record: CaseRecord, finding: FindingRecord, allele: AlleleRecord) -> Iterator[Json]:
    gene = gene_curie(finding.gene)
    named = vocabulary_coding(gene, record.provenance) if gene else None
    if named:
        yield _part("gene", concept(named))
    coding_name = f"{allele.transcript}:{allele.hgvs_c}" if allele.transcript else ""
    for word, name in (
        ("c.HGVS", coding_name),
        ("g.HGVS", allele.hgvs_g),
        ("p.HGVS", allele.hgvs_p),
    ):
        if HGVS.fullmatch(name):
            yield _part(word, concept(coding(HGVS_SYSTEM, name, name)))
        elif word == "p.HGVS" and name:  # without an accession it is a text, no code
            yield _part(word, {"text": name})
    if allele.transcript:
        system = REFSEQ if ACCESSION.fullmatch(allele.transcript) else ENSEMBL
        yield _part("transcript", concept(coding(system, allele.transcript)))
    sequence = allele.hgvs_g.partition(":")[0]
    if ACCESSION.fullmatch(sequence):
        yield _part("sequence", concept(coding(REFSEQ, sequence)))


def _place(record: CaseRecord, allele: AlleleRecord) -> Iterator[Json]:
    _, position, ref, alt = allele.place
    assembly = find("assembly", record.assembly)
    if assembly:
        yield _part("assembly", concept(assembly))
    kind = change_coding(variant_kind(allele))
    if kind:
        yield _part("change", concept(kind))
    yield _part("coordinates", concept(code("coordinates", "1-based")))
    span: Json = {"low": {"value": position}}
    if alt.startswith("<"):
        alt, _, end = alt[1:-1].rpartition(":")
        alt, span["high"] = f"<{alt}>", {"value": int(end)}
    elif len(ref) > 1 and not structural(allele):
        span["high"] = {"value": position + len(ref) - 1}
    yield _part("place", span, "valueRange")
    yield _part("ref", ref, "valueString")
    yield _part("alt", alt, "valueString")


def _call(record: CaseRecord, allele: AlleleRecord) -> Iterator[Json]:
    state = allelic_coding(allele.zygosity)
    if state:
        yield _part("allelic state", concept(state))
    source = "fetal" if record.prenatal else "germline"
    word = allele.origin if find("source", allele.origin) else source
    yield _part("source", concept(code("source", word)))
    parent = find("origin", allele.origin)
    if parent:
        yield _part("origin", concept(parent))
    call = allele.genotype
    if call is None:
        return
    if call.alt_fraction is not None:
        share = {"value": round(call.alt_fraction, 4), "unit": "1", "system": UCUM, "code": "1"}
        yield _part("share", share, "valueQuantity")
    for word, number in (("depth", call.alt_depth), ("copies", call.copies)):
        if number is not None:
            quantity = {"value": number, "unit": "1", "system": UCUM, "code": "1"}
            yield _part(word, quantity, "valueQuantity")


def _meaning(
    record: CaseRecord, finding: FindingRecord, allele: AlleleRecord, disease: Coded
) -> Iterator[Json]:
    named = vocabulary_coding(disease, record.provenance)
    if named:
        yield _part("phenotype", concept(named))
    elif disease.id:
        yield _part("phenotype", {"text": visible(disease.label or disease.id)})
    mode = find("mode", finding.mode)
    if mode:
        yield _part("mode", concept(mode))
    significance = find("significance", allele.acmg_class)
    if significance and record.provenance.interpretable:
        yield _part("significance", concept(significance))


def _with_class(record: CaseRecord, allele: AlleleRecord, note: str) -> str:
    if not allele.acmg_class or not record.provenance.interpretable:
        return note
    source = record.provenance
    criteria = f" ({' '.join(allele.criteria)})" if allele.criteria else ""
    return (
        f"{note} The ACMG class {allele.acmg_class}{criteria} is proposed by Ariane, "
        f"cycle {source.cycle}, release {source.release}, and not validated."
    )


def _part(word: str, value: Any, field: str = "valueCodeableConcept") -> Json:
    return {"code": concept(code("component", word)), field: value}
