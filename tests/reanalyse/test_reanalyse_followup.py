"""Who acts, by when: steps in turn, each by its role, and what is overdue."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reanalyse_genome import KEYS

from ariane.files import RESOURCES
from ariane.model.errors import ArianeError
from ariane.reanalyse import steps as tables
from ariane.reanalyse.followup import Pass, follow_up
from ariane.reanalyse.steps import (
    AWAITS,
    COLUMNS,
    LEADS_TO,
    ORDER,
    ROLES,
    State,
    Step,
    Taken,
    after,
    by_finding,
    load_delays,
    read_steps,
    state_after,
)

MISSENSE, STOP = KEYS[0], KEYS[3]
FINDING = f"HGNC:1|AD|{MISSENSE}"
SEEN = "0123456789ab"
DELAYS = load_delays(RESOURCES / "policy.yaml")
Row = dict[str, Any]


def row(step: str, outcome: str, date: str, **more: str) -> list[str]:
    role = ROLES[Step(step)][0] if step in ORDER else "biologist"
    given = {"case_id": "F1", "finding": FINDING, "step": step, "outcome": outcome, "date": date}
    given |= {"actor": "RPPS-1", "role": role, "seen": SEEN if step == "triage" else ""}
    given |= {"report": "CR-1" if step == "report" else "", "reason": "known benign"} | more
    return [given.get(name, "") for name in COLUMNS]


WHOLE = [
    ("triage", "accepted", "2024-01-02"),
    ("confirmation", "confirmed", "2024-01-20"),
    ("rcp", "approved", "2024-02-01"),
    ("report", "signed", "2024-02-10"),
    ("recontact", "done", "2024-03-01"),
    ("kin", "informed", "2024-03-10"),
    ("registry", "written", "2024-03-11"),
]


def read(folder: Path, *rows: Sequence[str]) -> tuple[list[Taken], list[str]]:
    path = folder / "follow_up.tsv"
    lines = ["\t".join(COLUMNS), *("\t".join(cells) for cells in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    taken, faults = read_steps(path)
    return taken, [str(fault) for fault in faults]


def test_the_whole_way(tmp_path: Path) -> None:
    states = [State.TO_CONFIRM, State.FOR_RCP, State.TO_REPORT, State.TO_RECONTACT]
    states += [State.KIN_TO_INFORM, State.TO_REGISTER, State.FINISHED]
    for count, state in enumerate(states, start=1):
        taken, faults = read(tmp_path, *(row(*told) for told in WHOLE[:count]))
        assert faults == []
        assert state_after(taken) is state


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (row("look", "done", "2024-01-02"), "unknown step 'look'"),
        (row("triage", "seen", "2024-01-02"), "unknown outcome 'seen' of triage"),
        (row("triage", "accepted", "2024-01-02", role="prescriber"), "does not do the triage"),
        (row("triage", "dismissed", "2024-01-02", reason=""), "dismissed without a reason"),
        (row("triage", "accepted", "2024-01-02", seen=""), "without the hash"),
        (row("triage", "accepted", "2024-01-02", seen="what"), "'what' is not a hash"),
        (row("triage", "accepted", "2024-01-02", finding="MYH7"), "'MYH7' is not one"),
        (row("triage", "accepted", "2024-13-02"), "'2024-13-02' is not a date"),
        (row("triage", "accepted", "2024-01-02", actor=""), "no actor"),
        (row("triage", "accepted", "2024-01-02", case_id=""), "no case_id"),
        (row("report", "signed", "2024-02-10", report=""), "signed without a report"),
        (row("report", "signed", "2024-02-10", report="=1+1"), "is not an identifier"),
        (row("rcp", "approved", "2024-02-10"), "'triage' comes first"),
    ],
)
def test_each_fault_is_told_with_its_line(cells: list[str], said: str, tmp_path: Path) -> None:
    taken, faults = read(tmp_path, cells)
    assert taken == []
    assert len(faults) == 1
    assert said in faults[0]
    assert "follow_up.tsv:2" in faults[0]


def test_all_faults_in_one_message_and_no_echo(tmp_path: Path) -> None:
    """A fault in one finding's row is told once, not again for each row that follows it."""
    other = f"HGNC:1|AD|{STOP}"
    rows = [row("triage", "accepted", "2024-01-02", role="RCP")]
    rows += [row(*told) for told in WHOLE[1:]]
    rows += [row("rcp", "approved", "2024-01-02", finding=other)]
    rows += [row("report", "signed", "2024-01-03", finding=other)]
    _, faults = read(tmp_path, *rows)
    assert len(faults) == 2
    assert ["follow_up.tsv:2:" in faults[0], "follow_up.tsv:9:" in faults[1]] == [True, True]


def test_a_date_before_the_step_before(tmp_path: Path) -> None:
    early = row("confirmation", "confirmed", "2023-12-20")
    _, faults = read(tmp_path, row("triage", "accepted", "2024-01-02"), early)
    assert len(faults) == 1
    assert (
        "confirmation of 2023-12-20 is dated before its triage, 2024-01-02 in line 2" in faults[0]
    )


def test_twice_on_one_day_and_dismissed_after_the_report(tmp_path: Path) -> None:
    _, twice = read(tmp_path, row(*WHOLE[0]), row("triage", "dismissed", WHOLE[0][2]))
    assert "a second triage of the same date as line 2" in twice[0]
    signed = [row(*told) for told in WHOLE[:4]]
    _, late = read(tmp_path, *signed, row("triage", "dismissed", "2024-02-11"))
    assert "dismissed after its report was signed" in late[0]


_CHOICES = [(step, outcome) for step in ORDER for outcome in LEADS_TO[step]]
_DAY = datetime.timedelta(1)
_DATES = st.integers(0, 12).map(lambda n: (datetime.date(2024, 1, 1) + _DAY * n).isoformat())


@given(st.lists(st.sampled_from(_CHOICES), max_size=25))
def test_no_sequence_leads_to_an_impossible_state(told: list[tuple[Step, str]]) -> None:
    """Whatever is tried in whatever order, what is let through keeps every promise."""
    state, passed = State.NEW, list[tuple[Step, str]]()
    for step, outcome in told:
        reached = after(state, step, outcome)
        if reached is None:
            continue
        passed.append((step, outcome))
        awaited = AWAITS.get(reached)
        if awaited and awaited is not Step.TRIAGE:
            # The step before the awaited one was taken, and taken since the last end.
            assert ORDER[ORDER.index(awaited) - 1] in {one for one, _ in passed}
        if reached is State.FINISHED and state is not State.FINISHED:
            own = [one for one, _ in passed]
            assert [s for s in ORDER if s in own] == list(ORDER)
        if state in (State.TO_RECONTACT, State.KIN_TO_INFORM, State.TO_REGISTER):
            assert reached is not State.DISMISSED, "what was signed reaches the patient"
        state = reached
    assert state in State


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(_CHOICES), _DATES, st.sampled_from("12")), max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_never_matters(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[tuple[Step, str], str, str]],
    chance: Any,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    # One row a step and day: the second of a pair is a fault, whichever it is.
    single = {(s, date, c): row(s, o, date, case_id=f"F{c}") for (s, o), date, c in drawn}
    rows = list(single.values())
    turned = chance.sample(rows, len(rows))
    first, second = read(folder, *rows), read(folder, *turned)

    def bare(taken: list[Taken]) -> list[Taken]:
        return [replace(one, where="") for one in taken]

    assert bare(first[0]) == bare(second[0])
    assert len(first[1]) == len(second[1])
    for held in by_finding(first[0]).values():
        state = State.NEW
        for one in held:
            reached = after(state, one.step, one.outcome)
            assert reached is not None
            state = reached
        assert state is state_after(held)


def test_delays_come_from_the_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("version: 1\n", encoding="utf-8")
    assert load_delays(path) == DELAYS
    path.write_text("steps: {kin: 3}\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="needs a number of days for each of confirmation, rcp"):
        load_delays(path)
    days = ", ".join(f"{step}: soon" for step in ORDER[1:])
    path.write_text(f"steps: {{{days}}}\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="confirmation holds 'soon'"):
        load_delays(path)


def flag(due: str = "2024-01-31", reason: str = "strengthened") -> Row:
    return {"case": "F1", "finding": FINDING, "reason": reason, "symbol": "ONE", "due": due}


def table(taken: list[Taken], as_of: str, *flagged: list[Row], seen_from: int = 1) -> list[Row]:
    known = frozenset(one.identity for one in taken)
    passes = [
        Pass(f"c{n}", flags, known if n >= seen_from else frozenset())
        for n, flags in enumerate(flagged)
    ]
    day = datetime.date.fromisoformat(as_of)
    return follow_up(passes, taken, {"F1": "impasse"}, DELAYS, day)


def test_a_flag_waits_for_triage_and_is_overdue_by_the_release(tmp_path: Path) -> None:
    (one,) = table([], "2024-01-31", [flag()])
    assert (one["next_step"], one["due"], one["overdue"]) == ("triage", "2024-01-31", False)
    assert one["who"] == "biologist or geneticist"
    (one,) = table([], "2024-02-02", [flag()])
    assert (one["overdue"], one["days_over"]) == (True, 2)
    assert table([], "2024-02-02", [flag(reason="periodic review")]) == []


def test_each_step_counts_from_the_one_before(tmp_path: Path) -> None:
    taken, _ = read(tmp_path, *(row(*told) for told in WHOLE[:4]))
    (one,) = table(taken, "2024-03-12", [flag()], [])
    assert (one["state"], one["who"]) == ("to recontact", "prescriber or genetic counsellor")
    assert one["due"] == "2024-03-11", "30 days after the report of 2024-02-10"
    assert (one["overdue"], one["report"], one["last_step"]) == (True, "CR-1", "report")
    taken, _ = read(tmp_path, *(row(*told) for told in WHOLE))
    (done,) = table(taken, "2030-01-01", [flag()], [])
    assert (done["state"], done["next_step"], done["overdue"]) == ("finished", "", False)


def test_news_after_a_triage_asks_for_another(tmp_path: Path) -> None:
    """A flag of a cycle whose inputs already held the triage is not answered by it."""
    taken, _ = read(tmp_path, *(row(*told) for told in WHOLE[:2]))
    rows = table(taken, "2024-02-01", [flag()], [flag("2024-05-01", "weakened")])
    assert [(r["next_step"], r["why"]) for r in rows] == [
        ("rcp", "the step before is done"),
        ("triage", "weakened"),
    ]
    again, faults = read(
        tmp_path, *(row(*told) for told in WHOLE[:2]), row("triage", "accepted", "2024-02-20")
    )
    assert faults == []
    rows = table(again, "2024-02-21", [flag()], [flag("2024-05-01", "weakened")], [], seen_from=2)
    assert [r["next_step"] for r in rows] == ["rcp"]
    assert rows[0]["due"] == "2024-02-19", "news does not put the RCP off"


def test_overdue_comes_first_and_a_case_that_left_is_not_told(tmp_path: Path) -> None:
    late = flag("2024-01-01") | {"case": "F2"}
    passes = [Pass("c0", [flag("2024-06-01"), late, late | {"case": "F3"}], frozenset())]
    day = datetime.date(2024, 2, 1)
    rows = follow_up(passes, [], {"F1": "impasse", "F2": "impasse"}, DELAYS, day)
    assert [r["case"] for r in rows] == ["F2", "F1"]


def test_tables_speak_of_the_same_steps() -> None:
    assert set(LEADS_TO) == set(ROLES) == set(AWAITS.values()) == set(ORDER)
    assert set(DELAYS) == set(ORDER[1:])
    assert tables.NO_STEPS.decode().strip().split("\t") == list(COLUMNS)
