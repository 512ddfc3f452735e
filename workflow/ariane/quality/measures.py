"""Measures of one case: sex, relatedness, Mendelian errors, contamination, calling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ariane.model.case import Member, Sex
from ariane.model.errors import Level
from ariane.quality.calls import MISSING, Calls, Flags
from ariane.quality.limits import Limits

OK = ""
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Measure:
    """One number, and what it means under the limits."""

    measure: str
    members: str
    """Identifiers of the members it concerns, joined by ``+``."""
    value: float | None
    sites: int
    """How many sites or calls it rests on."""
    level: str
    """``warning``, ``error``, ``not judged`` for want of sites, or empty."""
    said: str = ""


class Family:
    """The calls of a case with its pedigree.

    Args:
        calls: the calls, one column a sequenced member.
        members: all members; those with a sample in the order of the calls' samples.
        limits: the limits.
        joint: whether the members were genotyped together: else a call that is missing says
            nothing, and relations are not judged.
    """

    def __init__(
        self, calls: Calls, members: Sequence[Member], limits: Limits, joint: bool
    ) -> None:
        self.calls, self.limits, self.joint = calls, limits, joint
        self.members = {member.id: member for member in members}
        by_sample = {member.sample: member for member in members if member.sample}
        self.sequenced = [by_sample[sample] for sample in calls.samples]
        least, quality = limits.number("calls", "depth"), limits.number("calls", "quality")
        # A depth or quality that the VCF does not give cannot rule a call out.
        self.good: Flags = ~(calls.depth < least) & ~(calls.quality < quality)
        self.autosomal: Flags = (calls.region == 0) & calls.snv
        self.copies = np.where(self.good & self.autosomal[:, None], calls.copies, MISSING)

    def measures(self) -> Iterator[Measure]:
        """Every measure, member by member, then by pair and family."""
        for column, member in enumerate(self.sequenced):
            yield from self.calling(column, member)
            yield from self.contamination(column, member)
            yield self.sex(column, member)
        for first, second in combinations(range(len(self.sequenced)), 2):
            yield self.kinship(first, second)
        yield from self.mendel()

    def calling(self, column: int, member: Member) -> Iterator[Measure]:
        """Missing calls, depth, quality, Ti/Tv, heterozygous to homozygous."""
        calls = self.calls
        autosomal = calls.region == 0
        sites = int(autosomal.sum())
        least = self.limits.number("calling", "least")
        called = calls.called[autosomal, column]
        missing = 1 - called.mean() if sites else None
        level = self._above(missing, sites, least, "calling", "missing") if self.joint else OK
        yield Measure("missing calls", member.id, missing, sites, level)
        for name, values in (("mean depth", calls.depth), ("mean quality", calls.quality)):
            known = values[autosomal, column][called]
            known = known[~np.isnan(known)]
            mean = float(known.mean()) if len(known) else None
            level = OK
            if name == "mean depth":
                level = self._below(mean, len(known), least, "calling", "depth")
            yield Measure(name, member.id, mean, len(known), level)
        carried = calls.carried[:, column] & self.autosomal
        total, ti = int(carried.sum()), int((carried & calls.transition).sum())
        ratio = ti / (total - ti) if total > ti else None
        yield Measure("Ti/Tv", member.id, ratio, total, self._within(ratio, total, "ti_tv"))
        het, hom = ((self.copies[:, column] == n).sum() for n in (1, 2))
        ratio = float(het / hom) if hom else None
        total = int(het + hom)
        yield Measure("het/hom", member.id, ratio, total, self._within(ratio, total, "het_hom"))

    def contamination(self, column: int, member: Member) -> Iterator[Measure]:
        """Reference reads where both copies are ALT, and heterozygous calls with few ALT reads.

        The first is the idea of CHARR (Lu et al. 2023) without its allele frequencies.
        """
        reads = self.calls.ref_depth[:, column] + self.calls.alt_depth[:, column]
        least = self.limits.number("contamination", "least")
        with np.errstate(invalid="ignore", divide="ignore"):
            share = self.calls.alt_depth[:, column] / reads
        known = ~np.isnan(share)
        hom = share[known & (self.copies[:, column] == 2)]
        value = float(1 - hom.mean()) if len(hom) else None
        level = self._above(value, len(hom), least, "contamination", "reference_reads")
        yield Measure("reference reads where homozygous", member.id, value, len(hom), level)
        het = share[known & (self.copies[:, column] == 1)]
        low = self.limits.number("contamination", "low_balance")
        value = float((het < low).mean()) if len(het) else None
        level = self._above(value, len(het), least, "contamination", "skewed")
        yield Measure("skewed heterozygous calls", member.id, value, len(het), level)

    def sex(self, column: int, member: Member) -> Measure:
        """Sex by heterozygosity on the X and calls on the Y, outside the pseudoautosomal parts."""
        calls, limits = self.calls, self.limits
        carried = calls.carried[:, column] & self.good[:, column]
        on_x = carried & (calls.region == 1)
        sites = int(on_x.sum())
        het = int((on_x & (calls.copies[:, column] == 1)).sum())
        has_y = int((carried & (calls.region == 2)).sum()) >= limits.number("sex", "y_least")
        name = "heterozygous on X"
        if sites < limits.number("sex", "least"):
            value = het / sites if sites else None
            return Measure(name, member.id, value, sites, NOT_JUDGED)
        value = het / sites
        found = Sex.UNKNOWN
        if value <= limits.number("sex", "male_at_most"):
            found = Sex.MALE
        elif value >= limits.number("sex", "female_at_least"):
            found = Sex.FEMALE
        said = f"{found.value} by X"
        said += ", Y present" if has_y else ", no Y"
        level = OK
        if found is Sex.UNKNOWN or (found is Sex.FEMALE and has_y):
            level = Level.WARNING.value
            said += ": another number of sex chromosomes, contamination or a mix-up"
        if Sex.UNKNOWN not in (found, member.sex) and found is not member.sex:
            level = limits.level("sex", "disagrees").value
            said += f"; declared {member.sex.value}"
        elif member.sex is Sex.UNKNOWN:
            said += "; none declared"
        return Measure(name, member.id, value, sites, level, said)

    def kinship(self, first: int, second: int) -> Measure:
        """KING-robust kinship of two members, against the pedigree's.

        phi = (N_het,het - 2 N_IBS0) / (2 N_min) + 1/2 - (N_het1 + N_het2) / (4 N_min), over sites
        called in both (Manichaikul et al. 2010, equation 11).
        """
        one, two = self.sequenced[first], self.sequenced[second]
        names = f"{one.id}+{two.id}"
        both = (self.copies[:, first] != MISSING) & (self.copies[:, second] != MISSING)
        a, b = self.copies[both, first], self.copies[both, second]
        het = int((a == 1).sum()), int((b == 1).sum())
        fewer = min(het)
        if not self.joint or fewer < self.limits.number("kinship", "least"):
            return Measure("kinship", names, None, fewer, NOT_JUDGED)
        shared = int(((a == 1) & (b == 1)).sum())
        opposite = int((np.abs(a - b) == 2).sum())
        phi = (shared - 2 * opposite) / (2 * fewer) + 0.5 - sum(het) / (4 * fewer)
        expected = pedigree_kinship(self.members, one.id, two.id)
        wanted, found = self._degree(expected), self._degree(phi)
        level = OK
        said = f"{_DEGREES[found]} by the calls, {_DEGREES[wanted]} by the pedigree"
        if (found > wanted and wanted <= 1) or (found < wanted and found == 0):
            level = self.limits.level("kinship", "disagrees").value
        elif found < wanted and found <= 2:
            level = self.limits.level("kinship", "unexpected").value
        return Measure("kinship", names, phi, fewer, level, said)

    def mendel(self) -> Iterator[Measure]:
        """Impossible genotypes of a child, with both parents or one, at autosomal sites."""
        column = {member.id: n for n, member in enumerate(self.sequenced)}
        for child in self.sequenced:
            parents = [p for p in (child.father, child.mother) if p in column]
            if not parents:
                continue
            name = "+".join([child.id, *parents])
            calls = self.copies[:, [column[who] for who in (child.id, *parents)]]
            calls = calls[(calls != MISSING).all(axis=1) & (calls > 0).any(axis=1)]
            sites = len(calls)
            if not self.joint or sites < self.limits.number("mendel", "least"):
                yield Measure("Mendelian errors", name, None, sites, NOT_JUDGED)
                continue
            # A parent with n copies gives at least n // 2 of them and at most (n + 1) // 2.
            gives_least = sum(calls[:, n] // 2 for n in range(1, calls.shape[1]))
            gives_most = sum((calls[:, n] + 1) // 2 for n in range(1, calls.shape[1]))
            most = gives_most + (2 - len(parents))
            rate = float(((calls[:, 0] < gives_least) | (calls[:, 0] > most)).mean())
            level = OK
            for one in (Level.WARNING, Level.ERROR):
                if rate > self.limits.number("mendel", one.value):
                    level = one.value
            yield Measure("Mendelian errors", name, rate, sites, level)

    def _degree(self, phi: float) -> int:
        bounds = ("twin", "first", "second")
        return next(
            (n for n, key in enumerate(bounds) if phi > self.limits.number("kinship", key)), 3
        )

    def _above(self, value: float | None, sites: int, least: float, subject: str, key: str) -> str:
        if value is None or sites < least:
            return NOT_JUDGED
        for level in (Level.ERROR, Level.WARNING):
            if value > self.limits.number(subject, key, level.value):
                return level.value
        return OK

    def _below(self, value: float | None, sites: int, least: float, subject: str, key: str) -> str:
        if value is None or sites < least:
            return NOT_JUDGED
        for level in (Level.ERROR, Level.WARNING):
            if value < self.limits.number(subject, key, level.value):
                return level.value
        return OK

    def _within(self, value: float | None, sites: int, key: str) -> str:
        if value is None or sites < self.limits.number("calling", "least"):
            return NOT_JUDGED
        low, high = (self.limits.number("calling", key, end) for end in ("low", "high"))
        return OK if low <= value <= high else Level.WARNING.value


_DEGREES = ("the same person or a twin", "first degree", "second degree", "further or unrelated")


def pedigree_kinship(members: Mapping[str, Member], one: str, two: str) -> float:
    """Kinship coefficient of two members by the pedigree; founders count as unrelated.

    phi(a, a) = (1 + phi(father, mother)) / 2, and phi(a, b) is the mean over the parents of the
    one who is no ancestor of the other.
    """
    if one not in members or two not in members:
        return 0.0
    if one == two:
        who = members[one]
        return 0.5 + 0.5 * pedigree_kinship(members, who.father, who.mother)
    if _depth(members, one) < _depth(members, two):
        one, two = two, one
    parents = (members[one].father, members[one].mother)
    return 0.5 * sum(pedigree_kinship(members, parent, two) for parent in parents)


def _depth(members: Mapping[str, Member], who: str) -> int:
    """Generations above a member in the pedigree."""
    member = members.get(who)
    if member is None:
        return -1
    return 1 + max(_depth(members, member.father), _depth(members, member.mother))
