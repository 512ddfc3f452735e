"""Take published cases through a change of releases, and print who is flagged, rightly and in vain.

The cases lie in drawn persons and were analysed under the first release. In the next cycle the
product compares the releases, re-evaluates what changed and flags. Strata are never mixed: cases
whose paper wrote the annotation (*seen*), others (*unseen*), and the seen ones under a release from
which the lines of their papers are cut (*without_paper*). No frequency and no predictor is known.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ariane.cli import run
from ariane.files import read_table, write_text
from ariane.knowledge.tables import GENE_DISEASE
from ariane.rank.shard import Bench
from published_cases import HpoRelease
from rank_measures import line
from reanalysis_cases import (
    CARRIERS,
    CUT,
    QUIET,
    RAISED,
    RAISED_HOLDERS,
    RISK,
    RISK_HOLDERS,
    SEEN,
    UNSEEN,
    World,
)
from reanalysis_chains import chains
from reanalysis_measures import (
    PER,
    TOPS,
    Sweep,
    baseline,
    bootstrap,
    curve,
    found_in,
    quiet,
    stratum,
)
from reanalysis_strata import (
    Entry,
    Record,
    read_records,
    without_papers,
)
from reanalysis_world import Flagged, parser_of, shards

LOWEST: Final = 0.001
"""The posterior from which somebody is sent to a finding, where the whole curve is asked for."""

log = logging.getLogger(__name__)
Row = dict[str, Any]


@dataclass
class Passed:
    """What came of the cycle."""

    flags: dict[str, list[Flagged]] = field(default_factory=dict)
    """Under the policy that is delivered."""
    cut_flags: dict[str, list[Flagged]] = field(default_factory=dict)
    """Under the release without the papers."""
    all_flags: dict[str, list[Flagged]] = field(default_factory=dict)
    """With the lowest posterior from which somebody is sent to a finding."""
    all_cut_flags: dict[str, list[Flagged]] = field(default_factory=dict)
    counted: dict[str, bool] = field(default_factory=dict)
    """By solved case, whether the assertion of what was decided counted before."""
    pairs: int = 0
    equal: int = 0


def main(argv: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--limit", type=int, help="cases of each kind")
    parser.add_argument("--no-chains", action="store_true", help="only the two releases named")
    args = parser.parse_args(argv)
    args.json.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        measure(args, Path(name))


def measure(args: argparse.Namespace, work: Path) -> None:
    """All that the benchmark measures; each stratum is printed as one line.

    The JSON is written before the chains of releases too, for these take as long again.
    """
    clock = Clock()
    old, new = HpoRelease.read(args.hpo_from), HpoRelease.read(args.hpo_to)
    records = read_records(args.assertions, args.assert_from, args.assert_to)
    world = World(args, old, new, records, work)
    clock.lap("cases and their candidates")
    first = world.knowledge.bench(args.hpo_from, args.assert_from)
    second = world.knowledge.bench(args.hpo_to, args.assert_to)
    papers = {p for e in world.of(SEEN) for p in e.put.published.papers}
    cut = world.knowledge.bench(without_papers(args.hpo_to, papers, work), args.assert_to)
    clock.lap("releases prepared and compared")
    passed = cycle(world, first, second, cut, work)
    clock.lap("passes, events and flags")
    made = {
        "releases": {
            "hpo": [args.hpo_from.name, args.hpo_to.name],
            "assertions": [args.assert_from, args.assert_to],
        },
        **strata_of(args, world, passed, first, second, records),
    }
    pairs, equal = passed.pairs, passed.equal

    def write() -> None:
        held = made | {"exact": {"pairs": pairs, "equal": equal}, "seconds": clock.laps}
        write_text(args.json, json.dumps(held, indent=1, sort_keys=True) + "\n")

    write()
    if not args.no_chains:
        told = chains(args, world.chained(), world.knowledge, work)
        made["chains"] = told["quiet"]
        pairs, equal = pairs + told["pairs"], equal + told["equal"]
        clock.lap("chains of releases")
    print(f"exact pairs={pairs} equal={equal}", flush=True)
    write()


class Clock:
    """Wall-clock seconds of each part."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Close a part."""
        now = time.monotonic()
        self.laps[name] = round(now - self._since, 1)
        self._since = now
        log.info("%s: %.0f s", name, self.laps[name])


def cycle(world: World, first: Bench, second: Bench, cut: Bench, work: Path) -> Passed:
    """A full pass under the first release, then the next cycle of every case.

    The state of each delta is held against a full pass under the second release. The seen cases
    and the quiet ones of the same persons pass to the cut release too.
    """
    passed = Passed()
    knowledge = world.knowledge
    changes = knowledge.changes(first, second)
    cut_changes = knowledge.changes(first, cut)
    by_id = {entry.patient.case.id: entry for entry in world.entries}
    for shard in shards([entry.patient for entry in world.entries], work / "cycle"):
        before = shard.full(first)
        after = shard.delta(second, [before], changes)
        told = ([before], [before, after], changes, second.release.as_of)
        flags, every = shard.flags(*told, LOWEST)
        passed.flags |= flags
        passed.all_flags |= every
        passed.pairs += 1
        passed.equal += shard.digests([before, after]) == shard.digests([shard.full(second)])
        log.info("%d cases passed", len(passed.flags))
        risk = [p.case.id for p in shard.patients if p.decisions]
        counted = shard.asserted([before])
        passed.counted |= {
            name: not counted.get(name, frozenset()).isdisjoint(by_id[name].causal) for name in risk
        }
        if any(by_id[case.id].stratum in (SEEN, QUIET) for case in shard.cases):
            other = shard.delta(cut, [before], cut_changes)
            told = ([before], [before, other], cut_changes, cut.release.as_of)
            flags, every = shard.flags(*told, LOWEST)
            passed.cut_flags |= flags
            passed.all_cut_flags |= every
    return passed


def strata_of(
    args: argparse.Namespace,
    world: World,
    passed: Passed,
    first: Bench,
    second: Bench,
    records: Sequence[Record],
) -> dict[str, Any]:
    """What is measured of each stratum, and of quiet cases."""
    made: dict[str, Any] = {}
    for name, members, flags in (
        (SEEN, SEEN, passed.flags),
        (UNSEEN, UNSEEN, passed.flags),
        (CUT, SEEN, passed.cut_flags),
        (RAISED, RAISED, passed.flags),
        (RAISED_HOLDERS, RAISED_HOLDERS, passed.flags),
    ):
        entries = world.of(members)
        found = [found_in(entry, flags) for entry in entries]
        made[name] = stratum(entries, [f.rank for f in found], args.seed)
        _show(name, made[name])
    for name in (RISK, RISK_HOLDERS):
        made[name] = at_risk(world.of(name), passed)
        told = {k: v for k, v in made[name].items() if k not in ("n", "missed")}
        print(line(name, made[name]["n"], told), flush=True)
    raised = frozenset(record.key for record in records if record.raised)
    for name, members, flags in (
        (QUIET, QUIET, passed.flags),
        (f"{QUIET}_{CUT}", QUIET, passed.cut_flags),
        (CARRIERS, CARRIERS, passed.flags),
    ):
        made[name] = quiet(world.of(members), flags, raised, args.seed)
        _show_quiet(name, made[name])
    made |= sweeps(world, passed)
    made["baseline"] = _baseline(world, first, second, args.seed)
    return made


def sweeps(world: World, passed: Passed) -> dict[str, Any]:
    """Recall against burden, with recall at one flag per 200 cases."""
    still = world.of(QUIET)
    curves: dict[str, Any] = {}
    at_one: dict[str, Any] = {}
    for flags, parts in (
        (passed.all_flags, {SEEN: SEEN, UNSEEN: UNSEEN, RAISED: RAISED}),
        (passed.all_cut_flags, {CUT: SEEN}),
    ):
        held = {n: [found_in(e, flags) for e in world.of(m)] for n, m in parts.items()}
        held = {name: found for name, found in held.items() if found}
        for by in ("posterior", "moved"):
            sweep = Sweep(still, flags, by)
            curves[f"{' '.join(held)} by {by}"] = curve(held, sweep)
            allowed = sweep.allowed(1.0)
            for name, found in held.items():
                told = {"recall": sweep.recall(found, allowed), "above": sweep.above(allowed)}
                at_one.setdefault(name, {})[by] = told
                print(line(f"{name}_at_one_per_200_by_{by}", len(found), told), flush=True)
    return {"curves": curves, "at_one_flag_per_200": at_one}


def at_risk(entries: Sequence[Entry], passed: Passed) -> dict[str, Any]:
    """Solved cases whose record is (likely) pathogenic no more: who is told, and who is not."""
    missed: dict[str, str] = {}
    counted = told = 0
    for entry in entries:
        name = entry.patient.case.id
        at = any(flag.reason == "diagnosis at risk" for flag in passed.flags[name])
        counted += passed.counted[name]
        told += at
        if not at:
            missed[name] = "flagged otherwise" if passed.flags[name] else "no flag"
            missed[name] += "" if passed.counted[name] else "; the assertion did not count before"
    hit = sum(
        passed.counted[e.patient.case.id] and e.patient.case.id not in missed for e in entries
    )
    return {
        "n": len(entries),
        "flagged": told / len(entries) if entries else 0.0,
        "counted": counted,
        "counted_flagged": hit / counted if counted else 0.0,
        "missed": missed,
    }


def _baseline(world: World, first: Bench, second: Bench, seed: int) -> dict[str, Any]:
    """ "Flag every rare variant in a gene new in the release", on the same cases."""
    held = [
        {row["gene"] for row in read_table(bench.folder / "gene_disease.parquet", GENE_DISEASE)}
        for bench in (first, second)
    ]
    new_genes = frozenset(held[1] - held[0])
    made: dict[str, Any] = {"new_genes": len(new_genes)}
    for name in (SEEN, UNSEEN):
        entries = world.of(name)
        made[name] = stratum(entries, baseline(entries, new_genes)[0], seed)
        _show(f"baseline_{name}", made[name])
    counts = baseline(world.of(QUIET), new_genes)[1]
    people = [entry.put.person for entry in world.of(QUIET)]

    def burden(values: Any) -> Mapping[str, float]:
        return {"flags_per_200": PER * float(values.mean())}

    made[QUIET] = {"n": len(counts), **burden(counts)}
    made[QUIET]["interval_by_person"] = bootstrap(counts, people, seed, burden)["flags_per_200"]
    print(line(f"baseline_{QUIET}", len(counts), burden(counts)), flush=True)
    return made


def _show(name: str, found: Mapping[str, Any]) -> None:
    told = {k: found[k] for k in ("genes", "flagged", *(f"top{t}" for t in TOPS)) if k in found}
    print(line(name, found["n"], told), flush=True)


def _show_quiet(name: str, found: Mapping[str, Any]) -> None:
    keys = ("flags_per_200", "records_raised", "raised_carried", "flags_per_raised_record")
    told = {key: found[key] for key in keys}
    print(line(name, found["n"], told, flags_per_carried=found["flags_per_carried"]), flush=True)


if __name__ == "__main__":
    run(main)
