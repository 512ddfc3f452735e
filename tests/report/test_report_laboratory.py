"""The laboratory's page: what it lists, and that a case's page has nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, started

from ariane.report import laboratory


def row(case: str, level: str, measure: str = "kinship", said: str = "") -> dict[str, str]:
    return {
        "case": case,
        "level": level,
        "measure": measure,
        "members": "P+F",
        "value": "0.0123",
        "sites": "812",
        "said": said,
    }


ROWS = [
    row("B", "error", said="further or unrelated by the calls, first degree by the pedigree"),
    row("A", "warning", "Ti/Tv"),
    row("B", "warning", "Ti/Tv"),
    row("A", "", "mean depth"),
    row("C", "", "mean depth"),
    row("C", "not judged", "Mendelian errors", said="<script>window.pwned=1</script>"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as running:
        yield running


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_lies_outside_its_limits_is_listed(read: Any, language: str) -> None:
    page = read(laboratory.page(ROWS, language))
    (table,) = page.tables
    assert [(line[0], line[4]) for line in table[1:]] == [
        (one["case"], one["value"]) for one in ROWS if one["level"]
    ]
    told = [t for t in page.text.split() if t.isdigit()][:4]
    assert told == ["3", "1", "1", "2"], "cases, with errors, with warnings at most, within limits"


def test_nothing_to_list_is_said(read: Any) -> None:
    assert "Every measure lies within its limits" in read(laboratory.page(ROWS[3:5], "en")).text


def test_a_long_list_is_cut_and_says_so(read: Any) -> None:
    rows = [row(f"C{n}", "warning") for n in range(laboratory.SHOWN + 1)]
    page = read(laboratory.page(rows, "en"))
    assert len(page.tables[0]) - 1 == laboratory.SHOWN
    assert "2000 of 2001 are on this page" in page.text


def test_the_page_in_a_browser(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "quality.html"
    path.write_text(laboratory.page(ROWS, "en"), encoding="utf-8")
    one = Opened(browser, path)
    visible = one.page.locator("tbody:visible th")
    assert visible.all_inner_texts() == ["B", "A", "B", "C"]
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is absent")
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    assert axe.Axe().run(one.page, options=options).response["violations"] == []
    one.page.select_option("#level", "warning")
    assert visible.all_inner_texts() == ["A", "B"]
    one.page.click("[data-switch]")
    assert one.page.get_by_role("heading", name="Ce qu'il faut regarder").is_visible()
    one.page.fill("#search", "mend")
    assert visible.all_inner_texts() == ["C"]
    assert one.page.evaluate("window.pwned") is None
    assert one.said == []
    assert one.elsewhere == []
    one.context.close()
