"""The asserted alleles of a shard that lie outside every gene, in a full pass and in a delta.

Their calls come from the cases' BCFs, which no knowledge touches; which alleles are asked for is
the release's word. A delta keeps the calls that the previous cycle found and opens a BCF only for
alleles whose assertions changed, so its cost grows with the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ariane import files
from ariane.annotate.outside import carried_at
from ariane.knowledge.kinds import ASSERTING
from ariane.model.case import Case
from ariane.model.tables import OUTSIDE
from ariane.rank.outside import calls_of, named, sought

Row = dict[str, Any]
Calls = Callable[[Case, frozenset[str]], list[Row]]
"""Gives the rows of those of some alleles that a member of a case carries, their gene empty."""

BCF: Final = "variants.bcf"


def calls_in(folder: Path, reference: Path) -> Calls:
    """Calls as annotation left them.

    Args:
        folder: ``results/cases``, with a folder for each case.
        reference: the release's FASTA.
    """

    def carried(case: Case, wanted: frozenset[str]) -> list[Row]:
        members = [member.id for member in case.sequenced]
        return carried_at(folder / case.id / BCF, case.id, members, wanted, reference)

    return carried


def find_all(cases: Iterable[Case], calls: Calls, read_keys: Path, knowledge: Path) -> list[Row]:
    """Rows of the ``outside`` table of some cases under a release.

    Args:
        cases: the cases.
        calls: where their calls are read.
        read_keys: the shard's; an allele that is among a case's candidates already is left there.
        knowledge: the prepared release.
    """
    wanted = sought(knowledge)
    return named(
        _beyond([row for case in cases for row in calls(case, wanted)], read_keys), knowledge
    )


def find_again(
    cases: Iterable[Case],
    calls: Calls,
    read_keys: Path,
    knowledge: Path,
    before: Iterable[Mapping[str, Any]],
    changes: Path,
    anew: Iterable[str],
) -> list[Row]:
    """The rows that :func:`find_all` gives, from those of the previous cycle.

    Args:
        cases: the cases of this cycle.
        calls: where their calls are read.
        read_keys: the shard's.
        knowledge: the new release, prepared.
        before: rows of the previous cycle's ``outside`` table.
        changes: the ``changes`` table from the previous release to this one.
        anew: cases that the previous cycle did not hold with these calls.
    """
    wanted, moved, read_whole = sought(knowledge), _moved(changes), set(anew)
    again = wanted & moved
    known = {case.id for case in cases if case.id not in read_whole}
    rows = [
        row for row in calls_of(before) if row["case"] in known and row["variant"] in wanted - moved
    ]
    for case in cases:
        rows += calls(case, again if case.id in known else wanted)
    return named(_beyond(rows, read_keys), knowledge)


def pairs(rows: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """The (case, gene) pairs of rows that have a gene."""
    return {(row["case"], row["gene"]) for row in rows if row["gene"]}


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the ``outside`` table."""
    files.write_table(path / f"{OUTSIDE.name}.parquet", OUTSIDE, rows)


def _moved(changes: Path) -> frozenset[str]:
    """Alleles of which anybody asserts something else than before."""
    kinds = ", ".join(f"'{kind}'" for kind in ASSERTING)
    rows = files.query(
        "SELECT DISTINCT \"key\" FROM changed WHERE kind = 'variant' "  # noqa: S608
        f"AND resource IN ({kinds})",
        changed=changes,
    )
    return frozenset(row["key"] for row in rows)


def _beyond(rows: Sequence[Row], read_keys: Path) -> list[Row]:
    """Alleles that are not among their case's candidates: annotation reached no gene from them."""
    if not rows:
        return []
    asked = pa.table(
        {
            "case": pa.array([row["case"] for row in rows], pa.string()),
            "key": pa.array([row["variant"] for row in rows], pa.string()),
        }
    )
    held = files.query(
        'SELECT DISTINCT "case", "key" FROM (SELECT * FROM held WHERE kind = \'variant\') '
        'SEMI JOIN asked USING ("case", "key")',
        held=read_keys,
        asked=asked,
    )
    placed = {(row["case"], row["key"]) for row in held}
    return [row for row in rows if (row["case"], row["variant"]) not in placed]
