"""The cohort's page in a real browser, made by the program from a made cohort on disk."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, started
from lxml import etree
from test_report_hostile import CORPUS

from ariane import files
from ariane.model.case import Status
from ariane.model.tables import EVENTS, QUEUE
from ariane.reanalyse.frozen import Frozen, open_cycle
from ariane.report import cohort_inputs, text
from ariane.report.cohort_report import CohortReport

REPOSITORY = Path(__file__).resolve().parents[2]

import made_cohort  # noqa: E402
import report_cohort  # noqa: E402

CASES = 800
ROWS = "tbody tr:not(.gap)"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> made_cohort.Made:
    folder = tmp_path_factory.mktemp("cohort")
    held = made_cohort.make(folder / "run", CASES, cap=4)
    for language in ("en", "fr"):
        report_cohort.main([*held.arguments(folder / "run" / language), "--language", language])
    return held


@pytest.fixture(scope="module")
def report(made: made_cohort.Made) -> CohortReport:
    given = made.arguments(made.folder)
    named = dict(zip(given[::2], given[1::2], strict=True))
    paths = [Path(named[f"--{name}"]) for name in ("cycle-folder", "inputs", "release")]
    more = [Path(named[f"--{name}"]) for name in ("changes", "follow-up", "release-before")]
    return cohort_inputs.read(*paths, made_cohort.SHARDS, *more)


@pytest.fixture
def shown(browser: Any, made: made_cohort.Made) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def show(language: str = "en", size: dict[str, int] | None = None) -> Opened:
        opened.append(Opened(browser, made.folder / language / "cohort.html", size))
        return opened[-1]

    yield show
    for one in opened:
        assert one.said == [], "nothing is said on the console"
        assert one.elsewhere == [], "no request leaves the page"
        one.context.close()


@pytest.fixture(scope="module")
def flags(made: made_cohort.Made) -> list[dict[str, Any]]:
    rows = files.read_table(made.cycle_folder / "flags.parquet", QUEUE)
    return sorted(rows, key=lambda row: row["priority"])


@pytest.fixture(scope="module")
def frozen(made: made_cohort.Made) -> Frozen:
    return open_cycle(made.folder / "state", made_cohort.CYCLES[-1][0])


@pytest.fixture(scope="module")
def steps(made: made_cohort.Made) -> list[dict[str, str]]:
    with (made.cycle_folder / "follow_up.tsv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def place(name: str) -> str:
    return f'[data-listing="{name}"]'


def cells(one: Opened, name: str, column: str) -> list[str]:
    """What a column shows in the rows drawn, first lines only."""
    heads = one.page.locator(f"{place(name)} thead tr:first-child th")
    at = [head.get_attribute("data-column") for head in heads.all()].index(column)
    rows = one.page.locator(f"{place(name)} {ROWS}").all()
    return [row.locator("td, th").nth(at).locator("div").first.inner_text() for row in rows]


def told(one: Opened, name: str) -> int:
    """How many rows a table says it shows."""
    words = one.page.locator(f"{place(name)} output").inner_text()
    return int(re.sub(r"\D", "", words.rsplit("→", 1)[1]))


def due(flag: dict[str, Any]) -> bool:
    return flag["due"] <= made_cohort.CYCLES[-1][2].isoformat()


def asks(flag: dict[str, Any]) -> bool:
    return not flag["queued"] and (flag["reason"] != "periodic review" or due(flag))


def test_the_tiles_tell_what_the_tables_tell(
    shown: Callable[..., Opened],
    flags: list[dict[str, Any]],
    steps: list[dict[str, str]],
    frozen: Frozen,
    made: made_cohort.Made,
) -> None:
    events = [
        row
        for path in made.cycle_folder.glob("shards/*/events.parquet")
        for row in files.read_table(path, EVENTS)
        if row["material"]
    ]
    pressing = [f for f in flags if f["urgent"] or f["reason"] == "diagnosis at risk"]
    reviews = [f for f in flags if f["reason"] == "periodic review" and due(f)]
    wanted = [
        ("cases ", len(frozen.cases)),
        ("flags now", sum(map(asks, flags))),
        ("flags risk", len(pressing)),
        ("flags queue", sum(f["queued"] for f in flags)),
        ("steps overdue", sum(row["overdue"] == "yes" for row in steps)),
        ("flags review", len(reviews)),
        ("cases moved", len({row["case"] for row in events})),
    ]
    assert all(number for _, number in wanted), "the made cohort shows each"
    one = shown()
    tiles = one.page.locator(".tiles a")
    found = [
        (
            tile.get_attribute("data-preset-of"),
            int(re.sub(r"\D", "", tile.locator("strong").inner_text())),
        )
        for tile in tiles.all()
    ]
    assert found == wanted
    for number, tile in enumerate(tiles.all()):
        tile.click()
        listing, preset = (found[number][0] or "").split(" ")
        assert told(one, listing) == found[number][1]
        button = one.page.locator(f'{place(listing)} [data-preset="{preset}"]')
        assert button.get_attribute("aria-pressed") == "true"
        shown_number = int(re.sub(r"\D", "", button.inner_text().rsplit("(", 1)[1]))
        assert shown_number == found[number][1]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_flags_are_those_of_the_table_in_its_order(
    shown: Callable[..., Opened], flags: list[dict[str, Any]], language: str
) -> None:
    one = shown(language)
    wanted = [flag for flag in flags if asks(flag)]
    assert told(one, "flags") == len(wanted)
    drawn = len(cells(one, "flags", "case"))
    assert 10 <= drawn <= 40
    assert cells(one, "flags", "priority") == [str(f["priority"]) for f in wanted[:drawn]]
    assert cells(one, "flags", "case") == [f["case"] for f in wanted[:drawn]]
    assert cells(one, "flags", "gene") == [f["symbol"] or "\u2013" for f in wanted[:drawn]]
    assert cells(one, "flags", "due") == [f["due"] for f in wanted[:drawn]]
    first = one.page.locator(f"{place('flags')} {ROWS}").first
    assert first.locator("a").get_attribute("href") == f"cases/{wanted[0]['case']}.html"


def test_what_waits_has_its_place(
    shown: Callable[..., Opened], flags: list[dict[str, Any]]
) -> None:
    one = shown()
    one.page.click('[data-preset-of="flags queue"]')
    waiting = [flag for flag in flags if flag["queued"]]
    drawn = one.page.locator(f"{place('flags')} {ROWS} .place").all_inner_texts()
    assert drawn == [f"queue: {flag['place']}" for flag in waiting[: len(drawn)]]
    assert len(drawn) >= 10
    one.page.locator(f"{place('flags')} button.more").first.click()
    facts = one.page.locator(f"{place('flags')} .detail").inner_text()
    assert waiting[0]["sentence"] in facts
    assert waiting[0]["since"] in facts


def test_filters_search_and_sort_keep_what_they_say(
    shown: Callable[..., Opened], flags: list[dict[str, Any]], frozen: Frozen
) -> None:
    one = shown()
    page, name = one.page, place("flags")
    page.click(f'{name} [data-preset=""]')
    assert told(one, "flags") == len(flags)
    page.select_option(f'{name} [aria-label="Filter Reason"]', "new candidate")
    wanted = [f for f in flags if f["reason"] == "new candidate"]
    assert told(one, "flags") == len(wanted) > 0
    page.fill(f'{name} [aria-label="Filter Place"]', f"<= {wanted[0]['priority']}")
    assert cells(one, "flags", "priority") == [str(wanted[0]["priority"])]
    page.click(f"{name} [data-clear]")
    page.fill(f'{name} [aria-label="Filter Due"]', "< 2025-01")
    assert told(one, "flags") == sum(f["due"] < "2025-01" for f in flags)
    page.fill(f'{name} [aria-label="Filter Due"]', "")
    page.fill("#flags-search", wanted[0]["symbol"].lower())
    held = [
        f for f in flags if wanted[0]["symbol"] in "|".join((f["symbol"], f["sentence"], f["why"]))
    ]
    assert told(one, "flags") == len(held)
    page.fill("#flags-search", "")
    page.click(f'{name} th[data-column="due"] button')
    assert page.locator(f'{name} th[data-column="due"]').get_attribute("aria-sort") == "ascending"
    ordered = sorted(flags, key=lambda f: (f["due"], f["priority"]))
    drawn = cells(one, "flags", "due")
    assert drawn == [f["due"] for f in ordered[: len(drawn)]]
    page.click(f'{name} th[data-column="due"] button')
    assert cells(one, "flags", "due")[0] == ordered[-1]["due"]
    page.fill("#cases-search", "filnemus")
    network = sum(case.filiere == "FILNEMUS" for case in frozen.cases)
    assert told(one, "cases") == network
    page.fill('[aria-label="Filter Its posterior"]', "> 50 %")
    assert 0 < told(one, "cases") < network


def test_next_steps_are_those_of_the_table(
    shown: Callable[..., Opened], steps: list[dict[str, str]]
) -> None:
    one = shown()
    opened = [row for row in steps if row["next_step"]]
    assert told(one, "steps") == len(opened)
    drawn = cells(one, "steps", "case")
    assert drawn == [row["case"] for row in opened[: len(drawn)]]
    assert cells(one, "steps", "due") == [row["due"] for row in opened[: len(drawn)]]
    assert cells(one, "steps", "who") == [row["who"] for row in opened[: len(drawn)]]
    late = one.page.locator(f"{place('steps')} {ROWS} .late").all_inner_texts()
    days = [int(row["days_over"]) for row in opened[: len(drawn)]]
    assert [int(re.sub(r"\D", "", words)) for words in late] == [n for n in days if n]


def test_only_the_rows_in_sight_are_drawn(shown: Callable[..., Opened], frozen: Frozen) -> None:
    one = shown()
    sight = one.page.locator(f"{place('cases')} .rows")
    table = one.page.locator(f"{place('cases')} table")
    assert table.get_attribute("aria-rowcount") == str(CASES + 2)
    first = cells(one, "cases", "case")
    assert len(first) <= 40
    seen = set(first)
    for top in range(0, 44 * CASES, 400):
        sight.evaluate(f"one => {{ one.scrollTop = {top} }}")
        one.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        drawn = cells(one, "cases", "case") if top % 2000 == 0 else []
        assert len(drawn) <= 40
        ids = one.page.locator(f"{place('cases')} {ROWS} th").all_inner_texts()
        seen |= {words.split("\n")[0] for words in ids}
    assert seen == {case.id for case in frozen.cases}


def test_the_keyboard_reaches_every_row_and_leaves_the_table(
    shown: Callable[..., Opened],
) -> None:
    one = shown()
    page = one.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    met = []
    for _ in range(140):
        page.keyboard.press("Tab")
        met.append(
            page.evaluate(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
                "return [e.tagName, e.id, e.closest('[data-listing]')?.dataset.listing ?? '',"
                "e.dataset.preset ?? e.dataset.export ?? '', s.outlineStyle].join('|'); })()"
            )
        )
        if met[-1].startswith("BODY"):
            break
    assert met[-1].startswith("BODY"), "the tabs come to an end: no table holds them"
    path = "\n".join(met)
    for wanted in ("flags-search|flags", "BUTTON||flags|queue", "BUTTON||cases|xlsx", "A||cases"):
        assert wanted in path, wanted
    seen = [line for line in met if line.startswith(("A|", "BUTTON|", "DIV|", "INPUT|"))]
    assert all(not line.endswith("none") for line in seen), "the focus is always seen"

    link = page.locator(f"{place('cases')} {ROWS} a").first
    link.focus()
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    held = "document.activeElement.closest('tr').getAttribute('aria-rowindex')"
    assert page.evaluate(held) == "63"
    assert page.evaluate(
        "(() => { const row = document.activeElement.getBoundingClientRect();"
        "const sight = document.activeElement.closest('.rows').getBoundingClientRect();"
        "return row.top >= sight.top && row.bottom <= sight.bottom; })()"
    ), "the row with the focus is in sight"
    page.keyboard.press("End")
    assert page.evaluate(held) == str(CASES + 2)
    page.keyboard.press("Home")
    assert page.evaluate(held) == "3"
    page.keyboard.press("PageDown")
    assert int(page.evaluate(held)) > 5
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[data-listing]')") is None


def test_details_open_and_give_the_focus_back(shown: Callable[..., Opened]) -> None:
    one = shown()
    button = one.page.locator(f"{place('flags')} button.more").nth(2)
    button.focus()
    one.page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    detail = one.page.locator(f"{place('flags')} .detail")
    assert detail.is_visible()
    assert detail.locator('dd[lang="en"]').count() >= 1
    detail.locator("button").press("Enter")
    assert detail.inner_text() == ""
    assert button.evaluate("one => one === document.activeElement")
    assert button.get_attribute("aria-expanded") == "false"


def test_the_language_changes_without_a_network(shown: Callable[..., Opened]) -> None:
    one = shown("en")
    one.page.click(f'{place("flags")} [data-preset="news"]')
    one.page.fill("#flags-search", "made1")
    one.page.click(f'{place("cases")} th[data-column="posterior"] button')
    before = [cells(one, "flags", "priority"), cells(one, "cases", "case")]
    one.page.context.set_offline(True)
    one.page.click("[data-switch]")
    assert one.page.evaluate("document.documentElement.lang") == "fr"
    assert one.page.title() == "Cohorte du cycle 2026-01"
    assert one.page.get_by_role("heading", name="Ce que les signalements ont donné").is_visible()
    assert one.page.input_value("#flags-search") == "made1"
    assert [cells(one, "flags", "priority"), cells(one, "cases", "case")] == before
    assert set(cells(one, "flags", "reason")) <= {
        "nouveau candidat", "renforcé", "gène lié à une maladie", "partenaire trouvé", "affaibli",
        "retiré", "diagnostic menacé",
    }  # fmt: skip
    one.page.fill("#flags-search", "")
    one.page.click("[data-switch]")
    assert one.page.input_value("#flags-search") == ""
    assert one.page.evaluate("document.documentElement.lang") == "en"
    assert len(cells(one, "flags", "priority")) >= len(before[0])


def test_the_page_in_both_languages_is_the_page_in_one(shown: Callable[..., Opened]) -> None:
    first, second = shown("fr"), shown("en")
    second.page.click("[data-switch]")
    texts = [" ".join(one.page.locator("#page").inner_text().split()) for one in (first, second)]
    assert texts[0] == texts[1]


def test_exports_hold_what_is_shown(
    shown: Callable[..., Opened], flags: list[dict[str, Any]], tmp_path: Path
) -> None:
    one = shown()
    name = place("flags")
    one.page.click(f'{name} [data-preset="risk"]')
    path = one.saved(f'{name} [data-export="tsv"]', tmp_path)
    assert path.name == "2026-01.flags.tsv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t"))
    pressing = [f for f in flags if f["urgent"] or f["reason"] == "diagnosis at risk"]
    assert [(r["Place"], r["Case"], r["Due"]) for r in rows] == [
        (str(f["priority"]), f["case"], f["due"]) for f in pressing
    ]
    assert [r["As recorded"] for r in rows] == [f["sentence"] for f in pressing]
    book = one.saved(f'{name} [data-export="xlsx"]', tmp_path)
    with zipfile.ZipFile(book) as held:
        sheet = etree.fromstring(held.read("xl/worksheets/sheet1.xml"))
        assert b'<sheet name="flags"' in held.read("xl/workbook.xml")
    lines = [
        ["".join(cell.itertext()) for cell in row.iter(f"{SHEET}c")]
        for row in sheet.iter(f"{SHEET}row")
    ]
    assert lines[0] == list(rows[0])
    assert lines[1:] == [[value.removeprefix("'") for value in row.values()] for row in rows]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_figures_and_tables_below_hold_the_same_numbers(
    shown: Callable[..., Opened], frozen: Frozen, report: CohortReport, language: str
) -> None:
    one = shown(language)
    statuses = Counter(str(case.status) for case in frozen.cases)
    drawn = one.page.locator("figure.status text").all_text_contents()
    assert [int(re.sub(r"\D", "", n)) for n in drawn[1::2]] == [
        statuses[status.value] for status in Status if statuses[status.value]
    ]
    totals = one.page.locator("#status ~ .pairs tfoot td").all_inner_texts()
    assert int(re.sub(r"\D", "", totals[-1])) == len(frozen.cases)
    networks = Counter(case.filiere for case in frozen.cases)
    rows = one.page.locator("#status ~ .pairs tbody tr").all()
    assert [int(re.sub(r"\D", "", row.locator("td").last.inner_text())) for row in rows] == [
        networks[name] for name in sorted(networks)
    ]
    reviews = one.page.locator('figure.reviews text[font-weight="600"][text-anchor="middle"]')
    numbers = [n for n in reviews.all_text_contents() if not re.fullmatch(r"20\d\d", n)]
    assert [int(re.sub(r"\D", "", n)) for n in numbers] == [
        due.number for due in report.reviews if due.number
    ]
    medians = one.page.locator("figure.impasse tbody tr td:nth-child(6)").all_inner_texts()
    assert medians == [text.tenth(w.quartiles[2], language) for w in report.waiting if w.quartiles]
    lines = one.page.locator("#rounds ~ .scroll tbody tr").all()
    for line, told_of in zip(lines, reversed(report.rounds), strict=True):
        found = [cell.strip() for cell in line.locator("td").all_inner_texts()]
        burden = text.tenth(told_of.burden or 0, language)
        counts = (told_of.watched, told_of.told, burden, told_of.waiting, told_of.findings)
        assert found[1:6] == [str(number) for number in counts]
        if not told_of.last:
            answers = (told_of.accepted, told_of.dismissed, told_of.unanswered)
            later = (told_of.reported, told_of.diagnosed)
            assert found[6:] == [str(number) for number in (*answers, *later)]
    loads = one.page.locator("#sites + .scroll tbody tr").all_inner_texts()
    sites = Counter(flag["site"] for flag in report.flags if asks(flag))
    waiting = Counter(flag["site"] for flag in report.flags if flag["queued"])
    watched = Counter(case.site for case in frozen.cases if case.status.watched)
    late = Counter(report.of_case[r["case"]].site for r in report.steps if r["overdue"] == "yes")
    assert [line.split() for line in loads] == [
        [name, *(str(held[name] or "·") for held in (watched, sites, waiting, late))]
        for name in sorted(watched)
    ]
    says = one.page.locator("ul.says").inner_text()
    recall = report.recall
    assert recall.signed > recall.told > 0
    assert text.percent(recall.told / recall.signed, language) in says


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_no_serious_fault(shown: Callable[..., Opened], language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is absent")
    one = shown(language)
    one.page.locator(f"{place('flags')} button.more").first.click()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = axe.Axe().run(one.page, options=options).response["violations"]
    assert [f"{v['id']}: {v['nodes'][0]['target']} {v['help']}" for v in found] == []


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768), (400, 800)])
def test_the_page_never_scrolls_sideways(
    shown: Callable[..., Opened], size: tuple[int, int]
) -> None:
    for language in ("en", "fr"):
        one = shown(language, {"width": size[0], "height": size[1]})
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if size[0] == 1366:
            box = one.page.locator(f"{place('flags')} {ROWS}").first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 768, "the first flag stands on the first screen"


def test_the_page_prints_to_a_pdf(shown: Callable[..., Opened], tmp_path: Path) -> None:
    one = shown()
    pdf = one.page.pdf(path=tmp_path / "cohort.pdf", prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 4 <= pages <= 16
    assert told(one, "cases") == CASES
    assert len(cells(one, "cases", "case")) <= 40


def test_inside_a_report_of_snakemake_nothing_leads_nowhere(
    browser: Any, made: made_cohort.Made, tmp_path: Path
) -> None:
    path = tmp_path / "report" / "data" / "raw" / "0123456789abcdef" / "cohort.html"
    path.parent.mkdir(parents=True)
    path.write_bytes((made.folder / "en" / "cohort.html").read_bytes())
    one = Opened(browser, path)
    assert one.page.locator(f"{place('cases')} {ROWS} th").first.inner_text().startswith("MADE-")
    assert one.page.locator(f"{ROWS} a").count() == 0
    assert one.said == []
    one.context.close()


@pytest.mark.parametrize("poison", CORPUS)
def test_nothing_that_data_bring_runs(
    browser: Any, report: CohortReport, tmp_path: Path, poison: str
) -> None:
    lines = []
    for line in report.lines[:20]:
        leading = {
            name: f"{v}{poison}" if isinstance(v, str) else v
            for name, v in (line.leading or {}).items()
        }
        text_ = dict.fromkeys(("filiere", "site", "technique", "design", "analysed"), poison)
        lines.append(replace(line, case=line.case + poison, leading=leading or None, **text_))
    case = lines[0].case
    kept = {"due", "priority", "status", "queued", "place", "urgent", "expected_change", "reason"}
    flags = [
        {
            name: v if name in kept or not isinstance(v, str) else f"{v}{poison}"
            for name, v in f.items()
        }
        | {"case": case, "reason": flag_reason}
        for f, flag_reason in zip(report.ordered_flags[:2], (poison, "withdrawn"), strict=True)
    ]
    names = ("case", "symbol", "finding", "state", "next_step", "who", "why", "last_step", "report")
    steps = [{**report.steps[0], **dict.fromkeys(names, poison)}]
    event = {**next(iter(report.news.values()))[0], "kind": "withdrawn", "cause_old": poison}
    news = {(case, flags[1]["finding"]): [{**event, "cause_resource": poison, "new_class": poison}]}
    changes = [{**report.changes[0], "resource": poison, "kind": poison, "change": poison}]
    rounds = [replace(one, cycle=poison, release=poison) for one in report.rounds]
    hostile = replace(
        report, lines=lines, flags=flags, steps=steps, news=news, changes=changes, rounds=rounds,
        reasons=[poison], cycle=replace(report.cycle, id=f"2026-01{poison}", previous=poison),
    )  # fmt: skip
    path = tmp_path / "cohort.html"
    path.write_text(hostile.render_html("en"), encoding="utf-8")
    one = Opened(browser, path)
    for name in ("flags", "steps", "cases"):
        one.page.click(f'{place(name)} [data-preset=""]')
        one.page.fill(f"#{name}-search", poison[:12])
        assert one.page.locator(f"{place(name)} table").is_visible()
        one.page.click(f"{place(name)} [data-clear]")
    assert told(one, "cases") == 20
    one.page.locator(f"{place('flags')} button.more").first.click()
    saved = one.saved(f'{place("cases")} [data-export="tsv"]', tmp_path).read_text("utf-8")
    for row in csv.reader(io.StringIO(saved), delimiter="\t"):
        assert not [cell for cell in row if cell[:1] in "=+@" and cell]
    one.page.click("[data-switch]")
    assert told(one, "cases") == 20
    assert one.page.evaluate("window.pwned") is None
    shown = one.page.evaluate(
        "[document.scripts.length, document.querySelectorAll('iframe,object,img,form').length,"
        "document.querySelectorAll('[onerror],[onload],[onclick],[onmouseover],[onfocus]').length,"
        "[...document.links].filter((a) => !/^(https:|file:|blob:)/.test(a.href)).length]"
    )
    assert shown == [6, 0, 0, 0], "our own data, words and program, and nothing else"
    assert "visible" in one.page.evaluate("getComputedStyle(document.body).visibility")
    assert one.said == []
    assert one.elsewhere == []
    one.context.close()
