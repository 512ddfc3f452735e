"""Scope: what fits the indication is told; the rest is counted, and a minor's future left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_world import CONSTANTS, disease, family

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.release import Release
from ariane.model.case import Case, Phenotype
from ariane.rank.finding import ONE_HIT
from ariane.rank.phenotype import NO_PHENOTYPE, NOT_ANNOTATED, SCORED
from ariane.rank.scope import LateOnset, Scope, Scopes, load_late_onset, sensitive_genes

LIMITS = CONSTANTS.scope
LATE = LateOnset(load_late_onset(), frozenset({"OMIM:late"}))
BRCA2 = "HGNC:1101"
FITS, MISFIT, STRONG = -2000, -2001, LIMITS.adult_onset_from


def scope(minor: bool = False, **more: Any) -> Scope:
    return Scope(LIMITS, LATE if minor else LateOnset({}), minor, fits_from=FITS, **more)


def found(
    gene: str = "G", mode: str = "AD", variants: str = "1-5-A-T", zygosity: str = "het"
) -> Any:
    key = f"{gene}|{mode}|{variants}"
    return {"gene": gene, "mode": mode, "variants": variants, "finding": key, "zygosity": zygosity}


def row(points: int = 0, state: str = SCORED, name: str = "OMIM:1") -> dict[str, Any]:
    return {"disease": name, "points": points, "state": state}


@pytest.mark.parametrize(
    ("points", "state", "told"),
    [
        (FITS, SCORED, True),
        (MISFIT, SCORED, False),
        (0, NOT_ANNOTATED, True),  # missing knowledge is not a misfit
        (0, NO_PHENOTYPE, True),
    ],
)
def test_a_disease_fits_or_not(points: int, state: str, told: bool) -> None:
    assert scope().fits(found(), "OMIM:1", points, state) is told


def test_a_gene_that_was_asked_for_is_in_scope_whatever_the_phenotype() -> None:
    listed = scope(listed=frozenset({"G"}), limited=True)
    assert listed.fits(found(), "OMIM:1", MISFIT, SCORED)
    assert not listed.fits(found("H"), "OMIM:1", MISFIT, SCORED)
    assert listed.fits(found("H"), "OMIM:1", FITS, SCORED), "the phenotype speaks beside the list"


def test_a_list_and_no_phenotype_leave_the_list_alone() -> None:
    listed = scope(listed=frozenset({"G"}), limited=True)
    assert listed.fits(found(), "OMIM:1", 0, NO_PHENOTYPE)
    assert not listed.fits(found("H"), "OMIM:1", 0, NO_PHENOTYPE)


@pytest.mark.parametrize("named", ["G", "1-5-A-T"])
def test_what_a_decision_names_is_always_told(named: str) -> None:
    decided = scope(minor=True, decided=frozenset({named}))
    assert decided.fits(found(), "OMIM:late", MISFIT, SCORED)


@pytest.mark.parametrize(
    ("gene", "mode", "name"), [(BRCA2, "AD", "OMIM:612555"), ("G", "AD", "OMIM:late")]
)
def test_a_minor_is_told_of_no_disease_of_adults(gene: str, mode: str, name: str) -> None:
    finding = found(gene, mode)
    listed = frozenset({gene})
    for points, state in ((0, NO_PHENOTYPE), (0, NOT_ANNOTATED), (STRONG - 1, SCORED)):
        assert not scope(minor=True, listed=listed).fits(finding, name, points, state)
        assert scope().fits(finding, name, points, state), "an adult is"
    assert scope(minor=True).fits(finding, name, STRONG, SCORED), "he is ill with it himself"


def test_the_recessive_disease_of_the_gene_is_a_disease_of_children() -> None:
    assert scope(minor=True).fits(found(BRCA2, "AR"), "OMIM:605724", 0, SCORED)


def test_out_of_scope_is_counted_by_finding_and_not_named() -> None:
    hypotheses = [
        (found("G"), disease(disease="OMIM:1")),
        (found("G"), disease(disease="OMIM:2")),  # the same finding, another disease of it
        (found("H"), disease(disease="OMIM:2")),
        (found("K"), disease(disease="OMIM:2")),
    ]
    rows = [row(FITS), row(MISFIT, name="OMIM:2")]
    told, unnamed = scope().part(hypotheses, rows)
    assert told == hypotheses[:1]
    assert unnamed == 2


def test_one_hit_does_not_tell_what_is_withheld_as_dominant() -> None:
    dominant, recessive = found(BRCA2, "AD"), found(BRCA2, "AR", zygosity=ONE_HIT)
    pair = found(BRCA2, "AR", "1-5-A-T+1-9-A-T", "compound")
    cancer, anaemia = disease(disease="OMIM:612555"), disease(disease="OMIM:605724")
    rows = [row(0, name="OMIM:612555"), row(0, name="OMIM:605724")]
    every = [(dominant, cancer), (recessive, anaemia), (pair, anaemia)]
    told, unnamed = scope(minor=True).part(every, rows)
    assert told == [(pair, anaemia)]
    assert unnamed == 2
    assert scope().part(every, rows) == (every, 0)


STATES = st.sampled_from([SCORED, NOT_ANNOTATED, NO_PHENOTYPE])
GENES = st.sampled_from([BRCA2, "G", "H"])


@given(
    st.lists(st.tuples(GENES, st.sampled_from(["AD", "AR"]), st.integers(0, 3)), unique=True),
    st.lists(st.tuples(st.integers(-9000, 9000), STATES), min_size=4, max_size=4),
    st.booleans(),
)
def test_told_and_counted_are_all_that_was_found(picked: Any, states: Any, minor: bool) -> None:
    every = [(found(g, m), disease(disease=f"OMIM:{d}")) for g, m, d in picked]
    rows = [row(0 if s != SCORED else p, s, f"OMIM:{n}") for n, (p, s) in enumerate(states)]
    told, unnamed = scope(minor=minor).part(every, rows)
    assert [h for h in every if h in told] == told
    named = {f["finding"] for f, _ in told}
    assert len(named) + unnamed == len({f["finding"] for f, _ in every})


def case(age: str = "", gestation: str = "", onset: str = "", *genes: str) -> Case:
    phenotype = Phenotype(onset=onset, age=age, gestation=gestation)
    return family(phenotype=phenotype, gene_list=genes)


@pytest.fixture
def scopes(tmp_path: Path) -> Scopes:
    genes = [
        {"gene": "HGNC:1", "symbol": "ONE", "ncbi": "1", "former": "UNO"},
        {"gene": "HGNC:2", "symbol": "TWO", "ncbi": "2", "former": ""},
    ]
    said = {"panel": "12", "panel_name": "Heart", "mode": "", "record": "r"}
    panels = [{**said, "gene": "HGNC:1", "confidence": "3"}]
    panels += [{**said, "gene": "HGNC:2", "confidence": "1"}]
    files.write_table(tmp_path / "genes.parquet", tables.GENES, genes)
    files.write_table(tmp_path / "panels.parquet", tables.PANELS, panels)
    return Scopes(_NoFiles(), tmp_path, LIMITS)  # type: ignore[arg-type]


class _NoFiles(Release):
    """A release that holds nothing."""

    def __init__(self) -> None: ...

    def path(self, kind: str) -> None:
        return None


@pytest.mark.parametrize(
    ("age", "gestation", "onset", "minor"),
    [
        ("P17Y11M", "", "", True),
        ("P18Y", "", "", False),
        ("P40Y", "", "HP:0003577", False),
        ("P5D", "", "", True),
        ("", "P22W", "", True),
        ("", "", "", True),  # not known to be of age
        ("", "", "HP:0003596", False),  # ill since middle age
        ("", "", "HP:0003581", True),  # from 16 years
    ],
)
def test_who_is_a_minor(scopes: Scopes, age: str, gestation: str, onset: str, minor: bool) -> None:
    assert scopes.of(case(age, gestation, onset), None).minor is minor


@pytest.mark.parametrize("word", ["HGNC:1", "ONE", "one", "UNO", "12", "heart"])
def test_a_gene_list_names_genes_and_panels(scopes: Scopes, word: str) -> None:
    made = scopes.of(case("P30Y", "", "", word), None)
    assert (made.listed, made.limited) == (frozenset({"HGNC:1"}), True)
    assert scopes.notices(case("P30Y", "", "", word), scored=True) == []


def test_what_a_list_names_in_vain_is_told(scopes: Scopes) -> None:
    given = case("P30Y", "", "", "NOSUCH", "ONE")
    (notice,) = scopes.notices(given, scored=True)
    assert "NOSUCH" in notice
    assert "ONE" not in notice
    assert scopes.of(case("P30Y", "", "", "NOSUCH"), None).limited


def test_what_is_said_of_a_scope(scopes: Scopes) -> None:
    (everything,) = scopes.notices(case("P30Y"), scored=False)
    assert "every gene is in scope" in everything
    (age,) = scopes.notices(case(), scored=True)
    assert "withheld" in age
    assert scopes.notices(case("P3Y"), scored=True) == []


def test_the_table_of_adult_diseases() -> None:
    late = load_late_onset()
    assert {"HGNC:1100", BRCA2, "HGNC:4851"} <= set(late)  # BRCA1, BRCA2, HTT
    assert "HGNC:583" not in late, "APC: looked for in childhood"
    assert all(modes and modes <= {"AD", "AR", "XLD", "XLR"} for modes, _ in late.values())


def test_a_gene_known_for_secondary_findings_must_fit_better() -> None:
    least = LIMITS.sensitive_from
    loose = replace(scope(), fits_from=least - 3000, sensitive=sensitive_genes())
    assert loose.fits(found("HGNC:9999999"), "OMIM:1", least - 1, SCORED)
    assert not loose.fits(found(BRCA2), "OMIM:1", least - 1, SCORED)
    assert loose.fits(found(BRCA2), "OMIM:1", least, SCORED)
    assert loose.fits(found(BRCA2), "OMIM:1", 0, NO_PHENOTYPE)
    strict = replace(loose, fits_from=least + 500)
    assert not strict.fits(found(BRCA2), "OMIM:1", least, SCORED)


def test_the_table_of_secondary_findings() -> None:
    genes = sensitive_genes()
    assert {BRCA2, "HGNC:6547", "HGNC:4851"} <= genes, "BRCA2, LDLR, HTT"
    assert len(genes) > 100
