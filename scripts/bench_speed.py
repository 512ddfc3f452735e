"""Time and memory of annotation on one core, beside the bare bcftools pipe on the same input.

The bare pipe is ``bcftools norm | csq | annotate``, of the same library, started in the same run on
the same core: it splits, aligns, gives consequences and looks one table up, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import pysam

from ariane.annotate import alleles, case, normalise, rows, sieve
from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.cli import run
from ariane.files import REPOSITORY, open_text
from bench_genome import RECORDS, SAMPLE, make_genome, make_reference
from bench_lossless import own_reference

EXOME: Final = "vcf/exome_hu82436A.GRCh38.vcf.gz"
GFF: Final = "reference/MANE_select.GRCh38.gff3.gz"
CLINVAR: Final = "variants/clinvar_20260226_grch38_16genes.vcf.gz"

_TOOL: Final = (
    "import sys, pysam.bcftools\n"
    "getattr(pysam.bcftools, sys.argv[1])(*sys.argv[2:], catch_stdout=False)\n"
)
_STAGES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("read and check the VCF", sieve.Sieve, "copy"),
    ("bcftools norm, writing and indexing the BCF", normalise, "bcftools"),
    ("genes of the GFF3", case, "read_genes"),
    ("read the BCF by columns", alleles.Records, "read"),
    ("bcftools csq near exons", rows, "consequences_alone"),
    ("haplotypes", rows, "read_haplotypes"),
    ("names and places near exons", rows, "look_near"),
    ("consequence and names near exons, csq included", rows.Rows, "_close"),
    ("rows far from exons", rows, "far_rows"),
    ("names in bulk", rows, "Bulk"),
    ("columns joined", rows.Rows, "_table"),
    ("Parquet", pq.ParquetWriter, "write_table"),
)


def speed(data: Path, work: Path, records: int, seed: int = 1, rounds: int = 3) -> dict[str, Any]:
    """Annotate the exome and a genome of that many records, each beside the bare pipe.

    Args:
        data: the real data.
        work: folder for the made genome, some 4 GB; what lies there is used again.
        records: records of the genome.
        seed: of its places.
        rounds: how often both are run, one after the other; the round in the middle is told, with
            the ratios of all.
    """
    work.mkdir(parents=True, exist_ok=True)
    gff = work / "genes.gff3"
    with open_text(data / GFF) as source:
        gff.write_text(source.read(), encoding="utf-8")
    table = _table(data / CLINVAR, work)
    own = work / "exome.fa"
    sample = own_reference(data / EXOME, own)[0][0]
    reference, genome = work / "reference.fa", work / f"genome.{records}.vcf.gz"
    if not reference.with_name("reference.fa.fai").exists():
        make_reference(data / "reference/GRCh38.lrg524.fa.gz", reference, seed)
    if not genome.exists():
        make_genome(data / EXOME, reference, genome, records, seed)
    found = {}
    for name, vcf, fasta, person in (
        ("exome", data / EXOME, own, sample),
        ("genome", genome, reference, SAMPLE),
    ):
        told = []
        for _ in range(rounds):
            bare = _bare(vcf, fasta, gff, table, work)
            ours = _ours(vcf, fasta, data / GFF, person, work)
            told.append(
                {
                    "bare": bare,
                    "ariane": ours,
                    "ratio_wall": round(ours["wall"] / bare["wall"], 2),
                    "ratio_cpu": round(ours["cpu"] / bare["cpu"], 2),
                }
            )
        told.sort(key=lambda row: row["ratio_wall"])
        found[name] = {**told[rounds // 2], "ratios": [row["ratio_wall"] for row in told]}
    return found


def _table(clinvar: Path, work: Path) -> Path:
    plain = work / "clinvar.tsv"
    rows_of = []
    with pysam.VariantFile(str(clinvar)) as vcf:
        for line in vcf:
            word = ",".join(line.info.get("CLNSIG", (".",)))
            rows_of.append(
                f"chr{line.chrom}\t{line.pos}\t{line.ref}\t{(line.alts or '.')[0]}\t{word}"
            )
    plain.write_text("\n".join(rows_of) + "\n", encoding="utf-8")
    packed = work / "clinvar.tsv.gz"
    pysam.tabix_compress(str(plain), str(packed), force=True)
    pysam.tabix_index(str(packed), seq_col=0, start_col=1, end_col=1, force=True)
    (work / "clinvar.header").write_text(
        '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="class">\n', encoding="utf-8"
    )
    return packed


def _one_core() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _bare(vcf: Path, fasta: Path, gff: Path, table: Path, work: Path) -> dict[str, float]:
    columns = "CHROM,POS,REF,ALT,INFO/CLNSIG"
    steps = [
        ["norm", "--no-version", "-m", "-any", "-f", str(fasta), "-Ou", str(vcf)],
        [
            "csq",
            *["--no-version", "-l", "-s", "-", "-v", "0"],
            "-f",
            str(fasta),
            "-g",
            str(gff),
            "-Ou",
            "-",
        ],
        [
            *("annotate", "--no-version", "-a", str(table), "-c", columns),
            *("-h", str(work / "clinvar.header"), "-Ob", "-o", str(work / "bare.bcf"), "-"),
        ],
    ]

    def pipe() -> None:
        running: list[subprocess.Popen[bytes]] = []
        for step in steps:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-c", _TOOL, *step],
                    stdin=running[-1].stdout if running else None,
                    stdout=subprocess.PIPE if step is not steps[-1] else None,
                    stderr=subprocess.DEVNULL,
                    preexec_fn=_one_core,
                )
            )
        if [process.wait() for process in running] != [0, 0, 0]:
            raise RuntimeError("the bare pipe failed")

    return _timed(pipe)


def _ours(vcf: Path, fasta: Path, gff: Path, sample: str, work: Path) -> dict[str, Any]:
    told = work / "stages.json"

    def annotate() -> None:
        subprocess.run(
            [
                *(sys.executable, __file__, "--one", str(vcf), str(fasta), str(gff), sample),
                *("--work", str(work), "--json", str(told)),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
            preexec_fn=_one_core,
        )

    found: dict[str, Any] = dict(_timed(annotate))
    return {**found, **json.loads(told.read_text(encoding="utf-8"))}


def _timed(work: Callable[[], None]) -> dict[str, float]:
    """Wall clock and processor seconds of the processes that ``work`` starts and waits for."""
    before, start = os.times(), time.monotonic()
    work()
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return {"wall": round(time.monotonic() - start, 1), "cpu": round(cpu, 1)}


def _one(vcf: Path, fasta: Path, gff: Path, sample: str, work: Path) -> dict[str, Any]:
    """Annotate once, in this process, with the time of each stage."""
    spent: dict[str, float] = {}
    for label, owner, name in _STAGES:
        _watch(owner, name, label, spent)
    outputs = Outputs(work / "ours.bcf", work / "ours.parquet", work / "ours.json")
    summary = annotate_case(Inputs("bench", vcf, {"P": sample}, fasta, gff), outputs)
    with Path("/proc/self/status").open(encoding="utf-8") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return {
        "records": summary["records"]["records"],
        "rows": summary["rows"],
        "peak_mb": round(peak / 1024),
        "stages": {label: round(seconds, 1) for label, seconds in spent.items()},
    }


def _watch(owner: Any, name: str, label: str, spent: dict[str, float]) -> None:
    plain = getattr(owner, name)

    def watched(*given: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return plain(*given, **named)
        finally:
            spent[label] = spent.get(label, 0.0) + time.process_time() - start

    setattr(owner, name, watched)


def render(found: dict[str, Any]) -> str:
    """The measures as lines."""
    lines = []
    for name, row in found.items():
        bare, ours = row["bare"], row["ariane"]
        lines.append(
            f"{name}: {ours['records']} records, {ours['wall']} s against {bare['wall']} s bare "
            f"(processor {ours['cpu']} and {bare['cpu']} s): ratio {row['ratio_wall']} by the "
            f"clock (rounds {', '.join(map(str, row['ratios']))}), {row['ratio_cpu']} by the "
            f"processor; peak {ours['peak_mb']} MB"
        )
        lines += [f"  {seconds:6.1f} s  {label}" for label, seconds in ours["stages"].items()]
    return "\n".join(lines)


def main(argv: Sequence[str]) -> None:
    """Measure, or annotate one file for the measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, default=Path("results/benchmarks/genome"))
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=4, metavar=("VCF", "FASTA", "GFF3", "SAMPLE"))
    args = parser.parse_args(argv)
    if args.one:
        vcf, fasta, gff, sample = args.one
        found = _one(Path(vcf), Path(fasta), Path(gff), sample, args.work)
    else:
        found = speed(args.data, args.work, args.records)
        print(render(found))
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(main)
