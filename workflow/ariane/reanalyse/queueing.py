"""The queue: how many flags a site is given in one cycle, and what waits.

A flag beyond the cap is not lost: it stands in the cycle's table with its place, and is raised
again in the next cycle as long as its reason holds. All is derived from tables, so a cycle replays.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ariane import files
from ariane.model.case import Case, Decision
from ariane.model.tables import FLAGS, QUEUE
from ariane.reanalyse.policy import CONSENT_AGAIN, REQUEST, REVIEW
from ariane.reanalyse.priority import Moved, exempt, order
from ariane.reanalyse.steps import Taken

Row = dict[str, Any]

_ORDERING: Final = (
    "case", "site", "reason", "gene", "finding", "due", "urgent", "expected_change",
)  # fmt: skip


def place(
    rows: Sequence[Mapping[str, Any]], cap: int | None, as_of: datetime.date
) -> tuple[list[int], list[int]]:
    """Put the flags of all sites in order, and hold back what exceeds each site's cap.

    Args:
        rows: flags in any order; ``site`` and the columns that :func:`order` reads are enough.
        cap: flags that a site is given; None for all.
        as_of: the release's as-of date.

    Returns:
        Indices of the rows, first things first; and for each, in that order, its place in the queue
        of its site from 1, or 0 when it is told now.
    """
    ordered = sorted(range(len(rows)), key=lambda index: order(rows[index], as_of))
    given: dict[str, int] = {}
    waiting: dict[str, int] = {}
    places = []
    for index in ordered:
        row = rows[index]
        site = str(row["site"])
        if cap is None or exempt(row, as_of):
            places.append(0)
        elif given.get(site, 0) < cap:
            given[site] = given.get(site, 0) + 1
            places.append(0)
        else:
            waiting[site] = waiting.get(site, 0) + 1
            places.append(waiting[site])
    return ordered, places


def queue_flags(
    paths: Sequence[Path], cap: int | None, as_of: datetime.date, out: Path
) -> tuple[int, int]:
    """Bring the flags of all shards into one table, by columns: a large cohort has many.

    Args:
        paths: the shards' ``flags`` tables.
        cap: flags that a site is given; None for all.
        as_of: the release's as-of date.
        out: the table to write.

    Returns:
        Numbers of flags that are told and that wait.

    Raises:
        ArianeError: a table is missing, damaged or has other columns.
    """
    flags = pa.concat_tables([files.read_arrow(path, FLAGS) for path in paths])
    rows = flags.select(list(_ORDERING)).to_pylist()
    ordered, places = place(rows, cap, as_of)
    flags = flags.take(pa.array(ordered, type=pa.int64()))
    priority = pa.array(range(1, len(ordered) + 1), type=pa.int32())
    flags = flags.set_column(flags.schema.names.index("priority"), "priority", priority)
    flags = flags.append_column("queued", pa.array([n > 0 for n in places], type=pa.bool_()))
    flags = flags.append_column("place", pa.array(places, type=pa.int32()))
    files.write_arrow(out, flags.cast(QUEUE.schema))
    waiting = sum(1 for n in places if n)
    return len(places) - waiting, waiting


def waiting_flags(path: Path, cases: Collection[str]) -> list[Row]:
    """Flags of some cases that waited at the end of a cycle.

    Args:
        path: the cycle's table of all flags.
        cases: the cases.

    Raises:
        ArianeError: the table is missing, damaged or has other columns.
    """
    if not cases:
        return []
    wanted = [("queued", "==", True), ("case", "in", sorted(cases))]
    return list(files.read_arrow(path, QUEUE, filters=wanted).to_pylist())


def answered(
    before: tuple[Iterable[Decision], Iterable[Taken]],
    now: tuple[Iterable[Decision], Iterable[Taken]],
) -> Callable[[Mapping[str, Any]], bool]:
    """Tells of a flag that waited whether somebody answered it in between, unasked.

    A decision on the case answers what waited of it, but not the question for consent; a step on
    the finding answers its flags.

    Args:
        before: decisions and steps with which the previous cycle began.
        now: those with which this cycle began.
    """
    had = set(before[0])
    decided = {decision.case for decision in now[0] if decision not in had}
    known = {(step.identity, step.outcome) for step in before[1]}
    seen = {
        (step.case, step.finding) for step in now[1] if (step.identity, step.outcome) not in known
    }

    def asked(flag: Mapping[str, Any]) -> bool:
        if flag["reason"] != CONSENT_AGAIN and flag["case"] in decided:
            return True
        return bool(flag["finding"]) and (flag["case"], flag["finding"]) in seen

    return asked


def still_holds(
    flag: Mapping[str, Any],
    case: Case,
    moves: Mapping[tuple[str, str], Moved],
    news: Collection[tuple[str, str]],
) -> bool:
    """Whether the reason of a flag that waited holds in this cycle.

    Args:
        flag: the flag.
        case: its case, as frozen in this cycle.
        moves: by (case, finding), where each finding stands.
        news: (case, finding) of this cycle's flags: what is newer stands for what waited.
    """
    reason, key = flag["reason"], (flag["case"], flag["finding"])
    if reason == REVIEW:
        return False  # each case under watch has its own anew
    if reason == REQUEST:
        return bool(case.request) and str(flag["sentence"]).endswith(case.request)
    if reason == CONSENT_AGAIN:
        return True
    if not case.status.watched or key in news:
        return False
    if reason == "withdrawn":
        return not moves.get(key, Moved()).stands
    return moves.get(key, Moved()).stands


def carried(
    waiting: Iterable[Mapping[str, Any]],
    cases: Mapping[str, Case],
    moves: Mapping[tuple[str, str], Moved],
    found: Collection[tuple[str, str, str]],
    news: Collection[tuple[str, str]],
) -> list[Row]:
    """Flags that waited, and whose reason still holds, as rows of this cycle.

    Args:
        waiting: what :func:`waiting_flags` gave.
        cases: this cycle's cases by identifier.
        moves: by (case, finding), where each finding stands.
        found: (case, reason, gene) of this cycle's own flags.
        news: (case, finding) of this cycle's own flags that name a finding.
    """
    rows = []
    for flag in waiting:
        case = cases.get(flag["case"])
        if case is None or (case.id, flag["reason"], flag["gene"]) in found:
            continue
        if still_holds(flag, case, moves, news):
            row = {name: flag[name] for name in FLAGS.columns}
            now = {"site": case.site, "status": str(case.status), "urgent": case.pregnancy}
            rows.append(row | now)
    return rows
