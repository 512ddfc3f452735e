"""A smoke of the benchmark of time, memory and disk: the same code, a few cases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from reanalyse_small import small_options

from ariane.files import REPOSITORY


@pytest.mark.shared_data
def test_a_cycle_of_a_repeated_cohort_costs_and_tells_what_it_should(tmp_path: Path) -> None:
    out = tmp_path / "speed.json"
    done = subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "benchmark_reanalysis_speed.py",
         *small_options(tmp_path), f"--json={out}", f"--work={tmp_path / 'work'}", "--shards=2",
         "--per-shard=10", "--ranked=1", "--sizes", "--changed=5"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = json.loads(out.read_text(encoding="utf-8"))
    assert made["copies_equal"]
    assert made["exact"] == {"shards": 2, "equal": 2}
    cycles = made["cycles"]
    assert {"full", "hpo-and-assertions", "assertions", "hpo", "5-changed"} == cycles.keys()
    assert all(one["processor_seconds"] > 0 and one["cases"] == 20 for one in cycles.values())
    assert cycles["5-changed"]["pairs_rewritten"] < cycles["full"]["pairs_rewritten"]
    assert made["times_cheaper_than_full"].keys() == cycles.keys() - {"full"}
    assert made["bytes_a_case"]["store"] > 0
    assert "cycle full cases=20" in done.stdout
