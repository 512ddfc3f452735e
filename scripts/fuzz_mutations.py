"""Damage that keeps a file's shape: cells, lines, nodes and members are changed, bytes seldom.

A random change of bytes is mostly refused at the door; what hurts a reader is a file that looks
right and holds one thing that nobody expected.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, Final

import yaml

NASTY: Final = (
    "",
    " ",
    ".",
    "..",
    "-",
    "0",
    "-1",
    "1e999",
    "nan",
    "-inf",
    "9" * 400,
    "9" * 5000,
    "99999999999999999999",
    "1.5",
    "٣",
    "²",
    "null",
    "None",
    "true",
    "NA",
    "../../etc/passwd",
    "/etc/passwd",
    "$(id)",
    "`id`",
    "; id #",
    "'",
    '"',
    "\\",
    "{}",
    "{wildcards}",
    "%s",
    "*",
    "|",
    ",",
    ":",
    ";",
    "=cmd|' /C calc'!A0",
    "<x>&amp;",
    "HP:0000001",
    "HP:9999999",
    "chrM",
    "N" * 300,
    "é",
    "\x00",
    "\ufeff",
    "\u202e",
    "\ud7ff",
    "\x1f\x8b",
    "\r",
    "2024-13-45",
    "0000-00-00",
    "2024-02-30",
    "!!python/object/apply:os.system [id]",
    "&a [*a]",
    "<DEL>",
    "<NON_REF>",
    "]1:5]A",
    "0/1/2/9",
    "A" * 70_000,
)
"""What a cell, a node or a scalar is replaced with."""

_ODD: Final[tuple[Any, ...]] = (None, True, 0, -1, 2**70, 1e308, [], {}, [[]], {"": None}, ["x"])
"""Values of other kinds, for formats that know kinds."""

Mutation = Callable[[random.Random, bytes], bytes]


def table(draw: random.Random, content: bytes) -> bytes:
    """Change lines and cells of a text, parted by whichever separator its line holds most."""
    lines = content.split(b"\n")
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        at = draw.randrange(len(lines)) if draw.random() < 0.8 else min(1, len(lines) - 1)
        line = lines[at]
        mark = max((b"\t", b";", b",", b" ", b"=", b":"), key=line.count)
        cells = line.split(mark)
        place = draw.randrange(len(cells))
        nasty = draw.choice(NASTY).encode("utf-8", "surrogatepass")
        kind = draw.randrange(9)
        if kind <= 2:
            cells[place] = nasty
        elif kind == 3:
            inner = max((b";", b",", b":", b"=", b"|", b"/"), key=cells[place].count)
            parts = cells[place].split(inner)
            parts[draw.randrange(len(parts))] = nasty
            cells[place] = inner.join(parts)
        elif kind == 4:
            del cells[place]
        elif kind == 5:
            cells.insert(place, nasty)
        elif kind == 6:
            other = draw.randrange(len(cells))
            cells[place], cells[other] = cells[other], cells[place]
        elif kind == 7:
            lines.insert(draw.randrange(len(lines) + 1), line)
            continue
        else:
            del lines[at]
            lines = lines or [b""]
            continue
        lines[at] = mark.join(cells)
    return b"\n".join(lines)


def bytes_of(draw: random.Random, content: bytes) -> bytes:
    """Flip, cut, repeat or insert bytes."""
    raw = bytearray(content or b"\0")
    for _ in range(draw.choice((1, 2, 8))):
        at = draw.randrange(len(raw)) if raw else 0
        kind = draw.randrange(5)
        if kind == 0 and raw:
            raw[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del raw[at:]
        elif kind == 2:
            del raw[at : at + draw.choice((1, 16, 200))]
        elif kind == 3:
            raw[at:at] = raw[at : at + draw.choice((1, 64, 500))] * draw.choice((1, 2, 50))
        else:
            raw[at:at] = draw.choice(NASTY).encode("utf-8", "surrogatepass")
    return bytes(raw)


def _nodes(value: Any) -> list[tuple[Any, Any]]:
    """Each holder in a tree with each key or index under it."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        keys: list[Any] = []
        if id(one) in seen:  # an alias of YAML may name a node many times, or its own holder
            continue
        if isinstance(one, dict | list):
            seen.add(id(one))
        if isinstance(one, dict):
            keys = list(one)
        elif isinstance(one, list):
            keys = list(range(len(one)))
        found += [(one, key) for key in keys]
        waiting += [one[key] for key in keys]
    return found


def _tree(draw: random.Random, value: Any) -> Any:
    for _ in range(draw.choice((1, 1, 2, 4))):
        nodes = _nodes(value)
        if not nodes:
            return draw.choice(_ODD)
        holder, key = draw.choice(nodes)
        kind = draw.randrange(6)
        if kind == 0:
            del holder[key]
        elif kind == 1:
            holder[key] = draw.choice(_ODD)
        elif kind == 2:
            holder[key] = [holder[key]]
        elif kind == 3 and isinstance(holder, dict):
            holder[draw.choice(NASTY[:60])] = holder.pop(key)
        else:
            holder[key] = draw.choice(NASTY)
    return value


def json_tree(draw: random.Random, content: bytes) -> bytes:
    """Change nodes of a JSON document; now and then nest it beyond reason."""
    if draw.random() < 0.05:
        depth = draw.choice((900, 20_000))
        return b'{"id":' + b"[" * depth + b"]" * depth + b"}"
    try:
        value = _tree(draw, json.loads(content))
        return json.dumps(value).encode()
    except (ValueError, RecursionError):
        return table(draw, content)


def yaml_tree(draw: random.Random, content: bytes) -> bytes:
    """Change nodes of a YAML document, or its text."""
    if draw.random() < 0.4:
        return table(draw, content)
    try:
        value = _tree(draw, yaml.safe_load(content))
        return yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "replace")
    except (yaml.YAMLError, ValueError, RecursionError):
        return table(draw, content)


def archive(draw: random.Random, content: bytes) -> bytes:
    """Change members of a zip: their text, their names, their number."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            members = [(i.filename, source.read(i)) for i in source.infolist()]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        return bytes_of(draw, content)
    if not members:
        return bytes_of(draw, content)
    at = draw.randrange(len(members))
    name, text = members[at]
    kind = draw.randrange(10)
    if kind == 0:
        members[at] = (draw.choice(("../" + name, "/" + name, name.upper(), "x")), text)
    elif kind == 1:
        del members[at]
    elif kind == 2:
        members[at] = (name, bytes_of(draw, text))
    else:
        members[at] = (name, markup(draw, text))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one, body in members:
            target.writestr(zipfile.ZipInfo(one), body)
    return out.getvalue()


def markup(draw: random.Random, content: bytes) -> bytes:
    """Change what stands between angle brackets and quotes."""
    mark = draw.choice((b"<", b">", b'"'))
    parts = content.split(mark)
    for _ in range(draw.choice((1, 1, 3))):
        at = draw.randrange(len(parts))
        kind = draw.randrange(4)
        if kind == 0:
            parts[at] = draw.choice(NASTY).encode("utf-8", "surrogatepass")
        elif kind == 1 and len(parts) > 1:
            del parts[at]
        elif kind == 2:
            parts.insert(at, parts[draw.randrange(len(parts))])
        else:
            parts[at] = parts[at][::-1]
    return mark.join(parts)


def packed(inner: Mutation) -> Mutation:
    """The same damage under gzip; now and then to the packed bytes themselves."""

    def mutate(draw: random.Random, content: bytes) -> bytes:
        try:
            plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        except (OSError, EOFError, zlib.error):
            return bytes_of(draw, content)
        chance = draw.random()
        if chance < 0.1:
            return bytes_of(draw, content)
        changed = inner(draw, plain)
        return gzip.compress(changed, 1, mtime=0) if chance < 0.3 else changed

    return mutate


def mostly(inner: Mutation) -> Mutation:
    """The structured damage nine times in ten, else that of bytes."""

    def mutate(draw: random.Random, content: bytes) -> bytes:
        return (inner if draw.random() < 0.9 else bytes_of)(draw, content)

    return mutate
