"""What gene and place tolerate: PM4, BP3, PP2, BP1. Section 2 of docs/evidence.md."""

from __future__ import annotations

from typing import Any

import pytest
from rank_world import PROFILE, candidate, codes_of, knowledge, known_allele

from ariane.knowledge.spectra import Tally
from ariane.rank.region import length_changed, spread

CAG = "CAG"
# Alleles with consequence and protein name, and what the change of length gives.
LENGTH: dict[str, tuple[str, str, str, str, dict[str, int]]] = {
    "two residues lost": ("ACTGCAG", "A", "inframe_deletion", "p.(Leu7_Gln8del)", {"PM4": 2000}),
    "one residue lost": ("ACTG", "A", "inframe_deletion", "p.(Leu7del)", {"PM4_Supporting": 1000}),
    "one residue doubled": (
        "A",
        "ACTG",
        "inframe_insertion",
        "p.Leu7dup",
        {"PM4_Supporting": 1000},
    ),
    "one residue put in": (
        "A",
        "ACTG",
        "inframe_insertion",
        "p.(Leu7_Gln8insTrp)",
        {"PM4_Supporting": 1000},
    ),
    "two residues put in": (
        "A",
        "ACTGTGG",
        "inframe_insertion",
        "p.(Leu7_Gln8insTrpLeu)",
        {"PM4": 2000},
    ),
    "several residues doubled": (
        "A",
        "ACTGTGG",
        "inframe_insertion",
        "p.(Leu7_Gln8dup)",
        {"PM4": 2000},
    ),
    "two residues become one": (
        "ACTG",
        "A",
        "inframe_deletion",
        "p.(Leu7_Gln8delinsTrp)",
        {"PM4": 2000},
    ),
    "stop lost": ("A", "G", "stop_lost", "p.(Ter100GlnextTer9)", {"PM4": 2000}),
    "stop lost by a frameshift": ("AC", "A", "frameshift_variant&stop_lost", "p.?", {}),
    "three copies gained": (
        "A",
        "A" + CAG * 3,
        "inframe_insertion",
        "p.(Gln8_Gln10dup)",
        {"BP3": -1000},
    ),
    "three copies lost": (
        "A" + CAG * 3,
        "A",
        "inframe_deletion",
        "p.(Gln8_Gln10del)",
        {"BP3": -1000},
    ),
    "two copies": ("A", "A" + CAG * 2, "inframe_insertion", "p.(Gln8_Gln9dup)", {"PM4": 2000}),
    "two copies and another": (
        "A",
        "A" + CAG * 2 + "CTG",
        "inframe_insertion",
        "p.(Gln8_Gln9insGlnGlnLeu)",
        {"PM4": 2000},
    ),
    "copies in the place of other bases": (
        "ACTG",
        "T" + CAG * 3,
        "inframe_insertion",
        "p.(Leu7_Gln8delinsPheArgArgArg)",
        {"PM4": 2000},
    ),
    "the frame is broken": ("AC", "A", "frameshift_variant", "p.(Leu7fs)", {}),
    "missense": ("A", "G", "missense_variant", "p.(Leu7Trp)", {}),
    "a deletion of which no sequence is told": ("A", "<DEL:90>", "inframe_deletion", "", {}),
}


@pytest.mark.parametrize("case", LENGTH)
def test_pm4_and_bp3(case: str) -> None:
    ref, alt, consequence, name, expected = LENGTH[case]
    seen = candidate(f"1-100-{ref}-{alt}", consequence, hgvs_p=name)
    assert codes_of(length_changed(seen, PROFILE)) == expected


# Distinct alleles of the gene: missense and null among the pathogenic, other pathogenic, benign
# missense; then whether missense is how the gene fails (PP2), and whether loss of function (BP1).
# One record, the allele's own, may always be left out.
SPECTRA: dict[str, tuple[int, int, int, int, bool, bool]] = {
    "eleven missense": (11, 0, 0, 0, True, False),
    "ten, of which one may be the own": (10, 0, 0, 0, False, False),
    "76 of 101 pathogenic are missense": (76, 25, 0, 0, True, False),
    "75 of 101, 74 of 100 without the own": (75, 26, 0, 0, False, False),
    "what is neither counts among the pathogenic": (75, 0, 26, 0, False, False),
    "one benign of 20 others": (20, 0, 0, 1, True, False),
    "one benign of 19 others": (19, 0, 0, 1, False, False),
    "two benign of 40 others": (39, 0, 0, 2, True, False),
    "two benign of 39 others": (38, 0, 0, 2, False, False),
    "eleven nulls": (0, 11, 0, 0, False, True),
    "ten nulls": (0, 10, 0, 0, False, False),
    "76 of 101 are nulls": (25, 76, 0, 0, False, True),
    "75 of 101 are nulls": (26, 75, 0, 0, False, False),
    "benign missense says nothing of nulls": (0, 11, 0, 9, False, True),
    "nothing": (0, 0, 0, 0, False, False),
}


def alleles(consequence: str, klass: str, count: int, start: int) -> list[Any]:
    return [
        known_allele(f"1-{start + n}-C-T", consequence, klass=klass, codon="") for n in range(count)
    ]


@pytest.mark.parametrize("case", SPECTRA)
def test_the_spread_of_a_gene(case: str) -> None:
    missense, nulls, others, benign, pp2, bp1 = SPECTRA[case]
    records = [
        *alleles("missense_variant", "P", missense, 1000),
        *alleles("stop_gained", "LP", nulls, 2000),
        *alleles("inframe_deletion", "P/LP", others, 3000),
        *alleles("missense_variant", "LB", benign, 4000),
        *alleles("synonymous_variant", "B", 3, 5000),
    ]
    tally = Tally()
    assert list(tally.counting(records)) == records
    (row,) = tally.rows()
    assert (row["missense"], row["truncating"]) == (pp2, bp1)


def test_an_allele_said_twice_is_spread_once() -> None:
    tally = Tally()
    records = alleles("missense_variant", "P", 10, 1000)
    list(tally.counting([*records, *({**r, "resource": "consensus"} for r in records)]))
    assert [row["missense"] for row in tally.rows()] == [False]


GENE_WIDE: dict[str, tuple[str, str, float | None, dict[str, int]]] = {
    "constraint is not known": ("missense_variant", "missense", None, {"PP2": 1000}),
    "z at the limit": ("missense_variant", "missense", 3.09, {"PP2": 1000}),
    "z just below": ("missense_variant", "missense", 3.0899, {"PP2": 0}),
    "z never opens it": ("missense_variant", "", 9.0, {}),
    "loss of function: shown, not counted": ("missense_variant", "truncating", None, {"BP1": 0}),
    "a null": ("stop_gained", "missense", None, {}),
    "in frame": ("inframe_deletion", "missense", None, {}),
    "silent": ("synonymous_variant", "truncating", None, {}),
}


@pytest.mark.parametrize("case", GENE_WIDE)
def test_pp2_and_bp1(case: str) -> None:
    consequence, spectrum, z, expected = GENE_WIDE[case]
    known = knowledge(spectrum=spectrum, missense_z=z)
    assert codes_of(spread(candidate(consequence=consequence), known, PROFILE)) == expected
