"""The floor of the house: reading and writing whole files so that nobody meets half of one."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from ariane import bounds, runs
from ariane.model.canonical import digest, to_json
from ariane.model.errors import ArianeError
from ariane.model.tables import Table
from ariane.seals import sealed_writer, verified

REPOSITORY = Path(__file__).resolve().parents[2]
"""The folder that holds ``resources/`` and ``scripts/``."""

RESOURCES = REPOSITORY / "resources"

_OTHERS: Final = 0o007


def keep_from_others(*folders: Path) -> None:
    """What this process and its children make from here on, only its owner and group may read.

    A colleague on the same cluster is no member of the team. What the user's own umask takes from
    the group stays taken.

    Args:
        folders: some that may have been made before; ours are closed to others as well.
    """
    os.umask(os.umask(0o077) | _OTHERS)
    for folder in folders:
        if folder.is_dir() and folder.stat().st_uid == os.geteuid():
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~_OTHERS)


def temporary_beside(path: Path) -> Path:
    """A name beside the target, unique to host, process and chance, so that the rename is atomic.

    The target's suffix is kept, for programs that choose a format by it.
    """
    return path.with_name(runs.temporary_name(path.stem, path.suffix))


def settle(temporary: Path, path: Path) -> None:
    """Make a finished temporary file durable under its final name.

    Raises:
        ArianeError: the program belongs to a run that another has followed.
    """
    with temporary.open("rb") as handle:
        os.fsync(handle.fileno())
    runs.followed()
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder, new or changed, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; on success it becomes ``path``, on failure it is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    try:
        yield temporary
        settle(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def staging(folder: Path, last: str) -> Iterator[Path]:
    """Yield an empty folder; on success its files replace those of ``folder``, one named last.

    On failure nothing of it remains, and ``folder`` is as it was.

    Args:
        folder: where the files go; made when absent.
        last: name of the file that vouches for the others.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = folder.parent / runs.temporary_name(folder.name)
    place.mkdir(mode=0o700)
    try:
        yield place
        runs.followed()
        folder.mkdir(exist_ok=True)
        (folder / last).unlink(missing_ok=True)
        for path in sorted(place.iterdir(), key=lambda p: (p.name == last, p.name)):
            settle(path, folder / path.name)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a whole UTF-8 file atomically."""
    write_bytes(path, content.encode())


SEAL: Final = "seal"
"""Key of a sealed JSON document for the checksum of all others."""


def sealed_json(content: Mapping[str, Any]) -> str:
    """A document as canonical JSON that tells its own checksum, for :func:`read_json`."""
    return to_json({**content, SEAL: digest(dict(content))}) + "\n"


def read_json(path: Path, maker: str = "the workflow that makes it") -> dict[str, Any]:
    """A document that a program of ours wrote, without its seal.

    One without a seal, of an earlier version, is taken as it is.

    Args:
        path: the file.
        maker: what to run where it is missing.

    Raises:
        ArianeError: it is missing, damaged, or no JSON object.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        seal = content.pop(SEAL, None)
        sound = seal is None or seal == digest(content)
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Run {maker}.") from None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise ArianeError(f"{path}: damaged. Delete it and run again.")
    return content


def write_checked(path: Path, content: str) -> None:
    """Write a text for people, and beside it its checksum as ``sha256sum --check`` reads it."""
    write_text(path, content)
    total = hashlib.sha256(content.encode()).hexdigest()
    write_text(_checksum(path), f"{total}  {path.name}\n")


def checked(path: Path) -> Path:
    """The file itself, once it is what :func:`write_checked` wrote; one without a checksum passes.

    Raises:
        ArianeError: it is missing or damaged.
    """
    try:
        beside = _checksum(path)
        sound = not beside.is_file() or beside.read_text("utf-8").split()[:1] == [sha256_of(path)]
    except FileNotFoundError:
        raise ArianeError(
            f"{path}: there is no such file. Run the workflow that makes it."
        ) from None
    except (OSError, ValueError):
        sound = False
    if not sound:
        raise ArianeError(f"{path}: damaged. Delete it and run again.")
    return path


def _checksum(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def file_at(path: Path) -> bool:
    """Whether a file lies at a path that somebody gave; no, too, where it cannot be asked.

    A name may be longer than the system takes, a folder closed to us: pathlib raises on these.
    """
    try:
        return path.is_file()
    except OSError:
        return False


def folder_at(path: Path) -> bool:
    """Whether a folder lies at a path that somebody gave, as :func:`file_at` asks for a file."""
    try:
        return path.is_dir()
    except OSError:
        return False


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sha256_of_all(paths: Sequence[Path]) -> str:
    """SHA-256 of one file; of several, that of their checksums in the order given."""
    if len(paths) == 1:
        return sha256_of(paths[0])
    return hashlib.sha256(" ".join(map(sha256_of, paths)).encode()).hexdigest()


def open_text(path: Path, most: int | None = None) -> TextIO:
    """Open a UTF-8 text file for reading, plain or gzip, told by its first bytes.

    Args:
        path: the file.
        most: bytes it may hold, for who reads it whole; lines are limited (:mod:`ariane.bounds`).
    """
    return io.TextIOWrapper(bounds.opened(path, most), encoding="utf-8")


def read_yaml(path: Path) -> Any:
    """A YAML document.

    Raises:
        ArianeError: the file is missing or is not YAML.
    """
    try:
        with open_text(path, most=bounds.YAML) as handle:
            text = handle.read()
        # A safe loader, and one that does not let a repeated key pass.
        return yaml.load(text, Loader=bounds.OneOfEachKey)  # noqa: S506
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Check the path.") from None
    except (OSError, EOFError, zlib.error) as problem:
        told = getattr(problem, "strerror", None) or "cut or damaged"
        raise ArianeError(f"{path}: {told}. Check the path.") from None
    except bounds.TwiceError as problem:
        number = problem.problem_mark.line + 1 if problem.problem_mark else 0
        raise ArianeError(f"{path}:{number}: {problem.problem}. Keep one.") from None
    except UnicodeDecodeError:
        raise ArianeError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from None
    except RecursionError:
        raise ArianeError(f"{path}: nested too deeply. Start from a shipped one.") from None
    except ValueError as problem:  # a date such as 2024-13-45, which YAML takes for one
        raise ArianeError(f"{path}: holds a value that is none ({problem}). Mend it.") from None
    except yaml.YAMLError as problem:
        where = getattr(problem, "problem_mark", None)
        line = f":{where.line + 1}" if where else ""
        raise ArianeError(f"{path}{line}: not a YAML document. Mend the syntax there.") from None


def write_table(
    path: Path, table: Table, rows: Iterable[Mapping[str, Any]], more: pa.Table | None = None
) -> None:
    """Write rows as Parquet, sorted, with exactly the table's columns and types.

    Args:
        path: the file.
        table: its columns and their order.
        rows: what it holds.
        more: further rows of the table, of other sort keys than the first: they become no objects.

    Raises:
        KeyError: a row lacks a column of the table.
    """
    ordered = sorted(rows, key=itemgetter(*table.sort))
    content = _arrow(table, ordered)
    if more is not None and len(more):
        content = in_order(pa.concat_tables([content, more]), table)
    write_arrow(path, content)


def in_order(content: pa.Table, table: Table) -> pa.Table:
    """Sorted by the table's sort columns; rows alike in these keep their order."""
    number = "number"  # Arrow's own sort is not stable
    by = [(name, "ascending") for name in (*table.sort, number)]
    numbered = content.append_column(number, pa.array(range(len(content))))
    return numbered.sort_by(by).drop_columns([number])


STREAMED_AT_ONCE = 20_000
"""Rows that :func:`write_stream` holds as Python values."""


def write_stream(path: Path, table: Table, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows of any number as Parquet, sorted, in bounded memory; gives their number.

    The rows are laid down as they come and sorted by DuckDB, which spills to a temporary folder
    beside the target. Rows that agree in the table's sort columns are ordered by all others, so
    that equal rows in any order give equal files.

    Raises:
        KeyError: a row lacks a column of the table.
    """
    iterator = iter(rows)
    held = list(islice(iterator, STREAMED_AT_ONCE))
    order = [*table.sort, *(name for name in table.columns if name not in table.sort)]
    if len(held) < STREAMED_AT_ONCE:
        content = _arrow(table, held)
        write_arrow(path, content.sort_by([(name, "ascending") for name in order]))
        return len(held)
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with tempfile.TemporaryDirectory(prefix="ariane-sort-") as scratch:
        loose = Path(scratch) / "loose.parquet"
        with pq.ParquetWriter(loose, table.schema, compression="zstd") as writer:
            while held:
                writer.write_table(_arrow(table, held))
                count += len(held)
                held = list(islice(iterator, STREAMED_AT_ONCE))
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": "600MB",
            "temp_directory": scratch,
        }
        with duckdb.connect(config=settings) as database, replacing(path) as temporary:
            database.read_parquet(str(loose)).create_view("loose")
            by = ", ".join(f'"{name}"' for name in order)
            sql = f"SELECT * FROM loose ORDER BY {by}"  # noqa: S608 (names from our schema)
            reader = database.sql(sql).to_arrow_reader(STREAMED_AT_ONCE)
            with sealed_writer(temporary, table.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_table(pa.Table.from_batches([batch]).cast(table.schema))
    return count


def _arrow(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    arrays = [
        pa.array(list(map(itemgetter(name), rows)), type=table.schema.field(name).type)
        for name in table.columns
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


ROWS_TOGETHER: Final = 131_072
"""Rows of a row group: who asks for a few cases of a shard reads only the groups that hold them."""


def write_arrow(path: Path, content: pa.Table) -> None:
    """Write an Arrow table as Parquet, atomically."""
    with (
        replacing(path) as temporary,
        sealed_writer(temporary, content.schema, compression="zstd") as writer,
    ):
        writer.write_table(content, row_group_size=ROWS_TOGETHER)


def read_table(path: Path, table: Table) -> list[dict[str, Any]]:
    """All rows of a Parquet file as dictionaries.

    Raises:
        ArianeError: the file is missing, damaged or has other columns.
    """
    return list(read_arrow(path, table).to_pylist())


def read_arrow(
    path: Path, table: Table, columns: Sequence[str] | None = None, filters: Any = None
) -> pa.Table:
    """A Parquet file as an Arrow table, whole or in part; its checksum is looked at first.

    Args:
        path: the file.
        table: what it holds.
        columns: those to read, unless all.
        filters: which rows to read, as :func:`pyarrow.parquet.read_table` takes them.

    Raises:
        ArianeError: the file is missing, damaged or has other columns.
    """
    try:
        names = pq.read_schema(verified(path)).names
        known = names == table.columns
        wanted = None if columns is None else list(columns)
        content = pq.read_table(path, columns=wanted, filters=filters) if known else None
    except FileNotFoundError:
        raise ArianeError(
            f"{path}: there is no such file. Run the workflow that makes it."
        ) from None
    except (pa.ArrowInvalid, OSError):
        raise ArianeError(f"{path}: damaged Parquet file. Delete it and run again.") from None
    if content is None:
        raise ArianeError(
            f"{path}: not a {table.name} table of this version of Ariane. Delete it and run again."
        )
    return content.replace_schema_metadata()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One database in memory per process: starting it takes six times as long as a question.

    It has one thread, as the rules say; what is asked is small, and threads only wait for it.
    """
    return duckdb.connect(config={"threads": 1})


def query(sql: str, **parquet: Path | pa.Table) -> list[dict[str, Any]]:
    """Ask DuckDB, in process, over Parquet files and Arrow tables under the names given.

    Raises:
        ArianeError: a file is missing or damaged.
    """
    with _database().cursor() as base:
        try:
            for name, source in parquet.items():
                held = base.read_parquet(str(source)) if isinstance(source, Path) else source
                base.register(name, held)
            answer = base.execute(sql)
            columns = [str(column[0]) for column in answer.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
        except duckdb.Error:
            held_by = ", ".join(str(p) for p in parquet.values() if isinstance(p, Path))
            raise ArianeError(
                f"{held_by}: missing or damaged Parquet file. Delete it and run again."
            ) from None
