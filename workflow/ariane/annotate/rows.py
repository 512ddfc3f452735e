"""The candidates' rows of one annotated case: one per carried allele and gene."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ariane.annotate.alleles import Alleles, Truth, Whole, read_alleles, records_by_contig
from ariane.annotate.bulk import Bulk
from ariane.annotate.columns import is_symbolic, touches
from ariane.annotate.consequence import Effect, effect
from ariane.annotate.csq import parse
from ariane.annotate.far import FarRows, by_exons
from ariane.annotate.genes import Gene, Genes, Interval, merged
from ariane.annotate.haplotypes import Haplotypes
from ariane.annotate.hgvs import Namer
from ariane.annotate.repeated import once
from ariane.annotate.structural_rows import StructuralFates
from ariane.annotate.terms import Terms
from ariane.annotate.vcf_says import VcfSays, beyond, effect_of
from ariane.model.structural import LONG, SMALL
from ariane.model.tables import CANDIDATES

ROWS_AT_ONCE: Final = 100_000
"""Rows of a Parquet row group."""

_OF_EFFECT: Final = (
    *("transcript", "refseq", "mane", "consequence", "consequence_alone", "hgvs_c", "hgvs_p"),
    *("place", "protein_change", "dna_change", "codon", "aa_ref", "aa_alt", "nmd"),
    *("protein_lost", "others", "tier"),
)
"""Columns that an :class:`Effect` fills."""


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
    joint: int = 0
    """Alleles that mean something else together with others on their haplotype."""
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


@dataclass(frozen=True)
class _Close:
    """The row of one allele in or near an exon of one gene."""

    allele: int
    gene: Gene
    effect: Effect


class Rows:
    """The candidates' rows of one case, contig by contig in the table's order.

    Args:
        case: identifier of the case.
        members: sequenced members in the order of the BCF's samples.
        genes: the genes near the variants.
        padding: reach of a gene in bases.
        together: finds what phased haplotypes change among a contig's alleles.
        terms: the table of terms.
        namer: HGVS names.
        says: the VCF's own annotation, where it is read.
        structural: rows of the structural alleles, in the table's order.
        everywhere: whether records far from every gene are looked at, and not only counted.
    """

    def __init__(
        self,
        case: str,
        members: Sequence[str],
        genes: Genes,
        padding: int,
        together: Callable[[Alleles], Haplotypes],
        terms: Terms,
        namer: Namer,
        says: VcfSays | None = None,
        structural: Sequence[Mapping[str, Any]] = (),
        everywhere: bool = True,
    ) -> None:
        self.fates = Fates()
        self._everywhere = everywhere
        self._says = says
        self._structural: dict[str, list[Mapping[str, Any]]] = {}
        for row in structural:
            self._structural.setdefault(row["chrom"], []).append(row)
        self._namer = namer
        self._case = case
        self._members = members
        self._padding = padding
        self._together = together
        self._terms = terms
        self._genes: dict[str, list[Gene]] = {}
        for gene in genes.all:
            self._genes.setdefault(gene.contig, []).append(gene)

    def write(self, bcf: Path, target: Path, folder: Path) -> None:
        """Read an indexed BCF and write the rows.

        Args:
            bcf: with ``BCSQ``; its index lies beside it.
            target: the Parquet file.
            folder: for temporary files.
        """
        with pq.ParquetWriter(
            target, CANDIDATES.schema, compression="zstd", compression_level=1
        ) as writer:
            info = self._says.fields if self._says else ()
            held = records_by_contig(bcf)
            for contig in sorted(held.keys() | self._structural.keys()):
                tables = []
                if contig in held and not self._everywhere and contig not in self._genes:
                    self.fates.outside_genes += held[contig]
                elif contig in held:
                    # Half of a genome lies far from every gene: it is counted, not read.
                    within = None if self._everywhere else self._reach(contig)
                    found = read_alleles(bcf, contig, self._members, folder, info, within)
                    self.fates.outside_genes += held[contig] - len(found)
                    alleles = self._candidates(found)
                    tables = [self._rows(alleles)] if len(alleles) else []
                if contig in self._structural:
                    tables = [self._with_structural(tables, self._structural[contig])]
                for made in tables:
                    writer.write_table(made, row_group_size=ROWS_AT_ONCE)

    def _with_structural(self, tables: list[pa.Table], rows: list[Mapping[str, Any]]) -> pa.Table:
        """The rows of a contig's structural alleles among the others, in the table's order."""
        made = pa.Table.from_pylist([dict(row) for row in rows], schema=CANDIDATES.schema)
        self._count(made["tier"])
        joined = pa.concat_tables([*tables, made])
        return joined.sort_by([(name, "ascending") for name in CANDIDATES.sort])

    def _candidates(self, alleles: Alleles) -> Alleles:
        """The alleles with a sequence, near a gene, once each, that somebody carries."""
        fates = self.fates
        star = _numpy(pc.equal(alleles.alt, "*"))
        symbolic = is_symbolic(alleles.alt)
        fates.star += int(star.sum())
        plain = ~star & ~symbolic
        near = plain & self._near(alleles)
        if self._says:
            near |= self._says.beyond_genes(alleles, plain & ~near)
        fates.outside_genes += int((plain & ~near).sum())
        alleles, repeats = once(alleles.take(np.flatnonzero(near)))
        fates.duplicate += repeats
        fates.not_carried += int((~alleles.carried).sum())
        alleles = alleles.take(np.flatnonzero(alleles.carried))
        fates.candidates += len(alleles)
        return alleles

    def _reach(self, contig: str) -> list[Interval]:
        """Genes of a contig with their padding, merged."""
        return merged(
            (max(1, gene.start - self._padding), gene.end + self._padding)
            for gene in self._genes.get(contig, ())
        )

    def _near(self, alleles: Alleles) -> Truth:
        bounds = np.array(self._reach(alleles.contig), dtype=np.int64).reshape(-1, 2)
        low, high = alleles.low, alleles.high
        return touches((bounds[:, 0], bounds[:, 1]), np.minimum(low, high), np.maximum(low, high))

    def _rows(self, alleles: Alleles) -> pa.Table:
        together = self._together(alleles)
        self.fates.joint += len(together.together)
        bulk = Bulk(self._namer, alleles)
        far = FarRows(alleles, self._terms, self._namer, bulk)
        said = self._says.of_all(alleles) if self._says else []
        known: list[list[Gene]] = [[] for _ in said]
        told: list[_Close] = []
        touching: list[tuple[Gene, Whole]] = []
        longest = int((alleles.high - alleles.pos).max(initial=0)) + 1
        first = np.minimum(alleles.low, alleles.high)
        last = np.maximum(alleles.low, alleles.high)
        for gene in self._genes.get(alleles.contig, ()):
            start, end = gene.start - self._padding, gene.end + self._padding
            lower = int(np.searchsorted(alleles.pos, start - longest))
            upper = int(np.searchsorted(alleles.pos, end, side="right"))
            rows = np.arange(lower, upper)
            rows = rows[(last[rows] >= start) & (first[rows] <= end)]
            for row in rows.tolist() if said else ():
                known[row].append(gene)
                if gene.key in said[row]:
                    gained = len(alleles.alt[row].as_py()) - len(alleles.ref[row].as_py())
                    told.append(_Close(row, gene, effect_of(said[row][gene.key], gene, gained)))
            if said:
                rows = np.array([r for r in rows if gene.key not in said[r]], dtype=np.int64)
            if not len(rows):
                continue
            close = by_exons(gene, alleles, rows)
            if close.any():
                touching.append((gene, rows[close]))
            far.add(gene, rows[~close])
        for row, genes in enumerate(known):
            told += [_Close(row, *found) for found in beyond(said[row], genes)]
        return self._table(alleles, bulk, far, told + self._close(alleles, touching, together))

    def _close(
        self, alleles: Alleles, touching: list[tuple[Gene, Whole]], together: Haplotypes
    ) -> list[_Close]:
        found = []
        for gene, rows in touching:
            at = pa.array(rows)
            columns = (alleles.ref.take(at), alleles.alt.take(at), alleles.bcsq.take(at))
            for row, ref, alt, bcsq in zip(
                rows.tolist(), *(column.to_pylist() for column in columns), strict=True
            ):
                key = (alleles.contig, int(alleles.pos[row]), ref, alt)
                entries, _ = parse(bcsq)
                made = effect(
                    gene,
                    key,
                    (int(alleles.low[row]), int(alleles.high[row])),
                    entries,
                    together.together.get(key, ()),
                    together.alone.get(key, frozenset()),
                    self._terms,
                    self._namer,
                )
                found.append(_Close(row, gene, made))
        return found

    def _table(self, alleles: Alleles, bulk: Bulk, far: FarRows, close: list[_Close]) -> pa.Table:
        index, columns = far.columns()
        size = len(index)
        empty = pa.scalar("", pa.string())
        told: dict[str, list[Any]] = {name: [] for name in ("gene", "gene_id", "symbol")}
        for row in close:
            told["gene"].append(row.gene.key)
            told["gene_id"].append(row.gene.id)
            told["symbol"].append(row.gene.symbol)
        for name in _OF_EFFECT:
            told[name] = [getattr(row.effect, name) for row in close]
        made: dict[str, pa.Array] = {}
        for name, values in told.items():
            kind = CANDIDATES.schema.field(name).type if name != "gene_id" else pa.string()
            if name in columns:
                held = columns[name]
            elif pa.types.is_string(kind):
                held = pa.repeat(empty, size)
            else:
                held = pa.nulls(size, kind)
            made[name] = pa.concat_arrays([held, pa.array(values, kind)])
        index = np.concatenate([index, np.array([row.allele for row in close], dtype=np.int64)])
        order = self._order(index, made)
        at = pa.array(order)
        made = {name: column.take(at) for name, column in made.items()}
        index = index[order]
        made.update(self._of_alleles(alleles, bulk, index))
        self._count(made["tier"])
        return pa.Table.from_arrays(
            [made[name] for name in CANDIDATES.columns], schema=CANDIDATES.schema
        )

    def _order(self, index: Whole, made: Mapping[str, pa.Array]) -> Whole:
        """Rows by allele, then gene; of two GFF3 genes with one identifier the worse row only.

        Pseudoautosomal copies and some readthrough genes share an HGNC identifier.
        """
        ranks = _numpy(pc.rank(made["gene"], tiebreaker="dense"))
        order: Whole = np.lexsort((ranks, index))
        same = (np.diff(index[order]) == 0) & (np.diff(ranks[order].astype(np.int64)) == 0)
        if not same.any():
            return order
        severity = self._terms.severity
        drop = set()
        for place in np.flatnonzero(same).tolist():
            one, two = int(order[place]), int(order[place + 1])
            if one in drop:
                one = next(r for r in reversed(order[:place].tolist()) if r not in drop)
            weights = [
                (severity(made["consequence"][r].as_py().split("&")), made["gene_id"][r].as_py())
                for r in (one, two)
            ]
            drop.add(two if weights[0] <= weights[1] else one)
        return np.array([row for row in order.tolist() if row not in drop], dtype=np.int64)

    def _of_alleles(self, alleles: Alleles, bulk: Bulk, index: Whole) -> dict[str, pa.Array]:
        at = pa.array(index)
        pos = pa.array(alleles.pos.astype(np.int32))
        variant = pc.binary_join_element_wise(
            alleles.contig, pos.cast(pa.string()), alleles.ref, alleles.alt, "-"
        )
        end = alleles.pos + _numpy(pc.binary_length(alleles.ref)) - 1
        return {
            "case": pa.repeat(pa.scalar(self._case, pa.string()), len(index)),
            "variant": variant.take(at),
            "chrom": pa.repeat(pa.scalar(alleles.contig, pa.string()), len(index)),
            "pos": pos.take(at),
            "ref": alleles.ref.take(at),
            "alt": alleles.alt.take(at),
            "kind": _kinds(alleles).take(at),
            "end": pa.array(end[index].astype(np.int32)),
            "hgvs_g": bulk.genomic().take(at),
            "filters": alleles.filters.take(at),
            "genotypes": alleles.genotypes.take(at),
        }

    def _count(self, tiers: pa.Array) -> None:
        self.fates.rows += len(tiers)
        for entry in pc.value_counts(tiers).to_pylist():
            name = entry["values"]
            self.fates.tiers[name] = self.fates.tiers.get(name, 0) + entry["counts"]


def _kinds(alleles: Alleles) -> pa.Array:
    """The kind of each allele written in full: see :func:`ariane.model.structural.kind_of`."""
    given, made = (
        _numpy(pc.binary_length(column)).astype(np.int64) for column in (alleles.ref, alleles.alt)
    )
    change = made - given
    kinds = np.where(change >= LONG, "INS", np.where(change <= -LONG, "DEL", SMALL))
    return pa.array(kinds.astype(object), pa.string())


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
