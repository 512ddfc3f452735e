"""A case whose consent is withdrawn, or that opposes reanalysis, leaves what the next cycle says.

Its flags waited in the queue when it left. Everything is asked by the programs of the workflow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from reanalyse_lab import GOOD, MISSENSE, SILENT, Laboratory
from reanalyse_people import Patient, family
from reanalyse_world import TERMS, Said

import draft_requests
import export_registry
import follow_up
import propose_registry
import report_case
import report_cohort
from ariane.files import REPOSITORY, read_table
from ariane.model.case import Consent, Status
from ariane.model.errors import ArianeError
from ariane.model.tables import EVENTS, FLAGS, QUEUE, TOUCHED

ALL = Consent(reanalysis=True, registry=True, ern=True, matchmaking=True, research=True)
STAYS, WITHDRAWN, OPPOSED = "F0", "F1", "F2"
GONE = (WITHDRAWN, OPPOSED)
DRAFTS = {"requests.md", "requests.tsv"}
NEWS = replace(SILENT, assertions={MISSENSE: (Said("P", 3),)})
LESS = replace(SILENT, assertions={MISSENSE: (Said("LP", 1),)})


def patient(name: str, **more: Any) -> Patient:
    more = {"consent": ALL, "observed": TERMS[3:4], **more}
    return Patient(family(name, **more), {0: {"child": GOOD}})


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Three cases with the same news, of which two wait in the queue; then these two leave."""
    lab = Laboratory(tmp_path_factory.mktemp("withdrawal"))
    names = (STAYS, *GONE)
    policy = lab.desk.root / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    assert "per_site_and_cycle: null" in text
    policy.write_text(text.replace("per_site_and_cycle: null", "per_site_and_cycle: 1"))
    lab.cycle(SILENT, [patient(name) for name in names])
    lab.cycle(NEWS, [patient(name) for name in names])
    lab.desk.decide(f"{WITHDRAWN}|consent withdrawn|||||||2024-05-01|")
    opposed = patient(OPPOSED, consent=replace(ALL, reanalysis=False))
    lab.cycle(LESS, [patient(STAYS), patient(WITHDRAWN), opposed])
    lab.cycle(LESS, [patient(STAYS), patient(WITHDRAWN), patient(OPPOSED)])
    return lab


def ask(lab: Laboratory, name: str) -> Path:
    """Run every program that tells of a cycle; gives the folder they wrote into."""
    home, state, laid = lab.home(name), lab.desk.state, lab.desk.laid[name]
    inputs = state / "cycles" / name / "inputs"
    out = lab.desk.root / "told" / name
    (lab.results / "store").mkdir(exist_ok=True)
    cycle = [f"--state={state}", f"--cycle={name}"]
    drafts = [f"--markdown={out / 'requests.md'}", f"--tsv={out / 'requests.tsv'}"]
    draft_requests.main([*cycle, f"--flags={lab.queued(name)}", *drafts])
    follow_up.main([*cycle, f"--results={lab.results}", f"--out={out / 'follow_up.tsv'}"])
    pages = [f"--html={out / 'cohort.html'}", f"--tsv={out / 'cohort.tsv'}"]
    report_cohort.main(
        [
            *(f"--cycle-folder={home}", f"--inputs={inputs}", f"--release={laid.release.folder}"),
            *("--shards=1", *pages, f"--flags-tsv={out / 'flags.tsv'}"),
            *(f"--follow-up={out / 'follow_up.tsv'}", f"--figures={out / 'figures'}"),
        ]
    )
    mapping = REPOSITORY / "config" / "registries" / "example.yaml"
    propose_registry.main(
        [
            *(f"--inputs={inputs}", f"--cycles={lab.results / 'cycles'}"),
            *(f"--mapping={mapping}", f"--out={out / 'patch.json'}"),
        ]
    )
    return out


def export(lab: Laboratory, name: str, opposed: str) -> Path:
    """Phenopackets for another laboratory's reanalysis, by the consents of a sheet of today."""
    root = lab.desk.root
    said = {STAYS: "yes", WITHDRAWN: "yes", OPPOSED: opposed}
    columns = "case_id vcf sex assembly technique analysis_date consent_reanalysis"
    lines = ["\t".join(columns.split())]
    lines += [
        f"{case}\tx.vcf\tfemale\tGRCh38\texome\t2022-01-31\t{yes}" for case, yes in said.items()
    ]
    (root / "today.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = {"cycle": name, "release": name, "families": "today.tsv", "decisions": "decisions.tsv"}
    (root / "today.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    export_registry.main(
        [
            *(f"--config={root / 'today.yaml'}", f"--directory={root}", "--to=phenopackets"),
            *("--for=reanalysis", f"--out={root / 'exports' / name}"),
        ]
    )
    return root / "exports" / name


def naming(folder: Path, case: str) -> list[str]:
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (case in path.name or case in path.read_text(encoding="utf-8"))
    ]


def rows(lab: Laboratory, name: str) -> Iterator[tuple[str, str]]:
    """Each table of a cycle and each case that it names."""
    (state,) = lab.states(name).values()
    folder = lab.folder(name, lab.shards[0])
    held = {
        **{table: getattr(state, table) for table in ("findings", "ledger", "phenotype")},
        "standing": state.standing,
        "events": read_table(folder / "events.parquet", EVENTS),
        "flags": read_table(folder / "flags.parquet", FLAGS),
        "queue": read_table(lab.queued(name), QUEUE),
    }
    for table, content in held.items():
        yield from ((table, row["case"]) for row in content)


def test_before_they_leave_they_are_everywhere(lab: Laboratory) -> None:
    """Else it would prove nothing that they are nowhere after."""
    tables = {table for table, _ in rows(lab, "c1")}
    for case in GONE:
        assert {(table, case) for table in tables} <= set(rows(lab, "c1"))
    queue = read_table(lab.queued("c1"), QUEUE)
    assert {flag["case"] for flag in queue if flag["queued"]} >= set(GONE)
    told = ask(lab, "c1")
    for case in GONE:
        # No draft is made of a flag that waits.
        made = {path.name for path in told.iterdir()}
        made -= {"figures", "follow_up.tsv.sha256"}  # of counts alone, and a checksum
        assert made - set(naming(told, case)) == DRAFTS


def test_they_leave_every_table_and_every_page(lab: Laboratory) -> None:
    assert lab.facts("c2").excluded == {
        WITHDRAWN: "consent withdrawn",
        OPPOSED: "no consent to reanalysis",
    }
    assert {case for _, case in rows(lab, "c2")} == {STAYS}
    marks = read_table(lab.folder("c2", lab.shards[0]) / "touched.parquet", TOUCHED)
    assert {m["operation"] for m in marks if m["case"] in GONE} == {"removed"}, "tombstones"
    told = ask(lab, "c2")
    patch = json.loads((told / "patch.json").read_text(encoding="utf-8"))
    assert [one["case"] for one in patch["proposals"]] == [STAYS]
    assert {one["case"] for one in patch["refused"]} == set(GONE)
    (told / "patch.json").unlink()
    for case in GONE:
        assert naming(told, case) == []
    assert naming(told, STAYS) != []


@pytest.mark.parametrize("case", GONE)
def test_no_page_is_made_of_them(case: str, lab: Laboratory, tmp_path: Path) -> None:
    home, laid, shard = lab.home("c2"), lab.desk.laid["c2"], lab.shards[0]
    given = [f"--cycle-folder={home}", f"--shard={shard}", f"--knowledge={laid.folder}"]
    given += [f"--inputs={lab.desk.state / 'cycles' / 'c2' / 'inputs'}"]
    given += [f"--release={laid.release.folder}", f"--store={lab.results / 'store' / shard}"]
    given += [f"--summary={lab.results / 'cases' / case / 'annotation.json'}"]
    given += [f"--{kind}={tmp_path / kind}" for kind in ("html", "tsv", "json")]
    with pytest.raises(ArianeError, match=case):
        report_case.main([*given, f"--case={case}"])
    assert list(tmp_path.iterdir()) == []


def test_they_leave_exports(lab: Laboratory) -> None:
    before = export(lab, "c1", "yes")
    assert naming(before / "phenopackets.reanalysis", OPPOSED), "nothing said no to it yet"
    assert naming(before / "phenopackets.reanalysis", WITHDRAWN) == [], "the decision is of today"
    after = export(lab, "c2", "no")
    for case in GONE:
        assert naming(after / "phenopackets.reanalysis", case) == []
    assert naming(after / "phenopackets.reanalysis", STAYS) != []


def test_who_consents_again_is_evaluated_anew_and_what_waited_is_forgotten(lab: Laboratory) -> None:
    assert lab.facts("c3").anew == (OPPOSED,)
    assert {case for _, case in rows(lab, "c3")} == {STAYS, OPPOSED}
    flags = [flag for flag in lab.told("c3").flags if flag["case"] == OPPOSED]
    assert {flag["since"] for flag in flags} == {"c3"}
    assert [case.status for case in lab.frozen("c3").cases] == [Status.IN_PROGRESS] * 2
