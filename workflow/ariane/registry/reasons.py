"""Reasons that exports give beside a code, in the language of whoever reads the document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from ariane.messages import Messages, read_catalogue

CATALOGUE: Final = Path(__file__).resolve().parent / "catalogue"

Value = str | Enum | tuple[str, ...]
"""A name as it is; a word of a closed list, which the catalogue has under the list's name; or
several names."""


@dataclass(frozen=True)
class Reason:
    """A sentence by its key, with the values that it names."""

    key: str
    values: tuple[tuple[str, Value], ...]


def reason(key: str, **values: Value) -> Reason:
    """A reason of the catalogue."""
    return Reason(key, tuple(values.items()))


def in_words(reasons: Iterable[Reason], language: str) -> str:
    """Reasons as one text; empty where there are none.

    Raises:
        KeyError: the catalogue holds no such key, or the sentence names another value.
    """
    words = read_catalogue(CATALOGUE, language)
    return "; ".join(
        words.text(
            f"coding.{one.key}", **{name: _shown(value, words) for name, value in one.values}
        )
        for one in reasons
    )


def _shown(value: Value, words: Messages) -> str:
    if isinstance(value, Enum):
        return words.word(type(value).__name__.lower(), str(value.value))
    return value if isinstance(value, str) else words.text("coding.and").join(value)
