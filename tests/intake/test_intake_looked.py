"""What is remembered of VCFs: never of one that changed, never a fault less."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml

from ariane import files
from ariane.intake import check as check_module
from ariane.intake.check import check
from ariane.intake.config import Settings, settings_of
from ariane.intake.looked import Memory
from ariane.knowledge.release import Release

DEMO = files.RESOURCES / "demo"


def settings(folder: Path, **more: str) -> Settings:
    raw = yaml.safe_load((files.REPOSITORY / "config" / "demo.yaml").read_text(encoding="utf-8"))
    del raw["registries"], raw["exports"], raw["decisions"]
    raw |= {"releases": str(DEMO / "releases"), "families": str(folder / "families.tsv")} | more
    made, _ = settings_of(raw, "test")
    assert made is not None
    return made


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    for name in ("vcf", "ped", "phenopackets"):
        shutil.copytree(DEMO / name, tmp_path / name)
    shutil.copy(DEMO / "families.tsv", tmp_path / "families.tsv")
    return tmp_path


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of the VCFs that are read, in order."""
    read: list[str] = []
    real = check_module.glance

    def counted(path: Path, column: str = "vcf") -> object:
        read.append(path.name)
        return real(path, column)

    monkeypatch.setattr(check_module, "glance", counted)
    return read


def test_a_second_check_reads_no_vcf_and_says_the_same(cohort: Path, looks: list[str]) -> None:
    chosen, kept = settings(cohort), cohort / "looked.json"
    release = Release.open(chosen.release_folder)
    memory = Memory.read(kept, release)
    first = check(chosen, release, memory)
    sums = {case.id: memory.sha256([Path(case.analysis.vcf)]) for case in first[0]}
    memory.save(kept)
    assert len(looks) == len(set(looks)) >= 18
    looks.clear()
    again = Memory.read(kept, release)
    assert check(chosen, release, again) == first == check(chosen, release)
    assert len(looks) == len(set(looks)), "read by the check without a memory only"
    for case in first[0]:
        path = Path(case.analysis.vcf)
        assert again.sha256([path]) == sums[case.id] == files.sha256_of(path)


def test_a_changed_vcf_is_read_again(cohort: Path, looks: list[str]) -> None:
    chosen, kept = settings(cohort), cohort / "looked.json"
    release = Release.open(chosen.release_folder)
    memory = Memory.read(kept, release)
    check(chosen, release, memory)
    path = cohort / "vcf" / "DEMO-06.vcf.gz"
    old = memory.sha256([path])
    memory.save(kept)
    looks.clear()
    path.write_bytes(path.read_bytes()[:-40])
    again = Memory.read(kept, release)
    _, faults = check(chosen, release, again)
    assert looks == [path.name]
    assert any("not complete" in fault.what for fault in faults)
    assert again.sha256([path]) == files.sha256_of(path) != old
    again.save(kept)
    looks.clear()
    _, faults = check(chosen, release, Memory.read(kept, release))
    assert looks == [path.name], "a file with an error is read each time"
    assert any("not complete" in fault.what for fault in faults)


def test_the_same_size_at_another_time_is_another_file(cohort: Path, looks: list[str]) -> None:
    chosen, kept = settings(cohort), cohort / "looked.json"
    release = Release.open(chosen.release_folder)
    memory = Memory.read(kept, release)
    check(chosen, release, memory)
    memory.save(kept)
    looks.clear()
    os.utime(cohort / "vcf" / "DEMO-03.vcf.gz", ns=(1, 1))
    check(chosen, release, Memory.read(kept, release))
    assert looks == ["DEMO-03.vcf.gz"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"stamp": "x"}', '{"looks": 1}'])
def test_a_damaged_memory_is_an_empty_one(cohort: Path, looks: list[str], damage: str) -> None:
    chosen, kept = settings(cohort), cohort / "looked.json"
    release = Release.open(chosen.release_folder)
    kept.write_text(damage)
    check(chosen, release, Memory.read(kept, release))
    assert len(looks) >= 18


def test_another_reference_forgets_the_looks(cohort: Path) -> None:
    chosen, kept = settings(cohort), cohort / "looked.json"
    release = Release.open(chosen.release_folder)
    memory = Memory.read(kept, release)
    check(chosen, release, memory)
    memory.sha256([cohort / "vcf" / "DEMO-03.vcf.gz"])
    memory.save(kept)
    named = dict(release.resources)
    named.pop("reference")
    other = Release(release.folder, release.name, release.as_of, named)
    found = Memory.read(kept, other)
    assert not found.looks
    assert found.checksums


def test_a_batch_reads_its_own_files_only(cohort: Path, looks: list[str]) -> None:
    sheet = cohort / "families.tsv"
    lines = sheet.read_text(encoding="utf-8").splitlines()
    new = {"DEMO-02", "DEMO-07"}
    header, *rows = (line.split("\t") for line in lines)
    for row in rows:
        row[header.index("batch")] = "new" if row[0] in new else "old"
    sheet.write_text("\n".join(map("\t".join, [header, *rows])) + "\n", encoding="utf-8")
    (cohort / "vcf" / "DEMO-01.vcf.gz").unlink()
    chosen = settings(cohort, batch="new")
    release = Release.open(chosen.release_folder)
    cases, faults = check(chosen, release)
    assert {case.id for case in cases} == new
    assert {name.partition(".")[0] for name in looks} == new
    assert not [fault for fault in faults if "DEMO-01" in str(fault)]
    _, faults = check(settings(cohort, batch="nwe"), release)
    assert [fault.advice == "Did you mean 'new'" for fault in faults] == [True]
