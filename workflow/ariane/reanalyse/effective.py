"""The effective state of a cycle: the last base plus the overlays since, in order.

A base is a full pass, or a delta that was written whole (:mod:`ariane.reanalyse.compaction`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ariane import files
from ariane.files import read_table
from ariane.model import canonical
from ariane.model.tables import FINDINGS, LEDGER, PHENOTYPE, STANDING, TOUCHED, Table

Row = dict[str, Any]
Pair = tuple[str, str]
"""A case and a gene."""


@dataclass(frozen=True)
class ShardState:
    """All tables of one shard as they stand after a cycle."""

    findings: list[Row]
    ledger: list[Row]
    phenotype: list[Row]
    standing: list[Row]

    def digests(self) -> dict[str, str]:
        """SHA-256 of each table's canonical export: equal content, equal digest."""
        return {
            "findings": canonical.sha256_of_rows(self.findings),
            "ledger": canonical.sha256_of_rows(self.ledger),
            "phenotype": canonical.sha256_of_rows(self.phenotype),
            "standing": canonical.sha256_of_rows(self.standing),
        }


def local_tables(chain: Sequence[Path]) -> tuple[list[Row], list[Row]]:
    """Effective ``findings`` and ``ledger`` of a shard: see :func:`effective`."""
    return effective(chain, FINDINGS), effective(chain, LEDGER)


def effective(
    chain: Sequence[Path], table: Table, pairs: Iterable[Pair] | None = None
) -> list[Row]:
    """Effective rows of a local table of a shard, in the table's order: see :func:`held`."""
    return list(held(chain, table, pairs).to_pylist())


def held(
    chain: Sequence[Path],
    table: Table,
    pairs: Iterable[Pair] | None = None,
    *,
    cases: Iterable[str] | None = None,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """The effective content of a local table of a shard, in the table's order.

    Args:
        chain: folders of the shard, from the last base to the cycle asked for. In each, the
            ``touched`` table lists the (case, gene) pairs that its rows replace or remove.
        table: ``findings`` or ``ledger``.
        pairs: (case, gene) pairs to read, unless all; the rest never becomes an object.
        cases: to read, unless all.
        columns: to read, unless all; those that order the table among them.
    """
    asked = None
    if pairs is not None:
        pairs = set(pairs)
        asked, cases = _keys(pairs), {case for case, _ in pairs}
    within = None if cases is None else _within(cases)
    decided = pa.array([], pa.string())
    parts = []
    for folder in reversed(chain):
        rows = files.read_arrow(folder / f"{table.name}.parquet", table, columns, within)
        own = _pairs_of(rows)
        keep = pc.invert(pc.is_in(own, value_set=decided))
        if asked is not None:
            keep = pc.and_(keep, pc.is_in(own, value_set=asked))
        parts.append(rows.filter(keep))
        touched = _pairs_of(files.read_arrow(folder / "touched.parquet", TOUCHED))
        decided = pa.concat_arrays([decided, *touched.chunks])
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return next(iter(filled or parts), table.schema.empty_table())
    return files.in_order(pa.concat_tables(filled), table)


def standing(folder: Path, cases: Iterable[str], columns: Sequence[str] | None = None) -> pa.Table:
    """The standing of some cases after a cycle."""
    return files.read_arrow(folder / "standing.parquet", STANDING, columns, _within(cases))


def of_pairs(rows: pa.Table, pairs: Iterable[Pair]) -> pa.Table:
    """The rows of a local table that belong to some (case, gene) pairs."""
    return rows.filter(pc.is_in(_pairs_of(rows), value_set=_keys(pairs)))


def of_cases(rows: pa.Table, cases: Iterable[str]) -> pa.Table:
    """The rows of a table that belong to some cases."""
    return rows.filter(_within(cases))


def pairs_in(rows: pa.Table) -> set[Pair]:
    """The (case, gene) pairs of a local table."""
    names = rows.select(["case", "gene"]).group_by(["case", "gene"]).aggregate([])
    return set(zip(names["case"].to_pylist(), names["gene"].to_pylist(), strict=True))


def touched_by(folder: Path) -> set[Pair]:
    """The (case, gene) pairs that a cycle replaced or removed in a shard."""
    return {(row["case"], row["gene"]) for row in read_table(folder / "touched.parquet", TOUCHED)}


def shard_state(chain: Sequence[Path], pairs: Iterable[Pair] | None = None) -> ShardState:
    """The effective state of a shard; ``phenotype`` and ``standing`` are whole in every cycle.

    Args:
        chain: folders of the shard, from the last base to the cycle asked for.
        pairs: of the ledger only these (case, gene) pairs, unless all.
    """
    last = chain[-1]
    return ShardState(
        effective(chain, FINDINGS),
        effective(chain, LEDGER, pairs),
        read_table(last / "phenotype.parquet", PHENOTYPE),
        read_table(last / "standing.parquet", STANDING),
    )


def _within(cases: Iterable[str]) -> pc.Expression:
    return pc.field("case").isin(pa.array(sorted(cases), pa.string()))


def _pairs_of(rows: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(rows["case"], rows["gene"], "\t")


def _keys(pairs: Iterable[Pair]) -> pa.Array:
    return pa.array(sorted({"\t".join(pair) for pair in pairs}), pa.string())
