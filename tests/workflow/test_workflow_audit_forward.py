"""From a record to all that used it, and the program, over a real run of the demo."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from demo_run import DEMO, FIRST, NEXT, REPOSITORY, Run
from provenance_run import DOWNGRADED, PARTNER, copied, folders_of, told

from ariane import files
from ariane.audit.back import Asked, back
from ariane.audit.folders import Folders
from ariane.audit.forward_told import CAUSED, forward
from ariane.audit.manifest import faults, read_manifest, run_manifest
from ariane.audit.reading import read_cycle
from ariane.audit.records import digest_of, table_of
from ariane.audit.uses import BESIDE, NAMES_IT, UNDER_KEY, Sought
from ariane.knowledge import tables
from ariane.model.errors import ArianeError
from ariane.reanalyse.frozen import open_cycle

pytestmark = pytest.mark.workflow


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
