"""RNA genes in the dialects of Ensembl and GENCODE: read, keyed, and named as exons of an RNA."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariane.annotate.consequence import effect
from ariane.annotate.genes import Genes, read_genes
from ariane.annotate.terms import shipped_terms
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
    terms = shipped_terms()
    for span in ((150, 150), (178, 177), (100, 110)):  # substitution, insertion, deletion
        made = effect(gene, span, (), (), frozenset(), terms)
        assert (made.consequence, made.tier) == ("non_coding_transcript_exon_variant", "coding")
    opens = load_constants().consequences
    assert "non_coding_transcript_exon_variant" in opens
    before = effect(gene, (300, 300), (), (), frozenset(), terms)
    assert before.consequence == "upstream_gene_variant"


def test_words_of_other_engines_that_say_something_open_a_hypothesis() -> None:
    """VEP's word for the mature part of a miRNA, SnpEff's for lost exons, and a word nobody knows:
    such an allele must not be passed over for its name."""
    opens = load_constants().consequences
    assert {"mature_miRNA_variant", "feature_truncation", "sequence_variant"} <= opens
    assert {"splice_donor_5th_base_variant", "splice_polypyrimidine_tract_variant"} <= opens
