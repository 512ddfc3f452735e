"""A table of a database as a registry: the key and Ariane's own columns are read, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from sqlalchemy import types

from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry.mapping import RegistryMapping
from ariane.registry.values import day, number, spell_number
from ariane.safe import neutralise

_CODECS: Final = {"LATIN1": "latin-1", "LATIN9": "iso8859-15", "WIN1252": "cp1252"}
"""Encodings of PostgreSQL databases in France that lack letters; others hold every one."""


@dataclass(frozen=True)
class Column:
    """A column of Ariane's as the database declares it."""

    holds: Literal["text", "number", "date"]
    length: int | None = None
    """Most characters, or None."""
    nullable: bool = True


@dataclass(slots=True)
class SqlRow:
    """A row as read: values as the database's driver gives them."""

    key: Any
    values: dict[str, Any]
    written: dict[str, str] = field(default_factory=dict)
    """Column to the text to be written."""


@dataclass
class SqlTable:
    """A registry's table as read."""

    name: str
    mapping: RegistryMapping
    kind: str
    """``sqlite`` or ``postgresql``."""
    table: str
    columns: dict[str, Column]
    rows: list[SqlRow]
    encoding: str = ""
    added: list[str] = field(default_factory=list)

    @property
    def form(self) -> Mapping[str, str]:
        """Which table of what."""
        return {"kind": self.kind, "table": self.table}

    def has(self, column: str) -> bool:
        """Whether the table has this column of Ariane's, or the key."""
        return column in self.columns or column == self.mapping.key

    def data_rows(self) -> Iterator[int]:
        """Numbers of all rows."""
        yield from range(len(self.rows))

    def line(self, row: int) -> int:  # noqa: ARG002 (of no row)
        """Zero: a table has no lines."""
        return 0

    def cell(self, row: int, column: str) -> str:
        """Text of a value in the mapping's spelling; empty for NULL.

        Raises:
            KeyError: there is no such column.
        """
        held = self.rows[row]
        if column == self.mapping.key:
            return self._spell(held.key)
        if column not in self.columns:
            raise KeyError(column)
        if column in held.written:
            return held.written[column]
        return self._spell(held.values.get(column))

    def check(self, row: int, column: str, value: str) -> None:
        """Whether a text can be written there.

        Raises:
            ArianeError: longer than the column, a NUL, a letter that the database lacks, or no
                number or date where the column takes nothing else.
        """
        where = f"{self.name}: {self.cell(row, self.mapping.key)}: column {column!r}"
        text, into = neutralise(value), self.columns[column]
        if into.length is not None and len(text) > into.length:
            raise ArianeError(f"{where}: takes {into.length} characters, not {len(text)}.")
        if "\x00" in text:
            raise ArianeError(f"{where}: a NUL cannot stand in a database.")
        try:
            text.encode(_CODECS.get(self.encoding, "utf-8"))
        except UnicodeEncodeError as problem:
            raise ArianeError(
                f"{where}: the character {text[problem.start]!r} does not exist in the database's "
                f"encoding ({self.encoding})."
            ) from None
        self.raw(column, text)

    def set(self, row: int, column: str, value: str) -> bool:
        """Write a value; one that is already there changes nothing. Returns whether it did.

        Raises:
            ArianeError: the value cannot be written there.
            KeyError: there is no such column.
        """
        text = neutralise(value)
        if self.cell(row, column) == text:
            return False
        self.check(row, column, value)
        self.rows[row].written[column] = text
        return True

    def add_columns(self, names: Iterable[str]) -> None:
        """Add columns of text."""
        self.added = list(names)
        self.columns |= {name: Column("text") for name in self.added}

    def render(self) -> bytes:
        """Key and Ariane's columns as JSON lines, in order of the key."""
        own = [c for c in self.mapping.columns.values() if c in self.columns]
        lines = [
            to_json({"key": self.cell(r, self.mapping.key), **{c: self.cell(r, c) for c in own}})
            for r in self.data_rows()
        ]
        return "".join(f"{line}\n" for line in sorted(lines)).encode()

    def raw(self, column: str, text: str) -> Any:
        """The value by which a text is stored.

        Raises:
            ArianeError: the column takes numbers or dates, and it is none.
        """
        into = self.columns[column]
        if not text:
            # A column of text that takes no NULL takes the empty text.
            return None if into.nullable or into.holds != "text" else ""
        if into.holds == "text":
            return text
        found: Decimal | date | None = number(text) if into.holds == "number" else day(text)
        if found is None:
            raise ArianeError(f"{self.name}: column {column!r} takes a {into.holds}, not {text!r}.")
        if self.kind == "sqlite":  # it has neither type: a number is a float, a date a text
            return float(found) if isinstance(found, Decimal) else found.isoformat()
        return found

    def _spell(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, date):  # a moment too
            return value.strftime(self.mapping.date_format)
        if isinstance(value, float):
            value = Decimal(repr(value))
        if isinstance(value, Decimal) and value.is_finite():
            return spell_number(value, self.mapping.decimal)
        return str(value)


def column_of(name: str, declared: types.TypeEngine[Any], kind: str, nullable: bool) -> Column:
    """What a column of Ariane's can hold.

    Raises:
        ArianeError: neither texts, nor numbers, nor dates.
    """
    if isinstance(declared, (types.Date, types.DateTime)):
        return Column("date", None, nullable)
    # Four bytes of PostgreSQL's real are not the number that was written.
    single = isinstance(declared, types.REAL) and kind == "postgresql"
    if isinstance(declared, types.Numeric) and not single:
        return Column("number", None, nullable)
    if isinstance(declared, types.String) and not isinstance(declared, types.Enum):
        return Column("text", declared.length, nullable)
    raise ArianeError(
        f"The table's column {name!r} is of type {declared}. Ariane writes into text, varchar, "
        "date, numeric and double precision: change its type."
    )
