"""Drift: changes too small to act on, told as one line and not as hundreds of events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ariane.model.points import THOUSAND


@dataclass(frozen=True)
class Drift:
    """The changes of one cycle that are not material, of a case or of many."""

    changes: int = 0
    cases: int = 0
    largest: int = 0
    """Thousandths of a point, signed, of the finding that moved most."""
    where: str = ""
    """Its gene."""
    case: str = ""
    """Its case."""

    def in_words(self) -> str:
        """One line, in English, without a full stop; empty when nothing drifted."""
        if not self.changes:
            return ""
        noun = "change" if self.changes == 1 else "changes"
        found = f"{self.changes} small {noun}"
        if self.largest:
            found += f", the largest {self.largest / THOUSAND:+g} points in {self.where}"
        return found


def drift_by_case(events: Iterable[Mapping[str, Any]], cycle: str = "") -> dict[str, Drift]:
    """The drift of each case that drifted.

    Args:
        events: rows of the ``events`` table.
        cycle: count only what changed last in this cycle; empty for all.
    """
    found: dict[str, Drift] = {}
    for event in events:
        if event["material"] or (cycle and event["last_changed"] not in ("", cycle)):
            continue
        case = event["case"]
        moved = event["new_points"] - event["old_points"]
        one = Drift(1, 1, moved, event["symbol"] or event["gene"], case)
        found[case] = _join(found[case], one, 1) if case in found else one
    return found


def total(drifts: Iterable[Drift]) -> Drift:
    """The drift of many cases together."""
    found = Drift()
    for one in drifts:
        found = _join(found, one, found.cases + one.cases)
    return found


def _join(one: Drift, two: Drift, cases: int) -> Drift:
    def size(drift: Drift) -> tuple[int, int, str, str]:
        return (-abs(drift.largest), -drift.largest, drift.case, drift.where)

    most = min((d for d in (one, two) if d.changes), key=size, default=one)
    return Drift(one.changes + two.changes, cases, most.largest, most.where, most.case)
