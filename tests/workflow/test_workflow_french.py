"""The demo in French: no sentence of a table stands in English on a French page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from demo_run import FIRST, NEXT, Run

from ariane import phrases
from ariane.files import query
from ariane.reanalyse.frozen import open_cycle

pytestmark = pytest.mark.workflow

CYCLES = (FIRST, NEXT)
TOLD = {
    "ledger": ("sentence", "suppressed"),
    "events": ("sentence",),
    "flags": ("sentence", "why", "lift"),
    "changes": ("sentence",),
}
"""Columns of tables that hold sentences for people."""
NAMES_ALONE = frozenset({"name"})
"""Kinds of change that reach no case: what a gene is called."""


def sentences(demo: Run) -> Iterator[str]:
    """Every sentence that the tables of both cycles hold."""
    for cycle in CYCLES:
        folder = demo.folder / "results" / "cycles" / cycle
        for table, columns in TOLD.items():
            for path in sorted(folder.rglob(f"{table}.parquet")):
                for row in query("SELECT * FROM held", held=path):
                    if row.get("kind") not in NAMES_ALONE:
                        yield from (str(row[column]) for column in columns if row[column])
        yield from open_cycle(demo.folder / "state", cycle).cycle.reasons


class French(HTMLParser):
    """Words that a reader of the French page meets, one run of text each; what says of itself that
    it is English is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.runs: list[str] = []
        self.data: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "input", "br", "link", "hr"):
            return
        before = self.open[-1][1] if self.open else ""
        self.open.append((tag, dict(attrs).get("lang") or before))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1][1] != "fr":
            return
        tag = self.open[-1][0]
        if tag == "script":
            self.data.append(data)
        elif tag != "style" and data.strip():
            self.runs.append(" ".join(data.split()))


def french(page: Path) -> French:
    reader = French()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.runs, f"{page}: holds no French"
    return reader


def test_every_sentence_of_the_demo_has_its_french(demo: Run) -> None:
    held = set(sentences(demo))
    assert len(held) > 150
    assert sorted(one for one in held if not phrases.known(one)) == []


def test_no_sentence_stands_in_english_on_a_french_page(demo: Run) -> None:
    english = {one for one in sentences(demo) if phrases.told(one, "fr") != one}
    pages = [
        path
        for cycle in CYCLES
        for path in sorted((demo.folder / "results" / "cycles" / cycle).rglob("*.html"))
    ]
    assert len(pages) > 30
    for page in pages:
        text = " ".join(french(page).runs)
        # Short ones may be a part of a word in any language.
        assert [one for one in english if len(one) > 12 and one in text] == [], page


def test_the_details_of_a_flag_are_given_in_french(demo: Run) -> None:
    page = demo.folder / "results" / "cycles" / NEXT / "cohort.html"
    told: dict[str, Any] = next(
        held for held in map(json.loads, french(page).data) if held.get("sort") == "priority"
    )
    flags = query("SELECT DISTINCT sentence, why FROM held", held=page.with_name("flags.parquet"))
    for name in ("sentence", "why"):
        wanted = sorted({str(row[name]) for row in flags})
        assert told["values"][name] == [phrases.told(one, "fr") for one in wanted]
        assert [one for one in wanted if one in told["values"][name] and one] == []


def test_names_of_diseases_are_french_where_orphanet_has_them(demo: Run) -> None:
    cases = demo.folder / "results" / "cycles" / NEXT / "cases"
    text = " ".join(french(cases / "DEMO-04.html").runs)
    assert "Syndrome de Dravet" in text
    assert "Dravet syndrome" not in text
    marfan = " ".join(french(cases / "DEMO-02.html").runs)
    assert "Syndrome de Marfan" in marfan
    assert "PMID:10489951" in marfan, "the papers behind the description are named"


def test_what_a_source_said_is_french_on_the_first_screen(demo: Run) -> None:
    page = demo.folder / "results" / "cycles" / NEXT / "cases" / "DEMO-06.html"
    text = " ".join(french(page).runs)
    assert "P 2 étoiles" in text
    assert "P 2 stars" not in text
