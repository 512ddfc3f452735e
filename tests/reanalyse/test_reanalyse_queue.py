"""Laws of the queue, of due dates and of drift, whatever the flags."""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reanalyse_people import family

from ariane import files
from ariane.files import RESOURCES
from ariane.model.canonical import shard_of
from ariane.model.case import Analysis, Member, Phenotype, Sex, Status
from ariane.model.errors import ArianeError
from ariane.model.tables import FLAGS, QUEUE
from ariane.reanalyse.drift import Drift, drift_by_case, total
from ariane.reanalyse.flags import find_flags
from ariane.reanalyse.policy import AT_RISK, DUE, PREGNANCY, REVIEW, Policy, load_policy
from ariane.reanalyse.priority import exempt
from ariane.reanalyse.queueing import place, queue_flags, waiting_flags
from ariane.reanalyse.reviews import due_date
from ariane.reanalyse.triggers import find_triggers

AS_OF = datetime.date(2024, 3, 6)
SHIPPED = RESOURCES / "policy.yaml"
Row = dict[str, Any]

dates = st.dates(datetime.date(2023, 1, 1), datetime.date(2025, 1, 1))
flag_rows = st.builds(
    lambda number, site, reason, due, urgent, change: {
        **dict.fromkeys(FLAGS.columns, ""),
        "case": f"F{number}", "site": site, "reason": reason, "gene": f"HGNC:{number % 3}",
        "due": due.isoformat(), "urgent": urgent, "expected_change": change, "priority": 0,
    },
    st.integers(0, 30), st.sampled_from(["", "S1", "S2"]), st.sampled_from([*DUE, REVIEW]), dates,
    st.booleans(), st.floats(-1, 1),
)  # fmt: skip
flag_lists = st.lists(flag_rows, unique_by=lambda r: (r["case"], r["reason"], r["gene"]))
caps = st.one_of(st.none(), st.integers(1, 4))


@given(rows=flag_lists, cap=caps, random=st.randoms(use_true_random=False))
def test_laws_of_the_queue(rows: list[Row], cap: int | None, random: Any) -> None:
    ordered, places = place(rows, cap, AS_OF)
    assert sorted(ordered) == list(range(len(rows))), "none is lost, none stands twice"
    told: Counter[str] = Counter()
    queues: dict[str, list[int]] = {}
    for index, number in zip(ordered, places, strict=True):
        row = rows[index]
        if number:
            assert not exempt(row, AS_OF)
            assert row["reason"] not in (AT_RISK, PREGNANCY)
            assert not row["urgent"]
            queues.setdefault(row["site"], []).append(number)
        elif not exempt(row, AS_OF):
            told[row["site"]] += 1
            assert row["site"] not in queues, "nothing overtakes what waits at its site"
    for site, numbers in queues.items():
        assert numbers == list(range(1, len(numbers) + 1))
        assert told[site] == cap, "nothing waits while there is room"
    assert cap is None or all(count <= cap for count in told.values())
    turned = random.sample(rows, len(rows))
    again, same = place(turned, cap, AS_OF)
    assert [turned[i] for i in again] == [rows[i] for i in ordered]
    assert same == places


@given(rows=flag_lists, cap=caps)
def test_shards_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], cap: int | None
) -> None:
    folder = tmp_path_factory.mktemp("queue")
    told = []
    for shards in (1, 3):
        paths = []
        for index in range(shards):
            paths.append(folder / f"{index}-{shards}.parquet")
            mine = [row for row in rows if shard_of(row["case"], shards) == index]
            files.write_table(paths[-1], FLAGS, mine)
        out = folder / f"queue-{shards}.parquet"
        queue_flags(paths, cap, AS_OF, out)
        told.append(files.read_table(out, QUEUE))
        cases = {row["case"] for row in rows}
        waiting = waiting_flags(out, cases)
        assert [row["place"] > 0 for row in waiting] == [True] * len(waiting)
        assert len(waiting) == sum(row["queued"] for row in told[-1])
    assert told[0] == told[1]
    assert [row["priority"] for row in told[0]] == list(range(1, len(rows) + 1))


def test_whatever_the_flow_each_flag_is_told_exactly_once() -> None:
    """More flags than the cap for some cycles, then fewer: the queue drains, oldest due first."""
    number, waiting, told = 0, [], Counter[str]()
    for cycle in range(40):
        as_of = AS_OF + datetime.timedelta(30 * cycle)
        due = (as_of + datetime.timedelta(30)).isoformat()
        fresh = []
        for _ in range(4 if cycle < 10 else 1):
            row = {"case": f"F{number:03d}", "site": "S", "reason": "strengthened", "gene": "G"}
            more = {"finding": "", "due": due, "urgent": False, "expected_change": number % 7 / 7}
            fresh.append({**row, **more})
            number += 1
        rows = [*waiting, *fresh]
        ordered, places = place(rows, 3, as_of)
        told.update(rows[i]["case"] for i, p in zip(ordered, places, strict=True) if not p)
        waiting = [rows[i] for i, p in zip(ordered, places, strict=True) if p]
    assert waiting == []
    assert set(told.values()) == {1}
    assert len(told) == number


def policy(**more: Any) -> Policy:
    shipped = load_policy(SHIPPED)
    return replace(shipped, review=replace(shipped.review, **more))


@given(
    statuses=st.lists(st.sampled_from(list(Status)), max_size=6),
    technique=st.sampled_from(["panel", "exome", "genome"]),
    filiere=st.sampled_from(["", "DefiScience"]),
    age=st.sampled_from(["", "P3Y", "P30Y"]),
    date=st.one_of(st.just(""), dates.map(str)),
    decided=st.one_of(st.just(""), dates.map(str)),
    releases=st.lists(dates, max_size=5),
    small=st.integers(0, 30),
)
def test_laws_of_due_dates(
    statuses: list[Status],
    technique: str,
    filiere: str,
    age: str,
    date: str,
    decided: str,
    releases: list[datetime.date],
    small: int,
) -> None:
    rules = policy(filieres={"DefiScience": {"exome": 9}}, releases_unseen=3)
    cases = [
        replace(
            family(f"F{n}", status=status, technique=technique, date=date),
            filiere=filiere,
            phenotype=Phenotype(age=age),
        )
        for n, status in enumerate(statuses)
    ]
    rows = find_flags(cases, [], [], rules, AS_OF, {}, releases=releases)
    reviewed = [row["case"] for row in rows if row["reason"] == REVIEW]
    watched = [case.id for case in cases if case.status.watched]
    assert sorted(reviewed) == watched, "never lost, never twice"
    for case in cases:
        due, why = due_date(case, rules, AS_OF, decided, small, releases)
        assert why
        last = max(date, decided)
        if not last:
            assert due == AS_OF
            continue
        day = datetime.date.fromisoformat(last)
        assert day < due <= day + datetime.timedelta(31 * 24)
        plain = due_date(case, policy(releases_unseen=None, child_below=0), AS_OF, decided)[0]
        if filiere != "DefiScience":
            assert due <= plain, "a rule only brings a review forward"


def test_why_a_review_is_due() -> None:
    case = family("F1", technique="genome", date="2022-01-31")
    rules = policy(filieres={"X": {"genome": 6}}, releases_unseen=2)
    assert due_date(case, rules, AS_OF)[0].isoformat() == "2024-01-31"
    assert due_date(replace(case, filiere="X"), rules, AS_OF) == (
        datetime.date(2022, 7, 31),
        "6 months after the analysis of 2022-01-31, as X has it for genome",
    )
    foetus = replace(case, phenotype=Phenotype(gestation="P22W"))
    assert due_date(foetus, rules, AS_OF)[1].endswith("the patient was a foetus")
    child = replace(case, phenotype=Phenotype(age="P3Y"))
    assert due_date(child, rules, AS_OF)[1].endswith("the patient was a child below 6 years")
    seen = [datetime.date(2022, 3, 1), datetime.date(2022, 4, 1), datetime.date(2021, 4, 1)]
    assert due_date(case, rules, AS_OF, releases=seen) == (
        datetime.date(2022, 4, 1),
        "2 releases came after the analysis of 2022-01-31",
    )
    assert "for 25 small changes" in due_date(case, rules, AS_OF, small_changes=25)[1]
    assert "the decision of 2023-01-01" in due_date(case, rules, AS_OF, "2023-01-01")[1]


def test_triggers_in_words() -> None:
    one = family("F1", trio=True, observed=("HP:1", "HP:2"))
    grown = replace(one.phenotype, age="P18Y", observed=("HP:2", "HP:3"), excluded=("HP:1",))
    child, dad, mum = one.members
    other = Member("aunt", "S-aunt", "", "", Sex.FEMALE, True)
    new = replace(
        one,
        phenotype=grown,
        members=(replace(child, sex=Sex.MALE), dad, replace(mum, affected=True), other),
        analysis=Analysis("new.vcf", technique="genome", date="2024-01-01", sv_vcf="sv.vcf"),
        gene_list=("ONE",),
        request="2024-02-02 look again",
        pregnancy=True,
    )
    old = replace(one, phenotype=replace(one.phenotype, age="P17Y"))
    consent = "the patient came of age (18 years): the parents' consent no longer stands for the"
    terms = "observed HPO terms added: HP:3; observed HPO terms taken away: HP:1"
    sexes = "the patient: sex from female to male; the mother: from unaffected to affected"
    assert [(t.kind, t.sentence) for t in find_triggers(old, new, 18, other_calls=True)] == [
        ("pregnancy in the family", "a pregnancy in the family was told"),
        ("requested by a clinician", "a clinician asks: 2024-02-02 look again"),
        ("consent again", f"{consent} patient's own"),
        ("phenotype changed", f"{terms}; excluded HPO terms added: HP:1"),
        ("indication changed", "the gene list of the indication changed"),
        ("relative added", "added to the family: an affected relative (aunt), sequenced"),
        ("pedigree corrected", f"the pedigree was corrected ({sexes})"),
        ("new VCF", "a new VCF, of the analysis of 2024-01-01"),
        ("new VCF", "a VCF of structural variants was added"),
        ("technique changed", "the technique went from exome to genome, a better technique"),
    ]
    assert find_triggers(new, new, 18) == []
    assert [t.kind for t in find_triggers(None, new, 18)] == [
        "pregnancy in the family",
        "requested by a clinician",
    ]


def test_drift_is_one_line() -> None:
    event = {"case": "F1", "gene": "G", "symbol": "ONE", "material": False, "last_changed": "c1"}
    rows = [{**event, "old_points": 0, "new_points": n} for n in (100, -500, 500)]
    rows += [{**event, "case": "F2", "old_points": 0, "new_points": 0}, {**rows[0], "material": 1}]
    found = drift_by_case(rows, "c1")
    assert found["F1"].in_words() == "3 small changes, the largest +0.5 points in ONE"
    assert found["F2"].in_words() == "1 small change"
    assert total(found.values()) == Drift(4, 2, 500, "ONE", "F1")
    assert drift_by_case(rows, "c2") == {}
    assert Drift().in_words() == ""


def write(path: Path, *swaps: tuple[str, str]) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_policy_of_version_1_is_read_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = SHIPPED.read_text(encoding="utf-8").replace("version: 2", "version: 1")
    reasons = ("  pregnancy", "  requested", "  consent")
    lines = [line for line in text.splitlines() if not line.startswith(reasons)]
    start, end = (
        lines.index(next(ln for ln in lines if ln.startswith("review:"))),
        lines.index("material:"),
    )
    old = lines[:start] + lines[end : lines.index("cap:")]
    path = tmp_path / "policy.yaml"
    path.write_text("\n".join(old).replace("withdrawn: 60", "withdrawn: 61"), encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        read = load_policy(path)
    shipped = load_policy(SHIPPED)
    assert read.due_days == {**shipped.due_days, "withdrawn": 61}
    assert (read.review, read.cap) == (shipped.review, shipped.cap)
    assert "a policy of version 1" in caplog.text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version: 2", "version: 3", "a policy of version 3; this program knows versions 1 to 2"),
        ("per_site_and_cycle: null", "per_site_and_cycle: 0", "0 is neither null nor a whole"),
        ("releases_unseen: 24", "releases_unseen: often", "'often' is neither null"),
        ("filieres: {}", "filieres: {X: {wgs: 3}}", "X: no technique 'wgs'"),
        ("  releases_unseen: 24", "  unseen: 24", "missing or wrong: 'releases_unseen'"),
    ],
)
def test_a_wrong_policy_is_refused(old: str, new: str, told: str, tmp_path: Path) -> None:
    path = write(tmp_path / "policy.yaml", (old, new))
    with pytest.raises(ArianeError, match=told):
        load_policy(path)
