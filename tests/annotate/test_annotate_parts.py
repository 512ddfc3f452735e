import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from annotate_world import PLUS, World
from hypothesis import given
from hypothesis import strategies as st

from ariane.annotate.consequence import affected
from ariane.annotate.csq import parse
from ariane.annotate.genes import merged, overlaps, read_genes
from ariane.annotate.genotypes import better, genotype
from ariane.annotate.store import build_store
from ariane.annotate.terms import shipped_terms
from ariane.files import read_table, write_table
from ariane.model.errors import ArianeError
from ariane.model.genotype import Genotype
from ariane.model.tables import CANDIDATES, READ_KEYS

DEPTHS = st.none() | st.integers(0, 9999)


def told(number: int | None) -> str:
    return "." if number is None else str(number)


@given(
    alleles=st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=3),
    phased=st.booleans(),
    numbers=st.tuples(DEPTHS, DEPTHS, DEPTHS, DEPTHS),
    block=st.none() | st.integers(1, 999),
    allele=st.integers(1, 3),
)
def test_a_call_survives_the_way_into_the_store(
    alleles: list[int | None],
    phased: bool,
    numbers: tuple[int | None, int | None, int | None, int | None],
    block: int | None,
    allele: int,
) -> None:
    ref, alt, depth, quality = numbers
    gt = ("|" if phased else "/").join(map(told, alleles))
    fields = {
        "GT": "0/1",
        "GT_UNSPLIT": gt,
        "AD": f"{told(ref)},{told(alt)}",
        "DP": told(depth),
        "GQ": told(quality),
        "PS": told(block),
    }
    if gt == ".":
        del fields["GT_UNSPLIT"]
        fields["GT"] = gt
    call = genotype(fields, allele)
    assert Genotype.decode(call.encode()) == call
    expected = tuple(None if a is None else int(a == allele) for a in alleles)
    assert call.alleles == expected
    assert call.other_alt == any(a not in (None, 0, allele) for a in alleles)
    assert (call.ref_depth, call.alt_depth, call.depth, call.quality) == numbers


@pytest.mark.parametrize(
    ("text", "quality"),
    [("70.72", 71), ("0.5", 1), ("99", 99), ("nan", None), ("inf", None), (".", None), ("", None)],
)
def test_quality_is_rounded_half_up(text: str, quality: int | None) -> None:
    assert genotype({"GT": "0/1", "GQ": text}).quality == quality


def test_the_better_of_two_calls() -> None:
    het, ref = genotype({"GT": "0/1", "DP": "3"}), genotype({"GT": "0/0", "DP": "90"})
    assert better(het, ref) is het
    assert better(ref, het) is het


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "span"),
    [
        (10, "A", "C", (10, 10)),
        (10, "AT", "A", (11, 11)),
        (10, "A", "AT", (11, 10)),
        (10, "ACG", "ATG", (11, 11)),
        (10, "AC", "TG", (10, 11)),
    ],
)
def test_affected_bases(pos: int, ref: str, alt: str, span: tuple[int, int]) -> None:
    assert affected(pos, ref, alt) == span


def test_bcsq_entries_pointers_and_marks() -> None:
    entries, pointers = parse(
        "*missense|G|T1|protein_coding|+|59I>59L|100A>C,@135,intron|G||protein_coding,"
        "missense&inframe_altering|G|T2|protein_coding|-|1IK>1L|100A>C+104T>G"
    )
    assert pointers == [135]
    assert [e.after_stop for e in entries] == [True, False, False]
    assert entries[0].residue == (59, "I", "L")
    assert entries[1].transcript == ""
    assert entries[2].residue is None
    assert entries[2].members == ((100, "A", "C"), (104, "T", "G"))
    assert parse("synonymous|G|T|protein_coding|+|7A|9A>G")[0][0].residue == (7, "A", "A")
    assert shipped_terms().of_csq("missense&inframe_altering") == {
        "missense_variant",
        "protein_altering_variant",
    }


def test_an_unknown_word_is_shown_and_never_quiet() -> None:
    terms = shipped_terms()
    assert terms.tier(terms.of_csq("brand_new_word")) == "coding"


def test_genes_of_either_dialect(world: World, tmp_path: Path) -> None:
    packed = tmp_path / "t.gff3.gz"
    packed.write_bytes(gzip.compress(world.transcripts.read_bytes()))
    genes = read_genes(packed, lambda name: f"chr{name}")
    assert [gene.key for gene in genes.all] == ["HGNC:1", "HGNC:3", "ENSG04", "HGNC:2"]
    assert genes.all[0].transcripts[0].mane == "select"
    assert genes.all[0].transcripts[0].utrs() == [
        ("five_prime_UTR", 301, 330),
        ("three_prime_UTR", 531, 560),
    ]
    assert [g.key for g in genes.near("chr1", 561, 561, 0)] == []
    assert [g.key for g in genes.near("chr1", 561, 561, 1)] == ["HGNC:1"]
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(ArianeError, match="damaged or cut"):
        read_genes(packed)
    packed.write_text("chr1\tx\n", encoding="utf-8")
    with pytest.raises(ArianeError, match=r":1: not a GFF3 line"):
        read_genes(packed)


SPANS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), max_size=8)


@given(spans=SPANS, low=st.integers(1, 70), length=st.integers(0, 9))
def test_overlaps_like_counting_bases(spans: list[tuple[int, int]], low: int, length: int) -> None:
    intervals = [(start, start + size) for start, size in spans]
    bases = {b for start, end in intervals for b in range(start, end + 1)}
    expected = any(b in bases for b in range(low, low + length + 1))
    assert overlaps(merged(intervals), low, low + length) is expected


def test_store_joins_cases_and_derives_keys(world: World, tmp_path: Path) -> None:
    vcf = world.vcf(tmp_path, ["chr1 335 . C A . . . GT 0/1", "chr1 382 . C A . . . GT 0/1"])
    world.annotate(tmp_path, vcf)
    first = tmp_path / "out" / "candidates.parquet"
    rows = read_table(first, CANDIDATES)
    second = tmp_path / "second.parquet"
    write_table(second, CANDIDATES, [{**row, "case": "A0"} for row in rows])
    made = [tmp_path / "c.parquet", tmp_path / "k.parquet"]
    build_store([first, second], *made)
    joined = read_table(made[0], CANDIDATES)
    assert [row["case"] for row in joined] == ["A0"] * len(rows) + ["F1"] * len(rows)
    keys = read_table(made[1], READ_KEYS)
    ours = [(k["kind"], k["key"]) for k in keys if k["case"] == "F1" and k["gene"] == PLUS]
    assert ours == [
        ("codon", "ENST01:2"),
        ("gene", PLUS),
        ("stretch", "ENST01~0"),
        ("variant", "chr1-335-C-A"),
        ("variant", "chr1-382-C-A"),
    ]
    contents = [path.read_bytes() for path in made]
    build_store([second, first], *made)
    assert [path.read_bytes() for path in made] == contents
    with pytest.raises(ArianeError, match="case F1: candidates come from two files"):
        build_store([first, Path(str(made[0]))], tmp_path / "x", tmp_path / "y")


def test_an_empty_shard_and_damaged_files(tmp_path: Path) -> None:
    made = [tmp_path / "c.parquet", tmp_path / "k.parquet"]
    build_store([], *made)
    assert pq.read_schema(made[0]).equals(CANDIDATES.schema)
    assert read_table(made[1], READ_KEYS) == []
    build_store([made[0]], tmp_path / "c2.parquet", tmp_path / "k2.parquet")
    assert read_table(tmp_path / "c2.parquet", CANDIDATES) == []
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1")
    with pytest.raises(ArianeError, match="damaged Parquet"):
        build_store([bad], *made)
    with pytest.raises(ArianeError, match="not a candidates table"):
        build_store([made[1]], *made)
