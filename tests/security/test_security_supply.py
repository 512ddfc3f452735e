"""The lock and its bill of materials."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import audit_lock
from ariane.files import REPOSITORY

LOCK = REPOSITORY / "requirements.lock"


def test_each_package_is_pinned_with_checksums() -> None:
    pins, faults = audit_lock.read_pins(LOCK)
    assert faults == []
    assert len(pins) > 100


@pytest.mark.parametrize(
    "line",
    [
        "jinja2>=3 --hash=sha256:" + "0" * 64,
        "jinja2==3.1.6",
        "jinja2 @ https://example.org/x.whl --hash=sha256:" + "0" * 64,
        "git+https://example.org/x",
        "-e ./x",
    ],
)
def test_what_is_not_pinned_is_told(line: str, tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text(f"# a comment\n{line}\n", encoding="utf-8")
    _, faults = audit_lock.read_pins(lock)
    assert [fault.where for fault in faults] == [f"{lock}:2"]


def test_another_version_and_a_changed_file_are_told(tmp_path: Path) -> None:
    found = distribution("packaging")
    assert (
        list(audit_lock.differences(Requirement(f"packaging=={found.version}"), found, "x")) == []
    )
    (fault,) = audit_lock.differences(Requirement("packaging==0.1"), found, "x")
    assert "0.1 is locked" in fault.what
    folder = tmp_path / "x-1.dist-info"
    folder.mkdir()
    (tmp_path / "x.py").write_text("changed\n", encoding="utf-8")
    (folder / "METADATA").write_text("Name: x\nVersion: 1\n", encoding="utf-8")
    (folder / "RECORD").write_text("x.py,sha256=" + "A" * 43 + ",8\n", encoding="utf-8")
    planted = type(found).at(folder)
    (fault,) = audit_lock.differences(Requirement("x==1"), planted, "x")
    assert "x.py is not what the package brought" in fault.what


TOOLS = REPOSITORY / ".venv" / "tools" / ".ready"


@pytest.mark.skipif(not TOOLS.is_file(), reason="the environment of tools is not made: make sbom")
def test_the_bill_names_each_locked_package(tmp_path: Path) -> None:
    out = tmp_path / "sbom.json"
    command = ["make", "--silent", "sbom", f"SBOM={out}"]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    bill = json.loads(out.read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    pins, _ = audit_lock.read_pins(LOCK)
    named = {(part["name"].lower(), part["version"]) for part in bill["components"]}
    locked = {(pin.name.lower(), next(iter(pin.specifier)).version) for pin in pins}
    assert named == locked
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])
    assert bill["metadata"]["component"]["name"] == "ariane"
    first = out.read_bytes()
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    assert out.read_bytes() == first
