"""Runs of the demo in a working folder of their own."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from ariane.files import REPOSITORY
from ariane.model.canonical import shard_name
from ariane.reanalyse.effective import ShardState, shard_state
from ariane.reanalyse.frozen import chain, open_cycle
from demo_folder import DEMO, FIRST, NEXT, command, configuration, lay_out

__all__ = ["DEMO", "FIRST", "NEXT", "REPOSITORY", "Run", "expected", "new_run"]


@dataclass(frozen=True)
class Run:
    """A working folder outside the repository, with its two configurations."""

    folder: Path

    def config(self, cycle: str) -> Path:
        """Path of a cycle's configuration."""
        return configuration(self.folder, cycle)

    def snakemake(self, cycle: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run the workflow for a cycle; the caller judges the result."""
        words = command(self.folder, cycle, *more)
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def states(self, cycle: str) -> list[ShardState]:
        """The effective state of each shard after a cycle."""
        state = self.folder / "state"
        shards = open_cycle(state, cycle).cycle.shards
        links = chain(state, cycle)
        return [
            shard_state(
                [
                    self.folder / "results/cycles" / link.cycle / "shards" / shard_name(i, shards)
                    for link in links
                ]
            )
            for i in range(shards)
        ]

    def rows(self, cycle: str, table: str) -> list[dict[str, Any]]:
        """All rows of an effective table over the shards, or of a plain one of the cycle."""
        return [row for state in self.states(cycle) for row in getattr(state, table)]


def new_run(folder: Path) -> Run:
    """Lay out a working folder: the demo's inputs stay where they are, named by absolute path."""
    lay_out(folder)
    return Run(folder)


def expected() -> list[dict[str, str]]:
    """What the demo's author says of each case."""
    with (DEMO / "expected.tsv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))
