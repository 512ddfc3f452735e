"""Findings of one (case, gene): the unit that a delta recomputes.

A pure function of the case, the gene's candidates and the knowledge under their keys. The same
code serves a first analysis, a delta, a page and an explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from ariane.knowledge.contigs import Contigs
from ariane.knowledge.lookup import Knowledge
from ariane.model.case import Case, Member, Sex
from ariane.model.evidence import Evidence, Ledger
from ariane.model.genotype import Zygosity, decode_family
from ariane.model.points import acmg_class, milli
from ariane.rank import inheritance
from ariane.rank.asserted import assert_rows, named_pathogenic
from ariane.rank.combine import capped, class_points, pair_points, pair_row, total, triage
from ariane.rank.constants import Constants
from ariane.rank.criteria import allele_frequency, class_rows, shut_by_ba1, terms
from ariane.rank.inheritance import Site
from ariane.rank.karyotype import Region, modes_for, region_of
from ariane.rank.profile import Profile

SINGLE: Final[Mapping[str, Callable[[Site], bool]]] = {
    "AD": inheritance.dominant,
    "AR": inheritance.recessive_homozygous,
    "XLD": inheritance.x_dominant,
    "XLR": inheritance.x_recessive,
    "YL": inheritance.y_linked,
    "MT": inheritance.mitochondrial,
}
"""What one allele must look like under each mode."""

PAIRED: Final = frozenset({"AR", "XLR"})
"""Modes in which two heterozygous alleles cause the disease."""

ONE_COPY: Final = frozenset({"AD", "XLD", "YL", "MT"})
"""Modes in which one copy causes the disease."""


@dataclass(frozen=True)
class Setting:
    """What evaluation needs beside the case: knowledge and constants of one release and code."""

    known: Knowledge
    constants: Constants
    profile: Profile
    contigs: Contigs


@dataclass(frozen=True)
class LeftOut:
    """A candidate that opened no finding, with the step and the rule that stopped it."""

    variant: str
    step: str
    rule: str


@dataclass(frozen=True)
class Finding:
    """One allele or pair under one mode, with its rows."""

    case: str
    gene: str
    symbol: str
    mode: str
    variants: tuple[str, ...]
    zygosity: str
    candidates: tuple[Mapping[str, Any], ...]
    rows: tuple[Evidence, ...]

    @property
    def id(self) -> str:
        """``gene|mode|variants``."""
        return f"{self.gene}|{self.mode}|{'+'.join(self.variants)}"

    @property
    def local_points(self) -> int:
        """Triage total without phenotype, in thousandths."""
        return total(self.rows)

    def _class(self, variant: str) -> tuple[int, str]:
        rows = [row for row in self.rows if row.variant == variant]
        points = class_points(rows)
        return points, "B (BA1)" if shut_by_ba1(rows) else str(acmg_class(points))

    def to_row(self) -> dict[str, Any]:
        """A row of the ``findings`` table."""
        classes = [self._class(variant) for variant in self.variants]
        return {
            "case": self.case,
            "gene": self.gene,
            "symbol": self.symbol,
            "finding": self.id,
            "mode": self.mode,
            "variants": "+".join(self.variants),
            "zygosity": self.zygosity,
            "consequence": _joined(self.candidates, "consequence"),
            "protein_change": _joined(self.candidates, "protein_change"),
            "transcript": _joined(self.candidates, "transcript"),
            "acmg_points": "+".join(str(points) for points, _ in classes),
            "acmg_class": "+".join(name for _, name in classes),
            "local_points": self.local_points,
            "genotypes": _joined(self.candidates, "genotypes"),
        }

    def to_ledger(self) -> Iterator[dict[str, Any]]:
        """Rows of the ``ledger`` table."""
        for row in sorted(self.rows):
            yield {
                "case": self.case,
                "gene": self.gene,
                "finding": self.id,
                "ledger": str(row.ledger),
                "variant": row.variant,
                "code": row.code,
                "points": row.points,
                "sentence": row.sentence,
                "resource": row.resource,
                "read_key": row.read_key,
                "record": row.record,
                "suppressed": row.suppressed,
            }


@dataclass
class Evaluation:
    """What came of one (case, gene)."""

    findings: list[Finding] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True)
class _Allele:
    candidate: Mapping[str, Any]
    site: Site
    rows: tuple[Evidence, ...]
    shut: bool

    @property
    def points(self) -> int:
        return total(self.rows)


def evaluate(
    case: Case, gene: str, candidates: Sequence[Mapping[str, Any]], setting: Setting
) -> Evaluation:
    """Find every hypothesis that one gene opens in one case.

    Args:
        case: the family.
        gene: the gene's key.
        candidates: all stored candidates of the case in this gene.
        setting: knowledge, constants, profile and contigs.
    """
    result = Evaluation()
    diseases = setting.known.gene_disease.get(gene, ())
    if not diseases:
        rule = (
            "the release knows no disease of this gene"
            if setting.known.has("gene_disease")
            else "the release holds no table of genes and diseases"
        )
        result.left_out.extend(LeftOut(c["variant"], "disease", rule) for c in candidates)
        return result
    alleles: list[_Allele] = []
    for candidate in sorted(candidates, key=lambda c: (c["chrom"], c["pos"], c["variant"])):
        reason = _reason_against(case, candidate, setting)
        if reason:
            result.left_out.append(reason)
        else:
            alleles.append(_allele(case, candidate, setting))
    used: set[str] = set()
    modes = sorted({m for a in alleles for d in diseases for m in _modes(d, a, setting)})
    for mode in modes:
        fitting = [a for a in alleles if any(mode in _modes(d, a, setting) for d in diseases)]
        for finding in (
            *_singles(case, mode, fitting, setting),
            *_pairs(case, mode, fitting, setting),
        ):
            result.findings.append(finding)
            used.update(finding.variants)
    for allele in alleles:
        if allele.candidate["variant"] not in used:
            result.left_out.append(_unused(allele, modes))
    result.findings.sort(key=lambda finding: finding.id)
    return result


def _modes(disease: Mapping[str, Any], allele: _Allele, setting: Setting) -> tuple[str, ...]:
    region = region_of(allele.candidate["chrom"], allele.candidate["pos"], setting.contigs)
    return modes_for(tuple(disease["modes"].split()), region)


def _reason_against(case: Case, candidate: Mapping[str, Any], setting: Setting) -> LeftOut | None:
    variant = candidate["variant"]
    site = _site(case, candidate, setting)
    if not site.carries(case.patient):
        return LeftOut(variant, "patient", "the patient was not called with this allele")
    named = named_pathogenic(variant, setting.known)
    if named:
        return None
    if candidate["tier"] != "coding" or setting.constants.consequences.isdisjoint(terms(candidate)):
        rule = f"{candidate['consequence']} opens no hypothesis unless it is asserted pathogenic"
        return LeftOut(variant, "consequence", rule)
    if shut_by_ba1(class_rows(candidate, setting.known, setting.profile)):
        return LeftOut(variant, "frequency", "excluded by BA1: common in the population")
    return None


def _site(case: Case, candidate: Mapping[str, Any], setting: Setting) -> Site:
    region = region_of(candidate["chrom"], candidate["pos"], setting.contigs)
    calls = decode_family(candidate["genotypes"])
    return Site(
        case,
        calls,
        sex_linked=region in (Region.X, Region.Y),
        from_father=region is Region.Y,
        mitochondrial=region is Region.MITOCHONDRIAL,
    )


def _allele(case: Case, candidate: Mapping[str, Any], setting: Setting) -> _Allele:
    variant = candidate["variant"]
    site = _site(case, candidate, setting)
    rows = class_rows(candidate, setting.known, setting.profile)
    rows += assert_rows(variant, setting.known, setting.constants)
    poor = inheritance.poor_call(site, setting.constants.calls)
    if poor:
        weight = milli(setting.constants.genotype["poor_call"])
        rows.append(triage(variant, "POOR_CALL", weight, poor, read_key=variant))
    shut = shut_by_ba1(rows)
    if shut:
        # Asserted pathogenic and common: shown with its gate shut, counting nothing.
        rows = [row if row.code == "BA1" else row.suppress("excluded by BA1") for row in rows]
    return _Allele(candidate, site, tuple(capped(variant, rows)), shut)


def _singles(
    case: Case, mode: str, alleles: Sequence[_Allele], setting: Setting
) -> Iterator[Finding]:
    for allele in alleles:
        if not SINGLE[mode](allele.site):
            continue
        rows = list(allele.rows)
        if not allele.shut:
            rows += _too_common(mode, allele, setting)
            rows += _single_rows(mode, allele, setting)
        yield _finding(case, mode, str(allele.site.zygosity(case.patient)), [allele], rows)


def _too_common(mode: str, allele: _Allele, setting: Setting) -> Iterator[Evidence]:
    """A row against an allele that is more frequent than a disease of the mode allows."""
    af, record = allele_frequency(allele.candidate, setting.known)
    limit = setting.constants.max_frequency[mode]
    if af is not None and af > limit:
        variant = allele.candidate["variant"]
        yield Evidence(
            variant="",
            ledger=Ledger.TRIAGE,
            code="TOO_COMMON",
            points=milli(setting.constants.genotype["too_common"]),
            sentence=f"population frequency {af:.3g}, above {limit:g}, the highest for mode {mode}",
            resource="frequencies",
            read_key=variant,
            record=record,
        )


def _single_rows(mode: str, allele: _Allele, setting: Setting) -> Iterator[Evidence]:
    site, variant = allele.site, allele.candidate["variant"]
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
    yield from _segregation_rows(carriers, site, mode in ONE_COPY, variant, weights)


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
        sentence = "homozygous, yet a parent was called without the allele: deletion or error"
        weight = weights["homozygous_parent_without"]
        yield _weighed("PARENT_WITHOUT", weight, sentence, variant)
    else:
        yield _weighed("HOMOZYGOUS", weights["homozygous"], "homozygous in the patient", variant)


def _pairs(
    case: Case, mode: str, alleles: Sequence[_Allele], setting: Setting
) -> Iterator[Finding]:
    if mode not in PAIRED:
        return
    halves = [a for a in alleles if inheritance.heterozygous(a.site) and not a.shut]
    halves.sort(key=lambda a: (-a.points, a.candidate["variant"]))
    strongest = halves[: setting.constants.alleles_per_gene]
    strongest.sort(key=lambda a: (a.candidate["pos"], a.candidate["variant"]))
    for first, second in combinations(strongest, 2):
        state = inheritance.phase(first.site, second.site)
        points = pair_points(first.points, second.points, setting.constants.trans[state])
        if points is None:
            continue
        variants = f"{first.candidate['variant']}+{second.candidate['variant']}"
        sentence = (
            f"a pair counts as P(both pathogenic) x P(in trans), phase: {state.replace('_', ' ')}"
        )
        rows = [
            *first.rows,
            *second.rows,
            pair_row(variants, first.points, second.points, points, sentence),
        ]
        carriers = {m.id: _both(first.site, second.site, m) for m in first.site.relatives}
        weights = setting.constants.genotype
        rows += _too_common(mode, first, setting)
        rows += _too_common(mode, second, setting)
        rows += _segregation_rows(carriers, first.site, False, variants, weights)
        yield _finding(case, mode, "compound", [first, second], rows)


def _segregation_rows(
    carriers: Mapping[str, bool | None],
    site: Site,
    dominant_mode: bool,
    variants: str,
    weights: Mapping[str, float],
) -> Iterator[Evidence]:
    words = {
        "affected_without": "affected relative {} has not the disease genotype",
        "inherited_from_affected": "inherited from affected parent {}",
        "inherited_from_unaffected": "inherited from unaffected parent {}",
        "unaffected_same_genotype": "unaffected relative {} has the same disease genotype",
    }
    for key, member in inheritance.segregation(carriers, site.case, dominant_mode):
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


def _both(first: Site, second: Site, member: Member) -> bool | None:
    known = (_known(first, member), _known(second, member))
    if False in known:
        return False
    return None if None in known else True


def _finding(
    case: Case, mode: str, zygosity: str, alleles: Sequence[_Allele], rows: Sequence[Evidence]
) -> Finding:
    candidates = tuple(a.candidate for a in alleles)
    return Finding(
        case=case.id,
        gene=candidates[0]["gene"],
        symbol=candidates[0]["symbol"],
        mode=mode,
        variants=tuple(c["variant"] for c in candidates),
        zygosity=zygosity,
        candidates=candidates,
        rows=tuple(rows),
    )


def _unused(allele: _Allele, modes: Sequence[str]) -> LeftOut:
    zygosity = allele.site.zygosity(allele.site.proband)
    if allele.shut:
        rule = "excluded by BA1, though asserted pathogenic: it cannot be half of a pair"
        return LeftOut(allele.candidate["variant"], "frequency", rule)
    if not modes:
        rule = "the gene's diseases have no mode that can be tested on this chromosome"
    else:
        rule = f"{zygosity} in the patient does not fit the gene's modes ({', '.join(modes)})"
    return LeftOut(allele.candidate["variant"], "mode", rule)


def _joined(candidates: Sequence[Mapping[str, Any]], column: str) -> str:
    return "+".join(str(c[column]) for c in candidates)
