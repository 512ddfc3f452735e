"""VEP as the chosen engine: planned and linted. VEP itself is not run: it cannot be had here."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import yaml
from demo_run import FIRST, new_run


@pytest.mark.workflow
def test_a_run_with_vep_is_planned_and_passes_lint(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    config = yaml.safe_load(run.config(FIRST).read_text(encoding="utf-8"))
    cache = tmp_path / "cache"
    config |= {"engine": "vep", "vep_cache": str(cache)}
    run.config(FIRST).write_text(yaml.safe_dump(config), encoding="utf-8")
    refused = run.snakemake(FIRST, "--dry-run")
    assert refused.returncode != 0
    assert "key 'vep_cache': there is no folder" in refused.stderr
    cache.mkdir()
    asked = run.snakemake(FIRST, "--nolock", "results/cases/DEMO-04/sites.vcf.gz")
    assert asked.returncode == 0, asked.stderr[-2000:]
    with gzip.open(tmp_path / "results/cases/DEMO-04/sites.vcf.gz", "rt") as sites:
        rows = [line.split("\t") for line in sites if not line.startswith("##")]
    assert rows[0][-1] == "INFO\n", "no genotype, no sample's name"
    assert len(rows) > 50
    planned = run.snakemake(FIRST, "--dry-run", "--printshellcmds", "--quiet", "host")
    assert planned.returncode == 0, planned.stderr[-2000:]
    commands = [line.strip() for line in (planned.stdout + planned.stderr).splitlines()]
    vep = [line for line in commands if " vep --offline" in line]
    annotate = [line for line in commands if "annotate_case.py" in line and "python" in line]
    assert len(vep) == len(annotate) > 0
    for option in ("--offline", "--allele_number", "--mane", "--hgvs", "--numbers"):
        assert all(option in line for line in vep)
    assert all("--engine vep --vep results/cases/" in line for line in annotate)
    linted = run.snakemake(FIRST, "--lint")
    assert linted.returncode == 0, linted.stderr[-2000:]
