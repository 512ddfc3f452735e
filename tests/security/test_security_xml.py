"""Entities, document types and outside references in every XML that is read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest

from ariane.files import sha256_of
from ariane.knowledge.nomenclature import read_pack
from ariane.knowledge.orphanet import read_genes, read_references
from ariane.model.errors import ArianeError
from ariane.registry.mapping import parse_mapping
from ariane.registry.xlsx_file import load
from ariane.safe import parse_xml

LAUGHS = "".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' if i else '<!ENTITY l0 "lol">' for i in range(12)
)
PROLOGUES = {
    "laughs": f"<!DOCTYPE x [{LAUGHS}]>",
    "file": '<!DOCTYPE x [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>',
    "network": '<!DOCTYPE x [<!ENTITY l11 SYSTEM "http://127.0.0.1:9/x">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "outside": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "quadratic": f'<!DOCTYPE x [<!ENTITY l11 "{"a" * 100_000}">]>',
}
ORPHADATA = (
    '<JDBOR ExtractionDate="2024-01-01"><DisorderList><Disorder><OrphaCode>58</OrphaCode>'
    "<Name>&l11;</Name></Disorder></DisorderList></JDBOR>"
)


@pytest.fixture(params=sorted(PROLOGUES))
def prologue(request: pytest.FixtureRequest) -> str:
    return PROLOGUES[request.param]


@pytest.mark.parametrize("reader", [read_genes, read_references])
def test_orphadata(reader: Any, prologue: str, tmp_path: Path) -> None:
    path = tmp_path / "product.xml"
    path.write_text(prologue + ORPHADATA, encoding="utf-8")
    with pytest.raises(ArianeError, match=r"product\.xml.*(document type|no whole XML)"):
        list(reader(path, cast(Any, None)))


def test_a_nomenclature(prologue: str, tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("ORPHAnomenclature_en_2024.xml", prologue + ORPHADATA)
    with pytest.raises(ArianeError, match=r"pack\.zip.*(document type|no whole XML|no date)"):
        read_pack(path, "2024-01-01", sha256_of(path))


@pytest.mark.parametrize(
    "part",
    ["workbook.xml", "worksheets/sheet1.xml", "styles.xml", "_rels/workbook.xml.rels"],
)
def test_a_workbook(part: str, prologue: str) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["id", "ariane_g"])
    book.active.append(["1", "x"])
    plain = io.BytesIO()
    book.save(plain)
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == f"xl/{part}":
                head, mark, rest = content.rpartition(b"?>")
                content = head + mark + prologue.encode() + rest
            target.writestr(info.filename, content)
    mapping = parse_mapping({"key": "id", "columns": {"gene": "ariane_g"}}, "m.yaml")
    assert load(plain.getvalue(), mapping).has("ariane_g")
    with pytest.raises(ArianeError, match=r"registry\.xlsx"):
        load(out.getvalue(), mapping, "registry.xlsx")


def test_a_document_of_an_export(prologue: str) -> None:
    with pytest.raises(ArianeError, match=r"d\.xml.*(document type|no whole XML)"):
        parse_xml((prologue + "<x>&l11;</x>").encode(), "d.xml")
