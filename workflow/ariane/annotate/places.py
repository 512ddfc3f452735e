"""Where a variant lies on a transcript, and the terms that exons and introns alone give.

csq knows the protein but not the finer places of an intron, nor RNA genes. These terms follow the
Sequence Ontology's extents, as Ensembl's consequence table draws them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final, NamedTuple

from ariane.annotate.genes import Transcript

SPLICE_SITE: Final = 2
"""Intronic bases of a splice site (SO:0001574, SO:0001575)."""
REGION_IN_EXON: Final = 3
REGION_IN_INTRON: Final = 8
"""Extent of a splice region (SO:0001630)."""
DONOR_REGION: Final = (3, 6)
"""Intronic bases of the donor region (SO:0002170)."""
DONOR_FIFTH: Final = 5
"""The donor's fifth base (SO:0001787)."""
POLYPYRIMIDINE: Final = (3, 17)
"""Intronic bases of the polypyrimidine tract before the acceptor (SO:0002169)."""
ACCEPTOR_REACH: Final = 20
"""Last base before the acceptor at which splicing is still suspected: Walker and others (Am J Hum
Genet 2023) exclude -21 and beyond from it."""

SITES: Final = frozenset({"splice_donor_variant", "splice_acceptor_variant"})


class Place(NamedTuple):
    """What the exons and introns of one transcript say of a span."""

    terms: frozenset[str]
    """Sequence Ontology terms; of coding bases only ``coding_sequence_variant``."""
    words: str
    """``exon 3/27``, ``exons 3-5/27``, ``intron 3/26`` in the transcript's direction."""
    near: bool
    """In an exon, or close enough to one for splicing to be suspected."""


def place(transcript: Transcript, span: tuple[int, int]) -> Place:
    """Where a span lies on a transcript that it touches.

    Args:
        transcript: the transcript.
        span: first and last changed base, 1-based; ``(n + 1, n)`` for an insertion in between.
    """
    low, high = span
    exons = transcript.exons
    first, last = min(low, high), max(low, high)
    # An insertion at an exon's edge touches no base of the exon: it must lie between two of them.
    begin = bisect_left(exons, low if high >= low else high, key=_end)
    stop = bisect_right(exons, high if high >= low else low, key=_start)
    if high < low:
        while begin < stop and not (exons[begin][0] <= high and low <= exons[begin][1]):
            begin += 1
        stop = min(stop, begin + 1)
    terms: set[str] = set()
    for start, end in exons[begin:stop]:
        terms |= _in_exon(transcript, max(low, start), min(high, end))
    near = bool(terms)
    margin = REGION_IN_EXON
    if begin + 1 == stop and exons[begin][0] + margin < first and last + margin < exons[begin][1]:
        # Deep inside an exon, as most of what is asked: no intron is in reach.
        return Place(frozenset(terms), _words(transcript, begin, stop, first), near)
    for donor, acceptor in _introns(transcript, first, last):
        found, close = _in_intron(low, high, donor, acceptor)
        terms |= found
        near |= close
    if begin >= stop and not terms & SITES:
        terms.add("intron_variant")
    return Place(frozenset(terms), _words(transcript, begin, stop, first), near)


def _end(exon: tuple[int, int]) -> int:
    return exon[1]


def _start(exon: tuple[int, int]) -> int:
    return exon[0]


def _in_exon(transcript: Transcript, low: int, high: int) -> set[str]:
    coding = transcript.coding_span
    if coding is None:
        return {"non_coding_transcript_exon_variant"}
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


def _introns(transcript: Transcript, first: int, last: int) -> list[tuple[_Side, _Side]]:
    """The donor and acceptor sides of introns whose edges the bases may reach."""
    exons = transcript.exons
    reach = ACCEPTOR_REACH
    begin = max(0, bisect_left(exons, first - reach, key=_end) - 1)
    stop = min(len(exons) - 1, bisect_right(exons, last + reach, key=_start) + 1)
    sides = []
    for (_, end), (start, _) in zip(exons[begin:stop], exons[begin + 1 : stop + 1], strict=False):
        if end + 1 >= start:
            continue
        left, right = _Side(end, 1), _Side(start, -1)
        sides.append((left, right) if transcript.strand != "-" else (right, left))
    return sides


class _Side(NamedTuple):
    """One edge of an intron: the exon's last base and the way into the intron."""

    edge: int
    into: int

    def reaches(self, low: int, high: int, first: int, last: int) -> bool:
        """Whether ``low..high`` touches the intronic bases ``first`` to ``last``, from 1 on."""
        ends = (self.edge + self.into * first, self.edge + self.into * last)
        return min(ends) <= high and low <= max(ends)


def _in_intron(low: int, high: int, donor: _Side, acceptor: _Side) -> tuple[set[str], bool]:
    found: set[str] = set()
    if donor.reaches(low, high, 1, SPLICE_SITE):
        found.add("splice_donor_variant")
    if acceptor.reaches(low, high, 1, SPLICE_SITE):
        found.add("splice_acceptor_variant")
    # An insertion right at the exon's edge lies in the region though it touches no base of it.
    first, last = (low - 1, high + 1) if high < low else (low, high)
    if donor.reaches(low, high, *DONOR_REGION):
        single = low == high == donor.edge + donor.into * DONOR_FIFTH
        found.add("splice_donor_5th_base_variant" if single else "splice_donor_region_variant")
    elif donor.reaches(first, last, DONOR_REGION[1] + 1, REGION_IN_INTRON):
        found.add("splice_region_variant")
    if acceptor.reaches(low, high, *POLYPYRIMIDINE):
        found.add("splice_polypyrimidine_tract_variant")
    if acceptor.reaches(first, last, SPLICE_SITE + 1, REGION_IN_INTRON) or any(
        side.reaches(first, last, 1 - REGION_IN_EXON, 0) for side in (donor, acceptor)
    ):
        found.add("splice_region_variant")
    return found, bool(found) or acceptor.reaches(first, last, 1, ACCEPTOR_REACH)


def _words(transcript: Transcript, begin: int, stop: int, first: int) -> str:
    count = len(transcript.exons)
    forward = transcript.strand != "-"
    if begin < stop:
        numbers = (begin + 1, stop) if forward else (count - stop + 1, count - begin)
        if numbers[0] == numbers[1]:
            return f"exon {numbers[0]}/{count}"
        return f"exons {numbers[0]}-{numbers[1]}/{count}"
    before = bisect_right(transcript.exons, first, key=_start)
    number = before if forward else count - before
    return f"intron {number}/{count - 1}" if 0 < number < count else ""
