"""What the family's genotypes say of one allele or pair under a mode, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ariane.model.case import Member, Sex
from ariane.model.evidence import Evidence, Ledger
from ariane.model.genotype import Zygosity
from ariane.model.points import milli
from ariane.rank import inheritance
from ariane.rank.alleles import Allele, Setting
from ariane.rank.combine import triage
from ariane.rank.inheritance import Site

ONE_COPY: Final = frozenset({"AD", "XLD", "YL", "MT"})
"""Modes in which one copy causes the disease."""


def single_rows(mode: str, allele: Allele, setting: Setting) -> Iterator[Evidence]:
    """Rows of one allele under a mode: de novo, homozygosity, segregation."""
    site, variant = allele.site, allele.variant
    weights = setting.constants.genotype
    if _one_copy_suffices(mode, site) and inheritance.de_novo(site, setting.constants.calls):
        profile = setting.profile
        yield Evidence(
            variant=variant,
            ledger=Ledger.CLASS,
            code=profile.code("PM6", profile.pm6, "moderate"),
            points=profile.weigh(profile.pm6),
            sentence="absent from each parent who could have given it; parentage is assumed",
            resource="genotypes",
            read_key=variant,
            record="case",
        )
        yield _weighed("DE_NOVO", weights["de_novo"], "de novo in the patient", variant)
    if mode in ONE_COPY:
        carriers = {m.id: _one_copy(site, m) for m in site.relatives}
    else:
        carriers = {m.id: _two_copies(site, m, mode) for m in site.relatives}
        yield from _homozygous_rows(mode, site, variant, weights)
    yield from segregation_rows(carriers, site, mode in ONE_COPY, variant, weights)


def _one_copy_suffices(mode: str, site: Site) -> bool:
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
            sentence = "one copy in a female: ill only when her other X is silenced or altered"
            yield _weighed("FEMALE_HETEROZYGOUS", weight, sentence, variant)
        elif carried[0]:
            weight = weights["hemizygous_mother_carries"]
            yield _weighed("MOTHER_CARRIES", weight, "the mother carries the allele", variant)
    elif all(carried):
        sentence = "homozygous, and both parents carry the allele"
        weight = weights["homozygous_parents_carry"]
        yield _weighed("PARENTS_CARRY", weight, sentence, variant)
    elif any(missing):
        sentence = "homozygous, which the parents' calls do not explain: deletion or error"
        weight = weights["homozygous_parent_without"]
        yield _weighed("PARENT_WITHOUT", weight, sentence, variant)
    else:
        yield _weighed("HOMOZYGOUS", weights["homozygous"], "homozygous in the patient", variant)


def segregation_rows(
    carriers: Mapping[str, bool | None],
    site: Site,
    dominant_mode: bool,
    variants: str,
    weights: Mapping[str, float],
) -> Iterator[Evidence]:
    """What each relative's genotype adds or takes."""
    words = {
        "affected_without": "affected relative {} has not the disease genotype",
        "inherited_from_affected": "inherited from affected parent {}",
        "inherited_from_unaffected": "inherited from unaffected parent {}",
        "unaffected_same_genotype": "unaffected relative {} has the same disease genotype",
    }
    only_y = site.sex_linked and not site.from_father and site.proband.sex is Sex.MALE
    not_giving = frozenset({site.proband.father}) if only_y else frozenset[str]()
    told = inheritance.segregation(carriers, site.case, dominant_mode, not_giving)
    for key, member in told:
        yield _weighed(key.upper(), weights[key], words[key].format(member), variants)


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
