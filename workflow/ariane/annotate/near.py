"""Names and places of alleles in or near exons, on every transcript that they touch.

Substitutions, most of them, are named and placed by columns; the others one by one through
:class:`ariane.annotate.hgvs.Namer` and :func:`ariane.annotate.places.place`. A test holds both
ways together.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow.compute as pc

from ariane.annotate import places
from ariane.annotate.alleles import Alleles
from ariane.annotate.bulk import Bulk
from ariane.annotate.consequence import Seen
from ariane.annotate.contig_genes import ContigGenes, Pairs
from ariane.annotate.contig_map import ContigMap, Located, Truth, Whole
from ariane.annotate.hgvs import Namer, Names
from ariane.annotate.hgvs_protein import UNKNOWN
from ariane.annotate.places import Place, place

_CODING: Final = "coding_sequence_variant"
_EXONIC: Final = (
    *("", "non_coding_transcript_exon_variant", "5_prime_UTR_variant", "3_prime_UTR_variant"),
    _CODING,
)
_SPLICE: Final = (
    *("splice_donor_variant", "splice_acceptor_variant", "splice_donor_region_variant"),
    *("splice_donor_5th_base_variant", "splice_polypyrimidine_tract_variant"),
    *("splice_region_variant", "intron_variant"),
)
_DONOR, _ACCEPTOR, _REGION, _FIFTH, _TRACT, _BESIDE, _INTRON = (8 << n for n in range(7))
"""One bit for each of ``_SPLICE``, above the three that number ``_EXONIC``."""
_NEAR: Final = 8 << len(_SPLICE)


class Near(NamedTuple):
    """What :func:`look_near` finds."""

    seen: list[list[Seen]]
    """For each pair, its transcripts in the order in which they speak."""
    for_csq: Truth
    """Pairs of which csq may know more than exons and introns tell."""


def look_near(alleles: Alleles, genes: ContigGenes, pairs: Pairs, namer: Namer, bulk: Bulk) -> Near:
    """Names and places of close alleles on the transcripts that they touch.

    Args:
        alleles: the contig's candidate alleles.
        genes: the contig's genes.
        pairs: alleles and genes, each in or near an exon of the gene.
        namer: HGVS names.
        bulk: the alleles' names in bulk.
    """
    pair, which = genes.touched(pairs, alleles.low[pairs.allele], alleles.high[pairs.allele])
    allele = pairs.allele[pair]
    at = genes.map.locate(which, alleles.pos[allele])
    plain = bulk.single[allele] & genes.map.regular[which] & (at.inside | at.between)
    seen: list[Any] = [None] * len(pair)
    coding = _substitutions(alleles, genes, (allele, which, at), plain, namer, bulk, seen)
    contig = alleles.contig
    alone = np.flatnonzero(~plain)
    low, high = (ends[allele[alone]].tolist() for ends in (alleles.low, alleles.high))
    spans = zip(low, high, strict=True)
    given = bulk.given(allele[alone])
    for row, variant, span in zip(alone.tolist(), given, spans, strict=True):
        transcript = genes.transcripts[which[row]]
        names = namer.names(transcript, contig, *variant)
        # What HGVS names is what counts: csq reads an indel at its left end, and a clinician at
        # its 3' end, which may lie on the other side of a splice site.
        named = (names.low, names.high) if names.low else span
        seen[row] = Seen(transcript, names, place(transcript, named), named != span)
    grouped: list[list[Seen]] = [[] for _ in range(len(pairs.gene))]
    for number, one in zip(pair.tolist(), seen, strict=True):
        grouped[number].append(one)
    for_csq = np.zeros(len(pairs.gene), dtype=bool)
    for_csq[pair[coding | ~plain]] = True
    return Near(grouped, for_csq)


def _substitutions(
    alleles: Alleles,
    genes: ContigGenes,
    where: tuple[Whole, Whole, Located],
    plain: Truth,
    namer: Namer,
    bulk: Bulk,
    seen: list[Any],
) -> Truth:
    """Fill in what is told of substitutions; return which of all change a coding base."""
    rows = np.flatnonzero(plain)
    allele, which = where[0][rows], where[1][rows]
    at = where[2].of(rows)
    known, pos = genes.map, alleles.pos[allele]
    index = np.where(at.inside, known.index(which, pos), 0)
    first = known.cds_first[which]
    coding = at.inside & (first > 0) & (first <= index) & (index <= known.cds_last[which])
    parts = (known.kinds(which), known.labels(which, pos, at))
    suffixes = bulk.suffixes(known.minus[which], allele)
    names = pc.binary_join_element_wise(*parts, suffixes, "").to_pylist()
    proteins = np.where(known.cds_last[which] > 0, UNKNOWN, "").astype(object)
    changed = np.flatnonzero(coding)
    bases = bulk.new_base(known.minus[which[changed]], allele[changed])
    for row, base, offset in zip(
        changed.tolist(), bases, (index - first)[changed].tolist(), strict=True
    ):
        transcript = genes.transcripts[which[row]]
        proteins[row] = namer.substituted(transcript, alleles.contig, offset, base)
    told = zip(
        rows.tolist(), which.tolist(), pos.tolist(), names, proteins.tolist(),
        _codes(known, which, pos, at).tolist(), known.places(which, at).to_pylist(), strict=True,
    )  # fmt: skip
    for row, number, position, name, protein, code, words in told:
        terms, near = _terms(code)
        seen[row] = Seen(
            genes.transcripts[number],
            Names(name, protein, position, position),
            Place(terms, words, near),
            False,
        )
    changing = np.zeros(len(plain), dtype=bool)
    changing[rows] = coding
    return changing


def _codes(known: ContigMap, which: Whole, pos: Whole, at: Located) -> Whole:
    """The terms of each place as a number: what :func:`ariane.annotate.places.place` tells."""
    start, end = known.starts[at.exon], known.ends[at.exon]
    low, high = known.coding[which, 0], known.coding[which, 1]
    minus = known.minus[which]
    exonic = np.where((pos < low) != minus, 2, 3)
    exonic = np.where((low <= pos) & (pos <= high), 4, exonic)
    exonic = np.where(high == 0, 1, exonic)
    earlier = at.exon > known.first[which]
    later = at.exon + 1 < known.first[which] + known.counts[which]
    edge = (earlier & (pos - start < places.REGION_IN_EXON)) | (
        later & (end - pos < places.REGION_IN_EXON)
    )
    in_exon = exonic + _NEAR + np.where(edge, _BESIDE, 0)
    following = np.minimum(at.exon + 1, len(known.starts) - 1)
    left, right = pos - end, known.starts[following] - pos
    donor, acceptor = np.where(minus, right, left), np.where(minus, left, right)
    site = np.where(donor <= places.SPLICE_SITE, _DONOR, 0)
    site |= np.where(acceptor <= places.SPLICE_SITE, _ACCEPTOR, 0)
    region = (donor >= places.DONOR_REGION[0]) & (donor <= places.DONOR_REGION[1])
    found = np.where(region, np.where(donor == places.DONOR_FIFTH, _FIFTH, _REGION), 0)
    beside = (donor > places.DONOR_REGION[1]) & (donor <= places.REGION_IN_INTRON)
    beside |= (acceptor > places.SPLICE_SITE) & (acceptor <= places.REGION_IN_INTRON)
    tract = (acceptor >= places.POLYPYRIMIDINE[0]) & (acceptor <= places.POLYPYRIMIDINE[1])
    found |= np.where(beside, _BESIDE, 0) | np.where(tract, _TRACT, 0) | site
    near = (found > 0) | (acceptor <= places.ACCEPTOR_REACH)
    in_intron = found + np.where(site == 0, _INTRON, 0) + np.where(near, _NEAR, 0)
    codes: Whole = np.where(at.inside, in_exon, in_intron)
    return codes


@cache
def _terms(code: int) -> tuple[frozenset[str], bool]:
    terms = {_EXONIC[code & 7]} if code & 7 else set()
    terms |= {term for n, term in enumerate(_SPLICE) if code & (8 << n)}
    return frozenset(terms), bool(code & _NEAR)
