"""A release read from end to end, and looked up by key."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariane.annotate.known import _tells, known_alleles
from ariane.files import read_table
from ariane.knowledge import tables
from ariane.knowledge.disruption import disrupts
from ariane.knowledge.lookup import NULL_CONSEQUENCES, Keys, load_phenotypes, look_up
from ariane.knowledge.prepare import SUMMARY, read_release, read_summary, write_prepared
from ariane.knowledge.release import Release, Source, assemble
from ariane.model.errors import ArianeError

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo" / "releases" / "demo-A"


HELD = {
    "orphanet_french",
    *("assertions", "known_alleles", "frequencies", "gene_disease", "genes"),
    *("constraint", "dosage", "coverage", "spectra"),
}
"""Tables that the demo's release fills."""


def prepare(release: Release, folder: Path) -> None:
    prepared = read_release(release, folder)
    rows = []
    for batch in prepared.classified():
        paths = release.require("reference"), release.require("transcripts")
        rows += known_alleles(batch, *paths).rows
    write_prepared(prepared, rows, [])


@pytest.fixture(scope="module")
def release() -> Release:
    return Release.open(DEMO)


@pytest.fixture(scope="module")
def folder(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("knowledge")
    prepare(release, made)
    return made


UNSEEN = (tables.STRUCTURAL_FREQUENCIES, tables.STRUCTURAL_COVERAGE, tables.DOSAGE_REGIONS)
"""What the demo's releases do not hold."""


def test_every_table_is_there_and_counted(folder: Path) -> None:
    summary = read_summary(folder)
    assert (summary["release"], summary["as_of"]) == ("demo-A", "2024-03-06")
    for table in tables.ALL:
        rows = read_table(folder / f"{table.name}.parquet", table)
        assert len(rows) == summary["rows"][table.name]
        assert rows or table.name not in HELD
        assert not rows or table.name in HELD or table in UNSEEN
        keys = [tuple(str(row[c]) for c in table.sort) for row in rows]
        if table is not tables.COVERAGE:
            assert keys == sorted(keys)


def test_the_same_release_gives_the_same_tables(
    release: Release, folder: Path, tmp_path: Path
) -> None:
    prepare(release, tmp_path)
    assert (tmp_path / SUMMARY).read_bytes() == (folder / SUMMARY).read_bytes()
    for table in tables.ALL:
        one, two = (read_table(f / f"{table.name}.parquet", table) for f in (folder, tmp_path))
        assert one == two


def test_known_alleles_are_asserted_pathogenic_or_tell_something(folder: Path) -> None:
    known = read_table(folder / "known_alleles.parquet", tables.KNOWN_ALLELES)
    said = read_table(folder / "assertions.parquet", tables.ASSERTIONS)
    records = {(row["variant"], row["record"]) for row in said}
    assert {(row["variant"], row["record"]) for row in known} <= records
    pathogenic = {row["klass"] for row in known if not _tells(row)}
    assert pathogenic <= {"P", "P/LP", "LP"}
    assert any(row["codon"] for row in known)


def test_only_what_was_asked_is_looked_up(folder: Path) -> None:
    known = read_table(folder / "known_alleles.parquet", tables.KNOWN_ALLELES)
    codon = next(row["codon"] for row in known if row["codon"])
    frequent = read_table(folder / "frequencies.parquet", tables.FREQUENCIES)[0]
    asserted = read_table(folder / "assertions.parquet", tables.ASSERTIONS)[0]
    keys = Keys(
        variants=frozenset({frequent["variant"], asserted["variant"], "chr1-1-A-T"}),
        codons=frozenset({codon, ""}),
        genes=frozenset({"HGNC:3603"}),
    )
    found = look_up(folder, keys)
    assert frequent in found.frequencies[frequent["variant"]]
    assert {**asserted, "resource": "assertions"} in found.assertions[asserted["variant"]]
    assert set(found.codons) == {codon}
    assert set(found.gene_disease) == {"HGNC:3603"}
    assert "OMIM:154700" in {row["disease"] for row in found.gene_disease["HGNC:3603"]}
    assert {row["gene"] for rows in found.nulls.values() for row in rows} <= {"HGNC:3603"}
    assert "chr1-1-A-T" not in found.assertions
    assert found.has("frequencies")
    assert not found.has("rumours")


def test_null_alleles_are_null(folder: Path) -> None:
    known = read_table(folder / "known_alleles.parquet", tables.KNOWN_ALLELES)
    found = look_up(folder, Keys(genes=frozenset(row["gene"] for row in known)))
    rows = [row for held in found.nulls.values() for row in held]
    assert rows
    assert all(disrupts(row["consequence"]) for row in rows)
    assert {row["consequence"].split("&")[0] for row in rows} & set(NULL_CONSEQUENCES)


def test_nothing_asked_is_nothing_found(folder: Path) -> None:
    found = look_up(folder, Keys())
    assert not any((found.assertions, found.codons, found.frequencies, found.gene_disease))


def test_the_phenotype_side(release: Release, folder: Path) -> None:
    held = load_phenotypes(release, folder)
    assert held is not None
    assert "OMIM:154700" in held.table.disease_index


def test_a_release_without_the_optional_resources(release: Release, tmp_path: Path) -> None:
    bare = Release(
        release.folder,
        release.name,
        release.as_of,
        {kind: release.resources[kind] for kind in ("reference", "transcripts")},
    )
    prepare(bare, tmp_path)
    summary = read_summary(tmp_path)
    assert summary["present"] == ["reference", "transcripts"]
    assert set(summary["rows"].values()) == {0}
    assert load_phenotypes(bare, tmp_path) is None
    found = look_up(tmp_path, Keys(variants=frozenset({"chr1-1-A-T"})))
    assert not any(found.has(kind) for kind in ("assertions", "frequencies", "coverage"))


def test_a_folder_that_was_not_prepared(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="is not prepared there"):
        look_up(tmp_path, Keys())


def test_a_malformed_file_is_named_in_words(tmp_path: Path) -> None:
    """What a reader stumbles over is told with the file and its format, without a traceback."""
    demo = Release.open(DEMO)
    bed = tmp_path / "coverage.bed"
    bed.write_text("chr1\t10\tmany\n", encoding="utf-8")
    kinds = ("reference", "transcripts")
    sources = [
        Source(
            kind, demo.require(kind), demo.resources[kind].format, "1", "2024-01-01", "open", "CC0",
            "demo", companions=tuple(demo.paths(kind)[1:]),
        )
        for kind in kinds
    ]  # fmt: skip
    sources.append(Source("coverage", bed, "bed", "1", "2024-01-01", "open", "CC0", "test"))
    release = assemble("odd", "2024-01-01", sources, tmp_path / "releases")
    with pytest.raises(ArianeError, match=r"coverage\.bed:1: not a BED line"):
        write_prepared(read_release(release, tmp_path / "out"), [], [])
