"""A release that holds every kind of resource: prepared, looked up, and shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ariane.files import open_text
from ariane.knowledge import slim
from ariane.knowledge.context import contigs_of
from ariane.knowledge.in_house import case_digest
from ariane.knowledge.kinds import KINDS
from ariane.knowledge.prepare import read_release, read_summary, write_prepared
from ariane.knowledge.release import Release, Source, assemble
from ariane.knowledge.shown import BY_GENE, SCORED, Shown, look_up_shown

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo" / "releases" / "demo-A"
FBN1 = "HGNC:3603"
MARFAN = "OMIM:154700"
VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def shared_allele(demo: Release) -> tuple[str, int, str, str]:
    """A substitution that the demo's assertions know."""
    with open_text(demo.require("assertions")) as handle:
        for line in handle:
            fields = line.split("\t")
            if not line.startswith("#") and len(fields[3]) == len(fields[4]) == 1:
                return fields[0], int(fields[1]), fields[3], fields[4]
    raise AssertionError("the demo asserts no substitution")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    root = tmp_path_factory.mktemp("all")
    demo = Release.open(DEMO)
    chrom, pos, ref, alt = shared_allele(demo)
    contigs = contigs_of(demo)
    accession = "12345"
    texts = {
        "genes_earlier": ("hgnc_tsv", "hgnc_id\tsymbol\nHGNC:3603\tFBNOLD\n"),
        "genes_withdrawn": (
            "hgnc_withdrawn",
            "HGNC_ID\tSTATUS\tWITHDRAWN_SYMBOL\tMERGED_INTO_REPORT\n",
        ),
        "laboratory": (
            "consensus_tsv",
            ("chrom\tpos\tref\talt\tclass\tevaluated\n"
            f"{chrom}\t{pos}\t{ref}\t{alt}\tLP\t2024-02-03\n"),
        ),
        "consensus": (
            "consensus_tsv",
            f"chrom\tpos\tref\talt\tclass\n{chrom}\t{pos}\t{ref}\t{alt}\tVUS\n",
        ),
        "assertion_dates": (
            "clinvar_summary",
            f"#AlleleID\tVariationID\tLastEvaluated\n1\t{accession}\tJun 29, 2010\n",
        ),
        "assertions": (
            "clinvar_vcf",
            VCF + f"{chrom}\t{pos}\t{accession}\t{ref}\t{alt}\t.\t.\t"
            "CLNSIG=Conflicting_classifications_of_pathogenicity;"
            "CLNSIGCONF=Pathogenic(1)|Uncertain_significance(2)\n",
        ),
        "frequencies": (
            "gnomad_vcf",
            VCF + f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tAC0\tAF=0.01;AC=5;AN=500;nhomalt=1\n",
        ),
        "in_house": (
            "in_house_vcf",
            f'##fileformat=VCFv4.2\n##family=<ID=0,Cases="{case_digest("F1")}">\n'
            + VCF.splitlines()[1]
            + f"\n{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\tAC=3;AN=90;carriers=0:1:2,4:2:2\n",
        ),
        "validity": (
            "clingen_validity_csv",
            ('"GENE SYMBOL","GENE ID (HGNC)","DISEASE LABEL","DISEASE ID (MONDO)","MOI","SOP",'
            '"CLASSIFICATION"\n"FBN1","HGNC:3603","Marfan syndrome","MONDO:0007947","AD","S",'
            '"Definitive"\n'),
        ),
        "gencc": (
            "gencc_tsv",
            ("gene_curie\tgene_symbol\tdisease_curie\tdisease_title\tclassification_title\n"
            "HGNC:3603\tFBN1\tMONDO:0007947\tMarfan syndrome\tStrong\n"),
        ),
        "panels": (
            "panelapp_json",
            json.dumps({"id": 1, "name": "P", "genes": [
                {"entity_name": "FBNOLD", "confidence_level": "3"}]}),
        ),
        "dosage_regions": (
            "clingen_regions_tsv",
            ("#ISCA ID\tISCA Region Name\tcytoBand\tGenomic Location\tHaploinsufficiency Score\t"
            f"Triplosensitivity Score\nISCA-1\tR\t1p\t{chrom}:1-900\t3\t0\n"),
        ),
        "structural_frequencies": (
            "sv_bed", f"chrom\tstart\tend\tsvtype\tAF\n{chrom}\t1\t900\tDEL\t0.01\n"
        ),
        "structural_coverage": ("bed", f"{chrom}\t0\t900\n"),
        "orphanet_genes": (
            "orphadata_product6",
            ("<JDBOR><Disorder><OrphaCode>558</OrphaCode><Name>Marfan</Name>"
            "<DisorderGeneAssociation><Gene><Symbol>FBN1</Symbol></Gene>"
            "</DisorderGeneAssociation></Disorder></JDBOR>"),
        ),
        "orphanet_references": (
            "orphadata_product1",
            ("<JDBOR><Disorder><OrphaCode>558</OrphaCode><Name>Marfan</Name><ExternalReference>"
            "<Source>OMIM</Source><Reference>154700</Reference><DisorderMappingRelation>"
            "<Name>E (exact)</Name></DisorderMappingRelation></ExternalReference>"
            "<ExternalReference><Source>ICD-10</Source><Reference>Q87.4</Reference>"
            "<DisorderMappingRelation><Name>NTBT</Name></DisorderMappingRelation>"
            "</ExternalReference></Disorder></JDBOR>"),
        ),
    }  # fmt: skip
    large = {
        "revel": (
            "revel_csv",
            (
                f"chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid\n"
                f"{chrom},1,{pos},{ref},{alt},M,L,0.9,ENST1\n"
            ),
        ),
        "alphamissense": (
            "alphamissense_tsv",
            f"{chrom}\t{pos}\t{ref}\t{alt}\thg38\tP\tENST1.1\tM1L\t0.95\tlikely_pathogenic\n",
        ),
        "cadd": ("cadd_tsv", f"{chrom}\t{pos}\t{ref}\t{alt}\t3.1\t28.0\n"),
        "spliceai": (
            "spliceai_vcf",
            VCF + f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t.\tSpliceAI="
            f"{alt}|FBN1|0.1|0.2|0.3|0.4|1|2|3|4\n",
        ),
        "splice_open": (
            "pangolin_vcf",
            VCF + f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t.\tPangolin=ENSG1.1|1:0.2|-3:-0.5|W\n",
        ),
        "phylop": ("bedgraph", f"{chrom}\t{pos - 1}\t{pos}\t7.5\n"),
    }
    sources = []
    about = ("1", "2024-01-01", "open", "CC0", "test")
    for kind, (form, text) in texts.items():
        path = root / kind
        path.write_text(text, encoding="utf-8")
        sources.append(Source(kind, path, form, *about))
    for kind, (form, text) in large.items():
        path = root / f"{kind}.txt"
        path.write_text(text, encoding="utf-8")
        cut = slim.cut(
            path, form, {contigs.name(chrom): [(0, pos + 5)]}, contigs, root / f"{kind}.gz"
        )
        sources.append(Source(kind, cut.path, form, *about, (cut.index,)))
    for kind, resource in demo.resources.items():
        if kind not in texts:
            sources.append(Source(
                kind, demo.require(kind), resource.format, *about, tuple(demo.paths(kind)[1:]),
            ))  # fmt: skip
    return assemble("all", "2024-01-01", sources, root / "releases")


@pytest.fixture(scope="module")
def folder(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("prepared")
    write_prepared(read_release(release, made), [], [])
    return made


@pytest.fixture
def variant(release: Release) -> str:
    chrom, pos, ref, alt = shared_allele(Release.open(DEMO))
    return f"{contigs_of(release).name(chrom)}-{pos}-{ref}-{alt}"


@pytest.fixture
def shown(release: Release, folder: Path, variant: str) -> Shown:
    return look_up_shown(release, folder, "F1", [variant, "chr1-1-A-T"], [FBN1], [MARFAN])


def test_every_kind_is_held_and_laid_out(release: Release, folder: Path) -> None:
    assert release.absent == []
    assert release.interpretable
    rows = read_summary(folder)["rows"]
    empty = {kind.name for kind in KINDS if kind.table and not rows[kind.table.name]}
    assert empty == set()


def test_what_is_said_of_an_allele(shown: Shown, variant: str) -> None:
    (frequency,) = shown.frequency(variant).records
    assert (frequency["af"], frequency["filters"], frequency["homozygotes"]) == (0.01, "AC0", 1)
    state, counted = shown.in_house(variant)
    assert (state, counted and counted.ac, counted and counted.own_left_out) == ("found", 2, True)
    said = {r["resource"]: r for r in shown.assertions(variant)}
    assert set(said) == {"laboratory", "assertions", "consensus"}
    assert said["laboratory"]["evaluated"] == "2024-02-03"
    assert said["assertions"]["evaluated"] == "2010-06-29"
    assert said["assertions"]["conflicts"] == "Pathogenic(1)|Uncertain significance(2)"
    scores = {kind: shown.score(kind, variant).records[0]["score"] for kind in SCORED}
    assert scores == {
        "revel": 0.9,
        "alphamissense": 0.95,
        "cadd": 28.0,
        "spliceai": 0.4,
        "splice_open": 0.5,
        "phylop": 7.5,
    }


def test_what_is_said_of_a_gene_and_a_disease(shown: Shown) -> None:
    assert {kind for kind in BY_GENE if shown.gene(kind, FBN1).state != "found"} == set()
    (panel,) = shown.gene("panels", FBN1).records
    assert (panel["panel_name"], panel["confidence"]) == ("P", "3")
    references = {row["reference"] for row in shown.disease(MARFAN).records}
    assert references == {"OMIM:154700", "ICD-10:Q87.4"}


def test_silence_has_its_reason(shown: Shown, folder: Path) -> None:
    assert shown.frequency("chr1-1-A-T").state in ("absent", "not covered")
    assert shown.score("revel", "chr1-1-A-T").state == "absent"
    assert shown.gene("panels", "HGNC:1").state == "absent"
    assert shown.disease("OMIM:1").state == "absent"


def test_a_bare_release_answers_no_resource(tmp_path: Path) -> None:
    demo = Release.open(DEMO)
    bare = Release(
        demo.folder, demo.name, demo.as_of,
        {kind: demo.resources[kind] for kind in ("reference", "transcripts")},
    )  # fmt: skip
    write_prepared(read_release(bare, tmp_path), [], [])
    shown = look_up_shown(bare, tmp_path, "F1", ["chr1-1-A-T"], [FBN1], [MARFAN])
    answers = [shown.frequency("chr1-1-A-T"), shown.disease(MARFAN)]
    answers += [shown.score(kind, "chr1-1-A-T") for kind in SCORED]
    answers += [shown.gene(kind, FBN1) for kind in BY_GENE]
    assert {answer.state for answer in answers} == {"no resource"}
    assert not bare.interpretable


def test_what_is_looked_up_as_rows_of_a_page(shown: Shown, variant: str) -> None:
    from ariane.report import looked_up

    rows = looked_up.rows(shown, [variant], [FBN1], [MARFAN])
    told = {(row["resource"], row["key"]): row["text"] for row in rows}
    expected = "total 0.01, 5 of 500 chromosomes, homozygotes 1, hemizygotes not given, "
    assert told["frequencies", variant] == (expected + "failed filters: AC0")
    assert told["in_house", variant].startswith("2 of 88 chromosomes, at least ")
    assert told["in_house", variant].endswith("the own family left out")
    assert "conflicts: Pathogenic(1), Uncertain significance(2)" in told["assertions", variant]
    assert told["validity", FBN1].startswith("Definitive for Marfan syndrome (MONDO:0007947), AD")
    assert told["panels", FBN1] == "green on P"
    assert "ICD-10:Q87.4 (NTBT)" in told["orphanet_references", MARFAN]
