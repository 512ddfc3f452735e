"""What one release says of structural variants that another did not, by read key.

A record has no key of its own, for it is read by likeness: it changes every stretch in which a
variant that matches it may stand. Both sides' records of a stretch are told in one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.structural import keys_of, load_limits
from ariane.model.tables import Table
from ariane.phrases import say

_NAMED: Final = 5
"""How many records a row names."""


def structural_changes(old: Path, new: Path) -> Iterator[dict[str, Any]]:
    """Rows of the ``changes`` table for structural frequencies and dosage regions.

    Args:
        old: folder of the earlier prepared release.
        new: folder of the later one.
    """
    limits = load_limits()
    frequencies = _by_key(
        old, new, tables.STRUCTURAL_FREQUENCIES, lambda record: keys_of(record, limits)
    )
    yield from _told(frequencies, "structural_frequencies", _frequency)
    regions = _by_key(
        old,
        new,
        tables.DOSAGE_REGIONS,
        lambda record: (f"{kind}:{record['chrom']}" for kind in ("DEL", "DUP")),
    )
    yield from _told(regions, "dosage_regions", _region)


_Sides = tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]


def _by_key(old: Path, new: Path, table: Table, keys: Any) -> dict[str, _Sides]:
    one, two = (folder / f"{table.name}.parquet" for folder in (old, new))
    found: dict[str, _Sides] = {}
    for side, (kept, gone) in enumerate((("old", "new"), ("new", "old"))):
        sql = f"SELECT * FROM {kept} EXCEPT ALL SELECT * FROM {gone}"  # noqa: S608
        for record in files.query(sql, old=one, new=two):
            for key in keys(record):
                found.setdefault(key, ([], []))[side].append(record)
    return found


def _told(held: Mapping[str, _Sides], resource: str, word: Any) -> Iterator[dict[str, Any]]:
    for key in sorted(held):
        was, now = (_joined(sorted(map(word, side))) for side in held[key])
        change = "new" if not held[key][0] else "removed" if not held[key][1] else "changed"
        yield {
            "resource": resource,
            "kind": "structural",
            "key": key,
            "change": change,
            "old": was,
            "new": now,
            "sentence": say(
                "{text} of the stretch {key} went from {old} to {new}",
                text=resource.replace("_", " "),
                key=key,
                old=was or "absent",
                new=now or "absent",
            ),
        }


def _joined(told: list[str]) -> str:
    more = [f"and {len(told) - _NAMED} more"] if len(told) > _NAMED else []
    return "; ".join([*told[:_NAMED], *more])


def _frequency(record: Mapping[str, Any]) -> str:
    place = f"{record['chrom']}:{record['start']}-{record['end']}"
    if record["chrom2"]:
        place = f"{record['chrom']}:{record['start']} to {record['chrom2']}:{record['pos2']}"
    return f"{record['kind']} {place} {record['af']:.6g}"


def _region(record: Mapping[str, Any]) -> str:
    scores = f"{record['haploinsufficiency']}, {record['triplosensitivity']}"
    return f"{record['region']} {record['name']} ({scores})"
