"""Alleles outside every gene that a release asserts pathogenic: which, and of which genes.

An allele beyond the reach of every gene becomes a candidate of the genes that its assertions name.
Where they name none that the release knows, the allele is kept with an empty gene, counted and
told: nobody can rank it, and nobody must overlook it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ariane.files import query, read_table
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.lookup import asserted
from ariane.model.tables import OUTSIDE

Row = dict[str, Any]


def sought(folder: Path) -> frozenset[str]:
    """Alleles that a prepared release asserts (likely) pathogenic and places in no gene.

    Genes are taken here without the bases around them, so these are all that a case's annotation
    can have left outside, and a few that it has not: those have a row among the candidates.
    """
    classes = ", ".join(f"'{klass}'" for klass in sorted(PATHOGENIC))
    said = " UNION ".join(
        f"SELECT variant FROM {kind} WHERE klass IN ({classes})"  # noqa: S608
        for kind in ASSERTING
    )
    names = (*ASSERTING, "known_alleles")
    rows = query(
        f"SELECT variant FROM ({said}) ANTI JOIN known_alleles USING (variant)",  # noqa: S608
        **{name: folder / f"{name}.parquet" for name in names},
    )
    return frozenset(row["variant"] for row in rows)


def named(carried: Sequence[Mapping[str, Any]], folder: Path) -> list[Row]:
    """Rows of the ``outside`` table: one per carried allele and gene that its assertions name.

    All assertions of the allele are asked for a gene, whatever class they give: the laboratory may
    classify it and ClinVar alone name the gene.

    Args:
        carried: rows of carried alleles; their genes are not read.
        folder: the prepared release.
    """
    variants = frozenset(row["variant"] for row in carried)
    if not variants:
        return []
    genes = {
        variant: sorted({gene for record in records for gene in record["gene"].split("|") if gene})
        for variant, records in asserted(folder, variants).items()
    }
    symbols = _symbols(folder, {gene for said in genes.values() for gene in said})
    return [
        {**row, "gene": gene, "symbol": symbols.get(gene, "")}
        for row in carried
        for gene in [g for g in genes.get(row["variant"], ()) if g in symbols] or [""]
    ]


def calls_of(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The carried alleles behind rows of the ``outside`` table, once each, their gene empty."""
    held = {(row["case"], row["variant"]): row for row in rows}
    return [{**row, "gene": "", "symbol": ""} for _, row in sorted(held.items())]


def read_outside(folder: Path, case: str | None = None) -> tuple[list[Row], list[Row]]:
    """The candidates outside every gene, and the alleles for which no gene is known.

    Args:
        folder: a shard's folder in a cycle.
        case: only this case's.

    Raises:
        ArianeError: the table is missing or damaged.
    """
    rows = read_table(folder / f"{OUTSIDE.name}.parquet", OUTSIDE)
    own = [row for row in rows if case is None or row["case"] == case]
    return [row for row in own if row["gene"]], [row for row in own if not row["gene"]]


def _symbols(folder: Path, genes: set[str]) -> dict[str, str]:
    """Symbols of those genes that the release knows, by name or by a disease."""
    wanted = pa.table({"gene": pa.array(sorted(genes), pa.string())})
    found: dict[str, str] = {}
    for name in ("gene_disease", "genes"):  # the table of names is read last, and stands
        rows = query(
            "SELECT gene, min(symbol) AS symbol FROM held SEMI JOIN wanted USING (gene) "
            "GROUP BY gene",
            held=folder / f"{name}.parquet",
            wanted=wanted,
        )
        found.update({row["gene"]: row["symbol"] for row in rows})
    return found
