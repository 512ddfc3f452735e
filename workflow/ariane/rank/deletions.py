"""Small variants in a stretch that a deletion of the same gene leaves with one copy.

There a heterozygote looks homozygous: the two are a compound heterozygote, in trans by
construction, and no homozygote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ariane.model.evidence import Evidence
from ariane.model.genotype import Zygosity
from ariane.phrases import say
from ariane.rank.alleles import Allele, Setting
from ariane.rank.combine import ALLELE_CAP, pair_points, triage
from ariane.rank.inheritance import TWO_COPIES, heterozygous
from ariane.rank.structural import load_structural


def lies_within(allele: Allele, deletion: Allele) -> bool:
    """Whether an allele lies in the stretch that a heterozygous deletion takes."""
    inner, outer = allele.candidate, deletion.candidate
    return (
        outer["kind"] == "DEL"
        and inner["chrom"] == outer["chrom"]
        and outer["pos"] < inner["pos"]
        and inner["end"] <= outer["end"]
        and heterozygous(deletion.site)
    )


def bared(allele: Allele, deletion: Allele, setting: Setting) -> bool:
    """Whether an allele looks homozygous because a deletion takes the other copy.

    A call with two copies does, and a heterozygous one of which nearly all reads carry the allele.
    """
    if allele is deletion or not lies_within(allele, deletion):
        return False
    call = allele.site.calls.get(allele.site.proband.id)
    zygosity = allele.site.zygosity(allele.site.proband)
    if zygosity in TWO_COPIES:
        return True
    fraction = call.alt_fraction if call else None
    limit = setting.constants.calls.homozygous_balance
    return zygosity is Zygosity.HETEROZYGOUS and fraction is not None and fraction >= limit


def bared_pairs(alleles: Sequence[Allele], setting: Setting) -> Iterator[tuple[Allele, Allele]]:
    """Every (allele, deletion) of which the first looks homozygous over the second."""
    for deletion in alleles:
        for allele in alleles:
            if not (allele.shut or deletion.shut) and bared(allele, deletion, setting):
                yield allele, deletion


def doubtful(deletion: Allele) -> bool:
    """Whether the deletion's own call is poor."""
    return any(row.code == "POOR_CALL" for row in deletion.rows)


def replaced_by_pair(allele: Allele, alleles: Sequence[Allele], setting: Setting) -> bool:
    """Whether an apparent homozygote is told as a pair with a well-called deletion instead."""
    return any(
        bared(allele, deletion, setting) and not deletion.shut and not doubtful(deletion)
        for deletion in alleles
    )


def points_over(allele: Allele, deletion: Allele) -> int:
    """Points of an allele whose other copy is deleted, in thousandths.

    That no healthy copy is left at the place does not rest on what the deletion does elsewhere, so
    the allele alone limits the pair, and the certainty of both calls.
    """
    constants = load_structural()
    sure = constants.over_doubtful_deletion if doubtful(deletion) else constants.over_deletion
    return pair_points(allele.points, ALLELE_CAP, sure) or 0


def still_heterozygous(first: Allele, second: Allele) -> Iterator[Evidence]:
    """A row that warns: both alleles are read where the deletion should leave one."""
    for allele, deletion in ((first, second), (second, first)):
        if lies_within(allele, deletion):
            sentence = say("both alleles are read within the deleted stretch: one call is doubtful")
            key = f"{first.variant}+{second.variant}"
            yield triage("", "BOTH_ALLELES_READ", 0, sentence, read_key=key)
