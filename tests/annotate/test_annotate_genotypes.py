"""Every shape of genotype found in VCFs, from the VCF's text to the candidate's row."""

from __future__ import annotations

from pathlib import Path

import pytest
from annotate_world import HEADER, PLUS, World
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ariane.annotate.genotypes import genotype
from ariane.knowledge.vcf_calls import Columns, gt_fault, phased_gt
from ariane.model.errors import ArianeError
from ariane.model.genotype import Genotype, Zygosity, decode_family

A, G = "chr1-335-C-A", "chr1-335-C-G"

SHAPES = [
    # name, ALT, FORMAT, call, what the rows say by variant
    ("haploid", "A", "GT", "1", {A: "1:.,.:.:.:."}),
    ("haploid of two", "A,G", "GT:AD", "2:3,4,5", {G: "0/1:3,5"}),
    ("diploid", "A", "GT:AD:DP:GQ", "0/1:9,8:17:99", {A: "0/1:9,8:17:99:."}),
    ("triploid", "A", "GT", "0/1/1", {A: "0/1/1:.,.:.:.:."}),
    ("triploid, all", "A", "GT", "1/1/1", {A: "1/1/1:.,.:.:.:."}),
    ("triploid of two", "A,G", "GT", "0/1/2", {A: "0*/1/0:.,.:.:.:.", G: "0*/0/1:.,.:.:.:."}),
    ("half missing", "A", "GT", "./1", {A: "./1:.,.:.:.:."}),
    ("half missing, behind", "A", "GT", "1/.", {A: "1/.:.,.:.:.:."}),
    ("half missing of two", "A,G", "GT", "./2", {G: "./1:.,.:.:.:."}),
    ("missing", "A", "GT", "./.", {}),
    ("missing, haploid", "A", "GT", ".", {}),
    ("missing, empty", "A", "GT:AD", "", {}),
    ("reference", "A", "GT", "0/0", {}),
    ("reference, haploid", "A", "GT", "0", {}),
    ("phased", "A", "GT", "0|1", {A: "0|1:.,.:.:.:."}),
    ("phased in a set", "A", "GT:PS", "1|0:77", {A: "1|0:.,.:.:.:77"}),
    ("unphased with a set", "A", "GT:PS", "1/0:77", {A: "1/0:.,.:.:.:."}),
    ("phase of VCF 4.4", "A", "GT:PS", "|0|1:77", {A: "0|1:.,.:.:.:77"}),
    ("GATK phase", "A", "GT:PGT:PID", "0/1:1|0:330_A_C", {A: "1|0:.,.:.:.:330_A_C"}),
    ("GATK phase in GT", "A", "GT:PGT:PID", "0|1:0|1:330_A_C", {A: "0|1:.,.:.:.:330_A_C"}),
    ("GATK phase, PS too", "A", "GT:PGT:PID:PS", "0|1:0|1:330_A_C:9", {A: "0|1:.,.:.:.:9"}),
    ("GATK phase, other alleles", "A", "GT:PGT:PID", "1/1:0|1:330_A_C", {A: "1/1:.,.:.:.:."}),
    ("GATK phase, split", "A,G", "GT:PGT:PID", "0/2:0|1:3_A_C", {G: "0/1:.,.:.:.:."}),
    ("two alleles", "A,G", "GT:AD", "1/2:1,2,3", {A: "1/0*:1,2:.:.:.", G: "0*/1:1,3:.:.:."}),
    ("star beside", "A,*", "GT:AD", "1/2:1,2,3", {A: "1/0*:1,2:.:.:."}),
    ("star before", "*,A", "GT:AD", "1/2:1,2,3", {A: "0*/1:1,3:.:.:."}),
    ("star alone", "*", "GT", "0/1", {}),
    ("star, not carried", "A,*", "GT", "0/1", {A: "0/1:.,.:.:.:."}),
    ("AD missing", "A", "GT:AD", "0/1:.", {A: "0/1:.,.:.:.:."}),
    ("AD short", "A", "GT:AD", "0/1:5", {A: "0/1:5,.:.:.:."}),
    ("AD short of two", "A,G", "GT:AD", "1/2:5,6", {A: "1/0*:.,.:.:.:.", G: "0*/1:.,.:.:.:."}),
    ("AD with a hole", "A", "GT:AD", "0/1:.,6", {A: "0/1:.,6:.:.:."}),
    ("AD with holes", "A,G", "GT:AD", "1/2:.,6,.", {A: "1/0*:.,6:.:.:.", G: "0*/1:.,.:.:.:."}),
    ("DP only", "A", "GT:DP", "0/1:29", {A: "0/1:.,.:29:.:."}),
    ("GQ as a fraction", "A", "GT:GQ", "0/1:29.5", {A: "0/1:.,.:.:30:."}),
    ("GT last", "A", "AD:GT", "3,4:0/1", {A: "0/1:3,4:.:.:."}),
    ("GT last of two", "A,G", "AD:GT", "3,4,5:1/2", {A: "1/0*:3,4:.:.:.", G: "0*/1:3,5:.:.:."}),
    ("GT last and left out", "A", "AD:GT", "3,4", {}),
    ("fields left out", "A", "GT:AD:DP:GQ", "0/1", {A: "0/1:.,.:.:.:."}),
    ("fields left out of two", "A,G", "GT:DP", "1/2", {A: "1/0*:.,.:.:.:.", G: "0*/1:.,.:.:.:."}),
    ("no GT", "A", "AD", "3,4", {}),
    ("REF as ALT", "C", "GT", "0/1", {}),
    ("lower case", "a", "GT", "0/1", {A: "0/1:.,.:.:.:."}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("alt", "form", "call", "said"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES]
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_shape_from_vcf_to_row(
    world: World, tmp_path: Path, alt: str, form: str, call: str, said: dict[str, str], ends: str
) -> None:
    vcf = world.vcf(tmp_path, [f"chr1 335 . C {alt} . PASS . {form} {call}"])
    vcf.write_bytes(vcf.read_bytes().replace(b"\n", ends.encode()))
    rows, summary = world.annotate(tmp_path, vcf)
    found = {variant: row["genotypes"] for (variant, gene), row in rows.items() if gene == PLUS}
    if call == "2:3,4,5":  # a haploid call of the second allele stays haploid
        assert found == {G: "P=1:3,5:.:.:."}
        return
    assert found == {variant: f"P={stored}" for variant, stored in said.items()}
    counted = summary["records"]
    assert counted["records"] == 1
    assert counted["alleles"] == sum(summary["alleles"].values())


@pytest.mark.parametrize("declared", ["Number=.", "Number=2", "Number=R", ""])
def test_depths_follow_their_allele_whatever_the_header_says(
    world: World, tmp_path: Path, declared: str
) -> None:
    header = [line for line in HEADER if "ID=AD" not in line]
    if declared:
        header.append(f'##FORMAT=<ID=AD,{declared},Type=Integer,Description="d">')
    records = ["chr1 335 . C A,G . PASS . GT:AD 1/2:5,6,7"]
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, records, header=header))
    assert rows[G, PLUS]["genotypes"] == "P=0*/1:5,7:.:.:."


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("C A . PASS . GT 0/2", "GT '0/2' names allele 2, but the record has 1 ALT allele"),
        ("C A,G . PASS . GT 1/3", "GT '1/3' names allele 3, but the record has 2 ALT alleles"),
        ("C A . PASS . GT 0//1", "GT '0//1' is not a genotype"),
        ("C A . PASS . GT x", "GT 'x' is not a genotype"),
        ("C A . PASS . GT:AD 0/1:1,2:9", "'0/1:1,2:9' has more fields than FORMAT names"),
        ("C A . PASS . GT:GT 0/1:1/1", "FORMAT names GT twice"),
        ("C A . PASS . GT: 0/1:1", "FORMAT 'GT:' holds an empty name"),
        ("C A . PASS . GT 0/1 0/1", "11 columns where the header has 10"),
        ("C A . PASS AC=1", "8 columns where the header has 10"),
        ("C Z . PASS . GT 0/1", "ALT 'Z' is no sequence of A, C, G, T or N"),
        ("C A, . PASS . GT 0/1", "ALT '' is no sequence of A, C, G, T or N"),
        ("C A,A . PASS . GT 1/2", "ALT names one allele twice"),
    ],
)
def test_a_call_that_cannot_be_is_an_error_with_its_line(
    world: World, tmp_path: Path, record: str, said: str
) -> None:
    vcf = world.vcf(tmp_path, [f"chr1 335 . {record}"])
    with pytest.raises(ArianeError) as told:
        world.annotate(tmp_path, vcf)
    assert str(told.value) == f"{vcf}:11: {said}. Export the file again."
    assert not list((tmp_path / "out").iterdir())


MARKS = st.one_of(st.just("."), st.integers(0, 3).map(str))
GTS = st.tuples(st.lists(MARKS, min_size=1, max_size=4), st.sampled_from("/|")).map(
    lambda drawn: drawn[1].join(drawn[0])
)


@given(GTS, st.integers(1, 3), st.sampled_from(["", "|", "/"]))
def test_a_genotype_is_right_exactly_when_its_alleles_exist(gt: str, alts: int, lead: str) -> None:
    highest = max((int(mark) for mark in gt.replace("|", "/").split("/") if mark != "."), default=0)
    assert bool(gt_fault(lead + gt, alts)) == (highest > alts)


@given(st.text("01./| ", max_size=6))
def test_no_text_of_a_genotype_raises(text: str) -> None:
    gt_fault(text, 1)
    call = genotype({"GT": text, "AD": text, "DP": text, "PS": text, "PID": text, "PGT": text})
    assert isinstance(call.zygosity, Zygosity)
    assert Genotype.decode(call.encode()).alleles == call.alleles


@given(GTS, st.integers(1, 3))
def test_no_carried_allele_is_lost_and_none_is_made(gt: str, allele: int) -> None:
    marks = gt.replace("|", "/").split("/")
    call = genotype({"GT": "0/1", "GT_UNSPLIT": gt}, allele) if gt != "." else genotype({"GT": gt})
    assert sum(1 for a in call.alleles if a == 1) == (marks.count(str(allele)) if gt != "." else 0)
    assert len(call.alleles) == len(marks)
    assert sum(1 for a in call.alleles if a is None) == marks.count(".")


FIELDS = st.lists(st.sampled_from(["AD", "DP", "GQ", "PS", "X"]), unique=True, max_size=4)


@given(FIELDS, st.integers(0, 4), GTS, st.integers(0, 5))
@example(fields=["AD"], place=1, gt="0/1", left=0)
def test_gt_comes_first_and_every_other_field_keeps_its_value(
    fields: list[str], place: int, gt: str, left: int
) -> None:
    keys = [*fields[:place], "GT", *fields[place:]]
    values = {key: gt if key == "GT" else f"v{key}" for key in keys}
    call = [values[key] for key in keys][: max(1, len(keys) - left)]
    form, (tidy,) = Columns().tidy(":".join(keys).encode(), [":".join(call).encode()], 3)
    read = dict(zip(form.decode().split(":"), tidy.decode().split(":"), strict=False))
    assert form.startswith(b"GT")
    given_values = dict(zip(keys, call, strict=False))
    assert {k: v for k, v in read.items() if v != "."} == {
        k: v for k, v in given_values.items() if v != "."
    }


@given(st.permutations(["0", "1"]), st.permutations(["0", "1"]), st.booleans())
def test_physical_phase_never_changes_the_alleles(
    gt: list[str], ordered: list[str], phased: bool
) -> None:
    text = ("|" if phased else "/").join(gt)
    found, block = phased_gt({"GT": text, "PGT": "|".join(ordered), "PID": "5_A_C"})
    assert sorted(found.split("|")) == ["0", "1"]
    assert block == "5_A_C"
    assert not phased or found == text


ROWS = st.lists(
    st.tuples(st.integers(331, 350), st.sampled_from(["A", "A,G", "*,A", "A,*"]), GTS),
    min_size=1,
    max_size=5,
    unique_by=lambda drawn: drawn[0],
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS)
def test_as_many_records_out_as_in(
    world: World, tmp_path: Path, drawn: list[tuple[int, str, str]]
) -> None:
    """Every carried allele of every record has its row, with its count of copies."""
    records, wanted = [], {}
    for pos, alts, gt in drawn:
        others = iter(base for base in "ACGT" if base != world.ref(pos))
        named = ["*" if one == "*" else next(others) for one in alts.split(",")]
        marks = [m if not m.isdigit() or int(m) <= len(named) else "0" for m in gt.split("/")]
        gt = "/".join(marks) if "|" not in gt else "0|1"
        records.append(f"chr1 {pos} . {world.ref(pos)} {','.join(named)} . PASS . GT {gt}")
        for number, allele in enumerate(named, start=1):
            copies = gt.replace("|", "/").split("/").count(str(number))
            if allele != "*" and copies:
                wanted[f"chr1-{pos}-{world.ref(pos)}-{allele}"] = copies
    rows, summary = world.annotate(tmp_path, world.vcf(tmp_path, records))
    found = {
        variant: decode_family(row["genotypes"])["P"].alleles.count(1)
        for (variant, gene), row in rows.items()
        if gene == PLUS
    }
    assert found == wanted
    assert summary["records"]["records"] == len(drawn)


def test_depths_declared_as_fractions_are_read(world: World, tmp_path: Path) -> None:
    header = [
        line.replace("Type=Integer", "Type=Float") if "ID=AD," in line or "ID=DP," in line else line
        for line in HEADER
    ]
    lines = ["chr1 335 . C A . PASS . GT:AD:DP:GQ 0/1:9.0,8.0:17.0:40"]
    lines += ["chr1 336 . T A . PASS . GT:AD:DP:GQ 0/1:9.4,8.6:18.2:40"]
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, lines, header=header))
    first = Genotype.decode(rows["chr1-335-C-A", PLUS]["genotypes"].split("=", 1)[1])
    assert (first.ref_depth, first.alt_depth, first.depth) == (9, 8, 17)
    assert rows["chr1-336-T-A", PLUS]["genotypes"].startswith("P=0/1")
