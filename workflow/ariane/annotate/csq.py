"""What ``bcftools csq`` needs and says: its gene file, its runs, its words.

csq knows the protein; it says nothing of RNA exons' transcripts, of introns' transcripts, of genes'
surroundings, nor of biotypes outside its own list. :mod:`ariane.annotate.consequence` fills these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import pysam

from ariane.annotate.genes import Gene, Genes, Transcript
from ariane.annotate.normalise import bcftools

ALONE: Final = "BCSQ"
"""INFO field of each record's own consequences."""
TOGETHER: Final = "BCSQ_HAP"
"""INFO field of the consequences of phased haplotypes."""
PROTEIN_SHOWN: Final = "5"
"""Amino acids written of a longer change: ``1244LRGPF..4128>1244PSGAI..1285``."""

NOT_SEQUENCE: Final = 'ALT~"[]<[]" || ALT="*"'
"""Alleles without a sequence: csq would read the letters of a breakend as bases (measured)."""

_RUNS: Final = count()
"""Counts csq's runs in this process."""

_SINGLE: Final = re.compile(r"(\d+)([A-Z*])(?:>(\d+)([A-Z*]))?\Z")
_MEMBER: Final = re.compile(r"(\d+)([ACGTN]+)>([ACGTN]+)\Z")


class Consequence(NamedTuple):
    """One entry of a BCSQ field."""

    words: str
    """csq's words joined by ``&``."""
    symbol: str
    transcript: str
    """Identifier without version; empty where csq speaks of the gene only (introns, RNA)."""
    biotype: str
    strand: str
    protein: str
    """``59I>59L``, ``1022S`` when synonymous, else empty."""
    dna: str
    """``1046551A>G``; the members of a haplotype are joined by ``+``."""
    after_stop: bool
    """Marked ``*``: downstream of a stop on the same haplotype."""

    @property
    def members(self) -> tuple[tuple[int, str, str], ...]:
        """Position, REF and ALT of each variant that makes the change."""
        found = (_MEMBER.match(part) for part in self.dna.split("+") if part)
        return tuple((int(hit[1]), hit[2], hit[3]) for hit in found if hit)

    @property
    def residue(self) -> tuple[int, str, str] | None:
        """Residue number, reference and alternative amino acid of a single-residue change."""
        hit = _SINGLE.match(self.protein)
        if hit is None or (hit[3] is not None and hit[3] != hit[1]):
            return None
        return int(hit[1]), hit[2], hit[4] or hit[2]


def parse(text: str) -> tuple[list[Consequence], list[int]]:
    """The entries of a BCSQ field, and the positions that ``@`` pointers name.

    A pointer means that the record is part of the consequence written at that position.
    """
    entries: list[Consequence] = []
    pointers: list[int] = []
    for part in filter(None, text.split(",")):
        if part == ".":
            continue
        if part.startswith("@"):
            pointers.append(int(part[1:]))
            continue
        fields = part.split("|")
        fields += [""] * (7 - len(fields))
        words = fields[0]
        entries.append(
            Consequence(
                words.lstrip("*"),
                fields[1],
                fields[2],
                fields[3],
                fields[4],
                fields[5],
                fields[6],
                words.startswith("*"),
            )
        )
    return entries, pointers


def write_gff(path: Path, genes: Genes, contigs: Mapping[str, int]) -> None:
    """Write the genes in the one dialect of GFF3 that csq reads.

    UTRs are derived from exons and coding parts; genes on contigs that the reference lacks and
    transcripts without exons are left out. csq itself passes over biotypes it does not know.
    """
    lines = ["##gff-version 3"]
    for gene in genes.all:
        if gene.contig in contigs:
            lines.extend(_gene_lines(gene))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def consequences_alone(
    source: Path, target: Path, reference: Path, gff: Path, folder: Path, symbolic: bool
) -> None:
    """Write ``BCSQ`` for every record by itself, whatever the genotypes, and index the file.

    Alleles without a sequence pass beside csq and are put back in their places: it would read the
    letters of a breakend as bases (measured). It refuses a gene file without exons: where no
    variant is near one, the records pass as they are.

    Args:
        source: normalised BCF.
        target: indexed BCF.
        reference: FASTA.
        gff: gene file as csq reads it.
        folder: for temporary files.
        symbolic: whether there may be alleles without a sequence.
    """
    if not _holds_genes(gff):
        bcftools("view", "--no-version", "-Ob1", "-o", str(target), str(source))
        bcftools("index", "-f", "-c", str(target))
        return
    if not symbolic:
        _run("--local-csq", "-s", "-", files=(source, target, reference, gff))
        bcftools("index", "-f", "-c", str(target))
        return
    sequence, other, called = (folder / n for n in ("sequence.bcf", "other.bcf", "called1.bcf"))
    for option, part in (("-e", sequence), ("-i", other)):
        bcftools("view", "--no-version", option, NOT_SEQUENCE, "-Ob1", "-o", str(part), str(source))
    _run("--local-csq", "-s", "-", files=(sequence, called, reference, gff))
    for part in (called, other):
        bcftools("index", "-f", str(part))
    bcftools("concat", "--no-version", "-a", "-Ob1", "-o", str(target), str(called), str(other))
    bcftools("index", "-f", "-c", str(target))


def consequences_together(source: Path, target: Path, reference: Path, gff: Path) -> None:
    """Write ``BCSQ_HAP`` by phased haplotype; unphased heterozygous calls are passed over."""
    _run("-p", "s", "-c", TOGETHER, files=(source, target, reference, gff))


def _run(*options: str, files: tuple[Path, Path, Path, Path]) -> None:
    source, target, reference, gff = files
    if next(_RUNS):
        _forget(source, target.with_name("forget.vcf"), reference, gff)
    bcftools(
        *("csq", "--no-version", "-v", "0", "--force", *options, "-B", PROTEIN_SHOWN),
        *("-f", str(reference), "-g", str(gff), "-Ob1", "-o", str(target), str(source)),
    )


def _holds_genes(gff: Path) -> bool:
    with gff.open(encoding="utf-8") as lines:
        return any("\texon\t" in line for line in lines)


def _forget(source: Path, other: Path, reference: Path, gff: Path) -> None:
    """Let csq see another contig than the one it is about to begin with.

    It remembers the contig and first position of the run before in the same process, and takes a
    file that begins before it for unsorted (measured with bcftools 1.24).
    """
    with pysam.VariantFile(str(source)) as vcf:
        first = next(iter(vcf), None)
        elsewhere = [c for c in vcf.header.contigs if first is not None and c != first.chrom]
        if not elsewhere:
            return
        with pysam.VariantFile(str(other), "w", header=vcf.header) as out:
            end = vcf.header.contigs[elsewhere[-1]].length or 1  # nothing lies behind it
            out.write(out.new_record(contig=elsewhere[-1], start=end - 1, alleles=("N", "A")))
    bcftools(
        *("csq", "--no-version", "-v", "0", "--force", "--local-csq", "-s", "-", "-f"),
        *(str(reference), "-g", str(gff), "-Ob", "-o", f"{other}.bcf", str(other)),
    )


def _gene_lines(gene: Gene) -> Iterable[str]:
    def line(kind: str, start: int, end: int, phase: str, tags: str) -> str:
        return "\t".join(
            [gene.contig, "ariane", kind, str(start), str(end), ".", gene.strand, phase, tags]
        )

    symbol = re.sub(r"[;|,=\s]", "_", gene.symbol)
    tags = f"ID=gene:{gene.id};Name={symbol};biotype={gene.biotype or 'unknown'}"
    yield line("gene", gene.start, gene.end, ".", tags)
    for transcript in gene.transcripts:
        if transcript.exons:
            identity = f"ID=transcript:{transcript.id};Parent=gene:{gene.id}"
            tags = f"{identity};biotype={transcript.biotype}"
            yield line("transcript", transcript.start, transcript.end, ".", tags)
            for kind, start, end, phase in _parts(transcript):
                yield line(kind, start, end, phase, f"Parent=transcript:{transcript.id}")


def _parts(transcript: Transcript) -> Iterable[tuple[str, int, int, str]]:
    for start, end in transcript.exons:
        yield "exon", start, end, "."
    for start, end, phase in transcript.cds:
        yield "CDS", start, end, phase
    for kind, start, end in transcript.utrs():
        yield kind, start, end, "."
