"""What is wrong with a phenopacket that is about to leave: its structure, codes and its claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from google.protobuf import json_format
from phenopackets import (
    GenomicInterpretation,
    Interpretation,
    OntologyClass,
    Phenopacket,
    VariationDescriptor,
)

from ariane.model.history import is_duration
from ariane.registry.case_state import State, words_of
from ariane.registry.documents import Context, Document
from ariane.registry.phenopackets import SCHEMA, prefixes_of
from ariane.registry.variation import HGVS
from ariane.registry.vocabularies import allelic_states, prefix_of, variant_types

_REF: Final = re.compile(r"[ACGTNacgtn]+")


def check(document: Document, context: Context) -> Iterable[str]:
    """Faults of one document; nothing where it is a right Phenopacket v2."""
    try:
        packet = json_format.ParseDict(json.loads(document.text), Phenopacket())
    except (ValueError, json_format.ParseError) as problem:
        return [f"does not follow the schema: {problem}"]
    return list(_faults(packet, context))


def _faults(packet: Phenopacket, context: Context) -> Iterator[str]:
    if not packet.id or not packet.subject.id:
        yield "no id, or no subject"
    if packet.subject.HasField("date_of_birth") or packet.subject.alternate_ids:
        yield "subject: a date of birth or other identifiers"
    time = packet.subject.time_at_last_encounter
    if time.HasField("age") and not is_duration(time.age.iso8601duration):
        yield f"age {time.age.iso8601duration!r} is not a duration"
    yield from _meta(packet, context)
    seen: set[str] = set()
    for feature in packet.phenotypic_features:
        if prefix_of(feature.type.id) != "HP" or feature.type.id in seen:
            yield f"feature {feature.type.id!r}: not an HPO term, or told twice"
        seen.add(feature.type.id)
    for disease in packet.diseases:
        onset = disease.onset.ontology_class.id
        began = disease.onset.age.iso8601duration
        if began and not is_duration(began):
            yield f"disease {disease.term.id!r}: onset at {began!r} is not a duration"
        if not prefix_of(disease.term.id) or (onset and prefix_of(onset) != "HP"):
            yield f"disease {disease.term.id!r} or its onset {onset!r} is not coded"
    if len({told.id for told in packet.interpretations}) != len(packet.interpretations):
        yield "two interpretations share an id"
    for told in packet.interpretations:
        yield from (f"interpretation {told.id}: {fault}" for fault in _told(told, packet))


def _meta(packet: Phenopacket, context: Context) -> Iterator[str]:
    meta = packet.meta_data
    if meta.phenopacket_schema_version != SCHEMA or not meta.created_by:
        yield f"metaData: schema {meta.phenopacket_schema_version!r}, or nobody made it"
    if meta.created.ToJsonString() != f"{context.provenance.as_of}T00:00:00Z":
        yield "metaData: not created on the as-of date"
    held = {resource.namespace_prefix for resource in meta.resources}
    missing = prefixes_of(packet) - held
    if missing:
        yield f"metaData: no resource for {', '.join(sorted(missing)) or 'an empty prefix'}"
    if len(held) != len(meta.resources):
        yield "metaData: a resource is told twice"
    for resource in meta.resources:
        if not all((resource.id, resource.name, resource.url, resource.version)):
            yield f"metaData: resource {resource.namespace_prefix} is not whole"


def _told(told: Interpretation, packet: Phenopacket) -> Iterator[str]:
    genomic = told.diagnosis.genomic_interpretations
    progress = Interpretation.ProgressStatus.Name(told.progress_status)
    kinds = GenomicInterpretation.InterpretationStatus
    statuses = {kinds.Name(one.interpretation_status) for one in genomic}
    allowed = {(words_of(s)["progress"], words_of(s)["interpretation"]) for s in State}
    for status in sorted(statuses):
        if (progress, status) not in allowed:
            yield f"{status} in an interpretation that is {progress}"
    if progress == "UNSOLVED" and told.HasField("diagnosis"):
        yield "UNSOLVED with a diagnosis"
    if told.HasField("diagnosis") and not prefix_of(told.diagnosis.disease.id):
        yield f"disease {told.diagnosis.disease.id!r} is not coded"
    for one in genomic:
        if one.subject_or_biosample_id != packet.subject.id:
            yield "a finding of another subject"
        if one.HasField("variant_interpretation"):
            yield from _variant(one)
        elif not prefix_of(one.gene.value_id) or not one.gene.symbol:
            yield "neither a variant nor a gene"


def _variant(one: GenomicInterpretation) -> Iterator[str]:
    variation = one.variant_interpretation.variation_descriptor
    pairs = {"allelic state": (variation.allelic_state, allelic_states(), "geno"),
             "structural type": (variation.structural_type, variant_types(), "so")}  # fmt: skip
    for name, (term, rows, column) in pairs.items():
        codes = {(row[column], row[f"{column}_label"]) for row in rows.values()}
        if term.id and (term.id, term.label) not in codes:
            yield f"{name} {_shown(term)} is not in the table"
    yield from (f"{variation.label}: {fault}" for fault in _descriptor(variation))
    classified = one.variant_interpretation.acmg_pathogenicity_classification
    if classified and not any(e.name == "acmg_source" for e in variation.extensions):
        yield f"{variation.label}: a class without its source"


def _descriptor(variation: VariationDescriptor) -> Iterator[str]:
    record = variation.vcf_record
    if not variation.id or not variation.label:
        yield "no id or no label"
    if not all((record.genome_assembly, record.chrom, record.pos, record.alt)):
        yield "a VCF record that is not whole"
    if not _REF.fullmatch(record.ref):
        yield f"REF {record.ref!r}"
    if record.alt.startswith("<") and "END=" not in record.info:
        yield "a symbolic allele without its end"
    gene = variation.gene_context
    if gene.value_id and (not prefix_of(gene.value_id) or not gene.symbol):
        yield f"gene {gene.value_id!r} is not coded"
    for expression in variation.expressions:
        form = HGVS.fullmatch(expression.value)
        if form is None or expression.syntax != f"hgvs.{form[1]}":
            yield f"{expression.value!r} is not {expression.syntax}"


def _shown(term: OntologyClass) -> str:
    return f"{term.id} ({term.label})"
