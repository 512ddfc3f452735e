"""One fact counts once: which criterion gives way to which. Section 2 of docs/evidence.md."""

from __future__ import annotations

from typing import Any

import pytest
from rank_world import (
    KID,
    PROFILE,
    VARIANT,
    asserted,
    by_stretch,
    candidate,
    class_points_of,
    disease,
    family,
    findings,
    knowledge,
    known_allele,
    points_of,
)

from ariane.model.evidence import ABSENT, Evidence, Ledger
from ariane.rank.criteria import counted_once

TWINS = ("PM4", "PP3", "PM1", "PP2", "BP1", "BP4", "BP7")


def row(code: str, points: int) -> Evidence:
    said = ("a sentence", "assertions", "key", ABSENT)
    return Evidence(VARIANT, Ledger.CLASS, code, points, *said)


def once(*rows: tuple[str, int]) -> dict[str, int]:
    told = counted_once([row(*one) for one in rows], PROFILE)
    assert [r.code for r in told] == [code for code, _ in rows]
    assert all(bool(r.suppressed) == (r.points == 0) for r in told)
    return {r.code: r.points for r in told}


@pytest.mark.parametrize("strength", ["", "_Strong", "_Moderate", "_Supporting"])
@pytest.mark.parametrize("twin", TWINS)
def test_a_null_counts_by_pvs1_alone(twin: str, strength: str) -> None:
    weight = -1000 if twin.startswith("B") else 1000
    code = f"PVS1{strength}"
    for name in (twin, f"{twin}_Moderate"):
        assert once((code, 2000), (name, weight)) == {code: 2000, name: 0}


@pytest.mark.parametrize("kept", ["PM2_Supporting", "PS1_Supporting", "PM5", "BS1", "BS2", "BP3"])
def test_what_a_null_keeps(kept: str) -> None:
    weight = -1000 if kept.startswith("B") else 1000
    assert once(("PVS1", 8000), (kept, weight)) == {"PVS1": 8000, kept: weight}


@pytest.mark.parametrize("twin", TWINS)
def test_where_pvs1_is_shut_its_twins_count(twin: str) -> None:
    shut = row("PVS1", 8000).suppress("shut")
    told = counted_once([shut, row(twin, 1000)], PROFILE)
    assert [r.points for r in told] == [0, 1000]


@pytest.mark.parametrize(
    ("pp3", "points", "pm1"),
    [("PP3", 1000, 2000), ("PP3_Moderate", 2000, 2000), ("PP3_Strong", 4000, 0)],
)
def test_pp3_and_pm1_count_four_at_most(pp3: str, points: int, pm1: int) -> None:
    assert once(("PM1", 2000), (pp3, points)) == {"PM1": pm1, pp3: points}
    assert once((pp3, points), ("PM1", 2000)) == {"PM1": pm1, pp3: points}


# A missense allele in a hot spot at a known residue, by the score of REVEL and of SpliceAI.
HOT = by_stretch(known_allele(f"1-{700 + n}-C-T", codon=f"ENST1:{n}") for n in (30, 31, 37, 38))
TOGETHER: dict[str, tuple[dict[str, float], dict[str, int]]] = {
    "no predictor": ({}, {"PM1": 2000}),
    "supporting": ({"revel": 0.7}, {"PM1": 2000, "PP3": 1000}),
    "moderate": ({"revel": 0.8}, {"PM1": 2000, "PP3_Moderate": 2000}),
    "strong": ({"revel": 0.95}, {"PM1": 0, "PP3_Strong": 4000}),
    "splicing": ({"spliceai": 0.5}, {"PM1": 2000, "PP3": 1000}),
    "both": ({"revel": 0.8, "spliceai": 0.5}, {"PM1": 2000, "PP3_Moderate": 2000, "PP3": 0}),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_a_missense_in_a_hot_spot(case: str) -> None:
    scores, expected = TOGETHER[case]
    found = class_points_of(knowledge(stretches=HOT, scores=scores))
    assert {k: v for k, v in found.items() if k.startswith(("PM1", "PP3"))} == expected


OWN = asserted("P", 2, "one", accession="7")
SAME, CHANGED = (
    known_allele(f"1-101-C-{alt}", aa_alt=aa, record="one") for alt, aa in (("G", "W"), ("A", "Q"))
)
# Records at the residue, where `one` is also what is asserted of the allele itself.
RECORDS: dict[str, tuple[list[Any], list[Any], dict[str, int]]] = {
    "PS1 from the very record": ([OWN], [SAME], {"PS1": 0}),
    "PM5 from the very record": ([OWN], [CHANGED], {"PM5": 0}),
    "PS1 from another record": ([OWN], [SAME | {"record": "two"}], {"PS1": 4000}),
    "nothing is asserted of the allele": ([], [SAME], {"PS1": 4000}),
    "a record without a name is of this allele only": (
        [OWN | {"accession": ""}],
        [SAME],
        {"PS1": 4000},
    ),
    "PM5 beside a PS1 that gives way": (
        [OWN],
        [SAME, CHANGED | {"record": "two"}],
        {"PS1": 0, "PM5": 2000},
    ),
    "another record says the same change": (
        [OWN],
        [SAME, known_allele("1-102-G-T", aa_alt="W", record="two", stars=1)],
        {"PS1_Moderate": 2000},
    ),
    "another record says another change": (
        [OWN],
        [CHANGED, known_allele("1-102-G-T", aa_alt="L", record="two", stars=1)],
        {"PM5_Supporting": 1000},
    ),
}


@pytest.mark.parametrize("case", RECORDS)
def test_the_record_that_is_asserted_counts_once(case: str) -> None:
    said, records, expected = RECORDS[case]
    known = knowledge(
        diseases=[disease("AD")], codons=records, assertions={VARIANT: said} if said else {}
    )
    (found,) = findings(family(KID), known, candidate()).values()
    held = {k: v for k, v in points_of(found).items() if k.startswith(("PS1", "PM5"))}
    assert held == expected
