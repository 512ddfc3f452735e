"""Waterfall, pedigree, terms side by side: what is drawn is what the tables hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex
from ariane.report.case_report import CaseReport
from ariane.report.case_view import CaseView
from ariane.report.compared import compared
from ariane.report.pedigree import STEP, SYMBOL, pedigree

Build = Callable[[dict[str, Any]], CaseReport]


def view_of(report: CaseReport) -> CaseView:
    return CaseView(report, 10)


def test_a_waterfall_holds_every_row_and_ends_at_the_total(
    raw: dict[str, Any], build: Build
) -> None:
    report = build(raw)
    for candidate in report.candidates:
        drawing = view_of(report).waterfall(candidate)
        rows = [s for s in drawing.steps if s.kind in {"class", "triage", "shared"}]
        own = [r for r in raw["ledger"] if r["finding"] == candidate.standing["finding"]]
        assert sorted((s.label, s.points) for s in rows) == sorted(
            (r["code"], r["points"]) for r in own
        )
        counted = [s for s in drawing.steps if s.kind != "total"]
        assert sum(s.points for s in counted) == candidate.total_points == drawing.total
        for before, after in pairwise(counted):
            assert after.before == before.after
        for step in drawing.steps:
            assert 0 <= step.x <= step.x + step.width <= drawing.width
        assert len({s.y for s in drawing.steps}) == len(drawing.steps)


def test_points_that_no_row_explains_have_a_step(raw: dict[str, Any], build: Build) -> None:
    scn1a = raw["findings"][1]["finding"]
    raw["ledger"] = [r for r in raw["ledger"] if (r["finding"], r["code"]) != (scn1a, "BS2")]
    report = build(raw)
    steps = view_of(report).waterfall(report.candidates[1]).steps
    assert [s.points for s in steps if s.kind == "unexplained"] == [-4000]


def test_suppressed_rows_are_drawn_and_do_not_move_the_sum(
    raw: dict[str, Any], build: Build
) -> None:
    report = build(raw)
    gone = [s for s in view_of(report).waterfall(report.candidates[0]).steps if s.suppressed]
    assert [(s.label, s.side, s.after - s.before) for s in gone] == [("PS1", "off", 0)]
    page = report.render_html("en")
    assert re.search(r'<text class="name class gone"[^>]*>PS1<title>does not count: drawn', page)


def family(*members: Member) -> Case:
    return Case(
        id="C",
        proband=members[0].id,
        members=members,
        phenotype=Phenotype(),
        analysis=Analysis("x.vcf"),
        consent=Consent(),
    )


@st.composite
def families(draw: st.DrawFn) -> Case:
    """Families in which a parent always comes before the child."""
    count = draw(st.integers(1, 9))
    members: list[Member] = []
    for n in range(count):
        ids = ["", *(m.id for m in members)]
        father = draw(st.sampled_from(ids))
        mother = draw(st.sampled_from([one for one in ids if not one or one != father]))
        sex = draw(st.sampled_from(list(Sex)))
        affected = draw(st.sampled_from([True, False, None]))
        members.append(Member(f"M{n}", "s", father, mother, sex, affected))
    return family(*draw(st.permutations(members)))


@given(families())
def test_nobody_lies_on_another_and_parents_lie_above(case: Case) -> None:
    drawing = pedigree(case, ())
    at = {person.id: person for person in drawing.people}
    assert set(at) == {member.id for member in case.members}
    for one, other in combinations(drawing.people, 2):
        assert abs(one.x - other.x) >= STEP - 1 or one.y != other.y
    for member in case.members:
        for parent in filter(None, (member.father, member.mother)):
            assert at[parent].y + SYMBOL < at[member.id].y
    for person in drawing.people:
        assert STEP // 2 <= person.x <= drawing.width - STEP // 2
        assert person.y + SYMBOL <= drawing.height


def test_a_trio_is_drawn_as_everybody_draws_it() -> None:
    case = family(
        Member("P", "s", "F", "M", Sex.FEMALE, True),
        Member("F", "s", sex=Sex.MALE, affected=False),
        Member("M", "", sex=Sex.FEMALE, affected=None),
    )
    drawing = pedigree(case, ())
    at = {person.id: person for person in drawing.people}
    assert at["F"].x < at["P"].x < at["M"].x
    assert at["F"].y == at["M"].y < at["P"].y
    assert at["P"].x - at["F"].x == at["M"].x - at["P"].x
    assert [p.sequenced for p in drawing.people] == [True, False, True]
    assert len(drawing.lines) == 3, "marriage, descent, and the last step to the child"


def test_a_pedigree_that_bites_its_tail_still_ends() -> None:
    case = family(Member("A", "s", "B"), Member("B", "s", "A"))
    assert len(pedigree(case, ()).people) == 2


def test_genotype_and_depth_stand_below_each_member(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    page = build(raw).render_html("en")
    drawn = re.findall(r'<text class="call[^"]*"[^>]*>([^<]*)</text>', page)[:6]
    assert drawn == [
        "① 0|1 · 14/15",
        "② 0|1 · 11/13",
        "① 0/1 · 20/18",
        "② no call",
        "① 0/0 · 25/0",
        "② 0/1 · 16/17",
    ]


def test_terms_of_patient_and_disease_are_parted(raw: dict[str, Any], build: Build) -> None:
    report = build(raw)
    both = view_of(report).compared(report.candidates[0])
    assert [row["term"] for row in both.matched] == ["HP:0001250"]
    assert [row["term"] for row in both.partly] == ["HP:0001263", "HP:0000252"]
    assert [row["term"] for row in both.unmatched] == ["HP:0001999"]
    assert [row["term"] for row in both.others] == ["HP:0000639"]
    assert [row["term"] for row in both.against] == ["HP:0000407"]
    assert both.papers == ("PMID:9536098", "PMID:20301294")


_TERM = st.integers(1, 12).map(lambda n: f"HP:{n:07d}")


@given(
    st.lists(st.tuples(_TERM, st.sampled_from(["exact", "broader", "none", "bound"]), _TERM)),
    st.dictionaries(_TERM, st.floats(0, 1)),
    st.lists(_TERM, unique=True),
)
def test_every_term_and_feature_stands_in_one_place(
    terms: list[tuple[str, str, str]], features: dict[str, float], excluded: list[str]
) -> None:
    rows = [{"term": t, "match": m, "matched_term": d, "points": 0} for t, m, d in terms]
    own = [
        {"disease": "D", "term": t, "frequency": f, "papers": []} for t, f in features.items()
    ] + [{"disease": "E", "term": "HP:0000099", "frequency": 1.0, "papers": ["PMID:1"]}]
    both = compared(rows, own, "D", Phenotype(excluded=tuple(excluded)))
    parted = [*both.matched, *both.partly, *both.unmatched]
    assert len(parted) == len([row for row in rows if row["match"] != "bound"])
    told = [row["term"] for row in (*both.others, *both.against)]
    had = {row["matched_term"] for row in rows if row["match"] != "bound"}
    assert sorted(told) == sorted(t for t, f in features.items() if f > 0 and t not in had)
    assert {row["term"] for row in both.against} <= set(excluded)
    assert both.papers == ()


@pytest.mark.parametrize(("language", "name"), [("en", "Seizure"), ("fr", "Crise épileptique")])
def test_terms_bear_their_name_in_the_language_of_the_page(
    raw: dict[str, Any], build: Build, read: Any, language: str, name: str
) -> None:
    text = read(build(raw).render_html(language)).text
    assert name in text
    assert "Global developmental delay" in text, "no French name: the English one"


def test_history_and_other_diseases(raw: dict[str, Any], build: Build, read: Any) -> None:
    report = build(raw)
    view = view_of(report)
    told = [(row["cycle"], row["kept"], row["rank"]) for row in view.history(report.candidates[0])]
    assert told == [("2023-09", False, 0), ("2024-03", True, 4), ("2024-09", True, 1)]
    third = view.history(report.candidates[2])
    assert [row["points"] for row in third] == [None, None, -3000]
    others = view.alternatives(report.candidates[1])
    assert [(row["disease"], row["rank"]) for row in others] == [
        ("ORPHA:33069", 3),
        ("OMIM:604403", 0),
    ]
    text = read(report.render_html("en")).text
    assert "2023-09 demo-0 tables not at hand 2024-03 demo-A rank 4, 1.2%" in text
    assert "OMIM:604403 AD : not ranked in this case" in text
    assert "PMID:9536098" in text


def test_the_hash_of_what_is_seen_is_the_one_that_decisions_are_held_against(
    raw: dict[str, Any], build: Build
) -> None:
    from ariane.model.seen import seen_hash

    report = build(raw)
    for finding in raw["findings"]:
        rows = [row for row in raw["ledger"] if row["finding"] == finding["finding"]]
        assert report.seen[finding["finding"]] == seen_hash(finding, rows)
    page = report.render_html("en")
    for candidate in report.candidates:
        assert f"<code>{report.seen[candidate.finding['finding']]}</code>" in page
