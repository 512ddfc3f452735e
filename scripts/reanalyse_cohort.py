"""Bring a cohort from a finished cycle to another release, and prove a sample of it.

Takes the configuration with which the earlier cycle began, names the new cycle and release in it,
and runs the workflow: what the change of release touches is evaluated again, the rest carried
forward. Run again, it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from ariane.cli import run
from ariane.files import REPOSITORY, read_yaml, write_text
from ariane.intake.config import settings_of
from ariane.model.errors import ArianeError, InputFaults
from ariane.reanalyse.frozen import configuration_file, open_cycle
from ariane.reanalyse.verify import require_equal, verify

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Write the new cycle's configuration, run the workflow, verify."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="before", required=True, help="the earlier cycle, finished")
    parser.add_argument("--to", required=True, help="the release to go to")
    parser.add_argument("--cycle", help="name of the new cycle; else that of the release")
    parser.add_argument("--config", type=Path, help="configuration to begin from, else the earlier")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    parser.add_argument("--full", action="store_true", help="evaluate everything again")
    parser.add_argument("--verify", type=int, default=0, metavar="N", help="recompute N cases")
    parser.add_argument("--seed", type=int, default=1, help="of the cases to verify")
    parser.add_argument("--cores", default="1")
    parser.add_argument("more", nargs="*", help="further words for snakemake, after --")
    args = parser.parse_args(argv)
    home: Path = args.directory
    cycle = args.cycle or args.to
    config = _configuration(args, home / "state", cycle)
    settings, faults = settings_of(config, f"cycle {cycle}")
    if settings is None:
        raise InputFaults(faults)
    path = home / "results" / "configurations" / f"{cycle}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, yaml.safe_dump(config, allow_unicode=True, sort_keys=True))
    _run(home, path, args.cores, args.more)
    if args.verify:
        releases = home / settings.releases
        cases, found = verify(
            home / "results", home / "state", releases, cycle, args.verify, args.seed
        )
        require_equal(cases, found)
        log.info("Verified: %d cases recomputed in full, all equal.", len(cases))


def _configuration(args: argparse.Namespace, state: Path, cycle: str) -> dict[str, Any]:
    open_cycle(state, args.before)  # says in words where it was never begun
    if args.config:
        config = dict(read_yaml(args.config))
    else:
        text = configuration_file(state, args.before).read_text(encoding="utf-8")
        config = json.loads(text)
    if not config:
        raise ArianeError(
            f"cycle {args.before}: its configuration was not kept. Name one with --config."
        )
    config |= {"cycle": cycle, "release": args.to, "previous": args.before, "full": args.full}
    return config


def _run(home: Path, config: Path, cores: str, more: list[str]) -> None:
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")),
        *("--directory", str(home), "--cores", cores, "--rerun-incomplete", "--show-failed-logs"),
        *("--workflow-profile", str(REPOSITORY / "workflow" / "profiles" / "default")),
        *("--configfile", str(config), *more),
    ]
    log.info("Running the workflow for %s.", config)
    if subprocess.run(command, check=False).returncode:
        raise ArianeError(f"{config}: the workflow failed; its own words stand above.")


if __name__ == "__main__":
    run(main)
