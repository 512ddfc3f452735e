"""Rank genes by phenotype alone on published cases, and print how often the true one comes first.

Every gene with a disease that the release describes is a candidate; ties count as the worst rank.
Constants are those fitted without the fold of the case's gene (``resources/model/phenotype.json``):
the figures are out of fold. Those of the constants as shipped stand beside them in the JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyhpo
from pyhpo import helper

from ariane.cli import run
from ariane.files import open_text
from ariane.knowledge.hpo3_check import NO_GENES
from ariane.rank.constants import PhenotypeConstants, fold_constants, load_constants
from ariane.rank.phenotype import PhenotypeScorer
from phenotype_genes import FOLDS, Genes, fold_of, gene_scores
from published_cases import HpoRelease, Published, known_cases, read_published, release_file
from rank_measures import Ranks, intervals, line, measures, worst_ranks

STRATA = ("unseen", "seen", "all")
BY_TERMS = ((1, 3), (4, 6), (7, 10), (11, 20), (21, 10_000))


def ranks_with(
    cases: Sequence[Published], release: HpoRelease, genes: Genes, constants: PhenotypeConstants
) -> tuple[Ranks, np.ndarray[Any, Any], float]:
    """Rank and log posterior of the true gene of each case, and the seconds that scoring took."""
    scorer = PhenotypeScorer(release.table, release.ontology, constants)
    begin = time.perf_counter()
    scores, posteriors = gene_scores(cases, genes, scorer)
    seconds = time.perf_counter() - begin
    return worst_ranks(scores, genes.truth(cases)), posteriors, seconds


def measure(
    cases: Sequence[Published], release: HpoRelease, seed: int
) -> dict[str, dict[str, Any]]:
    """Measures of each stratum, out of fold and with the constants as shipped."""
    genes = Genes(release)
    ranks = np.zeros(len(cases), dtype=np.int64)
    folds = np.array([fold_of(case.gene) for case in cases])
    for fold in range(FOLDS):
        rows = np.flatnonzero(folds == fold)
        if len(rows):
            held = [cases[n] for n in rows.tolist()]
            ranks[rows] = ranks_with(held, release, genes, fold_constants()[fold].phenotype)[0]
    shipped, posteriors, seconds = ranks_with(cases, release, genes, load_constants().phenotype)
    unseen = np.array([release.unseen(case) for case in cases])
    which = {"unseen": unseen, "seen": ~unseen, "all": np.ones(len(cases), dtype=bool)}
    found: dict[str, dict[str, Any]] = {}
    for name in STRATA:
        rows = np.flatnonzero(which[name])
        names = [cases[n].gene for n in rows.tolist()]
        papers = [cases[n].papers[0] if cases[n].papers else cases[n].id for n in rows.tolist()]
        found[name] = {
            "n": len(rows),
            "out_of_fold": measures(ranks[rows], names),
            "intervals": intervals(ranks[rows], names, papers, seed),
            "shipped": measures(shipped[rows], names),
            "log_posterior": float(np.mean(posteriors[rows])) if len(rows) else None,
            "seconds": seconds,
        }
    return found


def hpo3_baseline(
    cases: Sequence[Published], release: HpoRelease, folder: Path, sample: int, seed: int
) -> dict[str, Any]:
    """hpo3's Resnik similarity (funSimAvg) with each disease's annotated terms, on a sample."""
    hpo3 = _open_hpo3(folder)
    chosen = random.Random(seed).sample(list(cases), min(sample, len(cases)))  # noqa: S311
    genes = Genes(release)
    place = release.table.disease_index
    held = [
        (place[found], disease.hpo_set())
        for prefix, diseases in (("OMIM", hpo3.omim_diseases), ("ORPHA", hpo3.orpha_diseases))
        for disease in diseases
        if (found := f"{prefix}:{disease.id}") in place
    ]
    columns, sets = [c for c, _ in held], [s for _, s in held]
    begin = time.perf_counter()
    scores = np.zeros((len(chosen), len(place)))
    for row, case in enumerate(chosen):
        terms = release.ontology.live(case.observed)
        own = pyhpo.HPOSet.from_queries(list(terms))
        scores[row, columns] = helper.batch_set_similarity(
            [(own, other) for other in sets], kind="omim", method="resnik", combine="funSimAvg"
        )
    seconds = time.perf_counter() - begin
    best = genes.best_of(scores)
    found = {}
    unseen = np.array([release.unseen(case) for case in chosen])
    ranks = worst_ranks(best, genes.truth(chosen))
    for name, rows in (("unseen", unseen), ("all", np.ones(len(chosen), dtype=bool))):
        named = [case.gene for case, kept in zip(chosen, rows, strict=True) if kept]
        found[name] = {"n": int(rows.sum()), **measures(ranks[rows], named)}
    return {"seconds_per_case": seconds / max(1, len(chosen)), **found}


def _open_hpo3(folder: Path) -> Any:
    """hpo3's ontology: one per process."""
    with tempfile.TemporaryDirectory(prefix="ariane-hpo-") as name:
        for wanted in ("hp.obo", "phenotype.hpoa"):
            with open_text(release_file(folder, wanted)) as handle:
                Path(name, wanted).write_text(handle.read(), encoding="utf-8")
        Path(name, "genes_to_phenotype.txt").write_text(NO_GENES, encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()):
            pyhpo.Ontology(name)
    return pyhpo.Ontology


def main(argv: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="Phenopackets, one JSON a line")
    parser.add_argument("--hpo", type=Path, required=True, help="folder of an HPO release")
    parser.add_argument("--json", type=Path, required=True, help="where the measures go")
    parser.add_argument("--limit", type=int, help="so many cases, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--baseline", choices=["hpo3"], help="another method on a sample")
    parser.add_argument("--sample", type=int, default=100, help="cases for the baseline")
    args = parser.parse_args(argv)
    release = HpoRelease.read(args.hpo)
    every = read_published(args.cases)
    cases = known_cases(every, release)
    if args.limit and args.limit < len(cases):
        cases = random.Random(args.seed).sample(cases, args.limit)  # noqa: S311
    found: dict[str, Any] = {
        "hpo": release.ontology.version,
        "cases": len(every),
        "known": len(cases),
        "constants": asdict(load_constants().phenotype),
        "strata": measure(cases, release, args.seed),
    }
    for name in STRATA:
        row = found["strata"][name]
        print(line(name, row["n"], row["out_of_fold"], seconds=round(row["seconds"], 2)))
    if args.baseline:
        found["hpo3"] = hpo3_baseline(cases, release, args.hpo, args.sample, args.seed)
        ours = found["strata"]["all"]["seconds"] / max(1, len(cases))
        found["times_faster"] = found["hpo3"]["seconds_per_case"] / ours
        for name in ("unseen", "all"):
            row = dict(found["hpo3"][name])
            print(line(f"hpo3 {name}", row.pop("n"), row))
        print(
            f"hpo3 seconds_per_case={found['hpo3']['seconds_per_case']:.3f} "
            f"times_faster={found['times_faster']:.0f}"
        )
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(main)
