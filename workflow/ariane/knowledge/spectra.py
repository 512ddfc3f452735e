"""How the alleles asserted of a gene are spread: is missense, or loss of function, how it fails?

What is told holds whichever one record is left out, so that an allele's own record never decides,
and a release that adds one more of the same kind changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, read_yaml
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.disruption import NULL_CONSEQUENCES, is_missense
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError

_NULLS: Final = frozenset(NULL_CONSEQUENCES)


@dataclass(frozen=True)
class Limits:
    """``resources/spectra.yaml``."""

    missense_share: float
    benign_share: float
    truncating_share: float
    least: int


@cache
def load_limits(path: Path = RESOURCES / "spectra.yaml") -> Limits:
    """Read the limits.

    Raises:
        ArianeError: a key is missing or of the wrong kind.
    """
    raw = read_yaml(path)
    try:
        return Limits(
            missense_share=float(raw["missense"]["pathogenic_share"]),
            benign_share=float(raw["missense"]["benign_share"]),
            truncating_share=float(raw["truncating"]["pathogenic_share"]),
            least=int(raw["least"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None


@dataclass
class Counts:
    """Distinct alleles of one gene."""

    pathogenic: set[str] = field(default_factory=set)
    missense: set[str] = field(default_factory=set)
    """Missense among the pathogenic."""
    nulls: set[str] = field(default_factory=set)
    """Nulls among the pathogenic."""
    benign_missense: set[str] = field(default_factory=set)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a row of the ``known_alleles`` table."""
        variant, consequence = row["variant"], row["consequence"]
        if row["klass"] in PATHOGENIC:
            self.pathogenic.add(variant)
            if is_missense(consequence):
                self.missense.add(variant)
            if consequence.split("&")[0] in _NULLS:
                self.nulls.add(variant)
        elif is_missense(consequence):
            self.benign_missense.add(variant)

    def row(self, gene: str, limits: Limits) -> dict[str, Any]:
        """What the counts tell, whichever one record is left out."""
        all_but_one = len(self.pathogenic) - 1
        missense, nulls = len(self.missense) - 1, len(self.nulls) - 1
        # A null fewer among the others raises the share of missense: the own one is the worst.
        asserted = missense + len(self.benign_missense)
        enough = all_but_one >= limits.least
        said = {
            "missense": enough
            and missense >= limits.missense_share * all_but_one
            and len(self.benign_missense) <= limits.benign_share * asserted,
            "truncating": enough and nulls >= limits.truncating_share * all_but_one,
        }
        return {"gene": gene, **said, "record": digest(said)}


class Tally:
    """Counts by gene, taken while the known alleles pass by."""

    def __init__(self) -> None:
        self._genes: dict[str, Counts] = {}

    def counting(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """The rows of ``known_alleles`` as they are, counted."""
        for row in rows:
            self._genes.setdefault(row["gene"], Counts()).add(row)
            yield row

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows of the ``spectra`` table."""
        limits = load_limits()
        for gene, counts in sorted(self._genes.items()):
            yield counts.row(gene, limits)


def in_words_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """What a gene's spectrum says, for people."""
    for row in rows:
        told = [name for name in ("missense", "truncating") if row[name]]
        return " and ".join(told) or "mixed"
    return "unknown"
