"""How patient a download is: pauses, time-outs and limits, from a table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError

TABLE: Final = RESOURCES / "fetching.yaml"
VERSION: Final = 1


@dataclass(frozen=True)
class Patience:
    """Time-outs in seconds, sizes in bytes; see ``resources/fetching.yaml``."""

    pauses_seconds: tuple[float, ...]
    connect_seconds: float
    stall_seconds: float
    slow_bytes: float
    slow_seconds: float
    longest_retry_after_seconds: float
    redirects: int
    wrong_bodies: int
    report_seconds: float
    chunk_bytes: int
    disk_reserve_bytes: int
    slice_bytes: int
    stream_limit_bytes: int
    size_tolerance: float


def read_patience(path: Path = TABLE) -> Patience:
    """Read the table.

    Raises:
        ArianeError: the file is missing, of another version, or lacks a number; all told together.
    """
    raw = read_yaml(path)
    if not isinstance(raw, dict) or raw.get("version") != VERSION:
        raise ArianeError(f"{path}: not a table of patience of version {VERSION}. Copy {TABLE}.")
    names = [f.name for f in fields(Patience)]
    wrong = [
        f"{path}: '{name}' must be a number of at least 0. Mend it."
        for name in names
        if name != "pauses_seconds" and not _number(raw.get(name))
    ]
    pauses = raw.get("pauses_seconds")
    if not isinstance(pauses, list) or not all(map(_number, pauses)):
        wrong.append(f"{path}: 'pauses_seconds' must be a list of numbers. Mend it.")
    wrong += [
        f"{path}: '{name}' is unknown. Remove it."
        for name in raw
        if name not in (*names, "version")
    ]
    if wrong:
        raise ArianeError("\n".join(wrong))
    given: dict[str, Any] = {name: raw[name] for name in names}
    return Patience(**{**given, "pauses_seconds": tuple(raw["pauses_seconds"])})


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def amount(size: float) -> str:
    """Bytes for people, in decimal units: ``512 bytes``, ``1.5 MB``, ``2.0 GB``."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{int(size)} bytes"
