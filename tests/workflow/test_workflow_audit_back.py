"""From a finding, a case or a cell of a registry back to bytes, over a real run of the demo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from demo_run import DEMO, FIRST, NEXT, Run
from provenance_run import DOWNGRADED, PARTNER, REGISTRIES, copied, folders_of, told

from ariane import files
from ariane.audit.back import Asked, back
from ariane.audit.back_registry import Cell, back_from_cell
from ariane.audit.folders import Folders
from ariane.audit.links import Link, State
from ariane.audit.reading import read_cycle
from ariane.knowledge import tables
from ariane.model.errors import ArianeError

pytestmark = pytest.mark.workflow


@pytest.mark.parametrize("cycle", [FIRST, NEXT])
def test_every_finding_leads_back_to_bytes_without_a_break(demo: Run, cycle: str) -> None:
    folders = folders_of(demo)
    reader = read_cycle(folders, cycle)
    findings = list(told(reader))
    assert len(findings) >= 18
    compared = 0
    for row in findings:
        asked = Asked(row["case"], finding=row["finding"])
        walk = back(folders, cycle, asked, hashing=False)
        assert walk.faulty == [], "\n".join(walk.lines())
        whats = {link.what for link in walk.links}
        assert {"finding", "evidence", "record", "VCF", "candidate", "run manifest"} <= whats
        records = [link for link in walk.links if link.what == "record"]
        ledger = reader.ledger(row["case"], [row["gene"]])
        assert len(records) == sum(one["finding"] == row["finding"] for one in ledger)
        compared += sum(link.state is State.SAME for link in records)
    assert compared > len(findings), "records were compared, not only told"


def test_a_walk_back_names_cause_flag_and_files(demo: Run) -> None:
    walk = back(folders_of(demo), NEXT, Asked("DEMO-06", gene="abca4"))
    assert walk.faulty == []
    text = "\n".join(walk.lines())
    for words in (
        "partner found", f"assertions {PARTNER}: new", "ASSERT +6.50", "demo-B, as of 2025-01-16",
        "the file has that checksum", "annotated from the same bytes", "as it was made",
        "written in cycle 2025-01", "Nothing that was compared differs.",
    ):  # fmt: skip
        assert words in text
    sources = [link for link in walk.links if link.what == "resource file"]
    assert {link.state for link in sources} == {State.SAME}
    only = back(folders_of(demo), NEXT, Asked("DEMO-06", gene="ABCA4", code="PVS1"), hashing=False)
    assert [link.held["code"] for link in only.links if link.what == "evidence"] == ["PVS1"]


def test_a_decision_is_told_with_what_puts_it_at_risk(demo: Run) -> None:
    walk = back(folders_of(demo), NEXT, Asked("DEMO-10", gene="MYH7"), hashing=False)
    text = "\n".join(walk.lines())
    assert "CR-DEMO-0010" in text
    assert f"assertions {DOWNGRADED}: LP 2 stars -> VUS 2 stars" in text


@pytest.mark.parametrize("case", ["DEMO-02", "DEMO-06", "DEMO-10", "DEMO-17"])
def test_every_cell_of_a_registry_leads_back(demo: Run, case: str) -> None:
    folders = folders_of(demo)
    receipt = json.loads(
        (folders.cycle(NEXT) / "registry" / "impasse.receipt.json").read_text(encoding="utf-8")
    )
    changes = [
        *receipt["written"],
        *(c for one in receipt["written_earlier"] for c in one["changes"]),
    ]
    written = next(one["cells"] for one in changes if one["case"] == case)
    assert written
    for column in written:
        walk = back_from_cell(folders, REGISTRIES, Cell("impasse", case, column), hashing=False)
        assert walk.faulty == [], "\n".join(walk.lines())
        assert walk.links[0].state is State.SAME
        whats = [link.what for link in walk.links]
        assert {"journal", "patch", "proposal", "receipt"} <= set(whats)
        if column == "ariane_gene" and written[column]["new"]:
            assert {"evidence", "record", "resource file", "VCF"} <= set(whats)


def test_an_outcome_leads_back_to_the_decision_and_a_field_to_its_column(demo: Run) -> None:
    cell = Cell("impasse", "DEMO-10", "outcome")
    walk = back_from_cell(folders_of(demo), REGISTRIES, cell, hashing=False)
    assert walk.faulty == []
    assert any(link.what == "decision" and "CR-DEMO-0010" in link.sentence for link in walk.links)


def test_what_people_wrote_is_theirs(demo: Run, tmp_path: Path) -> None:
    folders = copied(demo, tmp_path)
    kept = Cell("impasse", "DEMO-06", "identifiant")
    (link,) = back_from_cell(folders, REGISTRIES, kept).links
    assert "Ariane never writes it" in link.sentence
    path = tmp_path / "registry.csv"
    content = path.read_bytes().decode("cp1252")
    path.write_bytes(content.replace("ABCA4", "GJB2").encode("cp1252"))
    walk = back_from_cell(folders, REGISTRIES, Cell("impasse", "DEMO-06", "gene"), hashing=False)
    assert "people changed it since" in walk.links[0].sentence


def _broken(links: tuple[Link, ...]) -> set[str]:
    return {link.what for link in links if link.state in (State.DIFFERS, State.MISSING)}


def test_every_break_is_found_where_it_is(demo: Run, tmp_path: Path) -> None:
    folders = copied(demo, tmp_path / "run")
    shutil.copytree(DEMO / "releases", tmp_path / "releases")
    folders = Folders(folders.home, tmp_path / "releases")
    asked = Asked("DEMO-06", gene="ABCA4")
    assert back(folders, NEXT, asked).faulty == []

    path = folders.knowledge("demo-B") / "assertions.parquet"
    rows = files.read_table(path, tables.ASSERTIONS)
    edited = [{**row, "klass": "B"} if row["variant"] == PARTNER else row for row in rows]
    files.write_table(path, tables.ASSERTIONS, edited)
    walk = back(folders, NEXT, asked, hashing=False)
    assert _broken(walk.links) == {"record"}
    assert len(walk.faulty) == 1
    gone = [row for row in rows if row["variant"] != PARTNER]
    files.write_table(path, tables.ASSERTIONS, gone)
    walk = back(folders, NEXT, asked, hashing=False)
    assert "holds no record" in walk.faulty[0].sentence
    files.write_table(path, tables.ASSERTIONS, rows)

    annotation = folders.results / "cases" / "DEMO-06" / "annotation.json"
    summary = json.loads(annotation.read_text(encoding="utf-8"))
    annotation.write_text(json.dumps(summary | {"vcf_sha256": "0" * 64}), encoding="utf-8")
    assert _broken(back(folders, NEXT, asked, hashing=False).links) == {"VCF"}
    annotation.write_text(json.dumps(summary), encoding="utf-8")

    page = folders.cycle(NEXT) / "cases" / "DEMO-06.html"
    page.write_text("edited", encoding="utf-8")
    assert _broken(back(folders, NEXT, asked, hashing=False).links) == {"run manifest"}
    page.unlink()
    assert _broken(back(folders, NEXT, asked, hashing=False).links) == {"run manifest"}

    source = folders.release("demo-B").require("assertions")
    source.write_bytes(source.read_bytes() + b"\0")
    assert {"resource file"} <= _broken(back(folders, NEXT, asked).links)

    patch = folders.cycle(NEXT) / "registry" / "impasse.patch.json"
    content = json.loads(patch.read_text(encoding="utf-8"))
    patch.write_text(json.dumps(content | {"min_posterior": 0.5}), encoding="utf-8")
    cell = Cell("impasse", "DEMO-06", "cycle")
    assert _broken(back_from_cell(folders, REGISTRIES, cell).links) == {"patch"}
    patch.unlink()
    assert _broken(back_from_cell(folders, REGISTRIES, cell).links) == {"patch"}


def test_a_cycle_without_a_manifest_says_so(demo: Run, tmp_path: Path) -> None:
    folders = copied(demo, tmp_path)
    folders.manifest(NEXT).unlink()
    walk = back(folders, NEXT, Asked("DEMO-06", gene="ABCA4"), hashing=False)
    assert walk.faulty == []
    assert "the cycle has no run manifest" in walk.links[-1].sentence


@pytest.mark.parametrize(
    ("cycle", "asked", "words"),
    [
        ("1999-01", Asked("DEMO-06", "ABCA4"), r"'1999-01' was never begun here.*2024-03, 2025-01"),
        (NEXT, Asked("DEMO-99", "ABCA4"), "holds no such case"),
        (NEXT, Asked("DEMO-06", "NOSUCHGENE"), "tells no finding of NOSUCHGENE.*ABCA4"),
        (NEXT, Asked("DEMO-06", finding="HGNC:34|AD|x"), r"tells no finding of HGNC:34\|AD\|x"),
        (NEXT, Asked("DEMO-06", "ABCA4", code="BA9"), "no evidence row of that code"),
    ],
)
def test_what_is_not_there_is_said(demo: Run, cycle: str, asked: Asked, words: str) -> None:
    with pytest.raises(ArianeError, match=words):
        back(folders_of(demo), cycle, asked, hashing=False)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Cell("other", "DEMO-06", "gene"), "'other' is not configured.*impasse"),
        (Cell("impasse", "DEMO-99", "gene"), "no row has 'DEMO-99'"),
        (Cell("impasse", "DEMO-06", "nothing"), "has no column 'nothing'"),
    ],
)
def test_a_cell_that_is_not_there_is_said(demo: Run, cell: Cell, words: str) -> None:
    with pytest.raises(ArianeError, match=words):
        back_from_cell(folders_of(demo), REGISTRIES, cell)
