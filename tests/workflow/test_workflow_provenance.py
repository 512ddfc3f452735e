"""Run manifests and crates of a real run of the demo."""

from __future__ import annotations

import getpass
import json
import os
import platform
import stat
from pathlib import Path

import pytest
from demo_run import DEMO, FIRST, NEXT, REPOSITORY, Run
from provenance_run import copied, folders_of

from ariane import files
from ariane.audit import crate
from ariane.audit.manifest import read_manifest, run_manifest
from ariane.intake.sheet import read_sheet
from ariane.model.errors import ArianeError
from ariane.reanalyse.erasure import erase

pytestmark = pytest.mark.workflow


@pytest.mark.parametrize("cycle", [FIRST, NEXT])
def test_a_manifest_names_every_file_by_its_bytes(demo: Run, cycle: str) -> None:
    folders = folders_of(demo)
    path = folders.manifest(cycle)
    content = read_manifest(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = folders.cycle(cycle)
    there = {
        one.relative_to(folder).as_posix(): files.sha256_of(one)
        for one in folder.rglob("*")
        if one.is_file() and one != path
    }
    assert {one["file"]: one["sha256"] for one in content["files"]} == there
    assert {"flags.parquet", "cohort.html", "registry/impasse.receipt.json"} <= there.keys()
    rows, _ = read_sheet(DEMO / "families.tsv")
    assert set(content["inputs"]["cases"]) == {row["case_id"] for row in rows}
    for row in rows:
        mark = content["inputs"]["cases"][row["case_id"]]
        assert mark["sha256"] == files.sha256_of(DEMO / row["vcf"])
        for column in ("ped", "phenopacket", "sv_vcf"):
            wanted = files.sha256_of(DEMO / row[column]) if row[column] else None
            assert mark.get(f"{column}_sha256") == wanted
    assert content["inputs"]["frozen"]["families.tsv"] == files.sha256_of(DEMO / "families.tsv")
    assert content["command"][0] == "snakemake"
    assert content["command"][-1].endswith(f"{cycle}.yaml")
    release = content["release"]
    for kind, one in folders.release(release["name"]).resources.items():
        assert release["resources"][kind]["sha256"] == one.sha256


def test_a_manifest_names_the_one_before_and_no_machine(demo: Run) -> None:
    folders = folders_of(demo)
    first, second = (folders.manifest(cycle) for cycle in (FIRST, NEXT))
    assert read_manifest(first)["previous"] is None
    assert read_manifest(second)["previous"] == {
        "cycle": FIRST,
        "run_manifest_sha256": files.sha256_of(first),
    }
    text = second.read_text(encoding="utf-8")
    assert (
        text
        == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        + "\n"
    )
    hidden = [str(demo.folder), str(REPOSITORY), str(Path.home()), platform.node(), os.sep + "tmp"]
    assert not [word for word in hidden if word in text]
    # An account may be called as a package is; it must not stand as a value of its own.
    assert f'"{getpass.getuser()}"' not in text


def test_the_same_cycle_has_the_same_manifest(demo: Run) -> None:
    folders = folders_of(demo)
    before = read_manifest(folders.manifest(NEXT))
    again = run_manifest(folders, NEXT, ["/elsewhere/snakemake", *before["command"][1:]])
    assert again == before


def test_an_erased_case_leaves_the_manifest(demo: Run, tmp_path: Path) -> None:
    folders = copied(demo, tmp_path)
    before = read_manifest(folders.manifest(NEXT))
    done = erase(tmp_path, "DEMO-06")
    path = folders.manifest(NEXT)
    assert path in done.rewritten
    assert "DEMO-06" not in path.read_text(encoding="utf-8")
    after = read_manifest(path)
    assert len(after["inputs"]["cases"]) == len(before["inputs"]["cases"]) - 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_crate_without_data_holds_no_case(demo: Run, tmp_path: Path) -> None:
    folders = folders_of(demo)
    one, two = (crate.make_crate(folders, NEXT, tmp_path / n) for n in ("one", "two"))
    assert crate.faults(one) == []
    held = {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()}
    again = {path.relative_to(two): path.read_bytes() for path in two.rglob("*") if path.is_file()}
    assert held == again
    assert not any(b"DEMO-0" in content or b"DEMO-1" in content for content in held.values())
    full = read_manifest(folders.manifest(NEXT))
    sums = {mark["sha256"] for mark in full["inputs"]["cases"].values()}
    sums |= {one["sha256"] for one in full["files"]}
    text = b"".join(held.values()).decode("utf-8")
    assert not [checksum for checksum in sums if checksum in text]
    assert str(demo.folder) not in text
    assert str(REPOSITORY) not in text
    with pytest.raises(ArianeError, match="exists"):
        crate.make_crate(folders, NEXT, one)


def test_a_crate_with_data_holds_all_but_the_calls(demo: Run, tmp_path: Path) -> None:
    folders = folders_of(demo)
    made = crate.make_crate(folders, NEXT, tmp_path / "crate", with_data=True)
    assert crate.faults(made) == []
    content = read_manifest(made / "run_manifest.json")
    assert content == read_manifest(folders.manifest(NEXT))
    for one in content["files"]:
        assert files.sha256_of(made / "results" / one["file"]) == one["sha256"]
    for name, checksum in content["inputs"]["frozen"].items():
        assert files.sha256_of(made / "inputs" / name) == checksum
    assert not list(made.rglob("*.vcf*"))
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    # What is not as the profiles require is found by the same check.
    (made / "run_manifest.json").unlink()
    metadata = made / crate.METADATA
    graph = json.loads(metadata.read_text(encoding="utf-8"))
    for entity in graph["@graph"]:
        if entity["@id"] == "./":
            del entity["mentions"]
        if entity["@id"] == "workflow/Snakefile":
            del entity["programmingLanguage"]
    metadata.write_text(json.dumps(graph), encoding="utf-8")
    found = "\n".join(crate.faults(made))
    assert "./: lacks mentions" in found
    assert "workflow/Snakefile: lacks programmingLanguage" in found
    assert "run_manifest.json: is not there" in found


def test_a_crate_of_files_that_changed_is_refused(demo: Run, tmp_path: Path) -> None:
    folders = copied(demo, tmp_path / "run")
    (folders.cycle(NEXT) / "cohort.tsv").write_text("edited", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"cohort\.tsv: not as the run manifest names them"):
        crate.make_crate(folders, NEXT, tmp_path / "crate", with_data=True)
    assert not (tmp_path / "crate").exists()
