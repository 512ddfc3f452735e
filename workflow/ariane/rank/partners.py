"""What another allele of the same gene in the patient says of one: PM3, BP2, and PVS1 alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ariane.knowledge.assertions import PATHOGENIC
from ariane.model.evidence import Evidence, Ledger
from ariane.model.points import acmg_class, milli
from ariane.phrases import say
from ariane.rank import inheritance
from ariane.rank.alleles import Allele, Setting
from ariane.rank.cnv import UNWEIGHED, by_riggs
from ariane.rank.combine import capped, class_points
from ariane.rank.profile import NONE, Profile, strength_of

TRANS: Final = frozenset({"trans_by_parents", "trans_by_phase"})
CIS: Final = "cis"
_HOMOZYGOUS: Final = frozenset({"HOMOZYGOUS", "PARENTS_CARRY"})
ALONE: Final = milli(5)
"""The most that an uncertain variant sums to."""


def standing_of(allele: Allele, setting: Setting) -> str:
    """``P``, ``LP`` or ``VUS`` by the allele's own rows or by what is asserted, else empty."""
    said = setting.known.assertions.get(allele.variant, ())
    return standing_by(class_points(held_back(allele, (), setting.profile).rows), said)


def standing_by(points: int, said: Sequence[Mapping[str, Any]]) -> str:
    """``P``, ``LP`` or ``VUS`` by class points in thousandths or by assertions, else empty."""
    reviewed = {r["klass"] for r in said if r["stars"] >= 1} & PATHOGENIC
    own = str(acmg_class(points))
    if own == "P" or reviewed & {"P", "P/LP"}:
        return "P"
    if own == "LP" or reviewed:
        return "LP"
    return own if own == "VUS" else ""


def rare(allele: Allele) -> bool:
    """Whether PM2 is met, be it that it gives a copy-number variant no points."""
    return any(
        r.code.startswith("PM2") and (r.points > 0 or r.suppressed == UNWEIGHED)
        for r in allele.rows
    )


def pm3_pair(first: Allele, second: Allele, state: str, setting: Setting) -> Iterator[Evidence]:
    """PM3 of each allele of a pair by what the other is, in trans or with unknown phase.

    Both must be rare. One patient is counted: the points reach moderate at most. Riggs' sections
    know no such criterion, so a copy-number variant that they class takes none and lends one.
    """
    if state == CIS or state == "one_parent_cis" or not (rare(first) and rare(second)):
        return
    profile = setting.profile
    table = profile.pm3.trans if state in TRANS else profile.pm3.unknown
    for allele, other in ((first, second), (second, first)):
        strength = strength_of(table.get(standing_of(other, setting), 0.0))
        if strength == NONE or by_riggs(allele.rows):
            continue
        told = {"variant": other.variant, "standing": standing_of(other, setting)}
        sentence = (
            say("in trans with {variant}, which is {standing}", **told)
            if state in TRANS
            else say("with, the phase unknown, {variant}, which is {standing}", **told)
        )
        yield _row(allele, profile, "PM3", strength, "strong", sentence, 1)


def pm3_homozygous(rows: Sequence[Evidence], allele: Allele, setting: Setting) -> list[Evidence]:
    """The rows of a homozygote in a recessive disease with PM3, which is the same fact as its
    triage row: that row keeps only what PM3 does not already give."""
    strength = strength_of(setting.profile.pm3.homozygous)
    told = [row for row in rows if row.code in _HOMOZYGOUS]
    if not told or strength == NONE or not rare(allele) or allele.shut or by_riggs(rows):
        return list(rows)
    pm3 = _row(
        allele, setting.profile, "PM3", strength, "strong", say("homozygous in a patient"), 1
    )
    first = told[0]
    rest = replace(first, points=first.points - min(first.points, pm3.points))
    return [rest if row is first else row for row in rows] + [pm3]


def bp2(allele: Allele, alleles: Sequence[Allele], setting: Setting) -> Iterator[Evidence]:
    """BP2: the allele lies in cis with another that is pathogenic, and not shut out by BA1."""
    if by_riggs(allele.rows):
        return
    for other in alleles:
        if other is allele or other.shut or standing_of(other, setting) not in ("P", "LP"):
            continue
        if inheritance.phase(allele.site, other.site) == CIS:
            sentence = say("in cis with {variant}, which is pathogenic", variant=other.variant)
            profile = setting.profile
            yield _row(allele, profile, "BP2", profile.bp2, "supporting", sentence, -1)
            return


def held_back(allele: Allele, told: Iterable[Evidence], profile: Profile) -> Allele:
    """The allele with PVS1 kept below likely pathogenic, where the profile says so and no other
    criterion speaks for it.

    What is lost is taken before the cap and before the product of a pair.

    Args:
        allele: with its own rows.
        told: rows that the family or the other allele adds to it.
        profile: the tables.
    """
    own = [row for row in allele.rows if row.code != "CAP"]
    held = list(_alone([*own, *told], allele.variant, profile))
    if not held:
        return allele
    return replace(allele, rows=tuple(capped(allele.variant, [*own, *held])))


def _alone(rows: Sequence[Evidence], variant: str, profile: Profile) -> Iterator[Evidence]:
    if profile.pvs1.alone != "VUS":
        return
    own = [r for r in rows if r.variant == variant and r.ledger is Ledger.CLASS and r.points > 0]
    over = class_points(r for r in rows if r.variant == variant) - ALONE
    if len(own) == 1 and own[0].code == "PVS1" and over > 0:
        yield Evidence(
            variant=variant,
            ledger=Ledger.CLASS,
            code="PVS1_ALONE",
            points=-over,
            sentence=say("PVS1 alone leaves a variant uncertain in this profile"),
            resource="genotypes",
            read_key=variant,
            record="case",
        )


def _row(
    allele: Allele,
    profile: Profile,
    criterion: str,
    strength: str,
    default: str,
    sentence: str,
    sign: int,
) -> Evidence:
    return Evidence(
        variant=allele.variant,
        ledger=Ledger.CLASS,
        code=profile.code(criterion, strength, default),
        points=sign * profile.weigh(strength),
        sentence=sentence,
        resource="genotypes",
        read_key=allele.variant,
        record="case",
    )
