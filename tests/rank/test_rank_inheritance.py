"""Inheritance: predicates on tiny pedigrees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rank_world import BROTHER, CONSTANTS, DAD, GIRL, KID, MUM, SISTER, call, calls, family, site

from ariane.model.case import Member, Sex
from ariane.model.genotype import Genotype, Zygosity
from ariane.rank import inheritance
from ariane.rank.inheritance import Site, de_novo, phase, segregation

LIMITS = CONSTANTS.calls
TRIO = family(KID, MUM, DAD)
GIRLS_TRIO = family(GIRL, MUM, DAD)


def test_de_novo_needs_both_parents() -> None:
    assert de_novo(site(TRIO, kid="0/1", mum="0/0", dad="0/0"), LIMITS)
    assert not de_novo(site(TRIO, kid="0/1", mum="0/0", dad="0/1"), LIMITS)
    assert not de_novo(site(TRIO, kid="0/0", mum="0/0", dad="0/0"), LIMITS)


@pytest.mark.parametrize(
    "dad",
    [
        "./.",
        "0/.",
        call("0/0", depth=9),
        call("0/0", quality=19),
        call("0/0", ref_depth=48, alt_depth=1),
    ],
)
def test_a_poor_or_missing_parental_call_is_not_absence(dad: str | Genotype) -> None:
    assert not de_novo(site(TRIO, kid="0/1", mum="0/0", dad=dad), LIMITS)
    assert not de_novo(site(TRIO, kid="0/1", mum=dad, dad="0/0"), LIMITS)


def test_the_limits_of_a_parental_call_are_inclusive() -> None:
    edge = call("0/0", depth=10, quality=20, ref_depth=49, alt_depth=1)
    assert de_novo(site(TRIO, kid="0/1", mum="0/0", dad=edge), LIMITS)


def test_depths_that_the_vcf_does_not_give_are_not_held_against_a_call() -> None:
    assert de_novo(site(TRIO, kid="0/1", mum=Genotype((0, 0)), dad=Genotype((0, 0))), LIMITS)


@pytest.mark.parametrize(
    "case",
    [
        family(KID, MUM),
        family(KID, MUM, replace(DAD, sample="")),
        family(replace(KID, father=""), MUM, DAD),
    ],
)
def test_no_de_novo_without_a_sequenced_father(case: object) -> None:
    assert not de_novo(Site(case, calls(kid="0/1", mum="0/0")), LIMITS)  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["1/1", "0/1", "1"])
def test_a_boys_x_is_his_mothers_alone(written: str) -> None:
    boy = site(TRIO, True, kid=written, mum="0/0", dad="./.")
    assert de_novo(boy, LIMITS)
    assert not de_novo(site(TRIO, True, kid=written, mum="0/1", dad="0/0"), LIMITS)
    girl = site(GIRLS_TRIO, True, kid="0/1", mum="0/0", dad="./.")
    assert not de_novo(girl, LIMITS)


def test_a_y_allele_is_the_fathers_alone() -> None:
    held = calls(kid="1", mum="0/0", dad="1")
    assert not de_novo(Site(TRIO, held, sex_linked=True, from_father=True), LIMITS)
    new = calls(kid="1", dad="0")
    assert de_novo(Site(TRIO, new, sex_linked=True, from_father=True), LIMITS)


def test_mitochondria_are_the_mothers_alone() -> None:
    assert de_novo(Site(TRIO, calls(kid="0/1", mum="0/0"), mitochondrial=True), LIMITS)
    assert not de_novo(Site(TRIO, calls(kid="0/1", dad="0/0"), mitochondrial=True), LIMITS)


@pytest.mark.parametrize(
    ("written", "zygosity"),
    [("1/1", Zygosity.HEMIZYGOUS), ("1", Zygosity.HEMIZYGOUS), ("0/1", Zygosity.HETEROZYGOUS)],
)
def test_the_x_of_a_boy(written: str, zygosity: Zygosity) -> None:
    boy = site(TRIO, True, kid=written)
    assert boy.zygosity(KID) is zygosity
    assert inheritance.x_recessive(boy)
    assert inheritance.x_dominant(boy)
    assert not inheritance.heterozygous(boy), "one X never holds half of a pair"


def test_the_x_of_a_girl() -> None:
    assert inheritance.x_recessive(site(GIRLS_TRIO, True, kid="1/1"))
    assert inheritance.x_recessive(site(GIRLS_TRIO, True, kid="0/1"))
    assert inheritance.heterozygous(site(GIRLS_TRIO, True, kid="0/1"))
    assert not inheritance.x_recessive(site(GIRLS_TRIO, True, kid="0/0"))


def test_two_copies_on_an_autosome() -> None:
    assert inheritance.recessive_homozygous(site(TRIO, kid="1/1"))
    assert inheritance.recessive_homozygous(site(TRIO, kid="1")), "haploid over a deletion"
    assert not inheritance.recessive_homozygous(site(TRIO, kid="0/1"))


def test_y_linked_is_never_a_girls() -> None:
    assert inheritance.y_linked(site(TRIO, True, kid="1"))
    assert not inheritance.y_linked(site(GIRLS_TRIO, True, kid="1"))


def test_a_member_without_a_sample_has_no_call() -> None:
    case = family(KID, replace(MUM, sample=""))
    held = site(case, kid="0/1", mum="0/0")
    assert held.zygosity(held.mother) is Zygosity.MISSING
    assert not held.lacks(held.mother)
    assert not held.carries(None)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (call("0/1"), ""),
        (call("0/1", depth=9), "depth 9"),
        (call("0/1", quality=5), "quality 5"),
        (call("0/1", ref_depth=27, alt_depth=3), "balance 0.10"),
        (call("0/1", ref_depth=2, alt_depth=28), "balance 0.93"),
        (call("1/1", ref_depth=6, alt_depth=24), "balance 0.80"),
        (call("0/1", ref_depth=2, alt_depth=10, other_alt=True), ""),
        (Genotype((0, 1)), ""),
    ],
)
def test_poor_calls(given: Genotype, reason: str) -> None:
    said = inheritance.poor_call(site(TRIO, kid=given), LIMITS)
    assert reason in said
    assert bool(said) == bool(reason)


def test_a_boy_cannot_be_heterozygous_on_the_x() -> None:
    assert "male's X" in inheritance.poor_call(site(TRIO, True, kid="0/1"), LIMITS)
    assert inheritance.poor_call(site(GIRLS_TRIO, True, kid="0/1"), LIMITS) == ""
    assert inheritance.poor_call(site(TRIO), LIMITS) == "no call"


def test_heteroplasmy_is_not_a_poor_call() -> None:
    low = call("0/1", ref_depth=95, alt_depth=5, depth=100)
    assert inheritance.poor_call(Site(TRIO, {"kid": low}, mitochondrial=True), LIMITS) == ""


def phased(case: object, first: dict[str, str], second: dict[str, str]) -> str:
    return phase(Site(case, calls(**first)), Site(case, calls(**second)))  # type: ignore[arg-type]


HET = {"kid": "0/1"}


@pytest.mark.parametrize(
    ("mum", "dad", "state"),
    [
        # first/second allele in the mother, then in the father
        (("0/1", "0/0"), ("0/0", "0/1"), "trans_by_parents"),
        (("0/0", "0/1"), ("0/1", "0/0"), "trans_by_parents"),
        (("0/1", "0/1"), ("0/0", "0/0"), "cis"),
        (("0/0", "0/0"), ("0/1", "0/1"), "cis"),
        (("0/1", "0/1"), ("0/1", "0/0"), "unknown"),
        (("0/1", "0/0"), ("0/0", "0/0"), "unknown"),  # the second is new
        (("0/0", "0/0"), ("0/0", "0/0"), "unknown"),
        (("0/1", "0/1"), ("0/1", "0/1"), "unknown"),
        (("0/1", "0/0"), ("./.", "./."), "one_parent_consistent"),
        (("0/1", "0/1"), ("./.", "./."), "one_parent_cis"),
        (("0/0", "0/0"), ("./.", "./."), "one_parent_cis"),  # both from the father, or new
        (("./.", "./."), ("./.", "./."), "unknown"),
    ],
)
def test_phase_by_parents(mum: tuple[str, str], dad: tuple[str, str], state: str) -> None:
    first, second = ({**HET, "mum": m, "dad": d} for m, d in zip(mum, dad, strict=True))
    assert phased(TRIO, first, second) == state
    assert phased(TRIO, second, first) == state


def test_a_parent_called_at_one_site_only_tells_nothing() -> None:
    first, second = {**HET, "mum": "0/1"}, {**HET, "mum": "./."}
    assert phased(family(KID, MUM), first, second) == "unknown"


@pytest.mark.parametrize(
    ("one", "two", "state"),
    [
        (("0|1", "7"), ("0|1", "7"), "cis"),
        (("0|1", "7"), ("1|0", "7"), "trans_by_phase"),
        (("0|1", ""), ("1|0", ""), "trans_by_phase"),
        (("0|1", "7"), ("1|0", "8"), "unknown"),  # two sets cannot be compared
        (("0|1", "7"), ("0/1", "7"), "unknown"),
    ],
)
def test_phase_by_reads(one: tuple[str, str], two: tuple[str, str], state: str) -> None:
    solo = family(KID)
    sites = [Site(solo, {"kid": call(gt, phase_set=ps)}) for gt, ps in (one, two)]
    assert phase(*sites) == state


def test_parents_outweigh_reads() -> None:
    first = {"kid": "0|1", "mum": "0/1", "dad": "0/0"}
    second = {"kid": "0|1", "mum": "0/0", "dad": "0/1"}
    assert phased(TRIO, first, second) == "trans_by_parents"


def told(carriers: dict[str, bool | None], *relatives: Member, dominant: bool) -> list[object]:
    return list(segregation(carriers, family(KID, *relatives), dominant))


def test_a_relative_of_unknown_status_tells_nothing() -> None:
    unknown = replace(MUM, affected=None)
    assert told({"mum": True}, unknown, dominant=True) == []
    assert told({"mum": False}, unknown, dominant=True) == []


def test_a_relative_without_a_call_tells_nothing() -> None:
    assert told({"bro": None}, BROTHER, dominant=True) == []
    assert told({}, BROTHER, dominant=True) == []


def test_an_affected_sibling_without_it() -> None:
    assert told({"bro": False}, BROTHER, dominant=True) == [("affected_without", "bro")]
    assert told({"bro": False}, BROTHER, dominant=False) == [("affected_without", "bro")]


def test_parents_and_siblings_under_a_dominant_mode() -> None:
    ill = replace(MUM, affected=True)
    assert told({"mum": True}, ill, dominant=True) == [("inherited_from_affected", "mum")]
    assert told({"mum": True}, MUM, dominant=True) == [("inherited_from_unaffected", "mum")]
    assert told({"sis": True}, SISTER, dominant=True) == [("unaffected_same_genotype", "sis")]
    assert told({"mum": False}, MUM, dominant=True) == []


def test_an_unaffected_relative_with_the_recessive_genotype() -> None:
    assert told({"mum": True}, MUM, dominant=False) == [("unaffected_same_genotype", "mum")]


def test_the_patient_never_speaks_for_himself() -> None:
    assert told({"kid": True}, dominant=True) == []


def test_a_boy_of_unknown_sex_is_not_ruled_out() -> None:
    case = family(replace(KID, sex=Sex.UNKNOWN))
    assert inheritance.x_recessive(site(case, True, kid="0/1"))
    assert inheritance.y_linked(site(case, True, kid="1"))
