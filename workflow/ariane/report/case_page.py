"""The page of a case: what its templates are given, and what its look and behaviour come from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from ariane.knowledge import decisions
from ariane.model.case import Status
from ariane.report import findings_table, lifting, looked_up, messages, pages
from ariane.report.case_view import CaseView
from ariane.safe import visible

if TYPE_CHECKING:
    from ariane.report.case_report import CaseReport

STYLES: Final = (
    "page.css",
    "case_head.css",
    "case.css",
    "drawings.css",
    "findings.css",
    "notes.css",
    "print.css",
)
SCRIPTS: Final = ("page.js", "language.js", "exports.js", "listing.js", "notes.js")
"""In the order in which they are inlined."""

OUTCOMES: Final = tuple(status.value for status in Status if status is not Status.WITHDRAWN)
"""What a note may decide; a withdrawn consent is no note on a candidate."""


def render(report: CaseReport, language: str, top: int) -> str:
    """One self-contained document that asks the network for nothing and holds both languages.

    Args:
        report: the case.
        language: the language it opens in.
        top: candidates that are shown in full.

    Raises:
        ArianeError: the language is not known.
    """
    view = CaseView(report, top)

    def values(language: str) -> dict[str, Any]:
        return {
            "report": report,
            "view": view,
            "listing": findings_table.told_in(report, messages.load(language)),
            "outcomes": OUTCOMES,
            "decision_columns": decisions.COLUMNS,
            "lifting": lifting.Words(language),
            "label": partial(_label, report, language),
            "disease": partial(_disease, report, language),
            "disease_words": partial(report.disease, language=language),
            "annotated": partial(looked_up.text, language=language),
        }

    return pages.render(
        "case.html.j2",
        language,
        styles=STYLES,
        scripts=SCRIPTS,
        other=values,
        data={"findings": findings_table.columns(report)},
        **values(language),
    )


def _label(report: CaseReport, language: str, term: str, otherwise: str = "") -> str:
    """Name of a term; an English one says on a French page that it is English.

    Args:
        report: the case.
        language: of the page.
        term: the term.
        otherwise: its English name where the report's own names lack it.
    """
    told = report.label(term, language) or otherwise
    return told if language == "en" or term in report.french else _english(told)


def _disease(report: CaseReport, language: str, row: Mapping[str, Any]) -> str:
    """Name of a row's disease, likewise."""
    known = language == "en" or row["disease"] in report.french_diseases
    told = report.disease(row, language)
    return told if known or not row["disease_name"] else _english(told)


def _english(words: str) -> str:
    return Markup('<span lang="en">{}</span>').format(visible(words)) if words else ""
