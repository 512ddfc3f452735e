"""Readers of what is known by gene, each from the format in which its makers publish it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ariane.files import open_text
from ariane.knowledge.assertions import iso_date
from ariane.knowledge.context import Context
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError

_MOST: Final = 1 << 29
"""Bytes of PanelApp's answers, which are read whole."""
_CONFIDENCE: Final = {"green": "3", "amber": "2", "red": "1"}


def _row(key: Mapping[str, str], **said: Any) -> dict[str, Any]:
    return {**key, **said, "record": digest({**key, **said})}


def read_constraint(path: Path, context: Context) -> list[dict[str, Any]]:
    """Constraint by gene from gnomAD's table: upper bounds of o/e for loss of function and
    missense, pLI, the missense z score, and the ratios. Versions 2 (``oe_lof_upper``) and 4
    (``lof.oe_ci.upper``) are read; the latter has a line for each transcript, of which MANE
    Select's is taken, else the first.
    """
    rows: dict[str, dict[str, Any]] = {}
    chosen: set[str] = set()
    with open_text(path) as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            said = {
                "loeuf": _float(row.get("oe_lof_upper") or row.get("lof.oe_ci.upper")),
                "pli": _float(row.get("pLI") or row.get("lof.pLI")),
                "missense": _float(row.get("oe_mis_upper") or row.get("mis.oe_ci.upper")),
                "missense_z": _float(row.get("mis_z") or row.get("mis.z_score")),
                "missense_oe": _float(row.get("oe_mis") or row.get("mis.oe")),
                "lof_oe": _float(row.get("oe_lof") or row.get("lof.oe")),
                "lof_expected": _float(row.get("exp_lof") or row.get("lof.exp")),
            }
            gene = context.names.find(row["gene"], ensembl=row.get("gene_id") or "")
            select = (row.get("mane_select") or "").lower() == "true"
            if gene not in rows or (select and gene not in chosen):
                rows[gene] = {"gene": gene, **said, "record": digest(said)}
            if select:
                chosen.add(gene)
    return list(rows.values())


def read_dosage(path: Path, context: Context) -> list[dict[str, Any]]:
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
                gene = context.names.find(row["#Gene Symbol"], row.get("Gene ID", ""))
                said = {
                    "haploinsufficiency": row.get("Haploinsufficiency Score", "").strip(),
                    "triplosensitivity": row.get("Triplosensitivity Score", "").strip(),
                }
                rows.setdefault(gene, {"gene": gene, **said, "record": digest(said)})
    if not columns:
        raise ArianeError(f"{path}: lacks the header line of ClinGen's list. Download it again.")
    return list(rows.values())


def read_validity(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """ClinGen's gene-disease validity, from the CSV with its preamble.

    Raises:
        ArianeError: the file lacks the header line of that table.
    """
    columns: list[str] = []
    with open_text(path) as handle:
        for fields in csv.reader(handle):
            if fields and fields[0] == "GENE SYMBOL":
                columns = fields
            elif columns and len(fields) == len(columns) and not fields[0].startswith("+"):
                row = dict(zip(columns, fields, strict=True))
                key = {
                    "gene": context.names.find(row["GENE SYMBOL"], hgnc=row["GENE ID (HGNC)"]),
                    "disease": row["DISEASE ID (MONDO)"],
                }
                yield _row(
                    key,
                    disease_name=row["DISEASE LABEL"],
                    mode=row.get("MOI", ""),
                    classification=row["CLASSIFICATION"],
                    evaluated=iso_date(row.get("CLASSIFICATION DATE", "")),
                )
    if not columns:
        raise ArianeError(f"{path}: lacks the header line of ClinGen's table. Download it again.")


def read_gencc(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """GenCC's submissions: each curator's own classification.

    Raises:
        ArianeError: the file lacks the columns of GenCC's export.
    """
    with open_text(path) as handle:
        reader = csv.DictReader(handle, delimiter="\t")
        wanted = {"gene_curie", "gene_symbol", "disease_curie", "classification_title"}
        if not wanted <= set(reader.fieldnames or ()):
            missing = ", ".join(sorted(wanted - set(reader.fieldnames or ())))
            raise ArianeError(f"{path}: lacks {missing}. Give GenCC's submissions in TSV.")
        for row in reader:
            key = {
                "gene": context.names.find(row["gene_symbol"], hgnc=row["gene_curie"]),
                "disease": row["disease_curie"],
            }
            yield _row(
                key,
                disease_name=row.get("disease_title") or "",
                mode=row.get("moi_title") or "",
                classification=row["classification_title"],
                submitter=row.get("submitter_title") or "",
                evaluated=iso_date(row.get("submitted_as_date") or ""),
            )


def read_panels_tsv(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """PanelApp as one table: id, mode_of_inheritance, Gene, confidence_level, name.

    Raises:
        ArianeError: the file lacks these columns.
    """
    with open_text(path) as handle:
        reader = csv.DictReader(handle, delimiter="\t")
        wanted = {"id", "Gene", "confidence_level", "name"}
        if not wanted <= set(reader.fieldnames or ()):
            missing = ", ".join(sorted(wanted - set(reader.fieldnames or ())))
            raise ArianeError(f"{path}: lacks {missing}. Give a table of PanelApp's panels.")
        for row in reader:
            yield _row(
                {"gene": context.names.find(row["Gene"], hgnc=row.get("hgnc_id") or "")},
                panel=row["id"],
                panel_name=row["name"],
                confidence=_CONFIDENCE.get(row["confidence_level"], row["confidence_level"]),
                mode=row.get("mode_of_inheritance") or "",
            )


def read_panels_json(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """PanelApp's API as it answers: panels with their genes, or genes with their panel.

    One answer (``results`` or ``genes``), a list of answers, or a list of panels are read; JSON
    lines too.

    Raises:
        ArianeError: no panel with genes is found.
    """
    found = False
    for panel, gene in _panel_genes(_documents(path)):
        found = True
        data = gene.get("gene_data") or {}
        symbol = str(data.get("gene_symbol") or gene.get("entity_name") or "")
        version = f" {panel['version']}" if panel.get("version") else ""
        yield _row(
            {"gene": context.names.find(symbol, hgnc=str(data.get("hgnc_id") or ""))},
            panel=str(panel.get("id", "")),
            panel_name=f"{panel.get('name', '')}{version}",
            confidence=str(gene.get("confidence_level", "")),
            mode=str(gene.get("mode_of_inheritance") or ""),
        )
    if not found:
        raise ArianeError(f"{path}: holds no panel with genes. Give the answers of PanelApp's API.")


def _documents(path: Path) -> Iterator[Any]:
    with open_text(path, most=_MOST) as handle:
        text = handle.read()
    try:
        loaded = json.loads(text)
    except ValueError:
        loaded = [json.loads(line) for line in text.splitlines() if line.strip()]
    yield from loaded if isinstance(loaded, list) else [loaded]


def _panel_genes(documents: Iterator[Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for document in documents:
        for entry in document.get("results", [document]):
            if "genes" in entry:
                yield from ((entry, gene) for gene in entry["genes"])
            elif "panel" in entry and entry.get("entity_type", "gene") == "gene":
                yield entry["panel"], entry


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text not in (None, "", "NA", "NaN") else None
    except ValueError:
        return None
