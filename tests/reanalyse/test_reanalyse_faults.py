"""A cycle stopped at a write goes on to the same result, and half a file stands nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import reanalyse_faults
from hypothesis import settings

from ariane.files import REPOSITORY

LONG = settings().max_examples > 1000
"""Whether every fault is tried, and not one in so many."""
PATHS = [REPOSITORY / "workflow", Path(reanalyse_faults.__file__).parent]


@pytest.mark.parametrize(
    ("end", "every", "first"), [("raise", 40, 0), ("kill", 40, 7), ("disk", 8, 0)]
)
def test_a_cycle_stopped_at_a_write_goes_on(
    end: str, every: int, first: int, tmp_path: Path
) -> None:
    chosen = ("1", "0") if LONG else (str(every), str(first))
    run = subprocess.run(
        [sys.executable, reanalyse_faults.__file__, end, str(tmp_path / "work"), *chosen],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATHS))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outcomes = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(outcomes) > 2
    for one in outcomes:
        assert one["status"] == {"raise": 1, "kill": -9, "disk": 1}[end], one
        assert one["foreign"] == [], "half of a file stands under a final name"
        assert end == "kill" or one["left"] == [], one
        assert (one["again"], one["different"]) == (0, []), one
