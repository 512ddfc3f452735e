"""What known alleles nearby say: PS1, PS1 of splicing, PM5, PM1. Section 2 of docs/evidence.md."""

from __future__ import annotations

from typing import Any

import pytest
from rank_world import (
    PROFILE,
    VARIANT,
    by_stretch,
    candidate,
    class_points_of,
    codes_of,
    knowledge,
    known_allele,
)

from ariane.rank.residue import hot_spot, same_residue, same_splice

FIFTH = "splice_donor_5th_base_variant&intron_variant"
DONOR = "splice_donor_variant"


def site(name: str, klass: str = "P", **fields: Any) -> Any:
    """A known allele at a splice site."""
    told = {"variant": "1-105-G-C", "hgvs_c": name, "codon": "", "klass": klass} | fields
    return known_allele(told.pop("variant"), FIFTH, **told)


# What the allele is, what is known at the site, what PS1 then gives.
SPLICING: dict[str, tuple[tuple[str, str], list[Any], dict[str, int]]] = {
    "same base": (("c.90+5G>A", FIFTH), [site("c.90+5G>C")], {"PS1": 4000}),
    "same base, only likely": (
        ("c.90+5G>A", FIFTH),
        [site("c.90+5G>C", "LP")],
        {"PS1_Moderate": 2000},
    ),
    "same base, some say more than likely": (
        ("c.90+5G>A", FIFTH),
        [site("c.90+5G>C", "P/LP")],
        {"PS1": 4000},
    ),
    "same site": (("c.90+5G>A", FIFTH), [site("c.90+3A>G")], {"PS1_Moderate": 2000}),
    "same site, only likely": (
        ("c.90+5G>A", FIFTH),
        [site("c.90+3A>G", "LP")],
        {"PS1_Supporting": 1000},
    ),
    "canonical, same base": (
        ("c.90+1G>A", DONOR),
        [site("c.90+1G>C")],
        {"PS1_Supporting": 1000},
    ),
    "canonical, same site": (
        ("c.90+1G>A", DONOR),
        [site("c.90+5G>C")],
        {"PS1_Supporting": 1000},
    ),
    "canonical, only likely": (("c.90+2T>A", DONOR), [site("c.90+2T>C", "LP")], {}),
    "third base is not canonical": (
        ("c.90+3A>G", "splice_donor_region_variant&intron_variant"),
        [site("c.90+3A>T")],
        {"PS1": 4000},
    ),
    "acceptor": (
        ("c.91-3C>G", "splice_region_variant&intron_variant"),
        [site("c.91-3C>A")],
        {"PS1": 4000},
    ),
    "the other side of the intron": (("c.90+5G>A", FIFTH), [site("c.91-5G>C")], {}),
    "the other site of the exon": (("c.90+5G>A", FIFTH), [site("c.45+5G>C")], {}),
    "another transcript": (
        ("c.90+5G>A", FIFTH),
        [site("c.90+5G>C", transcript="ENST2.1")],
        {},
    ),
    "the own record": (("c.90+5G>A", FIFTH), [site("c.90+5G>A", variant=VARIANT)], {}),
    "benign": (("c.90+5G>A", FIFTH), [site("c.90+5G>C", "B")], {}),
    "uncertain": (("c.90+5G>A", FIFTH), [site("c.90+5G>C", "VUS")], {}),
    "21 bases in": (
        ("c.91-21A>G", "intron_variant"),
        [site("c.91-21A>C")],
        {"PS1": 4000},
    ),
    "22 bases in": (("c.91-22A>G", "intron_variant"), [site("c.91-22A>C")], {}),
    "a base of the exon": (("c.90G>A", "splice_region_variant"), [site("c.90G>C")], {}),
    "the better of two": (
        ("c.90+5G>A", FIFTH),
        [site("c.90+3A>G", variant="1-103-A-G"), site("c.90+5G>C")],
        {"PS1": 4000},
    ),
}


@pytest.mark.parametrize("case", SPLICING)
def test_ps1_of_splicing(case: str) -> None:
    (name, consequence), records, expected = SPLICING[case]
    seen = candidate(consequence=consequence, hgvs_c=name)
    assert codes_of(same_splice(seen, knowledge(nulls=records), PROFILE)) == expected


def test_ps1_of_splicing_is_supporting_beside_pvs1() -> None:
    known = knowledge(dosage="3", nulls=[site("c.90+1G>C")])
    found = class_points_of(known, consequence=DONOR, hgvs_c="c.90+1G>A")
    assert (found["PVS1"], found["PS1_Supporting"]) == (8000, 1000)


def missense(residue: int, klass: str = "P", **fields: Any) -> Any:
    """A known missense allele at a residue; the candidate's own is 34."""
    variant = f"1-{1000 + 3 * residue}-C-{'T' if klass in ('P', 'LP', 'P/LP') else 'G'}"
    return known_allele(variant, codon=f"ENST1:{residue}", klass=klass) | fields


NEAR = [missense(n) for n in (26, 27, 41, 42)]
"""Four pathogenic alleles, at both edges of the window of eight residues."""

HOT: dict[str, tuple[list[Any], bool]] = {
    "four at the edges": (NEAR, True),
    "three": (NEAR[1:], False),
    "nine residues before": ([missense(25), *NEAR[1:]], False),
    "nine residues after": ([*NEAR[:3], missense(43)], False),
    "the own residue does not count": ([*NEAR[:3], missense(34)], False),
    "likely pathogenic counts": ([missense(30, "LP"), *NEAR[:3]], True),
    "uncertain does not": ([missense(30, "VUS"), *NEAR[:3]], False),
    "conflicting does not": ([missense(30, "conflicting"), *NEAR[:3]], False),
    "a benign one inside": ([*NEAR, missense(30, "B")], False),
    "a likely benign one at the edge": ([*NEAR, missense(26, "LB")], False),
    "a benign one at the other edge": ([*NEAR, missense(42, "B/LB")], False),
    "a benign one outside": ([*NEAR, missense(25, "B"), missense(43, "B")], True),
    "the own record does not count": ([*NEAR[:3], missense(35, variant=VARIANT)], False),
    "the own benign record does not count": ([*NEAR, missense(35, "B", variant=VARIANT)], True),
    "an allele said twice counts once": (
        [*NEAR[:3], {**NEAR[0], "resource": "consensus", "record": "x"}],
        False,
    ),
    "the better review of an allele decides, pathogenic": (
        [*NEAR, {**NEAR[0], "klass": "B", "stars": 1}],
        True,
    ),
    "the better review of an allele decides, benign": (
        [*NEAR, missense(30), {**missense(30), "klass": "B", "stars": 3}],
        False,
    ),
}


@pytest.mark.parametrize("case", HOT)
def test_pm1(case: str) -> None:
    records, met = HOT[case]
    found = codes_of(hot_spot(candidate(), knowledge(stretches=by_stretch(records)), PROFILE))
    assert found == ({"PM1": 2000} if met else {})


@pytest.mark.parametrize(
    "fields",
    [{"consequence": "inframe_deletion"}, {"codon": ""}, {"consequence": "synonymous_variant"}],
)
def test_pm1_is_of_missense_at_a_known_residue(fields: Any) -> None:
    seen = candidate(**{"codon": "ENST1:34"} | fields)
    assert codes_of(hot_spot(seen, knowledge(stretches=by_stretch(NEAR)), PROFILE)) == {}


@pytest.mark.parametrize("residue", [1, 8, 15, 16, 17, 100])
def test_pm1_reads_all_stretches_within_reach(residue: int) -> None:
    """Wherever the residue lies in its stretch, both edges of the window are read."""
    edges = [n for n in (residue - 8, residue - 7, residue + 7, residue + 8) if n > 0]
    fill = [n for n in (residue + 1, residue + 2) if n not in edges]
    records = [missense(n) for n in [*edges, *fill][:4]]
    known = knowledge(stretches=by_stretch(records))
    seen = candidate(codon=f"ENST1:{residue}")
    assert codes_of(hot_spot(seen, known, PROFILE)) == {"PM1": 2000}


SAME = known_allele("1-101-C-G", aa_alt="W")
OTHER = known_allele("1-101-C-A", aa_alt="Q")

RESIDUE: dict[str, tuple[list[Any], dict[str, int]]] = {
    "PS1, likely": ([{**SAME, "klass": "LP"}], {"PS1": 4000}),
    "PS1, three stars": ([{**SAME, "stars": 3}], {"PS1": 4000}),
    "PM5, likely": ([{**OTHER, "klass": "LP"}], {"PM5": 2000}),
    "PM5, two others count once": ([OTHER, {**OTHER, "variant": "1-7-C-T"}], {"PM5": 2000}),
    "PM5, the better reviewed": (
        [{**OTHER, "stars": 0}, {**OTHER, "variant": "1-7-C-T", "aa_alt": "L"}],
        {"PM5": 2000},
    ),
    "PM5 beside a weak PS1": ([{**SAME, "stars": 0}, OTHER], {"PS1_Supporting": 1000, "PM5": 0}),
    "nobody": ([], {}),
}


@pytest.mark.parametrize("case", RESIDUE)
def test_ps1_and_pm5(case: str) -> None:
    records, expected = RESIDUE[case]
    assert codes_of(same_residue(candidate(), knowledge(codons=records), PROFILE)) == expected
