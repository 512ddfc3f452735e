"""Contig names: ``1`` and ``chr1``, ``MT`` and ``chrM`` are one, written as the reference does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Contigs:
    """The contigs of a reference with their lengths."""

    lengths: Mapping[str, int]

    @classmethod
    def of_index(cls, fai: Path) -> Contigs:
        """Read a FASTA index."""
        rows = (line.split("\t") for line in fai.read_text(encoding="utf-8").splitlines())
        return cls({row[0]: int(row[1]) for row in rows})

    def name(self, raw: str) -> str:
        """The reference's name for a contig; the name as given when the reference lacks it."""
        for candidate in spellings(raw):
            if candidate in self.lengths:
                return candidate
        return raw


def spellings(raw: str) -> Iterable[str]:
    """The ways one human contig is written, the given way first."""
    bare = raw.removeprefix("chr")
    mitochondrial = bare in ("M", "MT")
    yield raw
    yield from ("chrM", "MT", "M", "chrMT") if mitochondrial else (f"chr{bare}", bare)
