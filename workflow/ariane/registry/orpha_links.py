"""What Orphadata, as a release holds it, says of diseases elsewhere and of genes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.files import read_table
from ariane.knowledge.tables import ORPHANET_GENES, ORPHANET_REFERENCES

EXACT: Final = "E"
"""The only relation by which a code may stand for another: broader and narrower ones change the
diagnosis."""

CAUSING: Final = "Disease-causing germline"
"""How the associations begin that make a gene a cause; risk factors, modifiers, somatic and merely
tested genes are none."""

ASSESSED: Final = "Assessed"


@dataclass(frozen=True)
class OrphaLinks:
    """ORPHA codes of diseases elsewhere, and of genes."""

    _exact: Mapping[str, tuple[str, ...]]
    _genes: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, knowledge: Path) -> OrphaLinks:
        """Read them from a prepared release; empty where it holds no Orphadata."""
        return cls.from_rows(
            read_table(knowledge / "orphanet_references.parquet", ORPHANET_REFERENCES),
            read_table(knowledge / "orphanet_genes.parquet", ORPHANET_GENES),
        )

    @classmethod
    def from_rows(
        cls, references: Iterable[Mapping[str, Any]], genes: Iterable[Mapping[str, Any]]
    ) -> OrphaLinks:
        """Index rows of the tables ``orphanet_references`` and ``orphanet_genes``."""
        exact: dict[str, set[str]] = {}
        for row in references:
            if row["relation"] == EXACT:
                exact.setdefault(str(row["reference"]), set()).add(str(row["disease"]))
        causing: dict[str, set[str]] = {}
        for row in genes:
            if row["status"] == ASSESSED and str(row["association"]).startswith(CAUSING):
                causing.setdefault(str(row["gene"]), set()).add(str(row["disease"]))
        return cls(_sorted(exact), _sorted(causing))

    def exact(self, disease: str) -> tuple[str, ...]:
        """ORPHA codes that are exactly a disease (``OMIM:154700``), sorted."""
        return self._exact.get(disease, ())

    def of_gene(self, gene: str) -> tuple[str, ...]:
        """ORPHA codes of the diseases that germline variants of a gene are known to cause."""
        return self._genes.get(gene, ())


def _sorted(found: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(held)) for key, held in found.items()}
