"""Names, labels, comments and files that try to be markup or programs, in a real browser."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, started

from ariane.report.case_report import CaseReport
from ariane.report.pages import for_script

Build = Callable[[dict[str, Any]], CaseReport]

CORPUS = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "</title><img src=x onerror=window.pwned=1>",
    "</template></div><svg onload=window.pwned=1>",
    '" onmouseover="window.pwned=1" autofocus onfocus="window.pwned=1',
    "' onclick='window.pwned=1",
    "<!--<script>",
    "--><iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "{{7*7}}{% raw %}${7*7}",
    "</style><style>*{display:none}</style>",
    "</textarea><script>window.pwned=1</script>",
    "\u202eevil\u2066\u0000\u2028\u2029",
    "]]><a href=javascript:window.pwned=1>x</a>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "../../etc/passwd%00<b>.vcf.gz",
    '=HYPERLINK("http://example.org","x")',
)

JOINED = {
    "case",
    "finding",
    "hypothesis",
    "gene",
    "disease",
    "variants",
    "variant",
    "genotypes",
    "acmg_points",
    "acmg_class",
    "mode",
    "ledger",
    "zygosity",
    "match",
    "term",
    "matched_term",
    "state",
    "about",
    "key",
    "resource",
    "kind",
    "cause_resource",
    "priority",
    "to",
    "last_changed",
    "first_seen",
    "cycle",
    "previous",
    "release",
    "id",
    "proband",
    "father",
    "mother",
    "sex",
    "sample",
    "status",
    "first",
    "second",
    "due",
    "name",
}
"""Values that tables are joined by, or that come from closed lists: they cannot hold a name."""


def poisoned(value: Any, poison: str, name: str = "") -> Any:
    """Every text that a file may bring, with the poison behind it."""
    if isinstance(value, dict):
        return {key: poisoned(inner, poison, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, poison, name) for inner in value]
    if isinstance(value, str) and name not in JOINED and value:
        return value + poison
    return value


def hostile(raw: dict[str, Any], poison: str) -> dict[str, Any]:
    """A case of which everything readable is poisoned."""
    held = copy.deepcopy(raw)
    for part in ("findings", "ledger", "standing", "events", "flags", "terms", "annotations"):
        held[part] = poisoned(held[part], poison)
    for part in ("labels", "french", "features", "gene_diseases", "steps", "look_for"):
        held[part] = poisoned(held.get(part, []), poison)
    for row in held["features"]:
        row["papers"] = [paper.removesuffix(poison) for paper in row["papers"]]
    held["annotation"] = {"counts": {poison: 7}}
    held["notices"] = [poison]
    case = held["case"]
    case.update(
        site=poison, filiere=poison, pre_indication=poison, notes={"remark " + poison: poison}
    )
    case["analysis"].update(laboratory=poison, date=poison)
    for resource in held["release"]["resources"].values():
        resource.update(version=poison)
    return held


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as running:
        yield running


@pytest.mark.parametrize("poison", CORPUS)
def test_nothing_that_data_bring_runs(
    browser: Any, raw: dict[str, Any], build: Build, tmp_path: Path, poison: str
) -> None:
    path = tmp_path / "case.html"
    path.write_text(build(hostile(raw, poison)).render_html("en"), encoding="utf-8")
    one = Opened(browser, path)
    one.page.click('[data-open="yes"]')
    assert one.page.locator("table.findings tbody th").count() == len(raw["findings"])
    one.page.hover(".news")
    for name in ("de_novo", "new", ""):
        one.page.click(f'[data-preset="{name}"]')
    one.page.fill("#findings-search", poison[:20])
    one.page.click("[data-clear]")
    one.page.fill("#comment-1", poison)
    one.page.select_option("#outcome-1", "candidate")
    saved = one.saved('[data-export="tsv"]', tmp_path).read_text("utf-8")
    for row in csv.reader(io.StringIO(saved), delimiter="\t"):
        assert not [cell for cell in row if cell[:1] in "=+@" and cell]
    one.page.click("[data-switch]")
    assert one.page.locator("table.findings tbody th").count() == len(raw["findings"])
    one.page.emulate_media(media="print")
    assert one.page.evaluate("window.pwned") is None
    shown = one.page.evaluate(
        "[document.scripts.length, document.querySelectorAll('iframe,object,img,form').length,"
        "document.querySelectorAll('[onerror],[onload],[onclick],[onmouseover],[onfocus]').length,"
        "[...document.links].filter((a) => !/^(https:|file:|blob:)/.test(a.href)).length]"
    )
    assert shown == [4, 1, 0, 0], "our own data, words, table, program, form: nothing else"
    assert "visible" in one.page.evaluate("getComputedStyle(document.body).visibility")
    assert one.said == []
    assert one.elsewhere == []
    one.context.close()


@pytest.mark.parametrize("poison", CORPUS)
def test_data_for_programs_cannot_end_their_element(poison: str) -> None:
    import json

    from ariane.safe import visible

    written = for_script({poison: [poison, 1, None]})
    assert not set("<>&") & set(written)
    assert json.loads(written) == {visible(poison): [visible(poison), 1, None]}
