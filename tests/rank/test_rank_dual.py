"""Two diseases in one patient: told when each explains what the other does not."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from rank_world import CONSTANTS
from test_rank_phenotype import EYE, SEIZURE, TALL, scorer_of

from ariane.model.points import odds_from_points
from ariane.rank.dual import two_diseases
from ariane.rank.phenotype import PhenotypeScorer

HPOA = [
    ("OMIM:1", "", SEIZURE, "9/10"),
    ("OMIM:2", "", EYE, "9/10"),
    ("OMIM:3", "", SEIZURE, "9/10"),
    ("OMIM:3", "", EYE, "9/10"),
    *((f"OMIM:{n}", "", TALL, "9/10") for n in range(4, 40)),
]
BOTH = (SEIZURE, EYE)
COUNT = 5000


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> PhenotypeScorer:
    return scorer_of(tmp_path_factory.mktemp("dual"), HPOA)


def row(
    gene: str, disease: str, rank: int, posterior: float, local: int = 14_000
) -> dict[str, Any]:
    return {
        "hypothesis": f"{gene}|AD|1-{rank}-A-T|{disease}",
        "gene": gene,
        "disease": disease,
        "rank": rank,
        "posterior": posterior,
        "local_points": local,
        "phenotype_points": 1000,
    }


NONE = {"hypothesis": "none", "gene": "", "disease": "", "rank": 0, "posterior": 0.1}
TWO = [NONE, row("A", "OMIM:1", 1, 0.6), row("B", "OMIM:2", 2, 0.3)]


def test_a_pair_by_hand(scorer: PhenotypeScorer) -> None:
    before = copy.deepcopy(TWO)
    found = two_diseases(TWO, BOTH, scorer, COUNT, CONSTANTS.dual)
    assert before == TWO, "the single hypotheses keep what they have"
    assert found is not None
    union = scorer.union(BOTH, "OMIM:1", "OMIM:2")
    assert union is not None
    odds = 0.6 * 0.049 * 2 / (COUNT - 1) * odds_from_points(14_000 + union - 1000)
    assert found.posterior == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert found.total_points == 28_000 + union
    assert (found.first, found.second) == (TWO[1]["hypothesis"], TWO[2]["hypothesis"])
    assert (found.terms_first, found.terms_second) == ((SEIZURE,), (EYE,))


def test_both_explain_more_than_either(scorer: PhenotypeScorer) -> None:
    union = scorer.union(BOTH, "OMIM:1", "OMIM:2")
    totals = scorer.totals(BOTH)
    for disease in ("OMIM:1", "OMIM:2"):
        assert union is not None
        assert union > totals[scorer.table.disease_index[disease]]
    assert scorer.union(BOTH, "OMIM:1", "OMIM:2") == scorer.union(BOTH, "OMIM:2", "OMIM:1")


def test_nothing_is_won_where_one_disease_explains_all(scorer: PhenotypeScorer) -> None:
    one = [NONE, row("A", "OMIM:3", 1, 0.6), row("B", "OMIM:2", 2, 0.3)]
    assert two_diseases(one, BOTH, scorer, COUNT, CONSTANTS.dual) is None
    alike = [NONE, row("A", "OMIM:1", 1, 0.6), row("B", "OMIM:3", 2, 0.3)]
    assert two_diseases(alike, BOTH, scorer, COUNT, CONSTANTS.dual) is None


@pytest.mark.parametrize(
    "standing",
    [
        [NONE],
        TWO[:2],
        [NONE, row("A", "OMIM:1", 1, 0.6), row("A", "OMIM:2", 2, 0.3)],  # one gene
        [NONE, row("A", "OMIM:1", 1, 0.6), row("B", "OMIM:2", 2, 0.0)],  # one hit
        [NONE, row("A", "OMIM:1", 1, 0.6), row("B", "OMIM:2", 2, 0.3, 2000)],  # too weak
        [NONE, row("A", "OMIM:1", 1, 0.6), row("B", "OMIM:99", 2, 0.3)],  # not annotated
    ],
)
def test_no_pair(standing: list[dict[str, Any]], scorer: PhenotypeScorer) -> None:
    assert two_diseases(standing, BOTH, scorer, COUNT, CONSTANTS.dual) is None


def test_without_a_phenotype_there_is_no_pair(scorer: PhenotypeScorer) -> None:
    assert two_diseases(TWO, (), scorer, COUNT, CONSTANTS.dual) is None
    assert two_diseases(TWO, BOTH, None, COUNT, CONSTANTS.dual) is None


def test_a_prior_shared_by_rivals_is_shared(scorer: PhenotypeScorer) -> None:
    rival = {**row("B", "OMIM:2", 3, 0.1), "hypothesis": "B|AD|1-9-A-T|OMIM:2"}
    one = two_diseases(TWO, BOTH, scorer, COUNT, CONSTANTS.dual)
    two = two_diseases([*TWO, rival], BOTH, scorer, COUNT, replace(CONSTANTS.dual, told_from=0.0))
    assert one is not None
    assert two is not None
    assert one.posterior / (1 - one.posterior) == pytest.approx(
        2 * two.posterior / (1 - two.posterior), rel=1e-3
    )


def test_the_match_of_one_disease_is_that_of_the_table(scorer: PhenotypeScorer) -> None:
    for term in BOTH:
        for disease in scorer.table.diseases:
            rows = [r for r in scorer.explain([term], disease) if r.term == term]
            assert scorer.speaks_for(term, disease) == (rows[0].match == "exact")
