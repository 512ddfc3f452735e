"""Releases: assembled once, never changed, every fault of a manifest told."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ariane.knowledge.release import MANIFEST, Release, Source, assemble
from ariane.model.errors import ArianeError


def source(folder: Path, kind: str, content: str, form: str, **fields: Any) -> Source:
    path = folder / f"{kind}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    given = Source(kind, path, form, "1", "2024-01-01", "open", "CC0-1.0", "invented")
    return replace(given, **fields)


@pytest.fixture
def sources(tmp_path: Path) -> list[Source]:
    incoming = tmp_path / "incoming"
    reference = source(incoming, "reference", ">1\nACGT\n", "fasta")
    index = incoming / "reference.txt.fai"
    index.write_text("1\t4\t3\t4\t5\n", encoding="utf-8")
    return [
        replace(reference, companions=(index,)),
        source(incoming, "transcripts", "##gff-version 3\n", "gff3"),
        source(incoming, "assertions", "chrom\n", "consensus_tsv", options={"column": "c"}),
    ]


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    return tmp_path / "releases"


@pytest.fixture
def made(sources: list[Source], releases: Path) -> Release:
    return assemble("r1", "2024-03-06", sources, releases)


def mend(release: Release, change: Any) -> Path:
    """Spoil a manifest by hand."""
    path = release.folder / MANIFEST
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return release.folder


def test_what_was_assembled_opens(made: Release) -> None:
    opened = Release.open(made.folder)
    assert opened == made
    assert (opened.name, opened.as_of) == ("r1", datetime.date(2024, 3, 6))
    assert sorted(opened.resources) == ["assertions", "reference", "transcripts"]
    assert opened.resources["assertions"].options == {"column": "c"}
    assert [p.name for p in opened.paths("reference")] == ["reference.txt", "reference.txt.fai"]
    assert all(p.is_file() for p in opened.paths("reference"))
    opened.verify()


def test_what_a_release_does_not_hold(made: Release) -> None:
    assert made.path("dosage") is None
    assert made.paths("dosage") == []
    assert made.sha256("dosage") == ""
    with pytest.raises(ArianeError, match=r"holds no .dosage.\. Add it"):
        made.require("dosage")


def test_files_are_copied_under_their_content(made: Release, sources: list[Source]) -> None:
    for one in sources:
        one.path.unlink()
    made.verify()
    held = made.require("reference")
    assert held.parent.name == made.sha256("reference")[:16]


def test_two_releases_share_a_file(made: Release, sources: list[Source], releases: Path) -> None:
    second = assemble("r2", "2025-01-01", sources, releases)
    assert second.require("reference") == made.require("reference")


def test_the_same_release_again_is_no_change(
    made: Release, sources: list[Source], releases: Path
) -> None:
    text = (made.folder / MANIFEST).read_bytes()
    assert assemble("r1", "2024-03-06", reversed(sources), releases) == made
    assert (made.folder / MANIFEST).read_bytes() == text


def test_a_release_is_never_changed(made: Release, sources: list[Source], releases: Path) -> None:
    text = (made.folder / MANIFEST).read_bytes()
    sources[1].path.write_text("##gff-version 3\n# more\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="a release is never changed"):
        assemble("r1", "2024-03-06", sources, releases)
    assert (made.folder / MANIFEST).read_bytes() == text
    made.verify()


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "x" * 65, "a b", "-x"])
def test_a_name_must_be_safe(sources: list[Source], releases: Path, name: str) -> None:
    with pytest.raises(ArianeError, match="cannot name a release"):
        assemble(name, "2024-03-06", sources, releases)
    assert not releases.exists()


def test_a_kind_is_given_once(sources: list[Source], releases: Path) -> None:
    with pytest.raises(ArianeError, match="'assertions' is given twice"):
        assemble("r1", "2024-03-06", [*sources, sources[2]], releases)


def test_what_is_wrong_with_the_sources_is_told_together(
    sources: list[Source], releases: Path
) -> None:
    bad = [replace(sources[0], format="txt"), replace(sources[2], licence_class="free")]
    with pytest.raises(ArianeError) as told:
        assemble("r1", "yesterday", bad, releases)
    text = str(told.value)
    for words in ("'as_of' must be", "no 'transcripts'", "'reference' is 'txt'", "licence class"):
        assert words in text
    assert not (releases / "r1" / MANIFEST).exists()


def test_a_folder_without_manifest(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="no release lies here"):
        Release.open(tmp_path)


def _resource(kind: str, **fields: Any) -> Any:
    return lambda raw: raw["resources"][kind].update(fields)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda raw: raw.update(schema=2), "not a release manifest of schema 1"),
        (lambda raw: raw.update(name="r9"), "'name' must be the folder's name, 'r1'"),
        (lambda raw: raw.pop("as_of"), "'as_of' must be an ISO date"),
        (lambda raw: raw.update(resources=[]), "must list the release's files"),
        (lambda raw: raw["resources"].pop("reference"), "holds no 'reference'"),
        (lambda raw: raw["resources"].update(rumours={}), "unknown kind of resource 'rumours'"),
        (lambda raw: raw["resources"].update(dosage="x"), "'dosage' lacks"),
        (lambda raw: raw["resources"]["assertions"].pop("sha256"), "'assertions' lacks sha256"),
        (_resource("assertions", format="csv"), "'assertions' is 'csv'; known formats"),
        (_resource("assertions", licence={"class": "?", "text": "x"}), "needs a licence class"),
        (_resource("assertions", licence="CC0"), "needs a licence class"),
        (_resource("assertions", licence={"class": "open"}), "lacks the licence's text"),
        (_resource("assertions", file="../files/gone"), "which is not there"),
        (_resource("reference", companions=["gone.fai"]), "which is not there"),
    ],
)
def test_a_spoilt_manifest_says_what_is_wrong(made: Release, change: Any, words: str) -> None:
    with pytest.raises(ArianeError) as told:
        Release.open(mend(made, change))
    assert words in str(told.value)
    assert MANIFEST in str(told.value)


def test_a_manifest_that_is_no_yaml(made: Release) -> None:
    (made.folder / MANIFEST).write_text("a: [", encoding="utf-8")
    with pytest.raises(ArianeError, match="not a YAML document"):
        Release.open(made.folder)


def test_a_dated_value_may_be_a_yaml_date(made: Release) -> None:
    day = datetime.date(2024, 3, 6)
    assert Release.open(mend(made, lambda raw: raw.update(as_of=day))).as_of == day


def test_changed_content_is_found_and_all_of_it_told(made: Release) -> None:
    for kind in ("assertions", "transcripts"):
        made.require(kind).write_text("other\n", encoding="utf-8")
    Release.open(made.folder)
    with pytest.raises(ArianeError) as told:
        made.verify()
    lines = str(told.value).splitlines()
    assert len(lines) == 2
    assert all("its content is not what" in line for line in lines)
