"""Rows of a cycle that belong to a case, a finding or a cause, and nothing that may not be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ariane import files
from ariane.audit.folders import Folders
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.tables import (
    CHANGES,
    EVENTS,
    FINDINGS,
    FLAGS,
    LEDGER,
    STANDING,
    TOUCHED,
    Table,
)
from ariane.rank.shard import Bench
from ariane.reanalyse.effective import effective
from ariane.reanalyse.frozen import Frozen
from ariane.report.assemble import told_findings

Row = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """Reads one cycle."""

    folders: Folders
    frozen: Frozen

    @property
    def cycle(self) -> str:
        """Name of the cycle."""
        return self.frozen.cycle.cycle

    @cached_property
    def bench(self) -> Bench:
        """What ranks cases under the cycle's release."""
        release = self.frozen.cycle.release
        return Bench.open(
            self.folders.releases / release,
            self.folders.knowledge(release),
            self.frozen.cycle.profile,
        )

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """The cases of the cycle by identifier."""
        return {case.id: case for case in self.frozen.cases}

    def case(self, name: str) -> Case:
        """A case of the cycle.

        Raises:
            ArianeError: the cycle left it alone, or holds no such case.
        """
        found = self.cases.get(name)
        if found is None:
            reason = self.frozen.cycle.excluded.get(name)
            why = f"leaves it alone: {reason}" if reason else "holds no such case"
            raise ArianeError(f"{name}: cycle {self.cycle} {why}. Check the identifier.")
        return found

    def shard(self, case: str) -> Path:
        """Folder of a case's shard in this cycle."""
        return self.folders.cycle(self.cycle) / "shards" / self.folders.shard(self.frozen, case)

    def own(self, table: Table, case: str) -> list[Row]:
        """A case's rows of a table that is whole in every cycle.

        Raises:
            ArianeError: the cycle was never run, or the file is damaged.
        """
        path = self.shard(case) / f"{table.name}.parquet"
        return list(files.read_arrow(path, table, filters=[("case", "=", case)]).to_pylist())

    def standing(self, case: str) -> list[Row]:
        """Ranked hypotheses of a case."""
        return self.own(STANDING, case)

    def events(self, case: str) -> list[Row]:
        """What differs from the cycle before."""
        return self.own(EVENTS, case)

    def flags(self, case: str) -> list[Row]:
        """Why the case is to be looked at again."""
        return self.own(FLAGS, case)

    def changes(self, resource: str, key: str) -> list[Row]:
        """What the release changed under a key; nothing where the cycle compared none."""
        path = self.folders.cycle(self.cycle) / f"{CHANGES.name}.parquet"
        if not path.is_file():
            return []
        asked = [("resource", "=", resource), ("key", "=", key)]
        return list(files.read_arrow(path, CHANGES, filters=asked).to_pylist())

    def local(self, table: Table, case: str, genes: Iterable[str]) -> list[Row]:
        """Rows of ``findings`` or ``ledger`` in force for some genes of a case."""
        chain = self.folders.chain(self.cycle, self.folders.shard(self.frozen, case))
        return effective(chain, table, {(case, gene) for gene in genes})

    def ledger(self, case: str, genes: Iterable[str]) -> list[Row]:
        """Evidence rows in force."""
        return self.local(LEDGER, case, genes)

    def told(self, case: str, genes: Iterable[str]) -> list[Row]:
        """The findings of some genes that may be told of: what is out of scope is not.

        Raises:
            ArianeError: a table is missing or damaged.
        """
        found = self.local(FINDINGS, case, genes)
        return told_findings(self.case(case), found, self.standing(case), self.bench)

    def written_in(self, case: str, gene: str) -> Path:
        """The folder of the chain in which the rows of a (case, gene) in force were written."""
        chain = self.folders.chain(self.cycle, self.folders.shard(self.frozen, case))
        for folder in reversed(chain[1:]):
            asked = [("case", "=", case), ("gene", "=", gene)]
            if len(files.read_arrow(folder / "touched.parquet", TOUCHED, filters=asked)):
                return folder
        return chain[0]


def read_cycle(folders: Folders, name: str) -> Reader:
    """Open a cycle for reading.

    Raises:
        ArianeError: it was never begun, or its inputs are damaged.
    """
    return Reader(folders, folders.open(name))
