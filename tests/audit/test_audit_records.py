"""A record's digest is made again as its reader made it, and what differs is told."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane import files
from ariane.audit import records
from ariane.audit.links import State
from ariane.knowledge import tables
from ariane.knowledge.context import Context
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import Gene, GeneNames
from ariane.knowledge.kinds import BY_NAME
from ariane.knowledge.reading import READERS
from ariane.knowledge.release import Release, Resource
from ariane.model.canonical import digest

NAMES = GeneNames.of([Gene("HGNC:1", "AAA", "11", ()), Gene("HGNC:2", "BBB", "22", ())])
CONTEXT = Context(NAMES, Contigs({"chr1": 100_000}))

VALIDITY = (
    '"GENE SYMBOL","GENE ID (HGNC)","DISEASE LABEL","DISEASE ID (MONDO)","MOI","CLASSIFICATION",'
    '"CLASSIFICATION DATE"\n'
    '"AAA","HGNC:1","a disease","MONDO:1","AD","Definitive","2021-03-11T17:00:00.000Z"\n'
)
GENCC = (
    "gene_curie\tgene_symbol\tdisease_curie\tdisease_title\tclassification_title\tmoi_title\t"
    "submitter_title\tsubmitted_as_date\n"
    "HGNC:2\tBBB\tMONDO:2\ta disease\tStrong\tAutosomal dominant\tOrphanet\t2020-05-06\n"
)
PANEL = json.dumps(
    {
        "id": 7,
        "name": "A panel",
        "version": "1.2",
        "genes": [
            {
                "gene_data": {"gene_symbol": "BBB", "hgnc_id": "HGNC:2"},
                "entity_type": "gene",
                "confidence_level": "3",
                "mode_of_inheritance": "BIALLELIC",
            }
        ],
    }
)
REFERENCES = """<?xml version="1.0"?>
<JDBOR><DisorderList><Disorder><OrphaCode>558</OrphaCode><Name lang="en">A disease</Name>
<ExternalReferenceList><ExternalReference><Source>OMIM</Source><Reference>154700</Reference>
<DisorderMappingRelation><Name lang="en">E (Exact)</Name></DisorderMappingRelation>
</ExternalReference></ExternalReferenceList></Disorder></DisorderList></JDBOR>
"""
REGIONS = (
    "#ISCA ID\tISCA Region Name\tcytoBand\tGenomic Location\tHaploinsufficiency Score"
    "\tTriplosensitivity Score\nISCA-1\ta region\t1q\tchr1:1000-2999\t3\t2\n"
)
CONSENSUS = "chrom\tpos\tref\talt\tclass\n1\t100\tA\tT\tLP\n1\t200\tA\tT\tLP\n"
DOSAGE = "#Gene Symbol\tGene ID\tHaploinsufficiency Score\tTriplosensitivity Score\nAAA\t11\t3\t0\n"
CONSTRAINT = "gene\toe_lof_upper\tpLI\nAAA\t0.2\t1\nBBB\tNA\tNaN\n"
BED = "#chrom\tstart\tend\tsvtype\tAF\n1\t1000\t3500\tDEL\t0.25\n"


@pytest.mark.parametrize(
    ("kind", "form", "text"),
    [
        ("validity", "clingen_validity_csv", VALIDITY),
        ("gencc", "gencc_tsv", GENCC),
        ("panels", "panelapp_json", PANEL),
        ("orphanet_references", "orphadata_product1", REFERENCES),
        ("dosage_regions", "clingen_regions_tsv", REGIONS),
        ("dosage", "clingen_tsv", DOSAGE),
        ("constraint", "gnomad_tsv", CONSTRAINT),
        ("structural_frequencies", "sv_bed", BED),
    ],
)
def test_a_digest_survives_the_table(tmp_path: Path, kind: str, form: str, text: str) -> None:
    path = tmp_path / "source"
    path.write_text(text, encoding="utf-8")
    table = BY_NAME[kind].table
    assert table is not None
    rows = list(READERS[form](path, resource(kind, form), CONTEXT))
    assert rows
    files.write_table(tmp_path / f"{table.name}.parquet", table, rows)
    for row in files.read_table(tmp_path / f"{table.name}.parquet", table):
        assert records.digest_of(table.name, row) == row["record"]


@given(
    st.sampled_from(["assertions", "frequencies", "gene_disease", "spectra", "in_house"]),
    st.data(),
)
def test_any_other_content_has_another_digest(name: str, data: st.DataObject) -> None:
    table = records.table_of(name)
    assert table is not None
    row = {column: f"{column} as read" for column in table.columns}
    part = set(table.columns) - {"record", *records.OUTSIDE.get(name, ())}
    column = data.draw(st.sampled_from(sorted(part)))
    changed = {**row, column: data.draw(st.text(min_size=1).filter(lambda t: t != row[column]))}
    assert records.digest_of(name, changed) != records.digest_of(name, row)
    beside = {**row, **dict.fromkeys(records.OUTSIDE.get(name, ()), "other"), "record": "other"}
    assert records.digest_of(name, beside) == records.digest_of(name, row)


def resource(kind: str, form: str = "x") -> Resource:
    return Resource(kind, "f", form, "1", "2024-01-01", "0" * 64, "open", "CC0", "made up")


def release(*kinds: str) -> Release:
    held = {kind: resource(kind) for kind in kinds}
    return Release(Path("none"), "R", datetime.date(2024, 1, 1), held)


def frequency(variant: str, af: float) -> dict[str, Any]:
    said = {"af": af, "basis": "total", "faf95": None, "grpmax": None, "total": af, "ac": 1,
            "an": 10, "homozygotes": 0, "hemizygotes": None, "filters": ""}  # fmt: skip
    return {"variant": variant, **said, "record": digest(said)}


def assertion(variant: str, klass: str, accession: str = "") -> dict[str, Any]:
    said = {"klass": klass, "stars": 0, "accession": accession, "conditions": "", "gene": ""}
    return {"variant": variant, **said, "conflicts": "", "evaluated": "", "record": digest(said)}


def known(row: Mapping[str, Any], codon: str) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(tables.KNOWN_ALLELES.columns, "")
    empty |= {"stars": 0, "protein_lost": None, "gene": "HGNC:1", "resource": "assertions"}
    return empty | {"variant": row["variant"], "record": row["record"], "codon": codon}


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """Two alleles with one digest, for their numbers are the same; so have two assertions."""
    same = [frequency("chr1-5-A-T", 0.1), frequency("chr1-6-A-T", 0.1)]
    said = [assertion("chr1-7-A-T", "LP"), assertion("chr1-8-A-T", "LP")]
    files.write_table(tmp_path / "frequencies.parquet", tables.FREQUENCIES, same)
    files.write_table(tmp_path / "assertions.parquet", tables.ASSERTIONS, said)
    files.write_table(
        tmp_path / "known_alleles.parquet",
        tables.KNOWN_ALLELES,
        [known(said[0], "ENST1:50"), known(said[1], "ENST1:900")],
    )
    return tmp_path


def row(name: str, key: str, record: str) -> dict[str, str]:
    return {"resource": name, "read_key": key, "record": record, "variant": key}


def test_a_record_is_the_same_only_under_its_own_key(prepared: Path) -> None:
    record = frequency("chr1-5-A-T", 0.1)["record"]
    held = release("frequencies")
    found = records.look(held, prepared, row("frequencies", "chr1-5-A-T", record))
    assert found.state is State.SAME
    assert [one["variant"] for one in found.rows] == ["chr1-5-A-T"]
    gone = records.look(held, prepared, row("frequencies", "chr1-9-A-T", record))
    assert gone.state is State.DIFFERS, "another allele with the same numbers is another record"


def test_another_record_under_the_key_is_named(prepared: Path) -> None:
    found = records.look(
        release("frequencies"), prepared, row("frequencies", "chr1-5-A-T", "0" * 16)
    )
    assert found.state is State.DIFFERS
    assert frequency("", 0.1)["record"] in found.sentence


def test_a_table_edited_by_hand_is_told(prepared: Path) -> None:
    path = prepared / "frequencies.parquet"
    rows = files.read_table(path, tables.FREQUENCIES)
    files.write_table(path, tables.FREQUENCIES, [{**one, "af": 0.2} for one in rows])
    asked = row("frequencies", "chr1-5-A-T", rows[0]["record"])
    found = records.look(release("frequencies"), prepared, asked)
    assert found.state is State.DIFFERS
    assert "hashes to" in found.sentence


@pytest.mark.parametrize(
    ("name", "key", "record", "state"),
    [
        ("frequencies", "chr1-9-A-T", "absent", State.SAME),
        ("frequencies", "chr1-9-A-T", "not covered", State.SAME),
        ("frequencies", "chr1-5-A-T", "absent", State.DIFFERS),
        ("frequencies", "chr1-5-A-T", "no resource", State.DIFFERS),
        ("dosage", "HGNC:1", "no resource", State.SAME),
        ("genotypes", "chr1-5-A-T", "case", State.TOLD),
        ("assertions", "ENST1:50", "absent", State.TOLD),
    ],
)
def test_silence_is_looked_up_again(
    prepared: Path, name: str, key: str, record: str, state: State
) -> None:
    held = release("frequencies", "assertions")
    assert records.look(held, prepared, row(name, key, record)).state is state


def test_a_neighbour_is_found_under_its_codon_and_no_other(prepared: Path) -> None:
    record = assertion("chr1-7-A-T", "LP")["record"]
    held = release("assertions")
    found = records.look(held, prepared, row("assertions", "ENST1:50", record))
    assert found.state is State.SAME
    assert [one["variant"] for one in found.rows] == ["chr1-7-A-T"]
    elsewhere = records.look(held, prepared, row("assertions", "ENST1:51", record))
    assert elsewhere.state is State.DIFFERS


def test_an_assertion_reaches_its_codon_stretch_and_gene(prepared: Path) -> None:
    found = records.reach(prepared, "assertions", "chr1-7-A-T")
    assert {"chr1-7-A-T", "ENST1:50", "HGNC:1"} <= found.keys
    assert any("~" in key for key in found.keys)
    assert "ENST1:900" not in found.keys
    assert records.reach(prepared, "frequencies", "chr1-5-A-T").keys == {"chr1-5-A-T"}
    assert records.reach(prepared, "assertions", "chr1-9-A-T").records == frozenset()
