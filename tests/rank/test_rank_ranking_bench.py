"""What the ranking benchmark is made of."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ariane.files import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "scripts"))
from benchmark_ranking import calibration
from ranking_cases import Outcome
from ranking_world import Allele, call_of, consequence_of, shortest


@pytest.mark.parametrize(
    ("coding", "protein", "gained", "expected"),
    [
        ("c.1225del", "p.(Arg409GlyfsTer3)", -1, "frameshift_variant"),
        ("c.1938-1G>A", "p.?", 0, "splice_acceptor_variant"),
        ("c.67+2T>C", "p.?", 0, "splice_donor_variant"),
        ("c.67+5G>A", "p.?", 0, "splice_region_variant&intron_variant"),
        ("c.67+99G>A", "p.?", 0, "intron_variant"),
        ("c.4C>T", "p.(Arg2Ter)", 0, "stop_gained"),
        ("c.1A>G", "p.(Met1?)", 0, "start_lost"),
        ("c.300A>G", "p.(Ter100Trpext*5)", 0, "stop_lost"),
        ("c.5G>A", "p.(Arg2His)", 0, "missense_variant"),
        ("c.6G>A", "p.(Arg2=)", 0, "synonymous_variant"),
        ("c.5_7del", "p.(Lys2del)", -3, "inframe_deletion"),
        ("c.5_7dup", "p.(Lys2dup)", 3, "inframe_insertion"),
        ("n.64_65insT", "", 1, "non_coding_transcript_exon_variant"),
    ],
)
def test_consequences_told_by_names(coding: str, protein: str, gained: int, expected: str) -> None:
    names = [{"syntax": "hgvs.c", "value": f"NM_1.1:{coding}"}]
    names += [{"syntax": "hgvs.p", "value": f"NP_1.1:{protein}"}] if protein else []
    assert consequence_of({"expressions": names}, gained) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((10, "CTG", "CT"), (11, "TG", "T")),
        ((10, "CAA", "CA"), (10, "CA", "C")),
        ((10, "AC", "AT"), (11, "C", "T")),
        ((10, "A", "T"), (10, "A", "T")),
    ],
)
def test_alleles_are_written_shortest(given: Any, expected: Any) -> None:
    assert shortest(*given) == expected


def test_calls_tell_the_genotype_and_nothing_of_the_source() -> None:
    background = Allele("chr1", 10, "A", "T", "0/1", "ONE", "HGNC:1", "missense_variant")
    causal = Allele("chr1", 10, "A", "T", "0/1", "TWO", "HGNC:2", "stop_gained")
    assert call_of(background) == call_of(causal)
    gt, reads, depth, quality = call_of(causal).split(":")
    assert gt == "0/1"
    assert sum(map(int, reads.split(","))) == int(depth) >= 20
    assert int(quality) >= 40


def test_calibration_sees_what_is_told_and_what_happens() -> None:
    sure = [Outcome(1, 0.9, 0.1, 0.9)] * 10
    empty = [Outcome(5, 0.0, 1.0, 0.0)] * 10
    error, points = calibration(sure, empty, 0.7, 0.3)
    assert error < 0.05
    assert sum(point["share"] for point in points) == pytest.approx(1)
    error, _ = calibration(sure, [Outcome(5, 0.9, 0.1, 0.0)] * 10, 0.7, 0.3)
    assert error > 0.5
