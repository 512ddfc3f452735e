"""Which flag comes first, and why, in words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ariane.model.canonical import POSTERIOR_DIGITS
from ariane.phrases import say
from ariane.reanalyse.events import View
from ariane.reanalyse.policy import AT_RISK, CONSENT_AGAIN, DUE, PREGNANCY, REQUEST, REVIEW

Row = Mapping[str, Any]

ORDER: Final = (*DUE, REVIEW)
"""Reasons from most to least urgent, all else equal."""

_LOSS: Final = frozenset({AT_RISK, "weakened", "withdrawn"})
"""Reasons for which a fall of the posterior is what matters."""


@dataclass(frozen=True)
class Moved:
    """A finding in the states before and after: posterior of its best hypothesis, and its name."""

    old: float = 0.0
    new: float = 0.0
    hgvs: str = ""
    stands: bool = False
    """Whether it is ranked now."""


def moves(
    before: View, after: View, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Moved]:
    """How each (case, finding) moved.

    Args:
        before: the previous state.
        after: this one.
        keys: what to look at; a finding out of scope is in neither state, and tells nothing.
    """
    found = {}
    for key in keys:
        was, now = before.best.get(key), after.best.get(key)
        row = after.findings.get(key) or before.findings.get(key) or {}
        found[key] = Moved(
            was.posterior if was else 0.0,
            now.posterior if now else 0.0,
            row.get("hgvs", ""),
            now is not None,
        )
    return found


def expected_change(reason: str, moved: Moved) -> float:
    """Change in the posterior of a diagnosis that a flag is expected to bring to light.

    Of what weakens it is the fall, of what strengthens the rise; else what moved, either way.
    """
    change = moved.new - moved.old
    if reason in _LOSS:
        change = -change
    elif reason in ("mode changed", "phenotype fit changed"):
        change = abs(change)
    return round(change, POSTERIOR_DIGITS) + 0.0  # no minus zero


def in_words(reason: str, name: str, moved: Moved, urgent: bool) -> str:
    """Why a flag has its priority.

    Args:
        reason: the flag's reason.
        name: the gene's symbol.
        moved: its finding.
        urgent: whether there is a pregnancy in the family.
    """
    parts = []
    if urgent:
        parts.append(say("pregnancy in the family"))
    if reason == AT_RISK:
        parts.append(say("a signed diagnosis rests on it"))
    if name:
        change = moved.new - moved.old
        parts.append(
            say(
                "the posterior of {gene} went from {before:.3f} to {after:.3f} ({change:+.3f})",
                gene=name,
                before=moved.old,
                after=moved.new,
                change=change,
            )
        )
    return "; ".join(parts)


def is_due(row: Row, as_of: datetime.date) -> bool:
    """Whether a flag's date has come."""
    return str(row["due"]) <= as_of.isoformat()


def exempt(row: Row, as_of: datetime.date) -> bool:
    """Whether a flag is never held back: it is urgent, a diagnosis is at risk, or it is a review
    whose date has not come, which asks nothing of anybody yet."""
    if row["urgent"] or row["reason"] in (AT_RISK, PREGNANCY):
        return True
    return row["reason"] == REVIEW and not is_due(row, as_of)


def order(row: Row, as_of: datetime.date) -> tuple[Any, ...]:
    """The key that flags are sorted by; no two flags of a cycle share it.

    Urgent ones, then diagnoses at risk, then what a person asked or must be asked, then the rest by
    expected change; among them those whose date has passed go first, oldest date first, so that
    nothing waits for ever. Reviews come last, by date.
    """
    reason = str(row["reason"])
    tier = 3
    if row["urgent"]:
        tier = 0
    elif reason == AT_RISK:
        tier = 1
    elif reason in (REQUEST, CONSENT_AGAIN):
        tier = 2
    elif reason == REVIEW:
        tier = 4 if is_due(row, as_of) else 5
    late = is_due(row, as_of)
    change = 0.0 if reason == REVIEW else -float(row["expected_change"])
    place = ORDER.index(reason) if reason in ORDER else len(ORDER)
    names = (str(row[name]) for name in ("due", "case", "gene", "finding", "reason"))
    return (tier, not late, str(row["due"]) if late else "", change, place, *names)
