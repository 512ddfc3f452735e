"""Texts for other programs: nothing in them runs, and nothing they name is fetched."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from ariane.model.errors import ArianeError
from ariane.safe import iterate_xml, markup, neutralise, parse_xml, tsv, visible

BOMB = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;">]><a><b>&y;</b></a>'


@given(st.text())
def test_no_cell_begins_as_a_formula(text: str) -> None:
    safe = neutralise(text)
    assert not re.match(r"[\t\r\n]|\s*[=+\-@]", safe)
    assert neutralise(safe) == safe
    assert safe.removeprefix("'") == text.removeprefix("'") or safe == text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_a_table_reads_back_with_as_many_cells(rows: list[list[str]]) -> None:
    back = list(csv.reader(io.StringIO(tsv(("a", "b"), rows)), delimiter="\t"))
    assert len(back) == len(rows) + 1
    assert all(len(row) == 2 for row in back)
    assert not any(re.match(r"\s*[=+\-@]", cell) for row in back for cell in row)


@given(st.text(min_size=1))
def test_text_stays_text_in_a_page(text: str) -> None:
    root = html.fromstring(f'<p title="{markup(text)}">{markup(text)}</p>')
    assert len(root) == 0
    assert list(root.attrib) == ["title"]


@given(st.text())
def test_xml_takes_every_visible_text(text: str) -> None:
    element = etree.Element("a")
    element.text = visible(text)
    assert (parse_xml(etree.tostring(element), "x").text or "") == visible(text)


@pytest.mark.parametrize("kind", ["SYSTEM", "PUBLIC 'x'"])
def test_no_entity_is_resolved(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    text = f'<!DOCTYPE a [<!ENTITY e {kind} "{secret.as_uri()}">]><a><b>&e;</b></a>'.encode()
    for content in (text, BOMB, b"<!DOCTYPE a SYSTEM 'http://x/y.dtd'><a><b/></a>"):
        with pytest.raises(ArianeError, match="declares a document type"):
            parse_xml(content, "f.xml")
        with pytest.raises(ArianeError, match="declares a document type"):
            list(iterate_xml(io.BytesIO(content), "b", "f.xml"))


@pytest.mark.parametrize("content", [b"", b"<a>", b"<a></b>", b"no xml", b"<a>\x00</a>"])
def test_what_is_no_xml_is_told_with_its_line(content: bytes) -> None:
    with pytest.raises(ArianeError, match=r"f\.xml.*no whole XML document"):
        parse_xml(content, "f.xml")
    with pytest.raises(ArianeError, match=r"f\.xml.*no whole XML document"):
        list(iterate_xml(io.BytesIO(content), "a", "f.xml"))


def test_outermost_elements_one_at_a_time() -> None:
    text = b"<r><d n='1'><d n='2'/><x>t</x></d><y/><d n='3'/></r>"
    found = [(e.get("n"), e.findtext("x")) for e in iterate_xml(io.BytesIO(text), "d", "f")]
    assert found == [("1", "t"), ("3", None)]
