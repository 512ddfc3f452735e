"""Every format of the exports, from a real run of the demo through the program."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from demo_run import NEXT, REPOSITORY, Run

from ariane.model.case import Status
from ariane.registry.exports import FORMATS
from ariane.registry.gates import Purpose

pytestmark = pytest.mark.workflow

REGISTRY = "EpiCARE"


def run_export(demo: Run, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, str(REPOSITORY / "scripts" / "export_registry.py"),
        "--config", str(demo.config(NEXT)), "--directory", str(demo.folder), "--out", str(out),
        *more,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_demo_exports_and_its_refused_are_told(demo: Run, tmp_path: Path, name: str) -> None:
    for purpose in FORMATS[name].purposes:
        to = f"{purpose}:{REGISTRY}" if purpose is Purpose.ERN else str(purpose)
        done = run_export(demo, tmp_path, "--to", name, "--for", to)
        assert done.returncode == 0, done.stderr
    for receipt in tmp_path.glob("*/export.json"):
        told = json.loads(receipt.read_text(encoding="utf-8"))
        assert told["cases"] > 0
        refused = {row["case"] for row in rows_of(tmp_path / f"{receipt.parent.name}.refused.tsv")}
        assert told["cases"] + len(refused) == 18
        # The demo's case that opposes the BNDMR agreed to reuse and to reanalysis alone.
        open_to_it = told["destination"].startswith((Purpose.REUSE, Purpose.REANALYSIS))
        assert ("DEMO-12" in refused) is not open_to_it or "third" in told["destination"]


def test_rd_code_tells_every_status_of_the_demo(demo: Run, tmp_path: Path) -> None:
    done = run_export(demo, tmp_path, "--to", "rd-code", "--for", "bndmr")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "rd-code.bndmr" / "rd_code.tsv")
    assert {row["status"] for row in rows} == {
        str(s) for s in (Status.SOLVED, Status.CANDIDATE, Status.IMPASSE, Status.IN_PROGRESS)
    }  # fmt: skip
    assert not any(row["orpha_code"] for row in rows)  # no pack is pinned for the demo
