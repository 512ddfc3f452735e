from __future__ import annotations

import fcntl
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ariane.model.errors import ArianeError
from ariane.registry.apply import WriteBack, summary
from ariane.registry.journal import read_journal
from ariane.registry.keys import Keyring
from ariane.registry.patch import Patch, Refusal
from ariane.registry.state import StateFolder, forget_case

Make = Callable[..., WriteBack]
Patches = Callable[..., Patch]

HEADER = (
    "id;statut;ariane_statut_propose;ariane_gene;ariane_probabilite;ariane_echeance;ariane_cycle"
)
START = f"{HEADER}\r\nP1;en cours;;;;;\r\nP2;en cours;;;;;\r\n".encode()
ONE = {
    "P1": {
        "proposal_status": "candidat à examiner",
        "gene": "GBA1",
        "posterior": "87,5",
        "due": "2024-06-30",
        "cycle": "c1",
    }
}
TWO = {
    "P1": {
        "proposal_status": "aucun candidat",
        "gene": "",
        "posterior": "",
        "due": "",
        "cycle": "c2",
    }
}
DONE = START.replace(
    b"P1;en cours;;;;;", "P1;en cours;candidat à examiner;GBA1;87,5;2024-06-30;c1".encode()
)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "registre.csv"
    path.write_bytes(START)
    return path


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_written_once_and_then_nothing(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    registry.chmod(0o640)
    receipt = work(patch_of(ONE), registry).run()
    assert registry.read_bytes() == DONE
    assert stat.S_IMODE(registry.stat().st_mode) == 0o640
    assert [w["case"] for w in receipt["written"]] == ["P1"]
    assert (tmp_path / "state" / "backups" / "2024-03-06-001.csv").read_bytes() == START
    before = files_below(tmp_path / "state")
    again = work(patch_of(ONE), registry).run()
    assert again["written"] == []
    assert again["written_earlier"][0]["changes"] == [
        {"case": "P1", "cells": receipt["written"][0]["cells"], "causes": []}
    ]
    assert {k: v for k, v in files_below(tmp_path / "state").items() if "lock" not in k} == {
        k: v for k, v in before.items() if "lock" not in k
    }
    assert registry.read_bytes() == DONE


def test_a_withdrawn_candidate_is_cleared(work: Make, patch_of: Patches, registry: Path) -> None:
    work(patch_of(ONE), registry).run()
    work(patch_of(TWO, "c2"), registry).run()
    assert b"P1;en cours;aucun candidat;;;;c2\r\n" in registry.read_bytes()


def test_the_stamp_moves_only_with_another_cell(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    work(patch_of(ONE), registry).run()
    later = {"P1": {**ONE["P1"], "cycle": "c2"}}
    assert work(patch_of(later, "c2"), registry).run()["written"] == []
    assert registry.read_bytes() == DONE


def test_people_win_and_their_edit_holds_back_its_group(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    work(patch_of(ONE), registry).run()
    registry.write_bytes(registry.read_bytes().replace(b"GBA1", b"GBA2"))
    new = {
        "P1": {**ONE["P1"], "gene": "NPC1", "posterior": "91", "due": "2024-12-31", "cycle": "c2"}
    }
    receipt = work(patch_of(new, "c2"), registry).run()
    assert [
        (c["column"], c["found"], c["ariane_wrote"], c["proposed"]) for c in receipt["conflicts"]
    ] == [("ariane_gene", "GBA2", "GBA1", "NPC1")]
    assert [w["column"] for w in receipt["withheld"]] == ["ariane_probabilite"]
    assert "P1;en cours;candidat à examiner;GBA2;87,5;2024-12-31;c2".encode() in (
        registry.read_bytes()
    )
    assert "1 cells kept" in summary(receipt)


def test_a_cleared_cell_is_a_refusal_and_the_same_value_an_agreement(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    work(patch_of(ONE), registry).run()
    registry.write_bytes(registry.read_bytes().replace(b"GBA1", b""))
    assert work(patch_of(ONE), registry).run()["conflicts"][0]["found"] == ""
    registry.write_bytes(registry.read_bytes().replace(b";;87,5", b";NPC1;87,5"))
    agreed = {"P1": {**ONE["P1"], "gene": "NPC1"}}
    assert work(patch_of(agreed), registry).run()["conflicts"] == []
    work(patch_of(TWO), registry).run()
    assert b"aucun candidat;;;;c2" in registry.read_bytes()


def test_a_spreadsheet_that_respells_is_no_edit(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    work(patch_of(ONE), registry).run()
    respelt = (
        registry.read_bytes().replace(b"87,5", b"87,50%").replace(b"2024-06-30", b"30/06/2024")
    )
    registry.write_bytes(respelt)
    receipt = work(patch_of(ONE), registry).run()
    assert (receipt["conflicts"], receipt["drift"], receipt["written"]) == ([], [], [])
    assert registry.read_bytes() == respelt


def test_values_found_where_ariane_never_wrote_are_peoples(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    registry.write_bytes(START.replace(b"P1;en cours;;;", b"P1;en cours;;NPC1;"))
    receipt = work(patch_of(ONE), registry).run()
    assert [c["found"] for c in receipt["conflicts"]] == ["NPC1"]
    assert b"P1;en cours;;NPC1;;2024-06-30;c1" in registry.read_bytes()


def test_absent_duplicate_and_refused_rows_are_told(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    content = START + b"P1;copie;;;;;\r\n"
    registry.write_bytes(content)
    patch = patch_of(
        {**ONE, "P9": {"gene": "GBA1"}}, refused=(Refusal("P2", ("no consent_registry",)),)
    )
    receipt = work(patch, registry).run()
    assert registry.read_bytes() == content
    assert receipt["absent"] == ["P9"]
    assert receipt["duplicates"] == [{"case": "P1", "lines": [2, 4]}]
    assert receipt["refused"] == [
        {"case": "P2", "reasons": ["no consent_registry"], "earlier_values_in_file": False}
    ]


def test_values_of_a_case_that_left_the_cohort_are_told(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    work(patch_of(ONE), registry).run()
    assert work(patch_of({"P2": {"gene": "X"}}), registry).run()["left_behind"] == ["P1"]
    gone = patch_of({}, refused=(Refusal("P1", ("consent withdrawn",)),))
    receipt = work(gone, registry).run()
    assert receipt["left_behind"] == ["P2"]
    assert receipt["refused"][0]["earlier_values_in_file"] is True


def test_check_changes_nothing(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    receipt = work(patch_of(ONE), registry).check()
    assert [w["case"] for w in receipt["written"]] == ["P1"]
    assert files_below(tmp_path) == {str(registry): START}


def test_drift_is_told_for_every_case_ever_written(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    work(patch_of(ONE), registry).run()
    registry.write_bytes(registry.read_bytes().replace(b"GBA1", b"X"))
    assert work(patch_of({}), registry).check()["drift"] == [
        {
            "case": "P1",
            "what": "edited",
            "column": "ariane_gene",
            "ariane_wrote": "GBA1",
            "found": "X",
        }
    ]
    registry.write_bytes(START.replace(b"P1", b"P7"))
    assert work(patch_of({}), registry).check()["drift"] == [{"case": "P1", "what": "row gone"}]


def test_read_only_open_or_locked_is_left_alone(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    registry.chmod(0o444)
    with pytest.raises(ArianeError, match="read-only"):
        work(patch_of(ONE), registry).run()
    registry.chmod(0o644)
    mark = registry.with_name(".~lock.registre.csv#")
    mark.touch()
    with pytest.raises(ArianeError, match="open in a spreadsheet"):
        work(patch_of(ONE), registry).run()
    mark.unlink()
    with (tmp_path / "state" / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ArianeError, match="another write-back is at work"):
            work(patch_of(ONE), registry).run()
    assert registry.read_bytes() == START
    work(patch_of(ONE), registry).run()
    assert registry.read_bytes() == DONE


def test_a_lost_or_altered_base_stops_everything(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    work(patch_of(ONE), registry).run()
    base = tmp_path / "state" / "base.json"
    base.write_bytes(base.read_bytes().replace(b"GBA1", b"GBA2"))
    with pytest.raises(ArianeError, match="not the base"):
        work(patch_of(TWO), registry).run()
    base.unlink()
    with pytest.raises(ArianeError, match="not the base"):
        work(patch_of(TWO), registry).check()
    assert registry.read_bytes() == DONE


def test_a_link_to_the_registry_stays_a_link(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    link = tmp_path / "lien.csv"
    link.symlink_to(registry)
    work(patch_of(ONE), link).run()
    assert link.is_symlink()
    assert registry.read_bytes() == DONE


def test_a_letter_the_file_cannot_hold_keeps_the_row_whole(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    content = START.replace(b"en cours", "à revoir".encode("cp1252"))
    registry.write_bytes(content)
    receipt = work(patch_of({"P1": {**ONE["P1"], "gene": "Gő"}}), registry).run()
    assert registry.read_bytes() == content
    assert "'ő' does not exist" in receipt["unwritable"][0]["reason"]


def test_the_journal_tells_no_name_and_shows_tampering(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    work(patch_of(ONE), registry).run()
    work(patch_of(TWO), registry).run()
    path = tmp_path / "state" / "journal.jsonl"
    content = path.read_bytes()
    # With a quote or a space, which the base64 of an encrypted value never holds by chance.
    for word in (b'"P1', b'"GBA1', "candidat à examiner".encode(), b"aucun candidat"):
        assert word not in content
    assert stat.S_IMODE((tmp_path / "state" / "keys.json").stat().st_mode) == 0o600
    keys = Keyring.read(tmp_path / "state" / "keys.json")
    lines = content.splitlines(keepends=True)
    assert len(lines) == 4
    for number, line in enumerate(lines):
        # Each record, the last one too, is sealed; a record taken out breaks the chain.
        altered = line.replace(b'"base":"', b'"base":"0', 1)
        path.write_bytes(b"".join([*lines[:number], altered, *lines[number + 1 :]]))
        with pytest.raises(ArianeError, match=f":{number + 1}: the journal was altered"):
            read_journal(path, keys)
        if number < len(lines) - 1:
            path.write_bytes(b"".join([*lines[:number], *lines[number + 1 :]]))
            with pytest.raises(ArianeError, match="was altered"):
                work(patch_of(TWO), registry).run()
    path.write_bytes(content)
    assert read_journal(path, keys).records[-1]["kind"] == "commit"


def test_a_torn_last_line_at_every_length_is_put_right(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    work(patch_of(ONE), registry).run()
    state = tmp_path / "state"
    path = state / "journal.jsonl"
    content = path.read_bytes()
    commit = len(content.splitlines(keepends=True)[-1])
    for torn in (1, 2, 40, commit - 1, commit):
        path.write_bytes(content[: len(content) - torn])
        # As the crash left it: the commit was not acknowledged, so the base was not promoted.
        (state / "base.json").replace(state / "base.next.json")
        assert work(patch_of(ONE), registry).run()["conflicts"] == []
        assert path.read_bytes() == content
        assert registry.read_bytes() == DONE


def test_erasure_leaves_a_journal_that_verifies_and_tells_nothing(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    both = {**ONE, "P2": ONE["P1"]}
    work(patch_of(both), registry).run()
    state = StateFolder(tmp_path / "state")
    backups = forget_case(state, "P1", as_of="2024-04-01", actor="DPO")
    assert backups == [str(tmp_path / "state" / "backups" / "2024-03-06-001.csv")]
    assert b"P1" not in (tmp_path / "state" / "base.json").read_bytes()
    receipt = work(patch_of(both), registry).run()
    changes = receipt["written_earlier"][0]["changes"]
    assert [c.get("case", "erased") for c in changes] == ["erased", "P2"]
    assert receipt["conflicts"] == []


def test_keys_open_to_others_or_lost_stop_everything(
    work: Make, patch_of: Patches, registry: Path, tmp_path: Path
) -> None:
    work(patch_of(ONE), registry).run()
    keys = tmp_path / "state" / "keys.json"
    keys.chmod(0o644)
    with pytest.raises(ArianeError, match="chmod 600"):
        work(patch_of(TWO), registry).run()
    keys.unlink()
    with pytest.raises(ArianeError, match="keys of the journal are missing"):
        work(patch_of(TWO), registry).run()
    assert registry.read_bytes() == DONE


def test_a_patch_for_another_mapping_is_refused(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    patch = Patch("c1", "R1", {}, "0123456789abcdef", 0.1)
    with pytest.raises(ArianeError, match="another mapping"):
        work(patch, registry)


def test_twenty_thousand_rows_are_applied_in_time(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    rows = b"".join(f"P{i};en cours;;;;;\r\n".encode() for i in range(20_000))
    registry.write_bytes(HEADER.encode() + b"\r\n" + rows)
    patch = patch_of({f"P{i}": ONE["P1"] for i in range(20_000)})
    began = time.monotonic()
    assert len(work(patch, registry).run()["written"]) == 20_000
    assert time.monotonic() - began < 60
    assert registry.read_bytes().count(b"GBA1") == 20_000


def test_an_older_cycle_never_overwrites_a_newer_one(
    work: Make, patch_of: Patches, registry: Path
) -> None:
    """Ariane's own newer word is nobody's edit, yet an old patch must not put it back."""
    first = patch_of({"P1": {"proposal_status": "aucun candidat"}}, "c1")
    second = patch_of({"P1": {"proposal_status": "diagnostic à risque"}}, "c2")
    work(first, registry).run()
    newer = work(second, registry)
    newer.as_of = "2025-01-16"
    newer.run()
    held = registry.read_bytes()
    again = work(first, registry).run()
    assert again["superseded_by"] == "c2"
    assert again["written"] == []
    assert registry.read_bytes() == held
    assert "c2, of later knowledge" in summary(again)
