"""Analyse the laboratory's own solved cases as if they were not, and report how many are found.

Writes masked inputs into a folder of their own, runs the workflow there, and makes the report for
a quality system: report.html, report.pdf where Chromium is installed, report.json. Run again, it
goes on where it stopped.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from pathlib import Path

from ariane.cli import run
from ariane.files import REPOSITORY, write_text
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.reanalyse.controls import is_date
from ariane.report.explain import Run
from ariane.report.messages import LANGUAGES
from ariane.validate.document import Report, data, page
from ariane.validate.masked import Request, lay_out, read_request
from ariane.validate.outcome import judge
from ariane.validate.printed import print_page
from ariane.validate.versions import versions

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Mask, run, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="sheet, decisions, release")
    parser.add_argument("--out", type=Path, help="folder; else results/validation/CYCLE")
    parser.add_argument("--date", default="", help="date of the report, such as 2026-01-15")
    parser.add_argument("--language", choices=LANGUAGES, help="else that of the configuration")
    parser.add_argument("--cores", default="1")
    parser.add_argument(
        "--with-laboratory",
        action="store_true",
        help="keep the laboratory's own classifications in the release",
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--prepare-only", action="store_true", help="write the masked inputs, stop")
    only.add_argument("--report-only", action="store_true", help="the run is finished: report")
    parser.add_argument("more", nargs="*", help="further words for snakemake, after --")
    args = parser.parse_args(argv)
    if args.date and not is_date(args.date):
        raise ArianeError(f"--date: {args.date!r} is not a date. Write it as 2026-01-15.")
    request = read_request(args.config, args.with_laboratory)
    home: Path = args.out or Path("results/validation") / request.settings.cycle
    if not args.report_only:
        config = lay_out(request, home)
        log.info("Masked inputs of %d solved cases lie in %s.", len(request.solved), home)
        if args.prepare_only:
            return
        _run(home, config, args.cores, args.more)
    _report(request, home, args.date, args.language or request.settings.language)


def _run(home: Path, config: Path, cores: str, more: list[str]) -> None:
    profile = REPOSITORY / "workflow" / "profiles" / "default"
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")),
        *("--directory", str(home), "--cores", cores, "--rerun-incomplete", "--show-failed-logs"),
        *("--workflow-profile", str(profile), "--configfile", str(config.absolute()), *more),
    ]
    if subprocess.run(command, check=False).returncode:
        raise ArianeError(f"{config}: the workflow failed; its own words stand above.")


def _report(request: Request, home: Path, date: str, language: str) -> None:
    settings = request.settings
    folders = Run(
        results=home / "results",
        state=home / "state",
        releases=request.releases(home),
        cycle=settings.cycle,
        regions=settings.regions,
    )
    outcomes = judge(folders, request.solved)
    report = Report(settings.cycle, date, request, outcomes, versions(request, home))
    write_text(home / "report.json", to_json(data(report)) + "\n")
    write_text(home / "report.html", page(report, language))
    print(f"report  {home / 'report.html'}")
    why = print_page(
        home / "report.html", home / "report.pdf", date or request.release.as_of.isoformat()
    )
    print(why or f"report  {home / 'report.pdf'}")
    found = sum(outcome.found for outcome in outcomes)
    print(f"Causal variant found in {found} of {len(outcomes)} solved cases.")


if __name__ == "__main__":
    run(main)
