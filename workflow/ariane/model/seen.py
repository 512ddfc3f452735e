"""What a person saw of a finding: a hash of it, and its level, to hold later states against."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ariane.model.canonical import lines, to_json

SHOWN: Final = 12
"""Hexadecimal digits of a hash: short enough to be copied by hand."""

BACKGROUND: Final = "BACKGROUND"
"""Code of the row that drifts with fitted constants and gene constraint, not with the case."""

_STRENGTH: Final = re.compile(r"_(?:Supporting|Moderate|Strong|VeryStrong|StandAlone)$")

Row = Mapping[str, Any]


def seen_hash(finding: Row, rows: Iterable[Row]) -> str:
    """Hash of a finding as seen: its identity, class, points and ledger.

    Phenotype points, rank and posterior are left out: they drift with the rest of the case and the
    release, and nobody decides on them alone.

    Args:
        finding: a row of the ``findings`` table.
        rows: its rows of the ``ledger`` table, in any order.

    Returns:
        The first :data:`SHOWN` hexadecimal digits of a SHA-256 of canonical JSON, the same on every
        machine.
    """
    said = {
        "case": finding["case"],
        "finding": finding["finding"],
        "class": finding["acmg_class"],
        "class_points": finding["acmg_points"],
        "points": finding["local_points"],
        "ledger": list(lines(rows)),
    }
    return hashlib.sha256(to_json(said).encode()).hexdigest()[:SHOWN]


@dataclass(frozen=True)
class Level:
    """How much spoke for a finding, the background left aside."""

    points: int
    """Thousandths of a point, without the background and the phenotype."""
    kinds: frozenset[str]
    """Codes of evidence for it, without their strengths."""


def level_of(finding: Row, rows: Iterable[Row]) -> Level:
    """The level of a finding.

    Rows that are suppressed, or count for nothing or against the finding, are no kind of evidence
    for it: a criterion looked up in vain that is met later is new.

    Args:
        finding: a row of the ``findings`` table.
        rows: its rows of the ``ledger`` table.
    """
    rows = list(rows)
    drift = sum(row["points"] for row in rows if row["code"] == BACKGROUND)
    kinds = frozenset(
        _STRENGTH.sub("", row["code"])
        for row in rows
        if row["points"] > 0 and not row["suppressed"] and row["code"] != BACKGROUND
    )
    return Level(finding["local_points"] - drift, kinds)
