"""A row of the class ledger, and what every criterion reads of a candidate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ariane.model.evidence import Evidence, Ledger

Candidate = Mapping[str, Any]
"""A row of the ``candidates`` table."""

Record = Mapping[str, Any]
"""A row of the ``known_alleles`` table."""

_RESIDUE: Final = re.compile(r"p\.\(?[A-Z][a-z]{2}(\d+)")


def terms(candidate: Candidate) -> list[str]:
    """Sequence Ontology terms of a candidate, most severe first."""
    return str(candidate["consequence"]).split("&")


def residue_of(protein: str) -> int | None:
    """First residue that a protein's HGVS name tells, or None.

    >>> residue_of("p.(Lys3326Ter)")
    3326
    """
    found = _RESIDUE.match(protein)
    return int(found[1]) if found else None


def class_row(
    candidate: Candidate,
    code: str,
    points: int,
    sentence: str,
    *,
    resource: str,
    read_key: str,
    record: str,
    suppressed: str = "",
) -> Evidence:
    """One criterion of one allele; a suppressed one counts nothing."""
    return Evidence(
        variant=candidate["variant"],
        ledger=Ledger.CLASS,
        code=code,
        points=0 if suppressed else points,
        sentence=sentence,
        resource=resource,
        read_key=read_key,
        record=record,
        suppressed=suppressed,
    )


def other_alleles(candidate: Candidate, records: Iterable[Record]) -> list[Record]:
    """Known alleles but the candidate's own, whoever asserts it, each once by its best review."""
    best: dict[str, Record] = {}
    for record in records:
        if record["variant"] == candidate["variant"]:
            continue
        held = best.get(record["variant"])
        if held is None or record["stars"] > held["stars"]:
            best[record["variant"]] = record
    return [best[variant] for variant in sorted(best)]
