"""Predictors read by region, cut to the regions in use, in their makers' formats."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.knowledge import slim
from ariane.knowledge.context import Context, contigs_of
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.release import Release, Source, assemble
from ariane.knowledge.scores import read_scores
from ariane.model.errors import ArianeError

SEQUENCE = "".join(f"{n * n:b}" for n in range(200))[:900]
SEQUENCE = SEQUENCE.replace("0", "AG").replace("1", "TC")[:900] + "GCACACACAT" * 10
REGIONS = {"chr1": [(99, 200), (500, 600)]}
VCF_HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"

REVEL = """chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid
1,700,150,A,C,M,L,0.931,ENST1;ENST2
1,150,700,A,G,M,V,0.2,ENST1
1,701,120,A,T,M,L,0.1,ENST1
1,702,.,A,T,M,L,0.3,ENST1
"""
ALPHA = """# Copyright 2023
#CHROM\tPOS\tREF\tALT\tgenome\tuniprot_id\ttranscript_id\tprotein_variant\tam_pathogenicity\tam_class
chr1\t150\tA\tC\thg38\tP1\tENST1.2\tM1L\t0.98\tlikely_pathogenic
chr1\t150\tA\tC\thg38\tP2\tENST2.1\tM9L\t0.3\tlikely_benign
"""
CADD = """## CADD GRCh38-v1.7 (c) University
#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED
1\t150\tA\tC\t3.5\t25.3
1\t450\tA\tC\t1.5\t5.3
"""
SPLICEAI = (
    VCF_HEAD
    + "1\t150\t.\tA\tC,G\t.\t.\tSpliceAI=C|AAA|0.01|0.00|0.91|0.05|-3|10|2|-20,"
    + "G|AAA|.|.|.|.|.|.|.|.\n"
)
PANGOLIN = VCF_HEAD + "1\t150\t.\tA\tC\t.\t.\tPangolin=ENSG1.3|12:0.71|-4:-0.2|Warnings:\n"


@pytest.fixture
def contigs() -> Contigs:
    return Contigs({"chr1": len(SEQUENCE)})


def release_with(tmp_path: Path, **made: tuple[Path, str]) -> Release:
    fasta, gff = tmp_path / "r.fa", tmp_path / "t.gff3"
    fasta.write_text(f">chr1\n{SEQUENCE}\n", encoding="utf-8")
    pysam.faidx(str(fasta))
    gff.write_text("##gff-version 3\n", encoding="utf-8")
    about = ("1", "2024-01-01", "open", "CC0", "test")
    sources = [Source("reference", fasta, "fasta", *about, (tmp_path / "r.fa.fai",))]
    sources.append(Source("transcripts", gff, "gff3", *about))
    for kind, (path, form) in made.items():
        index = path.with_name(path.name + ".tbi")
        sources.append(Source(kind, path, form, *about, (index,) if index.is_file() else ()))
    return assemble("R", "2024-01-01", sources, tmp_path / "releases")


def context_of(release: Release) -> Context:
    return Context(GeneNames.of([]), contigs_of(release), release.require("reference"))


def test_each_format_is_cut_and_read(tmp_path: Path, contigs: Contigs) -> None:
    (tmp_path / "revel.zip").touch()
    with zipfile.ZipFile(tmp_path / "revel.zip", "w") as archive:
        archive.writestr("revel_with_transcript_ids", REVEL)
    (tmp_path / "am.tsv.gz").write_bytes(gzip.compress(ALPHA.encode()))
    (tmp_path / "cadd.tsv").write_text(CADD, encoding="utf-8")
    (tmp_path / "s.vcf").write_text(SPLICEAI, encoding="utf-8")
    (tmp_path / "p.vcf").write_text(PANGOLIN, encoding="utf-8")
    (tmp_path / "phylop.bg").write_text("chr1\t100\t149\t1.5\nchr1\t149\t150\t9.25\n")
    given_files = {
        "revel": ("revel.zip", "revel_csv"),
        "alphamissense": ("am.tsv.gz", "alphamissense_tsv"),
        "cadd": ("cadd.tsv", "cadd_tsv"),
        "spliceai": ("s.vcf", "spliceai_vcf"),
        "splice_open": ("p.vcf", "pangolin_vcf"),
        "phylop": ("phylop.bg", "bedgraph"),
    }
    made = {}
    for kind, (name, form) in given_files.items():
        out = tmp_path / "cut" / f"{kind}.gz"
        out.parent.mkdir(exist_ok=True)
        done = slim.cut(tmp_path / name, form, REGIONS, contigs, out)
        made[kind] = (done.path, form)
        assert done.index.is_file()
        assert done.kept >= 1
    release = release_with(tmp_path, **made)
    context = context_of(release)
    wanted = ["chr1-150-A-C", "chr1-150-A-G", "chr1-120-A-T", "chr1-450-A-C", "chrY-1-A-T"]
    found = {kind: read_scores(release, kind, wanted, context) for kind in made}
    assert {v: s[0]["score"] for v, s in found["revel"].items()} == {
        "chr1-150-A-C": 0.931,
        "chr1-120-A-T": 0.1,
    }
    assert found["revel"]["chr1-150-A-C"][0]["transcripts"] == "ENST1;ENST2"
    assert sorted(s["score"] for s in found["alphamissense"]["chr1-150-A-C"]) == [0.3, 0.98]
    assert found["cadd"] == {"chr1-150-A-C": [{"score": 25.3, "raw": 3.5}]}
    (splice,) = found["spliceai"]["chr1-150-A-C"]
    assert (splice["score"], splice["donor_gain"], splice["donor_gain_at"]) == (0.91, 0.91, 2)
    assert "chr1-150-A-G" not in found["spliceai"]
    (pangolin,) = found["splice_open"]["chr1-150-A-C"]
    assert (pangolin["score"], pangolin["gain_at"], pangolin["gene"]) == (0.71, 12, "ENSG1")
    assert found["phylop"]["chr1-150-A-C"] == [{"score": 9.25}]
    assert "chr1-450-A-C" not in found["cadd"], "outside the regions: cut"


def test_an_unaligned_indel_of_a_file_meets_the_case(tmp_path: Path, contigs: Contigs) -> None:
    at = 900  # GCACACACAT: the file deletes the last CA, the case writes the first
    assert SEQUENCE[at : at + 10] == "GCACACACAT"
    text = CADD.splitlines()[1] + f"\n1\t{at + 7}\tACA\tA\t1\t12.5\n"
    (tmp_path / "c.tsv").write_text(text, encoding="utf-8")
    cut = slim.cut(tmp_path / "c.tsv", "cadd_tsv", {"chr1": [(0, 990)]}, contigs, tmp_path / "c.gz")
    release = release_with(tmp_path, cadd=(cut.path, "cadd_tsv"))
    context = context_of(release)
    key = context.variant("1", at + 7, "ACA", "A")
    assert key == f"chr1-{at + 1}-GCA-G"
    assert read_scores(release, "cadd", [key], context) == {key: [{"score": 12.5, "raw": 1.0}]}


def test_a_bigwig_is_read_as_it_is(tmp_path: Path) -> None:
    import pyBigWig

    path = tmp_path / "p.bw"
    handle = pyBigWig.open(str(path), "w")
    handle.addHeader([("chr1", 1000)])
    handle.addEntries(["chr1", "chr1"], [149, 160], ends=[150, 170], values=[2.5, -1.0])
    handle.close()
    release = release_with(tmp_path, phylop=(path, "bigwig"))
    wanted = ["chr1-150-A-C", "chr1-155-A-C", "chr1-165-A-C"]
    found = read_scores(release, "phylop", wanted, context_of(release))
    assert found == {"chr1-150-A-C": [{"score": 2.5}], "chr1-165-A-C": [{"score": -1.0}]}


def test_a_file_without_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cadd.tsv.gz"
    path.write_bytes(gzip.compress(CADD.encode()))
    with pytest.raises(ArianeError, match=r"'cadd' is read by region and names no index"):
        release_with(tmp_path, cadd=(path, "cadd_tsv"))


def test_a_file_of_another_assembly_is_told(tmp_path: Path, contigs: Contigs) -> None:
    (tmp_path / "c.tsv").write_text(CADD, encoding="utf-8")
    with pytest.raises(ArianeError, match="none of its 2 lines lies in the regions"):
        slim.cut(tmp_path / "c.tsv", "cadd_tsv", {"chr1": [(800, 900)]}, contigs, tmp_path / "o.gz")
    assert not (tmp_path / "o.gz").exists()


def test_genes_of_the_transcripts_are_the_regions(tmp_path: Path) -> None:
    gff = tmp_path / "t.gff3"
    gff.write_text(
        "##gff-version 3\n1\tx\tgene\t100\t200\t.\t+\t.\tID=gene:A\n"
        "1\tx\tmRNA\t100\t900\t.\t+\t.\tID=t\n1\tx\tncRNA_gene\t950\t960\t.\t+\t.\tID=gene:B\n",
        encoding="utf-8",
    )
    found = slim.gene_regions(gff, Contigs({"chr1": 1000}), 60)
    assert found == {"chr1": [(39, 260), (889, 1000)]}


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=6)


@given(SPANS, st.integers(0, 50), st.integers(1, 9))
def test_inside_is_any_shared_base(spans: list[tuple[int, int]], start: int, width: int) -> None:
    regions = {"a": [(s, s + n) for s, n in spans]}
    expected = any(s < start + width and start < s + n for s, n in spans)
    assert slim.Inside(regions).touches("a", start, start + width) is expected
