"""Every record of a VCF looked at once, as text: kept, or counted under the reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import BinaryIO, Final

from ariane.annotate.genes import Interval, overlaps
from ariane.annotate.genotypes import UNSPLIT_GT
from ariane.annotate.sequence import Reference
from ariane.model.errors import ArianeError

NAMED: Final = 5
"""How many faulty positions a message names."""

_SYMBOLIC: Final = re.compile(rb"[<>\[\]]")
_END: Final = re.compile(rb"(?:^|;)END=(\d+)")
_LENGTH: Final = re.compile(rb"(?:^|;)SVLEN=-?(\d+)")
_DROPPED_HEADER: Final = re.compile(
    rb"##(contig=|bcftools_\w+Command=|(INFO|FORMAT)=<ID=(BCSQ|BCSQ_HAP|OLD_RECORD|GT_UNSPLIT),)"
)
_OWN_INFO: Final = re.compile(rb"(?:^|(?<=;))(?:BCSQ|BCSQ_HAP|OLD_RECORD)(?:=[^;]*)?(?:;|$)")
_DECLARED: Final = re.compile(rb"##(INFO|FORMAT|FILTER)=<ID=([^,>]+)")
_NO_FILTER: Final = (b".", b"PASS", b"")


@dataclass
class Counts:
    """What became of every record and every alternative allele."""

    records: int = 0
    """Records in the VCF."""
    without_alt: int = 0
    """Records without an alternative allele: reference calls."""
    contig_absent: int = 0
    """Records on contigs that the reference lacks."""
    outside_regions: int = 0
    reference_masked: int = 0
    """Records where the reference has no known base (N)."""
    kept_records: int = 0
    multiallelic: int = 0
    """Kept records with more than one alternative allele."""
    alleles: int = 0
    """Alternative alleles of kept records: the records after the split."""
    star: int = 0
    """Alleles written ``*``: a deletion called upstream."""
    symbolic: int = 0
    """Symbolic alleles and breakends."""
    absent_contigs: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Compare the sums.

        Raises:
            ArianeError: a record is unaccounted for.
        """
        told = self.without_alt + self.contig_absent + self.outside_regions + self.reference_masked
        if told + self.kept_records != self.records:
            raise ArianeError(
                f"{self.records} records were read but {told + self.kept_records} are accounted "
                "for. This is a fault of Ariane: report it with the annotation log."
            )

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


class Sieve:
    """Reads the records of one VCF as lines, keeps or counts each.

    Args:
        vcf: the file's name for messages.
        sequence: the reference.
        regions: regions to keep by contig, 1-based and merged; None keeps all.
        columns: the sample columns to keep, counted from 0.
        samples: their names.
    """

    def __init__(
        self,
        vcf: Path,
        sequence: Reference,
        regions: Mapping[str, list[Interval]] | None,
        columns: Sequence[int],
        samples: Sequence[str],
    ) -> None:
        self.counts = Counts()
        self._vcf = vcf
        self._sequence = sequence
        self._regions = regions
        self._columns = columns
        self._samples = samples
        self._names: dict[bytes, str] = {}
        self._mismatches: list[str] = []
        self._mismatched = 0
        self._header: list[bytes] = []
        self._declared: set[tuple[bytes, bytes]] = set()
        self._used: set[tuple[bytes, bytes]] = set()
        self._flags: set[bytes] = set()
        self._seen: set[tuple[bytes, bytes]] = set()

    def lines(self, source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
        """The kept records, rewritten on the reference's contigs."""
        for number, line in enumerate(source, 1):
            if line.startswith(b"##"):
                if not _DROPPED_HEADER.match(line):
                    self._header.append(line.rstrip(b"\r\n"))
                    if found := _DECLARED.match(line):
                        self._declared.add((found[1], found[2]))
            elif line.startswith(b"#"):
                continue
            elif line.strip():
                try:
                    kept = self._record(line.rstrip(b"\r\n"))
                except (ValueError, IndexError, UnicodeDecodeError):
                    raise ArianeError(
                        f"{self._vcf}:{number}: not a VCF record. Export the file again."
                    ) from None
                if kept:
                    yield kept

    def finish(self) -> None:
        """Check the sums and tell every disagreement with the reference at once.

        Raises:
            ArianeError: REF alleles disagree with the reference, or the sums do.
        """
        if self._mismatched:
            named = list(self._mismatches)
            if self._mismatched > NAMED:
                named.append(f"and {self._mismatched - NAMED} more")
            raise ArianeError(
                f"{self._vcf}: {self._mismatched} of {self.counts.records} records disagree with "
                f"the reference: {'; '.join(named)}. "
                "The VCF is probably on another assembly: check the assembly and the reference."
            )
        self.counts.check()

    def header(self) -> bytes:
        """The header, with the reference's contigs and a line for each tag used undeclared."""
        lengths = self._sequence.contigs.lengths
        lines = [f"##contig=<ID={name},length={length}>" for name, length in lengths.items()]
        lines.append(
            f'##FORMAT=<ID={UNSPLIT_GT},Number=1,Type=String,Description="Genotype before '
            'the split of a multi-allelic record">'
        )
        for kind, name in sorted(self._used - self._declared):
            shape = "" if kind == b"FILTER" else "Number=.,Type=String,"
            if kind == b"INFO" and name in self._flags:
                shape = "Number=0,Type=Flag,"
            if name == b"GT":
                shape = "Number=1,Type=String,"
            told = 'Description="not declared in the VCF"'
            lines.append(f"##{kind.decode()}=<ID={name.decode()},{shape}{told}>")
        fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
        lines.append("\t".join([*fixed, *self._samples]))
        return b"\n".join([*self._header, "\n".join(lines).encode()]) + b"\n"

    def _note_tags(self, filters: bytes, info: bytes, form: bytes) -> None:
        if info != b".":
            for part in info.split(b";"):
                name, equals, _ = part.partition(b"=")
                self._used.add((b"INFO", name))
                if not equals:
                    self._flags.add(name)
        if (filters, form) not in self._seen:
            self._seen.add((filters, form))
            names = [(b"FILTER", name) for name in filters.split(b";") if name not in _NO_FILTER]
            self._used.update(names)
            self._used.update((b"FORMAT", name) for name in form.split(b":"))

    def _record(self, line: bytes) -> bytes:
        counts = self.counts
        counts.records += 1
        chrom, pos_text, name, ref, alt, rest = line.split(b"\t", 5)
        pos = int(pos_text)
        contig = self._names.get(chrom)
        if contig is None:
            contig = self._names[chrom] = self._sequence.contigs.name(chrom.decode())
        if alt in (b".", b"", b"<NON_REF>"):
            counts.without_alt += 1
            return b""
        if contig not in self._sequence.contigs.lengths:
            counts.contig_absent += 1
            counts.absent_contigs[contig] = counts.absent_contigs.get(contig, 0) + 1
            return b""
        alleles = alt.split(b",")
        kinds = [_SYMBOLIC.search(allele) is not None for allele in alleles]
        last = pos + len(ref) - 1
        if self._regions is not None:
            reach = max(last, _reach(pos, rest.split(b"\t", 3)[2])) if any(kinds) else last
            if not overlaps(self._regions.get(contig, []), pos, reach):
                counts.outside_regions += 1
                return b""
        ref = ref.upper()
        if not self._agrees(contig, pos, ref, all(kinds)):
            return b""
        counts.kept_records += 1
        counts.multiallelic += len(alleles) > 1
        counts.alleles += len(alleles)
        counts.star += alleles.count(b"*")
        counts.symbolic += sum(kinds)
        alt = b",".join(a if k else a.upper() for a, k in zip(alleles, kinds, strict=True))
        columns = line.split(b"\t")
        info = _OWN_INFO.sub(b"", columns[7]).rstrip(b";") or b"."
        form = columns[8]
        calls = [columns[index] for index in self._columns]
        if len(alleles) > 1:
            form += b":" + UNSPLIT_GT.encode()
            calls = [self._with_unsplit(form, call) for call in calls]
        self._note_tags(columns[6], info, columns[8])
        site = [contig.encode(), pos_text, name, ref, alt, columns[5], columns[6], info, form]
        return b"\t".join([*site, *calls]) + b"\n"

    @staticmethod
    def _with_unsplit(form: bytes, call: bytes) -> bytes:
        keys = form.split(b":")
        values = call.split(b":")
        given = values[0] if keys[0] == b"GT" else b"."
        # Trailing fields may be left out of a VCF call.
        values += [b"."] * (len(keys) - 1 - len(values))
        return b":".join([*values, given])

    def _agrees(self, contig: str, pos: int, ref: bytes, symbolic: bool) -> bool:
        expected = self._sequence.bases(contig, pos, len(ref))
        if expected == ref or (symbolic and ref == b"N"):
            if b"N" in expected and not symbolic:
                self.counts.reference_masked += 1
                return False
            return True
        if len(expected) == len(ref) and all(
            given == known or known not in b"ACGT"
            for given, known in zip(ref, expected, strict=True)
        ):
            self.counts.reference_masked += 1
            return False
        self._mismatched += 1
        if len(self._mismatches) < NAMED:
            found = expected.decode() or "no such position"
            self._mismatches.append(f"{contig}:{pos} (VCF {ref.decode()}, reference {found})")
        return False


def _reach(pos: int, info: bytes) -> int:
    """The last base of a symbolic allele, as END tells it or, without it, SVLEN."""
    if end := _END.search(info):
        return int(end[1])
    length = _LENGTH.search(info)
    return pos + int(length[1]) if length else pos


def join_counts(first: Counts, second: Counts) -> Counts:
    """The counts of two VCFs of one case together."""
    absent = dict(first.absent_contigs)
    for contig, count in second.absent_contigs.items():
        absent[contig] = absent.get(contig, 0) + count
    names = [f.name for f in fields(Counts) if f.name != "absent_contigs"]
    sums = {name: getattr(first, name) + getattr(second, name) for name in names}
    return Counts(**sums, absent_contigs=absent)
