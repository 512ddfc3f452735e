"""A sheet of a workbook as spans of bytes: where the cells of a registry stand in its XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ariane.model.errors import ArianeError
from ariane.registry.workbook import local, localised, parse, parser_of, unescape

HEADER_WITHIN: Final = 50
"""Rows among which the header is looked for: titles and notes may stand above it."""

_TAG: Final = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TEXTS: Final = frozenset(("v", "f", "t"))


@dataclass(slots=True)
class Cell:
    """A cell and where it stands."""

    begin: int
    """Offset of its start tag."""
    style: str
    """Index of its style as written; empty where it has none."""
    kind: str
    """``s``, ``str``, ``inlineStr``, ``n``, ``b``, ``e`` or ``d`` (ECMA-376 part 1, 18.18.11)."""
    close: int = -1
    """Offset of its end tag; means nothing where the start tag closes itself."""
    raw: str = ""
    formula: str | None = None

    @property
    def filled(self) -> bool:
        """Whether people see anything in it."""
        return bool(self.raw) or self.formula is not None


@dataclass(slots=True)
class Row:
    """A row, its cells of interest, and where those that it lacks would stand."""

    number: int
    begin: int
    style: str
    prefix: str
    """Namespace prefix of the elements, with its colon."""
    cells: dict[int, Cell] = field(default_factory=dict)
    gaps: dict[int, int] = field(default_factory=dict)


@dataclass
class Sheet:
    """A sheet that holds a registry."""

    content: bytes
    header: Row
    columns: dict[str, int]
    """Name of a column, spaces around it dropped, to its number from 1."""
    names: list[str]
    """All names of the header, repeated ones too."""
    rows: list[Row] = field(default_factory=list)
    """Rows below the header that have a key."""
    last: int = 0
    """The last column that holds anything in any row."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row and column, last row and column."""
    column_styles: list[tuple[int, int, str]] = field(default_factory=list)
    """First and last column, index of a style."""
    dimension: tuple[int, str] | None = None
    """Offset of the element that tells the sheet's extent, and what it tells."""


def tag_at(content: bytes, offset: int) -> bytes:
    """The start tag that stands at an offset."""
    found = _TAG.match(content, offset)
    if found is None:
        raise ArianeError(f"the sheet's tag at byte {offset} cannot be read.")
    return found[0]


def letters(column: int) -> str:
    """Letters of a column, from 1: ``A``, ``AB``."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def place(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as ``AB12``; zeros where it is none."""
    found = _REFERENCE.fullmatch(reference.replace("$", ""))
    if found is None:
        return 0, 0
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def scan(
    content: bytes,
    name: str,
    strings: list[str],
    key: str,
    wanted: frozenset[str],
    added: Mapping[str, int],
) -> Sheet | None:
    """Find a registry in a sheet.

    Args:
        content: the sheet's XML.
        name: how messages call it.
        strings: the workbook's shared texts.
        key: name of the column that holds pseudonyms; the first row that has it is the header.
        wanted: names of the other columns of interest.
        added: columns to come, by number.

    Returns:
        None when none of the first rows names the key.

    Raises:
        ArianeError: damaged, or not UTF-8.
    """
    reader = _Reader(content, name, strings, key, wanted, added)
    reader.run()
    return reader.sheet


class _StopError(Exception):
    """Nothing here is a registry."""


class _Reader:
    def __init__(
        self,
        content: bytes,
        name: str,
        strings: list[str],
        key: str,
        wanted: frozenset[str],
        added: Mapping[str, int],
    ) -> None:
        self.content, self.name, self.strings = content, name, strings
        self.key, self.wanted, self.added = key, wanted, added
        self.sheet: Sheet | None = None
        self.early: list[tuple[str, dict[str, str], int]] = []
        self.of_interest: list[int] | None = None
        self.key_column = 0
        self.row: Row | None = None
        self.cell: Cell | None = None
        self.column = self.number = self.last = 0
        self.awaited: list[int] = []
        self.pieces: list[str] = []
        self.hearing = False
        self.reading = 0
        self.known: dict[str, int] = {}

    def run(self) -> None:
        parser = self.parser = parser_of(self.name)
        parser.XmlDeclHandler = self._declared
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        if self.content.startswith((b"\xff\xfe", b"\xfe\xff")):
            self._declared("", "UTF-16", 0)
        try:
            parse(parser, self.content, self.name)
        except _StopError:
            return
        if self.sheet is not None:
            self.sheet.last = self.last

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "utf8"):
            raise ArianeError(
                f"{self.name}: a sheet in {encoding} instead of UTF-8. Save it again in the "
                "spreadsheet."
            )

    def _start(self, tag: str, given: dict[str, str]) -> None:
        what = local(tag)
        if what == "c":
            self._cell(given)
        elif what in _TEXTS:
            self.hearing = self.cell is not None and not self.reading
            self.pieces.clear()
        elif what == "row":
            told = given.get("r")
            self.number = int(told) if told else self.number + 1
            self.column = 0
            style = given.get("s", "") if given.get("customFormat") in ("1", "true") else ""
            prefix = tag[: -len("row")]
            self.row = Row(self.number, self.parser.CurrentByteIndex, style, prefix)
            self.awaited = list(self.of_interest or ())
        elif what == "rPh":
            self.reading += 1
        elif what in ("dimension", "col", "mergeCell"):
            self._aside(what, localised(given), self.parser.CurrentByteIndex)

    def _cell(self, given: dict[str, str]) -> None:
        told = given.get("r")
        if told:
            name = told.rstrip("0123456789")
            column = self.known.get(name)
            if column is None:
                column = self.known[name] = place(f"{name}1")[1]
            self.column = column
        else:
            self.column += 1
        row = self.row
        if row is None:
            return
        at = self.parser.CurrentByteIndex
        while self.awaited and self.awaited[0] < self.column:
            row.gaps[self.awaited.pop(0)] = at
        self.cell = Cell(at, given.get("s", ""), given.get("t", "n"))
        if self.of_interest is None:
            row.cells[self.column] = self.cell
        elif self.awaited and self.awaited[0] == self.column:
            self.awaited.pop(0)
            row.cells[self.column] = self.cell

    def _text(self, run: str) -> None:
        if self.hearing:
            self.pieces.append(run)

    def _end(self, tag: str) -> None:
        what = local(tag)
        if what in _TEXTS:
            if self.hearing and self.cell is not None:
                heard = "".join(self.pieces)
                if what == "f":
                    self.cell.formula = heard
                elif what == "t":
                    self.cell.raw += heard
                else:
                    self.cell.raw = heard
            self.hearing = False
        elif what == "c" and self.cell is not None:
            self.cell.close = self.parser.CurrentByteIndex
            if self.cell.filled:
                self.last = max(self.last, self.column)
            self.cell = None
        elif what == "row" and self.row is not None:
            at = self.parser.CurrentByteIndex
            self.row.gaps |= dict.fromkeys(self.awaited, at)
            self._row(self.row)
            self.row = None
        elif what == "rPh":
            self.reading -= 1

    def _row(self, row: Row) -> None:
        if self.sheet is not None:
            key = row.cells.get(self.key_column)
            if key is not None and self.shown(key).strip():
                self.sheet.rows.append(row)
            return
        names = {c: self.shown(cell).strip() for c, cell in sorted(row.cells.items())}
        if self.key not in names.values():
            if row.number > HEADER_WITHIN:
                raise _StopError
            return
        columns = {text: c for c, text in reversed(names.items()) if text} | dict(self.added)
        self.sheet = Sheet(self.content, row, columns, [t for t in names.values() if t])
        self.key_column = columns[self.key]
        self.of_interest = sorted(columns[n] for n in {self.key, *self.wanted} if n in columns)
        end = self.parser.CurrentByteIndex
        for new in self.added.values():
            behind = [cell.begin for at, cell in row.cells.items() if at > new]
            row.gaps[new] = min(behind, default=end)
        for what, given, at in self.early:
            self._aside(what, given, at)

    def shown(self, cell: Cell) -> str:
        """Text of a cell where only its words matter."""
        return text_of(cell, self.strings)

    def _aside(self, what: str, given: dict[str, str], at: int) -> None:
        if self.sheet is None:
            self.early.append((what, given, at))
        elif what == "dimension":
            self.sheet.dimension = (at, given.get("ref", ""))
        elif what == "col" and given.get("style"):
            ends = int(given.get("min", 0)), int(given.get("max", 0))
            self.sheet.column_styles.append((*ends, given["style"]))
        elif what == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            self.sheet.merged.append((*place(first), *place(last or first)))


def text_of(cell: Cell, strings: list[str]) -> str:
    """Text of a cell, a number as it is stored.

    Raises:
        ArianeError: it points at a shared text that is not there.
    """
    if cell.kind == "s" and cell.raw:
        try:
            return strings[int(cell.raw)]
        except (ValueError, IndexError):
            raise ArianeError(
                "The workbook names a shared text that it does not hold. Save it again."
            ) from None
    return unescape(cell.raw) if cell.kind in ("inlineStr", "str") else cell.raw
