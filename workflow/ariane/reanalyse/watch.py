"""Events and flags of one shard in one cycle, from the folders of a run."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ariane.files import read_table
from ariane.model.case import Case
from ariane.model.tables import CHANGES, FINDINGS, FLAGS, LEDGER, STANDING
from ariane.phrases import say
from ariane.rank.impasse import Adviser, Impasse
from ariane.rank.shard import Bench
from ariane.reanalyse.dismissals import Dismissals, frozen_steps
from ariane.reanalyse.effective import (
    effective,
    held,
    of_pairs,
    pairs_in,
    standing,
    touched_by,
)
from ariane.reanalyse.events import (
    EMPTY,
    SHUT,
    STOOD,
    Best,
    Causes,
    Key,
    View,
    asleep,
    best_of,
    find_events,
)
from ariane.reanalyse.flags import Help, find_flags
from ariane.reanalyse.frozen import DELTA, Cycle, Frozen, open_cycle
from ariane.reanalyse.looked import cases_with_news, told_before
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
    *,
    everyone: bool = False,
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
        everyone: look at every case, whatever can have changed: the same is told, at greater cost.
    """
    frozen = open_cycle(state, cycle)
    policy = load_policy(frozen.folder / "policy.yaml")
    cases = frozen.cases_of(shard)
    taken = frozenset(case.id for case in cases)
    dismissals = Dismissals.frozen(frozen.folder)
    rows = read_table(changes, CHANGES) if changes else []
    bench = Bench.open(release, knowledge, frozen.cycle.profile)
    last = open_cycle(state, frozen.cycle.previous) if frozen.cycle.previous else None
    earlier = {case.id: case for case in last.cases_of(shard)} if last else {}
    adult_from = bench.constants.scope.minor_below
    triggers = _triggers(cases, earlier, adult_from, _other_calls(frozen, last, shard))
    waited = _waited(last, frozen, waiting, taken) if last and waiting else []
    adviser = Adviser.of(bench)
    advice: dict[str, Help] = {}
    asked = taken
    delta = frozen.cycle.kind == DELTA and not everyone
    news = cases_with_news(cases, earlier, current[-1], rows) if delta else None
    if news is not None:
        flags_before = previous[-1] / f"{FLAGS.name}.parquet"
        advice |= told_before(flags_before, current[-1], news, rows, adviser.table)
        asked = news | {row["case"] for row in waited}
    stood = _standing(previous[-1], asked) if previous else STANDING.schema.empty_table()
    stands = _standing(current[-1], asked)
    own = causes_in_words(triggers)
    if previous:
        own |= dict.fromkeys(asked - _cases(stood), say("first analysis"))
    causes = Causes.of(rows, _otherwise(frozen.cycle), _with_reasons(own, frozen.cycle))
    was, now = best_of(_values(stood)), best_of(_values(stands))
    # Of a delta only what it touched can differ in the ledger; the rest is not read, nor are the
    # findings of which nothing can be told.
    pairs, awake = None, None
    if delta:
        pairs = {pair for pair in touched_by(current[-1]) | dismissals.pairs if pair[0] in asked}
        told = (was.keys() | now.keys()) - asleep(was, now, causes, policy)
        told |= {(row["case"], row["finding"]) for row in waited}
        awake = pairs | {(case, finding.partition("|")[0]) for case, finding in told}

    def view(chain: Sequence[Path], best: Mapping[Key, Best], told: pa.Table) -> View:
        """A state, of the cases that are looked at: of those that left nothing is told."""
        findings = _findings(chain, awake, asked).to_pylist()
        ledger = held(chain, LEDGER, pairs, cases=asked).to_pylist()
        return View.indexed(findings, ledger, best, _cases(told))

    before = view(previous, was, stood) if previous else EMPTY
    after = view(current, now, stands)
    past = Since.read(since)
    seen = {key: past.of(key) for key in before.findings}
    events = find_events(before, after, causes, policy, cycle, seen, past.withdrawn)
    known = past.after(cycle, asked, before.standing, after.standing, events)
    known = known.joined(past.of_cases(taken - asked))
    events = dismissals.quieted(events, after.findings, after.rows)
    as_of = datetime.date.fromisoformat(frozen.cycle.as_of)
    wanted = [c for c in cases if c.status.watched or c.id in asked]  # no other has a flag
    advice |= _advice(adviser, current, [c for c in wanted if c.id not in advice])
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


def _standing(folder: Path, cases: Iterable[str]) -> pa.Table:
    """The standing of some cases after a cycle; what is read of it."""
    columns = sorted({*STOOD, "gene"}, key=STANDING.columns.index)
    return standing(folder, cases, columns)


def _findings(
    chain: Sequence[Path], pairs: Iterable[tuple[str, str]] | None, cases: Iterable[str]
) -> pa.Table:
    """Findings of some cases: those of some genes, and those of which a shut gate is shown."""
    table = held(chain, FINDINGS, cases=cases)
    if pairs is None:
        return table
    shut = table.filter(pc.match_substring(table["acmg_class"], SHUT))
    return of_pairs(table, {*pairs, *pairs_in(shut)})


def _values(standing: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(standing[name].to_pylist() for name in STOOD), strict=True)


def _cases(standing: pa.Table) -> frozenset[str]:
    return frozenset(standing["case"].unique().to_pylist())


def _advice(adviser: Adviser, chain: Sequence[Path], cases: Sequence[Case]) -> dict[str, Impasse]:
    """What would help some cases in the state that some folders make up."""
    stands = _standing(chain[-1], [case.id for case in cases])
    if adviser.table.posterior > 0:  # what weighs nothing is of no use, and most of it
        stands = stands.filter(pc.greater(stands["posterior"], 0.0))
    rows = stands.to_pylist()
    genes = adviser.leading(rows)
    local = (effective(chain, table, genes) for table in (FINDINGS, LEDGER))
    return adviser.advise(cases, rows, *local)


def _triggers(
    cases: Iterable[Case], earlier: Mapping[str, Case], adult_from: int, other_calls: frozenset[str]
) -> list[Trigger]:
    """What changed of the cases themselves since the previous cycle."""
    return [
        trigger
        for case in cases
        for trigger in find_triggers(earlier.get(case.id), case, adult_from, case.id in other_calls)
    ]


def _other_calls(frozen: Frozen, last: Frozen | None, shard: str) -> frozenset[str]:
    """Cases whose VCFs are not those of the previous cycle."""
    was = _checksums(last, shard) if last else {}
    now = _checksums(frozen, shard)
    return frozenset(case for case, checksum in now.items() if was.get(case) != checksum)


def _waited(last: Frozen, frozen: Frozen, waiting: Path, cases: frozenset[str]) -> list[Row]:
    """Flags that waited at the end of the previous cycle, and that nobody answered since."""
    done = answered(
        *((one.decisions, frozen_steps(one.folder)) for one in (last, frozen)),
    )
    return [row for row in waiting_flags(waiting, cases) if not done(row)]


def _checksums(frozen: Frozen, shard: str) -> dict[str, str]:
    """By case, the checksum of its VCFs."""
    return {case: mark["sha256"] for case, mark in frozen.fingerprints_of(shard).items()}


def _with_reasons(own: dict[str, str], cycle: Cycle) -> dict[str, str]:
    """The causes of each case, with what made the cycle a full pass."""
    return {case: "; ".join((told, *cycle.reasons)) for case, told in own.items()}


def _otherwise(cycle: Cycle) -> str:
    if not cycle.previous:
        return say("first analysis")
    if cycle.reasons:
        return "; ".join(cycle.reasons)
    return say("the case's own data changed, or the standing of other candidates did")
