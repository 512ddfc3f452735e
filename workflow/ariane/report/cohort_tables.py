"""The tables of the cohort's page as columns of plain values: flags, next steps, cases."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ariane.model.case import Status
from ariane.reanalyse.flags import AT_RISK, REVIEW
from ariane.reanalyse.policy import CONSENT_AGAIN, PREGNANCY, REQUEST
from ariane.report.columns import packed
from ariane.report.listing import Column, Listing

if TYPE_CHECKING:
    from ariane.report.cohort_lines import CaseLine
    from ariane.report.cohort_report import CohortReport

Row = Mapping[str, Any]

NOTHING: Final = "\u2013"
"""Stands for what was not, or is no longer."""

_STARS: Final = re.compile(r"\b([0-4]) stars?\b")

_TRANSCRIPT: Final = re.compile(r"\b[\w.]+:(?=[cgmnr]\.)")
"""The sequence that a name counts on: said in the details, where there is room."""


FLAGS: Final = Listing(
    "flags",
    (
        Column("priority", "number", under="place"),
        Column("case", "case", under="site"),
        Column("reason", "choice", under="urgent"),
        Column("gene", under="names"),
        Column("said", under="resource"),
        Column("posterior", "share", under="posterior_before"),
        Column("class"),
        Column("to", "choice"),
        Column("due", "date", under="late"),
        Column("status", "choice", under="filiere"),
    ),
    ("now", "risk", "news", "asked", "review", "queue"),
    sort="priority",
    opens="now",
    detail=("hgvs", "finding", "sentence", "why", "source", "since"),
)

STEPS: Final = Listing(
    "steps",
    (
        Column("case", "case", under="status"),
        Column("gene", under="names"),
        Column("state", "choice"),
        Column("next", "choice"),
        Column("who", "choice"),
        Column("due", "date", under="late"),
        Column("cause", "codes"),
        Column("last", "choice", under="last_date"),
        Column("outcome", "choice", under="report"),
    ),
    ("overdue", "open", "ended"),
    sort="",
    opens="open",
    detail=("finding",),
)

CASES: Final = Listing(
    "cases",
    (
        Column("case", "case", under="site"),
        Column("status", "choice"),
        Column("filiere", "choice"),
        Column("technique", "choice", under="design"),
        Column("gene", under="mode"),
        Column("disease"),
        Column("posterior", "share"),
        Column("none", "share"),
        Column("events", "number"),
        Column("news", "number"),
        Column("due", "date", under="late"),
        Column("analysed", "date"),
    ),
    ("watched", "impasse", "flagged", "moved", "leads", "nothing", "solved"),
    sort="",
)

LISTINGS: Final = (FLAGS, STEPS, CASES)

WORDED: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("status_word",),
    "reason": ("flag_reason",),
    "urgent": ("urgent_word",),
    "resource": ("resource_word", "origin"),
    "to": ("flag_to_word",),
    "state": ("state_word",),
    "next": ("step_word",),
    "who": ("role_word",),
    "cause": ("flag_reason", "cause_word"),
    "last": ("step_word",),
    "outcome": ("outcome_word",),
    "technique": ("technique_word",),
    "design": ("design_word",),
}
"""Columns that the catalogue has words for, and in which of its groups."""


def data(report: CohortReport) -> dict[str, Any]:
    """The rows of all three tables, whatever the language, by the name of the table."""
    named = {(flag["case"], flag["finding"]): flag["hgvs"] for flag in report.flags}
    return {
        FLAGS.name: packed([_flag(report, flag) for flag in report.ordered_flags]),
        STEPS.name: packed([_step(report, row, named) for row in report.steps]),
        CASES.name: packed([_case(report, line) for line in report.ordered]),
    }


def event_of(report: CohortReport, flag: Row) -> Row | None:
    """The event that a flag tells of: the last of its kind, else the last of its finding.

    A diagnosis at risk is no kind of event: its event is the one that says the flag's sentence.
    """
    held = report.news.get((flag["case"], flag["finding"]), ()) if flag["finding"] else ()
    own = [row for row in held if row["sentence"] == flag["sentence"]]
    own = own or [row for row in held if row["kind"] == flag["reason"]]
    return max(own, key=lambda row: str(row["last_changed"]), default=None)


def starred(words: str) -> str:
    """Words of a release with their stars drawn, as any language reads them: ``LP ★★``."""
    return _STARS.sub(lambda found: "★" * int(found[1]) or "☆", words)


def _flag(report: CohortReport, flag: Row) -> dict[str, Any]:
    line, event = report.of_case.get(flag["case"]), event_of(report, flag)
    reason = flag["reason"]
    return {
        "priority": int(flag["priority"]),
        **_who(flag["case"], line),
        "status": flag["status"],
        "site": flag["site"],
        "reason": reason,
        "urgent": "urgent" if flag["urgent"] else "",
        "gene": flag["symbol"] or flag["gene"],
        "names": _TRANSCRIPT.sub("", flag["hgvs"]),
        "hgvs": flag["hgvs"],
        "finding": flag["finding"],
        "resource": event["cause_resource"] if event else "",
        "said": _said(event),
        "posterior_before": float(event["old_posterior"]) if event else None,
        "posterior": float(event["new_posterior"]) if event else None,
        "class": _arrow(event["old_class"], event["new_class"]) if event else "",
        "to": flag["to"],
        "due": flag["due"],
        "late": days_late(flag["due"], report.as_of),
        "place": int(flag["place"]),
        "since": flag["since"],
        "sentence": flag["sentence"],
        "why": flag["why"],
        "source": flag["source"],
        "risk": reason == AT_RISK or bool(flag["urgent"]),
        "news": reason not in (REVIEW, REQUEST, CONSENT_AGAIN, PREGNANCY),
        "asked": reason in (REQUEST, CONSENT_AGAIN, PREGNANCY),
        "review": reason == REVIEW and flag["due"] <= report.as_of.isoformat(),
        "queue": bool(flag["queued"]),
        "now": report.asks(flag),
    }


def _step(report: CohortReport, row: Row, named: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    line = report.of_case.get(row["case"])
    gene, _, rest = row["finding"].partition("|")
    hgvs = _TRANSCRIPT.sub("", named.get((row["case"], row["finding"]), ""))
    return {
        **_who(row["case"], line),
        "status": row["status"],
        "gene": row["symbol"] or gene,
        "names": hgvs or rest.replace("|", " "),
        "finding": row["finding"],
        "state": row["state"],
        "next": row["next_step"],
        "who": row["who"],
        "due": row["due"],
        "late": int(row["days_over"]),
        "cause": row["why"],
        "last": row["last_step"],
        "last_date": row["last_date"],
        "outcome": row["last_outcome"],
        "report": row["report"],
        "overdue": row["overdue"] == "yes",
        "open": bool(row["next_step"]),
        "ended": not row["next_step"],
    }


def _case(report: CohortReport, line: CaseLine) -> dict[str, Any]:
    leading: Mapping[str, Any] = line.leading or {}
    status = Status(line.status)
    return {
        **_who(line.case, line),
        "status": line.status,
        "technique": line.technique,
        "design": line.design,
        "gene": leading.get("symbol") or leading.get("gene", ""),
        "mode": leading.get("mode", ""),
        "disease": leading.get("disease_name") or leading.get("disease", ""),
        "posterior": float(leading["posterior"]) if leading else None,
        "none": line.none_posterior,
        "events": line.material_events,
        "news": line.news,
        "due": line.due,
        "late": days_late(line.due, report.as_of),
        "analysed": line.analysed,
        "watched": status.watched,
        "impasse": status is Status.IMPASSE,
        "flagged": line.news > 0,
        "moved": line.material_events > 0,
        "leads": bool(leading) and float(leading["posterior"]) >= report.leads,
        "nothing": not leading,
        "solved": status in (Status.SOLVED, Status.PARTLY_SOLVED),
    }


def _who(case: str, line: CaseLine | None) -> dict[str, str]:
    return {
        "case": case,
        "filiere": line.filiere if line else "",
        "site": line.site if line else "",
    }


def days_late(due: str, as_of: datetime.date) -> int:
    """Days from a due date to the as-of date; 0 for a date to come, or none."""
    return max((as_of - datetime.date.fromisoformat(due)).days, 0) if due else 0


def _said(event: Row | None) -> str:
    if event is None or not (event["cause_old"] or event["cause_new"]):
        return ""
    return _arrow(starred(event["cause_old"]), starred(event["cause_new"]), always=True)


def _arrow(old: str, new: str, always: bool = False) -> str:
    """What was and what is; what did not change once."""
    if old == new and not always:
        return old
    return f"{old or NOTHING} → {new or NOTHING}"
