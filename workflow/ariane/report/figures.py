"""Figures of the cohort as SVG: drawn here, for the page and as files beside it.

Places are in units of the drawing; words come from the catalogue. Colours stand in the drawing
itself, so that it looks the same in the page, in a file and on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ariane.report import indicators, pages

if TYPE_CHECKING:
    from ariane.report.cohort_report import CohortReport

NAMES: Final = ("status", "flags", "reviews", "impasse", "burden")
"""The figures, by the names of their files."""

LEFT: Final = 190
"""Units that the labels of bars take."""
WIDTH: Final = 310
"""Units that the longest bar takes."""
RIGHT: Final = 100
"""Units that numbers beside bars take."""
ROW: Final = 26
"""Height of a bar with its space."""
TALL: Final = 150
"""Units that the highest column takes."""
BEYOND: Final = 2
"""How many times higher than all others a column may be."""
STEP: Final = 40
"""Width of a column with its space."""


@dataclass(frozen=True)
class Bar:
    """A bar from left to right, of two parts."""

    label: str
    value: float
    more: float
    y: int
    width: float
    more_width: float


@dataclass(frozen=True)
class Column:
    """A bar that stands."""

    label: str
    value: int
    x: int
    y: float
    height: float
    broken: bool = False
    """Whether it is cut: it would be so high that no other could be read."""


@dataclass(frozen=True)
class Box:
    """A spread: a line from least to most, a box between the quartiles, a mark at the median."""

    waiting: indicators.Waiting
    y: int
    places: tuple[float, ...] | None
    """Of least, first quartile, median, third quartile, most; None where no date is known."""
    dots: tuple[float, ...] = ()
    """Of all values, where they are too few for a box."""


@dataclass(frozen=True)
class Tick:
    """A number of an axis and its place."""

    value: int
    at: float


def bars(rows: Sequence[tuple[str, float, float]]) -> list[Bar]:
    """Bars of one scale, the longest as long as there is room.

    Args:
        rows: label, value, and what is drawn behind it in the second colour.
    """
    most = max((value + more for _, value, more in rows), default=0) or 1
    return [
        Bar(
            label,
            value,
            more,
            n * ROW,
            round(WIDTH * value / most, 1),
            round(WIDTH * more / most, 1),
        )
        for n, (label, value, more) in enumerate(rows)
    ]


def standing(rows: Sequence[tuple[str, int]]) -> list[Column]:
    """Columns of one scale, the highest as high as there is room.

    One column above :data:`BEYOND` times all others is cut there, and marked.
    """
    values = sorted(value for _, value in rows)
    most = values[-1] if values else 0
    cut = len(values) > 1 and 0 < BEYOND * values[-2] < most
    scale = (BEYOND * values[-2] if cut else most) or 1
    columns = []
    for n, (label, value) in enumerate(rows):
        height = round(TALL * min(value, scale) / scale, 1)
        columns.append(
            Column(label, value, n * STEP, round(TALL - height, 1), height, cut and value == most)
        )
    return columns


def boxes(rows: Sequence[indicators.Waiting]) -> tuple[list[Box], list[Tick]]:
    """Spreads over one axis that begins at nothing, and the axis' ticks."""
    most = max((row.quartiles[4] for row in rows if row.quartiles), default=0.0)
    step = next(size for size in (3, 6, 12, 24, 60, 120, 10_000) if most <= 6 * size)
    end = step * max(1, -(-int(most + 0.999) // step))

    def place(value: float) -> float:
        return round(WIDTH * value / end, 1)

    drawn = [
        Box(
            row,
            n * ROW,
            tuple(map(place, row.quartiles)) if row.quartiles else None,
            tuple(map(place, row.each)),
        )
        for n, row in enumerate(rows)
    ]
    return drawn, [Tick(value, place(value)) for value in range(0, end + 1, step)]


def of_report(report: CohortReport) -> dict[str, object]:
    """What the templates draw, by the name of the figure."""
    spread, ticks = boxes(report.waiting)
    told = [one for one in report.rounds if one.burden is not None]
    return {
        "status": bars(
            [(name, n, 0) for name, n in zip(report.statuses, report.totals, strict=True)]
        ),
        "flags": bars([(one.reason, one.told, one.waiting) for one in report.by_reason]),
        "reviews": standing([(one.month, one.number) for one in report.reviews]),
        "impasse": spread,
        "ticks": ticks,
        "burden": bars([(one.cycle, one.burden or 0.0, 0) for one in told]),
        "left": LEFT,
        "right": RIGHT,
        "across": WIDTH,
        "row": ROW,
        "tall": TALL,
        "step": STEP,
    }


def files_of(report: CohortReport, language: str) -> dict[str, str]:
    """Each figure as an SVG document, by name.

    Raises:
        ArianeError: the language is not known.
    """
    drawn = of_report(report)
    return {
        name: pages.fragment("figure.svg.j2", language, name=name, drawn=drawn, report=report)
        for name in NAMES
    }
