"""Evidence that an allele lacks: what each would give if it spoke for the allele.

Every reckoning is one question: what would the profile count, less what it counts already of the
same fact. What gives nothing more is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ariane.knowledge.disruption import NULL_CONSEQUENCES
from ariane.model.case import Member, Sex
from ariane.model.evidence import NO_RESOURCE, NOT_COVERED
from ariane.model.points import milli
from ariane.rank import inheritance, missing_copies
from ariane.rank.alleles import Setting
from ariane.rank.class_row import terms
from ariane.rank.cnv import UNWEIGHED
from ariane.rank.combine import pair_points
from ariane.rank.computational import asks_missense
from ariane.rank.evaluate import PAIRED
from ariane.rank.family import ONE_COPY, carriers_of, meioses_of, one_copy_suffices, pp1_strength
from ariane.rank.lift_table import LiftTable
from ariane.rank.partners import CIS, TRANS, standing_by
from ariane.rank.profile import strength_of
from ariane.rank.pvs1 import SITES, mechanism_shown
from ariane.rank.seen import Seen, phase_of
from ariane.rank.structural import without_sequence

_SPLICING: Final = frozenset(
    {
        "splice_region_variant",
        "splice_donor_region_variant",
        "splice_donor_5th_base_variant",
        "splice_polypyrimidine_tract_variant",
    }
)
"""Consequences of alleles that may act by splicing, beside the lost sites."""

_PROTEIN: Final = frozenset(
    {
        "missense_variant",
        "inframe_insertion",
        "inframe_deletion",
        "protein_altering_variant",
        "stop_lost",
    }
)
"""Consequences whose protein an assay can try."""

_TAKEN_BY_PVS1: Final = ("PVS1", "PM4", "PP3", "PM1", "PP2", "BP1", "BP4", "BP7")
"""What does not count beside PVS1: see :func:`ariane.rank.criteria.counted_once`."""

GENOTYPE: Final = frozenset({"call", "phase", "second_hit", "x_inactivation", "technique"})
"""Groups that matter of an allele that is likely pathogenic already."""

WITHOUT_POINTS: Final = frozenset({"second_hit", "technique"})
"""Groups that are told though they promise no points."""


@dataclass(frozen=True)
class Missing:
    """One piece of evidence that an allele lacks, and what it gives if it speaks for the allele."""

    kind: str
    """A kind of ``resources/lift.yaml``."""
    variant: str
    code: str
    """The criterion or triage row it would make, with its strength; empty where it makes none."""
    points: int
    """Thousandths that the class ledger gains."""
    triage: int
    """Thousandths that the triage ledger gains beside them."""
    who: tuple[str, ...] = ()
    """``mother``, ``father``, or identifiers of relatives."""
    other: str = ""
    """The other allele of the pair."""
    where: str = ""
    """Identifier of a blind spot, or a predictor."""


def missing(
    allele: Seen,
    partner: Seen | None,
    setting: Setting,
    table: LiftTable,
    blind: Sequence[str] = (),
) -> list[Missing]:
    """What an allele lacks, cheapest first.

    Args:
        allele: the allele.
        partner: the other allele of the pair, or None.
        setting: the release under which it was ranked.
        table: the kinds.
        blind: blind spots of the technique that touch the gene, by identifier.
    """
    if allele.shut:
        return []
    found = [
        *_looked_up(allele, setting, table),
        *_confirm(allele),
        *_de_novo(allele, setting),
        *_relatives(allele, setting),
        *_x_inactivation(allele),
        *_function(allele, setting, table),
        *_second_hit(allele, setting, table),
        *(_phase(allele, partner, setting) if partner else ()),
        *(Missing("technique", allele.variant, "", 0, 0, where=region) for region in blind),
    ]
    kept = [
        item
        for item in found
        if item.points > 0 or item.triage > 0 or table.kinds[item.kind].group in WITHOUT_POINTS
    ]
    kept.sort(key=lambda item: (table.kinds[item.kind].cost, item.who, item.where))
    return kept


def _looked_up(allele: Seen, setting: Setting, table: LiftTable) -> Iterator[Missing]:
    """What the release does not hold of the allele: PM2's frequency, PP3's prediction."""
    profile, known = setting.profile, setting.known
    silent = {NO_RESOURCE, NOT_COVERED}
    wanting = any(r["code"].startswith("PM2") and r["record"] in silent for r in allele.class_rows)
    if wanting and not missing_copies.by_sections(allele):
        code = profile.code("PM2", profile.pm2, "moderate")
        yield Missing("frequency", allele.variant, code, profile.weigh(profile.pm2), 0)
    if allele.counted("PVS1", "PP3") or allele.counted("BP4") < 0:
        return
    may_act_by_splicing = not _SPLICING.isdisjoint(terms(allele.candidate))
    asked = [
        predictor
        for predictor, asks in (
            (profile.missense.predictor, asks_missense(allele.candidate)),
            (profile.splice.predictor, may_act_by_splicing),
        )
        if asks and not known.has(predictor)
    ]
    if asked and not without_sequence(allele.candidate):
        strength = table.strengths["predictor"]
        code = profile.code("PP3", strength, "supporting")
        weight = profile.weigh(strength)
        yield Missing("predictor", allele.variant, code, weight, 0, where=", ".join(asked))


def _confirm(allele: Seen) -> Iterator[Missing]:
    points = allele.triage("POOR_CALL")
    if points is not None:
        yield Missing("confirm", allele.variant, "POOR_CALL", 0, -points)


def _de_novo(allele: Seen, setting: Setting) -> Iterator[Missing]:
    """PS2 or PM6 by the parents' genotypes, confirmed parentage and the fit of the phenotype."""
    site, fit = allele.site, setting.profile.de_novo.fit
    if not allele.single or not one_copy_suffices(allele.mode, site):
        return
    steps: tuple[tuple[str, str, str], ...]
    who: tuple[str, ...] = ()
    rank = 0
    if allele.triage("DE_NOVO") is not None:
        steps = (("parentage", "confirmed", fit), ("specific", "confirmed", "yes"))
    else:
        limits = setting.constants.calls
        who = tuple(
            name
            for name, parent in inheritance.givers(site)
            if not inheritance.well_called_without(site, parent, limits)
        )
        if not who or any(site.carries(member) for member in site.relatives):
            return
        rank = milli(setting.constants.genotype["de_novo"])
        steps = (
            ("parents", "assumed", fit),
            ("parents_confirmed", "confirmed", fit),
            ("parents_specific", "confirmed", "yes"),
        )
    best: int | None = None
    for kind, parentage, fitting in steps:
        code, gain = _if_new(allele, parentage, fitting, setting)
        if best is None or gain > best:
            yield Missing(kind, allele.variant, code, max(gain, 0), rank, who)
            best = gain


def _if_new(allele: Seen, parentage: str, fit: str, setting: Setting) -> tuple[str, int]:
    """The criterion that a new allele would meet, and what the class would gain."""
    profile = setting.profile
    if missing_copies.by_sections(allele):
        gain = missing_copies.if_de_novo(allele, parentage, fit, profile)
        return missing_copies.DE_NOVO, gain
    confirmed = parentage == "confirmed"
    table = profile.de_novo.confirmed if confirmed else profile.de_novo.assumed
    strength = strength_of(table[fit])
    code = profile.code(
        *(("PS2", strength, "strong") if confirmed else ("PM6", strength, "moderate"))
    )
    return code, profile.weigh(strength) - allele.counted("PS2", "PM6")


def _relatives(allele: Seen, setting: Setting) -> Iterator[Missing]:
    """PP1 by affected relatives who were not genotyped."""
    site, profile = allele.site, setting.profile
    against = allele.counted("BS4") or allele.triage("DE_NOVO") is not None
    one_hit = allele.mode == "AR" and inheritance.heterozygous(site)
    if not allele.single or allele.mode == "MT" or against or one_hit:
        return
    carriers = carriers_of(allele.mode, site)
    with_it = [m for m in site.relatives if m.affected and carriers.get(m.id)]
    asked = [
        m
        for m in allele.case.members
        if m.affected and m.id != allele.case.proband and carriers.get(m.id) is None
    ]
    if not asked:
        return
    who = tuple(sorted(member.id for member in asked))
    if missing_copies.by_sections(allele):
        if not missing_copies.speaks_against(allele):
            meioses = (1 if allele.mode in ONE_COPY else 2) * len([*with_it, *asked])
            gain = missing_copies.if_segregating(allele, meioses, profile)
            yield Missing("relatives", allele.variant, missing_copies.SEGREGATES, gain, 0, who)
        return
    strength = pp1_strength(meioses_of([*with_it, *asked], allele.mode), profile)
    gain = profile.weigh(strength) - allele.counted("PP1")
    code = profile.code("PP1", strength, "supporting")
    yield Missing("relatives", allele.variant, code, gain, 0, who)


def _x_inactivation(allele: Seen) -> Iterator[Missing]:
    points = allele.triage("FEMALE_HETEROZYGOUS")
    if points is not None:
        yield Missing("x_inactivation", allele.variant, "FEMALE_HETEROZYGOUS", 0, -points)


def _function(allele: Seen, setting: Setting, table: LiftTable) -> Iterator[Missing]:
    """RNA for an allele that may act by splicing, an assay for one that changes the protein."""
    profile, variant = setting.profile, allele.variant
    found = set(terms(allele.candidate))
    if without_sequence(allele.candidate):
        return
    shown = allele.counted("PS3", "BS3")
    predicted = any(
        row["code"].startswith("PP3") and row["resource"] == profile.splice.predictor
        for row in allele.class_rows
    )
    site = not found.isdisjoint(SITES)
    if site or predicted or not found.isdisjoint(_SPLICING):
        if mechanism_shown(allele.candidate, setting.known, profile):
            strength = table.strengths["rna_site" if site else "rna_other"]
            gain = profile.weigh(strength) - allele.counted(*_TAKEN_BY_PVS1)
            with_pvs1 = profile.weigh(profile.ps1_splice["with_pvs1"])
            gain -= max(0, allele.counted("PS1") - with_pvs1) + shown
            yield Missing("rna", variant, profile.code("PVS1", strength, "very_strong"), gain, 0)
        else:
            strength = table.strengths["rna_unproven"]
            gain = profile.weigh(strength) - shown
            yield Missing("rna", variant, profile.code("PS3", strength, "strong"), gain, 0)
    null = not found.isdisjoint({*NULL_CONSEQUENCES, "start_lost"})
    if null or found.isdisjoint(_PROTEIN):
        return
    for kind in ("assay", "assay_calibrated"):
        strength = table.strengths[kind]
        gain = profile.weigh(strength) - shown
        yield Missing(kind, variant, profile.code("PS3", strength, "strong"), gain, 0)


def _second_hit(allele: Seen, setting: Setting, table: LiftTable) -> Iterator[Missing]:
    """Where the other allele of a recessive gene may hide, with PM3 that it would give."""
    if not allele.single or allele.mode not in PAIRED:
        return
    profile, case = setting.profile, allele.case
    wanting = allele.triage("PARENT_WITHOUT")
    if not inheritance.heterozygous(allele.site) and wanting is None:
        return
    if allele.mode == "XLR" and allele.site.proband.sex is not Sex.FEMALE:
        return
    points, code = 0, ""
    if wanting is None and rare(allele) and not missing_copies.by_sections(allele):
        strength = strength_of(profile.pm3.trans.get(table.second_hit, 0.0))
        points = profile.weigh(strength) - allele.counted("PM3")
        code = profile.code("PM3", strength, "strong")
    triage = -wanting if wanting else 0
    if not case.analysis.sv_vcf:
        yield Missing("deletions", allele.variant, code, points, triage)
    if wanting is not None:
        return
    if case.analysis.technique != "genome":
        yield Missing("genome", allele.variant, code, points, 0)
    yield Missing("long_reads", allele.variant, code, points, 0)


def _phase(allele: Seen, partner: Seen, setting: Setting) -> Iterator[Missing]:
    """PM3 and the pair's points if both alleles lie in trans, where that is not known."""
    state = phase_of(allele, partner)
    if state in TRANS or state == CIS:
        return
    profile, trans = setting.profile, setting.constants.trans
    points, code = 0, ""
    if rare(allele) and rare(partner):
        said = setting.known.assertions.get(partner.variant, ())
        other = standing_by(partner.standing_points(profile), said)
        strength = strength_of(profile.pm3.trans.get(other, 0.0))
        if not missing_copies.by_sections(allele):
            points = profile.weigh(strength) - allele.counted("PM3")
        code = profile.code("PM3", strength, "strong") if points > 0 else ""

    def gained(known_as: str) -> int:
        both = (allele.own_points, partner.own_points)
        best, held = (pair_points(*both, trans[key]) for key in (known_as, state))
        return (best or 0) - (held or 0) if best is not None and held is not None else 0

    def called(member: Member | None) -> bool:
        return all(
            site.carries(member) or site.lacks(member) for site in (allele.site, partner.site)
        )

    who = tuple(
        name
        for name, parent in (("mother", allele.site.mother), ("father", allele.site.father))
        if not called(parent)
    )
    other_allele = partner.variant
    if who:
        triage = gained("trans_by_parents")
        yield Missing("phase_parents", allele.variant, code, points, triage, who, other_allele)
    triage = gained("trans_by_phase")
    yield Missing("phase_reads", allele.variant, code, points, triage, (), other_allele)


def rare(allele: Seen) -> bool:
    """Whether PM2 is met, be it that it gives a copy-number variant no points."""
    return any(
        row["code"].startswith("PM2") and (row["points"] > 0 or row["suppressed"] == UNWEIGHED)
        for row in allele.class_rows
    )
