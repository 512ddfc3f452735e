from pathlib import Path

import pysam
import pysam.bcftools
import pytest
from annotate_world import HEADER, PLUS, REPEAT, REPEAT_START, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ariane.annotate import sieve
from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.normalise import normalise
from ariane.knowledge.vcf_files import compression_of, header_of, incomplete
from ariane.model.errors import ArianeError
from ariane.model.genotype import decode_family

SHIFTED = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def keys_of(bcf: Path) -> list[str]:
    with pysam.VariantFile(str(bcf)) as vcf:
        return [f"{r.chrom}-{r.pos}-{r.ref}-{r.alts[0]}" for r in vcf]


def three(ref: str) -> tuple[str, str, str]:
    """A base and two others."""
    return (ref, *[base for base in "ACGT" if base != ref][:2])


def other(ref: str) -> str:
    return three(ref)[1]


def test_multiallelic_is_split_and_each_allele_remembers_the_other(
    world: World, tmp_path: Path
) -> None:
    records = ["chr1 335 . C A,G . PASS AC=1,1 GT:AD:DP:GQ 1/2:2,10,12:24:70.5"]
    rows, summary = world.annotate(tmp_path, world.vcf(tmp_path, records))
    assert rows["chr1-335-C-A", PLUS]["genotypes"] == "P=1/0*:2,10:24:71:."
    assert rows["chr1-335-C-G", PLUS]["genotypes"] == "P=0*/1:2,12:24:71:."
    assert summary["records"]["multiallelic"] == 1
    assert summary["records"]["alleles"] == 2


def test_genotypes_as_found_in_the_wild(world: World, tmp_path: Path) -> None:
    samples = [f"S{n}" for n in range(1, 8)]
    calls = ["1", ".", "./1", "1|1:3,4:7:20.4:9", "0/1:.:.:99", "./.", "0/0:5,0:5:15.42"]
    records = [f"chr1 335 . C A . . . GT:AD:DP:GQ:PS {' '.join(calls)}"]
    vcf = world.vcf(tmp_path, records, samples)
    rows, _ = world.annotate(tmp_path, vcf, {s.lower(): s for s in samples})
    found = decode_family(rows["chr1-335-C-A", PLUS]["genotypes"])
    assert [found[s.lower()].alleles for s in samples] == [
        (1,),
        (None,),
        (None, 1),
        (1, 1),
        (0, 1),
        (None, None),
        (0, 0),
    ]
    assert [found[s.lower()].zygosity.value for s in samples] == (
        ["hemi", "missing", "het", "hom", "het", "missing", "ref"]
    )
    assert found["s4"].phase_set == "9"
    assert (found["s4"].quality, found["s7"].quality, found["s5"].quality) == (20, 15, 99)
    assert (found["s5"].ref_depth, found["s5"].depth) == (None, None)


def test_star_symbolic_and_breakend_are_accounted_for(world: World, tmp_path: Path) -> None:
    records = [
        "chr1 320 . N <DEL> . PASS END=420 GT 0/1",
        f"chr1 335 . C A,* . PASS . GT 1/2",  # noqa: F541
        f"chr1 410 . {world.ref(410)} {world.ref(410)}[chr1:700[ . PASS . GT 0/1",
        f"chr1 411 . {world.ref(411)} . . PASS . GT 0/0",
        "chr1 412 . N <CPX> . PASS END=450 GT 0/1",
        "chr1 413 . N <LOH> . PASS END=450 GT 0/1",
    ]
    rows, summary = world.annotate(tmp_path, world.vcf(tmp_path, records))
    assert {key for key, gene in rows if gene == PLUS} == {
        next(key for key, _ in rows if "<DEL:" in key),
        "chr1-335-C-A",
        "chr1-410-C-C[chr1:700[",
        "chr1-412-T-<CPX:450>",
    }
    assert rows["chr1-335-C-A", PLUS]["genotypes"].startswith("P=1/0*")
    assert summary["records"]["without_alt"] == 1
    assert summary["alleles"] == {
        "star": 1,
        "symbolic": 1,
        "mates": 0,
        "outside_genes": 0,
        "duplicate": 0,
        "not_carried": 0,
        "candidates": 4,
    }
    kept = keys_of(tmp_path / "out" / "v.bcf")
    assert kept[0].endswith("-<DEL>")
    assert len(kept) == 6
    with pysam.VariantFile(str(tmp_path / "out" / "v.bcf")) as vcf:
        records_ = list(vcf)
    # The deletion is left-aligned like any other: its length stays, its REF is the reference's.
    first = records_[0]
    assert first.stop - first.pos == 100
    assert first.ref == world.ref(first.pos)
    # The records stay as they were normalised; what csq says of them stands in the table.
    assert "BCSQ" not in first.header.info
    assert rows["chr1-335-C-A", PLUS]["protein_change"] == "2A>2D"


@pytest.mark.parametrize("name", ["a.vcf", "a.vcf.gz", "a.vcf.bgz", "a.bcf"])
@pytest.mark.parametrize("contigs", [True, False], ids=["declared", "undeclared"])
def test_packings_and_contig_names(world: World, tmp_path: Path, name: str, contigs: bool) -> None:
    records = [
        f"MT 5 . {world.ref(5)} {world.other(5)} . . . GT 1",
        "1 335 . C A . PASS . GT 0/1",
        "GL000.1 10 . A C . . . GT 0/1",
    ]
    declared = [f"##contig=<ID={c}>" for c in ("MT", "1", "GL000.1")]
    header = [*HEADER, *declared] if contigs or name == "a.bcf" else HEADER
    text = world.vcf(tmp_path, records, name="t.vcf" if name == "a.bcf" else name, header=header)
    vcf = tmp_path / name
    if name == "a.bcf":
        pysam.bcftools.view("-Ob", "-o", str(vcf), str(text), catch_stdout=False)
    assert (
        compression_of(vcf)
        == {"vcf": "plain", "gz": "gzip", "bgz": "bgzf", "bcf": "bcf"}[name.rsplit(".", 1)[1]]
    )
    assert incomplete(vcf) == ""
    assert header_of(vcf).samples == ("S1",)
    assert header_of(vcf).has_records
    rows, summary = world.annotate(tmp_path, vcf)
    assert ("chr1-335-C-A", PLUS) in rows
    assert summary["records"]["absent_contigs"] == {"GL000.1": 1}
    assert summary["alleles"]["outside_genes"] == 1
    assert keys_of(tmp_path / "out" / "v.bcf")[-1].startswith("chrM-5-")


@pytest.mark.parametrize("name", ["t.vcf", "t.vcf.gz"])
def test_cut_text_and_gzip_are_refused(world: World, tmp_path: Path, name: str) -> None:
    vcf = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1"] * 50, name=name)
    whole = vcf.read_bytes()
    assert incomplete(vcf) == ""
    for length in range(0, len(whole), 7):
        vcf.write_bytes(whole[:length])
        complete_line = name == "t.vcf" and whole[:length].endswith(b"\n")
        assert bool(incomplete(vcf)) is not complete_line


def test_truncated_bgzf_never_passes(world: World, tmp_path: Path) -> None:
    records = [
        f"chr1 {pos} . {world.ref(pos)} {world.other(pos)} . . . GT:AD {n % 2}/1:{n},{pos * n}"
        for pos in range(1, 800)
        for n in range(30)
    ]
    vcf = world.vcf(tmp_path, records, name="big.vcf.bgz")
    whole = vcf.read_bytes()
    ends, offset = [], 0
    while offset < len(whole):
        offset += int.from_bytes(whole[offset + 16 : offset + 18], "little") + 1
        ends.append(offset)
    assert len(ends) > 10
    assert ends[-1] == len(whole)
    for end in ends[:-1]:
        vcf.write_bytes(whole[:end])
        assert incomplete(vcf)
        with pytest.raises(ArianeError, match=r"big\.vcf\.bgz: it lacks the BGZF end marker"):
            world.annotate(tmp_path, vcf)
        for cut in (end - 1, end + 1, end + 17):
            vcf.write_bytes(whole[:cut])
            assert incomplete(vcf)
    assert not list((tmp_path / "out").iterdir())
    # A hole in the middle that ends on a marker: the last line is whole, the blocks still chain.
    vcf.write_bytes(whole[: ends[2]] + whole[-28:])
    assert incomplete(vcf) == "its last line does not end: the file was cut"


def test_ref_mismatches_are_told_together_and_nothing_is_written(
    world: World, tmp_path: Path
) -> None:
    records = [
        f"chr1 {pos} . {world.other(pos)} {world.ref(pos)} . . . GT 0/1" for pos in range(301, 309)
    ]
    vcf = world.vcf(tmp_path, [*records, "chr1 335 . C A . . . GT 0/1"])
    with pytest.raises(ArianeError) as told:
        world.annotate(tmp_path, vcf)
    message = str(told.value)
    assert "8 of 9 records disagree with the reference: chr1:301 (VCF" in message
    assert "and 3 more" in message
    assert not list((tmp_path / "out").iterdir())


def test_a_tag_that_only_late_records_use_is_declared(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = [
        f"chr1 {n} . {world.ref(n)} {other(world.ref(n))} . . . GT 0/1" for n in range(300, 380)
    ]
    late = ["chr1 390 . {} {},{} . late . GT:GQ:DP 1/2:31:9".format(*three(world.ref(390)))]
    vcf = world.vcf(tmp_path, [*early, *late])
    whole, _ = world.annotate(tmp_path, vcf)
    monkeypatch.setattr(sieve, "BLOCK", 256)
    in_blocks, _ = world.annotate(tmp_path, vcf)
    assert in_blocks == whole
    assert len(in_blocks) == 82
    first = f"chr1-390-{'-'.join(three(world.ref(390))[:2])}"
    assert in_blocks[first, PLUS]["genotypes"] == "P=1/0*:.,.:9:31:."
    assert in_blocks[first, PLUS]["filters"] == "late"


def test_masked_reference_and_regions_are_counted(world: World, tmp_path: Path) -> None:
    records = [
        "chr1 335 . C A . PASS . GT 0/1",
        f"chr1 545 . {world.ref(545)} {world.other(545)} . PASS . GT 0/1",
        "chr1 810 . A C . PASS . GT 0/1",
    ]
    vcf = world.vcf(tmp_path, records)
    bed = tmp_path / "targets.bed"
    bed.write_text("track name=x\n1\t330\t335\nchr1\t805\t815\n", encoding="utf-8")
    rows, summary = world.annotate(tmp_path, vcf, regions=bed)
    told = summary["records"]
    assert (told["outside_regions"], told["reference_masked"], told["kept_records"]) == (1, 1, 1)
    assert {key for key, _ in rows} == {"chr1-335-C-A"}


def test_annotated_again_over_old_annotation_and_undeclared_tags(
    world: World, tmp_path: Path
) -> None:
    header = [*HEADER, '##INFO=<ID=BCSQ,Number=.,Type=String,Description="old">']
    records = ["chr1 335 . C A . PASS AC=1;BCSQ=old|x||y;ODD=3 GT:ZZ 0/1:7"]
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, records, header=header))
    assert rows["chr1-335-C-A", PLUS]["consequence"] == "missense_variant"


def test_what_nobody_carries_and_what_comes_twice(world: World, tmp_path: Path) -> None:
    records = [
        "chr1 335 . C A . LowQual . GT:DP 0/0:9 0/1:9",
        "chr1 335 . C A . PASS . GT:DP 0/1:5 ./.:.",
        "chr1 336 . T A . PASS . GT:DP 0/0:9 0/0:9",
    ]
    vcf = world.vcf(tmp_path, records, ["S1", "S2"])
    rows, summary = world.annotate(tmp_path, vcf, {"P": "S1", "M": "S2"})
    assert rows["chr1-335-C-A", PLUS]["genotypes"] == "M=0/1:.,.:9:.:.;P=0/1:.,.:5:.:."
    assert rows["chr1-335-C-A", PLUS]["filters"] == "PASS"
    assert (summary["alleles"]["duplicate"], summary["alleles"]["not_carried"]) == (1, 1)


@pytest.mark.parametrize(
    ("samples", "said"),
    [({"P": "S9"}, "no sample S9; it has S1, S2"), ({"P": "S1", "M": "S1"}, "a sample of its own")],
)
def test_sample_faults(world: World, tmp_path: Path, samples: dict[str, str], said: str) -> None:
    vcf = world.vcf(tmp_path, ["chr1 335 . C A . . . GT 0/1 0/1"], ["S1", "S2"])
    with pytest.raises(ArianeError, match=said):
        world.annotate(tmp_path, vcf, samples)


def test_no_vcf_at_all(world: World, tmp_path: Path) -> None:
    page = tmp_path / "page.vcf"
    page.write_text("<html></html>\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="not a readable VCF"):
        world.annotate(tmp_path, page)
    with pytest.raises(ArianeError, match="no such file"):
        world.annotate(tmp_path, tmp_path / "absent.vcf")
    broken = world.vcf(tmp_path, ["chr1 335 . C"])
    with pytest.raises(ArianeError, match=r"case\.vcf:\d+: 4 columns where the header has 10"):
        world.annotate(tmp_path, broken)


def test_the_same_input_gives_the_same_bytes(world: World, tmp_path: Path) -> None:
    records = [
        "chr1 335 . C A . PASS . GT:PS 0|1:1",
        "chr1 336 . T A,C . PASS . GT:PS 1|2:1",
        "chr1 413 . GA G . PASS . GT 0/1",
    ]
    header = [*HEADER, "##bcftools_viewCommand=view x; Date=Mon Jan 1 00:00:00 2024"]
    vcf = world.vcf(tmp_path, records, header=header)
    contents = []
    for out in ("one", "two"):
        world.annotate(tmp_path, vcf, out=out)
        names = ("v.bcf", "v.bcf.csi", "candidates.parquet", "annotation.json")
        contents.append([(tmp_path / out / name).read_bytes() for name in names])
        assert sorted(p.name for p in (tmp_path / out).iterdir()) == sorted(names)
    assert contents[0] == contents[1]
    with pysam.VariantFile(str(tmp_path / "one" / "v.bcf")) as made:
        text = str(made.header)
    assert "Date" not in text
    assert "Command" not in text
    assert str(tmp_path) not in text


def test_a_failure_leaves_the_old_files(world: World, tmp_path: Path) -> None:
    world.annotate(tmp_path, world.vcf(tmp_path, ["chr1 335 . C A . . . GT 0/1"]))
    before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    bad = world.vcf(tmp_path, ["chr1 335 . G A . . . GT 0/1"], name="bad.vcf")
    with pytest.raises(ArianeError):
        annotate_case(
            Inputs("F1", bad, {"P": "S1"}, world.reference, world.transcripts),
            Outputs(
                *(tmp_path / "out" / n for n in ("v.bcf", "candidates.parquet", "annotation.json"))
            ),
        )
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before


@SHIFTED
@given(
    shift=st.integers(0, len(REPEAT) - 3),
    deletion=st.booleans(),
    left=st.integers(0, 4),
    right=st.integers(0, 4),
)
def test_a_variant_has_one_key_however_it_is_written(
    world: World,
    tmp_path_factory: pytest.TempPathFactory,
    shift: int,
    deletion: bool,
    left: int,
    right: int,
) -> None:
    """A unit of a repeat lost or gained anywhere in it, with any bases written around it."""
    tmp_path = tmp_path_factory.mktemp("shift")
    at = REPEAT_START + shift
    unit = world.ref(at, 3)
    head = world.ref(at - 1 - left, left + 1)
    tail = world.ref(at + 3, right)
    shorter, longer = head + tail, head + unit + tail
    if deletion:
        ref, alt, key = longer, shorter, "chr1-900-TCAG-T"
    else:
        tail = world.ref(at, right)
        ref, alt, key = head + tail, head + unit + tail, "chr1-900-T-TCAG"
    vcf = world.vcf(tmp_path, [f"chr1 {at - 1 - left} . {ref} {alt} . . . GT 0/1"])
    made = normalise(vcf, ["S1"], world.reference, tmp_path)
    assert keys_of(made.bcf) == [key]


def test_cases_of_one_process_may_come_in_any_order(world: World, tmp_path: Path) -> None:
    """csq remembers where its last run began, and would take the second for unsorted."""
    for number, pos in enumerate((410, 335, 331)):
        record = f"chr1 {pos} . {world.ref(pos)} {world.other(pos)} . PASS . GT 0/1"
        vcf = world.vcf(tmp_path, [record], name=f"{number}.vcf")
        rows, _ = world.annotate(tmp_path, vcf, out=f"out{number}")
        assert [row["pos"] for row in rows.values()] == [pos]


def test_a_vcf_far_from_every_gene_gives_no_candidate(world: World, tmp_path: Path) -> None:
    records = [f"chrM 5 . {world.ref(5)} {world.other(5)} . . . GT 1"]
    rows, summary = world.annotate(tmp_path, world.vcf(tmp_path, records))
    assert rows == {}
    assert summary["alleles"]["outside_genes"] == 1
