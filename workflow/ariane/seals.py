"""A checksum inside each Parquet file that we write, so that damage is told and never read.

Parquet itself guards neither its footer nor, as most programs read it, its pages: a flipped bit can
change a value without a word. The CRC-32 of all other bytes stands in the file's own metadata, so
that a file and its checksum are renamed as one; any Parquet reader takes it for a remark.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ariane.model.errors import ArianeError

_KEY: Final = b"ariane.crc32"
_BLANK: Final = b"--------"
"""What stands in place of the checksum while it is computed."""
_BETWEEN: Final = 2
"""Bytes from the end of the key to the value: Thrift's type of the field, and its length."""
_MAGIC: Final = b"PAR1"
_CHUNK: Final = 1 << 20


@contextmanager
def sealed_writer(path: Path, schema: pa.Schema, **options: Any) -> Iterator[pq.ParquetWriter]:
    """A Parquet writer that leaves a file with its checksum.

    Args:
        path: the file.
        schema: of its rows.
        options: of :class:`pyarrow.parquet.ParquetWriter`.
    """
    # What was read from a sealed file carries its old checksum in the schema.
    with pq.ParquetWriter(path, schema.remove_metadata(), **options) as writer:
        writer.add_key_value_metadata({_KEY: _BLANK})
        yield writer
    with path.open("r+b") as handle:
        place = _place(handle)
        if place is None:  # a release of pyarrow that lays the footer out otherwise
            raise AssertionError(f"{path}: no place for the checksum")
        checksum = _checksum(handle, place)
        handle.seek(place)
        handle.write(checksum)


def verified(path: Path) -> Path:
    """See that a Parquet file is the one that was written, to the bit; gives its path.

    A file is read once in a process, unless it changes.

    Raises:
        ArianeError: it is damaged, or was not written by Ariane.
        FileNotFoundError: it is not there.
    """
    seen = path.stat()
    if not _whole(path, seen.st_size, seen.st_mtime_ns, seen.st_ino):
        raise ArianeError(
            f"{path}: damaged Parquet file: its checksum is not that of its content. Delete it and "
            "run again."
        )
    return path


@lru_cache(maxsize=4096)
def _whole(path: Path, _size: int, _time: int, _inode: int) -> bool:
    try:
        with path.open("rb") as handle:
            place = _place(handle)
            if place is None:
                return False
            expected = _checksum(handle, place)
            handle.seek(place)
            return handle.read(len(expected)) == expected
    except OSError:
        return False


def _place(handle: BinaryIO) -> int | None:
    """Where the checksum stands; None in what is no Parquet file, or one without."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(size - 8, 0))
    tail = handle.read(8)
    length = int.from_bytes(tail[:4], "little")
    if len(tail) < 8 or tail[4:] != _MAGIC or length + 8 > size:
        return None
    start = size - 8 - length
    handle.seek(start)
    footer = handle.read(length)
    found = footer.rfind(_KEY)
    if found < 0 or footer.count(_KEY) != 1:
        return None
    return start + found + len(_KEY) + _BETWEEN


def _checksum(handle: BinaryIO, place: int) -> bytes:
    """The checksum of a file, as written at that place, where blanks are counted instead."""
    value = 0
    handle.seek(0)
    left = place
    while left > 0 and (part := handle.read(min(_CHUNK, left))):
        value = zlib.crc32(part, value)
        left -= len(part)
    value = zlib.crc32(_BLANK, value)
    handle.seek(place + len(_BLANK))
    while part := handle.read(_CHUNK):
        value = zlib.crc32(part, value)
    return f"{value:08x}".encode()
