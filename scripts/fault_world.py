"""The demo as it is after each cycle, the command that made each file, and copies to break."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ariane import runs
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from demo_folder import DEMO, FIRST, NEXT, REGISTRY, command, configuration, digests, lay_out

INPUTS: Final = ("families.tsv", "decisions.tsv", "ped", "phenopackets", "vcf", "releases")
"""Of the demo, copied so that they can be broken."""
JOURNALED: Final = "state/registry/"
"""Keys and ciphers are drawn: what lies here has other bytes each time, and is verified instead."""
PROGRESS: Final = ("logs", "timings")
STATEFUL: Final = {"freeze": "state/cycles/{cycle}", "write_back": "state/registry"}
"""Rules that write what is no output of theirs, and where."""


@dataclass(frozen=True)
class Job:
    """One step of the workflow, as Snakemake ran it."""

    rule: str
    cycle: str
    """Empty where it belongs to none."""
    command: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass
class Ended:
    """How a program ended, and what it said."""

    status: int
    said: str
    seconds: float


@dataclass
class World:
    """A finished demo, and what it was between its cycles.

    Args:
        home: a folder, made when absent.
        cycles: those that are run.
        cases: how many of the demo's, unless all.
    """

    home: Path
    cycles: Sequence[str] = (FIRST, NEXT)
    cases: int = 0
    digests: dict[str, dict[str, str]] = field(default_factory=dict)
    """After each cycle: files and their checksums."""
    jobs: list[Job] = field(default_factory=list)

    def make(self) -> None:
        """Run the cycles and keep what lies there after each."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.lay_out(self.home / "before")
        folder = self.home / "whole"
        shutil.copytree(self.home / "before", folder)
        for cycle in self.cycles:
            done = self.snakemake(folder, cycle)
            if done.status:
                raise ArianeError(f"The demo itself failed:\n{done.said[-3000:]}")
            shutil.copytree(folder, self.home / cycle)
            self.digests[cycle] = digests(folder)
        self.jobs = sorted(_jobs_of(folder), key=lambda job: (job.rule, job.outputs))

    @property
    def last(self) -> str:
        """The last cycle."""
        return self.cycles[-1]

    def lay_out(self, folder: Path) -> None:
        """The demo before its first cycle, with inputs of its own."""
        folder.mkdir()
        lay_out(folder)
        for name in INPUTS:
            copy = shutil.copytree if (DEMO / name).is_dir() else shutil.copy
            copy(DEMO / name, folder / name)
        if self.cases:
            sheet = folder / "families.tsv"
            lines = sheet.read_text(encoding="utf-8").splitlines(keepends=True)
            sheet.write_text("".join(lines[: self.cases + 1]), encoding="utf-8")
            kept = {line.split("\t")[0] for line in lines[: self.cases + 1]}
            decided = folder / "decisions.tsv"
            lines = decided.read_text(encoding="utf-8").splitlines(keepends=True)
            lines = [line for line in lines if line.split("\t")[0] in kept]
            decided.write_text("".join(lines), encoding="utf-8")
        for cycle in (FIRST, NEXT):
            path = configuration(folder, cycle)
            config = yaml.safe_load(path.read_text(encoding="utf-8"))
            config |= {name.partition(".")[0]: name for name in INPUTS if name in _NAMED}
            path.write_text(yaml.safe_dump(config), encoding="utf-8")

    def snakemake(self, folder: Path, cycle: str, *more: str, seconds: float = 600) -> Ended:
        """Run a cycle in a folder."""
        return ended(start(command(folder, cycle, *more), folder), seconds)

    def copied(self, name: str, cycle: str) -> Path:
        """A copy to break: results are linked, for whoever writes them puts a new file in place.

        Args:
            name: of the copy.
            cycle: after which; empty for before any.
        """
        target, source = self.home / name, self.home / (cycle or "before")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for path in source.iterdir():
            if path.name == ".snakemake":
                continue
            if path.name == "results":
                for part in path.iterdir():
                    if part.name in PROGRESS:
                        _folders_of(part, target / "results" / part.name)
                    else:
                        shutil.copytree(part, target / "results" / part.name, copy_function=os.link)
            elif path.is_dir():
                shutil.copytree(path, target / path.name)
            else:
                shutil.copy2(path, target / path.name)
        return target

    def before(self, job: Job, name: str) -> Path:
        """A copy in which a job has not run yet."""
        folder = self.copied(name, job.cycle or self.last)
        for output in job.outputs:
            (folder / output).unlink()
        if job.rule in STATEFUL:
            earlier = self.home / (FIRST if job.cycle == NEXT else "before")
            own = STATEFUL[job.rule].format(cycle=job.cycle)
            shutil.rmtree(folder / own)
            if (earlier / own).is_dir():
                shutil.copytree(earlier / own, folder / own)
            if job.rule == "write_back":
                shutil.copy2(earlier / REGISTRY, folder / REGISTRY)
        return folder

    def right(self, job: Job) -> Mapping[str, str]:
        """Files and checksums once a job has run."""
        return self.digests[job.cycle or self.last]

    def start(self, job: Job, folder: Path) -> subprocess.Popen[str]:
        """Start a job's program as Snakemake does."""
        prefix = f"set -euo pipefail; export PATH={Path(sys.executable).parent}:$PATH; "
        words = ["/snakemake/__main__.py", *command(folder, job.cycle or self.last)[3:]]
        return start(["bash", "-c", prefix + job.command], folder, ARIANE_COMMAND=to_json(words))


_NAMED: Final = {"families.tsv", "decisions.tsv", "releases"}


def start(words: Sequence[str], folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a program in a session of its own, so that all it starts can be killed with it."""
    return subprocess.Popen(
        words,
        cwd=folder,
        env={**os.environ, **environment},
        start_new_session=True,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def ended(process: subprocess.Popen[str], seconds: float = 600) -> Ended:
    """Wait for a program.

    Raises:
        ArianeError: it does not end.
    """
    begin = time.monotonic()
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        raise ArianeError(f"{process.args} has not ended after {seconds} s") from None
    return Ended(process.returncode, said, time.monotonic() - begin)


def kill(process: subprocess.Popen[str], alone: bool = False) -> None:
    """``kill -9`` of a program and of all that it started, or of itself alone."""
    with suppress(ProcessLookupError):
        if alone:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout and not alone:
        process.stdout.close()


def changed(folder: Path, right: Mapping[str, str]) -> list[str]:
    """Files that differ from the right ones, or are too many, or missing."""
    found = digests(folder)
    return sorted(
        name for name in found.keys() | right.keys() if found.get(name) != right.get(name)
    )


def temporary(folder: Path) -> list[str]:
    """Temporary files that dead programs left."""
    return [
        str(path.relative_to(folder))
        for part in ("results", "state")
        for path in runs.left_behind(folder / part)
    ]


def _folders_of(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in source.rglob("*"):
        if path.is_dir():
            (target / path.relative_to(source)).mkdir(parents=True, exist_ok=True)


def _jobs_of(folder: Path) -> Iterator[Job]:
    """What Snakemake kept of each job in its own folder, a record for each output."""
    kept = folder / ".snakemake" / "metadata"
    outputs: dict[str, list[str]] = {}
    records: dict[str, dict[str, Any]] = {}
    for path in kept.rglob("*"):
        if path.is_file():
            code = "".join(part.removeprefix("@") for part in path.relative_to(kept).parts)
            record = json.loads(path.read_text(encoding="utf-8"))
            if record.get("shellcmd"):
                name = base64.urlsafe_b64decode(code).decode()
                outputs.setdefault(record["shellcmd"], []).append(name)
                records[record["shellcmd"]] = record
    for words, made in outputs.items():
        record = records[words]
        cycles = [name.split("/")[2] for name in made if name.startswith("results/cycles/")]
        yield Job(
            record["rule"],
            cycles[0] if cycles else "",
            words,
            tuple(record["input"]),
            tuple(sorted(made)),
        )
