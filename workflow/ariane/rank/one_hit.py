"""One hit: a single damaging allele of a recessive gene, whose partner these data may not show.

It is kept below every full hypothesis and takes no part in the posterior: that the second allele
lies where the analysis does not see is one of the ways in which "none in these data" comes true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from ariane.model.evidence import Evidence
from ariane.model.points import milli
from ariane.phrases import say
from ariane.rank import inheritance, partners
from ariane.rank.alleles import Allele, Setting, too_common
from ariane.rank.background import NULL, UNPROVEN, kind_of
from ariane.rank.combine import triage
from ariane.rank.family import segregation_rows
from ariane.rank.finding import one_hit
from ariane.rank.structural import gains_whole_gene

MODE: Final = "AR"
"""On the X a female's single copy opens a hypothesis of its own, weighed down."""

Hypothesis = tuple[Mapping[str, Any], Mapping[str, Any]]


def single_hits(
    mode: str, alleles: Sequence[Allele], taken: Collection[str], setting: Setting
) -> Iterator[tuple[Allele, list[Evidence]]]:
    """Damaging heterozygous alleles without a partner, each with its rows.

    Args:
        mode: the mode under which the gene is looked at.
        alleles: the gene's alleles that may cause a disease of this mode.
        taken: alleles that stand in a finding of this mode already.
        setting: knowledge and constants.
    """
    if mode != MODE:
        return
    weights = setting.constants.genotype
    for allele in alleles:
        known = allele.variant in taken or allele.shut or gains_whole_gene(allele.candidate)
        if known or not inheritance.heterozygous(allele.site):
            continue
        null = kind_of(allele.candidate, allele.rows) in (NULL, UNPROVEN)
        damaging = null or allele.points >= setting.constants.one_hit_from
        if not damaging or any(too_common(mode, allele, setting)):
            continue
        lacking = {
            m.id: False if allele.site.lacks(m) else None
            for m in allele.site.relatives
            if m.affected
        }
        held = segregation_rows(lacking, allele.site, False, allele.variant, weights)
        sentence = say(
            "one hit: the second allele of a recessive disease was not found in these data"
        )
        weight = milli(weights["one_hit"])
        told = triage("", "ONE_HIT", weight, sentence, read_key=allele.variant)
        half = partners.held_back(allele, (), setting.profile)
        yield half, [*half.rows, *held, told]


def apart(found: Sequence[Hypothesis]) -> tuple[list[Hypothesis], list[Hypothesis]]:
    """Full hypotheses, and those of one hit."""
    return [h for h in found if not one_hit(h[0])], [h for h in found if one_hit(h[0])]


def ranked_below(
    rows: Sequence[dict[str, Any]], full: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Standing rows of one hits in their order, ranked after the full ones, posterior 0."""
    ordered = sorted(rows, key=lambda r: (-r["total_points"], r["hypothesis"]))
    genes = {row["gene"]: row["gene_rank"] for row in full}
    last = max(genes.values(), default=0)
    for row in ordered:
        if row["gene"] not in genes:
            last += 1
            genes[row["gene"]] = last
    return [
        {**row, "posterior": 0.0, "rank": len(full) + place, "gene_rank": genes[row["gene"]]}
        for place, row in enumerate(ordered, start=1)
    ]
