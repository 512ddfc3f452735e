"""The validation report: a page for a laboratory's quality system, and the data behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ariane.report import pages
from ariane.validate.masked import Request
from ariane.validate.measures import CONFIDENCE, Line, lines, measures
from ariane.validate.outcome import Outcome

SIGNED_BY: Final = ("made", "checked", "approved")
"""Who signs, as a quality system asks: author, checker, who answers for it."""

STYLES: Final = ("page.css", "print.css", "validation.css")


@dataclass(frozen=True)
class Report:
    """Everything that the report tells."""

    cycle: str
    date: str
    """Date of the report as given, or empty: then it is written by hand."""
    request: Request
    outcomes: Sequence[Outcome]
    versions: Mapping[str, Any]

    @property
    def lines(self) -> list[Line]:
        """The measures."""
        return lines(self.outcomes)

    @property
    def missed(self) -> list[Outcome]:
        """Cases whose causal variant was not found."""
        return [outcome for outcome in self.outcomes if not outcome.found]


def page(report: Report, language: str) -> str:
    """The report as one page that opens without the internet and prints on A4.

    Raises:
        ArianeError: the language is not known.
    """
    return pages.render(
        "validation.html.j2",
        language,
        styles=STYLES,
        scripts=(),
        cycle=report.cycle,
        date=report.date,
        left=report.request.left,
        unsolved=report.request.unsolved,
        outcomes=report.outcomes,
        missed=report.missed,
        lines=report.lines,
        measures=[name for name, _ in measures()],
        versions=report.versions,
        signed_by=SIGNED_BY,
        confidence=round(100 * CONFIDENCE),
    )


def data(report: Report) -> dict[str, Any]:
    """The report as plain values, for other programs."""
    names = [name for name, _ in measures()]
    return {
        "schema": 1,
        "cycle": report.cycle,
        "date": report.date,
        "confidence": CONFIDENCE,
        "cases": [asdict(outcome) for outcome in report.outcomes],
        "left_out": list(report.request.left),
        "unsolved": report.request.unsolved,
        "sensitivity": [
            {
                "group": line.group,
                "value": line.value,
                **{name: asdict(share) for name, share in zip(names, line.shares, strict=True)},
            }
            for line in report.lines
        ],
        "versions": dict(report.versions),
    }
