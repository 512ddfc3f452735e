"""Phenotype points: exact explanation, silence apart from misfit, no order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rank_world import CONSTANTS, family

from ariane.knowledge.annotations import read_disease_terms
from ariane.knowledge.hpo import Ontology
from ariane.model.case import Phenotype
from ariane.rank.constants import PhenotypeConstants, fitted, fold_constants
from ariane.rank.phenotype import NO_PHENOTYPE, NOT_ANNOTATED, SCORED, PhenotypeScorer
from ariane.rank.standing import phenotype_rows

ROOT, SEIZURE, FOCAL, GROWTH, TALL, EYE = (f"HP:000000{n}" for n in range(1, 7))
ABNORMAL = "HP:0000118"
TERMS = {
    ROOT: (),
    ABNORMAL: (ROOT,),
    SEIZURE: (ABNORMAL,),
    FOCAL: (SEIZURE,),
    GROWTH: (ABNORMAL,),
    TALL: (GROWTH,),
    EYE: (ABNORMAL,),
}
ONTOLOGY = Ontology(
    version="test",
    names={term: term for term in TERMS},
    parents=TERMS,
    moved={"HP:0009999": SEIZURE},
    replaced={},
    obsolete={"HP:0008888": "gone"},
)
HPOA = [
    ("OMIM:1", "", SEIZURE, "9/10"),
    ("OMIM:1", "", TALL, "HP:0040283"),
    ("OMIM:2", "", GROWTH, "80%"),
    ("OMIM:3", "", EYE, ""),
    ("OMIM:4", "", FOCAL, "2/2"),
    ("OMIM:5", "NOT", SEIZURE, ""),
]
OBSERVED = st.lists(
    st.sampled_from([*TERMS, "HP:0009999", "HP:0008888", "HP:7654321", "seizures"]), max_size=8
)


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> PhenotypeScorer:
    return scorer_of(tmp_path_factory.mktemp("hpoa"), HPOA)


def scorer_of(folder: Path, rows: list[tuple[str, str, str, str]]) -> PhenotypeScorer:
    path = folder / "phenotype.hpoa"
    header = "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency"
    lines = [f"{d}\tname\t{q}\t{t}\tPMID:1\tPCS\t\t{f}\t\t\tP\tx" for d, q, t, f in rows]
    path.write_text("\n".join([f"{header}\tsex\tmodifier\taspect\tbiocuration", *lines, ""]))
    return PhenotypeScorer(read_disease_terms(path, ONTOLOGY), ONTOLOGY, CONSTANTS.phenotype)


def bounded(scorer: PhenotypeScorer, bound: float) -> PhenotypeScorer:
    constants = replace(CONSTANTS.phenotype, free=bound / 2, bound=bound)
    return PhenotypeScorer(scorer.table, scorer.ontology, constants)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(observed=OBSERVED, bound=st.sampled_from([0.3, 1.0, 10.0]))
def test_the_rows_shown_sum_to_the_total(
    scorer: PhenotypeScorer, observed: list[str], bound: float
) -> None:
    narrow = bounded(scorer, bound)
    terms = narrow.informative(observed)
    totals = narrow.totals(terms)
    for at, disease in enumerate(narrow.table.diseases):
        rows = narrow.explain(terms, disease)
        assert sum(row.points for row in rows) == totals[at]
        assert [row.term for row in rows if row.match != "bound"] == sorted(
            terms, key=lambda t: [row.term for row in rows].index(t)
        )
        assert abs(int(totals[at])) <= bound * 1000
    places = list(range(len(totals)))[::-2]
    assert narrow.points(terms, places).tolist() == totals[places].tolist()
    assert narrow.points(terms, []).size == 0


def test_the_bound_is_a_row_of_its_own(scorer: PhenotypeScorer) -> None:
    rows = bounded(scorer, 0.1).explain((SEIZURE,), "OMIM:1")
    assert [row.match for row in rows] == ["exact", "bound"]
    assert 90 < sum(row.points for row in rows) <= 100


def test_near_the_bound_the_order_stays(scorer: PhenotypeScorer) -> None:
    exact = np.arange(-40_000_000, 40_000_000, 250_000, dtype=np.float64)
    made = scorer._bounded(exact).tolist()
    assert made == sorted(made)
    assert made[-1] <= scorer.constants.bound * 1000
    assert scorer._bounded(np.array([9_999_000.0, -10_000_000.0])).tolist() == [9999, -10000]


@settings(deadline=None)
@given(patients=st.lists(OBSERVED, max_size=6))
def test_many_patients_at_once_are_each_alone(
    scorer: PhenotypeScorer, patients: list[list[str]]
) -> None:
    terms = [scorer.informative(observed) for observed in patients]
    together = scorer.totals_of(terms)
    assert together.shape == (len(terms), len(scorer.table.diseases))
    for row, one in zip(together, terms, strict=True):
        assert (row == scorer.totals(one)).all()


@settings(deadline=None)
@given(both=OBSERVED.flatmap(lambda t: st.tuples(st.just(t), st.permutations(t))))
def test_no_order_of_terms_shows(scorer: PhenotypeScorer, both: Any) -> None:
    one, other = (scorer.informative(terms) for terms in both)
    assert one == other
    assert (scorer.totals(one) == scorer.totals(one[::-1])).all()


def test_implied_unknown_and_foreign_terms_are_dropped(scorer: PhenotypeScorer) -> None:
    assert scorer.informative([FOCAL, SEIZURE, ABNORMAL, ROOT]) == (FOCAL,)
    assert scorer.informative([SEIZURE, GROWTH]) == (SEIZURE, GROWTH)
    assert scorer.informative(["HP:7654321", "HP:0008888", "tall", ROOT]) == ()
    assert scorer.informative(["HP:0009999", SEIZURE]) == (SEIZURE,)


def by_disease(scorer: PhenotypeScorer, *terms: str) -> dict[str, int]:
    points = scorer.totals(scorer.informative(terms))
    return dict(zip(scorer.table.diseases, map(int, points), strict=True))


def test_a_feature_speaks_for_the_disease_that_has_it(scorer: PhenotypeScorer) -> None:
    points = by_disease(scorer, SEIZURE)
    assert points["OMIM:1"] > 0 > points["OMIM:2"]
    assert points["OMIM:4"] > 0, "a disease with a special form has the general feature"
    assert max(points["OMIM:3"], points["OMIM:5"]) < 0


def test_a_broader_feature_counts_less_than_the_exact_one(scorer: PhenotypeScorer) -> None:
    points = by_disease(scorer, FOCAL)
    assert points["OMIM:4"] > points["OMIM:1"] > points["OMIM:2"]
    (row,) = scorer.explain((FOCAL,), "OMIM:1")
    assert (row.match, row.matched) == ("broader", SEIZURE)
    (row,) = scorer.explain((FOCAL,), "OMIM:3")
    assert (row.match, row.matched) == ("none", "")


def test_a_worked_example(scorer: PhenotypeScorer) -> None:
    # F = (9 + 2) / 14; of the five diseases two have seizures: B = (F + 4 / 6) / 5.
    # The profiles hold 11/14 + 0.17, 0.8, 0.7, 4/6 and no features; two are added to each.
    import math

    constants = CONSTANTS.phenotype
    frequency, other = 11 / 14, 4 / 6
    odds = (1 - constants.noise) * frequency / ((frequency + other) / 5) + constants.noise
    lengths = [2 + 11 / 14 + 0.17, 2.8, 2.7, 2 + 4 / 6, 2.0]
    length = constants.profile * math.log(lengths[0] / (sum(lengths) / 5))
    points = round((math.log(odds) - length) / math.log(350 ** (1 / 8)) * 1000)
    expected = round(points * round(constants.scale * 1000) / 1000)
    assert abs(by_disease(scorer, SEIZURE)["OMIM:1"] - expected) <= 1


def test_a_long_profile_does_not_win_by_its_length(tmp_path: Path) -> None:
    few = [("OMIM:1", "", SEIZURE, "8/10")]
    many = [("OMIM:2", "", term, "8/10") for term in (SEIZURE, TALL, EYE)]
    made = scorer_of(tmp_path, [*few, *many])
    points = by_disease(made, SEIZURE)
    assert points["OMIM:1"] > points["OMIM:2"]
    points = by_disease(made, SEIZURE, TALL, EYE)
    assert points["OMIM:2"] > points["OMIM:1"]


def test_an_excluded_feature_is_not_annotated(scorer: PhenotypeScorer) -> None:
    assert "OMIM:5" in scorer.table.diseases
    (row,) = scorer.explain((SEIZURE,), "OMIM:5")
    assert row.match == "none"


def test_a_disease_that_nobody_annotated_explains_nothing(scorer: PhenotypeScorer) -> None:
    assert scorer.explain((SEIZURE,), "OMIM:999") == []


def test_terms_that_are_alike_count_as_one(scorer: PhenotypeScorer) -> None:
    (alone,) = scorer.weights((SEIZURE,))
    apart = scorer.weights((SEIZURE, EYE))
    near = scorer.weights((FOCAL, SEIZURE))
    assert alone == round(scorer.constants.scale * 1000)
    assert sum(near) < sum(apart), "two names of nearly one thing are not two things"
    assert max(apart) < alone, "and no two things are wholly independent"
    assert scorer.weights(()) == []


@settings(deadline=None)
@given(observed=OBSERVED)
def test_weights_are_shares_of_one_term(scorer: PhenotypeScorer, observed: list[str]) -> None:
    terms = scorer.informative(observed)
    weights = scorer.weights(terms)
    assert len(weights) == len(terms)
    assert all(0 < weight <= scorer.weights((SEIZURE,))[0] for weight in weights)


def states(scorer: PhenotypeScorer | None, *observed: str) -> dict[str, tuple[str, int]]:
    case = family(phenotype=Phenotype(observed=observed))
    rows = phenotype_rows(case, ["OMIM:1", "OMIM:999", "OMIM:1"], scorer)
    assert [row["disease"] for row in rows] == ["OMIM:1", "OMIM:999"]
    return {row["disease"]: (row["state"], row["points"]) for row in rows}


def test_no_phenotype_is_a_state_and_not_a_misfit(scorer: PhenotypeScorer) -> None:
    silent = {"OMIM:1": (NO_PHENOTYPE, 0), "OMIM:999": (NO_PHENOTYPE, 0)}
    assert states(scorer) == silent
    assert states(scorer, "HP:7654321") == silent
    assert states(None, SEIZURE) == silent


def test_a_disease_without_annotation_is_a_state(scorer: PhenotypeScorer) -> None:
    found = states(scorer, SEIZURE)
    assert found["OMIM:999"] == (NOT_ANNOTATED, 0)
    assert found["OMIM:1"] == (SCORED, by_disease(scorer, SEIZURE)["OMIM:1"])


def test_excluded_terms_stay_out_of_the_score(scorer: PhenotypeScorer) -> None:
    plain, excluding = (
        family(phenotype=Phenotype(observed=(TALL,), excluded=excluded))
        for excluded in ((), (SEIZURE,))
    )
    assert phenotype_rows(plain, ["OMIM:1"], scorer) == phenotype_rows(
        excluding, ["OMIM:1"], scorer
    )


def test_the_constants_are_those_of_the_tables() -> None:
    constants = CONSTANTS.phenotype
    assert isinstance(constants, PhenotypeConstants)
    assert 0 < constants.noise < 1
    assert 0 < constants.back_off < 1
    model = fitted("phenotype")
    assert constants.profile == model["constants"]["profile"]
    assert len(fold_constants()) == len(model["folds"]) == 5
    for fold in fold_constants():
        assert replace(fold.phenotype, **model["constants"]) == constants
    slopes = {name: row["slope"] for name, row in model["slopes_out_of_fold"].items()}
    assert len(slopes) == 5
    assert all(0.9 <= slope <= 1.1 for slope in slopes.values()), slopes
