"""The ledger of a hypothesis as a waterfall: where each row begins, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ariane.report.accounts import Candidate, Line

LEFT: Final = 370
"""Units of the drawing that the names take."""
WIDTH: Final = 280
"""Units that the points are drawn on."""
RIGHT: Final = 70
"""Units that the numbers take."""
ROW: Final = 20
"""Height of a row."""
LEAST: Final = 4_000
"""Thousandths that the drawing spans at least, so that a trifle does not look large."""


@dataclass(frozen=True)
class Step:
    """One row of the drawing; points in thousandths, places in units of the drawing."""

    kind: str
    """``class``, ``triage``, ``shared``, ``phenotype``, ``unexplained``, ``subtotal``, ``total`` or
    ``head``."""
    label: str
    """Code of the evidence, or the key of an allele in a head."""
    points: int
    before: int
    """Thousandths before the row counts."""
    y: int = 0
    x: int = 0
    width: int = 0
    suppressed: str = ""
    """Why the row does not count, or empty."""
    acmg_class: str = ""
    """Of a head: the allele's class proposal."""
    class_points: int = 0
    """Of a head: thousandths of the class rows below it."""

    @property
    def after(self) -> int:
        """Thousandths once the row has counted."""
        return self.before + self.points

    @property
    def side(self) -> str:
        """``for``, ``against`` or ``off``."""
        if self.suppressed or not self.points:
            return "off"
        return "for" if self.points > 0 else "against"


@dataclass(frozen=True)
class Waterfall:
    """A drawing of all rows of a hypothesis, in the order in which they add up."""

    steps: tuple[Step, ...]
    zero: int
    """Where no points lie, in units from the left."""
    height: int
    width: int = LEFT + WIDTH + RIGHT

    @property
    def total(self) -> int:
        """Thousandths at the end: the total that ranks the hypothesis."""
        return self.steps[-1].points


def waterfall(candidate: Candidate) -> Waterfall:
    """Lay the rows of a hypothesis out.

    Class rows come first, allele by allele, then what is added for the hypothesis. What the rows do
    not explain has a step of its own, so that the last one is the total on record.
    """
    drawn = list(_steps(candidate))
    places = [0, *(s.before for s in drawn), *(s.after for s in drawn if s.kind != "head")]
    low, high = min(places), max(places)
    if high - low < LEAST:
        high = low + LEAST
    span = high - low

    def at(points: int) -> int:
        return LEFT + round((points - low) * WIDTH / span)

    steps = []
    for row, step in enumerate(drawn):
        start, end = sorted((at(step.before), at(step.after)))
        least = 2 if step.points and not step.suppressed else 0
        steps.append(replace(step, y=row * ROW, x=start, width=max(end - start, least)))
    return Waterfall(tuple(steps), at(0), len(steps) * ROW)


def _steps(candidate: Candidate) -> Iterator[Step]:
    running = 0
    for allele in candidate.alleles:
        yield Step(
            "head",
            allele.variant,
            0,
            running,
            acmg_class=allele.acmg_class,
            class_points=allele.class_account.total,
        )
        for kind, account in (("class", allele.class_account), ("triage", allele.triage_account)):
            for step in _rows(kind, account.lines, running):
                running = step.after
                yield step
    for step in _rows("shared", candidate.shared.lines, running):
        running = step.after
        yield step
    for label, points in (
        ("", candidate.unexplained_local),
        ("phenotype", candidate.phenotype_points),
        ("", candidate.unexplained_total),
    ):
        if label or points:
            yield Step(label or "unexplained", label, points, running)
            running += points
    yield Step("total", "", candidate.total_points, 0)


def _rows(kind: str, lines: Sequence[Line], running: int) -> Iterator[Step]:
    for line in lines:
        code = str(line.row["code"])
        step = Step(kind, code, line.points, running, suppressed=line.row["suppressed"])
        running = step.after
        yield step
