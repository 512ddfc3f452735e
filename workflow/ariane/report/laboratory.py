"""The laboratory's own page: sex, relatedness, contamination, Mendelian errors, calling.

It never stands in a case's page or file, and no case's page links to it: it may show a sample swap,
or that a parent is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ariane.report import pages

Row = Mapping[str, str]

SHOWN: Final = 2000
"""Measures on the page; the table ``quality.tsv`` holds all."""

LEVELS: Final = ("error", "warning", "not judged")
"""Levels that are listed; what is within its limits is only counted."""


def page(rows: Sequence[Row], language: str) -> str:
    """The page, switchable between both languages.

    Args:
        rows: rows of ``quality.tsv``: ``case``, ``level``, ``measure``, ``members``, ``value``,
            ``sites``, ``said``; in its order, errors first.
        language: the language it opens in.

    Raises:
        ArianeError: the language is not known.
    """
    told = [row for row in rows if row["level"] in LEVELS]
    cases = {row["case"] for row in rows}
    worst = Counter(
        next((level for level in LEVELS[:2] if level in found), "")
        for found in ({row["level"] for row in own} for own in _by_case(rows).values())
    )
    values: dict[str, Any] = {
        "rows": told[:SHOWN],
        "listed": len(told),
        "within": len(rows) - len(told),
        "cases": len(cases),
        "worst": worst,
        "levels": [level for level in LEVELS if any(row["level"] == level for row in told)],
    }
    return pages.render(
        "laboratory.html.j2",
        language,
        scripts=("page.js", "language.js"),
        other=lambda _: values,
        **values,
    )


def _by_case(rows: Sequence[Row]) -> dict[str, list[Row]]:
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(row["case"], []).append(row)
    return held
