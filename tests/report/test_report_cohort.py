from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from ariane import files
from ariane.knowledge.release import Source, assemble
from ariane.model.canonical import shard_name, shard_of
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.tables import CHANGES, EVENTS, QUEUE, STANDING, Table
from ariane.phrases import say
from ariane.reanalyse.followup import COLUMNS as FOLLOW_UP
from ariane.reanalyse.frozen import inputs_folder, write_by_shard
from ariane.reanalyse.sums import write_sums
from ariane.report import figures, messages
from ariane.report.case_report import CaseReport
from ariane.report.cohort_lines import case_lines
from ariane.report.cohort_report import CohortReport
from ariane.report.cohort_tables import starred
from made_cohort import made_cycle

REPOSITORY = Path(__file__).resolve().parents[2]
SHARDS = 2
DECISIONS = "case_id\toutcome\tgene\tvariants\tdisease\tactor\trole\treport\tdate\tcomment\n"
CYCLE = made_cycle("2024-09", "demo-B", "2024-09-05", "2024-03", SHARDS, manifest="")
CHANGE = {
    "resource": "assertions",
    "kind": "variant",
    "key": "1-1-A-T",
    "change": "upgraded",
    "old": "",
    "new": "P",
    "sentence": "",
}


def queued(flags: list[dict[str, Any]], place: int = 0) -> list[dict[str, Any]]:
    return [{**flag, "queued": place > 0, "place": place} for flag in flags]


@pytest.fixture
def cases(raw: dict[str, Any]) -> list[Case]:
    plain = raw["case"]
    solved = {**plain, "id": "CASE-2", "status": "solved", "filiere": ""}
    odd = {**plain, "id": "CASE <8>", "status": "impasse"}
    return [Case.from_json(entry) for entry in (plain, solved, odd)]


@pytest.fixture
def cohort(
    raw: dict[str, Any], cases: list[Case], build: Callable[[dict[str, Any]], CaseReport]
) -> CohortReport:
    report = build(raw)
    lines = case_lines(cases, raw["standing"], raw["events"], raw["flags"], report.cycle.id)
    changes = [CHANGE, {**CHANGE, "key": "1-2-A-T"}, {**CHANGE, "change": "removed"}]
    return CohortReport(lines, queued(raw["flags"]), changes, report.cycle, report.release)


def listed(page: str, name: str) -> list[dict[str, Any]]:
    """The rows of a table that the page's program draws."""
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert text
    held = json.loads(text[1])[name]
    columns = {
        title: [one["values"][n] for n in one["index"]] if isinstance(one, dict) else one
        for title, one in held["columns"].items()
    }
    return [{title: one[n] for title, one in columns.items()} for n in range(held["rows"])]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_page_tells_where_everybody_stands(cohort: CohortReport, read: Any, language: str) -> None:
    text = cohort.render_html(language)
    page = read(text)
    assert [row["case"] for row in listed(text, "cases")] == ["CASE-7", "CASE <8>", "CASE-2"]
    assert [row["due"] for row in listed(text, "flags")] == ["2024-10-05"]
    assert not [a for _, a in page.tags if "src" in a or "style" in a]
    statuses = page.tables[0]
    assert [row[1:] for row in statuses[1:]] == [["·", "1", "1"], ["2", "·", "2"], ["2", "1", "3"]]
    word = messages.load(language).word
    removed, upgraded = (word("change_word", change) for change in ("removed", "upgraded"))
    (changes,) = [table for table in page.tables if len(table) == 3 and table[1][3:4] == [removed]]
    alleles, resource = word("kind_word", "variant"), word("resource_word", "assertions")
    assert changes[1:] == [[resource, "1", alleles, removed, "·"], ["2", alleles, upgraded, "·"]]


def test_flagged_cases_come_first_and_the_others_are_not_lost(cohort: CohortReport) -> None:
    assert [line.case for line in cohort.ordered] == ["CASE-7", "CASE <8>", "CASE-2"]
    first = cohort.ordered[0]
    assert (first.flags, first.material_events, first.due) == (1, 1, "2024-10-05")
    assert first.none_posterior == 0.212345
    assert first.leading is not None
    assert first.leading["symbol"] == "MADEUP1"
    assert cohort.ordered[1].leading is None


def test_tables_hold_every_case_and_flag(cohort: CohortReport) -> None:
    rows = list(csv.DictReader(io.StringIO(cohort.to_tsv()), delimiter="\t"))
    assert [row["case"] for row in rows] == ["CASE <8>", "CASE-2", "CASE-7"]
    assert rows[2]["posterior"] == "0.787001"
    assert rows[0]["posterior"] == ""
    flags = list(csv.DictReader(io.StringIO(cohort.flags_tsv()), delimiter="\t"))
    assert [(row["case"], row["due"]) for row in flags] == [("CASE-7", "2024-10-05")]
    assert "LP on paper with: Genotype the mother and father" in flags[0]["lift"]
    assert flags[0]["look_for"] == "Atypical absence seizure (HP:0007270, 0.72 bits)"


def test_flags_stand_in_the_order_of_the_queue(
    raw: dict[str, Any], cohort: CohortReport, read: Any
) -> None:
    flag = raw["flags"][0]
    flags = [
        *queued([{**flag, "priority": 3}], place=1),
        *queued([{**flag, "case": "CASE-2", "priority": 1, "urgent": True, "to": "clinician"}]),
        *queued([{**flag, "reason": "weakened", "priority": 2}]),
    ]
    report = CohortReport(cohort.lines, flags, [], cohort.cycle, cohort.release, cap=1)
    assert [row["priority"] for row in report.ordered_flags] == [1, 2, 3]
    assert report.queued == 1
    page = report.render_html("en")
    rows = listed(page, "flags")
    assert [(row["case"], row["queue"], row["place"]) for row in rows] == [
        ("CASE-2", 0, 0),
        ("CASE-7", 0, 0),
        ("CASE-7", 1, 1),
    ]
    assert [row["urgent"] for row in rows] == ["urgent", "", ""]
    assert "gives each site 1 flags in one cycle" in read(page).text
    assert "went from 0.377 to 0.787" in rows[1]["why"]


def test_a_flag_says_what_its_event_says(raw: dict[str, Any], cohort: CohortReport) -> None:
    (flag,) = queued(raw["flags"])
    event = {**raw["events"][0], "finding": flag["finding"], "kind": flag["reason"]}
    said = {"cause_old": "VUS 1 star", "cause_new": "LP 2 stars", "sentence": flag["sentence"]}
    moved = {"old_posterior": 0.377, "new_posterior": 0.787, "old_class": "VUS", "new_class": "LP"}
    older = {**event, "last_changed": "2024-03", "cause_new": "P 4 stars", "sentence": "other"}
    news = {(flag["case"], flag["finding"]): [older, event | said | moved]}
    report = CohortReport(cohort.lines, [flag], [], cohort.cycle, cohort.release, news=news)
    (row,) = listed(report.render_html("fr"), "flags")
    assert row["said"] == "VUS ★ → LP ★★"
    assert (row["posterior_before"], row["posterior"], row["class"]) == (0.377, 0.787, "VUS → LP")
    assert row["resource"] == event["cause_resource"]
    bare = CohortReport(cohort.lines, [flag], [], cohort.cycle, cohort.release)
    (row,) = listed(bare.render_html("fr"), "flags")
    assert (row["said"], row["posterior"], row["class"]) == ("", None, "")


def test_details_and_names_stand_in_the_language_of_the_page(
    cohort: CohortReport, raw: dict[str, Any]
) -> None:
    (flag,) = queued(raw["flags"])
    said = say("{event}: {said}", event="weakened", said=say("the mother carries the allele"))
    flag |= {"sentence": said, "why": "as a person wrote it"}
    named = {"Invented encephalopathy 12": "Encéphalopathie inventée 12"}
    page = replace(cohort, flags=[flag], french_diseases=named).render_html("fr")
    told = {}
    for language, body in zip(("fr", "en"), page.split("<template"), strict=True):
        specs = re.findall(r'data-listing="(\w+)"><script[^>]*>(.*?)</script>', body, re.DOTALL)
        told[language] = {name: json.loads(spec)["values"] for name, spec in specs}
    assert told["fr"]["flags"]["sentence"] == ["affaibli : la mère porte l'allèle"]
    assert told["fr"]["flags"]["why"] == ["as a person wrote it"]
    assert told["fr"]["cases"]["disease"] == named
    assert not {"sentence", "why"} & set(told["en"]["flags"])
    assert "disease" not in told["en"]["cases"]


@pytest.mark.parametrize(
    ("words", "drawn"), [("LP 2 stars", "LP ★★"), ("B 0 stars", "B ☆"), ("12 stars", "12 stars")]
)
def test_stars_are_drawn(words: str, drawn: str) -> None:
    assert starred(words) == drawn


def test_small_changes_are_one_line(
    raw: dict[str, Any], cases: list[Case], cohort: CohortReport, read: Any
) -> None:
    event = {**raw["events"][0], "material": False, "last_changed": cohort.cycle.id}
    events = [{**event, "old_points": 0, "new_points": n} for n in (-250, 500, 750)]
    lines = case_lines(cases, raw["standing"], events, [], cohort.cycle.id)
    report = CohortReport(lines, [], [], cohort.cycle, cohort.release)
    text = read(report.render_html("en")).text
    assert "Changes too small to act on: 3, cases with such changes: 1." in text
    assert "The largest: +0.75 points in MADEUP1 of CASE-7." in text
    told = {row["case"]: row["small_changes"] for row in table(report.to_tsv())}
    assert told["CASE-7"] == "3 small changes, the largest +0.75 points in MADEUP1"
    assert told["CASE-2"] == ""


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_an_empty_cohort_says_so(cohort: CohortReport, read: Any) -> None:
    page = read(CohortReport([], [], [], cohort.cycle, cohort.release).render_html("en"))
    assert "No case is flagged in this cycle." in page.text
    assert "No change of knowledge was recorded" in page.text
    assert "Nothing to draw." in page.text
    assert "recall cannot be told from this cohort yet" in page.text


def test_hostile_names_stay_text(raw: dict[str, Any], cohort: CohortReport, read: Any) -> None:
    flag = {**raw["flags"][0], "sentence": "</script><script>x", "symbol": "=1+1"}
    report = CohortReport(cohort.lines, queued([flag]), [], cohort.cycle, cohort.release)
    page = read(report.render_html("en"))
    kinds = [given.get("type", "program") for tag, given in page.tags if tag == "script"]
    assert sorted(kinds) == ["application/json"] * 5 + ["program"]
    assert "'=1+1" in report.flags_tsv()


def program() -> Any:
    path = REPOSITORY / "scripts" / "report_cohort.py"
    spec = importlib.util.spec_from_file_location("report_cohort", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run_folder(tmp_path: Path, raw: dict[str, Any], cases: list[Case]) -> Path:
    for name in ("reference", "transcripts"):
        (tmp_path / name).write_text(name)
    sources = [
        Source("reference", tmp_path / "reference", "fasta", "1", "2024-01-01", "open", "CC0", "x"),
        Source("transcripts", tmp_path / "transcripts", "gff3", "1", "2024", "open", "CC0", "x"),
    ]
    (tmp_path / "releases" / "demo-B").mkdir(parents=True)
    assemble("demo-B", "2024-09-05", sources, tmp_path / "releases")
    inputs = tmp_path / "state" / "cycles" / "2024-09" / "inputs"
    write_by_shard(inputs, SHARDS, cases, {case.id: {} for case in cases})
    files.write_text(inputs / "decisions.tsv", DECISIONS)
    policy = (files.RESOURCES / "policy.yaml").read_text(encoding="utf-8")
    files.write_text(inputs / "policy.yaml", policy)
    manifest = files.sha256_of(tmp_path / "releases" / "demo-B" / "manifest.yaml")
    own = replace(CYCLE, manifest=manifest)
    files.write_text(inputs / "cycle.json", json.dumps(asdict(own)))
    write_sums(inputs)
    earlier = inputs_folder(tmp_path / "state", CYCLE.previous)
    write_by_shard(earlier, SHARDS, cases, {case.id: {} for case in cases})
    files.write_text(earlier / "decisions.tsv", DECISIONS)
    first = replace(CYCLE, cycle=CYCLE.previous, previous="", kind="full", as_of="2024-03-06")
    files.write_text(earlier / "cycle.json", json.dumps(asdict(first)))
    write_sums(earlier)
    files.write_text(tmp_path / "cycle" / "follow_up.tsv", "\t".join(FOLLOW_UP) + "\n")
    tables: list[tuple[Table, str]] = [(STANDING, "standing"), (EVENTS, "events")]
    files.write_table(tmp_path / "cycle" / "flags.parquet", QUEUE, queued(raw["flags"]))
    for index in range(SHARDS):
        folder = tmp_path / "cycle" / "shards" / shard_name(index, SHARDS)
        for table, name in tables:
            mine = [row for row in raw[name] if shard_of(row["case"], SHARDS) == index]
            files.write_table(folder / f"{name}.parquet", table, mine)
    files.write_table(tmp_path / "changes.parquet", CHANGES, [CHANGE])
    return tmp_path


def arguments(folder: Path) -> list[str]:
    plain = {
        "--cycle-folder": folder / "cycle",
        "--inputs": folder / "state" / "cycles" / "2024-09" / "inputs",
        "--release": folder / "releases" / "demo-B",
        "--changes": folder / "changes.parquet",
        "--follow-up": folder / "cycle" / "follow_up.tsv",
        "--shards": SHARDS,
        "--language": "fr",
        "--html": folder / "out" / "cohort.html",
        "--tsv": folder / "out" / "cohort.tsv",
        "--flags-tsv": folder / "out" / "flags.tsv",
        "--figures": folder / "out",
    }
    return [str(part) for pair in plain.items() for part in pair]


def test_program_brings_the_shards_together(run_folder: Path, read: Any) -> None:
    assert program().main(arguments(run_folder)) is None
    page = (run_folder / "out" / "cohort.html").read_text(encoding="utf-8")
    assert [row["gene"] for row in listed(page, "flags")] == ["MADEUP1"]
    assert "n'est plus disponible" in read(page).text or "ne sont plus" in read(page).text
    before = [p.read_bytes() for p in sorted((run_folder / "out").iterdir())]
    program().main(arguments(run_folder))
    assert [p.read_bytes() for p in sorted((run_folder / "out").iterdir())] == before
    assert len(before) == 3 + len(figures.NAMES)


def test_program_names_all_missing_tables(run_folder: Path) -> None:
    for index in range(SHARDS):
        (run_folder / "cycle/shards" / shard_name(index, SHARDS) / "events.parquet").unlink()
    with pytest.raises(ArianeError) as caught:
        program().main(arguments(run_folder))
    assert str(caught.value).count("events.parquet") == SHARDS
    assert not (run_folder / "out").exists()


def test_program_refuses_damaged_inputs(run_folder: Path) -> None:
    (run_folder / "state" / "cycles" / "2024-09" / "inputs" / "cycle.json").write_text("{}")
    with pytest.raises(ArianeError, match="2024-09"):
        program().main(arguments(run_folder))
    assert not (run_folder / "out").exists()


def test_a_case_of_one_hits_alone_has_no_leading_candidate(
    raw: dict[str, Any], cases: list[Case]
) -> None:
    rows = [row for row in raw["standing"] if row["rank"] <= 1]
    below = [{**row, "posterior": 0.0} if row["rank"] == 1 else row for row in rows]
    lines = {line.case: line for line in case_lines(cases, below, [], [], "2024-09")}
    assert lines["CASE-7"].leading is None
