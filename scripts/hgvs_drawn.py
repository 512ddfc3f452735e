"""Generated variants where names are hard: exon edges, repeats, both strands, every kind."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ariane.annotate.genes import Transcript
from ariane.annotate.hgvs_edit import (
    Edit,
    left_aligned,
    reverse_complement,
    run_right,
    trimmed,
)
from ariane.annotate.sequence import Reference

_PLACES: Final = ("exon edge", "exon", "intron", "repeat", "transcript end")
_KINDS: Final = ("substitution", "deletion", "duplication", "insertion", "indel", "inversion")
_NEAR: Final = 12
"""Reach of an edge in bases."""
_LONGEST: Final = 24


@dataclass(frozen=True)
class Drawn:
    """A variant of one transcript."""

    contig: str
    transcript: Transcript
    pos: int
    ref: str
    alt: str
    """Left-aligned, without needless bases."""
    other: tuple[int, str, str]
    """The same variant in another VCF spelling: moved right and with bases before it."""
    place: str


def drawn(
    transcripts: Sequence[tuple[str, Transcript]], reference: Reference, seed: int
) -> Iterator[Drawn]:
    """Variants without end, the same for the same seed, a few of each transcript at a time.

    Args:
        transcripts: contig and transcript, whose bases are all known.
        reference: the bases.
        seed: of the choice.
    """
    rng = random.Random(seed)  # noqa: S311
    while True:
        contig, transcript = rng.choice(transcripts)
        for _ in range(20):
            place = rng.choice(_PLACES)
            position = _position(rng, transcript, reference, contig, place)
            edit = _edit(rng, reference, contig, position)
            if edit is not None:
                key = left_aligned(reference, contig, edit)
                yield Drawn(contig, transcript, *key, _spelled(rng, reference, contig, key), place)


def _position(
    rng: random.Random, transcript: Transcript, reference: Reference, contig: str, place: str
) -> int:
    start, end = rng.choice(transcript.exons)
    if place == "exon edge":
        return rng.choice((start, end)) + rng.randint(-_NEAR, _NEAR)
    if place == "exon":
        return rng.randint(start, end)
    if place == "transcript end":
        return rng.choice((transcript.start, transcript.end)) + rng.randint(-_NEAR, _NEAR)
    position = rng.randint(transcript.start, transcript.end)
    if place == "repeat":
        for step in range(300):
            bases = reference.bases(contig, position + step, 8).decode()
            if bases[:2] * 2 == bases[:4] or bases[:3] * 2 == bases[:6]:
                return position + step
    return position


def _edit(rng: random.Random, reference: Reference, contig: str, position: int) -> Edit | None:
    """A change at a position; None where it would change nothing or meet unknown bases."""
    kind = rng.choice(_KINDS)
    size = min(rng.choice((1, 1, 1, 2, 2, 3, 3, 4, 6, 9, _LONGEST)), _LONGEST)
    held = reference.bases(contig, position, size).decode()
    if len(held) < size or "N" in held:
        return None
    if kind == "substitution":
        return Edit(position, held[0], rng.choice([b for b in "ACGT" if b != held[0]]))
    if kind == "deletion":
        return Edit(position, held, "")
    if kind == "duplication":
        return Edit(position + size, "", held)
    random_bases = "".join(rng.choice("ACGT") for _ in range(rng.randint(1, size + 2)))
    if kind == "insertion":
        return Edit(position, "", random_bases)
    instead = reverse_complement(held) if kind == "inversion" else random_bases
    edit = trimmed(position, held, instead)
    return edit if edit.removed or edit.inserted else None


def _spelled(
    rng: random.Random, reference: Reference, contig: str, key: tuple[int, str, str]
) -> tuple[int, str, str]:
    """The same variant somewhere along its repeat, with up to five bases more on each side."""
    edit = trimmed(*key)
    if not (edit.removed and edit.inserted):
        edit = edit.moved(rng.randint(0, run_right(reference, contig, edit)))
    before, after = rng.randint(1, 5), rng.randint(0, 5)
    left = reference.bases(contig, edit.start - before, before).decode()
    right = reference.bases(contig, edit.end + 1, after).decode()
    return edit.start - before, left + edit.removed + right, left + edit.inserted + right
