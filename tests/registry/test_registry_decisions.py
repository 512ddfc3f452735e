from __future__ import annotations

from pathlib import Path

import pytest

from ariane.knowledge.decisions import COLUMNS, read_decisions
from ariane.model.case import Decision, Status
from ariane.model.errors import ArianeError

HEAD = "\t".join(COLUMNS)
GOOD = 'F1\tsolved\tHGNC:1\tchr1-5-A-G+chr1-9-C-T\tOMIM:1\tRCP-9\tRCP\tCR-7\t2024-03-06\tvu "ici'


def read(tmp_path: Path, *lines: str) -> tuple[list[Decision], list[str]]:
    path = tmp_path / "decisions.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    decisions, faults = read_decisions(path)
    return decisions, [str(f) for f in faults]


def test_a_signed_decision_is_read(tmp_path: Path) -> None:
    decisions, faults = read(tmp_path, "\ufeff" + HEAD, GOOD, "", GOOD.replace("F1", "F0"))
    assert faults == []
    assert [d.case for d in decisions] == ["F0", "F1"]
    assert decisions[1] == Decision(
        "F1", Status.SOLVED, "HGNC:1", "chr1-5-A-G+chr1-9-C-T", "OMIM:1", "RCP-9", "RCP", "CR-7",
        "2024-03-06", 'vu "ici',
    )  # fmt: skip


def test_an_outcome_that_closes_nothing_needs_no_signature(tmp_path: Path) -> None:
    decisions, faults = read(tmp_path, HEAD, "F1\timpasse")
    assert faults == []
    assert decisions[0].outcome is Status.IMPASSE


@pytest.mark.parametrize("outcome", ["solved", "partly solved", "refuted", "closed"])
def test_an_outcome_that_closes_needs_who_what_and_when(tmp_path: Path, outcome: str) -> None:
    decisions, faults = read(tmp_path, HEAD, f"F1\t{outcome}")
    assert decisions == []
    assert [f.split("without ")[1].split(".")[0] for f in faults] == [
        "actor", "date", "report", "role",
    ]  # fmt: skip


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    decisions, faults = read(
        tmp_path, HEAD, GOOD, GOOD, "\tguéri", GOOD.replace("F1", "F2").replace("-03-06", "-13-06"),
        GOOD.replace("F1", "F3") + "\t\t\tstray",
        GOOD.replace("F1", "F4").replace("HGNC:1", "Jeanne D."),
    )  # fmt: skip
    assert [d.case for d in decisions] == ["F1"]
    for said in (
        "decisions.tsv:3: case F1: a second decision",
        "unknown outcome 'guéri'",
        "no case_id",
        "2024-13-06",
        "more cells",
        "'Jeanne D.' is not an identifier",
    ):
        assert any(said in f for f in faults), said
    assert len(faults) == 6


def test_the_finding_that_was_seen(tmp_path: Path) -> None:
    finding = "HGNC:1|AD|chr7-6466-C-<DEL:6749>+chr1-9-C-T"
    decisions, faults = read(tmp_path, HEAD, f"{GOOD}\t{finding}\t0123456789ab")
    assert faults == []
    assert (decisions[0].finding, decisions[0].seen) == (finding, "0123456789ab")
    for cells, said in (
        ("\t0123456789ab", "without its finding"),
        (f"{finding}\t0123456789AB", "is not an identifier"),
        (f"{finding}\t0123456789abcd", "is not an identifier"),
        ("=1+1\t0123456789ab", "'=1+1' is not an identifier"),
    ):
        decisions, faults = read(tmp_path, HEAD, f"{GOOD}\t{cells}")
        assert decisions == []
        assert said in faults[0]


def test_the_columns_of_before_are_enough(tmp_path: Path) -> None:
    decisions, faults = read(tmp_path, "\t".join(COLUMNS[:10]), GOOD)
    assert faults == []
    assert (decisions[0].finding, decisions[0].seen) == ("", "")


def test_columns_are_checked_before_rows(tmp_path: Path) -> None:
    decisions, faults = read(tmp_path, "case_id\toutcome\tnom\tdate\tdate", "F1\tsolved")
    assert decisions == []
    assert [f.split(": ")[2].split(".")[0] for f in faults] == [
        "unknown column 'nom'", "column 'date' is given twice", "no column 'actor'",
        "no column 'role'", "no column 'report'",
    ]  # fmt: skip


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "decisions.tsv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArianeError, match="Save it as UTF-8"):
        read_decisions(path)
