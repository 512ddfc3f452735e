"""Run manifests, crates and audits of a real run of the demo."""

from __future__ import annotations

import getpass
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo_run import DEMO, FIRST, NEXT, REPOSITORY, Run

from ariane import files
from ariane.audit import crate
from ariane.audit.back import Asked, back
from ariane.audit.back_registry import Cell, back_from_cell
from ariane.audit.folders import Folders
from ariane.audit.forward_told import CAUSED, forward
from ariane.audit.links import Link, State
from ariane.audit.manifest import faults, read_manifest, run_manifest
from ariane.audit.reading import Reader, read_cycle
from ariane.audit.records import digest_of, table_of
from ariane.audit.uses import BESIDE, NAMES_IT, UNDER_KEY, Sought
from ariane.intake.config import Registry
from ariane.intake.sheet import read_sheet
from ariane.knowledge import tables
from ariane.model.errors import ArianeError
from ariane.reanalyse.erasure import erase
from ariane.reanalyse.frozen import open_cycle

pytestmark = pytest.mark.workflow

REGISTRIES = {"impasse": Registry("registry.csv", DEMO / "registry_mapping.yaml")}
PARTNER = "chr1-7320-T-C"
"""Asserted pathogenic in demo-B only: the second allele of DEMO-06."""
DOWNGRADED = "chr14-7150-C-T"
"""The solved diagnosis of DEMO-10, lowered in demo-B."""


def folders_of(run: Run) -> Folders:
    return Folders(run.folder, DEMO / "releases")


def copied(demo: Run, to: Path) -> Folders:
    """A copy of the run that may be damaged."""
    for name in ("results", "state"):
        shutil.copytree(demo.folder / name, to / name, symlinks=True)
    for name in ("registry.csv", f"{FIRST}.yaml", f"{NEXT}.yaml"):
        shutil.copy(demo.folder / name, to / name)
    return Folders(to, DEMO / "releases")


def told(reader: Reader) -> Iterator[dict[str, Any]]:
    """Every finding of a cycle that may be told of."""
    for case in sorted(reader.cases):
        genes = {row["gene"] for row in reader.standing(case) if row["gene"]}
        yield from reader.told(case, genes)


# The manifest


@pytest.mark.parametrize("cycle", [FIRST, NEXT])
def test_a_manifest_names_every_file_by_its_bytes(demo: Run, cycle: str) -> None:
    folders = folders_of(demo)
    path = folders.manifest(cycle)
    content = read_manifest(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = folders.cycle(cycle)
    there = {
        one.relative_to(folder).as_posix(): files.sha256_of(one)
        for one in folder.rglob("*")
        if one.is_file() and one != path
    }
    assert {one["file"]: one["sha256"] for one in content["files"]} == there
    assert {"flags.parquet", "cohort.html", "registry/impasse.receipt.json"} <= there.keys()
    rows, _ = read_sheet(DEMO / "families.tsv")
    assert set(content["inputs"]["cases"]) == {row["case_id"] for row in rows}
    for row in rows:
        mark = content["inputs"]["cases"][row["case_id"]]
        assert mark["sha256"] == files.sha256_of(DEMO / row["vcf"])
        for column in ("ped", "phenopacket", "sv_vcf"):
            wanted = files.sha256_of(DEMO / row[column]) if row[column] else None
            assert mark.get(f"{column}_sha256") == wanted
    assert content["inputs"]["frozen"]["families.tsv"] == files.sha256_of(DEMO / "families.tsv")
    assert content["command"][0] == "snakemake"
    assert content["command"][-1].endswith(f"{cycle}.yaml")
    release = content["release"]
    for kind, one in folders.release(release["name"]).resources.items():
        assert release["resources"][kind]["sha256"] == one.sha256


def test_a_manifest_names_the_one_before_and_no_machine(demo: Run) -> None:
    folders = folders_of(demo)
    first, second = (folders.manifest(cycle) for cycle in (FIRST, NEXT))
    assert read_manifest(first)["previous"] is None
    assert read_manifest(second)["previous"] == {
        "cycle": FIRST,
        "run_manifest_sha256": files.sha256_of(first),
    }
    text = second.read_text(encoding="utf-8")
    assert (
        text
        == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        + "\n"
    )
    hidden = [str(demo.folder), str(REPOSITORY), str(Path.home()), platform.node(), os.sep + "tmp"]
    assert not [word for word in hidden if word in text]
    # An account may be called as a package is; it must not stand as a value of its own.
    assert f'"{getpass.getuser()}"' not in text


def test_the_same_cycle_has_the_same_manifest(demo: Run) -> None:
    folders = folders_of(demo)
    before = read_manifest(folders.manifest(NEXT))
    again = run_manifest(folders, NEXT, ["/elsewhere/snakemake", *before["command"][1:]])
    assert again == before


def test_an_erased_case_leaves_the_manifest(demo: Run, tmp_path: Path) -> None:
    folders = copied(demo, tmp_path)
    before = read_manifest(folders.manifest(NEXT))
    done = erase(tmp_path, "DEMO-06")
    path = folders.manifest(NEXT)
    assert path in done.rewritten
    assert "DEMO-06" not in path.read_text(encoding="utf-8")
    after = read_manifest(path)
    assert len(after["inputs"]["cases"]) == len(before["inputs"]["cases"]) - 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# The crate


def test_a_crate_without_data_holds_no_case(demo: Run, tmp_path: Path) -> None:
    folders = folders_of(demo)
    one, two = (crate.make_crate(folders, NEXT, tmp_path / n) for n in ("one", "two"))
    assert crate.faults(one) == []
    held = {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()}
    again = {path.relative_to(two): path.read_bytes() for path in two.rglob("*") if path.is_file()}
    assert held == again
    assert not any(b"DEMO-0" in content or b"DEMO-1" in content for content in held.values())
    full = read_manifest(folders.manifest(NEXT))
    sums = {mark["sha256"] for mark in full["inputs"]["cases"].values()}
    sums |= {one["sha256"] for one in full["files"]}
    text = b"".join(held.values()).decode("utf-8")
    assert not [checksum for checksum in sums if checksum in text]
    assert str(demo.folder) not in text
    assert str(REPOSITORY) not in text
    with pytest.raises(ArianeError, match="exists"):
        crate.make_crate(folders, NEXT, one)


def test_a_crate_with_data_holds_all_but_the_calls(demo: Run, tmp_path: Path) -> None:
    folders = folders_of(demo)
    made = crate.make_crate(folders, NEXT, tmp_path / "crate", with_data=True)
    assert crate.faults(made) == []
    content = read_manifest(made / "run_manifest.json")
    assert content == read_manifest(folders.manifest(NEXT))
    for one in content["files"]:
        assert files.sha256_of(made / "results" / one["file"]) == one["sha256"]
    for name, checksum in content["inputs"]["frozen"].items():
        assert files.sha256_of(made / "inputs" / name) == checksum
    assert not list(made.rglob("*.vcf*"))
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    # What is not as the profiles require is found by the same check.
    (made / "run_manifest.json").unlink()
    metadata = made / crate.METADATA
    graph = json.loads(metadata.read_text(encoding="utf-8"))
    for entity in graph["@graph"]:
        if entity["@id"] == "./":
            del entity["mentions"]
        if entity["@id"] == "workflow/Snakefile":
            del entity["programmingLanguage"]
    metadata.write_text(json.dumps(graph), encoding="utf-8")
    found = "\n".join(crate.faults(made))
    assert "./: lacks mentions" in found
    assert "workflow/Snakefile: lacks programmingLanguage" in found
    assert "run_manifest.json: is not there" in found


def test_a_crate_of_files_that_changed_is_refused(demo: Run, tmp_path: Path) -> None:
    folders = copied(demo, tmp_path / "run")
    (folders.cycle(NEXT) / "cohort.tsv").write_text("edited", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"cohort\.tsv: not as the run manifest names them"):
        crate.make_crate(folders, NEXT, tmp_path / "crate", with_data=True)
    assert not (tmp_path / "crate").exists()


# Back


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


# Forward


def test_a_withdrawn_submission_names_the_proposals_that_rest_on_it(demo: Run) -> None:
    uses = forward(folders_of(demo), Sought("assertions", PARTNER))
    assert [one["release"] for one in uses.records] == ["demo-B"]
    assert {(one["code"], one["how"]) for one in uses.evidence} == {
        ("ASSERT", NAMES_IT),
        ("PVS1", BESIDE),
    }
    assert [(one["cycle"], one["case"], one["rank"]) for one in uses.findings] == [
        (NEXT, "DEMO-06", 1)
    ]
    assert [(one["kind"], one["case"]) for one in uses.events] == [("partner found", "DEMO-06")]
    assert [one["reason"] for one in uses.flags] == ["partner found"]
    assert [(one["registry"], one["case"], one["gene"], one["how"]) for one in uses.proposals] == [
        ("impasse", "DEMO-06", "ABCA4", CAUSED)
    ]
    assert [(one["case"], one["reverted"]) for one in uses.writes] == [("DEMO-06", False)]
    assert "ariane_gene" in uses.writes[0]["columns"]
    assert any(f"{NEXT}/cases/DEMO-06.html" in one["file"] for one in uses.pages)


def test_a_record_that_changed_is_followed_through_the_cycles(demo: Run) -> None:
    uses = forward(folders_of(demo), Sought("assertions", DOWNGRADED))
    assert len({one["record"] for one in uses.records}) == 2
    assert [one["cycle"] for one in uses.findings] == [FIRST, NEXT]
    assert {one["cycle"] for one in uses.proposals} == {FIRST, NEXT}
    assert [one["reason"] for one in uses.flags] == ["diagnosis at risk"]
    first = next(one["record"] for one in uses.records if one["release"] == "demo-A")
    by_record = forward(folders_of(demo), Sought(record=first))
    assert [one["cycle"] for one in by_record.findings] == [FIRST]


def test_silence_is_followed_too(demo: Run) -> None:
    """PM2 of the first cycle rests on there being no frequency."""
    uses = forward(folders_of(demo), Sought("frequencies", "chr20-7047-C-T"))
    assert [(one["cycle"], one["record"], one["how"]) for one in uses.evidence] == [
        (FIRST, "absent", UNDER_KEY)
    ]
    assert [one["kind"] for one in uses.events] == ["withdrawn"]


def test_what_leads_back_to_a_record_is_found_forward_from_it(demo: Run) -> None:
    folders = folders_of(demo)
    reader = read_cycle(folders, NEXT)
    seen: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for finding in told(reader):
        for row in reader.ledger(finding["case"], [finding["gene"]]):
            if row["finding"] == finding["finding"] and table_of(row["resource"]) is not None:
                key = (row["resource"], row["read_key"])
                seen.setdefault(key, set()).add((row["case"], row["finding"], row["code"]))
    assert len(seen) >= 40
    for (resource, key), rows in sorted(seen.items())[::4]:
        uses = forward(folders, Sought(resource, key))
        found = {(r["case"], r["finding"], r["code"]) for r in uses.evidence if r["cycle"] == NEXT}
        assert rows <= found


@pytest.mark.parametrize(
    ("sought", "case"),
    [(Sought(gene="ABCA4"), "DEMO-06"), (Sought(disease="OMIM:248200"), "DEMO-06")],
)
def test_genes_and_diseases_are_followed(demo: Run, sought: Sought, case: str) -> None:
    uses = forward(folders_of(demo), sought)
    assert {one["case"] for one in uses.findings} == {case}
    assert uses.records
    assert {one["cycle"] for one in uses.proposals} == {NEXT}


def test_what_rests_on_nothing_and_who_is_unknown_is_said(demo: Run) -> None:
    folders = folders_of(demo)
    uses = forward(folders, Sought("assertions", "chr9-1-A-C"))
    assert uses.unused
    assert "no release of a cycle holds such a record" in "\n".join(uses.lines())
    with pytest.raises(ArianeError, match="NOSUCHGENE: no release of a cycle knows such a gene"):
        forward(folders, Sought(gene="NOSUCHGENE"))


def test_a_cycle_that_cannot_be_read_is_named_and_the_others_stand(
    demo: Run, tmp_path: Path
) -> None:
    folders = copied(demo, tmp_path)
    shutil.rmtree(folders.knowledge("demo-A"))
    uses = forward(folders, Sought("assertions", DOWNGRADED))
    assert uses.unread == [FIRST]
    assert {one["cycle"] for one in uses.findings} == {NEXT}
    assert any("demo-A" in notice for notice in uses.notices)
    assert not forward(folders, Sought("assertions", "chr9-1-A-C")).unused
    words = ("--resource", "assertions", "--key", DOWNGRADED, "--json")
    assert run_audit(tmp_path, "forward", *words).returncode == 1


def test_exports_that_name_the_case_are_found(demo: Run, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "export_registry.py"), "--config",
         str(demo.config(NEXT)), "--directory", str(demo.folder), "--out", str(tmp_path),
         "--to", "phenopackets", "--for", "reanalysis"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    uses = forward(folders_of(demo), Sought("assertions", PARTNER))  # the run remembers where
    assert {(one["case"], one["state"]) for one in uses.exports} == {("DEMO-06", "as written")}
    path = next(p for one in uses.exports if (p := Path(one["file"])).is_relative_to(tmp_path))
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    again = forward(folders_of(demo), Sought("assertions", PARTNER), [tmp_path])
    assert "changed since" in {one["state"] for one in again.exports}


def test_findings_out_of_scope_are_counted_and_never_named(demo: Run) -> None:
    """Both ways: what no page tells, no audit tells."""
    folders = folders_of(demo)
    reader = read_cycle(folders, NEXT)
    shown = {row["finding"] for row in told(reader)}
    hidden = [
        row
        for row in demo.rows(NEXT, "findings")
        if row["finding"] not in shown and "BA1" not in row["acmg_class"]
    ]
    assert hidden
    for row in hidden:
        with pytest.raises(ArianeError, match="tells no finding"):
            back(folders, NEXT, Asked(row["case"], finding=row["finding"]), hashing=False)
        own = next(
            one
            for one in reader.ledger(row["case"], [row["gene"]])
            if one["finding"] == row["finding"] and table_of(one["resource"]) is not None
        )
        uses = forward(folders, Sought(own["resource"], own["read_key"]))
        assert uses.untold
        assert row["finding"] not in json.dumps(uses.to_json())


# The program, and all records


def test_every_record_of_both_releases_hashes_to_its_name(demo: Run) -> None:
    count = 0
    for release in ("demo-A", "demo-B"):
        for table in tables.ALL:
            if table_of(table.name) is None:
                continue
            path = folders_of(demo).knowledge(release) / f"{table.name}.parquet"
            for row in files.read_table(path, table):
                assert digest_of(table.name, row) == row["record"]
                count += 1
    assert count > 1000


def run_audit(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPOSITORY / "scripts" / "audit.py"), words[0]]
    command += ["--config", str(home / f"{NEXT}.yaml"), "--directory", str(home), *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_program_answers_in_text_and_json(demo: Run, tmp_path: Path) -> None:
    home = demo.folder
    done = run_audit(home, "back", "--case", "DEMO-06", "--gene", "ABCA4", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["broken"] == 0
    done = run_audit(home, "forward", "--resource", "assertions", "--key", PARTNER)
    assert "Registry proposals: 1" in done.stdout
    done = run_audit(home, "back", "--case", "DEMO-06")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Name --case with --gene or --finding" in done.stderr
    folders = copied(demo, tmp_path)
    (folders.cycle(NEXT) / "cases" / "DEMO-06.html").write_text("edited", encoding="utf-8")
    words = ("--registry", "impasse", "--row", "DEMO-06", "--column", "ariane_gene")
    done = run_audit(tmp_path, "back", *words, "--without-files")
    assert done.returncode == 1, done.stderr
    assert "Broken at 1 place(s):" in done.stdout


def test_another_release_under_the_cycles_name_gets_no_manifest(demo: Run, tmp_path: Path) -> None:
    shutil.copytree(DEMO / "releases", tmp_path / "releases")
    path = tmp_path / "releases" / "demo-B" / "manifest.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    folders = Folders(demo.folder, tmp_path / "releases")
    with pytest.raises(ArianeError, match="not the release that cycle"):
        run_manifest(folders, NEXT, [])
    assert faults(read_manifest(folders.manifest(NEXT))) == []
    assert open_cycle(folders.state, NEXT).cycle.release == "demo-B"
