"""Rows held against what was seen, and the sleep of dismissed findings."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reanalyse_genome import ALLELES, KEYS
from reanalyse_lab import BASE, GOOD, SILENT, Laboratory
from reanalyse_people import Patient
from reanalyse_world import TERMS, Said
from test_reanalyse_followup import FINDING, SEEN, WHOLE, row

from ariane.knowledge.decisions import COLUMNS as DECISION_COLUMNS
from ariane.model.errors import InputFaults, Level
from ariane.model.seen import BACKGROUND, level_of, seen_hash
from ariane.reanalyse.cycle import plan
from ariane.reanalyse.dismissals import SILENCED, WAKING_POINTS, Dismissals
from ariane.reanalyse.followup import follow_up_of
from ariane.reanalyse.frozen import history, inputs_folder
from ariane.reanalyse.seen import Claim, Sighting, case_state, check_claims, read_sightings
from ariane.reanalyse.steps import (
    Step,
    Taken,
)

MISSENSE, STOP = KEYS[0], KEYS[3]
Row = dict[str, Any]

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
    """Whose rows are held against what its cycles said."""

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
    aside = ward.home("c0").rename(ward.results / "aside")
    ward.begin("c2", SILENT, [one])  # found true once, kept true
    aside.rename(ward.home("c0"))
    ward.run("c2")
    assert "weakened" in ward.told("c2").reasons(), "bad news is never silenced"


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
        ward.begin("c0", BASE, [patient(ward, MISSENSE)])
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
