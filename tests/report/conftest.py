"""Reports built from the plain rows of a case folder, and a strict reader of pages."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ariane.knowledge.release import Release, Resource
from ariane.model.case import Case
from ariane.report.case_report import CaseReport, CycleInfo

CASES = Path(__file__).parent / "cases"
VOID = {"meta", "link", "input", "br", "hr", "img"}


def release_of(raw: dict[str, Any]) -> Release:
    resources = {
        kind: Resource(
            kind=kind,
            file=kind,
            format=entry["format"],
            version=entry["version"],
            date=entry["date"],
            sha256=hashlib.sha256(kind.encode()).hexdigest(),
            licence_class="open",
            licence="CC0-1.0",
            source="invented for tests",
        )
        for kind, entry in raw["resources"].items()
    }
    as_of = datetime.date.fromisoformat(raw["as_of"])
    return Release(Path("nowhere"), raw["name"], as_of, resources)


def report_of(raw: dict[str, Any]) -> CaseReport:
    plain = {name: raw[name] for name in raw if name not in {"case", "release", "cycle"}}
    return CaseReport(
        case=Case.from_json(raw["case"]),
        release=release_of(raw["release"]),
        cycle=CycleInfo(**raw["cycle"]),
        **plain,
    )


class Page(HTMLParser):
    """A page read strictly: each element closed in turn, cells of tables and text kept.

    What waits in a ``template`` (the page's other language) must close too and is not read.
    """

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self._nested: list[list[list[str]]] = []
        self.feed(page)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        waiting = "template" in self.open
        if tag not in VOID:
            self.open.append(tag)
        if waiting:
            return
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "table":
            self._nested.append([])
        elif tag == "tr":
            self._nested[-1].append([])
        elif tag in {"td", "th"}:
            self._nested[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"nothing is open at </{tag}>"
        assert self.open.pop() == tag, f"</{tag}> closes another element"
        if tag == "table" and "template" not in self.open:
            self.tables.append(self._nested.pop())

    def handle_data(self, data: str) -> None:
        if "template" in self.open or (self.open and self.open[-1] in {"style", "script"}):
            return
        self.words += data.split()
        for table in self._nested[-1:]:
            if {"td", "th"} & set(self.open) and table and table[-1]:
                table[-1][-1] = " ".join([*table[-1][-1].split(), *data.split()])

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture
def raw() -> dict[str, Any]:
    return json.loads((CASES / "pair" / "input.json").read_text(encoding="utf-8"))


@pytest.fixture
def build() -> Callable[[dict[str, Any]], CaseReport]:
    return report_of


@pytest.fixture
def read() -> Callable[[str], Page]:
    return Page
