"""Some cases of a cycle recomputed in full, and held against what the cycle says of them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane.model.canonical import sha256_of_rows, shard_name, shard_of
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.rank.shard import Bench, rank_cases
from ariane.reanalyse.delta import Store, evaluated
from ariane.reanalyse.effective import ShardState, shard_state
from ariane.reanalyse.frozen import Frozen, chain, open_cycle

Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """A case of which a table of the cycle is not what a full computation gives."""

    case: str
    table: str


def verify(
    results: Path, state: Path, releases: Path, cycle: str, count: int, seed: int
) -> tuple[list[str], list[Difference]]:
    """Recompute some cases of a cycle with all their genes and compare to the byte.

    Args:
        results: the run's results.
        state: its frozen inputs.
        releases: the folder of releases.
        cycle: the cycle, finished.
        count: how many cases, drawn at random; all when it holds fewer.
        seed: of the draw.

    Returns:
        the cases looked at, sorted, and every difference.

    Raises:
        ArianeError: the cycle was never begun or is not finished.
    """
    frozen = open_cycle(state, cycle)
    cases = sorted(frozen.cases, key=lambda c: c.id)
    drawn = random.Random(seed).sample(cases, min(count, len(cases)))  # noqa: S311
    release = releases / frozen.cycle.release
    knowledge = results / "releases" / frozen.cycle.release / "knowledge"
    bench = Bench.open(release, knowledge, frozen.cycle.profile)
    by_shard: dict[str, list[Case]] = {}
    for case in sorted(drawn, key=lambda c: c.id):
        shards = frozen.cycle.shards
        by_shard.setdefault(shard_name(shard_of(case.id, shards), shards), []).append(case)
    found: list[Difference] = []
    for shard, own in sorted(by_shard.items()):
        found += _of_shard(results, state, frozen, shard, own, bench)
    return sorted(case.id for case in drawn), found


def _of_shard(
    results: Path, state: Path, frozen: Frozen, shard: str, cases: Sequence[Case], bench: Bench
) -> list[Difference]:
    folders = [
        results / "cycles" / link.cycle / "shards" / shard
        for link in chain(state, frozen.cycle.cycle)
    ]
    told = shard_state(folders)
    anew = recompute(results, shard, cases, bench)
    return [
        Difference(case.id, table)
        for case in cases
        for table, one, two in zip(
            ("findings", "ledger", "phenotype", "standing"),
            _tables(told, case.id),
            _tables(anew, case.id),
            strict=True,
        )
        if sha256_of_rows(one) != sha256_of_rows(two)
    ]


def recompute(results: Path, shard: str, cases: Sequence[Case], bench: Bench) -> ShardState:
    """The state of some cases of a shard by a full computation, written nowhere."""
    folder = results / "store" / shard
    store = Store(folder / "candidates.parquet", folder / "read_keys.parquet", results / "cases")
    local = evaluated(cases, store, bench)
    findings = [row for key in local for row in local[key][0]]
    ledger = [row for key in local for row in local[key][1]]
    phenotype, standing = rank_cases(cases, findings, bench)
    return ShardState(findings, ledger, phenotype, standing)


def _tables(state: ShardState, case: str) -> list[list[Mapping[str, Any]]]:
    tables = (state.findings, state.ledger, state.phenotype, state.standing)
    return [[row for row in table if row["case"] == case] for table in tables]


def require_equal(cases: Sequence[str], found: Sequence[Difference]) -> None:
    """Fail loudly on any difference.

    Raises:
        ArianeError: a table of a case differs.
    """
    if found:
        told = "; ".join(f"{one.case} in {one.table}" for one in found[:20])
        more = f" and {len(found) - 20} more" if len(found) > 20 else ""
        raise ArianeError(
            f"{len({one.case for one in found})} of {len(cases)} cases differ from a full "
            f"computation: {told}{more}. What the cycle says cannot be trusted: begin a new cycle "
            "with 'full: true', and report this with the cycle's folder."
        )
