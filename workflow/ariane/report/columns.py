"""Rows as columns of plain values, as compact as a page that holds ten thousand of them needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def packed(rows: Sequence[Row], names: Sequence[str] | None = None) -> dict[str, Any]:
    """Rows as ``rows``, their number, and ``columns`` by name.

    A column of text comes as its distinct ``values`` and an ``index`` into them; yes and no come as
    1 and 0, numbers as they are; what is not known is None.

    Args:
        rows: mappings that all hold the same names.
        names: the columns in order; those of the first row when not given.
    """
    wanted = names if names is not None else list(rows[0]) if rows else []
    return {
        "rows": len(rows),
        "columns": {name: _column([row[name] for row in rows]) for name in wanted},
    }


def _column(values: Sequence[Any]) -> Any:
    if all(isinstance(value, bool) for value in values):
        return [int(value) for value in values]
    if not any(isinstance(value, str) for value in values):
        return list(values)
    distinct = {value: n for n, value in enumerate(sorted(set(values)))}
    return {"values": list(distinct), "index": [distinct[value] for value in values]}
