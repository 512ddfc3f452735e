"""Fit the constants of the phenotype points on published cases, cross-validated by gene.

Three constants are fitted by the likelihood of the true gene on unseen cases: the power of the
profile's length, the scale of one term, and the power by which weights fall with the effective
number of terms. Each fold's constants are fitted without the genes of that fold. The slope of
log-odds against points, by number of terms, is measured out of fold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from ariane.cli import run
from ariane.files import RESOURCES
from ariane.rank.constants import PhenotypeConstants, load_constants
from ariane.rank.phenotype import PhenotypeScorer
from benchmark_phenotype import BY_TERMS
from phenotype_genes import FOLDS, Genes, fold_of
from published_cases import HpoRelease, Published, known_cases, read_published

PROFILES: Final = (0.5, 0.6, 0.7, 0.8)
_SAMPLE: Final = 1200
"""Cases on which a pair of constants is judged while it is sought."""

Rows = npt.NDArray[np.int64]


class Judge:
    """The likelihood of the true genes under given constants.

    Args:
        cases: unseen cases.
        release: HPO's files.
        constants: those that are not fitted.
    """

    def __init__(
        self, cases: Sequence[Published], release: HpoRelease, constants: PhenotypeConstants
    ) -> None:
        self.genes = Genes(release)
        self.truth = self.genes.truth(cases)
        self.constants = constants
        scorer = PhenotypeScorer(release.table, release.ontology, constants)
        self._last = scorer
        self.terms = [scorer.informative(case.observed) for case in cases]
        self._release = release

    def points(self, constants: PhenotypeConstants, rows: Rows) -> npt.NDArray[np.int32]:
        """Points of all diseases for some cases."""
        scorer = self._scorer(constants)
        return scorer.totals_of([self.terms[n] for n in rows.tolist()])

    def mean(self, constants: PhenotypeConstants, rows: Rows, slope: float = 1.0) -> float:
        """Mean log posterior of the true gene."""
        total = 0.0
        for begin in range(0, len(rows), 200):
            part = rows[begin : begin + 200]
            points = self.points(constants, part)
            total += float(self.log_posterior(points, part, slope).sum())
        return total / max(1, len(rows))

    def log_posterior(
        self, points: npt.NDArray[np.int32], rows: Rows, slope: float
    ) -> npt.NDArray[np.float64]:
        """Of the true gene, were each point worth ``slope`` points."""
        made = self.genes.of_points(points * slope)
        own: npt.NDArray[np.float64] = made[np.arange(len(rows)), self.truth[rows]]
        found: npt.NDArray[np.float64] = np.log(own / made.sum(axis=1))
        return found

    def _scorer(self, constants: PhenotypeConstants) -> PhenotypeScorer:
        made = PhenotypeScorer(self._release.table, self._release.ontology, constants)
        if self._last.constants.profile == constants.profile:
            made.share(self._last)
        self._last = made
        return made


def fit(judge: Judge, rows: Rows, seed: int) -> PhenotypeConstants:
    """The constants under which the true genes of some cases are most likely."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(rows)[:_SAMPLE])
    best: tuple[float, PhenotypeConstants] | None = None
    for profile in PROFILES:
        fixed = replace(judge.constants, profile=profile)

        def loss(x: npt.NDArray[np.float64], fixed: PhenotypeConstants = fixed) -> float:
            made = replace(fixed, scale=float(x[0]), decline=float(x[1]))
            return -judge.mean(made, rows)

        options = {"xatol": 0.01, "fatol": 5e-4, "maxiter": 22}
        found = minimize(loss, [1.1, 0.35], method="Nelder-Mead", options=options)
        made = replace(
            fixed, scale=round(float(found.x[0]), 3), decline=round(float(found.x[1]), 3)
        )
        if best is None or found.fun < best[0]:
            best = (float(found.fun), made)
    assert best is not None  # noqa: S101 (PROFILES is not empty)
    return best[1]


def slopes(
    judge: Judge, folds: npt.NDArray[np.int64], constants: Sequence[PhenotypeConstants]
) -> dict[str, dict[str, float]]:
    """Slope of log-odds against points in each stratum of number of terms, out of fold."""
    sizes = np.array([len(terms) for terms in judge.terms])
    found = {}
    for low, high in BY_TERMS:
        rows = np.flatnonzero((low <= sizes) & (sizes <= high))
        parts = [
            (part, judge.points(constants[fold], part))
            for fold in range(FOLDS)
            if len(part := rows[folds[rows] == fold])
        ]

        def loss(slope: float, parts: list[Any] = parts) -> float:
            return -sum(float(judge.log_posterior(p, r, slope).sum()) for r, p in parts)

        best = minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded", options={"xatol": 0.005})
        name = f"{low}-{high}" if high < 1000 else f"{low}+"
        found[name] = {"n": len(rows), "slope": round(float(best.x), 3)}
    return found


def main(argv: Sequence[str]) -> None:
    """Fit and write ``resources/model/phenotype.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--hpo", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=RESOURCES / "model" / "phenotype.json")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    release = HpoRelease.read(args.hpo)
    cases = [c for c in known_cases(read_published(args.cases), release) if release.unseen(c)]
    judge = Judge(cases, release, load_constants().phenotype)
    folds = np.array([fold_of(case.gene) for case in cases])
    of_fold = [fit(judge, np.flatnonzero(folds != n), args.seed) for n in range(FOLDS)]
    whole = fit(judge, np.arange(len(cases)), args.seed)
    fitted = ("profile", "scale", "decline")
    made = {
        "hpo": release.ontology.version,
        "cases": len(cases),
        "training_ids_sha256": sha256("\n".join(sorted(c.id for c in cases)).encode()).hexdigest(),
        "constants": {name: getattr(whole, name) for name in fitted},
        "folds": [{name: getattr(c, name) for name in fitted} for c in of_fold],
        "slopes_out_of_fold": slopes(judge, folds, of_fold),
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps(made["slopes_out_of_fold"]), made["constants"], made["folds"])


if __name__ == "__main__":
    run(main)
