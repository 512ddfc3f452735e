"""Files of the demo damaged, and their readers started: a message, or the right bytes."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fault_world import Job, World, changed, ended

HOW: Final = ("cut", "bit", "empty")
"""Cut in half; one bit turned; emptied."""
INVENTORY: Final = "run_manifest"
"""Writes down the checksum of whatever lies there, for ``audit.py`` to hold against it later."""


@dataclass(frozen=True)
class Damage:
    """What a program made of a damaged file."""

    rule: str
    file: str
    how: str
    refused: bool
    named: bool
    """Whether the message names the file; else it names its folder, or what it is an index of."""
    traceback: bool
    """Whether a message is no message but a traceback."""
    wrong: tuple[str, ...]
    """Files that came out otherwise than from sound inputs."""
    said: str

    @property
    def kind(self) -> str:
        """The file without what differs from case to case."""
        return kind_of(self.file)

    @property
    def good(self) -> bool:
        """A message without a traceback, and nothing wrong left behind."""
        return not self.wrong and not self.traceback


def kind_of(name: str) -> str:
    """A path without what differs from case to case, shard to shard, cycle to cycle."""
    return re.sub(r"DEMO-\d+|\d+-of-\d+|20\d\d-\d\d|demo-[AB]", "*", name)


def damages(world: World, seed: int, each: int = 1, at_once: int = 2) -> Iterator[Damage]:
    """Damage every kind of file that a rule reads, in each way, in some of its jobs.

    Args:
        world: a finished demo.
        seed: of what is drawn.
        each: jobs tried of a rule, for each kind of file and each way.
    """
    rng = random.Random(seed)  # noqa: S311
    planned: list[tuple[int, Job, str, str, float]] = []
    for rule in sorted({job.rule for job in world.jobs} - {INVENTORY}):
        reads: dict[str, list[tuple[Job, str]]] = {}
        for job in world.jobs:
            for name in _reads(world, job) if job.rule == rule else ():
                reads.setdefault(kind_of(name), []).append((job, name))
        for kind in sorted(reads):
            for how in HOW:
                for job, name in rng.sample(reads[kind], min(each, len(reads[kind]))):
                    planned.append((len(planned), job, name, how, rng.random()))
    with ThreadPoolExecutor(at_once) as pool:
        for found in pool.map(lambda one: _damaged(world, *one), planned):
            if found is not None:
                yield found


def _reads(world: World, job: Job) -> list[str]:
    """What a job reads in its folder: declared inputs, frozen inputs, its release."""
    folder = world.home / (job.cycle or world.last)
    names = {
        name
        for name in job.inputs
        if not name.startswith(("/", "..")) and (folder / name).is_file()
    }
    found = re.findall(r"releases/[\w.-]+|state/cycles/[\w.-]+/inputs", job.command)
    for place in found:
        for path in sorted((folder / place).rglob("*")):
            if path.is_file() and path.parent.name != "files":
                names.add(str(path.relative_to(folder)))
    return sorted(name for name in names if not name.endswith(".py"))


def _damaged(
    world: World, number: int, job: Job, name: str, how: str, where: float
) -> Damage | None:
    folder = world.before(job, f"damage-{number}")
    path = folder / name
    if not path.is_file():
        shutil.rmtree(folder)
        return None
    was = path.read_bytes()
    if not was:
        shutil.rmtree(folder)
        return None
    path.unlink()
    path.write_bytes(_broken(was, how, where))
    done = ended(world.start(job, folder))
    logs = (folder / "results" / "logs").rglob("*.log")
    said = done.said + "".join(log.read_text(errors="replace") for log in logs)
    wrong = [
        other
        for other in changed(folder, world.right(job))
        if other != name and (done.status == 0 or (folder / other).is_file())
    ]
    if done.status:
        before = world.before(job, f"before-{number}")
        was_there = changed(before, world.right(job))
        wrong = [other for other in wrong if other not in was_there]
        shutil.rmtree(before)
    named, traceback = Path(name).name in said, "Traceback" in said
    shutil.rmtree(folder)
    return Damage(
        job.rule, name, how, done.status != 0, named, traceback, tuple(wrong), said[-600:]
    )


def _broken(content: bytes, how: str, where: float) -> bytes:
    if how == "cut":
        return content[: len(content) // 2]
    if how == "empty":
        return b""
    at = int(where * len(content))
    return content[:at] + bytes([content[at] ^ 1 << int(where * 1e6) % 8]) + content[at + 1 :]
