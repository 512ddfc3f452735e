"""Phenotype points: exact explanation, silence apart from misfit, no order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rank_world import CONSTANTS, family

from ariane.knowledge.annotations import read_disease_terms
from ariane.knowledge.hpo import Ontology
from ariane.model.case import Phenotype
from ariane.rank.constants import PhenotypeConstants
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
    path: Path = tmp_path_factory.mktemp("hpoa") / "phenotype.hpoa"
    header = "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency"
    lines = [f"{d}\tname\t{q}\t{t}\tPMID:1\tPCS\t\t{f}\t\t\tP\tx" for d, q, t, f in HPOA]
    path.write_text("\n".join([f"{header}\tsex\tmodifier\taspect\tbiocuration", *lines, ""]))
    return PhenotypeScorer(read_disease_terms(path, ONTOLOGY), ONTOLOGY, CONSTANTS.phenotype)


def bounded(scorer: PhenotypeScorer, bound: float) -> PhenotypeScorer:
    constants = replace(CONSTANTS.phenotype, bound=bound)
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


def test_the_bound_is_a_row_of_its_own(scorer: PhenotypeScorer) -> None:
    rows = bounded(scorer, 0.1).explain((SEIZURE,), "OMIM:1")
    assert [row.match for row in rows] == ["exact", "bound"]
    assert sum(row.points for row in rows) == 100


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
    assert points["OMIM:3"] == points["OMIM:5"] < 0


def test_a_broader_feature_counts_less_than_the_exact_one(scorer: PhenotypeScorer) -> None:
    points = by_disease(scorer, FOCAL)
    assert points["OMIM:4"] > points["OMIM:1"] > points["OMIM:2"]
    (row,) = scorer.explain((FOCAL,), "OMIM:1")
    assert (row.match, row.matched) == ("broader", SEIZURE)
    (row,) = scorer.explain((FOCAL,), "OMIM:3")
    assert (row.match, row.matched) == ("none", "")


def test_a_worked_example(scorer: PhenotypeScorer) -> None:
    # F = (9 + 0.5) / 11; B = (F + 2.5 / 3) / 5 diseases; odds = 0.95 F / B + 0.05; scale 0.6.
    import math

    frequency, other = 9.5 / 11, 2.5 / 3
    odds = 0.95 * frequency / ((frequency + other) / 5) + 0.05
    points = round(math.log(odds) / math.log(350 ** (1 / 8)) * 1000)
    assert by_disease(scorer, SEIZURE)["OMIM:1"] == round(points * 0.6)


def test_an_excluded_feature_is_not_annotated(scorer: PhenotypeScorer) -> None:
    assert "OMIM:5" in scorer.table.diseases
    (row,) = scorer.explain((SEIZURE,), "OMIM:5")
    assert row.match == "none"


def test_a_disease_that_nobody_annotated_explains_nothing(scorer: PhenotypeScorer) -> None:
    assert scorer.explain((SEIZURE,), "OMIM:999") == []


@pytest.mark.parametrize(
    ("terms", "scale"), [(1, 600), (2, 600), (3, 600), (20, 200), (21, 200), (500, 200)]
)
def test_scale_by_number_of_terms(scorer: PhenotypeScorer, terms: int, scale: int) -> None:
    assert scorer.scale(terms) == scale


def test_scale_falls_from_knot_to_knot(scorer: PhenotypeScorer) -> None:
    scales = [scorer.scale(n) for n in range(1, 40)]
    assert scales == sorted(scales, reverse=True)
    assert 200 < scorer.scale(8) < 600


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


def test_the_constants_are_those_of_the_table() -> None:
    constants = CONSTANTS.phenotype
    assert isinstance(constants, PhenotypeConstants)
    assert 0 < constants.noise < 1
    assert 0 < constants.back_off < 1
    knots = [terms for terms, _ in constants.scale]
    assert knots == sorted(set(knots))
