"""The key of a gene that somebody else's annotation names."""

from __future__ import annotations

from collections.abc import Iterable

from ariane.annotate.genes import Gene
from ariane.knowledge.genes import GeneNames


class GeneKeys:
    """Finds the key of the gene that an entry names, so that one gene has one key.

    The release's transcripts come first, by gene identifier: what is known of a gene is filed
    under their key. Then the HGNC number of the entry; then HGNC's table, by NCBI number or
    symbol, where it is given; then the symbol in the release's transcripts; last the identifier as
    it stands.

    Args:
        genes: genes of the release's transcripts.
        names: HGNC's table.
    """

    def __init__(self, genes: Iterable[Gene], names: GeneNames | None = None) -> None:
        self._ids: dict[str, str] = {}
        self._mane: dict[str, str] = {}
        symbols: dict[str, set[str]] = {}
        for gene in genes:
            self._ids[gene.id] = gene.key
            symbols.setdefault(gene.symbol.upper(), set()).add(gene.key)
            for transcript in gene.transcripts:
                self._mane[transcript.id] = transcript.mane
        self._symbols = {s: next(iter(keys)) for s, keys in symbols.items() if len(keys) == 1}
        self._names = names

    def __call__(self, hgnc: str, gene: str, symbol: str) -> str:
        """The key; empty when the entry names no gene."""
        known = self._ids.get(stem(gene))
        if known:
            return known
        number = hgnc.rpartition(":")[2]
        if number.isdecimal():
            return f"HGNC:{number}"
        if self._names is not None and (gene.isdecimal() or symbol):
            found = self._names.find(symbol, gene if gene.isdecimal() else "")
            if found.startswith("HGNC:"):
                return found
        return self._symbols.get(symbol.upper(), "") or stem(gene) or bare(symbol)

    def mane(self, transcript: str) -> str:
        """``select``, ``plus clinical`` or empty, as the release's transcripts say."""
        return self._mane.get(stem(transcript), "")


def bare(identifier: str) -> str:
    """An identifier without the prefix of Ensembl's GFF3, which SnpEff keeps."""
    return identifier.removeprefix("gene:").removeprefix("transcript:")


def stem(identifier: str) -> str:
    """An Ensembl identifier without prefix and version; any other as it is."""
    identifier = bare(identifier)
    before, dot, tail = identifier.rpartition(".")
    return before if dot and tail.isdecimal() and before.startswith("ENS") else identifier
