"""A case erased from a run: nothing names it any more, and nobody else changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from demo_run import DEMO, FIRST, NEXT, REPOSITORY, Run

from ariane.reanalyse.erasure import erase
from ariane.reanalyse.verify import verify

pytestmark = pytest.mark.workflow

CASE = "DEMO-06"


def told(folder: Path) -> list[str]:
    """Files that name the case, in their name, their bytes or their columns."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if CASE in path.name or CASE.encode() in path.read_bytes():
            found.append(str(path))
        elif path.suffix == ".parquet":
            table = pq.read_table(path)
            if "case" in table.column_names and CASE in table["case"].to_pylist():
                found.append(str(path))
    return found


def test_nothing_names_an_erased_case_and_the_others_stand(demo: Run, tmp_path: Path) -> None:
    for name in ("results", "state", ".snakemake/ariane"):
        shutil.copytree(demo.folder / name, tmp_path / name, symlinks=True)
    for form, to in (("phenopackets", "reuse"), ("rd-code", "bndmr"), ("ern-cde", "ern:RED")):
        made = subprocess.run(
            [
                *(sys.executable, str(REPOSITORY / "scripts" / "export_registry.py")),
                *("--config", str(demo.config(NEXT)), "--directory", str(tmp_path)),
                *("--to", form, "--for", to, "--out", str(tmp_path / "exports")),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
    assert len([path for path in told(tmp_path) if "/exports/" in path]) >= 4
    command = [
        *(sys.executable, str(REPOSITORY / "scripts" / "erase_case.py"), "--case", CASE),
        *("--by", "BIO-1", "--date", "2026-02-28", "--directory", str(tmp_path)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "take the case out of the sheet" in done.stderr
    assert "Of these 3 were documents of exports" in done.stderr
    backups = told(tmp_path)  # copies of people's registry file are theirs to delete
    assert backups
    assert {Path(path).parent.name for path in backups} == {"backups"}
    assert all(path in done.stderr for path in backups)
    line = json.loads((tmp_path / "state" / "erasures.jsonl").read_text(encoding="utf-8"))
    assert line["sha256"] == sha256(f"{line['salt']}{CASE}".encode()).hexdigest()
    for cycle in (FIRST, NEXT):
        cases, found = verify(
            tmp_path / "results", tmp_path / "state", DEMO / "releases", cycle, 1000, 1
        )
        assert len(cases) == 17
        assert found == []
    again = erase(tmp_path, CASE)
    assert (again.deleted, again.rewritten, again.left) == ([], [], [])


def test_a_case_whose_name_begins_another_is_left_alone(tmp_path: Path) -> None:
    cases = tmp_path / "results" / "cases"
    for name in ("F1", "F1-2", "F10"):
        (cases / name).mkdir(parents=True)
        (cases / name / "annotation.json").write_text(json.dumps({"case": name}))
    inputs = tmp_path / "state" / "cycles" / "c" / "inputs"
    inputs.mkdir(parents=True)
    (inputs / "families.tsv").write_text("case_id\tsex\nF1\tmale\nF10\tmale\nF1-2\tmale\n")
    (inputs / "cycle.json").write_text(
        json.dumps({"anew": ["F1", "F10"], "excluded": {"F1": "x", "F1-2": "y"}, "previous": None})
    )
    notes = tmp_path / ".snakemake"
    for name in ("F1", "F10"):
        (notes / "slurm_logs" / "rule_annotate" / name).mkdir(parents=True)
        (notes / "slurm_logs" / "rule_annotate" / name / "6.log").write_text("failed")
        (notes / "ariane" / name).mkdir(parents=True)
        (notes / "ariane" / name / "plan.json").write_text(json.dumps({"cases": [{"id": name}]}))
    done = erase(tmp_path, "F1")
    held = {str(path.relative_to(notes)) for path in notes.rglob("*.*")}
    assert held == {"slurm_logs/rule_annotate/F10/6.log", "ariane/F10/plan.json"}
    assert not (notes / "slurm_logs" / "rule_annotate" / "F1").exists()
    assert sorted(path.name for path in cases.iterdir()) == ["F1-2", "F10"]
    assert (inputs / "families.tsv").read_text() == "case_id\tsex\nF10\tmale\nF1-2\tmale\n"
    assert json.loads((inputs / "cycle.json").read_text()) == {
        "anew": ["F10"],
        "excluded": {"F1-2": "y"},
        "previous": None,
    }
    assert done.left == []


def test_a_printed_report_goes_with_the_page_that_names_the_case(tmp_path: Path) -> None:
    (tmp_path / "state" / "cycles").mkdir(parents=True)
    named, other = (
        tmp_path / "results" / "validation" / "v1",
        tmp_path / "results" / "validation" / "v2",
    )
    for folder, case in ((named, "F1"), (other, "F2")):
        folder.mkdir(parents=True)
        (folder / "report.html").write_text(f"<td>{case}</td>", encoding="utf-8")
        (folder / "report.json").write_text(
            json.dumps({"cases": [{"case": case}]}), encoding="utf-8"
        )
        (folder / "report.pdf").write_bytes(b"%PDF-1.4 packed")
    erase(tmp_path, "F1")
    assert [path.name for path in sorted(named.iterdir())] == ["report.json"]
    assert "F1" not in (named / "report.json").read_text("utf-8")
    assert len(list(other.iterdir())) == 3
