"""The genes of the invented world, and every allele with the consequence that it has.

Only what the annotation engine would give is written here by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ariane.model.structural import spot_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Allele:
    """One allele with the consequence that the engine would give it."""

    chrom: str
    pos: int
    ref: str
    alt: str
    gene: str
    consequence: str
    residue: int = 0
    aa: str = ""
    tier: str = "coding"
    name: str = ""
    """The ``c.`` name, where it is not the one of its consequence."""

    @property
    def key(self) -> str:
        return f"{self.chrom}-{self.pos}-{self.ref}-{self.alt}"

    @property
    def codon(self) -> str:
        return f"ENST-{self.gene}:{self.residue}" if self.residue else ""


SYMBOLS = {"HGNC:1": "ONE", "HGNC:2": "TWO", "HGNC:3": "EXE", "HGNC:4": "MITO"}
GENES = tuple(SYMBOLS)
_HOME = {"HGNC:1": ("chr1", 1000), "HGNC:2": ("chr1", 5000), "HGNC:3": ("chrX", 3_000_000)}
_HOME["HGNC:4"] = ("chrM", 3000)


def told_of(allele: Allele) -> Row:
    """Names, place and decay, as annotation would tell them."""
    worst = allele.consequence.split("&")[0]
    names = {"hgvs_c": "", "hgvs_p": "", "place": "exon 5/5", "nmd": "", "protein_lost": None}
    if spot_of(allele.key):
        return names | {"place": "", "protein_lost": 400}
    if worst == "stop_gained":
        return names | {"hgvs_p": "p.(Arg90Ter)", "nmd": "expected", "protein_lost": 700}
    if worst == "frameshift_variant":
        # In the last exon: what others say of the end decides.
        residue = 300 + allele.pos % 100
        return names | {"hgvs_p": f"p.(Arg{residue}Ter)", "nmd": "escapes", "protein_lost": 80}
    if worst == "splice_donor_variant":
        name = allele.name or "c.90+1G>A"
        return names | {"hgvs_c": name, "place": "intron 3/4", "protein_lost": 90}
    return names | {"hgvs_c": allele.name}


def _alleles() -> tuple[Allele, ...]:
    found = []
    for gene, (chrom, at) in _HOME.items():
        found += [
            Allele(chrom, at, "A", "G", gene, "missense_variant", 7, "V"),
            Allele(chrom, at, "A", "T", gene, "missense_variant", 7, "V"),  # the same change
            Allele(chrom, at + 1, "C", "T", gene, "missense_variant", 7, "M"),  # the same residue
            Allele(chrom, at + 30, "G", "T", gene, "stop_gained"),
            Allele(chrom, at + 60, "GA", "G", gene, "frameshift_variant"),
            Allele(chrom, at + 90, "T", "C", gene, "intron_variant", tier="elsewhere"),
            Allele(chrom, at + 80, "G", "A", gene, "splice_donor_variant"),
        ]
    # The first gene's stop also lies in the second gene's intron: one variant, two genes.
    stop = found[3]
    found.append(
        Allele(
            stop.chrom, stop.pos, stop.ref, stop.alt, "HGNC:2", "intron_variant", 0, "", "elsewhere"
        )
    )
    # Structural: over exons, over two genes and several read keys, a whole gene gained, cut.
    far = "<DEL:4000000>"
    found += [
        Allele("chr1", 900, "A", "<DEL:1200>", "HGNC:1", "feature_truncation&frameshift_variant"),
        Allele("chr1", 500, "A", far, "HGNC:1", "transcript_ablation"),
        Allele("chr1", 500, "A", far, "HGNC:2", "transcript_ablation"),
        Allele("chr1", 4000, "A", "<DUP:7000>", "HGNC:2", "transcript_amplification"),
        Allele("chr1", 1050, "A", "A[chrX:3000050[", "HGNC:1", CUT),
        Allele("chrX", 3_000_000, "A", "<INV:3145727>", "HGNC:3", CUT),
    ]
    return tuple(found + _neighbours())


def _neighbours() -> list[Allele]:
    """What criteria compare in the first gene: missense alleles over two stretches of residues,
    others at the splice site, other ends of the protein, a lost start."""
    chrom, at = _HOME["HGNC:1"]
    crowd = [
        Allele(chrom, at + residue, "C", alt, "HGNC:1", "missense_variant", residue, "L")
        for residue, alt in ((12, "T"), (13, "T"), (15, "G"), (16, "T"), (17, "A"), (20, "T"))
    ]
    site = [
        Allele(chrom, at + step, ref, alt, "HGNC:1", consequence, name=name)
        for step, ref, alt, consequence, name in (
            (81, "T", "C", "splice_donor_variant", "c.90+2T>C"),
            (84, "G", "A", FIFTH, "c.90+5G>A"),
            (84, "G", "C", FIFTH, "c.90+5G>C"),
        )
    ]
    ends = [
        Allele(chrom, at + step, "GA", "G", "HGNC:1", "frameshift_variant") for step in (58, 62, 64)
    ]
    return [*crowd, *site, *ends, Allele(chrom, at - 20, "A", "G", "HGNC:1", "start_lost")]


CUT = "feature_truncation&coding_sequence_variant"
FIFTH = "splice_donor_5th_base_variant&intron_variant"
STRUCTURAL = range(29, 35)
"""Places of the structural alleles; those after them are what criteria compare."""
ALLELES = _alleles()
OF_GENE = {gene: tuple(a for a in ALLELES if a.gene == gene) for gene in GENES}
KEYS = tuple(dict.fromkeys(a.key for a in ALLELES))
NEIGHBOURS = tuple(dict.fromkeys(a.key for a in ALLELES[STRUCTURAL.stop :]))
FAR = ("chr1-900000-A-G", "chr1-900100-C-T", "chr1-900200-G-T")
"""Alleles near no gene, which a release may assert for one."""
CONTIGS = {"chr1": 248_956_422, "chrX": 156_040_895, "chrM": 16_569}


def kind_at(key: str) -> str:
    spot = spot_of(key)
    return spot.kind if spot else "small"


def end_of(allele: Allele) -> int:
    spot = spot_of(allele.key)
    return spot.end if spot else allele.pos + len(allele.ref) - 1


def copies_of(allele: Allele) -> Row:
    """How a copy-number variant lies on the gene, and how many genes it takes."""
    if kind_at(allele.key) not in ("DEL", "DUP"):
        return {"reach": "", "genes_hit": None, "genes_cut": None}
    if "transcript" in allele.consequence:
        hit = 26 if "ablation" in allele.consequence else 2
        return {"reach": "whole", "genes_hit": hit, "genes_cut": 0}
    return {"reach": "end", "place": "exon 5/5", "genes_hit": 1, "genes_cut": 1}
