"""A shard's store: the candidates of its cases in one table, and what their evidence looks up."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ariane.files import replacing
from ariane.model.errors import ArianeError
from ariane.model.stretches import stretches_sql
from ariane.model.structural import BIN, OVERLAPPING, SMALL
from ariane.model.tables import CANDIDATES, READ_KEYS, Table
from ariane.seals import sealed_writer, verified

_ROWS_AT_ONCE = 50_000

_ANCHOR = (
    f"CASE WHEN kind IN ({', '.join(repr(kind) for kind in sorted(OVERLAPPING))}) "
    'THEN (pos + 1 + "end") // 2 ELSE pos END'
)
"""The place that stands for a structural variant: see :class:`ariane.model.structural.Spot`."""

_KEYS = f"""
    SELECT DISTINCT kind, key, "case", gene FROM (
        SELECT 'variant' AS kind, variant AS key, "case", gene FROM candidates
        UNION ALL
        SELECT 'codon', codon, "case", gene FROM candidates WHERE codon <> ''
        UNION ALL
        SELECT 'stretch', unnest({stretches_sql("codon")}), "case", gene
            FROM candidates WHERE codon <> ''
        UNION ALL
        SELECT 'gene', gene, "case", gene FROM candidates
        UNION ALL
        SELECT 'structural', kind || ':' || chrom || ':' || ({_ANCHOR} // {BIN}), "case", gene
            FROM candidates WHERE kind <> '{SMALL}'
        UNION ALL
        SELECT 'structural', kind || ':' || chrom, "case", gene
            FROM candidates WHERE kind IN ('DEL', 'DUP'))
"""  # noqa: S608 (constants of our own)


def build_store(sources: Sequence[Path], out_candidates: Path, out_read_keys: Path) -> None:
    """Join the candidates of a shard's cases and derive the read keys.

    Args:
        sources: one ``candidates.parquet`` per case, in any order; none gives empty tables.
        out_candidates: the shard's candidates, sorted by case and position.
        out_read_keys: one row per distinct (kind, key, case, gene).

    Raises:
        ArianeError: a file is missing, damaged, of another version, or a case comes twice.
    """
    for source in sources:
        _check_schema(source)
    out_candidates.parent.mkdir(parents=True, exist_ok=True)
    out_read_keys.parent.mkdir(parents=True, exist_ok=True)
    with (
        replacing(out_read_keys) as keys,
        replacing(out_candidates) as candidates,
        tempfile.TemporaryDirectory(prefix="ariane-store-") as scratch,
        duckdb.connect(config={"temp_directory": scratch, "threads": 1}) as database,
    ):
        if sources:
            names = sorted(str(source) for source in sources)
            database.read_parquet(names, filename=True).create_view("candidates")
            _check_cases(database)
        else:
            database.register("candidates", CANDIDATES.schema.empty_table())
        _write(database, "SELECT * FROM candidates", CANDIDATES, candidates)
        _write(database, _KEYS, READ_KEYS, keys)


def _check_schema(source: Path) -> None:
    try:
        schema = pq.read_schema(verified(source))
    except FileNotFoundError:
        raise ArianeError(f"{source}: there is no such file. Annotate the case first.") from None
    except (pa.ArrowInvalid, OSError):
        raise ArianeError(f"{source}: damaged Parquet file. Delete it and run again.") from None
    if schema.names != CANDIDATES.schema.names:
        raise ArianeError(
            f"{source}: not a candidates table of this version of Ariane. Delete it and run again."
        )


def _check_cases(database: duckdb.DuckDBPyConnection) -> None:
    twice = database.execute(
        'SELECT "case" FROM candidates GROUP BY "case" HAVING count(DISTINCT filename) > 1 '
        'ORDER BY "case"'
    ).fetchall()
    if twice:
        raise ArianeError(
            f"case {', '.join(row[0] for row in twice)}: candidates come from two files. "
            "Give each case once."
        )


def _write(database: duckdb.DuckDBPyConnection, query: str, table: Table, path: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in table.columns)
    order = ", ".join(f'"{name}"' for name in table.sort)
    reader = database.sql(
        f"SELECT {columns} FROM ({query}) ORDER BY {order}"  # noqa: S608 (names from our schema)
    ).to_arrow_reader(_ROWS_AT_ONCE)
    with sealed_writer(path, table.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch]).cast(table.schema))
