"""What a proposal is made from, read from a cycle's frozen inputs and its shards' tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ariane.files import read_table
from ariane.model.canonical import shard_name
from ariane.model.case import Case, Decision
from ariane.model.errors import ArianeError
from ariane.model.tables import FLAGS, STANDING
from ariane.reanalyse.effective import local_tables
from ariane.reanalyse.frozen import chain, open_cycle

Row = dict[str, Any]


@dataclass(frozen=True)
class CycleInputs:
    """All that :func:`ariane.registry.propose.propose` takes from a cycle."""

    cycle: str
    release: str
    engine: Mapping[str, int]
    cases: tuple[Case, ...]
    decisions: tuple[Decision, ...]
    excluded: Mapping[str, str] = field(default_factory=dict)
    flags: list[Row] = field(default_factory=list)
    standing: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    as_of: str = ""
    """ISO 8601 date of the cycle's release, or empty when it is not known."""


def read_cycle(inputs: Path, cycles: Path) -> CycleInputs:
    """Read a cycle.

    Findings are those in force: of a delta, the last base under its overlays, so that a
    removed finding is never shown.

    Args:
        inputs: ``state/cycles/{cycle}/inputs``.
        cycles: ``results/cycles``.

    Raises:
        ArianeError: the cycle was never begun, or a table is missing or damaged.
    """
    folder = inputs.absolute()
    if folder.name != "inputs":
        raise ArianeError(f"{inputs}: not the frozen inputs of a cycle. Check --inputs.")
    state, name = folder.parents[2], folder.parent.name
    frozen = open_cycle(state, name)
    links = chain(state, name)
    flags: list[Row] = []
    standing: list[Row] = []
    findings: list[Row] = []
    for index in range(frozen.cycle.shards):
        shard = shard_name(index, frozen.cycle.shards)
        folders = [cycles / link.cycle / "shards" / shard for link in links]
        flags += read_table(folders[-1] / "flags.parquet", FLAGS)
        standing += read_table(folders[-1] / "standing.parquet", STANDING)
        findings += local_tables(folders)[0]
    return CycleInputs(
        frozen.cycle.cycle,
        frozen.cycle.release,
        frozen.cycle.engine,
        frozen.cases,
        frozen.decisions,
        frozen.cycle.excluded,
        flags,
        standing,
        findings,
        frozen.cycle.as_of,
    )
