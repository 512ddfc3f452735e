"""Rank published causal variants among a drawn person's own, and print how often they come first.

Each case's causal variants are put into a person of the same sex; reading, inheritance, criteria,
phenotype and posterior are the product's. No frequency, no predictor, no assertion is known. Ties
count as the worst rank. Fitted constants are those fitted without the case's gene. With
``--further``: hard negatives, noise in the terms, and parents.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from ariane.cli import run
from ariane.files import write_text
from ariane.rank.constants import load_constants
from ariane.rank.standing import prior_of_none
from phenotype_genes import fold_of
from rank_measures import intervals, line, measures
from ranking_cases import NOT_RANKED, Outcome, Put, World, arguments
from ranking_plot import reliability_svg
from ranking_runs import TOPS, negatives, noisy, trios

BINS: Final = 10
SOLVED: Final = (0.3, 0.05)
"""Shares of cases that have an answer: a first look, and an impasse looked at again."""


def calibration(
    present: Sequence[Outcome], removed: Sequence[Outcome], prior: float, solved: float
) -> tuple[float, list[dict[str, float]]]:
    """Expected calibration error of the first gene's posterior, and the points of the diagram.

    Args:
        present: cases with their causal alleles.
        removed: the same without.
        prior: of "none" in the posteriors given.
        solved: share of cases that have an answer; posteriors and weights are moved to it.
    """
    told, right, weight = [], [], []
    for outcomes, share, answer in ((present, solved, True), (removed, 1 - solved, False)):
        for outcome in outcomes:
            odds = (1 - outcome.none) / max(outcome.none, 1e-12) * prior / (1 - prior)
            found = odds * solved / (1 - solved)
            whole = found / (1 + found)
            given = outcome.best / max(1 - outcome.none, 1e-12)
            told.append(given * whole)
            right.append(answer and outcome.rank == 1)
            weight.append(share / len(outcomes))
    values, hits, weights = np.array(told), np.array(right, dtype=float), np.array(weight)
    bins = np.minimum((values * BINS).astype(int), BINS - 1)
    error, points = 0.0, []
    for number in range(BINS):
        rows = bins == number
        if rows.any():
            share = float(weights[rows].sum())
            mean = float(np.average(values[rows], weights=weights[rows]))
            seen = float(np.average(hits[rows], weights=weights[rows]))
            error += share * abs(mean - seen)
            points.append({"told": mean, "seen": seen, "share": share})
    return error, points


def stratum(
    puts: Sequence[Put], present: Sequence[Outcome], removed: Sequence[Outcome], seed: int
) -> dict[str, Any]:
    """All that is measured of some cases."""
    ranks = np.array([o.rank for o in present])
    genes = [put.published.gene for put in puts]
    papers = [put.paper for put in puts]
    labels = [0] * len(present) + [1] * len(removed)
    prior = prior_of_none(puts[0].case, load_constants())
    found = {s: calibration(present, removed, prior, s) for s in SOLVED}
    return {
        "n": len(puts),
        **measures(ranks, genes, TOPS),
        "intervals": intervals(ranks, genes, papers, seed),
        "none_auroc": float(roc_auc_score(labels, [o.none for o in (*present, *removed)])),
        "ece": {str(s): error for s, (error, _) in found.items()},
        "reliability": {str(s): points for s, (_, points) in found.items()},
    }


def main(argv: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = arguments(__doc__)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--further", action="store_true", help="hard negatives, noise, parents")
    args = parser.parse_args(argv)
    world = World(args)
    rankers = world.rankers()
    present = [rankers[fold_of(p.published.gene)].outcome(p, p.alleles) for p in world.puts]
    removed = [rankers[fold_of(p.published.gene)].outcome(p, ()) for p in world.puts]
    unseen = np.array([world.hpo.unseen(put.published) for put in world.puts])
    strata = strata_of(args, world, unseen, present, removed)
    missing = Counter(
        "not read" if not all(a.key in world.candidates for a in put.alleles) else "nothing fits"
        for put, outcome in zip(world.puts, present, strict=True)
        if outcome.rank == NOT_RANKED
    )
    print(f"not ranked: {dict(missing)}")
    made = {"cases": len(world.puts), "not_ranked": dict(missing), "strata": strata}
    if args.further:
        rows = np.flatnonzero(unseen).tolist()
        puts, held = [world.puts[n] for n in rows], [present[n] for n in rows]
        made["further"] = {}
        for lines in (
            negatives(world, puts, rankers, held),
            noisy(world, puts, rankers),
            trios(world, puts),
        ):
            for name, told in lines:
                print(line(name, told.pop("n"), told), flush=True)
                made["further"][name] = told
    args.json.parent.mkdir(parents=True, exist_ok=True)
    write_text(args.json, json.dumps(made, indent=1, sort_keys=True) + "\n")
    if "unseen" in strata:
        picture = reliability_svg(strata["unseen"]["reliability"])
        write_text(args.json.with_suffix(".svg"), picture)


def strata_of(
    args: argparse.Namespace,
    world: World,
    unseen: npt.NDArray[np.bool_],
    present: Sequence[Outcome],
    removed: Sequence[Outcome],
) -> dict[str, Any]:
    """What is measured of unseen, seen and all cases; each is printed as one line."""
    strata: dict[str, Any] = {}
    for name, which in (("unseen", unseen), ("seen", ~unseen), ("all", unseen | ~unseen)):
        rows = np.flatnonzero(which).tolist()
        if not rows:
            continue
        held = ([world.puts[n] for n in rows], [present[n] for n in rows])
        found = stratum(*held, [removed[n] for n in rows], args.seed)
        strata[name] = found
        told = {k: found[k] for k in (*(f"top{t}" for t in TOPS), "macro_top1", "macro_top10")}
        first, second = (found["ece"][str(s)] for s in SOLVED)
        more = {"none_auroc": found["none_auroc"], "ece": first, "ece_at_5_percent": second}
        print(line(name, len(rows), told, **more), flush=True)
    return strata


if __name__ == "__main__":
    run(main)
