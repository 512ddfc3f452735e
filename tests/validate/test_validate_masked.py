"""The masked inputs tell nothing of what was decided."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ariane.intake.config import settings_of
from ariane.intake.sheet import COLUMNS, Row, read_sheet
from ariane.knowledge.release import Release
from ariane.model.case import Decision, Status
from ariane.model.errors import ArianeError, InputFaults
from ariane.validate.masked import (
    MASKED,
    lay_out,
    masked_configuration,
    masked_sheet,
    read_request,
    solved_cases,
)

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo"
ALLELE = "chr16-7341-G-A"


def decision(case: str = "C1", **more: Any) -> Decision:
    given: dict[str, Any] = {
        "outcome": Status.SOLVED,
        "gene": "HGNC:21316",
        "variants": ALLELE,
        "disease": "OMIM:148050",
        "actor": "RCP",
        "role": "RCP",
        "report": "CR-1",
        "date": "2024-02-01",
    }
    return Decision(case, **(given | more))


def row(case: str = "C1", **cells: str) -> Row:
    given = {"case_id": case, "vcf": "a.vcf.gz;b.vcf.gz", "consent_reanalysis": "yes"}
    return Row(2, given | cells)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


@given(
    st.dictionaries(st.sampled_from(sorted(MASKED)), TEXT),
    st.dictionaries(st.sampled_from(["diagnosis", "gene found", "comment"]), TEXT),
)
def test_what_tells_of_a_diagnosis_changes_no_byte(
    told: dict[str, str], notes: dict[str, str]
) -> None:
    every = dict.fromkeys(COLUMNS, "")
    plain, _ = solved_cases(
        [row(**every | {"case_id": "C1", "consent_reanalysis": "yes"})], [decision()]
    )
    cells = every | told | notes | {"case_id": "C1", "consent_reanalysis": "yes"}
    full, _ = solved_cases([Row(2, cells)], [decision()])
    assert masked_sheet(plain, Path("a")) == masked_sheet(full, Path("a"))


def test_the_masked_sheet_is_a_sheet_with_the_same_files(tmp_path: Path) -> None:
    solved, _ = solved_cases([row(hpo='HP:1 "x"', status="solved", note="BRCA2!")], [decision()])
    path = tmp_path / "families.tsv"
    path.write_text(masked_sheet(solved, tmp_path / "of"), encoding="utf-8")
    (read,), faults = read_sheet(path)
    assert faults == []
    assert read["vcf"] == f"{tmp_path / 'of/a.vcf.gz'};{tmp_path / 'of/b.vcf.gz'}"
    assert (read["hpo"], read["status"], read.notes) == ('HP:1 "x"', "in progress", {})


def test_who_cannot_be_judged_is_told_why() -> None:
    rows = [row(name) for name in ("A", "B", "D", "E", "F")]
    rows.append(row("C", consent_reanalysis="no"))
    decisions = [
        decision("A"),
        decision("B", variants=""),
        decision("C"),
        decision("D", date="2023-01-01"),
        decision("D", outcome=Status.REFUTED),
        decision("F", outcome=Status.WITHDRAWN, date="2020-01-01"),
        decision("F"),
    ]
    solved, left = solved_cases(rows, decisions)
    assert [one.case for one in solved] == ["A"]
    assert left == [
        "B: its decision names a gene and no allele",
        "C: no consent to reanalysis",
        "F: its consent was withdrawn",
    ]


def configuration(folder: Path, **more: Any) -> Path:
    content: dict[str, Any] = {
        "cycle": "v1",
        "release": "demo-A",
        "releases": str(DEMO / "releases"),
        "families": str(DEMO / "families.tsv"),
        "decisions": str(DEMO / "decisions.tsv"),
        "previous": "v0",
        "registries": {
            "impasse": {
                "file": str(DEMO / "registry.csv"),
                "mapping": str(DEMO / "registry_mapping.yaml"),
            }
        },
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content | more), encoding="utf-8")
    return path


def test_the_demo_is_masked(tmp_path: Path) -> None:
    request = read_request(configuration(tmp_path))
    assert [one.case for one in request.solved] == ["DEMO-01", "DEMO-10"]
    assert request.unsolved == 16
    config = lay_out(request, tmp_path / "run")
    written = "".join(path.read_text("utf-8") for path in sorted(config.parent.iterdir()))
    for one in request.solved:
        for word in (one.gene, *one.variants, one.disease):
            assert word not in written
    assert "decisions" not in written
    assert "registry" not in written.replace("consent_registry", "")
    settings, faults = settings_of(yaml.safe_load(config.read_text("utf-8")), "config")
    assert settings is not None
    assert (settings.decisions, settings.previous, dict(settings.registries)) == (None, "", {})
    assert faults == []


def test_other_cases_under_the_same_name_are_refused(tmp_path: Path) -> None:
    request = read_request(configuration(tmp_path))
    lay_out(request, tmp_path / "run")
    lay_out(request, tmp_path / "run")
    own = tmp_path / "decisions.tsv"
    lines = (DEMO / "decisions.tsv").read_text("utf-8").splitlines(keepends=True)
    own.write_text("".join(lines[:2]), encoding="utf-8")
    fewer = read_request(configuration(tmp_path, decisions=str(own)))
    with pytest.raises(ArianeError, match="Name another cycle"):
        lay_out(fewer, tmp_path / "run")


def test_the_laboratory_s_own_classes_are_left_out_of_the_release(tmp_path: Path) -> None:
    folder = DEMO / "releases" / "demo-A"
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))
    own = tmp_path / "own.tsv"
    own.write_text("chrom\tpos\tref\talt\tclass\nchr16\t7341\tG\tA\tP\n", encoding="utf-8")
    for entry in manifest["resources"].values():
        entry["file"] = os.path.relpath(folder / entry["file"], tmp_path / "releases" / "demo-A")
    manifest["resources"]["laboratory"] = {
        "file": "../../own.tsv",
        "format": "consensus_tsv",
        "version": "1",
        "date": "2024-03-01",
        "sha256": "0" * 64,
        "licence": {"class": "bring your own", "text": "ours"},
        "source": "ours",
    }
    held = tmp_path / "releases" / "demo-A" / "manifest.yaml"
    held.parent.mkdir(parents=True)
    held.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    config = configuration(tmp_path, releases=str(tmp_path / "releases"))
    request = read_request(config)
    assert request.left_out == ("laboratory",)
    made = lay_out(request, tmp_path / "run")
    assert yaml.safe_load(made.read_text("utf-8"))["releases"] == str(tmp_path / "run/releases")
    whole, masked = request.release, Release.open(request.releases(tmp_path / "run") / "demo-A")
    assert set(whole.resources) - set(masked.resources) == {"laboratory"}
    for kind in masked.resources:
        assert masked.require(kind).resolve() == whole.require(kind).resolve()
    assert masked.as_of == whole.as_of
    kept = read_request(config, with_laboratory=True)
    assert kept.left_out == ()
    made = lay_out(kept, tmp_path / "kept")
    assert yaml.safe_load(made.read_text("utf-8"))["releases"] == str(tmp_path / "releases")


def test_without_decisions_nothing_can_be_validated(tmp_path: Path) -> None:
    with pytest.raises(InputFaults, match="Name the file of signed decisions"):
        read_request(configuration(tmp_path, decisions=None))


def test_without_a_solved_case_the_reason_is_told(tmp_path: Path) -> None:
    own = tmp_path / "decisions.tsv"
    lines = (DEMO / "decisions.tsv").read_text("utf-8").splitlines(keepends=True)
    own.write_text(lines[0] + lines[1].replace("chr16-7341-G-A", ""), encoding="utf-8")
    with pytest.raises(ArianeError, match="DEMO-01: its decision names a gene and no allele"):
        read_request(configuration(tmp_path, decisions=str(own)))


def test_the_number_of_shards_follows_the_cases(tmp_path: Path) -> None:
    settings = read_request(configuration(tmp_path)).settings
    assert [masked_configuration(settings, n)["shards"] for n in (2, 120, 5000)] == [1, 2, 16]
