"""Where a structural variant lies, told by its key, and how much two of them overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SMALL: Final = "small"
LONG: Final = 50
"""Bases gained or lost from which a variant counts as structural: the size that gnomAD-SV (Collins
and others, Nature 2020), dbVar and the structural callers use."""

OVERLAPPING: Final = frozenset({"DEL", "DUP", "CNV"})
"""Kinds that are compared by reciprocal overlap; the others by their breakpoints."""

BIN: Final = 1 << 20
"""Bases of one read key."""

BREAKEND: Final = re.compile(
    r"(?P<left>[ACGTN.]*)(?P<mark>[\[\]])(?P<chrom>[^\[\]]+):(?P<pos>\d{1,9})(?P=mark)(?P<right>[ACGTN.]*)",
    re.IGNORECASE,
)
"""The ALT of a breakend with a mate (VCF specification, section 5.4)."""

SINGLE: Final = re.compile(r"(?P<left>[ACGTN]+)\.|\.(?P<right>[ACGTN]+)", re.IGNORECASE)
"""The ALT of a breakend without a mate (VCF specification, section 5.4.9): what is kept, and bases
that follow it, before or after the dot that stands for the unknown rest."""

_KEY: Final = re.compile(r"(?P<chrom>.+?)-(?P<pos>\d{1,9})-(?P<ref>[A-Za-z*]*)-(?P<alt>.+)")
_UNWRITTEN: Final = frozenset("<[].")
_SYMBOLIC: Final = re.compile(r"<(?P<word>[^<>]+):(?P<end>\d+)>")


@dataclass(frozen=True)
class Spot:
    """Kind and place of a structural variant. Positions are 1-based, as VCF writes them."""

    kind: str
    """DEL, DUP, INV, BND, CNV, INS or CPX (several changes in one stretch)."""
    chrom: str
    pos: int
    """The base before the variant; of a breakend the last base that is kept."""
    end: int
    """The last base of the variant on ``chrom``; ``pos`` where it takes no base."""
    chrom2: str = ""
    """Contig of a breakend's mate; empty where none is known."""
    pos2: int = 0

    @property
    def low(self) -> int:
        """The first base of the variant."""
        taken = self.kind in OVERLAPPING or self.kind in ("INV", "CPX")
        return self.pos + 1 if taken else self.pos

    @property
    def compared(self) -> bool:
        """Whether frequencies are kept of such a variant: not of what lacks a mate or a form."""
        return self.kind != "CPX" and (self.kind != "BND" or self.chrom2 != "")

    @property
    def high(self) -> int:
        """The last base of the variant; not before the first."""
        return max(self.low, self.end)

    @property
    def anchor(self) -> int:
        """The middle of an interval, else the first breakpoint: what stands for it in a read key.

        An interval that shares at least half of its bases with another holds a base beside its
        middle, so a record that may match lies in this bin.
        """
        return (self.pos + 1 + self.end) // 2 if self.kind in OVERLAPPING else self.pos

    @property
    def read_key(self) -> str:
        """Under which key the structural frequencies of the place are read: ``DEL:chr1:12``."""
        return f"{self.kind}:{self.chrom}:{self.anchor // BIN}"

    @property
    def region_key(self) -> str:
        """Under which key the dosage regions of the chromosome are read: ``DEL:chr1``."""
        return f"{self.kind}:{self.chrom}"


def kind_of(ref: str, alt: str) -> str:
    """The kind of an allele written in full: DEL or INS from 50 bases on, else ``small``."""
    change = len(alt) - len(ref)
    if abs(change) < LONG:
        return SMALL
    return "INS" if change > 0 else "DEL"


def is_symbolic(alt: str) -> bool:
    """Whether an alternative allele is written without its sequence."""
    return "<" in alt or "[" in alt or "]" in alt or SINGLE.fullmatch(alt) is not None


def split_key(variant: str) -> tuple[str, int, str, str] | None:
    """Contig, 1-based position, REF and ALT of a variant's key; None for another text."""
    found = _KEY.fullmatch(variant)
    return (found["chrom"], int(found["pos"]), found["ref"], found["alt"]) if found else None


def spot_of(variant: str) -> Spot | None:
    """Kind and place told by a variant's key; None for a small variant or another text."""
    if len(variant) <= LONG and _UNWRITTEN.isdisjoint(variant):
        return None  # nearly every key of a genome: told without reading it
    found = _KEY.fullmatch(variant)
    if found is None:
        return None
    chrom, pos, alt = found["chrom"], int(found["pos"]), found["alt"]
    if symbolic := _SYMBOLIC.fullmatch(alt):
        return Spot(symbolic["word"].split(":")[0], chrom, pos, int(symbolic["end"]))
    if mate := BREAKEND.fullmatch(alt):
        there = int(mate["pos"])
        end = max(pos, there) if mate["chrom"] == chrom else pos
        return Spot("BND", chrom, pos, end, mate["chrom"], there)
    if SINGLE.fullmatch(alt):
        return Spot("BND", chrom, pos, pos)
    if is_symbolic(alt):
        return None
    kind = kind_of(found["ref"], alt)
    return None if kind == SMALL else Spot(kind, chrom, pos, pos + len(found["ref"]) - 1)


def reciprocal_overlap(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Bases shared by two closed intervals, as a share of the longer one: 0 to 1."""
    shared = min(first[1], second[1]) - max(first[0], second[0]) + 1
    longer = max(first[1] - first[0], second[1] - second[0]) + 1
    return max(0, shared) / longer


def read_keys(kind: str, chrom: str, first: int, last: int) -> Iterator[str]:
    """Every key under which a record that reaches from ``first`` to ``last`` may be read."""
    for number in range(max(0, first) // BIN, max(0, last) // BIN + 1):
        yield f"{kind}:{chrom}:{number}"
