"""What the family's genotypes say of one allele or pair under a mode, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ariane.model.case import Member, Sex
from ariane.model.evidence import Evidence, Ledger
from ariane.model.genotype import Zygosity
from ariane.model.points import milli
from ariane.phrases import say
from ariane.rank import imprinting, inheritance
from ariane.rank.alleles import Allele, Setting
from ariane.rank.cnv import by_riggs
from ariane.rank.cnv_family import family_of_copies
from ariane.rank.combine import triage
from ariane.rank.inheritance import Site
from ariane.rank.profile import NONE, Profile, strength_of

ONE_COPY: Final = frozenset({"AD", "XLD", "YL", "MT"})
"""Modes in which one copy causes the disease."""


def single_rows(mode: str, allele: Allele, setting: Setting) -> Iterator[Evidence]:
    """Rows of one allele under a mode: de novo, homozygosity, segregation."""
    site, variant = allele.site, allele.variant
    weights = setting.constants.genotype
    copies = by_riggs(allele.rows)
    new = one_copy_suffices(mode, site) and inheritance.de_novo(site, setting.constants.calls)
    if new:
        rules = setting.profile.de_novo
        if not copies:
            yield from de_novo_rows(variant, rules.parentage, rules.fit, setting.profile)
        yield _weighed("DE_NOVO", weights["de_novo"], say("de novo in the patient"), variant)
    carriers = carriers_of(mode, site)
    if mode not in ONE_COPY:
        yield from _homozygous_rows(mode, site, variant, weights)
    expressed = imprinting.expressed_side(allele.candidate["gene"], mode)
    if expressed:
        carriers = imprinting.heard(site, carriers, expressed)
    told = list(segregation_rows(carriers, site, mode in ONE_COPY, variant, weights))
    if expressed:
        told = list(imprinting.weighed(site, variant, told, expressed, weights))
    if copies:
        meioses = 1 if mode in ONE_COPY else 2
        yield from family_of_copies(allele, carriers, new, meioses, told, setting.profile)
        return
    yield from cosegregation(variant, carriers, mode, allele, told, setting.profile)


def de_novo_rows(variant: str, parentage: str, fit: str, profile: Profile) -> Iterator[Evidence]:
    """PS2 or PM6 of a de novo allele, by ClinGen's points.

    Args:
        variant: the allele.
        parentage: ``confirmed`` (PS2) or ``assumed`` (PM6).
        fit: how the phenotype fits the gene: a key of the profile's table. It picks the strength
            and gives no points of its own.
        profile: the tables.
    """
    confirmed = parentage == "confirmed"
    table = profile.de_novo.confirmed if confirmed else profile.de_novo.assumed
    strength = strength_of(table[fit])
    code = profile.code(
        *(("PS2", strength, "strong") if confirmed else ("PM6", strength, "moderate"))
    )
    sentence = say(
        "absent from each parent who could have given it; parentage is {parentage}, fit of the "
        "phenotype: {fit}",
        parentage=parentage,
        fit=fit,
    )
    reason = say("too little to count") if strength == NONE else ""
    yield _of_case(variant, code, profile.weigh(strength), sentence, reason)


def cosegregation(
    variant: str,
    carriers: Mapping[str, bool | None],
    mode: str,
    allele: Allele,
    told: Sequence[Evidence],
    profile: Profile,
) -> Iterator[Evidence]:
    """PP1 or BS4 of one allele in this family, and the triage rows without what they took.

    Every affected relative whose genotype is known must have the disease genotype for PP1; each
    counts one meiosis for each copy that the genotype takes. An affected relative without it is
    BS4.
    """
    affected = [m for m in allele.site.relatives if m.affected]
    without = [m for m in affected if carriers.get(m.id) is False]
    with_it = [m for m in affected if carriers.get(m.id)]
    if without and mode != "MT":
        weight = -profile.weigh(profile.bs4)
        sentence = say("an affected relative has not the disease genotype")
        yield _of_case(variant, profile.code("BS4", profile.bs4, "strong"), weight, sentence)
        taken = weight
        for row in told:
            if row.code == "AFFECTED_WITHOUT" and taken:
                row, taken = replace(row, points=min(0, row.points - taken)), 0
            yield row
        return
    meioses = meioses_of(with_it, mode)
    strength = pp1_strength(meioses, profile)
    if strength == NONE or mode == "MT":
        yield from told
        return
    sentence = say(
        "with the disease in the family: {count} meioses among affected relatives", count=meioses
    )
    code = profile.code("PP1", strength, "supporting")
    rest = profile.weigh(strength)
    yield _of_case(variant, code, rest, sentence)
    for row in told:
        if row.code == "INHERITED_FROM_AFFECTED":
            taken = min(row.points, rest)
            rest -= taken
            reason = say("the segregation already counts by PP1")
            left = row.points - taken
            row = replace(row, points=left) if left else row.suppress(reason)
        yield row


def carriers_of(mode: str, site: Site) -> dict[str, bool | None]:
    """By relative, whether the disease genotype is there under a mode; None when not known."""
    if mode in ONE_COPY:
        return {m.id: _one_copy(site, m) for m in site.relatives}
    return {m.id: _two_copies(site, m, mode) for m in site.relatives}


def meioses_of(members: Iterable[Member], mode: str) -> int:
    """Meioses that affected relatives with the disease genotype count for PP1: two each in a
    recessive mode, one of a male's X, for his only one comes from his mother."""
    return sum(
        1 if mode in ONE_COPY or (mode == "XLR" and m.sex is not Sex.FEMALE) else 2 for m in members
    )


def pp1_strength(meioses: int, profile: Profile) -> str:
    """Strength of PP1, ``none`` below the least number of meioses."""
    reached = [name for least, name in profile.pp1.items() if meioses >= least]
    return max(reached, key=profile.weigh) if reached else NONE


def _of_case(variant: str, code: str, points: int, sentence: str, suppressed: str = "") -> Evidence:
    """A class row drawn from the family's calls."""
    return Evidence(
        variant=variant,
        ledger=Ledger.CLASS,
        code=code,
        points=0 if suppressed else points,
        sentence=sentence,
        resource="genotypes",
        read_key=variant,
        record="case",
        suppressed=suppressed,
    )


def one_copy_suffices(mode: str, site: Site) -> bool:
    """Whether one copy of the allele causes the disease in this patient."""
    # A boy's only X: a new allele there causes the recessive disease too.
    return mode in ONE_COPY or (mode == "XLR" and site.proband.sex is Sex.MALE)


def _homozygous_rows(
    mode: str, site: Site, variant: str, weights: Mapping[str, float]
) -> Iterator[Evidence]:
    carried = [site.carries(p) for p in (site.mother, site.father)]
    missing = [site.lacks(p) for p in (site.mother, site.father)]
    if mode == "XLR":
        if site.proband.sex is Sex.FEMALE and site.zygosity(site.proband) is Zygosity.HETEROZYGOUS:
            weight = weights["female_heterozygous_x_recessive"]
            sentence = say("one copy in a female: ill only when her other X is silenced or altered")
            yield _weighed("FEMALE_HETEROZYGOUS", weight, sentence, variant)
        elif carried[0]:
            weight = weights["hemizygous_mother_carries"]
            yield _weighed("MOTHER_CARRIES", weight, say("the mother carries the allele"), variant)
    elif all(carried):
        sentence = say("homozygous, and both parents carry the allele")
        weight = weights["homozygous_parents_carry"]
        yield _weighed("PARENTS_CARRY", weight, sentence, variant)
    elif any(missing):
        sentence = say("homozygous, which the parents' calls do not explain: deletion or error")
        weight = weights["homozygous_parent_without"]
        yield _weighed("PARENT_WITHOUT", weight, sentence, variant)
    else:
        yield _weighed(
            "HOMOZYGOUS", weights["homozygous"], say("homozygous in the patient"), variant
        )


def segregation_rows(
    carriers: Mapping[str, bool | None],
    site: Site,
    dominant_mode: bool,
    variants: str,
    weights: Mapping[str, float],
) -> Iterator[Evidence]:
    """What each relative's genotype adds or takes."""
    only_y = site.sex_linked and not site.from_father and site.proband.sex is Sex.MALE
    not_giving = frozenset({site.proband.father}) if only_y else frozenset[str]()
    told = inheritance.segregation(carriers, site.case, dominant_mode, not_giving)
    for key, member in told:
        yield _weighed(key.upper(), weights[key], _of_member(key, member), variants)


def _of_member(key: str, member: str) -> str:
    if key == "affected_without":
        return say("affected relative {member} has not the disease genotype", member=member)
    if key == "inherited_from_affected":
        return say("inherited from affected parent {member}", member=member)
    if key == "inherited_from_unaffected":
        return say("inherited from unaffected parent {member}", member=member)
    return say("unaffected relative {member} has the same disease genotype", member=member)


def _weighed(code: str, points: float, sentence: str, read_key: str) -> Evidence:
    return triage("", code, milli(points), sentence, read_key=read_key)


def _known(site: Site, member: Member) -> bool | None:
    if site.carries(member):
        return True
    return False if site.lacks(member) else None


def _one_copy(site: Site, member: Member) -> bool | None:
    has = _known(site, member)
    # A relative who carries a mitochondrial allele and is well may hold too little of it.
    return None if has and site.mitochondrial and not member.affected else has


def _two_copies(site: Site, member: Member, mode: str) -> bool | None:
    carries = _known(site, member)
    if not carries or site.zygosity(member) in inheritance.TWO_COPIES:
        return carries
    if mode == "XLR" and site.sex_linked:
        # One copy on the X: a male has the genotype; in a female, or where the sex is not known,
        # it speaks neither for nor against.
        return True if member.sex is Sex.MALE else None
    return False


def both(first: Site, second: Site, member: Member) -> bool | None:
    """Whether a member carries both alleles of a pair; None when that is not known."""
    known = (_known(first, member), _known(second, member))
    if False in known:
        return False
    return None if None in known else True
