"""A delta written whole says what an overlay says; neither it nor a full pass ends a history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reanalyse_lab import BASE, GOOD, MISSENSE, SHARD, SILENT, STOP, Laboratory
from reanalyse_people import Patient, family
from reanalyse_world import TERMS, Said, World

from ariane.files import read_table
from ariane.model.tables import FINDINGS, SINCE, TOUCHED
from ariane.reanalyse.since import Since

COHORT = [
    Patient(family("F1", observed=TERMS[3:4]), {3: {"child": GOOD}, 0: {"child": GOOD}}),
    Patient(family("F2", observed=TERMS[3:4]), {3: {"child": GOOD}, 8: {"child": GOOD}}),
]
NAMED = replace(SILENT, assertions={MISSENSE: (Said("P", 3),)})
GONE = replace(SILENT, gene_disease={})
WORLDS = (BASE, NAMED, GONE, BASE, replace(BASE, assertions={STOP: (Said("LP", 1),)}), NAMED)


def run(lab: Laboratory, worlds: Sequence[World], begin: Callable[[int], dict[str, Any]]) -> None:
    for number, world in enumerate(worlds):
        lab.begin(f"c{number}", world, COHORT, **begin(number))
        lab.run(f"c{number}")


@pytest.fixture(scope="module")
def overlays(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """All deltas but the first cycle, each an overlay."""
    lab = Laboratory(tmp_path_factory.mktemp("overlays"))
    run(lab, WORLDS, lambda _: {})
    return lab


@pytest.mark.parametrize("every", [1, 2])
def test_a_new_base_says_the_same(every: int, overlays: Laboratory, tmp_path: Path) -> None:
    lab = Laboratory(tmp_path)
    run(lab, WORLDS, lambda _: {"compact_after": every})
    bases = [name for name in lab.names if lab.facts(name).base]
    assert bases == lab.names[::every]
    for name in lab.names:
        assert lab.told(name) == overlays.told(name)
        for shard, state in lab.states(name).items():
            assert state.digests() == overlays.states(name)[shard].digests()
        for table in ("touched", "since", "phenotype", "standing", "events", "flags"):
            one, two = (side.folder(name, SHARD) / f"{table}.parquet" for side in (lab, overlays))
            assert one.read_bytes() == two.read_bytes()
    assert {len(lab.chain(name, SHARD)) for name in lab.names} == set(range(1, every + 1))


def test_an_old_cycle_is_not_touched(tmp_path: Path) -> None:
    lab = Laboratory(tmp_path)
    run(lab, WORLDS[:2], lambda _: {})
    before = {path: path.read_bytes() for path in lab.results.rglob("*.parquet")}
    lab.begin("c2", WORLDS[2], COHORT, compact_after=1)
    lab.run("c2")
    assert all(
        path.read_bytes() == content for path, content in before.items() if "cycles" in str(path)
    )
    whole = read_table(lab.folder("c2", SHARD) / "findings.parquet", FINDINGS)
    marks = read_table(lab.folder("c2", SHARD) / "touched.parquet", TOUCHED)
    (state,) = lab.states("c2").values()
    assert whole == state.findings
    assert {m["operation"] for m in marks} == {"removed"}, "only what the delta itself did"


def test_a_full_pass_does_not_end_a_history(overlays: Laboratory, tmp_path: Path) -> None:
    """What was withdrawn before it, and since when a finding stands, is known after it."""
    lab = Laboratory(tmp_path)
    run(lab, WORLDS, lambda number: {"full": number in (2, 3, 4)})
    assert [lab.facts(name).kind for name in lab.names] == ["full", "delta", *["full"] * 3, "delta"]
    told = {name: lab.told(name).events for name in lab.names}
    for name in lab.names:
        expected = [
            (e["case"], e["finding"], e["kind"], e["first_seen"])
            for e in overlays.told(name).events
        ]
        assert [
            (e["case"], e["finding"], e["kind"], e["first_seen"]) for e in told[name]
        ] == expected
    back = [e for e in told["c3"] if e["finding"] == f"HGNC:1|AD|{STOP}"]
    assert {e["first_seen"] for e in back} == {"c3"}
    assert all("it had been withdrawn in cycle c2" in e["sentence"] for e in back)
    later = [e for e in told["c4"] if e["finding"] == f"HGNC:1|AD|{STOP}"]
    assert {e["first_seen"] for e in later} == {"c3"}


findings = st.tuples(st.sampled_from(("F1", "F2")), st.sampled_from(("a", "b", "c")))
cycles = st.lists(
    st.tuples(st.sets(st.sampled_from(("F1", "F2"))), st.sets(findings)), min_size=1, max_size=7
)


@settings(deadline=None)
@given(cycles=cycles)
def test_since_is_the_first_cycle_without_a_break(
    cycles: list[tuple[set[str], set[tuple[str, str]]]],
) -> None:
    """Held against the whole history, looked through from its end."""
    past, before = Since(), set[tuple[str, str]]()
    stood: list[set[tuple[str, str]]] = []
    took: list[set[str]] = []
    for number, (cases, all_findings) in enumerate(cycles):
        now = {key for key in all_findings if key[0] in cases}
        told = before & {key for key in before if key[0] in cases}
        events = [{"case": c, "finding": f, "kind": "withdrawn"} for c, f in told - now]
        past = past.after(f"c{number}", cases, told, now, events)
        before = now
        stood.append(now)
        took.append(cases)
        for key in now:
            first = number
            while first and key in stood[first - 1]:
                first -= 1
            assert past.of(key) == f"c{first}"
        assert {case for case, _ in past.first_seen} == cases
        for key in set(past.withdrawn):
            assert key[0] in cases
            assert key not in now
            last = int(past.withdrawn[key][1:])
            assert key in stood[last - 1]
            assert not any(key in held for held in stood[last:])
        for key in told - now:
            assert past.withdrawn[key] == f"c{number}"


def test_a_table_of_the_past_is_what_was_written(tmp_path: Path, overlays: Laboratory) -> None:
    path = overlays.folder("c3", SHARD) / "since.parquet"
    rows = read_table(path, SINCE)
    key = lambda row: (row["case"], row["finding"])  # noqa: E731
    assert sorted(Since.read(path).rows(), key=key) == rows
    assert {row["finding"] for row in rows} >= {"", f"HGNC:1|AD|{STOP}"}
    assert Since.read(None) == Since()
