"""Who acts, by when: steps in turn, rows held against what was seen, sleep of the dismissed."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reanalyse_world import ALLELES, KEYS, TERMS, Patient, Said, World
from test_reanalyse_watch import BASE, GOOD, SHARD, SILENT, Laboratory, Told

from ariane.files import RESOURCES
from ariane.knowledge.decisions import COLUMNS as DECISION_COLUMNS
from ariane.model.errors import ArianeError, InputFaults, Level
from ariane.model.seen import BACKGROUND, level_of, seen_hash
from ariane.reanalyse import steps as tables
from ariane.reanalyse.cycle import history, inputs_folder, plan
from ariane.reanalyse.dismissals import SILENCED, WAKING_POINTS, Dismissals
from ariane.reanalyse.followup import Pass, follow_up, follow_up_of
from ariane.reanalyse.seen import Claim, Sighting, case_state, check_claims, read_sightings
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


# What was seen, and sleep.

CODES = ("PVS1", "PM2_Supporting", "PP3_Moderate", "ASSERT", "DE_NOVO")
_POINTS = st.integers(-4000, 8000)


def ledger(points: Mapping[str, int], background: int = 0) -> tuple[Row, list[Row]]:
    rows = [{"code": c, "points": p, "suppressed": ""} for c, p in points.items()]
    rows.append({"code": BACKGROUND, "points": background, "suppressed": ""})
    total = sum(r["points"] for r in rows)
    finding = {"case": "F1", "finding": FINDING, "acmg_class": "VUS", "acmg_points": "1"}
    return finding | {"local_points": total}, rows


def dismissed(finding: Row, rows: list[Row]) -> Dismissals:
    level = level_of(finding, rows)
    seen = Sighting("F1", FINDING, SEEN, "c0", level.points, tuple(sorted(level.kinds)))
    told = (
        "F1",
        FINDING,
        Step.TRIAGE,
        "dismissed",
        "A",
        "biologist",
        "",
        "2024-01-02",
        SEEN,
        "why",
    )
    return Dismissals.of([Taken("follow_up.tsv:2", *told)], [seen])


@given(st.dictionaries(st.sampled_from(CODES), _POINTS), _POINTS, _POINTS)
def test_background_drift_never_wakes(points: dict[str, int], was: int, now: int) -> None:
    sleeping = dismissed(*ledger(points, was))
    finding, rows = ledger(points, now)
    level = level_of(finding, rows)
    assert sleeping.sleeps("F1", FINDING, level.points, level.kinds)
    event = {"case": "F1", "finding": FINDING, "kind": "strengthened", "material": True}
    key = ("F1", FINDING)
    (told,) = sleeping.quieted([event], {key: finding}, {key: rows})
    assert told["material"] is False


@given(st.dictionaries(st.sampled_from(CODES), _POINTS), st.sampled_from(CODES), _POINTS)
def test_it_wakes_at_two_points_or_a_new_kind(points: dict[str, int], code: str, to: int) -> None:
    sleeping = dismissed(*ledger(points))
    finding, rows = ledger({**points, code: to})
    level = level_of(finding, rows)
    risen = to - points.get(code, 0) >= WAKING_POINTS
    new = to > 0 and points.get(code, 0) <= 0
    assert sleeping.sleeps("F1", FINDING, level.points, level.kinds) is not (risen or new)
    assert not sleeping.sleeps("F2", FINDING, level.points, level.kinds)


@given(st.sampled_from(["weakened", "withdrawn", "mode changed", "gene gained a disease"]))
def test_bad_news_is_never_silenced(kind: str) -> None:
    finding, rows = ledger({"PVS1": 8000})
    event = {"case": "F1", "finding": FINDING, "kind": kind, "material": True}
    key = ("F1", FINDING)
    quieted = dismissed(finding, rows).quieted([event], {key: finding}, {key: rows})
    assert quieted == [event]
    assert kind not in SILENCED


def test_another_strength_is_no_new_kind_and_a_suppressed_row_none() -> None:
    rows = [
        {"code": "PM2_Supporting", "points": 1000, "suppressed": ""},
        {"code": "PVS1_ALONE", "points": 500, "suppressed": ""},
        {"code": "CNV_2A", "points": 900, "suppressed": ""},
        {"code": "PP3_VeryStrong", "points": 0, "suppressed": "PVS1"},
        {"code": "BS1", "points": -4000, "suppressed": ""},
    ]
    level = level_of({"local_points": 0}, rows)
    assert level.kinds == {"PM2", "PVS1_ALONE", "CNV_2A"}


class Ward(Laboratory):
    """Cycles whose tables lie where a run leaves them, so that rows are held against them."""

    def cycle(self, world: World, patients: Sequence[Patient], *decisions: str) -> Told:
        told = super().cycle(world, patients, *decisions)
        name, root = self.names[-1], self.desk.root / "results"
        shutil.copytree(root / name, root / "cycles" / name / "shards" / SHARD)
        return told

    def seen(self, cycle: str, finding: str, case: str = "F1") -> str:
        past = history(self.desk.state, cycle)[0]
        held = case_state(self.desk.root / "results", past, 1, case)
        assert held is not None
        return seen_hash(*held[finding])

    def plan(self, previous: str = "c0") -> Any:
        desk = self.desk
        asked = desk.settings("next", previous=previous, release=previous, shards=1)
        return plan(asked, desk.laid[previous].release, [desk.case()], desk.state)


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def patient(ward: Ward, *alleles: str) -> Patient:
    carried = {i: {"child": GOOD} for i, a in enumerate(ALLELES) if a.key in alleles}
    return Patient(ward.desk.case("F1", observed=(TERMS[3],)), carried)


def dismissal(seen: str, finding: str = FINDING, date: str = "2024-05-01") -> str:
    return f"F1; {finding}; triage; dismissed; RPPS-1; biologist; ; {date}; {seen}; known here"


def test_a_dismissed_finding_sleeps_until_something_new(ward: Ward) -> None:
    one = patient(ward, MISSENSE)
    weak = replace(SILENT, assertions={MISSENSE: (Said("LP", 1),)})
    stronger = replace(SILENT, assertions={MISSENSE: (Said("LP", 2),)})
    ward.cycle(weak, [one])
    ward.desk.act(dismissal(ward.seen("c0", FINDING)))
    quiet = ward.cycle(stronger, [one])
    (event,) = quiet.events
    moved = event["new_points"] - event["old_points"]
    assert 0 < moved < WAKING_POINTS
    assert (event["kind"], event["material"]) == ("strengthened", False)
    assert quiet.reasons() == ["periodic review"]
    kept = read_sightings(inputs_folder(ward.desk.state, "c1"))
    assert [(s.cycle, s.finding) for s in kept] == [("c0", FINDING)]
    shutil.rmtree(ward.desk.root / "results" / "cycles" / "c0")  # found true once, kept true
    down = ward.cycle(SILENT, [one])
    assert "weakened" in down.reasons(), "bad news is never silenced"


def test_a_dismissed_finding_wakes_at_two_points(ward: Ward) -> None:
    one = patient(ward, MISSENSE)
    ward.cycle(SILENT, [one])
    ward.desk.act(dismissal(ward.seen("c0", FINDING)))
    told = ward.cycle(replace(SILENT, assertions={MISSENSE: (Said("P", 3),)}), [one])
    assert "strengthened" in told.reasons()


def test_a_row_that_matches_nothing_is_refused_with_what_stands(ward: Ward) -> None:
    ward.cycle(BASE, [patient(ward, MISSENSE)])
    now = ward.seen("c0", FINDING)
    wrong = ("0" if now[0] != "0" else "1") + now[1:]
    ward.desk.act(dismissal(wrong), dismissal(now, f"HGNC:1|AD|{STOP}"))
    path = ward.desk.root / "decisions.tsv"
    cells = ["F1", "refuted", "HGNC:1", "", "", "A", "RCP", "R1", "2024-02-01", "", FINDING]
    body = "\t".join(DECISION_COLUMNS) + "\n" + "\t".join([*cells, wrong]) + "\n"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(InputFaults) as problem:
        ward.plan()
    said = str(problem.value)
    for part in ("decisions.tsv:2", "follow_up.tsv:2", f"seen {wrong}", f"stands as {now}"):
        assert part in said
    assert "follow_up.tsv:3" in said
    assert "has no such finding" in said
    ward.desk.act(dismissal(now))
    path.write_text(body.replace(wrong, now), encoding="utf-8")
    assert [s.seen for s in ward.plan().sightings] == [now]


def test_without_tables_it_says_so(ward: Ward) -> None:
    ward.desk.act(dismissal(SEEN))
    with pytest.raises(InputFaults, match="cannot be: no cycle came before"):
        ward.desk.freeze("c0")
    (ward.desk.root / "follow_up.tsv").unlink()
    ward.cycle(BASE, [patient(ward, MISSENSE)])
    ward.desk.act(dismissal(ward.seen("c0", FINDING)))
    shutil.rmtree(ward.desk.root / "results" / "cycles")
    with pytest.raises(InputFaults, match="the tables of cycle c0 are not under results/"):
        ward.plan()


def test_frozen_copies_are_for_the_owner_alone(ward: Ward) -> None:
    ward.cycle(BASE, [patient(ward, MISSENSE)])
    folder = inputs_folder(ward.desk.state, "c0")
    for name in ("decisions.tsv", "follow_up.tsv"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_a_signed_report_without_a_decision_is_told(ward: Ward) -> None:
    ward.cycle(BASE, [patient(ward, MISSENSE)])
    seen = ward.seen("c0", FINDING)
    steps = [row(*told, seen=seen if told[0] == "triage" else "") for told in WHOLE[:4]]
    ward.desk.act(*map("; ".join, steps))
    told = [fault for fault in ward.plan().notices if "CR-1" in fault.what]
    assert [fault.level for fault in told] == [Level.WARNING]
    rows, missing = follow_up_of(ward.desk.state, ward.desk.root / "results", "c0")
    assert missing == []
    assert [(r["state"], r["finding"]) for r in rows] == [("to triage", FINDING)]


@settings(max_examples=40)
@given(st.text("0123456789abcdef", min_size=12, max_size=12), st.booleans())
def test_a_mismatching_hash_is_always_refused(seen: str, other: bool) -> None:
    known = Sighting("F1", FINDING, SEEN, "c0", 0, ())
    claim = Claim("decisions.tsv:2", "F2" if other else "F1", FINDING, seen)
    true, faults = check_claims([claim], [known], (), Path("nowhere"), 1)
    matches = seen == SEEN and not other
    assert (len(true), len(faults)) == ((1, 0) if matches else (0, 1))


@given(st.dictionaries(st.sampled_from(CODES), _POINTS), st.randoms(use_true_random=False))
def test_the_hash_knows_every_row_and_no_order(points: dict[str, int], chance: Any) -> None:
    finding, rows = ledger(points)
    whole = seen_hash(finding, rows)
    assert whole == seen_hash({**finding, "genotypes": "x"}, chance.sample(rows, len(rows)))
    assert len(whole) == 12
    for place, one in enumerate(rows):
        changed = [*rows[:place], {**one, "points": one["points"] + 1}, *rows[place + 1 :]]
        assert seen_hash(finding, changed) != whole
    assert seen_hash({**finding, "case": "F2"}, rows) != whole


def test_tables_speak_of_the_same_steps() -> None:
    assert set(LEADS_TO) == set(ROLES) == set(AWAITS.values()) == set(ORDER)
    assert set(DELAYS) == set(ORDER[1:])
    assert tables.NO_STEPS.decode().strip().split("\t") == list(COLUMNS)
