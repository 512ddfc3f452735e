"""Published cases and an HPO release, as the benchmarks of ranking read them.

Cases are GA4GH Phenopackets, one JSON a line. "Unseen" is a case whose paper is not among the
references of its disease's annotation in the release: the others helped to write what they are
tested with, and figures on them say nothing of a new patient.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane.files import open_text
from ariane.knowledge.annotations import DiseaseTerms, read_disease_terms
from ariane.knowledge.hpo import Ontology, load_obo
from ariane.knowledge.readers import read_hpoa
from ariane.model.errors import ArianeError


@dataclass(frozen=True)
class Published:
    """One published case with one diagnosis."""

    id: str
    papers: tuple[str, ...]
    """``PMID:123``."""
    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    sex: str
    """``male``, ``female`` or empty."""
    onset: str
    """HPO class of onset of the disease, or empty."""
    age: str
    """Age at the last encounter, ISO 8601 duration, or empty."""
    disease: str
    gene: str
    """Symbol as published."""
    hgnc: str
    variants: tuple[Mapping[str, Any], ...]
    """GA4GH variation descriptors of the diagnosis."""


@dataclass(frozen=True)
class HpoRelease:
    """The files of one HPO release."""

    ontology: Ontology
    table: DiseaseTerms
    pairs: Mapping[str, frozenset[str]]
    """Gene symbol to its annotated diseases."""
    references: Mapping[str, frozenset[str]]
    """Disease to the references of its annotation."""

    @classmethod
    def read(cls, folder: Path) -> HpoRelease:
        """Read ``hp.obo``, ``phenotype.hpoa`` and ``phenotype_to_genes.txt``, plain or gzip.

        Raises:
            ArianeError: a file is missing or is not what its name says.
        """
        ontology = load_obo(release_file(folder, "hp.obo"))
        annotations = release_file(folder, "phenotype.hpoa")
        table = read_disease_terms(annotations, ontology)
        references: dict[str, set[str]] = {}
        for row in read_hpoa(annotations):
            references.setdefault(row["database_id"], set()).update(row["reference"].split(";"))
        return cls(
            ontology,
            table,
            _pairs(release_file(folder, "phenotype_to_genes.txt"), table),
            {disease: frozenset(held) for disease, held in references.items()},
        )

    def knows(self, case: Published) -> bool:
        """Whether the release links the case's gene to its disease, and describes the disease."""
        return case.disease in self.pairs.get(case.gene, frozenset())

    def unseen(self, case: Published) -> bool:
        """Whether none of the case's papers is a reference of its disease's annotation."""
        return self.references.get(case.disease, frozenset()).isdisjoint(case.papers)


def read_published(path: Path) -> list[Published]:
    """The cases of a file, in its order.

    Raises:
        ArianeError: a line is no phenopacket with a diagnosis.
    """
    found = []
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                found.append(_case(json.loads(line)))
            except (ValueError, KeyError, IndexError, TypeError):
                raise ArianeError(
                    f"{path}:{number}: not a phenopacket with a diagnosis. Give GA4GH "
                    "Phenopackets, one JSON a line."
                ) from None
    return found


def _case(packet: Mapping[str, Any]) -> Published:
    diagnosis = packet["interpretations"][0]["diagnosis"]
    variants = [
        found["variantInterpretation"]["variationDescriptor"]
        for found in diagnosis.get("genomicInterpretations", ())
    ]
    genes = [variant.get("geneContext", {}) for variant in variants]
    features = packet.get("phenotypicFeatures", ())
    terms: tuple[list[str], list[str]] = ([], [])
    for feature in features:
        terms[bool(feature.get("excluded"))].append(feature["type"]["id"])
    papers = (r["id"] for r in packet.get("metaData", {}).get("externalReferences", ()))
    sex = str(packet.get("subject", {}).get("sex", "")).lower()
    return Published(
        id=packet["id"],
        papers=tuple(sorted(set(papers))),
        observed=tuple(terms[0]),
        excluded=tuple(terms[1]),
        sex=sex if sex in ("male", "female") else "",
        onset=_onset(packet),
        age=_age(packet),
        disease=diagnosis["disease"]["id"],
        gene=genes[0].get("symbol", "") if genes else "",
        hgnc=genes[0].get("valueId", "") if genes else "",
        variants=tuple(variants),
    )


def _age(packet: Mapping[str, Any]) -> str:
    seen = packet.get("subject", {}).get("timeAtLastEncounter", {})
    return str(seen.get("age", {}).get("iso8601duration", ""))


def _onset(packet: Mapping[str, Any]) -> str:
    for disease in packet.get("diseases", ()):
        found = disease.get("onset", {}).get("ontologyClass", {}).get("id", "")
        if found:
            return str(found)
    return ""


def release_file(folder: Path, name: str) -> Path:
    """A file of an HPO release, plain or gzip."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise ArianeError(f"{folder / name}: there is no such file, nor a .gz. Give an HPO release.")


def _pairs(path: Path, table: DiseaseTerms) -> dict[str, frozenset[str]]:
    pairs: dict[str, set[str]] = {}
    columns: Sequence[str] = ()
    former = ("", "", "ncbi_gene_id", "gene_symbol", "", "", "disease_id")
    with open_text(path) as lines:
        for line in lines:
            fields = line.rstrip("\r\n").split("\t")
            if not columns:
                columns = former if line.startswith("#") else fields
                if not {"gene_symbol", "disease_id"} <= set(columns):
                    break
                continue
            row = dict(zip(columns, fields, strict=False))
            if row.get("disease_id") in table.disease_index:
                pairs.setdefault(row["gene_symbol"], set()).add(row["disease_id"])
    if not pairs:
        raise ArianeError(f"{path}: not HPO's table of genes and diseases. Give HPO's file.")
    return {gene: frozenset(diseases) for gene, diseases in sorted(pairs.items())}


def known_cases(cases: Iterable[Published], release: HpoRelease) -> list[Published]:
    """Those whose gene and disease the release links, and that have a term it knows."""
    return [case for case in cases if release.knows(case) and release.ontology.live(case.observed)]
