"""Flags: the cases to look at again, why, how urgently, by when and who first.

Every watched case has a due date; a solved case is flagged when what its diagnosis rests on is
weakened or gone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from ariane.model.case import Case, Decision, Status
from ariane.model.points import THOUSAND
from ariane.phrases import say
from ariane.rank.impasse import Impasse
from ariane.reanalyse import priority, queueing, reviews
from ariane.reanalyse.drift import drift_by_case
from ariane.reanalyse.policy import AT_RISK, CONSENT_AGAIN, PREGNANCY, REVIEW, Policy
from ariane.reanalyse.priority import ORDER, Moved
from ariane.reanalyse.reviews import add_months
from ariane.reanalyse.triggers import FLAGGED, Trigger

__all__ = ["AT_RISK", "ORDER", "REVIEW", "add_months", "find_flags"]

Row = dict[str, Any]

BIOLOGIST: Final = "biologist"
CLINICIAN: Final = "clinician"

_BAD: Final = frozenset({"weakened", "withdrawn", "mode changed"})


class Help(Protocol):
    """What would help a case, in words."""

    def in_words(self, finding: str = "") -> str:
        """What the alleles of a finding lack, or those of the first leading one."""

    def terms_in_words(self) -> str:
        """The terms to look for."""


def find_flags(
    cases: Sequence[Case],
    events: Iterable[Mapping[str, Any]],
    decisions: Iterable[Decision],
    policy: Policy,
    as_of: datetime.date,
    advice: Mapping[str, Help],
    *,
    cycle: str = "",
    moves: Mapping[tuple[str, str], Moved] | None = None,
    triggers: Iterable[Trigger] = (),
    waiting: Iterable[Mapping[str, Any]] = (),
    releases: Sequence[datetime.date] = (),
) -> list[Row]:
    """Rows of the ``flags`` table for a shard; ``priority`` counts within the shard.

    Args:
        cases: the shard's cases.
        events: their events of this cycle.
        decisions: what was decided on them so far.
        policy: delays by reason.
        as_of: the release's as-of date, from which due dates count.
        advice: by case, what would help it.
        cycle: this cycle's id.
        moves: by (case, finding), how each finding of an event or of a waiting flag moved.
        triggers: what changed of the cases themselves.
        waiting: flags that waited at the end of the previous cycle.
        releases: as-of dates of the releases of the cohort's cycles.
    """
    by_id = {case.id: case for case in cases}
    events, decisions, moved = list(events), list(decisions), moves or {}
    rests = _rests(decisions)
    found: dict[tuple[str, str, str], Row] = {}
    for event in events:
        case = by_id.get(event["case"])
        reason = _reason(case, event, rests, policy) if case else ""
        if case and reason:
            row = _of_event(case, reason, event, moved, rests.get(case.id))
            held = found.setdefault((case.id, reason, event["gene"]), row)
            if row["expected_change"] > held["expected_change"]:
                found[case.id, reason, event["gene"]] = row
    for trigger in triggers:
        case = by_id.get(trigger.case)
        if case and trigger.kind in FLAGGED and (trigger.kind != PREGNANCY or case.status.watched):
            found[case.id, trigger.kind, ""] = _of_trigger(case, trigger)
    for row in found.values():
        days = datetime.timedelta(policy.due_days[row["reason"]])
        row |= {"due": (as_of + days).isoformat(), "since": cycle}
    news = {(r["case"], r["finding"]) for r in found.values() if r["finding"]}
    waited = list(waiting)
    rows = [*found.values(), *queueing.carried(waited, by_id, moved, found.keys(), news)]
    rows += _reviews(cases, events, decisions, policy, as_of, releases, waited, cycle)
    rows.sort(key=lambda row: priority.order(row, as_of))
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


def _reason(
    case: Case, event: Mapping[str, Any], rests: Mapping[str, Decision], policy: Policy
) -> str:
    if _at_risk(case, event, rests.get(case.id), policy):
        return AT_RISK
    # What was and is improbable, whatever moved in it, stays an event: nobody can act on it.
    posterior = max(event["old_posterior"], event["new_posterior"])
    told = event["material"] and policy.tier(posterior) > 0
    return str(event["kind"]) if told and case.status.watched else ""


def _at_risk(
    case: Case, event: Mapping[str, Any], decision: Decision | None, policy: Policy
) -> bool:
    """Whether an event weakens what a diagnosis rests on.

    What was decided need not have led the ranking, so the end of it counts though the event was
    not material; so do a lower class and a point lost where the decision names one allele of a
    recessive gene, for the events of half a genotype are never material. Where nobody wrote which
    alleles or gene it rests on, it is taken to be the finding that stood first.
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
    lost = event["old_points"] - event["new_points"] >= round(policy.points * THOUSAND)
    lowered = event["old_class"] != event["new_class"]
    return hit and (bool(event["material"]) or ended or lost or lowered)


def _of_event(
    case: Case,
    reason: str,
    event: Mapping[str, Any],
    moves: Mapping[tuple[str, str], Moved],
    decision: Decision | None,
) -> Row:
    moved = moves.get((case.id, event["finding"]), Moved())
    name = (event["symbol"] or event["gene"]) if (case.id, event["finding"]) in moves else ""
    signed = decision.actor if reason == AT_RISK and decision else ""
    return _flag(case, reason, event["sentence"]) | {
        "gene": event["gene"],
        "symbol": event["symbol"],
        "finding": event["finding"],
        "hgvs": moved.hgvs,
        "source": _source(event),
        "to": signed or BIOLOGIST,
        "expected_change": priority.expected_change(reason, moved),
        "why": priority.in_words(reason, name, moved, case.pregnancy),
    }


def _source(event: Mapping[str, Any]) -> str:
    if not event["cause_key"]:
        return str(event["cause_resource"])
    said = f"{event['cause_old'] or 'nothing'} -> {event['cause_new'] or 'nothing'}"
    return f"{event['cause_resource']} {event['cause_key']}: {said}"


def _of_trigger(case: Case, trigger: Trigger) -> Row:
    said = say("{event}: {said}", event=trigger.kind, said=trigger.sentence)
    row = _flag(case, trigger.kind, said)
    if trigger.kind == CONSENT_AGAIN:
        row["to"] = CLINICIAN  # only one who sees the patient can ask
    row["why"] = priority.in_words(trigger.kind, "", Moved(), case.pregnancy)
    return row | {"source": "case"}


def _flag(case: Case, reason: str, sentence: str) -> Row:
    return {
        "case": case.id,
        "site": case.site,
        "reason": reason,
        "gene": "",
        "symbol": "",
        "finding": "",
        "hgvs": "",
        "sentence": sentence,
        "source": "",
        "due": "",
        "priority": 0,
        "urgent": case.pregnancy and reason != REVIEW,
        "to": BIOLOGIST,
        "expected_change": 0.0,
        "why": "",
        "since": "",
        "status": str(case.status),
        "lift": "",
        "look_for": "",
    }


def _reviews(
    cases: Sequence[Case],
    events: Iterable[Mapping[str, Any]],
    decisions: Iterable[Decision],
    policy: Policy,
    as_of: datetime.date,
    releases: Sequence[datetime.date],
    waiting: Iterable[Mapping[str, Any]],
    cycle: str,
) -> list[Row]:
    """The periodic review of each watched case: always one, never two."""
    decided = {d.case: d.date for d in sorted(decisions, key=lambda d: d.date)}
    drift = drift_by_case(events)
    since = {row["case"]: row["since"] for row in waiting if row["reason"] == REVIEW}
    rows = []
    for case in cases:
        if not case.status.watched:
            continue
        small = drift[case.id].changes if case.id in drift else 0
        due, why = reviews.due_date(case, policy, as_of, decided.get(case.id, ""), small, releases)
        sentence = say("{event}: {said}", event=REVIEW, said=why)
        if due <= as_of:
            sentence = say("{said}, overdue", said=sentence)
        row = _flag(case, REVIEW, sentence)
        rows.append(row | {"due": due.isoformat(), "since": since.get(case.id, cycle)})
    return rows
