"""Codes of vocabularies that several exports write, from the tables of ``resources/registry``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.structural import SMALL, is_symbolic, kind_of, spot_of
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, Provenance

UNKNOWN_VERSION: Final = "unknown"

_CURIE: Final = re.compile(r"([A-Za-z][A-Za-z0-9]*):([A-Za-z0-9][A-Za-z0-9._-]*)")
_BASES: Final = re.compile(r"[ACGTNacgtn]+")


@dataclass(frozen=True)
class Vocabulary:
    """One vocabulary, as metadata name it."""

    prefix: str
    id: str
    name: str
    url: str
    iri: str
    version: str
    fhir: str
    """Its code system in FHIR; empty where it has none."""
    bare: bool
    """Whether a code there leaves the prefix away."""


def prefix_of(identifier: str) -> str:
    """``HP`` of ``HP:0001250``; empty where the text is no such identifier."""
    found = _CURIE.fullmatch(identifier)
    return found[1] if found else ""


def vocabulary(prefix: str, provenance: Provenance) -> Vocabulary | None:
    """The vocabulary of a prefix with the version that the release holds; None if not listed."""
    row = _by("ontologies.tsv", "prefix").get(prefix)
    if row is None:
        return None
    held = [provenance.resources.get(kind, ("", "")) for kind in row["kinds"].split(";")]
    versions = [version or day for version, day in held]
    version = next(filter(None, [*versions, row["version"]]), UNKNOWN_VERSION)
    return Vocabulary(
        prefix=prefix,
        id=row["id"],
        name=row["name"],
        url=row["url"],
        iri=row["iri"],
        version=version,
        fhir=row["fhir"],
        bare=row["fhir_code"] == "bare",
    )


def address(identifier: str) -> str:
    """The address (IRI) of a term: ``http://www.orpha.net/ORDO/Orphanet_58``; empty for one of no
    known vocabulary."""
    prefix, _, bare = identifier.partition(":")
    row = _by("ontologies.tsv", "prefix").get(prefix)
    return f"{row['iri']}{bare}" if row and prefix_of(identifier) else ""


def phenotype_faults(record: CaseRecord) -> Iterator[str]:
    """Why a case's phenotype cannot be told: a term of no HPO, or one that contradicts itself."""
    for term in [*record.observed, *record.excluded, *filter(None, [record.onset])]:
        if prefix_of(term.id) != "HP":
            yield f"{term.id!r} is not an HPO term"
    for both in sorted({t.id for t in record.observed} & {t.id for t in record.excluded}):
        yield f"{both} is both observed and excluded"


def allelic_state(zygosity: str) -> Mapping[str, str] | None:
    """GENO and LOINC of a call's zygosity; None for a missing call or the reference."""
    return _by("allelic_states.tsv", "zygosity").get(zygosity)


def allelic_states() -> Mapping[str, Mapping[str, str]]:
    """All of them, by Ariane's word."""
    return _by("allelic_states.tsv", "zygosity")


def variant_types() -> Mapping[str, Mapping[str, str]]:
    """All kinds of variants in the Sequence Ontology, by Ariane's word."""
    return _by("variant_types.tsv", "kind")


def variant_kind(allele: AlleleRecord) -> str:
    """``SNV``, ``MNV``, ``INDEL``, ``DEL``, ``INS``, ``DUP`` and so on; empty where not told.

    Raises:
        ValueError: the allele's key is not in the form of one.
    """
    _, _, ref, alt = allele.place
    spot = spot_of(allele.key)
    if spot is not None:
        return spot.kind
    if is_symbolic(alt) or not _BASES.fullmatch(ref + alt):
        return ""
    if len(ref) == len(alt):
        return "SNV" if len(ref) == 1 else "MNV"
    if ref.startswith(alt):
        return "DEL"
    return "INS" if alt.startswith(ref) else "INDEL"


def structural(allele: AlleleRecord) -> bool:
    """Whether the allele is a structural variant.

    Raises:
        ValueError: the allele's key is not in the form of one.
    """
    _, _, ref, alt = allele.place
    return is_symbolic(alt) or kind_of(ref, alt) != SMALL


def gene_curie(gene: Coded) -> Coded | None:
    """The gene with the prefix of its vocabulary; None for a gene that has none."""
    if gene.id.startswith("HGNC:"):
        return gene
    return Coded(f"ensembl:{gene.id}", gene.label) if gene.id.startswith("ENSG") else None


@cache
def _by(name: str, column: str) -> Mapping[str, Mapping[str, str]]:
    return {row[column]: row for row in read_marked(FOLDER / name)}
