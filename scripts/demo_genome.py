"""The demo's genome: invented bases, genes with true names and invented structure.

Each gene gets exons, introns that begin with GT and end with AG, untranslated ends, and an open
reading frame from ATG to TAA. Codons named in ``variants.tsv`` are placed as written there; all
other bases are drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from demo_files import between, pick, rng

FLANK = 6000
"""Bases before the first and after the last gene of a contig."""
GAP = 11000
"""Bases between genes: more than twice the padding that annotation puts around a gene."""
X_OFFSET = 2_790_000
"""Genes of chrX lie beyond the first pseudoautosomal region of GRCh38 (to 2,781,479), which is
left as N: in a pseudoautosomal region a male would have two alleles."""
MITOCHONDRIAL_LENGTH = 16569
MITOCHONDRIAL_STARTS = {"MT-TL1": (3230, 3304), "MT-ND4": (10760, 12136)}

COMPLEMENT = str.maketrans("ACGT", "TGCA")
BASES = "ACGT"
_AMINO = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODONS = {
    a + b + c: _AMINO[16 * i + 4 * j + k]
    for i, a in enumerate("TCAG")
    for j, b in enumerate("TCAG")
    for k, c in enumerate("TCAG")
}
"""The standard genetic code."""
DRAWN = tuple(c for c in sorted(CODONS) if CODONS[c] != "*" and c not in ("ATA", "AGA", "AGG"))
"""Codons that mean the same in the nucleus and in human mitochondria."""


def reverse(bases: str) -> str:
    """Reverse complement."""
    return bases.translate(COMPLEMENT)[::-1]


def translate(coding: str) -> str:
    """Residues of a coding sequence, ``*`` for a stop."""
    return "".join(CODONS[coding[i : i + 3]] for i in range(0, len(coding), 3))


@dataclass
class Gene:
    """One gene: its row of ``genes.tsv``, then where it lies, 1-based."""

    row: Mapping[str, str]
    exons: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of each exon, in the order of transcription."""
    coding: list[int] = field(default_factory=list)
    """Position of each base of the coding sequence, in the order of translation."""

    @property
    def symbol(self) -> str:
        """Approved symbol."""
        return self.row["symbol"]

    @property
    def contig(self) -> str:
        """Contig name."""
        return self.row["contig"]

    @property
    def forward(self) -> bool:
        """Whether the gene lies on the forward strand."""
        return self.row["strand"] == "+"

    @property
    def codons(self) -> int:
        """Number of codons with the stop; 0 for a gene without a protein."""
        return int(self.row["codons"])

    @property
    def start(self) -> int:
        """First position."""
        return min(low for low, _ in self.exons)

    @property
    def end(self) -> int:
        """Last position."""
        return max(high for _, high in self.exons)

    def cds_parts(self) -> list[tuple[int, int, int]]:
        """Start, end and phase of the coding part of each exon, in the order of transcription."""
        parts = []
        for low, high in self.exons:
            inside = [i for i, pos in enumerate(self.coding) if low <= pos <= high]
            if inside:
                held = [self.coding[i] for i in inside]
                parts.append((min(held), max(held), -inside[0] % 3))
        return parts

    def junction_codons(self) -> set[int]:
        """Codons within four of an exon's end, where a change may disturb splicing."""
        steps = [
            i // 3 + 1
            for i in range(1, len(self.coding))
            if abs(self.coding[i] - self.coding[i - 1]) > 1
        ]
        return {c + d for c in steps for d in range(-4, 5)}


@dataclass(frozen=True)
class Pins:
    """What ``variants.tsv`` asks of a gene's reference sequence."""

    codons: Mapping[int, str]
    introns: Mapping[tuple[int, int], str]
    """(intron, offset from its first base) to the base wanted there."""
    positions: Mapping[int, str]


def pins_of(variants: Iterable[Mapping[str, str]], symbol: str) -> Pins:
    """Collect the reference bases that the variants of a gene stand on.

    Raises:
        ValueError: two variants ask for different bases at one place.
    """
    codons: dict[int, str] = {}
    introns: dict[tuple[int, int], str] = {}
    positions: dict[int, str] = {}
    for row in variants:
        if row["gene"] != symbol or row["kind"] == "background":
            continue
        if row["kind"] == "codon":
            for i in range(0, len(row["ref"]), 3):
                number, wanted = int(row["place"]) + i // 3, row["ref"][i : i + 3]
                if codons.setdefault(number, wanted) != wanted:
                    raise ValueError(f"{row['name']}: codon {number} is asked for twice")
        elif row["kind"] == "genome":
            positions[int(row["place"])] = row["ref"]
        elif abs(int(intron_place(row["place"])[1])) > 6:
            introns[intron_place(row["place"])] = row["ref"]
    return Pins(codons, introns, positions)


def intron_place(place: str) -> tuple[int, int]:
    """``3+160`` or ``3-1``: the intron after exon 3, and the offset from its start or end."""
    mark = "+" if "+" in place else "-"
    number, _, offset = place.partition(mark)
    return int(number), int(mark + offset)


def _coding_sequence(gene: Gene, pins: Pins) -> str:
    chance = rng("codons", gene.symbol)
    drawn = [pick(chance, DRAWN) for _ in range(gene.codons)]
    for number, bases in pins.codons.items():
        drawn[number - 1] = bases
    return "".join(["ATG", *drawn[1:-1], "TAA"])


def _cuts(gene: Gene, pins: Pins) -> list[int]:
    """Places in the coding sequence where an exon ends, away from pinned codons."""
    chance = rng("cuts", gene.symbol)
    exons = int(gene.row["exons"])
    found = []
    for k in range(1, exons):
        target = round(gene.codons * k / exons)
        codon = next(
            target + shift
            for shift in sorted(range(-30, 31), key=lambda s: (abs(s), s))
            if all(abs(target + shift - pinned) > 5 for pinned in pins.codons)
        )
        found.append(3 * (codon - 1) + between(chance, 0, 2))
    return found


def _draw(gene: Gene, pins: Pins) -> tuple[str, list[tuple[int, int]], list[int]]:
    """Bases in the order of transcription, exon bounds and coding indices in them."""
    chance = rng("structure", gene.symbol)

    def some(length: int) -> str:
        return "".join(pick(chance, BASES) for _ in range(length))

    coding = _coding_sequence(gene, pins)
    bounds = [0, *_cuts(gene, pins), len(coding)]
    bases = some(between(chance, 70, 130))
    exons: list[tuple[int, int]] = []
    indices: list[int] = []
    exon_start = 0
    for k in range(len(bounds) - 1):
        part = coding[bounds[k] : bounds[k + 1]]
        indices += range(len(bases), len(bases) + len(part))
        bases += part
        if k == len(bounds) - 2:
            bases += some(between(chance, 150, 240))
        exons.append((exon_start, len(bases) - 1))
        if k < len(bounds) - 2:
            deep = [offset + 150 for number, offset in pins.introns if number == k + 1]
            length = max([between(chance, 150, 330), *deep])
            intron = list("GTAAGT" + some(length - 19) + "TTTCTTTTTTCAG")
            for (number, offset), base in pins.introns.items():
                if number == k + 1:
                    intron[offset - 1] = base
            bases += "".join(intron)
            exon_start = len(bases)
    return bases, exons, indices


@dataclass
class Genome:
    """All contigs and genes."""

    sequences: dict[str, str]
    genes: list[Gene]

    def base(self, contig: str, start: int, end: int) -> str:
        """Reference bases of a 1-based closed interval."""
        return self.sequences[contig][start - 1 : end]

    @cached_property
    def by_symbol(self) -> Mapping[str, Gene]:
        """Genes by symbol."""
        return {gene.symbol: gene for gene in self.genes}

    def coding_sequence(self, gene: Gene) -> str:
        """The coding sequence of a gene, read from the contig."""
        found = "".join(self.base(gene.contig, pos, pos) for pos in gene.coding)
        return found if gene.forward else found.translate(COMPLEMENT)


def build(rows: list[dict[str, str]], variants: list[dict[str, str]]) -> Genome:
    """Draw every contig.

    Args:
        rows: ``genes.tsv``, in the order of contigs and positions.
        variants: ``variants.tsv``.
    """
    sequences: dict[str, str] = {}
    genes: list[Gene] = []
    for contig in dict.fromkeys(row["contig"] for row in rows):
        held = [Gene(row) for row in rows if row["contig"] == contig]
        build_contig = _mitochondrial if contig == "chrM" else _nuclear
        sequences[contig] = build_contig(contig, held, variants)
        genes += held
    return Genome(sequences, genes)


def _some(length: int, *names: object) -> str:
    chance = rng(*names)
    return "".join(pick(chance, BASES) for _ in range(length))


def _nuclear(contig: str, genes: list[Gene], variants: list[dict[str, str]]) -> str:
    bases = ("N" * X_OFFSET if contig == "chrX" else "") + _some(FLANK, "flank", contig)
    for gene in genes:
        drawn, exons, indices = _draw(gene, pins_of(variants, gene.symbol))
        offset, length = len(bases) + 1, len(drawn)
        if gene.forward:
            gene.exons = [(offset + low, offset + high) for low, high in exons]
            gene.coding = [offset + i for i in indices]
            bases += drawn
        else:
            last = offset + length - 1
            gene.exons = [(last - high, last - low) for low, high in exons]
            gene.coding = [last - i for i in indices]
            bases += reverse(drawn)
        bases += _some(GAP if gene is not genes[-1] else FLANK, "after", gene.symbol)
    return bases


def _mitochondrial(contig: str, genes: list[Gene], variants: list[dict[str, str]]) -> str:
    bases = list(_some(MITOCHONDRIAL_LENGTH, "flank", contig))
    for gene in genes:
        low, high = MITOCHONDRIAL_STARTS[gene.symbol]
        gene.exons = [(low, high)]
        pins = pins_of(variants, gene.symbol)
        if gene.codons:
            gene.coding = list(range(low, high + 1))
            bases[low - 1 : high] = _coding_sequence(gene, pins)
        for position, base in pins.positions.items():
            bases[position - 1] = base
    return "".join(bases)


def gff3(genome: Genome) -> str:
    """The genes in the manner of Ensembl's GFF3."""
    lines = ["##gff-version 3"]
    for gene in genome.genes:
        row = gene.row
        protein = gene.codons > 0
        biotype = "protein_coding" if protein else "Mt_tRNA"
        kinds = ("gene", "mRNA") if protein else ("ncRNA_gene", "tRNA")
        gene_id, transcript = row["ensembl_gene_id"], row["transcript"]

        def line(
            kind: str, low: int, high: int, said: str, phase: str = ".", gene: Gene = gene
        ) -> str:
            place = (gene.contig, "ArianeDemo", kind, low, high, ".", gene.row["strand"], phase)
            return "\t".join(map(str, (*place, said)))

        parent = f"Parent=transcript:{transcript}"
        lines.append(
            line(
                kinds[0],
                gene.start,
                gene.end,
                f"ID=gene:{gene_id};Name={gene.symbol};biotype={biotype};gene_id={gene_id};"
                f"hgnc_id={row['hgnc_id']}",
            )
        )
        tag = "tag=MANE_Select;" if gene.contig != "chrM" else ""
        lines.append(
            line(
                kinds[1],
                gene.start,
                gene.end,
                f"ID=transcript:{transcript};Parent=gene:{gene_id};Name={gene.symbol}-201;"
                f"biotype={biotype};{tag}transcript_id={transcript};version={row['version']}",
            )
        )
        lines += [line("exon", low, high, parent) for low, high in sorted(gene.exons)]
        parts = gene.cds_parts()
        lines += [
            line("CDS", low, high, f"ID=CDS:{transcript};{parent}", str(phase))
            for low, high, phase in sorted(parts)
        ]
        lines += [line(kind, low, high, parent) for kind, low, high in _untranslated(gene)]
        lines.append("###")
    return "\n".join(lines) + "\n"


def _untranslated(gene: Gene) -> list[tuple[str, int, int]]:
    if not gene.coding:
        return []
    low, high = min(gene.coding), max(gene.coding)
    before, after = ("five_prime_UTR", "three_prime_UTR")
    if not gene.forward:
        before, after = after, before
    found = []
    for start, end in sorted(gene.exons):
        if start < low:
            found.append((before, start, min(end, low - 1)))
        if end > high:
            found.append((after, max(start, high + 1), end))
    return found
