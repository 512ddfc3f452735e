"""What the benchmark of reanalysis is made of, and a smoke of it on real data."""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ariane.files import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "scripts"))
from reanalysis_strata import Record, read_records, without_papers

SCRIPTS = REPOSITORY / "scripts"
DATA = REPOSITORY.parent / "shared" / "data"
GFF = "MANE_select.GRCh38.gff3.gz"
FROM, TO = "2024-03-06", "2025-01-16"
BEFORE, AFTER = "2024-02/04", "2024-10"
NEEDED = (
    DATA / "cases" / "phenopackets.jsonl.gz",
    DATA / "hpo" / FROM,
    DATA / "hpo" / TO,
    DATA / "variants" / "vkgl_releases.tsv.gz",
    DATA / "backgrounds" / "persons.tsv.gz",
)


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


@cache
def _drawn(text: str, share: int) -> bool:
    return int(sha256(text.encode()).hexdigest()[:8], 16) % share == 0


def _some_lines(source: Path, target: Path, keep: Callable[[str], bool]) -> None:
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        target.write_text("".join(line for line in lines if keep(line)), encoding="utf-8")


def _small_world(folder: Path) -> dict[str, Path]:
    """Some cases and diseases, a few persons and asserted alleles, in the formats of the whole."""
    cases, first, second, classes, persons = NEEDED
    made = {
        "cases": folder / "cases.jsonl",
        "hpo-from": folder / FROM,
        "hpo-to": folder / TO,
        "assertions": folder / "classes.tsv",
        "backgrounds": folder / "persons.tsv",
        "data": folder / "data",
    }
    with gzip.open(cases, "rt", encoding="utf-8") as lines:
        held = [(line, json.loads(line)) for line in lines]
    of = [p["interpretations"][0]["diagnosis"]["disease"]["id"] for _, p in held]
    chosen = {disease for disease in of if _drawn(disease, 6)}
    text = "".join(line for (line, _), disease in zip(held, of, strict=True) if disease in chosen)
    made["cases"].write_text(text, encoding="utf-8")
    for source, target in ((first, made["hpo-from"]), (second, made["hpo-to"])):
        target.mkdir()
        (target / "hp.obo.gz").symlink_to(source / "hp.obo.gz")
        for name, column in (("phenotype.hpoa", 0), ("phenotype_to_genes.txt", 4)):

            def kept(line: str, column: int = column) -> bool:
                fields = line.rstrip("\n").split("\t")
                if len(fields) <= column or ":" not in fields[column] or fields[0][0] == "#":
                    return True
                return fields[column] in chosen or _drawn(fields[column], 8)

            _some_lines(source / f"{name}.gz", target / name, kept)
    with gzip.open(classes, "rt", encoding="utf-8") as lines:
        columns = next(csv.reader(lines, delimiter="\t"))
    was, now = columns.index(BEFORE), columns.index(AFTER)

    def told(line: str) -> bool:
        fields = line.rstrip("\n").split("\t")
        if fields[0] == "chrom":
            return True
        moved = fields[was] != fields[now] and "LP" in (fields[was], fields[now])
        return moved or _drawn(line, 40)

    _some_lines(classes, made["assertions"], told)
    genes = {p["interpretations"][0]["diagnosis"]["genomicInterpretations"][0]
             ["variantInterpretation"]["variationDescriptor"]["geneContext"]["symbol"]
             for (_, p), disease in zip(held, of, strict=True) if disease in chosen}  # fmt: skip
    _small_data(made["data"], genes)
    _some_lines(persons, made["backgrounds"], lambda line: line[:5] < "P0030" or line[0] == "p")
    return made


def _small_data(folder: Path, genes: set[str]) -> None:
    """The real data with the transcripts of some genes: reading all of them takes the most time."""
    (folder / "reference").mkdir(parents=True)
    (folder / "genes").symlink_to(DATA / "genes")
    for path in (DATA / "reference").iterdir():
        if path.name != GFF:
            (folder / "reference" / path.name).symlink_to(path)
    taken = True

    def kept(line: str) -> bool:
        nonlocal taken
        fields = line.split("\t")
        if len(fields) > 8 and fields[2] == "gene":
            symbol = fields[8].partition("Name=")[2].split(";")[0].strip()
            taken = symbol in genes or _drawn(symbol, 6)
        return taken

    with (
        gzip.open(DATA / "reference" / GFF, "rt", encoding="utf-8") as lines,
        gzip.open(folder / "reference" / GFF, "wt", compresslevel=1) as out,
    ):
        out.writelines(line for line in lines if kept(line))


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, Any]]:
    for path in NEEDED:
        if not path.exists():
            pytest.skip(f"{path} is absent")
    folder = tmp_path_factory.mktemp("reanalysis")
    named = [f"--{name}={path}" for name, path in _small_world(folder).items()]
    out = folder / "reanalysis.json"
    done = subprocess.run(
        [sys.executable, SCRIPTS / "benchmark_reanalysis.py", *named, f"--assert-from={BEFORE}",
         f"--assert-to={AFTER}", f"--json={out}", "--limit=10", "--no-chains"],
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
