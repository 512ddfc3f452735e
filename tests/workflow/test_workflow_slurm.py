"""On a real SLURM, skipped where there is none: nodes die, the bytes are those of one machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from demo_run import FIRST, NEXT, REPOSITORY, new_run

import slurm_cluster
from demo_folder import digests
from slurm_cluster import Cluster

pytestmark = pytest.mark.workflow

PROFILE = REPOSITORY / "workflow" / "profiles" / "slurm"
DEMO_ASKED = "ARIANE_TEST_SLURM"
"""Set by ``make test-slurm``: the demo takes many minutes there, a job starts Snakemake twice."""
DYING = "node2"
STARTED: list[subprocess.Popen[str]] = []
"""Runs of Snakemake, which must not outlive the test."""

TOY = """
rule all:
    input:
        expand("out/{number}.txt", number=range(4)),

rule one:
    output:
        "out/{number}.txt",
    resources:
        mem_mb=lambda wildcards, attempt: 100 * attempt,
        runtime=5,
    shell:
        "sleep 6; echo {wildcards.number} > {output:q}"
"""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if reason := slurm_cluster.unable():
        pytest.skip(reason)
    folder = Path(
        tempfile.mkdtemp(prefix="slurm-")
    )  # short: a socket's path has 107 letters at most
    try:
        with slurm_cluster.running(folder) as one:
            yield one
    finally:
        for run in STARTED:
            run.kill()
            run.wait()
        STARTED.clear()
        shutil.rmtree(folder, ignore_errors=True)


def start(cluster: Cluster, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "snakemake", "--directory", str(folder),
        "--workflow-profile", str(PROFILE), "--slurm-init-seconds-before-status-checks", "3",
        "--jobs", "6", *more,
    ]  # fmt: skip
    with (folder / "snakemake.log").open("a") as out:
        run = subprocess.Popen(
            command, cwd=folder, env=cluster.environment, stdout=out, stderr=out, text=True
        )
    STARTED.append(run)
    return run


def ended(run: subprocess.Popen[str], folder: Path, patience: float) -> None:
    try:
        code = run.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        run.kill()
        code = -1
    assert code == 0, (folder / "snakemake.log").read_text()[-6000:]


def wait_for(reached: Callable[[], bool], run: subprocess.Popen[str], patience: float) -> None:
    end = time.monotonic() + patience
    while not reached():
        assert run.poll() is None, "the run ended before a node was killed"
        assert time.monotonic() < end, "nothing ran on the node that was to be killed"
        time.sleep(0.5)


def busy(cluster: Cluster, done: int) -> bool:
    jobs = cluster.jobs()
    finished = sum(job["state"] == "COMPLETED" for job in jobs)
    running = any(job["state"] == "RUNNING" and job["node"] == DYING for job in jobs)
    return finished >= done and running


def lost_jobs(cluster: Cluster) -> list[str]:
    return [job["comment"] for job in cluster.jobs() if job["state"] == "NODE_FAIL"]


def test_jobs_of_a_dead_node_run_again_on_another(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(TOY)
    run = start(cluster, tmp_path)
    wait_for(lambda: busy(cluster, 0), run, 120)
    cluster.kill_node(DYING)
    ended(run, tmp_path, 300)
    written = [(tmp_path / f"out/{number}.txt").read_text() for number in range(4)]
    assert written == [f"{number}\n" for number in range(4)]
    assert lost_jobs(cluster), "a job died with its node"
    assert cluster.states()[DYING].startswith("down")


@pytest.mark.skipif(
    not os.environ.get(DEMO_ASKED), reason="ten minutes on two cores: make test-slurm"
)
def test_the_demo_ends_with_the_bytes_of_a_local_run(cluster: Cluster, tmp_path: Path) -> None:
    local, far = tmp_path / "local", tmp_path / "cluster"
    local.mkdir()
    far.mkdir()
    one = new_run(local)
    new_run(far)
    started = time.monotonic()
    for cycle in (FIRST, NEXT):
        made = one.snakemake(cycle)
        assert made.returncode == 0, made.stderr[-4000:]
    print(f"one machine: {time.monotonic() - started:.0f} s")
    for cycle in (FIRST, NEXT):
        started = time.monotonic()
        options = ("--snakefile", str(REPOSITORY / "Snakefile"), "--configfile", f"{cycle}.yaml")
        run = start(cluster, far, *options)
        if cycle == FIRST:
            wait_for(lambda: busy(cluster, 8), run, 600)
            cluster.kill_node(DYING)
            print(f"{DYING} killed after {time.monotonic() - started:.0f} s")
        ended(run, far, 3600)
        print(f"SLURM, cycle {cycle}: {time.monotonic() - started:.0f} s")
    print(f"jobs: {len(cluster.jobs())}, lost with the node: {', '.join(lost_jobs(cluster))}")
    assert lost_jobs(cluster), "a job died with its node"
    expected, found = digests(local), digests(far)
    print(f"files compared: {len(expected)}")
    assert len(expected) > 300
    assert found == expected


def test_the_profile_leaves_the_site_to_its_users() -> None:
    told = yaml.safe_load((PROFILE / "profile.yaml").read_text(encoding="utf-8"))
    assert told["executor"] == "slurm"
    assert told["slurm-no-requeue"]
    assert told["retries"] >= 1
    assert not {"default-resources", "set-resources", "groups"} & set(told)
    for path in (REPOSITORY / "rules").glob("*.smk"):
        text = path.read_text(encoding="utf-8")
        for word in ("slurm_account", "slurm_partition", "partition=", "account=", "group:"):
            assert word not in text, f"{path.name}: {word}"
