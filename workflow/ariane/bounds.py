"""Limits on what is read: neither a small file nor a single line may fill the memory or the day.

A packed file can unpack to a thousand times its size, and a line is held whole by whoever reads by
line. Everything that reads a text or unpacks goes through here; what is beyond the limits is
refused while it is read, so that memory stays small.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

import yaml

from ariane.model.errors import ArianeError

LINE: Final = 64 << 20
"""Bytes of a line. A record of 100,000 samples has some five million."""
FREE: Final = 1 << 30
"""Unpacked bytes to which no ratio is asked."""
RATIO: Final = 500
"""Most that a file may unpack to, as a multiple of its size, once :data:`FREE` is passed. Deflate
reaches 1,032; a table of a reference's coverage or a VCF of many samples some 10 to 100."""
_CHUNK: Final = 1 << 18


# A cell is bounded by its line; the 131,072 letters that csv takes by itself end in a csv.Error.
csv.field_size_limit(LINE)

DIGITS: Final = 18
"""Of a whole number in a file: it fits 64 bits. Python refuses to read one of more than 4,300."""


def whole(text: str) -> int | None:
    """The whole number that a file's text is; None for anything else, and beyond :data:`DIGITS`."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


class BeyondBounds(ArianeError):
    """A file that unpacks too far, or holds a line that is too long."""

    def __init__(self, where: str, what: str, advice: str) -> None:
        self.what, self.advice = what, advice
        super().__init__(f"{where}: {what}. {advice}.")


class _Guarded(io.RawIOBase):
    """A stream that counts what it gives."""

    def __init__(self, inner: IO[bytes], where: str, packed: int, most: int | None) -> None:
        self._inner, self._where, self._packed, self._most = inner, where, packed, most
        self._given = self._line = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._inner.read(len(buffer))
        count = len(data)
        buffer[:count] = data
        self._given += count
        last = data.rfind(b"\n")
        self._line = self._line + count if last < 0 else count - last - 1
        self._judge()
        return count

    def _judge(self) -> None:
        if self._most is not None:
            if self._given > self._most:
                what = f"more than {self._most >> 20} MiB, which no such file has"
                raise BeyondBounds(self._where, what, "Check that it is the right file")
        elif self._line > LINE:
            what = f"a line of more than {LINE >> 20} MiB"
            raise BeyondBounds(self._where, what, "Check that it is the right file")
        if self._packed and self._given > max(FREE, RATIO * self._packed):
            what = f"unpacks to more than {RATIO} times its size, as no real file does"
            raise BeyondBounds(self._where, what, "Get the file again from its maker")

    def close(self) -> None:
        self._inner.close()
        super().close()


def guarded(
    inner: IO[bytes], where: str | Path, packed: int = 0, most: int | None = None
) -> BinaryIO:
    """A stream that refuses to go beyond the limits; closing it closes the inner one.

    Args:
        inner: the stream, unpacked.
        where: what messages call the file.
        packed: bytes from which it is unpacked; 0 where it is not packed.
        most: bytes that it may hold, for who reads it whole; without it lines are limited.
    """
    raw = _Guarded(inner, str(where), packed, most)
    return cast(BinaryIO, io.BufferedReader(raw, _CHUNK))


def opened(path: Path, most: int | None = None) -> BinaryIO:
    """Open a file, plain or gzip as its first bytes say, within the limits.

    Args:
        path: the file.
        most: see :func:`guarded`.

    Raises:
        OSError: it cannot be opened. Reading may raise :class:`BeyondBounds`.
    """
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    if not packed:
        return guarded(path.open("rb"), path, most=most)
    inner = cast(IO[bytes], gzip.open(path, "rb"))  # noqa: SIM115 (closed by the stream)
    return guarded(inner, path, path.stat().st_size, most)


def refuse_bomb(members: list[zipfile.ZipInfo], packed: int, where: str, most: int) -> None:
    """See what a zip says that it unpacks to, before anything is unpacked.

    Python's reader gives no more of a member than this, so a zip that lies is cut, not obeyed.

    Args:
        members: of the zip.
        packed: bytes of the zip.
        where: what messages call it.
        most: bytes that its members may have, unpacked.

    Raises:
        BeyondBounds: they have more, or more than :data:`RATIO` times the bytes of the zip.
    """
    total = sum(member.file_size for member in members)
    if total > most or total > max(LINE, RATIO * packed):
        what = f"unpacks to {total >> 20} MiB, more than such a file has"
        raise BeyondBounds(where, what, "Get it again from its maker")


YAML: Final = 1 << 23
"""Bytes of a YAML document; the largest release's manifest has some thousand."""
_NODES: Final = 1_000_000
"""Values of a YAML document, aliases written out."""


class TwiceError(yaml.constructor.ConstructorError):
    """A key that stands twice in one mapping."""


class OneOfEachKey(yaml.SafeLoader):
    """YAML in which a repeated key is an error: of two values the first would be lost unsaid.

    Aliases count as what they stand for: a few lines of them can mean billions of values, which
    whoever walks through the document would meet one by one.
    """

    def __init__(self, stream: str) -> None:
        """Begin to count."""
        super().__init__(stream)
        self._nodes = 0
        self._behind: dict[str, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node as :class:`yaml.SafeLoader` makes it, unless they become too many."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        alias = isinstance(event, yaml.AliasEvent)
        before = self._nodes
        # What is not known yet holds itself, or does not exist, which the library tells.
        unknown = _NODES * (event.anchor in self.anchors)
        self._nodes += self._behind.get(event.anchor, unknown) if alias else 1
        if self._nodes > _NODES:
            found = f"stands for more than {_NODES} values"
            raise yaml.composer.ComposerError(None, None, found, event.start_mark)
        node = super().compose_node(parent, index)
        if not alias and event.anchor:
            self._behind[event.anchor] = self._nodes - before
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping as :class:`yaml.SafeLoader` makes it, with each key once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    found = f"key {key.value!r} stands twice"
                    raise TwiceError(None, None, found, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)
