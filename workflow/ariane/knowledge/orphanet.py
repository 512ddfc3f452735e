"""Orphadata: genes of diseases (product 6) and cross-references (product 1), as Orphanet's XML.

The files are in ISO-8859-1, as their first line says; they are read one disorder at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from ariane.bounds import opened
from ariane.knowledge.context import Context
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError
from ariane.safe import iterate_xml


def read_genes(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """Genes of each disorder with the kind of association, from ``en_product6.xml``.

    Raises:
        ArianeError: the file is no Orphadata product.
    """
    for disorder in _disorders(path):
        disease, name = _named(disorder)
        for link in disorder.iter("DisorderGeneAssociation"):
            gene = link.find("Gene")
            if gene is None:
                continue
            numbers = {
                text_of(reference, "Source"): text_of(reference, "Reference")
                for reference in gene.iter("ExternalReference")
            }
            hgnc = f"HGNC:{numbers['HGNC']}" if numbers.get("HGNC") else ""
            ensembl = numbers.get("Ensembl", "")
            said = {
                "gene": context.names.find(text_of(gene, "Symbol"), hgnc=hgnc, ensembl=ensembl),
                "disease": disease,
                "disease_name": name,
                "association": text_of(link, "DisorderGeneAssociationType/Name"),
                "status": text_of(link, "DisorderGeneAssociationStatus/Name"),
            }
            yield {**said, "record": digest(said)}


def read_references(path: Path, _: Context) -> Iterator[dict[str, Any]]:
    """Codes of each disorder elsewhere, with how exactly they match, from ``en_product1.xml``; from
    ``fr_product1.xml`` with French names.

    Raises:
        ArianeError: the file is no Orphadata product.
    """
    for disorder in _disorders(path):
        disease, name = _named(disorder)
        for reference in disorder.iter("ExternalReference"):
            source, code = text_of(reference, "Source"), text_of(reference, "Reference")
            relation = text_of(reference, "DisorderMappingRelation/Name").split(" ")[0]
            said = {
                "disease": disease,
                "disease_name": name,
                "reference": code if code.startswith(f"{source}:") else f"{source}:{code}",
                "relation": relation,
                "status": text_of(reference, "DisorderMappingValidationStatus/Name"),
            }
            yield {**said, "record": digest(said)}


def _named(disorder: etree._Element) -> tuple[str, str]:
    return code_of(disorder), text_of(disorder, "Name")


def code_of(element: etree._Element) -> str:
    """The code of an element that stands for a disorder: ``ORPHA:58``."""
    return f"ORPHA:{text_of(element, 'OrphaCode') or text_of(element, 'OrphaNumber')}"


def text_of(element: etree._Element, path: str) -> str:
    """Text of the first element at a path, stripped; empty where there is none."""
    return (element.findtext(path) or "").strip()


def _disorders(path: Path) -> Iterator[etree._Element]:
    found = False
    with opened(path) as handle:
        for element in iterate_xml(handle, "Disorder", str(path)):
            found = True
            yield element
    if not found:
        raise ArianeError(f"{path}: holds no disorder. Give Orphadata's XML.")
