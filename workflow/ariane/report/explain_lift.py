"""What a gene's findings and single hits lack in one case, and what the technique may not see of
it: lines of an explanation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ariane.knowledge import blind_spots
from ariane.model.case import Case
from ariane.model.points import THOUSAND
from ariane.rank.impasse import Adviser, blind
from ariane.rank.lift import Lift, lifts
from ariane.rank.shard import Bench
from ariane.report.lifting import Words

Row = Mapping[str, Any]


def unseen(case: Case, key: str, symbol: str) -> Iterator[str]:
    """What the technique may not see of a gene: what is known of this gene, then of every gene.

    Args:
        case: whose technique and assembly it is.
        key: the gene's identifier; empty when it is not known.
        symbol: its symbol, or what somebody wrote.
    """
    name = re.compile(rf"\b{re.escape(symbol)}\b", re.IGNORECASE)
    every = []
    for spot in blind_spots.of(case.analysis.technique, "en", case.analysis.assembly):
        if key in {gene for _, gene in spot.genes} or name.search(spot.region):
            yield f"Blind spot of this technique: {spot.region}. {spot.why} ({spot.source})"
        elif not spot.genes:
            every.append(spot.region)
    if every:
        yield f"Of every gene this technique may miss: {'; '.join(every)}."


def lacking(
    case: Case, findings: Sequence[Row], ledger: Sequence[Row], bench: Bench
) -> Iterator[str]:
    """What each allele of a gene lacks to be likely pathogenic, cheapest first.

    Args:
        case: the case.
        findings: the gene's findings.
        ledger: their rows.
        bench: the release.
    """
    adviser, blind_to = Adviser.of(bench), blind(case)
    setting = adviser.setting(findings)
    for finding in findings:
        rows = [row for row in ledger if row["finding"] == finding["finding"]]
        spots = blind_to.get(finding["gene"], ())
        for lift in lifts(case, finding, rows, setting, adviser.table, spots):
            yield ""
            yield from _lines(lift)


def _lines(lift: Lift) -> Iterator[str]:
    row, words = lift.to_row(), Words("en")
    what = "One hit, and a second to be looked for" if lift.one_hit else "What is missing"
    now = f"now {row['acmg_class']}, {_points(row['acmg_points'])} class points"
    yield f"{what} of {row['variant']} ({lift.finding['mode']}; {now}), cheapest first:"
    for item in row["evidence"]:
        gains = [f"{_points(item['points'])} class"] if item["points"] else []
        gains += [f"{_points(item['triage'])} rank"] if item["triage"] else []
        told = ", ".join(gains) or "no points by itself"
        yield f"  {item['code'] or '-':<22} {told:<28} {words.asked(item)}"
    if row["smallest"]:
        asked = " + ".join(words.enough(row))
        yield f"  Fewest that make it likely pathogenic ({_points(row['reaches'])}): {asked}."
    elif not lift.reached:
        yield "  Even together these do not make it likely pathogenic."


def _points(thousandths: int) -> str:
    return f"{thousandths / THOUSAND:+.2f}"
