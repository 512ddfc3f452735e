"""Readers of HPO's tables: annotations, modes of inheritance, genes and diseases."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ariane.files import RESOURCES, open_text
from ariane.knowledge.genes import GeneNames
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError


@cache
def inheritance_modes() -> Mapping[str, tuple[str, ...]]:
    """HPO terms of inheritance and the modes they name (``resources/inheritance_modes.tsv``)."""
    path = RESOURCES / "inheritance_modes.tsv"
    with open_text(path) as handle:
        rows = csv.DictReader((ln for ln in handle if not ln.startswith("#")), delimiter="\t")
        return {row["term"]: tuple(row["modes"].split()) for row in rows}


def read_hpoa(path: Path, aspect: str = "") -> Iterator[dict[str, str]]:
    """Rows of ``phenotype.hpoa`` under the column names of 2024, whatever its year.

    Args:
        path: plain or gzip.
        aspect: rows of this aspect only, such as ``C``; the others are hardly looked at.

    Raises:
        ArianeError: the file lacks the columns of HPO annotations.
    """
    cell = f"\t{aspect}\t"
    former = {"DatabaseID": "database_id", "DiseaseName": "disease_name", "HPO_ID": "hpo_id"}
    with open_text(path) as handle:
        columns: list[str] = []
        for line in handle:
            if columns and aspect and cell not in line:
                continue
            fields = line.rstrip("\r\n").split("\t")
            if not columns:
                bare = fields[0].lstrip("#")
                if len(fields) > 5 and former.get(bare, bare) == "database_id":
                    columns = [former.get(n.lstrip("#"), n.lstrip("#")).lower() for n in fields]
                    if not {"hpo_id", "disease_name"} <= set(columns):
                        columns = []
                        break
                continue
            if len(fields) == len(columns):
                row = dict(zip(columns, fields, strict=True))
                if not aspect or row.get("aspect") == aspect:
                    yield row
    if not columns:
        raise ArianeError(f"{path}: lacks the columns of phenotype.hpoa. Give HPO's file.")


@cache
def diseases_of_adults(path: Path, terms: frozenset[str]) -> frozenset[str]:
    """Diseases whose annotated onsets are all among some terms; one without any is not listed."""
    onsets: dict[str, set[str]] = {}
    for row in read_hpoa(path, "C"):
        if row.get("qualifier", "") != "NOT":
            onsets.setdefault(row["database_id"], set()).add(row["hpo_id"])
    return frozenset(disease for disease, found in onsets.items() if found <= terms)


def disease_modes(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Modes of inheritance of each disease, sorted; a disease without any is not listed."""
    modes: dict[str, set[str]] = {}
    for row in read_hpoa(path, "I"):
        if row.get("qualifier", "") != "NOT":
            known = inheritance_modes().get(row["hpo_id"], ())
            modes.setdefault(row["database_id"], set()).update(known)
    return {disease: tuple(sorted(found)) for disease, found in modes.items() if found}


def disease_names(path: Path) -> Mapping[str, str]:
    """Name of each annotated disease, as it stands last in the file."""
    return {row["database_id"]: row["disease_name"] for row in read_hpoa(path)}


def read_gene_disease(
    path: Path, names: GeneNames, modes: Mapping[str, tuple[str, ...]], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Distinct (gene, disease) pairs of ``phenotype_to_genes`` or ``genes_to_phenotype``.

    A disease without a stated mode (most of Orphanet's in HPO's file) borrows the modes that the
    gene's other diseases state: else a single allele of a recessive gene would pass for dominant.
    Only where no disease of the gene states any are all modes tested.

    Raises:
        ArianeError: the file has neither shape.
    """
    pairs: dict[tuple[str, str], str] = {}
    with open_text(path) as handle:
        gene_at, ncbi_at, disease_at, width = -1, -1, -1, 0
        for line in handle:
            fields = line.rstrip("\r\n").split("\t")
            if gene_at < 0 and fields[0].startswith("#Format: HPO-id"):
                ncbi_at, gene_at, disease_at, width = 2, 3, 6, 7
            elif gene_at < 0 and {"gene_symbol", "ncbi_gene_id", "disease_id"} <= set(fields):
                ncbi_at = fields.index("ncbi_gene_id")
                gene_at = fields.index("gene_symbol")
                disease_at, width = fields.index("disease_id"), len(fields)
            elif gene_at < 0:
                break
            elif len(fields) == width and fields[disease_at]:
                key = (names.find(fields[gene_at], fields[ncbi_at]), fields[disease_at])
                pairs[key] = fields[gene_at]
    if gene_at < 0:
        raise ArianeError(f"{path}: not HPO's table of genes and diseases. Mend the manifest.")
    of_gene: dict[str, set[str]] = {}
    for gene, disease in pairs:
        of_gene.setdefault(gene, set()).update(modes.get(disease, ()))
    rows = []
    for (gene, disease), symbol in sorted(pairs.items()):
        stated = modes.get(disease) or tuple(sorted(of_gene[gene] - {"none"}))
        said = {"disease_name": titles.get(disease, ""), "modes": " ".join(stated)}
        rows.append(
            {
                "gene": gene,
                "symbol": names.symbol(gene) if gene != symbol else symbol,
                "disease": disease,
                **said,
                "record": digest({**said, "gene": gene, "disease": disease}),
            }
        )
    return rows
