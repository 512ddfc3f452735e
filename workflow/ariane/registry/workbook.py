"""A workbook (.xlsx, .xlsm) as a zip of parts: which part is which sheet, its texts, its formats.

Only what a registry's sheet needs is understood. Whatever else a workbook holds is never parsed,
so it cannot be lost: parts that are not written are copied as they are.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from xml.parsers import expat
from xml.sax import saxutils

from ariane.bounds import refuse_bomb
from ariane.model.errors import ArianeError

MOST: Final = 1 << 29
"""Bytes of a workbook when unpacked: more is taken for a zip bomb. A sheet of 100,000 rows and 50
columns stays below."""

Look = Literal["", "date", "percent", "zeros"]
"""How a number format shows a number: plainly, as a date, in percent, or with leading zeros."""

_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Built-in number formats that show dates or times (ECMA-376 part 1, 18.8.30)."""
_PERCENTS: Final = frozenset((9, 10))
_UNSAID: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
"""Parts of a number format that are not codes: quoted text, escapes, colours, conditions."""
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ESCAPED: Final = re.compile(r"_x((?!D[89A-F])[0-9A-F]{4})_", re.IGNORECASE)
_LOOKALIKE: Final = re.compile(r"_(?=x[0-9A-F]{4}_)", re.IGNORECASE)
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CALC: Final = re.compile(rb"<((?:\w+:)?)calcPr\b([^>]*?)(/?)>")
_FULL: Final = re.compile(rb"""\sfullCalcOnLoad=(?:"[^"]*"|'[^']*')""")


@dataclass
class Workbook:
    """A workbook's parts."""

    name: str
    parts: Mapping[str, bytes]
    order: list[zipfile.ZipInfo]
    comment: bytes
    main: str
    """Part that names the sheets."""
    sheets: dict[str, str] = field(default_factory=dict)
    """Name of a sheet to its part, in the order of the tabs."""
    strings: list[str] = field(default_factory=list)
    looks: list[tuple[Look, int]] = field(default_factory=list)
    """By index of a cell's style: how it shows a number, and the width of leading zeros."""
    from_1904: bool = False
    """Whether days are counted from 1904 and not from 1900."""

    def render(self, part: str, content: bytes) -> bytes:
        """The workbook with one part replaced, the others as they are.

        Where the workbook holds formulas, it is told to compute them when it is next opened: a
        count over Ariane's cells would otherwise show its old result.
        """
        changed = {part: content}
        if any(_FORMULA.search(c) for n, c in self.parts.items() if "worksheets/" in n):
            changed[self.main] = _computed_anew(self.parts[self.main])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            target.comment = self.comment
            for info in self.order:
                new = zipfile.ZipInfo(info.filename, info.date_time)
                new.compress_type = info.compress_type
                new.external_attr, new.create_system = info.external_attr, info.create_system
                new.comment = info.comment
                target.writestr(new, changed.get(info.filename, self.parts[info.filename]))
        return out.getvalue()


def read_workbook(content: bytes, name: str) -> Workbook:
    """Open a workbook.

    Raises:
        ArianeError: damaged, signed, of another kind, or larger than a registry can be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            order = source.infolist()
            refuse_bomb(order, len(content), name, MOST)
            parts = {i.filename: source.read(i) for i in order}
            comment = source.comment
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as problem:
        raise ArianeError(
            f"{name}: a damaged workbook ({problem}). Save it again in the spreadsheet."
        ) from None
    if len(parts) != len(order):
        raise ArianeError(f"{name}: a workbook that holds a part twice. Save it again.")
    if any(n.startswith("_xmlsignatures/") for n in parts):
        raise ArianeError(
            f"{name}: a signed workbook; any write would break the signature. Have its keeper "
            "remove it."
        )
    mains = [t for kind, t in _relations(parts, "", name).values() if kind == "officeDocument"]
    if not mains or not mains[0].endswith(".xml"):
        raise ArianeError(f"{name}: not an Excel workbook (.xlsx). Save it as .xlsx or as CSV.")
    book = Workbook(name, parts, order, comment, mains[0])
    targets = _relations(parts, book.main, name)
    of_kind = dict(targets.values())

    def sheet(local: str, given: dict[str, str]) -> None:
        if local == "sheet" and given.get("id") in targets:
            kind, target = targets[given["id"]]
            if kind == "worksheet":
                book.sheets[given.get("name", "")] = target
        elif local == "workbookPr":
            book.from_1904 = given.get("date1904", "0") in ("1", "true")

    walk(parts.get(book.main, b""), name, sheet)
    if "sharedStrings" in of_kind:
        book.strings = _strings(parts.get(of_kind["sharedStrings"], b""), name)
    if "styles" in of_kind:
        book.looks = _looks(parts.get(of_kind["styles"], b""), name)
    return book


def walk(
    content: bytes,
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read an XML part; entities and document types are refused, so none is ever resolved.

    Args:
        content: the part.
        name: the workbook, for messages.
        start: called with an element's local name and its attributes by local name.
        end: called with an element's local name.
        text: called with runs of text.

    Raises:
        ArianeError: not well-formed, or with a document type.
    """
    parser = parser_of(name)
    parser.StartElementHandler = lambda tag, given: start(local(tag), localised(given))
    if end is not None:
        finish = end
        parser.EndElementHandler = lambda tag: finish(local(tag))
    if text is not None:
        parser.CharacterDataHandler = text
    parse(parser, content, name)


def parser_of(name: str) -> expat.XMLParserType:
    """A parser that refuses document types; names come as ``prefix:local``."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise ArianeError(f"{name}: the workbook holds a document type, which none should.")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def parse(parser: expat.XMLParserType, content: bytes, name: str) -> None:
    """Run a parser over a part.

    Raises:
        ArianeError: not well-formed.
    """
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise ArianeError(
            f"{name}: a damaged workbook ({problem}). Save it again in the spreadsheet."
        ) from None


def local(tag: str) -> str:
    """A name without its prefix."""
    return tag.rpartition(":")[2]


def localised(given: Mapping[str, str]) -> dict[str, str]:
    """Attributes by local name."""
    return {local(k): v for k, v in given.items()}


def _relations(parts: Mapping[str, bytes], part: str, name: str) -> dict[str, tuple[str, str]]:
    """What a part points at: identifier to the last word of the kind and the part's name."""
    folder, base = posixpath.split(part)
    content = parts.get(posixpath.join(folder, "_rels", f"{base}.rels"))
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, given: dict[str, str]) -> None:
        if tag == "Relationship" and given.get("TargetMode") != "External":
            target = given.get("Target", "")
            whole = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            kind = given.get("Type", "").rpartition("/")[2]
            found[given.get("Id", "")] = (kind, posixpath.normpath(whole))

    if content is not None:
        walk(content, name, start)
    return found


def _strings(content: bytes, name: str) -> list[str]:
    """Shared texts, rich ones without their formats, readings (furigana) left out."""
    found: list[str] = []
    pieces: list[str] = []
    inside: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "si":
            pieces.clear()
        inside.append(tag)

    def end(tag: str) -> None:
        inside.pop()
        if tag == "si":
            found.append(unescape("".join(pieces)))

    def text(run: str) -> None:
        if inside[-1] == "t" and "rPh" not in inside:
            pieces.append(run)

    walk(content, name, start, end, text)
    return found


def _looks(content: bytes, name: str) -> list[tuple[Look, int]]:
    formats: dict[int, str] = {}
    found: list[tuple[Look, int]] = []
    inside: list[str] = []

    def start(tag: str, given: dict[str, str]) -> None:
        if tag == "numFmt":
            formats[int(given.get("numFmtId", -1))] = given.get("formatCode", "")
        elif tag == "xf" and inside and inside[-1] == "cellXfs":
            found.append(_look(int(given.get("numFmtId", 0)), formats))
        inside.append(tag)

    def end(_: str) -> None:
        inside.pop()

    walk(content, name, start, end)
    return found


def _look(number: int, formats: Mapping[int, str]) -> tuple[Look, int]:
    if number in formats:
        code = _UNSAID.sub("", formats[number].split(";")[0])
        if code and set(code) == {"0"}:
            return "zeros", len(code)
        if "%" in code:
            return "percent", 0
        return ("date", 0) if re.search("[ymdhs]", code, re.IGNORECASE) else ("", 0)
    if number in _DATES:
        return "date", 0
    return ("percent", 0) if number in _PERCENTS else ("", 0)


def unescape(text: str) -> str:
    """A text of a workbook, in which ``_x000D_`` stands for a character that XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def escape(text: str) -> str:
    """A text as a workbook's part holds it.

    Raises:
        ValueError: a character cannot stand in XML.
    """
    if _FORBIDDEN.search(text):
        raise ValueError(text)
    # A text that only looks like an escape is escaped itself.
    return saxutils.escape(_LOOKALIKE.sub("_x005F_", text))


def _computed_anew(content: bytes) -> bytes:
    """The main part, with the wish that all formulas are computed when the workbook is opened."""

    def wish(found: re.Match[bytes]) -> bytes:
        rest = _FULL.sub(b"", found[2])
        return b"<" + found[1] + b'calcPr fullCalcOnLoad="1"' + rest + found[3] + b">"

    if _CALC.search(content):
        return _CALC.sub(wish, content, count=1)
    # The order of elements is fixed: calcPr comes after these, whichever is the last present.
    for tag in (b"definedNames", b"externalReferences", b"functionGroups", b"sheets"):
        closing = re.compile(rb"</((?:\w+:)?)" + tag + rb"\s*>")
        found = closing.search(content)
        if found:
            at = found.end()
            return content[:at] + b"<" + found[1] + b'calcPr fullCalcOnLoad="1"/>' + content[at:]
    return content
