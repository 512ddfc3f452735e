"""Lay a release out as tables, once, so that every later step reads only what it looks up."""

from __future__ import annotations

import csv
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge import readers, tables
from ariane.knowledge.annotations import read_disease_terms
from ariane.knowledge.assertions import read_assertions
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import GeneNames, read_hgnc
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.hpo3_check import check_with_hpo3
from ariane.knowledge.release import Release
from ariane.knowledge.structural import read_dosage_regions, read_structural_frequencies
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.model.tables import Table

SUMMARY: Final = "summary.json"
DISEASE_TERMS: Final = "disease_terms.npz"


@dataclass(frozen=True)
class Prepared:
    """What was read from a release, before the asserted alleles have their consequence."""

    release: Release
    names: GeneNames
    assertions: list[dict[str, Any]]
    unknown_words: Mapping[str, int]


def read_release(release: Release) -> Prepared:
    """Read the names and assertions of a release.

    Raises:
        ArianeError: a file is not in the format that the manifest names.
    """
    genes = release.path("genes")
    names = GeneNames.of([])
    if genes:
        with _reading(release, "genes"):
            names = read_hgnc(genes)
    unknown: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    path = release.path("assertions")
    if path:
        resource = release.resources["assertions"]
        with _reading(release, "assertions"):
            rows = list(read_assertions(path, resource, names, contigs_of(release), unknown))
    return Prepared(release, names, rows, dict(sorted(unknown.items())))


def contigs_of(release: Release) -> Contigs:
    """The contigs of a release's reference, from its FASTA index."""
    reference = release.require("reference")
    return Contigs.of_index(reference.with_name(reference.name + ".fai"))


def write_prepared(
    prepared: Prepared, known_alleles: Iterable[Mapping[str, Any]], folder: Path
) -> None:
    """Write every table of a release, empty where it holds no such resource, then the summary.

    Args:
        prepared: what :func:`read_release` gave.
        known_alleles: rows of the ``known_alleles`` table, made from the asserted alleles by the
            room that knows consequences.
        folder: where the tables go; the summary is written last and marks the whole as complete.
    """
    release, names = prepared.release, prepared.names
    written: dict[str, int] = {}

    def put(table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        held = list(rows)
        files.write_table(folder / f"{table.name}.parquet", table, held)
        written[table.name] = len(held)

    put(tables.ASSERTIONS, prepared.assertions)
    put(tables.KNOWN_ALLELES, known_alleles)
    with _reading(release, "gene_disease"):
        put(tables.GENE_DISEASE, _gene_disease(release, names))
    put(
        tables.GENES,
        (
            {"gene": g.id, "symbol": g.symbol, "ncbi": g.ncbi, "former": "|".join(g.former)}
            for g in names.genes
        ),
    )
    contigs = contigs_of(release)
    readers_of: dict[Table, Callable[[Path], Iterable[Mapping[str, Any]]]] = {
        tables.FREQUENCIES: lambda path: readers.read_frequencies(path, contigs),
        tables.COVERAGE: lambda path: readers.read_coverage(path, contigs),
        tables.CONSTRAINT: lambda path: readers.read_constraint(path, names),
        tables.DOSAGE: lambda path: readers.read_dosage(path, names),
        tables.DOSAGE_REGIONS: lambda path: read_dosage_regions(path, contigs),
        tables.STRUCTURAL_COVERAGE: lambda path: readers.read_coverage(path, contigs),
        tables.STRUCTURAL_FREQUENCIES: lambda path: read_structural_frequencies(
            path, release.resources["structural_frequencies"].format, contigs
        ),
    }
    for table, read_table in readers_of.items():
        path = release.path(table.name)
        with _reading(release, table.name):
            put(table, read_table(path) if path else ())
    ontology, hpoa = release.path("hpo_ontology"), release.path("hpo_annotations")
    if ontology and hpoa:
        with _reading(release, "hpo_ontology"):
            read = load_obo(ontology)
            check_with_hpo3(ontology, hpoa, read)
        with _reading(release, "hpo_annotations"):
            read_disease_terms(hpoa, read).save(folder / DISEASE_TERMS)
    summary = {
        "release": release.name,
        "as_of": release.as_of.isoformat(),
        "rows": written,
        "present": sorted(release.resources),
        "unknown_words": dict(prepared.unknown_words),
    }
    files.write_text(folder / SUMMARY, to_json(summary) + "\n")


_STUMBLES: Final = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    RecursionError,
    EOFError,
    OSError,
    zlib.error,
    csv.Error,
)
"""What a reader raises over a file that is cut, damaged or of another format."""


@contextmanager
def _reading(release: Release, kind: str) -> Iterator[None]:
    """Turn what a reader stumbles over into words about the file."""
    try:
        yield
    except _STUMBLES as problem:
        raise ArianeError(
            f"{release.path(kind)}: not as the manifest says, {release.resources[kind].format} "
            f"({_in_words(problem)}). Check the file."
        ) from None


def _in_words(problem: Exception) -> str:
    if isinstance(problem, UnicodeDecodeError):
        return "it is not UTF-8 text"
    if isinstance(problem, (EOFError, OSError, zlib.error)):
        return "it is cut or damaged"
    if isinstance(problem, KeyError):
        return f"it has no column {problem}"
    return f"it holds what was not expected: {problem}"


def read_summary(folder: Path) -> dict[str, Any]:
    """What :func:`write_prepared` said of the tables in a folder."""
    loaded: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return loaded


def _gene_disease(release: Release, names: GeneNames) -> list[dict[str, Any]]:
    path, hpoa = release.path("gene_disease"), release.path("hpo_annotations")
    if not path:
        return []
    modes = readers.disease_modes(hpoa) if hpoa else {}
    titles = readers.disease_names(hpoa) if hpoa else {}
    return readers.read_gene_disease(path, names, modes, titles)
