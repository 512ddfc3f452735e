"""Imprinted genes: the parent of origin decides, and a well carrier is not held against it."""

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
    knowledge,
    points_of,
    setting,
    site,
)

from ariane.rank.evaluate import evaluate
from ariane.rank.imprinting import expressed_side, load_imprinted
from ariane.rank.inheritance import parent_of_origin

MAGEL2, UBE3A, GNAS = "HGNC:6814", "HGNC:12496", "HGNC:4392"
TRIO = family(KID, MUM, DAD)
QUAD = family(KID, MUM, DAD, SISTER)
FROM_DAD = {"kid": "0/1", "mum": "0/0", "dad": "0/1"}
FROM_MUM = {"kid": "0/1", "mum": "0/1", "dad": "0/0"}


def told(gene: str, case: Any, mode: str = "AD", **written: str) -> dict[str, int]:
    known = knowledge(diseases=[disease(mode, gene=gene)])
    seen = candidate(gene=gene, genotypes=calls(**written))
    (found,) = evaluate(case, gene, [seen], setting(known)).findings
    return points_of(found)


def test_the_table() -> None:
    held = load_imprinted()
    assert (held[MAGEL2], held[UBE3A], held[GNAS]) == ("paternal", "maternal", "both")
    assert expressed_side(MAGEL2, "AR") == ""
    assert expressed_side("HGNC:1", "AD") == ""


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        (FROM_MUM, "maternal"),
        (FROM_DAD, "paternal"),
        ({"kid": "0/1", "mum": "0/1", "dad": "./."}, "maternal"),
        ({"kid": "0/1", "mum": "0/1", "dad": "0/1"}, ""),
        ({"kid": "0/1", "mum": "0/0", "dad": "0/0"}, ""),
        ({"kid": "0/1", "mum": "./.", "dad": "./."}, ""),
    ],
)
def test_parent_of_origin(written: dict[str, str], origin: str) -> None:
    assert parent_of_origin(site(TRIO, **written)) == origin


def test_a_well_father_who_had_it_from_his_mother() -> None:
    points = told(MAGEL2, TRIO, **FROM_DAD)
    assert (points["INHERITED_FROM_UNAFFECTED"], points["IMPRINTED"]) == (0, 0)
    assert "IMPRINTED_SILENT" not in points
    assert told("HGNC:1", TRIO, **FROM_DAD)["INHERITED_FROM_UNAFFECTED"] == -3000


def test_an_allele_from_the_silent_side_counts_against_once() -> None:
    points = told(MAGEL2, TRIO, **FROM_MUM)
    assert (points["INHERITED_FROM_UNAFFECTED"], points["IMPRINTED_SILENT"]) == (0, -3000)
    assert told(UBE3A, TRIO, **FROM_DAD)["IMPRINTED_SILENT"] == -3000
    assert "IMPRINTED_SILENT" not in told(UBE3A, TRIO, **FROM_MUM)


def test_either_side_is_only_told() -> None:
    for written in (FROM_MUM, FROM_DAD):
        points = told(GNAS, TRIO, **written)
        assert (points["IMPRINTED"], points["INHERITED_FROM_UNAFFECTED"]) == (0, 0)


def test_de_novo_and_a_missing_parent_leave_the_origin_open() -> None:
    new = told(MAGEL2, TRIO, kid="0/1", mum="0/0", dad="0/0")
    assert (new["DE_NOVO"], new["IMPRINTED"]) == (4000, 0)
    alone = told(MAGEL2, family(KID), kid="0/1")
    assert alone["IMPRINTED"] == 0
    duo = told(MAGEL2, family(KID, MUM), kid="0/1", mum="0/1")
    assert duo["IMPRINTED_SILENT"] == -3000


def test_an_affected_parent_still_speaks_for_it() -> None:
    ill = family(KID, MUM, replace(DAD, affected=True))
    assert told(MAGEL2, ill, **FROM_DAD)["INHERITED_FROM_AFFECTED"] == 1500


def test_a_well_sister_counts_only_when_she_had_it_from_the_expressed_side() -> None:
    assert told(MAGEL2, QUAD, **FROM_DAD, sis="0/1")["UNAFFECTED_SAME_GENOTYPE"] == -6000
    assert "UNAFFECTED_SAME_GENOTYPE" not in told(MAGEL2, QUAD, **FROM_MUM, sis="0/1")
    half = family(KID, MUM, DAD, replace(SISTER, father=""))
    assert "UNAFFECTED_SAME_GENOTYPE" not in told(MAGEL2, half, **FROM_DAD, sis="0/1")


def test_an_affected_brother_without_the_allele_speaks_against_it() -> None:
    points = told(MAGEL2, family(KID, MUM, DAD, BROTHER), **FROM_DAD, bro="0/0")
    assert points["BS4"] + points["AFFECTED_WITHOUT"] == -6000
