"""One VCF for each member of a family: joined without making a call that nobody made."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pysam
import pytest
from annotate_world import HEADER, PLUS, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.files import read_table, sha256_of_all
from ariane.model.errors import ArianeError
from ariane.model.genotype import Zygosity, decode_family
from ariane.model.tables import CANDIDATES

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = {"child": "C", "father": "F", "mother": "M"}


def annotate(
    world: World, folder: Path, *vcfs: Path, samples: dict[str, str] | None = None
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    out = folder / "out"
    summary = annotate_case(
        Inputs(
            "F1",
            vcfs[0],
            samples or SAMPLES,
            world.reference,
            world.transcripts,
            gene_padding=100,
            more_vcfs=tuple(vcfs[1:]),
        ),
        Outputs(out / "v.bcf", out / "candidates.parquet", out / "annotation.json"),
    )
    rows = read_table(out / "candidates.parquet", CANDIDATES)
    return {row["variant"]: row for row in rows if row["gene"] == PLUS}, summary


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_vep_is_asked_for_the_alleles_of_all_members(
    world: World, tmp_path: Path, order: tuple[int, int]
) -> None:
    """Through the program, as the rule calls it: every allele of either file once, no sample."""
    other = world.other(420)
    one = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1"], ["C"], "c.vcf")
    two = world.vcf(
        tmp_path,
        [
            "1 335 . C A,G . PASS . GT 1/2",
            f"1 420 . {world.ref(420)} {other} . PASS . GT 0/1",
            "1 430 . T <DEL> . PASS END=500 GT 0/1",
        ],
        ["M"],
        "m.vcf",
        [line.replace("ID=chr1", "ID=1") for line in HEADER],
    )
    vcfs = [str((one, two)[n]) for n in order]
    out = tmp_path / "sites.vcf.gz"
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "vep_sites.py"), "--vcf", *vcfs,
         "--sample", "child=C", "--sample", "mother=M", "--reference", str(world.reference),
         "--out", str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with pysam.VariantFile(str(out)) as sites:
        assert list(sites.header.samples) == []
        found = sorted((site.pos, site.ref, site.alts) for site in sites)
    assert found == sorted([
        (335, "C", ("A",)), (335, "C", ("G",)), (420, world.ref(420), (other,)),
    ])  # fmt: skip


def test_absent_is_missing_and_said_is_kept(world: World, tmp_path: Path) -> None:
    head, tail = HEADER[:6], HEADER[6:]
    old = [*head, '##FORMAT=<ID=DP,Number=1,Type=Float,Description="d">', *tail[1:]]
    likely = '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="l">'
    child = world.vcf(
        tmp_path,
        [
            "chr1 335 . C A . PASS AC=1 GT:AD:DP:GQ:PL 0/1:9,8:17:99:9,0,9",
            "chr1 341 . C A,G . PASS AC=1,1 GT:AD 1/2:1,2,3",
            f"chr1 420 . {world.ref(420)} {world.other(420)} . PASS . GT 0/1",
        ],
        ["C"],
        "child.vcf",
        [*HEADER, likely],
    )
    father = world.vcf(
        tmp_path,
        [
            "1 335 . C A . PASS . GT:AD:DP:GQ 0/0:20,0:20:60",
            "1 341 . C G . . NEW=3;FLAG GT:AD:DP 0/1:4,5:7",
        ],
        ["F"],
        "father.vcf.gz",
        old,
    )
    mother_text = world.vcf(
        tmp_path,
        ["chr1 341 . C A . LowQual . GT:AD 0/1:6"],
        ["M"],
        "m.vcf",
        [*HEADER, "##contig=<ID=chr1>"],
    )
    mother = tmp_path / "mother.bcf"
    with (
        pysam.VariantFile(str(mother_text)) as source,
        pysam.VariantFile(str(mother), "wb", header=source.header) as out,
    ):
        for record in source:
            out.write(record)
    rows, summary = annotate(world, tmp_path, child, father, mother)
    last = f"chr1-420-{world.ref(420)}-{world.other(420)}"
    assert {variant: row["genotypes"] for variant, row in rows.items()} == {
        "chr1-335-C-A": "child=0/1:9,8:17:99:.;father=0/0:20,0:20:60:.;mother=./.:.,.:.:.:.",
        "chr1-341-C-A": "child=1/0*:1,2:.:.:.;father=./.:.,.:.:.:.;mother=0/1:.,.:.:.:.",
        "chr1-341-C-G": "child=0*/1:1,3:.:.:.;father=0/1:4,5:7:.:.;mother=0*/0:.,.:.:.:.",
        last: "child=0/1:.,.:.:.:.;father=./.:.,.:.:.:.;mother=./.:.,.:.:.:.",
    }
    assert summary["vcfs"] == 3
    assert summary["vcf_sha256"] == sha256_of_all([child, father, mother])
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_a_file_that_no_wanted_sample_is_in_changes_nothing(world: World, tmp_path: Path) -> None:
    one = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1"], ["C"], "c.vcf")
    two = world.vcf(tmp_path, ["chr1 341 . C A . PASS . GT 0/1"], ["X"], "x.vcf")
    rows, _ = annotate(world, tmp_path, one, two, samples={"child": "C"})
    assert list(rows) == ["chr1-335-C-A"]


@pytest.mark.parametrize(
    ("records", "sample", "said"),
    [
        ([], "C", "sample C stands in {other} too. Rename one"),
        ([], "X", "no sample F. Correct the sample names"),
        (["chr1 335 . C A . PASS . GT 0/2"], "F", "{other}:11: GT '0/2' names allele 2"),
        (["chr1 335 . C A . PASS ."], "F", "{other}:11: 8 columns where the header has 10"),
        (["chr1 335 . G A . PASS . GT 0/1"], "F", "1 of 2 records disagree with the reference"),
    ],
)
def test_faults_name_the_file(
    world: World, tmp_path: Path, records: list[str], sample: str, said: str
) -> None:
    one = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1"], ["C"], "c.vcf")
    two = world.vcf(tmp_path, records, [sample], "other.vcf")
    with pytest.raises(ArianeError) as told:
        annotate(world, tmp_path, one, two, samples={"child": "C", "father": "F"})
    assert said.format(other=two) in str(told.value)
    assert not list((tmp_path / "out").iterdir())


CALLS = st.dictionaries(
    st.integers(331, 352),
    st.tuples(*[st.sampled_from(["0/1", "1/1", "0|1", "1", "./.", ""])] * 3),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CALLS)
def test_each_member_keeps_exactly_the_calls_of_their_own_file(
    world: World, tmp_path: Path, calls: dict[int, tuple[str, str, str]]
) -> None:
    vcfs = []
    for number, sample in enumerate(SAMPLES.values()):
        records = [
            f"chr1 {pos} . {world.ref(pos)} {world.other(pos)} . . . GT {gts[number]}"
            for pos, gts in sorted(calls.items())
            if gts[number]
        ]
        vcfs.append(world.vcf(tmp_path, records, [sample], f"{sample}.vcf"))
    rows, _ = annotate(world, tmp_path, *vcfs)
    expected = {
        f"chr1-{pos}-{world.ref(pos)}-{world.other(pos)}": [copies(gt) for gt in gts]
        for pos, gts in calls.items()
        if any("1" in gt for gt in gts)
    }
    family = {v: decode_family(row["genotypes"]) for v, row in rows.items()}
    found = {
        v: [None if f[m].zygosity is Zygosity.MISSING else f[m].alleles for m in SAMPLES]
        for v, f in family.items()
    }
    assert found == expected


def copies(gt: str) -> tuple[int, ...] | None:
    """Alleles of a call; None where the file has no call."""
    return None if gt in ("", "./.") else tuple(map(int, gt.replace("|", "/").split("/")))


def test_scratch_may_lie_on_another_disk(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path("/dev/shm")  # noqa: S108 - the disk that nearly every Linux has beside /tmp
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one disk only")
    child = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1"], ["C"], "c.vcf")
    made = {}
    for place in (tmp_path, other):
        scratch = Path(tempfile.mkdtemp(dir=place))
        monkeypatch.setattr(tempfile, "tempdir", str(scratch))
        annotate(world, tmp_path, child, samples={"child": "C"})
        made[place] = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        scratch.rmdir()  # refuses when something was left
    assert made[tmp_path] == made[other]
    assert set(made[other]) == {"v.bcf", "v.bcf.csi", "candidates.parquet", "annotation.json"}
