"""Terms to look for: expected information, never what is recorded, never the same twice."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rank_world import CONSTANTS, KID, family
from test_rank_phenotype import (
    ABNORMAL,
    EYE,
    FOCAL,
    GROWTH,
    ONTOLOGY,
    SEIZURE,
    TALL,
    TERMS,
    scorer_of,
)

from ariane.model.case import Phenotype
from ariane.rank.lift_table import load_lift
from ariane.rank.phenotype import PhenotypeScorer
from ariane.rank.separating import Separator, information, leading_diseases

LIMITS = load_lift().look_for
ROWS = [
    ("OMIM:1", "", FOCAL, "90%"),
    ("OMIM:1", "", EYE, "50%"),
    ("OMIM:2", "", TALL, "90%"),
    ("OMIM:2", "", EYE, "50%"),
    ("OMIM:3", "", GROWTH, "90%"),
    ("ORPHA:1", "", FOCAL, "10%"),
]


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> PhenotypeScorer:
    return scorer_of(tmp_path_factory.mktemp("separating"), ROWS)


def stands(*rows: tuple[str, str, float]) -> list[dict[str, Any]]:
    none = {"hypothesis": "none", "gene": "", "disease": "", "disease_name": "", "posterior": 0.5}
    return [none] + [
        {
            "hypothesis": f"{gene}|AD|v|{disease}",
            "gene": gene,
            "disease": disease,
            "disease_name": f"Disease {disease}",
            "posterior": posterior,
        }
        for gene, disease, posterior in rows
    ]


BOTH = stands(("G1", "OMIM:1", 0.2), ("G2", "OMIM:2", 0.2))


def names(scorer: PhenotypeScorer, standing: Any, *observed: str, excluded: Any = ()) -> list[str]:
    case = family(KID, phenotype=Phenotype(observed, tuple(excluded)))
    return [term.term for term in Separator(scorer, LIMITS).look_for(case, standing)]


def test_the_terms_of_one_disease_alone_part_two(scorer: PhenotypeScorer) -> None:
    # EYE is as frequent in both: looking for it tells nothing. Narrower terms are told.
    assert names(scorer, BOTH) == [TALL, FOCAL]


def test_presence_and_absence_name_the_disease_they_raise(scorer: PhenotypeScorer) -> None:
    focal = Separator(scorer, LIMITS).look_for(family(KID), BOTH)[1]
    row = focal.to_row()
    assert (row["term"], row["label"]) == (FOCAL, ONTOLOGY.names[FOCAL])
    assert row["if_present"]["disease"] == "OMIM:1"
    assert row["if_absent"]["disease"] == "OMIM:2"
    assert row["if_present"]["share"] > 900
    assert row["frequencies"] == [
        {"disease": "OMIM:1", "frequency": 900},
        {"disease": "OMIM:2", "frequency": 0},
    ]


@pytest.mark.parametrize(
    ("observed", "excluded", "expected"),
    [
        ((FOCAL,), (), [TALL]),
        ((), (SEIZURE,), [TALL]),  # what is excluded above is excluded below
        ((), (FOCAL,), [TALL]),  # and leaves little of what is above
        ((FOCAL, TALL), (), []),
    ],
)
def test_what_is_recorded_is_not_asked(
    scorer: PhenotypeScorer, observed: Any, excluded: Any, expected: list[str]
) -> None:
    assert names(scorer, BOTH, *observed, excluded=excluded) == expected


def test_below_a_term_of_the_patient_only_what_it_adds_is_told(tmp_path: Path) -> None:
    rows = [("OMIM:1", "", FOCAL, "90%"), ("OMIM:2", "", SEIZURE, "90%")]
    scorer = scorer_of(tmp_path, rows)
    free = Separator(scorer, LIMITS).look_for(family(KID), BOTH)[0]
    assert free.term == FOCAL
    case = family(KID, phenotype=Phenotype((SEIZURE,)))
    narrow = Separator(scorer, LIMITS).look_for(case, BOTH)[0]
    assert narrow.term == FOCAL
    assert narrow.bits > free.bits  # 90 % of 90 %: given a seizure, focal is all but certain


def test_one_disease_or_none_described_has_nothing_to_part(scorer: PhenotypeScorer) -> None:
    assert names(scorer, stands(("G1", "OMIM:1", 0.5))) == []
    assert names(scorer, stands(("G1", "OMIM:1", 0.5), ("G2", "OMIM:99", 0.5))) == []
    assert names(scorer, stands()) == []


def test_two_descriptions_of_one_gene_are_not_parted(scorer: PhenotypeScorer) -> None:
    rows = stands(("G1", "OMIM:1", 0.3), ("G1", "ORPHA:1", 0.1))
    assert names(scorer, rows) == []
    (only,) = leading_diseases(rows, 8)
    assert (only.disease, only.share) == ("OMIM:1", pytest.approx(0.4))


def test_information_by_hand() -> None:
    share = np.array([0.5, 0.5])
    told = information(np.array([[1.0, 0.0], [0.5, 0.5], [0.9, 0.1]]), share)
    h = -(0.9 * math.log2(0.9) + 0.1 * math.log2(0.1))
    assert told.tolist() == [1000, 0, round(1000 * (1 - h))]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    observed=st.lists(st.sampled_from([*TERMS, "HP:0009999", "HP:0008888"]), max_size=4),
    excluded=st.lists(st.sampled_from([*TERMS, "HP:7654321"]), max_size=3),
    posteriors=st.lists(st.floats(0.0, 0.3), min_size=3, max_size=3),
    annotated=st.lists(
        st.tuples(
            st.sampled_from(["OMIM:1", "OMIM:2", "OMIM:3"]),
            st.sampled_from([SEIZURE, FOCAL, GROWTH, TALL, EYE]),
            st.sampled_from(["10%", "50%", "90%", "1/2", ""]),
        ),
        min_size=1,
        max_size=9,
    ),
)
def test_always(
    tmp_path: Path, observed: Any, excluded: Any, posteriors: Any, annotated: Any
) -> None:
    scorer = scorer_of(tmp_path, [(d, "", t, f) for d, t, f in annotated])
    rows = stands(*((f"G{n}", f"OMIM:{n}", p) for n, p in enumerate(posteriors, start=1)))
    case = family(KID, phenotype=Phenotype(tuple(observed), tuple(excluded)))
    limits = replace(LIMITS, bits=1)
    told = Separator(scorer, limits).look_for(case, rows)
    assert told == Separator(scorer, limits).look_for(case, rows[::-1])
    present = set[str]().union(*(ONTOLOGY.ancestors[t] for t in ONTOLOGY.live(observed)))
    absent = set(ONTOLOGY.live(excluded))
    for n, term in enumerate(told):
        assert term.term not in present
        assert term.term != ABNORMAL
        assert not ONTOLOGY.ancestors[term.term] & absent
        assert 0 < term.bits <= 1585  # log2 of three diseases
        assert 0 <= term.if_present.share <= 1 + 1e-9
        for other in told[:n]:
            assert term.term not in ONTOLOGY.ancestors[other.term]
            assert other.term not in ONTOLOGY.ancestors[term.term]
    assert len(told) <= limits.terms


def test_the_likelihood_stays_between_zero_and_one(scorer: PhenotypeScorer) -> None:
    separator = Separator(scorer, LIMITS)
    full = separator._by_disease[:, [0, 1, 2]].toarray()
    at = np.arange(len(scorer.table.terms))
    p = separator._probability(full, at)
    assert p.min() > 0
    assert p.max() <= 1
    assert CONSTANTS.phenotype.noise > 0
