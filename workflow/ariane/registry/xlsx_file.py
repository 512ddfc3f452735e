"""A workbook as people saved it: only the cells written change, by their place in the sheet's XML.

A library that loads a workbook and saves it again writes what it understood: openpyxl drops
computed results of formulas, formats within a text, validations and conditional formats of newer
Excels, slicers, threaded comments and more. So the sheet's bytes are kept and the cells meant are
replaced in them; every other part of the workbook stays as it is, byte for byte. New texts stand
in the cell itself, so that the table of shared texts is not touched either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from ariane.model.errors import ArianeError
from ariane.registry.document import refuse_twice
from ariane.registry.mapping import RegistryMapping
from ariane.registry.sheet import Cell, Row, Sheet, letters, place, scan, tag_at, text_of
from ariane.registry.values import day, number, spell_number
from ariane.registry.workbook import Look, Workbook, escape, read_workbook
from ariane.safe import neutralise

LONGEST: Final = 32_767
"""Characters of a cell (Excel's limit)."""
LAST_COLUMN: Final = 16_384

_SPANS: Final = re.compile(rb"""(\bspans=["'])(\d+):(\d+)""")


@dataclass
class XlsxFile:
    """A workbook and the one sheet of it that holds the registry."""

    name: str
    mapping: RegistryMapping
    book: Workbook
    tab: str
    sheet: Sheet
    _written: dict[int, dict[str, str]] = field(default_factory=dict)
    """Index of a row to column to text."""
    _fields: dict[str, str] = field(default_factory=dict)
    _added: list[str] = field(default_factory=list)
    _original: bytes = b""

    @property
    def form(self) -> Mapping[str, str]:
        """Which sheet."""
        return {"kind": "xlsx", "sheet": self.tab}

    def has(self, column: str) -> bool:
        """Whether the header names this column."""
        return column in self.sheet.columns

    def data_rows(self) -> Iterator[int]:
        """Numbers of the rows below the header that have a key."""
        yield from range(len(self.sheet.rows))

    def line(self, row: int) -> int:
        """The row's number in the sheet."""
        return self.sheet.rows[row].number

    def cell(self, row: int, column: str) -> str:
        """Text of a cell as people see it; of a formula in another column than the key, itself.

        Raises:
            KeyError: the header has no such column.
        """
        at = self.sheet.columns[column]
        if column in self._written.get(row, {}):
            return self._written[row][column]
        cell = self.sheet.rows[row].cells.get(at)
        if cell is None or not cell.filled:
            return ""
        if cell.formula is not None and column != self.mapping.key:
            return f"={cell.formula}"
        if cell.kind == "b":
            return "VRAI" if cell.raw == "1" else "FAUX"
        if cell.kind != "n":
            return text_of(cell, self.book.strings)
        return self._number(cell)

    def check(self, row: int, column: str, value: str) -> None:
        """Whether a text can be written there.

        Raises:
            ArianeError: too long, with a character that XML lacks, or among merged cells.
        """
        where = f"{self.name}: {letters(self.sheet.columns[column])}{self.line(row)}"
        text = neutralise(value)
        if len(text) > LONGEST:
            raise ArianeError(f"{where}: more than {LONGEST} characters.")
        try:
            escape(text)
        except ValueError:
            raise ArianeError(f"{where}: a control character cannot stand in a workbook.") from None
        at, on = self.sheet.columns[column], self.line(row)
        if any(a <= on <= c and b <= at <= d for a, b, c, d in self.sheet.merged):
            raise ArianeError(f"{where}: among merged cells. Split them to receive this value.")

    def set(self, row: int, column: str, value: str) -> bool:
        """Write a cell; a value that is already there changes nothing. Returns whether it did.

        Raises:
            ArianeError: the value cannot be written there.
            KeyError: the header has no such column.
        """
        text = neutralise(value)
        if self.cell(row, column) == text:
            return False
        self.check(row, column, value)
        self._written.setdefault(row, {})[column] = text
        return True

    def add_columns(self, names: Iterable[str]) -> None:
        """Add columns right of everything that the sheet holds, titles and notes included.

        Raises:
            ArianeError: the sheet has no column left.
        """
        self._added = list(names)
        merged = max((last for *_, last in self.sheet.merged), default=0)
        first = max(self.sheet.last, merged) + 1
        if first + len(self._added) - 1 > LAST_COLUMN:
            raise ArianeError(f"{self.name}: the sheet {self.tab!r} has no column left.")
        new = {name: first + i for i, name in enumerate(self._added)}
        found = _scan(self.book, self.sheet.content, self.name, self.mapping, new)
        if found is None:
            raise ArianeError(f"{self.name}: the sheet {self.tab!r} cannot be read twice alike.")
        self.sheet = found

    def render(self) -> bytes:
        """The whole workbook; the very bytes that were read when no cell was written."""
        edits = list(self._edits())
        if not edits:
            return self._original
        content, pieces, done = self.sheet.content, [], 0
        for begin, end, new in sorted(edits):
            pieces += [content[done:begin], new]
            done = end
        pieces.append(content[done:])
        return self.book.render(self.book.sheets[self.tab], b"".join(pieces))

    def _edits(self) -> Iterator[tuple[int, int, bytes]]:
        """What to replace: offsets in the sheet's XML, and the new bytes."""
        header = self.sheet.header
        if self._added:
            left = max(header.cells)
            cells = {}
            for name in self._added:
                at = self.sheet.columns[name]
                cells[at] = _xml(header, at, header.cells[left].style, _text(header, name))
            yield from self._into(header, cells)
            yield from self._extent()
        for row, written in self._written.items():
            into = self.sheet.rows[row]
            cells = {}
            for column, text in written.items():
                at = self.sheet.columns[column]
                old = into.cells.get(at)
                style = old.style if old else self._style(into, at)
                cells[at] = _xml(into, at, style, self._value(into, column, text, style))
            yield from self._into(into, cells)

    def _into(self, row: Row, cells: Mapping[int, bytes]) -> Iterator[tuple[int, int, bytes]]:
        missing: dict[int, bytes] = {}
        for at, new in sorted(cells.items()):
            old = row.cells.get(at)
            if old is None:
                gap = row.gaps[at]
                missing[gap] = missing.get(gap, b"") + new
            else:
                yield old.begin, self._end(old), new
        for gap, new in missing.items():
            yield gap, gap, new
        if missing:
            tag = tag_at(self.sheet.content, row.begin)
            first, last = min(cells), max(cells)

            def widen(found: re.Match[bytes]) -> bytes:
                reach = min(int(found[2]), first), max(int(found[3]), last)
                return found[1] + b"%d:%d" % reach

            wide = _SPANS.sub(widen, tag, count=1)
            if wide != tag:
                yield row.begin, row.begin + len(tag), wide

    def _end(self, cell: Cell) -> int:
        """Offset behind a cell."""
        content = self.sheet.content
        tag = tag_at(content, cell.begin)
        if tag.endswith(b"/>"):
            return cell.begin + len(tag)
        return content.index(b">", cell.close) + 1

    def _extent(self) -> Iterator[tuple[int, int, bytes]]:
        """The sheet's told extent, widened for added columns: readers that trust it stop there."""
        if self.sheet.dimension is None:
            return
        at, told = self.sheet.dimension
        first, _, last = told.partition(":")
        row, column = place(last or first)
        widest = max(self.sheet.columns[name] for name in self._added)
        if 0 < column < widest:
            tag = tag_at(self.sheet.content, at)
            reach = f"{first}:{letters(widest)}{row}".encode()
            yield at, at + len(tag), tag.replace(told.encode(), reach, 1)

    def _style(self, row: Row, column: int) -> str:
        """The style that a spreadsheet gives a cell typed where there was none."""
        if row.style:
            return row.style
        styles = self.sheet.column_styles
        return next((s for first, last, s in styles if first <= column <= last), "")

    def _look(self, style: str) -> tuple[Look, int]:
        index = int(style) if style.isdecimal() else 0
        return self.book.looks[index] if index < len(self.book.looks) else ("", 0)

    def _number(self, cell: Cell) -> str:
        look, width = self._look(cell.style)
        try:
            # Spreadsheets store 33.299999999999997 for 33.3: the shortest text of the same number.
            value = Decimal(repr(float(cell.raw)))
        except (ValueError, ArithmeticError):
            return cell.raw
        if not value.is_finite():
            return cell.raw
        if look == "date" and 1 <= value < 2_958_466:
            return self._from_serial(int(value)).strftime(self.mapping.date_format)
        if look == "percent":
            return spell_number(value * 100, self.mapping.decimal) + "%"
        text = spell_number(value, self.mapping.decimal)
        return text.zfill(width) if look == "zeros" and text.isdecimal() else text

    def _value(self, row: Row, column: str, text: str, style: str) -> str:
        """What stands in a cell: a number or a date where the field is one, else a text."""
        look, _ = self._look(style)
        what = self._fields.get(column)
        if not text:
            return ""
        value = number(text) if what == "posterior" and look != "date" else None
        if value is not None:
            shown = value / 100 if look == "percent" else value
            return f"<{row.prefix}v>{spell_number(shown, '.')}</{row.prefix}v>"
        found = day(text) if what == "due" and look == "date" else None
        if found is not None:
            return f"<{row.prefix}v>{self._to_serial(found)}</{row.prefix}v>"
        return _text(row, text)

    def _from_serial(self, serial: int) -> date:
        if self.book.from_1904:
            return date(1904, 1, 1) + timedelta(days=serial)
        # Day 60 is a 29 February 1900 that never was.
        return date(1899, 12, 30 if serial > 60 else 31) + timedelta(days=serial)

    def _to_serial(self, found: date) -> int:
        if self.book.from_1904:
            return (found - date(1904, 1, 1)).days
        return (found - date(1899, 12, 30)).days


def load(content: bytes, mapping: RegistryMapping, name: str = "registry") -> XlsxFile:
    """Open a workbook and find the registry in it.

    Args:
        content: the file's bytes.
        mapping: names the key column, and the sheet where several have it.
        name: how messages call the file.

    Raises:
        ArianeError: not a workbook, no sheet with the key column, several of them, or a column
            name given twice.
    """
    book = read_workbook(content, name)
    tabs = [mapping.sheet] if mapping.sheet else list(book.sheets)
    if mapping.sheet and mapping.sheet not in book.sheets:
        raise ArianeError(
            f"{name}: there is no sheet {mapping.sheet!r}. The sheets are "
            f"{', '.join(map(repr, book.sheets))}: name one under 'sheet' in the mapping."
        )
    found: dict[str, Sheet] = {}
    for tab in tabs:
        sheet = _scan(book, book.parts.get(book.sheets[tab], b""), name, mapping, {})
        if sheet is not None:
            found[tab] = sheet
    if not found:
        raise ArianeError(
            f"{name}: no sheet has a column {mapping.key!r}, the key of the mapping, in its first "
            "rows. Check the mapping's key."
        )
    if len(found) > 1:
        raise ArianeError(
            f"{name}: the sheets {', '.join(map(repr, found))} all have a column {mapping.key!r}. "
            "Name the one meant under 'sheet' in the mapping."
        )
    ((tab, sheet),) = found.items()
    refuse_twice(name, sheet.names)
    fields = {column: what for what, column in mapping.columns.items()}
    return XlsxFile(name, mapping, book, tab, sheet, _fields=fields, _original=content)


def _scan(
    book: Workbook, content: bytes, name: str, mapping: RegistryMapping, added: Mapping[str, int]
) -> Sheet | None:
    wanted = frozenset(mapping.columns.values())
    return scan(content, name, book.strings, mapping.key, wanted, added)


def _text(row: Row, text: str) -> str:
    """A text within its cell."""
    p = row.prefix
    return f'<{p}is><{p}t xml:space="preserve">{escape(text)}</{p}t></{p}is>'


def _xml(row: Row, column: int, style: str, inner: str) -> bytes:
    """A cell."""
    styled = f' s="{style}"' if style else ""
    kind = ' t="inlineStr"' if inner.startswith(f"<{row.prefix}is>") else ""
    start = f'<{row.prefix}c r="{letters(column)}{row.number}"{styled}{kind}'
    return (f"{start}>{inner}</{row.prefix}c>" if inner else f"{start}/>").encode()
