"""Readers of the smaller resources, each from the format in which its makers publish it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, open_text
from ariane.knowledge.assertions import trimmed
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.vcf_files import open_whole
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError

_FREQUENCIES: Final = (
    "fafmax_faf95_max",  # gnomAD 4: highest filtering frequency of any group
    "fafmax_faf95_max_joint",
    "faf95_max",
    "AF_grpmax",
    "AF_grpmax_joint",
    "AF_popmax",  # gnomAD 2
    "AF",
    "AF_joint",
)
"""INFO fields of gnomAD's releases that give a frequency, the one to trust most first."""

_HOMOZYGOTES: Final = ("nhomalt", "nhomalt_joint")


@cache
def inheritance_modes() -> Mapping[str, tuple[str, ...]]:
    """HPO terms of inheritance and the modes they name (``resources/inheritance_modes.tsv``)."""
    path = RESOURCES / "inheritance_modes.tsv"
    with open_text(path) as handle:
        rows = csv.DictReader((ln for ln in handle if not ln.startswith("#")), delimiter="\t")
        return {row["term"]: tuple(row["modes"].split()) for row in rows}


def read_hpoa(path: Path) -> Iterator[dict[str, str]]:
    """Rows of ``phenotype.hpoa`` under the column names of 2024, whatever its year.

    Raises:
        ArianeError: the file lacks the columns of HPO annotations.
    """
    former = {"DatabaseID": "database_id", "DiseaseName": "disease_name", "HPO_ID": "hpo_id"}
    with open_text(path) as handle:
        columns: list[str] = []
        for line in handle:
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
                yield dict(zip(columns, fields, strict=True))
    if not columns:
        raise ArianeError(f"{path}: lacks the columns of phenotype.hpoa. Give HPO's file.")


def disease_modes(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Modes of inheritance of each disease, sorted; a disease without any is not listed."""
    modes: dict[str, set[str]] = {}
    for row in read_hpoa(path):
        if row.get("aspect") == "I" and row.get("qualifier", "") != "NOT":
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


def read_frequencies(path: Path, contigs: Contigs) -> Iterator[dict[str, Any]]:
    """Alleles of a gnomAD-shaped VCF: the largest group's frequency where given, else ``AF``.

    Raises:
        ArianeError: the file is not a complete VCF.
    """
    with open_whole(path) as handle:
        for line in handle:
            for index, alt in enumerate(line.alts or ()):
                af = _at(line.info, _FREQUENCIES, index)
                if af is None or line.ref is None:
                    continue
                # VCF floats are single precision: six significant digits are what they hold.
                said = {
                    "af": float(f"{af:.6g}"),
                    "homozygotes": int(_at(line.info, _HOMOZYGOTES, index) or 0),
                }
                pos, ref, alt = trimmed(line.pos, line.ref, alt)
                yield {
                    "variant": f"{contigs.name(line.chrom)}-{pos}-{ref}-{alt}",
                    **said,
                    "record": digest(said),
                }


def _at(info: Any, keys: tuple[str, ...], index: int) -> float | None:
    for key in keys:
        if key in info:
            value = info[key]
            chosen = value[index] if isinstance(value, tuple) else value
            if chosen is not None:
                return float(chosen)
    return None


def read_coverage(path: Path, contigs: Contigs) -> Iterator[dict[str, Any]]:
    """Intervals of a BED file, 0-based and half open."""
    with open_text(path) as handle:
        for line in handle:
            fields = line.split()
            if len(fields) >= 3 and not line.startswith(("#", "track", "browser")):
                yield {
                    "chrom": contigs.name(fields[0]),
                    "start": int(fields[1]),
                    "end": int(fields[2]),
                }


def read_constraint(path: Path, names: GeneNames) -> list[dict[str, Any]]:
    """Constraint by gene from gnomAD's table: the upper bound of o/e for loss of function, pLI."""
    rows: dict[str, dict[str, Any]] = {}
    with open_text(path) as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            said = {"loeuf": _float(row.get("oe_lof_upper")), "pli": _float(row.get("pLI"))}
            gene = names.find(row["gene"])
            rows.setdefault(gene, {"gene": gene, **said, "record": digest(said)})
    return list(rows.values())


def read_dosage(path: Path, names: GeneNames) -> list[dict[str, Any]]:
    """Haploinsufficiency and triplosensitivity by gene from ClinGen's gene curation list."""
    rows: dict[str, dict[str, Any]] = {}
    columns: list[str] = []
    with open_text(path) as handle:
        for line in handle:
            fields = line.rstrip("\r\n").split("\t")
            if fields[0] == "#Gene Symbol":
                columns = fields
            elif columns and not line.startswith("#"):
                row = dict(zip(columns, fields, strict=False))
                gene = names.find(row["#Gene Symbol"], row.get("Gene ID", ""))
                said = {
                    word: row.get(f"{word.capitalize()} Score", "").strip()
                    for word in ("haploinsufficiency", "triplosensitivity")
                }
                rows.setdefault(gene, {"gene": gene, **said, "record": digest(said)})
    if not columns:
        raise ArianeError(f"{path}: lacks the header line of ClinGen's list. Download it again.")
    return list(rows.values())


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text not in (None, "", "NA", "NaN") else None
    except ValueError:
        return None
