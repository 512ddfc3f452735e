"""What annotation is worth: names, consequences, records kept, time; each beside its goal."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import bench_consequences
import bench_hgvs
import bench_lossless
import bench_preannotated
import bench_speed
from ariane.cli import run
from ariane.files import REPOSITORY, write_text
from ariane.model.canonical import to_json
from bench_genome import RECORDS

log = logging.getLogger(__name__)

GOALS: Final[tuple[tuple[str, Callable[[dict[str, Any]], float], str, float], ...]] = (
    ("c. as published", lambda found: found["levels"]["c"]["rate"], "hgvs", 0.99),
    ("p. as published", lambda found: found["levels"]["p"]["rate"], "hgvs", 0.98),
    ("g. as CLNHGVS", lambda found: found["rate"], "genomic", 0.999),
    (
        "c. to g. to c.",
        lambda found: 1 - len(found["differences"]) / found["named"],
        "round_trip",
        1.0,
    ),
    ("most severe term as MC", lambda found: found["share"], "consequences", 0.99),
)
"""What is aimed at: the measure, its share in the results of a part, and the least share."""


def benchmark(
    data: Path, work: Path, records: int, count: int, seed: int, parts: Sequence[str]
) -> dict[str, Any]:
    """Run the parts asked for.

    Args:
        data: the real data.
        work: folder for the made genome.
        records: records of the genome.
        count: generated variants of the round trip.
        seed: of what is drawn.
        parts: names of parts.
    """
    todo: dict[str, Callable[[], dict[str, Any]]] = {
        "hgvs": lambda: bench_hgvs.hgvs_truth(data),
        "genomic": lambda: bench_hgvs.genomic_truth(data),
        "round_trip": lambda: bench_hgvs.round_trip(data, count, seed),
        "consequences": lambda: bench_consequences.consequence_truth(data),
        "preannotated": lambda: bench_preannotated.agreement(data),
        "lossless": lambda: bench_lossless.lossless(data),
        "speed": lambda: bench_speed.speed(data, work, records, seed),
    }
    found = {}
    for part in parts:
        log.info("%s ...", part)
        found[part] = todo[part]()
    return found


PARTS: Final = (
    *("hgvs", "genomic", "round_trip", "consequences", "preannotated", "lossless", "speed"),
)


def render(found: dict[str, Any]) -> str:
    """The table that a person reads."""
    lines = []
    for name, share_of, part, goal in GOALS:
        if part in found:
            share = share_of(found[part])
            mark = "reached" if share >= goal else "MISSED"
            lines.append(f"{name:28s} {share:.5f}   goal {goal:g}   {mark}")
    for name, row in found.get("lossless", {}).items():
        kept = "all kept" if row["equal"] else "LOST"
        lines.append(f"{name:44s} {row['records']} records, {row['out']} alleles out: {kept}")
    if "speed" in found:
        lines.append(bench_speed.render(found["speed"]))
    return "\n".join(lines)


def main(argv: list[str]) -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, default=Path("results/benchmarks/genome"))
    parser.add_argument("--records", type=int, default=RECORDS, help="of the made genome")
    parser.add_argument("--count", type=int, default=100_000, help="variants of the round trip")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args(argv)
    found = benchmark(args.data, args.work, args.records, args.count, args.seed, args.parts)
    print(render(found))
    if args.json:
        write_text(args.json, to_json(found) + "\n")


if __name__ == "__main__":
    run(main)
