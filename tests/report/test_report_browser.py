"""The case page in a real browser: what a geneticist does with it, and what it must never do."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, started
from lxml import etree

from ariane.knowledge.decisions import COLUMNS, read_decisions
from ariane.model.seen import seen_hash
from ariane.report import findings_table, text
from ariane.report.case_report import CaseReport

Build = Callable[[dict[str, Any]], CaseReport]
ROWS = "table.findings tbody tr:not(.gap)"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as running:
        yield running


@pytest.fixture
def shown(
    browser: Any, raw: dict[str, Any], build: Build, tmp_path: Path
) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def show(language: str = "en", size: dict[str, int] | None = None) -> Opened:
        path = tmp_path / f"case.{language}.html"
        path.write_text(build(raw).render_html(language), encoding="utf-8")
        opened.append(Opened(browser, path, size))
        return opened[-1]

    yield show
    for one in opened:
        assert one.said == [], "nothing is said on the console"
        assert one.elsewhere == [], "no request leaves the page"
        one.context.close()


def seen_rows(one: Opened) -> list[str]:
    return [" ".join(cell.split()) for cell in one.page.locator(ROWS).all_inner_texts()]


def genes(one: Opened) -> list[str]:
    return one.page.locator(f"{ROWS} th").all_inner_texts()


def test_the_first_screen_needs_no_scrolling(shown: Callable[..., Opened]) -> None:
    for language in ("en", "fr"):
        one = shown(language)
        for place in ("h1", "section.who", ".news", ".lead tfoot"):
            box = one.page.locator(place).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 768, place
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_search_and_filters_keep_what_they_say(
    shown: Callable[..., Opened], raw: dict[str, Any]
) -> None:
    one = shown()
    steps = one.page.locator(".steps")
    total = len(raw["findings"])
    assert steps.inner_text() == f"in scope: {total} → shown: {total}"
    one.page.fill("#findings-search", "scn1a")
    assert genes(one) == ["SCN1A"]
    assert steps.inner_text() == f"in scope: {total} → Search: \u2212{total - 1} → shown: 1"
    one.page.fill("#findings-search", "")
    one.page.fill('[aria-label="Filter Points"]', "> 5")
    assert genes(one) == ["MADEUP1"]
    one.page.fill('[aria-label="Filter Points"]', "< 5")
    assert "MADEUP1" not in genes(one)
    one.page.click("[data-clear]")
    one.page.select_option('[aria-label="Filter Mode"]', "AD")
    assert genes(one) == ["SCN1A"]
    one.page.click("[data-clear]")
    assert len(genes(one)) == total


def test_presets_choose(shown: Callable[..., Opened], raw: dict[str, Any], build: Build) -> None:
    columns = findings_table.columns(build(raw))["columns"]
    one = shown()
    for name in findings_table.FINDINGS.presets:
        button = one.page.locator(f'[data-preset="{name}"]')
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        wanted = sum(columns[name])
        assert len(seen_rows(one)) == wanted
        assert button.inner_text().endswith(f"({wanted})")
    assert sum(columns["new"]) == 1
    assert sum(columns["recessive"]) >= 1
    assert sum(columns["known"]) >= 1


def test_sorting_by_any_column(shown: Callable[..., Opened], raw: dict[str, Any]) -> None:
    one = shown()
    one.page.click('th[data-column="gene"] button')
    assert one.page.locator('th[data-column="gene"]').get_attribute("aria-sort") == "ascending"
    up = genes(one)
    assert up == sorted(up, key=str.lower)
    one.page.click('th[data-column="gene"] button')
    assert genes(one) == up[::-1]
    one.page.click('th[data-column="total"] button')
    ranked = [row["finding"] for row in raw["standing"] if row["rank"] > 0]
    assert len(genes(one)) == len(raw["findings"])
    assert len(set(ranked)) <= len(raw["findings"])


def test_a_candidate_opens_to_its_ledger_and_the_first_screen_leads_there(
    shown: Callable[..., Opened],
) -> None:
    one = shown()
    second = one.page.locator("#candidate-2")
    assert not second.locator(".drawn").is_visible()
    one.page.click('.lead a[href="#candidate-2"]')
    assert second.locator(".drawn").is_visible()
    ledger = second.locator("#ledger-2")
    assert not ledger.locator("table").first.is_visible()
    ledger.locator("summary").click()
    assert ledger.get_by_text("seen in three healthy adults").is_visible()
    one.page.click('[data-open="no"]')
    assert not second.locator(".drawn").is_visible()
    one.page.click('[data-open="yes"]')
    assert ledger.get_by_text("seen in three healthy adults").is_visible()


def test_the_language_changes_without_a_network(shown: Callable[..., Opened]) -> None:
    one = shown("en")
    one.page.click("#candidate-2 > summary")
    one.page.fill("#findings-search", "scn")
    one.page.select_option("#outcome-1", "candidate")
    one.page.context.set_offline(True)
    one.page.click("[data-switch]")
    assert one.page.evaluate("document.documentElement.lang") == "fr"
    assert one.page.title() == "Cas CASE-7\u00a0: candidats et preuves"
    assert one.page.get_by_role("heading", name="Tous les résultats dans le champ").is_visible()
    assert one.page.locator("#candidate-2 .drawn").is_visible(), "what was open stays open"
    assert one.page.input_value("#findings-search") == "scn", "what was sought is still sought"
    assert genes(one) == ["SCN1A"]
    assert one.page.input_value("#outcome-1") == "candidate", "what was marked is still marked"
    assert "Crise épileptique" in one.page.locator("section.who").inner_text()
    assert one.page.locator("[data-switch]").evaluate("one => one === document.activeElement")
    one.page.fill("#findings-search", "madeup")
    one.page.select_option('[aria-label="Filtrer Mode"]', "AR")
    one.page.click("[data-switch]")
    assert one.page.evaluate("document.documentElement.lang") == "en"
    assert one.page.get_by_role("heading", name="All findings in scope").is_visible()
    assert one.page.input_value("#findings-search") == "madeup"
    assert one.page.input_value('[aria-label="Filter Mode"]') == "AR"
    assert genes(one) == ["MADEUP1"]


def test_the_page_in_both_languages_is_the_page_in_one(
    shown: Callable[..., Opened],
) -> None:
    first, second = shown("fr"), shown("en")
    second.page.click("[data-switch]")
    texts = [" ".join(one.page.locator("#page").inner_text().split()) for one in (first, second)]
    assert texts[0] == texts[1]


def test_everything_can_be_reached_with_the_keyboard(shown: Callable[..., Opened]) -> None:
    one = shown()
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    met: list[str] = []
    for _ in range(250):
        one.page.keyboard.press("Tab")
        met.append(
            one.page.evaluate(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
                "return [e.tagName, e.id, e.dataset.preset ?? '', e.dataset.export ?? '',"
                "e.parentElement?.dataset?.column ?? '', s.outlineStyle].join('|'); })()"
            )
        )
        if met[-1].startswith("BODY"):
            break
    told = "\n".join(met)
    for wanted in ("SUMMARY", "findings-search", "|known|", "|xlsx|", "|total|", "outcome-1"):
        assert wanted in told, wanted
    links = [line for line in met if line.startswith(("A|", "BUTTON|", "SUMMARY|"))]
    assert all(not line.endswith("none") for line in links), "the focus is always seen"


def test_a_row_can_be_opened_and_a_table_scrolled_by_keys(shown: Callable[..., Opened]) -> None:
    one = shown()
    summary = one.page.locator("#candidate-3 > summary")
    summary.focus()
    one.page.keyboard.press("Enter")
    assert one.page.locator("#candidate-3 .drawn").is_visible()
    assert one.page.locator(".rows").get_attribute("tabindex") == "0"


def test_exports_hold_what_is_shown(
    shown: Callable[..., Opened], raw: dict[str, Any], tmp_path: Path
) -> None:
    one = shown()
    one.page.fill("#findings-search", "scn1a")
    path = one.saved('[data-export="tsv"]', tmp_path)
    assert path.name == "CASE-7.2024-09.findings.tsv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t"))
    assert [row["Gene"] for row in rows] == ["SCN1A"]
    finding = next(f for f in raw["findings"] if f["symbol"] == "SCN1A")
    best = next(r for r in raw["standing"] if r["finding"] == finding["finding"])
    assert float(rows[0]["Points"]) * 1000 == best["total_points"]
    assert float(rows[0]["Points without phenotype"]) * 1000 == finding["local_points"]
    assert float(rows[0]["Posterior"]) == best["posterior"]
    assert rows[0]["Finding"] == finding["finding"]
    assert rows[0]["Variants"] == finding["variants"]
    book = one.saved('[data-export="xlsx"]', tmp_path)
    with zipfile.ZipFile(book) as held:
        assert held.testzip() is None
        sheet = etree.fromstring(held.read("xl/worksheets/sheet1.xml"))
        for name in held.namelist():
            etree.fromstring(held.read(name))
    lines = [
        ["".join(cell.itertext()) for cell in row.iter(f"{SHEET}c")]
        for row in sheet.iter(f"{SHEET}row")
    ]
    assert lines[0] == list(rows[0])
    # The apostrophe before a formula is for readers of text; a workbook's text never runs.
    assert lines[1] == [value.removeprefix("'") for value in rows[0].values()]
    again = one.saved('[data-export="xlsx"]', tmp_path / "again")
    assert again.read_bytes() == book.read_bytes(), "the same rows give the same bytes"


def test_notes_give_rows_that_the_decisions_file_takes(
    shown: Callable[..., Opened], raw: dict[str, Any], tmp_path: Path
) -> None:
    one = shown()
    assert one.page.input_value("#note-rows") == ""
    one.page.select_option("#outcome-1", "solved")
    one.page.fill("#comment-1", "=looks\tconvincing")
    for name, value in (
        ("actor", "RPPS-10001234567"),
        ("role", "medical geneticist"),
        ("report", "CR-2024-118"),
        ("date", "2024-09-20"),
    ):
        one.page.fill(f"#note-{name}", value)
    path = one.saved("[data-save]", tmp_path)
    assert path.read_text("utf-8") == one.page.input_value("#note-rows")
    header, row = path.read_text("utf-8").splitlines()
    assert header.split("\t") == list(COLUMNS)
    decided, faults = read_decisions(path)
    assert faults == []
    (decision,) = decided
    finding = raw["findings"][0]
    best = next(r for r in raw["standing"] if r["rank"] == 1)
    assert decision.finding == best["finding"]
    shown_finding = next(f for f in raw["findings"] if f["finding"] == best["finding"])
    rows = [line for line in raw["ledger"] if line["finding"] == best["finding"]]
    assert decision.seen == seen_hash(shown_finding, rows)
    assert decision.comment == "'=looks convincing"
    assert decision.case == "CASE-7"
    assert finding
    assert row
    kept = one.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie].join()")
    assert kept == "0,0,", "nothing is stored in the browser"


def test_the_page_prints_to_a_pdf(shown: Callable[..., Opened], tmp_path: Path) -> None:
    one = shown()
    pdf = one.page.pdf(path=tmp_path / "case.pdf", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 3 <= pages <= 20
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box
    assert [round(float(side)) for side in box.groups()] == [595, 842], "A4"
    assert not one.page.locator("#ledger-1 table").first.is_visible(), "closed again after printing"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_no_serious_fault(shown: Callable[..., Opened], language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is absent")
    one = shown(language)
    one.page.click('[data-open="yes"]')
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    # axe puts its own program into the page: the page's policy would refuse it, rightly.
    found = axe.Axe().run(one.page, options=options).response["violations"]
    told = [f"{v['id']}: {v['nodes'][0]['target']} {v['help']}" for v in found]
    assert told == []


def test_each_number_of_the_first_screen_is_that_of_its_table(
    shown: Callable[..., Opened], raw: dict[str, Any]
) -> None:
    for language in ("en", "fr"):
        one = shown(language)
        told = one.page.locator(".lead .post strong").all_text_contents()
        ranked = sorted((r for r in raw["standing"] if r["rank"] > 0), key=lambda r: r["rank"])[:3]
        none = next(r for r in raw["standing"] if r["rank"] == 0)
        assert told == [text.percent(r["posterior"], language) for r in (*ranked, none)]
        one.page.locator(".rows").scroll_into_view_if_needed()
        columns = findings_of(one)
        for line, row in zip(one.page.locator(ROWS).all(), columns, strict=True):
            cells = [cell.strip() for cell in line.locator("td, th").all_text_contents()]
            assert cells[0] == str(row["rank"])
            posterior = row["posterior"]
            assert cells[1] == (
                text.percent(posterior, language) if posterior is not None else "\u2013"
            )
            assert cells[10] == text.points(row["total"], language)


def findings_of(one: Opened) -> list[dict[str, Any]]:
    data = json.loads(one.page.locator("#data").text_content() or "")["findings"]
    columns = {
        name: [held["values"][n] for n in held["index"]] if isinstance(held, dict) else held
        for name, held in data["columns"].items()
    }
    return [{name: column[n] for name, column in columns.items()} for n in range(data["rows"])]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_number_of_a_candidate_is_that_of_its_table(
    shown: Callable[..., Opened], raw: dict[str, Any], language: str
) -> None:
    one = shown(language)
    one.page.click('[data-open="yes"]')
    for row in (row for row in raw["standing"] if row["rank"] > 0):
        part = one.page.locator(f"#candidate-{row['rank']}")
        own = [line["points"] for line in raw["ledger"] if line["finding"] == row["finding"]]
        drawn = part.locator(".waterfall text.number").all_text_contents()
        wanted = [*own, row["phenotype_points"], row["total_points"]]
        assert sorted(drawn) == sorted(text.points(points, language) for points in wanted)
        assert drawn[-1] == text.points(row["total_points"], language)
        head = part.locator("summary").first.text_content() or ""
        assert text.percent(row["posterior"], language) in head
        terms = [t for t in raw["terms"] if t["disease"] == row["disease"]]
        beside = part.locator(".side:not(.other) .n").all_text_contents()
        assert sorted(beside) == sorted(text.points(t["points"], language) for t in terms)
        last = part.locator(".timeline li").last.text_content() or ""
        assert text.percent(row["posterior"], language) in last
        assert text.points(row["total_points"], language) in last
