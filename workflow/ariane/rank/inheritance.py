"""Inheritance as short named predicates over a family's calls, with one table of thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ariane.model.case import Case, Member, Sex
from ariane.model.genotype import Genotype, Zygosity
from ariane.phrases import say
from ariane.rank.constants import CallThresholds

CARRYING: Final = frozenset({Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS})
TWO_COPIES: Final = frozenset({Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS})


@dataclass(frozen=True)
class Site:
    """One allele in one family."""

    case: Case
    calls: Mapping[str, Genotype]
    """Calls of the sequenced members by identifier; a member without a call is missing."""
    sex_linked: bool = False
    from_father: bool = False
    """On the Y outside the pseudoautosomal regions: only a father can have given the allele."""
    place: str = ""
    """Contig and position of the split record."""
    mitochondrial: bool = False
    """On the mitochondrial genome: given by the mother alone, and at any share of reads."""
    structural: bool = False
    """A symbolic allele: its reads are those across its ends, or none."""

    def zygosity(self, member: Member | None) -> Zygosity:
        """How a member carries the allele. A male's two copies on the X are one copy read twice."""
        call = self.calls.get(member.id) if member and member.sample else None
        if member is None or call is None:
            return Zygosity.MISSING
        found = call.zygosity
        if self.sex_linked and member.sex is Sex.MALE and found is Zygosity.HOMOZYGOUS:
            return Zygosity.HEMIZYGOUS
        return found

    def carries(self, member: Member | None) -> bool:
        """Whether a member was called with the allele."""
        return self.zygosity(member) in CARRYING

    def lacks(self, member: Member | None) -> bool:
        """Whether a member was called without the allele; a missing call is not a lack."""
        return self.zygosity(member) is Zygosity.REFERENCE

    @property
    def proband(self) -> Member:
        """The patient."""
        return self.case.patient

    @property
    def mother(self) -> Member | None:
        """The patient's mother, when the pedigree names her."""
        return self.case.member(self.proband.mother)

    @property
    def father(self) -> Member | None:
        """The patient's father, when the pedigree names him."""
        return self.case.member(self.proband.father)

    @property
    def relatives(self) -> tuple[Member, ...]:
        """Sequenced members but the patient."""
        return tuple(m for m in self.case.sequenced if m.id != self.proband.id)


def dominant(site: Site) -> bool:
    """The patient carries the allele, in one copy or two."""
    return site.carries(site.proband)


def recessive_homozygous(site: Site) -> bool:
    """The patient carries two copies, or the only copy (a haploid call over a deletion)."""
    return site.zygosity(site.proband) in TWO_COPIES


def heterozygous(site: Site) -> bool:
    """The patient carries one copy beside another allele: a candidate for one half of a pair.

    A male has one X: a heterozygous call there is an error or mosaicism, never half of a pair.
    """
    if site.sex_linked and site.proband.sex is Sex.MALE:
        return False
    return site.zygosity(site.proband) is Zygosity.HETEROZYGOUS


def x_recessive(site: Site) -> bool:
    """A male with the allele on his X, or a female with one copy or two.

    A female with one copy may be ill (skewed X inactivation: OTC, GLA, DMD); the table of genotype
    points weighs that down, it does not rule it out.
    """
    return site.carries(site.proband)


def x_dominant(site: Site) -> bool:
    """Carried by a patient of either sex."""
    return site.carries(site.proband)


def y_linked(site: Site) -> bool:
    """Carried by a patient who is not female."""
    return site.proband.sex is not Sex.FEMALE and site.carries(site.proband)


def mitochondrial(site: Site) -> bool:
    """Carried at any level of heteroplasmy."""
    return site.carries(site.proband)


def well_called_without(site: Site, member: Member | None, limits: CallThresholds) -> bool:
    """A parent's reference call that is good enough to call a child's allele de novo.

    Depth and quality that the VCF does not give are not held against the call.
    """
    if member is None or not site.lacks(member):
        return False
    call = site.calls[member.id]
    fraction = call.alt_fraction
    return (
        (call.depth is None or call.depth >= limits.parental_depth)
        and (call.quality is None or call.quality >= limits.parental_quality)
        and (fraction is None or fraction <= limits.parental_alt_fraction)
    )


def givers(site: Site) -> tuple[tuple[str, Member | None], ...]:
    """The parents who could have given the allele, named ``mother`` or ``father``.

    A son's X comes from his mother alone, his Y from his father, mitochondria from the mother.
    """
    mother, father = ("mother", site.mother), ("father", site.father)
    if site.from_father:
        return (father,)
    if site.mitochondrial or (site.sex_linked and site.proband.sex is Sex.MALE):
        return (mother,)
    return (mother, father)


def de_novo(site: Site, limits: CallThresholds) -> bool:
    """Carried by the patient and well called without in each parent who could have given it."""
    return site.carries(site.proband) and all(
        well_called_without(site, parent, limits) for _, parent in givers(site)
    )


def mosaic(site: Site, limits: CallThresholds) -> bool:
    """Called in one copy, in a small but certain part of the reads, and in neither parent."""
    call = site.calls.get(site.proband.id)
    if call is None or site.mitochondrial or site.structural or call.other_alt:
        return False
    if call.zygosity is not Zygosity.HETEROZYGOUS or call.alt_fraction is None:
        return False
    low, high = limits.mosaic
    seen = (call.alt_depth or 0) >= limits.mosaic_reads and low <= call.alt_fraction <= high
    return seen and not any(site.carries(parent) for parent in (site.mother, site.father))


def parent_of_origin(site: Site) -> str:
    """``maternal`` or ``paternal`` when exactly one parent carries the allele, else empty.

    A parent who was not called leaves the other one's carriage to tell: the allele is rare.
    """
    mother, father = site.carries(site.mother), site.carries(site.father)
    if mother == father:
        return ""
    return "maternal" if mother else "paternal"


def poor_call(site: Site, limits: CallThresholds) -> str:
    """Why the patient's call is not to be trusted, or an empty string."""
    call = site.calls.get(site.proband.id)
    if call is None:
        return say("no call")
    reasons = []
    if call.depth is not None and call.depth < limits.depth and not site.structural:
        reasons.append(say("depth {count} below {limit}", count=call.depth, limit=limits.depth))
    if call.quality is not None and call.quality < limits.quality:
        told = {"count": call.quality, "limit": limits.quality}
        reasons.append(say("genotype quality {count} below {limit}", **told))
    fraction = call.alt_fraction
    # Heteroplasmy takes any share of the reads; reads across an end are not drawn evenly.
    even = not site.mitochondrial and not site.structural
    if fraction is not None and not call.other_alt and even:
        low, high = limits.balance
        if call.zygosity is Zygosity.HETEROZYGOUS and not low <= fraction <= high:
            reasons.append(
                say(
                    "allele balance {share:.2f} outside {low} to {high}",
                    share=fraction,
                    low=low,
                    high=high,
                )
            )
        if call.zygosity in TWO_COPIES and fraction < limits.homozygous_balance:
            limit = limits.homozygous_balance
            reasons.append(
                say("allele balance {share:.2f} below {limit}", share=fraction, limit=limit)
            )
    if site.sex_linked and site.proband.sex is Sex.MALE and call.zygosity is Zygosity.HETEROZYGOUS:
        reasons.append(say("heterozygous call on a male's X"))
    return ", ".join(reasons)


def phase(first: Site, second: Site) -> str:
    """What is known of two heterozygous alleles of the patient: a key of the table of P(trans)."""
    mother, father = first.mother, first.father
    known = [p for p in (mother, father) if p and _called(first, p) and _called(second, p)]
    if len(known) == 2:
        from_mother = first.carries(mother), second.carries(mother)
        from_father = first.carries(father), second.carries(father)
        if from_mother != from_father and sum(from_mother) == sum(from_father) == 1:
            return "trans_by_parents"
        if (all(from_mother) and not any(from_father)) or (
            all(from_father) and not any(from_mother)
        ):
            return "cis"
    read = _read_phase(first, second)
    if len(known) == 1 and read == "unknown":
        carried = [site.carries(known[0]) for site in (first, second)]
        return "one_parent_consistent" if any(carried) and not all(carried) else "one_parent_cis"
    return read


def _called(site: Site, member: Member) -> bool:
    return site.zygosity(member) is not Zygosity.MISSING


def _read_phase(first: Site, second: Site) -> str:
    one, two = first.calls.get(first.proband.id), second.calls.get(second.proband.id)
    if one and two and one.other_alt and two.other_alt and first.place == second.place != "":
        return "trans_by_phase"  # the two alleles of one 1/2 call
    # By the VCF specification phased calls without a phase set belong to one set.
    if one and two and one.phased and two.phased and one.phase_set == two.phase_set:
        same = [a == b == 1 for a, b in zip(one.alleles, two.alleles, strict=False)]
        return "cis" if any(same) else "trans_by_phase"
    return "unknown"


def segregation(
    carriers: Mapping[str, bool | None],
    case: Case,
    dominant_mode: bool,
    not_giving: frozenset[str] = frozenset(),
) -> Iterator[tuple[str, str]]:
    """What the relatives' genotypes say, as keys of the genotype table with the member's id.

    Args:
        carriers: by member, whether the member has the disease genotype; None when not known.
        case: the family.
        dominant_mode: whether one copy causes the disease; parents are then told apart.
        not_giving: parents who cannot have given the allele: a father, of his son's X.
    """
    parents = {case.patient.mother, case.patient.father}
    givers = parents - not_giving
    for member in case.sequenced:
        has = carriers.get(member.id)
        if member.id == case.proband or has is None or member.affected is None:
            continue
        if member.affected and not has:
            yield "affected_without", member.id
        elif member.affected and has and dominant_mode and member.id in givers:
            yield "inherited_from_affected", member.id
        elif not member.affected and has:
            parent = dominant_mode and member.id in parents
            yield ("inherited_from_unaffected" if parent else "unaffected_same_genotype"), member.id
