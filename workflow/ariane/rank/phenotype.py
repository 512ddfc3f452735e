"""Phenotype points: how much better a disease explains the patient's terms than chance does.

For a term *t* recorded in the patient and a disease *d*::

    points = log( P(t recorded | d) / P(t recorded | background) )
    P(t | d) / P(t | background) = (1 - noise) * max( F(t, d) / B(t),
                                   back_off * max over broader a of F(a, d) / B(a) ) + noise

F is the closed frequency table of HPO's annotations, B its mean over diseases. The form is the
likelihood ratio of LIRICAL (Robinson and others, AJHG 2020) with the frequencies shrunk and a
smooth floor in place of a fixed one. Excluded terms stay out of the score: on published cases they
lower the rank of the right disease, for their lists are exhaustive where a clinic's are not.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ariane.knowledge.annotations import DiseaseTerms
from ariane.knowledge.hpo import Ontology
from ariane.model.points import ODDS_PER_POINT, THOUSAND, milli
from ariane.rank.constants import PhenotypeConstants

SCORED: Final = "scored"
NO_PHENOTYPE: Final = "no phenotype"
NOT_ANNOTATED: Final = "disease not annotated"


@dataclass(frozen=True)
class TermRow:
    """One term's share in the points of one disease, for display. The rows sum to the total."""

    term: str
    """The patient's term, or ``bound`` for what the bound took away."""
    points: int
    """Thousandths, scaled."""
    match: str
    """``exact``, ``broader`` (the disease has a broader feature), ``none`` or ``bound``."""
    matched: str
    """The disease's term that gave the points, or an empty string."""


class PhenotypeScorer:
    """Scores cases against every disease of a release.

    Args:
        table: the release's frequencies.
        ontology: the release's ontology.
        constants: noise, back-off, scale and bound.
    """

    def __init__(
        self, table: DiseaseTerms, ontology: Ontology, constants: PhenotypeConstants
    ) -> None:
        self.table = table
        self.ontology = ontology
        self.constants = constants
        self._rows: dict[str, npt.NDArray[np.int32]] = {}

    def informative(self, observed: Iterable[str]) -> tuple[str, ...]:
        """Live phenotypic terms of a patient, without those that a more specific one implies."""
        terms = [t for t in self.ontology.live(observed) if t in self.table.term_index]
        implied = set[str]().union(*(self.ontology.ancestors[t] - {t} for t in terms))
        return tuple(t for t in terms if t not in implied)

    def term_points(self, term: str) -> npt.NDArray[np.int32]:
        """Unscaled thousandths of a term for every disease, in the order of the table."""
        row = self._rows.get(term)
        if row is None:
            row = self._rows[term] = self._compute(term)
        return row

    def scale(self, terms: int) -> int:
        """Thousandths by which each term's points are multiplied, by number of terms."""
        knots = self.constants.scale
        if terms <= knots[0][0]:
            return milli(knots[0][1])
        for (left, high), (right, low) in itertools.pairwise(knots):
            if terms <= right:
                share = math.log(terms / left) / math.log(right / left)
                return milli(high + (low - high) * share)
        return milli(knots[-1][1])

    def totals(self, terms: Sequence[str]) -> npt.NDArray[np.int32]:
        """Scaled and bounded thousandths of a patient's informative terms for every disease."""
        total = np.zeros(len(self.table.diseases), dtype=np.int32)
        for term in terms:
            total += _scaled(self.term_points(term), self.scale(len(terms)))
        bound = milli(self.constants.bound)
        return np.clip(total, -bound, bound)

    def explain(self, terms: Sequence[str], disease: str) -> list[TermRow]:
        """The rows of one disease; they sum to its entry in :meth:`totals`."""
        at = self.table.disease_index.get(disease)
        if at is None:
            return []
        rows = []
        for term in terms:
            points = int(_scaled(self.term_points(term)[at : at + 1], self.scale(len(terms)))[0])
            match, matched = self._match(term, at)
            rows.append(TermRow(term, points, match, matched))
        total, bound = sum(row.points for row in rows), milli(self.constants.bound)
        if abs(total) > bound:
            kept = max(-bound, min(bound, total))
            rows.append(TermRow("bound", kept - total, "bound", ""))
        return sorted(rows, key=lambda row: (row.term == "bound", -row.points, row.term))

    def _compute(self, term: str) -> npt.NDArray[np.int32]:
        best = np.zeros(len(self.table.diseases))
        for above in sorted(self.ontology.ancestors[term]):
            index = self.table.term_index.get(above)
            if index is None:
                continue
            weight = 1.0 if above == term else self.constants.back_off
            diseases, frequency = self.table.entries(index)
            ratio = weight * frequency / self.table.background[index]
            best[diseases] = np.maximum(best[diseases], ratio)
        # Every patient of every disease has some phenotypic abnormality: the root matches all.
        best = np.maximum(best, self.constants.back_off)
        odds = (1 - self.constants.noise) * best + self.constants.noise
        points = np.log(odds) / math.log(ODDS_PER_POINT) * THOUSAND
        return np.rint(points).astype(np.int32)

    def _match(self, term: str, disease: int) -> tuple[str, str]:
        best, matched = 0.0, ""
        for above in sorted(self.ontology.ancestors[term]):
            index = self.table.term_index.get(above)
            if index is None:
                continue
            diseases, frequency = self.table.entries(index)
            found = np.searchsorted(diseases, disease)
            if found < diseases.size and diseases[found] == disease:
                weight = 1.0 if above == term else self.constants.back_off
                ratio = weight * float(frequency[found]) / float(self.table.background[index])
                if ratio > best:
                    best, matched = ratio, above
        if matched == term:
            return "exact", matched
        return ("broader", matched) if best > self.constants.back_off else ("none", "")


def _scaled(points: npt.NDArray[np.int32], scale: int) -> npt.NDArray[np.int32]:
    """Whole thousandths times a scale in thousandths, halves away from zero, in integers."""
    product = points.astype(np.int64) * scale
    magnitude = (np.abs(product) + THOUSAND // 2) // THOUSAND
    scaled: npt.NDArray[np.int32] = (np.sign(product) * magnitude).astype(np.int32)
    return scaled
