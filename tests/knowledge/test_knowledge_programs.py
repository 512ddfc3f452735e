"""The programs that make resources: cutting large files, counting families."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ariane.knowledge.release import Release

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo" / "releases" / "demo-A"


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def description(tmp_path: Path) -> Path:
    """The demo's release as a description, with a predictor's table as published."""
    demo = Release.open(DEMO)
    raw = {"name": "slim", "as_of": "2024-03-06", "resources": {}}
    for kind, resource in demo.resources.items():
        raw["resources"][kind] = {
            "file": str(demo.require(kind)),
            "companions": [str(path) for path in demo.paths(kind)[1:]],
            "format": resource.format,
            "version": resource.version,
            "date": resource.date,
            "licence": {"class": "open", "text": "CC0"},
            "source": "demo",
        }
    table = tmp_path / "cadd.tsv"
    table.write_text("#Chrom\tPos\tRef\tAlt\tRaw\tPHRED\n20\t100\tA\tC\t1\t9.5\n", encoding="utf-8")
    raw["resources"]["cadd"] = {**raw["resources"]["constraint"], "file": "cadd.tsv"}
    raw["resources"]["cadd"] |= {"format": "cadd_tsv", "companions": []}
    path = tmp_path / "release.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


def test_a_description_is_cut_and_made_into_a_release(description: Path, tmp_path: Path) -> None:
    bed = tmp_path / "all.bed"
    contigs = (Release.open(DEMO).require("reference")).with_name("reference.fa.gz.fai")
    lines = [line.split("\t")[:2] for line in contigs.read_text("utf-8").splitlines()]
    bed.write_text("".join(f"{c}\t0\t{length}\n" for c, length in lines), encoding="utf-8")
    done = run("slim_release.py", description, "--out", tmp_path / "cut", "--regions", bed)
    assert done.returncode == 0, done.stderr
    assert "cadd: 1 of 1 lines lie in the regions." in done.stderr
    made = run(
        "make_release.py", tmp_path / "cut" / "release.yaml", "--releases", tmp_path / "releases"
    )
    assert made.returncode == 0, made.stderr
    release = Release.open(tmp_path / "releases" / "slim")
    assert [path.name for path in release.paths("cadd")] == ["cadd.tsv.gz", "cadd.tsv.gz.tbi"]
    assert release.sha256("genes") == Release.open(DEMO).sha256("genes")


def test_without_its_index_a_large_file_makes_no_release(description: Path, tmp_path: Path) -> None:
    made = run("make_release.py", description, "--releases", tmp_path / "releases")
    assert made.returncode == 2
    assert "'cadd' is read by region and names no index" in made.stderr
    assert "slim_release.py" in made.stderr


def test_a_description_of_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("resources: {reference: {}}\n", encoding="utf-8")
    done = run("slim_release.py", path, "--out", tmp_path / "cut")
    assert done.returncode == 2
    assert "not the description of a release" in done.stderr
    assert "Traceback" not in done.stderr
