"""What flags led to, against stories written by hand and a count done another way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.case import Decision, Status
from ariane.reanalyse.flags import REVIEW
from ariane.reanalyse.steps import Step, Taken
from ariane.report.rounds import Pass, Recall, Round, recall, rounds

CASES = frozenset({"A", "B", "C"})
FINDING = "HGNC:1|AD|1-1-A-G"
OTHER = "HGNC:2|AR|2-2-A-G+2-9-C-T"


def flag(
    case: str, finding: str = FINDING, reason: str = "strengthened", queued: bool = False
) -> Any:
    return {"case": case, "finding": finding, "reason": reason, "queued": queued}


def step(case: str, kind: Step, outcome: str, date: str, finding: str = FINDING) -> Taken:
    cells = {"actor": "X", "role": "biologist", "report": "", "seen": "", "reason": ""}
    return Taken("f:2", case, finding, kind, outcome, date=date, **cells)


def decision(case: str, outcome: Status = Status.SOLVED, **named: str) -> Decision:
    given = {"gene": "", "variants": "", "disease": "", "actor": "X", "role": "", "report": "R"}
    return Decision(case, outcome, **{**given, "date": "2024-06-01", **named})


def one_pass(
    name: str, flags: Any, steps: tuple[Taken, ...] = (), decisions: tuple[Decision, ...] = ()
) -> Pass:
    return Pass(
        name, f"R{name}", "2024-01-01", flags, frozenset(s.identity for s in steps), decisions
    )


def test_a_triage_answers_the_flag_whose_cycle_did_not_hold_it() -> None:
    before = step("A", Step.TRIAGE, "dismissed", "2024-01-02")
    after = step("A", Step.TRIAGE, "accepted", "2024-03-02")
    passes = [
        one_pass("1", [flag("A"), flag("B"), flag("A", "", REVIEW), flag("B", "", REVIEW)]),
        one_pass("2", [flag("A")], (before,)),
        one_pass("3", [flag("A")], (before, after)),
    ]
    first, second, third = rounds(passes, [before, after], CASES)
    assert (first.accepted, first.dismissed, first.unanswered) == (0, 1, 1)
    assert (second.accepted, second.dismissed, second.unanswered) == (1, 0, 0)
    assert third.last
    assert third.unanswered == 1
    assert (first.watched, first.told, first.burden) == (2, 2, 200.0)
    assert second.burden is None, "nobody is under watch, so no burden"


def test_reports_and_diagnoses_come_after_the_flag() -> None:
    taken = [
        step("A", Step.TRIAGE, "accepted", "2024-02-01"),
        step("A", Step.CONFIRMATION, "confirmed", "2024-02-02"),
        step("A", Step.RCP, "approved", "2024-02-03"),
        step("A", Step.REPORT, "signed", "2024-02-04"),
    ]
    signed = decision("A", gene="HGNC:1")
    early = decision("B", gene="HGNC:1")
    passes = [
        one_pass("1", [flag("A"), flag("B"), flag("C")], (), (early,)),
        one_pass("2", [flag("A")], tuple(taken), (early, signed)),
    ]
    first, second = rounds(passes, taken, CASES)
    assert (first.reported, first.diagnosed, first.accepted) == (1, 1, 1)
    assert (second.reported, second.diagnosed) == (0, 0), "it was known when the cycle began"


def test_what_waits_is_not_told_and_reviews_are_no_flags() -> None:
    flags = [flag("A"), flag("B", queued=True), flag("C", "", "requested by a clinician")]
    (only,) = rounds([one_pass("1", [*flags, flag("A", "", REVIEW)])], [], CASES)
    assert (only.told, only.waiting, only.findings, only.watched) == (2, 1, 1, 1)


def test_cases_that_left_and_tables_that_are_gone_are_not_counted() -> None:
    passes = [one_pass("1", None), one_pass("2", [flag("A"), flag("GONE")])]
    lost, kept = rounds(passes, [], CASES)
    assert lost == Round("1", "R1", "2024-01-01", kept=False)
    assert kept.told == 1


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"finding": FINDING}, 1),
        ({"finding": OTHER}, 0),
        ({"gene": "HGNC:1"}, 1),
        ({"gene": "HGNC:2"}, 0),
        ({"gene": "HGNC:1", "variants": "1-1-A-G"}, 1),
        ({"gene": "HGNC:1", "variants": "1-5-A-G"}, 0),
        ({"variants": "1-1-A-G"}, 1),
    ],
)
def test_recall_is_by_what_the_decision_names(named: dict[str, str], told: int) -> None:
    passes = [one_pass("1", [flag("A")]), one_pass("2", [], (), (decision("A", **named),))]
    assert recall(passes, CASES) == Recall(1, told, 0)
    assert recall(passes, CASES).missed == 1 - told


def test_recall_leaves_out_what_the_watch_did_not_see_come() -> None:
    known, bare = decision("A", gene="HGNC:1"), decision("B")
    mended = Decision(**{**vars(known), "comment": "a slip mended later"})
    refuted = decision("C", Status.REFUTED, gene="HGNC:1")
    passes = [
        one_pass("1", [flag("A"), flag("B")], (), (known,)),
        one_pass("2", [flag("C")], (), (mended, bare, refuted)),
    ]
    assert recall(passes, CASES) == Recall(1, 0, 1)
    assert recall(passes, frozenset()) == Recall()
    assert recall([], CASES) == Recall()


def test_a_flag_that_waited_or_came_with_the_decision_had_not_told() -> None:
    signed = decision("A", gene="HGNC:1")
    waited = [one_pass("1", [flag("A", queued=True)]), one_pass("2", [flag("A")], (), (signed,))]
    assert recall(waited, CASES) == Recall(1, 0, 0)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "GONE"]),
        st.sampled_from([FINDING, OTHER, ""]),
        st.sampled_from(["strengthened", "withdrawn", REVIEW]),
        st.booleans(),
    ),
    max_size=8,
)


@given(st.lists(ROWS, min_size=1, max_size=4), st.integers(0, 3), st.booleans())
def test_counts_hold_together(story: list[Any], when: int, accepted: bool) -> None:
    taken = step("A", Step.TRIAGE, "accepted" if accepted else "dismissed", "2024-02-01")
    passes = [
        one_pass(str(n), [flag(*row) for row in rows], (taken,) if n >= when else ())
        for n, rows in enumerate(story)
    ]
    held = when < len(passes)
    for number, one in enumerate(rounds(passes, [taken] if held else [], CASES)):
        rows = [row for row in story[number] if row[0] in CASES]
        news = [row for row in rows if row[2] != REVIEW]
        assert one.told + one.waiting == len(news)
        assert one.accepted + one.dismissed + one.unanswered == one.findings <= one.told
        assert one.unanswered >= 0
        answered = (
            held
            and when > number
            and ("A", FINDING)
            in {(case, finding) for case, finding, _, queued in news if not queued}
        )
        assert one.accepted + one.dismissed == answered
        assert one.last == (number == len(passes) - 1)
