"""What never becomes an object cannot have opened a finding."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from random_cohorts import cohorts
from random_worlds import worlds
from reanalyse_passes import build
from reanalyse_people import Patient
from reanalyse_release import lay_out
from reanalyse_world import World
from test_reanalyse_exact import PATIENTS

from ariane.rank.evaluate import evaluate
from ariane.rank.shard import (
    Bench,
    by_case_gene,
    evaluate_all,
    local_tables,
    read_candidates,
    stored,
)

DRAWN = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@DRAWN
@given(world=worlds, cohort=cohorts())
def test_columns_tell_what_the_gates_tell_row_by_row(world: World, cohort: list[Patient]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        laid = lay_out(root, "A", world)
        store = build(root, "store", cohort).candidates
        bench = Bench.open(laid.release.folder, laid.folder, "clingen")
        openable = bench.openable()
        cases = {patient.case.id: patient.case for patient in cohort}
        every = read_candidates(store, cases)
        opening = read_candidates(store, cases, openable=openable)
        whole, narrow = (
            local_tables(evaluate_all(cases, rows, bench)) for rows in (every, opening)
        )
        assert narrow == whole
        setting = bench.setting(every)
        for case in cases.values():
            mine = [row for row in every if row["case"] == case.id]
            told = Counter(
                left.step
                for (_, gene), rows in by_case_gene(mine).items()
                for left in evaluate(case, gene, rows, setting).left_out
            )
            parts = list(stored(store, [case.id]))
            assert sum(map(len, parts)) == len(mine)
            before = sum((openable.left_out(p, case.proband) for p in parts), Counter[str]())
            kept = [row for row in opening if row["case"] == case.id]
            after = Counter(
                left.step
                for one in evaluate_all({case.id: case}, kept, bench).values()
                for left in one.left_out
            )
            found = before + after
            assert found.total() == told.total()
            assert found["consequence"] == told["consequence"]
            assert found["frequency"] + found["mode"] == told["frequency"] + told["mode"]


def test_a_pair_is_read_without_the_rest(tmp_path: Path) -> None:
    store = build(tmp_path, "store", PATIENTS).candidates
    every = read_candidates(store, [p.case.id for p in PATIENTS])
    pairs = sorted({(row["case"], row["gene"]) for row in every})
    for pair in pairs:
        expected = [row for row in every if (row["case"], row["gene"]) == pair]
        assert read_candidates(store, [pair[0]], [pair]) == expected
    assert read_candidates(store, [pairs[0][0]], [pairs[-1]]) == []
