"""Periodic reviews: for each case under watch one due date, and the reason for it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from ariane.model.case import Case
from ariane.phrases import say
from ariane.reanalyse.frozen import cycle_facts
from ariane.reanalyse.policy import Policy


def due_date(
    case: Case,
    policy: Policy,
    as_of: datetime.date,
    decided: str = "",
    small_changes: int = 0,
    releases: Sequence[datetime.date] = (),
) -> tuple[datetime.date, str]:
    """When a case is to be reviewed, and why then.

    The last look is the analysis or, if later, the last decision. Of all rules that apply the
    earliest date holds; of those that give the same date the first.

    Args:
        case: the case.
        policy: intervals.
        as_of: the release's as-of date.
        decided: date of the last decision, or empty.
        small_changes: changes of this cycle that are not material.
        releases: as-of dates of the releases of the cohort's cycles, this one's included.

    Returns:
        The date, and the reason in words.
    """
    last = _last_look(case, decided)
    if last is None:
        return as_of, say("the date of the analysis is not known")
    day, what = last
    found = [
        (add_months(day, months), why(_months(months, day, what)))
        for months, why in _intervals(case, policy, small_changes)
    ]
    limit = policy.review.releases_unseen
    unseen = sorted({release for release in releases if release > day})
    if limit is not None and len(unseen) >= limit:
        told = {"count": len(unseen), "day": day.isoformat()}
        seen = (
            say("{count} releases came after the decision of {day}", **told)
            if what == "decision"
            else say("{count} releases came after the analysis of {day}", **told)
        )
        found.append((unseen[limit - 1], seen))
    return min(found, key=lambda one: one[0])


def release_dates(state: Path, cycle: str) -> list[datetime.date]:
    """As-of dates of the releases of a cycle and all before it, latest first.

    Args:
        state: the folder of frozen inputs.
        cycle: the cycle.

    Raises:
        ArianeError: a cycle was never begun, or its file is damaged.
    """
    dates: list[datetime.date] = []
    seen: set[str] = set()
    while cycle and cycle not in seen:
        raw = cycle_facts(state, cycle)
        dates.append(datetime.date.fromisoformat(raw["as_of"]))
        seen.add(cycle)
        cycle = raw["previous"]
    return dates


def _last_look(case: Case, decided: str) -> tuple[datetime.date, str] | None:
    try:
        day = datetime.date.fromisoformat(max(case.analysis.date, decided))
    except ValueError:
        return None
    return day, "decision" if decided > case.analysis.date else "analysis"


_Why = Callable[[str], str]
"""Adds to how long ago the last look was why this interval holds."""


def _intervals(case: Case, policy: Policy, small_changes: int) -> Iterator[tuple[int, _Why]]:
    technique, rules = case.analysis.technique, policy.review
    own = rules.filieres.get(case.filiere, {}).get(technique)
    if own is not None:
        yield own, partial(_by_filiere, case.filiere, technique)
    else:
        yield policy.review_months.get(technique, policy.review_months["exome"]), str
    years = case.phenotype.years
    if years is not None and years < rules.child_below:
        below = None if case.phenotype.prenatal else rules.child_below
        yield rules.child_months, partial(_young, below)
    if rules.small_changes is not None and small_changes >= rules.small_changes:
        yield rules.small_changes_months, partial(_for_changes, small_changes)


def _months(months: int, day: datetime.date, what: str) -> str:
    told = {"count": months, "day": day.isoformat()}
    if what == "decision":
        return say("{count} months after the decision of {day}", **told)
    return say("{count} months after the analysis of {day}", **told)


def _by_filiere(filiere: str, technique: str, said: str) -> str:
    told = {"said": said, "text": filiere, "word": technique}
    return say("{said}, as {text} has it for {word}", **told)


def _young(below: int | None, said: str) -> str:
    if below is None:
        return say("{said}, the patient was a foetus", said=said)
    return say("{said}, the patient was a child below {limit} years", said=said, limit=below)


def _for_changes(count: int, said: str) -> str:
    return say("{said}, for {count} small changes in this cycle", said=said, count=count)


def add_months(date: datetime.date, months: int) -> datetime.date:
    """The same day some months later; the month's last day where it has no such day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    first = datetime.date(year, month + 1, 1)
    following = datetime.date(year + month // 11, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(date.day, (following - first).days))
