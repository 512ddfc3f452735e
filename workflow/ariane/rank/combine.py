"""How rows combine into one total. Short, for everything rests on it.

1. One allele: class and assertion rows sum, up to a cap.
2. A pair is a product: its points are the log-odds of P(first pathogenic) x P(second pathogenic) x
   P(in trans), so the weaker allele limits it. A PAIR row carries the difference to the plain sum,
   and the rows shown still sum to the total.
3. A homozygote is one allele counted once.
4. A suppressed row counts nothing and stays visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ariane.model.evidence import Evidence, Ledger
from ariane.model.points import (
    PRIOR_OF_PATHOGENICITY,
    points_from_odds,
    probability_of_pathogenicity,
)
from ariane.phrases import say

ALLELE_CAP: Final = 12_000
"""Thousandths an allele reaches at most: P(pathogenic) is then 0.998, and assertions repeat what
the criteria already count."""


def total(rows: Iterable[Evidence]) -> int:
    """Plain sum of rows, in thousandths."""
    return sum(row.points for row in rows)


def class_points(rows: Iterable[Evidence]) -> int:
    """Sum of the class ledger of one variant."""
    return total(row for row in rows if row.ledger is Ledger.CLASS)


def capped(variant: str, rows: Sequence[Evidence]) -> list[Evidence]:
    """Rows of one allele, with a CAP row when their sum passes the cap either way."""
    points = total(rows)
    kept = max(-ALLELE_CAP, min(ALLELE_CAP, points))
    if kept == points:
        return list(rows)
    sentence = say("one allele counts for at most twelve points: the sources repeat each other")
    return [*rows, triage(variant, "CAP", kept - points, sentence, read_key=variant)]


def pair_points(first: int, second: int, trans: float) -> int | None:
    """Points of two alleles in one gene, in thousandths; None when they lie in cis.

    Log-odds of the joint probability against the prior of one allele, so that a certain partner
    in trans leaves an allele's points as they are.
    """
    joint = probability_of_pathogenicity(first) * probability_of_pathogenicity(second) * trans
    if joint <= 0:
        return None
    prior = PRIOR_OF_PATHOGENICITY / (1 - PRIOR_OF_PATHOGENICITY)
    return min(points_from_odds(joint / (1 - joint) / prior), first, second)


def pair_row(variants: str, first: int, second: int, points: int, sentence: str) -> Evidence:
    """The row that turns the sum of two alleles into the points of the pair."""
    return triage("", "PAIR", points - first - second, sentence, read_key=variants)


def triage(
    variant: str, code: str, points: int, sentence: str, *, read_key: str, record: str = "case"
) -> Evidence:
    """A triage row drawn from the case's own data."""
    return Evidence(
        variant=variant,
        ledger=Ledger.TRIAGE,
        code=code,
        points=points,
        sentence=sentence,
        resource="genotypes",
        read_key=read_key,
        record=record,
    )
