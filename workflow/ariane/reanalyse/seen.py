"""Rows that people wrote are held against the states that they could have looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.model.canonical import shard_name, shard_of, to_json
from ariane.model.errors import Fault
from ariane.model.points import THOUSAND
from ariane.model.seen import Level, level_of, seen_hash
from ariane.seals import verified

Row = dict[str, Any]
FindingKey = tuple[str, str]
"""Case and finding."""

SEEN_FILE: Final = "seen.json"
_PARTS: Final = ("findings", "ledger", "touched")


@dataclass(frozen=True, order=True)
class Claim:
    """A row that says which state of a finding its author looked at."""

    where: str
    """File and line."""
    case: str
    finding: str
    seen: str


@dataclass(frozen=True, order=True)
class Sighting:
    """A claim that was found true: the state and the level of the finding in it."""

    case: str
    finding: str
    seen: str
    cycle: str
    points: int
    kinds: tuple[str, ...]

    @property
    def level(self) -> Level:
        """The finding's level as it was seen."""
        return Level(self.points, frozenset(self.kinds))


@dataclass(frozen=True)
class Past:
    """An earlier cycle and the cycles that make up its state, oldest first."""

    cycle: str
    chain: tuple[str, ...]


def case_state(
    results: Path, past: Past, shards: int, case: str
) -> Mapping[str, tuple[Row, list[Row]]] | None:
    """Findings of one case in one cycle's state, each with its ledger rows.

    Args:
        results: the folder of results.
        past: the cycle.
        shards: number of shards of the cohort.
        case: the case.

    Returns:
        By finding; None where a table is not at hand.

    Raises:
        ArianeError: a table is damaged.
    """
    shard = shard_name(shard_of(case, shards), shards)
    folders = [results / "cycles" / name / "shards" / shard for name in past.chain]
    if not all((folder / f"{part}.parquet").is_file() for folder in folders for part in _PARTS):
        return None
    quoted = case.replace("'", "''")
    asked = f"SELECT * FROM held WHERE \"case\" = '{quoted}'"  # noqa: S608 (quoted)
    decided: set[str] = set()
    found: dict[str, tuple[Row, list[Row]]] = {}
    for folder in reversed(folders):
        parts = {part: verified(folder / f"{part}.parquet") for part in _PARTS}
        rows = {part: files.query(asked, held=path) for part, path in parts.items()}
        now = [row for row in rows["findings"] if row["gene"] not in decided]
        found |= {row["finding"]: (row, []) for row in now}
        for row in rows["ledger"]:
            if row["gene"] not in decided:
                found[row["finding"]][1].append(row)
        decided |= {row["gene"] for row in rows["touched"]}
    return found


def check_claims(
    claims: Iterable[Claim],
    known: Iterable[Sighting],
    past: Sequence[Past],
    results: Path,
    shards: int,
) -> tuple[tuple[Sighting, ...], list[Fault]]:
    """Hold what people say they saw against what there was to see.

    Args:
        claims: rows with a hash.
        known: what earlier cycles found true: tables of old cycles need not be kept for it.
        past: earlier cycles, the latest first.
        results: the folder of results.
        shards: number of shards of the cohort.

    Returns:
        What is true, sorted; and a fault for each row that matches no state.
    """
    held = {(s.case, s.finding, s.seen): s for s in known}
    states: dict[tuple[str, str], Mapping[str, tuple[Row, list[Row]]] | None] = {}
    true: set[Sighting] = set()
    faults = []
    for claim in sorted(set(claims)):
        key = (claim.case, claim.finding, claim.seen)
        for cycle in past:
            if key in held:
                break
            if (cycle.cycle, claim.case) not in states:
                states[cycle.cycle, claim.case] = case_state(results, cycle, shards, claim.case)
            state = states[cycle.cycle, claim.case]
            if state and claim.finding in state:
                finding, rows = state[claim.finding]
                if seen_hash(finding, rows) == claim.seen:
                    level = level_of(finding, rows)
                    kinds = tuple(sorted(level.kinds))
                    held[key] = Sighting(*key, cycle.cycle, level.points, kinds)
        if key in held:
            true.add(held[key])
        else:
            looked = {one.cycle: states[one.cycle, claim.case] for one in past}
            faults.append(_mismatch(claim, looked))
    return tuple(sorted(true)), faults


def _mismatch(
    claim: Claim, looked: Mapping[str, Mapping[str, tuple[Row, list[Row]]] | None]
) -> Fault:
    """What was seen, and what stands now."""
    seen = f"seen {claim.seen} of {claim.finding}"
    missing = [cycle for cycle, state in looked.items() if state is None]
    if not looked:
        what = f"{seen} cannot be: no cycle came before this one"
        return Fault(claim.where, claim.case, what, "Leave 'seen' empty, or check 'previous'")
    if len(missing) == len(looked):
        what = f"{seen} cannot be checked: the tables of cycle {missing[0]} are not under results/"
        return Fault(claim.where, claim.case, what, "Run the workflow for that cycle first")
    cycle, state = next((c, s) for c, s in looked.items() if s is not None)
    what = f"{seen} matches no state of it; in cycle {cycle} "
    if claim.finding in state:
        finding, rows = state[claim.finding]
        points = f"{finding['local_points'] / THOUSAND:.1f} points"
        now = seen_hash(finding, rows)
        what += f"it stands as {now} ({finding['acmg_class']}, {points})"
    else:
        what += "the case has no such finding"
    if missing:
        what += f"; not looked at, for want of their tables: {', '.join(missing)}"
    advice = "Look at the finding again and write the row anew (scripts/decision_rows.py)"
    return Fault(claim.where, claim.case, what, advice)


def write_sightings(path: Path, sightings: Iterable[Sighting]) -> None:
    """Keep what was found true with the inputs of a cycle: it replays without older tables."""
    files.write_text(path, to_json([asdict(one) for one in sorted(sightings)]) + "\n")


def read_sightings(inputs: Path) -> tuple[Sighting, ...]:
    """What a cycle found true when it began; nothing where it kept none."""
    path = inputs / SEEN_FILE
    if not path.is_file():
        return ()
    rows = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Sighting(**{**row, "kinds": tuple(row["kinds"])}) for row in rows)
