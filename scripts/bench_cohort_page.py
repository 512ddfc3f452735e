"""How large a cohort's page is, how fast it is made and opens, and how fast its tables answer."""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import made_cohort
import report_cohort
from ariane.cli import run
from ariane.files import write_text
from ariane.model.canonical import to_json
from bench_pages import BROWSERS, opening_times

log = logging.getLogger(__name__)

ANSWERS: Final = """async () => {
  const table = document.querySelector('[data-listing="cases"]');
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const timed = async (act) => {
    await drawn();
    const start = performance.now();
    act();
    await drawn();
    return Math.round(performance.now() - start);
  };
  const typed = (field, text) => { field.value = text; field.dispatchEvent(new Event('input')); };
  const click = (what) => () => table.querySelector(what).click();
  const rows = table.querySelector('.rows');
  return {
    sort_by_disease: await timed(click('th[data-column="disease"] button')),
    sort_by_case: await timed(click('th[data-column="case"] button')),
    first_search: await timed(() => typed(table.querySelector('input[type=search]'), 'made1')),
    next_search: await timed(() => typed(table.querySelector('input[type=search]'), 'made12')),
    clear: await timed(click('[data-clear]')),
    filter: await timed(() => typed(table.querySelectorAll('.filters input')[1], 'made2')),
    scroll: await timed(() => { rows.scrollTop = rows.scrollHeight / 2; }),
    switch_language: await timed(() => document.querySelector('[data-switch]').click()),
  };
}"""


def main(argv: list[str]) -> None:
    """Make the cohort and its page, open it some times, print and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file for the numbers")
    parser.add_argument("--html", type=Path, help="keep the page here")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        made = made_cohort.make(Path(name) / "run", args.cases)
        out = Path(name) / "out"
        start, used = time.perf_counter(), time.process_time()
        report_cohort.main(made.arguments(out))
        numbers: dict[str, Any] = {
            "cases": args.cases,
            "seconds_to_make": round(time.perf_counter() - start, 2),
            "cpu_seconds_to_make": round(time.process_time() - used, 2),
            "megabytes_of_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "bytes": (out / "cohort.html").stat().st_size,
        }
        opened = opening_times(out / "cohort.html", args.times)
        numbers["seconds_to_open"] = [round(one, 2) for one in opened]
        numbers["median_to_open"] = round(statistics.median(opened), 2)
        numbers["milliseconds_to_answer"] = answers(out / "cohort.html")
        if args.html:
            write_text(args.html, (out / "cohort.html").read_text(encoding="utf-8"))
    log.info("%s", json.dumps(numbers, indent=1))
    if args.json:
        write_text(args.json, to_json(numbers) + "\n")


def answers(path: Path) -> dict[str, int]:
    """Milliseconds from an act in the table of cases until the next frame is drawn."""
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=browser, args=options)
        page = running.new_page(viewport={"width": 1366, "height": 768})
        page.goto(path.as_uri())
        found: dict[str, int] = page.evaluate(ANSWERS)
        running.close()
    return found


if __name__ == "__main__":
    run(main)
