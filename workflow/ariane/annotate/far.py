"""Rows of alleles that lie in or beside a gene, far from its exons: nearly all of a genome's.

Nothing but the place is told of them, so that they are made by columns.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from ariane.annotate.alleles import Alleles
from ariane.annotate.bulk import Bulk
from ariane.annotate.contig_genes import ContigGenes, Pairs
from ariane.annotate.contig_map import Whole
from ariane.annotate.terms import Terms

_INTRON, _WITHIN, _UPSTREAM, _DOWNSTREAM = range(4)
_CONSEQUENCES: Final = (
    *("intron_variant", "gene_variant", "upstream_gene_variant", "downstream_gene_variant"),
)


def far_rows(
    alleles: Alleles, genes: ContigGenes, pairs: Pairs, terms: Terms, bulk: Bulk
) -> dict[str, pa.Array]:
    """The columns of far rows that are not the allele's own.

    Args:
        alleles: the contig's candidate alleles.
        genes: the contig's genes.
        pairs: alleles and genes, none in or near an exon of the gene.
        terms: the table of terms.
        bulk: the alleles' names in bulk.
    """
    low, high = alleles.low[pairs.allele], alleles.high[pairs.allele]
    first, last = np.minimum(low, high), np.maximum(low, high)
    chosen = genes.first_touched(pairs.gene, low, high)
    inside = chosen >= 0
    told = np.full(len(chosen), _INTRON)
    start, end = genes.starts[pairs.gene], genes.ends[pairs.gene]
    before = (high < start) != genes.minus[pairs.gene]
    beside = np.where(before, _UPSTREAM, _DOWNSTREAM)
    beside = np.where((start <= last) & (first <= end), _WITHIN, beside)
    told[~inside] = beside[~inside]
    at = pa.array(told.astype(np.int8))
    tiers = [terms.told(frozenset({consequence}))[2] for consequence in _CONSEQUENCES]
    made = genes.columns(pairs.gene, chosen)
    made["consequence"] = pa.array(_CONSEQUENCES, pa.string()).take(at)
    made["tier"] = pa.array(tiers, pa.string()).take(at)
    made["place"] = _places(genes, chosen, first)
    made["hgvs_c"] = bulk.on_transcripts(genes.map, genes.transcripts, chosen, pairs.allele)
    return made


def _places(genes: ContigGenes, chosen: Whole, first: Whole) -> Any:
    """``intron 3/26`` for the alleles on a transcript."""
    which = np.flatnonzero(chosen >= 0)
    words = genes.map.places(chosen[which], genes.map.locate(chosen[which], first[which]))
    order = np.full(len(chosen), len(which))
    order[which] = np.arange(len(which))
    return pa.concat_arrays([words, pa.array([""], pa.string())]).take(pa.array(order))
