"""Registries of every kind for tests and benchmarks, kept by people with programs of their own.

People here never use Ariane's code: they save CSV with Python's csv, workbooks with openpyxl, and
tables with SQL.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import openpyxl
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ariane.registry.mapping import RegistryMapping
from ariane.registry.place import FilePlace, Place
from ariane.registry.places import open_place

Rows = dict[str, dict[str, str]]
"""Key to column to text, in the order of the registry."""


class World(Protocol):
    """One registry and what people do with it."""

    place: Place

    def rows(self) -> Rows:
        """What people see."""

    def save(self, rows: Rows, spelled: bool = False) -> bool:
        """Save it all anew, spelled in one of two ways; False when it is locked just now."""

    def content(self) -> bytes:
        """All of it, to tell whether anything changed."""


@dataclass
class _FileWorld:
    """A registry in a file."""

    path: Path
    header: list[str]
    mapping: RegistryMapping

    def __post_init__(self) -> None:
        self.place: Place = FilePlace(self.path, self.mapping)

    def content(self) -> bytes:
        """The file."""
        return self.path.read_bytes()


@dataclass
class CsvWorld(_FileWorld):
    """A CSV file, with or without BOM, by Windows or not."""

    def rows(self) -> Rows:
        """Read by Python's csv."""
        text = self.path.read_bytes().decode("utf-8-sig")
        found = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
        return {row[self.header[0]]: row for row in found}

    def save(self, rows: Rows, spelled: bool = False) -> bool:
        """Written by Python's csv."""
        out = io.StringIO(newline="")
        ends = "\n" if spelled else "\r\n"
        writer = csv.DictWriter(out, self.header, delimiter=";", lineterminator=ends)
        writer.writeheader()
        writer.writerows(rows.values())
        replace(self.path, (b"\xef\xbb\xbf" if spelled else b"") + out.getvalue().encode())
        return True


@dataclass
class XlsxWorld(_FileWorld):
    """A workbook with the registry on one sheet and a count over it on another."""

    def rows(self) -> Rows:
        """Read by openpyxl."""
        sheet = openpyxl.load_workbook(self.path)["Registre"]
        lines = iter(sheet.iter_rows(values_only=True))
        header = [str(name) for name in next(lines)]
        return {
            str(line[0]): {n: _shown(v) for n, v in zip(header, line, strict=True)}
            for line in lines
            if line[0]
        }

    def save(self, rows: Rows, spelled: bool = False) -> bool:
        """Written by openpyxl; numbers as numbers where spelled so."""
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        sheet = book.create_sheet("Registre")
        sheet.append(self.header)
        for number, row in enumerate(rows.values(), start=2):
            for at, name in enumerate(self.header, start=1):
                text = row[name]
                cell = sheet.cell(number, at)
                if text:
                    cell.value = text
                    cell.data_type = "s"  # a text that begins with = is no formula here
                if spelled and text.isdigit():
                    cell.value = int(text)
        counts = book.create_sheet("Comptes")
        counts["A1"] = "=COUNTA(Registre!A:A)"
        out = io.BytesIO()
        book.save(out)
        replace(self.path, out.getvalue())
        return True


@dataclass
class SqlWorld:
    """A table of a database, kept through SQL."""

    address: str
    header: list[str]
    mapping: RegistryMapping

    def __post_init__(self) -> None:
        self.place: Place = open_place(self.address, self.mapping)
        if self.address.startswith("sqlite"):
            self.path = Path(self.address.removeprefix("sqlite:///"))
            with sqlite3.connect(self.path):
                pass
        url = sa.make_url(self.address)
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        # People do not wait for rows that are held: they are told so and try another day.
        sqlite = url.get_backend_name() == "sqlite"
        wait: dict[str, Any] = {"timeout": 0} if sqlite else {"options": "-c lock_timeout=50ms"}
        self.engine = sa.create_engine(url, poolclass=NullPool, connect_args=wait)
        columns = ", ".join(f'"{name}" TEXT' for name in self.header)
        with self.engine.begin() as connection:
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{self.mapping.table}"')
            connection.exec_driver_sql(f'CREATE TABLE "{self.mapping.table}" ({columns})')

    def rows(self) -> Rows:
        """Read by SQL."""
        key = self.header[0]
        sql = f'SELECT * FROM "{self.mapping.table}" ORDER BY "{key}"'  # noqa: S608 (our own)
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(sql).mappings().all()
        return {str(r[key]): {n: _shown(r[n]) for n in self.header} for r in found}

    def save(self, rows: Rows, spelled: bool = False) -> bool:
        """Rows that changed, came and went; an empty text is NULL where spelled so."""
        table = sa.table(self.mapping.table, *map(sa.column, self.header))
        key = table.c[self.header[0]]
        try:
            before = self.rows()
            with self.engine.begin() as connection:
                for case in before.keys() - rows.keys():
                    connection.execute(table.delete().where(key == case))
                for case, row in rows.items():
                    values = {n: v if v or not spelled else None for n, v in row.items()}
                    if case not in before:
                        connection.execute(table.insert().values(values))
                    elif row != before[case] or spelled:
                        connection.execute(table.update().where(key == case).values(values))
        except sa.exc.OperationalError:
            return False
        return True

    def content(self) -> bytes:
        """Every cell."""
        return repr(list(self.rows().items())).encode()


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def replace(path: Path, content: bytes) -> None:
    """Save as most programs do: a new file under the old name."""
    beside = path.with_name("people.tmp")
    beside.write_bytes(content)
    beside.replace(path)


def table_of(header: Iterable[str], values: Mapping[str, Mapping[str, str]], key: str) -> Rows:
    """Rows with all columns, empty where nothing is given."""
    return {
        case: dict.fromkeys(header, "") | {key: case} | dict(given)
        for case, given in values.items()
    }
