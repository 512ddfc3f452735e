"""The consequence of one variant in one gene: csq's word where it has one, else the intervals'.

csq's silence never drops a record: a variant in or near a gene always gets a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ariane.annotate.accessions import bare_contig
from ariane.annotate.csq import Consequence
from ariane.annotate.genes import Gene, Transcript
from ariane.annotate.hgvs import Names
from ariane.annotate.hgvs_protein import NAMES
from ariane.annotate.places import Place
from ariane.annotate.skipping import SPLICE_SITES, skipping
from ariane.annotate.terms import CODING, Terms
from ariane.annotate.truncation import truncation

_CODING: Final = frozenset({"coding_sequence_variant"})
_BY_PLACE: Final = frozenset(
    {
        *("splice_region_variant", "splice_donor_variant", "splice_acceptor_variant"),
        *("intron_variant", "5_prime_UTR_variant", "3_prime_UTR_variant"),
        *("non_coding_transcript_exon_variant", "coding_sequence_variant"),
        *("feature_elongation", "feature_truncation"),
    }
)
"""Words of csq that are not needed: exons and introns tell these terms, HGVS's name the change."""

_PROTEIN_TERMS: Final = tuple(
    (re.compile(pattern), term)
    for pattern, term in (
        (r"^p\.\(Met1\?\)|^p\.0", "start_lost"),
        (r"^p\.\(Ter\d+=\)", "stop_retained_variant"),
        (r"^p\.\(Ter\d+.*ext", "stop_lost"),
        (
            r"^p\.\([A-Z][a-z]{2}\d+(?:_[A-Z][a-z]{2}\d+)?(?:(?:del)?ins)?(?:[A-Z][a-z]{2})*Ter\)",
            "stop_gained",
        ),
        (r"fs", "frameshift_variant"),
        (r"=\)$", "synonymous_variant"),
        (r"^p\.\([A-Z][a-z]{2}\d+[A-Z][a-z]{2}\)$", "missense_variant"),
        (r"delins", "protein_altering_variant"),
        (r"del\)$", "inframe_deletion"),
        (r"(?:dup|ins(?:[A-Z][a-z]{2})+|\[\d+\])\)$", "inframe_insertion"),
    )
)
"""Terms of protein names (HGVS nomenclature 21), the first that fits."""

_SUBSTITUTED: Final = re.compile(r"p\.\(([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})\)\Z")
_LETTERS: Final = {name: letter for letter, name in NAMES.items()}
_LOSSES: Final = ("Ter", "fs", "del")
"""What a protein's name holds when it tells of a stop or a loss."""

MANE_ORDER: Final = {"select": 0, "plus clinical": 1, "": 2}
"""Which transcript of a gene speaks first."""


class Effect(NamedTuple):
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


class Seen(NamedTuple):
    """One transcript that a variant touches: its names and place there."""

    transcript: Transcript
    names: Names
    where: Place
    moved: bool
    """Whether HGVS names other bases than the VCF: csq reads an indel at its left end."""


def effect(
    gene: Gene,
    variant: tuple[str, int, str, str],
    span: tuple[int, int],
    touched: Sequence[Seen],
    alone: Sequence[Consequence],
    together: Sequence[Consequence],
    kept_alone: frozenset[str],
    terms: Terms,
) -> Effect:
    """The effect on a gene, for the transcript chosen: MANE Select, then MANE Plus Clinical, then
    the most severe consequence, then the smallest identifier.

    Args:
        gene: the gene.
        variant: contig, position, REF and ALT.
        span: see :func:`affected`.
        touched: the gene's transcripts that the variant touches.
        alone: csq's entries for the record by itself.
        together: csq's entries for phased haplotypes that this record is part of.
        kept_alone: transcripts for which some carrier's haplotype holds this record alone.
        terms: the table of terms.
    """
    if not touched:
        return _outside(gene, span, terms)
    made = [
        (seen.transcript, _on_transcript(seen, variant, alone, together, kept_alone, terms))
        for seen in touched
    ]
    if len(made) == 1:
        return made[0][1]
    made.sort(key=lambda m: (MANE_ORDER[m[0].mane], terms.worst(m[1].consequence), m[0].id))
    others = ";".join(
        "|".join((other.transcript, other.consequence, other.hgvs_c, other.hgvs_p))
        for _, other in made[1:]
    )
    return made[0][1]._replace(others=others)


def _outside(gene: Gene, span: tuple[int, int], terms: Terms) -> Effect:
    low, high = span
    if gene.start <= high and low <= gene.end:
        term = "gene_variant"
    else:
        before = high < gene.start
        upstream = before == (gene.strand != "-")
        term = "upstream_gene_variant" if upstream else "downstream_gene_variant"
    return Effect(consequence=term, tier=terms.tier([term]))


def _on_transcript(
    seen: Seen,
    variant: tuple[str, int, str, str],
    alone: Sequence[Consequence],
    together: Sequence[Consequence],
    kept_alone: frozenset[str],
    terms: Terms,
) -> Effect:
    ref, alt = variant[2:]
    transcript, names, where, moved = seen
    if not alone and not together and _CODING.isdisjoint(where.terms):
        # Introns and untranslated exons, half of what is asked: their place is all that is known.
        consequence, _, tier = terms.told(where.terms)
        at_site = bool(transcript.cds) and not SPLICE_SITES.isdisjoint(where.terms)
        nmd, lost = skipping(transcript, names.c) if at_site else ("", None)
        return Effect(
            transcript=transcript.name,
            refseq=transcript.refseq,
            mane=transcript.mane != "",
            consequence=consequence,
            hgvs_c=names.c,
            hgvs_p=names.p,
            place=where.words,
            nmd=nmd,
            protein_lost=lost,
            tier=CODING if where.near else tier,
        )
    if bare_contig(variant[0]) == "M":
        # csq reads the standard genetic code, in which the mitochondria's Trp (TGA) is a stop.
        alone, together = (), ()
    own = [entry for entry in alone if entry.transcript == transcript.id]
    own_terms = _joined(_terms(own, terms), where.terms, names.p, moved)
    best, best_terms = own, own_terms
    joint = [
        ([entry], _joined(frozenset(terms.of_csq(entry.words)), where.terms))
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
    entry = next((entry for entry in best if entry.protein), None)
    residue = entry.residue if entry else None
    if entry is None and len(ref) == len(alt) == 1:
        residue = _substituted(names.p)
    nmd, lost = "", None
    if transcript.cds and any(mark in names.p for mark in _LOSSES):
        nmd, lost = truncation(transcript, names.p, len(alt) - len(ref))
    elif transcript.cds and not SPLICE_SITES.isdisjoint(best_terms):
        nmd, lost = skipping(transcript, names.c)
    consequence, _, tier = terms.told(best_terms)
    return Effect(
        transcript=transcript.name,
        refseq=transcript.refseq,
        mane=transcript.mane != "",
        consequence=consequence,
        consequence_alone=terms.told(own_terms)[0] if changed else "",
        hgvs_c=names.c,
        hgvs_p=names.p,
        place=where.words,
        protein_change=entry.protein if entry else "",
        dna_change=entry.dna if entry else "",
        codon=f"{transcript.id}:{residue[0]}" if residue else "",
        aa_ref=residue[1] if residue else "",
        aa_alt=residue[2] if residue else "",
        nmd=nmd,
        protein_lost=lost,
        tier=CODING if where.near else tier,
    )


def _joined(
    said: frozenset[str], where: frozenset[str], protein: str = "", moved: bool = False
) -> frozenset[str]:
    """csq's terms and the place's: what is known of the protein stands for coding bases.

    Where csq is silent, has only a word for the transcript's length, or read another place than
    HGVS names (``moved``), the protein's name tells the term; and it tells a frameshift whose
    first new codon is a stop, which HGVS and ClinVar call nonsense.
    """
    kept = said - _BY_PLACE
    if "coding_sequence_variant" in where:
        by_name = of_protein(protein) if moved or not kept or "Ter)" in protein else ""
        if by_name and (moved or not kept):
            kept = frozenset({by_name})
        elif by_name == "stop_gained":
            kept |= {by_name}
    if kept:
        where = where - _CODING
    return kept | where


def _substituted(name: str) -> tuple[int, str, str] | None:
    """Number, old and new residue of a substitution that a protein's HGVS name tells."""
    found = _SUBSTITUTED.match(name)
    letters = [_LETTERS.get(found[n]) for n in (1, 3)] if found else []
    if not found or None in letters:
        return None
    return int(found[2]), str(letters[0]), str(letters[1])


def of_protein(name: str) -> str:
    """The term that a protein's HGVS name tells, or an empty string.

    >>> of_protein("p.(Asn59IlefsTer51)")
    'frameshift_variant'
    """
    for pattern, term in _PROTEIN_TERMS:
        if pattern.search(name):
            return term
    return ""


def _terms(entries: Iterable[Consequence], terms: Terms) -> frozenset[str]:
    return frozenset(term for entry in entries for term in terms.of_csq(entry.words))


def _residue(entries: Iterable[Consequence]) -> tuple[int, str, str] | None:
    return next((entry.residue for entry in entries if entry.protein), None)
