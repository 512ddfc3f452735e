"""RNA genes in the dialects of Ensembl and GENCODE: read, keyed, and named as exons of an RNA."""

from __future__ import annotations

import random
from pathlib import Path

import pysam
import pytest

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.genes import Genes, read_genes
from ariane.files import read_table
from ariane.model.tables import CANDIDATES
from ariane.rank.constants import load_constants

KINDS = {
    "RNU4-2": ("HGNC:10193", "snRNA", "snRNA"),
    "SNORD118": ("HGNC:32952", "snoRNA", "snoRNA"),
    "RMRP": ("HGNC:10031", "ribozyme", "ncRNA"),
    "TERC": ("HGNC:11727", "lncRNA", "lnc_RNA"),
    "MIR184": ("HGNC:31555", "miRNA", "miRNA"),
    "MT-TL1": ("HGNC:7490", "Mt_tRNA", "tRNA"),
    "MT-RNR1": ("HGNC:7470", "Mt_rRNA", "rRNA"),
}
"""Symbol to key, Ensembl's biotype, and the type of its transcript's line in Ensembl's GFF3."""


def ensembl(symbol: str) -> list[tuple[str, str]]:
    hgnc, biotype, kind = KINDS[symbol]
    source = f"description=words [Source:HGNC Symbol%3BAcc:{hgnc}]"
    return [
        ("ncRNA_gene", f"ID=gene:ENSG1;Name={symbol};biotype={biotype};{source};version=2"),
        (kind, f"ID=transcript:ENST1;Parent=gene:ENSG1;biotype={biotype};version=3"),
        ("exon", "Parent=transcript:ENST1;Name=ENSE1"),
    ]


def gencode(symbol: str) -> list[tuple[str, str]]:
    hgnc, biotype, _ = KINDS[symbol]
    common = f"gene_id=ENSG1.2;gene_type={biotype};gene_name={symbol};hgnc_id={hgnc}"
    own = f"transcript_id=ENST1.3;transcript_type={biotype}"
    return [
        ("gene", f"ID=ENSG1.2;{common}"),
        ("transcript", f"ID=ENST1.3;Parent=ENSG1.2;{common};{own};tag=basic,Ensembl_canonical"),
        ("exon", f"ID=exon:ENST1.3:1;Parent=ENST1.3;{common};{own};exon_number=1"),
    ]


@pytest.fixture(params=[ensembl, gencode], ids=lambda f: f.__name__)
def dialect(request: pytest.FixtureRequest) -> object:
    return request.param


@pytest.mark.parametrize("symbol", KINDS)
def test_an_rna_gene_is_read_and_its_exon_opens_a_hypothesis(
    dialect: object, symbol: str, tmp_path: Path
) -> None:
    lines = dialect(symbol)  # type: ignore[operator]
    path = tmp_path / "genes.gff3"
    body = ["\t".join(["12", "x", kind, "100", "240", ".", "-", ".", tags]) for kind, tags in lines]
    path.write_text("\n".join(["##gff-version 3", *body]) + "\n", encoding="utf-8")
    genes: Genes = read_genes(path)
    (gene,) = genes.all
    assert (gene.key, gene.symbol, gene.biotype) == (KINDS[symbol][0], symbol, KINDS[symbol][1])
    (transcript,) = gene.transcripts
    assert (transcript.name, transcript.exons, transcript.coding_span) == (
        "ENST1.3",
        [(100, 240)],
        None,
    )
    reference = tmp_path / "reference.fa"
    rng = random.Random(3)  # noqa: S311
    bases = "".join(rng.choice("ACGT") for _ in range(400))
    # csq keeps its last place within a process, by the contig's number: one that no test has.
    before12 = "".join(f">{name}\nACGT\n" for name in range(1, 12))
    reference.write_text(f"{before12}>12\n{bases}\n", encoding="utf-8")
    pysam.faidx(str(reference))
    # In the gene's middle: a substitution, an insertion, a deletion; and one before the gene.
    changes = [(150, 1, "X"), (177, 1, "+X"), (200, 4, ""), (300, 1, "X")]
    records = []
    for pos, length, change in changes:
        ref = bases[pos - 1 : pos - 1 + length]
        other = next(base for base in "ACGT" if base not in bases[pos - 1 : pos + 1])
        alt = {"X": other, "+X": ref + other, "": ref[0]}[change]
        records.append(f"12\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t0/1")
    vcf = tmp_path / "case.vcf"
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "S"]
    vcf.write_text("\n".join(["##fileformat=VCFv4.2", "\t".join(columns), *records]) + "\n")
    outputs = Outputs(tmp_path / "v.bcf", tmp_path / "c.parquet", tmp_path / "a.json")
    annotate_case(Inputs("F", vcf, {"P": "S"}, reference, path, gene_padding=100), outputs)
    rows = read_table(outputs.candidates, CANDIDATES)
    inside, before = rows[:-1], rows[-1]
    assert len(inside) == 3
    for row in inside:
        assert (row["gene"], row["transcript"]) == (gene.key, "ENST1.3")
        assert (row["consequence"], row["tier"]) == (
            "non_coding_transcript_exon_variant",
            "coding",
        )
    assert before["consequence"] == "upstream_gene_variant"  # the strand is minus
    assert "non_coding_transcript_exon_variant" in load_constants().consequences


def test_words_of_other_engines_that_say_something_open_a_hypothesis() -> None:
    """VEP's word for the mature part of a miRNA, SnpEff's for lost exons, and a word nobody knows:
    such an allele must not be passed over for its name."""
    opens = load_constants().consequences
    assert {"mature_miRNA_variant", "feature_truncation", "sequence_variant"} <= opens
    assert {"splice_donor_5th_base_variant", "splice_polypyrimidine_tract_variant"} <= opens
