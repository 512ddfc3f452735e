"""Gene names: HGNC identifiers from symbols, former symbols and NCBI numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class GeneNames:
    """Finds the HGNC identifier that a source means."""

    genes: tuple[Gene, ...]
    _by_symbol: Mapping[str, str] = field(default_factory=dict)
    _by_ncbi: Mapping[str, str] = field(default_factory=dict)
    _by_former: Mapping[str, str] = field(default_factory=dict)

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
            {symbol: next(iter(ids)) for symbol, ids in former.items() if len(ids) == 1},
        )

    def find(self, symbol: str, ncbi: str = "") -> str:
        """The HGNC identifier, by NCBI number first, then symbol, then former symbol.

        A gene that the table does not know keeps its symbol as its key, so that it is never
        merged with another one and never lost.
        """
        key = symbol.strip().upper()
        return (
            self._by_ncbi.get(ncbi)
            or self._by_symbol.get(key)
            or self._by_former.get(key)
            or symbol
        )

    def symbol(self, gene: str) -> str:
        """The approved symbol of an HGNC identifier, or the key itself."""
        return self._symbols.get(gene, gene)

    @cached_property
    def _symbols(self) -> Mapping[str, str]:
        return {g.id: g.symbol for g in self.genes}


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
            )
            for row in reader
            if (row.get("status") or "Approved") == "Approved"
        ]
    return GeneNames.of(genes)
