"""One run of both demo cycles serves every test of the workflow, in whichever process it is."""

from __future__ import annotations

import fcntl
import os

import pytest
from demo_run import FIRST, NEXT, Run, new_run


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Made by the process that asks first; the others wait for it. Only test_workflow_demo.py runs
    the workflow in it again.
    """
    own = tmp_path_factory.getbasetemp()
    # As deep as a process' own folders: copies of it name programs relative to where they lie.
    shared = own.parent / "shared" if "PYTEST_XDIST_WORKER" in os.environ else own
    shared.mkdir(exist_ok=True)
    folder, done = shared / "demo-of-all", shared / "demo-of-all.done"
    with (shared / "demo-of-all.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            run = new_run(folder)
            for cycle in (FIRST, NEXT):
                made = run.snakemake(cycle)
                assert made.returncode == 0, made.stderr[-4000:]
            done.touch()
    return Run(folder)
