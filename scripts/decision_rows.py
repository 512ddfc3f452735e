"""Print the findings of a case with their hashes, and rows to complete for people's files.

The rows go into the files that 'decisions' and 'follow_up' of the configuration name: fill in the
empty cells, and leave 'finding' and 'seen' as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ariane.cli import run
from ariane.files import query, read_yaml
from ariane.intake.config import settings_of
from ariane.knowledge.decisions import COLUMNS as DECISION
from ariane.model.canonical import shard_name, shard_of
from ariane.model.errors import ArianeError, InputFaults
from ariane.model.points import THOUSAND
from ariane.model.seen import seen_hash
from ariane.rank.standing import NONE
from ariane.reanalyse.frozen import history, open_cycle
from ariane.reanalyse.seen import case_state
from ariane.reanalyse.steps import COLUMNS as STEP
from ariane.reanalyse.steps import Step
from ariane.safe import tsv

Row = Mapping[str, Any]
SEEN = ("rank", "symbol", "hgvs", "class", "points", "finding", "seen", "cycle")


def main(argv: list[str]) -> None:
    """Read the case's tables, print the asked parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True, help="identifier of the case")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--cycle", help="another cycle than the configuration's")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    parser.add_argument("--top", type=int, default=10, help="ranked findings to print (10)")
    parser.add_argument(
        "--only", choices=("decisions", "follow_up"), help="print only the rows for that file"
    )
    args = parser.parse_args(argv)
    settings, faults = settings_of(read_yaml(args.config), str(args.config))
    if settings is None:
        raise InputFaults(faults)
    cycle = args.cycle or settings.cycle
    told = findings_to_tell(args.directory, cycle, args.case, args.top)
    if not told:
        raise ArianeError(f"case {args.case!r} has no ranked or flagged finding in cycle {cycle}.")
    parts: list[tuple[str, str]] = [
        ("findings", tsv(SEEN, ([row[name] for name in SEEN] for row in told))),
        ("decisions", _rows(DECISION, (_decision(args.case, row) for row in told))),
        ("follow_up", _rows(STEP, (_triage(args.case, row) for row in told))),
    ]
    if args.only:
        print(dict(parts)[args.only], end="")
    else:
        print("\n".join(f"[{title}]\n{text}" for title, text in parts), end="")


def findings_to_tell(home: Path, cycle: str, case: str, top: int) -> list[dict[str, Any]]:
    """The leading findings of a case and the flagged ones, also those that are gone now.

    Findings that do not fit the indication stand in neither list, and are not told.

    Raises:
        ArianeError: the cycle's tables are not there.
    """
    state, results = home / "state", home / "results"
    shards = open_cycle(state, cycle).cycle.shards
    folder = results / "cycles" / cycle / "shards" / shard_name(shard_of(case, shards), shards)
    quoted = case.replace("'", "''")
    where = f"FROM held WHERE \"case\" = '{quoted}'"
    standing = query(f"SELECT * {where} ORDER BY rank", held=folder / "standing.parquet")
    flags = query(f"SELECT finding {where} ORDER BY finding", held=folder / "flags.parquet")
    best: dict[str, Row] = {}
    for row in standing:
        if row["hypothesis"] != NONE:
            best.setdefault(row["finding"], row)
    wanted = list(best)[:top]
    wanted += [name for name in dict.fromkeys(f["finding"] for f in flags) if name not in wanted]
    past = history(state, cycle)
    told = []
    for name in filter(None, wanted):
        for one in past[:2]:  # a withdrawn finding stood in the cycle before
            held = case_state(results, one, shards, case) or {}
            if name in held:
                finding, rows = held[name]
                rank = best[name]["rank"] if name in best else ""
                said = {"rank": rank, "symbol": finding["symbol"], "hgvs": finding["hgvs"]}
                said |= {"class": finding["acmg_class"], "finding": name, "cycle": one.cycle}
                said |= {"points": finding["local_points"] / THOUSAND}
                said |= {"gene": finding["gene"], "variants": finding["variants"]}
                said |= {"disease": best[name]["disease"] if name in best else ""}
                told.append({**said, "seen": seen_hash(finding, rows)})
                break
    return told


def _decision(case: str, row: Row) -> dict[str, str]:
    named = {name: row[name] for name in ("gene", "variants", "disease", "finding", "seen")}
    return {"case_id": case, **named}


def _triage(case: str, row: Row) -> dict[str, str]:
    step = str(Step.TRIAGE)
    return {"case_id": case, "finding": row["finding"], "step": step, "seen": row["seen"]}


def _rows(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


if __name__ == "__main__":
    run(main)
