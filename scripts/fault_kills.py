"""Programs of the demo killed at a random instant, and started again."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ariane.files import REPOSITORY
from ariane.model.errors import ArianeError
from demo_folder import digests
from fault_world import JOURNALED, Job, World, changed, ended, kill, temporary


@dataclass(frozen=True)
class Trial:
    """What came of one kill."""

    rule: str
    at: float
    """Share of the job's usual time after which it was killed; above 1 it had mostly ended."""
    alive: bool
    """Whether it was still at work."""
    foreign: tuple[str, ...]
    """Files that were then neither as before nor as they should become."""
    left: int
    """Temporary files that lay about."""
    status: int
    """Of the same command, started again."""
    wrong: tuple[str, ...]
    """Files that then differ from those of an undisturbed run."""
    said: str

    @property
    def good(self) -> bool:
        """Whether nothing was lost, halved or different."""
        return not self.foreign and not self.wrong and self.status == 0


def usual_seconds(world: World) -> dict[str, float]:
    """Seconds that an undisturbed job of each rule takes; it must give the right bytes.

    Raises:
        ArianeError: it does not: then no kill would tell anything.
    """
    taken = {}
    for rule in sorted({job.rule for job in world.jobs}):
        job = next(job for job in world.jobs if job.rule == rule)
        folder = world.before(job, f"usual-{rule}")
        done = ended(world.start(job, folder))
        wrong = changed(folder, world.right(job))
        if done.status or wrong:
            raise ArianeError(f"Undisturbed, {job} differs: {wrong} {done.said[-2000:]}")
        taken[rule] = done.seconds
        shutil.rmtree(folder)
    return taken


def kills(world: World, count: int, seed: int, at_once: int = 2) -> Iterator[Trial]:
    """Kill programs, all rules alike often, each at an instant drawn over its whole time."""
    usual = usual_seconds(world)
    rng = random.Random(seed)  # noqa: S311
    by_rule = {rule: [j for j in world.jobs if j.rule == rule] for rule in usual}
    rules = sorted(by_rule)
    drawn = [
        (n, rng.choice(by_rule[rules[n % len(rules)]]), rng.uniform(0, 1.1)) for n in range(count)
    ]
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(lambda one: _trial(world, *one, usual), drawn)


def _trial(world: World, number: int, job: Job, at: float, usual: dict[str, float]) -> Trial:
    folder = world.before(job, f"kill-{number}")
    was, right = digests(folder), world.right(job)
    process = world.start(job, folder)
    try:
        process.communicate(timeout=at * usual[job.rule])
        alive = False
    except subprocess.TimeoutExpired:
        alive = True
    kill(process)
    now = digests(folder)
    foreign = [
        name
        for name in sorted(was.keys() | now.keys() | right.keys())
        if now.get(name) not in (was.get(name), right.get(name))
    ]
    left = temporary(folder)
    again = ended(world.start(job, folder))
    wrong = changed(folder, right)
    if job.rule == "write_back":
        wrong += _journal_faults(folder)
    shutil.rmtree(folder)
    return Trial(
        job.rule, at, alive, tuple(foreign), len(left), again.status, tuple(wrong),
        "" if again.status == 0 else again.said[-500:],
    )  # fmt: skip


def _journal_faults(folder: Path) -> list[str]:
    """What the journals of a folder's registries say against it."""
    found = []
    for state in sorted((folder / JOURNALED).iterdir()):
        command = [sys.executable, REPOSITORY / "scripts" / "registry_journal.py"]
        done = subprocess.run(
            [*command, "verify", "--state", state], capture_output=True, text=True, check=False
        )
        if done.returncode:
            found.append(f"{state.name}: {done.stdout}{done.stderr}")
    return found
