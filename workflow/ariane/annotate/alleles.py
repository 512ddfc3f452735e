"""The split alleles of an annotated BCF, one contig at a time, by columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pysam

from ariane.annotate.calls import FIELDS, calls_of, family_text, phases
from ariane.annotate.consequence import affected
from ariane.annotate.contig_map import Truth, Whole
from ariane.annotate.fields import UNSPLIT_GT
from ariane.annotate.genes import Interval
from ariane.annotate.genotypes import better
from ariane.annotate.normalise import OLD_RECORD, bcftools
from ariane.bounds import whole
from ariane.model.genotype import Genotype

_SITE: Final = ("pos", "ref", "alt", "filters", "old")
_QUERY: Final = f"%POS\t%REF\t%ALT\t%FILTER\t%INFO/{OLD_RECORD}"

REPEAT: Final = 50
"""Bases that an indel is thought to move along a repeat, beyond its own length."""


@dataclass(frozen=True)
class Alleles:
    """The split records of one contig in order of position, REF and ALT."""

    contig: str
    pos: Whole
    low: Whole
    """First base changed, 1-based; see :func:`ariane.annotate.consequence.affected`."""
    high: Whole
    """Last base changed; ``low - 1`` for an insertion between the two."""
    ref: pa.StringArray
    alt: pa.StringArray
    filters: pa.StringArray
    members: tuple[str, ...]
    calls: tuple[pa.StringArray, ...]
    """Encoded calls, one column per member."""
    gt: tuple[pa.StringArray, ...]
    """GT of the split record, with the phase that the call knows, one column per member."""
    phase_set: tuple[pa.StringArray, ...]
    carried: Truth
    """Whether any member has the allele."""
    spare: Whole
    """How many bases beside it an allele's name may reach: 0 for a substitution, an indel's own
    length and a little for its repeat else."""
    info: tuple[pa.StringArray, ...] = ()
    """``OLD_RECORD``, then the INFO fields asked for; ``.`` where a record has none."""

    def __len__(self) -> int:
        return len(self.pos)

    def take(self, rows: np.ndarray[Any, Any]) -> Alleles:
        """Those alleles, in that order."""
        at = pa.array(rows)
        taken = Alleles(
            self.contig,
            self.pos[rows],
            self.low[rows],
            self.high[rows],
            self.ref.take(at),
            self.alt.take(at),
            self.filters.take(at),
            self.members,
            tuple(column.take(at) for column in self.calls),
            tuple(column.take(at) for column in self.gt),
            tuple(column.take(at) for column in self.phase_set),
            self.carried[rows],
            self.spare[rows],
        )
        return replace(taken, info=tuple(column.take(at) for column in self.info))

    def with_calls(self, calls: Sequence[list[str]], filters: list[str], carried: Truth) -> Alleles:
        """The same alleles with other calls and filters."""
        texts = tuple(pa.array(column, pa.string()) for column in calls)
        return replace(self, calls=texts, filters=pa.array(filters, pa.string()), carried=carried)

    @property
    def genotypes(self) -> pa.StringArray:
        """Calls of all members, as the store keeps them."""
        return family_text(dict(zip(self.members, self.calls, strict=True)))


class Records:
    """The records of an indexed BCF, read one contig at a time.

    Args:
        bcf: normalised records; the index lies beside the file.
        members: member identifiers in the order of the BCF's samples.
        folder: for temporary files.
        info: INFO fields to read beside.
    """

    def __init__(
        self, bcf: Path, members: Sequence[str], folder: Path, info: Sequence[str] = ()
    ) -> None:
        self._bcf = bcf
        self._members = tuple(members)
        self._folder = folder
        self._info = info
        with pysam.VariantFile(str(bcf)) as vcf:
            self._fields = [name for name in FIELDS if name in vcf.header.formats]
            self._declared = [name for name in info if name in vcf.header.info]
        said = str(pysam.bcftools.index("-s", str(bcf)))
        rows = (line.split("\t") for line in said.splitlines() if line)
        self.held = {contig: int(count) for contig, _, count in rows}
        """How many records each contig holds, of those that hold any."""

    def read(self, contig: str, within: Sequence[Interval] | None = None) -> Alleles:
        """The alleles of one contig.

        Args:
            contig: one that holds records.
            within: stretches of the contig, merged: only records that touch one are read.
        """
        only = ["-r", contig]
        if within is not None:
            bed = self._folder / "within.bed"
            # One base more: an insertion is written at the base before it.
            lines = (f"{contig}\t{max(0, start - 2)}\t{end}\n" for start, end in within)
            bed.write_text("".join(lines), encoding="utf-8")
            only += ["-T", str(bed), "--targets-overlap", "1"]
        return self._asked(contig, only)

    def at(self, contig: str, positions: Sequence[int]) -> Alleles:
        """The alleles at a few positions of one contig, found by the index."""
        places = self._folder / "places.tsv"
        text = "".join(f"{contig}\t{position}\n" for position in positions)
        places.write_text(text, encoding="utf-8")
        return self._asked(contig, ["-R", str(places), "--regions-overlap", "0"])

    def _asked(self, contig: str, only: Sequence[str]) -> Alleles:
        columns = [*_SITE, *self._declared]
        columns += (f"{n} {name}" for n in range(len(self._members)) for name in self._fields)
        text = self._folder / "alleles.tsv"
        form = _QUERY + "".join(f"\t%INFO/{name}" for name in self._declared)
        form += "[" + "".join(f"\t%{name}" for name in self._fields) + "]\n"
        bcftools("query", "-u", *only, "-f", form, "-o", str(text), str(self._bcf))
        table = _parse(text, columns)
        text.unlink()
        return self._alleles(contig, table)

    def _alleles(self, contig: str, table: Mapping[str, pa.StringArray]) -> Alleles:
        pos = _numpy(table["pos"].cast(pa.int64()))
        ref, alt = table["ref"], table["alt"]
        low, high = _spans(pos, ref, alt)
        numbers = _numbers(table["old"]) if UNSPLIT_GT in self._fields else None
        gt, phase, texts = [], [], []
        carried = np.zeros(len(pos), dtype=bool)
        for n in range(len(self._members)):
            fields = {name: table[f"{n} {name}"] for name in self._fields}
            calls = calls_of(fields, numbers)
            texts.append(calls.text)
            carried |= calls.carried
            own, sets = phases(fields)
            gt.append(own)
            phase.append(sets)
        found = Alleles(
            contig,
            pos,
            low,
            high,
            ref,
            alt,
            table["filters"],
            self._members,
            tuple(texts),
            tuple(gt),
            tuple(phase),
            carried,
            _spare(ref, alt),
            (table["old"], *(table.get(name, _dots(len(pos))) for name in self._info)),
        )
        return _ordered(found)


def once(alleles: Alleles) -> tuple[Alleles, int]:
    """An allele that comes in several records once, with the better of its calls.

    Args:
        alleles: in order of position, REF and ALT.

    Returns:
        the alleles, and how many records were joined to an earlier one.
    """
    again = (
        (np.diff(alleles.pos) == 0)
        & _numpy(pc.equal(alleles.ref[1:], alleles.ref[:-1]))
        & _numpy(pc.equal(alleles.alt[1:], alleles.alt[:-1]))
        if len(alleles)
        else np.array([], dtype=bool)
    )
    if not again.any():
        return alleles, 0
    repeats = (np.flatnonzero(again) + 1).tolist()
    calls = [column.to_pylist() for column in alleles.calls]
    filters = alleles.filters.to_pylist()
    carried = alleles.carried.copy()
    first = 0
    for row in repeats:
        if not again[row - 2] or row - 1 == 0:
            first = row - 1
        for column in calls:
            held, given = Genotype.decode(column[first]), Genotype.decode(column[row])
            column[first] = better(held, given).encode()
        if filters[row] in ("PASS", "."):
            filters[first] = filters[row]
        carried[first] |= carried[row]
    joined = alleles.with_calls(calls, filters, carried)
    keep = np.ones(len(alleles), dtype=bool)
    keep[repeats] = False
    return joined.take(np.flatnonzero(keep)), len(repeats)


def _dots(size: int) -> pa.StringArray:
    return pa.repeat(pa.scalar(".", pa.string()), size)


def _parse(text: Path, columns: list[str]) -> dict[str, pa.StringArray]:
    """The query's columns; empty ones where it printed nothing."""
    if not text.stat().st_size:
        return {name: pa.array([], pa.string()) for name in columns}
    table = pyarrow.csv.read_csv(
        text,
        read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=columns),
        parse_options=pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False, escape_char=False),
        convert_options=pyarrow.csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=False,
        ),
    )
    return {name: table.column(name).combine_chunks() for name in columns}


def _spans(pos: Whole, ref: pa.StringArray, alt: pa.StringArray) -> tuple[Whole, Whole]:
    """What each allele changes, as :func:`affected` tells; common shapes are told at once."""
    low, high = pos.copy(), pos.copy()
    given, made = (_numpy(pc.binary_length(column)).astype(np.int64) for column in (ref, alt))
    rows = np.flatnonzero(given + made > 2)
    if not len(rows):
        return low, high
    at = pa.array(rows)
    refs, alts = ref.take(at), alt.take(at)
    anchored = _numpy(
        pc.equal(
            pc.binary_slice(refs.cast(pa.binary()), 0, 1),
            pc.binary_slice(alts.cast(pa.binary()), 0, 1),
        )
    )
    simple = anchored & ((given[rows] == 1) | (made[rows] == 1))
    low[rows[simple]] += 1
    high[rows[simple]] += given[rows[simple]] - 1
    for place in np.flatnonzero(~simple).tolist():
        row = int(rows[place])
        low[row], high[row] = affected(int(pos[row]), refs[place].as_py(), alts[place].as_py())
    return low, high


def _spare(ref: pa.StringArray, alt: pa.StringArray) -> Whole:
    given, made = (_numpy(pc.binary_length(column)).astype(np.int64) for column in (ref, alt))
    spare: Whole = np.where(given == made, 0, np.abs(given - made) + REPEAT)
    return spare


def _numbers(old: pa.StringArray) -> list[int]:
    """Each allele's number before the split, from ``chr1|335|C|A,G|2``; 1 where nothing was."""
    found = [1] * len(old)
    rows = np.flatnonzero(_numpy(pc.not_equal(old, ".")))
    for row, text in zip(rows.tolist(), old.take(pa.array(rows)).to_pylist(), strict=True):
        number = text.rpartition("|")[2]
        if text.count("|") == 4:
            found[row] = whole(number) or 1
    return found


def _ordered(alleles: Alleles) -> Alleles:
    """Alleles of one position by REF and ALT; positions come in order from the index."""
    same = np.flatnonzero(np.diff(alleles.pos) == 0)
    if not len(same):
        return alleles
    order = np.arange(len(alleles))
    for first, last in _runs(same):
        rows = list(range(first, last + 2))
        rows.sort(key=lambda row: (alleles.ref[row].as_py(), alleles.alt[row].as_py()))
        order[first : last + 2] = rows
    return alleles if (np.diff(order) > 0).all() else alleles.take(order)


def _runs(indexes: np.ndarray[Any, Any]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive numbers."""
    breaks = np.flatnonzero(np.diff(indexes) > 1)
    firsts = [0, *(breaks + 1).tolist()]
    lasts = [*breaks.tolist(), len(indexes) - 1]
    for first, last in zip(firsts, lasts, strict=True):
        yield int(indexes[first]), int(indexes[last])


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
