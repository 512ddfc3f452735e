"""Fuzz the readers: damaged files in, a result or a plain refusal out, and nothing else.

Each input is a file that a reader reads well, changed as ``fuzz_mutations.py`` says; hypothesis
draws the changes and makes a failing one small. A reader may give a result or raise an ArianeError
that names the file. Any other exception, more than ten seconds or more than 1 GiB fails; the file
goes into the corpus, which the tests read again (``tests/security/test_security_fuzz.py``).
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import logging
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, Final

import pysam
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure, FlakyStrategyDefinition

from ariane import cli
from ariane.files import REPOSITORY, write_text
from ariane.model.errors import ArianeError
from fuzz_readers import Target, targets

CORPUS: Final = REPOSITORY / "tests" / "security" / "corpus"
SECONDS: Final = 10
"""Longer than this on one small file is a hang."""
MEMORY: Final = 1 << 30
"""Bytes that a reader may take beyond what the process holds."""
_AT_ONCE: Final = 100
"""Inputs between two looks at the clock."""

log = logging.getLogger(__name__)


class Broken(AssertionError):
    """A reader did what it must not."""


@dataclass
class Tally:
    """What became of a reader's inputs."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    failures: int = 0
    slowest: float = 0.0
    """Seconds."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise in what takes longer."""

    def late(_: int, __: FrameType | None) -> None:
        raise Broken(f"longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def judge(target: Target, content: bytes, folder: Path) -> bool:
    """Give a reader one file; whether it was read, not refused.

    Raises:
        Broken: neither a result nor an ArianeError that names the file.
    """
    path = folder / target.file
    path.write_bytes(content)
    try:
        with within(SECONDS):
            target.read(path)
    except ArianeError as problem:
        if target.file not in str(problem):
            raise Broken(f"{target.name}: the refusal names no file: {problem}") from problem
        return False
    except Exception as problem:
        place = traceback.extract_tb(problem.__traceback__)[-1]
        told = f"{type(problem).__name__} at {Path(place.filename).name}:{place.lineno}"
        raise Broken(f"{target.name}: {told}: {str(problem)[:200]}") from problem
    finally:
        path.unlink(missing_ok=True)
    return True


def bounded() -> None:
    """Let this process grow by no more than :data:`MEMORY` from here on."""
    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (held * os.sysconf("SC_PAGE_SIZE") + MEMORY, hard))


def attack(
    target: Target, number: int, tally: Tally, folder: Path, examples: int = _AT_ONCE
) -> bytes | None:
    """Try some inputs; gives the smallest one found that breaks the reader, or None."""
    seeds = target.seeds()
    last = b""

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(st.sampled_from(range(len(seeds))), st.randoms(use_true_random=False))
    def meets(which: int, draw: Random) -> None:
        nonlocal last
        content = seeds[which]
        for _ in range(draw.choice((1, 1, 2, 3))):
            content = target.mutate(draw, content)
        began = time.monotonic()
        tally.inputs += 1
        last = content
        whole = judge(target, content, folder)
        tally.slowest = max(tally.slowest, time.monotonic() - began)
        tally.read += whole
        tally.refused += not whole

    try:
        meets()
    except Broken as problem:
        log.warning("%s", problem)
        return last
    except FlakyStrategyDefinition:
        # Where Python's stack ends, and with it some damage to nested documents, is not the same
        # in each try: nothing is wrong with the reader.
        return None
    except FlakyFailure as problem:
        log.warning("%s: not each time: %s", target.name, problem)
        return last
    return None


def main(argv: list[str]) -> int:
    """Attack the readers in turn for some time; status 1 when one broke."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, default=60, help="for how long, all together")
    parser.add_argument("--reader", action="append", choices=sorted(targets()), default=[])
    parser.add_argument("--seed", type=int, default=0, help="another seed tries other inputs")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--json", type=Path, help="what was tried, as JSON")
    args = parser.parse_args(argv)
    logging.getLogger("ariane").setLevel(logging.ERROR)
    pysam.set_verbosity(0)
    chosen = [target for name, target in targets().items() if name in (args.reader or targets())]
    tallies = {target.name: Tally() for target in chosen}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for target in chosen:  # what is loaded once does not count against the first file
            for content in target.seeds():
                judge(target, content, Path(name))
        bounded()
        turn = args.seed * 1_000_000
        try:
            while time.monotonic() - began < args.seconds:
                for target in chosen:
                    if time.monotonic() - began >= args.seconds:
                        break
                    tally = tallies[target.name]
                    # What no signal reaches, a loop in C, ends the process with its stack.
                    faulthandler.dump_traceback_later(_AT_ONCE * SECONDS, exit=True)
                    broken = attack(target, turn, tally, Path(name))
                    if broken is not None:
                        tally.failures += 1
                        keep(args.corpus, target, broken)
                turn += 1
        finally:  # also when it is interrupted
            report(tallies, time.monotonic() - began, args.json)
    return int(any(tally.failures for tally in tallies.values()))


def keep(corpus: Path, target: Target, content: bytes) -> None:
    """Lay a file that broke a reader into the corpus, once."""
    folder = corpus / target.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / sha256(content).hexdigest()[:12]).write_bytes(content)


def report(tallies: dict[str, Tally], seconds: float, path: Path | None) -> None:
    """Tell what was tried."""
    for name, tally in tallies.items():
        print(
            f"{name}: {tally.inputs} inputs, {tally.read} read, {tally.refused} refused, "
            f"{tally.failures} failures, slowest {tally.slowest:.2f} s",
            file=sys.stderr,
        )
    total = sum(tally.inputs for tally in tallies.values())
    print(f"{total} inputs in {seconds:.0f} s.", file=sys.stderr)
    if path is not None:
        told: dict[str, Any] = {name: asdict(tally) for name, tally in tallies.items()}
        write_text(path, json.dumps({"seconds": round(seconds), "readers": told}, indent=1) + "\n")


if __name__ == "__main__":
    cli.run(main)
