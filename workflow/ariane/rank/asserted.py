"""ASSERT rows: what others say of this exact allele, with capped points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, Evidence, Ledger
from ariane.model.points import milli
from ariane.rank.constants import Constants


def named_pathogenic(variant: str, known: Knowledge) -> bool:
    """Whether any assertion names the allele pathogenic or likely pathogenic."""
    return any(record["klass"] in PATHOGENIC for record in known.assertions.get(variant, ()))


def assert_rows(variant: str, known: Knowledge, constants: Constants) -> list[Evidence]:
    """One row per assertion of the allele; only the best reviewed one counts.

    Several records of one allele often repeat the same observations, so they are one fact.
    """
    if not known.has("assertions"):
        return [_row(variant, 0, "no assertions are known in this release", NO_RESOURCE)]
    records = known.assertions.get(variant, ())
    if not records:
        return [_row(variant, 0, "nobody asserts anything of this allele", ABSENT)]
    ordered = sorted(records, key=lambda r: (-r["stars"], -abs(_points(r, constants)), r["record"]))
    return [
        _row(
            variant,
            _points(record, constants),
            _sentence(record),
            record["record"],
            "" if place == 0 else "another assertion of this allele is better reviewed",
        )
        for place, record in enumerate(ordered)
    ]


def _points(record: Mapping[str, Any], constants: Constants) -> int:
    by_stars: Sequence[float] = constants.assertions.get(record["klass"], (0.0,))
    return milli(by_stars[min(record["stars"], len(by_stars) - 1)])


def _sentence(record: Mapping[str, Any]) -> str:
    stars = f"{record['stars']} star" + ("" if record["stars"] == 1 else "s")
    conditions = f", for {record['conditions']}" if record["conditions"] else ""
    accession = f" (record {record['accession']})" if record["accession"] else ""
    return f"this allele is asserted {record['klass']} with {stars}{conditions}{accession}"


def _row(variant: str, points: int, sentence: str, record: str, suppressed: str = "") -> Evidence:
    return Evidence(
        variant=variant,
        ledger=Ledger.TRIAGE,
        code="ASSERT",
        points=0 if suppressed else points,
        sentence=sentence,
        resource="assertions",
        read_key=variant,
        record=record,
        suppressed=suppressed,
    )
