"""What would lift the impasse: for each leading candidate, what would make it likely pathogenic.

What is told is a promise on paper: each result is reckoned as if it spoke for the allele. A result
the other way speaks against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from operator import itemgetter
from typing import Any

from ariane.knowledge import blind_spots
from ariane.model.case import Case
from ariane.model.points import THOUSAND, AcmgClass, acmg_class
from ariane.phrases import say
from ariane.rank.alleles import Setting
from ariane.rank.asserted import named_pathogenic
from ariane.rank.finding import one_hit
from ariane.rank.lift_table import LiftTable
from ariane.rank.missing import GENOTYPE, Missing, missing
from ariane.rank.partners import ALONE
from ariane.rank.seen import Seen, alleles_of, criterion
from ariane.rank.standing import NONE

Row = Mapping[str, Any]
REACHED = frozenset({AcmgClass.PATHOGENIC, AcmgClass.LIKELY_PATHOGENIC})


@dataclass(frozen=True)
class Lift:
    """One allele of a leading candidate, with what it lacks."""

    finding: Row
    seen: Seen
    items: tuple[Missing, ...]
    """Cheapest first."""
    table: LiftTable
    setting: Setting
    one_hit: bool = False
    """The finding is a single hit in a recessive gene, and ranked below."""

    @property
    def reached(self) -> bool:
        """Whether the allele is (likely) pathogenic by its class already."""
        return acmg_class(self.seen.points) in REACHED

    def after(self, chosen: Iterable[Missing]) -> int:
        """Class points if some results spoke for the allele, in thousandths."""
        items = [item for item in chosen if item.points > 0]
        total = self.seen.points + sum(item.points for item in items)
        if not items or self.setting.profile.pvs1.alone != "VUS":
            return total
        total -= self.seen.counted("PVS1_ALONE")
        nulls = [item for item in items if item.code == "PVS1"]
        others = [
            row
            for row in self.seen.class_rows
            if row["points"] > 0 and criterion(row["code"]) != "PVS1"
        ]
        # PVS1 that only RNA made whole stays alone: the profile holds it below likely pathogenic.
        return min(total, ALONE) if nulls and len(items) == 1 and not others else total

    @cached_property
    def smallest(self) -> tuple[Missing, ...]:
        """The fewest results that make the allele likely pathogenic, of these the cheapest; none
        where no set does, or where it is so already."""
        helpful = [item for item in self.items if item.points > 0]
        kinds = self.table.kinds
        for size in range(1, len(helpful) + 1):
            enough = [
                chosen
                for chosen in combinations(helpful, size)
                if len({kinds[item.kind].group for item in chosen}) == size
                and acmg_class(self.after(chosen)) in REACHED
            ]
            if enough and not self.reached:
                return min(enough, key=lambda c: (sum(kinds[i.kind].cost for i in c), c[0].kind))
        return ()

    def to_row(self) -> dict[str, Any]:
        """Plain values: what a page and a table show. Points are whole thousandths."""
        seen, finding = self.seen, self.finding
        return {
            "case": seen.case.id,
            "finding": finding["finding"],
            "gene": finding["gene"],
            "symbol": finding["symbol"],
            "variant": seen.variant,
            "one_hit": self.one_hit,
            "acmg_points": seen.points,
            "acmg_class": str(acmg_class(seen.points)),
            "evidence": [self._item(item) for item in self.items],
            "smallest": [item.kind for item in self.smallest],
            "reaches": self.after(self.smallest) if self.smallest else None,
        }

    def _item(self, item: Missing) -> dict[str, Any]:
        total = self.after([item])
        return {
            "kind": item.kind,
            "code": item.code,
            "points": item.points,
            "triage": item.triage,
            "who": list(item.who),
            "with": item.other,
            "where": item.where,
            "words": words(self.table, item.kind, "en", item.who, item.other, item.where),
            "source": self.table.kinds[item.kind].source,
            "class_after": str(acmg_class(total)) if item.points > 0 else "",
        }


def words(
    table: LiftTable, kind: str, language: str, who: Sequence[str], other: str, where: str
) -> str:
    """What is asked for, in one sentence of a language.

    Args:
        table: the kinds.
        kind: which.
        language: ``en`` or ``fr``.
        who: persons, in words of that language.
        other: the other allele of the pair.
        where: identifier of a blind spot, or a predictor.
    """
    mark = {"en": " and ", "fr": " et "}[language]
    region = next((s.region for s in blind_spots.load(language) if s.id == where), where)
    named = {"who": mark.join(who), "with": other, "where": region}
    return table.kinds[kind].words[language].format(**named)


def brief(lift: Lift) -> str:
    """What an allele lacks, in one English phrase for a table: the fewest results that suffice, or
    the cheapest one."""
    seen = lift.seen
    named = {"gene": lift.finding["symbol"] or lift.finding["gene"], "variant": seen.variant}
    chosen = lift.smallest or lift.items[:1]
    asked = " + ".join(_asked(lift, item) for item in chosen)
    if lift.smallest:
        reached = acmg_class(lift.after(chosen))
        return say(
            "{gene} {variant}: {klass} on paper with: {said}", **named, klass=reached, said=asked
        )
    if lift.reached:
        return say("{gene} {variant}: first: {said}", **named, said=asked)
    return say("{gene} {variant}: first: {said}, not enough for LP", **named, said=asked)


def _asked(lift: Lift, item: Missing) -> str:
    gains = [f"{item.points / THOUSAND:+g}"] if item.points else []
    said = words(lift.table, item.kind, "en", item.who, item.other, item.where)
    return (
        say("{said} ({place})", said=said, place=" ".join([item.code, *gains]))
        if item.code
        else said
    )


def lifts(
    case: Case,
    finding: Row,
    ledger: Sequence[Row],
    setting: Setting,
    table: LiftTable,
    blind: Sequence[str] = (),
) -> list[Lift]:
    """What each allele of one finding lacks; alleles that lack nothing are left out.

    Of an allele that is likely pathogenic already only what bears on the genotype is told.
    """
    seen = alleles_of(case, finding, ledger, setting)
    told = []
    for allele in seen:
        partner = next((other for other in seen if other is not allele), None)
        items = missing(allele, partner, setting, table, blind)
        if acmg_class(allele.points) in REACHED:
            items = [item for item in items if table.kinds[item.kind].group in GENOTYPE]
        if items:
            told.append(Lift(finding, allele, tuple(items), table, setting, one_hit(finding)))
    return told


def leading(standing: Iterable[Row], table: LiftTable) -> list[str]:
    """Findings of a case's leading hypotheses, the first first, each once."""
    likely = [
        row
        for row in standing
        if row["posterior"] >= table.posterior and row["rank"] >= 1 and row["hypothesis"] != NONE
    ]
    likely.sort(key=itemgetter("rank", "hypothesis"))
    return list(dict.fromkeys(row["finding"] for row in likely))[: table.findings]


def case_lifts(
    case: Case,
    standing: Iterable[Row],
    findings: Iterable[Row],
    ledger: Iterable[Row],
    setting: Setting,
    table: LiftTable,
    blind: Mapping[str, Sequence[str]],
) -> Iterator[Lift]:
    """What the leading candidates of a case lack, in their order.

    Args:
        case: the case.
        standing: its standing.
        findings: its findings.
        ledger: its ledger.
        setting: the release, with what it says of these genes and alleles.
        table: the kinds.
        blind: by gene, what the case's technique cannot see of it.
    """
    held = {row["finding"]: row for row in findings}
    rows: dict[str, list[Row]] = {}
    for row in ledger:
        rows.setdefault(row["finding"], []).append(row)
    for name in leading(standing, table):
        finding = held[name]
        spots = blind.get(finding["gene"], ())
        yield from lifts(case, finding, rows.get(name, []), setting, table, spots)


def one_hits(
    case: Case,
    hits: Iterable[Row],
    ledger: Iterable[Row],
    phenotype: Mapping[str, int],
    setting: Setting,
    table: LiftTable,
    blind: Mapping[str, Sequence[str]],
) -> list[Lift]:
    """Single damaging alleles of recessive genes that fit the patient, and what they lack.

    An allele counts as damaging by its class, or when it is asserted (likely) pathogenic.

    Args:
        case: the case.
        hits: findings of one hit.
        ledger: their rows.
        phenotype: by gene, phenotype points of its best disease, in thousandths.
        setting: the release.
        table: the kinds and thresholds.
        blind: by gene, what the case's technique cannot see of it.
    """
    kept: list[tuple[int, str, Lift]] = []
    rows: dict[str, list[Row]] = {}
    for row in ledger:
        rows.setdefault(row["finding"], []).append(row)
    for hit in hits:
        name, gene = hit["finding"], hit["gene"]
        fit = phenotype.get(gene, 0)
        if fit < table.one_hit_phenotype:
            continue
        for lift in lifts(case, hit, rows.get(name, []), setting, table, blind.get(gene, ())):
            damaging = lift.seen.points >= table.one_hit_class
            if damaging or named_pathogenic(lift.seen.variant, setting.known):
                kept.append((-(hit["local_points"] + fit), name, lift))
    kept.sort(key=lambda entry: entry[:2])
    return [lift for _, _, lift in kept[: table.one_hit_genes]]
