"""Rank published causal variants among a drawn person's own, and print how often they come first.

Each case's causal variants are put into a person of the same sex; reading, inheritance, criteria,
phenotype and posterior are the product's. No frequency, no predictor, no assertion is known. Ties
count as the worst rank. Constants of the phenotype points are those fitted without the case's gene.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.metrics import roc_auc_score

from ariane.cli import run
from ariane.files import REPOSITORY
from ariane.knowledge.prepare import read_release, write_prepared
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex
from ariane.rank.constants import fold_constants, load_constants
from ariane.rank.evaluate import evaluate
from ariane.rank.phenotype import PhenotypeScorer
from ariane.rank.profile import load_profile
from ariane.rank.shard import Bench
from ariane.rank.standing import NONE, hypotheses, phenotype_rows, standing_rows
from phenotype_genes import fold_of
from published_cases import HpoRelease, Published, known_cases, read_published
from rank_measures import intervals, line, measures
from ranking_world import Allele, causal_alleles, make_release, read_by_product, read_persons

TOPS: Final = (1, 3, 5, 10)
BINS: Final = 10
NOT_RANKED: Final = 1_000_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """One ranking of one case."""

    rank: int
    best: float
    """Posterior of the first gene."""
    none: float
    """Posterior of "none in these data"."""


class Ranker:
    """Ranks genes of cases by the product's code.

    Args:
        bench: the release, prepared.
        found: candidates by allele and genotype.
        persons: sex and alleles of each drawn person.
    """

    def __init__(
        self,
        bench: Bench,
        found: Mapping[tuple[str, str], Sequence[Row]],
        persons: Mapping[str, tuple[str, Sequence[Allele]]],
    ) -> None:
        self._found = found
        self._persons = persons
        every = [row for rows in found.values() for row in rows]
        self._setting = bench.setting(every)
        self._pairs = bench.pairs({row["gene"] for row in every})
        scorer = bench.scorer()
        assert scorer is not None  # noqa: S101 (the release holds HPO's annotations)
        self._scorers = []
        for constants in fold_constants():
            made = PhenotypeScorer(scorer.table, scorer.ontology, constants)
            self._scorers.append(made)
        self._background: dict[str, dict[str, list[Row]]] = {}
        self._of_gene: dict[str, dict[str, list[Row]]] = {}

    def rank(self, case: Case, person: str, gene: str, spiked: Sequence[Allele]) -> Outcome:
        """Rank the causal gene, and tell the posteriors of the first gene and of none."""
        findings = dict(self._of_person(person, case))
        mine: dict[str, list[Row]] = {}
        for allele in spiked:
            for row in self._found.get(allele.key, ()):
                mine.setdefault(row["gene"], []).append(row)
        for key, rows in mine.items():
            held = {row["variant"]: row for row in self._of_gene[person].get(key, ())}
            held |= {row["variant"]: row for row in rows}
            findings[key] = self._evaluate(case, key, list(held.values()))
        every = [row for rows in findings.values() for row in rows]
        found = hypotheses(every, self._pairs, self._setting.contigs)
        scorer = self._scorers[fold_of(gene)]
        phenotype = phenotype_rows(case, [d["disease"] for _, d in found], scorer)
        points = {row["disease"]: row["points"] for row in phenotype}
        standing = standing_rows(case, found, points, self._pairs, self._setting.constants)
        genes: dict[str, float] = {}
        none = 1.0
        for row in standing:
            if row["hypothesis"] == NONE:
                none = row["posterior"]
            else:
                genes[row["symbol"]] = genes.get(row["symbol"], 0.0) + row["posterior"]
        own = genes.get(gene)
        rank = NOT_RANKED if own is None else sum(p >= own for p in genes.values())
        return Outcome(rank, max(genes.values(), default=0.0), none)

    def _of_person(self, person: str, case: Case) -> dict[str, list[Row]]:
        """Findings of a person's own alleles by gene: the same for every case put into him."""
        if person not in self._background:
            genes: dict[str, list[Row]] = {}
            for allele in self._persons[person][1]:
                for row in self._found.get(allele.key, ()):
                    genes.setdefault(row["gene"], []).append(row)
            self._of_gene[person] = genes
            self._background[person] = {
                gene: self._evaluate(case, gene, rows) for gene, rows in sorted(genes.items())
            }
        return self._background[person]

    def _evaluate(self, case: Case, gene: str, rows: Sequence[Row]) -> list[Row]:
        return [f.to_row() for f in evaluate(case, gene, rows, self._setting).findings]


def case_of(published: Published, sex: str) -> Case:
    """A published case as a family of one."""
    patient = Member("P", "P", "", "", Sex.MALE if sex == "M" else Sex.FEMALE, True)
    return Case(
        id="case",
        proband="P",
        members=(patient,),
        phenotype=Phenotype(published.observed, published.excluded),
        analysis=Analysis("case.vcf", technique="exome"),
        consent=Consent(reanalysis=True),
    )


def person_of(case: Published, alleles: Sequence[Allele], persons: Mapping[str, Any]) -> str:
    """A person of the case's sex, drawn by the case's identifier."""
    male = case.sex == "male" or (not case.sex and any(a.gt == "1" for a in alleles))
    wanted = sorted(p for p, (sex, _) in persons.items() if (sex == "M") == male)
    return wanted[int(sha256(case.id.encode()).hexdigest()[:8], 16) % len(wanted)]


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


def main(argv: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--hpo", type=Path, required=True)
    parser.add_argument("--backgrounds", type=Path, required=True)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, default=Path("results/benchmarks/ranking"))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    args.work.mkdir(parents=True, exist_ok=True)
    hpo = HpoRelease.read(args.hpo)
    every = known_cases(read_published(args.cases), hpo)
    held = [(case, found) for case in every if (found := causal_alleles(case))]
    if args.limit and args.limit < len(held):
        held = random.Random(args.seed).sample(held, args.limit)  # noqa: S311
    persons = read_persons(args.backgrounds)
    chosen = [person_of(case, alleles, persons) for case, alleles in held]
    used = {name: persons[name] for name in sorted(set(chosen))}
    alleles = [a for _, own in held for a in own] + [a for _, own in used.values() for a in own]
    candidates = read_by_product(alleles, args.data, args.work)
    release = make_release(args.hpo, args.data, args.work / "reference.fa.gz", args.work)
    prepared = args.work / "prepared"
    prepared.mkdir(exist_ok=True)
    write_prepared(read_release(release, prepared), ())
    bench = Bench(release, prepared, load_constants(), load_profile("clingen"))
    ranker = Ranker(bench, candidates, used)
    present, removed = [], []
    for (published, own), person in zip(held, chosen, strict=True):
        case = case_of(published, used[person][0])
        present.append(ranker.rank(case, person, published.gene, own))
        removed.append(ranker.rank(replace(case), person, published.gene, ()))
    report(args, hpo, held, present, removed, candidates)


def report(
    args: argparse.Namespace,
    hpo: HpoRelease,
    held: Sequence[tuple[Published, Sequence[Allele]]],
    present: Sequence[Outcome],
    removed: Sequence[Outcome],
    candidates: Mapping[tuple[str, str], Any],
) -> None:
    """Print the lines and write the JSON."""
    unseen = np.array([hpo.unseen(case) for case, _ in held])
    prior = load_constants().none["exome"]["first"]
    missing = Counter(
        "not read" if not all(a.key in candidates for a in own) else "no finding fits"
        for (_, own), outcome in zip(held, present, strict=True)
        if outcome.rank == NOT_RANKED
    )
    found: dict[str, Any] = {"cases": len(held), "not_ranked": dict(missing), "strata": {}}
    for name, which in (("unseen", unseen), ("seen", ~unseen), ("all", unseen | ~unseen)):
        rows = np.flatnonzero(which).tolist()
        if not rows:
            continue
        ranks = np.array([present[n].rank for n in rows])
        genes = [held[n][0].gene for n in rows]
        papers = [held[n][0].papers[0] if held[n][0].papers else held[n][0].id for n in rows]
        own, gone = [present[n] for n in rows], [removed[n] for n in rows]
        labels = [0] * len(own) + [1] * len(gone)
        auroc = float(roc_auc_score(labels, [o.none for o in (*own, *gone)]))
        errors = {s: calibration(own, gone, prior, s) for s in (0.3, 0.05)}
        measured = measures(ranks, genes, TOPS)
        found["strata"][name] = {
            "n": len(rows),
            **measured,
            "intervals": intervals(ranks, genes, papers, args.seed),
            "none_auroc": auroc,
            "ece": {str(s): e for s, (e, _) in errors.items()},
            "reliability": {str(s): p for s, (_, p) in errors.items()},
        }
        print(line(name, len(rows), measured, none_auroc=auroc, ece=errors[0.3][0],
                   ece_at_5_percent=errors[0.05][0]))  # fmt: skip
    print(f"not ranked: {dict(missing)}")
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(main)
