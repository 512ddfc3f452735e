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

from ariane.annotate.alleles import Alleles
from ariane.annotate.contig_map import ContigMap, Truth, Whole
from ariane.annotate.genes import Transcript
from ariane.annotate.hgvs import Namer
from ariane.annotate.hgvs_edit import reverse_complement

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
        self.single: Truth = single & ~_numpy(pc.equal(alleles.ref, alleles.alt))
        """Substitutions of one base."""
        self.plain: Truth = single.copy()
        """Alleles that are named here."""
        self._plus, self._minus = self._described(single)

    def genomic(self) -> pa.StringArray:
        """The g. name of each allele."""
        named = self._plus
        two = named.first != named.last
        ends = [pa.array(column).cast(pa.string()) for column in (named.first, named.last[two])]
        contig = self._alleles.contig
        text = pc.binary_join_element_wise(
            self._namer.prefix(contig), _joined(ends[0], ends[1], two), named.suffix, ""
        )
        rest = np.flatnonzero(~self.plain)
        names = [self._namer.genomic(contig, *given) for given in self.given(rest)]
        return _filled(text.filter(pa.array(self.plain)), self.plain, names)

    def on_transcripts(
        self, places: ContigMap, transcripts: Sequence[Transcript], which: Whole, rows: Whole
    ) -> pa.StringArray:
        """The c. or n. name of alleles in introns.

        Args:
            places: the contig's transcripts.
            transcripts: the same.
            which: number of each allele's transcript; -1 for none, which gives an empty name.
            rows: number of each allele.
        """
        at = np.flatnonzero(which >= 0)
        named, rows = which[at], rows[at]
        minus = places.minus[named]
        first, last = (
            np.where(minus, getattr(self._minus, end)[rows], getattr(self._plus, end)[rows])
            for end in ("first", "last")
        )
        ends = [places.locate(named, position) for position in (first, last)]
        fits = self.plain[rows] & ends[0].between & ends[1].between
        fits &= ends[0].exon == ends[1].exon
        alone = [
            self._namer.names(transcripts[t], self._alleles.contig, *given).c
            for t, given in zip(named[~fits].tolist(), self.given(rows[~fits]), strict=True)
        ]
        two = fits & (first != last)
        second = places.labels(named[two], last[two], ends[1].of(two))
        position = _joined(places.labels(named, first, ends[0]), second, two)
        suffixes = self.suffixes(minus, rows)
        names = pc.binary_join_element_wise(places.kinds(named), position, suffixes, "")
        names = _filled(names.filter(pa.array(fits)), fits, alone)
        return _filled(names, which >= 0, [""] * int((which < 0).sum()))

    def suffixes(self, minus: Truth, rows: Whole) -> pa.StringArray:
        """What follows the position in the name of each allele: ``A>G``."""
        at = pa.array(rows)
        return pc.if_else(pa.array(minus), self._minus.suffix.take(at), self._plus.suffix.take(at))

    def new_base(self, minus: Truth, rows: Whole) -> list[str]:
        """The new base of each substitution, in its transcript's direction."""
        alts = self._alleles.alt.take(pa.array(rows))
        made: list[str] = pc.if_else(pa.array(minus), _turned(alts), alts).to_pylist()
        return made

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
        rows, deleted, units = self._indels(single)
        size = _numpy(pc.binary_length(units)).astype(np.int64)
        begin = alleles.pos[rows] + 1
        moved = self._run_right(begin + np.where(deleted, size, 0), units, size)
        copied = ~deleted & (moved >= size)
        inserted = ~deleted & ~copied
        # On the plus strand the right end of the repeat is named, on the minus strand the left end.
        first = begin + moved - np.where(copied, size, 0) - inserted
        last = np.where(inserted, first + 1, first + size - 1)
        low, high = begin - inserted, np.where(inserted, begin, begin + size - 1)
        told = np.where(copied, "dup", "del").astype(object)
        turned = told.copy()
        new = np.flatnonzero(inserted)
        turns = (moved[new] % np.maximum(size[new], 1)).tolist()
        for row, unit, turn in zip(
            new.tolist(), units.take(pa.array(new)).to_pylist(), turns, strict=True
        ):
            told[row] = f"ins{unit[turn:]}{unit[:turn]}"
            turned[row] = f"ins{reverse_complement(unit)}"
        self.plain[rows] = True
        ends = [alleles.pos.copy() for _ in range(4)]
        for column, found in zip(ends, (first, last, high, low), strict=True):
            column[rows] = found
        texts = [np.full(len(alleles), "", dtype=object) for _ in range(2)]
        texts[0][rows], texts[1][rows] = told, turned
        at = pa.array(single)
        other = [_turned(column) for column in (alleles.ref, alleles.alt)]
        plus = pc.binary_join_element_wise(alleles.ref, alleles.alt, ">")
        minus = pc.binary_join_element_wise(*other, ">")
        return (
            _Strand(ends[0], ends[1], _filled(plus.filter(at), single, texts[0][~single])),
            _Strand(ends[2], ends[3], _filled(minus.filter(at), single, texts[1][~single])),
        )

    def _indels(self, single: Truth) -> tuple[Whole, Truth, pa.StringArray]:
        """Rows of pure deletions and insertions behind their first base, and what goes or comes."""
        alleles = self._alleles
        given, made = (
            _numpy(pc.binary_length(c)).astype(np.int64) for c in (alleles.ref, alleles.alt)
        )
        rows = np.flatnonzero(~single & ((given == 1) != (made == 1)))
        at = pa.array(rows)
        refs, alts = alleles.ref.take(at), alleles.alt.take(at)
        deleted = given[rows] > 1
        units = pc.utf8_slice_codeunits(pc.if_else(pa.array(deleted), refs, alts), 1)
        heads = [pc.utf8_slice_codeunits(column, 0, 1) for column in (refs, alts)]
        known = pc.match_substring_regex(units, "^[ACGT]+$")
        fits = pc.and_(pc.equal(*heads), pc.and_(known, pc.is_in(heads[0], value_set=_BASES)))
        kept = _numpy(fits)
        return rows[kept], deleted[kept], units.filter(fits)

    def _run_right(self, after: Whole, units: pa.StringArray, size: Whole) -> Whole:
        """How many bases each deletion or insertion can move right; see :func:`run_right`."""
        run = np.zeros(len(after), dtype=np.int64)
        if not len(after):
            return run
        letters = np.frombuffer("".join(units.to_pylist()).encode(), dtype=np.uint8)
        starts = np.cumsum(size) - size
        going = np.arange(len(after))
        contig, reference = self._alleles.contig, self._namer.reference
        while len(going):
            base = reference.at(contig, after[going] + run[going])
            unit = letters[starts[going] + run[going] % size[going]]
            going = going[base == unit]
            run[going] += 1
        return run


def _joined(first: pa.StringArray, last: pa.StringArray, two: Truth) -> pa.StringArray:
    """``76+5`` or, where two positions are named, ``76+5_76+7``.

    Args:
        first: first position, of all.
        last: last position, of those alone that name two.
        two: which these are.
    """
    if not two.any():
        return first
    marked = pa.array(two)
    both = pc.binary_join_element_wise(first.filter(marked), last, "_")
    return _filled(first.filter(pc.invert(marked)), ~two, both)


def _turned(column: pa.StringArray) -> pa.StringArray:
    return pc.fill_null(_TURNED.take(pc.index_in(column, value_set=_BASES)), "")


def _filled(
    made: pa.StringArray, which: Truth, rest: Sequence[str] | pa.StringArray
) -> pa.StringArray:
    """Texts of the rows that are marked and of those that are not, in one column."""
    if not len(rest):
        return made
    order = np.zeros(len(which), dtype=np.int64)
    order[which] = np.arange(len(made))
    order[~which] = len(made) + np.arange(len(rest))
    return pa.concat_arrays([made, pa.array(rest, pa.string())]).take(pa.array(order))


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
