"""The page of a cohort: what its templates are given, and what its look and behaviour come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ariane import phrases
from ariane.knowledge.kinds import NAMED
from ariane.report import cohort_tables, comparison, figures, messages, pages
from ariane.report.case_view import WEIGHTY
from ariane.report.listing import Listing, Words, for_program
from ariane.report.rounds import PER

if TYPE_CHECKING:
    from ariane.report.cohort_report import CohortReport

STYLES: Final = ("page.css", "case_head.css", "findings.css", "cohort.css", "print.css")
SCRIPTS: Final = ("page.js", "language.js", "exports.js", "listing.js")
"""In the order in which they are inlined."""


def render(report: CohortReport, language: str) -> str:
    """One self-contained document that asks the network for nothing and holds both languages.

    Args:
        report: the cohort.
        language: the language it opens in.

    Raises:
        ArianeError: the language is not known.
    """
    drawn = figures.of_report(report)

    def values(language: str) -> dict[str, Any]:
        return {
            "report": report,
            "drawn": drawn,
            "changed": comparison.of_resource(report.changed),
            "per": PER,
            "lacking": [k for k in report.absent_kinds if k in NAMED or k in WEIGHTY],
            "listings": {
                one.name: _listing(report, one, messages.load(language))
                for one in cohort_tables.LISTINGS
            },
        }

    return pages.render(
        "cohort.html.j2",
        language,
        styles=STYLES,
        scripts=SCRIPTS,
        other=values,
        data=cohort_tables.data(report),
        **values(language),
    )


def _listing(report: CohortReport, listing: Listing, words: messages.Messages) -> dict[str, Any]:
    """What the page's program is told of a table, in one language."""
    titles = {**words.words("listing"), **words.words(f"listing.{listing.name}")}
    values: dict[str, Words | Sequence[str]] = {
        name: {
            value: word
            for group in cohort_tables.WORDED[name]
            for value, word in words.words(group).items()
        }
        for name in listing.names
        if name in cohort_tables.WORDED
    }
    if words.language == "fr" and listing is cohort_tables.FLAGS:
        for name in ("sentence", "why"):
            said = sorted({str(flag[name]) for flag in report.flags})
            values[name] = [phrases.told(one, "fr") for one in said]
    if words.language == "fr" and listing is cohort_tables.CASES:
        values["disease"] = report.french_diseases
    return for_program(listing, titles, words.words(f"chosen.{listing.name}"), values)
