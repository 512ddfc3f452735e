"""What a registry is to the merge, whatever holds it: numbered rows, named columns, texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from ariane.model.errors import ArianeError


class Document(Protocol):
    """A registry as read, to be changed cell by cell; nothing is written before it is rendered."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def form(self) -> Mapping[str, str]:
        """How it is held, for the receipt: kind, encoding, sheet."""

    def has(self, column: str) -> bool:
        """Whether there is such a column."""

    def data_rows(self) -> Iterator[int]:
        """Numbers of the rows that may hold a case."""

    def line(self, row: int) -> int:
        """Where people find the row, counted from 1; 0 in a database, which has no lines."""

    def cell(self, row: int, column: str) -> str:
        """Text of a cell in the mapping's spelling; empty where there is none.

        Raises:
            KeyError: there is no such column.
        """

    def check(self, row: int, column: str, value: str) -> None:
        """Whether a text can be written there.

        Raises:
            ArianeError: it cannot; the message says why.
        """

    def set(self, row: int, column: str, value: str) -> bool:
        """Write a cell; a value that is already there changes nothing. Returns whether it did.

        Raises:
            ArianeError: the value cannot be written there.
            KeyError: there is no such column.
        """

    def add_columns(self, names: Iterable[str]) -> None:
        """Add columns at the right end.

        Raises:
            ArianeError: there is no room for them.
        """

    def render(self) -> bytes:
        """The whole file; of a table, the key and Ariane's columns, as JSON lines."""


def refuse_twice(name: str, columns: Iterable[str]) -> None:
    """Refuse a header that gives one name to two columns.

    Raises:
        ArianeError: it does; the names are told.
    """
    twice = sorted(c for c, count in Counter(c for c in columns if c).items() if count > 1)
    if twice:
        raise ArianeError(
            f"{name}: the header names {', '.join(map(repr, twice))} more than once. Give each "
            "column a name of its own."
        )
