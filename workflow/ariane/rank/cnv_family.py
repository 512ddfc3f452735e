"""Section 5 of Riggs and others, Genet Med 2020: what the family says of a copy-number variant.

One item counts. De novo goes first, then an affected relative without the variant, the disease
going with it, a healthy carrier; else inheritance is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ariane.model.evidence import Evidence
from ariane.phrases import say
from ariane.rank.alleles import Allele
from ariane.rank.cnv import Item, established, item_row, riggs_sum, rows_of
from ariane.rank.cnv_table import CnvTable, load_cnv
from ariane.rank.profile import Profile

_CARRIER: Final = {"INHERITED_FROM_UNAFFECTED": "5C", "UNAFFECTED_SAME_GENOTYPE": "5E"}
"""Triage rows of a healthy relative who has the disease genotype, and the item of each."""
_SPARED: Final = say(
    "section 2 has an established gene or region: penetrance is for a person to judge"
)


@dataclass(frozen=True)
class _Said:
    """The item that counts, and the triage rows that tell the same fact."""

    code: str
    points: int
    words: str
    twins: tuple[str, ...] = ()
    suppressed: str = ""


def family_of_copies(
    allele: Allele,
    carriers: Mapping[str, bool | None],
    new: bool,
    meioses: int,
    told: Sequence[Evidence],
    profile: Profile,
) -> Iterator[Evidence]:
    """The row of section 5, and the triage rows with what it already takes left out.

    Args:
        allele: the variant, classed by Riggs' sections.
        carriers: by relative, whether the relative has the disease genotype; None when not known.
        new: whether the variant is de novo.
        meioses: meioses that an affected relative with the genotype stands for.
        told: triage rows of the family's genotypes.
        profile: names the table, and says what a case does not say of parentage and phenotype.
    """
    table = load_cnv(profile.cnv)
    said = _said(allele, carriers, new, meioses, told, profile, table)
    item = Item(said.code, said.points, said.words, "genotypes", allele.variant, "case")
    if said.suppressed:
        yield item_row(allele.candidate, item, 0, said.suppressed)
        yield from told
        return
    before = riggs_sum(allele.candidate, allele.rows, profile)
    (row,) = rows_of(allele.candidate, [item], table, before)
    yield row
    left = row.points
    for one in told:
        if one.code not in said.twins or not left:
            yield one
        elif left > 0:
            yield one.suppress(say("the same fact already counts by {code}", code=row.code))
        else:
            yield replace(one, points=min(0, one.points - left))
            left = min(0, left - one.points)


def _said(
    allele: Allele,
    carriers: Mapping[str, bool | None],
    new: bool,
    meioses: int,
    told: Sequence[Evidence],
    profile: Profile,
    table: CnvTable,
) -> _Said:
    items = table.items(str(allele.candidate["kind"]))
    if new:
        rules = profile.de_novo
        code = table.de_novo[rules.fit]
        points = (items[code].by_parentage or {})[rules.parentage]
        words = say(
            "de novo; parentage is {parentage}, fit of the phenotype: {fit} ({code})",
            parentage=rules.parentage,
            fit=rules.fit,
            code=code,
        )
        return _Said("5A", points, words)
    affected = [m for m in allele.site.relatives if m.affected]
    if any(carriers.get(m.id) is False for m in affected):
        code = table.affected_without
        words = say("an affected relative has not the disease genotype ({code})", code=code)
        return _Said("5E", items[code].points, words, ("AFFECTED_WITHOUT",))
    count = meioses * sum(carriers.get(m.id) is True for m in affected)
    reached = [code for least, code in table.segregations.items() if count >= least]
    if reached:
        code = max(reached, key=lambda c: items[c].points)
        words = say(
            "with the disease in the family: {count} meioses among affected relatives ({code})",
            count=count,
            code=code,
        )
        return _Said("5D", items[code].points, words, ("INHERITED_FROM_AFFECTED",))
    found = {row.code: row for row in told if row.code in _CARRIER}
    for triage, code in _CARRIER.items():
        if triage in found:
            scored = items[code if code == "5C" else table.unaffected_with]
            spared = table.carriers_spare_established and established(allele.rows)
            reason = _SPARED if spared else ""
            return _Said(code, scored.points, found[triage].sentence, tuple(_CARRIER), reason)
    return _Said("5F", items["5F"].points, say("inheritance is not known, or says nothing"))
