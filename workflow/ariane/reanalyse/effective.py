"""The effective state of a cycle: the last full pass plus the overlays since, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane.files import read_table
from ariane.model import canonical
from ariane.model.tables import FINDINGS, LEDGER, PHENOTYPE, STANDING, TOUCHED, Table

Row = dict[str, Any]


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
    """Effective ``findings`` and ``ledger`` of a shard.

    Args:
        chain: folders of the shard, from the last full pass to the cycle asked for. In each, the
            ``touched`` table lists the (case, gene) pairs that its rows replace or remove.
    """
    decided: set[tuple[str, str]] = set()
    findings: list[Row] = []
    ledger: list[Row] = []
    for folder in reversed(chain):
        findings += _new(folder, FINDINGS, decided)
        ledger += _new(folder, LEDGER, decided)
        touched = read_table(folder / "touched.parquet", TOUCHED)
        decided |= {(row["case"], row["gene"]) for row in touched}
    return _sorted(findings, FINDINGS), _sorted(ledger, LEDGER)


def shard_state(chain: Sequence[Path]) -> ShardState:
    """The effective state of a shard; ``phenotype`` and ``standing`` are whole in every cycle."""
    findings, ledger = local_tables(chain)
    last = chain[-1]
    return ShardState(
        findings,
        ledger,
        read_table(last / "phenotype.parquet", PHENOTYPE),
        read_table(last / "standing.parquet", STANDING),
    )


def _new(folder: Path, table: Table, decided: set[tuple[str, str]]) -> list[Row]:
    rows = read_table(folder / f"{table.name}.parquet", table)
    return [row for row in rows if (row["case"], row["gene"]) not in decided]


def _sorted(rows: list[Row], table: Table) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in table.sort))
