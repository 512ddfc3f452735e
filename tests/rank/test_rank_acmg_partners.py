"""What the other allele of the gene says: PM3, BP2, and PVS1 alone. Section 2 of
docs/evidence.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rank_world import (
    DAD,
    KID,
    MUM,
    VARIANT,
    asserted,
    call,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    points_of,
    setting,
)

from ariane.rank.combine import pair_points
from ariane.rank.evaluate import evaluate
from ariane.rank.finding import Finding
from ariane.rank.profile import load_profile

OTHER = "1-200-G-C"
TRIO = family(KID, MUM, DAD)
FRENCH = load_profile("france_ngsdiag")

# Calls of both alleles by phase; the second is the partner.
PHASES: dict[str, tuple[Any, Any, Any]] = {
    "trans by parents": (
        TRIO,
        calls(kid="0/1", mum="0/1", dad="0/0"),
        calls(kid="0/1", mum="0/0", dad="0/1"),
    ),
    "trans by reads": (
        family(KID),
        calls(kid=call("0|1", phase_set="7")),
        calls(kid=call("1|0", phase_set="7")),
    ),
    "cis by reads": (
        family(KID),
        calls(kid=call("0|1", phase_set="7")),
        calls(kid=call("0|1", phase_set="7")),
    ),
    "cis by parents": (
        TRIO,
        calls(kid="0/1", mum="0/1", dad="0/0"),
        calls(kid="0/1", mum="0/1", dad="0/0"),
    ),
    "unknown": (family(KID), calls(kid="0/1"), calls(kid="0/1")),
    "one parent, from one side": (
        family(KID, MUM),
        calls(kid="0/1", mum="0/1"),
        calls(kid="0/1", mum="0/0"),
    ),
    "one parent, both or neither": (
        family(KID, MUM),
        calls(kid="0/1", mum="0/1"),
        calls(kid="0/1", mum="0/1"),
    ),
    "a parent without a call": (
        TRIO,
        calls(kid="0/1", mum="0/1", dad="./."),
        calls(kid="0/1", mum="0/0", dad="./."),
    ),
}

# What is asserted of the partner, its phase, and the PM3 of the first allele.
PM3: dict[str, tuple[list[Any], str, dict[str, int]]] = {
    "P in trans": ([asserted("P", 2)], "trans by parents", {"PM3_Moderate": 2000}),
    "P in trans by reads": ([asserted("P", 1)], "trans by reads", {"PM3_Moderate": 2000}),
    "P/LP in trans": ([asserted("P/LP", 1)], "trans by parents", {"PM3_Moderate": 2000}),
    "LP in trans": ([asserted("LP", 1)], "trans by parents", {"PM3_Moderate": 2000}),
    "VUS in trans": ([], "trans by parents", {}),
    "a P that nobody reviewed is uncertain": ([asserted("P", 0)], "trans by parents", {}),
    "P, phase unknown": ([asserted("P", 2)], "unknown", {"PM3_Supporting": 1000}),
    "LP, phase unknown": ([asserted("LP", 2)], "unknown", {}),
    "VUS, phase unknown": ([], "unknown", {}),
    "P, one parent agrees with trans": (
        [asserted("P", 2)],
        "one parent, from one side",
        {"PM3_Supporting": 1000},
    ),
    "P, one parent agrees with cis": ([asserted("P", 2)], "one parent, both or neither", {}),
    "P, one parent without a call": (
        [asserted("P", 2)],
        "a parent without a call",
        {"PM3_Supporting": 1000},
    ),
}


def pair(phase: str, **known: Any) -> Finding:
    """The finding of both alleles of a recessive gene."""
    case, first, second = PHASES[phase]
    found = findings(
        case,
        knowledge(diseases=[disease("AR")], **known),
        candidate(VARIANT, genotypes=first),
        candidate(OTHER, genotypes=second),
    )
    return found[f"AR|{VARIANT}+{OTHER}"]


def of_first(finding: Finding, criterion: str) -> dict[str, int]:
    return {
        row.code: row.points
        for row in finding.rows
        if row.variant == VARIANT and row.code.startswith(criterion)
    }


@pytest.mark.parametrize("case", PM3)
def test_pm3_of_a_pair(case: str) -> None:
    said, phase, expected = PM3[case]
    found = pair(phase, assertions={OTHER: said} if said else {})
    assert of_first(found, "PM3") == expected
    # The partner itself has none: of its own partner nothing is known.
    assert not [r for r in found.rows if r.variant == OTHER and r.code.startswith("PM3")]


def test_pm3_where_the_partner_is_pathogenic_by_its_own_criteria() -> None:
    case, first, second = PHASES["trans by parents"]
    found = findings(
        case,
        knowledge(diseases=[disease("AR")], dosage="30"),
        candidate(VARIANT, genotypes=first),
        candidate(OTHER, "stop_gained", genotypes=second),
    )[f"AR|{VARIANT}+{OTHER}"]
    # PVS1 and PM2 make nine points: likely pathogenic.
    assert of_first(found, "PM3") == {"PM3_Moderate": 2000}


@pytest.mark.parametrize("common", [VARIANT, OTHER])
def test_pm3_asks_that_both_are_rare(common: str) -> None:
    found = pair(
        "trans by parents",
        assertions={OTHER: [asserted("P", 2)]},
        frequencies={common: 0.0002},
    )
    assert of_first(found, "PM3") == {}


def test_one_patient_is_summed_to_moderate_at_most() -> None:
    """Two pathogenic partners of one allele give no more than one: each pair is a finding."""
    case, first, second = PHASES["trans by parents"]
    third = "1-300-G-C"
    said = {OTHER: [asserted("P", 2)], third: [asserted("P", 2)]}
    found = findings(
        case,
        knowledge(diseases=[disease("AR")], assertions=said),
        candidate(VARIANT, genotypes=first),
        candidate(OTHER, genotypes=second),
        candidate(third, genotypes=second),
    )
    for partner in (OTHER, third):
        assert of_first(found[f"AR|{VARIANT}+{partner}"], "PM3") == {"PM3_Moderate": 2000}


# Calls of a homozygote, its frequency, and what PM3 and the triage row of the same fact give.
HOMOZYGOUS: dict[str, tuple[Any, float | None, dict[str, int]]] = {
    "parents not known": ({"kid": "1/1"}, None, {"PM3_Supporting": 1000, "HOMOZYGOUS": 0}),
    "both parents carry": (
        {"kid": "1/1", "mum": "0/1", "dad": "0/1"},
        None,
        {"PM3_Supporting": 1000, "PARENTS_CARRY": 1000},
    ),
    "a parent without": (
        {"kid": "1/1", "mum": "0/1", "dad": "0/0"},
        None,
        {"PARENT_WITHOUT": -1000},
    ),
    "rare": ({"kid": "1/1"}, 0.0001, {"PM3_Supporting": 1000, "HOMOZYGOUS": 0}),
    "not rare": ({"kid": "1/1"}, 0.00011, {"HOMOZYGOUS": 1000}),
}


@pytest.mark.parametrize("case", HOMOZYGOUS)
def test_pm3_of_a_homozygote(case: str) -> None:
    written, af, expected = HOMOZYGOUS[case]
    known = knowledge(diseases=[disease("AR")], frequencies={} if af is None else {VARIANT: af})
    (found,) = findings(TRIO, known, candidate(genotypes=calls(**written))).values()
    held = points_of(found)
    asked = ("PM3", "HOMOZYGOUS", "PARENT")
    assert {k: v for k, v in held.items() if k.startswith(asked)} == expected


@pytest.mark.parametrize("mode", ["AD", "XLD"])
def test_pm3_is_of_recessive_diseases(mode: str) -> None:
    known = knowledge(diseases=[disease(mode)])
    variant = VARIANT if mode == "AD" else "X-5000000-A-T"
    (found,) = findings(family(KID), known, candidate(variant, genotypes=calls(kid="1/1"))).values()
    assert not [code for code in points_of(found) if code.startswith("PM3")]


# What is said of another allele, its phase, other knowledge, and whether BP2 is met.
BP2: dict[str, tuple[list[Any], str, dict[str, Any], bool]] = {
    "P in cis by reads": ([asserted("P", 1)], "cis by reads", {}, True),
    "P in cis by parents": ([asserted("P", 1)], "cis by parents", {}, True),
    "LP in cis": ([asserted("LP", 1)], "cis by reads", {}, True),
    "a VUS in cis": ([], "cis by reads", {}, False),
    "B in cis": ([asserted("B", 3)], "cis by reads", {}, False),
    "P in trans": ([asserted("P", 2)], "trans by reads", {}, False),
    "P, phase unknown": ([asserted("P", 2)], "unknown", {}, False),
    "P, one parent known": ([asserted("P", 2)], "one parent, both or neither", {}, False),
    "P in cis that BA1 shuts out": (
        [asserted("P", 1)],
        "cis by reads",
        {"frequencies": {OTHER: 0.2}},
        False,
    ),
}


@pytest.mark.parametrize("case", BP2)
def test_bp2(case: str) -> None:
    said, phase, more, met = BP2[case]
    people, first, second = PHASES[phase]
    known = knowledge(diseases=[disease("AD")], assertions={OTHER: said} if said else {}, **more)
    found = findings(
        people,
        known,
        candidate(VARIANT, genotypes=first),
        candidate(OTHER, genotypes=second),
    )
    assert of_first(found[f"AD|{VARIANT}"], "BP2") == ({"BP2": -1000} if met else {})
    partner = found[f"AD|{OTHER}"]
    assert not [r for r in partner.rows if r.variant == OTHER and r.code == "BP2"]


STOP = "stop_gained"
# Frequency and what else is known of a null allele; its rows with positive or alone points, and
# its class, in the French profile and in ClinGen's.
ALONE: dict[str, tuple[str, dict[str, Any], dict[str, int], str, str]] = {
    "alone": (STOP, {"frequencies": {VARIANT: 0.001}}, {"PVS1_ALONE": -3000}, "VUS", "LP"),
    "not covered": (STOP, {"covered": ()}, {"PVS1_ALONE": -3000}, "VUS", "LP"),
    "with PM2": (STOP, {}, {}, "P", "LP"),
    "with BS1": (STOP, {"frequencies": {VARIANT: 0.02}}, {}, "VUS", "VUS"),
    "no null": ("missense_variant", {"frequencies": {VARIANT: 0.001}}, {}, "VUS", "VUS"),
}


def french(finding_of: str, *seen: Any, people: Any = None, **known: Any) -> Finding:
    under = replace(setting(knowledge(**known)), profile=FRENCH)
    found = evaluate(people or family(KID), seen[0]["gene"], seen, under).findings
    return next(f for f in found if f.id.endswith(finding_of))


@pytest.mark.parametrize("case", ALONE)
def test_pvs1_alone(case: str) -> None:
    consequence, more, expected, in_france, by_clingen = ALONE[case]
    told: dict[str, Any] = {"diseases": [disease("AD")], "dosage": "3"} | more
    seen = candidate(consequence=consequence)
    found = french(VARIANT, seen, **told)
    held = points_of(found)
    assert {k: v for k, v in held.items() if k == "PVS1_ALONE"} == expected
    assert found.to_row()["acmg_class"] == in_france
    (clingen,) = findings(family(KID), knowledge(**told), seen).values()
    assert clingen.to_row()["acmg_class"] == by_clingen
    assert "PVS1_ALONE" not in points_of(clingen)


def test_pvs1_is_not_alone_beside_a_de_novo_call() -> None:
    seen = candidate(consequence=STOP, genotypes=calls(kid="0/1", mum="0/0", dad="0/0"))
    told = {"diseases": [disease("AD")], "dosage": "3", "frequencies": {VARIANT: 0.001}}
    found = french(VARIANT, seen, people=TRIO, **told)
    assert points_of(found)["PM6_Supporting"] == 1000
    assert found.to_row()["acmg_class"] == "LP"


def test_a_pair_of_nulls_alone_is_a_product_of_what_each_keeps() -> None:
    """What PVS1 alone loses limits the pair: it is taken before the product, not after it."""
    case, first, second = PHASES["trans by parents"]
    told = {
        "diseases": [disease("AR")],
        "dosage": "30",
        "frequencies": {VARIANT: 0.001, OTHER: 0.001},
    }
    seen = [
        candidate(VARIANT, STOP, genotypes=first),
        candidate(OTHER, STOP, genotypes=second),
    ]
    found = french(f"{VARIANT}+{OTHER}", *seen, people=case, **told)
    assert found.to_row()["acmg_class"] == "VUS+VUS"
    assert found.local_points == pair_points(5000, 5000, 0.99)


def test_the_cap_comes_after_what_pvs1_alone_loses() -> None:
    told = {
        "diseases": [disease("AD")],
        "dosage": "3",
        "frequencies": {VARIANT: 0.001},
        "assertions": {VARIANT: [asserted("P", 3)]},
    }
    found = french(VARIANT, candidate(consequence=STOP), **told)
    assert points_of(found) == {
        "PVS1": 8000,
        "PM2": 0,
        "ASSERT": 8000,
        "PVS1_ALONE": -3000,
        "CAP": -1000,
    }


def test_a_null_that_pvs1_alone_leaves_uncertain_gives_no_bp2() -> None:
    people, first, second = PHASES["cis by reads"]
    told = {"diseases": [disease("AD")], "dosage": "3", "frequencies": {OTHER: 0.001}}
    seen = [candidate(VARIANT, genotypes=first), candidate(OTHER, STOP, genotypes=second)]
    assert of_first(french(f"AD|{VARIANT}", *seen, people=people, **told), "BP2") == {}
    found = findings(people, knowledge(**told), *seen)[f"AD|{VARIANT}"]
    assert of_first(found, "BP2") == {"BP2": -1000}
