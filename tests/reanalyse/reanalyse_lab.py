"""A laboratory that runs whole cycles, one after the other, and what each told."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reanalyse_desk import Desk
from reanalyse_genome import KEYS
from reanalyse_passes import build, changes_between, delta, full
from reanalyse_people import Patient
from reanalyse_release import lay_out
from reanalyse_world import TERMS, Said, World

from ariane import files
from ariane.model.tables import EVENTS, FLAGS, QUEUE
from ariane.reanalyse.policy import load_policy
from ariane.reanalyse.queueing import queue_flags
from ariane.reanalyse.watch import watch_shard

GOOD = "0/1:15,15:30:99:."
SHARD = "000-of-001"
Row = dict[str, Any]
MISSENSE, SAME, OTHER, STOP, SHIFT, INTRON = KEYS[:6]
BASE = World(
    assertions={STOP: (Said("P", 3),)},
    gene_disease={("HGNC:1", "OMIM:1"): "AD"},
    dosage={"HGNC:1": "3"},
    described={("OMIM:1", TERMS[3]): "3/3", ("OMIM:2", TERMS[4]): "3/3"},
)
SILENT = replace(BASE, assertions={}, dosage={})


@dataclass(frozen=True)
class Told:
    """What a cycle told."""

    events: list[Row]
    flags: list[Row]

    def kinds(self, finding: str = "") -> list[str]:
        return [e["kind"] for e in self.events if finding in e["finding"]]

    def reasons(self, case: str = "F1") -> list[str]:
        return [f["reason"] for f in self.flags if f["case"] == case]


class Laboratory:
    """Runs cycles one after the other, each a delta over those before."""

    def __init__(self, root: Path) -> None:
        self.desk = Desk(root)
        self.folders: list[Path] = []
        self.names: list[str] = []

    def cycle(self, world: World, patients: Sequence[Patient], *decisions: str) -> Told:
        desk, n = self.desk, len(self.names)
        name = f"c{n}"
        if decisions:
            desk.decide(*decisions)
        desk.laid[name] = lay_out(desk.root, name, world)
        previous = self.names[-1] if self.names else ""
        cases = [p.case for p in patients]
        frozen = desk.freeze(name, cases, previous=previous, release=name, shards=1)
        calls = {p.case.id: p.calls for p in patients}
        taken = [Patient(case, calls[case.id]) for case in frozen.cases]
        store = build(desk.root, f"store-{name}", taken)
        out = desk.root / "results" / name
        changes = None
        if previous:
            changes = changes_between(desk.root, desk.laid[previous], desk.laid[name])
            assert frozen.cycle.kind == "delta"
            anew = frozen.cycle.anew
            delta(taken, store, desk.laid[name], self.folders, changes, out, anew)
        else:
            full(taken, store, desk.laid[name], out)
        chain = [*self.folders, out]
        laid = desk.laid[name]
        events, flags = watch_shard(
            desk.state,
            name,
            SHARD,
            chain,
            self.folders,
            changes,
            laid.release.folder,
            laid.folder,
            self.folders[-1] / "queue.parquet" if self.folders else None,
        )
        files.write_table(out / "events.parquet", EVENTS, events)
        files.write_table(out / "flags.parquet", FLAGS, flags)
        cap = load_policy(frozen.folder / "policy.yaml").cap
        as_of = datetime.date.fromisoformat(frozen.cycle.as_of)
        queue_flags([out / "flags.parquet"], cap, as_of, out / "queue.parquet")
        self.folders, self.names = chain, [*self.names, name]
        return Told(events, files.read_table(out / "queue.parquet", QUEUE))
