"""How large a case's page with many findings is, and how fast it is made and opens."""

from __future__ import annotations

import argparse
import datetime
import logging
import os
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from ariane.cli import run
from ariane.files import write_text
from ariane.knowledge.release import Release, Resource
from ariane.model.canonical import to_json
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex, Status
from ariane.model.errors import ArianeError
from ariane.report.case_report import CaseReport, CycleInfo

log = logging.getLogger(__name__)

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
READY: Final = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
    done(document.querySelectorAll('table.findings tbody th').length ? performance.now() : -1))))"""


def main(argv: list[str]) -> None:
    """Make the page, open it some times, print and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=5000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file for the numbers")
    parser.add_argument("--html", type=Path, help="keep the page here")
    args = parser.parse_args(argv)
    report = large_report(args.findings)
    start = time.perf_counter()
    page = report.render_html("en")
    made = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        path: Path = args.html or Path(folder) / "case.html"
        write_text(path, page)
        opened = opening_times(path.absolute(), args.times)
    numbers = {
        "findings": args.findings,
        "bytes": len(page.encode()),
        "seconds_to_make": round(made, 2),
        "seconds_to_open": [round(one, 2) for one in opened],
        "median_to_open": round(statistics.median(opened), 2),
    }
    log.info("%s", to_json(numbers))
    if args.json:
        write_text(args.json, to_json(numbers) + "\n")


def opening_times(path: Path, times: int) -> list[float]:
    """Seconds from asking for the page until its table is drawn, each in a fresh browser.

    Raises:
        ArianeError: there is no Chromium or no Playwright, or the table was not drawn.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        browser = None
    if browser is None:
        raise ArianeError(
            "Chromium and Playwright are needed: apt-get install chromium; make venv."
        )
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    found = []
    with sync_playwright() as play:
        for _ in range(times):
            running = play.chromium.launch(executable_path=browser, args=options)
            page = running.new_page(viewport={"width": 1366, "height": 768})
            page.goto(path.as_uri())
            found.append(float(page.evaluate(READY)) / 1000)
            running.close()
    if min(found) < 0:
        raise ArianeError(f"{path}: its table was not drawn. Open it by hand and look.")
    return found


def large_report(findings: int, seed: int = 7) -> CaseReport:
    """A trio with many findings, invented: as many hypotheses, six rows of ledger each."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    genes = [f"GENE{n}" for n in range(max(findings // 3, 1))]
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("findings", "ledger", "standing", "phenotype", "annotations")
    }
    standing = []
    for n in range(findings):
        symbol = genes[n % len(genes)]
        gene, disease = f"HGNC:{1000 + n % len(genes)}", f"OMIM:{100000 + n}"
        variant = f"chr{1 + n % 22}-{10_000 + 37 * n}-{draw.choice('AC')}-{draw.choice('GT')}"
        mode = draw.choice(("AD", "AR", "XLD"))
        name = f"{gene}|{mode}|{variant}"
        points = draw.randrange(-4000, 14000)
        rows["findings"].append(_finding(name, gene, symbol, mode, variant, points, draw))
        rows["ledger"] += _ledger(name, gene, variant, points)
        rows["annotations"] += _annotations(variant, draw)
        phenotype = draw.randrange(-5000, 9000)
        standing.append(
            {
                "case": "BENCH",
                "hypothesis": f"{name}|{disease}",
                "gene": gene,
                "symbol": symbol,
                "disease": disease,
                "disease_name": f"Invented disorder of {symbol}, type {n}",
                "mode": mode,
                "finding": name,
                "local_points": points,
                "phenotype_points": phenotype,
                "total_points": points + phenotype,
                "posterior": 0.0,
                "out_of_scope": 0,
            }
        )
    standing.sort(key=lambda row: -int(row["total_points"]))
    for rank, row in enumerate(standing, 1):
        row.update(rank=rank, gene_rank=rank, posterior=round(0.4 / 2 ** min(rank, 60), 6))
    none = {**dict.fromkeys(standing[0], ""), "case": "BENCH", "hypothesis": "none", "rank": 0}
    zero = dict.fromkeys(("local_points", "phenotype_points", "total_points", "gene_rank"), 0)
    rows["standing"] = [{**none, **zero, "posterior": 0.6, "out_of_scope": 12}, *standing]
    return CaseReport(case=_case(), release=_release(), cycle=_cycle(), events=[], flags=[], **rows)


def _finding(
    name: str, gene: str, symbol: str, mode: str, variant: str, points: int, draw: random.Random
) -> dict[str, Any]:
    calls = f"P=0/1:{draw.randrange(9, 40)},{draw.randrange(9, 40)}:60:99:."
    return {
        "case": "BENCH",
        "gene": gene,
        "symbol": symbol,
        "finding": name,
        "mode": mode,
        "variants": variant,
        "zygosity": draw.choice(("het", "hom", "one hit")),
        "consequence": draw.choice(("missense_variant", "stop_gained", "splice_region_variant")),
        "hgvs": f"NM_{draw.randrange(10**6):06d}.3:c.{draw.randrange(4000)}G>A p.(Arg12His)",
        "hgvs_g": f"NC_000001.11:g.{draw.randrange(10**8)}G>A",
        "protein_change": "12R>12H",
        "transcript": "ENST00000300.4",
        "acmg_points": str(points),
        "acmg_class": draw.choice(("VUS", "LP", "LB")),
        "local_points": points,
        "genotypes": f"{calls};F=0/0:30,0:30:99:.;M=0/1:20,18:38:99:.",
    }


def _ledger(name: str, gene: str, variant: str, points: int) -> list[dict[str, Any]]:
    parts = {"PM2_Supporting": 1000, "PP3": 1000, "PM5": 2000, "PS1": 0, "BP4": -1000}
    parts["BACKGROUND"] = points - sum(parts.values())
    return [
        {
            "case": "BENCH",
            "gene": gene,
            "finding": name,
            "ledger": "triage" if code == "BACKGROUND" else "class",
            "variant": variant,
            "code": code,
            "points": value,
            "sentence": "an invented sentence of the usual length, to give the page its weight",
            "resource": "frequencies",
            "read_key": variant,
            "record": "3f1c0a9be2d47781",
            "suppressed": "" if value else "drawn from the same record as ASSERT",
        }
        for code, value in parts.items()
    ]


def _annotations(variant: str, draw: random.Random) -> list[dict[str, Any]]:
    frequency = {"af": round(draw.random() / 1000, 7), "basis": "grpmax", "filters": ""}
    counts = ("faf95", "grpmax", "total", "ac", "an", "homozygotes", "hemizygotes")
    frequency |= dict.fromkeys(counts)
    said = {"klass": draw.choice(("P", "VUS", "B")), "stars": draw.randrange(4)}
    said |= dict.fromkeys(("conditions", "conflicts", "evaluated", "accession"), "")
    common = {"about": "variant", "key": variant, "state": "found", "text": "invented"}
    return [
        {**common, "resource": "frequencies", "records": [frequency]},
        {**common, "resource": "assertions", "records": [said] if draw.random() < 0.3 else []},
    ]


def _case() -> Case:
    members = (
        Member("P", "P", "F", "M", Sex.FEMALE, True),
        Member("F", "F", sex=Sex.MALE, affected=False),
        Member("M", "M", sex=Sex.FEMALE, affected=False),
    )
    phenotype = Phenotype(observed=("HP:0001250", "HP:0001263"))
    analysis = Analysis("bench.vcf.gz", technique="genome", date="2026-01-15")
    return Case("BENCH", "P", members, phenotype, analysis, Consent(), Status.IMPASSE)


def _release() -> Release:
    facts = {"format": "x", "version": "1", "date": "2026-01-01", "sha256": "0" * 64}
    told = {"licence_class": "open", "licence": "CC0-1.0", "source": "invented"}
    kinds = ("frequencies", "assertions", "reference", "transcripts")
    held = {kind: Resource(kind=kind, file=kind, **facts, **told) for kind in kinds}
    return Release(Path("nowhere"), "bench", datetime.date(2026, 1, 1), held)


def _cycle() -> CycleInfo:
    return CycleInfo("2026-01", "bench", "", "full", {"reporting": 1})


if __name__ == "__main__":
    run(main)
