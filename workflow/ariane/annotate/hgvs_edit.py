"""One sequence change on the genome: trimmed, moved along its repeat, told by kind."""

from __future__ import annotations

from typing import Final, NamedTuple

from ariane.annotate.sequence import Reference

_PAIRS: Final = str.maketrans("ACGTN", "TGCAN")
_LOOK: Final = 64
_LOOK_FAR: Final = 4096


class Edit(NamedTuple):
    """``removed`` from ``start`` on, ``inserted`` in its place; 1-based, forward strand.

    An insertion removes nothing and stands before ``start``.
    """

    start: int
    removed: str
    inserted: str

    @property
    def end(self) -> int:
        """Last removed base; ``start - 1`` for an insertion."""
        return self.start + len(self.removed) - 1

    def moved(self, by: int) -> Edit:
        """The same change written ``by`` bases further right, in a repeat that allows it."""
        if not by:
            return self
        if self.removed:
            return Edit(self.start + by, _turned(self.removed, by), "")
        return Edit(self.start + by, "", _turned(self.inserted, by))


def reverse_complement(bases: str) -> str:
    """The other strand, in its own direction."""
    return bases.translate(_PAIRS)[::-1]


def trimmed(pos: int, ref: str, alt: str) -> Edit:
    """A VCF allele without the bases that REF and ALT share at the end, then at the start."""
    shortest = min(len(ref), len(alt))
    tail = 0
    while tail < shortest and ref[-1 - tail] == alt[-1 - tail]:
        tail += 1
    head = 0
    while head < shortest - tail and ref[head] == alt[head]:
        head += 1
    return Edit(pos + head, ref[head : len(ref) - tail], alt[head : len(alt) - tail])


def run_right(reference: Reference, contig: str, edit: Edit) -> int:
    """How many bases a pure deletion or insertion can move right without changing the sequence."""
    unit = edit.removed or edit.inserted
    size, run, look = len(unit), 0, _LOOK
    after = edit.start + len(edit.removed)
    while True:
        bases = reference.bases(contig, after + run, look).decode()
        for base in bases:
            if base != unit[run % size] or base == "N":
                return run
            run += 1
        if len(bases) < look:
            return run
        look = _LOOK_FAR


def run_left(reference: Reference, contig: str, edit: Edit) -> int:
    """How many bases a pure deletion or insertion can move left without changing the sequence."""
    unit = edit.removed or edit.inserted
    size, run, look = len(unit), 0, _LOOK
    while True:
        last = edit.start - 1 - run
        want = min(look, last)
        bases = reference.bases(contig, last - want + 1, want).decode() if want else ""
        for base in reversed(bases):
            if base != unit[-1 - run % size] or base == "N":
                return run
            run += 1
        if want < look:
            return run
        look = _LOOK_FAR


def left_aligned(reference: Reference, contig: str, edit: Edit) -> tuple[int, str, str]:
    """Position, REF and ALT of a change, leftmost and with one base before it where VCF wants one.

    A change of the contig's first bases takes the base after it, as VCF 4.3 says.
    """
    start, removed, inserted = edit
    if removed and inserted:
        return start, removed, inserted
    start, removed, inserted = edit.moved(-run_left(reference, contig, edit))
    if start > 1:
        anchor = reference.bases(contig, start - 1, 1).decode()
        return start - 1, anchor + removed, anchor + inserted
    anchor = reference.bases(contig, start + len(removed), 1).decode()
    return start, removed + anchor, inserted + anchor


def is_inversion(edit: Edit) -> bool:
    """Whether two or more bases are replaced by their reverse complement."""
    return len(edit.removed) > 1 and edit.inserted == reverse_complement(edit.removed)


def _turned(unit: str, by: int) -> str:
    turn = by % len(unit)
    return unit[turn:] + unit[:turn]
