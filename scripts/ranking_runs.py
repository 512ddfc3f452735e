"""Further runs of the ranking benchmark: hard negatives, noise in the terms, and parents.

In a hard negative the right answer is "none in these data". Everything is drawn by the case's
identifier, so that a run gives the same figures again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from sklearn.metrics import roc_auc_score

from phenotype_genes import fold_of
from rank_measures import measures
from ranking_cases import Outcome, Put, Ranker, World
from ranking_world import HET, Allele

FIRST: Final = 20
"""Of how many genes that the phenotype puts first a decoy is taken."""
TOPS: Final = (1, 3, 5, 10)

Lines = Iterator[tuple[str, dict[str, Any]]]


class Decoys:
    """Missense alleles that drawn persons hold, by gene.

    Args:
        world: whose persons.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._missense: dict[str, list[Allele]] = {}
        for _, alleles in world.persons.values():
            for allele in alleles:
                if allele.consequence.startswith("missense"):
                    for row in world.candidates.get(allele.key, ()):
                        self._missense.setdefault(row["symbol"], []).append(allele)
        index = world.scorer.table.disease_index
        self._genes: list[str] = []
        columns: list[list[int]] = []
        for _, diseases in sorted(world.pairs.by_gene.items()):
            held = [index[d["disease"]] for d in diseases if d["disease"] in index]
            if held:
                self._genes.append(str(diseases[0]["symbol"]))
                columns.append(held)
        self._flat = np.array([at for held in columns for at in held])
        self._begins = np.cumsum([0, *map(len, columns)])[:-1]

    def likely(self, put: Put, ranker: Ranker) -> Allele | None:
        """A missense allele in one of the genes that the phenotype puts first, not the causal."""
        terms = ranker.scorer.informative(put.case.phenotype.observed)
        totals = ranker.scorer.totals(terms)
        best = np.maximum.reduceat(totals[self._flat], self._begins)
        order = np.argsort(-best, kind="stable")[: FIRST + 1]
        genes = [g for g in (self._genes[n] for n in order) if g != put.published.gene][:FIRST]
        return self._of(put, [a for g in genes for a in self._missense.get(g, ()) if a.gt == HET])

    def benign(self, put: Put) -> Allele | None:
        """A missense allele of the causal gene that another drawn person holds in health."""
        own = {a.key for a in self._world.persons[put.person][1]} | {a.key for a in put.alleles}
        held = self._missense.get(put.published.gene, ())
        return self._of(put, [a for a in held if a.key not in own])

    def symbol(self, allele: Allele) -> str:
        """The gene of an allele, as candidates name it."""
        return str(self._world.candidates[allele.key][0]["symbol"])

    def _of(self, put: Put, alleles: Sequence[Allele]) -> Allele | None:
        return _rng(put).choice(sorted(alleles, key=lambda a: a.key)) if alleles else None


def _rng(put: Put) -> random.Random:
    return random.Random(put.published.id)  # noqa: S311


def negatives(
    world: World, puts: Sequence[Put], rankers: Sequence[Ranker], present: Sequence[Outcome]
) -> Lines:
    """The hard negatives, each with how often what was planted leads."""
    decoys = Decoys(world)

    def likely(put: Put, ranker: Ranker) -> tuple[Sequence[Allele], str] | None:
        found = decoys.likely(put, ranker)
        return ((found,), decoys.symbol(found)) if found else None

    def one_hit(put: Put, _: Ranker) -> tuple[Sequence[Allele], str] | None:
        alleles = put.alleles
        if len(alleles) != 2 or any(a.gt != HET for a in alleles):
            return None
        return (_rng(put).choice(alleles),), put.published.gene

    def benign(put: Put, _: Ranker) -> tuple[Sequence[Allele], str] | None:
        found = decoys.benign(put)
        return ((found,), put.published.gene) if found else None

    planted: Mapping[str, Callable[[Put, Ranker], tuple[Sequence[Allele], str] | None]] = {
        "missense_in_likely_gene": likely,
        "one_of_two_hits": one_hit,
        "benign_in_causal_gene": benign,
    }
    for name, plant in planted.items():
        of, outcomes = [], []
        for number, put in enumerate(puts):
            ranker = rankers[fold_of(put.published.gene)]
            found = plant(put, ranker)
            if found:
                of.append(number)
                outcomes.append(ranker.outcome(put, *found))
        yield name, negative([present[n] for n in of], outcomes)


def negative(present: Sequence[Outcome], planted: Sequence[Outcome]) -> dict[str, Any]:
    """How well "none" tells a negative from the true case; how often what was planted leads."""
    if not planted:
        return {"n": 0}
    labels = [0] * len(present) + [1] * len(planted)
    return {
        "n": len(planted),
        "none_auroc": float(roc_auc_score(labels, [o.none for o in (*present, *planted)])),
        "leads_at_0.5": float(np.mean([o.own >= 0.5 for o in planted])),
        "leads_at_0.1": float(np.mean([o.own >= 0.1 for o in planted])),
        "mean_none": float(np.mean([o.none for o in planted])),
    }


def noisy(world: World, puts: Sequence[Put], rankers: Sequence[Ranker]) -> Lines:
    """Ranks under poorer terms: three, five, parents of each, a fifth of them random."""
    parents = world.scorer.ontology.parents
    every = sorted(world.scorer.ontology.names)

    def some(count: int) -> Callable[[Put], list[str]]:
        def draw(put: Put) -> list[str]:
            terms = sorted(put.case.phenotype.observed)
            return _rng(put).sample(terms, min(count, len(terms)))

        return draw

    def broader(put: Put) -> list[str]:
        rng = _rng(put)
        terms = sorted(put.case.phenotype.observed)
        return sorted({rng.choice(sorted(parents.get(t) or (t,))) for t in terms})

    def fifth(put: Put) -> list[str]:
        rng = _rng(put)
        terms = sorted(put.case.phenotype.observed)
        count = max(1, round(len(terms) / 5))
        return sorted({*rng.sample(terms, len(terms) - count), *rng.sample(every, count)})

    kinds = {"three_terms": some(3), "five_terms": some(5)}
    kinds |= {"broader_terms": broader, "a_fifth_random": fifth}
    for name, draw in kinds.items():
        ranks = [
            rankers[fold_of(p.published.gene)].outcome(p, p.alleles, observed=draw(p)).rank
            for p in puts
        ]
        yield name, {"n": len(puts), **_tops(puts, ranks)}


def trios(world: World, puts: Sequence[Put]) -> Lines:
    """Ranks, and "none", when both parents are sequenced."""
    rankers = world.rankers(trio=True)
    present = [rankers[fold_of(p.published.gene)].outcome(p, p.alleles) for p in puts]
    removed = [rankers[fold_of(p.published.gene)].outcome(p, ()) for p in puts]
    labels = [0] * len(present) + [1] * len(removed)
    auroc = float(roc_auc_score(labels, [o.none for o in (*present, *removed)]))
    ranks = [o.rank for o in present]
    yield "trios", {"n": len(puts), **_tops(puts, ranks), "none_auroc": auroc}


def _tops(puts: Sequence[Put], ranks: Sequence[int]) -> dict[str, float]:
    return measures(np.array(ranks), [p.published.gene for p in puts], TOPS)
