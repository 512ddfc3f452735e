"""HGVS names of many alleles at once: substitutions, deletions, insertions and duplications.

In a left-aligned record a deletion or insertion stands at the left end of its repeat. How far it
moves right is found once for each; then its name on the genome, and on transcripts of either
strand, is arithmetic. An insertion that moves by its own length or more repeats the bases beside
it, and is a duplication. What is neither goes one by one through
:class:`ariane.annotate.hgvs.Namer`; a test holds both ways together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.alleles import Alleles, Truth, Whole
from ariane.annotate.genes import Transcript
from ariane.annotate.hgvs import Namer
from ariane.annotate.hgvs_edit import Edit, reverse_complement, run_right

_COMPLEMENT: Final = {"A": "T", "C": "G", "G": "C", "T": "A"}
_BASES: Final = pa.array(list(_COMPLEMENT))
_TURNED: Final = pa.array(list(_COMPLEMENT.values()))


class _Strand:
    """What is named in one direction: first and last position, and what follows them."""

    def __init__(self, first: Whole, last: Whole, suffix: pa.StringArray) -> None:
        self.first = first
        self.last = last
        """The same as ``first`` where one position is named."""
        self.suffix = suffix


class Bulk:
    """Names the alleles of one contig.

    Args:
        namer: HGVS names, for its reference and for what is not named here.
        alleles: left-aligned alleles of one contig.
    """

    def __init__(self, namer: Namer, alleles: Alleles) -> None:
        self._namer = namer
        self._alleles = alleles
        known = [pc.is_in(column, value_set=_BASES) for column in (alleles.ref, alleles.alt)]
        single = _numpy(pc.and_(*known))
        self.plain: Truth = single.copy()
        """Alleles that are named here."""
        self._plus, self._minus = self._described(single)

    def genomic(self) -> pa.StringArray:
        """The g. name of each allele."""
        named = self._plus
        two = named.first != named.last
        text = _joined(
            pa.array(named.first).cast(pa.string()),
            pa.array(named.last[two]).cast(pa.string()),
            two,
            named.suffix,
        )
        text = pc.binary_join_element_wise(self._namer.prefix(self._alleles.contig), text, "")
        rest = np.flatnonzero(~self.plain)
        contig = self._alleles.contig
        names = [self._namer.genomic(contig, *given) for given in self.given(rest)]
        return _filled(text, self.plain, names)

    def strand(self, minus: bool) -> _Strand:
        """What is named on a transcript of that strand, in its own direction."""
        return self._minus if minus else self._plus

    def given(self, rows: Whole) -> list[tuple[int, str, str]]:
        """Position, REF and ALT of some alleles."""
        if not len(rows):
            return []
        at = pa.array(rows)
        columns = (self._alleles.ref, self._alleles.alt)
        texts = [column.take(at).to_pylist() for column in columns]
        return list(zip(self._alleles.pos[rows].tolist(), *texts, strict=True))

    def _described(self, single: Truth) -> tuple[_Strand, _Strand]:
        alleles = self._alleles
        ends = [[alleles.pos.copy(), alleles.pos.copy()] for _ in range(2)]
        told: list[list[str]] = [[], []]
        rows = np.flatnonzero(~single)
        for row, (pos, ref, alt) in zip(rows.tolist(), self.given(rows), strict=True):
            found = self._indel(pos, ref, alt)
            if found is None:
                told[0].append("")
                told[1].append("")
                continue
            self.plain[row] = True
            for n, (first, last, suffix) in enumerate(found):
                ends[n][0][row], ends[n][1][row] = first, last
                told[n].append(suffix)
        turned = [_turned(column) for column in (alleles.ref, alleles.alt)]
        plus = pc.binary_join_element_wise(alleles.ref, alleles.alt, ">")
        minus = pc.binary_join_element_wise(*turned, ">")
        return (
            _Strand(ends[0][0], ends[0][1], _filled(plus, single, told[0])),
            _Strand(ends[1][0], ends[1][1], _filled(minus, single, told[1])),
        )

    def _indel(
        self, pos: int, ref: str, alt: str
    ) -> tuple[tuple[int, int, str], tuple[int, int, str]] | None:
        """What is named of a deletion or insertion, on the plus and on the minus strand."""
        if ref[0] != alt[0] or (len(ref) > 1 and len(alt) > 1):
            return None
        unit, contig = ref[1:] or alt[1:], self._alleles.contig
        if not unit or "N" in unit or ref[0] == "N":
            return None
        size, reference = len(unit), self._namer.reference
        if len(ref) > 1:
            moved = run_right(reference, contig, Edit(pos + 1, unit, ""))
            return (
                (pos + 1 + moved, pos + size + moved, "del"),
                (pos + size, pos + 1, "del"),
            )
        moved = run_right(reference, contig, Edit(pos + 1, "", unit))
        if moved >= size:
            return (pos + 1 + moved - size, pos + moved, "dup"), (pos + size, pos + 1, "dup")
        turn = moved % size
        return (
            (pos + moved, pos + moved + 1, f"ins{unit[turn:]}{unit[:turn]}"),
            (pos + 1, pos, f"ins{reverse_complement(unit)}"),
        )


class IntronNames:
    """Gathers alleles in introns, transcript by transcript, and names them together.

    Args:
        namer: HGVS names.
        alleles: the alleles of one contig.
        bulk: their names in bulk.
    """

    def __init__(self, namer: Namer, alleles: Alleles, bulk: Bulk) -> None:
        self._namer = namer
        self._alleles = alleles
        self._bulk = bulk
        self._anchors: list[str] = []
        self._parts: list[tuple[Whole, ...]] = []
        """Per call: row, strand (0, 1, or -1: named alone), and for each end the number of its
        anchor and its distance to it."""
        self._alone: list[str] = []

    def add(self, transcript: Transcript, rows: Whole) -> None:
        """Take alleles inside a transcript, none of which touches an exon."""
        contig = self._alleles.contig
        places = self._namer.places(transcript, contig)
        starts, ends = places.edges
        named = self._bulk.strand(places.minus)
        fits = self._bulk.plain[rows].copy()
        found: list[Whole] = []
        introns = []
        for positions in (named.first[rows], named.last[rows]):
            number = np.searchsorted(starts, positions, side="right") - 1
            fits &= (number >= 0) & (number < len(starts) - 1)
            number = np.clip(number, 0, max(0, len(starts) - 2))
            left = positions - ends[number]
            fits &= left > 0
            right = starts[np.minimum(number + 1, len(starts) - 1)] - positions
            # Of the middle base the exon that comes first in the transcript counts.
            from_left = right > left if places.minus else left <= right
            found.append(len(self._anchors) + 2 * number + np.where(from_left, 0, 1))
            found.append(np.where(from_left, left, right))
            introns.append(number)
        fits &= introns[0] == introns[1]
        self._anchors.extend(places.intron_anchors)
        for pos, ref, alt in self._bulk.given(rows[~fits]):
            self._alone.append(self._namer.names(transcript, contig, pos, ref, alt).c)
        self._parts.append((rows, np.where(fits, int(places.minus), -1), *found))

    def skip(self, rows: Whole) -> None:
        """Take alleles that have no name on a transcript."""
        self._alone.extend([""] * len(rows))
        none = np.full(len(rows), -1, dtype=np.int64)
        self._parts.append((rows, none, none, none, none, none))

    def names(self) -> pa.StringArray:
        """The names, in the order in which the alleles were given."""
        rows, strand, *found = (np.concatenate(c) for c in zip(*self._parts, strict=True))
        if (strand < 0).all():
            return pa.array(self._alone, pa.string())
        at, minus = pa.array(rows), pa.array(strand == 1)
        suffix = pc.if_else(
            minus,
            self._bulk.strand(True).suffix.take(at),
            self._bulk.strand(False).suffix.take(at),
        )
        two = np.zeros(len(rows), dtype=bool)
        for n in (0, 1):
            named, here = self._bulk.strand(bool(n)), strand == n
            two[here] = (named.first != named.last)[rows[here]]
        first = self._labels(found[0], found[1])
        last = self._labels(found[2][two], found[3][two])
        last = pc.replace_substring_regex(last, r"^[cn]\.", "")
        return _filled(_joined(first, last, two, suffix), strand >= 0, self._alone)

    def _labels(self, anchors: Whole, distances: Whole) -> pa.StringArray:
        texts = pa.array(self._anchors, pa.string()).take(pa.array(np.maximum(anchors, 0)))
        return pc.binary_join_element_wise(texts, pa.array(distances).cast(pa.string()), "")


def _joined(
    first: pa.StringArray, last: pa.StringArray, two: Truth, suffix: pa.StringArray
) -> pa.StringArray:
    """``76+5del`` or, where two positions are named, ``76+5_76+7del``.

    Args:
        first: first position, of all.
        last: last position, of those alone that name two.
        two: which these are.
        suffix: what follows, of all.
    """
    rows = np.flatnonzero(two)
    if len(rows):
        both = pc.binary_join_element_wise(first.take(pa.array(rows)), last, "_")
        first = _filled(first, ~two, both)
    return pc.binary_join_element_wise(first, suffix, "")


def _turned(column: pa.StringArray) -> pa.StringArray:
    return pc.fill_null(_TURNED.take(pc.index_in(column, value_set=_BASES)), "")


def _filled(
    named: pa.StringArray, single: Any, names: Sequence[str] | pa.StringArray
) -> pa.StringArray:
    """The names made at once, and those made one by one in the places left over."""
    if not len(names):
        return named
    order = np.zeros(len(single), dtype=np.int64)
    order[single] = np.flatnonzero(single)
    order[~single] = len(single) + np.arange(len(names))
    return pa.concat_arrays([named, pa.array(names, pa.string())]).take(pa.array(order))


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
