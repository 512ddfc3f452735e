"""Durations that have not all ended: quantiles of the Kaplan-Meier estimate.

The estimate is scipy's. Who has not reached the end yet counts for the time that they were seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scipy import stats

_TOLERANCE: Final = 1e-9
"""By which a share may miss its mark through rounding."""


@dataclass(frozen=True)
class Duration:
    """How long one person waited, in days."""

    days: int
    ended: bool
    """Whether the end was reached; else the person was only seen so long (censored)."""


def quantile(durations: Iterable[Duration], share: float) -> int | None:
    """Days after which a share (0 to 1) has reached the end; None where it is not reached."""
    held = list(durations)
    ended = [one.days for one in held if one.ended]
    if not ended:
        return None
    waiting = [one.days for one in held if not one.ended]
    sample = stats.CensoredData(uncensored=ended, right=waiting)
    survival = stats.ecdf(sample).sf
    for days, left in zip(survival.quantiles, survival.probabilities, strict=True):
        if left <= 1 - share + _TOLERANCE:
            return round(float(days))
    return None
