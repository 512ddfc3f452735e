"""Runs of the demo in a working folder of their own."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ariane.model.canonical import shard_name
from ariane.reanalyse.effective import ShardState, shard_state
from ariane.reanalyse.frozen import chain, open_cycle

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "resources" / "demo"
FIRST, NEXT = "2024-03", "2025-01"


@dataclass(frozen=True)
class Run:
    """A working folder outside the repository, with its two configurations."""

    folder: Path

    def config(self, cycle: str) -> Path:
        """Path of a cycle's configuration."""
        return self.folder / f"{cycle}.yaml"

    def snakemake(self, cycle: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run the workflow for a cycle; the caller judges the result."""
        command = [
            sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"),
            "--directory", str(self.folder), "--cores", "2",
            "--workflow-profile", str(REPOSITORY / "workflow" / "profiles" / "default"),
            "--configfile", str(self.config(cycle)), *more,
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, check=False)

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
    run = Run(folder)
    for cycle in (FIRST, NEXT):
        name = "demo.yaml" if cycle == FIRST else "demo_next.yaml"
        config = yaml.safe_load((REPOSITORY / "config" / name).read_text(encoding="utf-8"))
        config |= {
            key: str(REPOSITORY / config[key]) for key in ("releases", "families", "decisions")
        }
        for pin in config["exports"]["nomenclatures"].values():
            pin["pack"] = str(DEMO / "nomenclature.zip")
        config["registries"]["impasse"] = {
            "file": "registry.csv",
            "mapping": str(DEMO / "registry_mapping.yaml"),
        }
        run.config(cycle).write_text(yaml.safe_dump(config), encoding="utf-8")
    shutil.copy(DEMO / "registry.csv", folder / "registry.csv")
    return run


def expected() -> list[dict[str, str]]:
    """What the demo's author says of each case."""
    with (DEMO / "expected.tsv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))
