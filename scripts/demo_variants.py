"""The demo's alleles: those named in ``variants.tsv`` and a drawn background of common ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from demo_files import between, pick, rng
from demo_genome import BASES, CODONS, Gene, Genome, intron_place, reverse, translate

APART = 12
"""Least distance between a drawn variant and any other, so that each has a consequence alone."""

SAMPLED = 76156
"""Invented size of the frequency resource: persons."""


@dataclass(frozen=True)
class Variant:
    """One allele, split, trimmed and left-aligned."""

    name: str
    gene: str
    chrom: str
    pos: int
    ref: str
    alt: str
    expected: str
    """A word that its consequence must hold."""
    assertions: tuple[str, str] = ("", "")
    """Class and stars in releases A and B (``P2``), or empty."""
    frequencies: tuple[float | None, float | None] = (None, None)
    """In releases A and B; None where the frequency resource does not hold it."""
    common: bool = False

    @property
    def key(self) -> str:
        """``chrom-pos-ref-alt``."""
        return f"{self.chrom}-{self.pos}-{self.ref}-{self.alt}"


def normalise(genome: Genome, chrom: str, pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Trim and left-align an allele (Tan and others, Bioinformatics 2015)."""
    while ref and alt and ref[-1] == alt[-1] and (len(ref) > 1 or len(alt) > 1):
        ref, alt = ref[:-1], alt[:-1]
        if not ref or not alt:
            before = genome.base(chrom, pos - 1, pos - 1)
            pos, ref, alt = pos - 1, before + ref, before + alt
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def _place(genome: Genome, gene: Gene, row: dict[str, str]) -> tuple[int, str, str]:
    """Where a named variant lies, on the forward strand.

    Raises:
        ValueError: the bases there are not those that the table names.
    """
    ref, alt = row["ref"], row["alt"]
    if row["kind"] == "genome":
        first = int(row["place"])
    elif row["kind"] == "codon":
        index = 3 * (int(row["place"]) - 1)
        held = gene.coding[index : index + len(ref)]
        first = min(held)
        if max(held) - first != len(ref) - 1:
            raise ValueError(f"{row['name']}: an exon ends inside")
    else:
        number, offset = intron_place(row["place"])
        before, after = gene.exons[number - 1], gene.exons[number]
        edge = before if offset > 0 else after
        step = offset if gene.forward else -offset
        first = (edge[1] if (offset > 0) == gene.forward else edge[0]) + step
    if not gene.forward and row["kind"] != "genome":
        ref, alt = reverse(ref), reverse(alt)
    if genome.base(gene.contig, first, first + len(ref) - 1) != ref:
        raise ValueError(f"{row['name']}: the reference has other bases there")
    return normalise(genome, gene.contig, first, ref, alt)


def _share(text: str) -> float | None:
    return float(text) if text else None


def named(genome: Genome, rows: list[dict[str, str]]) -> list[Variant]:
    """The variants of ``variants.tsv`` that stand for themselves."""
    found = []
    for row in rows:
        if row["kind"] == "background":
            continue
        gene = genome.by_symbol[row["gene"]]
        pos, ref, alt = _place(genome, gene, row)
        found.append(
            Variant(
                row["name"],
                gene.symbol,
                gene.contig,
                pos,
                ref,
                alt,
                row["consequence"],
                (row["assertion_a"], row["assertion_b"]),
                (_share(row["af_a"]), _share(row["af_b"])),
            )
        )
    return found


class Background:
    """Draws common and rare neutral variants over a genome, away from the named ones."""

    def __init__(self, genome: Genome, taken: list[Variant], rows: list[dict[str, str]]) -> None:
        self.genome = genome
        self.taken: dict[str, list[int]] = {}
        for variant in taken:
            self.taken.setdefault(variant.chrom, []).append(variant.pos)
        self.said = {
            row["name"]: (row["assertion_a"], row["assertion_b"])
            for row in rows
            if row["kind"] == "background"
        }

    def draw(self) -> list[Variant]:
        """Every background variant."""
        found: list[Variant] = []
        for gene in self.genome.genes:
            if gene.contig == "chrM":
                plan = [("syn", 3, True)] if gene.codons else []
            else:
                plan = [("syn", 3, True), ("mis", 1, True), ("int", 3, True), ("flank", 3, True)]
                plan += [("indel", 1, True), ("rare", 2, False)]
            for kind, count, common in plan:
                for number in range(1, count + 1):
                    found.append(self._one(gene, kind, number, common))
                    if kind == "int" and number == 1 and gene.symbol in ("CFTR", "LDLR"):
                        found.append(self._second(found[-1]))
        return found

    def _one(self, gene: Gene, kind: str, number: int, common: bool) -> Variant:
        name = f"{gene.symbol}.{kind}{number}"
        chance = rng("background", name)
        choose: dict[str, Callable[[Gene, Random], tuple[int, str, str]]] = {
            "syn": self._synonymous,
            "mis": self._missense,
            "rare": self._missense,
            "int": self._intronic,
            "indel": self._indel,
            "flank": self._flanking,
        }
        while True:
            pos, ref, alt = choose[kind](gene, chance)
            pos, ref, alt = normalise(self.genome, gene.contig, pos, ref, alt)
            near = self.taken.setdefault(gene.contig, [])
            if ref != alt and all(abs(pos - other) > APART for other in near):
                near.append(pos)
                break
        if common:
            share: float | None = round(0.06 + 0.5 * chance.random(), 4)
        else:
            share = round(10 ** (-5 + chance.random()), 8) if number == 1 else None
        words = {"syn": "synonymous", "mis": "missense", "rare": "missense", "int": "intron"}
        return Variant(
            name,
            gene.symbol,
            gene.contig,
            pos,
            ref,
            alt,
            words.get(kind, ""),
            self.said.get(name, ("", "")),
            (share, share),
            common,
        )

    def _second(self, first: Variant) -> Variant:
        """Another alternative base at the same site: a record with two ALT alleles."""
        alt = next(b for b in BASES if b not in (first.ref, first.alt))
        return Variant(
            first.name + "b",
            first.gene,
            first.chrom,
            first.pos,
            first.ref,
            alt,
            first.expected,
            ("", ""),
            (0.21, 0.21),
            True,
        )

    def _codon(
        self, gene: Gene, chance: Random, wanted: Callable[[str, str], bool]
    ) -> tuple[int, str, str]:
        coding = self.genome.coding_sequence(gene)
        shy = gene.junction_codons()
        while True:
            number = between(chance, 5, gene.codons - 5)
            within = between(chance, 0, 2)
            base = pick(chance, BASES)
            if number in shy:
                continue
            codon = coding[3 * number - 3 : 3 * number]
            other = codon[:within] + base + codon[within + 1 :]
            if (
                other == codon
                or CODONS[other] == "*"
                or not wanted(translate(codon), CODONS[other])
            ):
                continue
            if gene.contig == "chrM" and other in ("ATA", "AGA", "AGG", "TGA"):
                continue
            ref, alt = codon[within], base
            if not gene.forward:
                ref, alt = reverse(ref), reverse(alt)
            return gene.coding[3 * number - 3 + within], ref, alt

    def _synonymous(self, gene: Gene, chance: Random) -> tuple[int, str, str]:
        return self._codon(gene, chance, lambda before, after: before == after)

    def _missense(self, gene: Gene, chance: Random) -> tuple[int, str, str]:
        return self._codon(gene, chance, lambda before, after: before != after)

    def _intron_position(self, gene: Gene, chance: Random) -> int:
        bounds = sorted(gene.exons)
        k = between(chance, 0, len(bounds) - 2)
        return between(chance, bounds[k][1] + 25, bounds[k + 1][0] - 30)

    def _substitute(self, gene: Gene, pos: int, chance: Random) -> tuple[int, str, str]:
        ref = self.genome.base(gene.contig, pos, pos)
        return pos, ref, pick(chance, BASES)

    def _intronic(self, gene: Gene, chance: Random) -> tuple[int, str, str]:
        return self._substitute(gene, self._intron_position(gene, chance), chance)

    def _flanking(self, gene: Gene, chance: Random) -> tuple[int, str, str]:
        distance = between(chance, 300, 4000)
        before = chance.random() < 0.5
        pos = gene.start - distance if before else gene.end + distance
        return self._substitute(gene, pos, chance)

    def _indel(self, gene: Gene, chance: Random) -> tuple[int, str, str]:
        pos = self._intron_position(gene, chance)
        length = between(chance, 1, 4)
        held = self.genome.base(gene.contig, pos, pos + length)
        if chance.random() < 0.5:
            return pos, held, held[0]
        return pos, held[0], held[0] + "".join(pick(chance, BASES) for _ in range(length))
