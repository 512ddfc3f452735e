"""A drawn history run twice, by deltas and by full passes: what each step gave, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from random_histories import Moment, changes_of, group
from reanalyse_lab import SHARD, Laboratory
from reanalyse_passes import quiet
from reanalyse_release import Laid

from ariane.files import read_table
from ariane.model.canonical import digest
from ariane.model.case import Case
from ariane.model.tables import TOUCHED
from ariane.reanalyse.delta import Store, full_pass
from ariane.reanalyse.effective import ShardState, shard_state
from ariane.reanalyse.frozen import open_cycle


@dataclass(frozen=True)
class Step:
    """One pair of releases, the second reached by a delta, and what came of it."""

    mark: str
    """Digest of both moments: equal pairs are counted once."""
    changes: tuple[str, ...]
    cases: int
    touched: int
    """Cases of which the overlay replaces or removes something."""
    moved: bool
    """Whether the state of the cohort is another than before."""
    compacted: bool
    """Whether the delta was written whole, as a new base."""
    unequal: tuple[str, ...]
    """Tables of which the canonical export is not that of a full pass."""

    @property
    def kind(self) -> str:
        return group(self.changes)


def run_history(
    root: Path, history: Sequence[Moment], turned: bool = False, compact_after: int = 12
) -> Iterator[Step]:
    """Run a history by the programs of the workflow; each cycle that is a delta gives a step.

    Args:
        root: an empty folder.
        history: the moments.
        turned: whether the sheet and the store name the cases in the reverse order, and the full
            passes take them so.
        compact_after: every so many deltas one is written whole.
    """
    lab = Laboratory(root)
    laid: Laid | None = None
    states: list[ShardState] = []
    for number, moment in enumerate(history):
        patients = list(reversed(moment.patients)) if turned else list(moment.patients)
        signed = [p.case for p in patients if p.case.decided]
        lab.desk.decide(*map(_decision, signed))
        name = f"c{number}"
        same = number > 0 and history[number - 1].world == moment.world
        world = laid if laid and same else moment.world
        frozen = lab.begin(name, world, patients, compact_after=compact_after)
        laid = lab.desk.laid[name]
        if frozen.cycle.kind == "delta":
            lab.compare(name)
        lab.rank(name, SHARD)
        states.append(shard_state([_whole(lab, name, frozen.cases, turned)]))
        if frozen.cycle.kind != "delta":
            continue
        told, whole = shard_state(lab.chain(name, SHARD)).digests(), states[-1].digests()
        touched = read_table(lab.folder(name, SHARD) / "touched.parquet", TOUCHED)
        yield Step(
            digest([repr(history[number - 1]), repr(moment), turned, frozen.cycle.compacted]),
            tuple(changes_of(history[number - 1], moment)),
            len(frozen.cases),
            len({row["case"] for row in touched}),
            whole != states[-2].digests(),
            frozen.cycle.compacted,
            tuple(table for table in whole if told[table] != whole[table]),
        )


def _decision(case: Case) -> str:
    gene, variant = ("", case.decided[0]) if "-" in case.decided[0] else (case.decided[0], "")
    return f"{case.id}|{case.status}|{gene}|{variant}||RCP-1|RCP|R1|2024-01-02|"


def _whole(lab: Laboratory, name: str, cases: Sequence[Case], turned: bool) -> Path:
    """A full pass over the same frozen cases, in a folder of its own."""
    held = lab.results / "store" / SHARD
    store = Store(held / "candidates.parquet", held / "read_keys.parquet", lab.results / "cases")
    order = list(reversed(cases)) if turned else list(cases)
    out = lab.results / "whole" / name
    full_pass(order, store, lab.desk.laid[name].bench(), out, quiet)
    assert {case.id for case in open_cycle(lab.desk.state, name).cases} == {c.id for c in cases}
    return out


@dataclass
class Tally:
    """Distinct pairs, and what they cover."""

    seen: set[str] = field(default_factory=set)
    pairs: Counter[str] = field(default_factory=Counter)
    """By kind of step."""
    changes: Counter[str] = field(default_factory=Counter)
    """Pairs in which a field of the release or of a case changed."""
    outcomes: Counter[str] = field(default_factory=Counter)
    unequal: list[Step] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Count a step, unless its like was counted."""
        if step.mark in self.seen:
            return
        self.seen.add(step.mark)
        self.pairs[step.kind] += 1
        self.changes.update(step.changes)
        if step.unequal:
            self.unequal.append(step)
        self.outcomes["nothing touched"] += not step.touched
        self.outcomes["some cases touched, others not"] += 0 < step.touched < step.cases
        self.outcomes["every case touched"] += step.touched >= max(step.cases, 1)
        self.outcomes["state as before"] += not step.moved
        self.outcomes["state moved"] += step.moved
        self.outcomes["written whole, as a new base"] += step.compacted
        self.outcomes["state moved, nothing touched"] += step.moved and not step.touched

    @property
    def line(self) -> str:
        """The line of the benchmark."""
        count = self.pairs.total()
        return f"exact pairs={count} equal={count - len(self.unequal)}"
