"""Which decision counts: the latest of a case, and of a closing one only with its signed report."""

from __future__ import annotations

from collections.abc import Iterable

from ariane.model.canonical import to_json
from ariane.model.case import Decision


def latest(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The latest decision of each case."""
    ordered = sorted(decisions, key=lambda d: (d.case, d.date, to_json(vars(d))))
    return {decision.case: decision for decision in ordered}


def signed(decision: Decision | None) -> Decision | None:
    """The decision where it names its report, else None: an unsigned one decides nothing."""
    return decision if decision is not None and decision.report.strip() else None
