"""Positions on all transcripts of one contig at once, as :mod:`transcript_map` tells one's.

Positions of every transcript lie behind one another on a single number line, so that one search
finds the exon of each of a million (transcript, position) pairs. A test holds both ways together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.genes import Transcript

Whole = np.ndarray[Any, np.dtype[np.int64]]
Truth = np.ndarray[Any, np.dtype[np.bool_]]

APART: Final = 34
"""Power of two by which things on the number line lie apart: more than any contig is long."""


class Located(NamedTuple):
    """Where positions lie on their transcripts; see :meth:`ContigMap.locate`."""

    exon: Whole
    """Number, among all exons of the contig, of the exon that holds a position or lies before it;
    meaningless where ``inside`` and ``between`` are both false."""
    inside: Truth
    """In that exon."""
    between: Truth
    """In the intron behind it."""

    def of(self, rows: np.ndarray[Any, Any]) -> Located:
        """Those of some rows."""
        return Located(self.exon[rows], self.inside[rows], self.between[rows])


class ContigMap:
    """The transcripts of one contig.

    Args:
        transcripts: with exons and coding parts in genomic order.
    """

    def __init__(self, transcripts: Sequence[Transcript]) -> None:
        counts = np.array([len(t.exons) for t in transcripts], dtype=np.int64)
        table = np.array([e for t in transcripts for e in t.exons], dtype=np.int64).reshape(-1, 2)
        self.counts: Final = counts
        """Exons of each transcript."""
        self.first: Final = np.cumsum(counts) - counts
        """Number of each transcript's first exon in genomic order."""
        self.starts: Final = np.ascontiguousarray(table[:, 0])
        self.ends: Final = np.ascontiguousarray(table[:, 1])
        self.owner: Final = np.repeat(np.arange(len(transcripts)), counts)
        """Transcript of each exon."""
        self.minus: Final = np.array([t.strand == "-" for t in transcripts], dtype=bool)
        self._line = (self.owner << APART) + self.starts
        lengths = self.ends - self.starts + 1
        upto = np.cumsum(lengths) - lengths
        upto -= upto[self.first[self.owner]] if len(upto) else upto
        whole = np.zeros(len(transcripts), dtype=np.int64)
        np.add.at(whole, self.owner, lengths)
        self._before = np.where(
            self.minus[self.owner], whole[self.owner] - upto - lengths, upto
        ).astype(np.int64)
        spans = [t.coding_span or (0, 0) for t in transcripts]
        self.coding: Final = np.array(spans, dtype=np.int64).reshape(-1, 2)
        """First and last coding base of each transcript; zeros for an RNA."""
        every = np.arange(len(transcripts))
        ends = [self.index(every, self.coding[:, n]) for n in (0, 1)]
        self.cds_first: Final = np.minimum(*ends)
        self.cds_last: Final = np.maximum(*ends)
        """Transcript positions of the coding part's ends; zeros for an RNA."""
        self.regular: Final = self._regular(lengths)
        """Transcripts whose exons and introns are long enough to be told apart base by base."""

    def locate(self, transcript: Whole, position: Whole) -> Located:
        """Find the exon of each position on its transcript."""
        line = (transcript << APART) + position
        exon = np.searchsorted(self._line, line, side="right") - 1
        held = exon >= self.first[transcript]
        exon = np.maximum(exon, 0)
        if not len(self.ends):
            none = np.zeros(len(position), dtype=bool)
            return Located(exon, none, none)
        inside = held & (position <= self.ends[exon])
        last = exon + 1 >= self.first[transcript] + self.counts[transcript]
        return Located(exon, inside, held & ~inside & ~last)

    def index(self, transcript: Whole, position: Whole) -> Whole:
        """Transcript position of each exonic position; 0 for others."""
        at = self.locate(transcript, position)
        index: Whole = np.where(at.inside, self._index(at.exon, position), 0)
        return index

    def labels(self, transcript: Whole, position: Whole, at: Located) -> pa.StringArray:
        """HGVS position of each position inside its transcript: ``68-2``, ``-30+5``, ``*12``."""
        following = np.minimum(at.exon + 1, max(0, len(self.ends) - 1))
        left = position - self.ends[at.exon]
        right = self.starts[following] - position
        minus = self.minus[transcript]
        # Of an intron's middle base the exon that comes first in the transcript counts.
        from_left = np.where(minus, right > left, left <= right)
        anchor = np.where(from_left, self.ends[at.exon], self.starts[following])
        of = np.where(from_left | at.inside, at.exon, following)
        index = self._index(of, np.where(at.inside, position, anchor))
        first, last = self.cds_first[transcript], self.cds_last[transcript]
        coding = index - first
        number = np.where(coding >= 0, coding + 1, coding)
        behind = (last > 0) & (index > last)
        number = np.where(behind, index - last, np.where(last > 0, number, index))
        texts = pa.array(number).cast(pa.string())
        if behind.any():
            texts = pc.binary_join_element_wise(_choice(behind, ["", "*"]), texts, "")
        if at.inside.all():
            return texts
        # 0: exonic, 1: after the anchor in the transcript, 2: before it.
        side = np.where(at.inside, 0, np.where(from_left != minus, 1, 2))
        distance = np.where(from_left, left, right)
        offsets = pa.array(distance).cast(pa.string())
        if at.inside.any():
            offsets = pc.if_else(pa.array(at.inside), "", offsets)
        return pc.binary_join_element_wise(texts, _choice(side, ["", "+", "-"]), offsets, "")

    def kinds(self, transcript: Whole) -> pa.StringArray:
        """``c.`` or ``n.``, as names on each transcript begin."""
        return _choice(self.cds_last[transcript] > 0, ["n.", "c."])

    def places(self, transcript: Whole, at: Located) -> pa.StringArray:
        """``exon 3/27`` or ``intron 3/26``, counted in the transcript's direction."""
        count = self.counts[transcript]
        number = at.exon - self.first[transcript] + 1
        exons = np.where(self.minus[transcript], count - number + 1, number)
        introns = np.where(self.minus[transcript], count - number, number)
        known = at.inside | at.between
        words = pc.binary_join_element_wise(
            _choice(at.inside, ["intron ", "exon "]),
            pa.array(np.where(at.inside, exons, introns)).cast(pa.string()),
            "/",
            pa.array(np.where(at.inside, count, count - 1)).cast(pa.string()),
            "",
        )
        return words if known.all() else pc.if_else(pa.array(known), words, "")

    def _index(self, exon: Whole, position: Whole) -> Whole:
        forward = position - self.starts[exon] + 1
        backward = self.ends[exon] - position + 1
        index: Whole = self._before[exon] + np.where(
            self.minus[self.owner[exon]], backward, forward
        )
        return index

    def _regular(self, lengths: Whole) -> Truth:
        regular = self.counts > 0
        short = np.flatnonzero(lengths < SHORTEST_EXON)
        regular[self.owner[short]] = False
        same = self.owner[1:] == self.owner[:-1]
        gaps = self.starts[1:] - self.ends[:-1] - 1
        regular[self.owner[1:][same & (gaps < SHORTEST_INTRON)]] = False
        return regular


SHORTEST_EXON: Final = 4
SHORTEST_INTRON: Final = 24
"""In shorter ones a base may lie close to two edges: they are read one by one."""


def _choice(which: Any, texts: list[str]) -> pa.StringArray:
    return pa.array(texts, pa.string()).take(pa.array(np.asarray(which).astype(np.int8)))
