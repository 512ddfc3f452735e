"""Figures of a cohort: what is counted, and what is drawn of it."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ariane.knowledge.release import Release, Resource
from ariane.model.case import Case, Decision, Status
from ariane.reanalyse.flags import REVIEW
from ariane.report import comparison, figures, indicators
from ariane.report.case_report import CaseReport
from ariane.report.cohort_lines import Since, case_lines, in_impasse
from ariane.report.cohort_report import CohortReport

AS_OF = datetime.date(2024, 9, 5)


@pytest.fixture
def case(raw: dict[str, Any]) -> Case:
    held = Case.from_json({**raw["case"], "status": "impasse"})
    return replace(held, analysis=replace(held.analysis, date="2021-03-04"))


def decided(date: str, outcome: Status) -> Decision:
    return Decision("CASE-7", outcome, "", "", "", "X", "", f"R-{date}", date)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("outcomes", "since", "what"),
    [
        ([], "2021-03-04", "analysis"),
        ([("2022-01-01", Status.IMPASSE)], "2022-01-01", "decision"),
        (
            [("2022-01-01", Status.IMPASSE), ("2023-01-01", Status.IMPASSE)],
            "2022-01-01",
            "decision",
        ),
        (
            [
                ("2021-06-01", Status.IMPASSE),
                ("2022-01-01", Status.CANDIDATE),
                ("2023-01-01", Status.IMPASSE),
            ],
            "2023-01-01",
            "decision",
        ),
    ],
)
def test_the_impasse_begins_with_the_first_decision_in_a_row_that_says_so(
    case: Case, outcomes: list[tuple[str, Status]], since: str, what: str
) -> None:
    decisions = [decided(*one) for one in outcomes]
    assert in_impasse(case, decisions[::-1]) == Since(day(since), what)


def test_no_date_and_another_status_tell_nothing(case: Case) -> None:
    undated = replace(case, analysis=replace(case.analysis, date=""))
    assert in_impasse(undated, []) is None
    assert in_impasse(replace(case, status=Status.SOLVED), []) is None


def test_waiting_counts_what_no_date_tells(case: Case) -> None:
    dates = ("2024-03-05", "2023-09-05", "2025-01-01", "")  # one after the release, one unknown
    cases = [
        replace(case, id=f"C{n}", analysis=replace(case.analysis, date=date))
        for n, date in enumerate(dates)
    ]
    (one,) = indicators.waiting(case_lines(cases, [], [], [], "x"), AS_OF)
    assert (one.technique, one.cases, one.dated, one.decided) == (case.analysis.technique, 4, 2, 0)
    assert one.quartiles is not None
    assert one.each == (one.quartiles[0], one.quartiles[4]) == (6.0, 12.0)


@given(st.lists(st.floats(0, 500, allow_nan=False), min_size=1, max_size=40))
def test_quartiles_are_in_order_and_hold_the_median(values: list[float]) -> None:
    found = indicators.quartiles(sorted(values))
    assert found is not None
    assert list(found) == sorted(found)
    assert found[2] == round(statistics.median(values), 1)
    assert (found[0], found[4]) == (round(min(values), 1), round(max(values), 1))


@given(st.lists(st.dates(datetime.date(2020, 1, 1), datetime.date(2028, 1, 1)), max_size=30))
def test_each_review_falls_into_one_column(dates: list[datetime.date]) -> None:
    flags = [{"reason": REVIEW, "due": date.isoformat()} for date in dates]
    columns = indicators.reviews_due([*flags, {"reason": "withdrawn", "due": "2024-09-05"}], AS_OF)
    assert sum(one.number for one in columns) == len(dates)
    assert [one.month for one in columns][:3] == ["due", "2024-09", "2024-10"]
    assert columns[0].number == sum(date <= AS_OF for date in dates)
    october = sum((date.year, date.month) == (2024, 10) for date in dates)
    assert columns[2].number == october
    assert columns[-1].number == sum((date.year, date.month) > (2025, 9) for date in dates)


def test_flags_by_reason_are_told_and_waiting() -> None:
    rows = [("withdrawn", False), ("withdrawn", True), ("new candidate", False), (REVIEW, False)]
    flags = [{"reason": reason, "queued": queued} for reason, queued in rows]
    assert [(one.reason, one.told, one.waiting) for one in indicators.by_reason(flags)] == [
        ("new candidate", 1, 0),
        ("withdrawn", 1, 1),
    ]


def release(**versions: str) -> Release:
    facts = {"format": "x", "date": "2024", "licence_class": "open", "licence": "x", "source": "x"}
    held = {
        kind: Resource(kind=kind, file=kind, version=version, sha256=version * 8, **facts)
        for kind, version in versions.items()
    }
    return Release(Path("nowhere"), "-".join(versions.values()), AS_OF, held)


def test_changes_are_counted_and_traced_to_cases() -> None:
    def row(resource: str, kind: str, key: str, change: str) -> dict[str, str]:
        return {"resource": resource, "kind": kind, "key": key, "change": change}

    rows = [
        row("hpo_annotations", "disease", "OMIM:1", "new description"),
        row("assertions", "gene", "HGNC:1", "known alleles changed"),
        row("assertions", "variant", "v1", "new"),
        row("assertions", "variant", "v2", "new"),
    ]
    causes = {("assertions", "v1"): {"A", "B"}, ("assertions", "v2"): {"A"}, ("x", "v1"): {"C"}}
    told = comparison.changed(rows, causes)
    assert [(one.resource, one.kind, one.number, one.cases) for one in told] == [
        ("hpo_annotations", "disease", 1, 0),
        ("assertions", "variant", 2, 2),
        ("assertions", "gene", 1, 0),
    ]
    assert list(comparison.of_resource(told)) == ["hpo_annotations", "assertions"]


def test_versions_tell_what_came_went_and_changed() -> None:
    before, now = (
        release(genes="1", assertions="a", revel="3"),
        release(genes="1", assertions="b", cadd="4"),
    )
    assert [(one.resource, one.before, one.now) for one in comparison.versions(before, now)] == [
        ("assertions", "a", "b"),
        ("revel", "3", ""),
        ("cadd", "", "4"),
    ]
    assert comparison.versions(None, now) == []


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=12))
def test_bars_keep_proportion_and_stay_inside(rows: list[tuple[int, int]]) -> None:
    drawn = figures.bars([("x", *row) for row in rows])
    most = max((a + b for a, b in rows), default=0)
    for bar in drawn:
        assert 0 <= bar.width + bar.more_width <= figures.WIDTH + 0.2
        assert bar.width == pytest.approx(figures.WIDTH * bar.value / (most or 1), abs=0.06)


@given(st.lists(st.integers(0, 10**5), max_size=15))
def test_columns_keep_proportion_unless_cut(values: list[int]) -> None:
    drawn = figures.standing([("x", value) for value in values])
    whole = [one for one in drawn if not one.broken]
    assert len(drawn) - len(whole) <= 1
    for one in drawn:
        assert 0 <= one.height <= figures.TALL
        assert one.y + one.height == pytest.approx(figures.TALL, abs=0.11)
        assert not one.broken or one.value == max(values)
    for one in whole:
        for other in whole:
            if one.value > other.value:
                assert one.height >= other.height


def test_spreads_share_an_axis_that_holds_them() -> None:
    def spread(*values: float) -> indicators.Waiting:
        return indicators.Waiting("exome", 9, 9, 0, values)  # type: ignore[arg-type]

    drawn, ticks = figures.boxes([spread(1, 2, 3, 4, 5), spread(0, 10, 20, 30, 71.5)])
    assert [tick.value for tick in ticks] == [0, 12, 24, 36, 48, 60, 72]
    for box in drawn:
        assert box.places is not None
        assert list(box.places) == sorted(box.places)
        assert box.places[-1] <= figures.WIDTH
    assert figures.boxes([])[0] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_figures_are_files_of_their_own(
    raw: dict[str, Any], build: Callable[[dict[str, Any]], CaseReport], case: Case, language: str
) -> None:
    report = build(raw)
    hostile = replace(case, id="</svg><script>x", status=Status.CANDIDATE)
    lines = case_lines([case, hostile], [], [], [], "2024-09")
    flags = [{**raw["flags"][0], "reason": "<b>&", "queued": False, "place": 0}]
    cohort = CohortReport(lines, flags, [], report.cycle, report.release)
    made = figures.files_of(cohort, language)
    assert list(made) == list(figures.NAMES)
    for text in made.values():
        root = etree.fromstring(text.encode())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not [one for one in root.iter() if one.tag.endswith(("script", "style", "}b"))]
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
        assert root.get("role") == "img"
        assert root[0].tag.endswith("title")
        assert root[0].text
    assert "&lt;b&gt;&amp;" in made["flags"]
