"""Readers of names, diseases, frequencies, coverage and contigs."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.knowledge import frequencies, readers
from ariane.knowledge.context import Context
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import Gene, GeneNames, read_hgnc
from ariane.knowledge.lookup import Covered
from ariane.model.errors import ArianeError

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CONTIGS = Contigs({"chr1": 1000, "chrM": 16_569})
NAMES = GeneNames.of(
    [
        Gene("HGNC:1", "AAA", "11", ("OLD1", "SHARED")),
        Gene("HGNC:2", "BBB", "22", ("SHARED", "AAA")),
        Gene("HGNC:3", "CCC", "", ("OLD3",)),
    ]
)
CONTEXT = Context(NAMES, CONTIGS)


@pytest.mark.parametrize(
    ("symbol", "ncbi", "gene"),
    [
        ("AAA", "", "HGNC:1"),
        ("aaa ", "", "HGNC:1"),
        ("OLD1", "", "HGNC:1"),
        ("AAA", "22", "HGNC:2"),  # the number outweighs the symbol
        ("nonsense", "11", "HGNC:1"),
        ("OLD3", "99", "HGNC:3"),  # a number that nobody bears falls back to the symbol
        ("SHARED", "", "SHARED"),  # a former name of two genes names none
        ("LOC123", "", "LOC123"),
    ],
)
def test_the_gene_that_a_source_means(symbol: str, ncbi: str, gene: str) -> None:
    assert NAMES.find(symbol, ncbi) == gene


def test_symbols_of_genes() -> None:
    assert NAMES.symbol("HGNC:2") == "BBB"
    assert NAMES.symbol("LOC123") == "LOC123"


def test_hgnc_table(tmp_path: Path) -> None:
    path = tmp_path / "hgnc.tsv"
    path.write_text(
        "hgnc_id\tsymbol\tstatus\tentrez_id\tprev_symbol\talias_symbol\n"
        'HGNC:9\tNEW\tApproved\t900\t"WAS|ERST"\tAKA\n'
        "HGNC:8\tGONE\tEntry Withdrawn\t\t\t\n",
        encoding="utf-8",
    )
    names = read_hgnc(path)
    assert names.genes == (Gene("HGNC:9", "NEW", "900", ("WAS", "ERST", "AKA")),)
    assert names.find("erst") == names.find("AKA") == names.find("", "900") == "HGNC:9"
    path.write_text("symbol\nX\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="lacks the columns hgnc_id"):
        read_hgnc(path)


OLD_PAIRS = (
    "#Format: HPO-id<tab>HPO label<tab>entrez-gene-id<tab>entrez-gene-symbol<tab>...\n"
    "HP:0000002\tx\t11\tWRONG\t\tmim2gene\tOMIM:1\n"
    "HP:0000003\tx\t11\tWRONG\t\tmim2gene\tOMIM:1\n"
    "HP:0000002\tx\t22\tBBB\t\torphadata\tORPHA:2\n"
)
NEW_PAIRS = (
    "hpo_id\thpo_name\tncbi_gene_id\tgene_symbol\tdisease_id\n"
    "HP:0000002\tx\t11\tWRONG\tOMIM:1\nHP:0000002\tx\t22\tBBB\tORPHA:2\n"
)
BY_GENE = (
    "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n"
    "22\tBBB\tHP:0000002\tx\t-\tORPHA:2\n11\tWRONG\tHP:0000002\tx\t-\tOMIM:1\n"
)


@pytest.mark.parametrize("text", [OLD_PAIRS, NEW_PAIRS, BY_GENE])
def test_genes_and_diseases_in_each_shape(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.txt.gz"
    path.write_bytes(gzip.compress(text.encode()))
    rows = readers.read_gene_disease(path, NAMES, {"OMIM:1": ("AD", "AR")}, {"OMIM:1": "First"})
    assert [
        (r["gene"], r["symbol"], r["disease"], r["disease_name"], r["modes"]) for r in rows
    ] == [
        ("HGNC:1", "AAA", "OMIM:1", "First", "AD AR"),
        ("HGNC:2", "BBB", "ORPHA:2", "", ""),
    ]
    other = readers.read_gene_disease(path, NAMES, {"OMIM:1": ("AD",)}, {"OMIM:1": "First"})
    assert rows[0]["record"] != other[0]["record"], "a changed mode is a changed record"
    assert rows[1] == other[1]


def test_another_table_of_genes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("gene\tdisease\nA\tB\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="not HPO's table of genes and diseases"):
        readers.read_gene_disease(path, NAMES, {}, {})


@pytest.mark.shared_data
@pytest.mark.parametrize("release", ["2021-10-10", "2024-03-06"])
def test_real_genes_and_diseases(release: str) -> None:
    path = SHARED / "hpo" / release / "phenotype_to_genes.txt.gz"
    hgnc = SHARED / "genes" / "hgnc_complete_set.2024-10.txt.gz"
    for needed in (path, hgnc):
        if not needed.is_file():
            pytest.skip(f"missing: {needed.name}")
    rows = readers.read_gene_disease(path, read_hgnc(hgnc), {}, {})
    keys = [(r["gene"], r["disease"]) for r in rows]
    assert len(keys) == len(set(keys)) > 5000
    assert ("HGNC:3603", "OMIM:154700") in keys  # FBN1, Marfan syndrome
    assert sum(gene.startswith("HGNC:") for gene, _ in keys) / len(keys) > 0.99


VCF = """##fileformat=VCFv4.2
##INFO=<ID=AF,Number=A,Type=Float,Description="x">
##INFO=<ID=AF_grpmax,Number=A,Type=Float,Description="x">
##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="x">
##contig=<ID=1>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
1\t5\t.\tA\tT,G\t.\t.\tAF=0.1,0.002;nhomalt=7,0
1\t6\t.\tA\tT\t.\t.\tAF=0.001;AF_grpmax=0.03;nhomalt=2
1\t7\t.\tA\tT\t.\t.\tnhomalt=2
1\t8\t.\tCAA\tCA\t.\t.\tAF=1e-05
"""


def test_frequencies(tmp_path: Path) -> None:
    path = tmp_path / "gnomad.vcf"
    path.write_text(VCF, encoding="utf-8")
    rows = list(frequencies.read_frequencies(path, CONTEXT))
    assert [(r["variant"], r["af"], r["homozygotes"]) for r in rows] == [
        ("chr1-5-A-T", 0.1, 7),
        ("chr1-5-A-G", 0.002, 0),
        ("chr1-6-A-T", 0.03, 2),
        ("chr1-8-CA-C", 1e-05, None),  # not given is not none
    ]
    assert [r["basis"] for r in rows] == ["total", "total", "grpmax", "total"]


def test_all_that_gnomad_says_of_an_allele(tmp_path: Path) -> None:
    path = tmp_path / "gnomad.vcf"
    info = "AC=9;AN=1000;AF=0.009;AF_grpmax=0.02;fafmax_faf95_max=0.015;nhomalt=1;AC_XY=4;non_par"
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    lines = [f"1\t5\t.\tA\tT\t.\tAS_VQSR;AC0\t{info}\n"]
    lines.append(f"1\t6\t.\tA\tT\t.\tPASS\t{info.removesuffix(';non_par')}\n")
    path.write_text(head + "".join(lines), encoding="utf-8")
    one, two = frequencies.read_frequencies(path, CONTEXT)
    assert one["af"] == one["faf95"] == 0.015
    assert (one["basis"], one["grpmax"], one["total"]) == ("faf95", 0.02, 0.009)
    assert (one["ac"], one["an"], one["homozygotes"], one["hemizygotes"]) == (9, 1000, 1, 4)
    assert one["filters"] == "AC0;AS_VQSR"
    assert (two["filters"], two["hemizygotes"]) == ("", None)


@pytest.mark.parametrize("keep", [0.4, 0.9])
def test_a_cut_frequency_file_is_refused(tmp_path: Path, keep: float) -> None:
    import pysam

    plain, packed = tmp_path / "g.vcf", tmp_path / "g.vcf.gz"
    body = "".join(f"1\t{n}\t.\tA\tT\t.\t.\tAF={n / 1e6:.6f}\n" for n in range(10, 9000))
    plain.write_text(VCF + body, encoding="utf-8")
    pysam.tabix_compress(str(plain), str(packed), force=True)
    whole = packed.read_bytes()
    assert len(list(frequencies.read_frequencies(packed, CONTEXT))) == 4 + 8990
    packed.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(ArianeError, match="Download it again"):
        list(frequencies.read_frequencies(packed, CONTEXT))


def test_coverage(tmp_path: Path) -> None:
    path = tmp_path / "c.bed"
    path.write_text("#x\ntrack name=a\n1\t10\t20\n1\t20\t30\textra\nMT\t0\t5\n", encoding="utf-8")
    covered = Covered.of(frequencies.read_coverage(path, CONTEXT))
    assert [covered.holds("chr1", p) for p in (10, 11, 20, 21, 30, 31)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip
    assert covered.holds("chrM", 1)
    assert not covered.holds("chr2", 15)


SPANS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(0, 9)), max_size=8
)


@given(SPANS, st.sampled_from("abc"), st.integers(1, 45))
def test_covered_is_any_interval_that_holds_the_base(
    spans: list[tuple[str, int, int]], chrom: str, pos: int
) -> None:
    rows = [{"chrom": c, "start": s, "end": s + n} for c, s, n in spans if n]
    expected = any(r["chrom"] == chrom and r["start"] < pos <= r["end"] for r in rows)
    assert Covered.of(rows).holds(chrom, pos) is expected


@pytest.mark.parametrize(
    ("raw", "name"),
    [("1", "chr1"), ("chr1", "chr1"), ("MT", "chrM"), ("M", "chrM"), ("GL1", "GL1")],
)
def test_contigs_are_named_as_the_reference_does(raw: str, name: str) -> None:
    assert CONTIGS.name(raw) == name


def test_inheritance_words_are_all_known() -> None:
    known = {"AD", "AR", "XLD", "XLR", "YL", "MT", "none"}
    modes = readers.inheritance_modes()
    assert {mode for found in modes.values() for mode in found} == known
    assert modes["HP:0001417"] == ("XLD", "XLR")
    assert modes["HP:0003829"] == ()


@pytest.mark.shared_data
def test_labels_of_inheritance_are_those_of_hpo() -> None:
    from ariane.files import RESOURCES
    from ariane.knowledge.hpo import load_obo

    path = SHARED / "hpo" / "2024-03-06" / "hp.obo.gz"
    if not path.is_file():
        pytest.skip(f"missing: {path.name} of HPO 2024-03-06")
    ontology = load_obo(path)
    assert [t for t in readers.inheritance_modes() if ontology.resolve(t).how != "exact"] == []
    rows = (RESOURCES / "inheritance_modes.tsv").read_text(encoding="utf-8").splitlines()
    labels = dict(r.split("\t")[::2] for r in rows if r.startswith("HP:"))
    wrong = {t: label for t, label in labels.items() if ontology.names[t] != label}
    assert wrong.keys() <= {"HP:0001426"}  # renamed by HPO: multifactorial, non-Mendelian
