"""Make the demo cohort and its two releases from the tables in ``resources/demo/source``.

Invented sequence and persons; real gene symbols, diseases and HPO terms. The same tables give the
same content each time. See ``resources/demo/README.md``.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import tempfile
from pathlib import Path

from ariane.cli import run
from ariane.files import RESOURCES, read_yaml, write_bytes, write_text
from ariane.model.errors import ArianeError
from demo_cohort import decisions, expected, registry, write_cohort
from demo_files import read_tsv
from demo_genome import build
from demo_knowledge import write_releases
from demo_nomenclature import write_demo_pack
from demo_phenotypes import EDITIONS, Tables
from demo_structural import deletions
from demo_variants import Background, named

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Read the tables, draw the genome and its people, write everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=RESOURCES / "demo" / "source")
    parser.add_argument("--out", type=Path, default=RESOURCES / "demo")
    args = parser.parse_args(argv)
    make(args.source, args.out)


def make(source: Path, out: Path) -> None:
    """Make the demo.

    Args:
        source: the hand-written tables.
        out: where it goes; the releases, VCFs, pedigrees and phenopackets of an earlier run there
            are made anew.

    Raises:
        ArianeError: the releases folder holds something that this program did not make.
    """
    tables = Tables.read(source)
    family_book = read_yaml(source / "cases.yaml")
    papers = read_yaml(source / "papers.yaml")
    genome = build(tables.genes, tables.variants)
    placed = named(genome, tables.variants)
    variants = placed + Background(genome, placed, tables.variants).draw()
    log.info("%d genes, %d variants", len(genome.genes), len(variants))
    _clear(out)
    with tempfile.TemporaryDirectory() as work:
        write_releases(tables, genome, variants, out / "releases", Path(work))
    write_cohort(family_book["cases"], genome, variants, tables.labels(), out)
    write_text(out / "decisions.tsv", decisions(papers["decisions"], genome, variants))
    structural = deletions(family_book["cases"], genome).values()
    held_to = expected(read_tsv(source / "expected.tsv"), genome, variants, structural)
    write_text(out / "expected.tsv", held_to)
    write_demo_pack(source, out / "nomenclature.zip")
    write_bytes(out / "registry.csv", registry(papers["registry"]))
    log.info("%d families written to %s", len(family_book["cases"]), out)


def _clear(out: Path) -> None:
    releases = out / "releases"
    ours = {"files", *(edition.name for edition in EDITIONS)}
    if releases.is_dir() and not {path.name for path in releases.iterdir()} <= ours:
        raise ArianeError(
            f"{releases}: holds releases that are not the demo's. Choose another --out."
        )
    for folder in (releases, out / "vcf", out / "ped", out / "phenopackets"):
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    run(main)
