"""Rows of alleles that lie in or beside a gene, far from its exons: nearly all of a genome's.

Nothing but the place is told of them, so that they are made by columns, gene by gene.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ariane.annotate.alleles import Alleles, Truth, Whole
from ariane.annotate.consequence import MANE_ORDER
from ariane.annotate.genes import Gene, Transcript, merged
from ariane.annotate.sieve import touches
from ariane.annotate.terms import Terms

WINDOW: Final = 20
"""Intronic bases beside an exon that are looked at one by one: to -20 at the acceptor, as Walker
and others (Am J Hum Genet 2023) take for splicing, and as many at the donor."""


def by_exons(gene: Gene, low: Whole, high: Whole) -> Truth:
    """Which spans lie in an exon of any transcript of the gene, or within 20 bases of one."""
    reach = merged(
        (start - WINDOW, end + WINDOW)
        for transcript in gene.transcripts
        for start, end in transcript.exons
    )
    table = np.array(reach, dtype=np.int64).reshape(-1, 2)
    return touches((table[:, 0], table[:, 1]), np.minimum(low, high), np.maximum(low, high))


class FarRows:
    """Collects the far rows of one contig.

    Args:
        alleles: the contig's candidate alleles.
        terms: the table of terms.
    """

    def __init__(self, alleles: Alleles, terms: Terms) -> None:
        self._alleles = alleles
        self._terms = terms
        self._rows: list[Whole] = []
        self._told: list[tuple[str, str, str, str, str, bool, str, str]] = []
        self._places: list[pa.StringArray] = []

    def add(self, gene: Gene, rows: Whole) -> None:
        """Take the alleles that lie near a gene, far from its exons."""
        low, high = self._alleles.low[rows], self._alleles.high[rows]
        left = np.ones(len(rows), dtype=bool)
        for transcript in sorted(gene.transcripts, key=lambda t: (MANE_ORDER[t.mane], t.id)):
            here = left & (transcript.start <= high) & (low <= transcript.end)
            if here.any():
                place = self._introns(transcript, rows[here])
                self._put(gene, "intron_variant", rows[here], transcript, place)
                left &= ~here
        last = np.maximum(low, high)
        within = left & (gene.start <= last) & (np.minimum(low, high) <= gene.end)
        before = left & ~within & (high < gene.start)
        after = left & ~within & ~before
        first, second = "upstream_gene_variant", "downstream_gene_variant"
        if gene.strand == "-":
            first, second = second, first
        for consequence, here in (("gene_variant", within), (first, before), (second, after)):
            if here.any():
                empty = pa.repeat(pa.scalar("", pa.string()), int(here.sum()))
                self._put(gene, consequence, rows[here], None, empty)

    def _introns(self, transcript: Transcript, rows: Whole) -> pa.StringArray:
        """``intron 3/26``, counted in the transcript's direction."""
        starts = np.array([start for start, _ in transcript.exons], dtype=np.int64)
        count = len(starts)
        low = np.minimum(self._alleles.low[rows], self._alleles.high[rows])
        number = np.searchsorted(starts, low, side="right")
        if transcript.strand == "-":
            number = count - number
        names = [f"intron {n}/{count - 1}" if 0 < n < count else "" for n in range(count + 1)]
        return pa.array(names, pa.string()).take(pa.array(number))

    def _put(
        self,
        gene: Gene,
        consequence: str,
        rows: Whole,
        transcript: Transcript | None,
        places: pa.StringArray,
    ) -> None:
        named = (
            (transcript.name, transcript.refseq, transcript.mane != "")
            if transcript
            else ("", "", False)
        )
        tier = self._terms.tier([consequence])
        self._rows.append(rows)
        self._told.append((gene.key, gene.id, gene.symbol, *named, consequence, tier))
        self._places.append(places)

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
        made["place"] = pa.concat_arrays(self._places)
        return np.concatenate(self._rows), made
