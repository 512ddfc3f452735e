"""What excluded terms, sex and onset would add to the phenotype points, on unseen published cases.

They stay out of the score: this script shows why, and is the place to try again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ariane.cli import run
from ariane.knowledge.readers import disease_modes, read_hpoa
from ariane.model.points import ODDS_PER_POINT, THOUSAND
from ariane.rank.constants import load_constants
from ariane.rank.phenotype import PhenotypeScorer
from phenotype_genes import Genes
from published_cases import HpoRelease, Published, known_cases, read_published, release_file
from rank_measures import line, measures, worst_ranks

YEARS: Final[Mapping[str, float]] = {
    "HP:0030674": -0.5, "HP:0011460": -0.5, "HP:0011461": -0.4, "HP:0003577": 0.0,
    "HP:0003623": 0.05, "HP:0003593": 0.5, "HP:0011463": 3.0, "HP:0003621": 10.0,
    "HP:0410280": 8.0, "HP:0025708": 20.0, "HP:0025709": 24.0, "HP:0011462": 28.0,
    "HP:0003581": 30.0, "HP:0025710": 33.0, "HP:0003596": 50.0, "HP:0003584": 70.0,
}  # fmt: skip
"""Middle of HPO's classes of onset, in years from birth."""

Nats = npt.NDArray[np.float64]


def excluded(cases: Sequence[Published], release: HpoRelease, certainty: float) -> Nats:
    """Log of P(excluded | disease) over P(excluded | background), summed over excluded terms."""
    table = release.table
    found = np.zeros((len(cases), len(table.diseases)))
    for row, case in enumerate(cases):
        for term in release.ontology.live(case.excluded):
            if (index := table.term_index.get(term)) is not None:
                diseases, share = table.entries(index)
                found[row] -= np.log(1 - certainty * table.background[index])
                found[row, diseases] += np.log(1 - certainty * np.minimum(share, 0.98))
    return found


def sex(cases: Sequence[Published], release: HpoRelease, hpo: Path) -> Nats:
    """One in a woman whose disease is X-linked recessive and nothing else."""
    modes = disease_modes(release_file(hpo, "phenotype.hpoa"))
    recessive = np.array([set(modes.get(d, ())) == {"XLR"} for d in release.table.diseases])
    women = np.array([case.sex == "female" for case in cases])
    return (women[:, None] & recessive[None]).astype(np.float64)


def onset(cases: Sequence[Published], release: HpoRelease, hpo: Path) -> Nats:
    """Distance of the patient's onset from the disease's range, on a logarithmic scale."""
    spans: dict[str, list[float]] = {}
    for row in read_hpoa(release_file(hpo, "phenotype.hpoa")):
        if row.get("aspect") == "C" and row["hpo_id"] in YEARS:
            spans.setdefault(row["database_id"], []).append(YEARS[row["hpo_id"]])
    held = [spans.get(disease, []) for disease in release.table.diseases]
    known = np.array([bool(span) for span in held])
    low = np.log1p(np.array([min(span, default=0.0) for span in held]))
    high = np.log1p(np.array([max(span, default=0.0) for span in held]))
    found = np.zeros((len(cases), len(held)))
    for row, case in enumerate(cases):
        if case.onset in YEARS:
            at = np.log1p(YEARS[case.onset])
            found[row] = np.where(known, np.maximum(0, np.maximum(low - at, at - high)), 0.6)
    return found


def variants(
    cases: Sequence[Published], release: HpoRelease, hpo: Path
) -> Iterator[tuple[str, Any]]:
    """Names, and what is added to the natural logarithm of each disease's odds."""
    yield "as shipped", 0.0
    told = excluded(cases, release, 0.5)
    for weight in (0.1, 0.3, 0.6):
        yield f"excluded terms, weight {weight}", weight * told
    told = sex(cases, release, hpo)
    for weight in (1.0, 2.0):
        yield f"female and X-linked recessive, minus {weight}", -weight * told
    told = onset(cases, release, hpo)
    for weight in (0.1, 0.3, 0.5):
        yield f"onset, weight {weight}", -weight * told


def main(argv: Sequence[str]) -> None:
    """Print a line for each variant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--hpo", type=Path, required=True)
    args = parser.parse_args(argv)
    release = HpoRelease.read(args.hpo)
    cases = [c for c in known_cases(read_published(args.cases), release) if release.unseen(c)]
    genes = Genes(release)
    truth, names = genes.truth(cases), [case.gene for case in cases]
    scorer = PhenotypeScorer(release.table, release.ontology, load_constants().phenotype)
    points = scorer.totals_of([scorer.informative(case.observed) for case in cases])
    unit = THOUSAND / np.log(ODDS_PER_POINT)
    for name, added in variants(cases, release, args.hpo):
        scores = genes.of_points(points + added * unit)
        own = scores[np.arange(len(cases)), truth]
        mean = float(np.mean(np.log(own / scores.sum(axis=1))))
        found = measures(worst_ranks(scores, truth), names)
        print(line(f"{name}:", len(cases), found, log_posterior=round(mean, 4)), flush=True)


if __name__ == "__main__":
    run(main)
