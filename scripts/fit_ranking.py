"""Fit the background row and the calibration on published cases, cross-validated by gene.

Each unseen case is ranked with its causal alleles and without them. The coefficients are those
under which the causal gene, or "none in these data", is most likely; each gene weighs as the square
root of its cases, a coefficient's distance from zero is bounded by a normal prior. Each fold's
coefficients are fitted without the genes of that fold. What each fold then says of its own genes is
what the calibration is fitted on, again without a fold for that fold's figures.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from ariane.cli import run
from ariane.files import RESOURCES
from ariane.model.points import ODDS_PER_POINT
from ariane.rank.background import features
from ariane.rank.constants import Calibration, fold_constants
from ariane.rank.standing import weigh
from phenotype_genes import FOLDS, fold_of
from ranking_cases import Put, Ranker, World, arguments
from ranking_world import Allele

DIGITS: Final = 2
SPREAD: Final = 4.0
"""Standard deviation, in points, of the normal prior of a coefficient around zero."""
SOLVED: Final = 0.3
"""Share of cases that have an answer: as in the prior of a first exome."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """All hypotheses of all cases, each case once with and once without its causal alleles.

    Blocks of rows follow one another; the first row of each is "none in these data".
    """

    names: tuple[str, ...]
    features: csr_matrix
    fixed: Floats
    """Log of the prior share, and of the points that are not fitted."""
    begins: npt.NDArray[np.int64]
    answer: npt.NDArray[np.bool_]
    """Whether a row is right: the causal gene's, or "none" where it is removed."""
    fold: npt.NDArray[np.int64]
    """Of each block."""
    weight: Floats
    """Of each block."""


def draw(world: World) -> Sample:
    """The sample, under constants without any background."""
    rankers = [
        Ranker(world, replace(c, background={}, calibration=Calibration()))
        for c in fold_constants()
    ]
    puts = [put for put in world.puts if world.hpo.unseen(put.published)]
    genes = [put.published.gene for put in puts]
    counts = {gene: genes.count(gene) for gene in set(genes)}
    names: dict[str, int] = {}
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    fixed: list[float] = []
    answer: list[bool] = []
    begins, folds, weights = [], [], []
    for put in puts:
        ranker = rankers[fold_of(put.published.gene)]
        for alleles, share in ((put.alleles, SOLVED), ((), 1 - SOLVED)):
            begins.append(len(fixed))
            folds.append(fold_of(put.published.gene))
            weights.append(share / counts[put.published.gene] ** 0.5)
            for value, told, right in _block(ranker, put, alleles):
                for name, number in told.items():
                    columns.append(names.setdefault(name, len(names)))
                    data.append(number)
                ends.append(len(data))
                fixed.append(value)
                answer.append(right)
    order = sorted(names)
    place = np.array([order.index(name) for name in names])
    shape = (len(fixed), len(names))
    matrix = csr_matrix((data, place[np.array(columns)], ends), shape=shape)
    weight = np.array(weights)
    return Sample(
        tuple(order),
        matrix,
        np.array(fixed),
        np.array(begins),
        np.array(answer),
        np.array(folds),
        weight / weight.mean(),
    )


def _block(
    ranker: Ranker, put: Put, alleles: Sequence[Allele]
) -> list[tuple[float, dict[str, float], bool]]:
    """Fixed log weight, features and whether it is right, of "none" and of each hypothesis."""
    findings = ranker.findings(put, alleles)
    told = {
        finding.id: features(
            finding.mode,
            finding.zygosity,
            finding.candidates,
            finding.rows,
            ranker.setting.known,
        )
        for finding in findings
    }
    found, phenotype = ranker.hypotheses(put.case, findings)
    none, _, weights = weigh(put.case, found, phenotype, ranker.pairs, ranker.setting.constants)
    rows: list[tuple[float, dict[str, float], bool]] = [(float(np.log(none)), {}, not alleles)]
    for (finding, _), weight in zip(found, weights, strict=True):
        right = bool(alleles) and finding["symbol"] == put.published.gene
        rows.append((float(np.log(weight)), told[finding["finding"]], right))
    return rows


def loss(
    x: Floats, sample: Sample, rows: npt.NDArray[np.bool_], blocks: npt.NDArray[np.int64]
) -> tuple[float, Floats]:
    """Weighted negative log posterior of what is right, and its gradient."""
    log_odds = np.log(ODDS_PER_POINT)
    value = sample.fixed + log_odds * (sample.features @ x)
    all_top, all_share = _softmax(value, sample.begins, blocks)
    masked = np.where(sample.answer, value, -np.inf)
    own_top, own_share = _softmax(masked, sample.begins, blocks)
    held = np.isfinite(own_top) & (sample.weight > 0) & rows
    weight = np.where(held, sample.weight, 0.0)
    total = float(np.sum(weight * np.where(held, all_top - np.where(held, own_top, 0.0), 0.0)))
    difference = (all_share - own_share) * weight[blocks]
    gradient = log_odds * (sample.features.T @ difference)
    scale = weight.sum()
    penalty = float(np.sum(x**2)) / (2 * SPREAD**2)
    return total / scale + penalty / scale, gradient / scale + x / SPREAD**2 / scale


def _softmax(
    value: Floats, begins: npt.NDArray[np.int64], blocks: npt.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    top = np.maximum.reduceat(value, begins)
    safe = np.where(np.isfinite(top), top, 0.0)
    weights = np.exp(value - safe[blocks])
    sums = np.add.reduceat(weights, begins)
    with np.errstate(divide="ignore"):
        logs = np.where(sums > 0, safe + np.log(sums), -np.inf)
    return logs, weights / np.where(sums > 0, sums, 1.0)[blocks]


def fit(sample: Sample, rows: npt.NDArray[np.bool_]) -> dict[str, float]:
    """The coefficients under which what is right is most likely in some blocks."""
    sizes = np.diff(np.append(sample.begins, len(sample.fixed)))
    blocks = np.repeat(np.arange(len(sizes)), sizes)
    begin = np.zeros(len(sample.names))
    found = minimize(
        loss, begin, args=(sample, rows, blocks), jac=True, method="L-BFGS-B",
        options={"maxiter": 300},
    )  # fmt: skip
    return {
        name: round(float(value), DIGITS) + 0.0
        for name, value in zip(sample.names, found.x, strict=True)
    }


@dataclass(frozen=True)
class OutOfFold:
    """What each block says under coefficients that never saw its gene.

    Only blocks in which what is right can be found: an allele that opens no hypothesis leaves "none
    in these data" right, whatever the patient has.
    """

    factor: Floats
    """Log Bayes factor of any answer against "none"."""
    solved: npt.NDArray[np.bool_]
    fold: npt.NDArray[np.int64]
    weight: Floats
    right: Floats
    """Log posterior of what is right."""


def out_of_fold(sample: Sample, folds: Sequence[dict[str, float]]) -> OutOfFold:
    """Each block under the coefficients of its fold."""
    sizes = np.diff(np.append(sample.begins, len(sample.fixed)))
    blocks = np.repeat(np.arange(len(sizes)), sizes)
    value = sample.fixed.copy()
    for fold, constants in enumerate(folds):
        rows = sample.fold[blocks] == fold
        x = np.array([constants[name] for name in sample.names])
        value[rows] += np.log(ODDS_PER_POINT) * (sample.features @ x)[rows]
    every, _ = _softmax(value, sample.begins, blocks)
    right, _ = _softmax(np.where(sample.answer, value, -np.inf), sample.begins, blocks)
    none = value[sample.begins]
    share = np.exp(sample.fixed[sample.begins])
    # log(exp(every) - exp(none)), the hypotheses without "none"
    answers = every + np.log(-np.expm1(np.minimum(none - every, -1e-12)))
    held = np.isfinite(right)
    return OutOfFold(
        (answers - none - np.log((1 - share) / share))[held],
        ~sample.answer[sample.begins][held],
        sample.fold[held],
        sample.weight[held],
        (right - every)[held],
    )


def calibrate(found: OutOfFold, rows: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Slope and shift of the log Bayes factor under which solved and unsolved are most likely."""
    line = LogisticRegression(C=np.inf)
    line.fit(found.factor[rows, None], found.solved[rows], sample_weight=found.weight[rows])
    shift = line.intercept_[0] - np.log(SOLVED / (1 - SOLVED))
    return {"slope": round(float(line.coef_[0, 0]), 3), "shift": round(float(shift), 3) + 0.0}


def metrics(found: OutOfFold, calibrations: Sequence[dict[str, float]]) -> dict[str, float]:
    """How the model does on genes that it never saw.

    Returns:
        area under the curve of the Bayes factor, cases with an answer against those without; slope
        of the log odds before calibration and after (1 is calibrated); log loss of "solved" before
        and after, a case weighing as in the fit.
    """
    told = {
        name: np.array([c[name] for c in calibrations])[found.fold] for name in ("slope", "shift")
    }
    after = told["slope"] * found.factor + told["shift"]
    result = {"auroc": roc_auc_score(found.solved, found.factor, sample_weight=found.weight)}
    for name, factor in (("before", found.factor), ("after", after)):
        odds = factor + np.log(SOLVED / (1 - SOLVED))
        line = LogisticRegression(C=np.inf)
        line.fit(odds[:, None], found.solved, sample_weight=found.weight)
        result[f"slope_{name}"] = line.coef_[0, 0]
        result[f"log_loss_{name}"] = log_loss(
            found.solved, 1 / (1 + np.exp(-odds)), sample_weight=found.weight
        )
    result["log_posterior"] = np.average(found.right, weights=found.weight)
    return {name: round(float(number), 3) for name, number in result.items()}


def main(argv: Sequence[str]) -> None:
    """Fit and write ``resources/model/ranking.json``."""
    parser = arguments(__doc__)
    parser.add_argument("--out", type=Path, default=RESOURCES / "model" / "ranking.json")
    args = parser.parse_args(argv)
    world = World(args)
    sample = draw(world)
    ids = sorted(p.published.id for p in world.puts if world.hpo.unseen(p.published))
    folds = [fit(sample, sample.fold != fold) for fold in range(FOLDS)]
    found = out_of_fold(sample, folds)
    calibrations = [calibrate(found, found.fold != fold) for fold in range(FOLDS)]
    made = {
        "hpo": world.hpo.ontology.version,
        "cases": len(ids),
        "training_ids_sha256": sha256("\n".join(ids).encode()).hexdigest(),
        "constants": fit(sample, np.full(len(sample.begins), True)),
        "folds": folds,
        "calibration": calibrate(found, found.fold >= 0),
        "calibration_folds": calibrations,
        "out_of_fold": metrics(found, calibrations),
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps(made["constants"], indent=1, sort_keys=True))


if __name__ == "__main__":
    run(main)
