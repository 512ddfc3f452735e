"""Every format of the exports, from a real run of the demo through the program."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from demo_run import DEMO, NEXT, REPOSITORY, Run

from ariane.model.case import Status
from ariane.registry.exports import FORMATS
from ariane.registry.gates import Purpose
from ariane.registry.orpha import UNDIAGNOSED

pytestmark = pytest.mark.workflow

REGISTRY = "EpiCARE"
REGISTRIES = (REGISTRY, "ILIAD", "RED", "VASCERN", "UIMD")


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
    (solved,) = (row for row in rows if row["orpha_code"])
    assert solved["case"] == "DEMO-01"
    assert (solved["orpha_code"], solved["orpha_name"]) == ("ORPHA:2332", "KBG syndrome")
    assert (solved["ascertainment"], solved["report"]) == ("diagnosed", "CR-DEMO-0001")
    assert solved["filieres"] == "AnDDI-Rares"
    reasons = {row["case"]: row["code_reason"] for row in rows}
    assert reasons["DEMO-10"] == "OMIM:192600 has no exact ORPHA code in this release"
    assert reasons["DEMO-06"] == "impasse: no signed decision"
    assert reasons["DEMO-03"] == f"impasse: {UNDIAGNOSED} is not written to this destination"


def test_a_signed_impasse_has_its_code_where_it_is_taken(demo: Run, tmp_path: Path) -> None:
    done = run_export(demo, tmp_path, "--to", "rd-code", "--for", f"ern:{REGISTRY}")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "rd-code.ern-EpiCARE" / "rd_code.tsv")
    (impasse,) = (row for row in rows if row["orpha_code"])
    assert (impasse["case"], impasse["orpha_code"]) == ("DEMO-03", UNDIAGNOSED)
    assert impasse["ascertainment"] == "undiagnosed after full investigation"
    assert impasse["code_reason"] == "full work-up recorded by RCP in report CR-DEMO-0003"
    assert impasse["hpo"]  # the terms speak beside the code


def everything(demo: Run, out: Path) -> None:
    """Every format to every destination that it goes to, and to each registry that the demo's
    consents name."""
    for name, form in FORMATS.items():
        for purpose in form.purposes:
            named = REGISTRIES if purpose is Purpose.ERN else [""]
            for registry in named:
                to = f"{purpose}:{registry}" if registry else str(purpose)
                done = run_export(demo, out, "--to", name, "--for", to)
                assert done.returncode == 0, done.stderr


def test_each_status_of_the_demo_reaches_each_format(demo: Run, tmp_path: Path) -> None:
    everything(demo, tmp_path)
    status = {row["case_id"]: row["status"] for row in rows_of(DEMO / "families.tsv")}
    told: defaultdict[str, set[str]] = defaultdict(set)
    for receipt in tmp_path.glob("*/export.json"):
        refused = {row["case"] for row in rows_of(tmp_path / f"{receipt.parent.name}.refused.tsv")}
        name = json.loads(receipt.read_text(encoding="utf-8"))["format"]
        told[name] |= {status[case] for case in status.keys() - refused}
    all_of_them = {"solved", "candidate", "impasse", "in progress"}
    assert set(status.values()) == all_of_them
    # Nobody searches for a match of a solved case.
    assert told == {
        name: all_of_them - ({"solved"} if name == "matchmaker" else set()) for name in FORMATS
    }
    # Where it is not taken the table of codes says so in words.
    held_back = f"{UNDIAGNOSED} is not written to this destination"
    holding = {
        path.parent.name
        for path in tmp_path.glob("*/*")
        if "616874" in path.read_text(encoding="utf-8").replace(held_back, "")
    }
    assert holding == {"rd-code.reuse", "rd-code.ern-EpiCARE", "ern-cde.ern-EpiCARE"}
    refused = {
        row["case"]: row["reasons"] for row in rows_of(tmp_path / "sdm-mr.bndmr.refused.tsv")
    }
    assert "stands for impasse is inferred" in refused["DEMO-03"]


def test_the_demo_tells_its_ages(demo: Run, tmp_path: Path) -> None:
    done = run_export(demo, tmp_path, "--to", "ern-cde", "--for", "ern:ILIAD")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "ern-cde.ern-ILIAD" / "cde.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["pid"] == "DEMO-01"]
    held = {row["model"]: row for row in rows}
    assert held["Symptom_onset"]["value"] == "1"
    assert (held["Diagnosis"]["age"], held["Genetic"]["age"]) == ("6", "7")
    assert held["Diagnosis"]["valueIRI"].endswith("Orphanet_2332")
    done = run_export(demo, tmp_path, "--to", "sdm-mr")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "sdm-mr.bndmr" / "DEMO-01.xml").read_text(encoding="utf-8")
    assert "à l'âge de : 7 ans 2 mois" in text
    assert "KBG syndrome (code ORPHA : 2332)" in text
