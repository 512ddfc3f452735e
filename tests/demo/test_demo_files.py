"""The committed demo is what its tables make, small, and readable by its readers."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

import make_demo
from ariane.files import read_yaml
from ariane.intake.sheet import COLUMNS, read_sheet
from ariane.knowledge.nomenclature import Rank, read_pack
from ariane.knowledge.release import Release
from ariane.model.case import Status
from ariane.model.errors import ArianeError

MADE = ("families.tsv", "decisions.tsv", "expected.tsv", "registry.csv", "nomenclature.zip")
FOLDERS = ("vcf", "ped", "phenopackets", "releases")
DERIVED = (".tbi", ".gzi")


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def made_files(folder: Path) -> dict[str, Path]:
    """Made files by name; in the pool of releases by release and kind, for it is named by hash."""
    found = {name: folder / name for name in MADE}
    for name in FOLDERS[:-1]:
        found |= {f"{name}/{path.name}": path for path in (folder / name).iterdir()}
    for name in ("demo-A", "demo-B"):
        release = Release.open(folder / "releases" / name)
        for kind in release.resources:
            for path in release.paths(kind):
                found[f"{name}/{path.name}"] = path
    return found


def test_making_it_again_gives_the_same_content(demo: Path, anew: Path) -> None:
    committed, again = made_files(demo), made_files(anew)
    assert sorted(committed) == sorted(again)
    different = [
        name
        for name, path in committed.items()
        if not name.endswith(DERIVED) and content(path) != content(again[name])
    ]
    assert different == []


def test_nothing_else_lies_in_the_pool(demo: Path) -> None:
    known = set(made_files(demo).values())
    pool = {path for path in (demo / "releases" / "files").rglob("*") if path.is_file()}
    assert pool == {path for path in known if "files" in path.parts}


def test_it_is_small(demo: Path) -> None:
    sizes = {path: path.stat().st_size for path in demo.rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 2_000_000
    assert max(sizes.values()) < 400_000


@pytest.mark.parametrize("name", ["demo-A", "demo-B"])
def test_releases_open_and_verify(demo: Path, name: str) -> None:
    release = Release.open(demo / "releases" / name)
    release.verify()
    assert len(release.resources) == 13


def test_releases_share_what_annotation_reads(demo: Path) -> None:
    a, b = (Release.open(demo / "releases" / name) for name in ("demo-A", "demo-B"))
    for kind in ("reference", "transcripts", "genes", "coverage", "hpo_french"):
        assert a.path(kind) == b.path(kind), kind
    own = ("assertions", "frequencies", "gene_disease", "hpo_annotations", "hpo_ontology")
    for kind in own:
        assert a.sha256(kind) != b.sha256(kind), kind


def test_the_sheet_is_well_formed(demo: Path) -> None:
    rows, faults = read_sheet(demo / "families.tsv")
    assert faults == []
    header = (demo / "families.tsv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split("\t") == list(COLUMNS)
    assert len(rows) == 18
    for row in rows:
        assert Status(row["status"])
        for column in ("vcf", "sv_vcf", "ped", "phenopacket"):
            assert not row[column] or (demo / row[column]).is_file()


def test_each_case_has_its_expectation(demo: Path) -> None:
    rows, _ = read_sheet(demo / "families.tsv")
    with (demo / "expected.tsv").open(encoding="utf-8", newline="") as handle:
        expected = list(csv.DictReader(handle, delimiter="\t"))
    assert [row["case_id"] for row in expected] == [row["case_id"] for row in rows]
    solved = {row["case_id"] for row in rows if row["status"] == "solved"}
    with (demo / "decisions.tsv").open(encoding="utf-8", newline="") as handle:
        decisions = {row["case_id"]: row for row in csv.DictReader(handle, delimiter="\t")}
    assert set(decisions) - {"DEMO-03"} == solved == {"DEMO-01", "DEMO-10"}
    variants = {row["case_id"]: row["variants"] for row in expected}
    assert all(decisions[case]["variants"] == variants[case] for case in solved)
    impasse = decisions["DEMO-03"]
    assert (impasse["outcome"], impasse["gene"], impasse["variants"]) == ("impasse", "", "")
    assert all(impasse[column] for column in ("actor", "role", "report", "date"))


def test_the_pack_that_the_configuration_pins_codes_the_decisions(demo: Path) -> None:
    root = demo.parents[1]
    pins = read_yaml(root / "config" / "demo.yaml")["exports"]["nomenclatures"]
    for pin in pins.values():
        pack = read_pack(root / pin["pack"], pin["version"], pin["sha256"], ("147",))
        assert pack.entries["ORPHA:2332"].rank is Rank.DISORDER
        assert "ORPHA:93890" in pack.above("147", "ORPHA:2332")
        assert "ORPHA:616874" in pack.entries


def test_the_registry_is_as_hospitals_write_it(demo: Path) -> None:
    raw = (demo / "registry.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    text = raw.decode("cp1252")
    assert text.count("\n") == text.count("\r\n")
    rows = list(csv.DictReader(text.splitlines(keepends=True), delimiter=";"))
    mapping = read_yaml(demo / "registry_mapping.yaml")
    assert set(mapping["columns"].values()) | {mapping["key"]} <= set(rows[0])
    keys = {row["identifiant"] for row in rows}
    cases = {row["case_id"] for row in read_sheet(demo / "families.tsv")[0]}
    assert len(keys) == len(rows)
    assert cases - keys == {"DEMO-16", "DEMO-18"}
    assert len(keys - cases) == 4
    assert any("\r\n" in row["commentaire"] and ";" in row["commentaire"] for row in rows)


def test_the_configurations_name_what_is_there(demo: Path) -> None:
    root = demo.parents[1]
    first, second = (read_yaml(root / "config" / n) for n in ("demo.yaml", "demo_next.yaml"))
    assert (first["release"], second["release"]) == ("demo-A", "demo-B")
    assert second["previous"] == first["cycle"]
    changed = {"cycle", "release", "previous"}
    assert {k: v for k, v in second.items() if k not in changed} == {
        k: v for k, v in first.items() if k not in changed
    }
    for name in ("releases", "families", "decisions"):
        assert (root / first[name]).exists()
    assert (root / first["registries"]["impasse"]["mapping"]).is_file()


def test_foreign_releases_are_never_cleared(demo: Path, tmp_path: Path) -> None:
    kept = tmp_path / "releases" / "hospital-2026" / "manifest.yaml"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="not the demo's"):
        make_demo.make(demo / "source", tmp_path)
    assert kept.read_text(encoding="utf-8") == "mine\n"
