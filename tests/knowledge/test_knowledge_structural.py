"""Structural frequencies and dosage regions: read from their makers' formats, and matched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.decisions import read_decisions
from ariane.knowledge.structural import (
    Limits,
    keys_of,
    likeness_of,
    load_limits,
    matches,
    read_dosage_regions,
    read_structural_frequencies,
    regions,
)
from ariane.model.errors import ArianeError
from ariane.model.structural import BIN, Spot, reciprocal_overlap

CONTIGS = Contigs({"chr1": 10 * BIN, "chr2": 10 * BIN, "chrX": 10 * BIN})
LIMITS = load_limits()

GNOMAD = """##fileformat=VCFv4.2
##FILTER=<ID=UNRESOLVED,Description="x">
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr2,length=242193529>
##INFO=<ID=END,Number=1,Type=Integer,Description="x">
##INFO=<ID=END2,Number=1,Type=Integer,Description="x">
##INFO=<ID=CHR2,Number=1,Type=String,Description="x">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="x">
##INFO=<ID=SVLEN,Number=1,Type=Integer,Description="x">
##INFO=<ID=AF,Number=A,Type=Float,Description="x">
##INFO=<ID=GRPMAX_AF,Number=A,Type=Float,Description="x">
##INFO=<ID=N_HOMALT,Number=A,Type=Integer,Description="x">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO
chr1	1000	DEL_1	N	<DEL>	.	PASS	END=3500;AF=0.01;GRPMAX_AF=0.02;N_HOMALT=3
chr1	1001	DEL_2	N	<DEL>	9	UNRESOLVED	END=3500;SVTYPE=DEL;AF=0.5
chr1	2000	DUP_3	N	<DUP>	9	PASS	SVLEN=500;SVTYPE=DUP;AF=0.03
chr1	2500	INS_4	N	<INS:ME:ALU>	9	PASS	END=2500;SVTYPE=INS;SVLEN=281;AF=0.2
chr1	3000	CNV_5	N	<CNV>	9	PASS	END=9000;SVTYPE=CNV
chr1	4000	CPX_6	N	<CPX>	9	PASS	END=9000;SVTYPE=CPX;AF=0.1
chr2	700	BND_7	N	<BND>	9	PASS	END=700;SVTYPE=BND;CHR2=chr1;END2=5000;AF=0.004
chr2	800	INV_8	N	<INV>	9	PASS	END=1800;SVTYPE=INV;AF=0.001
"""


def placed(rows: Any) -> list[tuple[Any, ...]]:
    names = ("kind", "chrom", "start", "end", "chrom2", "pos2", "af", "homozygotes")
    return [tuple(row[name] for name in names) for row in rows]


def test_gnomad_sv(tmp_path: Path) -> None:
    path = tmp_path / "sv.vcf"
    path.write_text(GNOMAD, encoding="utf-8")
    assert placed(read_structural_frequencies(path, "gnomad_sv_vcf", CONTIGS)) == [
        ("DEL", "chr1", 1001, 3500, "", 0, 0.02, 3),
        ("DUP", "chr1", 2001, 2500, "", 0, 0.03, 0),
        ("INS", "chr1", 2500, 2500, "", 0, 0.2, 0),
        ("BND", "chr1", 5000, 5000, "chr2", 700, 0.004, 0),
        ("INV", "chr2", 801, 1800, "", 0, 0.001, 0),
    ]


def test_bed(tmp_path: Path) -> None:
    path = tmp_path / "sv.bed"
    path.write_text("#chrom\tstart\tend\tsvtype\tAF\n1\t1000\t3500\tDEL\t0.25\n\n")
    found = placed(read_structural_frequencies(path, "sv_bed", CONTIGS))
    assert found == [("DEL", "chr1", 1001, 3500, "", 0, 0.25, 0)]
    path.write_text("#chrom\tstart\tend\tAF\n")
    with pytest.raises(ArianeError, match="lacks the columns svtype"):
        list(read_structural_frequencies(path, "sv_bed", CONTIGS))
    path.write_text("#chrom\tstart\tend\tsvtype\tAF\n1\t1000\t3500\tDEL\trare\n")
    with pytest.raises(ArianeError, match=":2: start, end and af"):
        list(read_structural_frequencies(path, "sv_bed", CONTIGS))


REGIONS = (
    "#ClinGen Region Curation Results\n"
    "#ISCA ID\tISCA Region Name\tcytoBand\tGenomic Location\tHaploinsufficiency Score"
    "\tTriplosensitivity Score\n"
    "ISCA-1\t22q11.2 region\t22q11.21\tchr1:1000-2999\t3\t2\n"
    "ISCA-2\tnot placed\t\ttbd\t0\t0\n"
)


def test_clingen_regions(tmp_path: Path) -> None:
    path = tmp_path / "regions.tsv"
    path.write_text(REGIONS, encoding="utf-8")
    rows = read_dosage_regions(path, CONTIGS)
    assert [(r["region"], r["chrom"], r["start"], r["end"]) for r in rows] == [
        ("ISCA-1", "chr1", 1000, 2999)
    ]
    assert (rows[0]["haploinsufficiency"], rows[0]["triplosensitivity"]) == ("3", "2")
    files.write_table(tmp_path / "dosage_regions.parquet", tables.DOSAGE_REGIONS, rows)
    keys = ["chr1-999-N-<DEL:2999>", "chr1-1999-N-<DUP:9000>", "chr1-999-N-<INV:2999>"]
    found = regions(tmp_path, [*keys, "chr1-1500-A-T"])
    assert {k: r[0]["covered"] for k, r in found.items()} == {keys[0]: 1000, keys[1]: 500}
    path.write_text("nothing\n")
    with pytest.raises(ArianeError, match="header line of ClinGen"):
        read_dosage_regions(path, CONTIGS)


def record(kind: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    held = {"kind": kind, "chrom": "chr1", "start": start, "end": end, "chrom2": "", "pos2": 0}
    return held | {"af": 0.1, "homozygotes": 0, "record": f"{kind}{start}-{end}"} | more


def laid(folder: Path, rows: list[dict[str, Any]]) -> Path:
    files.write_table(
        folder / "structural_frequencies.parquet", tables.STRUCTURAL_FREQUENCIES, rows
    )
    return folder


def test_best_match_first(tmp_path: Path) -> None:
    rows = [
        record("DEL", 1001, 3500),
        record("DEL", 1101, 3500, af=0.3),
        record("DEL", 2251, 3500),  # exactly half
        record("DEL", 2252, 3500),  # one base less
        record("DUP", 1001, 3500),
    ]
    key = "chr1-1000-N-<DEL:3500>"
    found = matches(laid(tmp_path, rows), [key, "chr1-1-A-T"], LIMITS)
    assert [(r["record"], r["likeness"]) for r in found[key]] == [
        ("DEL1001-3500", 1000),
        ("DEL1101-3500", 960),
        ("DEL2251-3500", 500),
    ]


def test_ends_of_breakends_inversions_insertions(tmp_path: Path) -> None:
    mated = {"chrom2": "chr2", "pos2": 700}
    rows = [
        record("BND", 5100, 5100, **mated),
        record("BND", 5100, 5100, chrom2="chrX", pos2=700),
        record("BND", 5400, 5400, **mated),
        record("INV", 5001, 9200),
        record("INV", 5001, 9400),
        record("INS", 5010, 5010),
    ]
    keys = ["chr1-5000-A-A[chr2:900[", "chr1-5000-A-<INV:9000>", "chr1-5000-A-<INS:5000>"]
    found = matches(laid(tmp_path, rows), keys, LIMITS)
    assert {k: [r["likeness"] for r in v] for k, v in found.items()} == {
        keys[0]: [-200],
        keys[1]: [-200],
        keys[2]: [-10],
    }


spans = st.tuples(st.integers(1, 3 * BIN), st.integers(0, 2 * BIN))


@given(
    kind=st.sampled_from(("DEL", "DUP", "INV", "INS", "BND")),
    one=spans,
    shift=st.integers(-400, 400) | st.integers(-BIN, BIN),
    grow=st.integers(-400, 400) | st.integers(-BIN, BIN),
)
def test_a_match_lies_under_a_key_of_the_record(
    kind: str, one: tuple[int, int], shift: int, grow: int
) -> None:
    """What a changed record touches is never too little."""
    pos, end = one[0], one[0] + one[1]
    mate = ("chr2", end) if kind == "BND" else ("", 0)
    spot = Spot(kind, "chr1", pos, pos if kind in ("INS", "BND") else end, *mate)
    start = max(1, spot.low + shift)
    held = record(kind, start, max(start, spot.high + shift + grow), chrom2=mate[0])
    held["pos2"] = mate[1] + grow if mate[0] else 0
    if likeness_of(spot, held, LIMITS) is not None:
        assert spot.read_key in set(keys_of(held, LIMITS))


def test_the_limits_keep_read_keys_sound(tmp_path: Path) -> None:
    path = tmp_path / "structural.yaml"
    path.write_text("match: {reciprocal: 0.4, breakpoints: 10}\n")
    with pytest.raises(ArianeError, match=r"from 0\.5 to 1"):
        load_limits(path)
    assert load_limits() == Limits(0.5, 300)
    assert reciprocal_overlap((1, 2), (2, 2)) == 0.5


@pytest.mark.parametrize(
    "variants",
    [
        "chr1-1000-N-<DEL:3500>",
        "chr1-1000-A-<INS:ME:ALU:1000>+chr1-1500-A-T",
        "chr1-10-A-A[chr2:321[",
        "chr1-10-A-]chr2:321]TTA",
    ],
)
def test_decisions_take_structural_keys(tmp_path: Path, variants: str) -> None:
    path = tmp_path / "decisions.tsv"
    header = "case_id\toutcome\tgene\tvariants\tactor\trole\treport\tdate"
    line = f"F1\tsolved\tHGNC:1\t{variants}\tRPPS-1\tgeneticist\tR1\t2024-03-06"
    path.write_text(f"{header}\n{line}\n", encoding="utf-8")
    decisions, faults = read_decisions(path)
    assert faults == []
    assert decisions[0].variants == variants
    for wrong in ("<script>", "chr1-10-A-<DEL", "chr1-10-A-<b onclick:3>", "=1+1"):
        path.write_text(f"{header}\n{line.replace(variants, wrong)}\n", encoding="utf-8")
        assert read_decisions(path)[1]
