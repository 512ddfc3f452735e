"""One run at a time: what an orphan makes is not kept, what the dead left is cleared away.

And a disk that refuses is told in words.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from ariane import cli, files, runs
from ariane.model.errors import ArianeError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(runs.VARIABLE, "")
    return tmp_path


def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    return process.pid


def test_a_program_of_the_run_that_started_last_writes(here: Path) -> None:
    runs.begin(runs.new_mark())
    files.write_text(here / "x", "own")
    assert (here / "x").read_text(encoding="utf-8") == "own"


def test_a_program_of_a_run_that_was_followed_writes_nothing(here: Path) -> None:
    runs.begin(runs.new_mark())
    old = os.environ[runs.VARIABLE]
    runs.begin(runs.new_mark())
    files.write_text(here / "x", "of the second")
    os.environ[runs.VARIABLE] = old
    with pytest.raises(ArianeError, match="Another run of the workflow"):
        files.write_text(here / "x", "of the first")
    with (
        pytest.raises(ArianeError, match="Another run"),
        files.staging(here / "folder", "last") as place,
    ):
        (place / "last").write_text("of the first", encoding="utf-8")
    assert (here / "x").read_text(encoding="utf-8") == "of the second"
    assert sorted(path.name for path in here.iterdir()) == [".snakemake", "x"]


@pytest.mark.parametrize("begun", [False, True])
def test_a_program_started_by_hand_writes(here: Path, begun: bool) -> None:
    if begun:
        runs.begin("of somebody else")
    files.write_text(here / "x", "by hand")
    assert (here / "x").read_text(encoding="utf-8") == "by hand"


def test_a_plan_that_never_started_does_not_stop_the_run_before(here: Path) -> None:
    runs.begin(runs.new_mark())
    own = os.environ[runs.VARIABLE]
    runs.new_mark()  # as a dry run does
    os.environ[runs.VARIABLE] = own
    files.write_text(here / "x", "own")


def test_what_the_dead_left_goes_and_what_the_living_hold_stays(here: Path) -> None:
    folder = here / "results" / "cases"
    folder.mkdir(parents=True)
    host, gone = socket.gethostname(), dead()
    files_of_dead = [
        folder / f".candidates.{host}-{gone}-0123abcd.parquet",
        folder / f".knowledge.{host}-{gone}-0123abcd",
    ]
    held = [
        folder / f".candidates.{host}-{os.getpid()}-0123abcd.parquet",
        folder / f".candidates.node7-{gone}-0123abcd.parquet",
        folder / f"candidates.{host}-{gone}-0123abcd.parquet",
        folder / ".hidden",
    ]
    for path in (*files_of_dead[:1], *held):
        path.touch()
    files_of_dead[1].mkdir()
    (files_of_dead[1] / "x").touch()
    old = folder / f".candidates.node7-{gone}-89abcdef.parquet"
    old.touch()
    past = time.time() - runs.FORGOTTEN - 60
    os.utime(old, (past, past))
    assert sorted(runs.left_behind(here)) == sorted([*files_of_dead, old])
    runs.begin(runs.new_mark(), here / "results", here / "none")
    assert sorted(folder.iterdir()) == sorted(held)


def test_each_temporary_name_is_known_again(here: Path) -> None:
    with files.replacing(here / "a.b.parquet") as temporary:
        temporary.touch()
        name = temporary.name
        assert list(runs.left_behind(here)) == []
    pid = f"-{os.getpid()}-"
    (here / name.replace(pid, f"-{dead()}-")).touch()
    assert len(list(runs.left_behind(here))) == 1


@pytest.mark.parametrize("refusal", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_is_told_without_a_traceback(
    refusal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(_: list[str]) -> None:
        raise OSError(refusal, os.strerror(refusal), "results/x.parquet")

    with pytest.raises(SystemExit) as ended:
        cli.run(main)
    assert ended.value.code == cli.EXIT_FAULT
    assert capsys.readouterr().err.startswith(f"results/x.parquet: {os.strerror(refusal)}. ")


def test_another_fault_of_the_system_is_not_hidden() -> None:
    def main(_: list[str]) -> None:
        raise OSError(errno.ELOOP, "x")

    with pytest.raises(OSError, match="x"):
        cli.run(main)


def test_what_failed_programs_said_is_told_once(tmp_path: Path) -> None:
    logs = tmp_path / "results" / "logs" / "rank"
    logs.mkdir(parents=True)
    (logs / "2025-01.0-of-1.log").write_text("going on\nF1: the VCF is cut.\n", encoding="utf-8")
    log = tmp_path / "snakemake.log"
    command = (
        "Command 'set -e;  python rank.py --cases results/logs/other.log > "
        "results/logs/rank/2025-01.0-of-1.log 2>&1' returned non-zero exit status 2."
    )
    log.write_text(f"x\n{command}\ny\n{command}\nCommand 'z' returned non-zero exit status 1.\n",
                   encoding="utf-8")  # fmt: skip
    assert list(runs.failures(log, tmp_path)) == [
        "results/logs/rank/2025-01.0-of-1.log says:\n    going on\n    F1: the VCF is cut."
    ]


def test_a_log_that_a_full_disk_refuses_is_silent_and_other_faults_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.Handler, "handleError", logging.Handler.handleError)
    runs.quiet_about_disks()
    full = logging.StreamHandler(Path("/dev/full").open("w", encoding="utf-8"))  # noqa: SIM115
    full.emit(logging.LogRecord("x", logging.ERROR, "", 0, "x" * 100_000, (), None))
    assert capsys.readouterr().err == ""
    full.emit(logging.LogRecord("x", logging.ERROR, "", 0, "%d", ("no number",), None))
    assert "Logging error" in capsys.readouterr().err
