"""Figures of a cohort: flags by reason, reviews by month, time in the impasse by technique."""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ariane.model.case import Status
from ariane.reanalyse.flags import REVIEW
from ariane.reanalyse.reviews import add_months
from ariane.report.cohort_lines import CaseLine, urgency

Row = Mapping[str, Any]

MONTHS: Final = 12
"""Months ahead that reviews are told apart."""
FEW: Final = 5
"""Values from which a box is drawn; fewer are drawn one by one."""
MONTH: Final = 365.25 / 12
"""Days of a month, on average."""


@dataclass(frozen=True)
class ByReason:
    """Flags of one reason."""

    reason: str
    told: int
    waiting: int
    """Beyond the cap of their site."""


@dataclass(frozen=True)
class Due:
    """Periodic reviews of one stretch of time."""

    month: str
    """``2025-03``; ``due`` for all dates up to the as-of date, ``later`` for all beyond a year."""
    number: int


@dataclass(frozen=True)
class Load:
    """What one site has to do."""

    site: str
    watched: int
    """Its cases under watch."""
    now: int
    """Flags that ask somebody to look now."""
    waiting: int
    """Flags in its queue."""
    overdue: int
    """Steps whose date has passed."""


@dataclass(frozen=True)
class Waiting:
    """Time in the impasse of the cases of one technique, in months."""

    technique: str
    cases: int
    dated: int
    """Those of which a date says since when."""
    decided: int
    """Of these: the date of a decision; of the others it is that of the analysis."""
    quartiles: tuple[float, float, float, float, float] | None
    """Least, first quartile, median, third quartile, most; None without any date."""
    each: tuple[float, ...] = ()
    """All values, where they are too few for a box."""


def by_reason(flags: Iterable[Row]) -> list[ByReason]:
    """Flags by reason, the most urgent reason first, periodic reviews left out."""
    told: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for flag in flags:
        if flag["reason"] != REVIEW:
            (waiting if flag["queued"] else told)[flag["reason"]] += 1
    reasons = sorted(told | waiting, key=lambda reason: (urgency(reason), reason))
    return [ByReason(reason, told[reason], waiting[reason]) for reason in reasons]


def by_site(
    lines: Sequence[CaseLine], asked: Iterable[Row], flags: Iterable[Row], steps: Iterable[Row]
) -> list[Load]:
    """What each site has to do, sites in order of name.

    Args:
        lines: the cases.
        asked: the flags that ask somebody to look now.
        flags: all flags.
        steps: rows of the follow-up table, as text.
    """
    site = {line.case: line.site for line in lines}
    watched = Counter(line.site for line in lines if Status(line.status).watched)
    now = Counter(flag["site"] for flag in asked)
    waiting = Counter(flag["site"] for flag in flags if flag["queued"])
    late = Counter(site.get(row["case"], "") for row in steps if row["overdue"] == "yes")
    names = sorted({*site.values(), *now, *waiting, *late})
    return [Load(name, watched[name], now[name], waiting[name], late[name]) for name in names]


def reviews_due(flags: Iterable[Row], as_of: datetime.date) -> list[Due]:
    """Periodic reviews: due by now, then by month for a year from the as-of date on, then later."""
    months = [add_months(as_of.replace(day=1), n).isoformat()[:7] for n in range(MONTHS + 1)]
    counts: Counter[str] = Counter()
    for flag in flags:
        if flag["reason"] != REVIEW:
            continue
        due = str(flag["due"])
        month = due[:7]
        counts["due" if due <= as_of.isoformat() else month if month in months else "later"] += 1
    return [Due(name, counts[name]) for name in ("due", *months, "later")]


def waiting(lines: Iterable[CaseLine], as_of: datetime.date) -> list[Waiting]:
    """Time in the impasse by technique, up to the as-of date.

    A date after the as-of date tells nothing of it and counts as none.
    """
    held: dict[str, list[CaseLine]] = {}
    for line in lines:
        if line.status == Status.IMPASSE:
            held.setdefault(line.technique, []).append(line)
    found = []
    for technique, own in sorted(held.items()):
        since = [line.impasse for line in own if line.impasse and line.impasse.day <= as_of]
        months = sorted((as_of - one.day).days / MONTH for one in since)
        decided = sum(one.what == "decision" for one in since)
        few = tuple(round(one, 1) for one in months) if len(months) < FEW else ()
        found.append(Waiting(technique, len(own), len(since), decided, quartiles(months), few))
    return found


def quartiles(values: Sequence[float]) -> tuple[float, float, float, float, float] | None:
    """Least, quartiles and most of sorted values, rounded to a tenth; None of none."""
    if not values:
        return None
    if len(values) == 1:
        parts = [values[0]] * 3
    else:
        parts = statistics.quantiles(values, n=4, method="inclusive")
    low, middle, high = (round(part, 1) for part in parts)
    return round(values[0], 1), low, middle, high, round(values[-1], 1)
