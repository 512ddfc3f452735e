"""A small world of real data, in the formats of the whole, for smoke runs of benchmarks."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from ariane.files import REPOSITORY

DATA = REPOSITORY.parent / "shared" / "data"
GFF = "MANE_select.GRCh38.gff3.gz"
FROM, TO = "2024-03-06", "2025-01-16"
BEFORE, AFTER = "2024-02/04", "2024-10"
NEEDED = (
    DATA / "cases" / "phenopackets.jsonl.gz",
    DATA / "hpo" / FROM,
    DATA / "hpo" / TO,
    DATA / "variants" / "vkgl_releases.tsv.gz",
    DATA / "backgrounds" / "persons.tsv.gz",
)


def small_options(folder: Path) -> list[str]:
    """What a benchmark is told to run on the small world, which is made in a folder."""
    for path in NEEDED:
        if not path.exists():
            pytest.skip(f"{path} is absent")
    named = [f"--{name}={path}" for name, path in _small_world(folder).items()]
    return [*named, f"--assert-from={BEFORE}", f"--assert-to={AFTER}"]


@cache
def _drawn(text: str, share: int) -> bool:
    return int(sha256(text.encode()).hexdigest()[:8], 16) % share == 0


def _some_lines(source: Path, target: Path, keep: Callable[[str], bool]) -> None:
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        target.write_text("".join(line for line in lines if keep(line)), encoding="utf-8")


def _small_world(folder: Path) -> dict[str, Path]:
    """Some cases and diseases, a few persons and asserted alleles, in the formats of the whole."""
    cases, first, second, classes, persons = NEEDED
    made = {
        "cases": folder / "cases.jsonl",
        "hpo-from": folder / FROM,
        "hpo-to": folder / TO,
        "assertions": folder / "classes.tsv",
        "backgrounds": folder / "persons.tsv",
        "data": folder / "data",
    }
    with gzip.open(cases, "rt", encoding="utf-8") as lines:
        held = [(line, json.loads(line)) for line in lines]
    of = [p["interpretations"][0]["diagnosis"]["disease"]["id"] for _, p in held]
    chosen = {disease for disease in of if _drawn(disease, 6)}
    text = "".join(line for (line, _), disease in zip(held, of, strict=True) if disease in chosen)
    made["cases"].write_text(text, encoding="utf-8")
    for source, target in ((first, made["hpo-from"]), (second, made["hpo-to"])):
        target.mkdir()
        (target / "hp.obo.gz").symlink_to(source / "hp.obo.gz")
        for name, column in (("phenotype.hpoa", 0), ("phenotype_to_genes.txt", 4)):

            def kept(line: str, column: int = column) -> bool:
                fields = line.rstrip("\n").split("\t")
                if len(fields) <= column or ":" not in fields[column] or fields[0][0] == "#":
                    return True
                return fields[column] in chosen or _drawn(fields[column], 8)

            _some_lines(source / f"{name}.gz", target / name, kept)
    with gzip.open(classes, "rt", encoding="utf-8") as lines:
        columns = next(csv.reader(lines, delimiter="\t"))
    was, now = columns.index(BEFORE), columns.index(AFTER)

    def told(line: str) -> bool:
        fields = line.rstrip("\n").split("\t")
        if fields[0] == "chrom":
            return True
        moved = fields[was] != fields[now] and "LP" in (fields[was], fields[now])
        return moved or _drawn(line, 40)

    _some_lines(classes, made["assertions"], told)
    genes = {p["interpretations"][0]["diagnosis"]["genomicInterpretations"][0]
             ["variantInterpretation"]["variationDescriptor"]["geneContext"]["symbol"]
             for (_, p), disease in zip(held, of, strict=True) if disease in chosen}  # fmt: skip
    _small_data(made["data"], genes)
    _some_lines(persons, made["backgrounds"], lambda line: line[:5] < "P0030" or line[0] == "p")
    return made


def _small_data(folder: Path, genes: set[str]) -> None:
    """The real data with the transcripts of some genes: reading all of them takes the most time."""
    (folder / "reference").mkdir(parents=True)
    (folder / "genes").symlink_to(DATA / "genes")
    for path in (DATA / "reference").iterdir():
        if path.name != GFF:
            (folder / "reference" / path.name).symlink_to(path)
    taken = True

    def kept(line: str) -> bool:
        nonlocal taken
        fields = line.split("\t")
        if len(fields) > 8 and fields[2] == "gene":
            symbol = fields[8].partition("Name=")[2].split(";")[0].strip()
            taken = symbol in genes or _drawn(symbol, 6)
        return taken

    with (
        gzip.open(DATA / "reference" / GFF, "rt", encoding="utf-8") as lines,
        gzip.open(folder / "reference" / GFF, "wt", compresslevel=1) as out,
    ):
        out.writelines(line for line in lines if kept(line))
