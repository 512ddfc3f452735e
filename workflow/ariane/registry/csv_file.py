"""A CSV file as people saved it: every byte outside the cells written stays as it was.

The file is cut in raw spans of bytes. Separators, quotes and line ends are the same single bytes in
UTF-8 and in Windows-1252, so nothing has to be decoded to be kept; a cell is decoded only when it
is read.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ariane.model.errors import ArianeError
from ariane.registry.document import refuse_twice
from ariane.registry.mapping import RegistryMapping
from ariane.safe import neutralise

BOM: Final = b"\xef\xbb\xbf"
_CODECS: Final = {"utf-8": "utf-8", "windows-1252": "cp1252"}
_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
"""First bytes of files of older Office, and of encrypted ones."""
_SEP_LINE: Final = re.compile(rb"sep=([;,\t])(?:\r\n|\n|\r)", re.IGNORECASE)
"""First line by which Excel is told the separator."""
_UTF8_PAIR: Final = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")
"""An accented Latin letter in UTF-8; as Windows-1252 it would be nonsense such as Ã©."""


@dataclass(slots=True)
class _Row:
    """A line as it stands in the file: where its cells end, and those that were written."""

    body: bytes
    begin: int
    stops: array[int]
    """Where each cell ends, counted from ``begin``."""
    end: bytes
    line: int
    width: int
    """Number of cells, added ones included."""
    new: dict[int, bytes] = field(default_factory=dict)

    def __getitem__(self, at: int) -> bytes:
        """The bytes of a cell; none where the row is too short."""
        if at in self.new:
            return self.new[at]
        if at >= len(self.stops):
            return b""
        start = self.stops[at - 1] + 1 if at else 0
        return self.body[self.begin + start : self.begin + self.stops[at]]

    @property
    def cells(self) -> list[bytes]:
        """All cells."""
        return [self[at] for at in range(self.width)]

    @property
    def blank(self) -> bool:
        return self.width == 1 and not self[0].strip()

    def put(self, at: int, raw: bytes) -> None:
        self.new[at] = raw
        self.width = max(self.width, at + 1)

    def render(self, delimiter: bytes) -> bytes:
        if self.new or self.width > len(self.stops):
            return delimiter.join(self.cells) + self.end
        return self.body[self.begin : self.begin + self.stops[-1]] + self.end


@dataclass
class CsvFile:
    """A CSV file, cut in raw spans.

    Rows are numbered as in the file, the header and blank lines included; ``data_rows`` gives the
    numbers that hold data.
    """

    name: str
    encoding: str
    """``utf-8`` or ``windows-1252``."""
    delimiter: str
    preamble: bytes
    _rows: list[_Row]
    _header: int
    _quote_all: bool
    _index: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the columns, and learn what must be quoted."""
        self._index = {c: i for i, c in enumerate(self.columns) if c}
        self._special = re.compile(b'["\r\n' + re.escape(self.delimiter.encode()) + b"]")

    @property
    def form(self) -> Mapping[str, str]:
        """Its dialect."""
        return {"kind": "csv", "encoding": self.encoding, "delimiter": self.delimiter}

    @property
    def columns(self) -> list[str]:
        """Column names as the header gives them, spaces around them dropped."""
        return [self._decode(cell).strip() for cell in self._rows[self._header].cells]

    def data_rows(self) -> Iterator[int]:
        """Numbers of the rows below the header that are not blank."""
        for number in range(self._header + 1, len(self._rows)):
            if not self._rows[number].blank:
                yield number

    def line(self, row: int) -> int:
        """The line of the file on which a row begins, counted from 1."""
        return self._rows[row].line

    def has(self, column: str) -> bool:
        """Whether the header names this column."""
        return column in self._index

    def cell(self, row: int, column: str) -> str:
        """Text of a cell without its quotes; empty where the row is too short.

        Raises:
            KeyError: the header has no such column.
        """
        return self._decode(self._rows[row][self._index[column]])

    def check(self, row: int, column: str, value: str) -> None:  # noqa: ARG002 (any row alike)
        """Whether a text can be written in this file.

        Raises:
            ArianeError: a character does not exist in the file's encoding, or is a NUL.
        """
        self.encode(value, column)

    def encode(self, value: str, column: str) -> bytes:
        """The bytes of a cell, quoted only where this file's dialect needs it.

        Raises:
            ArianeError: a character does not exist in the file's encoding, or is a NUL.
        """
        text = neutralise(value)
        try:
            raw = text.encode(_CODECS[self.encoding])
        except UnicodeEncodeError as problem:
            raise ArianeError(
                f"{self.name}: column {column!r}: the character {text[problem.start]!r} does not "
                f"exist in the file's encoding ({self.encoding}). Save the registry as UTF-8 to "
                "receive this value."
            ) from None
        if b"\x00" in raw:
            raise ArianeError(f"{self.name}: column {column!r}: a NUL cannot stand in a CSV cell.")
        if self._quote_all or self._special.search(raw):
            return b'"' + raw.replace(b'"', b'""') + b'"'
        return raw

    def set(self, row: int, column: str, value: str) -> bool:
        """Write a cell; a value that is already there changes no byte.

        Returns:
            Whether a byte changed.

        Raises:
            ArianeError: the value cannot be written in the file's encoding.
            KeyError: the header has no such column.
        """
        if self.cell(row, column) == neutralise(value):
            return False
        self._rows[row].put(self._index[column], self.encode(value, column))
        return True

    def add_columns(self, names: Iterable[str]) -> None:
        """Add columns at the right end of the header, and separators to every row.

        Raises:
            ArianeError: a row holds text to the right of the header's last column, which the new
                name would claim.
        """
        added = list(names)
        header = self._rows[self._header]
        long = [
            str(self.line(n))
            for n in self.data_rows()
            if any(c.strip(b' "') for c in self._rows[n].cells[header.width :])
        ]
        if long:
            shown = ", ".join(long[:10]) + (" and more" if len(long) > 10 else "")
            raise ArianeError(
                f"{self.name}: line {shown}: more cells than the header has columns, so no column "
                "can be added without naming theirs. Mend these lines (often an unquoted "
                "separator), or add Ariane's columns by hand."
            )
        for name in added:
            self._index[name] = header.width
            header.put(header.width, self.encode(name, name))
        for number in self.data_rows():
            row = self._rows[number]
            row.width = max(row.width, header.width)

    def render(self) -> bytes:
        """The whole file."""
        delimiter = self.delimiter.encode()
        return self.preamble + b"".join(row.render(delimiter) for row in self._rows)

    def _decode(self, raw: bytes) -> str:
        if raw.startswith(b'"'):
            # The closing quote is the first one that is not doubled; text after it is kept as is.
            body, rest = _split_quoted(raw)
            raw = body.replace(b'""', b'"') + rest
        # A byte that means nothing in the encoding reads as U+FFFD; it is never written back.
        return raw.decode(_CODECS[self.encoding], errors="replace")


def load(content: bytes, mapping: RegistryMapping, name: str = "registry") -> CsvFile:
    """Cut a registry file in spans and check that its header can be understood.

    Args:
        content: the file's bytes.
        mapping: names the key column, and the dialect unless it is to be told from the file.
        name: how messages call the file.

    Raises:
        ArianeError: not a CSV text, no header, no key column, a quote never closed, or a column
            name given twice.
    """
    encoding = _encoding(content, mapping.encoding, name)
    start = len(BOM) if content.startswith(BOM) else 0
    delimiter = mapping.delimiter
    told = _SEP_LINE.match(content, start)
    if told:
        start = told.end()
        delimiter = delimiter or told[1].decode()
    preamble, body = content[:start], content[start:]
    first_line = 2 if told else 1
    candidates = [delimiter] if delimiter else [";", ",", "\t"]
    for candidate in candidates:
        rows = _tokenise(body, candidate.encode(), name, first_line, header_only=True)
        probe = _document(name, encoding, candidate, preamble, rows)
        if mapping.key in probe.columns:
            break
    else:
        raise ArianeError(
            f"{name}: the header has no column {mapping.key!r}, the key of the mapping. Check the "
            "mapping's key, encoding and delimiter."
        )
    rows = _tokenise(body, candidate.encode(), name, first_line)
    document = _document(name, encoding, candidate, preamble, rows)
    refuse_twice(name, document.columns)
    return document


def _document(
    name: str, encoding: str, delimiter: str, preamble: bytes, rows: list[_Row]
) -> CsvFile:
    header = next((i for i, row in enumerate(rows) if not row.blank), None)
    if header is None:
        raise ArianeError(f"{name}: the file has no header line. Check that it is the registry.")
    quoted = all(cell.startswith(b'"') for cell in rows[header].cells)
    return CsvFile(name, encoding, delimiter, preamble, rows, header, quoted)


def _encoding(content: bytes, wanted: str, name: str) -> str:
    """BOM, then strict UTF-8, then Windows-1252; what contradicts the mapping is refused."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ArianeError(f"{name}: saved as UTF-16. Save it as 'CSV UTF-8'.")
    if content.startswith(_COMPOUND):
        raise ArianeError(
            f"{name}: an old workbook (.xls) or one with a password. Save it as .xlsx without a "
            "password, or as CSV."
        )
    if b"\x00" in content:
        raise ArianeError(f"{name}: holds NUL bytes, so it is not CSV text. Save it as CSV again.")
    try:
        content.decode("utf-8")
        strict = True
    except UnicodeDecodeError:
        strict = False
    accented_utf8 = bool(_UTF8_PAIR.search(content))
    if wanted == "windows-1252":
        if content.startswith(BOM) or (strict and not content.isascii()):
            raise ArianeError(
                f"{name}: is UTF-8, but the mapping says windows-1252. Correct the mapping."
            )
        return wanted
    if content.startswith(BOM) or strict:
        return "utf-8"
    if wanted == "utf-8":
        if accented_utf8:
            return wanted  # Damaged bytes in people's cells are kept; the manager named UTF-8.
        raise ArianeError(
            f"{name}: is not UTF-8, though the mapping says so. Say windows-1252, or save it again."
        )
    if accented_utf8:
        raise ArianeError(
            f"{name}: mixes UTF-8 and another encoding. Name the encoding in the mapping, or mend "
            "the file."
        )
    return "windows-1252"


def _tokenise(
    body: bytes, delimiter: bytes, name: str, line: int, header_only: bool = False
) -> list[_Row]:
    # Possessive quantifiers: a quote that is never closed fails at once instead of backtracking.
    mark = re.escape(delimiter)
    match = re.compile(
        rb'("(?:[^"]++|"")*+"[^' + mark + rb'\r\n]*+|(?!")[^' + mark + rb"\r\n]*+)"
        rb"(" + mark + rb"|\r\n|\n|\r|\Z)"
    ).match
    rows: list[_Row] = []
    stops = array("I")
    position = start = 0
    while True:
        found = match(body, position)
        if found is None:
            at = line + body.count(b"\n", start, position)
            raise ArianeError(
                f"{name}:{at}: a cell opens with a quote that is never closed. Close it, or double "
                "the quote."
            )
        stop, position = found.span(2)
        stops.append(stop - start)
        end = found[2]
        if end == delimiter:
            continue
        if end or stop > start:
            rows.append(_Row(body, start, stops, end, line, len(stops)))
            if header_only and not rows[-1].blank:
                return rows
            line += body.count(b"\n", start, stop) + 1
        if not end:
            return rows
        stops = array("I")
        start = position


def _split_quoted(raw: bytes) -> tuple[bytes, bytes]:
    at = 1
    while True:
        at = raw.index(b'"', at)
        if raw[at : at + 2] != b'""':
            return raw[1:at], raw[at + 1 :]
        at += 2
