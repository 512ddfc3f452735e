"""The programs that make resources: cutting large files, counting families."""

from __future__ import annotations

import gzip
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


def test_what_is_asserted_outside_the_genes_is_not_cut_away(
    description: Path, tmp_path: Path
) -> None:
    """The record itself, and what other files say of its place."""
    raw = yaml.safe_load(description.read_text(encoding="utf-8"))
    old = Path(raw["resources"]["assertions"]["file"])
    clinvar, cadd = tmp_path / "clinvar.vcf", tmp_path / "cadd.tsv"
    text = gzip.decompress(old.read_bytes()).decode()
    text += "15\t13200\t1\tA\tC\t.\t.\tCLNSIG=Likely_pathogenic\n"
    text += "15\t13400\t2\tA\tC\t.\t.\tCLNSIG=Benign\n"
    clinvar.write_text(text, encoding="utf-8")
    lines = (f"15\t{pos}\tA\tC\t1\t9.5\n" for pos in (6001, 13200, 13400))
    cadd.write_text("#Chrom\tPos\tRef\tAlt\tRaw\tPHRED\n" + "".join(lines), encoding="utf-8")
    raw["resources"]["assertions"] |= {"file": clinvar.name, "companions": []}
    description.write_text(yaml.safe_dump(raw), encoding="utf-8")
    done = run("slim_release.py", description, "--out", tmp_path / "cut", "--padding", 100)
    assert done.returncode == 0, done.stderr
    places = {}
    for name in ("assertions.vcf.gz", "cadd.tsv.gz"):
        kept = gzip.decompress((tmp_path / "cut" / name).read_bytes()).decode().splitlines()
        fields = (line.split("\t") for line in kept if not line.startswith("#"))
        places[name] = {int(f[1]) for f in fields if f[0] == "15"}
    assert places["cadd.tsv.gz"] == {6001, 13200}
    assert 13200 in places["assertions.vcf.gz"]
    assert 13400 not in places["assertions.vcf.gz"]

    clinvar.write_text("##fileformat=VCFv4.1\n#CHROM\tPOS\n15\tx\n", encoding="utf-8")
    done = run("slim_release.py", description, "--out", tmp_path / "cut2")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"{clinvar}: not as the description says, clinvar_vcf" in done.stderr


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
