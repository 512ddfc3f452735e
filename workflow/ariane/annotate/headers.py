"""The headers of two VCFs made one, so that their records may stand in one file."""

from __future__ import annotations

import re
from typing import Final

_DECLARED: Final = re.compile(rb"##(INFO|FORMAT|FILTER|ALT|contig)=<ID=([^,>]+)")
_TYPE: Final = re.compile(rb"\bType=(\w+)")
_NUMBER: Final = re.compile(rb"\bNumber=([^,>]+)")


def join_headers(first: bytes, second: bytes) -> bytes:
    """The first header with what the second declares beyond it.

    A tag that both declare in different ways takes the wider type (Integer, then Float, then
    String), since records are read as text; where the numbers of values differ, any number.
    The column line is the first one's.
    """
    lines = first.rstrip(b"\n").split(b"\n")
    places: dict[tuple[bytes, bytes], int] = {}
    for place, line in enumerate(lines):
        if found := _DECLARED.match(line):
            places.setdefault((found[1], found[2]), place)
    more: list[bytes] = []
    for line in second.rstrip(b"\n").split(b"\n"):
        found = _DECLARED.match(line)
        if found is None:
            continue
        at = places.get((found[1], found[2]))
        if at is None:
            more.append(line)
        elif found[1] in (b"INFO", b"FORMAT"):
            lines[at] = _wider(lines[at], line)
    return b"\n".join([*lines[:-1], *more, lines[-1]]) + b"\n"


def _wider(one: bytes, two: bytes) -> bytes:
    types = [found[1] for line in (one, two) if (found := _TYPE.search(line))]
    if len(types) != 2:
        return one
    order = (b"Flag", b"Integer", b"Float", b"Character", b"String")
    if types[0] != types[1] and b"Flag" not in types and all(kind in order for kind in types):
        widest = max(types, key=order.index)
        one = _TYPE.sub(b"Type=" + widest, one, count=1)
    numbers = [found[1] for line in (one, two) if (found := _NUMBER.search(line))]
    if len(numbers) == 2 and numbers[0] != numbers[1] and b"Flag" not in types:
        one = _NUMBER.sub(b"Number=.", one, count=1)
    return one
