"""A damaged table stops a cycle, by name and with what to do; it never gives another result."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from reanalyse_genome import KEYS
from reanalyse_lab import BASE, GOOD, SHARD, Laboratory
from reanalyse_people import Patient, family
from reanalyse_world import TERMS, Said

from ariane.model.errors import ArianeError

NEXT = replace(BASE, assertions={KEYS[3]: (Said("VUS", 1),)})
COHORT = [
    Patient(family("F1", observed=TERMS[3:5]), {3: {"child": GOOD}, 0: {"child": GOOD}}),
    Patient(family("F2"), {3: {"child": GOOD}, 8: {"child": GOOD}}),
    Patient(family("F3"), {8: {"child": GOOD}}),  # untouched: carried forward
]
BEFORE, NOW, STORE = f"cycles/c0/shards/{SHARD}", f"cycles/c1/shards/{SHARD}", f"store/{SHARD}"
READ_BY = {
    f"{BEFORE}/findings": f"rank {SHARD}",
    f"{BEFORE}/ledger": f"rank {SHARD}",
    f"{BEFORE}/touched": f"rank {SHARD}",
    f"{STORE}/candidates": f"rank {SHARD}",
    f"{STORE}/read_keys": f"rank {SHARD}",
    "cycles/c1/changes": f"rank {SHARD}",
    f"{BEFORE}/phenotype": f"rank {SHARD}",
    f"{BEFORE}/flags": f"events {SHARD}",
    f"{BEFORE}/standing": f"events {SHARD}",
    f"{BEFORE}/since": f"events {SHARD}",
    "cycles/c0/flags": f"events {SHARD}",
    f"{NOW}/findings": f"events {SHARD}",
    f"{NOW}/standing": f"events {SHARD}",
    f"{NOW}/flags": "queue",
}
"""The step of the second cycle that reads a table."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """A first cycle and a second over it."""
    lab = Laboratory(tmp_path_factory.mktemp("damage"))
    lab.cycle(BASE, COHORT)
    lab.cycle(NEXT, COHORT)
    return lab


def tables(lab: Laboratory) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in lab.results.rglob("*.parquet")}


def flipped(content: bytes) -> bytes:
    place = len(content) // 3
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


@pytest.mark.parametrize("damage", ["flipped", "cut"])
@pytest.mark.parametrize("table", sorted(READ_BY))
def test_a_damaged_table_stops_the_cycle(table: str, damage: str, done: Laboratory) -> None:
    path = done.results / f"{table}.parquet"
    content = path.read_bytes()
    path.write_bytes(flipped(content) if damage == "flipped" else content[: len(content) // 2])
    before = tables(done)
    try:
        with pytest.raises(ArianeError) as told:
            dict(done.steps("c1"))[READ_BY[table]]()
        assert tables(done) == before, "nothing is written on what cannot be trusted"
    finally:
        path.write_bytes(content)
    assert str(told.value).startswith(f"{path}: damaged Parquet file")
    assert "Delete it and run again" in str(told.value)


def test_what_is_deleted_is_made_again_from_frozen_inputs(done: Laboratory) -> None:
    """The message says to delete the file and run again: that gives what had stood there."""
    kept = tables(done)
    shutil.rmtree(done.home("c0"))
    done.run("c0")
    assert tables(done) == kept
