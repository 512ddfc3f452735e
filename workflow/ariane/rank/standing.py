"""Standing: the posterior and rank of each hypothesis within its case.

Hypotheses are (gene, disease, mode, one allele or pair). They exclude each other and stand against
"none in these data"; their priors sum to one, so a posterior is never that of one variant alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ariane.knowledge.contigs import Contigs
from ariane.knowledge.lookup import Rows
from ariane.model.canonical import POSTERIOR_DIGITS
from ariane.model.case import Case, Status
from ariane.model.points import odds_from_points
from ariane.rank.constants import Constants
from ariane.rank.karyotype import Region, modes_at, region_of
from ariane.rank.one_hit import apart, ranked_below
from ariane.rank.phenotype import NO_PHENOTYPE, NOT_ANNOTATED, SCORED, PhenotypeScorer

Hypothesis = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A row of ``findings`` and the disease of its gene that it may cause."""

NONE: Final = "none"
"""The hypothesis that no allele in these data explains the patient."""


@dataclass(frozen=True)
class Pairs:
    """The (gene, disease) pairs of a release: the hypotheses before looking."""

    by_gene: Rows
    count: int
    """All pairs of the release, seen in this shard or not."""
    _fitting: dict[tuple[str, str, Region], list[Mapping[str, Any]]] = field(default_factory=dict)

    def fitting(self, gene: str, mode: str, region: Region) -> Sequence[Mapping[str, Any]]:
        """Diseases of a gene that a finding of some mode may cause, by the region it lies in."""
        key = (gene, mode, region)
        if key not in self._fitting:
            self._fitting[key] = [
                disease
                for disease in self.by_gene.get(gene, ())
                if mode in modes_at(disease["modes"], region)
            ]
        return self._fitting[key]


def prior_of_none(case: Case, constants: Constants) -> float:
    """Probability of no answer before looking, by technique and round of analysis."""
    by_round = constants.none.get(case.analysis.technique, constants.none["exome"])
    return by_round["again" if case.status is Status.IMPASSE else "first"]


def hypotheses(
    findings: Sequence[Mapping[str, Any]], pairs: Pairs, contigs: Contigs
) -> list[Hypothesis]:
    """Each finding with each disease of its gene whose mode it fits, in a fixed order."""
    found = []
    for finding in sorted(findings, key=itemgetter("finding")):
        if "BA1" in finding["acmg_class"]:
            continue
        chrom, pos, _ = finding["variants"].split("-", 2)
        region = region_of(chrom, int(pos), contigs)
        fitting = pairs.fitting(finding["gene"], finding["mode"], region)
        found += [(finding, disease) for disease in fitting]
    return found


def phenotype_rows(
    case: Case, diseases: Sequence[str], scorer: PhenotypeScorer | None
) -> list[dict[str, Any]]:
    """Rows of the ``phenotype`` table for one case and the given diseases.

    A case without usable terms is its own state, never a score of zero that looks like a misfit.
    """
    names = sorted(set(diseases))
    terms = scorer.informative(case.phenotype.observed) if scorer else ()
    told: dict[str, int] = {}
    if scorer and terms:
        places = scorer.table.disease_index
        known = [name for name in names if name in places]
        points = scorer.points(terms, [places[name] for name in known])
        told = dict(zip(known, points.tolist(), strict=True))
    silent = NOT_ANNOTATED if terms else NO_PHENOTYPE
    return [
        {
            "case": case.id,
            "disease": name,
            "points": told.get(name, 0),
            "state": SCORED if name in told else silent,
        }
        for name in names
    ]


def weigh(
    case: Case,
    found: Sequence[Hypothesis],
    phenotype: Mapping[str, int],
    pairs: Pairs,
    constants: Constants,
) -> tuple[float, list[int], npt.NDArray[np.float64]]:
    """What each hypothesis weighs before normalisation.

    The prior of having an answer is shared evenly by the release's (gene, disease) pairs; a pair's
    share is split evenly among the case's findings that fit it. What all hypotheses together weigh
    against "none" is calibrated (:class:`~ariane.rank.constants.Calibration`): it moves the
    posteriors of a case by one factor, and no rank.

    Returns:
        the weight of "none in these data"; of each hypothesis the points in thousandths and the
        weight.
    """
    none = prior_of_none(case, constants)
    share = (1 - none) / max(pairs.count, 1)
    keys = [(finding["gene"], disease["disease"]) for finding, disease in found]
    rivals: dict[tuple[str, str], int] = {}
    for key in keys:
        rivals[key] = rivals.get(key, 0) + 1
    totals = [f["local_points"] + phenotype[d["disease"]] for f, d in found]
    weights = [
        share / rivals[key] * odds_from_points(points)
        for key, points in zip(keys, totals, strict=True)
    ]
    factor = math.fsum(weights) / (1 - none)  # exact, in any order, on any machine
    if factor > 0:
        told = constants.calibration
        none *= factor / (factor**told.slope * math.exp(told.shift))
    return none, totals, np.array(weights, dtype=float)


def standing_rows(
    case: Case,
    found: Sequence[Hypothesis],
    phenotype: Mapping[str, int],
    pairs: Pairs,
    constants: Constants,
) -> list[dict[str, Any]]:
    """Rows of the ``standing`` table for one case, "none in these data" included.

    One hits stand below the full hypotheses, posterior 0: they are a part of "none".
    """
    found, halves = apart(found)
    none, _, weights = weigh(case, found, phenotype, pairs, constants)
    evidence = math.fsum(weights)
    whole = none + evidence
    posteriors = [round(float(w) / whole, POSTERIOR_DIGITS) for w in weights]
    of_gene: dict[str, float] = {}
    for (finding, _), weight in zip(found, weights, strict=True):
        of_gene[finding["gene"]] = of_gene.get(finding["gene"], 0.0) + float(weight)
    gene_order = sorted(of_gene, key=lambda gene: (-round(of_gene[gene] / evidence, 12), gene))
    gene_rank = {gene: place for place, gene in enumerate(gene_order, start=1)}
    rows = [
        {
            **_row(case, finding, disease, phenotype),
            "posterior": posterior,
            "gene_rank": gene_rank[finding["gene"]],
        }
        for (finding, disease), posterior in zip(found, posteriors, strict=True)
    ]
    rows.sort(key=lambda r: (-r["posterior"], -r["total_points"], r["hypothesis"]))
    for place, row in enumerate(rows, start=1):
        row["rank"] = place
    below = ranked_below([_row(case, *half, phenotype) for half in halves], rows)
    return [_none_row(case, round(none / whole, POSTERIOR_DIGITS)), *rows, *below]


def _row(
    case: Case, finding: Mapping[str, Any], disease: Mapping[str, Any], phenotype: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "case": case.id,
        "hypothesis": f"{finding['finding']}|{disease['disease']}",
        "gene": finding["gene"],
        "symbol": finding["symbol"],
        "disease": disease["disease"],
        "disease_name": disease["disease_name"],
        "mode": finding["mode"],
        "finding": finding["finding"],
        "local_points": finding["local_points"],
        "phenotype_points": phenotype[disease["disease"]],
        "total_points": finding["local_points"] + phenotype[disease["disease"]],
        "posterior": 0.0,
        "rank": 0,
        "gene_rank": 0,
        "out_of_scope": 0,
    }


def _none_row(case: Case, posterior: float) -> dict[str, Any]:
    blank = dict.fromkeys(("gene", "symbol", "disease", "disease_name", "mode", "finding"), "")
    zero = dict.fromkeys(
        (
            "local_points", "phenotype_points", "total_points", "rank", "gene_rank", "out_of_scope",
        ),
        0,
    )  # fmt: skip
    return {"case": case.id, "hypothesis": NONE, **blank, **zero, "posterior": posterior}
