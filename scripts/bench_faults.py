"""The demo under faults: killed programs and runs, damaged files, disks that fill, clocks, orphans.

Each trial works in a copy of the demo and is held against an undisturbed run, byte by byte. Fails
when something was lost, halved or different, or when a message tells nothing.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import fault_damage
import fault_kills
import fault_runs
from ariane.cli import run
from ariane.files import write_text
from ariane.model.canonical import to_json
from demo_folder import FIRST, NEXT
from fault_world import World

log = logging.getLogger(__name__)


def main(argv: list[str]) -> int:
    """Run the trials and write what they found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="of single programs")
    parser.add_argument("--runs", type=int, default=3, help="whole runs killed, of each kind")
    parser.add_argument("--damage", type=int, default=1, help="jobs for each kind of damaged file")
    parser.add_argument("--machine", action=argparse.BooleanOptionalAction, default=True,
                        help="faults of disks, clocks and networks")  # fmt: skip
    parser.add_argument("--cases", type=int, default=0, help="of the demo's, unless all")
    parser.add_argument("--cycles", type=int, choices=(1, 2), default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="folder for the copies")
    parser.add_argument("--json", type=Path, required=True, help="where to write what was found")
    args = parser.parse_args(argv)
    home = Path(tempfile.mkdtemp(prefix="faults-", dir=args.work))
    try:
        made = trials(args, World(home, (FIRST, NEXT)[: args.cycles], args.cases))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    write_text(args.json, to_json(made) + "\n")
    return 0 if made["good"] else 1


def trials(args: argparse.Namespace, world: World) -> dict[str, Any]:
    """Everything that was asked for, as plain values."""
    world.make()
    log.info("demo: %d jobs of %d rules", len(world.jobs), len({job.rule for job in world.jobs}))
    made: dict[str, Any] = {"kills": [], "damage": [], "runs": []}
    good = True
    for trial in fault_kills.kills(world, args.kills, args.seed):
        made["kills"].append(asdict(trial))
        good &= trial.good
        if not trial.good:
            log.error("kill of %s at %.2f: %s", trial.rule, trial.at, trial)
    alive = Counter(one["rule"] for one in made["kills"] if one["alive"])
    print(f"kills n={len(made['kills'])} at_work={alive.total()} "
          f"bad={sum(bool(k['foreign'] or k['wrong'] or k['status']) for k in made['kills'])}",
          flush=True)  # fmt: skip
    for damage in fault_damage.damages(world, args.seed, args.damage) if args.damage else ():
        made["damage"].append(asdict(damage) | {"kind": damage.kind, "good": damage.good})
        good &= damage.good
        if not damage.good:
            log.error("%s of %s for %s: %s", damage.how, damage.file, damage.rule, damage)
    refused = sum(one["refused"] for one in made["damage"])
    print(f"damage n={len(made['damage'])} refused={refused} "
          f"bad={sum(not one['good'] for one in made['damage'])}", flush=True)  # fmt: skip
    for outcome in (fault() for fault in _whole(args, world)):
        made["runs"].append(asdict(outcome))
        good &= outcome.good
        level = log.info if outcome.good else log.error
        level("%s: %s %s", outcome.fault, outcome.found, "" if outcome.good else outcome.said)
    struck = sum(one["kills"] for one in made["runs"])
    print(f"runs n={len(made['runs'])} kills={struck} "
          f"bad={sum(not one['good'] for one in made['runs'])}", flush=True)  # fmt: skip
    return made | {"good": good, "seed": args.seed, "trials": len(made["kills"]) + struck}


def _whole(args: argparse.Namespace, world: World) -> list[Callable[[], fault_runs.Outcome]]:
    rng = random.Random(args.seed)  # noqa: S311
    found: list[Callable[[], fault_runs.Outcome]] = []
    for number in range(args.runs):
        for alone in (False, True):
            name = f"{'Snakemake' if alone else 'all'} killed, run {number}"
            found.append(
                lambda name=name, alone=alone: fault_runs.killed(world, rng, name, alone=alone)
            )
    if args.machine:
        found += [
            lambda: fault_runs.two_at_once(world),
            lambda: fault_runs.full_disk(world, 0.3),
            lambda: fault_runs.full_disk(world, 0.8),
            lambda: fault_runs.read_only(world),
            lambda: fault_runs.orphan(world),
            lambda: fault_runs.clock_back(world),
            lambda: fault_runs.old_input(world),
            lambda: fault_runs.late(world),
        ]
    return found


if __name__ == "__main__":
    run(main)
