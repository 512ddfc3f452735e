"""Sensitivity: how many of the solved cases are found again, with exact intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.stats import binomtest

from ariane.validate.outcome import KINDS, VOICES, Outcome

PLACES: Final = (1, 3, 5, 10)
"""Places up to which a causal variant counts as ranked."""

CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Share:
    """How many of how many, with the exact interval of Clopper and Pearson (Biometrika 1934)."""

    count: int
    of: int
    low: float
    high: float

    @classmethod
    def of_counts(cls, count: int, of: int) -> Share:
        """The share and its two-sided 95 % interval; of none, nothing is known: 0 to 1.

        Raises:
            ValueError: the count is negative or exceeds the whole.
        """
        if not 0 <= count <= of:
            raise ValueError(f"{count} of {of}")
        if not of:
            return cls(0, 0, 0.0, 1.0)
        interval = binomtest(count, of).proportion_ci(CONFIDENCE, method="exact")
        return cls(count, of, round(float(interval.low), 4), round(float(interval.high), 4))

    @property
    def value(self) -> float | None:
        """The share itself; None of none."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True)
class Line:
    """The measures of some of the cases."""

    group: str
    """What the cases are parted by: ``all``, ``kind``, ``mode``, ``technique``, ``design``,
    ``voice``."""
    value: str
    shares: tuple[Share, ...]
    """In the order of :func:`measures`."""


Measure = tuple[str, Callable[[Outcome], bool]]


def measures() -> list[Measure]:
    """Names of the measures with what each asks of a case."""
    ranked = [(f"first {top}", _ranked(top)) for top in PLACES]
    return [
        ("found", lambda outcome: outcome.found),
        *ranked,
        ("class", lambda outcome: outcome.pathogenic),
    ]


def lines(outcomes: Sequence[Outcome]) -> list[Line]:
    """The measures of all cases, then by each thing they are parted by, in a fixed order."""
    found = [Line("all", "", _shares(outcomes))]
    parts: list[tuple[str, Callable[[Outcome], str], Sequence[str]]] = [
        ("kind", lambda one: one.kind, KINDS),
        ("mode", lambda one: one.modes, ()),
        ("technique", lambda one: one.technique, ("panel", "exome", "genome")),
        ("design", lambda one: one.design, ("solo", "duo", "trio")),
        ("voice", lambda one: one.voice, VOICES),
    ]
    for group, key, order in parts:
        values = {key(one) for one in outcomes}
        # Every kind of variant and every voice is listed, so that what was not tested shows.
        listed = list(order) if group in ("kind", "voice") else [v for v in order if v in values]
        for value in [*listed, *sorted(values - set(order))]:
            own = [one for one in outcomes if key(one) == value]
            found.append(Line(group, value, _shares(own)))
    return found


def _shares(outcomes: Iterable[Outcome]) -> tuple[Share, ...]:
    held = list(outcomes)
    return tuple(Share.of_counts(sum(map(asks, held)), len(held)) for _, asks in measures())


def _ranked(top: int) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.place is not None and outcome.place <= top
