"""Lay a release out as tables, once, so that every later step reads only what it looks up."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc

from ariane import files
from ariane.knowledge import in_house, readers, tables
from ariane.knowledge.annotations import read_disease_terms
from ariane.knowledge.assertions import BENIGN, PATHOGENIC
from ariane.knowledge.context import Context, contigs_of, names_of
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.hpo3_check import check_with_hpo3
from ariane.knowledge.kinds import ASSERTING, BY_NAME, KINDS
from ariane.knowledge.reading import READERS
from ariane.knowledge.release import Release
from ariane.knowledge.spectra import Tally
from ariane.model.errors import ArianeError
from ariane.model.tables import Table

SUMMARY: Final = "summary.json"
DISEASE_TERMS: Final = "disease_terms.npz"
ASSERTED_AT_ONCE: Final = 25_000
"""Asserted pathogenic alleles whose consequence is found in one go."""

__all__ = ["Prepared", "contigs_of", "read_release", "read_summary", "write_prepared"]


@dataclass(frozen=True)
class Prepared:
    """What was laid out of a release before the asserted alleles have their consequence."""

    release: Release
    context: Context
    folder: Path
    written: Mapping[str, int]
    """Rows by table."""
    unknown_by_resource: Mapping[str, int]
    """Records of each asserting kind whose word no table lists."""

    @property
    def unknown_words(self) -> dict[str, int]:
        """Words of assertions that no table lists, with how often they came."""
        return dict(sorted(self.context.unknown.items()))

    def classified(self) -> Iterator[list[dict[str, Any]]]:
        """Alleles asserted (likely) pathogenic or benign with the kind that says so, in batches.

        Each batch holds whole alleles, in the order of their keys.
        """
        # Imported here: it brings pandas along, half a second that every program would pay.
        import pyarrow.dataset as ds

        for kind in ASSERTING:
            path = self.folder / f"{kind}.parquet"
            scanner = ds.dataset(path).scanner(
                filter=pc.field("klass").isin(sorted(PATHOGENIC | BENIGN)),
                batch_size=ASSERTED_AT_ONCE,
            )
            held: list[dict[str, Any]] = []
            for batch in scanner.to_batches():
                for row in batch.to_pylist():
                    if len(held) >= ASSERTED_AT_ONCE and row["variant"] != held[-1]["variant"]:
                        yield held
                        held = []
                    held.append({**row, "resource": kind})
            if held:
                yield held


def read_release(release: Release, folder: Path) -> Prepared:
    """Read the names of a release and lay its assertions out.

    Raises:
        ArianeError: a file is not in the format that the manifest names.
    """
    with reading(release, "genes"):
        context = Context(names_of(release), contigs_of(release), release.require("reference"))
    written: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for kind in ASSERTING:
        before = context.unknown.total()
        written[kind] = _lay_out(release, kind, context, folder)
        unknown[kind] = context.unknown.total() - before
    return Prepared(release, context, folder, written, unknown)


def write_prepared(
    prepared: Prepared,
    known_alleles: Iterable[Mapping[str, Any]],
    proteins: Iterable[Mapping[str, Any]],
) -> None:
    """Write every other table of a release, empty where it holds no such resource, then the
    summary.

    Args:
        prepared: what :func:`read_release` gave; the tables go into its folder. The summary is
            written last and marks the whole as complete.
        known_alleles: rows of the ``known_alleles`` table, made from the asserted alleles by the
            room that knows consequences.
        proteins: rows of the ``proteins`` table, from the room that reads transcripts.
    """
    release, names, folder = prepared.release, prepared.context.names, prepared.folder
    written = dict(prepared.written)

    def put(table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        written[table.name] = files.write_stream(folder / f"{table.name}.parquet", table, rows)

    tally = Tally()
    put(tables.KNOWN_ALLELES, tally.counting(known_alleles))
    put(tables.SPECTRA, tally.rows())
    put(tables.PROTEINS, proteins)
    with reading(release, "gene_disease"):
        put(tables.GENE_DISEASE, _gene_disease(prepared))
    put(tables.ASSERTED_ELSEWHERE, _elsewhere(folder))
    put(
        tables.GENES,
        (
            {"gene": g.id, "symbol": g.symbol, "ncbi": g.ncbi, "former": "|".join(g.former)}
            for g in names.genes
        ),
    )
    for kind in KINDS:
        if kind.table is not None and kind.table.name not in written:
            written[kind.table.name] = _lay_out(release, kind.name, prepared.context, folder)
    path = release.path("in_house")
    put(tables.IN_HOUSE_FAMILIES, in_house.read_families(path) if path else ())
    ontology, hpoa = release.path("hpo_ontology"), release.path("hpo_annotations")
    if ontology and hpoa:
        with reading(release, "hpo_ontology"):
            read = load_obo(ontology)
            check_with_hpo3(ontology, hpoa, read)
        with reading(release, "hpo_annotations"):
            read_disease_terms(hpoa, read).save(folder / DISEASE_TERMS)
    summary = {
        "release": release.name,
        "as_of": release.as_of.isoformat(),
        "rows": written,
        "present": sorted(release.resources),
        "unknown_words": prepared.unknown_words,
        "unknown_by_resource": dict(prepared.unknown_by_resource),
    }
    files.write_text(folder / SUMMARY, files.sealed_json(summary))


def _elsewhere(folder: Path) -> list[dict[str, Any]]:
    """Rows of ``asserted_elsewhere``, from the tables of asserted alleles, genes and diseases.

    All assertions of such an allele are asked for its genes, whatever class they give: the
    laboratory may classify it and ClinVar alone name the gene.
    """
    asserting = {kind: folder / f"{kind}.parquet" for kind in ASSERTING}
    words = ", ".join(f"'{word}'" for word in sorted(PATHOGENIC))
    said = " UNION ALL ".join(
        f"SELECT variant, gene, klass IN ({words}) AS bad FROM {kind}"  # noqa: S608
        for kind in ASSERTING
    )
    return files.query(
        f"WITH said AS ({said}), "  # noqa: S608
        "pathogenic AS (SELECT DISTINCT variant FROM said WHERE bad), "
        "parts AS (SELECT variant, unnest(string_split(gene, '|')) AS gene "
        "FROM said SEMI JOIN pathogenic USING (variant)), "
        "of_disease AS (SELECT gene, min(symbol) AS symbol FROM diseases GROUP BY gene), "
        "named AS (SELECT DISTINCT gene, symbol, variant FROM parts JOIN of_disease USING (gene)) "
        "SELECT * FROM named ANTI JOIN placed USING (gene, variant) "
        "UNION ALL SELECT '' AS gene, '' AS symbol, variant FROM pathogenic "
        "ANTI JOIN placed USING (variant) ANTI JOIN named USING (variant) "
        "ORDER BY gene, variant",
        diseases=folder / f"{tables.GENE_DISEASE.name}.parquet",
        placed=folder / f"{tables.KNOWN_ALLELES.name}.parquet",
        **asserting,
    )


def _lay_out(release: Release, kind: str, context: Context, folder: Path) -> int:
    """Write the table of one kind as its reader gives it; gives the number of rows."""
    table, path = BY_NAME[kind].table, release.path(kind)
    if table is None:
        return 0
    resource = release.resources.get(kind)
    with reading(release, kind):
        rows = READERS[resource.format](path, resource, context) if resource and path else ()
        return files.write_stream(folder / f"{table.name}.parquet", table, rows)


_STUMBLES: Final = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    EOFError,
    OSError,
    zlib.error,
    csv.Error,
)
"""What a reader raises over a file that is cut, damaged or of another format."""


@contextmanager
def reading(release: Release, kind: str) -> Iterator[None]:
    """Turn what a reader stumbles over into words about the file."""
    try:
        yield
    except _STUMBLES as problem:
        if kind not in release.resources:
            raise
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
    return files.read_json(folder / SUMMARY)


def _gene_disease(prepared: Prepared) -> list[dict[str, Any]]:
    release = prepared.release
    path, hpoa = release.path("gene_disease"), release.path("hpo_annotations")
    if not path:
        return []
    modes = readers.disease_modes(hpoa) if hpoa else {}
    titles = readers.disease_names(hpoa) if hpoa else {}
    return readers.read_gene_disease(path, prepared.context.names, modes, titles)
