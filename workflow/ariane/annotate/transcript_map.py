"""Where a genomic position lies in a transcript, as HGVS counts: ``68-2``, ``-30+5``, ``*12``."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final

from ariane.annotate.genes import Transcript
from ariane.model.errors import ArianeError

_LABEL: Final = re.compile(r"([-*]?)([1-9]\d*)([+-][1-9]\d*)?\Z")


class TranscriptMap:
    """Positions of one transcript, both ways.

    Transcript positions (``index``) count exonic bases from 1 in transcript direction. Labels are
    the positions of HGVS names without accession: coding bases from 1, ``-1`` before the start
    codon, ``*1`` after the stop codon, and introns by the nearer exon base, the middle base of an
    odd intron by the exon before it.

    Args:
        transcript: with exons and coding parts in genomic order.
    """

    __slots__ = (
        "_before",
        "cds_first",
        "cds_last",
        "contiguous",
        "end",
        "ends",
        "kind",
        "length",
        "minus",
        "start",
        "starts",
    )

    def __init__(self, transcript: Transcript) -> None:
        exons = transcript.exons
        self.minus: Final = transcript.strand == "-"
        self.starts: Final = [start for start, _ in exons]
        self.ends: Final = [end for _, end in exons]
        self.start: Final = exons[0][0] if exons else 1
        self.end: Final = exons[-1][1] if exons else 0
        before, total = [0] * len(exons), 0
        for number in reversed(range(len(exons))) if self.minus else range(len(exons)):
            before[number] = total
            total += exons[number][1] - exons[number][0] + 1
        self._before: Final = before
        self.length: Final = total
        self.cds_first = self.cds_last = 0
        self.contiguous = True
        """Whether the coding parts are all of the exons between start and stop codon."""
        if span := transcript.coding_span:
            first, last = self.index(span[0]), self.index(span[1])
            self.contiguous = first > 0 and last > 0
            self.cds_first, self.cds_last = min(first, last), max(first, last)
            coding = sum(end - start + 1 for start, end, _ in transcript.cds)
            self.contiguous &= coding == self.cds_last - self.cds_first + 1
        self.kind: Final = "c" if self.cds_last else "n"

    def exon(self, position: int) -> int:
        """Number of the exon, in genomic order from 0, that holds a genomic position; else -1."""
        number = bisect_right(self.starts, position) - 1
        return number if number >= 0 and position <= self.ends[number] else -1

    def index(self, position: int) -> int:
        """Transcript position of an exonic genomic position; 0 outside exons."""
        number = self.exon(position)
        if number < 0:
            return 0
        if self.minus:
            return self._before[number] + self.ends[number] - position + 1
        return self._before[number] + position - self.starts[number] + 1

    def label(self, position: int) -> str:
        """HGVS position of a genomic position; empty outside the transcript."""
        number = bisect_right(self.starts, position) - 1
        if number < 0 or position > self.end:
            return ""
        end = self.ends[number]
        if position <= end:
            if self.minus:
                return self.index_label(self._before[number] + end - position + 1)
            return self.index_label(self._before[number] + position - self.starts[number] + 1)
        left = position - end
        right = self.starts[number + 1] - position
        if self.minus:
            if right <= left:
                return f"{self.index_label(self.index(self.starts[number + 1]))}+{right}"
            return f"{self.index_label(self.index(end))}-{left}"
        if left <= right:
            return f"{self.index_label(self.index(end))}+{left}"
        return f"{self.index_label(self.index(self.starts[number + 1]))}-{right}"

    def index_label(self, index: int) -> str:
        """HGVS position of a transcript position."""
        if not self.cds_last:
            return str(index)
        if index > self.cds_last:
            return f"*{index - self.cds_last}"
        coding = index - self.cds_first
        return str(coding + 1) if coding >= 0 else str(coding)

    def position(self, label: str) -> int:
        """Genomic position of an HGVS position.

        Raises:
            ArianeError: no such position in this transcript.
        """
        found = _LABEL.match(label)
        if found is None or (found[1] and not self.cds_last):
            raise ArianeError(f"{label}: not a position of this transcript.")
        sign, number, offset = found[1], int(found[2]), int(found[3] or 0)
        if not self.cds_last:
            index = number
        elif sign == "*":
            index = self.cds_last + number
        else:
            index = self.cds_first + (-number if sign else number - 1)
            if not sign and index > self.cds_last:
                index = 0
        anchor = self.genomic(index)
        step = -offset if self.minus else offset
        if not anchor or (step and not self._in_intron_beside(anchor, anchor + step)):
            raise ArianeError(f"{label}: not a position of this transcript.")
        return anchor + step

    def _in_intron_beside(self, anchor: int, position: int) -> bool:
        """Whether a position lies in the intron that begins at an exon's edge."""
        number = self.exon(anchor)
        if position > anchor:
            return (
                anchor == self.ends[number]
                and number + 1 < len(self.starts)
                and position < self.starts[number + 1]
            )
        return anchor == self.starts[number] and number > 0 and position > self.ends[number - 1]

    def genomic(self, index: int) -> int:
        """Genomic position of a transcript position; 0 outside."""
        if not 1 <= index <= self.length:
            return 0
        if self.minus:
            # Exons before which most transcript bases lie come first in genomic order.
            number = bisect_left(self._before, -index + 1, key=int.__neg__)
            return self.ends[number] - (index - self._before[number]) + 1
        number = bisect_right(self._before, index - 1) - 1
        return self.starts[number] + index - self._before[number] - 1
