"""A real exome with a published genotype written into it, as the sequencer would have written it.

The causal records take QUAL, FILTER, AD, DP and GQ from real records of the same file with the
same kind of allele and genotype, so that nothing but genotype and phenotype tells them apart.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.files import open_text, write_bytes
from ariane.model.errors import ArianeError
from ariane.rank.karyotype import PSEUDOAUTOSOMAL
from exome_cases import X_LINKED, Allele, Published, merged

MALE_X: Final = 0.3
"""Share of heterozygous calls on the non-pseudoautosomal X below which the person is male. Errors
of mapping leave about a tenth in a male; a female has about six in ten, as on an autosome."""
ENOUGH: Final = 20
"""Records a pool must hold to be drawn from; a smaller one gives way to a wider one."""
_LENGTH_X: Final = 156_040_895  # GRCh38
_HET, _HOM = "0/1", "1/1"

Spans = Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Record:
    """One line of the exome."""

    chrom: str
    pos: int
    fields: tuple[str, ...]

    @property
    def ref(self) -> str:
        """REF."""
        return self.fields[3]

    @property
    def alt(self) -> str:
        """ALT as written."""
        return self.fields[4]

    @property
    def genotype(self) -> str:
        """GT."""
        return self.fields[9].partition(":")[0]

    @property
    def on_single_x(self) -> bool:
        """On the X outside the pseudoautosomal regions (GRCh38)."""
        shared = PSEUDOAUTOSOMAL[("X", _LENGTH_X)]
        return self.chrom == "chrX" and not any(a <= self.pos <= b for a, b in shared)


@dataclass(frozen=True)
class Exome:
    """A VCF of one person, whole."""

    header: tuple[str, ...]
    records: tuple[Record, ...]

    @classmethod
    def read(cls, path: Path) -> Exome:
        """Read a VCF of one sample.

        Raises:
            ArianeError: the file has not one sample.
        """
        header: list[str] = []
        records: list[Record] = []
        with open_text(path) as handle:
            for line in handle:
                if line.startswith("#"):
                    header.append(line)
                    continue
                fields = tuple(line.rstrip("\n").split("\t"))
                records.append(Record(fields[0], int(fields[1]), fields))
        if not header or len(header[-1].split("\t")) != 10:
            raise ArianeError(f"{path}: not a VCF of one person. Name another exome.")
        return cls(tuple(header), tuple(records))

    @property
    def sample(self) -> str:
        """Name of the sample."""
        return self.header[-1].rstrip("\n").split("\t")[9]

    @property
    def share_of_x_heterozygous(self) -> float:
        """Share of heterozygous calls among passing ones on the X outside the shared regions."""
        calls = [r.genotype for r in self.records if r.on_single_x and r.fields[6] == "PASS"]
        return calls.count(_HET) / len(calls) if calls else 0.0

    @property
    def sex(self) -> str:
        """``male`` or ``female``, by :data:`MALE_X`."""
        return "male" if self.share_of_x_heterozygous < MALE_X else "female"

    def within(self, regions: Spans) -> Exome:
        """The same person, with only the records that start inside the regions."""
        return Exome(self.header, tuple(r for r in self.records if _touches(regions, r)))


class Donors:
    """Real calls of the exome inside exons, by kind of allele, genotype and chromosome."""

    def __init__(self, exome: Exome, exons: Spans) -> None:
        self._pools: dict[tuple[str, str, bool], list[Record]] = defaultdict(list)
        for record in exome.records:
            if (
                record.genotype in (_HET, _HOM)
                and "," not in record.alt
                and _touches(exons, record)
            ):
                key = (_kind(record.ref, record.alt), record.genotype, record.on_single_x)
                self._pools[key].append(record)

    def draw(self, allele: Allele, genotype: str, single_x: bool, mark: str) -> Record:
        """A record whose call the allele takes over; the same mark draws the same.

        Raises:
            ArianeError: the exome has no call of that kind.
        """
        kind = _kind(allele.ref, allele.alt)
        wide = self._pools[(kind, genotype, False)]
        pool = self._pools[(kind, genotype, True)] if single_x else wide
        pool = pool if len(pool) >= ENOUGH else wide
        if not pool:
            raise ArianeError(f"The exome holds no {kind} called {genotype}. Name another exome.")
        return pool[int(hashlib.sha256(mark.encode()).hexdigest()[:12], 16) % len(pool)]


def causal_records(case: Published, donors: Donors, seed: int) -> list[Record]:
    """The lines of a case's causal alleles.

    A heterozygous allele is ``0/1``, each half of a compound too, unphased. Homozygous ones are
    ``1/1``, and so are hemizygous ones: the exome writes a male's X as two copies.
    """
    both = case.zygosity in ("homozygous", X_LINKED)
    lines = []
    for number, allele in enumerate(case.alleles):
        genotype = _HOM if both else _HET
        mark = f"{seed}:{case.id}:{number}"
        donor = donors.draw(allele, genotype, case.zygosity == X_LINKED, mark)
        place = (allele.chrom, str(allele.pos), ".", allele.ref, allele.alt)
        fields = (*place, *donor.fields[5:7], ".", donor.fields[8], donor.fields[9])
        lines.append(Record(allele.chrom, allele.pos, fields))
    return lines


def spike(background: Exome, causal: Iterable[Record]) -> list[Record]:
    """The background with the causal records in their place.

    Where the person already has the allele, the published genotype takes the place of his own.
    Where he has another allele at the position, his gives way if both copies would otherwise be
    taken.
    """
    added = list(causal)
    own = [record for record in background.records if not any(_rival(record, a) for a in added)]
    contigs = {name: place for place, name in enumerate(dict.fromkeys(r.chrom for r in own))}
    key = {r: (contigs.get(r.chrom, len(contigs)), r.pos, r.ref, r.alt) for r in (*own, *added)}
    return sorted((*own, *added), key=key.__getitem__)


def write_vcf(path: Path, header: Sequence[str], records: Iterable[Record]) -> None:
    """Write a plain gzip, as the exome itself is; equal content is equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0, compresslevel=6) as packed:
        packed.write("".join(header).encode())
        for record in records:
            packed.write(("\t".join(record.fields) + "\n").encode())
    content = buffer.getvalue()
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)


def read_exons(gff: Path) -> dict[str, list[tuple[int, int]]]:
    """Exons of a GFF3 by contig, 0-based and half open, merged."""
    raw: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with open_text(gff) as handle:
        for line in handle:
            fields = line.split("\t", 5)
            if len(fields) > 5 and fields[2] == "exon":
                raw[fields[0]].append((int(fields[3]) - 1, int(fields[4])))
    return {chrom: merged(spans) for chrom, spans in raw.items()}


def _touches(spans: Spans, record: Record) -> bool:
    held = spans.get(record.chrom, ())
    low, high = 0, len(held)
    while low < high:  # the last span that starts before the position
        middle = (low + high) // 2
        if held[middle][0] < record.pos:
            low = middle + 1
        else:
            high = middle
    return low > 0 and record.pos <= held[low - 1][1]


def _kind(ref: str, alt: str) -> str:
    return "SNV" if len(ref) == len(alt) == 1 else "indel"


def _rival(own: Record, added: Record) -> bool:
    if (own.chrom, own.pos) != (added.chrom, added.pos):
        return False
    same = (own.ref, own.alt) == (added.ref, added.alt)
    return same or _HOM in (own.genotype, added.genotype)
