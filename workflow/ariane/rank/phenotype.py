"""Phenotype points: how much better a disease explains the patient's terms than chance does.

For a term *t* recorded in the patient and a disease *d*, in the unit of points::

    own(t, d) = log( P(t recorded | d) / P(t recorded | background) )
              = log( (1 - noise) * match(t, d) + noise ) - profile * log( features(d) / mean )
    match(t, d) = max( F(t, d) / B(t), back_off * max over broader a of F(a, d) / B(a), back_off )
    row(t, d) = weight(t) * own(t, d)
    total(d) = bounded( sum of rows )

F is the closed frequency table of HPO's annotations, B its mean over diseases: the likelihood ratio
of LIRICAL (Robinson and others, AJHG 2020) with the frequencies shrunk and a smooth floor in place
of a fixed one. ``features`` is the number of features that a patient of the disease has. A record
holds some of them: a given one is less to be expected where there are many, so that a disease does
not win by the length of its profile. ``weight`` makes terms that tell the same thing count as one:
see :meth:`PhenotypeScorer.weights`.

Excluded terms, onset and age stay out of the score, and the sex speaks through the genotype: what
was measured stands in ``docs/evidence.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ariane.knowledge.annotations import DiseaseTerms
from ariane.knowledge.hpo import Ontology
from ariane.model.points import ODDS_PER_POINT, THOUSAND, milli, points_from_odds
from ariane.rank.constants import PhenotypeConstants

SCORED: Final = "scored"
NO_PHENOTYPE: Final = "no phenotype"
NOT_ANNOTATED: Final = "disease not annotated"
PSEUDO_FEATURES: Final = 2.0
"""Features added to each profile: a disease with one annotated feature is known too little."""


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
        constants: see :class:`PhenotypeConstants`.
    """

    def __init__(
        self, table: DiseaseTerms, ontology: Ontology, constants: PhenotypeConstants
    ) -> None:
        self.table = table
        self.ontology = ontology
        self.constants = constants
        self._rows: dict[str, npt.NDArray[np.int32]] = {}
        self._alike: dict[tuple[str, str], float] = {}
        length = table.features + PSEUDO_FEATURES
        mean = float(np.mean(length)) if length.size else 1.0
        self._mean = mean
        self._length = constants.profile * np.log(length / mean)

    def share(self, other: PhenotypeScorer) -> None:
        """Take over the table of another scorer that differs in the weights of terms only."""
        self._rows, self._alike = other._rows, other._alike

    def informative(self, observed: Iterable[str]) -> tuple[str, ...]:
        """Live phenotypic terms of a patient, without those that a more specific one implies."""
        terms = [t for t in self.ontology.live(observed) if t in self.table.term_index]
        implied = set[str]().union(*(self.ontology.ancestors[t] - {t} for t in terms))
        return tuple(t for t in terms if t not in implied)

    def term_points(self, term: str) -> npt.NDArray[np.int32]:
        """Thousandths of a term before its weight, for every disease in the order of the table."""
        row = self._rows.get(term)
        if row is None:
            row = self._rows[term] = self._compute(term)
        return row

    def weights(self, terms: Sequence[str]) -> list[int]:
        """Thousandths by which the points of each term are multiplied.

        A term that shares most of its information with others counts as a part of them: one over
        the sum of its likeness to all terms of the patient, itself among them. Likeness is the
        information of the best common ancestor over that of the broader term (after Lin, ICML
        1998), to a power. The sum over terms is the effective number of independent terms; with it
        all weights fall by a small power, for what is left of their dependence.
        """
        if not terms:
            return []
        alike = [[1.0] * len(terms) for _ in terms]
        for row, one in enumerate(terms):
            for column in range(row):
                alike[row][column] = alike[column][row] = self.likeness(one, terms[column])
        shares = [1.0 / math.fsum(row) for row in alike]
        scale = self.constants.scale * math.fsum(shares) ** -self.constants.decline
        return [milli(share * scale) for share in shares]

    def floor(self, terms: Sequence[str]) -> int:
        """Thousandths of a disease of mean profile that explains none of a patient's terms."""
        nothing = points_from_odds(self._recorded(self.constants.back_off))
        return -(sum(self.weights(terms)) * -nothing // THOUSAND)

    def totals(self, terms: Sequence[str]) -> npt.NDArray[np.int32]:
        """Bounded thousandths of a patient's informative terms for every disease."""
        total: npt.NDArray[np.int32] = self.totals_of([terms])[0]
        return total

    def points(self, terms: Sequence[str], places: Sequence[int]) -> npt.NDArray[np.int32]:
        """The entries of :meth:`totals` for some diseases, by their places in the table."""
        exact = np.zeros(len(places))
        for term, weight in zip(terms, self.weights(terms), strict=True):
            exact += self.term_points(term)[places] * float(weight)
        return self._bounded(exact)

    def totals_of(self, patients: Sequence[Sequence[str]]) -> npt.NDArray[np.int32]:
        """Bounded thousandths of several patients' informative terms: patients by diseases.

        One product of a sparse matrix of weights with the table of points. All entries are whole
        numbers below 2^53, so that the sums are exact in any order.
        """
        terms = sorted({term for patient in patients for term in patient})
        place = {term: n for n, term in enumerate(terms)}
        weights = [self.weights(patient) for patient in patients]
        held = sparse.csr_array(
            (
                np.array([w for row in weights for w in row], dtype=np.float64),
                np.array([place[term] for patient in patients for term in patient], dtype=np.int64),
                np.cumsum([0, *map(len, patients)]),
            ),
            shape=(len(patients), len(terms)),
        )
        table = np.zeros((len(terms), len(self.table.diseases)))
        for row, term in enumerate(terms):
            table[row] = self.term_points(term)
        return self._bounded(held @ table)

    def union(self, terms: Sequence[str], one: str, other: str) -> int | None:
        """Bounded thousandths of two diseases in one patient, by the formula of one.

        Who has both has a term by either: each share by itself (noisy or). The profiles are read
        one after the other, so that two diseases win nothing by their length.

        Returns:
            None when a disease is not annotated.
        """
        pair = [self.table.disease_index.get(disease) for disease in (one, other)]
        held = [at for at in pair if at is not None]
        if len(held) < len(pair):
            return None
        length = float(np.sum(self.table.features[held])) + PSEUDO_FEATURES
        profile = self.constants.profile * math.log(length / self._mean)
        exact = 0
        for term, weight in zip(terms, self.weights(terms), strict=True):
            own = math.log(self._recorded(self._best(term, held))) - profile
            exact += round(own / math.log(ODDS_PER_POINT) * THOUSAND) * weight
        return int(self._bounded(np.array([exact], dtype=np.float64))[0])

    def speaks_for(self, term: str, disease: str) -> bool:
        """Whether a term is more to be expected in a disease than in the others."""
        at = self.table.disease_index.get(disease)
        return at is not None and self._best(term, [at]) > 1

    def explain(self, terms: Sequence[str], disease: str) -> list[TermRow]:
        """The rows of one disease; they sum to its entry in :meth:`totals`."""
        at = self.table.disease_index.get(disease)
        if at is None:
            return []
        rows, exact, shown = [], 0, 0
        for term, weight in zip(terms, self.weights(terms), strict=True):
            exact += int(self.term_points(term)[at]) * weight
            # Rounded as they add up: no row is wrong by a thousandth, and their sum is exact.
            rounded = round(exact / THOUSAND)
            rows.append(TermRow(term, rounded - shown, *self._match(term, at)))
            shown = rounded
        kept = int(self._bounded(np.array([exact], dtype=np.float64))[0])
        if kept != shown:
            rows.append(TermRow("bound", kept - shown, "bound", ""))
        return sorted(rows, key=lambda row: (row.term == "bound", -row.points, row.term))

    def _bounded(self, exact: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """Millionths made thousandths; beyond ``free`` they come ever closer to the bound.

        The order stays, so that two very good matches are not made one. Only operations that IEEE
        754 rounds exactly, so that every machine gives the same.
        """
        free = float(milli(self.constants.free))
        room = float(milli(self.constants.bound)) - free
        points = np.rint(exact / THOUSAND)
        high = np.flatnonzero(np.abs(points) > free)
        beyond = np.abs(points.flat[high]) - free
        kept = np.rint(free + room * (beyond / (beyond + room)))
        points.flat[high] = np.copysign(kept, points.flat[high])
        whole: npt.NDArray[np.int32] = points.astype(np.int32)
        return whole

    def likeness(self, one: str, other: str) -> float:
        """How much two terms tell the same, 0 to 1: see :meth:`weights`."""
        key = (one, other) if one < other else (other, one)
        found = self._alike.get(key)
        if found is None:
            common = self.ontology.ancestors[one] & self.ontology.ancestors[other]
            best = max((self._information(term) for term in common), default=0.0)
            least = min(self._information(one), self._information(other))
            # The information of a narrower term is never below that of a broader one.
            share = min(1.0, best / least) if least > 0 else 1.0
            found = self._alike[key] = share**self.constants.likeness_power
        return found

    def _information(self, term: str) -> float:
        index = self.table.term_index.get(term)
        return -math.log(min(1.0, self.table.background[index])) if index is not None else 0.0

    def _best(self, term: str, diseases: Sequence[int]) -> float:
        """Match of a term to all of some diseases together."""
        best = self.constants.back_off
        for above in sorted(self.ontology.ancestors[term]):
            index = self.table.term_index.get(above)
            if index is None:
                continue
            found, frequency = self.table.entries(index)
            missing = 1.0
            for disease in diseases:
                at = int(np.searchsorted(found, disease))
                if at < found.size and found[at] == disease:
                    missing *= 1.0 - float(frequency[at])
            weight = 1.0 if above == term else self.constants.back_off
            best = max(best, weight * (1.0 - missing) / float(self.table.background[index]))
        return best

    def _recorded(self, match: float) -> float:
        return (1 - self.constants.noise) * match + self.constants.noise

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
        points = (np.log(odds) - self._length) / math.log(ODDS_PER_POINT) * THOUSAND
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
