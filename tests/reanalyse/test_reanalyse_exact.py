"""A delta over what changed equals a full pass, to the byte of the canonical export.

Worlds, successors and families are drawn at random. To draw more than the usual number, run
``pytest tests/reanalyse/test_reanalyse_exact.py --hypothesis-profile=long``; see ``conftest.py``.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_cohorts import GOOD, cohorts
from random_histories import COMPACTED, Moment, histories
from random_worlds import HPO, LOCAL, NAMED, TOLD, worlds
from reanalyse_exactness import Step, Tally, run_history
from reanalyse_genome import ALLELES, KEYS, NEIGHBOURS, STRUCTURAL
from reanalyse_passes import build, changes_between, delta, full
from reanalyse_people import Patient, family, records
from reanalyse_release import lay_out
from reanalyse_world import TERMS, Said, World

import bench_exact
from ariane.files import RESOURCES, read_table
from ariane.knowledge.disruption import reads_nulls
from ariane.model.case import Sex
from ariane.model.tables import CANDIDATES, CHANGES, FINDINGS, LEDGER, TOUCHED
from ariane.reanalyse.compare import write_changes
from ariane.reanalyse.delta import delta_pass, touched_pairs
from ariane.reanalyse.effective import shard_state
from ariane.reanalyse.events import Causes, View, find_events
from ariane.reanalyse.policy import load_policy

FACTOR = max(1, settings().max_examples // 100)
"""How many times the usual number of examples the chosen profile asks for."""


def drawn(examples: int) -> settings:
    """Settings for a test whose examples each take a second."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=examples * FACTOR, deadline=None, suppress_health_check=slow)


def test_every_field_of_a_world_is_drawn() -> None:
    """Coverage alone stays as it is: its change is a full pass."""
    edited = {*LOCAL, *HPO, *NAMED}
    assert edited == {*TOLD, "ontology", "failed"}
    assert {f.name for f in fields(World)} == {*edited, "scores", "lacks", "covered"}


def test_the_benchmark_counts_distinct_pairs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--pairs", "2", "--seed", "3", "--json", str(tmp_path / "exact.json")]
    assert bench_exact.main(given) == 0
    told = json.loads((tmp_path / "exact.json").read_text(encoding="utf-8"))
    assert told["pairs"] == told["equal"] == sum(told["kinds"].values()) >= 2
    assert f"exact pairs={told['pairs']} equal={told['equal']}\n" in capsys.readouterr().out


def test_an_unequal_pair_is_counted_once_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    step = Step("mark", ("ontology",), 3, 1, True, False, ("standing",))
    tally = Tally()
    for one in (step, step, replace(step, mark="other", unequal=())):
        tally.add(one)
    assert tally.line == "exact pairs=2 equal=1"
    bench_exact.report(tally, None, 0)
    assert "not equal in standing: ontology" in capsys.readouterr().out


# Each example holds three pairs of releases.
@drawn(12)
@given(history=histories(4), turned=st.booleans(), compact_after=COMPACTED)
def test_every_step_of_a_history_equals_a_full_pass(
    history: list[Moment], turned: bool, compact_after: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        for step in run_history(Path(name), history, turned, compact_after):
            assert step.unequal == (), step


@drawn(3)
@given(world=worlds, cohort=cohorts())
def test_the_same_knowledge_touches_nothing(world: World, cohort: list[Patient]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        one, two = lay_out(root, "A", world), lay_out(root, "B", world)
        store = build(root, "store", cohort)
        store = replace(store, cases=records(root / "cases", cohort))
        base = full(cohort, store, one, root / "base")
        changes = changes_between(root, one, two)
        assert read_table(changes, CHANGES) == []
        over = delta(cohort, store, two, [base], changes, root / "over")
        for empty in (FINDINGS, LEDGER, TOUCHED):
            assert read_table(over / f"{empty.name}.parquet", empty) == []
        before, after = shard_state([base]), shard_state([base, over])
        assert before.digests() == after.digests()
        policy = load_policy(RESOURCES / "policy.yaml")
        views = View.of(before), View.of(after)
        assert find_events(*views, Causes.of([], "none"), policy, "c2", {}) == []


SECOND_DONOR = next(n for n, a in enumerate(ALLELES) if a.name == "c.90+2T>C")
PATIENTS = [
    Patient(family("F1", observed=TERMS[2:4]), {i: {"child": GOOD} for i in (0, 3, 5)}),
    Patient(family("F2", sex=Sex.MALE), {i: {"child": GOOD} for i in (8, 11, 28)}),
    Patient(family("F3"), {29: {"child": GOOD}, 3: {"child": "1/1:0,30:30:99:."}}),
    Patient(family("F4"), {i: {"child": GOOD} for i in (30, 31, 33)}),
    Patient(family("F5"), {STRUCTURAL.stop: {"child": GOOD}, SECOND_DONOR: {"child": GOOD}}),
]
KNOWN = World(
    assertions={KEYS[i]: (Said("LP", 1),) for i in (3, 4)},
    gene_disease={("HGNC:1", "OMIM:1"): "AD", ("HGNC:2", "OMIM:2"): "AR"},
    described={("OMIM:1", TERMS[2]): "1/3"},
)
EDITS: dict[str, tuple[World, tuple[str, str]]] = {
    "own assertion": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[0]: (Said("VUS", 3),)}),
        ("variant", KEYS[0]),
    ),
    "asserted outside the coding tier": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[5]: (Said("P", 2),)}),
        ("variant", KEYS[5]),
    ),
    "frequency": (replace(KNOWN, frequencies={KEYS[0]: 0.2}), ("variant", KEYS[0])),
    "neighbour at the residue": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[2]: (Said("LP", 2),)}),
        ("codon", ALLELES[2].codon),
    ),
    "gate of PVS1 opens by an allele with the record of another": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[6]: (Said("LP", 1),)}),
        ("null", "HGNC:1"),
    ),
    "mode": (
        replace(KNOWN, gene_disease={**KNOWN.gene_disease, ("HGNC:1", "OMIM:1"): "AR"}),
        ("gene", "HGNC:1"),
    ),
    "a second disease of another mode": (
        replace(KNOWN, gene_disease={**KNOWN.gene_disease, ("HGNC:2", "OMIM:3"): "AD"}),
        ("gene", "HGNC:2"),
    ),
    "dosage": (replace(KNOWN, dosage={"HGNC:1": "3"}), ("gene", "HGNC:1")),
    "the laboratory's own word": (
        replace(KNOWN, laboratory={KEYS[0]: (Said("VUS", 3),)}),
        ("variant", KEYS[0]),
    ),
    "a second source": (
        replace(KNOWN, consensus={KEYS[0]: (Said("LB", 1),)}),
        ("variant", KEYS[0]),
    ),
    "common in-house": (
        replace(KNOWN, in_house={KEYS[0]: (60, 200, "")}),
        ("variant", KEYS[0]),
    ),
    "a deletion of the population that is half the patient's": (
        replace(KNOWN, structural={("DEL", "chr1", 1051, 1200): 0.2}),
        ("structural", "DEL:chr1:0"),
    ),
    "a deletion of the population over several read keys": (
        replace(KNOWN, structural={("DEL", "chr1", 1, 2_097_151): 0.03}),
        ("structural", "DEL:chr1:1"),
    ),
    "a breakend of the population near the patient's": (
        replace(KNOWN, structural={("BND", "chr1", 1250, 3_000_100): 0.2}),
        ("structural", "BND:chr1:0"),
    ),
    "a crowd around the residue": (
        replace(
            KNOWN,
            assertions={**KNOWN.assertions, **{k: (Said("P", 2),) for k in NEIGHBOURS[1:5]}},
        ),
        ("stretch", "ENST-HGNC:1~0"),
    ),
    "a neighbour at the splice site": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[6]: (Said("P", 2),)}),
        ("null", "HGNC:1"),
    ),
    "GenCC": (replace(KNOWN, gencc={"HGNC:1": "Limited"}), ("gene", "HGNC:1")),
    "ClinGen's validity": (replace(KNOWN, validity={"HGNC:1": "Limited"}), ("gene", "HGNC:1")),
    "how the gene's alleles are spread": (
        replace(KNOWN, spread={"HGNC:1": "missense"}),
        ("gene", "HGNC:1"),
    ),
    "a dosage region": (
        replace(KNOWN, regions={(600, 3_000_000): "3"}),
        ("structural", "DEL:chr1"),
    ),
}


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_a_key_left_out_of_the_changes_is_seen(edit: str, tmp_path: Path) -> None:
    """The equality holds with every key, and fails when the one that matters is dropped."""
    world, key = EDITS[edit]
    one, two = lay_out(tmp_path, "A", KNOWN), lay_out(tmp_path, "B", world)
    store = build(tmp_path, "store", PATIENTS)
    base = full(PATIENTS, store, one, tmp_path / "base")
    whole = shard_state([full(PATIENTS, store, two, tmp_path / "whole")]).digests()
    changes = changes_between(tmp_path, one, two)
    over = delta(PATIENTS, store, two, [base], changes, tmp_path / "over")
    assert shard_state([base, over]).digests() == whole

    # A missense allele is read by its stretch too: that way is closed with the other.
    kept = [
        r
        for r in read_table(changes, CHANGES)
        if (r["kind"], r["key"]) != key and r["kind"] != "stretch"
    ]
    write_changes(changes, kept)
    over = delta(PATIENTS, store, two, [base], changes, tmp_path / "faulty")
    assert shard_state([base, over]).digests() != whole


def test_a_family_that_enters_the_in_house_table_is_evaluated_anew(tmp_path: Path) -> None:
    """The allele's record is the same on both sides; only whose family is counted changed."""
    record = {KEYS[0]: (12, 200, "0:2:2,1:1:2,2:1:2,3:1:2")}
    before, after = (replace(KNOWN, in_house=record, families=f) for f in ({}, {"F1": "0"}))
    one, two = lay_out(tmp_path, "A", before), lay_out(tmp_path, "B", after)
    store = build(tmp_path, "store", PATIENTS)
    base = full(PATIENTS, store, one, tmp_path / "base")
    whole = shard_state([full(PATIENTS, store, two, tmp_path / "whole")])
    assert whole.digests() != shard_state([base]).digests()
    changes = changes_between(tmp_path, one, two)
    assert {(r["resource"], r["kind"]) for r in read_table(changes, CHANGES)} == {
        ("in_house", "family")
    }
    over = delta(PATIENTS, store, two, [base], changes, tmp_path / "over")
    assert shard_state([base, over]).digests() == whole.digests()


def test_cases_that_nothing_touches_are_carried_forward(tmp_path: Path) -> None:
    """An assertion has only those ranked again of whom a finding changed; an annotation has all."""
    one = lay_out(tmp_path, "A", KNOWN)
    store = build(tmp_path, "store", PATIENTS)
    base = full(PATIENTS, store, one, tmp_path / "base")
    everyone = [p.case.id for p in PATIENTS]
    moved = replace(KNOWN, assertions={**KNOWN.assertions, KEYS[0]: (Said("P", 3),)})
    described = replace(KNOWN, described={("OMIM:1", TERMS[2]): "2/3"})
    for name, world in (("asserted", moved), ("described", described)):
        two = lay_out(tmp_path, name, world)
        changes = changes_between(tmp_path, one, two)
        ranked: list[str] = []
        out = tmp_path / f"over-{name}"
        cases = [p.case for p in PATIENTS]
        delta_pass(cases, store, two.bench(), [base], changes, (), out, ranked.append, cases)
        whole = full(PATIENTS, store, two, tmp_path / f"whole-{name}")
        assert shard_state([base, out]).digests() == shard_state([whole]).digests()
        touched = {row["case"] for row in read_table(out / "touched.parquet", TOUCHED)}
        assert ranked == (everyone if name == "described" else sorted(touched))
        assert 0 < len(touched) < len(everyone) or name == "described"


def test_what_is_only_shown_touches_nothing(tmp_path: Path) -> None:
    one = lay_out(tmp_path, "A", KNOWN)
    two = lay_out(tmp_path, "B", replace(KNOWN, panels={"HGNC:1": "3"}))
    store = build(tmp_path, "store", PATIENTS)
    changes = changes_between(tmp_path, one, two)
    assert [(r["resource"], r["key"]) for r in read_table(changes, CHANGES)] == [
        ("panels", "all"),
        ("panels", "HGNC:1"),
    ]
    assert touched_pairs(store, changes, [p.case.id for p in PATIENTS]) == set()


def test_a_disputed_gene_touches_its_cases(tmp_path: Path) -> None:
    one = lay_out(tmp_path, "A", KNOWN)
    two = lay_out(tmp_path, "B", replace(KNOWN, validity={"HGNC:1": "Disputed"}))
    store = build(tmp_path, "store", PATIENTS)
    changes = changes_between(tmp_path, one, two)
    touched = touched_pairs(store, changes, [p.case.id for p in PATIENTS])
    assert touched
    assert {gene for _, gene in touched} == {"HGNC:1"}


def test_a_name_of_a_disease_touches_no_evidence(tmp_path: Path) -> None:
    """Nor does one more disease of a mode that the gene has: only the standing rests on these."""
    more = {**KNOWN.gene_disease, ("HGNC:1", "OMIM:9"): "AD"}
    one, two = (lay_out(tmp_path, n, w) for n, w in (
        ("A", KNOWN), ("B", replace(KNOWN, gene_disease=more))))  # fmt: skip
    store = build(tmp_path, "store", PATIENTS)
    base = full(PATIENTS, store, one, tmp_path / "base")
    whole = shard_state([full(PATIENTS, store, two, tmp_path / "whole")])
    changes = changes_between(tmp_path, one, two)
    assert touched_pairs(store, changes, [p.case.id for p in PATIENTS]) == set()
    over = delta(PATIENTS, store, two, [base], changes, tmp_path / "over")
    assert shard_state([base, over]).digests() == whole.digests()
    assert whole.digests()["standing"] != shard_state([base]).digests()["standing"]


def test_known_nulls_of_a_gene_touch_only_what_reads_them(tmp_path: Path) -> None:
    world, _ = EDITS["a neighbour at the splice site"]
    one, two = lay_out(tmp_path, "A", KNOWN), lay_out(tmp_path, "B", world)
    members = [*PATIENTS, Patient(family("F6"), {0: {"child": GOOD}})]
    store = build(tmp_path, "store", members)
    changes = changes_between(tmp_path, one, two)
    write_changes(changes, [r for r in read_table(changes, CHANGES) if r["kind"] == "null"])
    touched = touched_pairs(store, changes, [p.case.id for p in members])
    read = {
        (row["case"], row["gene"])
        for row in read_table(store.candidates, CANDIDATES)
        if reads_nulls(row["consequence"]) or row["kind"] != "small"
    }
    assert touched == {pair for pair in read if pair[1] == "HGNC:1"}
    assert ("F6", "HGNC:1") not in touched
