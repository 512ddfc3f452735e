"""Consent as it stands when an export is made, which a cycle frozen months ago cannot know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ariane.intake.consents import consent_of
from ariane.intake.sheet import read_sheet
from ariane.intake.words import STATUS, plain
from ariane.knowledge.decisions import read_decisions
from ariane.model.case import Consent, Status
from ariane.model.errors import Fault, InputFaults, Level
from ariane.registry.decided import latest


@dataclass(frozen=True)
class ConsentNow:
    """What a person agrees to now."""

    consent: Consent
    withdrawn: bool
    """Whether the sheet or the latest decision says that consent is withdrawn."""


def consents_now(sheet: Path, decisions: Path | None) -> Mapping[str, ConsentNow]:
    """Consents of the families sheet and withdrawals of the decisions, as both stand today.

    Only these cells are judged here; what else may be wrong with the sheet is no matter of an
    export.

    Args:
        sheet: the families sheet.
        decisions: the file of decisions, or None.

    Raises:
        InputFaults: the sheet or the decisions cannot be read, or a consent is no known word.
        ArianeError: the decisions are not there.
    """
    rows, faults = read_sheet(sheet)
    taken, more = read_decisions(decisions) if decisions else ([], [])
    last = latest(taken)
    faults += more
    found: dict[str, ConsentNow] = {}
    for row in rows:
        where = f"{sheet}:{row.line}"
        consent, problems = consent_of(row, where)
        faults += problems
        status = STATUS.get(plain(row["status"])) if row["status"] else Status.IN_PROGRESS
        if status is None:
            what = f"status {row['status']!r} is not known, so nobody knows whether it withdraws"
            faults.append(Fault(where, row["case_id"], what, "Mend it"))
        decision = last.get(row["case_id"])
        withdrawn = decision is not None and decision.outcome is Status.WITHDRAWN
        found[row["case_id"]] = ConsentNow(consent, withdrawn or status is Status.WITHDRAWN)
    if any(fault.level is Level.ERROR for fault in faults):
        raise InputFaults(faults)
    return found
