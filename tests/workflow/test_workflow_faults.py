"""A broken input: all faults told at once, exit status 2, nothing started or half-written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from demo_run import DEMO, FIRST, Run, new_run

pytestmark = pytest.mark.workflow


@pytest.fixture
def broken(tmp_path: Path) -> Run:
    """A run whose sheet and files may be damaged."""
    for name in ("ped", "phenopackets", "vcf"):
        shutil.copytree(DEMO / name, tmp_path / name)
    for name in ("families.tsv", "decisions.tsv"):
        shutil.copy(DEMO / name, tmp_path / name)
    run = new_run(tmp_path)
    config = yaml.safe_load(run.config(FIRST).read_text(encoding="utf-8"))
    config |= {"families": "families.tsv", "decisions": "decisions.tsv"}
    run.config(FIRST).write_text(yaml.safe_dump(config), encoding="utf-8")
    return run


def edit(run: Run, case: str, **cells: str) -> None:
    sheet = run.folder / "families.tsv"
    lines = sheet.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split("\t")
    for number, line in enumerate(lines):
        row = line.split("\t")
        if row[0] == case:
            for name, value in cells.items():
                row[columns.index(name)] = value
            lines[number] = "\t".join(row)
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_all_faults_are_told_together_and_nothing_starts(broken: Run) -> None:
    vcf = broken.folder / "vcf" / "DEMO-09.vcf.gz"
    vcf.write_bytes(vcf.read_bytes()[: vcf.stat().st_size // 2])
    edit(broken, "DEMO-02", hpo="HP:0001250;HP:9999999")
    edit(broken, "DEMO-03", case_id="../DEMO-03")
    edit(broken, "DEMO-05", mother_sample="NOBODY")
    edit(broken, "DEMO-07", assembly="GRCh37")
    done = broken.snakemake(FIRST)
    said = done.stderr
    assert done.returncode == 2
    assert "Traceback" not in said
    for words in (
        "HP:9999999 is not a term of the release's HPO",
        "families.tsv:4",
        "sample 'NOBODY' is not in",
        "assembly GRCh37 is declared",
        "DEMO-09.vcf.gz: case DEMO-09: the VCF is not complete",
    ):
        assert words in said
    assert not (broken.folder / "results").exists()
    assert not (broken.folder / "state").exists()


def test_an_identity_column_stops_everything_and_is_not_repeated(broken: Run) -> None:
    sheet = broken.folder / "families.tsv"
    lines = sheet.read_text(encoding="utf-8").splitlines()
    lines[0] += "\tnom"
    lines[1:] = [line + "\tDurand" for line in lines[1:]]
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = broken.snakemake(FIRST)
    assert done.returncode == 2
    assert "column 'nom' names the identity of a person" in done.stderr
    assert "Durand" not in done.stderr + done.stdout


def test_a_later_edit_belongs_to_the_next_cycle(broken: Run) -> None:
    """Once begun, a cycle does not see the sheet any more."""
    config = yaml.safe_load(broken.config(FIRST).read_text(encoding="utf-8"))
    config |= {"registries": {}, "pages": "none"}
    broken.config(FIRST).write_text(yaml.safe_dump(config), encoding="utf-8")
    assert broken.snakemake(FIRST, "--until", "freeze").returncode == 0
    edit(broken, "DEMO-02", hpo="HP:9999999")
    done = broken.snakemake(FIRST, "--dry-run")
    assert done.returncode == 0, done.stderr[-2000:]
    frozen = broken.folder / "state/cycles" / FIRST / "inputs" / "families.tsv"
    assert "HP:9999999" not in frozen.read_text(encoding="utf-8")


def test_what_a_failed_step_said_is_printed(broken: Run) -> None:
    """Its message stands in the step's log, which nobody opens who does not know of it."""
    one = "results/cases/DEMO-02/candidates.parquet"
    assert broken.snakemake(FIRST, "--", one).returncode == 0
    path = broken.folder / one
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = broken.snakemake(FIRST, "--until", "store")
    assert done.returncode == 1
    assert f"{one}: damaged Parquet file" in done.stderr
    assert "Traceback" not in done.stderr
