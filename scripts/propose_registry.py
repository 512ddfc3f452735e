"""Propose what a registry could receive after a cycle: reads results, writes one patch.

Either name a cycle (--inputs and --cycles), or give each file (--cases, --flags, ...).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ariane.cli import run
from ariane.files import read_table
from ariane.knowledge.decisions import read_decisions
from ariane.model import engine, tables
from ariane.model.case import Case, Decision
from ariane.model.errors import ArianeError, InputFaults
from ariane.registry.cycle_inputs import CycleInputs, read_cycle
from ariane.registry.impasse import TABLE, load_impasses
from ariane.registry.mapping import read_mapping
from ariane.registry.patch import write_patch
from ariane.registry.propose import MIN_POSTERIOR, Rules, propose


def main(argv: list[str]) -> None:
    """Parse the arguments, propose, write the patch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=Path, help="state/cycles/{cycle}/inputs")
    parser.add_argument("--cycles", type=Path, help="results/cycles")
    parser.add_argument("--cases", type=Path, help="frozen cases, one JSON a line")
    parser.add_argument("--flags", type=Path, nargs="*", default=[], help="flags.parquet files")
    parser.add_argument("--standing", type=Path, nargs="*", default=[], help="standing.parquet")
    parser.add_argument("--findings", type=Path, nargs="*", default=[], help="findings in force")
    parser.add_argument("--decisions", type=Path, help="TSV of decisions")
    parser.add_argument("--cycle", help="with --cases")
    parser.add_argument("--release", help="with --cases")
    parser.add_argument(
        "--mapping", type=Path, required=True, help="YAML of the registry's columns"
    )
    parser.add_argument("--min-posterior", type=float, default=MIN_POSTERIOR)
    parser.add_argument("--as-of", default="", help="with --cases: date of the release")
    parser.add_argument("--impasses", type=Path, default=TABLE, help="what each filière asks for")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    if args.inputs and args.cycles and not args.cases:
        given = read_cycle(args.inputs, args.cycles)
    elif args.cases and args.cycle and args.release and not args.inputs:
        given = _from_files(args)
    else:
        parser.error("give either --inputs and --cycles, or --cases, --cycle and --release")
    patch = propose(
        given.cases,
        given.flags,
        given.standing,
        given.findings,
        given.decisions,
        excluded=given.excluded,
        mapping=read_mapping(args.mapping),
        cycle=given.cycle,
        release=given.release,
        engine=given.engine,
        rules=Rules(args.min_posterior, load_impasses(args.impasses), given.as_of),
    )
    write_patch(args.out, patch)
    print(
        f"{len(patch.proposals)} cases proposed, {len(patch.refused)} refused: {args.out}",
        file=sys.stderr,
    )


def _from_files(args: argparse.Namespace) -> CycleInputs:
    decisions: list[Decision] = []
    if args.decisions:
        decisions, faults = read_decisions(args.decisions)
        if faults:
            raise InputFaults(faults)
    return CycleInputs(
        args.cycle,
        args.release,
        engine.numbers(),
        tuple(_cases(args.cases)),
        tuple(decisions),
        {},
        _rows(args.flags, tables.FLAGS),
        _rows(args.standing, tables.STANDING),
        _rows(args.findings, tables.FINDINGS),
        args.as_of,
    )


def _cases(path: Path) -> list[Case]:
    cases: list[Case] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Freeze the cycle first.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(Case.from_json(json.loads(line)))
        except (KeyError, TypeError, ValueError):
            raise ArianeError(
                f"{path}:{number}: not a frozen case. Freeze the cycle again."
            ) from None
    return cases


def _rows(paths: list[Path], table: tables.Table) -> list[dict[str, Any]]:
    return [row for path in paths for row in read_table(path, table)]


if __name__ == "__main__":
    run(main)
