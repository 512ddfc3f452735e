"""The observatory's table: what is counted, how long it took, and that no small group is told."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from export_world import ALL, FOUND, PROVENANCE, context_for, decision, record
from hypothesis import given, settings
from hypothesis import strategies as st
from record_strategies import records
from scipy import optimize

from ariane.intake.config import settings_of
from ariane.model.case import Consent, Status
from ariane.model.errors import ArianeError
from ariane.model.history import History
from ariane.registry import observatory
from ariane.registry.documents import Context, Document
from ariane.registry.gates import Destination, Purpose
from ariane.registry.indicators import COUNTED, PARTS, STATES, UNDATED, Tally, errance
from ariane.registry.observatory import COLUMNS, MISSING, NOT_REACHED, SUPPRESSED
from ariane.registry.record import CaseRecord, FlagRecord
from ariane.registry.survival import Duration

TO = Destination(Purpose.OBSERVATORY)
REGIONS = {"Site-01": "Bretagne", "Site-02": "Bretagne", "Site-03": "Corse"}
CONTEXT = context_for(TO, observatory={"regions": REGIONS})
LOW = context_for(TO, observatory={"regions": REGIONS, "threshold": 5})
FLAG = FlagRecord("new candidate", None, "", "", "s", "2024-04-01", "c1")
RISK = FlagRecord("diagnosis at risk", None, "", "", "s", "2024-01-01", "c1")
Table = dict[tuple[str, str, str], dict[str, str]]


def document_of(given: Sequence[CaseRecord], context: Context = CONTEXT) -> Document:
    (document,) = observatory.write(iter(given), context)
    assert list(observatory.check(document, context)) == []
    return document


def table_of(given: Sequence[CaseRecord], context: Context = CONTEXT) -> Table:
    rows = csv.DictReader(io.StringIO(document_of(given, context).text), delimiter="\t")
    return {(r["dimension"], r["stratum"], r["indicator"]): r for r in rows}


def many(count: int, **more: Any) -> list[CaseRecord]:
    return [record(f"F{number}", **more) for number in range(count)]


def total(table: Table, indicator: str) -> str:
    return table["all", "all", indicator]["value"]


def test_each_indicator_counts_what_it_says() -> None:
    impasse = decision(Status.IMPASSE, date="2020-01-01")
    one = Tally()
    for told in (
        record(),
        record(decision=decision(), named=(FOUND,), earlier=(impasse,)),
        record(decision=impasse, flags=(FLAG, RISK), candidates=()),
        record(decision=decision(Status.REFUTED), consent=Consent(), observed=(), onset=None),
        record(status=Status.SOLVED, analysis_date="", flags=(FLAG,)),
        record(decision=decision(report=""), analysis_date="2099-01-01"),
    ):
        one.add(told)
    assert dict(one.counts) == {
        "cases": 6, "state_impasse_declared": 2, "state_solved": 1, "state_impasse": 1,
        "state_refuted": 1, "state_in_progress": 1, "with_phenotype": 5, "with_onset": 5,
        "with_analysis_date": 5, "with_proposal": 2, "reanalysis_eligible": 4,
        "reanalysis_flagged": 2, "diagnosis_at_risk": 1, "reanalysis_flags": 3,
        "reanalysis_flags_overdue": 1, "impasse_ever": 2, "solved_after_impasse": 1,
        "analysis_to_diagnosis_dated": 4, "analysis_to_diagnosis_ended": 1,
        "impasse_to_diagnosis_dated": 2, "impasse_to_diagnosis_ended": 1,
    }  # fmt: skip


def test_strata_in_each_dimension() -> None:
    found = table_of(
        [*many(20, site="Site-01"), *many(30, site="Site-02", filiere=""),
         *many(40, site="Site-03", analysis_date=""), *many(50, site="Site-09")]
    )  # fmt: skip
    cases = {key[:2]: row["value"] for key, row in found.items() if key[2] == "cases"}
    assert cases == {
        ("all", "all"): "140", ("filiere", "DéfiScience"): "110", ("filiere", "not told"): "30",
        ("site", "Site-01"): "20", ("site", "Site-02"): "30", ("site", "Site-03"): "40",
        ("site", "Site-09"): "50", ("region", "Bretagne"): "50", ("region", "Corse"): "40",
        ("region", "not told"): "50", ("period", "2024"): "100", ("period", "not told"): "40",
    }  # fmt: skip
    assert all(row["note"] != SUPPRESSED for row in found.values())


def test_a_small_site_is_left_out_with_what_would_give_it_away() -> None:
    found = table_of([*many(3, site="Site-03"), *many(40, site="Site-01"), *many(60, site="S4")])
    told = {key[:2]: row["value"] for key, row in found.items() if key[2] == "cases"}
    assert told["site", "Site-03"] == told["region", "Corse"] == ""
    assert told["all", "all"] == "103"
    others = [told["site", "Site-01"], told["site", "S4"]]
    assert others.count("") == 1
    regions = [told["region", "Bretagne"], told["region", "not told"]]
    assert regions.count("") == 1
    assert found["site", "Site-03", "cases"]["note"] == SUPPRESSED


def test_a_small_complement_is_protected() -> None:
    found = table_of([*many(40), *many(2, observed=())])
    assert found["all", "all", "with_phenotype"]["note"] == SUPPRESSED
    assert found["all", "all", "phenotype_completeness"]["note"] == SUPPRESSED
    assert total(found, "cases") == "42"


def test_shares_are_those_of_what_is_shown() -> None:
    solved = many(30, decision=decision(), earlier=(decision(Status.IMPASSE, date="2023-01-01"),))
    found = table_of([*solved, *many(90, decision=decision(Status.IMPASSE), flags=(FLAG,))])
    assert total(found, "reanalysis_yield") == "25.0"
    assert total(found, "reanalysis_flagged_share") == "75.0"
    assert total(found, "reanalysis_flags") == "90"


def test_durations_with_censoring() -> None:
    dates = ["2020-03-01"] * 20 + ["2021-02-01"] * 20
    ended = [
        record(f"E{n}", decision=decision(date=day), analysis_date="2020-01-31",
               earlier=(decision(Status.IMPASSE, date="2020-02-01"),))
        for n, day in enumerate(dates)
    ]  # fmt: skip
    waiting = many(30, analysis_date="2020-01-31")
    found = table_of([*ended, *waiting])
    assert total(found, "analysis_to_diagnosis_q1") == "1"
    assert total(found, "analysis_to_diagnosis_median") == "12"
    assert found["all", "all", "analysis_to_diagnosis_q3"]["note"] == NOT_REACHED
    assert total(found, "impasse_to_diagnosis_median") == "1"
    assert total(found, "analysis_to_diagnosis_dated") == "70"


def test_errance_by_the_ages_at_the_first_signs_and_at_the_diagnosis() -> None:
    def aged(signs: str, age: str = "P9Y", **more: Any) -> Any:
        return errance(record(history=History(signs, **more), age=age, **solved))

    solved: dict[str, Any] = {"decision": decision(), "named": (FOUND,)}
    assert aged("P1Y", clinical_diagnosis="P3Y", genetic_diagnosis="P5Y") == Duration(730, True)
    assert aged("antenatal", genetic_diagnosis="P1Y") == Duration(365, True)
    assert aged("P2M", clinical_diagnosis="antenatal") is None  # named before it showed
    assert aged("P1Y") is None  # solved, and nobody told when
    solved = {"decision": None}
    assert aged("P1Y", clinical_diagnosis="P3Y") == Duration(8 * 365, False)
    assert aged("P1Y", age="") is None
    assert aged("") is None


def test_errance_is_shown_where_enough_persons_were_told() -> None:
    history = History("P1Y", "P3Y")
    ended = many(30, decision=decision(), named=(FOUND,), history=history)
    waiting = [record(f"W{n}", history=History("P2Y"), age="P3Y") for n in range(20)]
    found = table_of([*ended, *waiting])
    assert total(found, "first_signs_to_diagnosis_dated") == "50"
    assert total(found, "first_signs_to_diagnosis_ended") == "30"
    assert total(found, "first_signs_to_diagnosis_median") == "24"
    assert total(found, "with_age_at_first_signs") == "50"


def test_a_duration_needs_enough_persons_on_both_sides() -> None:
    ended = many(3, decision=decision(date="2024-02-01"), analysis_date="2020-01-31")
    found = table_of([*ended, *many(60, analysis_date="2020-01-31")])
    assert found["all", "all", "analysis_to_diagnosis_median"]["note"] == SUPPRESSED
    none = table_of(many(60, analysis_date="2020-01-31"))
    assert none["all", "all", "analysis_to_diagnosis_median"]["note"] == NOT_REACHED


def test_what_no_record_dates_is_missing() -> None:
    found = table_of(many(20))
    for name in UNDATED:
        row = found["all", "all", f"{name}_median"]
        assert (row["value"], row["note"]) == ("", MISSING)


def test_no_record_at_all() -> None:
    found = table_of([])
    assert total(found, "cases") == "0"
    assert {key[:2] for key in found} == {("all", "all")}


def test_a_threshold_that_shows_small_groups_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="which would show small groups"):
        list(observatory.write(iter([]), context_for(TO, observatory={"threshold": 4})))
    (tmp_path / "families.tsv").write_text("")
    raw = {"cycle": "c", "release": "r", "families": str(tmp_path / "families.tsv")}
    block = {"threshold": 20, "regions": REGIONS}
    held, faults = settings_of({**raw, "exports": {"observatory": block}}, "x")
    assert held is not None, faults
    assert held.exports["observatory"] == block
    none, _ = settings_of({**raw, "exports": {"observatory": {"threshold": 4}}}, "x")
    assert none is None


@settings(max_examples=20)
@given(st.lists(records(), max_size=12), st.randoms())
def test_order_never_matters(given: list[CaseRecord], chance: Any) -> None:
    mixed = list(given)
    chance.shuffle(mixed)
    assert document_of(mixed).text == document_of(given).text


PERSONS = {"cases": None, **{name: part.of for name, part in PARTS.items()}}
WITHIN = [(part, whole) for part, whole in PERSONS.items() if whole]
WITHIN += [
    (p, "state_solved")
    for p in (
        "solved_after_impasse",
        "first_signs_to_diagnosis_ended",
        "analysis_to_diagnosis_ended",
        "impasse_to_diagnosis_ended",
    )
]
WITHIN += [("reanalysis_flagged", "reanalysis_flags"),
           ("reanalysis_flags_overdue", "reanalysis_flags")]  # fmt: skip
FEW = st.builds(
    lambda state, site, filiere, phenotype, flagged: record(
        site=site, filiere=filiere, analysis_date="2020-01-31",
        observed=record().observed if phenotype else (), flags=(FLAG,) * flagged,
        decision=decision(state) if state else None,
    ),
    st.sampled_from([None, None, Status.SOLVED, Status.IMPASSE]),
    st.sampled_from(["Site-01", "Site-01", "Site-02", "Site-03"]),
    st.sampled_from(["A", "B"]),
    st.sampled_from([True, True, True, False]),
    st.integers(0, 2),
)  # fmt: skip


class Reader:
    """A reader with a table of his own making: other equations, the same public knowledge."""

    def __init__(self, table: Table) -> None:
        self.keys = [key for key in table if key[2] in COUNTED]
        self.column = {key: n for n, key in enumerate(self.keys)}
        told = [table[key]["value"] for key in self.keys]
        self.low = np.array([int(v) if v else 1 for v in told])
        self.high = np.array([int(v) if v else 10_000 for v in told])
        self.rows: list[tuple[dict[int, int], float, float]] = []
        places = sorted({key[:2] for key in self.keys})
        for place in places:
            self._rule({(*place, "cases"): 1, **{(*place, s): -1 for s in STATES}}, 0, 0)
            for part, whole in WITHIN:
                self._rule({(*place, whole): 1, (*place, part): -1}, 0, np.inf)
        for name in COUNTED:
            for dimension in ("filiere", "region", "site", "period"):
                own = [p for p in places if p[0] == dimension]
                self._rule({("all", "all", name): 1, **{(*p, name): -1 for p in own}}, 0, 0)
            for region in {p[1] for p in places if p[0] == "region"}:
                own = [p for p in places if p[0] == "site" and REGIONS[p[1]] == region]
                self._rule({("region", region, name): 1, **{(*p, name): -1 for p in own}}, 0, 0)

    def _rule(self, signs: Mapping[tuple[str, str, str], int], low: float, high: float) -> None:
        self.rows.append(({self.column[key]: sign for key, sign in signs.items()}, low, high))

    def most(self, signs: Mapping[tuple[str, str, str], int]) -> int:
        """The largest value of a sum of cells that fits all that is shown."""
        matrix = np.zeros((len(self.rows), len(self.keys)))
        for number, (row, _, _) in enumerate(self.rows):
            matrix[number, list(row)] = list(row.values())
        aim = np.zeros(len(self.keys))
        for key, sign in signs.items():
            aim[self.column[key]] = -sign
        limits = ([low for _, low, _ in self.rows], [high for _, _, high in self.rows])
        found = optimize.milp(
            aim, constraints=optimize.LinearConstraint(matrix, *limits),
            integrality=np.ones(len(self.keys)), bounds=optimize.Bounds(self.low, self.high),
        )  # fmt: skip
        assert found.success, found.message
        return round(-found.fun)


@settings(max_examples=8)
@given(st.lists(FEW, min_size=1, max_size=50))
def test_nobody_can_tell_a_small_group_from_what_is_published(given: list[CaseRecord]) -> None:
    table = table_of(given, LOW)
    reader = Reader(table)
    truth = true_counts(given)
    for key in reader.keys:
        if not 0 < truth[key] < 5:
            continue
        assert table[key]["value"] == "", key
        assert reader.most({key: 1}) >= 5, key
    for place in {key[:2] for key in reader.keys}:
        for part, whole in WITHIN[:-2]:  # the last two differences are flags, not persons
            over, under = (*place, whole), (*place, part)
            if 0 < truth[over] - truth[under] < 5:
                assert reader.most({over: 1, under: -1}) >= 5, (over, under)


def true_counts(given: Sequence[CaseRecord]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for one in given:
        tally = Tally()
        tally.add(one)
        for place in (
            ("all", "all"), ("filiere", one.filiere), ("site", one.site),
            ("region", REGIONS[one.site]), ("period", "2020"),
        ):  # fmt: skip
            found.update({(*place, name): count for name, count in tally.counts.items()})
    return found


def changed(change: Any) -> list[str]:
    """Faults that the checker finds in a right table of which some cells were changed."""
    rows = list(table_of([*many(3, site="Site-03"), *many(40, site="Site-01"),
                          *many(60, site="Site-02")]).values())  # fmt: skip
    change(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return list(observatory.check(Document("observatory.tsv", out.getvalue()), CONTEXT))


def put(rows: list[dict[str, str]], key: tuple[str, str, str], **more: str) -> None:
    for row in rows:
        if (row["dimension"], row["stratum"], row["indicator"]) == key:
            row.update(more)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda rows: put(rows, ("site", "Site-03", "cases"), value="3", note=""),
         "3 is no count that may be shown"),
        (lambda rows: put(rows, ("all", "all", "cases"), value="many"), "no count that may be"),
        (lambda rows: [put(rows, (*p, "cases"), value=v, note="") for p, v in
                       ((("site", "Site-01"), "40"), (("site", "Site-02"), "60"))],
         "site Site-03 cases can be told to be small"),
        (lambda rows: put(rows, ("all", "all", "cases"), value=""), "'' with the note ''"),
        (lambda rows: put(rows, ("all", "all", "cases"), note=SUPPRESSED), "with the note"),
        (lambda rows: rows.append(rows[0]), "is told twice"),
        (lambda rows: rows.pop(0), "all all: no cases"),
        (lambda rows: put(rows, ("all", "all", "cases"), value="200"), "do not add up"),
    ],
)  # fmt: skip
def test_each_fault_that_the_checker_knows(change: Any, fault: str) -> None:
    found = changed(change)
    assert any(fault in one for one in found), found


def test_the_checker_knows_its_columns() -> None:
    assert list(observatory.check(Document("x", "a\tb\n"), CONTEXT)) == [
        "other columns than those of the observatory"
    ]
    assert ALL.registry  # the gate of this destination asks the BNDMR's consent
    assert PROVENANCE.as_of == "2024-03-06"
