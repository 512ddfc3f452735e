"""How much of the protein a variant takes, and whether its transcript is thought to be decayed."""

from __future__ import annotations

import re
from typing import Final

from ariane.annotate.genes import Transcript

PENULTIMATE: Final = 50
"""Coding bases before the last exon junction within which a stop escapes nonsense-mediated decay
(Nagy and Maquat 1998; Abou Tayoun and others, Hum Mutat 2018)."""

_STOP: Final = re.compile(r"p\.\(?[A-Z][a-z]{2}(\d+)(?:_[A-Z][a-z]{2}\d+)?(?:delins\w*?)?Ter\)?\Z")
_SHIFT: Final = re.compile(r"p\.\(?[A-Z][a-z]{2}(\d+)(?:[A-Z][a-z]{2})?fs(?:Ter(\d+|\?))?\)?\Z")
_LESS: Final = re.compile(r"p\.\(?[A-Z][a-z]{2}(\d+)(?:_[A-Z][a-z]{2}(\d+))?del(?!ins)\)?\Z")


def truncation(transcript: Transcript, protein: str, gained: int) -> tuple[str, int | None]:
    """Decay and loss, from the protein's HGVS name.

    Args:
        transcript: the coding transcript.
        protein: HGVS p. name without accession.
        gained: bases that the allele adds to the transcript; below zero for a loss.

    Returns:
        ``expected``, ``escapes`` or an empty string; and thousandths of the protein that are lost
        or altered, or None where neither a stop nor an in-frame loss is told.
    """
    length = sum(end - start + 1 for start, end, _ in transcript.cds) // 3 - 1
    if length < 1:
        return "", None
    if found := _STOP.match(protein):
        first = stop = int(found[1])
    elif found := _SHIFT.match(protein):
        first = int(found[1])
        if found[2] in (None, "?"):
            # The new frame has no stop on the transcript: no stop, no decay by one.
            return "", _share(length - first + 1, length)
        stop = first + int(found[2]) - 1
    elif found := _LESS.match(protein):
        lost = int(found[2] or found[1]) - int(found[1]) + 1
        return "", _share(lost, length)
    else:
        return "", None
    junction = last_junction(transcript)
    decayed = junction is not None and 3 * stop - gained <= junction - PENULTIMATE
    return "expected" if decayed else "escapes", _share(length - first + 1, length)


def last_junction(transcript: Transcript) -> int | None:
    """Coding position of the last base before the last exon junction; None for one exon.

    A junction in the 3' UTR lies beyond the coding sequence, so that every stop of it is far
    enough before it.
    """
    if len(transcript.exons) < 2:
        return None
    forward = transcript.strand != "-"
    edge = transcript.exons[-1][0] if forward else transcript.exons[0][1]
    span = transcript.coding_span
    if span is None:
        return None
    position = 0
    for start, end, _ in transcript.cds:
        if forward and start < edge:
            position += min(end, edge - 1) - start + 1
        elif not forward and end > edge:
            position += end - max(start, edge + 1) + 1
    beyond = span[1] < edge if forward else span[0] > edge
    if beyond:
        position += _utr_before(transcript, edge, forward)
    return position


def _utr_before(transcript: Transcript, edge: int, forward: bool) -> int:
    total = 0
    for kind, start, end in transcript.utrs():
        if kind != "three_prime_UTR":
            continue
        if forward and start < edge:
            total += min(end, edge - 1) - start + 1
        elif not forward and end > edge:
            total += end - max(start, edge + 1) + 1
    return total


def _share(lost: int, length: int) -> int:
    return min(1000, max(0, round(1000 * lost / length)))
