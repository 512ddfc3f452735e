"""What people answered to earlier cycles, checked before a cycle begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from ariane.intake.config import Settings
from ariane.knowledge.decisions import COLUMNS, OPTIONAL, SEEN
from ariane.knowledge.hand_kept import read_lines
from ariane.model.errors import Fault, Level
from ariane.reanalyse.seen import Claim, Past, Sighting, check_claims
from ariane.reanalyse.steps import Step, read_steps


def read_answers(
    settings: Settings,
    cases: AbstractSet[str],
    past: Sequence[Past],
    results: Path,
    known: Iterable[Sighting],
) -> tuple[tuple[Sighting, ...], list[Fault]]:
    """Check the steps taken, and that decisions and steps speak of what there was to see.

    Args:
        settings: the configuration, which names both files.
        cases: the cases of the sheet.
        past: earlier cycles, the latest first.
        results: the folder of results.
        known: what earlier cycles found true.

    Returns:
        What people say they saw, found true; and all faults but those of the decisions' own form.

    Raises:
        ArianeError: a file cannot be read.
    """
    claims: list[Claim] = []
    reports: set[str] = set()
    faults: list[Fault] = []
    if settings.decisions:
        for number, row in read_lines(settings.decisions, COLUMNS, OPTIONAL)[0]:
            reports.add(row["report"])
            if row["finding"] and SEEN.fullmatch(row["seen"]):
                where = f"{settings.decisions.name}:{number}"
                claims.append(Claim(where, row["case_id"], row["finding"], row["seen"]))
    if settings.follow_up:
        taken, faults = read_steps(settings.follow_up)
        claims += [Claim(t.where, t.case, t.finding, t.seen) for t in taken if t.seen]
        for one in taken:
            if one.case not in cases:
                what, advice = "no such case in the sheet", "Check the case id"
                faults.append(Fault(one.where, one.case, what, advice, Level.WARNING))
            elif one.step is Step.REPORT and one.report not in reports:
                what = f"report {one.report} is signed, and no decision names it"
                advice = "Only a decision with that report closes the case; write its row"
                faults.append(Fault(one.where, one.case, what, advice, Level.WARNING))
    sightings, wrong = check_claims(claims, known, past, results, settings.shards)
    return sightings, faults + wrong
