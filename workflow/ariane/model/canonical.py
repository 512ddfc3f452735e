"""One way to write each value, so that equal content is equal bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

POSTERIOR_DIGITS = 6
"""Decimal places kept of a probability at export."""


def to_json(value: Any) -> str:
    """Compact JSON with sorted keys, no escaped letters, no NaN.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(value: Any) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the canonical JSON of a record."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()[:16]


def lines(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Rows as sorted canonical JSON lines."""
    return sorted(to_json(dict(row)) for row in rows)


def sha256_of_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of the sorted canonical export of a table: the identity of its content."""
    total = hashlib.sha256()
    for line in lines(rows):
        total.update(line.encode())
        total.update(b"\n")
    return total.hexdigest()


def shard_of(case_id: str, shards: int) -> int:
    """The shard a case lives in, fixed by its identifier alone.

    A new case reruns one shard; chunks of a list would rerun all.
    """
    return int(hashlib.sha256(case_id.encode()).hexdigest()[:8], 16) % shards


def shard_name(index: int, shards: int) -> str:
    """Name of a shard in paths: ``007-of-016``."""
    return f"{index:03d}-of-{shards:03d}"
