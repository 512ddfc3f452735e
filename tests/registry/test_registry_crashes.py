"""A write is struck at each of its system calls, in every kind of registry."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ariane.model.errors import ArianeError
from ariane.registry.apply import WriteBack
from ariane.registry.patch import Patch, Proposal
from ariane.registry.state import StateFolder, read_verified
from ariane.registry.writing import Writer

ROOT = Path(__file__).resolve().parents[2]
import system_calls  # noqa: E402
from registry_histories import HEADER, WORLDS, mapping_of  # noqa: E402
from registry_worlds import Rows, SqlWorld, World, table_of  # noqa: E402

UNABLE = system_calls.unable()
pytestmark = pytest.mark.skipif(bool(UNABLE), reason=UNABLE)

START = table_of(HEADER, {"P1": {"note": "=1+1"}, "P2": {"ariane_gene": "x"}}, "id")
ONE = {"P1": {"gene": "GBA1", "flag": "élément nouveau"}}
TWO = {"P1": {"gene": "NPC1"}}
DONE = table_of(
    HEADER,
    {
        "P1": {"note": "=1+1", "ariane_gene": "GBA1", "ariane_flag": "élément nouveau"},
        "P2": {"ariane_gene": "x"},
    },
    "id",
)
KINDS = [*WORLDS, "postgresql"]


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder in memory where there is one: what is shown here needs no disk."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of our own is made there)
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, scratch: Path) -> Iterator[World]:
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")
        yield SqlWorld(address, HEADER, mapping_of(table="registre"))
    else:
        yield WORLDS[request.param](scratch)


@pytest.fixture
def fresh(world: World, scratch: Path) -> Callable[[], StateFolder]:
    """Begins anew: the registry as at the start and an empty state."""
    count = iter(range(10_000))

    def begin() -> StateFolder:
        world.save({})
        world.save(START)
        return StateFolder(scratch / f"state{next(count)}")

    return begin


def work(
    world: World, state: StateFolder, values: dict[str, dict[str, str]], cycle: str = "c1"
) -> WriteBack:
    mapping = world.mapping  # type: ignore[attr-defined]
    proposals = tuple(Proposal(c, v) for c, v in sorted(values.items()))
    patch = Patch(cycle, "R1", {"ranking": 1}, mapping.identity, 0.1, proposals)
    return WriteBack(world.place, mapping, patch, state, "2024-03-06", "RCP-1")


def run(
    world: World, state: StateFolder, values: dict[str, dict[str, str]], cycle: str = "c1"
) -> dict[str, Any]:
    return work(world, state, values, cycle).run()


def calls_of_a_write(world: World, fresh: Callable[[], StateFolder]) -> list[str]:
    run(world, fresh(), ONE)  # what is loaded at the first run only is loaded now
    state = fresh()
    ended = system_calls.run(lambda: run(world, state, ONE))
    assert world.rows() == DONE
    assert len(ended.calls) > 30
    return ended.calls


def next_cycle(world: World, state: StateFolder) -> None:
    """The base is right: the next cycle replaces Ariane's own values without a conflict."""
    receipt = run(world, state, TWO, "c2")
    assert receipt["conflicts"] == []
    assert world.rows()["P1"]["ariane_gene"] == "NPC1"


@pytest.mark.parametrize("strike", [system_calls.kill, system_calls.torn])
def test_killed_at_every_call_the_next_run_puts_it_right(
    world: World,
    fresh: Callable[[], StateFolder],
    scratch: Path,
    strike: system_calls.Interference,
) -> None:
    calls = calls_of_a_write(world, fresh)
    seen = set()
    for at, call in enumerate(calls):
        if strike is system_calls.torn and call not in ("write", "pwrite64"):
            continue
        state, name = fresh(), f"{call} ({at} of {len(calls)})"
        ended = system_calls.run(lambda state=state: run(world, state, ONE), at, strike)
        assert ended.killed, name
        after = world.rows()
        assert after in (START, DONE), name
        seen.add(after == DONE)
        receipt = run(world, state, ONE)
        assert world.rows() == DONE, name
        assert receipt["conflicts"] == [], name
        assert len(receipt["written"]) + len(receipt["written_earlier"]) == 1, name
        assert not list(scratch.glob(".*ariane*")), name
        assert not state.next_base.exists(), name
        next_cycle(world, state)
    assert seen == {False, True} or strike is system_calls.torn


def test_a_disk_that_is_full_at_any_call_says_so_and_loses_nothing(
    world: World, fresh: Callable[[], StateFolder], scratch: Path
) -> None:
    calls = calls_of_a_write(world, fresh)
    for at, call in enumerate(calls):
        if call not in system_calls.FILLING:
            continue
        state, name = fresh(), f"{call} ({at} of {len(calls)})"
        ended = system_calls.run(
            lambda state=state: run(world, state, ONE), at, system_calls.disk_full
        )
        after = world.rows()
        assert after in (START, DONE), name
        # What a program may meet without need of the disk, it may go on from.
        if after == START:
            assert "as it was" in ended.refused or "database answered" in ended.refused, name
            if state.keys.exists() and read_verified(state)[1].pending is None:
                # Nothing is left half done: even a look changes nothing and finds nothing odd.
                assert len(work(world, state, ONE).check()["written"]) == 1, name
        receipt = run(world, state, ONE)
        assert world.rows() == DONE, name
        assert receipt["conflicts"] == [], name
        assert not list(scratch.glob(".*ariane*")), name
        next_cycle(world, state)


def test_a_save_at_any_call_is_never_lost(world: World, fresh: Callable[[], StateFolder]) -> None:
    calls = calls_of_a_write(world, fresh)
    theirs: Rows = {**START, "P1": {**START["P1"], "ariane_gene": "GBA2", "note": "relu"}}
    outcomes = set()
    for at, call in enumerate(calls):
        state, name = fresh(), f"{call} ({at} of {len(calls)})"
        saved: list[bool] = []

        def save(saved: list[bool] = saved) -> None:
            saved.append(world.save(theirs))

        spare = ("rename", "renameat", "renameat2")
        ended = system_calls.run(
            lambda state=state: run(world, state, ONE), at, system_calls.meanwhile(save, spare)
        )
        after = world.rows()
        if not any(saved):
            assert after == DONE, name
            continue
        outcomes.add(bool(ended.refused))
        assert after["P1"]["note"] == "relu", name
        assert after["P1"]["ariane_gene"] == "GBA2", name
        if ended.refused:
            assert "while Ariane was at work" in ended.refused, name
            assert after == theirs, name
        conflicts = {c["column"] for c in run(world, state, ONE)["conflicts"]}
        assert "ariane_gene" in conflicts, name
        assert world.rows()["P1"]["ariane_gene"] == "GBA2", name
    assert outcomes == {True, False}


@pytest.mark.parametrize("world", ["csv", "xlsx"], indirect=True)
def test_after_a_crash_people_may_put_the_old_file_back_and_are_asked(
    fresh: Callable[[], StateFolder], world: World
) -> None:
    path = world.path  # type: ignore[attr-defined]
    calls = calls_of_a_write(world, fresh)
    state = fresh()
    old = path.read_bytes()
    # The last rename but one puts the registry, the last one the base.
    behind = [at for at, call in enumerate(calls) if call == "rename"][-2] + 1
    assert system_calls.run(lambda: run(world, state, ONE), behind).killed
    assert world.rows() == DONE
    path.write_bytes(old)
    with pytest.raises(ArianeError, match=r"put the old one back.*settle"):
        run(world, state, ONE)
    assert path.read_bytes() == old
    with state.locked():
        writer = Writer(world.place, state, *read_verified(state))
        assert writer.recover("commit") == "committed"
    # What people put back is their word.
    receipt = run(world, state, ONE)
    assert {c["column"] for c in receipt["conflicts"]} == {"ariane_gene", "ariane_flag"}
    assert path.read_bytes() == old


@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
def test_a_marked_row_in_a_database_speaks_even_when_people_undid_everything(
    fresh: Callable[[], StateFolder], world: World
) -> None:
    calls = calls_of_a_write(world, fresh)
    state = fresh()
    # The journal's last line but one is the intent, the last the commit: kill before that one.
    last = max(at for at, call in enumerate(calls) if call == "write")
    assert system_calls.run(lambda: run(world, state, ONE), last).killed
    assert world.rows() == DONE
    world.save(START)
    receipt = run(world, state, ONE)
    assert receipt["recovered"] == "committed"
    assert {c["column"] for c in receipt["conflicts"]} == {"ariane_gene", "ariane_flag"}
    assert world.rows() == START
