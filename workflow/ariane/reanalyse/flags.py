"""Flags: the cases to look at again, why, how urgently and by when.

Every watched case has a due date; a solved case is flagged when what its diagnosis rests on is
weakened or gone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ariane.model.case import Case, Decision, Status
from ariane.rank.impasse import Impasse
from ariane.reanalyse.policy import DUE, Policy

Row = dict[str, Any]

AT_RISK: Final = "diagnosis at risk"
REVIEW: Final = "periodic review"

ORDER: Final = (*DUE, REVIEW)
"""Reasons from most to least urgent."""

_BAD: Final = frozenset({"weakened", "withdrawn", "mode changed"})


def find_flags(
    cases: Sequence[Case],
    events: Iterable[Mapping[str, Any]],
    decisions: Iterable[Decision],
    policy: Policy,
    as_of: datetime.date,
    advice: Mapping[str, Impasse],
) -> list[Row]:
    """Rows of the ``flags`` table for a shard; ``priority`` counts within the shard.

    Args:
        cases: the shard's cases.
        events: their events of this cycle.
        decisions: what was decided on them so far.
        policy: delays by reason.
        as_of: the release's as-of date, from which due dates count.
        advice: by case, what would help it.
    """
    by_id = {case.id: case for case in cases}
    decisions = list(decisions)
    rests = _rests(decisions)
    decided = {d.case: d.date for d in sorted(decisions, key=lambda d: d.date)}
    found: dict[tuple[str, str, str], Row] = {}
    for event in events:
        case = by_id.get(event["case"])
        if case is None:
            continue
        reason = _reason(case, event, rests)
        if reason:
            row = _flag(case, reason, event, as_of + datetime.timedelta(policy.due_days[reason]))
            found.setdefault((case.id, reason, event["gene"]), row)
    rows = list(found.values())
    rows += [
        _review(case, policy, as_of, decided.get(case.id, ""))
        for case in cases
        if case.status.watched
    ]
    rows.sort(key=lambda r: (ORDER.index(r["reason"]), r["due"], r["case"], r["gene"]))
    for place, row in enumerate(rows, start=1):
        help_ = advice.get(row["case"], Impasse())
        row["priority"] = place
        row["lift"] = help_.in_words(row["finding"])
        row["look_for"] = help_.terms_in_words()
    return rows


def _rests(decisions: Iterable[Decision]) -> Mapping[str, Decision]:
    """By case, the decision that its diagnosis rests on: the last one, when it names one."""
    last = {d.case: d for d in sorted(decisions, key=lambda d: (d.date, d.report))}
    diagnosed = (Status.SOLVED, Status.PARTLY_SOLVED)
    return {case: decision for case, decision in last.items() if decision.outcome in diagnosed}


def _reason(case: Case, event: Mapping[str, Any], rests: Mapping[str, Decision]) -> str:
    if _at_risk(case, event, rests.get(case.id)):
        return AT_RISK
    return str(event["kind"]) if event["material"] and case.status.watched else ""


def _at_risk(case: Case, event: Mapping[str, Any], decision: Decision | None) -> bool:
    """Whether an event weakens what a diagnosis rests on.

    What was decided need not have led the ranking, so the end of it counts though the event was
    not material. Where nobody wrote which alleles or gene it rests on, it is taken to be the
    finding that stood first.
    """
    if event["kind"] not in _BAD or (decision is None and case.status is not Status.SOLVED):
        return False
    if not event["finding"]:  # out of scope, so not named: no decision names it either
        hit = not (decision and (decision.variants or decision.gene)) and event["old_rank"] == 1
    elif decision and decision.variants:
        alleles = event["finding"].split("|")[2].split("+")
        hit = not set(alleles).isdisjoint(decision.variants.split("+"))
    elif decision and decision.gene:
        hit = event["gene"] == decision.gene
    else:
        hit = event["old_rank"] == 1
    ended = event["kind"] == "withdrawn" or event["cause_resource"] == "gene_disease"
    return hit and (bool(event["material"]) or ended)


def _flag(case: Case, reason: str, event: Mapping[str, Any], due: datetime.date) -> Row:
    return {
        "case": case.id,
        "reason": reason,
        "gene": event["gene"],
        "symbol": event["symbol"],
        "finding": event["finding"],
        "sentence": event["sentence"],
        "due": due.isoformat(),
        "priority": 0,
        "status": str(case.status),
        "lift": "",
        "look_for": "",
    }


def _review(case: Case, policy: Policy, as_of: datetime.date, decided: str) -> Row:
    """The periodic review of a case, counted from its analysis or, if later, its last decision."""
    months = policy.review_months.get(case.analysis.technique, policy.review_months["exome"])
    try:
        last = datetime.date.fromisoformat(max(case.analysis.date, decided))
        due = add_months(last, months)
        what = "decision" if decided > case.analysis.date else "analysis"
        since = f"{months} months after the {what} of {last.isoformat()}"
    except ValueError:
        due, since = as_of, "the date of the analysis is not known"
    sentence = f"periodic review: {since}" + (", overdue" if due <= as_of else "")
    blank = {"gene": "", "symbol": "", "finding": "", "sentence": sentence}
    return _flag(case, REVIEW, {**blank}, due)


def add_months(date: datetime.date, months: int) -> datetime.date:
    """The same day some months later; the month's last day where it has no such day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    first = datetime.date(year, month + 1, 1)
    following = datetime.date(year + month // 11, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(date.day, (following - first).days))
