"""Rows of alleles that lie in or beside a gene, far from its exons: nearly all of a genome's.

Nothing but the place is told of them, so that they are made by columns, gene by gene.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ariane.annotate.alleles import Alleles, Truth, Whole
from ariane.annotate.bulk import Bulk, IntronNames
from ariane.annotate.consequence import MANE_ORDER
from ariane.annotate.genes import Gene, Transcript, merged
from ariane.annotate.hgvs import Namer
from ariane.annotate.sieve import touches
from ariane.annotate.terms import Terms

WINDOW: Final = 20
"""Intronic bases beside an exon that are looked at one by one: to -20 at the acceptor, as Walker
and others (Am J Hum Genet 2023) take for splicing, and as many at the donor."""


def by_exons(gene: Gene, alleles: Alleles, rows: Whole) -> Truth:
    """Which alleles lie in an exon of any transcript of the gene, or may be named as close to one.

    An insertion may repeat the bases beside it, and an indel may move along a repeat: HGVS names
    them by where they end up.
    """
    low, high = alleles.low[rows], alleles.high[rows]
    spare = alleles.spare[rows]
    reach = merged(
        (start - WINDOW, end + WINDOW)
        for transcript in gene.transcripts
        for start, end in transcript.exons
    )
    table = np.array(reach, dtype=np.int64).reshape(-1, 2)
    first, last = np.minimum(low, high) - spare, np.maximum(low, high) + spare
    return touches((table[:, 0], table[:, 1]), first, last)


class FarRows:
    """Collects the far rows of one contig.

    Args:
        alleles: the contig's candidate alleles.
        terms: the table of terms.
        namer: HGVS names.
        bulk: the alleles' names in bulk.
    """

    def __init__(self, alleles: Alleles, terms: Terms, namer: Namer, bulk: Bulk) -> None:
        self._alleles = alleles
        self._terms = terms
        self._first = np.minimum(alleles.low, alleles.high)
        self._last = np.maximum(alleles.low, alleles.high)
        self._rows: list[Whole] = []
        self._told: list[tuple[str, str, str, str, str, bool, str, str]] = []
        self._places: list[Whole] = []
        self._words: list[str] = [""]
        self._names = IntronNames(namer, alleles, bulk)

    def add(self, gene: Gene, rows: Whole) -> None:
        """Take the alleles that lie near a gene, far from its exons."""
        if not len(rows):
            return
        low, high = self._alleles.low[rows], self._alleles.high[rows]
        left = np.ones(len(rows), dtype=bool)
        for transcript in sorted(gene.transcripts, key=lambda t: (MANE_ORDER[t.mane], t.id)):
            here = left & (transcript.start <= high) & (low <= transcript.end)
            if here.any():
                inside = rows[here]
                self._names.add(transcript, inside)
                place = self._introns(transcript, inside)
                self._put(gene, "intron_variant", inside, transcript, place)
                left &= ~here
        if not left.any():
            return
        within = left & (gene.start <= self._last[rows]) & (self._first[rows] <= gene.end)
        before = left & ~within & (high < gene.start)
        after = left & ~within & ~before
        first, second = "upstream_gene_variant", "downstream_gene_variant"
        if gene.strand == "-":
            first, second = second, first
        for consequence, here in (("gene_variant", within), (first, before), (second, after)):
            if here.any():
                outside = rows[here]
                self._names.skip(outside)
                self._put(gene, consequence, outside, None, np.zeros(len(outside), dtype=np.int64))

    def _introns(self, transcript: Transcript, rows: Whole) -> Whole:
        """Number of the words ``intron 3/26``, counted in the transcript's direction."""
        starts = np.array([start for start, _ in transcript.exons], dtype=np.int64)
        count = len(starts)
        number = np.searchsorted(starts, self._first[rows], side="right")
        if transcript.strand == "-":
            number = count - number
        begin = len(self._words)
        self._words += [
            f"intron {n}/{count - 1}" if 0 < n < count else "" for n in range(count + 1)
        ]
        return number + begin

    def _put(
        self, gene: Gene, consequence: str, rows: Whole, transcript: Transcript | None, place: Whole
    ) -> None:
        named = ("", "", False)
        if transcript:
            named = (transcript.name, transcript.refseq, transcript.mane != "")
        tier = self._terms.told(frozenset({consequence}))[2]
        self._rows.append(rows)
        self._told.append((gene.key, gene.id, gene.symbol, *named, consequence, tier))
        self._places.append(place)

    def columns(self) -> tuple[Whole, dict[str, pa.Array]]:
        """Index of each row's allele, and the columns that are not the allele's own."""
        if not self._rows:
            return np.array([], dtype=np.int64), {}
        counts = [len(rows) for rows in self._rows]
        at = pa.array(np.repeat(np.arange(len(counts)), counts))
        names = ("gene", "gene_id", "symbol", "transcript", "refseq", "mane", "consequence", "tier")
        made: dict[str, pa.Array] = {
            name: pa.array(values, pa.bool_() if name == "mane" else pa.string()).take(at)
            for name, values in zip(names, zip(*self._told, strict=True), strict=True)
        }
        places = pa.array(np.concatenate(self._places))
        made["place"] = pa.array(self._words, pa.string()).take(places)
        made["hgvs_c"] = self._names.names()
        return np.concatenate(self._rows), made
