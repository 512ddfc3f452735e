"""Each case of a cohort as one line: who leads, what moved, what is due, since when it waits."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ariane.model.case import Case, Decision, Status
from ariane.reanalyse.drift import Drift, drift_by_case
from ariane.reanalyse.flags import ORDER, REVIEW
from ariane.report import accounts
from ariane.report.accounts import Row


@dataclass(frozen=True)
class Since:
    """When a case came into the impasse, and by what that is known."""

    day: datetime.date
    what: str
    """``decision``: the first of the decisions in a row that say so; ``analysis``: its date, where
    no decision says it."""


@dataclass(frozen=True)
class CaseLine:
    """One case in the cohort."""

    case: str
    status: str
    filiere: str
    site: str
    technique: str
    design: str
    analysed: str
    """Date of the analysis, or empty."""
    leading: Row | None
    """Row of the standing with rank 1, or None when nothing was ranked."""
    none_posterior: float | None
    material_events: int
    """Events of this cycle that matter."""
    drift: Drift
    """What else moved in this cycle, too little to act on."""
    flags: int
    due: str
    """The earliest due date of its flags, or empty."""
    urgency: int
    """Place of its most urgent flag's reason among all reasons; lower is more urgent."""
    news: int = 0
    """Its flags that are no periodic review."""
    impasse: Since | None = None
    """Since when it is in the impasse; None for another status, or where no date says it."""

    @property
    def page(self) -> str:
        """Address of the case's page relative to the cohort's."""
        return f"cases/{quote(self.case, safe='')}.html"


def case_lines(
    cases: Iterable[Case],
    standing: Iterable[Row],
    events: Iterable[Row],
    flags: Iterable[Row],
    cycle: str,
    decisions: Iterable[Decision] = (),
) -> list[CaseLine]:
    """One line for each case of the cycle's frozen inputs, in order of identifier.

    Args:
        cases: the cases; rows of a case that is not among them are left out.
        standing: rows of rank 0 and 1 are enough.
        events: all events; those last changed in this cycle that matter are counted.
        flags: all flags.
        cycle: identifier of the cycle.
        decisions: what was decided so far.
    """
    leading: dict[str, Row] = {}
    none: dict[str, float] = {}
    for row in sorted(standing, key=lambda r: (r["rank"], r["hypothesis"]), reverse=True):
        if row["hypothesis"] == accounts.NONE:
            none[row["case"]] = float(row["posterior"])
        elif row["posterior"] > 0:  # a case of one hits alone has no candidate that leads
            leading[row["case"]] = row
    told = [row for row in events if row["last_changed"] in ("", cycle)]
    matter = Counter(row["case"] for row in told if row["material"])
    drift = drift_by_case(told)
    dues: dict[str, list[str]] = {}
    news: Counter[str] = Counter()
    urgencies: dict[str, int] = {}
    for row in flags:
        dues.setdefault(row["case"], []).append(row["due"])
        news[row["case"]] += row["reason"] != REVIEW
        place = urgency(row["reason"])
        urgencies[row["case"]] = min(place, urgencies.get(row["case"], place))
    decided: dict[str, list[Decision]] = {}
    for decision in decisions:
        decided.setdefault(decision.case, []).append(decision)
    return [
        CaseLine(
            case=case.id,
            status=case.status.value,
            filiere=case.filiere,
            site=case.site,
            technique=case.analysis.technique,
            design=case.design,
            analysed=case.analysis.date,
            leading=leading.get(case.id),
            none_posterior=none.get(case.id),
            material_events=matter[case.id],
            drift=drift.get(case.id, Drift()),
            flags=len(dues.get(case.id, ())),
            due=min(filter(None, dues.get(case.id, ())), default=""),
            urgency=urgencies.get(case.id, len(ORDER) + 1),
            news=news[case.id],
            impasse=in_impasse(case, decided.get(case.id, ())),
        )
        for case in sorted(cases, key=lambda case: case.id)
    ]


def urgency(reason: str) -> int:
    """Place of a flag's reason among all, 0 the most urgent; a reason not listed comes last."""
    return ORDER.index(reason) if reason in ORDER else len(ORDER)


def in_impasse(case: Case, decisions: Sequence[Decision]) -> Since | None:
    """Since when a case is in the impasse.

    The first of its last decisions in a row that say so; where no decision says it, the sheet
    does, and it is taken to have begun with the analysis that found nothing.

    Args:
        case: the case.
        decisions: those on it, in any order.
    """
    if case.status is not Status.IMPASSE:
        return None
    day, what = case.analysis.date, "analysis"
    for decision in sorted(decisions, key=lambda d: (d.date, d.report), reverse=True):
        if decision.outcome is not Status.IMPASSE:
            break
        day, what = decision.date, "decision"
    try:
        return Since(datetime.date.fromisoformat(day), what)
    except ValueError:
        return None
