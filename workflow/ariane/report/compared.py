"""A patient's terms and a disease's features, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ariane.model.case import Phenotype

Row = Mapping[str, Any]

MATCHED: Final = ("exact",)
PARTLY: Final = ("broader", "narrower")
OTHERS: Final = 12
"""Further features of a disease that are shown at once; the rest is folded."""


@dataclass(frozen=True)
class Compared:
    """What agrees and what does not."""

    matched: tuple[Row, ...]
    """Per-term rows whose term the disease has."""
    partly: tuple[Row, ...]
    unmatched: tuple[Row, ...]
    others: tuple[Row, ...]
    """Features of the disease that nobody recorded in the patient, the most frequent first."""
    against: tuple[Row, ...]
    """Features of the disease that the patient is recorded not to have."""
    papers: tuple[str, ...]
    """PubMed identifiers behind the disease's features, by number."""


def compared(
    terms: Iterable[Row], features: Iterable[Row], disease: str, phenotype: Phenotype
) -> Compared:
    """Set a patient's terms against the features of a disease.

    Args:
        terms: per-term rows of the case against the disease.
        features: rows of ``report.beside.features``, of any disease.
        disease: the disease.
        phenotype: what was recorded in the patient.
    """
    rows = [row for row in terms if row["match"] != "bound"]
    own = [row for row in features if row["disease"] == disease]
    had = {row["matched_term"] for row in rows} | set(phenotype.observed)
    excluded = set(phenotype.excluded)
    present = [row for row in own if row["frequency"] > 0 and row["term"] not in had]
    papers = {paper for row in own for paper in row["papers"]}
    return Compared(
        matched=_of(rows, MATCHED),
        partly=_of(rows, PARTLY),
        unmatched=tuple(row for row in rows if row["match"] not in {*MATCHED, *PARTLY}),
        others=tuple(row for row in present if row["term"] not in excluded),
        against=tuple(row for row in present if row["term"] in excluded),
        papers=tuple(sorted(papers, key=lambda paper: int(paper.removeprefix("PMID:")))),
    )


def _of(rows: Sequence[Row], matches: Sequence[str]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row["match"] in matches)
