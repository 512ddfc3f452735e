"""The program, the schemas, the shipped example and the cases that come out."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from intake_folders import HERE, lay_out
from jsonschema import Draft202012Validator

from ariane.files import REPOSITORY, read_yaml
from ariane.intake.check import check_config
from ariane.intake.config import SCHEMA, defaults, settings_of
from ariane.intake.phenopacket import read_phenopacket
from ariane.intake.sheet import COLUMNS, REQUIRED, read_sheet
from ariane.intake.terms import Names, check_phenotype
from ariane.knowledge.hpo import load_obo
from ariane.model.case import Case, Member, Sex, Status
from ariane.model.errors import Level

DEFAULT = {"cycle": "c1", "release": "R1", "families": "families.tsv"}
FAMILIES = REPOSITORY / "workflow" / "schemas" / "families.schema.json"


def cases_of(
    name: str, tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Case]:
    lay_out(HERE / "cases" / name, tmp_path, releases)
    monkeypatch.chdir(tmp_path)
    return check_config(Path("config.yaml"))[1]


def test_trio_of_a_ped(tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = cases_of("good_trio_ped", tmp_path, releases, monkeypatch)
    assert case.members == (
        Member("F1", "F1", "F1f", "F1m", Sex.FEMALE, True),
        Member("F1f", "F1f", "", "", Sex.MALE, False),
        Member("F1m", "F1m", "", "", Sex.FEMALE, False),
    )
    assert case.design == "trio"
    assert Case.from_json(json.loads(json.dumps(case.to_json()))) == case


def test_samples_of_the_sheet_stand_before_those_of_the_ped(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = cases_of("ped_samples_renamed", tmp_path, releases, monkeypatch)
    assert {m.id: m.sample for m in case.members} == {"E1": "F1", "P1": "F1f", "M1": "F1m"}
    assert case.patient.id == "E1"


def test_trio_of_columns(tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = cases_of("good_trio_columns", tmp_path, releases, monkeypatch)
    assert case.design == "trio"
    assert [(m.id, m.sample, m.affected) for m in case.members] == [
        ("F1", "F1", True),
        ("F1-father", "F1f", None),
        ("F1-mother", "F1m", None),
    ]


def test_words_are_understood(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = cases_of("good_words", tmp_path, releases, monkeypatch)
    assert case.patient.sex is Sex.FEMALE
    assert (case.analysis.technique, case.analysis.assembly) == ("genome", "GRCh38")
    assert case.status is Status.PARTLY_SOLVED
    assert (case.consent.reanalysis, case.consent.ern, case.consent.registry) == (
        True,
        False,
        False,
    )
    assert case.notes == {"gene_name": "DMD"}


def test_member_without_sample_is_kept_unsequenced(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = cases_of("ped_member_not_sequenced", tmp_path, releases, monkeypatch)
    sibling = case.member("F1s")
    assert sibling is not None
    assert sibling.sample == ""
    assert case.design == "trio"


def test_phenopacket_fills_the_phenotype(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = cases_of("packet_good", tmp_path, releases, monkeypatch)
    assert case.phenotype.observed == ("HP:0001250",)
    assert case.phenotype.age == "P3Y2M"


def test_cases_at_fault_are_left_out_and_others_stay(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = cases_of("dates", tmp_path, releases, monkeypatch)
    assert [case.id for case in found] == ["F2"]
    assert cases_of("identity_ins_as_case_id", tmp_path / "x", releases, monkeypatch)[0].id == "F2"


@pytest.mark.parametrize(("name", "status"), [("good_solo", 0), ("hpo_none", 0), ("dates", 2)])
def test_program(name: str, status: int, tmp_path: Path, releases: Path) -> None:
    lay_out(HERE / "cases" / name, tmp_path, releases)
    told = subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "check_inputs.py", "--config", "config.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    expected = (HERE / "cases" / name / "expected.txt").read_text(encoding="utf-8")
    assert told.returncode == status
    assert told.stdout == ""
    assert told.stderr.startswith(expected)
    assert len(told.stderr.splitlines()) == len(expected.splitlines()) + 1


def test_schemas_are_schemas_and_agree_with_the_code() -> None:
    config = read_yaml(SCHEMA)
    families = json.loads(FAMILIES.read_text(encoding="utf-8"))
    for schema in (config, families):
        Draft202012Validator.check_schema(schema)
    assert set(families["properties"]) == set(COLUMNS)
    assert families["required"] == list(REQUIRED)
    assert all("description" in rule for rule in config["properties"].values())
    assert Draft202012Validator(config).is_valid(DEFAULT | defaults())
    settings, faults = settings_of(DEFAULT, "config.yaml")
    filled, _ = settings_of(DEFAULT | defaults(), "config.yaml")
    assert settings == filled
    assert [f.what for f in faults] == ["key 'release': there is no folder releases/R1"]


def test_readme_explains_every_key_and_column() -> None:
    told = (REPOSITORY / "config" / "README.md").read_text(encoding="utf-8")
    names = [*read_yaml(SCHEMA)["properties"], *COLUMNS]
    assert [name for name in names if f"`{name}`" not in told] == []


def test_example_sheet_and_configuration_follow_the_schemas() -> None:
    rows, faults = read_sheet(REPOSITORY / "config" / "families.example.tsv")
    assert faults == []
    validator = Draft202012Validator(json.loads(FAMILIES.read_text(encoding="utf-8")))
    assert [list(validator.iter_errors(dict(row.cells))) for row in rows] == [[], []]
    raw = read_yaml(REPOSITORY / "config" / "config.yaml")
    assert list(Draft202012Validator(read_yaml(SCHEMA)).iter_errors(raw)) == []


@pytest.mark.shared_data
def test_published_phenopackets_are_understood(tmp_path: Path) -> None:
    """Real packets: each is read, and names of its terms never contradict their ids."""
    data = REPOSITORY.parent / "shared" / "data"
    packets, obo = data / "cases/phenopackets.jsonl.gz", data / "hpo/2025-01-16/hp.obo.gz"
    for needed in (packets, obo):
        if not needed.is_file():
            pytest.skip(f"{needed.name} is not there")
    names = Names(load_obo(obo))
    one = tmp_path / "p.json"
    with gzip.open(packets, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 40:
                continue
            one.write_text(line, encoding="utf-8")
            packet, faults = read_phenopacket(one)
            assert packet is not None
            assert [f for f in faults if f.level is Level.ERROR] == []
            told = check_phenotype(packet.phenotype, packet.labels, names, "p", "c")
            assert not [f for f in told if "is not an HPO id" in f.what]
            assert not [f for f in told if f.level is Level.WARNING and "written beside" in f.what]
