"""The candidates' rows of one annotated case: one per carried allele and gene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.alleles import Alleles, Records, once
from ariane.annotate.bulk import Bulk
from ariane.annotate.columns import is_symbolic, touches
from ariane.annotate.consequence import Effect, effect
from ariane.annotate.contig_genes import ContigGenes, Pairs
from ariane.annotate.contig_map import Truth, Whole
from ariane.annotate.counts import Fates
from ariane.annotate.csq import consequences_alone, parse
from ariane.annotate.far import far_rows
from ariane.annotate.genes import Gene, Genes, Interval, merged
from ariane.annotate.haplotypes import Haplotypes, read_haplotypes
from ariane.annotate.hgvs import Namer
from ariane.annotate.near import look_near
from ariane.annotate.terms import Terms
from ariane.annotate.vcf_says import VcfSays, beyond, effect_of
from ariane.model.structural import LONG, SMALL
from ariane.model.tables import CANDIDATES
from ariane.seals import sealed_writer

ROWS_AT_ONCE: Final = 100_000
"""Rows of a Parquet row group."""

_DISTINCT: Final = ("variant", "pos", "end", "hgvs_g", "hgvs_c")
"""Columns in which nearly every value is another one: a dictionary of them would only cost."""

_OF_EFFECT: Final = (
    *("transcript", "refseq", "mane", "consequence", "consequence_alone", "hgvs_c", "hgvs_p"),
    *("place", "protein_change", "dna_change", "codon", "aa_ref", "aa_alt", "nmd"),
    *("protein_lost", "others", "tier"),
)
"""Columns that an :class:`Effect` fills."""


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
        terms: the table of terms.
        namer: HGVS names, and the reference.
        folder: for temporary files.
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
        terms: Terms,
        namer: Namer,
        folder: Path,
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
        self._folder = folder
        self._terms = terms
        self._genes: dict[str, list[Gene]] = {}
        for gene in genes.all:
            self._genes.setdefault(gene.contig, []).append(gene)

    def write(self, bcf: Path, target: Path) -> None:
        """Read an indexed BCF of normalised records and write the rows to a Parquet file."""
        with sealed_writer(
            target,
            CANDIDATES.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[n for n in CANDIDATES.columns if n not in _DISTINCT],
            column_encoding={"pos": "DELTA_BINARY_PACKED", "end": "DELTA_BINARY_PACKED"},
            write_statistics=["gene"],
        ) as writer:
            info = self._says.fields if self._says else ()
            records = Records(bcf, self._members, self._folder, info)
            held = records.held
            for contig in sorted(held.keys() | self._structural.keys()):
                tables = []
                if contig in held and not self._everywhere and contig not in self._genes:
                    self.fates.outside_genes += held[contig]
                elif contig in held:
                    # Half of a genome lies far from every gene: it is counted, not read.
                    within = None if self._everywhere else self._reach(contig)
                    found = records.read(contig, within)
                    self.fates.outside_genes += held[contig] - len(found)
                    alleles = self._candidates(found)
                    tables = [self._rows(alleles)] if len(alleles) else []
                if contig in self._structural:
                    tables = [self._with_structural(tables, self._structural[contig])]
                for made in tables:
                    writer.write_table(made, row_group_size=ROWS_AT_ONCE)
                self._namer.reference.let_go()

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
        bulk = Bulk(self._namer, alleles)
        genes = ContigGenes(self._genes.get(alleles.contig, ()))
        pairs = genes.pairs(alleles, self._padding)
        told: list[_Close] = []
        if self._says:
            pairs, told = self._told(alleles, genes, pairs, self._says)
        close = genes.close(alleles, pairs)
        far = pairs.where(~close)
        made = far_rows(alleles, genes, far, self._terms, bulk)
        told += self._close(alleles, genes, pairs.where(close), bulk)
        return self._table(alleles, bulk, far.allele, made, told)

    def _told(
        self, alleles: Alleles, genes: ContigGenes, pairs: Pairs, says: VcfSays
    ) -> tuple[Pairs, list[_Close]]:
        """Rows that the VCF's own annotation tells, and the pairs of which it says nothing."""
        said = says.of_all(alleles)
        near: list[list[Gene]] = [[] for _ in said]
        told: list[_Close] = []
        left = np.zeros(len(pairs.allele), dtype=bool)
        for at, (row, number) in enumerate(zip(*(c.tolist() for c in pairs), strict=True)):
            gene = genes.genes[number]
            near[row].append(gene)
            if gene.key in said[row]:
                gained = len(alleles.alt[row].as_py()) - len(alleles.ref[row].as_py())
                told.append(_Close(row, gene, effect_of(said[row][gene.key], gene, gained)))
            else:
                left[at] = True
                says.count_unsaid(bool(said[row]))
        for row, known in enumerate(near):
            told += [_Close(row, *found) for found in beyond(said[row], known)]
        return pairs.where(left), told

    def _close(
        self, alleles: Alleles, genes: ContigGenes, pairs: Pairs, bulk: Bulk
    ) -> list[_Close]:
        near = look_near(alleles, genes, pairs, self._namer, bulk)
        asked = np.unique(pairs.allele[near.for_csq])
        alone, joined = self._ask(alleles.take(asked), genes, pairs.gene[near.for_csq])
        self.fates.joint += len(joined.together)
        parsed = [parse(text)[0] for text in alone.to_pylist()]
        entries = dict(zip(asked.tolist(), parsed, strict=True))
        rows = pairs.allele
        spans = zip(alleles.low[rows].tolist(), alleles.high[rows].tolist(), strict=True)
        found = []
        for row, number, seen, given, span in zip(
            rows.tolist(), pairs.gene.tolist(), near.seen, bulk.given(rows), spans, strict=True
        ):
            key, gene = (alleles.contig, *given), genes.genes[number]
            made = effect(
                gene,
                key,
                span,
                seen,
                entries.get(row, ()),
                joined.together.get(key, ()),
                joined.alone.get(key, frozenset()),
                self._terms,
            )
            found.append(_Close(row, gene, made))
        return found

    def _ask(
        self, alleles: Alleles, genes: ContigGenes, which: Whole
    ) -> tuple[pa.StringArray, Haplotypes]:
        """What csq says of each allele alone, and of those that share a haplotype."""
        if not len(alleles):
            return pa.array([], pa.string()), Haplotypes()
        reference = self._namer.reference
        near = Genes(genes.genes[number] for number in np.unique(which).tolist())
        columns = (pa.array(alleles.pos), alleles.ref, alleles.alt)
        alone = consequences_alone(alleles.contig, columns, reference, near, self._folder)
        return alone, read_haplotypes(alleles, alone, genes.genes, reference, self._folder)

    def _table(
        self,
        alleles: Alleles,
        bulk: Bulk,
        index: Whole,
        far: Mapping[str, pa.Array],
        close: list[_Close],
    ) -> pa.Table:
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
            if name in far:
                held = far[name]
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
            "reach": pa.repeat(pa.scalar("", pa.string()), len(index)),
            "genes_hit": pa.nulls(len(index), pa.int32()),
            "genes_cut": pa.nulls(len(index), pa.int32()),
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
    which = np.where(change >= LONG, 1, np.where(change <= -LONG, 2, 0))
    return pa.array([SMALL, "INS", "DEL"], pa.string()).take(pa.array(which))


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
