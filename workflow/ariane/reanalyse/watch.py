"""Events and flags of one shard in one cycle, from the folders of a run."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ariane.files import read_table
from ariane.model.canonical import shard_name, shard_of
from ariane.model.tables import CHANGES, EVENTS
from ariane.rank.impasse import Adviser
from ariane.rank.shard import Bench
from ariane.reanalyse.cycle import Cycle, open_cycle
from ariane.reanalyse.dismissals import Dismissals
from ariane.reanalyse.effective import ShardState, shard_state
from ariane.reanalyse.events import EMPTY, Causes, View, find_events
from ariane.reanalyse.flags import find_flags
from ariane.reanalyse.policy import load_policy

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
    """
    frozen = open_cycle(state, cycle)
    policy = load_policy(frozen.folder / "policy.yaml")
    taken = frozenset(case.id for case in frozen.cases)
    before = View.of(_only(shard_state(previous), taken)) if previous else EMPTY
    reached = shard_state(current)
    after = View.of(reached)
    rows = read_table(changes, CHANGES) if changes else []
    causes = Causes.of(rows, _otherwise(frozen.cycle))
    seen = first_seen(previous, before, state, frozen.cycle)
    events = find_events(before, after, causes, policy, cycle, seen)
    events = Dismissals.frozen(frozen.folder).quieted(events, after.findings, after.rows)
    shards = frozen.cycle.shards
    cases = [c for c in frozen.cases if shard_name(shard_of(c.id, shards), shards) == shard]
    as_of = datetime.date.fromisoformat(frozen.cycle.as_of)
    adviser = Adviser.of(Bench.open(release, knowledge, frozen.cycle.profile))
    advice = adviser.advise(cases, reached.standing, reached.findings, reached.ledger)
    return events, find_flags(cases, events, frozen.decisions, policy, as_of, advice)


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
