"""Reads what the cohort's page needs from the folders of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ariane import files
from ariane.knowledge.release import Release
from ariane.model.canonical import shard_name
from ariane.model.errors import ArianeError
from ariane.model.tables import CHANGES, EVENTS, QUEUE, STANDING
from ariane.reanalyse.frozen import open_cycle
from ariane.report.assemble import cycle_info
from ariane.report.cohort_report import CohortReport, case_lines


def read(
    cycle_folder: Path, inputs: Path, release: Path, shards: int, changes: Path | None
) -> CohortReport:
    """Bring the shards of a cycle together.

    Args:
        cycle_folder: ``results/cycles/{cycle}``, which holds ``flags.parquet`` and
            ``shards/{shard}/*.parquet``.
        inputs: ``state/cycles/{cycle}/inputs``.
        release: folder of the release's manifest.
        shards: number of shards of the cohort.
        changes: table of what the release changed, or None in a first pass.

    Raises:
        ArianeError: a file is missing or damaged; the missing shards are named together.
    """
    folders = [cycle_folder / "shards" / shard_name(n, shards) for n in range(shards)]
    queue = cycle_folder / f"{QUEUE.name}.parquet"
    tables = (STANDING, EVENTS)
    paths = [folder / f"{table.name}.parquet" for folder in folders for table in tables]
    paths.append(queue)
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise ArianeError("\n".join([*missing, "These tables are missing. Run the cycle first."]))
    frozen = open_cycle(inputs.parents[2], inputs.parent.name)
    cycle = cycle_info(frozen)
    flags = files.read_table(queue, QUEUE)
    events = [row for f in folders for row in files.read_table(f / "events.parquet", EVENTS)]
    lines = case_lines(
        frozen.cases,
        (row for folder in folders for row in first_ranks(folder / "standing.parquet")),
        events,
        flags,
        cycle.id,
    )
    return CohortReport(
        lines=lines,
        flags=flags,
        changes=files.read_table(changes, CHANGES) if changes else [],
        cycle=cycle,
        release=Release.open(release),
    )


def first_ranks(path: Path) -> list[dict[str, Any]]:
    """Rows of rank 0 ('none in these data') and 1 of a standing table.

    Raises:
        ArianeError: the file is damaged or has other columns.
    """
    content = files.read_arrow(path, STANDING, filters=[("rank", "<=", 1)])
    return list(content.to_pylist())
