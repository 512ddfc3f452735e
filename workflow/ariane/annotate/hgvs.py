"""HGVS names of small variants: on the genome, on a transcript, and for its protein.

Names follow the HGVS nomenclature (version 21): moved to the 3' end in the direction of the
sequence they are told on; ``dup`` before ``ins``; ``inv`` before ``delins``; no accession inside,
for it stands in columns of its own (see :func:`joined`). A change is moved along the genome, so
that no name crosses from one exon into the next (the exception that HGVS makes for exon
junctions), while it may cross from an exon into its intron.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, NamedTuple

from ariane.annotate.accessions import genomic_prefixes
from ariane.annotate.genes import Transcript
from ariane.annotate.hgvs_edit import (
    Edit,
    is_inversion,
    reverse_complement,
    run_left,
    run_right,
    trimmed,
)
from ariane.annotate.hgvs_parse import genomic_of
from ariane.annotate.hgvs_protein import UNKNOWN, Protein
from ariane.annotate.sequence import Reference
from ariane.annotate.transcript_map import TranscriptMap

_KEPT: Final = 4096
"""Transcripts whose positions and proteins are kept at once: a contig's, gone through twice."""
_BASES: Final = frozenset("ACGTN")
_OTHER_STRAND: Final = {"A": "T", "C": "G", "G": "C", "T": "A", "N": "N"}


class Names(NamedTuple):
    """The names of one variant on one transcript."""

    c: str
    """``c.68-2A>G``, ``n.64_65insT``; empty where a base of the variant lies outside."""
    p: str
    """``p.(Asn59IlefsTer51)``; ``p.?`` where the coding sequence does not tell; empty where the
    transcript has no protein or ``c`` is empty."""
    low: int = 0
    """First base on the genome that ``c`` names; the one after an insertion; 0 without a name."""
    high: int = 0
    """Last base that ``c`` names; the one before an insertion."""


NONE: Final = Names("", "")


class _Known:
    """What is kept of one transcript."""

    __slots__ = ("places", "protein", "transcript")

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.places = TranscriptMap(transcript)
        self.protein: Protein | None = None
        """None until asked for."""


class Namer:
    """Names variants of one reference.

    Args:
        reference: the bases; its contigs and their lengths tell the accessions.
    """

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self._prefixes = genomic_prefixes(reference.contigs)
        self._known: OrderedDict[tuple[str, str, int], _Known] = OrderedDict()

    def genomic(self, contig: str, pos: int, ref: str, alt: str) -> str:
        """The name on the genome: ``NC_000001.11:g.123A>G``, ``NC_012920.1:m.8993T>G``.

        A contig without accession keeps its own name. Empty for alleles that are no plain bases,
        or that do not change the reference.

        Args:
            contig: as the reference writes it.
            pos: VCF position.
            ref: VCF REF.
            alt: one ALT allele.
        """
        prefix = self.prefix(contig)
        if len(ref) == len(alt) == 1:
            if ref == alt or ref not in _BASES or alt not in _BASES:
                return ""
            return f"{prefix}{pos}{ref}>{alt}"
        if not _plain(ref, alt):
            return ""
        edit = trimmed(pos, ref, alt)
        if not (edit.removed and edit.inserted):
            edit = edit.moved(run_right(self.reference, contig, edit))
        size = len(edit.inserted)
        if not edit.removed and self._copy(contig, edit.start - size, edit.inserted):
            return prefix + _ranged(str(edit.start - size), str(edit.start - 1), size) + "dup"
        return prefix + _described(edit, str, minus=False)

    def names(self, transcript: Transcript, contig: str, pos: int, ref: str, alt: str) -> Names:
        """The names on a transcript and for its protein.

        Every VCF spelling of a variant gives the same names. Variants that reach beyond the
        transcript have none there.

        Args:
            transcript: with exons and coding parts in genomic order.
            contig: as the reference writes it.
            pos: VCF position.
            ref: VCF REF.
            alt: one ALT allele.
        """
        if not transcript.exons or not _plain(ref, alt):
            return NONE
        known = self._of(transcript, contig)
        places = known.places
        if len(ref) == len(alt) == 1:
            return self._substitution(known, contig, pos, ref, alt)
        edit = trimmed(pos, ref, alt)
        if not edit.removed or not edit.inserted:
            moved = self._moved(places, contig, edit)
            if moved is None:
                return NONE
            edit = moved
        elif edit.start < places.start or edit.end > places.end:
            return NONE
        if edit.removed:
            name = _described(edit, places.label, places.minus)
            first, last = edit.start, edit.end
        else:
            size = len(edit.inserted)
            first = edit.start if places.minus else edit.start - size
            last = first + size - 1
            inside = first >= places.start and last <= places.end
            if inside and self._copy(contig, first, edit.inserted):
                ends = (last, first) if places.minus else (first, last)
                name = _ranged(places.label(ends[0]), places.label(ends[1]), size) + "dup"
            elif places.start < edit.start <= places.end:
                name = _described(edit, places.label, places.minus)
                first, last = edit.start - 1, edit.start
            else:
                return NONE
        low, high = (last, first) if not edit.removed and last == edit.start else (first, last)
        protein = self._protein(known, contig, edit, first, last)
        return Names(f"{places.kind}.{name}", protein, low, high)

    def substituted(self, transcript: Transcript, contig: str, index: int, base: str) -> str:
        """The protein's name of a substitution; see :meth:`Protein.substitution`."""
        return self._protein_of(self._of(transcript, contig), contig).substitution(index, base)

    def prefix(self, contig: str) -> str:
        """What a genomic name begins with: ``NC_000001.11:g.``, or the contig's own name."""
        return self._prefixes.get(contig, f"{contig}:g.")

    def genomic_of(self, transcript: Transcript, contig: str, name: str) -> tuple[int, str, str]:
        """Position, REF and ALT of a c. or n. name; see :func:`hgvs_parse.genomic_of`.

        Raises:
            ArianeError: the name cannot be read or does not fit the transcript.
        """
        return genomic_of(self.reference, self.places(transcript, contig), contig, name)

    def places(self, transcript: Transcript, contig: str) -> TranscriptMap:
        """The positions of a transcript, kept for the next call."""
        return self._of(transcript, contig).places

    def _of(self, transcript: Transcript, contig: str) -> _Known:
        key = (contig, transcript.name, transcript.start)
        known = self._known.get(key)
        if known is None or known.transcript is not transcript:
            known = self._known[key] = _Known(transcript)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return known

    def _substitution(self, known: _Known, contig: str, pos: int, ref: str, alt: str) -> Names:
        """What :meth:`names` gives for one base: most variants are of this kind."""
        places = known.places
        label = places.label(pos)
        if not label:
            return NONE
        if places.minus:
            ref, alt = _OTHER_STRAND[ref], _OTHER_STRAND[alt]
        name = f"{places.kind}.{label}{ref}>{alt}"
        if not places.cds_last:
            return Names(name, "", pos, pos)
        index = places.index(pos)
        if not places.cds_first <= index <= places.cds_last:
            return Names(name, UNKNOWN, pos, pos)
        protein = self._protein_of(known, contig)
        return Names(name, protein.substitution(index - places.cds_first, alt), pos, pos)

    def _protein_of(self, known: _Known, contig: str) -> Protein:
        if known.protein is None:
            known.protein = Protein(known.transcript, known.places, self.reference, contig)
        return known.protein

    def _moved(self, places: TranscriptMap, contig: str, edit: Edit) -> Edit | None:
        """A deletion or insertion moved to its 3'-most place inside the transcript."""
        if places.minus:
            edit = edit.moved(-run_left(self.reference, contig, edit))
            outside = places.start - edit.start
            if outside > 0:
                if run_right(self.reference, contig, edit) < outside:
                    return None
                edit = edit.moved(outside)
        else:
            edit = edit.moved(run_right(self.reference, contig, edit))
            outside = edit.end - places.end
            if outside > 0:
                if run_left(self.reference, contig, edit) < outside:
                    return None
                edit = edit.moved(-outside)
        # An insertion may stand just outside: it may repeat the transcript's last bases.
        return edit if edit.start >= places.start and edit.end <= places.end else None

    def _copy(self, contig: str, start: int, bases: str) -> bool:
        """Whether the reference holds these bases from ``start`` on."""
        return start > 0 and self.reference.bases(contig, start, len(bases)) == bases.encode()

    def _protein(self, known: _Known, contig: str, edit: Edit, first: int, last: int) -> str:
        """The protein's name; ``first`` and ``last`` are the bases that the c. name names."""
        places = known.places
        if not places.cds_last:
            return ""
        exon = places.exon(first)
        if exon < 0 or exon != places.exon(last):
            return UNKNOWN
        low, high = sorted((places.index(first), places.index(last)))
        if high < places.cds_first or low > places.cds_last:
            return UNKNOWN
        protein = self._protein_of(known, contig)
        inserted = reverse_complement(edit.inserted) if places.minus else edit.inserted
        if edit.removed:
            begin = low
            if low < places.cds_first:
                return protein.start_lost()
        else:
            # The named bases are either side of an insertion, or those that a duplication repeats.
            between = first < edit.start == last
            begin = high if between else high + 1
            if begin <= places.cds_first or (between and begin > places.cds_last):
                return UNKNOWN
            if begin > places.cds_last:  # a copy of the stop codon's end, after the stop codon
                return "p.(=)"
        return protein.change(begin - places.cds_first, len(edit.removed), inserted)


def joined(accession: str, name: str) -> str:
    """``NM_000350.3:c.1938-1G>A``; empty where there is no name."""
    return f"{accession}:{name}" if accession and name else name


def _plain(ref: str, alt: str) -> bool:
    return ref != alt and bool(ref) and bool(alt) and _BASES.issuperset(ref + alt)


def _ranged(first: str, last: str, size: int) -> str:
    return first if size == 1 else f"{first}_{last}"


def _described(edit: Edit, label: Any, minus: bool) -> str:
    """Everything but duplications, told with the labels of the first and the last base."""
    removed, inserted = edit.removed, edit.inserted
    if minus:
        removed, inserted = reverse_complement(removed), reverse_complement(inserted)
    if not removed:
        ends = (edit.start - 1, edit.start)
        first, last = map(label, reversed(ends) if minus else ends)
        return f"{first}_{last}ins{inserted}"
    if len(removed) == len(inserted) == 1:
        return f"{label(edit.start)}{removed}>{inserted}"
    ends = (edit.end, edit.start) if minus else (edit.start, edit.end)
    place = _ranged(label(ends[0]), label(ends[1]), len(removed))
    if not inserted:
        return f"{place}del"
    return f"{place}inv" if is_inversion(edit) else f"{place}delins{inserted}"
