"""Writing the demo's files so that equal content is equal bytes: no time, no chance, no host."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pysam

from ariane import files

SEED = "ariane-demo-1"


def rng(*names: object) -> Random:
    """A generator of its own for each named thing, so that adding one thing moves no other.

    The data are invented and hold no secret. Only ``random()`` of it is used: Python promises
    that its sequence never changes.
    """
    return Random(":".join(map(str, (SEED, *names))))  # noqa: S311


def pick(chance: Random, items: Sequence[Any]) -> Any:
    """One of the items."""
    return items[int(chance.random() * len(items))]


def between(chance: Random, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    return low + int(chance.random() * (high - low + 1))


def read_tsv(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated table with a header line."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def tsv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A tab-separated table as text."""
    lines = ["\t".join(columns)]
    lines += ["\t".join(str(row.get(name, "")) for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def write_gzip(path: Path, content: str) -> None:
    """Plain gzip without a time stamp or a name."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as packed:
        packed.write(content.encode())
    files.write_bytes(path, buffer.getvalue())


def write_bgzip(path: Path, content: str) -> None:
    """BGZF, which carries no time stamp, through the locked pysam."""
    with files.replacing(path) as temporary, pysam.BGZFile(str(temporary), "wb", None) as packed:
        packed.write(content.encode())


def write_vcf(path: Path, content: str, index: bool = True) -> None:
    """A VCF as BGZF, with its tabix index when asked."""
    write_bgzip(path, content)
    if index:
        pysam.tabix_index(str(path), preset="vcf", force=True)


def write_fasta(path: Path, sequences: Mapping[str, str], width: int = 60) -> None:
    """A BGZF FASTA with its ``.fai`` and ``.gzi``."""
    parts = []
    for name, bases in sequences.items():
        parts.append(f">{name}\n")
        parts += [bases[i : i + width] + "\n" for i in range(0, len(bases), width)]
    write_bgzip(path, "".join(parts))
    pysam.faidx(str(path))
