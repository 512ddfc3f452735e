"""Time, memory and disk of a cycle over a large cohort, next to ranking all of it again.

Published cases in drawn persons, each with 500 stored variants, are analysed under the first
release; copies of them under new pseudonyms make the cohort large. Then the workflow's own programs
run one cycle to the second release of HPO and assertions, and one to the assertions alone, two
programs at a time: overlay, standing, events and flags of every case, and the queue. What the
frozen inputs, Snakemake itself and annotation cost is not measured.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ariane.cli import run
from ariane.files import open_text, write_text
from ariane.rank.shard import Bench
from reanalysis_speed_cohort import (
    BASE,
    FIRST,
    STORE,
    TOLD,
    Cohort,
    Place,
    drawn_patients,
)
from reanalysis_speed_jobs import AT_ONCE, Spent
from reanalysis_strata import read_records
from reanalysis_world import Knowledge, parser_of

BOTH, HPO, ASSERTIONS, FULL = "hpo-and-assertions", "hpo", "assertions", "full"
SAMPLE: Final = 2
"""Shards of which a full pass, and further deltas, are measured and scaled up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cost:
    """What a cycle over some cases cost."""

    cases: int
    wall: float
    seconds: float
    """Of a processor."""
    together: int
    """Most bytes of memory held at one time."""
    touched: int
    """Pairs of case and gene that were rewritten."""
    by_program: Mapping[str, float]

    @classmethod
    def of(cls, cases: int, touched: int, *parts: Spent) -> Cost:
        """The cost of parts that ran one after the other."""
        programs: dict[str, float] = {}
        for part in parts:
            for name, seconds in part.cpu.items():
                programs[name] = programs.get(name, 0.0) + seconds
        return cls(
            cases,
            sum(part.wall for part in parts),
            sum(programs.values()),
            max(part.together for part in parts),
            touched,
            programs,
        )

    @property
    def each(self) -> float:
        """Milliseconds of a processor for one case."""
        return 1000 * self.seconds / self.cases

    def told(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "cases": self.cases,
            "wall_seconds": round(self.wall, 1),
            "processor_seconds": round(self.seconds, 1),
            "on_two_cores_seconds": round(self.seconds / AT_ONCE, 1),
            "milliseconds_a_case": round(self.each, 3),
            "memory_gb": round(self.together / 1e9, 2),
            "pairs_rewritten": self.touched,
            "by_program": {name: round(value, 1) for name, value in self.by_program.items()},
        }


def main(argv: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--work", type=Path, help="where the run lies; 5 GB of disk")
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--per-shard", type=int, default=2500, help="cases of a shard")
    parser.add_argument("--ranked", type=int, default=2, help="shards that are no copies")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 2, 4, 12], help="in shards")
    parser.add_argument("--changed", type=int, nargs="*", default=[10, 100, 1000])
    args = parser.parse_args(argv)
    args.json.parent.mkdir(parents=True, exist_ok=True)
    if args.work:
        args.work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=args.work) as name:
        measure(args, Path(name))


def measure(args: argparse.Namespace, work: Path) -> None:
    """All that the benchmark measures; each cycle is printed as one line."""
    made: dict[str, Any] = {"load_before": os.getloadavg(), "preparation_seconds": {}}

    @contextmanager
    def lap(name: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        made["preparation_seconds"][name] = round(time.monotonic() - begin, 1)
        log.info("%s: %.0f s", name, made["preparation_seconds"][name])

    with lap("cases and their candidates"):
        drawn = (args.cases, args.backgrounds, args.data, work)
        patients = drawn_patients(*drawn, args.ranked * args.per_shard)
    assertions, columns = with_fewer_changes(args, work)
    with lap("releases prepared and compared"):
        knowledge = Knowledge(args.data, work / "reference.fa.gz", assertions, work)
        first = knowledge.bench(args.hpo_from, args.assert_from)
        releases = {
            BOTH: knowledge.bench(args.hpo_to, args.assert_to),
            HPO: knowledge.bench(args.hpo_to, args.assert_from),
            ASSERTIONS: knowledge.bench(args.hpo_from, args.assert_to),
            **{name: knowledge.bench(args.hpo_from, name) for name in columns},
        }
        changes = {name: knowledge.changes(first, bench) for name, bench in releases.items()}
    size = args.per_shard
    parts = [patients[n * size : (n + 1) * size] for n in range(args.ranked)]
    place = Place(work / "releases", work / "prepared")
    world = World(place, first, releases, changes)
    with lap("full pass of the cases that are no copies"):
        ranked = Cohort(_new(work / "ranked"), parts, args.ranked, place)
        ranked.build_stores()
        ranked.freeze(FIRST, first.release.name)
        ranked.run(FIRST, first.release.name)
    with lap("copies"):
        cohort = world.copied(_new(work / "cohort"), parts, args.shards, ranked)
    made["copies_equal"] = copies_equal(cohort, world, args.shards - 1)
    costs: dict[str, Cost] = {}
    for name in (BOTH, ASSERTIONS):
        costs[name] = world.cycle(cohort, name)
        show(name, costs[name])
    sample = min(SAMPLE, args.shards)
    costs[FULL] = world.cycle(cohort, BOTH, full=True, shards=sample)
    show(FULL, costs[FULL], scaled_to=args.shards * size)
    equal = [cohort.digests([FIRST, BOTH], n) == cohort.digests([FULL], n) for n in range(sample)]
    print(f"exact shards={len(equal)} equal={sum(equal)}", flush=True)
    for name in (HPO, *columns):
        costs[name] = world.cycle(cohort, name, shards=sample)
        show(name, costs[name])
    made["by_cases"] = []
    for shards in args.sizes:
        small = world.copied(_new(work / f"cohort{shards}"), parts, shards, ranked)
        cost = world.cycle(small, BOTH)
        made["by_cases"].append(cost.told())
        show(f"{BOTH}-of-{shards * size}", cost)
    made |= {
        "releases": {
            "hpo": [args.hpo_from.name, args.hpo_to.name],
            "assertions": [args.assert_from, args.assert_to],
        },
        "shards": args.shards,
        "cycles": {name: cost.told() for name, cost in costs.items()},
        "times_cheaper_than_full": {
            name: round(costs[FULL].each / cost.each, 1)
            for name, cost in costs.items()
            if name != FULL
        },
        "bytes_a_case": disk(cohort, size),
        "exact": {"shards": len(equal), "equal": sum(equal)},
        "load_after": os.getloadavg(),
    }
    for name, times in made["times_cheaper_than_full"].items():
        print(f"cheaper cycle={name} times={times}", flush=True)
    told = " ".join(f"{name}={value}" for name, value in made["bytes_a_case"].items())
    print(f"bytes_a_case {told}", flush=True)
    write_text(args.json, json.dumps(made, indent=1, sort_keys=True) + "\n")


@dataclass(frozen=True)
class World:
    """The releases, and what changed from the first to each other."""

    place: Place
    first: Bench
    releases: Mapping[str, Bench]
    changes: Mapping[str, Path]

    def copied(
        self, home: Path, parts: Sequence[Sequence[Any]], shards: int, ranked: Cohort
    ) -> Cohort:
        """A cohort of so many shards, with its first cycle."""
        cohort = Cohort(home, parts, shards, self.place)
        cohort.copy_of(ranked)
        cohort.freeze(FIRST, self.first.release.name)
        cohort.queue(FIRST, self.first.release.as_of)
        return cohort

    def cycle(
        self, cohort: Cohort, name: str, *, full: bool = False, shards: int | None = None
    ) -> Cost:
        """A cycle after the first; the queue of all flags is made where every shard is ranked."""
        bench, cycle = self.releases[name], FULL if full else name
        cohort.freeze(cycle, bench.release.name, FIRST, full)
        args = (cycle, bench.release.name, self.changes[name])
        spent = [cohort.run(*args, full=full, shards=shards)]
        if shards is None:
            spent.append(cohort.queue(cycle, bench.release.as_of))
        count = sum(map(len, cohort.names[:shards]))
        return Cost.of(count, cohort.touched(cycle, shards), *spent)


def copies_equal(cohort: Cohort, world: World, shard: int) -> bool:
    """Whether ranking a copied shard gives what was copied."""
    release = world.first.release.name
    return cohort.rerun(FIRST, release, shard) == cohort.content([FIRST], shard)


def disk(cohort: Cohort, size: int) -> dict[str, int]:
    """Bytes for a case: the store, the base of a full pass, and what each cycle adds."""
    shards = range(cohort.shards)
    cases = cohort.shards * size
    store = cohort.bytes_of([cohort.store(n) for n in shards], STORE)
    found = {"store": store}
    for name, cycle in (("full_pass", FIRST), (BOTH, BOTH), (ASSERTIONS, ASSERTIONS)):
        folders = [cohort.folder(cycle, n) for n in shards]
        found[name] = cohort.bytes_of(folders, (*BASE, *TOLD))
    found["frozen_inputs"] = cohort.frozen_bytes(BOTH)
    return {name: round(value / cases) for name, value in found.items()}


def with_fewer_changes(args: argparse.Namespace, work: Path) -> tuple[Path, list[str]]:
    """The table of classes with further columns, in each of which only some alleles moved on.

    Args:
        args: the arguments of the program.
        work: an existing folder.

    Returns:
        The table, and the names of the columns.
    """
    records = read_records(args.assertions, args.assert_from, args.assert_to)
    rng = random.Random(args.seed)  # noqa: S311
    counts = [count for count in args.changed if count < len(records)]
    path = work / "classes.tsv"
    with open_text(args.assertions) as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    moved = [n for n, row in enumerate(rows) if row[args.assert_from] != row[args.assert_to]]
    names = [f"{count}-changed" for count in counts]
    for name, count in zip(names, counts, strict=True):
        chosen = set(rng.sample(moved, count))
        for n, row in enumerate(rows):
            row[name] = row[args.assert_to if n in chosen else args.assert_from]
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path, names


def show(name: str, cost: Cost, scaled_to: int = 0) -> None:
    """Print one cycle."""
    told = {
        "cases": cost.cases,
        "wall": f"{cost.wall:.0f}",
        "processor": f"{cost.seconds:.0f}",
        "ms_a_case": f"{cost.each:.2f}",
        "memory_gb": f"{cost.together / 1e9:.1f}",
        "pairs": cost.touched,
    }
    if scaled_to:
        told |= {f"processor_of_{scaled_to}": f"{cost.each * scaled_to / 1000:.0f}"}
    print(f"cycle {name} " + " ".join(f"{k}={v}" for k, v in told.items()), flush=True)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    run(main)
