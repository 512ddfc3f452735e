"""Programs run two at a time, as a workflow runs them on two cores, and what they cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ariane.files import REPOSITORY
from ariane.model.errors import ArianeError

AT_ONCE: Final = 2
"""Programs that run at one time: one a core."""
_EVERY: Final = 0.02
"""Seconds between two looks at what runs."""

Job = Sequence[str | Path]
"""A program of ``scripts/`` and its arguments."""


@dataclass
class Spent:
    """What some programs cost."""

    wall: float = 0.0
    """Seconds from the first start to the last end."""
    cpu: dict[str, float] = field(default_factory=dict)
    """Processor seconds, of the system too, by program."""
    together: int = 0
    """Most bytes of memory that all running programs held at one time."""
    most: dict[str, int] = field(default_factory=dict)
    """Most bytes of memory that one run held, by program."""

    @property
    def seconds(self) -> float:
        """Processor seconds of all programs."""
        return sum(self.cpu.values())


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    program: str
    left: deque[Job]
    log: Path
    most: int = 0


def run_all(chains: Iterable[Sequence[Job]], log: Path, at_once: int = AT_ONCE) -> Spent:
    """Run chains of programs, each program of a chain after the one before it.

    Memory is what Linux tells of each process (``/proc``); the programs start no others.

    Args:
        chains: the programs.
        log: a folder for what they say.
        at_once: programs that run at one time.

    Raises:
        ArianeError: a program failed.
    """
    spent = Spent()
    waiting = deque(deque(chain) for chain in chains if chain)
    running: list[_Running] = []
    begin = time.monotonic()
    log.mkdir(parents=True, exist_ok=True)
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(_start(waiting.popleft(), log))
            time.sleep(_EVERY)
            held = 0
            for one in running:
                now, peak = _memory(one.process.pid)
                one.most = max(one.most, peak)
                held += now
            spent.together = max(spent.together, held)
            still = []
            for one in running:
                pid, status, usage = os.wait4(one.process.pid, os.WNOHANG)
                if not pid:
                    still.append(one)
                    continue
                one.process.returncode = os.waitstatus_to_exitcode(status)
                if one.process.returncode:
                    said = one.log.read_text(encoding="utf-8")[-2000:]
                    raise ArianeError(f"{one.program} failed, see {one.log}:\n{said}")
                used = usage.ru_utime + usage.ru_stime
                spent.cpu[one.program] = spent.cpu.get(one.program, 0.0) + used
                spent.most[one.program] = max(spent.most.get(one.program, 0), one.most)
                if one.left:
                    waiting.appendleft(one.left)
            running = still
    finally:
        for one in running:
            if one.process.returncode is None:
                one.process.kill()
                one.process.wait()
    spent.wall = time.monotonic() - begin
    return spent


def _start(chain: deque[Job], log: Path) -> _Running:
    program, *arguments = chain.popleft()
    script = REPOSITORY / "scripts" / program
    path = log / f"{Path(program).stem}.{time.monotonic_ns()}.log"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "workflow")}
    with path.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, script, *map(str, arguments)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    return _Running(process, str(program), chain, path)


def _memory(pid: int) -> tuple[int, int]:
    """Bytes that a process holds, and the most it ever held; 0 when it has ended."""
    told = {"VmRSS": 0, "VmHWM": 0}
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            name, _, rest = line.partition(":")
            if name in told:
                told[name] = int(rest.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        return 0, 0
    return told["VmRSS"], told["VmHWM"]
