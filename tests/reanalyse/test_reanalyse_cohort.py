"""The cohort as a plan sees it, as a job on another machine is told of it, and a batch of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ariane import files
from ariane.intake.looked import Memory
from ariane.model.errors import ArianeError, InputFaults
from ariane.reanalyse.cohort import Cohort, hand_over, open_cohort
from ariane.reanalyse.cycle import freeze
from ariane.reanalyse.frozen import is_frozen

DEMO = files.RESOURCES / "demo"


@pytest.fixture
def raw(tmp_path: Path) -> dict[str, Any]:
    for name in ("vcf", "ped", "phenopackets"):
        shutil.copytree(DEMO / name, tmp_path / name)
    lines = (DEMO / "families.tsv").read_text(encoding="utf-8").splitlines()
    header, *rows = (line.split("\t") for line in lines)
    for row in rows:
        row[header.index("batch")] = "new" if row[0].startswith("DEMO-0") else "old"
    sheet = tmp_path / "families.tsv"
    sheet.write_text("\n".join(map("\t".join, [header, *rows])) + "\n", encoding="utf-8")
    told = yaml.safe_load((files.REPOSITORY / "config" / "demo.yaml").read_text(encoding="utf-8"))
    chosen = {key: told[key] for key in ("cycle", "release", "shards")}
    return chosen | {"releases": str(DEMO / "releases"), "families": str(sheet)}


def same(one: Cohort, other: Cohort) -> bool:
    return replace(one, notices=()) == replace(other, notices=())


def test_a_job_is_told_what_was_planned_and_opens_no_vcf(
    raw: dict[str, Any], tmp_path: Path
) -> None:
    state, plan = tmp_path / "state", tmp_path / "hidden" / "plan.json"
    planned = open_cohort(raw, state)
    hand_over(planned, raw, plan)
    assert plan.parent.stat().st_mode & 0o077 == 0, "it holds phenotypes"
    shutil.rmtree(tmp_path / "vcf")
    assert same(open_cohort(raw, state, handed=plan), planned)
    with pytest.raises(InputFaults):
        open_cohort(raw, state)


def test_what_was_handed_over_for_another_run_is_not_taken(
    raw: dict[str, Any], tmp_path: Path
) -> None:
    state, plan = tmp_path / "state", tmp_path / "plan.json"
    hand_over(open_cohort(raw, state), raw, plan)
    shutil.rmtree(tmp_path / "vcf")
    for other in ({"gene_padding": 1}, {"release": "demo-B"}):
        with pytest.raises(InputFaults):
            open_cohort(raw | other, state, handed=plan)
    plan.write_text("{", encoding="utf-8")
    with pytest.raises(InputFaults):
        open_cohort(raw, state, handed=plan)


def test_a_begun_cycle_goes_before_what_was_handed_over(
    raw: dict[str, Any], tmp_path: Path
) -> None:
    state, plan = tmp_path / "state", tmp_path / "plan.json"
    planned = open_cohort(raw, state)
    fewer = replace(planned, cases=planned.cases[1:])
    hand_over(fewer, raw, plan)
    freeze(planned.settings, planned.release, planned.cases, state, raw)
    assert open_cohort(raw, state, handed=plan).cases == planned.cases


def test_looks_and_checksums_outlive_a_plan(
    raw: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, kept = tmp_path / "state", tmp_path / "hidden" / "looked.json"
    planned = open_cohort(raw, state, remembered=kept)
    memory = Memory.read(kept, planned.release)
    assert len(memory.checksums) >= len(planned.cases)
    monkeypatch.setattr(files, "sha256_of_all", None)  # whoever reads a VCF again fails
    again = open_cohort(raw, state, remembered=kept)
    assert again == planned
    frozen = freeze(again.settings, again.release, again.cases, state, raw, memory)
    assert frozen.cases == planned.cases


def test_a_batch_has_its_cases_and_begins_no_cycle(raw: dict[str, Any], tmp_path: Path) -> None:
    state = tmp_path / "state"
    whole = open_cohort(raw, state)
    part = open_cohort(raw | {"batch": "new"}, state)
    assert [case.id for case in part.cases] == [f"DEMO-0{n}" for n in range(1, 10)]
    assert list(part.cases) == [
        case for case in whole.cases if case.id in {c.id for c in part.cases}
    ]
    with pytest.raises(ArianeError, match="a cycle is of the whole cohort"):
        freeze(part.settings, part.release, part.cases, state, raw)
    assert not is_frozen(state, "2024-03")
    freeze(whole.settings, whole.release, whole.cases, state, raw)
    assert open_cohort(raw | {"batch": "new"}, state).cases == part.cases
    assert {whole.shard(case) for case in whole.cases_in(whole.shards[0])} <= {whole.shards[0]}
    assert sorted(c for s in whole.shards for c in whole.cases_in(s)) == [c.id for c in whole.cases]
