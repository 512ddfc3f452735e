"""What a structural variant does to one gene, told from exons and coding parts alone.

The frame is told by the coding bases lost or gained, modulo three. Where the new stop falls is not
looked up: a broken frame is expected to end in decay when the break lies far enough before the
last junction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ariane.annotate.genes import Gene, Interval, Transcript
from ariane.annotate.places import place as place_of
from ariane.annotate.structural import StructuralVariant
from ariane.annotate.terms import Terms

ESCAPE: Final = 50
"""Exon bases before the last junction within which a stop escapes decay (Abou Tayoun and others,
Hum Mutat 2018: the last 50 bases of the penultimate exon)."""

WHOLE: Final = 1000
"""The protein in thousandths."""

_MANE_ORDER: Final = {"select": 0, "plus clinical": 1, "": 2}


@dataclass(frozen=True)
class StructuralEffect:
    """The effect on a gene, given for the gene's chosen transcript."""

    transcript: str = ""
    mane: bool = False
    terms: frozenset[str] = frozenset()
    place: str = ""
    """``exons 3-5/27``, ``intron 2/26``; numbered as transcribed."""
    nmd: str = ""
    """``expected``, ``escapes`` or an empty string where the frame is not broken or not told."""
    protein_lost: int | None = None
    """Thousandths of the coding bases that the protein loses."""
    reach: str = ""
    """How a lost or gained stretch lies on the transcript: ``whole``, its ``start`` (the 5' end) or
    its ``end`` (the 3' end) with what lies beyond, or ``within``. Empty for any other change."""


def effect_on(
    variant: StructuralVariant, gene: Gene, padding: int, terms: Terms
) -> StructuralEffect | None:
    """The effect on a gene, for the transcript chosen: MANE Select, then MANE Plus Clinical, then
    the most severe consequence, then the smallest identifier.

    Returns:
        None when the gene is out of reach, or lies whole between the ends of an inversion or
        beside a breakend without either cutting it.
    """
    chosen: tuple[tuple[object, ...], StructuralEffect] | None = None
    for transcript in gene.transcripts:
        made = _on_transcript(variant, gene.contig, transcript)
        if made is None:
            continue
        order = (_MANE_ORDER[transcript.mane], terms.severity(made.terms), transcript.id)
        if chosen is None or order < chosen[0]:
            chosen = (order, made)
    return chosen[1] if chosen else _beside(variant, gene, padding)


def _beside(variant: StructuralVariant, gene: Gene, padding: int) -> StructuralEffect | None:
    turned = variant.shape == "INV" and variant.chrom == gene.contig
    if turned and variant.interval[0] <= gene.start and gene.end <= variant.interval[1]:
        return None
    reach = []
    for low, high in _touched(variant, gene.contig):
        if low < gene.end and gene.start < high:
            return StructuralEffect(terms=frozenset({"gene_variant"}))
        apart = gene.start - high if high <= gene.start else low - gene.end
        upstream = (high <= gene.start) == (gene.strand != "-")
        reach.append((apart, not upstream))
    if not reach or min(reach)[0] > padding:
        return None
    word = "downstream_gene_variant" if min(reach)[1] else "upstream_gene_variant"
    return StructuralEffect(terms=frozenset({word}))


def _touched(variant: StructuralVariant, contig: str) -> list[Interval]:
    """The bases beside each break, or beside the interval, that stay where they are."""
    if variant.shape in ("INV", "BND"):
        return [(point, point + 1) for point in _points(variant, contig)]
    low, high = variant.interval
    return [(min(low - 1, high), max(low, high + 1))] if variant.chrom == contig else []


def _on_transcript(
    variant: StructuralVariant, contig: str, transcript: Transcript
) -> StructuralEffect | None:
    shape = variant.shape
    if shape in ("INV", "BND"):
        return _cut(variant, contig, transcript)
    low, high = variant.interval
    if variant.chrom != contig or not (transcript.start <= high and low <= transcript.end):
        return None
    view = _View(transcript)
    if shape == "DEL":
        return replace(_loss(view, low, high), reach=view.reach(low, high))
    if shape == "DUP":
        return replace(_gain(view, low, high), reach=view.reach(low, high))
    if shape == "INS":
        return _insertion(view, variant)
    if shape == "CPX":
        return _complex(view, low, high)
    found = place_of(transcript, (low, high)).terms
    return view.effect(found, view.place(low, high))


class _View:
    """A transcript read in the direction of transcription."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.forward = transcript.strand != "-"
        self.exons = sorted(transcript.exons)
        self.cds = [(start, end) for start, end, _ in transcript.cds]
        self.coding = sum(end - start + 1 for start, end in self.cds)

    def effect(
        self, found: Iterable[str], place: str, nmd: str = "", lost: int | None = None
    ) -> StructuralEffect:
        """The effect, under this transcript's name."""
        mane = self.transcript.mane != ""
        return StructuralEffect(self.transcript.name, mane, frozenset(found), place, nmd, lost)

    def hit(self, low: int, high: int) -> list[int]:
        """Which exons an interval touches, counted from 0 in genomic order."""
        return [n for n, (s, e) in enumerate(self.exons) if s <= high and low <= e]

    def number(self, index: int) -> int:
        """An exon's number as transcribed, from 1."""
        return index + 1 if self.forward else len(self.exons) - index

    def place(self, low: int, high: int) -> str:
        """The exons that an interval touches, else the intron it lies in."""
        numbers = sorted(self.number(index) for index in self.hit(low, high))
        count = len(self.exons)
        if len(numbers) == 1:
            return f"exon {numbers[0]}/{count}"
        if numbers:
            return f"exons {numbers[0]}-{numbers[-1]}/{count}"
        return self.intron(low)

    def after(self, base: int) -> str:
        """Where a break after a base lies; at the edge of an exon it is the intron's."""
        if any(s <= base < e for s, e in self.exons):
            return self.place(base, base)
        return self.intron(base) or self.intron(base + 1) or self.place(base, base)

    def intron(self, base: int) -> str:
        """The intron that holds a base."""
        for index, (one, two) in enumerate(zip(self.exons, self.exons[1:], strict=False)):
            if one[1] < base < two[0]:
                number = index + 1 if self.forward else len(self.exons) - 1 - index
                return f"intron {number}/{len(self.exons) - 1}"
        return ""

    def reach(self, low: int, high: int) -> str:
        """Which ends of the transcript an interval holds."""
        left, right = low <= self.transcript.start, self.transcript.end <= high
        if left == right:
            return "whole" if left else "within"
        return "start" if left == self.forward else "end"

    def coding_in(self, low: int, high: int) -> int:
        """Coding bases within an interval."""
        return _shared(self.cds, low, high)

    def coding_before(self, low: int, high: int) -> int:
        """Coding bases transcribed before an interval."""
        if self.forward:
            return self.coding_in(self.transcript.start, low - 1)
        return self.coding_in(high + 1, self.transcript.end)

    def to_last_junction(self, low: int, high: int) -> int:
        """Exon bases transcribed after an interval and before the last junction."""
        inner = self.exons[:-1] if self.forward else self.exons[1:]
        if self.forward:
            return _shared(inner, high + 1, self.transcript.end)
        return _shared(inner, self.transcript.start, low - 1)

    def untranslated(self, low: int, high: int) -> set[str]:
        """Terms for the untranslated exon bases within an interval."""
        return {
            f"{kind.split('_')[0].replace('five', '5').replace('three', '3')}_prime_UTR_variant"
            for kind, start, end in self.transcript.utrs()
            if start <= high and low <= end
        }

    def edges_lost(self, low: int, high: int) -> set[str]:
        """Splice sites of an exon that loses one end and keeps the other."""
        found: set[str] = set()
        inside = [n for n, (s, e) in enumerate(self.exons) if s < low <= e]
        beyond = [n for n, (s, e) in enumerate(self.exons) if s <= high < e]
        if inside and beyond:
            return found  # what is left of two exons, or of one, is joined: no site hangs loose
        if inside and inside[0] < len(self.exons) - 1:
            found.add("splice_donor_variant" if self.forward else "splice_acceptor_variant")
        if beyond and beyond[0] > 0:
            found.add("splice_acceptor_variant" if self.forward else "splice_donor_variant")
        return found

    def ends(self) -> tuple[Interval, Interval]:
        """The start codon and the stop codon, as the outermost three coding bases."""
        left, right = _edge(self.cds, False), _edge(self.cds, True)
        return (left, right) if self.forward else (right, left)

    def decay(self, low: int, high: int) -> str:
        """Whether a frame broken at an interval is expected to end in decay."""
        return "expected" if self.to_last_junction(low, high) > ESCAPE else "escapes"


def _edge(parts: list[Interval], last: bool) -> Interval:
    """The outermost three bases of the coding parts; a codon split by an intron is spanned."""
    left = 3
    ordered = sorted(parts, reverse=last)
    reached = ordered[0][1] if last else ordered[0][0]
    first = reached
    for start, end in ordered:
        taken = min(left, end - start + 1)
        reached = end - taken + 1 if last else start + taken - 1
        left -= taken
        if not left:
            break
    return (reached, first) if last else (first, reached)


def _shared(intervals: Iterable[Interval], low: int, high: int) -> int:
    return sum(max(0, min(end, high) - max(start, low) + 1) for start, end in intervals)


def _meets(one: Interval, low: int, high: int) -> bool:
    return one[0] <= high and low <= one[1]


def _thousandths(part: int, whole: int) -> int | None:
    return round(WHOLE * part / whole) if whole else None


def _loss(view: _View, low: int, high: int) -> StructuralEffect:
    transcript = view.transcript
    if low <= transcript.start and transcript.end <= high:
        lost = WHOLE if view.coding else None
        return view.effect({"transcript_ablation"}, view.place(low, high), "", lost)
    if not view.hit(low, high):
        return view.effect(place_of(transcript, (low, high)).terms, view.place(low, high))
    place, found = view.place(low, high), {"feature_truncation"}
    if not view.coding:
        return view.effect(found | {"non_coding_transcript_exon_variant"}, place)
    found |= view.untranslated(low, high) | view.edges_lost(low, high)
    lost = view.coding_in(low, high)
    if not lost:
        return view.effect(found, place, "", 0)
    start, stop = view.ends()
    before = view.coding_before(low, high)
    if _meets(start, low, high):
        return view.effect(found | {"start_lost"}, place, "", _thousandths(lost, view.coding))
    if _meets(stop, low, high):
        ragged = high >= transcript.end if view.forward else low <= transcript.start
        # With the end of the gene the site that ends the transcript goes; ClinGen 2020, 2D.
        nmd = "expected" if ragged and len(view.hit(low, high)) > 1 else ""
        share = _thousandths(view.coding - before, view.coding)
        return view.effect(found | {"stop_lost"}, place, nmd, share)
    if found & {"splice_donor_variant", "splice_acceptor_variant"}:
        share = _thousandths(lost, view.coding)
        return view.effect(found | {"coding_sequence_variant"}, place, "", share)
    if lost % 3:
        share = _thousandths(view.coding - before, view.coding)
        nmd = view.decay(low, high)
        return view.effect(found | {"frameshift_variant"}, place, nmd, share)
    return view.effect(found | {"inframe_deletion"}, place, "", _thousandths(lost, view.coding))


def _gain(view: _View, low: int, high: int) -> StructuralEffect:
    """A duplication, presumed in tandem and in the same direction."""
    transcript = view.transcript
    if low <= transcript.start and transcript.end <= high:
        return view.effect({"transcript_amplification"}, view.place(low, high))
    if not view.hit(low, high):
        # A splice site that is copied is not lost.
        return view.effect({"intron_variant"}, view.place(low, high))
    place, found = view.place(low, high), {"feature_elongation"}
    if not view.coding:
        return view.effect(found | {"non_coding_transcript_exon_variant"}, place)
    gained = view.coding_in(low, high)
    found |= view.untranslated(low, high)
    start, stop = view.ends()
    outside = low <= transcript.start or transcript.end <= high
    if outside or not gained or _meets(stop, low, high):
        # One whole copy stays, or the reading ends before the second copy begins.
        return view.effect(found | ({"coding_sequence_variant"} if gained else set()), place)
    inside = sum(any(s <= p <= e for s, e in view.exons) for p in (low - 1, high + 1))
    if inside == 1:
        return view.effect(found | {"coding_sequence_variant"}, place)
    if _shared(view.exons, low, high) % 3:
        after = view.coding - view.coding_before(low, high) - gained
        nmd = view.decay(low, high)
        share = _thousandths(after, view.coding)
        return view.effect(found | {"frameshift_variant"}, place, nmd, share)
    whole = not _meets(start, low, high)
    return view.effect(
        found | {"inframe_insertion" if whole else "protein_altering_variant"}, place
    )


def _insertion(view: _View, variant: StructuralVariant) -> StructuralEffect:
    low, high = variant.interval
    found = set(place_of(view.transcript, (low, high)).terms)
    place = view.place(low, high)
    if "intron_variant" in found:
        return view.effect(found, view.intron(high) or place)
    if not view.hit(low, high):
        return view.effect(found, place)
    found.add("feature_elongation")
    if "coding_sequence_variant" not in found:
        return view.effect(found, place)
    found.discard("coding_sequence_variant")
    if variant.length and variant.length % 3:
        share = _thousandths(view.coding - view.coding_before(low, high), view.coding)
        nmd = view.decay(low, high)
        return view.effect(found | {"frameshift_variant"}, place, nmd, share)
    return view.effect(found | {"protein_altering_variant"}, place)


def _complex(view: _View, low: int, high: int) -> StructuralEffect:
    """Several changes in one stretch: where it lies is known, what is lost or kept is not."""
    place = view.place(low, high)
    if not view.hit(low, high):
        return view.effect({"intron_variant"}, place)
    if not view.coding:
        return view.effect({"non_coding_transcript_exon_variant"}, place)
    if view.coding_in(low, high):
        return view.effect({"coding_sequence_variant"}, place)
    return view.effect(view.untranslated(low, high), place)


def _cut(
    variant: StructuralVariant, contig: str, transcript: Transcript
) -> StructuralEffect | None:
    """A gene cut by the ends of an inversion or by a breakend.

    A breakpoint lies after its base, but for a breakend that keeps what lies right of it. What the
    protein loses is not told of a breakend without a mate: it may begin a short insertion.
    """
    view = _View(transcript)
    points = _points(variant, contig)
    inside = [p for p in points if transcript.start <= p < transcript.end]
    if not inside:
        return None
    place = ", ".join(dict.fromkeys(filter(None, map(view.after, inside))))
    if len(inside) == 2 and not view.hit(inside[0] + 1, inside[1]):
        return view.effect({"intron_variant"}, place)
    found = {"feature_truncation"}
    if not view.coding:
        return view.effect(found | {"non_coding_transcript_exon_variant"}, place)
    if len(inside) == 2:
        low, high = inside[0] + 1, inside[1]
    elif view.forward:
        low, high = inside[0] + 1, transcript.end
    else:
        low, high = transcript.start, inside[0]
    lost = view.coding_in(low, high)
    if variant.kind == "BND" and not variant.chrom2:
        more = {"coding_sequence_variant"} if lost else view.untranslated(low, high)
        return view.effect(found | more, place)
    if lost:
        return view.effect(
            found | {"coding_sequence_variant"}, place, "", _thousandths(lost, view.coding)
        )
    return view.effect(found | view.untranslated(low, high), place, "", 0)


def _points(variant: StructuralVariant, contig: str) -> list[int]:
    """The bases on a contig after which the chromosome is broken, in order."""
    if variant.kind != "BND":
        low, high = variant.interval
        return [low - 1, high] if variant.chrom == contig else []
    first = variant.pos if variant.before else variant.pos - 1
    second = variant.pos2 if variant.mark == "]" else variant.pos2 - 1
    ends = ((variant.chrom, first), (variant.chrom2, second))
    return sorted(point for name, point in ends if name == contig)
