"""Regions of the genome: what is streamed of a file that is too large to be stored."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ariane.knowledge.regions import bed_lines, joined
from ariane.model.canonical import digest
from ariane.model.errors import Fault, InputFaults

Span = tuple[int, int]
"""0-based, half open."""


def bare(contig: str) -> str:
    """A contig's name without ``chr``, the mitochondrion as ``MT``."""
    name = contig.removeprefix("chr")
    return "MT" if name == "M" else name


@dataclass(frozen=True)
class Regions:
    """Disjoint, sorted spans by contig, the contig without ``chr``."""

    spans: Mapping[str, tuple[Span, ...]]

    @classmethod
    def of(cls, parts: Iterable[tuple[str, int, int]]) -> Regions:
        """Join overlapping and touching parts: contig, start, end (0-based, half open)."""
        by_contig: dict[str, list[Span]] = {}
        for contig, start, end in parts:
            by_contig.setdefault(bare(contig), []).append((max(0, start), end))
        return cls({name: tuple(joined(found)) for name, found in sorted(by_contig.items())})

    def on(self, contig: str) -> tuple[Span, ...]:
        """Spans on a contig, whichever way it is written."""
        return self.spans.get(bare(contig), ())

    @cached_property
    def digest(self) -> str:
        """Sixteen digits that tell these regions from others."""
        return digest({name: [list(s) for s in spans] for name, spans in self.spans.items()})

    @property
    def bases(self) -> int:
        """Number of bases."""
        return sum(end - start for spans in self.spans.values() for start, end in spans)


def overlaps(spans: tuple[Span, ...], start: int, end: int) -> bool:
    """Whether a part of a contig touches any of its sorted, disjoint spans."""
    at = bisect_right(spans, (start, 1 << 62)) - 1
    return (at >= 0 and spans[at][1] > start) or (at + 1 < len(spans) and spans[at + 1][0] < end)


def read_bed(path: Path, padding: int = 0) -> Regions:
    """Read a BED file.

    Args:
        path: plain or gzip.
        padding: bases added on both sides.

    Raises:
        ArianeError: there is no such file.
        InputFaults: lines that are no regions, each with its number; or no region at all.
    """
    parts = [(contig, start - padding, end + padding) for contig, start, end in bed_lines(path)]
    if not parts:
        raise InputFaults([Fault(str(path), "", "it holds no region", "Give a BED file")])
    return Regions.of(parts)
