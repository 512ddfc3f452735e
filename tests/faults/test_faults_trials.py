"""A few of the trials of ``make bench-faults``, on two of the demo's cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bench_faults

pytestmark = pytest.mark.workflow


def test_killed_damaged_and_orphaned_the_demo_ends_with_the_right_bytes(tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    asked = ["--kills", "16", "--runs", "0", "--damage", "0", "--no-machine", "--cases", "2"]
    status = bench_faults.main(
        [*asked, "--cycles", "1", "--json", str(out), "--work", str(tmp_path)]
    )
    told = json.loads(out.read_text(encoding="utf-8"))
    assert status == 0, told
    assert len(told["kills"]) == 16
    assert len({one["rule"] for one in told["kills"]}) > 10
    assert any(one["alive"] for one in told["kills"])
