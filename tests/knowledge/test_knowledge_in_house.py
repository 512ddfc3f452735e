"""The in-house frequency table: made from stored candidates, read, the own family left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane import files
from ariane.knowledge import in_house
from ariane.knowledge.context import Context
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.in_house import Counted, case_digest, without_family
from ariane.model.tables import CANDIDATES

CONTIGS = Contigs({"chr1": 1000, "chrX": 1000, "chrM": 100})


def candidates(folder: Path, case: str, *calls: tuple[str, int, str]) -> Path:
    rows = []
    for chrom, pos, genotype in calls:
        row: dict[str, Any] = dict.fromkeys(CANDIDATES.columns, "")
        row |= {"case": case, "chrom": chrom, "pos": pos, "ref": "A", "alt": "T"}
        row |= {"variant": f"{chrom}-{pos}-A-T", "end": pos, "mane": True, "protein_lost": None}
        row |= {"genes_hit": None, "genes_cut": None}
        row |= {"genotypes": f"kid={genotype}:9,9:18:60:.;mum=0/1:9,9:18:60:."}
        rows.append(row)
    path = folder / f"{case}.parquet"
    files.write_table(path, CANDIDATES, rows)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    families = [
        Counted(("F1", "F1b"), "kid", True, candidates(
            tmp_path, "F1", ("chr1", 5, "0/1"), ("chr1", 5, "0/1"), ("chrX", 7, "1/1"),
            ("chrM", 9, "1"),
        )),
        Counted(("F2",), "kid", False, candidates(
            tmp_path, "F2", ("chr1", 5, "1/1"), ("chrX", 7, "0/1"), ("chr1", 6, "0/0"),
        )),
    ]  # fmt: skip
    plain, packed = tmp_path / "t.vcf", tmp_path / "t.vcf.gz"
    plain.write_text(
        "".join(in_house.lines(families, in_house.count(families), CONTIGS.lengths)),
        encoding="utf-8",
    )
    pysam.tabix_compress(str(plain), str(packed))
    return packed


def test_what_is_counted(table: Path) -> None:
    context = Context(GeneNames.of([]), CONTIGS)
    rows = {row["variant"]: row for row in in_house.read_in_house(table, context)}
    told = {
        key: (r["ac"], r["an"], r["homozygotes"], r["hemizygotes"], r["carriers"])
        for key, r in rows.items()
    }
    assert told == {
        "chr1-5-A-T": (3, 4, 1, 0, "0:1:2,1:2:2"),  # one allele in two genes counts once
        "chrX-7-A-T": (2, 3, 0, 1, "0:1:1,1:1:2"),
        "chrM-9-A-T": (1, 2, 0, 1, "0:1:1"),
    }
    families = {row["case"]: row["family"] for row in in_house.read_families(table)}
    assert families == {case_digest("F1"): "0", case_digest("F1b"): "0", case_digest("F2"): "1"}
    assert b"F1" not in files.open_text(table).read().encode(), "no pseudonym in the table"


def test_the_own_family_is_left_out(table: Path) -> None:
    context = Context(GeneNames.of([]), CONTIGS)
    rows = {row["variant"]: row for row in in_house.read_in_house(table, context)}
    record = rows["chr1-5-A-T"]
    assert without_family(record, "").ac == 3
    own = without_family(record, "1")
    assert (own.ac, own.an, own.homozygotes, own.own_left_out) == (1, 2, 0, True)
    assert without_family(rows["chrM-9-A-T"], "1").ac == 1, "a family that does not carry it"
    assert without_family(rows["chrX-7-A-T"], "0").hemizygotes == 0


def test_of_too_many_carriers_the_most_is_taken_off() -> None:
    record = {"ac": 80, "an": 400, "homozygotes": 3, "hemizygotes": 0, "carriers": ""}
    assert (without_family(record, "7").ac, without_family(record, "").ac) == (78, 80)


@given(st.integers(0, 400), st.integers(1, 1000))
def test_the_filtering_frequency_is_below_the_observed(ac: int, an: int) -> None:
    said = without_family(
        {"ac": min(ac, an), "an": an, "homozygotes": 0, "hemizygotes": 0, "carriers": ""}, ""
    )
    assert 0 <= said.faf95 <= said.ac / an
    assert (said.faf95 == 0) == (said.ac == 0)


def test_one_carrier_of_few_is_not_common() -> None:
    record = {"ac": 1, "an": 20, "homozygotes": 0, "hemizygotes": 0, "carriers": "3:1:2"}
    # 0.0513 carriers expected at most, at 95 %: Poisson with one seen (Whiffin 2017).
    assert without_family(record, "").faf95 == pytest.approx(0.05129 / 20, rel=1e-3)
