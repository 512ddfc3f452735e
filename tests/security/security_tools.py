"""What the tests of this folder share: how much memory a reader takes, and small bombs."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pysam

REPOSITORY = Path(__file__).resolve().parents[2]
MIB = 1 << 20

_MEASURE = """
import resource, sys
from pathlib import Path
from ariane.model.errors import ArianeError
{setup}
held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    told = {call}
except ArianeError as problem:
    told = problem
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held
print(grown >> 10, str(told)[:2000].replace(chr(10), " "))
"""


def measured(setup: str, call: str, path: Path) -> tuple[int, str]:
    """Run a call in a process of its own: by how many MiB it grew, and what it gave or said.

    Args:
        setup: imports.
        call: an expression over ``path``.
        path: the file.
    """
    code = _MEASURE.format(setup=setup, call=call)
    done = subprocess.run(
        [sys.executable, "-c", f"path = __import__('pathlib').Path({str(path)!r})\n{code}"],
        capture_output=True, text=True, check=False, timeout=300,
        env={"PYTHONPATH": str(REPOSITORY / "workflow"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    grown, _, told = done.stdout.strip().partition(" ")
    return int(grown), told


def gzip_bomb(path: Path, head: bytes, mebibytes: int, filler: bytes = b"A") -> Path:
    """A gzip that begins as it should and goes on with one kind of bytes."""
    with gzip.open(path, "wb", compresslevel=9) as out:
        out.write(head)
        block = (filler * (MIB // len(filler) + 1))[:MIB]
        for _ in range(mebibytes):
            out.write(block)
        out.write(b"\n")
    return path


def bgzip_bomb(path: Path, head: bytes, mebibytes: int) -> Path:
    """The same, packed with bgzip."""
    with pysam.BGZFile(str(path), "wb", index=None) as out:
        out.write(head)
        for _ in range(mebibytes):
            out.write(b"A" * MIB)
        out.write(b"\n")
    return path
