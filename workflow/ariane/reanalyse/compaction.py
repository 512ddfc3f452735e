"""A new base under a long chain of overlays: a delta whose folder holds the whole state.

A state is read as the last base with the overlays since. After ``compact_after`` deltas one is
written whole, so that a chain never grows long. Old cycles are not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ariane import files
from ariane.model.tables import FINDINGS, LEDGER, STANDING
from ariane.reanalyse import effective


def written_whole(out: Path, previous: Sequence[Path], overlay: Callable[[Path], None]) -> None:
    """Write a shard's tables as a new base.

    ``touched`` stays what the delta replaced and removed, for events look at nothing else.

    Args:
        out: folder of the shard in this cycle.
        previous: the shard's folders from the last base to the previous cycle.
        overlay: writes the delta's tables into the folder that it is given.

    Raises:
        ArianeError: a table is missing or damaged.
    """
    with files.staging(out, f"{STANDING.name}.parquet") as scratch:
        overlay(scratch)
        for table in (FINDINGS, LEDGER):
            whole = effective.held([*previous, scratch], table)
            files.write_arrow(scratch / f"{table.name}.parquet", whole)
