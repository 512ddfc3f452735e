"""Structural alleles of each program's shape read to the same few kinds, with their calls."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from annotate_world import World
from hypothesis import given
from hypothesis import strategies as st

from ariane.annotate.structural import StructuralVariant, Unread, parse
from ariane.annotate.structural_calls import split_calls, structural_call
from ariane.annotate.structural_names import hgvs_g
from ariane.model.case import Sex
from ariane.model.genotype import Genotype, decode_family
from ariane.model.structural import is_symbolic, kind_of, spot_of

REPOSITORY = Path(__file__).parents[2]
TRIO = REPOSITORY.parent / "shared" / "data" / "vcf" / "trio_643594.sv.GRCh37.vcf.gz"
CASES = sorted((Path(__file__).parent / "structural").iterdir())


def base(contig: str, position: int) -> str:
    return "N" if position < 1 else "ACGT"[position % 4]


def read(alt: str, info: str = ".", pos: int = 100, ref: str = "N") -> StructuralVariant | Unread:
    return parse(["chr1", str(pos), "id", ref, alt, ".", "PASS", info], base)


def variant(alt: str, info: str = ".", pos: int = 100) -> StructuralVariant:
    made = read(alt, info, pos)
    assert isinstance(made, StructuralVariant)
    return made


def call(keys: str, text: str, kind: str, ploidy: int | None = 2, allele: int = 1) -> Genotype:
    (fields,) = split_calls([text], keys.split(":"))
    return structural_call(fields, kind, ploidy, allele)


@pytest.mark.shared_data
def test_the_real_trio_is_accounted_for(tmp_path: Path) -> None:
    """Nineteen records of Manta on GRCh37, most of them written in full."""
    if not TRIO.exists():
        pytest.skip(f"{TRIO} is absent")
    with gzip.open(TRIO, "rt", encoding="utf-8") as handle:
        lines = [line.rstrip("\n").split("\t") for line in handle if not line.startswith("#")]
    assert len(lines) == 19
    kinds = Counter()
    for fields in lines:
        if not is_symbolic(fields[4]):
            kinds[kind_of(fields[3], fields[4])] += 1
            continue
        made = parse(fields, lambda contig, position: "N")
        assert isinstance(made, StructuralVariant)
        spot = spot_of(made.key)
        assert spot == made.spot
        kinds[f"<{made.kind}>"] += 1
        keys = fields[8].split(":")
        calls = [structural_call(c, made.kind, 2) for c in split_calls(fields[9:], keys)]
        assert all(call.depth is not None and call.quality is not None for call in calls)
    assert kinds == {"DEL": 10, "INS": 4, "<DEL>": 3, "<INS>": 1, "<DUP>": 1}


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_each_folder_gives_the_expected_candidates(
    folder: Path, world: World, tmp_path: Path
) -> None:
    """A folder holds a VCF, the sexes of its samples, and the rows and counts that come of it."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    sexes = {member: Sex(word) for member, word in expected["sexes"].items()}
    rows, summary = world.annotate_files(tmp_path, folder, sexes)
    shown = ("variant", "gene", "kind", "consequence", "place", "genotypes")
    found = [[row[name] for name in shown] for row in rows]
    assert found == expected["rows"]
    counted = {r["variant"]: [r["genes_hit"], r["genes_cut"]] for r in rows}
    if "genes" in expected:
        # Of an RNA gene nothing is counted, of other changes nothing either.
        told = {variant: held for variant, held in counted.items() if held != [None, None]}
        assert told == expected["genes"]
    for row in rows:
        assert (row["genes_hit"] is not None) == (row["kind"] in ("DEL", "DUP"))
    assert summary["alleles"] == expected["alleles"]
    assert sum(summary["alleles"].values()) == summary["records"]["alleles"]


@pytest.mark.parametrize(
    ("alt", "info", "key", "interval"),
    [
        ("<DEL>", "END=200", "<DEL:200>", (101, 200)),
        ("<DEL>", "SVLEN=-100", "<DEL:200>", (101, 200)),
        ("<DEL>", "SVLEN=100", "<DEL:200>", (101, 200)),
        ("<DEL:ME:ALU>", "END=200", "<DEL:200>", (101, 200)),
        ("<CN0>", "END=200", "<DEL:200>", (101, 200)),
        ("<CN3>", "END=200", "<DUP:200>", (101, 200)),
        ("<DUP:TANDEM>", "END=200;SVLEN=7", "<DUP:200>", (101, 200)),
        ("<INV>", "END=200", "<INV:200>", (101, 200)),
        ("<CNV>", "END=200", "<CNV:200>", (101, 200)),
        ("<INS:ME:ALU>", "SVLEN=281", "<INS:ME:ALU:100>", (101, 100)),
        ("N[chr1:300[", ".", "A[chr1:300[", (101, 299)),
        ("]chr1:300]N", ".", "]chr1:300]A", (100, 300)),
        ("N]chr1:300]", ".", "A]chr1:300]", (101, 300)),
        ("<CPX>", "END=200;CPX_TYPE=delINV", "<CPX:200>", (101, 200)),
        ("A.", ".", "A.", (101, 100)),
        ("Ctg.", ".", "ATG.", (101, 100)),
        (".GTa", ".", ".GTA", (101, 100)),
        ("N[chr2:0[", ".", "A.", (101, 100)),
        ("]chrX:0]N", ".", ".A", (101, 100)),
    ],
)
def test_symbolic_alleles(alt: str, info: str, key: str, interval: tuple[int, int]) -> None:
    made = variant(alt, info)
    assert (made.alt, made.ref, made.interval) == (key, "A", interval)
    assert made.key == f"chr1-100-A-{key}"


@pytest.mark.parametrize(
    ("alt", "info", "reason"),
    [
        ("<DEL>", ".", "no END and no SVLEN"),
        ("<DUP>", "END=90", "END before POS"),
        ("<LOH>", "END=200", "<LOH>"),
        ("<CN1>", "END=200", "one copy, as the reference"),
        ("<CTX>", "END=200", "no mate is named"),
        ("<CPX>", ".", "no END and no SVLEN"),
    ],
)
def test_what_says_too_little_is_told_by_its_reason(alt: str, info: str, reason: str) -> None:
    assert read(alt, info) == Unread(reason)


@pytest.mark.parametrize(
    ("alt", "info", "expected"),
    [
        ("]chr1:300]N", ".", "chr1-300-A-A."),  # the telomere, then what lies left of 300: kept
        ("N[chr1:300[", ".", "chr1-300-A-.A"),
        ("<BND>", "CHR2=chr2;END2=300;STRANDS=+-", "chr2-300-A-.A"),
        ("N[chr2:0[", ".", "both ends beyond a chromosome"),
        ("N.", ".", "beyond the chromosome"),
    ],
)
def test_a_record_at_a_telomere_breaks_at_its_other_end(alt: str, info: str, expected: str) -> None:
    made = read(alt, info, pos=0)
    assert (made.reason if isinstance(made, Unread) else made.key) == expected


def test_where_a_breakend_without_a_mate_lies() -> None:
    made = variant("NGT.")
    assert (made.kind, made.shape, made.length) == ("BND", "BND", 2)
    assert made.breakpoints == (("chr1", 100),)
    assert made.spans == (("chr1", 100, 101),)
    assert hgvs_g(made, "NC_000001.11:g.") == ""
    spot = spot_of(made.key)
    assert spot == made.spot
    assert spot is not None
    assert not spot.compared, "no frequency is kept of it: absent says nothing"
    assert spot_of("chr1-100-A-AGT") is None
    complexed = spot_of("chr1-100-A-<CPX:200>")
    assert complexed == variant("<CPX>", "END=200").spot
    assert complexed is not None
    assert (complexed.low, complexed.high, complexed.compared) == (101, 200, False)


@pytest.mark.parametrize(
    ("alt", "info"),
    [
        ("N[chr2:300[", "."),
        ("<BND>", "CHR2=chr2;END2=300;STRANDS=+-"),
        ("<TRA>", "CHR2=chr2;END=300;CT=3to5"),
        ("<BND>", "CHR2=chr2;POS2=300;END=101;CT=3to5"),
    ],
)
def test_breakends_of_every_program_have_one_key(alt: str, info: str) -> None:
    assert variant(alt, info).alt == "A[chr2:300["


@given(
    before=st.booleans(),
    mark=st.sampled_from("[]"),
    here=st.integers(1, 50),
    there=st.integers(51, 99),
    inserted=st.text("ACGT", max_size=4),
)
def test_mates_have_one_key(before: bool, mark: str, here: int, there: int, inserted: str) -> None:
    """The mate as the VCF specification writes it, section 5.4."""
    turned = inserted.translate(str.maketrans("ACGT", "TGCA"))[::-1]

    def alt(first: bool, brackets: str, contig: str, pos: int, text: str) -> str:
        mate = f"{brackets}{contig}:{pos}{brackets}"
        return f"N{text}{mate}" if first else f"{mate}{text}N"

    one = parse(
        ["chr1", str(here), ".", "N", alt(before, mark, "chr2", there, inserted), ".", ".", "."],
        base,
    )
    if before == (mark == "]"):
        other = alt(before, mark, "chr1", here, turned)
    else:
        other = alt(not before, "]" if mark == "[" else "[", "chr1", here, inserted)
    two = parse(["chr2", str(there), ".", "N", other, ".", ".", "."], base)
    assert isinstance(one, StructuralVariant)
    assert isinstance(two, StructuralVariant)
    assert one.key == two.key


@pytest.mark.parametrize(
    ("keys", "text", "kind", "ploidy", "alleles", "depths"),
    [
        ("GT:PR:SR", "0/1:20,6:11,5", "DEL", 2, (0, 1), (31, 11, 42)),  # Manta
        ("GT:RR:RV:DR:DV", "1/1:0:9:1:7", "DEL", 2, (1, 1), (0, 9, 9)),  # DELLY, split reads
        ("GT:RR:RV:DR:DV", "0/1:0:0:12:7", "DEL", 2, (0, 1), (12, 7, 19)),  # DELLY, pairs
        ("GT:PE:SR", "0/1:4:3", "DEL", 2, (0, 1), (None, 7, None)),  # GATK-SV
        ("GT:CN", "1:1", "DEL", 2, (0, 1), (None, None, None)),  # gCNV: one allele, one copy
        ("GT:CN", "1:0", "DEL", 2, (1, 1), (None, None, None)),
        ("GT:CN", "1:0", "DEL", 1, (1,), (None, None, None)),  # a male's X
        ("GT:CN", "0:2", "DEL", 2, (0,), (None, None, None)),
        ("GT:CN", "./.:0", "DEL", 2, (1, 1), (None, None, None)),
        ("GT:CN", "./.:1", "DEL", 2, (0, 1), (None, None, None)),
        ("GT:CN", "./.:1", "DEL", 1, (0,), (None, None, None)),
        ("GT:CN", "./.:1", "DEL", None, (None, None), (None, None, None)),  # X, sex not known
        ("GT:CN", "./.:0", "DEL", None, (1, 1), (None, None, None)),
        ("GT:CN", "./.:2", "DEL", 2, (0, 0), (None, None, None)),
        ("CN", "3", "DUP", 2, (0, 1), (None, None, None)),
        ("CN", "4", "DUP", 2, (None, 1), (None, None, None)),
        ("CN", "2", "DUP", 1, (1,), (None, None, None)),
        ("CN", "1", "DUP", 2, (0, 0), (None, None, None)),
        ("GT:CN", "./1:3", "DUP", 2, (None, 1), (None, None, None)),  # DRAGEN
        ("GT:CN:PE", "0/1:1:3,4", "DEL", 2, (0, 1), (None, None, None)),  # DRAGEN: PE of two ends
        ("GT:GT_UNSPLIT:CN", "0/1:1/2:2", "DUP", 2, (0, 0), (None, None, None)),  # neutral LOH
    ],
)
def test_calls(
    keys: str,
    text: str,
    kind: str,
    ploidy: int | None,
    alleles: tuple[int | None, ...],
    depths: tuple[int | None, int | None, int | None],
) -> None:
    made = call(keys, text, kind, ploidy, 2 if "UNSPLIT" in keys else 1)
    assert made.alleles == alleles
    assert (made.ref_depth, made.alt_depth, made.depth) == depths
    assert decode_family(f"P={made.encode()}")["P"] == made


def test_quality_of_a_copy_number() -> None:
    assert call("GT:CN:QA:QS", "1:1:30:77", "DEL").quality == 77
    assert call("GT:CN:GQ:QS", "0/1:1:12:77", "DEL").quality == 12


@pytest.mark.parametrize(
    ("alt", "info", "name"),
    [
        ("<DEL>", "END=200", "NC_1.1:g.101_200del"),
        ("<DUP:TANDEM>", "END=200", "NC_1.1:g.101_200dup"),
        ("<INV>", "END=200", "NC_1.1:g.101_200inv"),
        ("<DEL>", "END=101", "NC_1.1:g.101del"),
        ("<DEL>", "END=200;CIPOS=-5,10;CIEND=0,0", "NC_1.1:g.(96_111)_200del"),
        ("<INS:ME:ALU>", "SVLEN=281", "NC_1.1:g.100_101insN[281]"),
        ("<INS>", ".", "NC_1.1:g.100_101insN[?]"),
        ("N[chr2:300[", ".", ""),
    ],
)
def test_names_on_the_genome(alt: str, info: str, name: str) -> None:
    assert hgvs_g(variant(alt, info), "NC_1.1:g.") == name
    assert hgvs_g(variant(alt, info), "") == ""
