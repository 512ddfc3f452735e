"""Which blind spots matter for a case's phenotype, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ariane.knowledge import blind_spots
from ariane.knowledge.blind_spots import BlindSpot
from ariane.knowledge.lookup import Keys, look_up
from ariane.model.case import Case
from ariane.model.points import THOUSAND
from ariane.phrases import say
from ariane.rank.phenotype import PhenotypeScorer


def applying(case: Case, knowledge: Path, scorer: PhenotypeScorer | None) -> dict[str, str]:
    """The reason by blind spot, for those that matter; none without phenotype or HPO.

    A blind spot matters when the case's terms speak for, rather than against, a disease that the
    release links to one of its genes, or when the case has one of its terms or a narrower one.

    Args:
        case: the case.
        knowledge: where the release was prepared.
        scorer: the release's phenotype scorer, or None.
    """
    if scorer is None:
        return {}
    terms = scorer.informative(case.phenotype.observed)
    if not terms:
        return {}
    spots = blind_spots.of(case.analysis.technique, "en", case.analysis.assembly)
    genes = frozenset(gene for spot in spots for _, gene in spot.genes)
    diseases = look_up(knowledge, Keys(genes=genes)).gene_disease
    totals = scorer.totals(terms)
    reasons = {}
    for spot in spots:
        told = _by_gene(spot, diseases, totals, scorer.table.disease_index)
        told = told or _by_term(spot, terms, scorer)
        if told:
            reasons[spot.id] = told
    return reasons


def _by_gene(
    spot: BlindSpot,
    diseases: Mapping[str, Iterable[Mapping[str, Any]]],
    totals: Any,
    places: Mapping[str, int],
) -> str:
    fits = []
    for symbol, gene in spot.genes:
        for row in diseases.get(gene, ()):
            place = places.get(row["disease"])
            points = int(totals[place]) if place is not None else 0
            if points > 0:
                name = row["disease_name"] or row["disease"]
                fits.append((-points, f"{symbol}: {name} ({row['disease']})"))
    if not fits:
        return ""
    points, first = min(fits)
    return say("{text}, phenotype {points:+.1f} points", text=first, points=-points / THOUSAND)


def _by_term(spot: BlindSpot, terms: Iterable[str], scorer: PhenotypeScorer) -> str:
    for wanted in spot.terms:
        for term in terms:
            if wanted in scorer.ontology.ancestors[term]:
                return f"{scorer.ontology.names[term]} ({term})"
    return ""
