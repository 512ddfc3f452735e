"""Every record of a VCF looked at once, by columns: kept, or counted under the reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ariane.annotate.carried import Carried
from ariane.annotate.columns import BASES as _BASES
from ariane.annotate.columns import first_bytes, is_symbolic, matching, touches, write_text
from ariane.annotate.counts import Counts
from ariane.annotate.genes import Interval
from ariane.annotate.sequence import Reference
from ariane.annotate.sound import UnsoundError, sound
from ariane.knowledge.contigs import on_reference
from ariane.model.errors import ArianeError
from ariane.model.structural import SINGLE

NAMED: Final = 5
"""How many faulty positions a message names."""
BLOCK: Final = 1 << 23
"""Bytes read at once."""
BIN: Final = 14
"""Power of two of the stretch of reference by which touched places are remembered."""

_NO_ALT: Final = pa.array([".", "", "<NON_REF>", "<*>"])
_BROKEN: Final = re.compile(r"Row #(\d+): Expected \d+ columns, got (\d+)")
"""How Arrow tells of a row with too many or too few columns."""
_END: Final = re.compile(r"(?:^|;)END=(\d{1,9})(?!\d)")
_LENGTH: Final = re.compile(r"(?:^|;)SVLEN=-?(\d{1,9})(?!\d)")


class Sieve:
    """Reads the records of one VCF in blocks, keeps or counts each.

    Args:
        vcf: the file's name for messages.
        sequence: the reference.
        regions: regions to keep by contig, 1-based and merged; None keeps all.
        columns: the sample columns to keep, counted from 0.
        samples: their names.
        info: INFO tags to carry on for every record, such as ``CSQ``.
    """

    def __init__(
        self,
        vcf: Path,
        sequence: Reference,
        regions: Mapping[str, list[Interval]] | None,
        columns: Sequence[int],
        samples: Sequence[str],
        info: Sequence[str] = (),
    ) -> None:
        self.counts = Counts()
        self.in_order = True
        """Whether the kept records come in the reference's order."""
        self.touched: dict[str, set[int]] = {}
        """Stretches of ``1 << BIN`` bases, by contig, in which a kept record begins or ends."""
        self._vcf = vcf
        self._sequence = sequence
        self._regions = None if regions is None else {c: _bounds(r) for c, r in regions.items()}
        self._columns = columns
        self._samples = samples
        self._carried = Carried(samples, info)
        self._names = list(sequence.contigs.lengths)
        self._lengths = np.array([*sequence.contigs.lengths.values(), 0], dtype=np.int64)
        self._wrong: list[str] = []
        self._wrong_count = 0
        self._last = (-1, -1)
        self._several: dict[tuple[str, int, str], list[str]] = {}
        """Alternative alleles of multi-allelic records, by place."""

    def copy(self, source: BinaryIO, target: BinaryIO) -> bytes:
        """Copy the kept records, rewritten on the reference's contigs, under a header.

        Returns:
            the header that was written, which knows the tags of the first block only: where it
            is not :meth:`header` at the end, the file must be given that one. Nearly every file
            shows all its tags at once, and is then written once.

        Raises:
            ArianeError: a line is no VCF record.
        """
        head, width = self._read_header(source)
        begun = b""
        for number, batch in self._batches(source, head, width):
            text = self._batch(batch, number)
            if text is not None:
                if not begun:
                    begun = self.header()
                    target.write(begun)
                write_text(text, target)
        return begun

    def not_matching(self, messages: str) -> None:
        """Take what ``bcftools norm -c wx`` said of records that are not the reference's.

        A REF that differs only where the reference has no known base is masked, not wrong.
        """
        for line in messages.splitlines():
            fields = line.split("\t")
            if fields[0] != "REF_MISMATCH" or len(fields) < 5:
                continue
            _, contig, pos, given, known = fields[:5]
            self._judge(contig, int(pos), given.upper(), known.upper())

    def _judge(self, contig: str, pos: int, given: str, known: str) -> None:
        self.counts.kept_records -= 1
        alleles = self._several.pop((contig, pos, given), ["."])
        self.counts.alleles -= len(alleles)
        self.counts.multiallelic -= len(alleles) > 1
        self.counts.star -= alleles.count("*")
        if len(given) == len(known) and all(
            g == k or k not in "ACGT" for g, k in zip(given, known, strict=True)
        ):
            self.counts.reference_masked += 1
        else:
            self._mismatch(contig, pos, given, known)

    def _mismatch(self, contig: str, pos: int, given: str, known: str) -> None:
        self._wrong_count += 1
        if len(self._wrong) < NAMED:
            found = known or "no such position"
            shown = given if len(given) <= 20 else f"{given[:20]}..."
            self._wrong.append(f"{contig}:{pos} (VCF {shown}, reference {found[:20]})")

    def finish(self) -> None:
        """Check the sums, and tell at once what disagrees with the reference.

        A few such records, as lifting over leaves them, are counted and left out.

        Raises:
            ArianeError: too many REF alleles disagree with the reference, or the sums do.
        """
        if not on_reference(self._wrong_count, self.counts.records):
            named = list(self._wrong)
            if self._wrong_count > NAMED:
                named.append(f"and {self._wrong_count - NAMED} more")
            raise ArianeError(
                f"{self._vcf}: {self._wrong_count} of {self.counts.records} records disagree with "
                f"the reference: {'; '.join(named)}. "
                "The VCF is probably on another assembly: check the assembly and the reference."
            )
        self.counts.reference_differs = self._wrong_count
        self.counts.check()

    def header(self) -> bytes:
        """The header of what was kept: see :meth:`Carried.header`."""
        return self._carried.header(self._sequence.contigs.lengths)

    def _read_header(self, source: BinaryIO) -> tuple[int, int]:
        """Read up to the line of columns; return its number and how many columns it has."""
        for number, raw in enumerate(source, 1):
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            if line.startswith("#CHROM\t"):
                return number, line.count("\t") + 1
            self._carried.declare(line)
        raise ArianeError(f"{self._vcf}: has no #CHROM line. Export the file again.")

    def _batches(
        self, source: BinaryIO, head: int, width: int
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        names = [str(n) for n in range(width)]
        wanted = [str(n) for n in (*range(9), *self._columns)]
        try:
            reader = pyarrow.csv.open_csv(
                pa.PythonFile(source, mode="r"),
                read_options=pyarrow.csv.ReadOptions(
                    use_threads=False, block_size=BLOCK, column_names=names
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter="\t",
                    quote_char=False,
                    escape_char=False,
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(wanted, pa.string()),
                    strings_can_be_null=False,
                    include_columns=list(dict.fromkeys(wanted)),
                ),
            )
            number = head + 1
            for batch in reader:
                yield number, batch
                number += batch.num_rows
        except pa.ArrowInvalid as problem:
            if "Empty CSV" in str(problem):
                return
            # A handler of such rows would be given their text, which need not be UTF-8.
            found = _BROKEN.search(str(problem))
            line, held = map(int, found.groups()) if found else (0, 0)
            told = f"{held} columns where the header has {width}" if held else ""
            raise self._no_record(head + line if line else 0, told) from None

    def _no_record(self, number: int, told: str = "") -> ArianeError:
        where = f"{self._vcf}:{number}" if number else str(self._vcf)
        return ArianeError(f"{where}: {told or 'not a VCF record'}. Export the file again.")

    def _batch(self, batch: pa.RecordBatch, number: int) -> pa.StringArray | None:
        """The lines of the records to keep; None where there are none."""
        counts = self.counts
        counts.records += batch.num_rows
        contig = self._contigs_of(batch.column(0))
        pos = self._positions(batch.column(1), number)
        alt = batch.column(4)
        has_alt = ~_numpy(pc.is_in(alt, value_set=_NO_ALT))
        has_alt &= ~_numpy(pc.equal(pc.ascii_upper(alt), pc.ascii_upper(batch.column(3))))
        counts.without_alt += int((~has_alt).sum())
        keep = has_alt & (contig >= 0)
        self._absent(batch.column(0), has_alt & (contig < 0))
        ref = pc.ascii_upper(batch.column(3))
        length = _numpy(pc.binary_length(ref)).astype(np.int64)
        symbolic = is_symbolic(alt)
        last = pos + length - 1
        if self._regions is not None:
            reach = self._reach(batch.column(7), symbolic & keep, last)
            inside = self._inside(contig, pos, reach)
            counts.outside_regions += int((keep & ~inside).sum())
            keep &= inside
        try:
            batch = sound(batch, keep)
        except UnsoundError as fault:
            raise self._no_record(number + fault.row, str(fault)) from None
        single = (length == 1) & (_numpy(pc.binary_length(alt)) == 1)
        differs = self._differing(keep & single, contig, pos, ref)
        keep, ref = self._place(keep, contig, pos, last, ref, symbolic, differs)
        self._remember(keep, contig, pos, last)
        counts.kept_records += int(keep.sum())
        return self._lines(batch, keep, contig, ref, symbolic) if keep.any() else None

    def _contigs_of(self, column: pa.StringArray) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Number of each record's contig in the reference, -1 where it lacks it."""
        coded = column.dictionary_encode()
        places = {name: place for place, name in enumerate(self._names)}
        known = [
            places.get(self._sequence.contigs.name(name), -1)
            for name in coded.dictionary.to_pylist()
        ]
        found: np.ndarray[Any, np.dtype[np.int64]] = np.array(known, dtype=np.int64)
        taken: np.ndarray[Any, np.dtype[np.int64]] = found[_numpy(coded.indices)]
        return taken

    def _positions(self, column: pa.StringArray, number: int) -> np.ndarray[Any, Any]:
        try:
            found: np.ndarray[Any, Any] = _numpy(pc.cast(column, pa.int64()))
        except pa.ArrowInvalid:
            good = _numpy(pc.match_substring_regex(column, r"^-?[0-9]{1,18}$"))
            raise self._no_record(number + int(np.argmin(good))) from None
        return found

    def _absent(self, column: pa.StringArray, absent: np.ndarray[Any, Any]) -> None:
        self.counts.contig_absent += int(absent.sum())
        if absent.any():
            for entry in pc.value_counts(column.filter(pa.array(absent))).to_pylist():
                name = self._sequence.contigs.name(entry["values"])
                held = self.counts.absent_contigs
                held[name] = held.get(name, 0) + entry["counts"]

    def _reach(
        self, info: pa.StringArray, symbolic: np.ndarray[Any, Any], last: np.ndarray[Any, Any]
    ) -> np.ndarray[Any, Any]:
        """Last base of each record; of symbolic ones by END, or without it SVLEN."""
        reach = last.copy()
        for row in np.flatnonzero(symbolic).tolist():
            told = info[row].as_py()
            if found := _END.search(told):
                reach[row] = max(reach[row], int(found[1]))
            elif found := _LENGTH.search(told):
                reach[row] += int(found[1])
        return reach

    def _inside(
        self,
        contig: np.ndarray[Any, Any],
        pos: np.ndarray[Any, Any],
        last: np.ndarray[Any, Any],
    ) -> np.ndarray[Any, Any]:
        inside = np.zeros(len(pos), dtype=bool)
        for place in np.unique(contig[contig >= 0]).tolist():
            bounds = (self._regions or {}).get(self._names[place])
            if bounds is not None:
                rows = np.flatnonzero(contig == place)
                inside[rows] = touches(bounds, pos[rows], last[rows])
        return inside

    def _differing(
        self,
        single: np.ndarray[Any, Any],
        contig: np.ndarray[Any, Any],
        pos: np.ndarray[Any, Any],
        ref: pa.StringArray,
    ) -> np.ndarray[Any, Any]:
        """Which of the records of one base are not the reference's.

        ``bcftools norm`` looks at each record alone and takes a sixth more time; here they are
        looked at together, and it is told to leave them.
        """
        found = np.zeros(len(single), dtype=bool)
        codes = first_bytes(ref)
        for place in np.flatnonzero(np.bincount(contig[single])).tolist():
            rows = np.flatnonzero(single & (contig == place))
            known = self._sequence.at(self._names[place], pos[rows])
            found[rows] = known != codes[rows]
            self._sequence.let_go()
        return found

    def _place(
        self,
        keep: np.ndarray[Any, Any],
        contig: np.ndarray[Any, Any],
        pos: np.ndarray[Any, Any],
        last: np.ndarray[Any, Any],
        ref: pa.StringArray,
        symbolic: np.ndarray[Any, Any],
        differs: np.ndarray[Any, Any],
    ) -> tuple[np.ndarray[Any, Any], pa.StringArray]:
        """Tell records beyond their contig, and those whose REF is not known bases or differs.

        A symbolic allele's REF becomes the reference's base: callers write that, or N.
        """
        beyond = keep & ((pos < 1) | (last > self._lengths[contig]))
        telomere = beyond & symbolic & ((pos == 0) | (pos == self._lengths[contig] + 1))
        self.counts.at_telomere += int(telomere.sum())
        keep, beyond = keep & ~telomere, beyond & ~telomere
        plain = matching(ref, _BASES, "^[ACGT]+$")
        odd = keep & ~beyond & (~plain | differs) & ~symbolic
        for row in np.flatnonzero(beyond).tolist():
            self._mismatch(self._names[contig[row]], int(pos[row]), ref[row].as_py(), "")
        for row in np.flatnonzero(odd).tolist():
            name, given = self._names[contig[row]], ref[row].as_py()
            known = self._sequence.bases(name, int(pos[row]), len(given)).decode()
            self.counts.kept_records += 1
            self.counts.alleles += 1
            if known == given:
                known = "N" * len(given)
            self._judge(name, int(pos[row]), given, known)
        keep = keep & ~beyond & ~odd
        rows = np.flatnonzero(keep & symbolic).tolist()
        if not rows:
            return keep, ref
        given_refs = ref.to_numpy(zero_copy_only=False).copy()
        for row in rows:
            name, given = self._names[contig[row]], given_refs[row]
            known = self._sequence.bases(name, int(pos[row]), len(given)).decode()
            if all("N" in (g, k) or g == k for g, k in zip(given, known, strict=True)):
                given_refs[row] = known
            else:
                self._mismatch(name, int(pos[row]), given, known)
                keep[row] = False
        return keep, pa.array(given_refs, pa.string())

    def _remember(
        self,
        keep: np.ndarray[Any, Any],
        contig: np.ndarray[Any, Any],
        pos: np.ndarray[Any, Any],
        last: np.ndarray[Any, Any],
    ) -> None:
        contig, pos, last = contig[keep], pos[keep], last[keep]
        if not len(pos):
            return
        order = contig * (1 << 40) + pos
        if (np.diff(order) < 0).any() or (contig[0], pos[0]) < self._last:
            self.in_order = False
        self._last = (int(contig[-1]), int(pos[-1]))
        for place in np.unique(contig).tolist():
            rows = contig == place
            bins = self.touched.setdefault(self._names[place], set())
            for ends in (pos[rows] >> BIN, last[rows] >> BIN):
                bins.update(np.flatnonzero(np.bincount(ends)).tolist())

    def _lines(
        self,
        batch: pa.RecordBatch,
        keep: np.ndarray[Any, Any],
        contig: np.ndarray[Any, Any],
        ref: pa.StringArray,
        symbolic: np.ndarray[Any, Any],
    ) -> pa.StringArray:
        counts = self.counts
        if keep.all():
            kept, is_symbolic, contig = batch, symbolic, contig
        else:
            mask = pa.array(keep)
            kept, ref = batch.filter(mask), ref.filter(mask)
            is_symbolic, contig = symbolic[keep], contig[keep]
        alt = kept.column(4)
        commas = _numpy(pc.count_substring(alt, ","))
        several = commas > 0
        counts.multiallelic += int(several.sum())
        counts.alleles += int(commas.sum()) + len(commas)
        if several.any() or pc.any(pc.equal(alt, "*")).as_py():
            counts.star += int(_numpy(pc.count_substring_regex(alt, r"(?:^|,)\*")).sum())
        upper = pc.ascii_upper(alt)
        for row in np.flatnonzero(several).tolist():
            place = (self._names[contig[row]], int(kept.column(1)[row].as_py()), ref[row].as_py())
            self._several[place] = alt[row].as_py().split(",")
        if is_symbolic.any():
            rows = np.flatnonzero(is_symbolic).tolist()
            written = upper.to_pylist()
            for row in rows:
                parts = alt[row].as_py().split(",")
                marked = [any(mark in part for mark in "<>[].") for part in parts]
                counts.symbolic += sum(marked)
                written[row] = ",".join(
                    # The split would drop a breakend without a mate: it goes as a symbol.
                    (f"<BND:{part}>" if SINGLE.fullmatch(part) else part) if m else part.upper()
                    for part, m in zip(parts, marked, strict=True)
                )
            upper = pa.array(written, pa.string())
        info, form, calls = self._carried.fields(kept, is_symbolic, several)
        if (contig == contig[0]).all():
            name: Any = self._names[contig[0]]
        else:
            name = pa.array(self._names, pa.string()).take(pa.array(contig))
        columns = [
            *(name, kept.column(1), kept.column(2), ref, upper),
            *(kept.column(5), kept.column(6), info, form, *calls),
        ]
        columns[-1] = pc.binary_join_element_wise(columns[-1], "", "\n")
        return pc.binary_join_element_wise(*columns, "\t")


def _bounds(intervals: list[Interval]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    table = np.array(intervals, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
