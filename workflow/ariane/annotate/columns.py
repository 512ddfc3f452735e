"""Questions asked of whole columns at once."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BASES: Final = pa.array(["A", "C", "G", "T"])
"""What nearly every REF and ALT is."""


def matching(column: pa.StringArray, common: pa.StringArray, pattern: str) -> Any:
    """Which texts match a pattern; those among the common ones, all of which match, at once."""
    found = _numpy(pc.is_in(column, value_set=common)).copy()
    rest = np.flatnonzero(~found)
    if len(rest):
        found[rest] = _numpy(pc.match_substring_regex(column.take(pa.array(rest)), pattern))
    return found


def is_symbolic(alt: pa.StringArray) -> Any:
    """Which ALT columns hold a symbolic allele or a breakend."""
    return ~matching(alt, BASES, r"^(\.|[^<>\[\].]*)$")


def touches(
    bounds: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]],
    low: np.ndarray[Any, Any],
    high: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """Which spans ``low..high`` touch one of the merged intervals given by starts and ends."""
    starts, ends = bounds
    if not len(starts):
        return np.zeros(len(low), dtype=bool)
    at = np.searchsorted(starts, high, side="right") - 1
    found: np.ndarray[Any, Any] = (at >= 0) & (ends[np.maximum(at, 0)] >= low)
    return found


def first_bytes(column: pa.StringArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The first byte of each text; an empty one's is meaningless."""
    _, ends, data = column.buffers()
    if data is None or not data.size:
        return np.zeros(len(column), dtype=np.uint8)
    starts = np.frombuffer(ends, dtype=np.int32)[column.offset : column.offset + len(column)]
    found: np.ndarray[Any, np.dtype[np.uint8]] = np.frombuffer(data, dtype=np.uint8)[
        np.minimum(starts, data.size - 1)
    ]
    return found


def write_text(column: pa.Array, target: BinaryIO) -> None:
    """Write the strings of a column one after the other."""
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        offsets = np.frombuffer(chunk.buffers()[1], dtype=np.int32)
        first, last = offsets[chunk.offset], offsets[chunk.offset + len(chunk)]
        target.write(memoryview(chunk.buffers()[2])[first:last])


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
