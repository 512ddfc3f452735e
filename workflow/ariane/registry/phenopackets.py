"""GA4GH Phenopackets v2: one for each case, with what people decided and what Ariane proposes.

A decision is one interpretation, each proposal another; a computed ACMG class is marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from phenopackets import (
    Age,
    Diagnosis,
    Disease,
    GeneDescriptor,
    GenomicInterpretation,
    GestationalAge,
    Individual,
    Interpretation,
    MetaData,
    OntologyClass,
    Phenopacket,
    PhenotypicFeature,
    Resource,
    TimeElement,
)

from ariane.intake.prenatal import AFTER_BIRTH
from ariane.model.canonical import to_json
from ariane.model.case import Sex
from ariane.model.history import ANTENATAL, is_duration
from ariane.registry.case_state import State, proposals, state_of, words_of
from ariane.registry.diseases import diseases_for
from ariane.registry.documents import Context, Document
from ariane.registry.identifiers import short_id
from ariane.registry.patch import Refusal
from ariane.registry.record import CaseRecord, Coded, FindingRecord, Provenance
from ariane.registry.sentences import of_case, of_proposal
from ariane.registry.variation import interpretation, unwritable
from ariane.registry.vocabularies import gene_curie, phenotype_faults, prefix_of, vocabulary
from ariane.safe import visible

SCHEMA: Final = "2.0.2"
"""Version of the Phenopacket schema that the documents follow."""

UNNAMED: Final = Coded("MONDO:0000001", "disease")
"""Stands where the schema asks for a disease and nobody has named one."""

BEFORE_BIRTH: Final = Coded("HP:0030674", "Antenatal onset")

GESTATION: Final = re.compile(r"P(\d{1,3})W(?:([0-6])D)?")

_SEXES: Final = {Sex.MALE: "MALE", Sex.FEMALE: "FEMALE", Sex.UNKNOWN: "UNKNOWN_SEX"}


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document | Refusal]:
    """One phenopacket for each case that the schema can hold."""
    disease_of = diseases_for(context)
    for record in records:
        disease = disease_of(record)
        reasons = tuple(_reasons(record, disease))
        if reasons:
            yield Refusal(record.case, reasons)
            continue
        content = json_format.MessageToDict(_packet(record, disease))
        yield Document(f"{record.case}.json", to_json(content) + "\n")


def _reasons(record: CaseRecord, disease: Coded | None) -> Iterator[str]:
    """Why a record cannot be a phenopacket."""
    yield from phenotype_faults(record)
    if record.age and not is_duration(record.age):
        yield f"age {record.age!r} is not a duration"
    if record.gestation and not GESTATION.fullmatch(record.gestation):
        yield f"gestation {record.gestation!r} is not in weeks and days"
    shown = proposals(record)
    named = [disease] if disease else []
    for one in [*named, *(c.disease for c in shown if c.disease.id)]:
        if vocabulary(prefix_of(one.id), record.provenance) is None:
            yield f"disease {one.id!r} is of no vocabulary in resources/registry/ontologies.tsv"
    for finding in [*record.named, *(c.finding for c in shown)]:
        for allele in finding.alleles:
            reason = unwritable(allele)
            if reason:
                yield f"variant {allele.key!r} {reason}"


def _packet(record: CaseRecord, disease: Coded | None) -> Phenopacket:
    packet = Phenopacket(
        id=record.case,
        subject=Individual(id=record.patient, sex=_SEXES[record.sex]),
        phenotypic_features=[
            PhenotypicFeature(type=_term(term), excluded=excluded)
            for excluded, terms in ((False, record.observed), (True, record.excluded))
            for term in terms
        ],
        diseases=_diseases(record, disease),
        interpretations=_interpretations(record, disease),
    )
    time = _time(record)
    if time is not None:
        packet.subject.time_at_last_encounter.CopyFrom(time)
    packet.meta_data.CopyFrom(_meta(packet, record.provenance))
    return packet


def _time(record: CaseRecord) -> TimeElement | None:
    pregnancy = GESTATION.fullmatch(record.gestation)
    if pregnancy:
        weeks, days = int(pregnancy[1]), int(pregnancy[2] or 0)
        return TimeElement(gestational_age=GestationalAge(weeks=weeks, days=days))
    return TimeElement(age=Age(iso8601duration=record.age)) if record.age else None


def _diseases(record: CaseRecord, disease: Coded | None) -> Iterator[Disease]:
    """The decided disease; and the age of onset, which the schema holds nowhere else: the age where
    it is told, else the term. It has no place for ages at a diagnosis."""
    refuted = state_of(record) is State.REFUTED
    if disease and refuted:
        yield Disease(term=_term(disease), excluded=True)
    stands = disease if disease and state_of(record) in _DIAGNOSED else None
    signs = record.history.first_signs
    if stands or record.onset or signs == ANTENATAL or is_duration(signs):
        entry = Disease(term=_term(stands or UNNAMED))
        if is_duration(signs):
            entry.onset.age.iso8601duration = signs
        elif signs == ANTENATAL and (record.onset is None or record.onset.id in AFTER_BIRTH):
            entry.onset.ontology_class.CopyFrom(_term(BEFORE_BIRTH))
        elif record.onset:
            entry.onset.ontology_class.CopyFrom(_term(record.onset))
        yield entry


_DIAGNOSED: Final = frozenset({State.SOLVED, State.PARTLY_SOLVED})
_INTERPRETED: Final = _DIAGNOSED | {State.REFUTED, State.CANDIDATE}
"""States in which what the decision names means something: an impasse has no diagnosis."""


def _interpretations(record: CaseRecord, disease: Coded | None) -> Iterator[Interpretation]:
    state = state_of(record)
    words = words_of(state)
    told = Interpretation(
        id=f"{record.case}.case",
        progress_status=words["progress"],
        summary=visible(of_case(record)),
    )
    decided = record.decided
    names = decided is not None and (disease or record.named or decided.gene)
    if names and state in _INTERPRETED:
        told.diagnosis.disease.CopyFrom(_term(disease or UNNAMED))
        told.diagnosis.genomic_interpretations.extend(_decided(record, words["interpretation"]))
    yield told
    candidate = words_of(State.CANDIDATE)
    for one in proposals(record):
        diagnosis = Diagnosis(
            disease=_term(one.disease if one.disease.id else UNNAMED),
            genomic_interpretations=_genomic(record, one.finding, candidate["interpretation"]),
        )
        yield Interpretation(
            id=short_id(record.case, one.finding.id, one.disease.id),
            progress_status=candidate["progress"],
            diagnosis=diagnosis,
            summary=visible(of_proposal(one, record.provenance)),
        )


def _decided(record: CaseRecord, status: str) -> Iterator[GenomicInterpretation]:
    """The findings that the signed decision names; without any, its gene."""
    if record.decided is None:
        return
    for finding in record.named:
        yield from _genomic(record, finding, status)
    gene = record.decided.gene
    named = gene_curie(gene) if gene and not record.named else None
    if named:
        yield GenomicInterpretation(
            subject_or_biosample_id=record.patient,
            interpretation_status=status,
            gene=GeneDescriptor(value_id=named.id, symbol=visible(named.label or named.id)),
        )


def _genomic(
    record: CaseRecord, finding: FindingRecord, status: str
) -> Iterator[GenomicInterpretation]:
    for allele in finding.alleles:
        yield GenomicInterpretation(
            subject_or_biosample_id=record.patient,
            interpretation_status=status,
            variant_interpretation=interpretation(allele, finding, record),
        )


def _meta(packet: Phenopacket, provenance: Provenance) -> MetaData:
    created = Timestamp()
    created.FromDatetime(datetime.fromisoformat(provenance.as_of).replace(tzinfo=UTC))
    engine = ", ".join(f"{part} {number}" for part, number in sorted(provenance.engine.items()))
    held = [vocabulary(prefix, provenance) for prefix in sorted(prefixes_of(packet))]
    return MetaData(
        created=created,
        created_by=f"Ariane ({engine})" if engine else "Ariane",
        phenopacket_schema_version=SCHEMA,
        resources=[
            Resource(
                id=v.id,
                name=v.name,
                url=v.url,
                version=v.version,
                namespace_prefix=v.prefix,
                iri_prefix=v.iri,
            )
            for v in held
            if v is not None
        ],
    )


def prefixes_of(packet: Phenopacket) -> set[str]:
    """Prefixes of all identifiers that a packet takes from a vocabulary."""
    found = {feature.type.id for feature in packet.phenotypic_features}
    for disease in packet.diseases:
        found |= {disease.term.id, disease.onset.ontology_class.id}
    for told in packet.interpretations:
        found.add(told.diagnosis.disease.id)
        for one in told.diagnosis.genomic_interpretations:
            variation = one.variant_interpretation.variation_descriptor
            found |= {
                one.gene.value_id,
                variation.gene_context.value_id,
                variation.allelic_state.id,
                variation.structural_type.id,
            }
    return {prefix_of(identifier) for identifier in found if identifier}


def _term(coded: Coded) -> OntologyClass:
    return OntologyClass(id=coded.id, label=visible(coded.label))
