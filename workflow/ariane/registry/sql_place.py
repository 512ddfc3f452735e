"""A registry that is a table of a database: one transaction a write, each cell compared and set."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc, pool

from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry.document import Document
from ariane.registry.mapping import RegistryMapping
from ariane.registry.sql_table import SqlRow, SqlTable, column_of

MARKS: Final = "ariane_writes"
"""Table of Ariane's own, beside the registry: one line for each write, in the same transaction. By
it a crashed run is told apart from one that never wrote."""

WAIT: Final = 30
"""Seconds to wait for rows that somebody else holds."""

_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


@dataclass
class SqlPlace:
    """A table of a SQLite or PostgreSQL database."""

    url: sa.URL
    mapping: RegistryMapping
    _engines: dict[bool, sa.Engine] = field(default_factory=dict)
    """One for reading, one for writing; neither keeps a connection."""
    _statements: dict[tuple[str, ...], sa.Update] = field(default_factory=dict)

    @classmethod
    def at(cls, address: str, mapping: RegistryMapping) -> SqlPlace:
        """A place by its URL.

        Raises:
            ArianeError: another database, a password in the URL, or no table in the mapping.
        """
        try:
            url = sa.make_url(address)
        except exc.ArgumentError:
            raise ArianeError(
                "The registry's URL cannot be read. Write sqlite:///FILE or "
                "postgresql://USER@HOST/BASE."
            ) from None
        kind = url.get_backend_name()
        if kind not in _DRIVERS:
            raise ArianeError(
                f"{kind}: Ariane writes into SQLite and PostgreSQL; other databases were never "
                "tried. Export the table as CSV."
            )
        if url.password is not None or "password" in url.query:
            raise ArianeError(
                "The registry's URL holds a password, which logs would show. Put it into "
                "~/.pgpass with mode 0600 and write postgresql://USER@HOST/BASE."
            )
        if not mapping.table:
            raise ArianeError("A database needs the line 'table: NAME' in the mapping.")
        return cls(url.set(drivername=_DRIVERS[kind]), mapping)

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()

    @property
    def name(self) -> str:
        """The table's name: neither host nor account."""
        return self.mapping.table

    @property
    def suffix(self) -> str:
        """JSON lines."""
        return ".jsonl"

    def read(self) -> tuple[bytes, Document]:
        """Key and own columns of all rows."""
        with self._begun() as connection:
            table = self._table()
            known = self._columns(connection)
            if self.mapping.key not in known:
                raise ArianeError(
                    f"{self.name}: the table has no column {self.mapping.key!r}, the key of the "
                    "mapping. Check the mapping's key."
                )
            own = [c for c in self.mapping.columns.values() if c in known]
            columns = {c: column_of(c, known[c][0], self.kind, known[c][1]) for c in own}
            key = table.c[self.mapping.key]
            answer = connection.execute(sa.select(key, *(table.c[c] for c in own)).order_by(key))
            rows = [SqlRow(r[0], dict(zip(own, r[1:], strict=True))) for r in answer]
            encoding = ""
            if self.kind == "postgresql":
                encoding = str(connection.exec_driver_sql("SHOW server_encoding").scalar_one())
        found = SqlTable(self.name, self.mapping, self.kind, self.name, columns, rows, encoding)
        return found.render(), found

    def writable(self) -> None:
        """Ask for the right to each column before anything is journaled."""
        refused: list[str] = []
        if self.kind == "sqlite":
            path = Path(str(self.url.database))
            if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
                refused = ["the file or its folder"]
        else:
            ask = sa.text("SELECT has_column_privilege(:table, :column, 'UPDATE')")
            with self._begun() as connection:
                known = self._columns(connection)
                table = connection.dialect.identifier_preparer.format_table(self._table())
                refused = [
                    column
                    for column in self.mapping.columns.values()
                    if column in known
                    and not connection.scalar(ask, {"table": table, "column": column})
                ]
                if connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
                    refused = ["the database"]
        if refused:
            raise ArianeError(
                f"{self.name}: read-only: {', '.join(refused)}. Nothing was written. Have its "
                "keeper allow writing, then run again."
            )

    def backup(self, old: bytes, document: Document, cases: Collection[str]) -> bytes:  # noqa: ARG002
        """The rows of these cases as read: key and own columns, for no other can change."""
        assert isinstance(document, SqlTable)  # noqa: S101 (what read gave)
        lines = [
            to_json({"key": str(row.key), "values": {c: _plain(v) for c, v in row.values.items()}})
            for number, row in enumerate(document.rows)
            if document.cell(number, self.mapping.key).strip() in cases
        ]
        return "".join(f"{line}\n" for line in sorted(lines)).encode()

    def stage(self, new: bytes) -> str:  # noqa: ARG002
        """A mark, and the table of marks where there is none yet."""
        with self._begun() as connection:
            there = sa.inspect(connection).has_table(MARKS, schema=self._schema)
        if not there:
            marks = self._marks()
            try:
                with self._begun(writing=True) as connection:
                    marks.create(connection, checkfirst=True)
            except ArianeError as problem:
                raise ArianeError(
                    f"{problem} Ariane needs a table of its own beside the registry; its keeper "
                    f"may make it: CREATE TABLE {MARKS} (mark VARCHAR(32) PRIMARY KEY, registry "
                    "VARCHAR(200) NOT NULL), with the right to select and insert."
                ) from None
        return os.urandom(16).hex()

    def put(self, mark: str, old: bytes, document: Document) -> None:  # noqa: ARG002
        """One transaction: the mark, added columns, and each row by its key and what was read."""
        assert isinstance(document, SqlTable)  # noqa: S101 (what read gave)
        with self._begun(writing=True) as connection:
            connection.execute(self._marks().insert(), {"mark": mark, "registry": self.name})
            prepared = connection.dialect.identifier_preparer
            for name in document.added:
                connection.exec_driver_sql(
                    f"ALTER TABLE {prepared.format_table(self._table())} "
                    f"ADD COLUMN {prepared.quote(name)} TEXT"
                )
            for row in document.rows:
                if row.written and not self._set(connection, document, row):
                    raise ArianeError(
                        f"{self.name}: somebody changed the registry while Ariane was at work. "
                        "Nothing was written. Run again."
                    )

    def _set(self, connection: sa.Connection, document: SqlTable, row: SqlRow) -> bool:
        """Write a row whose cells still hold what was read; whether there is just one such."""
        given = {"key_was": row.key}
        for number, (column, text) in enumerate(row.written.items()):
            given[f"new_{number}"] = document.raw(column, text)
            given[f"was_{number}"] = row.values.get(column)
        statement = self._statement(tuple(row.written))
        return bool(connection.execute(statement, given).rowcount == 1)

    def _statement(self, columns: tuple[str, ...]) -> sa.Update:
        """The same statement for all rows of which the same columns are written."""
        if columns not in self._statements:
            table = self._table()
            change = table.update().where(table.c[self.mapping.key] == sa.bindparam("key_was"))
            for number, column in enumerate(columns):
                was: sa.BindParameter[Any] = sa.bindparam(f"was_{number}")
                change = change.where(table.c[column].is_not_distinct_from(was))
            self._statements[columns] = change.values(
                {column: sa.bindparam(f"new_{number}") for number, column in enumerate(columns)}
            )
        return self._statements[columns]

    def stood(self, intent: Mapping[str, Any]) -> bool | None:
        """Whether the write's mark is there.

        Asked by inserting it again: this waits for a transaction that is still under way.
        """
        marks = self._marks()
        with self._engine(writing=True).connect() as connection:
            try:
                with self._told():
                    line = {"mark": str(intent["mark"]), "registry": self.name}
                    connection.execute(marks.insert(), line)
            except _TwiceError:
                return True
            finally:
                connection.rollback()
        return False

    def clear(self) -> None:
        """Nothing: what was not committed the database forgets by itself."""

    @property
    def _schema(self) -> str | None:
        return self.mapping.table.rpartition(".")[0] or None

    def _table(self) -> sa.TableClause:
        name = self.mapping.table.rpartition(".")[2]
        columns = (self.mapping.key, *self.mapping.columns.values())
        return sa.table(name, *map(sa.column, columns), schema=self._schema)

    def _marks(self) -> sa.Table:
        return sa.Table(
            MARKS,
            sa.MetaData(schema=self._schema),
            sa.Column("mark", sa.String(32), primary_key=True),
            sa.Column("registry", sa.String(200), nullable=False),
        )

    def _columns(self, connection: sa.Connection) -> dict[str, tuple[Any, bool]]:
        """Name of each column to its declared type and whether it takes NULL."""
        name = self.mapping.table.rpartition(".")[2]
        seen = sa.inspect(connection)
        if not seen.has_table(name, self._schema):
            raise ArianeError(f"{self.name}: the database has no such table. Check the mapping.")
        columns = seen.get_columns(name, self._schema)
        return {str(c["name"]): (c["type"], bool(c["nullable"])) for c in columns}

    def _engine(self, writing: bool) -> sa.Engine:
        if writing not in self._engines:
            self._engines[writing] = self._new_engine(writing)
        return self._engines[writing]

    def _new_engine(self, writing: bool) -> sa.Engine:
        try:
            if self.kind == "sqlite":
                return self._sqlite(writing)
            options = f"-c lock_timeout={WAIT}s -c application_name=ariane"
            given = {"connect_timeout": WAIT, "options": options}
            return sa.create_engine(self.url, poolclass=pool.NullPool, connect_args=given)
        except ModuleNotFoundError as problem:
            raise ArianeError(
                f"The driver {problem.name} is not installed. Run: pip install 'ariane[postgresql]'"
            ) from None

    def _sqlite(self, writing: bool) -> sa.Engine:
        path = Path(str(self.url.database or ""))
        if not path.is_file():
            raise ArianeError(f"{path}: there is no such file. Check the registry's URL.")
        engine = sa.create_engine(
            self.url, poolclass=pool.NullPool, connect_args={"timeout": float(WAIT)}
        )

        # Transactions begin when we say so, those that write with the lock at once.
        @sa.event.listens_for(engine, "connect")
        def _plain_driver(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

        return engine

    @contextmanager
    def _begun(self, writing: bool = False) -> Iterator[sa.Connection]:
        """A transaction, committed at its end."""
        with self._told(), self._engine(writing).begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the database refuses into a message."""
        try:
            yield
        except exc.IntegrityError as problem:
            raise _TwiceError(f"{self.name}: {_first_line(problem)}.") from None
        except exc.SQLAlchemyError as problem:
            raise ArianeError(
                f"{self.name}: the database answered: {_first_line(problem)}. Mend this and run "
                "again."
            ) from None


class _TwiceError(ArianeError):
    """A value that may stand once only stands there already."""


def _first_line(problem: exc.SQLAlchemyError) -> str:
    """What the database says, without the statement and its values."""
    text = str(problem.orig) if isinstance(problem, exc.DBAPIError) else str(problem)
    return (text.strip().splitlines() or [type(problem).__name__])[0].rstrip(".")


def _plain(value: Any) -> str | None:
    return None if value is None else str(value)
