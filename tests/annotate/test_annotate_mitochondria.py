"""Genes of the mitochondria are read by their own genetic code."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pysam

from ariane.annotate.case import Inputs, Outputs, annotate_case

BEFORE, CODING, AFTER = "ACGTACGTAC", "ATGGCTTGGGCTATAAGATAA", "GTCCATGCAA"


def lines() -> str:
    first, last = len(BEFORE) + 1, len(BEFORE) + len(CODING)
    shared = f"\t{first}\t{last}\t.\t+\t"
    return (
        "##gff-version 3\n"
        f"MT\tt\tgene{shared}.\tID=gene:G;Name=MT-X;biotype=protein_coding;hgnc_id=HGNC:7\n"
        f"MT\tt\tmRNA{shared}.\tID=transcript:T;Parent=gene:G;biotype=protein_coding;"
        "tag=MANE_Select\n"
        f"MT\tt\texon{shared}.\tParent=transcript:T\n"
        f"MT\tt\tCDS{shared}0\tParent=transcript:T\n"
    )


def test_codons_mean_what_they_mean_in_the_mitochondria(tmp_path: Path) -> None:
    reference, gff, vcf = (tmp_path / n for n in ("r.fa", "t.gff3", "v.vcf"))
    bases = BEFORE + CODING + AFTER
    reference.write_text(f">chrM\n{bases}\n", encoding="utf-8")
    pysam.faidx(str(reference))
    gff.write_text(lines(), encoding="utf-8")
    start = len(BEFORE)
    changes = {
        "TGG>TGA is still Trp": (start + 9, "A", "synonymous_variant", "p.(Trp3=)"),
        "ATA>ATC is Met to Ile": (start + 15, "C", "missense_variant", "p.(Met5Ile)"),
        "GCT>GTT is Ala to Val": (start + 5, "T", "missense_variant", "p.(Ala2Val)"),
    }
    head = '##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
    records = sorted((pos, bases[pos - 1], alt) for pos, alt, _, _ in changes.values())
    body = "".join(f"chrM\t{p}\t.\t{r}\t{a}\t.\tPASS\t.\tGT\t0/1\n" for p, r, a in records)
    vcf.write_text(head + body, encoding="utf-8")
    outputs = Outputs(tmp_path / "o.bcf", tmp_path / "o.parquet", tmp_path / "o.json")
    annotate_case(Inputs("F1", vcf, {"P": "S"}, reference, gff), outputs)
    rows = {row["pos"]: row for row in pq.read_table(outputs.candidates).to_pylist()}
    for what, (pos, _, term, protein) in changes.items():
        assert (rows[pos]["consequence"], rows[pos]["hgvs_p"]) == (term, protein), what
    isoleucine = rows[start + 15]
    assert (isoleucine["codon"], isoleucine["aa_ref"], isoleucine["aa_alt"]) == ("T:5", "M", "I")
