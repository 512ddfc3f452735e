"""Begun cycles: their frozen inputs, read back whole or a shard at a time.

Cases and fingerprints lie in one file for each shard: a job of a large cohort reads its own only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge.decisions import read_decisions
from ariane.model.canonical import shard_name, shard_of, to_json
from ariane.model.case import Case, Decision
from ariane.model.errors import ArianeError
from ariane.reanalyse.fingerprints import FINGERPRINTS, read_fingerprints
from ariane.reanalyse.seen import Past
from ariane.reanalyse.sums import check_sums

FULL: Final = "full"
DELTA: Final = "delta"

CASES: Final = "cases"
"""Folder of the frozen cases, one file of JSON lines for each shard."""


@dataclass(frozen=True)
class Cycle:
    """What a cycle is: as frozen in its ``cycle.json``."""

    cycle: str
    release: str
    as_of: str
    previous: str
    kind: str
    """``full`` or ``delta``."""
    reasons: tuple[str, ...]
    """Why it is a full pass; empty for a delta."""
    shards: int
    profile: str
    engine: Mapping[str, int]
    tables: str
    """Digest of the constants that the ranking rests on."""
    manifest: str
    """SHA-256 of the release's manifest."""
    excluded: Mapping[str, str]
    """Cases of the sheet that this cycle leaves alone, with the reason."""
    anew: tuple[str, ...]
    """Cases whose own data changed since the previous cycle: all their genes are evaluated."""
    compacted: bool = False
    """Whether a delta's tables are written whole: see :mod:`ariane.reanalyse.compaction`."""

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Cycle:
        """A cycle as ``dataclasses.asdict`` wrote it."""
        told = {"reasons": tuple(raw["reasons"]), "anew": tuple(raw["anew"])}
        return cls(**{**raw, **told})

    @property
    def base(self) -> bool:
        """Whether its tables hold the whole state, so that a chain begins with it."""
        return self.kind == FULL or self.compacted


@dataclass(frozen=True)
class Frozen:
    """A cycle with its frozen inputs.

    Cases and decisions are read when first asked for.
    """

    cycle: Cycle
    folder: Path

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """All cases that the cycle took up, by identifier.

        Raises:
            ArianeError: a file is damaged.
        """
        held = [case for shard in self.shards for case in self.cases_of(shard)]
        return tuple(sorted(held, key=lambda case: case.id))

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions that stood when it began.

        Raises:
            ArianeError: the file is damaged.
        """
        with _undamaged(self.folder):
            return tuple(read_decisions(self.folder / "decisions.tsv")[0])

    @property
    def shards(self) -> list[str]:
        """Names of the cohort's shards."""
        return [shard_name(n, self.cycle.shards) for n in range(self.cycle.shards)]

    def cases_of(self, shard: str) -> tuple[Case, ...]:
        """The cases of a shard, by identifier.

        Raises:
            ArianeError: the file is missing or damaged.
        """
        with _undamaged(self.folder):
            name = f"{CASES}/{shard}.jsonl"
            check_sums(self.folder, name)
            return tuple(read_cases(self.folder / name))

    def fingerprints_of(self, shard: str) -> dict[str, Any]:
        """The fingerprints of a shard's cases: see :mod:`ariane.reanalyse.fingerprints`.

        Raises:
            ArianeError: the file is missing or damaged.
        """
        with _undamaged(self.folder):
            check_sums(self.folder, f"{FINGERPRINTS}/{shard}.json")
            return read_fingerprints(self.folder, shard)


def inputs_folder(state: Path, cycle: str) -> Path:
    """Where a cycle's frozen inputs lie."""
    return state / "cycles" / cycle / "inputs"


def configuration_file(state: Path, cycle: str) -> Path:
    """The configuration that a cycle began with, as canonical JSON."""
    return inputs_folder(state, cycle) / "configuration.json"


def is_frozen(state: Path, cycle: str) -> bool:
    """Whether a cycle has begun."""
    return (inputs_folder(state, cycle) / "cycle.json").is_file()


def open_cycle(state: Path, cycle: str) -> Frozen:
    """Read a frozen cycle.

    Raises:
        ArianeError: the cycle was never begun, or its files are not what was frozen. Those of the
            shards are looked at when they are read.
    """
    folder = inputs_folder(state, cycle)
    try:
        check_sums(folder, "*")
    except FileNotFoundError:
        raise ArianeError(f"{folder}: cycle {cycle!r} was never begun. Check 'previous'.") from None
    raw = cycle_facts(state, cycle)
    with _undamaged(folder):
        return Frozen(Cycle.from_json(raw), folder)


@contextmanager
def _undamaged(folder: Path) -> Iterator[None]:
    """Turn what a reader of frozen inputs stumbles over into words."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError):
        raise ArianeError(f"{folder}: damaged. Restore it from a backup.") from None


def cycle_facts(state: Path, cycle: str) -> dict[str, Any]:
    """What a cycle's ``cycle.json`` says, without its cases.

    Raises:
        ArianeError: the cycle was never begun, or the file is damaged.
    """
    path = inputs_folder(state, cycle) / "cycle.json"
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return raw
    except FileNotFoundError:
        raise ArianeError(f"{path}: cycle {cycle!r} was never begun. Check 'previous'.") from None
    except ValueError:
        raise ArianeError(f"{path}: damaged. Restore it from a backup.") from None


def read_cases(path: Path) -> list[Case]:
    """Cases as frozen, one JSON object a line."""
    # Not splitlines(): a note may hold a character that Unicode calls a line separator.
    lines = path.read_text(encoding="utf-8").split("\n")
    return [Case.from_json(json.loads(line)) for line in lines if line]


def chain(state: Path, cycle: str) -> list[Cycle]:
    """The cycles that make up a state, from the last base to the one asked for.

    Raises:
        ArianeError: a cycle in between was never begun, or the chain bites its tail.
    """
    found: list[Cycle] = []
    name = cycle
    while True:
        if any(seen.cycle == name for seen in found):
            raise ArianeError(f"cycle {name!r} follows itself. Mend 'previous'.")
        current = open_cycle(state, name).cycle
        found.append(current)
        if current.base:
            return found[::-1]
        name = current.previous


def history(state: Path, cycle: str) -> list[Past]:
    """A cycle and all before it, the latest first, full passes in between included.

    Raises:
        ArianeError: a cycle in between was never begun, or the history bites its tail.
    """
    found: list[Past] = []
    while cycle:
        if any(past.cycle == cycle for past in found):
            raise ArianeError(f"cycle {cycle!r} follows itself. Mend 'previous'.")
        found.append(Past(cycle, tuple(link.cycle for link in chain(state, cycle))))
        cycle = open_cycle(state, cycle).cycle.previous
    return found


def write_by_shard(
    folder: Path, shards: int, cases: Iterable[Case], marks: Mapping[str, Any]
) -> None:
    """Write cases and their fingerprints into the frozen inputs, one file for each shard."""
    held: dict[int, list[Case]] = {n: [] for n in range(shards)}
    for case in sorted(cases, key=lambda case: case.id):
        held[shard_of(case.id, shards)].append(case)
    for number, own in held.items():
        name = shard_name(number, shards)
        lines = "".join(to_json(case.to_json()) + "\n" for case in own)
        files.write_text(folder / CASES / f"{name}.jsonl", lines)
        told = to_json({case.id: marks[case.id] for case in own}) + "\n"
        files.write_text(folder / FINGERPRINTS / f"{name}.json", told)


def receipt(frozen: Frozen) -> dict[str, Any]:
    """What a cycle's inputs are, with the checksum of each frozen file."""
    return {
        "cycle": asdict(frozen.cycle),
        "cases": len(frozen.cases),
        "sha256": check_sums(frozen.folder),
    }
