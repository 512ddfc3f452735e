"""Asserted alleles far from every gene, from VCF to page, through two releases."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pysam
import pytest
import yaml
from demo_run import DEMO, FIRST, NEXT, Run

from ariane.files import read_table, sha256_of
from ariane.model.canonical import shard_name
from ariane.model.tables import CANDIDATES, EVENTS, FLAGS
from ariane.rank.shard import Bench
from ariane.reanalyse.delta import Store, full_pass
from ariane.reanalyse.effective import shard_state
from ariane.reanalyse.frozen import open_cycle
from ariane.report.explain import Run as Folders
from ariane.report.explain import explain

FBN1, ANKRD11 = "HGNC:3603", "HGNC:21316"
PLACES = {"withdrawn": ("15", 13_200), "new": ("16", 12_800), "unsaid": ("2", 12_900)}
PLACES |= {"nameless": ("1", 12_500), "unknown": ("7", 12_500)}
"""Beyond the reach of 2 kb that the run gives its genes."""
CARRIED = {"DEMO-02": ("withdrawn",), "DEMO-03": ("new", "unsaid", "nameless", "unknown")}
GENES = {"withdrawn": "FBN1:2200", "new": "LOC9:999999|ANKRD11:29123", "unknown": "LOC9:999999"}
ASSERTED = {"demo-A": ("withdrawn", "nameless"), "demo-B": ("new", "nameless", "unknown")}


def _alleles(demo: Path) -> dict[str, tuple[str, int, str, str]]:
    (reference,) = demo.glob("releases/files/*/reference.fa.gz")
    with pysam.FastaFile(str(reference)) as bases:
        found = {}
        for name, (contig, pos) in PLACES.items():
            ref = bases.fetch(f"chr{contig}", pos - 1, pos).upper()
            found[name] = (contig, pos, ref, "A" if ref != "A" else "G")
    return found


def _carry(vcf: Path, alleles: Sequence[tuple[str, int, str, str]]) -> None:
    text = gzip.decompress(vcf.read_bytes()).decode()
    more = (
        f"chr{contig}\t{pos}\t.\t{ref}\t{alt}\t500\tPASS\t.\tGT:AD:DP:GQ\t0/1:20,21:41:99\n"
        for contig, pos, ref, alt in alleles
    )
    vcf.write_bytes(gzip.compress((text + "".join(more)).encode()))


def _assert(release: Path, alleles: dict[str, tuple[str, int, str, str]]) -> None:
    """Add records to a release's assertions, as a file of its own in the pool."""
    manifest = release / "manifest.yaml"
    told = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    resource = told["resources"]["assertions"]
    text = gzip.decompress((release / resource["file"]).read_bytes()).decode()
    status = "CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts"
    for number, name in enumerate(ASSERTED[release.name], 990_001):
        contig, pos, ref, alt = alleles[name]
        info = f"CLNSIG=Pathogenic;{status};CLNDN=Invented"
        info += f";GENEINFO={GENES[name]}" if name in GENES else ""
        text += f"{contig}\t{pos}\t{number}\t{ref}\t{alt}\t.\t.\t{info}\n"
    path = release.parent / "files" / release.name / "assertions.vcf.gz"
    path.parent.mkdir()
    with pysam.BGZFile(str(path), "wb") as out:
        out.write(text.encode())
    file = f"../files/{release.name}/{path.name}"
    resource |= {"file": file, "companions": [], "sha256": sha256_of(path)}
    manifest.write_text(yaml.safe_dump(told), encoding="utf-8")


@pytest.fixture(scope="module")
def alleles() -> dict[str, tuple[str, int, str, str]]:
    return _alleles(DEMO)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, alleles: dict[str, Any]) -> Run:
    folder = tmp_path_factory.mktemp("outside")
    demo = folder / "demo"
    shutil.copytree(DEMO, demo)
    for case, names in CARRIED.items():
        _carry(demo / "vcf" / f"{case}.vcf.gz", [alleles[name] for name in names])
    for name in ASSERTED:
        _assert(demo / "releases" / name, alleles)
    sheet = demo / "families.tsv"
    with sheet.open(encoding="utf-8") as handle:
        head, *rows = list(csv.reader(handle, delimiter="\t"))
    kept = [head, *(row for row in rows if row[0] in CARRIED)]
    sheet.write_text("".join("\t".join(row) + "\n" for row in kept), encoding="utf-8")
    made = Run(folder)
    config: dict[str, Any] = {"families": str(sheet), "releases": str(demo / "releases")}
    config |= {"shards": 1, "gene_padding": 2000, "pages": "all"}
    for cycle, more in (
        (FIRST, {"release": "demo-A"}),
        (NEXT, {"release": "demo-B", "previous": FIRST}),
    ):
        made.config(cycle).write_text(yaml.safe_dump({**config, "cycle": cycle, **more}))
    for cycle in (FIRST, NEXT):
        done = made.snakemake(cycle)
        assert done.returncode == 0, done.stderr[-4000:]
    return made


def key(allele: tuple[str, int, str, str]) -> str:
    return "chr{}-{}-{}-{}".format(*allele)


def genes_of(run: Run, cycle: str, variant: str) -> set[tuple[str, str]]:
    return {
        (row["case"], row["gene"])
        for row in run.rows(cycle, "findings")
        if variant in row["variants"].split("+")
    }


def explained(run: Run, cycle: str, case: str, gene: str) -> str:
    folder = run.folder
    folders = Folders(folder / "results", folder / "state", folder / "demo/releases", cycle, None)
    return "\n".join(explain(folders, case, gene))


def test_such_alleles_are_no_candidates_of_the_annotation(run: Run, alleles: Any) -> None:
    for case, names in CARRIED.items():
        folder = run.folder / "results" / "cases" / case
        stored = {row["variant"] for row in read_table(folder / "candidates.parquet", CANDIDATES)}
        assert stored.isdisjoint(key(alleles[name]) for name in names)
        summary = json.loads((folder / "annotation.json").read_text(encoding="utf-8"))
        assert summary["alleles"]["outside_genes"] >= len(names)


def test_asserted_ones_are_ranked_in_the_gene_that_is_named(run: Run, alleles: Any) -> None:
    withdrawn, new = key(alleles["withdrawn"]), key(alleles["new"])
    assert genes_of(run, FIRST, withdrawn) == {("DEMO-02", FBN1)}
    assert genes_of(run, FIRST, new) == set()
    assert genes_of(run, NEXT, withdrawn) == set()
    assert genes_of(run, NEXT, new) == {("DEMO-03", ANKRD11)}
    for cycle in (FIRST, NEXT):
        for name in ("unsaid", "nameless", "unknown"):
            assert genes_of(run, cycle, key(alleles[name])) == set()
    (finding,) = (row for row in run.rows(NEXT, "findings") if row["variants"] == new)
    assert (finding["consequence"], finding["symbol"]) == ("intergenic_variant", "ANKRD11")
    assert finding["hgvs_g"].endswith(f":g.{alleles['new'][1]}{finding['hgvs_g'][-3:]}")
    ranked = [row for row in run.rows(NEXT, "standing") if row["finding"] == finding["finding"]]
    assert ranked
    assert all(row["rank"] > 0 for row in ranked)
    codes = {
        row["code"] for row in run.rows(NEXT, "ledger") if row["finding"] == finding["finding"]
    }
    assert "ASSERT" in codes


def test_the_delta_equals_a_full_pass_and_tells_both(
    run: Run, alleles: Any, tmp_path: Path
) -> None:
    frozen = open_cycle(run.folder / "state", NEXT)
    assert frozen.cycle.kind == "delta"
    release = run.folder / "demo/releases/demo-B"
    bench = Bench.open(
        release, run.folder / "results/releases/demo-B/knowledge", frozen.cycle.profile
    )
    store = run.folder / "results/store" / shard_name(0, 1)
    full_pass(
        frozen.cases,
        Store(
            store / "candidates.parquet", store / "read_keys.parquet", run.folder / "results/cases"
        ),
        bench,
        tmp_path,
        lambda _: None,
    )
    (delta,) = run.states(NEXT)
    assert shard_state([tmp_path]).digests() == delta.digests()
    shard = run.folder / "results/cycles" / NEXT / "shards" / shard_name(0, 1)
    kinds = {
        (row["case"], row["gene"], row["kind"])
        for row in read_table(shard / "events.parquet", EVENTS)
    }
    assert ("DEMO-03", ANKRD11, "new candidate") in kinds
    assert ("DEMO-02", FBN1, "withdrawn") in kinds
    flagged = {(row["case"], row["gene"]) for row in read_table(shard / "flags.parquet", FLAGS)}
    assert ("DEMO-02", FBN1) in flagged


def test_explain_and_the_page_answer_for_them(run: Run, alleles: Any) -> None:
    new, told = key(alleles["new"]), [key(alleles[name]) for name in ("nameless", "unknown")]
    before, after = (explained(run, cycle, "DEMO-03", "ANKRD11") for cycle in (FIRST, NEXT))
    assert new not in before
    assert f"Outside the gene, asserted pathogenic for it: 1 allele(s).\n  {new}" in after
    assert "Rank" in after
    assert f"They are not ranked: {told[0]}. " in before
    assert f"They are not ranked: {', '.join(told)}. " in after
    assert "outside every gene" not in explained(run, NEXT, "DEMO-02", "FBN1")
    pages = run.folder / "results/cycles" / NEXT / "cases"
    data = json.loads((pages / "DEMO-03.json").read_text(encoding="utf-8"))
    (notice,) = (text for text in data["notices"] if "outside every gene" in text)
    assert all(variant in notice for variant in told)
    step = data["counts"]["ranking"][0]
    assert (step["step"], step["removed"]) == ("gene", 2)
    other = json.loads((pages / "DEMO-02.json").read_text(encoding="utf-8"))
    assert other["counts"]["ranking"][0]["step"] == "disease"
    assert told[0] in (pages / "DEMO-03.html").read_text(encoding="utf-8")
