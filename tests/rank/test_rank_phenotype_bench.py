"""The benchmark of phenotype points, on a few published cases."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ariane.files import REPOSITORY
from phenotype_genes import FOLDS, fold_of
from rank_measures import intervals, measures, worst_ranks

SHARED = REPOSITORY.parent / "shared" / "data"
CASES = SHARED / "cases" / "phenopackets.jsonl.gz"
HPO = SHARED / "hpo" / "2024-03-06"


def test_ties_count_as_the_worst_rank() -> None:
    scores = np.array([[3.0, 3.0, 1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])
    assert worst_ranks(scores, np.array([0, 1, 2])).tolist() == [2, 3, 1]


def test_measures_by_case_and_by_gene() -> None:
    found = measures(np.array([1, 1, 1, 20]), ["A", "A", "A", "B"])
    assert (found["top1"], found["macro_top1"]) == (0.75, 0.5)
    low, high = intervals(np.array([1, 1, 1, 20]), list("AAAB"), list("wxyz"), 1)["top1"]
    assert 0 <= low < 0.75 < high <= 1


def test_folds_are_fixed_by_the_gene_alone() -> None:
    assert fold_of("FBN1") == fold_of("FBN1")
    assert {fold_of(f"GENE{n}") for n in range(100)} == set(range(FOLDS))


@pytest.mark.shared_data
@pytest.mark.skipif(not CASES.is_file(), reason=f"{CASES.name} is absent")
@pytest.mark.skipif(not HPO.is_dir(), reason=f"{HPO.name} is absent")
def test_a_few_published_cases(tmp_path: Path) -> None:
    out = tmp_path / "phenotype.json"
    command = [sys.executable, str(REPOSITORY / "scripts" / "benchmark_phenotype.py")]
    command += ["--cases", str(CASES), "--hpo", str(HPO), "--json", str(out), "--limit", "120"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["unseen", "seen", "all"]
    for line in lines:
        assert re.fullmatch(r"\w+ n=\d+( (macro_)?top\d+=[01]\.\d{3})+ seconds=[\d.]+", line)
    found = json.loads(out.read_text(encoding="utf-8"))["strata"]["all"]
    assert found["n"] == 120
    low, high = found["intervals"]["top10"]
    assert low <= found["out_of_fold"]["top10"] <= high
    assert found["out_of_fold"]["top10"] > 0.4, "chance gives one in five hundred"
