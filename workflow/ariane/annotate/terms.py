"""Sequence Ontology terms: their order of severity, their tier and csq's short words for them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ariane.files import RESOURCES, open_text
from ariane.model.errors import ArianeError

CODING: Final = "coding"
ELSEWHERE: Final = "elsewhere"
UNKNOWN: Final = "sequence_variant"
"""The term for a word that the table lacks: shown, and never in the quieter tier."""


@dataclass(frozen=True, eq=False)
class Terms:
    """The table of consequence terms."""

    rank: Mapping[str, int]
    """Term to its place, 0 the most severe."""
    tiers: Mapping[str, str]
    """Term to ``coding`` or ``elsewhere``."""
    words: Mapping[str, str]
    """csq's short word to its term."""

    @cache  # noqa: B019 (csq's words are few)
    def of_csq(self, words: str) -> frozenset[str]:
        """The terms for csq's words, joined there by ``&``."""
        return frozenset(self.words.get(word, UNKNOWN) for word in words.split("&"))

    def ordered(self, terms: Iterable[str]) -> tuple[str, ...]:
        """Distinct terms, most severe first."""
        return tuple(sorted(set(terms), key=lambda term: self.rank[term]))

    def severity(self, terms: Iterable[str]) -> tuple[int, ...]:
        """A key that sorts the more severe set of terms first."""
        return tuple(sorted(self.rank[term] for term in set(terms)))

    @cache  # noqa: B019 (one table lives as long as the process)
    def told(self, terms: frozenset[str]) -> tuple[str, tuple[int, ...], str]:
        """A set of terms as written, most severe first and joined by ``&``; its severity; its
        tier."""
        ordered = self.ordered(terms)
        return "&".join(ordered), self.severity(terms), self.tier(ordered)

    def worst(self, consequence: str) -> tuple[int, ...]:
        """Severity of terms as they are written, joined by ``&``."""
        return self.severity(consequence.split("&"))

    def tier(self, terms: Iterable[str]) -> str:
        """``coding`` when any term is of that tier."""
        return CODING if any(self.tiers[term] == CODING for term in terms) else ELSEWHERE


def read_terms(path: Path) -> Terms:
    """Read ``consequences.tsv``.

    Raises:
        ArianeError: the file is missing or lacks a column.
    """
    try:
        with open_text(path) as handle:
            lines = [line for line in handle if not line.startswith("#")]
        rows = list(csv.DictReader(lines, delimiter="\t"))
        return Terms(
            rank={row["term"]: place for place, row in enumerate(rows)},
            tiers={row["term"]: row["tier"] for row in rows},
            words={row["csq"]: row["term"] for row in rows if row["csq"]},
        )
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Restore it from the workflow.") from None
    except KeyError as missing:
        raise ArianeError(f"{path}: no column {missing}. Restore the file.") from None


@cache
def shipped_terms() -> Terms:
    """The table that ships with the workflow."""
    return read_terms(RESOURCES / "consequences.tsv")
