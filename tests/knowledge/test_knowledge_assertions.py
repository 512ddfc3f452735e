"""Assertions: ClinVar and consensus tables, unknown words, trimmed alleles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.files import RESOURCES
from ariane.knowledge.alignment import trimmed
from ariane.knowledge.assertions import read_assertions
from ariane.knowledge.context import Context
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import Gene, GeneNames
from ariane.knowledge.release import Resource
from ariane.model.errors import ArianeError

CONTIGS = Contigs({"chr1": 1000, "chrM": 16_569})
NAMES = GeneNames.of([Gene("HGNC:1", "AAA", "11", ()), Gene("HGNC:2", "BBB", "22", ())])
HEAD = """##fileformat=VCFv4.1
##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description="x">
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="x">
##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="x">
##INFO=<ID=CLNDN,Number=.,Type=String,Description="x">
##INFO=<ID=GENEINFO,Number=1,Type=String,Description="x">
##contig=<ID=1>
##contig=<ID=MT>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""
DNA = st.text("ACGT", min_size=1, max_size=6)


def resource(form: str, **options: str) -> Resource:
    return Resource("assertions", "f", form, "1", "2024-01-01", "s", "open", "t", "s", (), options)


def clinvar(
    tmp_path: Path, *records: tuple[str, int, str, str, str]
) -> tuple[list[Any], Counter[str]]:
    path = tmp_path / "clinvar.vcf"
    lines = [f"{c}\t{p}\t7\t{r}\t{a}\t.\t.\t{info}\n" for c, p, r, a, info in records]
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    context = Context(NAMES, CONTIGS)
    rows = list(read_assertions(path, resource("clinvar_vcf"), context))
    return rows, context.unknown


def word(tmp_path: Path, sig: str) -> str:
    rows, _ = clinvar(tmp_path, ("1", 5, "A", "T", f"CLNSIG={sig}"))
    return rows[0]["klass"] if rows else "none"


@pytest.mark.parametrize(
    ("sig", "klass"),
    [
        ("Pathogenic", "P"),
        ("Likely_pathogenic", "LP"),
        ("Pathogenic/Likely_pathogenic", "P/LP"),
        ("Pathogenic,_low_penetrance", "P"),
        ("Pathogenic|drug_response", "P"),
        ("Likely_benign|other", "LB"),
        ("Benign/Likely_benign", "B/LB"),
        ("Conflicting_classifications_of_pathogenicity", "conflicting"),
        ("Conflicting_interpretations_of_pathogenicity|risk_factor", "conflicting"),
        ("Uncertain_significance", "VUS"),
        ("risk_factor", "other"),
        ("not_provided", "none"),
    ],
)
def test_words_of_clinvar(tmp_path: Path, sig: str, klass: str) -> None:
    assert word(tmp_path, sig) == klass


def test_an_unknown_word_is_kept_and_counted(tmp_path: Path) -> None:
    rows, unknown = clinvar(
        tmp_path,
        ("1", 5, "A", "T", "CLNSIG=Rather_pathogenic"),
        ("1", 6, "A", "T", "CLNSIG=Rather_pathogenic"),
        ("1", 7, "A", "T", "CLNSIG=Benign"),
    )
    assert [row["klass"] for row in rows] == ["other", "other", "B"]
    assert unknown == {"Rather_pathogenic": 2}


def test_a_whole_record(tmp_path: Path) -> None:
    info = (
        "ALLELEID=42;CLNSIG=Pathogenic;CLNDN=Stickler_syndrome,_type_1|not_provided;"
        "CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts;GENEINFO=OLD:22|X:9"
    )
    ((row,), _) = clinvar(tmp_path, ("1", 5, "ACC", "AC", info))
    record = row.pop("record")
    assert len(record) == 16
    assert row == {
        "variant": "chr1-5-AC-A",
        "klass": "P",
        "stars": 2,
        "accession": "7",
        "conditions": "Stickler syndrome, type 1|not provided",
        "conflicts": "",
        "evaluated": "",
        "gene": "HGNC:2|X",
    }


def test_a_record_hash_sees_what_was_said_and_only_that(tmp_path: Path) -> None:
    base = "ALLELEID=1;CLNSIG=Pathogenic"
    said = [
        base,
        base,
        "ALLELEID=1;CLNSIG=Likely_pathogenic",
        base + ";CLNREVSTAT=reviewed_by_expert_panel",
    ]
    rows, _ = clinvar(tmp_path, *[("1", 5 + n, "A", "T", info) for n, info in enumerate(said)])
    hashes = [row["record"] for row in rows]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_records_that_name_no_exact_allele_are_passed_over(tmp_path: Path) -> None:
    rows, _ = clinvar(
        tmp_path,
        ("1", 5, "A", ".", "CLNSIG=Pathogenic"),
        ("1", 6, "A", "<DEL>", "CLNSIG=Pathogenic"),
        ("1", 7, "A", "T", "ALLELEID=3"),
        ("MT", 8, "A", "T", "CLNSIG=Pathogenic"),
    )
    assert [row["variant"] for row in rows] == ["chrM-8-A-T"]


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(HEAD + "1\t5\t7\tA\tT\t.\t.\tCLNSIG=Patho", encoding="utf-8")
    with pytest.raises(ArianeError, match="its last line does not end"):
        list(read_assertions(path, resource("clinvar_vcf"), Context(NAMES, CONTIGS)))


def consensus(tmp_path: Path, text: str, **options: str) -> tuple[list[Any], Counter[str]]:
    path = tmp_path / "vkgl.tsv"
    path.write_text(text, encoding="utf-8")
    context = Context(NAMES, CONTIGS)
    wanted = resource("consensus_tsv", **options)
    return list(read_assertions(path, wanted, context)), context.unknown


def test_a_consensus_table(tmp_path: Path) -> None:
    text = "chrom\tpos\tref\talt\tjune\n1\t5\tA\tT\tLP\n1\t6\tA\tT\tLB/VUS\n1\t7\tA\tT\t.\n"
    text += "1\t8\tA\tT\tLB/LP\n1\t9\tA\tT\todd\n1\t10\tAT\tGT\tLB\n"
    rows, unknown = consensus(tmp_path, text, column="june", stars="2")
    assert [(r["variant"], r["klass"], r["stars"]) for r in rows] == [
        ("chr1-5-A-T", "P/LP", 2),
        ("chr1-6-A-T", "VUS", 2),
        ("chr1-8-A-T", "conflicting", 2),
        ("chr1-9-A-T", "other", 2),
        ("chr1-10-A-G", "B/LB", 2),
    ]
    assert unknown == {"odd": 1}


def test_a_consensus_table_may_name_genes(tmp_path: Path) -> None:
    text = "chrom\tpos\tref\talt\tclass\tgene\n1\t5\tA\tT\tLP\tBBB\n"
    text += "1\t6\tA\tT\tP\tHGNC:1|BBB|AAA\n1\t7\tA\tT\tP\t\n1\t8\tA\tT\tP\tLOC9:99\n"
    rows, _ = consensus(tmp_path, text)
    assert [row["gene"] for row in rows] == ["HGNC:2", "HGNC:1|HGNC:2", "", "LOC9"]
    assert len({row["record"] for row in rows}) == 4


def test_a_consensus_table_without_its_column(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="lacks the columns july"):
        consensus(tmp_path, "chrom\tpos\tref\talt\tjune\n", column="july")


def test_every_class_of_the_word_table_has_its_points() -> None:
    from ariane.rank.constants import load_constants

    lines = (RESOURCES / "assertion_words.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    classes = {klass for _, klass in rows}
    assert classes - {"other", "none"} == set(load_constants().assertions)
    assert len({name for name, _ in rows}) == len(rows)
    assert all(name == name.lower().replace(" ", "_") for name, _ in rows)


def applied(sequence: str, pos: int, ref: str, alt: str) -> str:
    assert sequence[pos - 1 : pos - 1 + len(ref)] == ref
    return sequence[: pos - 1] + alt + sequence[pos - 1 + len(ref) :]


@given(st.text("ACGT", max_size=6), DNA, DNA, st.text("ACGT", max_size=6))
def test_trimming_keeps_the_edit(left: str, ref: str, alt: str, right: str) -> None:
    sequence, pos = left + ref + right, len(left) + 1
    short = trimmed(pos, ref, alt)
    assert applied(sequence, *short) == applied(sequence, pos, ref, alt)
    assert trimmed(*short) == short
    assert min(len(short[1]), len(short[2])) >= 1
    if len(short[1]) > 1 and len(short[2]) > 1:
        assert short[1][-1] != short[2][-1]
        assert short[1][0] != short[2][0]


@given(DNA, DNA, DNA, DNA)
def test_one_edit_written_longer_is_trimmed_alike(
    before: str, ref: str, alt: str, after: str
) -> None:
    if ref[0] != alt[0] and ref[-1] != alt[-1]:
        wide = trimmed(1, before + ref + after, before + alt + after)
        assert wide == trimmed(len(before) + 1, ref, alt)
