"""The benchmark of plans, on a small cohort: what is planned again, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import bench_dag

pytestmark = pytest.mark.workflow

CASES = 20


def test_plans_of_a_generated_cohort(tmp_path: Path) -> None:
    found = bench_dag.measure(tmp_path / "cohort", CASES)
    jobs = {name: cost["jobs"] for name, cost in found["plans"].items()}
    first = jobs["first plan, every VCF is read"]
    assert first >= 2 * CASES
    assert jobs["the same again"] == jobs["a cycle that has begun, nothing made"] == first
    assert jobs["nothing to do"] == 0
    start = found["plans"]["the start of one job on a node"]
    assert start["jobs"] == 1
    assert 0 < start["processor"] < 60
    assert (tmp_path / "cohort" / "results/cases/CASE-000001/candidates.parquet").is_file()
    batch = jobs[f"{bench_dag.BATCH} new cases only"]
    assert batch == 2 * bench_dag.BATCH + 1, "annotation and quality of each, and the target"
    following = jobs[f"the next cycle, with {bench_dag.BATCH} new cases"]
    assert following > batch, "the new cases, and the cohort's steps"
    shared = first - 2 * CASES
    assert following <= 2 * bench_dag.BATCH + shared + 2, "no old case is annotated again"


@pytest.mark.parametrize(
    "target", ["results/store/000-of-016/candidates.parquet", "results/cycles/c2/cohort.html"]
)
def test_what_rests_on_the_whole_cohort_is_not_made_of_a_batch(tmp_path: Path, target: str) -> None:
    world = bench_dag.World(tmp_path / "cohort", 3)
    world.lay_out()
    with pytest.raises(RuntimeError, match="MissingRuleException"):
        world.plan("batch", target)
