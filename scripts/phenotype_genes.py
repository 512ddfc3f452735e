"""Genes ranked by phenotype alone, each by the sum of its diseases' odds."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ariane.model.points import ODDS_PER_POINT, THOUSAND
from ariane.rank.phenotype import PhenotypeScorer
from published_cases import HpoRelease, Published

FOLDS: Final = 5
_AT_ONCE: Final = 250

Scores = npt.NDArray[np.float64]


def fold_of(gene: str) -> int:
    """The fold in which a gene's cases are tested: fixed for ever, whatever the cases."""
    return int(sha256(gene.encode()).hexdigest()[:8], 16) % FOLDS


class Genes:
    """The genes of a release and the diseases of each.

    Args:
        release: HPO's files.
    """

    def __init__(self, release: HpoRelease) -> None:
        self.names: Final = sorted(release.pairs)
        index = release.table.disease_index
        held = [[index[d] for d in sorted(release.pairs[gene])] for gene in self.names]
        self._columns = np.array([d for of_gene in held for d in of_gene], dtype=np.int64)
        counts = np.array([len(of_gene) for of_gene in held])
        self._first = np.cumsum(counts) - counts
        self._place = {gene: n for n, gene in enumerate(self.names)}

    def truth(self, cases: Sequence[Published]) -> npt.NDArray[np.int64]:
        """Column of each case's gene."""
        return np.array([self._place[case.gene] for case in cases], dtype=np.int64)

    def best_of(self, scores: Scores) -> Scores:
        """The best score among each gene's diseases."""
        made: Scores = np.maximum.reduceat(scores[:, self._columns], self._first, axis=1)
        return made

    def of_points(self, points: npt.NDArray[Any]) -> Scores:
        """Odds of each gene against chance: the sum over its diseases. Points are bounded."""
        odds = np.exp(points * (np.log(ODDS_PER_POINT) / THOUSAND))
        made: Scores = np.add.reduceat(odds[:, self._columns], self._first, axis=1)
        return made


def gene_scores(
    cases: Sequence[Published], genes: Genes, scorer: PhenotypeScorer
) -> tuple[Scores, npt.NDArray[np.float64]]:
    """Scores of all genes for each case, and the logarithm of the posterior of the true one."""
    truth = genes.truth(cases)
    scores, posteriors = [], []
    for begin in range(0, len(cases), _AT_ONCE):
        part = cases[begin : begin + _AT_ONCE]
        terms = [scorer.informative(case.observed) for case in part]
        made = genes.of_points(scorer.totals_of(terms))
        own = made[np.arange(len(part)), truth[begin : begin + _AT_ONCE]]
        posteriors.append(np.log(own / made.sum(axis=1)))
        scores.append(made)
    return np.concatenate(scores), np.concatenate(posteriors)
