"""What the loss of a splice site takes of the protein: the coding bases of the exon it ends.

After the tree of Abou Tayoun and others (Hum Mutat 2018): the exon is thought to be left out. A
cryptic site nearby is not looked for. An exon that cannot be left out (the first, the last) keeps
its intron, which ends the reading frame.
"""

from __future__ import annotations

import re
from typing import Final

from ariane.annotate.genes import Transcript
from ariane.annotate.truncation import PENULTIMATE, last_junction

_SITE: Final = re.compile(r"(?<![\w*-])(\*|-)?(\d+)([+-])\d+")

SPLICE_SITES: Final = frozenset({"splice_acceptor_variant", "splice_donor_variant"})
WHOLE: Final = 1000


def skipping(transcript: Transcript, name: str) -> tuple[str, int | None]:
    """Decay and loss for an allele at a splice site, from its HGVS c. name.

    Args:
        transcript: the coding transcript.
        name: HGVS c. name without accession: ``c.68-2A>G``.

    Returns:
        ``expected`` where the frame breaks far enough before the last junction, ``escapes`` where
        it breaks near the end, an empty string where it is kept; and the thousandths of the
        protein that are lost. None where the name tells no site.
    """
    parts = _parts(transcript)
    sites = _SITE.findall(name.removeprefix("c."))
    if not parts or not sites:
        return "", None
    told = [_of_site(transcript, parts, *site) for site in sites]
    # An allele that reaches over two sites: the worse of them.
    return max(told, key=lambda t: (t[0] == "expected", t[1]))


def _parts(transcript: Transcript) -> list[tuple[int, int]]:
    """First and last coding position of each exon's coding part, as transcribed."""
    ordered = transcript.cds if transcript.strand != "-" else transcript.cds[::-1]
    parts, position = [], 0
    for start, end, _ in ordered:
        parts.append((position + 1, position + end - start + 1))
        position += end - start + 1
    return parts


def _of_site(
    transcript: Transcript, parts: list[tuple[int, int]], mark: str, digits: str, side: str
) -> tuple[str, int]:
    position = int(digits)
    if mark == "*":
        return "", 0
    if mark == "-":
        own = side == "-" and position == _untranslated_before(transcript)
        return ("", WHOLE) if own else ("", 0)
    ends = [high if side == "+" else low for low, high in parts]
    if position not in ends:
        return "", 0
    index = ends.index(position)
    low, high = parts[index]
    length = parts[-1][1] - 3
    rest = min(WHOLE, max(0, round(WHOLE * (length - low + 1) / length)))
    if index == 0 and side == "+" and len(parts) > 1:
        # The first exon of a transcript cannot be left out; another takes the start with it.
        return ("expected", WHOLE) if _untranslated_exons(transcript) == 0 else ("", WHOLE)
    if index == len(parts) - 1:
        # The last coding part goes, with what follows it.
        return "escapes", rest
    if (high - low + 1) % 3 == 0:
        return "", round(WHOLE * (high - low + 1) / length)
    junction = last_junction(transcript)
    decayed = junction is not None and junction - high > PENULTIMATE
    return "expected" if decayed else "escapes", rest


def _untranslated_before(transcript: Transcript) -> int:
    """Bases of the exon with the start codon that lie before it."""
    span = transcript.coding_span
    if span is None:
        return 0
    forward = transcript.strand != "-"
    base = span[0] if forward else span[1]
    for start, end in transcript.exons:
        if start <= base <= end:
            return base - start if forward else end - base
    return 0


def _untranslated_exons(transcript: Transcript) -> int:
    """Exons wholly before the one with the start codon."""
    span = transcript.coding_span
    if span is None:
        return 0
    if transcript.strand != "-":
        return sum(end < span[0] for _, end in transcript.exons)
    return sum(start > span[1] for start, _ in transcript.exons)
