"""Tab-separated files that people keep by hand: their header and cells, before any meaning."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from ariane.files import open_text
from ariane.model.errors import ArianeError, Fault

_MOST = 64 << 20
"""Bytes of a file kept by hand."""

Line = tuple[int, dict[str, str]]
"""A row with the number of its line."""


def read_lines(
    path: Path, columns: Sequence[str], optional: AbstractSet[str]
) -> tuple[list[Line], list[Fault]]:
    """Read the rows of a file and what is wrong with their form.

    Args:
        path: the file, UTF-8, with a header.
        columns: the columns it may have, in any order.
        optional: those that may be absent; their cells are then empty.

    Returns:
        Rows with all columns, cells stripped, empty lines left out; and the faults. A faulty header
        gives no rows.

    Raises:
        ArianeError: the file cannot be read as UTF-8 text.
    """
    try:
        with open_text(path, most=_MOST) as handle:
            text = handle.read().removeprefix("\ufeff")
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Check the path.") from None
    except PermissionError:
        raise ArianeError(f"{path}: you may not read it. Ask its owner.") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise ArianeError(f"{path}: cannot be read as UTF-8 text. Save it as UTF-8.") from None
    name = path.name
    # QUOTE_NONE: a quote in a comment is a quote; a stray one must not swallow later rows.
    rows = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows:
        return [], [Fault(name, "", "the file is empty", f"Begin with {', '.join(columns)}")]
    header = [cell.strip() for cell in rows[0]]
    known = ", ".join(columns)
    faults = [
        Fault(f"{name}:1", "", f"unknown column {c!r}", f"Use only {known}, separated by tabs")
        for c in header
        if c not in columns
    ]
    faults += [
        Fault(f"{name}:1", "", f"column {c!r} is given twice", "Keep one of them")
        for c in sorted({c for c in header if header.count(c) > 1})
    ]
    faults += [
        Fault(f"{name}:1", "", f"no column {c!r}", "Add it to the first line")
        for c in columns
        if c not in header and c not in optional
    ]
    if faults:
        return [], faults
    lines: list[Line] = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(c.strip() for c in cells[len(header) :]):
            advice = "Remove the tab inside a cell"
            faults.append(Fault(f"{name}:{number}", "", "more cells than columns", advice))
            continue
        cells = [c.strip() for c in cells] + [""] * (len(header) - len(cells))
        row = dict.fromkeys(columns, "") | dict(zip(header, cells, strict=False))
        lines.append((number, row))
    return lines, faults
