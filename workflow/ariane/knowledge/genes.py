"""Gene names: HGNC identifiers from symbols, former symbols and the numbers of NCBI and Ensembl."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ariane.files import open_text
from ariane.model.errors import ArianeError


@dataclass(frozen=True)
class Gene:
    """One approved gene."""

    id: str
    """``HGNC:123``."""
    symbol: str
    ncbi: str
    former: tuple[str, ...]
    """Previous symbols, then aliases."""
    ensembl: str = ""


@dataclass(frozen=True)
class GeneNames:
    """Finds the HGNC identifier that a source means."""

    genes: tuple[Gene, ...]
    _by_symbol: Mapping[str, str] = field(default_factory=dict)
    _by_ncbi: Mapping[str, str] = field(default_factory=dict)
    _by_former: Mapping[str, str] = field(default_factory=dict)
    _by_ensembl: Mapping[str, str] = field(default_factory=dict)
    _successors: Mapping[str, str] = field(default_factory=dict)
    """Withdrawn HGNC identifiers that were merged into exactly one approved gene."""
    _keys: Mapping[str, str] = field(default_factory=dict)
    """Approved identifiers that the release's transcripts still write by a withdrawn one."""

    @classmethod
    def of(cls, genes: Iterable[Gene]) -> GeneNames:
        """Index genes. A former symbol that several genes bore names none of them."""
        ordered = tuple(sorted(genes, key=lambda g: g.id))
        former: dict[str, set[str]] = {}
        for gene in ordered:
            for symbol in gene.former:
                former.setdefault(symbol.upper(), set()).add(gene.id)
        return cls(
            ordered,
            {g.symbol.upper(): g.id for g in ordered},
            {g.ncbi: g.id for g in ordered if g.ncbi},
            _unambiguous(former),
            {g.ensembl: g.id for g in ordered if g.ensembl},
        )

    def with_history(
        self, earlier: Iterable[Gene] = (), merged: Mapping[str, tuple[str, ...]] | None = None
    ) -> GeneNames:
        """The same names, with what HGNC said at an earlier date.

        A symbol that today names no gene is read as the gene that bore it then. What today's table
        says is never overruled: an approved symbol goes before any history.

        Args:
            earlier: genes of an earlier table; their symbols count under their identifiers.
            merged: withdrawn identifiers with the identifiers they were merged into.
        """
        approved = {gene.id for gene in self.genes}
        successors = {
            old: new[0]
            for old, new in (merged or {}).items()
            if old not in approved and len(new) == 1 and new[0] in approved
        }
        ncbi, ensembl = dict(self._by_ncbi), dict(self._by_ensembl)
        history: dict[str, set[str]] = {}
        for gene in earlier:
            now = successors.get(gene.id, gene.id)
            if now not in approved:
                continue
            for symbol in (gene.symbol, *gene.former):
                history.setdefault(symbol.upper(), set()).add(now)
            if gene.ncbi:
                ncbi.setdefault(gene.ncbi, now)
            if gene.ensembl:
                ensembl.setdefault(gene.ensembl, now)
        today = {s.upper() for gene in self.genes for s in (gene.symbol, *gene.former)}
        past = {s: ids for s, ids in history.items() if s not in today}
        return replace(
            self,
            _by_former={**_unambiguous(past), **self._by_former},
            _by_ncbi=ncbi,
            _by_ensembl=ensembl,
            _successors=successors,
        )

    def keyed_by(self, identifiers: Iterable[str]) -> GeneNames:
        """The same names, giving each gene the identifier that the transcripts give it.

        A gene that the transcripts still call by a withdrawn identifier keeps that one as its key
        everywhere, so that the case's allele and the resources' records of the gene meet.
        """
        used = set(identifiers)
        keys = {new: old for old, new in sorted(self._successors.items()) if old in used}
        return replace(self, _keys={new: old for new, old in keys.items() if new not in used})

    def find(self, symbol: str, ncbi: str = "", hgnc: str = "", ensembl: str = "") -> str:
        """The HGNC identifier a source means: by HGNC, NCBI or Ensembl number before any symbol.

        A symbol serves only where no number is known, the approved one before a former one, and a
        former symbol of several genes names none. A gene that the tables do not know keeps its
        HGNC identifier, else its symbol, as its key, so that it is never merged with another one
        and never lost.
        """
        key = symbol.strip().upper()
        given = self._successors.get(hgnc, hgnc)
        found = (
            (given if given in self._symbols else "")
            or self._by_ncbi.get(ncbi)
            or self._by_ensembl.get(ensembl.partition(".")[0])
            or (given if given.startswith("HGNC:") else "")
            or self._by_symbol.get(key)
            or self._by_former.get(key)
            or symbol
        )
        return self._keys.get(found, found)

    def symbol(self, gene: str) -> str:
        """The approved symbol of an HGNC identifier, or the key itself."""
        return self._symbols.get(self._successors.get(gene, gene), gene)

    @cached_property
    def _symbols(self) -> Mapping[str, str]:
        return {g.id: g.symbol for g in self.genes}


def _unambiguous(found: Mapping[str, set[str]]) -> dict[str, str]:
    return {symbol: next(iter(ids)) for symbol, ids in found.items() if len(ids) == 1}


def read_hgnc(path: Path) -> GeneNames:
    """Read ``hgnc_complete_set.txt``; withdrawn entries are passed over.

    Raises:
        ArianeError: the file lacks the columns of HGNC.
    """
    with open_text(path) as handle:
        reader = csv.DictReader(handle, delimiter="\t")
        if not {"hgnc_id", "symbol"} <= set(reader.fieldnames or ()):
            raise ArianeError(f"{path}: lacks the columns hgnc_id and symbol. Give HGNC's table.")
        genes = [
            Gene(
                id=row["hgnc_id"],
                symbol=row["symbol"],
                ncbi=row.get("entrez_id") or "",
                former=tuple(
                    name.strip()
                    for column in ("prev_symbol", "alias_symbol")
                    for name in (row.get(column) or "").strip('"').split("|")
                    if name.strip()
                ),
                ensembl=row.get("ensembl_gene_id") or "",
            )
            for row in reader
            if (row.get("status") or "Approved") == "Approved"
        ]
    return GeneNames.of(genes)


def read_withdrawn(path: Path) -> dict[str, tuple[str, ...]]:
    """Identifiers that each withdrawn one was merged into, from HGNC's ``withdrawn.txt``.

    An entry that was split into several keeps all of them, one that was dropped keeps none.

    Raises:
        ArianeError: the file lacks the columns of that table.
    """
    found: dict[str, tuple[str, ...]] = {}
    with open_text(path) as handle:
        reader = csv.DictReader(handle, delimiter="\t")
        columns = {name.upper(): name for name in reader.fieldnames or ()}
        into = next((c for name, c in columns.items() if name.startswith("MERGED_INTO")), "")
        if "HGNC_ID" not in columns or not into:
            raise ArianeError(
                f"{path}: lacks the columns HGNC_ID and MERGED_INTO_REPORT. Give HGNC's "
                "withdrawn.txt."
            )
        for row in reader:
            reports = (row[into] or "").strip('"').split(",")
            ids = (report.strip().split("|")[0] for report in reports)
            found[row[columns["HGNC_ID"]]] = tuple(i for i in ids if i.startswith("HGNC:"))
    return found
