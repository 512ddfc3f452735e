"""Values that a shell would read, in every field that reaches a rule's shell line.

The workflow is planned and three of its jobs really run on a case whose paths and sample are called
like commands. The lines of all other rules are given to bash with a ``python`` that tells its
arguments.
"""

from __future__ import annotations

import csv
import gzip
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ariane.files import REPOSITORY

DEMO = REPOSITORY / "resources" / "demo"
CASE = "DEMO-02"
SAMPLE = "s$(touch${IFS}pwned)`touch${IFS}pwned`;{case}{{x}}*?'q'\"d\"|&>pwned#\\"
FOLDER = "a b&&touch pwned||$(touch pwned)`touch pwned` 'q' \"d\" * & | > pwned # !x \\ é"
CONTACT = "x'; touch pwned; $(touch pwned) {wildcards} \"\\"
SHOWN = "Shell command: "


@dataclass(frozen=True)
class Hostile:
    """A working folder whose inputs are called like commands."""

    folder: Path
    vcf: Path

    def snakemake(self, *more: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"),
            "--directory", str(self.folder), "--cores", "1",
            "--workflow-profile", "none",
            *more, "--configfile", str(self.folder / "config.yaml"),
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)

    def untouched(self) -> bool:
        return not list(self.folder.rglob("pwned"))


def write_sheet(path: Path, vcf: Path) -> None:
    """The demo's case with another VCF."""
    with (DEMO / "families.tsv").open(encoding="utf-8", newline="") as handle:
        row = next(r for r in csv.DictReader(handle, delimiter="\t") if r["case_id"] == CASE)
    row |= {"vcf": str(vcf), "proband_sample": SAMPLE, "laboratory": CONTACT}
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(row), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    folder = tmp_path_factory.mktemp("hostile")
    inputs = folder / FOLDER
    inputs.mkdir()
    vcf = inputs / f"{FOLDER}.vcf"
    text = gzip.decompress((DEMO / "vcf" / f"{CASE}.vcf.gz").read_bytes()).decode()
    vcf.write_text(text.replace(f"FORMAT\t{CASE}\n", f"FORMAT\t{SAMPLE}\n"), encoding="utf-8")
    write_sheet(inputs / "families.tsv", vcf)
    for name in ("registry.csv", "registry_mapping.yaml"):
        (inputs / name).write_bytes((DEMO / name).read_bytes())
    config = {
        "cycle": "2024-03", "release": "demo-A", "releases": str(DEMO / "releases"),
        "families": str(inputs / "families.tsv"), "shards": 1,
        "registries": {"impasse": {
            "file": str(inputs / "registry.csv"), "mapping": str(inputs / "registry_mapping.yaml"),
        }},
        "exports": {"matchmaker": {"contact": {"name": CONTACT, "href": "mailto:a@b.example"}}},
    }  # fmt: skip
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return Hostile(folder, vcf)


@pytest.fixture(scope="module")
def planned(hostile: Hostile) -> list[str]:
    """The shell line of each job."""
    done = hostile.snakemake("--dry-run", "--printshellcmds")
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    lines = (done.stdout + done.stderr).splitlines()
    told = [line.partition(SHOWN)[2] for line in lines if SHOWN in line]
    return [line for line in told if line != "None"]  # rule all has none


def test_each_rule_hands_on_what_it_was_given(
    hostile: Hostile, planned: list[str], tmp_path: Path
) -> None:
    assert len(planned) >= 12
    told = b""
    for line in planned:
        script = f'set -euo pipefail; python() {{ printf "%s\\0" "$@"; }}; mkdir() {{ :; }}; {line}'
        for name in ("logs", "timings"):
            (tmp_path / "results" / name).mkdir(parents=True, exist_ok=True)
        for word in line.replace("'", " ").split():
            if word.startswith("results/logs/"):
                (tmp_path / word).parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, (line, done.stderr)
        told += done.stdout
    told += b"".join(p.read_bytes() for p in (tmp_path / "results" / "logs").rglob("*.log"))
    given = told.split(b"\0")
    assert str(hostile.vcf).encode() in given
    assert f"--sample={CASE}={SAMPLE}".encode() in given
    assert str(hostile.folder / FOLDER / "registry.csv").encode() in given
    assert str(hostile.folder / FOLDER / "registry_mapping.yaml").encode() in given
    assert list(tmp_path.rglob("pwned")) == []
    assert hostile.untouched()


def test_jobs_really_run_on_such_names(hostile: Hostile) -> None:
    targets = [f"results/quality/{CASE}.json", "results/cycles/2024-03/inputs.json"]
    done = hostile.snakemake(*targets)
    assert done.returncode == 0, done.stderr[-3000:]
    assert all((hostile.folder / target).is_file() for target in targets)
    assert hostile.untouched()


def test_names_of_jobs_on_a_cluster_are_plain(hostile: Hostile, planned: list[str]) -> None:
    """What stands in a job script: rule and wildcards, each a safe name (test_security_names)."""
    done = hostile.snakemake("--dry-run", "--quiet", "host")
    for line in (done.stdout + done.stderr).splitlines():
        if line.strip().startswith("wildcards:"):
            assert "pwned" not in line


@pytest.mark.parametrize("name", ["{case}.vcf", "a}b.vcf", "{{x}}.vcf"])
def test_braces_in_a_path_are_told(hostile: Hostile, name: str, tmp_path: Path) -> None:
    from ariane.intake.check import check_config

    config = yaml.safe_load((hostile.folder / "config.yaml").read_text(encoding="utf-8"))
    sheet = tmp_path / "families.tsv"
    (tmp_path / name).write_bytes(hostile.vcf.read_bytes())
    write_sheet(sheet, tmp_path / name)
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(config | {"families": str(sheet)}))
    _, cases, faults = check_config(tmp_path / "c.yaml")
    assert cases == []
    assert [fault for fault in faults if "holds braces" in fault.what and fault.case == CASE]
    mapping = {"file": f"{tmp_path}/{name}", "mapping": f"{tmp_path}/{name}"}
    (tmp_path / "d.yaml").write_text(yaml.safe_dump(config | {"registries": {"r": mapping}}))
    _, _, faults = check_config(tmp_path / "d.yaml")
    assert sum("holds braces" in fault.what for fault in faults) == 2


def test_a_line_end_in_a_path_is_refused(hostile: Hostile, tmp_path: Path) -> None:
    from ariane.intake.sheet import read_sheet

    path = tmp_path / "families.tsv"
    path.write_text(f'case_id\tvcf\n{CASE}\t"a\nb.vcf"\n', encoding="utf-8")
    _, faults = read_sheet(path)
    assert [f.what for f in faults if "quote" in f.what]


def test_the_prefix_of_each_line_survives_its_own_folder() -> None:
    """The interpreter's folder is the only other text that stands before a rule's line."""
    text = (REPOSITORY / "rules" / "common.smk").read_text(encoding="utf-8")
    assert "export PATH={quote(str(Path(sys.executable).parent))}:$PATH" in text
    assert os.sep == "/"
