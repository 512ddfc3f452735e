"""Follow-up: of each flagged finding, where its procedure stands, who acts next and by when.

Due dates count from flags and from the steps that people dated; what is overdue is judged by the
release's as-of date. Today's date never enters.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.model.canonical import shard_name
from ariane.reanalyse.dismissals import frozen_steps
from ariane.reanalyse.flags import REVIEW
from ariane.reanalyse.frozen import open_cycle
from ariane.reanalyse.seen import FindingKey
from ariane.reanalyse.steps import (
    AWAITS,
    ROLES,
    State,
    Step,
    Taken,
    by_finding,
    load_delays,
    state_after,
)
from ariane.seals import verified

Row = dict[str, Any]

COLUMNS: Final = (
    "overdue",
    "case",
    "symbol",
    "finding",
    "state",
    "next_step",
    "who",
    "due",
    "days_over",
    "why",
    "last_step",
    "last_outcome",
    "last_role",
    "last_date",
    "report",
    "status",
)


@dataclass(frozen=True)
class Pass:
    """What one cycle adds to the story: its flags, and the steps that its inputs held."""

    cycle: str
    flags: Sequence[Mapping[str, Any]]
    steps: AbstractSet[tuple[str, str, str, str]]
    """Identities of the steps in its frozen file."""


def follow_up(
    passes: Sequence[Pass],
    taken: Iterable[Taken],
    statuses: Mapping[str, str],
    delays: Mapping[Step, int],
    as_of: datetime.date,
) -> list[Row]:
    """The table of who acts, by when; what is overdue comes first.

    A flag is answered by a triage that its cycle's inputs did not yet hold, so that nothing is
    taken for an answer to what its author could not know.

    Args:
        passes: the cycles so far, oldest first; the last is this one.
        taken: the steps that people took, by this cycle's inputs.
        statuses: status of each case to list.
        delays: days that each step may take.
        as_of: the release's as-of date.
    """
    steps = by_finding(taken)
    entered = {
        one.identity: next(n for n, a in enumerate(passes) if one.identity in a.steps)
        for held in steps.values()
        for one in held
    }
    flags: dict[FindingKey, list[tuple[int, Mapping[str, Any]]]] = {}
    for number, one in enumerate(passes):
        for flag in one.flags:
            if flag["reason"] != REVIEW:
                flags.setdefault((flag["case"], flag["finding"]), []).append((number, flag))
    rows: list[Row] = []
    for key in sorted(steps.keys() | flags.keys()):
        if key[0] not in statuses:
            continue  # of a case that left nothing is told
        done, raised = steps.get(key, []), flags.get(key, [])
        triaged = [entered[s.identity] for s in done if s.step is Step.TRIAGE]
        latest = max(triaged, default=0)
        open_flags = [flag for number, flag in raised if number >= latest]
        base: Row = dict.fromkeys(COLUMNS, "") | {"case": key[0], "finding": key[1]}
        base |= {"symbol": raised[-1][1]["symbol"] if raised else "", "status": statuses[key[0]]}
        base |= _last(done)
        state = state_after(done)
        if open_flags:
            due = datetime.date.fromisoformat(min(flag["due"] for flag in open_flags))
            why = ", ".join(dict.fromkeys(flag["reason"] for flag in open_flags))
            rows.append(base | _awaited(State.NEW, due, as_of) | {"why": why})
        if state is State.NEW:
            continue
        if not state.ended:
            last = _since(done)
            due = last + datetime.timedelta(delays[AWAITS[state]])
            rows.append(base | _awaited(state, due, as_of) | {"why": "the step before is done"})
        elif not open_flags:
            rows.append(base | {"state": str(state), "overdue": False, "days_over": 0})
    rows.sort(
        key=lambda r: (
            not r["overdue"],
            not r["due"],
            r["due"],
            r["case"],
            r["finding"],
            r["next_step"],
        )
    )
    return rows


def _awaited(state: State, due: datetime.date, as_of: datetime.date) -> Row:
    step = AWAITS[state]
    over = max((as_of - due).days, 0)
    who = " or ".join(ROLES[step])
    said = {"state": str(state), "next_step": str(step), "who": who, "due": due.isoformat()}
    return {**said, "overdue": over > 0, "days_over": over}


def _since(done: Sequence[Taken]) -> datetime.date:
    """When the awaited step's turn came: a triage of later news does not put it off."""
    moved = done[0]
    for place, one in enumerate(done):
        if state_after(done[:place]) is not state_after(done[: place + 1]):
            moved = one
    return datetime.date.fromisoformat(moved.date)


def _last(done: Sequence[Taken]) -> Row:
    if not done:
        return {}
    last = done[-1]
    report = next((one.report for one in reversed(done) if one.report), "")
    said = {"last_step": str(last.step), "last_outcome": last.outcome, "last_role": last.role}
    return {**said, "last_date": last.date, "report": report}


def story(state: Path, results: Path, cycle: str) -> tuple[list[Pass], list[str]]:
    """The cycles up to one, oldest first, with their flags and steps.

    Args:
        state: the folder of frozen inputs.
        results: the folder of results.
        cycle: the cycle to end with.

    Returns:
        The passes, and the cycles whose flags are no longer under ``results``.

    Raises:
        ArianeError: a cycle was never begun, or a table is damaged.
    """
    passes: list[Pass] = []
    missing: list[str] = []
    name = cycle
    while name:
        frozen = open_cycle(state, name)
        count = frozen.cycle.shards
        folder = results / "cycles" / name / "shards"
        paths = [folder / shard_name(i, count) / "flags.parquet" for i in range(count)]
        flags: list[Row] = []
        if all(path.is_file() for path in paths):
            # Columns by name: an older version of the table may have fewer of the others.
            asked = 'SELECT "case", reason, finding, symbol, due FROM held'
            flags = [row for path in paths for row in files.query(asked, held=verified(path))]
            flags.sort(key=lambda r: (r["case"], r["finding"], r["due"], r["reason"]))
        else:
            missing.append(name)
        identities = frozenset(one.identity for one in frozen_steps(frozen.folder))
        passes.append(Pass(name, flags, identities))
        name = frozen.cycle.previous
    return passes[::-1], missing[::-1]


def follow_up_of(state: Path, results: Path, cycle: str) -> tuple[list[Row], list[str]]:
    """The table of a cycle, from the folders of a run.

    Returns:
        Its rows, and the cycles whose flags are no longer under ``results``.

    Raises:
        ArianeError: see :func:`story`, or the policy's delays are wrong.
    """
    frozen = open_cycle(state, cycle)
    passes, missing = story(state, results, cycle)
    rows = follow_up(
        passes,
        frozen_steps(frozen.folder),
        {case.id: str(case.status) for case in frozen.cases},
        load_delays(frozen.folder / "policy.yaml"),
        datetime.date.fromisoformat(frozen.cycle.as_of),
    )
    return rows, missing
