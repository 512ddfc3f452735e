"""What whole runs cost a case as the cohort grows tenfold: time, memory, files, bytes; with plots.

The demo's cases are repeated under new names and run through both of its cycles by Snakemake. Up to
a size every step runs; above it what single cases are made into is copied from that run, for no
such step sees the cohort, and everything that does see it runs. Pages of flagged cases are made
where every step runs.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import math
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ariane.cli import run
from ariane.files import read_json, sealed_json, write_text
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from demo_folder import DEMO, FIRST, NEXT, command, configuration, lay_out
from fault_world import start
from reanalysis_speed_cohort import renamed
from scale_plot import growth_svg

SHARD: Final = 2500
"""Cases of a shard at most, as docs/scaling.md advises."""
OF_CASE: Final = {"annotate", "quality"}
"""Rules that work on one case."""

log = logging.getLogger(__name__)


@dataclass
class Size:
    """What a cohort of one size cost."""

    cases: int
    copied: bool
    """Whether the steps of single cases were copied."""
    wall: dict[str, float] = field(default_factory=dict)
    """Seconds of each cycle, Snakemake and all."""
    processor: dict[str, float] = field(default_factory=dict)
    """Seconds by rule, as Snakemake's benchmark files tell."""
    memory: dict[str, float] = field(default_factory=dict)
    """The most megabytes that a job of a rule held; of Snakemake itself under its own name."""
    files: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Plain values; also per case, where that is what grows."""
        apart = OF_CASE | {"snakemake"}
        shared = {rule: s for rule, s in self.processor.items() if rule not in apart}
        return {
            "cases": self.cases,
            "single_cases_copied": self.copied,
            "wall_seconds": self.wall,
            "ms_a_case": {
                "whole": round(1000 * sum(self.wall.values()) / self.cases, 2),
                "programs_that_see_the_cohort": round(1000 * sum(shared.values()) / self.cases, 2),
                "snakemake": round(1000 * self.processor["snakemake"] / self.cases, 2),
            },
            "processor_seconds": {k: round(v, 2) for k, v in sorted(self.processor.items())},
            "megabytes": {k: round(v, 1) for k, v in sorted(self.memory.items())},
            "files_a_case": {k: round(v / self.cases, 3) for k, v in sorted(self.files.items())},
            "bytes_a_case": {k: round(v / self.cases) for k, v in sorted(self.bytes.items())},
        }


def main(argv: Sequence[str]) -> None:
    """Run each size, print a line for it, write figures and plots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument("--whole", type=int, default=1000, help="largest of which all steps run")
    parser.add_argument("--repeat", type=int, default=18, help="how many of the demo's cases")
    parser.add_argument("--work", type=Path, help="folder for the runs")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--plots", type=Path, help="folder for the plots")
    args = parser.parse_args(argv)
    home = Path(tempfile.mkdtemp(prefix="scale-", dir=args.work))
    told: list[dict[str, Any]] = []
    try:
        model: Path | None = None
        for number in sorted(args.sizes):
            cohort = Cohort(home / str(number), number, args.repeat)
            cohort.lay_out()
            copied = number > args.whole
            if copied:
                if model is None:
                    raise ArianeError("No size up to --whole holds all repeated cases. Add one.")
                cohort.copy_single_cases(model)
            elif number >= args.repeat:
                model = cohort.folder
            size = cohort.measured(copied)
            told.append(size.told())
            log.info("%s", json.dumps(told[-1]["ms_a_case"] | {"cases": number}))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    made = {"sizes": told, "slopes": slopes(told)}
    for name, found in made["slopes"].items():
        print(f"slope {name} {' '.join(f'{value:.2f}' for value in found)}", flush=True)
    write_text(args.json, to_json(made) + "\n")
    if args.plots:
        for name, title in PLOTS.items():
            series = {part: [(s["cases"], s[name][part]) for s in told if part in s[name]]
                      for part in sorted({p for s in told for p in s[name]})}  # fmt: skip
            write_text(args.plots / f"scale_{name}.svg", growth_svg(title, series))


PLOTS: Final = {
    "ms_a_case": "milliseconds a case",
    "bytes_a_case": "bytes a case",
    "files_a_case": "files a case",
}


def slopes(told: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """How a cost grows from each size to the next: 1 where a case costs the same in both."""
    whole: dict[str, list[float]] = {}
    for part in ("programs_that_see_the_cohort", "snakemake"):
        whole[part] = [s["ms_a_case"][part] * s["cases"] for s in told]
    whole["bytes"] = [sum(s["bytes_a_case"].values()) * s["cases"] for s in told]
    whole["files"] = [sum(s["files_a_case"].values()) * s["cases"] for s in told]
    found: dict[str, list[float]] = {}
    for name, values in whole.items():
        found[name] = [
            round(math.log(after / before) / math.log(b["cases"] / a["cases"]), 3)
            for before, after, a, b in zip(values, values[1:], told, told[1:], strict=False)
        ]
    return found


@dataclass
class Cohort:
    """The demo's cases, repeated."""

    folder: Path
    number: int
    repeated: int
    """How many of the demo's cases are repeated."""

    def __post_init__(self) -> None:
        with (DEMO / "families.tsv").open(encoding="utf-8") as lines:
            self._models = list(csv.DictReader(lines, delimiter="\t"))[: self.repeated]

    def name(self, number: int) -> str:
        """Pseudonym of a case."""
        return f"SCALE-{number:06d}"

    def lay_out(self) -> None:
        """Write sheet, inputs, registry and the configurations."""
        self.folder.mkdir(parents=True)
        lay_out(self.folder)
        inputs = self.folder / "inputs"
        inputs.mkdir()
        rows = [self._row(number, inputs) for number in range(self.number)]
        sheet = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
        write_text(self.folder / "families.tsv", "\n".join(sheet) + "\n")
        registry = self.folder / "registry.csv"
        header = registry.read_bytes().splitlines(keepends=True)[0]
        width = header.count(b";")
        lines = [f"{self.name(n)};AnDDI-Rares".encode() + b";" * (width - 1) + b"\r\n"
                 for n in range(self.number)]  # fmt: skip
        registry.write_bytes(header + b"".join(lines))
        for cycle in (FIRST, NEXT):
            path = configuration(self.folder, cycle)
            config = yaml.safe_load(path.read_text(encoding="utf-8"))
            del config["decisions"]
            config |= {
                "families": "families.tsv",
                "shards": math.ceil(self.number / SHARD),
                "pages": "none",
            }
            path.write_text(yaml.safe_dump(config), encoding="utf-8")

    def _row(self, number: int, inputs: Path) -> dict[str, str]:
        model, name = self._models[number % len(self._models)], self.name(number)
        row = dict(model) | {"case_id": name}
        for column in ("vcf", "sv_vcf", "ped", "phenopacket"):
            if not model[column]:
                continue
            source = DEMO / model[column]
            target = inputs / source.name.replace(model["case_id"], name)
            content = source.read_bytes()
            if column in ("ped", "phenopacket"):
                content = content.replace(model["case_id"].encode(), name.encode())
            target.write_bytes(content)
            row[column] = f"inputs/{target.name}"
        row["proband"] = model["proband"].replace(model["case_id"], name)
        if row["status"] in ("solved", "solved_in_part", "refuted", "closed"):
            row["status"] = "impasse"  # who decided it is not repeated
        return row

    def copy_single_cases(self, model: Path) -> None:
        """Take what steps of single cases make from a smaller cohort, under the own names."""
        names = sorted(path.name for path in (model / "results" / "cases").iterdir())
        step = len(names) - len(names) % len(self._models)
        for number in range(self.number):
            there, here = self.name(number % step), self.name(number)
            source = model / "results" / "cases" / there
            target = self.folder / "results" / "cases" / here
            target.mkdir(parents=True)
            renamed(source / "candidates.parquet", target / "candidates.parquet", {there: here})
            for name in ("variants.bcf", "variants.bcf.csi"):
                shutil.copy(source / name, target / name)
            annotation, quality = "annotation.json", self.folder / "results" / "quality"
            _renamed(source / annotation, target / annotation, there, here)
            measures = model / "results" / "quality" / f"{there}.json"
            _renamed(measures, quality / f"{here}.json", there, here)

    def measured(self, copied: bool) -> Size:
        """Run both cycles and look at what they took and left."""
        size = Size(self.number, copied)
        snakemake = 0.0
        for cycle in (FIRST, NEXT):
            begin = time.monotonic()
            used = self._run(cycle)
            size.wall[cycle] = round(time.monotonic() - begin, 1)
            snakemake += used.ru_utime + used.ru_stime
            size.memory["any process"] = max(
                size.memory.get("any process", 0.0), used.ru_maxrss / 1000
            )
        jobs = 0.0
        for folder in (self.folder / "results" / "timings").iterdir():
            for path in folder.glob("*.tsv"):
                (row,) = csv.DictReader(path.open(encoding="utf-8"), delimiter="\t")
                seconds = _number(row["cpu_time"])
                size.processor[folder.name] = size.processor.get(folder.name, 0.0) + seconds
                most = max(size.memory.get(folder.name, 0.0), _number(row["max_rss"]))
                size.memory[folder.name] = most
                jobs += seconds
        size.processor["snakemake"] = max(0.0, snakemake - jobs)
        for part in ("results/cases", "results/quality", "results/store", "results/cycles",
                     "results/logs", "results/timings", "state", ".snakemake"):  # fmt: skip
            held = [p for p in (self.folder / part).rglob("*") if p.is_file()]
            size.files[part] = len(held)
            size.bytes[part] = sum(path.stat().st_size for path in held)
        return size

    def _run(self, cycle: str) -> Any:
        """Run a cycle; what it and all its jobs used of the processor.

        Raises:
            ArianeError: it failed.
        """
        words = [*command(self.folder, cycle), "--scheduler", "greedy"]
        process = start(words, self.folder)
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise ArianeError(f"{self.number} cases, cycle {cycle}: {said[-3000:]}")
        return used


def _renamed(source: Path, target: Path, old: str, new: str) -> None:
    content = to_json(read_json(source)).replace(old, new)
    write_text(target, sealed_json(json.loads(content)))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # a job that was over before it was looked at
        return 0.0


if __name__ == "__main__":
    run(main)
