"""Snakemake's own report of a cycle: the cohort's page, tables, figures, links, captions."""

from __future__ import annotations

import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from demo_run import NEXT, REPOSITORY, Run, expected

from ariane.report.figures import NAMES

sys.path.insert(0, str(REPOSITORY / "tests" / "report"))

from browser import Opened, started

pytestmark = pytest.mark.workflow

FOLDER = f"results/cycles/{NEXT}"
COHORT = {f"{FOLDER}/{name}" for name in ("cohort.html", "cohort.tsv", "flags.tsv")} | {
    f"{FOLDER}/figures/{name}.svg" for name in NAMES
}
CASES = {f"{FOLDER}/cases/{row['case_id']}.html" for row in expected()}


def made(demo: Run, out: Path, *more: str) -> None:
    """Nothing is run or written in the demo's folder, so other tests may use it meanwhile."""
    done = demo.snakemake(NEXT, "--nolock", "--report", str(out), *more)
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.fixture(scope="module")
def unpacked(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    made(demo, folder / "report.zip")
    with zipfile.ZipFile(folder / "report.zip") as held:
        assert held.testzip() is None
        held.extractall(folder)
    return folder / "report"


def said(unpacked: Path, name: str) -> dict[str, Any]:
    """A value that the report's program is given."""
    text = (unpacked / "report.html").read_text(encoding="utf-8")
    found = re.search(rf"^ *var {name} = (\{{.*\}});?$", text, re.MULTILINE)
    assert found, name
    return dict(json.loads(found[1]))


def test_the_report_holds_the_cohort_and_the_cases_by_category(demo: Run, unpacked: Path) -> None:
    categories, results = said(unpacked, "categories"), said(unpacked, "results")
    held = {
        name: {part: set(paths) for part, paths in parts.items()}
        for name, parts in categories.items()
    }
    assert held == {"Cohort": {f"Cycle {NEXT}": COHORT}, "Cases": {f"Cycle {NEXT}": CASES}}
    assert set(results) == COHORT | CASES
    for path, told in results.items():
        assert told["caption"].strip(), path
        assert set(told["labels"]) == ({"case"} if path in CASES else {"what"})
        assert (unpacked / told["data_uri"]).read_bytes() == (demo.folder / path).read_bytes()


def test_captions_link_to_the_pages_of_the_cases(unpacked: Path) -> None:
    caption = said(unpacked, "results")[f"{FOLDER}/cohort.html"]["caption"]
    links = dict(re.findall(r'href="(data/raw/[^"]+)">([^<]+)<', caption))
    assert sorted(links.values()) == sorted(row["case_id"] for row in expected())
    for link, case in links.items():
        assert f"{case}:" in (unpacked / link).read_text(encoding="utf-8").split("</title>")[0]


def test_the_report_opens_without_a_network(unpacked: Path) -> None:
    with started() as browser:
        one = Opened(browser, unpacked / "report.html")
        page = one.page
        page.context.set_offline(True)
        assert "It stays inside the laboratory." in page.inner_text("body")
        page.get_by_text("Cohort", exact=True).first.click()
        page.locator("tr", has_text="page").last.locator("a").first.click()
        frame = page.frame_locator("iframe")
        first = frame.locator('[data-listing="flags"] tbody th').first
        first.wait_for()
        assert first.inner_text().startswith("DEMO-")
        assert frame.locator("tbody th a").count() == 0, "what leads nowhere is no link"
        page.locator("tr", has_text="page").last.locator("a").nth(1).click()
        page.get_by_role("link", name="DEMO-06").click()
        assert page.title().startswith("Case DEMO-06")
        assert [url for url in one.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_pages_of_a_larger_cohort_stay_out(demo: Run, tmp_path: Path) -> None:
    rules = (REPOSITORY / "rules" / "common.smk").read_text(encoding="utf-8")
    assert "REPORTED = 200\n" in rules
    copy = tmp_path / "repository"
    shutil.copytree(
        REPOSITORY, copy, ignore=shutil.ignore_patterns(".git", "results", ".venv", "tests", "docs")
    )
    fewer = rules.replace("REPORTED = 200\n", f"REPORTED = {len(CASES) - 1}\n")
    (copy / "rules" / "common.smk").write_text(fewer, encoding="utf-8")
    made(demo, tmp_path / "r.zip", "--snakefile", str(copy / "Snakefile"))
    with zipfile.ZipFile(tmp_path / "r.zip") as held:
        names = {Path(name).name for name in held.namelist()} - {"report.html"}
    assert names == {Path(path).name for path in COHORT}
