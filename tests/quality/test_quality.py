"""The laboratory's quality file: on a real trio, on people drawn at random, on broken files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pysam.bcftools
import pytest

from ariane.files import REPOSITORY
from ariane.knowledge.contigs import Contigs
from ariane.model.case import Member, Sex
from ariane.model.errors import ArianeError
from ariane.quality.calls import MISSING, Calls, read_calls
from ariane.quality.limits import shipped_limits
from ariane.quality.measures import Family, Measure, pedigree_kinship
from ariane.quality.report import cohort_rows, write_case, write_cohort

DATA = REPOSITORY.parent / "shared" / "data" / "vcf"
TRIO = DATA / "trio_ashkenazi.GRCh37.vcf.gz"
GRCH37 = Contigs({"1": 249250621, "2": 243199373, "X": 155270560, "Y": 59373566})
GRCH38 = Contigs({"chr1": 248956422, "chrX": 156040895, "chrY": 57227415})


def trio(child: str, father: str, mother: str, sex: Sex = Sex.MALE) -> list[Member]:
    return [
        Member("c", child, "f", "m", sex, True),
        Member("f", father, sex=Sex.MALE),
        Member("m", mother, sex=Sex.FEMALE),
    ]


def judged(calls: Calls, members: Sequence[Member], joint: bool = True) -> dict[str, Measure]:
    family = Family(calls, members, shipped_limits(), joint)
    return {f"{m.measure} {m.members}": m for m in family.measures()}


def needed(path: Path) -> Path:
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    return path


@pytest.mark.shared_data
def test_a_real_trio_fits_its_pedigree_and_no_other() -> None:
    calls = read_calls(needed(TRIO), ["HG002", "HG003", "HG004"], GRCH37)
    right = judged(calls, trio("HG002", "HG003", "HG004"))
    assert right["Mendelian errors c+f+m"].value == pytest.approx(0.0004, abs=0.0005)
    assert right["kinship c+f"].value == pytest.approx(0.25, abs=0.02)
    assert right["kinship f+m"].value == pytest.approx(0, abs=0.03)
    assert {m.level for m in right.values()} == {"", "not judged"}
    swapped = judged(calls, trio("HG003", "HG002", "HG004"))
    assert swapped["Mendelian errors c+f+m"].level == "error"
    assert swapped["kinship c+m"].level == "error"
    assert swapped["kinship f+m"].level == "warning"
    apart = judged(calls, trio("HG003", "HG002", "HG004"), joint=False)
    assert {apart[key].level for key in ("Mendelian errors c+f+m", "kinship c+m")} == {"not judged"}


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("declared", "level"), [(Sex.MALE, ""), (Sex.FEMALE, "error"), (Sex.UNKNOWN, "")]
)
def test_sex_of_a_real_exome(tmp_path: Path, declared: Sex, level: str) -> None:
    vcf, bcf = needed(DATA / "exome_hu82436A.GRCh38.vcf.gz"), tmp_path / "a.bcf"
    pysam.bcftools.view("-Ob", "-o", str(bcf), str(vcf), catch_stdout=False)
    calls = read_calls(bcf, ["LH7161"], GRCH38)
    assert calls.records == 118_946
    sex = judged(calls, [Member("p", "LH7161", sex=declared)])["heterozygous on X p"]
    assert sex.level == level
    assert sex.said.startswith("male by X, Y present")


def drawn(copies: dict[str, np.ndarray], region: int = 0, **more: np.ndarray) -> Calls:
    """Calls of people whose copies are given, by sample."""
    table = np.column_stack(list(copies.values()))
    sites, people = table.shape
    alt = np.where(table == 1, 0.5, np.where(table == 2, 1.0, 0.0)) * 40
    return Calls(
        samples=tuple(copies),
        records=sites,
        region=np.full(sites, region),
        snv=np.ones(sites, dtype=bool),
        transition=np.arange(sites) % 3 != 0,
        copies=table,
        carried=table > 0,
        called=table != MISSING,
        ref_depth=more.get("ref_depth", 40 - alt),
        alt_depth=more.get("alt_depth", alt),
        depth=np.full((sites, people), 40.0),
        quality=np.full((sites, people), 99.0),
    )


def people(seed: int, sites: int = 6000) -> dict[str, np.ndarray]:
    """Two founders, their two children, and a stranger."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.1, 0.9, sites)
    founders = [(rng.random((2, sites)) < share).astype(int) for _ in range(3)]

    def gamete(person: np.ndarray) -> np.ndarray:
        return person[rng.integers(0, 2, sites), np.arange(sites)]

    children = [gamete(founders[0]) + gamete(founders[1]) for _ in range(2)]
    father, mother, stranger = (pair.sum(axis=0) for pair in founders)
    return {"F": father, "M": mother, "C": children[0], "S": children[1], "X": stranger}


@pytest.mark.parametrize("seed", range(3))
def test_drawn_relatives_are_told_apart(seed: int) -> None:
    who = people(seed)
    family = [
        *trio("C", "F", "M"),
        Member("s", "S", "f", "m", Sex.FEMALE),
        Member("x", "X", "f", "m", Sex.FEMALE),
    ]
    found = judged(drawn(who), family)
    for pair in ("c+f", "f+c", "c+m", "m+c", "s+c", "c+s"):
        if f"kinship {pair}" in found:
            assert found[f"kinship {pair}"].level == ""
            assert found[f"kinship {pair}"].value == pytest.approx(0.25, abs=0.04)
    strangers = [m for key, m in found.items() if key.startswith("kinship") and "x" in m.members]
    assert len(strangers) == 4
    assert {m.level for m in strangers} == {"error"}
    assert found["Mendelian errors c+f+m"].value == 0
    assert found["Mendelian errors x+f+m"].level == "error"


def test_one_sample_under_two_names_is_an_error() -> None:
    who = people(5)
    found = judged(drawn({"F": who["F"], "M": who["F"]}), trio("", "F", "M"))
    assert found["kinship f+m"].level == "error"
    assert found["kinship f+m"].said.startswith("the same person or a twin")


def test_another_persons_reads_show_where_both_copies_are_alt() -> None:
    who = people(7)
    copies = who["C"].reshape(-1, 1)
    clean = judged(drawn({"C": who["C"]}), [Member("c", "C")])
    assert clean["reference reads where homozygous c"].level == ""
    alt = np.where(copies == 2, 36.0, copies * 20.0)
    mixed = drawn({"C": who["C"]}, ref_depth=40 - alt, alt_depth=alt)
    told = judged(mixed, [Member("c", "C")])["reference reads where homozygous c"]
    assert (told.level, told.value) == ("error", pytest.approx(0.1))


def test_sex_chromosomes() -> None:
    rng = np.random.default_rng(1)
    het = rng.permutation([1] * 60 + [2] * 60)
    male = np.full(120, 2)
    for copies, declared, level in (
        (het, Sex.FEMALE, ""),
        (het, Sex.MALE, "error"),
        (male, Sex.MALE, ""),
        (male, Sex.FEMALE, "error"),
        (np.array([1] * 30 + [2] * 90), Sex.MALE, "warning"),
        (male[:10], Sex.FEMALE, "not judged"),
    ):
        calls = drawn({"P": copies}, region=1)
        found = judged(calls, [Member("p", "P", sex=declared)])["heterozygous on X p"]
        assert found.level == level


def test_kinship_of_a_pedigree() -> None:
    people = [
        Member("gf"),
        Member("gm"),
        Member("a", "", "gf", "gm"),
        Member("b", "", "gf", "gm"),
        Member("o"),
        Member("p", "", "a", "o"),
        Member("q", "", "b", ""),
        Member("r", "", "p", "q"),
    ]
    members = {m.id: m for m in people}
    for one, two, phi in (
        ("a", "gf", 1 / 4),
        ("a", "b", 1 / 4),
        ("p", "gf", 1 / 8),
        ("p", "b", 1 / 8),
        ("p", "q", 1 / 16),
        ("a", "o", 0),
        ("r", "r", 0.5 + 1 / 32),
        ("a", "nobody", 0),
    ):
        assert pedigree_kinship(members, one, two) == pedigree_kinship(members, two, one) == phi


def test_calls_are_read_from_text(tmp_path: Path) -> None:
    head = (
        "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n"
        "##contig=<ID=chrX,length=156040895>\n##FILTER=<ID=q,Description='q'>\n"
        '##INFO=<ID=OLD_RECORD,Number=1,Type=String,Description="o">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">\n'
        '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="q">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tB\tA\n"
    )
    rows = [
        "chr1 10 . A G . PASS . GT:AD:GQ 0/1:3,4:50.5 0|0:9,0:.",
        "chr1 11 . A AT . . . GT 1 ./1",
        "chr1 12 . A G . q . GT 0/1 0/1",
        "chr1 13 . A G . PASS OLD_RECORD=chr1|13|A|G,T|1 GT 0/1 0/1",
        "chr1 14 . A G . PASS OLD_RECORD=chr1|13|AA|AG GT 1/1 ./.",
        "chr1 15 . A <DEL> . PASS . GT 1/1 ./.",
        "chrX 20000 . C T . PASS . GT 1/1 0/1",
        "chrX 5000000 . C T . PASS . GT 1/1 0/1",
    ]
    vcf = tmp_path / "a.vcf"
    vcf.write_text(head + "".join("\t".join(row.split(" ")) + "\n" for row in rows))
    calls = read_calls(vcf, ["A", "B"], GRCH38)
    assert calls.samples == ("B", "A")
    assert calls.records == 8
    assert calls.copies.tolist() == [[1, 0], [MISSING, MISSING], [2, MISSING], [2, 1], [2, 1]]
    assert calls.region.tolist() == [0, 0, 0, 0, 1]
    assert calls.snv.tolist() == [True, False, True, True, True]
    assert calls.carried[:, 0].tolist() == [True] * 5
    assert (calls.ref_depth[0, 0], calls.depth[0, 0], calls.quality[0, 0]) == (3, 7, 50.5)
    assert np.isnan(calls.quality[0, 1])


def test_broken_files_are_told(tmp_path: Path) -> None:
    bad = tmp_path / "a.bcf"
    bad.write_bytes(gzip.compress(b"no"))
    with pytest.raises(ArianeError, match="cannot be read, or lacks a sample of A"):
        read_calls(bad, ["A"], GRCH38)
    with pytest.raises(ArianeError, match="damaged"):
        cohort_rows([bad])


def test_the_list_has_errors_first(tmp_path: Path) -> None:
    paths = []
    for case, level in (("A", ""), ("B", "error"), ("C", "warning")):
        measure = {"measure": "m", "members": "p", "value": 0.5, "sites": 3, "level": level}
        paths.append(tmp_path / f"{case}.json")
        write_case(paths[-1], {"case": case, "measures": [{**measure, "said": ""}]})
    assert json.loads(paths[0].read_text())["case"] == "A"
    write_cohort(tmp_path / "q.tsv", cohort_rows(paths))
    lines = (tmp_path / "q.tsv").read_text().splitlines()
    assert [line.split("\t")[:2] for line in lines] == [
        ["case", "level"],
        ["B", "error"],
        ["C", "warning"],
        ["A", ""],
    ]
