"""Which decision counts: the latest of a case, and of a closing one only with its signed report."""

from __future__ import annotations

from collections.abc import Iterable

from ariane.model.canonical import to_json
from ariane.model.case import Decision


def by_case(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """All decisions of each case, the latest last."""
    found: dict[str, list[Decision]] = {}
    for decision in sorted(decisions, key=lambda d: (d.case, d.date, to_json(vars(d)))):
        found.setdefault(decision.case, []).append(decision)
    return found


def latest(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The latest decision of each case."""
    return {case: held[-1] for case, held in by_case(decisions).items()}


def signed(decision: Decision | None) -> Decision | None:
    """The decision where it names its report, else None: an unsigned one decides nothing."""
    return decision if decision is not None and decision.report.strip() else None
