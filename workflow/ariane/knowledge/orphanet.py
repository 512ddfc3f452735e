"""Orphadata: genes of diseases (product 6) and cross-references (product 1), as Orphanet's XML.

The files are in ISO-8859-1, as their first line says; they are read one disorder at a time.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.etree import ElementTree

from ariane.knowledge.context import Context
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError


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
                _text(reference, "Source"): _text(reference, "Reference")
                for reference in gene.iter("ExternalReference")
            }
            hgnc = f"HGNC:{numbers['HGNC']}" if numbers.get("HGNC") else ""
            ensembl = numbers.get("Ensembl", "")
            said = {
                "gene": context.names.find(_text(gene, "Symbol"), hgnc=hgnc, ensembl=ensembl),
                "disease": disease,
                "disease_name": name,
                "association": _text(link, "DisorderGeneAssociationType/Name"),
                "status": _text(link, "DisorderGeneAssociationStatus/Name"),
            }
            yield {**said, "record": digest(said)}


def read_references(path: Path, _: Context) -> Iterator[dict[str, Any]]:
    """Codes of each disorder elsewhere, with how exactly they match, from ``en_product1.xml``.

    Raises:
        ArianeError: the file is no Orphadata product.
    """
    for disorder in _disorders(path):
        disease, name = _named(disorder)
        for reference in disorder.iter("ExternalReference"):
            source, code = _text(reference, "Source"), _text(reference, "Reference")
            relation = _text(reference, "DisorderMappingRelation/Name").split(" ")[0]
            said = {
                "disease": disease,
                "disease_name": name,
                "reference": code if code.startswith(f"{source}:") else f"{source}:{code}",
                "relation": relation,
                "status": _text(reference, "DisorderMappingValidationStatus/Name"),
            }
            yield {**said, "record": digest(said)}


def _named(disorder: ElementTree.Element) -> tuple[str, str]:
    code = _text(disorder, "OrphaCode") or _text(disorder, "OrphaNumber")
    return f"ORPHA:{code}", _text(disorder, "Name")


def _text(element: ElementTree.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _disorders(path: Path) -> Iterator[ElementTree.Element]:
    found = False
    with _opened(path) as handle:
        head = handle.read(2000)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise ArianeError(f"{path}: declares a document type, as no Orphadata file does.")
        handle.seek(0)
        try:
            # Of an element that ends, its parent is needed only to be emptied.
            parents: list[ElementTree.Element] = []
            for event, element in ElementTree.iterparse(handle, ("start", "end")):  # noqa: S314
                if event == "start":
                    parents.append(element)
                    continue
                parents.pop()
                if element.tag == "Disorder" and not any(p.tag == "Disorder" for p in parents):
                    found = True
                    yield element
                    element.clear()
                    if parents:
                        parents[-1].clear()
        except ElementTree.ParseError as problem:
            line = problem.position[0]
            raise ArianeError(f"{path}:{line}: no whole XML document. Download it again.") from None
    if not found:
        raise ArianeError(f"{path}: holds no disorder. Give Orphadata's XML.")


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")
