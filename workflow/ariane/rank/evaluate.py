"""Findings of one (case, gene): the unit that a delta recomputes.

A pure function of the case, the gene's candidates and the knowledge under their keys. The same
code serves a first analysis, a delta, a page and an explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Final

from ariane.model.case import Case
from ariane.model.evidence import Evidence
from ariane.model.genotype import Zygosity
from ariane.phrases import say
from ariane.rank import deletions, heteroplasmy, inheritance, partners
from ariane.rank.alleles import Allele, Setting, allele_of, site_of, too_common
from ariane.rank.asserted import named_pathogenic
from ariane.rank.background import background_row
from ariane.rank.combine import pair_points, pair_row
from ariane.rank.computational import splicing_changes
from ariane.rank.criteria import class_rows, shut_by_ba1, terms
from ariane.rank.family import ONE_COPY, both, segregation_rows, single_rows
from ariane.rank.finding import NOT_THE_PATIENTS, ONE_HIT, Evaluation, Finding, LeftOut
from ariane.rank.inheritance import Site
from ariane.rank.karyotype import modes_at, region_of
from ariane.rank.mosaic import own_rows
from ariane.rank.one_hit import single_hits
from ariane.rank.structural import gains_whole_gene

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
        for candidate in candidates:
            reason = _not_the_patients(site_of(case, candidate, setting), candidate)
            result.left_out.append(reason or LeftOut(candidate["variant"], "disease", rule))
        return result
    alleles: list[Allele] = []
    for candidate in sorted(candidates, key=lambda c: (c["chrom"], c["pos"], c["variant"])):
        found = _looked_at(case, candidate, setting)
        if isinstance(found, LeftOut):
            result.left_out.append(found)
        else:
            alleles.append(found)
    used: set[str] = set()
    of_allele = [(a, _modes(diseases, a, setting)) for a in alleles]
    modes = sorted(frozenset[str]().union(*(own for _, own in of_allele)))
    for mode in modes:
        fitting = [allele for allele, own in of_allele if mode in own]
        told = [*_singles(case, mode, fitting, setting), *_pairs(case, mode, fitting, setting)]
        taken = {variant for finding in told for variant in finding.variants}
        for half, rows in single_hits(mode, fitting, taken, setting):
            told.append(_finding(case, mode, ONE_HIT, [half], rows, setting))
        for finding in told:
            result.findings.append(finding)
            used.update(finding.variants)
    for allele in alleles:
        if allele.candidate["variant"] not in used:
            result.left_out.append(_unused(allele, modes))
    result.findings.sort(key=lambda finding: finding.id)
    return result


def _modes(
    diseases: Sequence[Mapping[str, Any]], allele: Allele, setting: Setting
) -> frozenset[str]:
    """Modes of the gene's diseases that can be tested at the place of an allele."""
    region = region_of(allele.candidate["chrom"], allele.candidate["pos"], setting.contigs)
    return frozenset(mode for disease in diseases for mode in modes_at(disease["modes"], region))


def _not_the_patients(site: Site, candidate: Mapping[str, Any]) -> LeftOut | None:
    if site.carries(site.proband):
        return None
    rule = "the patient was not called with this allele"
    return LeftOut(candidate["variant"], NOT_THE_PATIENTS, rule)


def _looked_at(case: Case, candidate: Mapping[str, Any], setting: Setting) -> Allele | LeftOut:
    """What is said of a candidate, or why it is left out."""
    variant, known = candidate["variant"], setting.known
    site = site_of(case, candidate, setting)
    if reason := _not_the_patients(site, candidate):
        return reason
    named = named_pathogenic(variant, known)
    plain = candidate["tier"] == "coding" and not setting.constants.consequences.isdisjoint(
        terms(candidate)
    )
    if not named and not plain and not splicing_changes(candidate, known, setting.profile):
        rule = (
            f"{candidate['consequence']} opens no hypothesis unless it is asserted pathogenic or "
            "predicted to change splicing"
        )
        return LeftOut(variant, "consequence", rule)
    rows = class_rows(candidate, known, setting.profile)
    if not named and shut_by_ba1(rows):
        return LeftOut(variant, "frequency", "excluded by BA1: common in the population")
    return allele_of(site, candidate, rows, setting)


def _singles(
    case: Case, mode: str, alleles: Sequence[Allele], setting: Setting
) -> Iterator[Finding]:
    for allele in alleles:
        if not SINGLE[mode](allele.site) or _only_gained(mode, allele):
            continue
        if mode in PAIRED and deletions.replaced_by_pair(allele, alleles, setting):
            continue
        own = replace(allele, rows=tuple(own_rows(mode, allele, setting)))
        told: list[Evidence] = []
        if not allele.shut:
            told += too_common(mode, allele, setting)
            told += single_rows(mode, allele, setting)
            told += partners.bp2(allele, alleles, setting)
            if mode == "AR":
                told = partners.pm3_homozygous(told, allele, setting)
        zygosity = str(allele.site.zygosity(case.patient))
        if mode == "MT":
            zygosity = heteroplasmy.state(allele.site)
            told += heteroplasmy.level_rows(allele.site, allele.variant)
        held = partners.held_back(own, told, setting.profile)
        rows = [*held.rows, *told]
        yield _finding(case, mode, zygosity, [held], rows, setting)


def _only_gained(mode: str, allele: Allele) -> bool:
    return mode not in ONE_COPY and gains_whole_gene(allele.candidate)


def _pairs(case: Case, mode: str, alleles: Sequence[Allele], setting: Setting) -> Iterator[Finding]:
    if mode not in PAIRED:
        return
    yield from _over_deletions(case, mode, alleles, setting)
    halves = [
        a
        for a in alleles
        if inheritance.heterozygous(a.site) and not a.shut and not _only_gained(mode, a)
    ]
    halves.sort(key=lambda a: (-a.points, a.variant))
    strongest = halves[: setting.constants.alleles_per_gene]
    strongest.sort(key=lambda a: (a.candidate["pos"], a.variant))
    for first, second in combinations(strongest, 2):
        if deletions.bared(first, second, setting) or deletions.bared(second, first, setting):
            continue
        state = inheritance.phase(first.site, second.site)
        pm3 = list(partners.pm3_pair(first, second, state, setting))
        first, second = (partners.held_back(a, pm3, setting.profile) for a in (first, second))
        points = pair_points(first.points, second.points, setting.constants.trans[state])
        if points is None:
            continue
        variants = f"{first.variant}+{second.variant}"
        sentence = say(
            "a pair counts as P(both pathogenic) x P(in trans), phase: {phase}",
            phase=state.replace("_", " "),
        )
        told = [
            pair_row(variants, first.points, second.points, points, sentence),
            *deletions.still_heterozygous(first, second),
            *pm3,
        ]
        yield _pair(case, mode, first, second, told, setting)


def _over_deletions(
    case: Case, mode: str, alleles: Sequence[Allele], setting: Setting
) -> Iterator[Finding]:
    """Pairs of an allele that looks homozygous and the deletion that takes its other copy."""
    for pair in deletions.bared_pairs(alleles, setting):
        allele, deletion = (partners.held_back(a, (), setting.profile) for a in pair)
        first, second = sorted((allele, deletion), key=lambda a: (a.candidate["pos"], a.variant))
        variants = f"{first.variant}+{second.variant}"
        points = deletions.points_over(allele, deletion)
        sentence = say(
            "the deletion takes the other copy: not homozygous, but in trans by construction, and "
            "the small variant alone limits the pair"
        )
        told = [pair_row(variants, first.points, second.points, points, sentence)]
        yield _pair(case, mode, first, second, told, setting)


def _pair(
    case: Case,
    mode: str,
    first: Allele,
    second: Allele,
    told: Sequence[Evidence],
    setting: Setting,
) -> Finding:
    """The finding of two alleles, with the rows that make a pair of them."""
    variants = f"{first.variant}+{second.variant}"
    rows = [*first.rows, *second.rows, *told]
    carriers = {m.id: both(first.site, second.site, m) for m in first.site.relatives}
    rows += too_common(mode, first, setting)
    rows += too_common(mode, second, setting)
    weights = setting.constants.genotype
    rows += segregation_rows(carriers, first.site, False, variants, weights)
    return _finding(case, mode, "compound", [first, second], rows, setting)


def _finding(
    case: Case,
    mode: str,
    zygosity: str,
    alleles: Sequence[Allele],
    rows: Sequence[Evidence],
    setting: Setting,
) -> Finding:
    candidates = tuple(a.candidate for a in alleles)
    if zygosity != ONE_HIT and not any(a.shut for a in alleles):
        rows = [*rows, background_row(mode, zygosity, candidates, rows, setting)]
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


def _unused(allele: Allele, modes: Sequence[str]) -> LeftOut:
    """Why an allele that passed every step opened no finding."""
    zygosity = allele.site.zygosity(allele.site.proband)
    if allele.shut:
        rule = "excluded by BA1, though asserted pathogenic: it cannot be half of a pair"
        return LeftOut(allele.variant, "frequency", rule)
    if gains_whole_gene(allele.candidate):
        rule = "a whole gene gained takes no function away: it opens no recessive hypothesis"
    elif not modes:
        rule = "the gene's diseases have no mode that can be tested on this chromosome"
    elif zygosity is Zygosity.HETEROZYGOUS and PAIRED.issuperset(modes):
        rule = (
            "one hit: heterozygous in a recessive gene, with no second allele that may lie in trans"
        )
    else:
        rule = f"{zygosity} in the patient does not fit the gene's modes ({', '.join(modes)})"
    return LeftOut(allele.variant, "mode", rule)
