"""Alleles as variation descriptors of Phenopackets: names, VCF record, allelic state, gene."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from phenopackets import (
    Expression,
    Extension,
    GeneDescriptor,
    MoleculeContext,
    OntologyClass,
    VariantInterpretation,
    VariationDescriptor,
    VcfRecord,
)

from ariane.registry.identifiers import short_id
from ariane.registry.record import AlleleRecord, CaseRecord, FindingRecord
from ariane.registry.vocabularies import (
    allelic_state,
    gene_curie,
    structural,
    variant_kind,
    variant_types,
)
from ariane.safe import visible

ACMG: Final[Mapping[str, str]] = {
    "P": "PATHOGENIC",
    "LP": "LIKELY_PATHOGENIC",
    "VUS": "UNCERTAIN_SIGNIFICANCE",
    "LB": "LIKELY_BENIGN",
    "B": "BENIGN",
    "B (BA1)": "BENIGN",
}

HGVS: Final = re.compile(r"[A-Za-z0-9_.()-]+:([cgmnp])\..+")
"""A full HGVS name: the sequence, then the kind of its coordinates."""

_BASES: Final = re.compile(r"[ACGTNacgtn]+")
_SYMBOLIC: Final = re.compile(r"<([^<>]+):(\d+)>")


def unwritable(allele: AlleleRecord) -> str:
    """Why an allele cannot be written as a VCF record; empty where it can."""
    try:
        _, position, ref, alt = allele.place
    except ValueError:
        return "is not chrom-pos-ref-alt"
    if position < 1 or not _BASES.fullmatch(ref):
        return "has no position or reference bases that a VCF record could hold"
    return "" if alt.isascii() else "has an ALT that a VCF record could not hold"


def interpretation(
    allele: AlleleRecord, finding: FindingRecord, record: CaseRecord
) -> VariantInterpretation:
    """An allele as it was called and classified in one case.

    Raises:
        ValueError: :func:`unwritable` says why.
    """
    classified = record.provenance.interpretable
    return VariantInterpretation(
        acmg_pathogenicity_classification=(
            ACMG.get(allele.acmg_class, "NOT_PROVIDED") if classified else "NOT_PROVIDED"
        ),
        variation_descriptor=_descriptor(allele, finding, record, classified),
    )


def _descriptor(
    allele: AlleleRecord, finding: FindingRecord, record: CaseRecord, classified: bool
) -> VariationDescriptor:
    found = VariationDescriptor(
        id=short_id(record.assembly, allele.key),
        label=_label(allele, finding),
        expressions=_expressions(allele),
        vcf_record=_vcf(allele, record.assembly),
        molecule_context=MoleculeContext.genomic,
        extensions=_extensions(allele, record, classified),
    )
    if allele.hgvs_p and ":" not in allele.hgvs_p:
        found.alternate_labels.append(allele.hgvs_p)  # no accession: no full expression
    gene = gene_curie(finding.gene)
    if gene:
        # The schema asks for a symbol; a release that knows none leaves the identifier.
        context = GeneDescriptor(value_id=gene.id, symbol=visible(gene.label or gene.id))
        found.gene_context.CopyFrom(context)
    state = allelic_state(allele.zygosity)
    if state:
        term = OntologyClass(id=state["geno"], label=state["geno_label"])
        found.allelic_state.CopyFrom(term)
    kind = variant_types().get(variant_kind(allele))
    if kind and structural(allele):
        found.structural_type.CopyFrom(OntologyClass(id=kind["so"], label=kind["so_label"]))
    return found


def _label(allele: AlleleRecord, finding: FindingRecord) -> str:
    coding = f"{allele.transcript}:{allele.hgvs_c}" if allele.hgvs_c and allele.transcript else ""
    names = [finding.gene.label, coding or allele.hgvs_g or allele.key, allele.hgvs_p]
    return " ".join(filter(None, names))


def _expressions(allele: AlleleRecord) -> Iterator[Expression]:
    """Full HGVS names only: each with the sequence it is written on, under its own letter."""
    coding = f"{allele.transcript}:{allele.hgvs_c}" if allele.transcript else ""
    for name in dict.fromkeys((coding, allele.hgvs_g, allele.hgvs_p)):
        found = HGVS.fullmatch(name)
        if found:
            yield Expression(syntax=f"hgvs.{found[1]}", value=name)


def _vcf(allele: AlleleRecord, assembly: str) -> VcfRecord:
    chrom, position, ref, alt = allele.place
    info = ""
    symbolic = _SYMBOLIC.fullmatch(alt)
    if symbolic:  # the key carries the end where a VCF keeps it in INFO
        alt = f"<{symbolic[1]}>"
        info = f"END={symbolic[2]};SVTYPE={symbolic[1].split(':')[0]}"
    return VcfRecord(
        genome_assembly=assembly, chrom=chrom, pos=position, ref=ref, alt=alt, info=info
    )


def _extensions(allele: AlleleRecord, record: CaseRecord, classified: bool) -> Iterator[Extension]:
    if allele.origin:
        yield Extension(name="origin", value=allele.origin)
    if classified and allele.acmg_class:
        source = record.provenance
        told = f"proposed by Ariane, cycle {source.cycle}, release {source.release}; not validated"
        yield Extension(name="acmg_source", value=told)
        if allele.criteria:
            yield Extension(name="acmg_criteria", value=" ".join(allele.criteria))
