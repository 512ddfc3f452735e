"""Case: its JSON, its members, what silence means for consent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex, Status

WORD = st.text(max_size=8)
TERMS = st.lists(st.from_regex(r"HP:\d{7}", fullmatch=True), max_size=4).map(tuple)
MEMBERS = st.lists(
    st.builds(
        Member,
        id=WORD,
        sample=WORD,
        father=WORD,
        mother=WORD,
        sex=st.sampled_from(Sex),
        affected=st.sampled_from([True, False, None]),
    ),
    max_size=4,
).map(tuple)
CASES = st.builds(
    Case,
    id=WORD,
    proband=WORD,
    members=MEMBERS,
    phenotype=st.builds(Phenotype, observed=TERMS, excluded=TERMS, onset=WORD, age=WORD),
    analysis=st.builds(Analysis, vcf=WORD, assembly=WORD, technique=WORD),
    consent=st.builds(
        Consent,
        *[st.booleans()] * 5,
        opposition=st.none() | st.booleans(),
        ern_registries=st.lists(st.text()).map(tuple),
        third_countries=st.booleans(),
    ),
    status=st.sampled_from(Status),
    site=WORD,
    notes=st.dictionaries(WORD, WORD, max_size=3),
)


def family(*members: Member) -> Case:
    return Case("F1", "kid", members, Phenotype(), Analysis("f1.vcf"), Consent())


@given(CASES)
def test_a_case_comes_back_from_json(case: Case) -> None:
    assert Case.from_json(json.loads(json.dumps(case.to_json()))) == case


def test_an_unknown_word_is_refused() -> None:
    raw = family(Member("kid")).to_json()
    with pytest.raises(ValueError, match="lost"):
        Case.from_json({**raw, "status": "lost"})
    with pytest.raises(KeyError, match="members"):
        Case.from_json({k: v for k, v in raw.items() if k != "members"})


def test_silence_is_not_consent() -> None:
    assert not any(vars(Consent()).values())


@pytest.mark.parametrize(
    ("mother", "father", "design"),
    [("m", "f", "trio"), ("m", "", "duo"), ("", "f", "duo"), ("", "", "solo")],
)
def test_design_counts_sequenced_parents(mother: str, father: str, design: str) -> None:
    members = (
        Member("kid", "k", father="dad", mother="mum"),
        Member("mum", mother),
        Member("dad", father),
        Member("sister", "s"),
    )
    assert family(*members).design == design


def test_a_parent_who_is_not_in_the_pedigree_is_not_sequenced() -> None:
    assert family(Member("kid", "k", father="dad", mother="mum")).design == "solo"


def test_sequenced_members_in_order() -> None:
    case = family(Member("z", "1"), Member("kid", "2"), Member("a", ""), Member("b", "3"))
    assert [m.id for m in case.sequenced] == ["b", "kid", "z"]


def test_a_pedigree_without_the_proband() -> None:
    with pytest.raises(KeyError, match="kid"):
        _ = family(Member("mum", "m")).patient


def test_watched_statuses() -> None:
    watched = {s for s in Status if s.watched}
    assert watched.isdisjoint({Status.SOLVED, Status.CLOSED, Status.WITHDRAWN})
    assert {Status.IMPASSE, Status.PARTLY_SOLVED, Status.REFUTED} <= watched
