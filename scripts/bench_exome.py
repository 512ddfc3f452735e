"""Run the whole workflow on a real exome with spiked published cases; print where each ranks."""

from __future__ import annotations

import argparse
import logging
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pysam

from ariane.cli import run
from ariane.files import REPOSITORY, write_text
from ariane.knowledge.hpo import load_obo
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from exome_cases import choose, qualifying, read_published, read_regions
from exome_inputs import write_inputs
from exome_release import make_release
from exome_results import Results, check_alleles, summary
from exome_spike import Donors, Exome, read_exons
from exome_whole import rank_whole

log = logging.getLogger(__name__)

EXOME: Final = "exome_hu82436A.GRCh38.vcf.gz"
REGIONS: Final = "lrg524.bed"
_PROGRESS: Final = re.compile(r"\d+ of \d+ steps")


@dataclass
class Clock:
    """Wall-clock seconds of each step."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.monotonic)

    def lap(self, step: str) -> None:
        """The step that ends now."""
        now = time.monotonic()
        self.seconds[step] = round(now - self._since, 1)
        log.info("%s: %.1f s", step, self.seconds[step])
        self._since = now


def main(argv: list[str]) -> int:
    """Run the benchmark; status 1 when a causal gene is not annotated as its paper says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, default=Path("results/benchmarks/exome"))
    parser.add_argument("--cases", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", "--out", type=Path, help="where to write the results")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--pages", choices=("all", "none"), default="all")
    args = parser.parse_args(argv)
    if args.cases < 1:
        raise ArianeError("--cases must be at least 1.")
    found = benchmark(args.data, args.work, args.cases, args.seed, args.cores, args.pages, True)
    print(render(found))
    if args.json:
        write_text(args.json, to_json(found) + "\n")
    return 0 if all(row["fitting"] for row in found["cases"]) else 1


def benchmark(
    data: Path, work: Path, count: int, seed: int, cores: int, pages: str, full: bool = False
) -> dict[str, Any]:
    """Assemble the release, spike the cases, run the workflow, read what it found.

    Raises:
        ArianeError: data are missing, the folder holds another run, or the workflow failed.
    """
    _same_run(work, {"cases": count, "seed": seed, "pages": pages})
    work = work.resolve()
    clock = Clock()
    release = make_release(data, work / "releases")
    clock.lap("assemble the release")
    regions_file = data / "reference" / REGIONS
    regions = read_regions(regions_file)
    with pysam.FastaFile(str(release.require("reference"))) as bases:
        cases = qualifying(read_published(data), regions, bases)
        chosen = choose(cases, count, seed)
        clock.lap("read and choose cases")
        exome = Exome.read(data / "vcf" / EXOME)
        background = exome.within(regions)
        donors = Donors(exome, read_exons(release.require("transcripts")))
        ontology = load_obo(release.require("hpo_ontology"))
        # The sex is told by the whole exome; the regions hold too little of the X.
        spiked = write_inputs(
            chosen, background, donors, ontology, regions_file, work,
            sex=exome.sex, seed=seed, pages=pages,
        )  # fmt: skip
        clock.lap("spike and write inputs")
        run_workflow(work, cores)
        clock.lap("run the workflow")
        results = Results(work, bases)
        rows = results.rows(spiked)
        clock.lap("read the results")
        alleles, misfits = check_alleles(
            cases, exome, release.require("reference"), release.require("transcripts"),
            regions_file, bases, work / "alleles",
        )  # fmt: skip
        clock.lap("annotate every qualifying allele")
    whole = work / "whole"
    whole.mkdir(exist_ok=True)
    ranked = rank_whole(data / "vcf" / EXOME, release, "clingen", whole) if full else {}
    clock.lap("annotate and rank the whole exome")
    return {
        "release": release.name,
        "exome": {
            "file": EXOME,
            "sex": exome.sex,
            "share_of_x_heterozygous": round(exome.share_of_x_heterozygous, 4),
            "records": len(exome.records),
            "records_in_regions": len(background.records),
        },
        "seed": seed,
        "qualifying": {"cases": len(cases), "genes": len({case.gene for case in cases})},
        "cases": rows,
        "summary": summary(rows),
        "alleles": {"judged": alleles, "misfits": misfits},
        "whole_exome": ranked,
        "seconds": clock.seconds,
        "seconds_by_rule": results.seconds(),
    }


def run_workflow(work: Path, cores: int) -> str:
    """Run the repository's Snakefile in a working folder of its own; return what it said.

    Raises:
        ArianeError: it failed; the end of its output is told.
    """
    command = [
        *(sys.executable, "-m", "snakemake", "-s", str(REPOSITORY / "Snakefile")),
        *("--directory", str(work), "--configfile", str(work / "config.yaml")),
        *("--cores", str(cores), "--rerun-incomplete", "--show-failed-logs", "--quiet", "rules"),
    ]
    said: list[str] = []
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        for line in running.stdout or ():
            said.append(line)
            if _PROGRESS.match(line):
                log.info("%s", line.strip())
    if running.returncode:
        raise ArianeError(f"{work}: the workflow failed.\n{''.join(said)[-4000:]}")
    return "".join(said)


def _same_run(work: Path, asked: Mapping[str, Any]) -> None:
    mark, text = work / "benchmark.json", to_json(dict(asked)) + "\n"
    if mark.is_file() and mark.read_text(encoding="utf-8") != text:
        raise ArianeError(
            f"{work}: holds a run with other settings ({mark.read_text().strip()}). "
            "Delete the folder or name another with --work."
        )
    write_text(mark, text)


def render(found: Mapping[str, Any]) -> str:
    """The table for people."""
    head = (
        *("case", "gene", "zygosity", "published", "consequence found", "fits", "gene rank"),
        *("hyp. rank", "posterior", "none", "asserted", "paper", "terms"),
    )
    body = [head, *map(_cells, found["cases"])]
    widths = [max(len(line[i]) for line in body) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in body
    ]
    exome_ranked = found["whole_exome"]
    exome, alleles, qualifying_cases = found["exome"], found["alleles"], found["qualifying"]
    lines += [
        "",
        f"Exome {exome['file']}: {exome['sex']}; {exome['records_in_regions']} records in regions;",
        f"{exome['share_of_x_heterozygous']:.0%} of its passing calls on the X are heterozygous.",
        f"Release {found['release']}: it holds no allele frequencies. Not for interpretation.",
        "Ranks count ties as the worst. asserted: alleles that the release itself calls P or LP.",
        "paper: unseen when not among the references of the disease's HPO annotation.",
        "terms: observed, and dropped because the release's HPO does not hold them.",
        "",
        *_summary_lines(found["summary"]),
        "",
        f"All {qualifying_cases['cases']} qualifying cases, {qualifying_cases['genes']} genes:",
        f"{alleles['judged'] - len(alleles['misfits'])} of {alleles['judged']} alleles fit.",
        *(
            f"  {one['gene']} {one['published']}: {one['found'] or 'nothing'}, "
            f"not {one['expected']}"
            for one in alleles["misfits"]
        ),
        "",
        *(f"{row['case']} {row['gene']}: {row['explanation']}." for row in found["cases"]
          if row["explanation"]),
        "" if not exome_ranked else (
            f"The whole exome, {exome_ranked['records']} records: ranked in "
            f"{exome_ranked['seconds']} s once annotated."
        ),
        "Seconds: " + "; ".join(f"{step} {spent}" for step, spent in found["seconds"].items()),
        "Seconds by rule: "
        + "; ".join(f"{rule} {spent}" for rule, spent in found["seconds_by_rule"].items()),
    ]  # fmt: skip
    return "\n".join(lines)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return "-" if value is None else str(value)

    return (
        row["case"],
        row["gene"],
        row["zygosity"].replace("compound heterozygous", "compound"),
        " + ".join(row["published"]),
        " + ".join(words or "nothing" for words in row["found"]),
        "yes" if row["fitting"] else "NO",
        f"{number(row['gene_rank'])} of {row['genes_ranked']}",
        number(row["hypothesis_rank"]),
        "-" if row["posterior"] is None else f"{row['posterior']:.4f}",
        f"{row['posterior_none']:.4f}",
        f"{row['asserted']}/{len(row['variants'])}",
        "unseen" if row["unseen"] else "seen",
        f"{row['terms']['observed']}-{len(row['dropped_terms'])}",
    )


def _summary_lines(told: Mapping[str, Mapping[str, int]]) -> Sequence[str]:
    return [
        f"{name}: of {n['cases']} cases the gene is first in {n['top1']}, in the first three in "
        f"{n['top3']}, in the first ten in {n['top10']}; the exact hypothesis in {n['exact1']}, "
        f"{n['exact3']} and {n['exact10']}; {n['not ranked']} not ranked"
        for name, n in told.items()
    ]


if __name__ == "__main__":
    run(main)
