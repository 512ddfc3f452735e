"""The main job, end to end, on the embedded cohort."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from demo_run import DEMO, FIRST, NEXT, REPOSITORY, Run, expected

from ariane import files
from ariane.knowledge.tables import GENE_DISEASE
from ariane.model.canonical import shard_name, shard_of
from ariane.model.genotype import Zygosity, decode_family
from ariane.model.tables import CANDIDATES, EVENTS, FLAGS
from ariane.rank.shard import Bench
from ariane.reanalyse.delta import Store, full_pass
from ariane.reanalyse.effective import shard_state
from ariane.reanalyse.frozen import open_cycle
from ariane.report.explain import Run as Folders
from ariane.report.explain import explain

pytestmark = pytest.mark.workflow

CASES = [row["case_id"] for row in expected()]
LEADING = 0.10


@pytest.mark.parametrize("row", expected(), ids=CASES)
@pytest.mark.parametrize("cycle", [FIRST, NEXT])
def test_each_case_ranks_as_its_author_says(demo: Run, row: dict[str, str], cycle: str) -> None:
    wanted = row["rank_a"] if cycle == FIRST else row["rank_b"]
    standing = [r for r in demo.rows(cycle, "standing") if r["case"] == row["case_id"]]
    leading = [r for r in standing if r["rank"] >= 1 and r["posterior"] >= LEADING]
    if wanted == "none":
        assert row["symbol"] not in {r["symbol"] for r in leading}
        return
    best = min(r["gene_rank"] for r in standing if r["symbol"] == row["symbol"])
    assert best <= int(wanted)
    first = next(r for r in standing if r["symbol"] == row["symbol"])
    assert set(first["finding"].split("|")[2].split("+")) == set(row["variants"].split("+"))
    assert first["mode"] == row["mode"]


@pytest.mark.parametrize("row", expected(), ids=CASES)
def test_each_case_has_the_event_its_author_says(demo: Run, row: dict[str, str]) -> None:
    events = [
        event
        for path in sorted((demo.folder / f"results/cycles/{NEXT}/shards").glob("*/events.parquet"))
        for event in files.read_table(path, EVENTS)
        if event["case"] == row["case_id"] and event["material"]
    ]
    if row["event"] == "any":
        return
    if row["event"] == "none":
        assert events == []
        return
    kinds = {event["kind"] for event in events if event["symbol"] == row["symbol"]}
    assert row["event"] in kinds
    assert all(event["cause_resource"] != "case" for event in events), "a cause is a record"


def test_a_solved_case_whose_variant_is_downgraded_is_flagged(demo: Run) -> None:
    flags = [
        flag
        for path in (demo.folder / f"results/cycles/{NEXT}/shards").glob("*/flags.parquet")
        for flag in files.read_table(path, FLAGS)
    ]
    at_risk = [flag for flag in flags if flag["reason"] == "diagnosis at risk"]
    assert [flag["case"] for flag in at_risk] == ["DEMO-10"]
    assert at_risk[0]["due"] == "2025-01-23"


def test_delta_equals_a_full_pass_under_the_next_release(demo: Run, tmp_path: Path) -> None:
    frozen = open_cycle(demo.folder / "state", NEXT)
    assert frozen.cycle.kind == "delta"
    release = DEMO / "releases" / frozen.cycle.release
    prepared = demo.folder / "results/releases" / frozen.cycle.release / "knowledge"
    bench = Bench.open(release, prepared, frozen.cycle.profile)
    shards = frozen.cycle.shards
    for index, delta in enumerate(demo.states(NEXT)):
        name = shard_name(index, shards)
        store = demo.folder / "results/store" / name
        cases = [case for case in frozen.cases if shard_of(case.id, shards) == index]
        out = tmp_path / name
        full_pass(
            cases,
            Store(store / "candidates.parquet", store / "read_keys.parquet"),
            bench,
            out,
            lambda _: None,
        )
        assert shard_state([out]).digests() == delta.digests()


def test_the_delta_rewrote_only_what_was_touched(demo: Run) -> None:
    folder = demo.folder / f"results/cycles/{NEXT}/shards"
    genes = {
        (row["case"], row["gene"])
        for path in folder.glob("*/touched.parquet")
        for row in files.query("SELECT * FROM held", held=path)
    }
    assert 1 <= len(genes) < len({(r["case"], r["gene"]) for r in demo.rows(NEXT, "findings")})


@pytest.mark.parametrize("cycle", [FIRST, NEXT])
def test_a_second_run_finds_nothing_to_do(demo: Run, cycle: str) -> None:
    again = demo.snakemake(cycle)
    assert again.returncode == 0
    assert "Nothing to be done" in again.stderr + again.stdout


def test_other_words_of_the_command_make_no_other_manifest(demo: Run) -> None:
    path = demo.folder / f"results/cycles/{NEXT}/run_manifest.json"
    before = path.read_bytes()
    again = demo.snakemake(NEXT, "--cores", "1", "--keep-going")
    assert "Nothing to be done" in again.stderr + again.stdout
    assert path.read_bytes() == before


@pytest.mark.parametrize("cycle", [FIRST, NEXT])
@pytest.mark.parametrize("case", CASES)
def test_each_page_stands_alone_and_its_data_follow_the_schema(
    demo: Run, cycle: str, case: str
) -> None:
    folder = demo.folder / f"results/cycles/{cycle}/cases"
    page = (folder / f"{case}.html").read_text(encoding="utf-8")
    assert not re.search(r'<(?:script|img|link|iframe)[^>]+(?:src|href)="?https?:', page)
    assert "@import" not in page
    schema = json.loads((REPOSITORY / "workflow/schemas/case_result.schema.json").read_text())
    data = json.loads((folder / f"{case}.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, schema)
    assert (folder / f"{case}.tsv").read_text(encoding="utf-8").count("\n") >= 2


def test_the_registry_holds_proposals_and_nothing_else_moved(demo: Run) -> None:
    before = (DEMO / "registry.csv").read_bytes()
    after = (demo.folder / "registry.csv").read_bytes()
    assert before != after
    was, now = (text.decode("cp1252").split("\r\n") for text in (before, after))
    assert len(was) == len(now), "no line was added or lost"
    header = was[0].split(";")
    own = next(i for i, name in enumerate(header) if name.startswith("ariane_"))
    for old, new in zip(was, now, strict=True):
        # Columns of people are the first ones; a quoted comment may hold separators and line ends.
        assert new.startswith(old.rstrip(";"))
    foreign = [line for line in was if line.startswith("REG-")]
    assert foreign
    assert all(line in now for line in foreign)
    assert all(name.startswith("ariane_") for name in header[own:])
    assert next(line for line in was if line.startswith("DEMO-12")) in now, "no consent, no word"
    text = "\n".join(now)
    assert "diagnostic à risque" in text
    receipt = json.loads(
        (demo.folder / f"results/cycles/{NEXT}/registry/impasse.receipt.json").read_text()
    )
    assert receipt["absent"] == ["DEMO-16"]


def test_no_tracked_input_was_touched(demo: Run) -> None:
    frozen = json.loads((demo.folder / f"results/cycles/{NEXT}/inputs.json").read_text())
    sheet = hashlib.sha256((DEMO / "families.tsv").read_bytes()).hexdigest()
    assert frozen["sha256"]["families.tsv"] == sheet


@pytest.mark.parametrize(
    ("case", "gene", "words"),
    [
        ("DEMO-06", "ABCA4", ["Rank 1", "PAIR", "ASSERT"]),
        ("DEMO-06", "LDLR", ["nothing is told of this gene, whether there is a finding or not"]),
        ("DEMO-03", "GJB2", ["chr13-6924-TC-T", "Rank 1"]),
        ("DEMO-06", "NOSUCHGENE", ["neither the transcripts nor the gene names"]),
        ("DEMO-06", "SMN1", ["Blind spot", "Of every gene this technique may miss"]),
        (
            "DEMO-02",
            "FBN1",
            ["missing of chr15-7591-C-T", "Genotype the mother and father"],
        ),
    ],
)
def test_explain_says_where_any_gene_stands(
    demo: Run, case: str, gene: str, words: list[str]
) -> None:
    folders = Folders(demo.folder / "results", demo.folder / "state", DEMO / "releases", NEXT, None)
    text = "\n".join(explain(folders, case, gene))
    for word in words:
        assert word in text
    assert "Not for interpretation" not in text


def test_explain_names_nothing_that_only_a_relative_carries(demo: Run) -> None:
    folders = Folders(demo.folder / "results", demo.folder / "state", DEMO / "releases", NEXT, None)
    patients = {c.id: c.patient.id for c in open_cycle(folders.state, NEXT).cases}
    theirs: dict[tuple[str, str], set[str]] = {}
    for path in sorted((folders.results / "store").glob("*/candidates.parquet")):
        for row in files.read_table(path, CANDIDATES):
            held = decode_family(row["genotypes"])
            if held[patients[row["case"]]].zygosity is Zygosity.REFERENCE:
                theirs.setdefault((row["case"], row["gene"]), set()).add(row["variant"])
    assert len(theirs) >= 3
    counted = 0
    for (case, gene), variants in sorted(theirs.items())[:12]:
        text = "\n".join(explain(folders, case, gene))
        assert not any(variant in text for variant in variants)
        counted += f"Not called in the patient, and so not told: {len(variants)} " in text
    assert counted


@pytest.mark.parametrize(
    ("case", "gene", "words"),
    [
        ("DEMO-02", "FBN1", ["missing of chr15-7591-C-T", "Genotype the mother and father"]),
        (
            "DEMO-06",
            "ABCA4",
            [
                "One hit, and a second to be looked for of chr1-8023-AG-A",
                "deletions and duplications of the gene",
            ],
        ),
    ],
)
def test_explain_tells_what_is_missing(demo: Run, case: str, gene: str, words: list[str]) -> None:
    home = demo.folder
    folders = Folders(home / "results", home / "state", DEMO / "releases", FIRST, None)
    text = "\n".join(explain(folders, case, gene))
    for word in words:
        assert word in text


@pytest.mark.parametrize("gene", ["ABCA4", "SMN1", "NOSUCHGENE"])
def test_explain_is_not_for_interpretation_without_frequencies(
    demo: Run, gene: str, tmp_path: Path
) -> None:
    name = open_cycle(demo.folder / "state", NEXT).cycle.release
    (tmp_path / name).mkdir()
    (tmp_path / "files").symlink_to(DEMO / "releases" / "files")
    manifest = yaml.safe_load((DEMO / "releases" / name / "manifest.yaml").read_text("utf-8"))
    del manifest["resources"]["frequencies"]
    (tmp_path / name / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    config = yaml.safe_load(demo.config(NEXT).read_text("utf-8")) | {"releases": str(tmp_path)}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "explain.py"), "--config", str(path),
         "--directory", str(demo.folder), "--case", "DEMO-06", "--gene", gene],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "Not for interpretation: the release holds no population frequencies" in told.stdout


@pytest.mark.parametrize("cycle", [FIRST, NEXT])
@pytest.mark.parametrize(
    ("case", "reasons"),
    [
        ("DEMO-02", {"false_duplications": "Ectopia lentis (HP:0001083)"}),
        ("DEMO-08", {"genome_mt": "Lactic acidosis (HP:0003128)"}),
        ("DEMO-11", {}),  # no HPO term
    ],
)
def test_blind_spots_of_the_phenotype_are_told_with_their_reason(
    demo: Run, cycle: str, case: str, reasons: dict[str, str]
) -> None:
    path = demo.folder / f"results/cycles/{cycle}/cases/{case}.json"
    spots = json.loads(path.read_text(encoding="utf-8"))["blind_spots"]
    found = {spot["id"]: spot["applies"] for spot in spots if spot["applies"]}
    assert {name: found.get(name) for name in reasons} == reasons
    assert bool(found) is bool(reasons)
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    for reason in reasons.values():
        assert reason in page


def test_a_blind_spot_matters_when_its_gene_has_a_disease_that_fits(
    demo: Run, tmp_path: Path
) -> None:
    """The page of a case with Marfan syndrome, were PMS2 a gene of it: told, with the points."""
    prepared = demo.folder / "results/releases" / "demo-B" / "knowledge"
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    for path in prepared.iterdir():
        (knowledge / path.name).symlink_to(path)
    held = files.read_table(prepared / "gene_disease.parquet", GENE_DISEASE)
    marfan = next(row for row in held if row["disease"] == "OMIM:154700")
    (knowledge / "gene_disease.parquet").unlink()
    files.write_table(
        knowledge / "gene_disease.parquet",
        GENE_DISEASE,
        [*held, {**marfan, "gene": "HGNC:9122", "symbol": "PMS2"}],
    )
    shards = open_cycle(demo.folder / "state", FIRST).cycle.shards
    shard = shard_name(shard_of("DEMO-02", shards), shards)
    made = {name: tmp_path / f"case.{name}" for name in ("html", "tsv", "json")}
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "report_case.py"), "--case", "DEMO-02",
         "--cycle-folder", f"results/cycles/{NEXT}", "--shard", shard,
         "--inputs", f"state/cycles/{NEXT}/inputs", "--knowledge", str(knowledge),
         "--release", str(DEMO / "releases" / "demo-B"),
         "--summary", "results/cases/DEMO-02/annotation.json",
         "--store", f"results/store/{shard}",
         *(word for name, path in made.items() for word in (f"--{name}", str(path)))],
        cwd=demo.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    spots = json.loads(made["json"].read_text(encoding="utf-8"))["blind_spots"]
    assert spots[0]["applies"], "what matters comes first"
    told = next(spot["applies"] for spot in spots if spot["id"] == "pms2")
    assert re.fullmatch(
        rf"PMS2: {marfan['disease_name']} \(OMIM:154700\), phenotype \+\d+\.\d points", told
    )
    assert "Matters for this phenotype" in made["html"].read_text(encoding="utf-8")
