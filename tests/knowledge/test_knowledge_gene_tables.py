"""Readers of what is known by gene and disease, on small files in the published formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ariane.knowledge import gene_tables, orphanet
from ariane.knowledge.context import Context
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import Gene, GeneNames, read_hgnc, read_withdrawn
from ariane.model.errors import ArianeError

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
NAMES = GeneNames.of(
    [
        Gene("HGNC:1", "AAA", "11", ("OLD1",), "ENSG01"),
        Gene("HGNC:2", "BBB", "22", (), "ENSG02"),
    ]
)
CONTEXT = Context(NAMES, Contigs({}))


def shared(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"missing: {path.name}")
    return path


def real_context() -> Context:
    return Context(read_hgnc(shared("genes", "hgnc_complete_set.2024-10.txt.gz")), Contigs({}))


def test_numbers_go_before_symbols() -> None:
    assert NAMES.find("BBB", hgnc="HGNC:1") == "HGNC:1"
    assert NAMES.find("BBB", ensembl="ENSG01.7") == "HGNC:1"
    assert NAMES.find("nothing", hgnc="HGNC:77") == "HGNC:77"
    assert NAMES.find("AAA", hgnc="HGNC:77") == "HGNC:77", "an unknown number is not another gene"


def test_history_of_names(tmp_path: Path) -> None:
    earlier = [
        Gene("HGNC:1", "VERYOLD", "111", ()),
        Gene("HGNC:9", "MERGED", "99", ()),
        Gene("HGNC:8", "BBB", "", ("OLD1",)),
        Gene("HGNC:7", "SPLIT", "", ()),
    ]
    path = tmp_path / "withdrawn.txt"
    path.write_text(
        "HGNC_ID\tSTATUS\tWITHDRAWN_SYMBOL\tMERGED_INTO_REPORT(S) (i.e HGNC_ID|SYMBOL|STATUS)\n"
        "HGNC:9\tMerged/Split\tMERGED\tHGNC:2|BBB|Approved\n"
        "HGNC:7\tMerged/Split\tSPLIT\tHGNC:1|AAA|Approved, HGNC:2|BBB|Approved\n"
        "HGNC:6\tEntry Withdrawn\tGONE\t\n",
        encoding="utf-8",
    )
    merged = read_withdrawn(path)
    assert merged == {"HGNC:9": ("HGNC:2",), "HGNC:7": ("HGNC:1", "HGNC:2"), "HGNC:6": ()}
    names = NAMES.with_history(earlier, merged)
    assert names.find("VERYOLD") == names.find("x", "111") == "HGNC:1"
    assert names.find("MERGED") == names.find("x", hgnc="HGNC:9") == "HGNC:2"
    assert names.find("SPLIT") == "SPLIT"
    assert names.find("BBB") == "HGNC:2", "what is approved today is not overruled"
    assert names.find("OLD1") == "HGNC:1"
    keyed = names.keyed_by({"HGNC:9", "HGNC:1"})
    assert keyed.find("BBB") == keyed.find("x", hgnc="HGNC:9") == "HGNC:9"
    assert keyed.symbol("HGNC:9") == "BBB"
    assert names.keyed_by({"HGNC:9", "HGNC:2"}).find("BBB") == "HGNC:2"


@pytest.mark.shared_data
def test_real_history_resolves_more_and_overrules_nothing() -> None:
    today = read_hgnc(shared("genes", "hgnc_complete_set.2024-10.txt.gz"))
    then = read_hgnc(shared("genes", "hgnc_complete_set.2018-11.txt.gz"))
    names = today.with_history(then.genes)
    approved = {gene.id for gene in today.genes}
    lost = [g for g in then.genes if g.id in approved and today.find(g.symbol) == g.symbol]
    assert all(today.find(g.symbol) == names.find(g.symbol) for g in today.genes)
    moved = [g for g in then.genes if g.id in approved and names.find(g.symbol) != g.id]
    assert len(moved) < 60, "symbols that another gene bears today"
    still = [g for g in lost if names.find(g.symbol) == g.symbol]
    assert len(still) <= len(lost)


def test_dosage(tmp_path: Path) -> None:
    path = tmp_path / "clingen.tsv"
    path.write_text(
        "#ClinGen Gene Curation List\n#01 Jan,2024\n"
        "#Gene Symbol\tGene ID\tcytoBand\tHaploinsufficiency Score\tTriplosensitivity Score\n"
        "AAA\t11\t1p1\t3\t0\nRENAMED\t22\t1p2\t30\t\nLOC9\t9\t1p3\tNot yet evaluated\n",
        encoding="utf-8",
    )
    rows = gene_tables.read_dosage(path, CONTEXT)
    assert {r["gene"]: (r["haploinsufficiency"], r["triplosensitivity"]) for r in rows} == {
        "HGNC:1": ("3", "0"),
        "HGNC:2": ("30", ""),
        "LOC9": ("Not yet evaluated", ""),
    }
    path.write_text("AAA\t11\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="lacks the header line of ClinGen's list"):
        gene_tables.read_dosage(path, CONTEXT)


def test_constraint_of_both_versions(tmp_path: Path) -> None:
    path = tmp_path / "constraint.tsv"
    path.write_text("gene\toe_lof_upper\tpLI\nAAA\t0.2\t1\nBBB\tNA\tNaN\n", encoding="utf-8")
    rows = gene_tables.read_constraint(path, CONTEXT)
    assert [(r["gene"], r["loeuf"], r["pli"]) for r in rows] == [
        ("HGNC:1", 0.2, 1.0),
        ("HGNC:2", None, None),
    ]
    path.write_text(
        "gene\tgene_id\tmane_select\tlof.oe_ci.upper\tlof.pLI\tmis.oe_ci.upper\n"
        "x\tENSG02\tfalse\t0.9\t0.1\t1.7\nx\tENSG02\ttrue\t0.3\t0.9\t0.7\n",
        encoding="utf-8",
    )
    (row,) = gene_tables.read_constraint(path, CONTEXT)
    assert (row["gene"], row["loeuf"], row["pli"], row["missense"]) == ("HGNC:2", 0.3, 0.9, 0.7)


VALIDITY = """"CLINGEN GENE DISEASE VALIDITY CURATIONS","","","","","","","","",""
"FILE CREATED: 2026-01-15","","","","","","","","",""
"WEBPAGE: https://search.clinicalgenome.org/kb/gene-validity","","","","","","","","",""
"+++++++++++","++++++++++++++","+++","+++","+++","+++","+++","+++","+++","+++"
"GENE SYMBOL","GENE ID (HGNC)","DISEASE LABEL","DISEASE ID (MONDO)","MOI","SOP","CLASSIFICATION",\
"ONLINE REPORT","CLASSIFICATION DATE","GCEP"
"+++++++++++","++++++++++++++","+++","+++","+++","+++","+++","+++","+++","+++"
"RENAMED","HGNC:1","a disease, severe","MONDO:0000001","AD","SOP10","Definitive","https://x",\
"2021-03-11T17:00:00.000Z","A panel"
"""


def test_validity(tmp_path: Path) -> None:
    path = tmp_path / "validity.csv"
    path.write_text(VALIDITY, encoding="utf-8")
    (row,) = gene_tables.read_validity(path, CONTEXT)
    record = row.pop("record")
    assert len(record) == 16
    assert row == {
        "gene": "HGNC:1",
        "disease": "MONDO:0000001",
        "disease_name": "a disease, severe",
        "mode": "AD",
        "classification": "Definitive",
        "evaluated": "2021-03-11",
    }
    path.write_text('"GENE"\n', encoding="utf-8")
    with pytest.raises(ArianeError, match="lacks the header line"):
        list(gene_tables.read_validity(path, CONTEXT))


def test_gencc(tmp_path: Path) -> None:
    path = tmp_path / "gencc.tsv"
    columns = "uuid gene_curie gene_symbol disease_curie disease_title classification_curie"
    columns += " classification_title moi_title submitter_title submitted_as_date"
    cells = ["u", "HGNC:2", "WAS", "MONDO:2", "a\ttabulated\nname", "GENCC:1", "Strong"]
    cells += ["Autosomal dominant", "Orphanet", "2020-05-06 00:00:00"]
    path.write_text(
        "\t".join(f'"{c}"' for c in columns.split())
        + "\n"
        + "\t".join(f'"{c}"' for c in cells)
        + "\n",
        encoding="utf-8",
    )
    (row,) = gene_tables.read_gencc(path, CONTEXT)
    assert (row["gene"], row["classification"], row["submitter"]) == (
        "HGNC:2",
        "Strong",
        "Orphanet",
    )
    assert (row["disease_name"], row["evaluated"]) == ("a\ttabulated\nname", "2020-05-06")
    path.write_text("gene\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="lacks classification_title"):
        list(gene_tables.read_gencc(path, CONTEXT))


GENE_OF_PANEL = {
    "gene_data": {"gene_symbol": "WAS", "hgnc_id": "HGNC:2"},
    "entity_type": "gene",
    "confidence_level": "3",
    "mode_of_inheritance": "BIALLELIC, autosomal or pseudoautosomal",
}
PANEL = {"id": 7, "name": "A panel", "version": "1.2"}


@pytest.mark.parametrize(
    "document",
    [
        {**PANEL, "genes": [GENE_OF_PANEL]},
        {"count": 1, "results": [{**GENE_OF_PANEL, "panel": PANEL}]},
        [{"results": [{**GENE_OF_PANEL, "panel": PANEL}]}],
    ],
)
def test_panels_of_the_api(tmp_path: Path, document: object) -> None:
    path = tmp_path / "panels.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    (row,) = gene_tables.read_panels_json(path, CONTEXT)
    told = (row["gene"], row["panel"], row["panel_name"], row["confidence"])
    assert told == ("HGNC:2", "7", "A panel 1.2", "3")
    path.write_text('{"results": []}', encoding="utf-8")
    with pytest.raises(ArianeError, match="no panel with genes"):
        list(gene_tables.read_panels_json(path, CONTEXT))


PRODUCT1 = """<?xml version="1.0" encoding="ISO-8859-1"?>
<JDBOR><DisorderList count="1"><Disorder id="1"><OrphaCode>558</OrphaCode>
<Name lang="en">Maladie d\xe9crite</Name>
<ExternalReferenceList count="2">
<ExternalReference><Source>OMIM</Source><Reference>154700</Reference>
<DisorderMappingRelation><Name lang="en">E (Exact mapping: the two concepts are equivalent)</Name>
</DisorderMappingRelation><DisorderMappingValidationStatus><Name lang="en">Validated</Name>
</DisorderMappingValidationStatus></ExternalReference>
<ExternalReference><Source>MONDO</Source><Reference>MONDO:0007947</Reference>
<DisorderMappingRelation><Name lang="en">NTBT (narrower)</Name></DisorderMappingRelation>
</ExternalReference></ExternalReferenceList></Disorder></DisorderList></JDBOR>
"""


def test_cross_references_of_orphanet(tmp_path: Path) -> None:
    path = tmp_path / "en_product1.xml"
    path.write_bytes(PRODUCT1.encode("iso-8859-1"))
    one, two = orphanet.read_references(path, CONTEXT)
    assert (one["disease"], one["disease_name"]) == ("ORPHA:558", "Maladie décrite")
    assert (one["reference"], one["relation"], one["status"]) == ("OMIM:154700", "E", "Validated")
    assert (two["reference"], two["relation"]) == ("MONDO:0007947", "NTBT")
    path.write_bytes(PRODUCT1.encode("iso-8859-1")[:400])
    with pytest.raises(ArianeError, match="no whole XML document"):
        list(orphanet.read_references(path, CONTEXT))
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]><x/>', encoding="utf-8")
    with pytest.raises(ArianeError, match="declares a document type"):
        list(orphanet.read_references(path, CONTEXT))


@pytest.mark.shared_data
def test_real_genes_of_orphanet() -> None:
    path = shared("orphanet", "en_product6.2023-06.sample.xml")
    rows = list(orphanet.read_genes(path, real_context()))
    assert ("HGNC:30497", "ORPHA:166024") in {(r["gene"], r["disease"]) for r in rows}
    assert all(r["gene"].startswith("HGNC:") for r in rows)
    assert {r["status"] for r in rows} <= {"Assessed", "Not yet assessed"}


@pytest.mark.shared_data
def test_real_panels() -> None:
    path = shared("genes", "PanelApp_core.2025-06.tsv.gz")
    rows = list(gene_tables.read_panels_tsv(path, real_context()))
    assert len({r["panel"] for r in rows}) > 400
    assert sum(r["gene"].startswith("HGNC:") for r in rows) / len(rows) > 0.995


@pytest.mark.shared_data
def test_real_constraint_and_dosage() -> None:
    context = real_context()
    constraint = gene_tables.read_constraint(
        shared("genes", "gnomad.v2.1.1.lof_metrics.by_gene.tsv.gz"), context
    )
    by_gene = {row["gene"]: row for row in constraint}
    assert by_gene["HGNC:28862"]["loeuf"] == 0.032  # NIPBL
    assert sum(g.startswith("HGNC:") for g in by_gene) / len(by_gene) > 0.97
    dosage = gene_tables.read_dosage(
        shared("genes", "ClinGen_dosage_gene_curation_GRCh38.2026-02-06.tsv"), context
    )
    assert sum(row["haploinsufficiency"] == "3" for row in dosage) > 300
