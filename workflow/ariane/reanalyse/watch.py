"""Events and flags of one shard in one cycle, from the folders of a run."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ariane.files import read_arrow, read_table
from ariane.model.canonical import shard_name, shard_of
from ariane.model.case import Case
from ariane.model.tables import CHANGES, EVENTS, LEDGER
from ariane.rank.impasse import Adviser
from ariane.rank.shard import Bench
from ariane.reanalyse.cycle import Cycle, Frozen, inputs_folder, open_cycle
from ariane.reanalyse.dismissals import Dismissals
from ariane.reanalyse.effective import ShardState, effective, shard_state, touched_by
from ariane.reanalyse.events import EMPTY, Causes, View, find_events
from ariane.reanalyse.flags import find_flags
from ariane.reanalyse.policy import load_policy
from ariane.reanalyse.priority import moves
from ariane.reanalyse.queueing import waiting_flags
from ariane.reanalyse.reviews import release_dates
from ariane.reanalyse.sums import check_sums
from ariane.reanalyse.triggers import (
    Trigger,
    causes_in_words,
    checksums,
    earlier_cases,
    find_triggers,
)

Row = dict[str, Any]


def watch_shard(
    state: Path,
    cycle: str,
    shard: str,
    current: Sequence[Path],
    previous: Sequence[Path],
    changes: Path | None,
    release: Path,
    knowledge: Path,
    waiting: Path | None = None,
) -> tuple[list[Row], list[Row]]:
    """Rows of the ``events`` and ``flags`` tables.

    Args:
        state: the folder of frozen inputs.
        cycle: this cycle.
        shard: name of the shard.
        current: folders that make up this cycle's state, oldest first.
        previous: folders that make up the previous cycle's state; empty for a first cycle.
        changes: the ``changes`` table from the previous release, or None.
        release: folder of the cycle's release.
        knowledge: where it was prepared.
        waiting: the previous cycle's table of all flags, or None where there is none.
    """
    frozen = open_cycle(state, cycle)
    policy = load_policy(frozen.folder / "policy.yaml")
    taken = frozenset(case.id for case in frozen.cases)
    dismissals = Dismissals.frozen(frozen.folder)
    # Of a delta only what it touched can differ in the ledger; the rest is not read.
    pairs = None
    if previous and list(current[:-1]) == list(previous):
        pairs = touched_by(current[-1]) | dismissals.pairs
    before = View.of(_only(shard_state(previous, pairs), taken)) if previous else EMPTY
    reached = shard_state(current, pairs)
    after = View.of(reached)
    rows = read_table(changes, CHANGES) if changes else []
    shards = frozen.cycle.shards
    cases = [c for c in frozen.cases if shard_name(shard_of(c.id, shards), shards) == shard]
    bench = Bench.open(release, knowledge, frozen.cycle.profile)
    triggers = _triggers(state, frozen, cases, bench.constants.scope.minor_below)
    own = causes_in_words(triggers)
    if previous:
        own |= {case.id: "first analysis" for case in cases if case.id not in before.cases}
    causes = Causes.of(rows, _otherwise(frozen.cycle), _with_reasons(own, frozen.cycle))
    seen = first_seen(previous, before, state, frozen.cycle)
    events = find_events(before, after, causes, policy, cycle, seen, withdrawn_in(previous))
    events = dismissals.quieted(events, after.findings, after.rows)
    as_of = datetime.date.fromisoformat(frozen.cycle.as_of)
    adviser = Adviser.of(bench)
    ledger = effective(current, LEDGER, adviser.leading(reached.standing))
    advice = adviser.advise(cases, reached.standing, reached.findings, ledger)
    waited = waiting_flags(waiting, {case.id for case in cases}) if waiting else []
    waited = [row for row in waited if (row["case"], row["finding"]) not in after.hidden]
    keys = {(row["case"], row["finding"]) for row in (*events, *waited) if row["finding"]}
    flags = find_flags(
        cases,
        events,
        frozen.decisions,
        policy,
        as_of,
        advice,
        cycle=cycle,
        moves=moves(before, after, keys),
        triggers=triggers,
        waiting=waited,
        releases=release_dates(state, cycle),
    )
    return events, flags


def _triggers(state: Path, frozen: Frozen, cases: Sequence[Case], adult_from: int) -> list[Trigger]:
    """What changed of the cases themselves since the previous cycle."""
    earlier: dict[str, Case] = {}
    was: dict[str, str] = {}
    if frozen.cycle.previous:
        folder = inputs_folder(state, frozen.cycle.previous)
        check_sums(folder)
        earlier, was = earlier_cases(folder, {case.id for case in cases}), checksums(folder)
    now = checksums(frozen.folder)
    return [
        trigger
        for case in cases
        for trigger in find_triggers(
            earlier.get(case.id), case, adult_from, was.get(case.id) != now.get(case.id)
        )
    ]


def _with_reasons(own: dict[str, str], cycle: Cycle) -> dict[str, str]:
    """The causes of each case, with what made the cycle a full pass."""
    return {case: "; ".join((told, *cycle.reasons)) for case, told in own.items()}


def withdrawn_in(previous: Sequence[Path]) -> dict[tuple[str, str], str]:
    """The cycle in which each finding was withdrawn that has not returned since.

    Args:
        previous: folders that make up the previous cycle's state; what lies before the last full
            pass is not known.
    """
    found: dict[tuple[str, str], str] = {}
    columns = ["case", "finding", "kind", "last_changed"]
    for folder in previous:
        for event in read_arrow(folder / "events.parquet", EVENTS, columns).to_pylist():
            key = (event["case"], event["finding"])
            if event["kind"] == "withdrawn":
                found[key] = event["last_changed"]
            else:
                found.pop(key, None)
    return found


def first_seen(
    previous: Sequence[Path], before: View, state: Path, cycle: Cycle
) -> dict[tuple[str, str], str]:
    """The cycle in which each finding of the previous state was first seen.

    A finding that vanished and returns is new again: only what stands in the previous state keeps
    its date.
    """
    if not previous:
        return {}
    recorded: dict[tuple[str, str], str] = {}
    for folder in previous:
        for event in read_table(folder / "events.parquet", EVENTS):
            key = (event["case"], event["finding"])
            if event["kind"] == "withdrawn":
                recorded.pop(key, None)
            elif event["first_seen"] == event["last_changed"]:
                recorded[key] = event["first_seen"]
            else:
                recorded.setdefault(key, event["first_seen"])
    joined = _joined(state, cycle, {case for case, _ in before.findings})
    return {key: recorded.get(key, joined[key[0]]) for key in before.findings}


def _only(state: ShardState, cases: frozenset[str]) -> ShardState:
    """A state without the cases that left: of them nothing is told, and nothing written."""

    def kept(rows: list[Row]) -> list[Row]:
        return [row for row in rows if row["case"] in cases]

    return ShardState(
        kept(state.findings), kept(state.ledger), kept(state.phenotype), kept(state.standing)
    )


def _joined(state: Path, cycle: Cycle, cases: set[str]) -> dict[str, str]:
    """The cycle since which each case has been taken up without a break."""
    joined: dict[str, str] = {}
    there = set(cases)
    while cycle.previous and there:
        earlier = open_cycle(state, cycle.previous)
        cycle = earlier.cycle
        there &= {case.id for case in earlier.cases}
        joined |= dict.fromkeys(there, cycle.cycle)
    return joined


def _otherwise(cycle: Cycle) -> str:
    if not cycle.previous:
        return "first analysis"
    if cycle.reasons:
        return "; ".join(cycle.reasons)
    return "the case's own data changed, or the standing of other candidates did"
