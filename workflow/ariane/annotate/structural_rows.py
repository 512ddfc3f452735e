"""The candidates' rows of a case's structural alleles: one per carried allele and gene."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ariane.annotate.genes import Gene, Genes
from ariane.annotate.genotypes import better, carries
from ariane.annotate.normalise import OLD_RECORD
from ariane.annotate.structural import Base, StructuralVariant, Unread, parse
from ariane.annotate.structural_calls import (
    GAIN,
    LOSS,
    copies_of,
    split_calls,
    structural_call,
)
from ariane.annotate.structural_effects import StructuralEffect, effect_on
from ariane.annotate.structural_names import hgvs_g
from ariane.annotate.terms import Terms
from ariane.bounds import whole
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.regions import Region, ploidy_of, region_of
from ariane.model.case import Sex
from ariane.model.genotype import Genotype, encode_family

log = logging.getLogger(__name__)


@dataclass
class StructuralFates:
    """What became of every symbolic allele and breakend."""

    alleles: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    """By reason: what says too little to be placed, or changes no copy."""
    mates: int = 0
    """Second ends of breakends: the first stands for both."""
    duplicate: int = 0
    not_carried: int = 0
    outside_genes: int = 0
    candidates: int = 0
    rows: int = 0

    @property
    def told(self) -> int:
        """Alleles accounted for."""
        left_out = sum(self.unread.values()) + self.mates + self.duplicate
        return left_out + self.not_carried + self.outside_genes + self.candidates


@dataclass
class _Held:
    """An allele with its calls."""

    variant: StructuralVariant
    filters: str
    calls: dict[str, Genotype]
    alleles: int = 1
    """Alleles of the VCF that it stands for alone."""


@dataclass(frozen=True)
class _Family:
    """The sequenced members, in the order of the sample columns."""

    members: Sequence[str]
    sexes: Mapping[str, Sex]
    contigs: Contigs

    def calls(
        self, variant: StructuralVariant, kind: str, columns: list[dict[str, str]], allele: int
    ) -> dict[str, Genotype]:
        region = region_of(variant.chrom, variant.pos, self.contigs)
        return {
            member: structural_call(
                call, kind, ploidy_of(region, self.sexes.get(member, Sex.UNKNOWN)), allele
            )
            for member, call in zip(self.members, columns, strict=True)
        }


class Structural:
    """The structural alleles of one case.

    Args:
        records: the split records with a symbolic allele or breakend, as columns of text.
        members: sequenced members in the order of the sample columns.
        contigs: the reference's contigs.
        base: the reference's base at a place.
        sexes: sex by member, for copy numbers on X and Y; unknown where not given.
        prefix: what stands before the position in a genomic name, by contig; none without it.
    """

    def __init__(
        self,
        records: Iterable[Sequence[str]],
        members: Sequence[str],
        contigs: Contigs,
        base: Base,
        sexes: Mapping[str, Sex] | None = None,
        prefix: Callable[[str], str] | None = None,
    ) -> None:
        self.fates = StructuralFates()
        self._members = members
        self._contigs = contigs
        self._prefix = prefix
        self._held: dict[str, _Held] = {}
        self._seen: dict[str, str] = {}
        family = _Family(members, sexes or {}, contigs)
        for fields in records:
            self.fates.alleles += 1
            made = parse(fields, base, contigs.name)
            if isinstance(made, Unread):
                self.fates.unread[made.reason] = self.fates.unread.get(made.reason, 0) + 1
            else:
                self._take(made, fields, family)

    @property
    def spans(self) -> Iterator[tuple[str, int, int]]:
        """Where genes are needed."""
        for held in self._held.values():
            yield from held.variant.spans

    def rows(self, case: str, genes: Genes, padding: int, terms: Terms) -> list[dict[str, Any]]:
        """Rows of the ``candidates`` table in its order; fates are told on the way."""
        rows: list[dict[str, Any]] = []
        for key in sorted(self._held):
            held = self._held[key]
            if not any(carries(call) for call in held.calls.values()):
                self.fates.not_carried += held.alleles
                continue
            found = list(self._rows_of(case, held, genes, padding, terms))
            if found:
                self.fates.candidates += held.alleles
            else:
                self.fates.outside_genes += held.alleles
            rows += found
        self.fates.rows = len(rows)
        if self.fates.unread:
            told = ", ".join(f"{n} {why}" for why, n in sorted(self.fates.unread.items()))
            log.warning("case %s: structural alleles left out: %s.", case, told)
        rows.sort(key=lambda row: (row["chrom"], row["pos"], row["ref"], row["alt"], row["gene"]))
        return rows

    def _take(self, variant: StructuralVariant, fields: Sequence[str], family: _Family) -> None:
        columns = split_calls(fields[9:], fields[8].split(":"))
        allele = _allele_number(fields[7])
        if variant.kind != "CNV" or all(copies_of(call) is None for call in columns):
            calls = family.calls(variant, variant.kind, columns, allele)
            self._add(_Held(variant, fields[6], calls))
            return
        # One record may be a loss in one member and a gain in another.
        parts = [
            _Held(variant.copy(kind), fields[6], family.calls(variant, kind, columns, allele))
            for kind in (LOSS, GAIN)
        ]
        carried = [part for part in parts if any(carries(c) for c in part.calls.values())]
        for number, part in enumerate(carried or parts[:1]):
            part.alleles = 1 if number == 0 else 0
            self._add(part)

    def _add(self, new: _Held) -> None:
        variant = new.variant
        first = next((self._seen[m] for m in variant.mates if m in self._seen), "")
        if variant.identity:
            self._seen[variant.identity] = variant.key
        held = self._held.get(first) or self._held.get(variant.key)
        if held is None:
            self._held[variant.key] = new
            return
        if first:
            self.fates.mates += new.alleles
        else:
            self.fates.duplicate += new.alleles
        held.calls = {m: better(held.calls[m], new.calls[m]) for m in self._members}
        if new.filters in ("PASS", "."):
            held.filters = new.filters

    def _rows_of(
        self, case: str, held: _Held, genes: Genes, padding: int, terms: Terms
    ) -> Iterator[dict[str, Any]]:
        variant = held.variant
        best: dict[str, tuple[tuple[object, ...], str, StructuralEffect]] = {}
        near = {
            gene.id: gene
            for contig, low, high in variant.spans
            for gene in genes.near(contig, low, high, padding)
        }
        for gene in near.values():
            made = effect_on(variant, gene, padding, terms)
            if made is None:
                continue
            order = (terms.severity(made.terms), gene.id)
            if gene.key not in best or order < best[gene.key][0]:
                best[gene.key] = (order, gene.symbol, made)
        hit, cut = self._counts(variant, near.values())
        for gene_key in sorted(best):
            _, symbol, made = best[gene_key]
            yield {
                "case": case,
                "variant": variant.key,
                "chrom": variant.chrom,
                "pos": variant.pos,
                "ref": variant.ref,
                "alt": variant.alt,
                "gene": gene_key,
                "symbol": symbol,
                "transcript": made.transcript,
                "mane": made.mane,
                "consequence": "&".join(terms.ordered(made.terms)),
                "consequence_alone": "",
                "protein_change": "",
                "dna_change": "",
                "codon": "",
                "aa_ref": "",
                "aa_alt": "",
                "refseq": "",
                "place": made.place,
                "hgvs_g": hgvs_g(variant, self._prefix(variant.chrom) if self._prefix else ""),
                "hgvs_c": "",
                "hgvs_p": "",
                "nmd": made.nmd,
                "protein_lost": made.protein_lost,
                "others": "",
                "reach": made.reach,
                "genes_hit": hit,
                "genes_cut": cut,
                "kind": variant.kind,
                "end": variant.end,
                "tier": terms.tier(made.terms),
                "filters": held.filters,
                "genotypes": encode_family(held.calls),
            }

    def _counts(
        self, variant: StructuralVariant, near: Iterable[Gene]
    ) -> tuple[int | None, int | None]:
        """Protein-coding genes that a copy-number variant takes or copies, wholly or in part, and
        those that one of its ends lies in; None for another change, and on the mitochondria.

        Counted here, once: a ranking looks at one gene of the allele at a time.
        """
        region = region_of(variant.chrom, variant.pos, self._contigs)
        if variant.kind not in (LOSS, GAIN) or region is Region.MITOCHONDRIAL:
            return None, None
        low, high = variant.interval
        coding = [
            gene
            for gene in near
            if gene.start <= high and low <= gene.end and any(t.cds for t in gene.transcripts)
        ]
        cut = {g.key for g in coding if g.start < low or high < g.end}
        return len({gene.key for gene in coding}), len(cut)


def _allele_number(info: str) -> int:
    """The allele's number before the split, from ``OLD_RECORD=chr1|335|C|A,G|2``; else 1."""
    tags = dict(part.partition("=")[::2] for part in info.split(";"))
    old = tags.get(OLD_RECORD, "")
    number = old.rpartition("|")[2]
    return (whole(number) if old.count("|") == 4 else None) or 1
