"""The manifest's schema, and what of a manifest may leave the house."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ariane.audit.environment import code, environment, locked
from ariane.audit.manifest import SCHEMA, faults, read_manifest, without_cases
from ariane.model.errors import ArianeError

SHA = "0" * 64
MANIFEST: dict[str, Any] = {
    "schema": 1,
    "cycle": {
        "name": "2024-03", "as_of": "2024-03-06", "kind": "full", "reasons": ["the first"],
        "compacted": False, "shards": 4, "cases": 2, "anew": ["F1"],
        "excluded": {"F2": "withdrawn"},
    },
    "previous": {"cycle": "2024-01", "run_manifest_sha256": None},
    "command": ["snakemake", "--cores", "2"],
    "configuration": {"cycle": "2024-03"},
    "ariane": {"version": "0.1.0", "engine": {"ranking": 6}, "code": "0" * 16},
    "environment": {**environment(), "annotated_with": []},
    "profile": {"name": "clingen", "sha256": SHA, "constants": "0" * 16},
    "release": {
        "name": "R", "as_of": "2024-03-06", "manifest_sha256": SHA,
        "resources": {"reference": {
            "file": "r.fa.gz", "format": "fasta", "version": "1", "date": "2024-01-01",
            "sha256": SHA, "licence": "open", "source": "made up"}},
    },
    "inputs": {
        "frozen": {"cycle.json": SHA, "families.tsv": SHA, "cases/000-of-004.jsonl": SHA},
        "cases": {"F1": {"sha256": SHA, "ped_sha256": SHA, "local": "0" * 16}},
    },
    "files": [{"file": "cases/F1.html", "sha256": SHA, "bytes": 3, "case": "F1"}],
}  # fmt: skip


def test_the_schema_is_one_and_the_example_fits() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert faults(MANIFEST) == []


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_nothing_may_be_missing(name: str) -> None:
    assert faults({key: value for key, value in MANIFEST.items() if key != name})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("files", 0, "file"), "/etc/passwd"),
        (("files", 0, "file"), "../x"),
        (("inputs", "cases", "F1", "path"), "/home/doe/F1.vcf.gz"),
        (("environment", "host"), "node7"),
        (("cycle", "date"), "2026-01-01"),
        (("release", "manifest_sha256"), "abc"),
        (("inputs", "cases", "../F1"), {"sha256": SHA, "local": "0" * 16}),
    ],
)
def test_what_does_not_belong_there_is_refused(path: tuple[Any, ...], value: Any) -> None:
    content = copy.deepcopy(MANIFEST)
    place: Any = content
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert faults(content)


def test_what_may_leave_names_no_case_and_no_checksum_of_theirs() -> None:
    told = without_cases(MANIFEST)
    assert faults(told) == []
    assert told["cycle"]["cases"] == 2
    text = json.dumps(told)
    assert "F1" not in text
    assert "F2" not in text
    assert set(told["inputs"]["frozen"]) == {"cycle.json"}


def test_a_manifest_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "run_manifest.json"
    with pytest.raises(ArianeError, match="there is no run manifest"):
        read_manifest(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ArianeError, match="damaged"):
        read_manifest(path)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ArianeError, match="not a run manifest of this version"):
        read_manifest(path)


def test_a_package_that_is_not_as_locked_is_told_apart(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "# a comment==1\nJinja2==0.0.1 \\\n    --hash=sha256:00\nnosuch-package==1\n"
        "psycopg[binary]==3.1 ; python_version < '3.12'\npsycopg[binary]==3.2\n",
        encoding="utf-8",
    )
    held = locked(lock)
    assert held == {"jinja2": {"0.0.1"}, "nosuch-package": {"1"}, "psycopg": {"3.1", "3.2"}}
    told = environment(lock)
    assert told["not_as_locked"]["jinja2"]["locked"] == ["0.0.1"]
    assert "nosuch-package" not in told["packages"]
    assert environment(tmp_path / "none")["lock_sha256"] is None


def test_code_is_told_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    program = tmp_path / "scripts" / "a.py"
    program.write_text("1", encoding="utf-8")
    first = code(tmp_path)
    (tmp_path / "scripts" / "notes.txt").write_text("1", encoding="utf-8")
    assert code(tmp_path) == first
    program.write_text("2", encoding="utf-8")
    assert code(tmp_path) != first
