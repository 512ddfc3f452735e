"""What planning costs as the cohort grows: seconds and memory of Snakemake's plans, no job is run.

Sheets are generated: each case has a VCF of its own, a link to one of the demo's. What a finished
cohort leaves is pretended: empty files, and Snakemake's records of them as it writes them itself.
"""

from __future__ import annotations

import argparse
import base64
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.cli import run
from ariane.files import REPOSITORY, write_text
from ariane.model.canonical import to_json

log = logging.getLogger(__name__)

SAMPLE: Final = "DEMO-01"
VCF: Final = REPOSITORY / "resources" / "demo" / "vcf" / f"{SAMPLE}.vcf.gz"
COLUMNS: Final = ("case_id", "vcf", "proband_sample", "sex", "hpo", "assembly", "technique",
                  "analysis_date", "status", "consent_reanalysis", "batch")  # fmt: skip
OF_CASE: Final = (
    "results/cases/{}/variants.bcf",
    "results/cases/{}/variants.bcf.csi",
    "results/cases/{}/candidates.parquet",
    "results/cases/{}/annotation.json",
    "results/quality/{}.json",
)
"""What the rules of single cases make."""
BATCH: Final = 100
"""New cases."""
SETTINGS: Final = ("--workflow-profile", str(REPOSITORY / "workflow" / "profiles" / "default"),
                   "--cores", "2", "--scheduler", "greedy")  # fmt: skip


_ON_A_NODE: Final = ("--force", "--nolock", "--notemp", "--no-hooks", "--ignore-incomplete")
"""What an executor tells the Snakemake of a job."""


@dataclass(frozen=True)
class Cost:
    """What one plan took."""

    seconds: float
    """On the wall."""
    processor: float
    """Seconds of processor: what the wall would say on an idle machine."""
    megabytes: int
    """The most memory held."""
    jobs: int
    """Jobs planned."""


@dataclass(frozen=True)
class World:
    """A working folder with a generated cohort."""

    folder: Path
    number: int

    def lay_out(self) -> None:
        """Write the sheets, the VCFs and the configurations."""
        (self.folder / "old").mkdir(parents=True)
        (self.folder / "new").mkdir()
        source = self.folder / "one.vcf.gz"
        source.write_bytes(VCF.read_bytes())
        old = [self._line("old", number, source) for number in range(self.number)]
        new = [self._line("new", self.number + number, source) for number in range(BATCH)]
        for name, lines in (("families", old), ("grown", old + new)):
            rows = ["\t".join(COLUMNS), *lines]
            (self.folder / f"{name}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        self._configure("first", cycle="c1", families="families.tsv")
        self._configure("batch", cycle="c2", families="grown.tsv", previous="c1", batch="new")
        self._configure("next", cycle="c2", families="grown.tsv", previous="c1")

    def name(self, number: int) -> str:
        """Identifier of a case."""
        return f"CASE-{number:06d}"

    def _line(self, batch: str, number: int, source: Path) -> str:
        case = self.name(number)
        path = f"{batch}/{case}.vcf.gz"
        try:
            os.link(source, self.folder / path)
        except OSError:  # a file system has its limit of links
            (self.folder / path).write_bytes(source.read_bytes())
        facts = ("GRCh38", "exome", "2022-11-03", "impasse", "yes")
        return "\t".join((case, path, SAMPLE, "male", "HP:0001083;HP:0002616", *facts, batch))

    def _configure(self, name: str, **keys: str) -> None:
        keys |= {"release": "demo-A", "pages": "none"}
        keys["releases"] = str(REPOSITORY / "resources" / "demo" / "releases")
        (self.folder / f"{name}.yaml").write_text(json.dumps(keys), encoding="utf-8")

    def plan(self, config: str, *options: str) -> Cost:
        """Have Snakemake plan, and tell what it took.

        Raises:
            RuntimeError: it refused.
        """
        made, seconds, processor, megabytes = self._snakemake(config, "--dry-run", *options)
        total = re.search(r"^total\s+(\d+)", made, re.MULTILINE)
        jobs = int(total.group(1)) if total else 0
        if not jobs and "Nothing to be done" not in made:
            raise RuntimeError(made[-2000:])
        return Cost(seconds, processor, megabytes, jobs)

    def start_of_a_job(self) -> Cost:
        """What a job costs before its program begins: a node starts Snakemake anew for each.

        One case is annotated by the run itself, which hands its plan over; then another as a job on
        a node would do it. Time on the wall holds the annotation of that small case too; that of
        the processor and the memory are of Snakemake alone.
        """
        self._snakemake("first", OF_CASE[3].format(self.name(0)))
        job = ("--target-jobs", f"annotate:case={self.name(1)}", "--allowed-rules", "annotate")
        _, *cost = self._snakemake("first", "--mode", "remote", *job, *_ON_A_NODE)
        return Cost(*cost, jobs=1)

    def begin(self) -> None:
        """Begin the first cycle, as the rule ``freeze`` does."""
        program = str(REPOSITORY / "scripts" / "new_cycle.py")
        command = [sys.executable, program, "--config", "first.yaml"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=36000)

    def pretend_made(self) -> None:
        """Leave what a finished first cycle leaves, without running it.

        Snakemake records one case and everything that is not of single cases; the records of the
        other cases are those of the first under another name.
        """
        model = self.name(0)
        made = [pattern.format(model) for pattern in OF_CASE]
        self._touch(made)
        self._snakemake("first", "--touch", "--force", made[2], made[4])
        records = self.folder / ".snakemake" / "metadata"
        for pattern in OF_CASE:
            text = (records / _record(pattern.format(model))).read_text(encoding="utf-8")
            for number in range(1, self.number):
                path = pattern.format(self.name(number))
                self._touch([path])
                (records / _record(path)).write_text(
                    text.replace(model, self.name(number)), encoding="utf-8"
                )
        outputs, *_ = self._snakemake("first", "--summary")
        rest = [line.split("\t")[0] for line in outputs.splitlines()]
        shared = [one for one in rest if one.startswith("results/") and "CASE-" not in one]
        self._touch(shared)
        # Everything but the steps of single cases, and what follows from it.
        rules = ("prepare_release", "freeze", "store", "quality_list")
        self._snakemake("first", "--cores", "1000", "--touch", "--forcerun", *rules)

    def _touch(self, paths: Iterable[str]) -> None:
        for path in paths:
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()

    def _snakemake(self, config: str, *options: str) -> tuple[str, float, float, int]:
        command = [sys.executable, "-c", _MEASURED, "snakemake", "--snakefile",
                   str(REPOSITORY / "Snakefile"), "--configfile", f"{config}.yaml",
                   *SETTINGS, *options]  # fmt: skip
        start = time.monotonic()
        made = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=36000
        )
        seconds = round(time.monotonic() - start, 1)
        if made.returncode:
            raise RuntimeError(made.stderr[-2000:] + made.stdout[-2000:])
        told = made.stderr.rpartition("@cost ")[2].split()
        return made.stdout + made.stderr, seconds, float(told[0]), int(told[1])


_MEASURED: Final = """
import atexit, resource, runpy, sys
sys.argv = sys.argv[1:]
def cost():
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    print("@cost", round(spent, 1), used.ru_maxrss // 1024, file=sys.stderr)
atexit.register(cost)
runpy.run_module("snakemake", run_name="__main__")
"""


def _record(path: str) -> str:
    """File name of Snakemake's record of an output."""
    return base64.urlsafe_b64encode(path.encode()).decode()


def measure(folder: Path, number: int) -> dict[str, Any]:
    """All plans of one size."""
    world = World(folder, number)
    world.lay_out()
    costs: dict[str, Cost] = {}

    def take(name: str, config: str, *options: str) -> None:
        costs[name] = world.plan(config, *options)
        log.info("%d cases, %s: %s", number, name, costs[name])

    take("first plan, every VCF is read", "first")
    take("the same again", "first")
    world.begin()
    take("a cycle that has begun, nothing made", "first")
    costs["the start of one job on a node"] = world.start_of_a_job()
    log.info("%d cases, one job: %s", number, costs["the start of one job on a node"])
    world.pretend_made()
    take("nothing to do", "first")
    (folder / "old").rename(folder / "away")  # who opens an old file now fails
    take(f"{BATCH} new cases only", "batch")
    (folder / "away").rename(folder / "old")
    take(f"the next cycle, with {BATCH} new cases", "next")
    return {"cases": number, "plans": {name: vars(cost) for name, cost in costs.items()}}


def main(argv: list[str]) -> None:
    """Measure each size; print and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--json", type=Path, help="file for the numbers")
    args = parser.parse_args(argv)
    found = []
    for number in args.cases:
        with tempfile.TemporaryDirectory(prefix="dag-") as name:
            found.append(measure(Path(name) / "cohort", number))
    for size in found:
        print(f"\n{size['cases']} cases")
        for name, cost in size["plans"].items():
            told = f"{cost['jobs']:7d} jobs {cost['seconds']:7.1f} s {cost['processor']:7.1f} s CPU"
            print(f"  {name:40s} {told} {cost['megabytes']:6d} MB")
    if args.json:
        write_text(args.json, to_json(found) + "\n")


if __name__ == "__main__":
    run(main)
