"""The candidates' rows of one annotated case: one per carried allele and gene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
from ariane.annotate.terms import Terms
from ariane.annotate.told import Told
from ariane.annotate.vcf_says import VcfSays, beyond, effect_of, within
from ariane.model.genotype import Genotype, encode_family
from ariane.model.tables import CANDIDATES

ROWS_AT_ONCE: Final = 20_000
"""Rows of a Parquet row group, and the most rows held in memory."""


@dataclass
class Fates:
    """What became of every split allele on its way to the candidates."""

    star: int = 0
    symbolic: int = 0
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
        excluded = self.star + self.symbolic + self.outside_genes
        return excluded + self.duplicate + self.not_carried + self.candidates


@dataclass
class _Allele:
    """One split record near a gene."""

    pos: int
    ref: str
    alt: str
    bcsq: str
    filters: str
    calls: dict[str, Genotype]
    said: dict[str, Told]
    """What the VCF's own annotation says, by gene key."""


class Rows:
    """The candidates' rows of one case, streamed in the table's order.

    Args:
        case: identifier of the case.
        members: sequenced members in the order of the BCF's samples.
        genes: the genes near the variants.
        padding: reach of a gene in bases.
        found: what phased haplotypes change.
        terms: the table of terms.
        says: the VCF's own annotation, where it is read.
    """

    def __init__(
        self,
        case: str,
        members: Sequence[str],
        genes: Genes,
        padding: int,
        found: Haplotypes,
        terms: Terms,
        says: VcfSays | None = None,
    ) -> None:
        self.fates = Fates()
        self._says = says
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
                for _, group in groupby(self._alleles(vcf, contig), key=lambda a: a.pos):
                    batch.extend(self._rows_at(contig, list(group)))
                    if len(batch) >= ROWS_AT_ONCE:
                        writer.write_table(_arrow(batch))
                        batch = []
            if batch:
                writer.write_table(_arrow(batch))

    def _alleles(self, vcf: pysam.VariantFile, contig: str) -> Iterator[_Allele]:
        fates = self.fates
        for record in vcf.fetch(contig):
            ref, alt = record.ref or "", (record.alts or ("",))[0]
            if alt == "*":
                fates.star += 1
                continue
            if any(mark in alt for mark in "<>[]"):
                fates.symbolic += 1
                continue
            low, high = affected(record.pos, ref, alt)
            near = self._genes.near(contig, low, high, self._padding)
            if not near and self._says is None:
                fates.outside_genes += 1
                continue
            fields = str(record).rstrip("\n").split("\t")
            info = dict(part.partition("=")[::2] for part in fields[7].split(";"))
            said = self._says.of((contig, record.pos, ref, alt), info) if self._says else {}
            if not near and not beyond(said, near):
                fates.outside_genes += 1
                continue
            number = _allele_number(info.get(OLD_RECORD, ""))
            calls = family(fields[9:], fields[8].split(":"), self._members, number)
            yield _Allele(record.pos, ref, alt, info.get(ALONE, ""), fields[6], calls, said)

    def _rows_at(self, contig: str, alleles: list[_Allele]) -> Iterator[dict[str, Any]]:
        distinct: dict[tuple[str, str], _Allele] = {}
        for allele in alleles:
            seen = distinct.setdefault((allele.ref, allele.alt), allele)
            if seen is not allele:
                self.fates.duplicate += 1
                seen.said = seen.said or allele.said
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
            if gene.key in allele.said:
                continue
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
        rows = {key: (gene.symbol, made) for key, (_, gene, made) in best.items()}
        symbols = {gene.key: gene.symbol for gene in near}
        for told in (*within(allele.said, near), *beyond(allele.said, near)):
            rows[told.gene] = (symbols.get(told.gene, told.symbol), effect_of(told))
        for gene_key in sorted(rows):
            yield self._row(contig, allele, gene_key, *rows[gene_key])

    def _row(
        self, contig: str, allele: _Allele, gene: str, symbol: str, made: Effect
    ) -> dict[str, Any]:
        self.fates.rows += 1
        self.fates.tiers[made.tier] = self.fates.tiers.get(made.tier, 0) + 1
        return {
            "case": self._case,
            "variant": f"{contig}-{allele.pos}-{allele.ref}-{allele.alt}",
            "chrom": contig,
            "pos": allele.pos,
            "ref": allele.ref,
            "alt": allele.alt,
            "gene": gene,
            "symbol": symbol,
            "transcript": made.transcript,
            "mane": made.mane,
            "consequence": made.consequence,
            "consequence_alone": made.consequence_alone,
            "protein_change": made.protein_change,
            "dna_change": made.dna_change,
            "codon": made.codon,
            "aa_ref": made.aa_ref,
            "aa_alt": made.aa_alt,
            "tier": made.tier,
            "filters": allele.filters,
            "genotypes": encode_family(allele.calls),
        }


def _allele_number(old_record: str) -> int:
    """The allele's number before the split, from ``chr1|335|C|A,G|2``; 1 where nothing was."""
    number = old_record.rpartition("|")[2]
    return int(number) if old_record.count("|") == 4 and number.isdigit() else 1


def _arrow(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=CANDIDATES.schema)
