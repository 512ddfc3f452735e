"""Names made by columns are those that are made one by one."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from annotate_world import LENGTH, World

from ariane.annotate.genes import read_genes
from ariane.annotate.hgvs import Namer
from ariane.annotate.sequence import Reference


@pytest.mark.parametrize("seed", range(4))
def test_names_by_columns_are_the_names_one_by_one(world: World, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    records = []
    for contig in ("chr1", "chrX"):
        bases = world.bases if contig == "chr1" else None
        reference = Reference(world.reference)
        for pos in range(200, LENGTH - 60):
            size = rng.choice([1, 1, 1, 2, 3, 7, 12])
            ref = reference.bases(contig, pos, 1 + size).decode()
            if "N" in ref:
                continue
            inserted = rng.choice([ref[1:], "".join(rng.choice("ACGT") for _ in range(size))])
            other = next(b for b in "ACGT" if b != ref[0])
            shapes = [
                (ref[0], other),
                (ref, ref[0]),
                (ref[0], ref[0] + inserted),
                (ref, other + inserted + "A"),
            ]
            given, made = rng.choice(shapes)
            records.append(f"{contig} {pos} . {given} {made} . . . GT 0/1")
        assert bases is None or len(bases) == LENGTH
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, records))
    reference = Reference(world.reference)
    namer = Namer(reference)
    genes = read_genes(world.transcripts, reference.contigs.name)
    transcripts = {t.name: t for gene in genes.all for t in gene.transcripts}
    table = pq.read_table(tmp_path / "out" / "candidates.parquet").to_pylist()
    assert len(table) == len(rows) > 800
    introns = 0
    for row in table:
        at = (row["chrom"], row["pos"], row["ref"], row["alt"])
        assert row["hgvs_g"] == namer.genomic(*at)
        if row["transcript"]:
            names = namer.names(transcripts[row["transcript"]], *at)
            assert row["hgvs_c"] == names.c
            introns += row["tier"] == "elsewhere"
    assert introns > 50
