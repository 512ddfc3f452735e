"""A laboratory that runs whole cycles by the workflow's own programs, in the workflow's folders."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reanalyse_desk import Desk
from reanalyse_genome import KEYS
from reanalyse_passes import build
from reanalyse_people import Patient, records
from reanalyse_release import Laid, lay_out
from reanalyse_world import TERMS, Said, World

from ariane import files
from ariane.knowledge.release import Release
from ariane.model.canonical import sha256_of_rows, shard_name, shard_of
from ariane.model.case import Case
from ariane.model.tables import EVENTS, FLAGS, QUEUE, SINCE
from ariane.reanalyse.effective import ShardState, shard_state
from ariane.reanalyse.frozen import Cycle, Frozen, chain, is_frozen, open_cycle
from ariane.reanalyse.watch import watch_shard

sys.path.insert(0, str(files.REPOSITORY / "scripts"))
import compare_releases
import find_events
import queue_flags
import rank_shard

SHARD = "000-of-001"
GOOD = "0/1:15,15:30:99:."
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
    """Runs cycles one after the other, each over those before."""

    def __init__(self, root: Path, shards: int = 1) -> None:
        self.desk = Desk(root, releases=())
        self.results = root / "results"
        self.shards = [shard_name(n, shards) for n in range(shards)]
        self.names: list[str] = []

    def cycle(self, world: World, patients: Sequence[Patient], *decisions: str) -> Told:
        """A whole cycle under a release of its own: the first full, the others deltas."""
        if decisions:
            self.desk.decide(*decisions)
        name = f"c{len(self.names)}"
        kind = self.begin(name, world, patients).cycle.kind
        assert kind == ("delta" if self.names[:-1] else "full")
        self.run(name)
        return self.told(name)

    def begin(
        self, name: str, world: World | Laid, patients: Sequence[Patient], **settings: Any
    ) -> Frozen:
        """Lay the release out, annotate the cases, freeze the cycle after the last one."""
        desk = self.desk
        desk.laid[name] = world if isinstance(world, Laid) else lay_out(desk.root, name, world)
        given = [with_vcf(patient, desk.root / "vcf") for patient in patients]
        settings = {"previous": self.names[-1] if self.names else "", **settings}
        release = desk.laid[name].release.name
        frozen = desk.freeze(
            name, [p.case for p in given], release=release, shards=len(self.shards), **settings
        )
        records(self.results / "cases", given)
        self.store(given)
        self.names.append(name)
        return frozen

    def reopen(self, *names: str) -> None:
        """Take up releases, and cycles that have begun, of a folder that lies there already."""
        for name in names:
            release = Release.open(self.desk.root / "releases" / name)
            folder = self.results / "releases" / name / "knowledge"
            self.desk.laid[name] = Laid(release, folder)
            if is_frozen(self.desk.state, name):
                self.names.append(name)

    def store(self, patients: Iterable[Patient]) -> None:
        """Each shard's candidates and read keys, of the cases as they are now."""
        held = list(patients)
        for shard in self.shards:
            own = [p for p in held if self.shard(p.case.id) == shard]
            build(self.results / "store", shard, own)

    def shard(self, case: str) -> str:
        return shard_name(shard_of(case, len(self.shards)), len(self.shards))

    def run(self, name: str) -> None:
        """Every program of a cycle that has begun."""
        for _, step in self.steps(name):
            step()

    def steps(self, name: str) -> list[tuple[str, Any]]:
        """The cycle's programs in their order, each to be called; none reads what is not there."""
        found: list[tuple[str, Any]] = []
        if self.facts(name).previous:
            found.append(("compare", lambda: self.compare(name)))
        for shard in self.shards:
            found.append((f"rank {shard}", lambda shard=shard: self.rank(name, shard)))
            found.append((f"events {shard}", lambda shard=shard: self.watch(name, shard)))
        return [*found, ("queue", lambda: self.queue(name))]

    def compare(self, name: str) -> None:
        old, new = (self.desk.laid[cycle] for cycle in (self.facts(name).previous, name))
        given = [str(old.release.folder), str(new.release.folder), f"--out={self.changes(name)}"]
        given += [f"--old-knowledge={old.folder}", f"--new-knowledge={new.folder}"]
        compare_releases.main(given)

    def rank(self, name: str, shard: str) -> None:
        cycle, laid = self.facts(name), self.desk.laid[name]
        store = self.results / "store" / shard
        given = [f"--state={self.desk.state}", f"--cycle={name}", f"--shard={shard}"]
        given += [f"--release={laid.release.folder}", f"--knowledge={laid.folder}"]
        given += [f"--candidates={store / 'candidates.parquet'}"]
        given += [f"--read-keys={store / 'read_keys.parquet'}"]
        given += [f"--cases={self.results / 'cases'}", f"--out={self.folder(name, shard)}"]
        if cycle.kind == "delta":
            given += [f"--changes={self.changes(name)}", "--previous"]
            given += map(str, self.chain(cycle.previous, shard))
        rank_shard.main(given)

    def watch(self, name: str, shard: str) -> None:
        cycle, laid, folder = self.facts(name), self.desk.laid[name], self.folder(name, shard)
        given = [f"--state={self.desk.state}", f"--cycle={name}", f"--shard={shard}"]
        given += [f"--release={laid.release.folder}", f"--knowledge={laid.folder}"]
        given += [f"--events={folder / 'events.parquet'}", f"--flags={folder / 'flags.parquet'}"]
        given += [
            f"--since={folder / 'since.parquet'}",
            "--current",
            *map(str, self.chain(name, shard)),
        ]
        if cycle.previous:
            given += ["--previous", *map(str, self.chain(cycle.previous, shard))]
            given += [f"--changes={self.changes(name)}"]
            given += [f"--waiting={self.queued(cycle.previous)}"]
            given += [f"--past={self.folder(cycle.previous, shard) / 'since.parquet'}"]
        find_events.main(given)
        if cycle.kind == "delta":
            self.look_at_everyone(name, shard)

    def look_at_everyone(self, name: str, shard: str) -> None:
        """What was told is what a look at every case tells."""
        cycle, laid, folder = self.facts(name), self.desk.laid[name], self.folder(name, shard)
        watched = watch_shard(
            self.desk.state,
            name,
            shard,
            self.chain(name, shard),
            self.chain(cycle.previous, shard),
            self.changes(name),
            laid.release.folder,
            laid.folder,
            self.queued(cycle.previous),
            self.folder(cycle.previous, shard) / "since.parquet",
            everyone=True,
        )
        for table, rows in zip((EVENTS, FLAGS, SINCE), watched, strict=True):
            told = files.read_table(folder / f"{table.name}.parquet", table)
            assert sha256_of_rows(told) == sha256_of_rows(rows), table.name

    def queue(self, name: str) -> None:
        cycle = self.facts(name)
        given = [f"--cycle-folder={self.home(name)}", f"--shards={cycle.shards}"]
        given += [f"--inputs={open_cycle(self.desk.state, name).folder}"]
        queue_flags.main([*given, f"--as-of={cycle.as_of}", f"--out={self.queued(name)}"])

    def facts(self, name: str) -> Cycle:
        return self.frozen(name).cycle

    def frozen(self, name: str) -> Frozen:
        return open_cycle(self.desk.state, name)

    def home(self, name: str) -> Path:
        return self.results / "cycles" / name

    def folder(self, name: str, shard: str) -> Path:
        return self.home(name) / "shards" / shard

    def changes(self, name: str) -> Path:
        return self.home(name) / "changes.parquet"

    def queued(self, name: str) -> Path:
        return self.home(name) / "flags.parquet"

    def chain(self, name: str, shard: str) -> list[Path]:
        """The shard's folders that make up the state of a cycle."""
        return [self.folder(link.cycle, shard) for link in chain(self.desk.state, name)]

    def states(self, name: str) -> Mapping[str, ShardState]:
        """The effective state of a cycle by shard."""
        return {shard: shard_state(self.chain(name, shard)) for shard in self.shards}

    def told(self, name: str) -> Told:
        events = [
            row
            for shard in self.shards
            for row in files.read_table(self.folder(name, shard) / "events.parquet", EVENTS)
        ]
        return Told(events, files.read_table(self.queued(name), QUEUE))


def with_vcf(patient: Patient, folder: Path) -> Patient:
    """A patient whose VCF is a file with his own calls; the same calls leave it untouched."""
    path = folder / f"{patient.case.id}.vcf"
    content = repr((sorted(patient.calls.items()), sorted(patient.far.items())))
    if not path.is_file() or path.read_text(encoding="utf-8") != content:
        files.write_text(path, content)
    case: Case = patient.case
    return replace(patient, case=replace(case, analysis=replace(case.analysis, vcf=str(path))))
