"""One run of both demo cycles serves every test of the workflow."""

from __future__ import annotations

import pytest
from demo_run import FIRST, NEXT, Run, new_run


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = new_run(tmp_path_factory.mktemp("demo"))
    for cycle in (FIRST, NEXT):
        done = run.snakemake(cycle)
        assert done.returncode == 0, done.stderr[-4000:]
    return run
