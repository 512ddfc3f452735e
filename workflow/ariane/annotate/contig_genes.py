"""The genes of one contig, asked for all of its alleles at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from ariane.annotate.alleles import Alleles
from ariane.annotate.consequence import MANE_ORDER
from ariane.annotate.contig_map import APART, ContigMap, Truth, Whole
from ariane.annotate.genes import Gene

WINDOW: Final = 20
"""Intronic bases beside an exon that are looked at closely: to -20 at the acceptor, as Walker and
others (Am J Hum Genet 2023) take for splicing, and as many at the donor."""


class Pairs(NamedTuple):
    """Alleles and genes within reach of each other, by gene, then allele."""

    allele: Whole
    gene: Whole

    def where(self, which: Truth) -> Pairs:
        """Those pairs."""
        return Pairs(self.allele[which], self.gene[which])


class ContigGenes:
    """Genes and transcripts of one contig as columns.

    Args:
        genes: in order of position.
    """

    def __init__(self, genes: Sequence[Gene]) -> None:
        self.genes: Final = tuple(genes)
        self.starts: Final = np.array([gene.start for gene in genes], dtype=np.int64)
        self.ends: Final = np.array([gene.end for gene in genes], dtype=np.int64)
        self.minus: Final = np.array([gene.strand == "-" for gene in genes], dtype=bool)
        ordered = [
            sorted(gene.transcripts, key=lambda t: (MANE_ORDER[t.mane], t.id)) for gene in genes
        ]
        self.transcripts: Final = [t for of_gene in ordered for t in of_gene]
        """Of one gene after the other: MANE Select, MANE Plus Clinical, then by identifier."""
        self.map: Final = ContigMap(self.transcripts)
        self._counts = np.array([len(of_gene) for of_gene in ordered], dtype=np.int64)
        self._first = np.cumsum(self._counts) - self._counts
        self._spans = np.array(
            [(t.start, t.end) for t in self.transcripts], dtype=np.int64
        ).reshape(-1, 2)
        owner = np.repeat(np.arange(len(genes)), self._counts)[self.map.owner]
        order = np.lexsort((self.map.starts, owner))
        self._near_from = (owner[order] << APART) + self.map.starts[order] - WINDOW
        # The furthest end so far: transcripts of one gene overlap.
        reach = (owner[order] << APART) + self.map.ends[order] + WINDOW
        self._near_to = np.maximum.accumulate(reach) if len(reach) else reach

    def pairs(self, alleles: Alleles, padding: int) -> Pairs:
        """Each allele with each gene that it touches or comes within ``padding`` bases of."""
        first = np.minimum(alleles.low, alleles.high)
        last = np.maximum(alleles.low, alleles.high)
        longest = int((alleles.high - alleles.pos).max(initial=0)) + 1
        start, end = self.starts - padding, self.ends + padding
        lower = np.searchsorted(alleles.pos, start - longest)
        counts = np.searchsorted(alleles.pos, end, side="right") - lower
        gene = np.repeat(np.arange(len(self.genes)), counts)
        allele = np.arange(len(gene)) + np.repeat(lower - np.cumsum(counts) + counts, counts)
        near = (last[allele] >= start[gene]) & (first[allele] <= end[gene])
        return Pairs(allele[near], gene[near])

    def close(self, alleles: Alleles, pairs: Pairs) -> Truth:
        """Which alleles lie in an exon of any transcript of the gene, or may be named as close.

        An insertion may repeat the bases beside it, and an indel may move along a repeat: HGVS
        names them by where they end up.
        """
        low, high = alleles.low[pairs.allele], alleles.high[pairs.allele]
        spare = alleles.spare[pairs.allele]
        line = pairs.gene << APART
        first, last = np.minimum(low, high) - spare, np.maximum(low, high) + spare
        at = np.searchsorted(self._near_from, line + last, side="right") - 1
        if not len(self._near_to):
            return np.zeros(len(line), dtype=bool)
        found: Truth = (at >= 0) & (self._near_to[np.maximum(at, 0)] >= line + first)
        return found

    def first_touched(self, gene: Whole, low: Whole, high: Whole) -> Whole:
        """Number of the first transcript of each gene that a span touches; -1 for none."""
        chosen = np.full(len(gene), -1, dtype=np.int64)
        left = np.arange(len(gene))
        rank = 0
        while len(left):
            left = left[self._counts[gene[left]] > rank]
            which = self._first[gene[left]] + rank
            touched = (self._spans[which, 0] <= high[left]) & (low[left] <= self._spans[which, 1])
            chosen[left[touched]] = which[touched]
            left = left[~touched]
            rank += 1
        return chosen

    def touched(self, pairs: Pairs, low: Whole, high: Whole) -> tuple[Whole, Whole]:
        """Number of each pair, and of each transcript of its gene that its span touches."""
        counts = self._counts[pairs.gene]
        pair = np.repeat(np.arange(len(counts)), counts)
        which = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        which += self._first[pairs.gene][pair]
        hit = (self._spans[which, 0] <= high[pair]) & (low[pair] <= self._spans[which, 1])
        return pair[hit], which[hit]

    def columns(self, gene: Whole, chosen: Whole) -> dict[str, pa.Array]:
        """Names of genes, and of the transcripts chosen; empty ones for -1."""
        at = pa.array(gene)
        made: dict[str, pa.Array] = {
            "gene": pa.array([g.key for g in self.genes], pa.string()).take(at),
            "gene_id": pa.array([g.id for g in self.genes], pa.string()).take(at),
            "symbol": pa.array([g.symbol for g in self.genes], pa.string()).take(at),
        }
        at = pa.array(np.where(chosen >= 0, chosen, len(self.transcripts)))
        names = [t.name for t in self.transcripts]
        made["transcript"] = pa.array([*names, ""], pa.string()).take(at)
        twins = [t.refseq for t in self.transcripts]
        made["refseq"] = pa.array([*twins, ""], pa.string()).take(at)
        manes = [t.mane != "" for t in self.transcripts]
        made["mane"] = pa.array([*manes, False], pa.bool_()).take(at)
        return made
