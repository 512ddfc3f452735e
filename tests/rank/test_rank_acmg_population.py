"""The population: BS2, and the alleles that are known to be common. Section 2 of
docs/evidence.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rank_world import (
    PROFILE,
    VARIANT,
    asserted,
    candidate,
    class_points_of,
    codes_of,
    disease,
    knowledge,
)

from ariane.rank.population import seen_in_health

# Modes of the gene's diseases, homozygotes, hemizygotes, and whether BS2 is met.
BS2: dict[str, tuple[list[str], int | None, int | None, bool]] = {
    "recessive, two": (["AR"], 2, None, False),
    "recessive, three": (["AR"], 3, None, True),
    "dominant, five": (["AD"], 5, None, False),
    "dominant, six": (["AD"], 6, None, True),
    "one disease of two is dominant": (["AR", "AD"], 5, None, False),
    "one mode of two is dominant": (["AD AR"], 5, None, False),
    "both modes, six": (["AD AR"], 6, None, True),
    "X-linked recessive, three men": (["XLR"], 0, 3, True),
    "X-linked recessive, two men": (["XLR"], None, 2, False),
    "a woman and two men": (["XLR"], 1, 2, True),
    "X-linked dominant, five men": (["XLD"], 0, 5, False),
    "mitochondrial, six": (["MT"], 6, None, True),
    "no mode is stated": ([""], 90, 90, False),
    "a mode of another kind": (["none"], 90, 90, False),
    "counts that are not given are not zero": (["AR"], None, None, False),
    "no disease": ([], 90, None, False),
}


def counted(record: Any) -> Any:
    known = knowledge(frequencies={VARIANT: 0.001})
    return {VARIANT: (known.frequencies[VARIANT][0] | record,)}


@pytest.mark.parametrize("case", BS2)
def test_bs2(case: str) -> None:
    modes, homozygotes, hemizygotes, met = BS2[case]
    diseases = [disease(mode, f"OMIM:{n}") for n, mode in enumerate(modes)]
    record = counted({"homozygotes": homozygotes, "hemizygotes": hemizygotes})
    known = replace(knowledge(diseases=diseases), frequencies=record)
    assert codes_of(seen_in_health(candidate(), known, PROFILE)) == ({"BS2": -4000} if met else {})


def test_a_record_that_failed_a_filter_gives_no_bs2() -> None:
    record = counted({"homozygotes": 9, "hemizygotes": None, "filters": "AC0"})
    known = replace(knowledge(diseases=[disease("AR")]), frequencies=record)
    assert codes_of(seen_in_health(candidate(), known, PROFILE)) == {}


# Frequency, what is asserted of the allele, and the rows on its frequency.
COMMON: dict[str, tuple[float, list[Any], dict[str, int]]] = {
    "BS1": (0.01, [], {"BS1": -4000, "BS2": -4000}),
    "just below BS1": (0.0099, [], {"PM2_Supporting": 0, "BS2": -4000}),
    "BA1": (0.05, [], {"BA1": 0, "BS2": -4000}),
    "BS1, asserted with two stars": (0.01, [asserted("P", 2)], {"BS1": 0, "BS2": 0}),
    "BA1, asserted with two stars": (0.05, [asserted("LP", 2)], {"BA1_NotApplied": 0, "BS2": 0}),
    "BA1, asserted with one star": (0.05, [asserted("P", 1)], {"BA1": 0, "BS2": -4000}),
    "BA1, asserted benign": (0.05, [asserted("B", 3)], {"BA1": 0, "BS2": -4000}),
    "BA1, said both ways": (
        0.05,
        [asserted("B", 3), asserted("P", 2, "x")],
        {"BA1_NotApplied": 0, "BS2": 0},
    ),
    "rare": (0.0001, [], {"PM2_Supporting": 1000, "BS2": -4000}),
    "not so rare": (0.00010001, [], {"PM2_Supporting": 0, "BS2": -4000}),
}


@pytest.mark.parametrize("case", COMMON)
def test_frequency(case: str) -> None:
    af, said, expected = COMMON[case]
    record = counted({"af": af, "homozygotes": 9, "hemizygotes": None})
    known = replace(
        knowledge(diseases=[disease("AR")], assertions={VARIANT: said} if said else {}),
        frequencies=record,
    )
    found = class_points_of(known, consequence="inframe_deletion")
    assert {k: v for k, v in found.items() if k != "PM4"} == expected
