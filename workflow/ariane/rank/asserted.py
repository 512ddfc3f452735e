"""ASSERT rows: what others say of this exact allele, with capped points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ariane.knowledge.assertions import PATHOGENIC, voices
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, Evidence, Ledger
from ariane.model.points import milli
from ariane.phrases import say
from ariane.rank.constants import Constants


def named_pathogenic(variant: str, known: Knowledge) -> bool:
    """Whether any assertion names the allele pathogenic or likely pathogenic."""
    return any(record["klass"] in PATHOGENIC for record in known.assertions.get(variant, ()))


def own_records(variant: str, known: Knowledge) -> frozenset[str]:
    """Records that ASSERT hears of the allele: one may name further alleles (a haplotype, a
    protein change), and what it says counts once. A record without a name is of one allele."""
    said = known.assertions.get(variant, ())
    return frozenset(str(record["record"]) for record in said if record.get("accession"))


def assert_rows(variant: str, known: Knowledge, constants: Constants) -> list[Evidence]:
    """One row per assertion of the allele; only the one heard first counts.

    The laboratory's own classification is heard before all others, then the best reviewed. Several
    records of one allele often repeat the same observations, so they are one fact.
    """
    held = [kind for kind in ASSERTING if known.has(kind)]
    if not held:
        return [_row(variant, 0, say("no assertions are known in this release"), NO_RESOURCE)]
    records = known.assertions.get(variant, ())
    if not records:
        resource = "assertions" if "assertions" in held else held[0]
        sentence = say("nobody asserts anything of this allele")
        return [_row(variant, 0, sentence, ABSENT, resource=resource)]

    def order(record: Mapping[str, Any]) -> tuple[int, int, int, str, str]:
        weight = abs(_points(record, constants))
        place = voices()[record["resource"]].order
        return place, -record["stars"], -weight, record["resource"], record["record"]

    ordered = sorted(records, key=order)
    first = ordered[0]
    reason = (
        say("the laboratory's own classification is heard first")
        if voices()[first["resource"]].order < voices()["assertions"].order
        else say("another assertion of this allele is better reviewed")
    )
    return [
        _row(
            variant,
            _points(record, constants),
            _sentence(record),
            record["record"],
            "" if record is first else reason,
            resource=record["resource"],
        )
        for record in ordered
    ]


def _points(record: Mapping[str, Any], constants: Constants) -> int:
    by_stars: Sequence[float] = constants.assertions.get(record["klass"], (0.0,))
    return milli(by_stars[min(record["stars"], len(by_stars) - 1)])


def _sentence(record: Mapping[str, Any]) -> str:
    klass, stars = record["klass"], record["stars"]
    said = (
        say("this allele is asserted by the laboratory itself {klass}", klass=klass)
        if record["resource"] == "laboratory"
        else say("this allele is asserted {klass}", klass=klass)
    )
    if stars == 1:
        said = say("{said} with {stars} star", said=said, stars=stars)
    else:
        said = say("{said} with {stars} stars", said=said, stars=stars)
    if record["conditions"]:
        said = say("{said}, for {text}", said=said, text=record["conditions"])
    if record["accession"]:
        said = say("{said} (record {text})", said=said, text=record["accession"])
    return said


def _row(
    variant: str,
    points: int,
    sentence: str,
    record: str,
    suppressed: str = "",
    resource: str = "assertions",
) -> Evidence:
    return Evidence(
        variant=variant,
        ledger=Ledger.TRIAGE,
        code="ASSERT",
        points=0 if suppressed else points,
        sentence=sentence,
        resource=resource,
        read_key=variant,
        record=record,
        suppressed=suppressed,
    )
