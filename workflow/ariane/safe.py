"""Texts that other programs open: nothing in them runs, and nothing they name is fetched.

Formulas in tables, markup in pages, characters that XML cannot hold or that turn a sentence round,
and entities of XML that comes from elsewhere.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, Final

from lxml import etree

from ariane.model.errors import ArianeError

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_FORMULA: Final = re.compile(r"^(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""How a text begins that a spreadsheet takes for a formula (OWASP, CSV injection)."""


def visible(text: str) -> str:
    """The text with every unseen or direction-turning character spelled out: ``⟨U+202E⟩``.

    Such characters can make a sentence read as its opposite; line feeds and tabs stay. What is left
    XML 1.0 can hold.
    """
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def neutralise(text: str) -> str:
    """The text as it may stand in a cell: an apostrophe before what a spreadsheet would run."""
    return "'" + text if _FORMULA.match(text) else text


def markup(text: str) -> str:
    """The text as it may stand in HTML, in an element or in a quoted attribute."""
    return html.escape(visible(text), quote=True)


class Number(float):
    """A number for a table that keeps the digits it was written with: ``-1.50`` stays so."""

    digits: str

    def __new__(cls, digits: str) -> Number:
        """Make the number.

        Raises:
            ValueError: the digits are no number.
        """
        number = super().__new__(cls, digits)
        number.digits = digits
        return number

    def __str__(self) -> str:
        return self.digits


def cell(value: object) -> str:
    """One cell of a table.

    Numbers are written as they are. Text loses tabs and line ends, unseen characters are spelled
    out, and a text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    return neutralise(visible(re.sub(r"[\t\r\n\v\f\u2028\u2029]+", " ", str(value))))


def tsv(columns: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = "\t") -> str:
    """A table with a header line, tabs between cells and quotes only where a cell holds one."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


_XML: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
}


def parse_xml(content: bytes, where: str) -> etree._Element:
    """The root of an XML document that may come from anywhere.

    A document that declares a type is refused, so no entity of its own is ever expanded; nothing
    is read from the disk or the network.

    Raises:
        ArianeError: not well-formed, or it declares a document type.
    """
    try:
        root = etree.fromstring(content, etree.XMLParser(**_XML))
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise _broken(where, problem) from None
    _refuse_doctype(root, where)
    return root


def iterate_xml(handle: IO[bytes], tag: str, where: str) -> Iterator[etree._Element]:
    """Each outermost element of a name in a large XML document, in bounded memory.

    An element is emptied after it was given; what is kept of it must be copied. Refusals are those
    of :func:`parse_xml`.

    Raises:
        ArianeError: not well-formed, or it declares a document type.
    """
    try:
        checked = False
        depth = 0
        for event, element in etree.iterparse(handle, events=("start", "end"), tag=None, **_XML):
            if not checked:
                _refuse_doctype(element, where)
                checked = True
            if element.tag != tag:
                continue
            depth += 1 if event == "start" else -1
            if event == "end" and not depth:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    parent = element.getparent()
                    if parent is None:
                        break
                    del parent[0]
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise _broken(where, problem) from None


def _refuse_doctype(element: etree._Element, where: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ArianeError(
            f"{where}: declares a document type, which may hold entities. Give a file without one."
        )


def _broken(where: str, problem: Exception) -> ArianeError:
    line = getattr(problem, "lineno", None)
    place = f"{where}:{line}" if line else where
    return ArianeError(f"{place}: no whole XML document. Give the file as its maker wrote it.")
