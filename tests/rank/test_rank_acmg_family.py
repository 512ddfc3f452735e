"""Cosegregation: PP1 and BS4, and the triage rows of the same fact. Section 2 of
docs/evidence.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rank_world import (
    BROTHER,
    DAD,
    KID,
    MUM,
    SISTER,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    points_of,
)

from ariane.model.case import Member, Sex

ON_X = "X-5000000-A-T"
ILL_MUM, ILL_DAD = (replace(parent, affected=True) for parent in (MUM, DAD))
ILL_SISTER = replace(SISTER, affected=True)
AUNT, UNCLE, COUSIN = (
    Member(name, name, sex=sex, affected=True)
    for name, sex in (("aunt", Sex.FEMALE), ("uncle", Sex.MALE), ("cousin", Sex.MALE))
)
OF_UNKNOWN_STATUS = replace(BROTHER, affected=None)
WELL_BROTHER = replace(BROTHER, affected=False)
NO_SAMPLE = replace(BROTHER, sample="")

# Mode, allele, relatives, all calls but the patient's, and what is told of the segregation.
Told = dict[str, int]
DOMINANT: dict[str, tuple[list[Member], dict[str, str], Told]] = {
    "one": ([BROTHER], {"bro": "0/1"}, {}),
    "two": ([BROTHER, ILL_SISTER], {"bro": "0/1", "sis": "0/1"}, {}),
    "three": (
        [BROTHER, ILL_SISTER, AUNT],
        {"bro": "0/1", "sis": "0/1", "aunt": "0/1"},
        {"PP1": 1000},
    ),
    "four": (
        [BROTHER, ILL_SISTER, AUNT, UNCLE],
        {"bro": "0/1", "sis": "0/1", "aunt": "0/1", "uncle": "0/1"},
        {"PP1_Moderate": 2000},
    ),
    "five": (
        [BROTHER, ILL_SISTER, AUNT, UNCLE, COUSIN],
        {"bro": "0/1", "sis": "0/1", "aunt": "0/1", "uncle": "0/1", "cousin": "0/1"},
        {"PP1_Strong": 4000},
    ),
    "three and one without a call": (
        [BROTHER, ILL_SISTER, AUNT, UNCLE],
        {"bro": "0/1", "sis": "0/1", "aunt": "0/1", "uncle": "./."},
        {"PP1": 1000},
    ),
    "three and one without a sample": (
        [NO_SAMPLE, ILL_SISTER, AUNT, UNCLE],
        {"sis": "0/1", "aunt": "0/1", "uncle": "0/1"},
        {"PP1": 1000},
    ),
    "two and one without a call": (
        [BROTHER, ILL_SISTER, AUNT],
        {"bro": "0/1", "sis": "0/1", "aunt": "./."},
        {},
    ),
    "two and one of unknown status": (
        [OF_UNKNOWN_STATUS, ILL_SISTER, AUNT],
        {"bro": "0/1", "sis": "0/1", "aunt": "0/1"},
        {},
    ),
    "three and one of unknown status without it": (
        [OF_UNKNOWN_STATUS, ILL_SISTER, AUNT, UNCLE],
        {"bro": "0/0", "sis": "0/1", "aunt": "0/1", "uncle": "0/1"},
        {"PP1": 1000},
    ),
    "a well brother with it is no meiosis": (
        [WELL_BROTHER, ILL_SISTER, AUNT],
        {"bro": "0/1", "sis": "0/1", "aunt": "0/1"},
        {"UNAFFECTED_SAME_GENOTYPE": -6000},
    ),
    "one ill without it": (
        [BROTHER],
        {"bro": "0/0"},
        {"BS4": -4000, "AFFECTED_WITHOUT": -2000},
    ),
    "two ill without it: what BS4 took is taken once": (
        [BROTHER, ILL_SISTER],
        {"bro": "0/0", "sis": "0/0"},
        {"BS4": -4000, "AFFECTED_WITHOUT": -8000},
    ),
    "one ill without it, four with it": (
        [BROTHER, ILL_SISTER, AUNT, UNCLE, COUSIN],
        {"bro": "0/0", "sis": "0/1", "aunt": "0/1", "uncle": "0/1", "cousin": "0/1"},
        {"BS4": -4000, "AFFECTED_WITHOUT": -2000},
    ),
    "no call is no lack": ([BROTHER], {"bro": "./."}, {}),
    "unknown status without it": ([OF_UNKNOWN_STATUS], {"bro": "0/0"}, {}),
    "an ill mother": ([ILL_MUM], {"mum": "0/1"}, {"INHERITED_FROM_AFFECTED": 1500}),
    "an ill mother and two more: the triage row keeps the rest": (
        [ILL_MUM, BROTHER, ILL_SISTER],
        {"mum": "0/1", "bro": "0/1", "sis": "0/1"},
        {"PP1": 1000, "INHERITED_FROM_AFFECTED": 500},
    ),
    "an ill mother and three more": (
        [ILL_MUM, BROTHER, ILL_SISTER, AUNT],
        {"mum": "0/1", "bro": "0/1", "sis": "0/1", "aunt": "0/1"},
        {"PP1_Moderate": 2000, "INHERITED_FROM_AFFECTED": 0},
    ),
}
SEGREGATION = {
    *("AFFECTED_WITHOUT", "INHERITED_FROM_AFFECTED", "INHERITED_FROM_UNAFFECTED"),
    "UNAFFECTED_SAME_GENOTYPE",
}


def told(mode: str, variant: str, own: str, relatives: list[Member], others: Any) -> Told:
    """Rows on the segregation of one allele, by code."""
    seen = candidate(variant, genotypes=calls(kid=own, **others))
    known = knowledge(diseases=[disease(mode)])
    found = findings(family(KID, *relatives), known, seen)
    points = points_of(found[f"{mode}|{variant}"])
    return {
        code: weight
        for code, weight in points.items()
        if code in SEGREGATION or code.startswith(("PP1", "BS4"))
    }


@pytest.mark.parametrize("case", DOMINANT)
def test_a_dominant_family(case: str) -> None:
    relatives, others, expected = DOMINANT[case]
    assert told("AD", "1-100-A-T", "0/1", relatives, others) == expected


RECESSIVE: dict[str, tuple[list[Member], dict[str, str], Told]] = {
    "one sibling, two meioses": ([BROTHER], {"bro": "1/1"}, {}),
    "two siblings, four": (
        [BROTHER, ILL_SISTER],
        {"bro": "1/1", "sis": "1/1"},
        {"PP1_Moderate": 2000},
    ),
    "three siblings, six": (
        [BROTHER, ILL_SISTER, AUNT],
        {"bro": "1/1", "sis": "1/1", "aunt": "1/1"},
        {"PP1_Strong": 4000},
    ),
    "an ill brother with one copy": (
        [BROTHER],
        {"bro": "0/1"},
        {"BS4": -4000, "AFFECTED_WITHOUT": -2000},
    ),
    "an ill brother without a call": ([BROTHER], {"bro": "./."}, {}),
    "a well sister with two copies": (
        [SISTER],
        {"sis": "1/1"},
        {"UNAFFECTED_SAME_GENOTYPE": -6000},
    ),
    "a well sister with one": ([SISTER], {"sis": "0/1"}, {}),
}


@pytest.mark.parametrize("case", RECESSIVE)
def test_a_recessive_family(case: str) -> None:
    relatives, others, expected = RECESSIVE[case]
    assert told("AR", "1-100-A-T", "1/1", relatives, others) == expected


X_LINKED: dict[str, tuple[list[Member], dict[str, str], Told]] = {
    # A boy has his X from his mother alone: each ill male is one meiosis.
    "two ill males": ([BROTHER, UNCLE], {"bro": "1", "uncle": "1"}, {}),
    "three ill males": (
        [BROTHER, UNCLE, COUSIN],
        {"bro": "1", "uncle": "1/1", "cousin": "0/1"},
        {"PP1": 1000},
    ),
    "a woman with two copies is two": (
        [BROTHER, ILL_SISTER],
        {"bro": "1", "sis": "1/1"},
        {"PP1": 1000},
    ),
    "an ill woman with one copy tells nothing": (
        [BROTHER, UNCLE, ILL_SISTER],
        {"bro": "1", "uncle": "1", "sis": "0/1"},
        {},
    ),
    "an ill brother without it": (
        [BROTHER],
        {"bro": "0"},
        {"BS4": -4000, "AFFECTED_WITHOUT": -2000},
    ),
}


@pytest.mark.parametrize("case", X_LINKED)
def test_an_x_linked_recessive_family(case: str) -> None:
    relatives, others, expected = X_LINKED[case]
    assert told("XLR", ON_X, "1", relatives, others) == expected


def test_mitochondria_do_not_segregate() -> None:
    relatives = [ILL_MUM, BROTHER, ILL_SISTER, AUNT]
    others = {"mum": "0/1", "bro": "0/0", "sis": "0/1", "aunt": "0/1"}
    found = told("MT", "MT-100-A-G", "0/1", relatives, others)
    assert not {code for code in found if code.startswith(("PP1", "BS4"))}
