"""The consequence of one variant in one gene: csq's word where it has one, else the intervals'.

csq's silence never drops a record: a variant in or near a gene always gets a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ariane.annotate.csq import Consequence
from ariane.annotate.genes import Gene, Transcript
from ariane.annotate.terms import Terms

SPLICE_SITE: Final = 2
"""Intronic bases of a splice site."""
REGION_IN_EXON: Final = 3
REGION_IN_INTRON: Final = 8
"""Extent of a splice region, as the Sequence Ontology defines SO:0001630."""

MANE_ORDER: Final = {"select": 0, "plus clinical": 1, "": 2}
"""Which transcript of a gene speaks first."""


@dataclass(frozen=True)
class Effect:
    """What a variant does to one gene, given for the gene's chosen transcript."""

    transcript: str = ""
    """With version; empty outside the gene's transcripts."""
    refseq: str = ""
    """RefSeq transcript of the same bases, where MANE names one."""
    mane: bool = False
    consequence: str = ""
    """Sequence Ontology terms joined by ``&``, most severe first."""
    consequence_alone: str = ""
    """The record's own consequence where the phased haplotype changes it."""
    hgvs_c: str = ""
    """On the transcript, without its name: ``c.68-2A>G``."""
    hgvs_p: str = ""
    place: str = ""
    """``exon 3/27``, ``intron 3/26``, counted in the transcript's direction."""
    protein_change: str = ""
    dna_change: str = ""
    codon: str = ""
    aa_ref: str = ""
    aa_alt: str = ""
    nmd: str = ""
    """Nonsense-mediated decay of a truncated transcript: ``expected``, ``escapes`` or empty."""
    protein_lost: int | None = None
    """Thousandths of the protein lost or altered; None where that is not told."""
    others: str = ""
    """What it does to the gene's other transcripts: ``id|consequence|c.|p.`` joined by ``;``."""
    tier: str = ""


def affected(pos: int, ref: str, alt: str) -> tuple[int, int]:
    """First and last reference base that a variant changes, 1-based.

    An insertion between ``n`` and ``n + 1`` gives ``(n + 1, n)``.
    """
    head = 0
    shortest = min(len(ref), len(alt))
    while head < shortest and ref[head] == alt[head]:
        head += 1
    tail = 0
    while tail < shortest - head and ref[-1 - tail] == alt[-1 - tail]:
        tail += 1
    return pos + head, pos + len(ref) - tail - 1


def effect(
    gene: Gene,
    span: tuple[int, int],
    alone: Sequence[Consequence],
    together: Sequence[Consequence],
    kept_alone: frozenset[str],
    terms: Terms,
) -> Effect:
    """The effect on a gene, for the transcript chosen: MANE Select, then MANE Plus Clinical, then
    the most severe consequence, then the smallest identifier.

    Args:
        gene: the gene.
        span: see :func:`affected`.
        alone: csq's entries for the record by itself.
        together: csq's entries for phased haplotypes that this record is part of.
        kept_alone: transcripts for which some carrier's haplotype holds this record alone.
        terms: the table of terms.
    """
    low, high = span
    chosen: tuple[tuple[object, ...], Transcript, Effect] | None = None
    for transcript in gene.transcripts:
        if not (transcript.start <= high and low <= transcript.end):
            continue
        made = _on_transcript(transcript, span, alone, together, kept_alone, terms)
        severity = terms.severity(made.consequence.split("&"))
        order = (MANE_ORDER[transcript.mane], severity, transcript.id)
        if chosen is None or order < chosen[0]:
            chosen = (order, transcript, made)
    if chosen is not None:
        return chosen[2]
    if gene.start <= high and low <= gene.end:
        outside = "gene_variant"
    else:
        before = high < gene.start
        outside = (
            "upstream_gene_variant" if before == (gene.strand != "-") else "downstream_gene_variant"
        )
    return Effect(consequence=outside, tier=terms.tier([outside]))


def by_intervals(transcript: Transcript, span: tuple[int, int]) -> frozenset[str]:
    """The terms that exons and introns alone give, for a span that touches the transcript."""
    low, high = span
    found: set[str] = set()
    coding = transcript.coding_span
    for start, end in transcript.exons:
        if start <= high and low <= end:
            if coding is None:
                found.add("non_coding_transcript_exon_variant")
            else:
                found |= _in_coding_exon(transcript, max(low, start), min(high, end), coding)
    found |= _splice(transcript, low, high)
    if not found & {"splice_donor_variant", "splice_acceptor_variant"} and not any(
        start <= high and low <= end for start, end in transcript.exons
    ):
        found.add("intron_variant")
    return frozenset(found)


def _on_transcript(
    transcript: Transcript,
    span: tuple[int, int],
    alone: Sequence[Consequence],
    together: Sequence[Consequence],
    kept_alone: frozenset[str],
    terms: Terms,
) -> Effect:
    own = [entry for entry in alone if entry.transcript == transcript.id]
    own_terms = _terms(own, terms) or by_intervals(transcript, span)
    best, best_terms = own, own_terms
    joint = [
        ([entry], frozenset(terms.of_csq(entry.words)) | _beside_protein(own, terms))
        for entry in together
        if entry.transcript == transcript.id
    ]
    if joint:
        best, best_terms = min(joint, key=lambda item: (terms.severity(item[1]), item[0][0].dna))
        if transcript.id in kept_alone and terms.severity(own_terms) < terms.severity(best_terms):
            best, best_terms = own, own_terms
    changed = best is not own and (best_terms != own_terms or _residue(best) != _residue(own))
    if not changed:
        best, best_terms = own, own_terms
    speaking = next((entry for entry in best if entry.protein), None)
    residue = _residue(best)
    return Effect(
        transcript=transcript.name,
        mane=transcript.mane != "",
        consequence="&".join(terms.ordered(best_terms)),
        consequence_alone="&".join(terms.ordered(own_terms)) if changed else "",
        protein_change=speaking.protein if speaking else "",
        dna_change=speaking.dna if speaking else "",
        codon=f"{transcript.id}:{residue[0]}" if residue else "",
        aa_ref=residue[1] if residue else "",
        aa_alt=residue[2] if residue else "",
        tier=terms.tier(best_terms),
    )


def _terms(entries: Iterable[Consequence], terms: Terms) -> frozenset[str]:
    return frozenset(term for entry in entries for term in terms.of_csq(entry.words))


def _residue(entries: Iterable[Consequence]) -> tuple[int, str, str] | None:
    return next((entry.residue for entry in entries if entry.protein), None)


def _beside_protein(own: Iterable[Consequence], terms: Terms) -> frozenset[str]:
    """Terms that a haplotype does not replace: splice regions are the record's own."""
    return _terms((entry for entry in own if not entry.protein), terms)


def _in_coding_exon(
    transcript: Transcript, low: int, high: int, coding: tuple[int, int]
) -> set[str]:
    left, right = "5_prime_UTR_variant", "3_prime_UTR_variant"
    if transcript.strand == "-":
        left, right = right, left
    found: set[str] = set()
    if min(low, high) < coding[0]:
        found.add(left)
    if max(low, high) > coding[1]:
        found.add(right)
    if coding[0] <= high and low <= coding[1]:
        found.add("coding_sequence_variant")
    return found


def _splice(transcript: Transcript, low: int, high: int) -> set[str]:
    donor_left = transcript.strand != "-"
    found: set[str] = set()
    for (_, end), (start, _) in zip(transcript.exons, transcript.exons[1:], strict=False):
        if end + 1 >= start:
            continue
        sides = (
            (end + 1, end + SPLICE_SITE, donor_left),
            (start - SPLICE_SITE, start - 1, not donor_left),
        )
        for first, last, donor in sides:
            if first <= high and low <= last:
                found.add("splice_donor_variant" if donor else "splice_acceptor_variant")
        regions = (
            (end - REGION_IN_EXON + 1, end),
            (end + SPLICE_SITE + 1, end + REGION_IN_INTRON),
            (start - REGION_IN_INTRON, start - SPLICE_SITE - 1),
            (start, start + REGION_IN_EXON - 1),
        )
        # An insertion right at the exon's edge lies in the region though it touches no base of it.
        reach = (low - 1, high + 1) if high < low else (low, high)
        if any(first <= reach[1] and reach[0] <= last for first, last in regions):
            found.add("splice_region_variant")
    return found
