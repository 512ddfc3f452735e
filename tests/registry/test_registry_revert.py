"""Reversals of a write or a case: people win, and what was reverted comes back only when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ariane.model.errors import ArianeError
from ariane.registry.apply import WriteBack
from ariane.registry.apply import summary as apply_summary
from ariane.registry.journal import opened
from ariane.registry.mapping import RegistryMapping
from ariane.registry.patch import Patch
from ariane.registry.place import FilePlace
from ariane.registry.revert import Revert, summary
from ariane.registry.state import StateFolder, forget_case, read_verified

Make = Callable[..., WriteBack]
Patches = Callable[..., Patch]

HEADER = (
    "id;statut;ariane_statut_propose;ariane_gene;ariane_probabilite;ariane_echeance;ariane_cycle"
)
START = f"{HEADER}\r\nP1;en cours;;;;;\r\nP2;en cours;;;;;\r\n".encode()


def values(gene: str, cycle: str) -> dict[str, str]:
    return {
        "proposal_status": "candidat à examiner", "gene": gene, "posterior": "87,5",
        "due": "2024-06-30", "cycle": cycle,
    }  # fmt: skip


BOTH = {"P1": values("GBA1", "c1"), "P2": values("NPC1", "c1")}
LATER = {"P1": values("ATM", "c2"), "P2": values("NPC1", "c1")}


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "registre.csv"
    path.write_bytes(START)
    return path


@pytest.fixture
def revert(registry: Path, mapping: RegistryMapping, tmp_path: Path) -> Callable[..., Revert]:
    def make(**what: object) -> Revert:
        place, state = FilePlace(registry, mapping), StateFolder(tmp_path / "state")
        return Revert(place, mapping, state, "2024-04-01", "RCP-2", **what)  # type: ignore[arg-type]

    return make


def test_a_write_is_put_back_to_the_byte_and_does_not_come_back(
    work: Make, patch_of: Patches, registry: Path, revert: Callable[..., Revert]
) -> None:
    work(patch_of(BOTH), registry).run()
    done = registry.read_bytes()
    told = revert(record=1).run()
    assert registry.read_bytes() == START
    assert [w["case"] for w in told["reverted"]] == ["P1", "P2"]
    assert summary(told) == "2 rows put back in registre.csv"
    assert told["backup"] == "2024-04-01-001.csv"
    # Not again by the same patch, but freely by another cycle's.
    again = work(patch_of(BOTH), registry).run()
    assert (again["reverted"], again["written"]) == (1, [])
    assert "this patch was reverted" in apply_summary(again)
    assert registry.read_bytes() == START
    receipt = work(patch_of(LATER, "c2"), registry).run()
    assert (len(receipt["written"]), receipt["conflicts"]) == (2, [])
    # The reversal of the reversal leaves what the next cycle wrote.
    assert len(revert(record=3).run()["conflicts"]) == 1
    assert b"ATM" in registry.read_bytes()
    assert done != registry.read_bytes()


def test_a_reversal_is_itself_reverted(
    work: Make, patch_of: Patches, registry: Path, revert: Callable[..., Revert], tmp_path: Path
) -> None:
    work(patch_of(BOTH), registry).run()
    done = registry.read_bytes()
    revert(record=1).run()
    revert(record=3).run()
    assert registry.read_bytes() == done
    again = work(patch_of(BOTH), registry).run()
    assert "reverted" not in again
    assert (again["written"], again["conflicts"]) == ([], [])
    assert work(patch_of(LATER, "c2"), registry).run()["conflicts"] == []
    keys, journal = read_verified(StateFolder(tmp_path / "state"))
    assert [r["kind"] for r in journal.records] == ["intent", "commit"] * 4
    assert journal.reverted == {3}
    record = journal.records[2]
    assert (record["actor"], record["as_of"], record["reverts"]) == ("RCP-2", "2024-04-01", 1)
    assert opened(record, keys)[0]["causes"] == [{"reason": "revert of record 1"}]
    assert journal.written is not None
    assert journal.written["cycle"] == "c2"


def test_what_people_changed_since_stays_and_holds_back_its_group(
    work: Make, patch_of: Patches, registry: Path, revert: Callable[..., Revert]
) -> None:
    work(patch_of(BOTH), registry).run()
    registry.write_bytes(registry.read_bytes().replace(b"GBA1;87,5", b"GBA2;87,50%"))
    told = revert(record=1).run()
    assert [(c["column"], c["found"]) for c in told["conflicts"]] == [("ariane_gene", "GBA2")]
    assert [w["column"] for w in told["withheld"]] == [
        "ariane_statut_propose", "ariane_probabilite",
    ]  # fmt: skip
    assert registry.read_bytes() == START.replace(
        b"P1;en cours;;;;;", "P1;en cours;candidat à examiner;GBA2;87,50%;;".encode()
    )
    assert summary(told).splitlines()[1:] == [
        "1 cells changed by people since, left as they are", "2 cells left with them",
    ]  # fmt: skip


def test_an_older_write_gives_way_to_what_was_written_over_it(
    work: Make, patch_of: Patches, registry: Path, revert: Callable[..., Revert]
) -> None:
    work(patch_of(BOTH), registry).run()
    work(patch_of(LATER, "c2"), registry).run()
    told = revert(record=1).run()
    assert {c["case"] for c in told["conflicts"]} == {"P1"}
    assert b"P1;en cours;candidat \xc3\xa0 examiner;ATM;87,5;;c2" in registry.read_bytes()
    assert b"P2;en cours;;;;;\r\n" in registry.read_bytes()


def test_a_case_is_put_back_through_all_cycles_and_stays_so(
    work: Make, patch_of: Patches, registry: Path, revert: Callable[..., Revert]
) -> None:
    work(patch_of(BOTH), registry).run()
    work(patch_of(LATER, "c2"), registry).run()
    told = revert(case="P1").run()
    assert told["conflicts"] == []
    assert b"P1;en cours;;;;;\r\n" in registry.read_bytes()
    assert b"NPC1" in registry.read_bytes()
    third = {"P1": values("PTEN", "c3"), "P2": values("PTEN", "c3")}
    receipt = work(patch_of(third, "c3"), registry).run()
    assert {c["case"] for c in receipt["conflicts"]} == {"P1"}
    assert b"P1;en cours;;;;;\r\n" in registry.read_bytes()
    assert b"P2;en cours;candidat \xc3\xa0 examiner;PTEN" in registry.read_bytes()
    # A second time there is nothing left to put back.
    before = registry.read_bytes()
    assert revert(case="P1").run()["reverted"] == []
    assert registry.read_bytes() == before


def test_rows_that_are_gone_and_cases_that_were_erased_are_told(
    work: Make, patch_of: Patches, registry: Path, revert: Callable[..., Revert], tmp_path: Path
) -> None:
    work(patch_of(BOTH), registry).run()
    registry.write_bytes(registry.read_bytes().replace(b"P2;", b"P7;"))
    forget_case(StateFolder(tmp_path / "state"), "P1", as_of="2024-04-01", actor="DPO")
    told = revert(record=1).run()
    assert (told["reverted"], told["absent"], told["erased"]) == ([], ["P2"], 1)
    with pytest.raises(ArianeError, match="nothing was ever written of 'P1'"):
        revert(case="P1").run()


def test_what_cannot_be_reverted_is_refused(
    work: Make, patch_of: Patches, registry: Path, revert: Callable[..., Revert]
) -> None:
    for what in ({}, {"record": 1, "case": "P1"}):
        with pytest.raises(ArianeError, match="either a record"):
            revert(**what)
    work(patch_of(BOTH), registry).run()
    for record in (2, 9):
        with pytest.raises(ArianeError, match="wrote nothing"):
            revert(record=record).run()
    other = revert(record=1)
    columns = {k: v for k, v in other.mapping.columns.items() if k != "gene"}
    other.mapping = replace(other.mapping, columns=columns)
    with pytest.raises(ArianeError, match="no longer names 'ariane_gene'"):
        other.run()
    revert(record=1).run()
    with pytest.raises(ArianeError, match="reverted already"):
        revert(record=1).run()
    registry.chmod(0o444)
    with pytest.raises(ArianeError, match="read-only"):
        revert(record=3).run()
    assert registry.read_bytes() == START
