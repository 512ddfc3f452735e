"""Genes and transcripts of an Ensembl-style GFF3, and which of them a position touches."""

from __future__ import annotations

import gzip
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from ariane.files import open_text
from ariane.model.errors import ArianeError

GENE_PADDING: Final = 5000
"""Default distance in bases at which a variant still belongs to a gene: the reach of upstream and
downstream variants in Ensembl."""

_GENE_TYPES: Final = frozenset(
    {"gene", "ncRNA_gene", "pseudogene", "protein_coding_gene", "bidirectional_promoter_lncRNA"}
)
_HGNC: Final = re.compile(r"(?:HGNC:)*(\d+)\Z")
_HGNC_IN_TEXT: Final = re.compile(r"\[Source:HGNC Symbol;Acc:(?:HGNC:)*(\d+)\]")
_PARENT: Final = re.compile(r"(?:^|;)Parent=([^;\s]+)")
_UNUSED: Final = frozenset({"five_prime_UTR", "three_prime_UTR", "start_codon", "stop_codon"})
"""Features that follow from exons and coding parts."""
_PARTS: Final = frozenset({"exon", "CDS", "five_prime_UTR", "three_prime_UTR"})
_EXPECTED: Final = "An Ensembl-style GFF3 is expected."
_REFSEQ: Final = re.compile(r"RefSeq:(N[MR]_\d+\.\d+)")
_BIN: Final = 1 << 16

Interval = tuple[int, int]
"""Start and end, 1-based, both inside."""


@dataclass(slots=True)
class Transcript:
    """One transcript with its exons and coding parts in genomic order."""

    id: str
    """Without version."""
    version: str
    biotype: str
    mane: str
    """``select``, ``plus clinical`` or an empty string."""
    start: int
    end: int
    strand: str
    refseq: str = ""
    """``NM_000059.4``, the RefSeq transcript of the same bases, where the GFF3 names it."""
    exons: list[Interval] = field(default_factory=list)
    cds: list[tuple[int, int, str]] = field(default_factory=list)
    """Start, end and phase as the GFF3 writes it."""

    @property
    def name(self) -> str:
        """``ENST00000123.4``; without version where the GFF3 gives none."""
        return f"{self.id}.{self.version}" if self.version else self.id

    @property
    def coding_span(self) -> Interval | None:
        """First and last base of the coding sequence, or None for an RNA."""
        return (self.cds[0][0], self.cds[-1][1]) if self.cds else None

    def utrs(self) -> list[tuple[str, int, int]]:
        """The exon parts outside the coding span: feature type, start, end."""
        span = self.coding_span
        if span is None:
            return []
        left, right = ("five_prime_UTR", "three_prime_UTR")
        if self.strand == "-":
            left, right = right, left
        parts = [(left, s, min(e, span[0] - 1)) for s, e in self.exons if s < span[0]]
        parts += [(right, max(s, span[1] + 1), e) for s, e in self.exons if e > span[1]]
        return parts


@dataclass(slots=True)
class Gene:
    """One gene. ``key`` is its HGNC identifier, else the GFF3's gene identifier."""

    key: str
    id: str
    symbol: str
    contig: str
    start: int
    end: int
    strand: str
    biotype: str
    transcripts: list[Transcript] = field(default_factory=list)


class Genes:
    """All genes of a GFF3, found by position.

    Args:
        genes: the genes, in any order.
    """

    def __init__(self, genes: Iterable[Gene]) -> None:
        self.all: tuple[Gene, ...] = tuple(
            sorted(genes, key=lambda gene: (gene.contig, gene.start, gene.end, gene.id))
        )
        self._padding = -1
        self._bins: dict[tuple[str, int], list[Gene]] = {}

    def near(self, contig: str, low: int, high: int, padding: int = GENE_PADDING) -> list[Gene]:
        """Genes that ``low..high`` touches, or comes within ``padding`` bases of.

        Args:
            contig: name as the GFF3 was read (see :func:`read_genes`).
            low: first affected base, 1-based.
            high: last affected base; ``low - 1`` for an insertion between the two.
            padding: reach in bases beyond the gene's ends.

        Returns:
            genes in order of position.
        """
        if padding != self._padding:
            self._fill(padding)
        low, high = min(low, high), max(low, high)
        found: dict[str, Gene] = {}
        for index in range(low // _BIN, high // _BIN + 1):
            for gene in self._bins.get((contig, index), ()):
                if gene.start - padding <= high and low <= gene.end + padding:
                    found[gene.id] = gene
        return sorted(found.values(), key=lambda gene: (gene.start, gene.end, gene.id))

    def _fill(self, padding: int) -> None:
        self._bins = {}
        self._padding = padding
        for gene in self.all:
            for index in range(
                max(0, gene.start - padding) // _BIN, (gene.end + padding) // _BIN + 1
            ):
                self._bins.setdefault((gene.contig, index), []).append(gene)


class _LineFault(ValueError):
    """What is wrong with a line of a GFF3, in words."""


class Neighbourhood:
    """The stretches of the reference that lie near given spans.

    Args:
        spans: contig, first and last base, 1-based, in any order.
        padding: reach in bases.
    """

    def __init__(self, spans: Iterable[tuple[str, int, int]], padding: int) -> None:
        self._padding = padding
        found: dict[str, list[Interval]] = {}
        for contig, low, high in spans:
            found.setdefault(contig, []).append((low, high))
        self._spans = {contig: merged(intervals) for contig, intervals in found.items()}

    def __call__(self, contig: str, start: int, end: int) -> bool:
        """Whether a gene from ``start`` to ``end`` lies within reach of a span."""
        spans = self._spans.get(contig, [])
        return overlaps(spans, start - self._padding, end + self._padding)


def read_genes(
    path: Path,
    contig_name: Callable[[str], str] = str,
    near: Callable[[str, int, int], bool] | None = None,
) -> Genes:
    """Read genes, transcripts, exons and coding parts.

    Features are told apart by their identifiers (``ID=gene:``, ``ID=transcript:``) or, without
    these prefixes, by their type and parent. RNA genes and unknown biotypes are kept.

    Args:
        path: GFF3, plain or gzip.
        contig_name: turns the GFF3's contig name into the reference's.
        near: whether a gene at contig, start, end is wanted; all are without it.

    Raises:
        ArianeError: the file is missing, damaged, or holds no gene.
    """
    genes: dict[str, Gene] = {}
    every: list[Gene] = []
    transcripts: dict[str, Transcript] = {}
    contigs: dict[str, str] = {}
    number = told = 0
    try:
        with open_text(path) as handle:
            for line in handle:
                number += 1
                if line.startswith("#") or not line.strip():
                    continue
                fields = line.rstrip("\r\n").split("\t")
                if len(fields) != 9:
                    raise ValueError
                if fields[2] in _PARTS:
                    # Nine lines in ten, most of them of one transcript after the other.
                    _take_part(fields, transcripts)
                    continue
                contig = contigs.get(fields[0])
                if contig is None:
                    contig = contigs[fields[0]] = contig_name(fields[0])
                told += _take(fields, contig, genes, every, transcripts, near)
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Check the path.") from None
    except (EOFError, OSError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError):
        raise ArianeError(f"{path}: damaged or cut file. Fetch the GFF3 again.") from None
    except _LineFault as fault:
        raise ArianeError(f"{path}:{number}: {fault}. {_EXPECTED}") from None
    except ValueError:
        raise ArianeError(
            f"{path}:{number}: not a GFF3 line. Nine tab-separated columns are expected."
        ) from None
    if not told:
        raise ArianeError(f"{path}: no gene found. {_EXPECTED}")
    if near is None and not any(t.exons for t in transcripts.values()):
        raise ArianeError(f"{path}: no transcript with exons found. {_EXPECTED}")
    for transcript in transcripts.values():
        transcript.exons.sort()
        transcript.cds.sort()
    return Genes(every)


def _take_part(fields: list[str], transcripts: Mapping[str, Transcript]) -> None:
    """Take an exon or a coding part of transcripts that were kept."""
    kind = fields[2]
    if kind not in ("exon", "CDS"):
        return
    tags = fields[8]
    at = tags.find("Parent=")
    if at > 0 and tags[at - 1] != ";":
        found = _PARENT.search(tags)
        owners = found[1] if found else ""
    else:
        owners = tags[at + 7 :].partition(";")[0].strip() if at >= 0 else ""
    for owner in owners.split(","):
        transcript = transcripts.get(_bare(owner))
        if transcript is None:
            continue
        start, end = int(fields[3]), int(fields[4])
        if start > end:
            raise _LineFault(f"the feature starts at {start} and ends at {end}")
        if kind == "exon":
            transcript.exons.append((start, end))
            continue
        if fields[7] not in ("0", "1", "2"):
            raise _LineFault(f"a coding part has phase {fields[7]!r}, not 0, 1 or 2")
        transcript.cds.append((start, end, fields[7]))


def _take(
    fields: list[str],
    contig: str,
    genes: dict[str, Gene],
    every: list[Gene],
    transcripts: dict[str, Transcript],
    near: Callable[[str, int, int], bool] | None,
) -> bool:
    """Take one line; return whether it is a gene's, wanted or not."""
    kind = fields[2]
    if int(fields[3]) > int(fields[4]):
        raise _LineFault(f"the feature starts at {fields[3]} and ends at {fields[4]}")
    if kind in _UNUSED:
        return False
    start, end, strand = int(fields[3]), int(fields[4]), fields[6]
    tags = dict(part.split("=", 1) for part in fields[8].split(";") if "=" in part)
    parent = _bare(tags.get("Parent", ""))
    identity = tags.get("ID", "")
    if identity.startswith("gene:") or (kind in _GENE_TYPES and not parent):
        if near is not None and not near(contig, start, end):
            return True
        if not identity:
            raise _LineFault("a gene has no ID: this may be a GTF")
        if strand not in ("+", "-"):
            raise _LineFault(f"a gene has strand {strand!r}, neither + nor -")
        gene_id, _, _ = _versioned(_bare(identity), tags.get("version", ""))
        symbol = unquote(tags.get("Name", "") or tags.get("gene_name", "")) or gene_id
        biotype = tags.get("biotype", "") or tags.get("gene_type", "")
        gene = Gene(_key(tags, gene_id), gene_id, symbol, contig, start, end, strand, biotype)
        # An identifier may come again, as of pseudoautosomal genes: parts belong to the last one.
        genes[_bare(identity)] = gene
        every.append(gene)
        return True
    if parent in genes and identity:
        bare, version, _ = _versioned(_bare(identity), tags.get("version", ""))
        transcript = Transcript(
            bare,
            version,
            tags.get("biotype", "") or tags.get("transcript_type", "") or kind,
            _mane(tags.get("tag", "")),
            start,
            end,
            strand,
            _refseq(tags),
        )
        transcripts[_bare(identity)] = transcript
        genes[parent].transcripts.append(transcript)
    return False


def _bare(identity: str) -> str:
    return identity.removeprefix("gene:").removeprefix("transcript:")


def _versioned(identity: str, version: str) -> tuple[str, str, bool]:
    """Split ``ENST00000123.4``; the ``version`` attribute counts first."""
    stem, dot, tail = identity.rpartition(".")
    if dot and tail.isdecimal() and stem.startswith("ENS"):
        return stem, version or tail, True
    return identity, version, False


def _key(tags: Mapping[str, str], gene_id: str) -> str:
    given = _HGNC.match(unquote(tags.get("hgnc_id", "")))
    described = _HGNC_IN_TEXT.search(unquote(tags.get("description", "")))
    found = given or described
    return f"HGNC:{found[1]}" if found else gene_id


def _mane(tag: str) -> str:
    words = tag.replace(" ", "_").split(",")
    if "MANE_Select" in words:
        return "select"
    return "plus clinical" if "MANE_Plus_Clinical" in words else ""


def _refseq(tags: Mapping[str, str]) -> str:
    """MANE's twin: ``refseq=`` here, ``Dbxref=RefSeq:NM_...`` in NCBI's MANE files."""
    if tags.get("refseq"):
        return tags["refseq"]
    found = _REFSEQ.search(unquote(tags.get("Dbxref", "")))
    return found[1] if found else ""


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals sorted, those that touch or overlap joined."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def overlaps(joined: list[Interval], low: int, high: int) -> bool:
    """Whether ``low..high`` touches one of the merged intervals."""
    index = bisect_right(joined, (high, 1 << 62))
    return index > 0 and joined[index - 1][1] >= low


def proteins(genes: Iterable[Gene]) -> Iterator[dict[str, object]]:
    """Rows of the ``proteins`` table: residues of MANE Select's protein, else of the longest."""
    longest: dict[str, tuple[bool, int]] = {}
    for gene in genes:
        for transcript in gene.transcripts:
            bases = sum(end - start + 1 for start, end, _ in transcript.cds)
            if bases:
                own = (transcript.mane == "select", bases // 3 - 1)  # the stop codon is none
                longest[gene.key] = max(own, longest.get(gene.key, (False, 0)))
    for key in sorted(longest):
        yield {"gene": key, "residues": longest[key][1]}
