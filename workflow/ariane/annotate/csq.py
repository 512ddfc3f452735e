"""What ``bcftools csq`` needs and says: its gene file, its runs, its words.

csq knows the protein; it says nothing of RNA exons' transcripts, of introns' transcripts, of genes'
surroundings, nor of biotypes outside its own list. :mod:`ariane.annotate.consequence` fills these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.columns import write_text
from ariane.annotate.genes import Gene, Genes, Transcript
from ariane.annotate.normalise import bcftools
from ariane.annotate.sequence import Reference

ALONE: Final = "BCSQ"
"""INFO field of each record's own consequences."""
TOGETHER: Final = "BCSQ_HAP"
"""INFO field of the consequences of phased haplotypes."""
PROTEIN_SHOWN: Final = "5"
"""Amino acids written of a longer change: ``1244LRGPF..4128>1244PSGAI..1285``."""

_LAST: Final = [-1]
"""Number of the contig that csq read last in this process."""

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
    contig: str,
    alleles: tuple[pa.Array, pa.StringArray, pa.StringArray],
    reference: Reference,
    genes: Genes,
    folder: Path,
) -> pa.StringArray:
    """The ``BCSQ`` field of each allele by itself, whatever the genotypes; ``.`` where it is empty.

    csq is shown alleles near an exon only, and nothing but plain bases: it would read the letters
    of a breakend as bases (measured).

    Args:
        contig: of the alleles.
        alleles: positions in order, REF and ALT.
        reference: the release's bases.
        genes: the genes that may speak.
        folder: for temporary files.

    Raises:
        ArianeError: csq failed.
    """
    gff, source, called, told = (folder / n for n in ("a.gff3", "a.vcf", "a.bcf", "a.tsv"))
    contigs = reference.contigs.lengths
    write_gff(gff, genes, contigs)
    pos, ref, alt = alleles
    if not len(pos) or not _holds_genes(gff):
        return pa.repeat(pa.scalar(".", pa.string()), len(pos))
    numbers = pa.array(range(len(pos))).cast(pa.string())
    lines = pc.binary_join_element_wise(
        contig, pos.cast(pa.string()), numbers, ref, alt, ".\t.\t.\n", "\t"
    )
    with source.open("wb") as out:
        out.write(vcf_head(contigs))
        write_text(lines, out)
    files = (source, called, reference.path, gff)
    _run("--local-csq", "-s", "-", contig=contig, lengths=contigs, files=files)
    bcftools("query", "-u", "-f", f"%ID\t%INFO/{ALONE}\n", "-o", str(told), str(called))
    found = ["."] * len(pos)
    with told.open(encoding="utf-8") as rows:
        for row in rows:
            number, _, text = row.rstrip("\n").partition("\t")
            found[int(number)] = text
    return pa.array(found, pa.string())


def consequences_together(
    contig: str, source: Path, target: Path, reference: Reference, gff: Path
) -> None:
    """Write ``BCSQ_HAP`` by phased haplotype; unphased heterozygous calls are passed over."""
    lengths = reference.contigs.lengths
    files = (source, target, reference.path, gff)
    _run("-p", "s", "-c", TOGETHER, contig=contig, lengths=lengths, files=files)


def vcf_head(lengths: Mapping[str, int], samples: Sequence[str] = ()) -> bytes:
    """The header of a VCF that csq reads: contigs with their lengths, and GT for samples."""
    fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={name},length={size}>" for name, size in lengths.items()]
    if samples:
        lines.append('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
        fixed.append("FORMAT")
    lines.append("\t".join([*fixed, *samples]))
    return ("\n".join(lines) + "\n").encode()


def _run(
    *options: str, contig: str, lengths: Mapping[str, int], files: tuple[Path, Path, Path, Path]
) -> None:
    source, target, reference, gff = files
    number = list(lengths).index(contig)
    if _LAST[0] == number:
        _forget(lengths, target, reference, gff)
    _LAST[0] = number
    bcftools(
        *("csq", "--no-version", "-v", "0", "--force", *options, "-B", PROTEIN_SHOWN),
        *("-f", str(reference), "-g", str(gff), "-Ou", "-o", str(target), str(source)),
    )


def _holds_genes(gff: Path) -> bool:
    with gff.open(encoding="utf-8") as lines:
        return any("\texon\t" in line for line in lines)


def _forget(lengths: Mapping[str, int], target: Path, reference: Path, gff: Path) -> None:
    """Let csq see another contig than the one it is about to begin with.

    It remembers the contig and first position of the run before in the same process, and takes a
    file that begins before it for unsorted (measured with bcftools 1.24).
    """
    other, one = target.with_name("forget.vcf"), target.with_name("forget.gff3")
    name = "_".join(("none", *lengths))[:1000]
    with gff.open(encoding="utf-8") as lines:
        one.write_text("".join(_first_gene(lines)), encoding="utf-8")
    head = vcf_head({**lengths, name: 1000})
    other.write_bytes(head + f"{name}\t1000\t.\tN\tA\t.\t.\t.\n".encode())
    bcftools(
        *("csq", "--no-version", "-v", "0", "--force", "--local-csq", "-s", "-", "-f"),
        *(str(reference), "-g", str(one), "-Ob", "-o", f"{other}.bcf", str(other)),
    )


def _first_gene(lines: Iterable[str]) -> Iterator[str]:
    genes = 0
    for line in lines:
        genes += "\tgene\t" in line
        if genes > 1:
            return
        yield line


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
