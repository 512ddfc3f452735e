"""Events and flags of one shard in one cycle, from the folders of a run."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ariane.files import read_table
from ariane.model.case import Case
from ariane.model.tables import CHANGES, LEDGER
from ariane.phrases import say
from ariane.rank.impasse import Adviser
from ariane.rank.shard import Bench
from ariane.reanalyse.dismissals import Dismissals, frozen_steps
from ariane.reanalyse.effective import ShardState, effective, shard_state, touched_by
from ariane.reanalyse.events import EMPTY, Causes, View, find_events
from ariane.reanalyse.flags import find_flags
from ariane.reanalyse.frozen import DELTA, Cycle, Frozen, open_cycle
from ariane.reanalyse.policy import load_policy
from ariane.reanalyse.priority import moves
from ariane.reanalyse.queueing import answered, waiting_flags
from ariane.reanalyse.reviews import release_dates
from ariane.reanalyse.since import Since
from ariane.reanalyse.triggers import Trigger, causes_in_words, find_triggers

Row = dict[str, Any]


class Watched(NamedTuple):
    """What a cycle tells of a shard."""

    events: list[Row]
    flags: list[Row]
    since: list[Row]


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
    since: Path | None = None,
) -> Watched:
    """Rows of the ``events``, ``flags`` and ``since`` tables.

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
        since: the shard's ``since`` table of the previous cycle, or None where there is none.
    """
    frozen = open_cycle(state, cycle)
    policy = load_policy(frozen.folder / "policy.yaml")
    cases = frozen.cases_of(shard)
    taken = frozenset(case.id for case in cases)
    dismissals = Dismissals.frozen(frozen.folder)
    # Of a delta only what it touched can differ in the ledger; the rest is not read.
    pairs = None
    if frozen.cycle.kind == DELTA:
        pairs = touched_by(current[-1]) | dismissals.pairs
    before = View.of(_only(shard_state(previous, pairs), taken)) if previous else EMPTY
    reached = shard_state(current, pairs)
    after = View.of(reached)
    rows = read_table(changes, CHANGES) if changes else []
    bench = Bench.open(release, knowledge, frozen.cycle.profile)
    triggers = _triggers(state, frozen, shard, bench.constants.scope.minor_below)
    own = causes_in_words(triggers)
    if previous:
        own |= {case.id: say("first analysis") for case in cases if case.id not in before.cases}
    causes = Causes.of(rows, _otherwise(frozen.cycle), _with_reasons(own, frozen.cycle))
    past = Since.read(since)
    seen = {key: past.of(key) for key in before.findings}
    events = find_events(before, after, causes, policy, cycle, seen, past.withdrawn)
    known = past.after(cycle, taken, before.findings, after.findings, events)
    events = dismissals.quieted(events, after.findings, after.rows)
    as_of = datetime.date.fromisoformat(frozen.cycle.as_of)
    adviser = Adviser.of(bench)
    ledger = effective(current, LEDGER, adviser.leading(reached.standing))
    advice = adviser.advise(cases, reached.standing, reached.findings, ledger)
    waited = _waited(state, frozen, waiting, taken) if waiting else []
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
    return Watched(events, flags, known.rows())


def _triggers(state: Path, frozen: Frozen, shard: str, adult_from: int) -> list[Trigger]:
    """What changed of a shard's cases themselves since the previous cycle."""
    earlier: dict[str, Case] = {}
    was: dict[str, str] = {}
    if frozen.cycle.previous:
        before = open_cycle(state, frozen.cycle.previous)
        earlier = {case.id: case for case in before.cases_of(shard)}
        was = _checksums(before, shard)
    now = _checksums(frozen, shard)
    return [
        trigger
        for case in frozen.cases_of(shard)
        for trigger in find_triggers(
            earlier.get(case.id), case, adult_from, was.get(case.id) != now.get(case.id)
        )
    ]


def _waited(state: Path, frozen: Frozen, waiting: Path, cases: frozenset[str]) -> list[Row]:
    """Flags that waited at the end of the previous cycle, and that nobody answered since."""
    before = open_cycle(state, frozen.cycle.previous)
    done = answered(
        *((one.decisions, frozen_steps(one.folder)) for one in (before, frozen)),
    )
    return [row for row in waiting_flags(waiting, cases) if not done(row)]


def _checksums(frozen: Frozen, shard: str) -> dict[str, str]:
    """By case, the checksum of its VCFs."""
    return {case: mark["sha256"] for case, mark in frozen.fingerprints_of(shard).items()}


def _with_reasons(own: dict[str, str], cycle: Cycle) -> dict[str, str]:
    """The causes of each case, with what made the cycle a full pass."""
    return {case: "; ".join((told, *cycle.reasons)) for case, told in own.items()}


def _only(state: ShardState, cases: frozenset[str]) -> ShardState:
    """A state without the cases that left: of them nothing is told, and nothing written."""

    def kept(rows: list[Row]) -> list[Row]:
        return [row for row in rows if row["case"] in cases]

    return ShardState(
        kept(state.findings), kept(state.ledger), kept(state.phenotype), kept(state.standing)
    )


def _otherwise(cycle: Cycle) -> str:
    if not cycle.previous:
        return say("first analysis")
    if cycle.reasons:
        return "; ".join(cycle.reasons)
    return say("the case's own data changed, or the standing of other candidates did")
