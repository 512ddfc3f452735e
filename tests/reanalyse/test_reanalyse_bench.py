"""What the benchmark of reanalysis is made of, and a smoke of it on real data."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reanalyse_small import small_options

from ariane.files import REPOSITORY
from reanalysis_strata import Record, read_records, without_papers

SCRIPTS = REPOSITORY / "scripts"


def test_records_tell_what_rose_and_what_was_lost(tmp_path: Path) -> None:
    table = tmp_path / "classes.tsv"
    table.write_text(
        "chrom\tpos\tref\talt\tone\ttwo\n"
        "chr1\t10\tA\tT\tVUS\tLP\nchr1\t20\tCA\tCT\tLP\t.\nchr1\t30\tA\tT\tLP\tLP\n",
        encoding="utf-8",
    )
    rose, lost = read_records(table, "one", "two")
    assert rose == Record("chr1-10-A-T", "VUS", "LP")
    assert rose.raised
    assert not rose.lost
    assert lost.key == "chr1-21-A-T"
    assert lost.lost


def test_lines_of_a_paper_are_cut_and_no_others(tmp_path: Path) -> None:
    hpo = tmp_path / "2025-01-16"
    hpo.mkdir()
    head = "#version: x\ndatabase_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\n"
    kept = "OMIM:1\tone\t\tHP:1\tPMID:2\tPCS\n"
    gone = "OMIM:1\tone\t\tHP:2\tPMID:2;PMID:1\tPCS\n"
    (hpo / "phenotype.hpoa").write_text(head + kept + gone, encoding="utf-8")
    for name in ("hp.obo", "phenotype_to_genes.txt"):
        (hpo / name).write_text(name, encoding="utf-8")
    made = without_papers(hpo, ["PMID:1"], tmp_path)
    assert (made / "phenotype.hpoa").read_text(encoding="utf-8") == head + kept
    assert (made / "phenotype_to_genes.txt").read_text(encoding="utf-8") == "phenotype_to_genes.txt"


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("reanalysis")
    out = folder / "reanalysis.json"
    done = subprocess.run(
        [sys.executable, SCRIPTS / "benchmark_reanalysis.py", *small_options(folder),
         f"--json={out}", "--limit=10", "--no-chains"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    return lines, json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.shared_data
def test_strata_are_told_apart(smoke: tuple[dict[str, str], dict[str, Any]]) -> None:
    lines, made = smoke
    share = r"[01]\.\d+"
    for stratum in ("seen", "without_paper", "became_lp_holders", "baseline_seen"):
        shape = rf"{stratum} n=\d+ genes=\d+ flagged={share} top1={share} top3={share} top5={share}"
        assert re.fullmatch(shape, lines[stratum]), lines[stratum]
    assert re.match(r"quiet n=\d+ flags_per_200=\d+\.\d+", lines["quiet"])
    assert made["seen"]["n"] == 10
    assert made["seen"]["flagged"] >= 0.9
    assert made["without_paper"]["flagged"] <= made["seen"]["flagged"]
    low, high = made["seen"]["intervals_by_paper"]["flagged"]
    assert low <= made["seen"]["flagged"] <= high


@pytest.mark.shared_data
def test_each_diagnosis_at_risk_is_told(smoke: tuple[dict[str, str], dict[str, Any]]) -> None:
    _, made = smoke
    assert made["at_risk_holders"]["counted"] > 0
    assert made["at_risk_holders"]["counted_flagged"] == 1.0


@pytest.mark.shared_data
def test_deltas_equal_full_passes(smoke: tuple[dict[str, str], dict[str, Any]]) -> None:
    lines, _ = smoke
    pairs, equal = map(int, re.findall(r"\d+", lines["exact"]))
    assert pairs == equal > 0


@pytest.mark.shared_data
def test_a_curve_rises_with_the_burden(smoke: tuple[dict[str, str], dict[str, Any]]) -> None:
    _, made = smoke
    for points in made["curves"].values():
        burdens = [point["flags_per_200"] for point in points]
        assert burdens == sorted(burdens)
        for name in points[0].keys() - {"flags_per_200", "above"}:
            recalls = [point[name] for point in points]
            assert recalls == sorted(recalls)
