"""What the ranking benchmark is made of."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from ariane.files import REPOSITORY
from benchmark_ranking import calibration
from published_cases import read_published
from ranking_cases import Outcome
from ranking_world import (
    HET,
    Allele,
    call_of,
    causal_alleles,
    consequence_of,
    read_persons,
    record_of,
    shortest,
)


@pytest.mark.parametrize(
    ("coding", "protein", "gained", "expected"),
    [
        ("c.1225del", "p.(Arg409GlyfsTer3)", -1, "frameshift_variant"),
        ("c.1938-1G>A", "p.?", 0, "splice_acceptor_variant"),
        ("c.67+2T>C", "p.?", 0, "splice_donor_variant"),
        ("c.67+5G>A", "p.?", 0, "splice_region_variant&intron_variant"),
        ("c.67+99G>A", "p.?", 0, "intron_variant"),
        ("c.4C>T", "p.(Arg2Ter)", 0, "stop_gained"),
        ("c.1A>G", "p.(Met1?)", 0, "start_lost"),
        ("c.300A>G", "p.(Ter100Trpext*5)", 0, "stop_lost"),
        ("c.5G>A", "p.(Arg2His)", 0, "missense_variant"),
        ("c.6G>A", "p.(Arg2=)", 0, "synonymous_variant"),
        ("c.5_7del", "p.(Lys2del)", -3, "inframe_deletion"),
        ("c.5_7dup", "p.(Lys2dup)", 3, "inframe_insertion"),
        ("n.64_65insT", "", 1, "non_coding_transcript_exon_variant"),
    ],
)
def test_consequences_told_by_names(coding: str, protein: str, gained: int, expected: str) -> None:
    names = [{"syntax": "hgvs.c", "value": f"NM_1.1:{coding}"}]
    names += [{"syntax": "hgvs.p", "value": f"NP_1.1:{protein}"}] if protein else []
    assert consequence_of({"expressions": names}, gained) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((10, "CTG", "CT"), (11, "TG", "T")),
        ((10, "CAA", "CA"), (10, "CA", "C")),
        ((10, "AC", "AT"), (11, "C", "T")),
        ((10, "A", "T"), (10, "A", "T")),
    ],
)
def test_alleles_are_written_shortest(given: Any, expected: Any) -> None:
    assert shortest(*given) == expected


def test_calls_tell_the_genotype_and_nothing_of_the_source() -> None:
    background = Allele("chr1", 10, "A", "T", "0/1", "ONE", "HGNC:1", "missense_variant")
    causal = Allele("chr1", 10, "A", "T", "0/1", "TWO", "HGNC:2", "stop_gained")
    assert call_of(background) == call_of(causal)
    gt, reads, depth, quality = call_of(causal).split(":")
    assert gt == "0/1"
    assert sum(map(int, reads.split(","))) == int(depth) >= 20
    assert int(quality) >= 40


def test_calibration_sees_what_is_told_and_what_happens() -> None:
    sure = [Outcome(1, 0.9, 0.1, 0.9)] * 10
    empty = [Outcome(5, 0.0, 1.0, 0.0)] * 10
    error, points = calibration(sure, empty, 0.7, 0.3)
    assert error < 0.05
    assert sum(point["share"] for point in points) == pytest.approx(1)
    error, _ = calibration(sure, [Outcome(5, 0.9, 0.1, 0.0)] * 10, 0.7, 0.3)
    assert error > 0.5


SCRIPTS = REPOSITORY / "scripts"
DATA = REPOSITORY.parent / "shared" / "data"
NEEDED = {
    "cases": DATA / "cases" / "phenopackets.jsonl.gz",
    "hpo": DATA / "hpo" / "2024-03-06",
    "backgrounds": DATA / "backgrounds" / "persons.tsv.gz",
}


@pytest.fixture(scope="module")
def needed() -> dict[str, Path]:
    for path in NEEDED.values():
        if not path.exists():
            pytest.skip(f"{path} is absent")
    return NEEDED


def test_nothing_but_gene_and_genotype_tells_causal_from_background(
    needed: dict[str, Path],
) -> None:
    """A classifier of calls and written records, without gene, consequence and zygosity."""
    published = [a for case in read_published(needed["cases"]) for a in causal_alleles(case) or ()]
    # One allele has one call, in whomever it is published: each counts once.
    distinct = {a.key: a for a in published if a.gt == HET}
    causal = [a for a in distinct.values() if len(a.ref) == len(a.alt) == 1]
    persons = read_persons(needed["backgrounds"])
    own = [a for _, alleles in persons.values() for a in alleles if a.gt == HET]
    background = [a for a in own if len(a.ref) == len(a.alt) == 1][: 2 * len(causal)]
    rows, labels = [], []
    for allele in (*causal, *background):
        _, reads, depth, quality = call_of(allele).split(":")
        reference, alternative = map(int, reads.split(","))
        written = record_of(allele, {}).split("\t")
        rows.append([reference, alternative, int(depth), int(quality), alternative / int(depth),
                     len(written[2]), len(written[5]), len(written[6]), len(written)])  # fmt: skip
        labels.append(len(rows) <= len(causal))
    order = np.random.default_rng(1).permutation(len(rows))
    told = cross_val_predict(
        HistGradientBoostingClassifier(max_iter=60, random_state=1),
        np.array(rows, dtype=float)[order],
        np.array(labels)[order],
        cv=5,
        method="predict_proba",
    )[:, 1]
    auroc = roc_auc_score(np.array(labels)[order], told)
    assert 0.4 <= auroc <= 0.6


def test_a_small_run_ranks_and_prints(needed: dict[str, Path], tmp_path: Path) -> None:
    args = [f"--{name}={path}" for name, path in needed.items()]
    out = tmp_path / "ranking.json"
    done = subprocess.run(
        [sys.executable, SCRIPTS / "benchmark_ranking.py", *args, f"--json={out}", "--limit=12"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    for stratum in ("unseen", "seen", "all"):
        assert re.match(
            rf"{stratum} n=\d+ top1=[01]\.\d+ top3=[01]\.\d+ top5=[01]\.\d+ top10=[01]\.\d+ "
            r"macro_top1=[01]\.\d+ macro_top10=[01]\.\d+ none_auroc=[01]\.\d+ ece=[01]\.\d+",
            lines[stratum],
        ), lines[stratum]
    made = json.loads(out.read_text(encoding="utf-8"))
    assert made["cases"] == 12
    assert made["strata"]["all"]["top10"] >= 0.5
    assert made["strata"]["all"]["none_auroc"] >= 0.6
    assert out.with_suffix(".svg").read_text(encoding="utf-8").startswith("<svg ")
