"""The tabix index of a remote file: which bytes hold a region, before any of them is fetched.

htslib reads remote files too. It is not used for this: it has no stall time-out, does not see that
the file changed between two requests, and has lost records without an error (samtools/htslib issues
1037 and 1851). With the index read here, every byte range is known beforehand and comes by the same
checked requests as any download, and the sum of what will pass through the line can be told.

Format: the tabix and SAM specifications (virtual offset: 48 bits of block, 16 bits within it).
"""

from __future__ import annotations

import gzip
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.bounds import opened
from ariane.model.errors import ArianeError

_MAGIC: Final = b"TBI\x01"
_INDEX: Final = 1 << 28
"""Bytes of an unpacked index; that of gnomAD's largest file has some three million."""
_META_BIN: Final = 37450
_LONGEST_BLOCK: Final = 1 << 16

Span = tuple[int, int]
"""Start and end in bases, 0-based and half open; or a span of virtual offsets."""


@dataclass(frozen=True)
class TabixIndex:
    """The index of one file."""

    columns: tuple[int, int]
    """Columns of contig and start, from 0."""
    zero_based: bool
    comment: str
    """What lines of the header begin with."""
    chunks: Mapping[str, Mapping[int, tuple[Span, ...]]]
    """Per contig, virtual offsets of each bin."""
    linear: Mapping[str, tuple[int, ...]]
    """Per contig, the first virtual offset that can overlap each 16 kb window."""

    @property
    def first(self) -> int:
        """Virtual offset of the first record: the header lies before it."""
        starts = [s for bins in self.chunks.values() for spans in bins.values() for s, _ in spans]
        return min(starts, default=0)

    def spans(self, contig: str, regions: Iterable[Span]) -> list[Span]:
        """Virtual offsets that hold every record overlapping some regions, joined and sorted.

        Args:
            contig: named as in the file.
            regions: 0-based, half open.
        """
        bins = self.chunks.get(contig, {})
        linear = self.linear.get(contig, ())
        found: set[Span] = set()
        for start, end in regions:
            window = start >> 14
            floor = linear[min(window, len(linear) - 1)] if linear else 0
            for number in _bins(start, end):
                found.update(span for span in bins.get(number, ()) if span[1] > floor)
        return _joined(found)


def read_tabix(path: Path) -> TabixIndex:
    """Read a ``.tbi`` file.

    Raises:
        ArianeError: it is no tabix index, or is cut.
    """
    try:
        with opened(path, most=_INDEX) as handle:
            raw = handle.read()
        return _parsed(raw)
    except (OSError, EOFError, zlib.error, struct.error, ValueError, UnicodeDecodeError):
        raise ArianeError(
            f"{path}: not a whole tabix index (.tbi). Fetch again; if it stays so, the publisher "
            "changed the form of the index."
        ) from None


def _parsed(raw: bytes) -> TabixIndex:
    if raw[:4] != _MAGIC:
        raise ValueError("magic")
    count, form, sequence, begin, _, meta, _, length = struct.unpack_from("<8i", raw, 4)
    names = raw[36 : 36 + length].split(b"\0")[:count]
    at = 36 + length
    chunks: dict[str, dict[int, tuple[Span, ...]]] = {}
    linear: dict[str, tuple[int, ...]] = {}
    for name in (n.decode() for n in names):
        bins: dict[int, tuple[Span, ...]] = {}
        (bin_count,) = struct.unpack_from("<i", raw, at)
        at += 4
        for _ in range(bin_count):
            number, chunk_count = struct.unpack_from("<Ii", raw, at)
            at += 8
            flat = struct.unpack_from(f"<{2 * chunk_count}Q", raw, at)
            at += 16 * chunk_count
            if number != _META_BIN:  # the bin of counts holds no offsets of records
                bins[number] = tuple(zip(flat[::2], flat[1::2], strict=True))
        (window_count,) = struct.unpack_from("<i", raw, at)
        at += 4
        linear[name] = struct.unpack_from(f"<{window_count}Q", raw, at)
        at += 8 * window_count
        chunks[name] = bins
    return TabixIndex(
        columns=(sequence - 1, begin - 1),
        zero_based=bool(form & 0x10000),
        comment=chr(meta),
        chunks=chunks,
        linear=linear,
    )


def _bins(start: int, end: int) -> Iterable[int]:
    """Numbers of the bins that may hold a record overlapping a region (SAM specification, 5.3)."""
    last = max(start, end - 1)
    yield 0
    for shift, offset in ((26, 1), (23, 9), (20, 73), (17, 585), (14, 4681)):
        yield from range(offset + (start >> shift), offset + (last >> shift) + 1)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans sorted; with less than a long block between them two are one, which asks once."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and (start >> 16) - (joined[-1][1] >> 16) <= _LONGEST_BLOCK:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def byte_range(span: Span) -> Span:
    """Bytes of the file that hold a span: its last block may be as long as a block can be."""
    start, end = span
    return start >> 16, (end >> 16) + (_LONGEST_BLOCK if end & 0xFFFF else 0)


def pieces(spans: Iterable[Span], index: TabixIndex, contig: str, size: int) -> list[Span]:
    """Spans cut where the linear index knows a record to begin, each about ``size`` bytes packed.

    Args:
        spans: virtual offsets, sorted.
        index: of the file.
        contig: of the spans.
        size: packed bytes of a piece.
    """
    marks = sorted({mark for mark in index.linear.get(contig, ()) if mark})
    cut: list[Span] = []
    for start, end in spans:
        for mark in marks[bisect_right(marks, start) : bisect_left(marks, end)]:
            if (mark >> 16) - (start >> 16) >= size:
                cut.append((start, mark))
                start = mark
        cut.append((start, end))
    return cut


def unpacked(raw: bytes, span: Span) -> bytes:
    """The text of a span.

    Args:
        raw: the file's bytes from the block in which the span starts.
        span: virtual offsets.

    Raises:
        ValueError: a block is damaged or the bytes end before the span does.
    """
    start, end = span
    first = start >> 16
    out: list[bytes] = []
    at = 0
    while at < len(raw) and first + at <= end >> 16:
        here = first + at
        if here == end >> 16 and not end & 0xFFFF:
            break
        if len(raw) - at < 18 or raw[at : at + 4] != b"\x1f\x8b\x08\x04":
            raise ValueError(f"damaged BGZF block at byte {here}")
        length = struct.unpack_from("<H", raw, at + 16)[0] + 1
        if at + length > len(raw):
            raise ValueError(f"BGZF block at byte {here} is cut")
        try:
            text = gzip.decompress(raw[at : at + length])  # compares the block's CRC
        except (OSError, EOFError, zlib.error):
            raise ValueError(f"damaged BGZF block at byte {here}") from None
        upper = end & 0xFFFF if here == end >> 16 else len(text)
        lower = start & 0xFFFF if here == first else 0
        if upper > len(text):
            raise ValueError(f"the index points behind the BGZF block at byte {here}")
        out.append(text[lower:upper])
        at += length
    if first + at < end >> 16 or (first + at == end >> 16 and end & 0xFFFF):
        raise ValueError("the bytes end before the region does")
    return b"".join(out)
