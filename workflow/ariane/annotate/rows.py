"""The candidates' rows of one annotated case: one per carried allele and gene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pysam

from ariane.annotate.consequence import Effect, affected, effect
from ariane.annotate.csq import ALONE, parse
from ariane.annotate.genes import Gene, Genes
from ariane.annotate.genotypes import better, carries, family
from ariane.annotate.haplotypes import Haplotypes
from ariane.annotate.normalise import OLD_RECORD
from ariane.annotate.structural_rows import StructuralFates
from ariane.annotate.terms import Terms
from ariane.model.genotype import Genotype, encode_family
from ariane.model.structural import is_symbolic, kind_of
from ariane.model.tables import CANDIDATES

ROWS_AT_ONCE: Final = 20_000
"""Rows of a Parquet row group, and the most rows held in memory."""

LATER: Final = ("refseq", "place", "hgvs_g", "hgvs_c", "hgvs_p", "nmd", "others")
"""Columns that nothing fills yet for an allele written in full."""


@dataclass
class Fates:
    """What became of every split allele on its way to the candidates."""

    star: int = 0
    symbolic: int = 0
    """Symbolic alleles whose kind or place could not be read, or that change nothing."""
    mates: int = 0
    """Second ends of breakends."""
    outside_genes: int = 0
    duplicate: int = 0
    """Alleles written more than once in the VCF; their calls are joined."""
    not_carried: int = 0
    """Alleles that no sequenced member of the case carries."""
    candidates: int = 0
    rows: int = 0
    """Rows written: one per candidate allele and gene."""
    tiers: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Alleles told."""
        excluded = self.star + self.symbolic + self.mates + self.outside_genes
        return excluded + self.duplicate + self.not_carried + self.candidates

    def add(self, structural: StructuralFates) -> None:
        """Add what became of the structural alleles."""
        self.symbolic += sum(structural.unread.values())
        self.mates += structural.mates
        self.outside_genes += structural.outside_genes
        self.duplicate += structural.duplicate
        self.not_carried += structural.not_carried
        self.candidates += structural.candidates


@dataclass
class _Allele:
    """One split record near a gene."""

    pos: int
    ref: str
    alt: str
    bcsq: str
    filters: str
    calls: dict[str, Genotype]


class Rows:
    """The candidates' rows of one case, streamed in the table's order.

    Args:
        case: identifier of the case.
        members: sequenced members in the order of the BCF's samples.
        genes: the genes near the variants.
        padding: reach of a gene in bases.
        found: what phased haplotypes change.
        terms: the table of terms.
        structural: rows of the structural alleles, in the table's order.
    """

    def __init__(
        self,
        case: str,
        members: Sequence[str],
        genes: Genes,
        padding: int,
        found: Haplotypes,
        terms: Terms,
        structural: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.fates = Fates()
        self._structural = structural
        self._case = case
        self._padding = padding
        self._members = members
        self._genes = genes
        self._found = found
        self._terms = terms

    def write(self, bcf: Path, index: Path, target: Path) -> None:
        """Read the BCF contig by contig, in the order of the table, and write the rows."""
        batch: list[dict[str, Any]] = []
        with (
            pysam.VariantFile(str(bcf), index_filename=str(index)) as vcf,
            pq.ParquetWriter(target, CANDIDATES.schema, compression="zstd") as writer,
        ):
            for contig in sorted(str(name) for name in vcf.header.contigs):
                for row in merge(self._small(vcf, contig), self._other(contig), key=_order):
                    batch.append(row)
                    if len(batch) >= ROWS_AT_ONCE:
                        writer.write_table(_arrow(batch))
                        batch = []
            if batch:
                writer.write_table(_arrow(batch))

    def _small(self, vcf: pysam.VariantFile, contig: str) -> Iterator[dict[str, Any]]:
        for _, group in groupby(self._alleles(vcf, contig), key=lambda a: a.pos):
            yield from self._rows_at(contig, list(group))

    def _other(self, contig: str) -> Iterator[dict[str, Any]]:
        for row in self._structural:
            if row["chrom"] == contig:
                self.fates.rows += 1
                self.fates.tiers[row["tier"]] = self.fates.tiers.get(row["tier"], 0) + 1
                yield row

    def _alleles(self, vcf: pysam.VariantFile, contig: str) -> Iterator[_Allele]:
        fates = self.fates
        for record in vcf.fetch(contig):
            ref, alt = record.ref or "", (record.alts or ("",))[0]
            if alt == "*":
                fates.star += 1
                continue
            if is_symbolic(alt):
                continue  # read by annotate.structural
            low, high = affected(record.pos, ref, alt)
            if not self._genes.near(contig, low, high, self._padding):
                fates.outside_genes += 1
                continue
            fields = str(record).rstrip("\n").split("\t")
            info = dict(part.partition("=")[::2] for part in fields[7].split(";"))
            number = _allele_number(info.get(OLD_RECORD, ""))
            calls = family(fields[9:], fields[8].split(":"), self._members, number)
            yield _Allele(record.pos, ref, alt, info.get(ALONE, ""), fields[6], calls)

    def _rows_at(self, contig: str, alleles: list[_Allele]) -> Iterator[dict[str, Any]]:
        distinct: dict[tuple[str, str], _Allele] = {}
        for allele in alleles:
            seen = distinct.setdefault((allele.ref, allele.alt), allele)
            if seen is not allele:
                self.fates.duplicate += 1
                seen.calls = {m: better(seen.calls[m], allele.calls[m]) for m in self._members}
                if allele.filters in ("PASS", "."):
                    seen.filters = allele.filters
        for change in sorted(distinct):
            allele = distinct[change]
            if not any(carries(call) for call in allele.calls.values()):
                self.fates.not_carried += 1
                continue
            self.fates.candidates += 1
            yield from self._rows_of(contig, allele)

    def _rows_of(self, contig: str, allele: _Allele) -> Iterator[dict[str, Any]]:
        span = affected(allele.pos, allele.ref, allele.alt)
        key = (contig, allele.pos, allele.ref, allele.alt)
        entries, _ = parse(allele.bcsq)
        near = self._genes.near(contig, *span, self._padding)
        # Two GFF3 genes may share one HGNC identifier (pseudoautosomal copies): one row, the worse.
        best: dict[str, tuple[tuple[object, ...], Gene, Effect]] = {}
        for gene in near:
            made = effect(
                gene,
                span,
                entries,
                self._found.together.get(key, ()),
                self._found.alone.get(key, frozenset()),
                self._terms,
            )
            order = (self._terms.severity(made.consequence.split("&")), gene.id)
            if gene.key not in best or order < best[gene.key][0]:
                best[gene.key] = (order, gene, made)
        for gene_key in sorted(best):
            _, gene, made = best[gene_key]
            self.fates.rows += 1
            self.fates.tiers[made.tier] = self.fates.tiers.get(made.tier, 0) + 1
            yield {
                "case": self._case,
                "variant": f"{contig}-{allele.pos}-{allele.ref}-{allele.alt}",
                "chrom": contig,
                "pos": allele.pos,
                "ref": allele.ref,
                "alt": allele.alt,
                "gene": gene.key,
                "symbol": gene.symbol,
                "transcript": made.transcript,
                "mane": made.mane,
                "consequence": made.consequence,
                "consequence_alone": made.consequence_alone,
                "protein_change": made.protein_change,
                "dna_change": made.dna_change,
                "codon": made.codon,
                "aa_ref": made.aa_ref,
                "aa_alt": made.aa_alt,
                **dict.fromkeys(LATER, ""),
                "protein_lost": None,
                "kind": kind_of(allele.ref, allele.alt),
                "end": allele.pos + len(allele.ref) - 1,
                "tier": made.tier,
                "filters": allele.filters,
                "genotypes": encode_family(allele.calls),
            }


def _allele_number(old_record: str) -> int:
    """The allele's number before the split, from ``chr1|335|C|A,G|2``; 1 where nothing was."""
    number = old_record.rpartition("|")[2]
    return int(number) if old_record.count("|") == 4 and number.isdigit() else 1


def _order(row: dict[str, Any]) -> tuple[int, str, str, str]:
    return row["pos"], row["ref"], row["alt"], row["gene"]


def _arrow(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=CANDIDATES.schema)
