"""Findings of one gene in one family."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rank_world import (
    BROTHER,
    DAD,
    GENE,
    GIRL,
    KID,
    MUM,
    SISTER,
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

from ariane.model.case import Sex
from ariane.rank.evaluate import LeftOut, evaluate

TRIO = family(KID, MUM, DAD)
SECOND = "1-200-G-C"
ON_X = "X-5000000-A-T"
AD, AR, XLR = (knowledge(diseases=[disease(mode)]) for mode in ("AD", "AR", "XLR"))


def left(case: Any, known: Any, *candidates: dict[str, Any]) -> list[LeftOut]:
    return evaluate(case, GENE, candidates, setting(known)).left_out


def test_de_novo_in_a_trio() -> None:
    seen = candidate(genotypes=calls(kid="0/1", mum="0/0", dad="0/0"))
    (found,) = findings(TRIO, AD, seen).values()
    assert points_of(found) == {
        "PM2_Supporting": 1000,
        "ASSERT": 0,
        "PM6_Supporting": 1000,
        "DE_NOVO": 4000,
    }
    row = found.to_row()
    assert (row["acmg_points"], row["acmg_class"], row["local_points"]) == ("2000", "VUS", 6000)
    assert (row["finding"], row["zygosity"]) == (f"{GENE}|AD|{VARIANT}", "het")


def test_a_parent_without_a_call_gives_no_de_novo() -> None:
    seen = candidate(genotypes=calls(kid="0/1", mum="0/0", dad="./."))
    (found,) = findings(TRIO, AD, seen).values()
    assert "DE_NOVO" not in points_of(found)


@pytest.mark.parametrize(
    ("mum", "code", "points"),
    [
        (replace(MUM, affected=True), "INHERITED_FROM_AFFECTED", 1500),
        (MUM, "INHERITED_FROM_UNAFFECTED", -3000),
    ],
)
def test_dominant_inheritance(mum: Any, code: str, points: int) -> None:
    seen = candidate(genotypes=calls(kid="0/1", mum="0/1", dad="0/0"))
    (found,) = findings(family(KID, mum, DAD), AD, seen).values()
    assert points_of(found)[code] == points


def test_a_parent_of_unknown_status_moves_nothing() -> None:
    seen = candidate(genotypes=calls(kid="0/1", mum="0/1", dad="0/0"))
    case = family(KID, replace(MUM, affected=None), DAD)
    (found,) = findings(case, AD, seen).values()
    assert set(points_of(found)) == {"PM2_Supporting", "ASSERT"}


@pytest.mark.parametrize(
    ("mum", "dad", "code", "points"),
    [
        # PM3 is the same fact: the triage row keeps what PM3 does not give.
        ("0/1", "0/1", "PARENTS_CARRY", 1000),
        ("0/1", "0/0", "PARENT_WITHOUT", -1000),
        ("0/1", "./.", "HOMOZYGOUS", 0),
        ("./.", "./.", "HOMOZYGOUS", 0),
    ],
)
def test_homozygous(mum: str, dad: str, code: str, points: int) -> None:
    seen = candidate(genotypes=calls(kid="1/1", mum=mum, dad=dad))
    (found,) = findings(TRIO, AR, seen).values()
    pm3 = {} if code == "PARENT_WITHOUT" else {"PM3_Supporting": 1000}
    assert points_of(found) == {"PM2_Supporting": 1000, "ASSERT": 0, code: points} | pm3


def test_a_homozygote_is_one_allele_counted_once() -> None:
    known = knowledge(diseases=[disease("AR")], assertions={VARIANT: [asserted("P", 2)]})
    (found,) = findings(family(KID), known, candidate(genotypes=calls(kid="1/1"))).values()
    assert found.variants == (VARIANT,)
    assert [row.code for row in found.rows].count("ASSERT") == 1
    assert found.local_points == 6500 + 1000 + 1000


def test_an_affected_sibling_without_it_and_an_unaffected_one_with_it() -> None:
    quad = family(KID, MUM, DAD, BROTHER, SISTER)
    seen = candidate(genotypes=calls(kid="1/1", mum="0/1", dad="0/1", bro="0/1", sis="1/1"))
    (found,) = findings(quad, AR, seen).values()
    assert points_of(found)["BS4"] + points_of(found)["AFFECTED_WITHOUT"] == -6000
    assert points_of(found)["BS4"] == -4000
    assert points_of(found)["UNAFFECTED_SAME_GENOTYPE"] == -6000


def compound(first: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    return [candidate(VARIANT, genotypes=first), candidate(SECOND, genotypes=second)]


def test_a_pair_in_trans() -> None:
    pair = compound(calls(kid="0/1", mum="0/1", dad="0/0"), calls(kid="0/1", mum="0/0", dad="0/1"))
    (found,) = findings(TRIO, AR, *pair).values()
    assert (found.id, found.zygosity) == (f"{GENE}|AR|{VARIANT}+{SECOND}", "compound")
    assert found.local_points == 1000 + 1000 + points_of(found)["PAIR"]
    assert found.local_points <= 1000
    assert found.to_row()["acmg_class"] == "VUS+VUS"


def test_a_pair_in_cis_opens_no_finding() -> None:
    pair = compound(calls(kid="0/1", mum="0/1", dad="0/0"), calls(kid="0/1", mum="0/1", dad="0/0"))
    assert findings(TRIO, AR, *pair) == {}
    assert {out.step for out in left(TRIO, AR, *pair)} == {"mode"}


def test_a_pair_whose_half_an_affected_sibling_lacks() -> None:
    quad = family(KID, MUM, DAD, BROTHER)
    first = calls(kid="0/1", mum="0/1", dad="0/0", bro="0/1")
    (whole,) = findings(
        quad, AR, *compound(first, calls(kid="0/1", mum="0/0", dad="0/1", bro="0/1"))
    ).values()
    (lacking,) = findings(
        quad, AR, *compound(first, calls(kid="0/1", mum="0/0", dad="0/1", bro="0/0"))
    ).values()
    assert whole.local_points - lacking.local_points == 6000


def test_a_heterozygote_alone_is_told_and_not_ranked() -> None:
    (out,) = left(family(KID), AR, candidate())
    assert (out.step, out.rule) == (
        "mode",
        "one hit: heterozygous in a recessive gene, with no second allele that may lie in trans",
    )


def test_a_gene_with_dominant_and_recessive_diseases_opens_both_modes() -> None:
    known = knowledge(diseases=[disease("AD"), disease("AR", "OMIM:2")])
    found = findings(family(KID), known, candidate(), candidate(SECOND))
    assert set(found) == {f"AD|{VARIANT}", f"AD|{SECOND}", f"AR|{VARIANT}+{SECOND}"}


@pytest.mark.parametrize("written", ["1/1", "0/1", "1"])
def test_a_boy_with_a_carrier_mother(written: str) -> None:
    seen = candidate(ON_X, genotypes=calls(kid=written, mum="0/1", dad="0/0"))
    (found,) = findings(TRIO, XLR, seen).values()
    assert found.mode == "XLR"
    assert points_of(found)["MOTHER_CARRIES"] == 500
    assert points_of(found).get("POOR_CALL", 0) == (-2000 if written == "0/1" else 0)
    assert "DE_NOVO" not in points_of(found)


def test_a_new_allele_on_a_boys_x_is_de_novo_under_the_recessive_mode() -> None:
    seen = candidate(ON_X, genotypes=calls(kid="1/1", mum="0/0", dad="0/0"))
    (found,) = findings(TRIO, XLR, seen).values()
    assert points_of(found)["DE_NOVO"] == 4000
    assert points_of(found)["PM6_Supporting"] == 1000


def test_an_unaffected_brother_or_grandfather_with_the_allele_on_x() -> None:
    well = replace(BROTHER, affected=False)
    seen = candidate(ON_X, genotypes=calls(kid="1", mum="0/1", bro="0/1"))
    (found,) = findings(family(KID, MUM, well), XLR, seen).values()
    assert points_of(found)["UNAFFECTED_SAME_GENOTYPE"] == -6000


def test_a_boys_x_never_holds_a_pair() -> None:
    two = [candidate(v, genotypes=calls(kid="0/1")) for v in (ON_X, "X-5000009-A-T")]
    assert {f.zygosity for f in findings(family(KID), XLR, *two).values()} == {"het"}


def test_a_girl_with_one_copy_is_weighed_down_and_not_ruled_out() -> None:
    case = family(GIRL, MUM, DAD, replace(SISTER, affected=True))
    seen = candidate(ON_X, genotypes=calls(kid="0/1", mum="0/1", dad="0", sis="0/1"))
    (found,) = findings(case, XLR, seen).values()
    assert points_of(found) == {"PM2_Supporting": 1000, "ASSERT": 0, "FEMALE_HETEROZYGOUS": -5000}


def test_a_girl_with_two_copies() -> None:
    seen = candidate(ON_X, genotypes=calls(kid="1/1"))
    (found,) = findings(family(GIRL), XLR, seen).values()
    assert "FEMALE_HETEROZYGOUS" not in points_of(found)


def test_a_pseudoautosomal_allele_behaves_as_an_autosomal_one() -> None:
    seen = candidate("X-1000000-A-T", genotypes=calls(kid="1/1", mum="0/1", dad="0/1"))
    (found,) = findings(TRIO, XLR, seen).values()
    assert (found.mode, found.zygosity) == ("AR", "hom")
    assert points_of(found)["PARENTS_CARRY"] + points_of(found)["PM3_Supporting"] == 2000


def test_a_patient_of_unknown_sex() -> None:
    seen = candidate(ON_X, genotypes=calls(kid="0/1"))
    (found,) = findings(family(replace(KID, sex=Sex.UNKNOWN)), XLR, seen).values()
    assert "POOR_CALL" not in points_of(found)


def test_as_much_heteroplasmy_in_a_well_mother_speaks_a_little_against() -> None:
    known = knowledge(diseases=[disease("MT")], covered=[("MT", 0, 16_569)])
    low = call("0/1", ref_depth=90, alt_depth=10, depth=100)
    seen = candidate("MT-3243-A-G", genotypes=calls(kid=low, mum="0/1", dad="0/0", sis="0/1"))
    (found,) = findings(family(KID, MUM, DAD, SISTER), known, seen).values()
    assert points_of(found) == {
        "PM2_Supporting": 1000,
        "ASSERT": 0,
        "HETEROPLASMY": 0,
        "MOTHER_AS_MUCH": -1000,
    }


def test_y_inherited_from_the_father_is_not_de_novo() -> None:
    known = knowledge(diseases=[disease("YL")])
    seen = candidate("Y-9000000-A-T", genotypes=calls(kid="1", mum="0/0", dad="1"))
    (found,) = findings(TRIO, known, seen).values()
    assert "DE_NOVO" not in points_of(found)
    assert points_of(found)["INHERITED_FROM_UNAFFECTED"] == -3000


def test_too_common_for_the_mode() -> None:
    frequent = {VARIANT: 0.005}
    dominant = knowledge(diseases=[disease("AD")], frequencies=frequent)
    recessive = knowledge(diseases=[disease("AR")], frequencies=frequent)
    seen = candidate(genotypes=calls(kid="1/1"))
    (under_ad,) = findings(family(KID), dominant, seen).values()
    (under_ar,) = findings(family(KID), recessive, seen).values()
    assert points_of(under_ad)["TOO_COMMON"] == -6000
    assert "TOO_COMMON" not in points_of(under_ar)


def test_ba1_shuts_an_allele_that_nobody_names() -> None:
    known = knowledge(diseases=[disease("AD")], frequencies={VARIANT: 0.2})
    (out,) = left(family(KID), known, candidate())
    assert (out.step, out.rule) == ("frequency", "excluded by BA1: common in the population")


def test_ba1_and_asserted_pathogenic_is_shown_with_its_gate_shut() -> None:
    known = knowledge(
        diseases=[disease("AD")],
        frequencies={VARIANT: 0.2},
        assertions={VARIANT: [asserted("P", 1)]},
    )
    (found,) = findings(family(KID), known, candidate()).values()
    assert (found.local_points, found.to_row()["acmg_class"]) == (0, "B (BA1)")
    said = next(row for row in found.rows if row.code == "ASSERT")
    assert (said.points, said.suppressed) == (0, "excluded by BA1")


@pytest.mark.parametrize("af", [0.02, 0.2])
def test_a_well_reviewed_common_allele_is_not_shut_out(af: float) -> None:
    """HFE, CFTR, MEFV: pathogenic alleles that many people carry."""
    known = knowledge(
        diseases=[disease("AR")],
        frequencies={VARIANT: af},
        assertions={VARIANT: [asserted("P", 2)]},
    )
    (found,) = findings(family(KID), known, candidate(genotypes=calls(kid="1/1"))).values()
    said = next(row for row in found.rows if row.resource == "frequencies" and row.variant)
    assert said.points == 0
    assert "asserted pathogenic with 2 stars" in said.suppressed
    assert "BA1)" not in found.to_row()["acmg_class"]


def test_one_frequency_counts_once() -> None:
    """BS1 and the limit of the mode speak of the same number."""
    known = knowledge(diseases=[disease("AD")], frequencies={VARIANT: 0.015})
    (found,) = findings(family(KID), known, candidate()).values()
    points = {row.code: row.points for row in found.rows if row.resource == "frequencies"}
    assert points == {"BS1": -4000, "TOO_COMMON": -2000}


def test_a_failed_filter_speaks_against_the_call() -> None:
    known = knowledge(diseases=[disease("AD")])
    (found,) = findings(family(KID), known, candidate(filters="q10;dp")).values()
    poor = next(row for row in found.rows if row.code == "POOR_CALL")
    assert "FILTER q10;dp" in poor.sentence
    assert poor.points < 0


def test_a_shut_allele_is_no_half_of_a_pair_and_says_so() -> None:
    known = knowledge(
        diseases=[disease("AR")],
        frequencies={SECOND: 0.2},
        assertions={SECOND: [asserted("P", 1)]},
    )
    both = [candidate(), candidate(SECOND)]
    assert findings(family(KID), known, *both) == {}
    reasons = {out.variant: out for out in left(family(KID), known, *both)}
    assert reasons[VARIANT].step == "mode"
    assert reasons[SECOND].step == "frequency"
    assert "BA1" in reasons[SECOND].rule


@pytest.mark.parametrize(
    ("known", "seen", "step", "words"),
    [
        (knowledge(), {}, "disease", "knows no disease"),
        (knowledge(present=()), {}, "disease", "holds no table"),
        (AD, {"genotypes": calls(kid="0/0")}, "patient", "not called"),
        (AD, {"genotypes": calls(kid="./.")}, "patient", "not called"),
        (AD, {"consequence": "synonymous_variant"}, "consequence", "synonymous_variant"),
        (AD, {"tier": "elsewhere"}, "consequence", "asserted"),
        (knowledge(diseases=[disease("none")]), {}, "mode", "no mode that can be tested"),
    ],
)
def test_what_is_left_out_says_why(known: Any, seen: Any, step: str, words: str) -> None:
    (out,) = left(family(KID), known, candidate(**seen))
    assert (out.variant, out.step) == (VARIANT, step)
    assert words in out.rule


@pytest.mark.parametrize("tier", ["coding", "elsewhere"])
def test_an_asserted_allele_opens_a_hypothesis_wherever_it_lies(tier: str) -> None:
    known = knowledge(diseases=[disease("AD")], assertions={VARIANT: [asserted("LP", 0)]})
    seen = candidate(consequence="intron_variant", tier=tier)
    assert set(findings(family(KID), known, seen)) == {f"AD|{VARIANT}"}


def test_the_strongest_alleles_of_a_gene_are_the_ones_paired() -> None:
    variants = [f"1-{place}-A-T" for place in range(300, 316)]
    best = variants[-2:]
    known = knowledge(diseases=[disease("AR")], assertions={v: [asserted("P", 2)] for v in best})
    found = findings(family(KID), known, *map(candidate, variants))
    assert f"AR|{best[0]}+{best[1]}" in found
    assert len(found) == 12 * 11 // 2
    told = left(family(KID), known, *map(candidate, variants))
    assert len(told) == len(variants) - 12


@pytest.mark.parametrize(
    ("consequence", "tier"),
    [("synonymous_variant", "coding"), ("intron_variant", "elsewhere")],
)
@pytest.mark.parametrize(("score", "opens"), [(0.2, True), (0.19, False), (None, False)])
def test_what_is_predicted_to_change_splicing_opens_a_hypothesis(
    consequence: str, tier: str, score: float | None, opens: bool
) -> None:
    scores = {} if score is None else {"spliceai": score}
    known = knowledge(diseases=[disease("AD")], scores=scores)
    seen = candidate(consequence=consequence, tier=tier, genotypes=calls(kid="0/1"))
    case = family(KID)
    found = findings(case, known, seen)
    assert bool(found) is opens
    if opens:
        assert points_of(*found.values())["PP3"] == 1000
        (row,) = (r for r in next(iter(found.values())).rows if r.code == "BACKGROUND")
        assert "splice region" in row.sentence
    else:
        (rest,) = left(case, known, seen)
        assert rest.step == "consequence"
