"""The demo's structural variants that stand in a VCF of their own, as Manta writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo_files import between, rng
from demo_genome import Genome
from demo_people import samples_of


@dataclass(frozen=True)
class Deletion:
    """A symbolic deletion of one exon."""

    name: str
    contig: str
    pos: int
    """The base before the first deleted one."""
    end: int
    """The last deleted base."""
    base: str
    """The reference's base at ``pos``."""

    @property
    def key(self) -> str:
        """As the workflow writes it: ``chr7-6449-A-<DEL:6850>``."""
        return f"{self.contig}-{self.pos}-{self.base}-<DEL:{self.end}>"


def deletions(cases: Mapping[str, Any], genome: Genome) -> dict[str, Deletion]:
    """The deletions of all cases by the case's name, from ``exon_deletion`` of each."""
    found = {}
    for case, about in cases.items():
        if "exon_deletion" not in about:
            continue
        asked = about["exon_deletion"]
        gene = genome.by_symbol[asked["gene"]]
        start, end = gene.exons[asked["exon"] - 1]
        pos = start - asked["before"] - 1
        base = genome.base(gene.contig, pos, pos)
        found[case] = Deletion(asked["name"], gene.contig, pos, end + asked["after"], base)
    return found


def structural_vcf(case: str, about: Mapping[str, Any], genome: Genome, deletion: Deletion) -> str:
    """The family's second VCF: one record, with spanning pairs and split reads of each member."""
    samples = samples_of(case, about)
    carriers = about["exon_deletion"]["carriers"]
    length = deletion.end - deletion.pos
    lines = [
        "##fileformat=VCFv4.2",
        "##source=ArianeDemo, invented persons, in the shape of Manta",
        "##reference=GRCh38 (names of contigs only; invented bases)",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        *(f"##contig=<ID={name},length={len(b)}>" for name, b in genome.sequences.items()),
        '##ALT=<ID=DEL,Description="Deletion">',
        '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Kind of structural variant">',
        '##INFO=<ID=END,Number=1,Type=Integer,Description="Last position">',
        '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Difference in length">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
        '##FORMAT=<ID=PR,Number=.,Type=Integer,Description="Spanning pairs by allele">',
        '##FORMAT=<ID=SR,Number=.,Type=Integer,Description="Split reads by allele">',
    ]
    columns = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
    lines.append("\t".join((*columns, *samples.values())))
    calls = []
    for role in samples:
        chance = rng(case, role, "structural", deletion.name)
        pairs, split = between(chance, 24, 40), between(chance, 16, 30)
        seen = role in carriers
        half = (pairs // 2, split // 2) if seen else (0, 0)
        reads = [f"{total - part},{part}" for total, part in zip((pairs, split), half, strict=True)]
        calls.append(":".join(("0/1" if seen else "0/0", "99", *reads)))
    info = f"END={deletion.end};SVTYPE=DEL;SVLEN={-length}"
    name = "MantaDEL:1:0:1:0:0:0"
    fields = (deletion.contig, deletion.pos, name, deletion.base, "<DEL>", 700, "PASS", info)
    lines.append("\t".join(map(str, (*fields, "GT:GQ:PR:SR", *calls))))
    return "\n".join(lines) + "\n"
