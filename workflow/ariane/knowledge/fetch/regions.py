"""Regions of the genome: what is streamed of a file that is too large to be stored."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ariane.files import open_text
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError, Fault, InputFaults

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
        return cls({name: _joined(found) for name, found in sorted(by_contig.items())})

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
    if not path.is_file():
        raise ArianeError(f"{path}: there is no such file. Check the path.")
    parts: list[tuple[str, int, int]] = []
    faults: list[Fault] = []
    with open_text(path) as handle:
        for number, line in enumerate(handle, 1):
            if not line.strip() or line.startswith(("#", "track", "browser")):
                continue
            fields = line.split()
            if len(fields) < 3 or not (fields[1].isdigit() and fields[2].isdigit()):
                what = f"{line.strip()[:40]!r} is no region"
                faults.append(Fault(f"{path}:{number}", "", what, "Write: contig, start, end"))
            elif int(fields[1]) >= int(fields[2]):
                what = f"the region ends at {fields[2]}, before it begins"
                faults.append(
                    Fault(f"{path}:{number}", "", what, "Start is 0-based, end is not in")
                )
            else:
                parts.append((fields[0], int(fields[1]) - padding, int(fields[2]) + padding))
    if not parts and not faults:
        faults.append(Fault(str(path), "", "it holds no region", "Give a BED file"))
    if faults:
        raise InputFaults(faults)
    return Regions.of(parts)


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
