"""Which cases of a shard a cycle can have news of, and what is told of the others as before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ariane.files import read_arrow
from ariane.model.case import Case
from ariane.model.structural import spot_of
from ariane.model.tables import FLAGS
from ariane.rank.lift import leading
from ariane.rank.lift_table import LiftTable
from ariane.reanalyse.compare import EVERYWHERE
from ariane.reanalyse.effective import standing, touched_by
from ariane.reanalyse.policy import REVIEW

Row = dict[str, Any]

_LEADING = ["case", "hypothesis", "finding", "gene", "posterior", "rank"]


def cases_with_news(
    cases: Iterable[Case],
    earlier: Mapping[str, Case],
    current: Path,
    changes: Iterable[Mapping[str, Any]],
) -> frozenset[str] | None:
    """The cases of a shard whose state a delta can have changed; None for all.

    Where nothing changed that all rest on, these are the cases that the delta touched, and those
    that are not to the letter what they were: phenotype and standing of all others are carried
    forward (:func:`ariane.reanalyse.delta.delta_pass`).

    Args:
        cases: the shard's cases.
        earlier: the previous cycle's, by identifier.
        current: the shard's folder in this cycle.
        changes: the changes of the release.
    """
    if any(change["kind"] == EVERYWHERE for change in changes):
        return None
    touched = {case for case, _ in touched_by(current)}
    return frozenset(c.id for c in cases if c.id in touched or earlier.get(c.id) != c)


@dataclass(frozen=True)
class AsBefore:
    """What the previous cycle said would help a case, in the words of its periodic review."""

    lift: str
    look_for: str

    def in_words(self, _: str = "") -> str:
        """What the first leading finding lacks."""
        return self.lift

    def terms_in_words(self) -> str:
        """The terms to look for."""
        return self.look_for


def told_before(
    flags: Path,
    current: Path,
    news: Collection[str],
    changes: Iterable[Mapping[str, Any]],
    table: LiftTable,
) -> dict[str, AsBefore]:
    """What would help the cases without news, where the release says what it said of them.

    It rests on the case, its standing, the rows of its leading findings and what the release says
    of their alleles and genes. Cases of which the latter changed are left out.

    Args:
        flags: the shard's ``flags`` table of the previous cycle.
        current: the shard's folder in this cycle.
        news: cases with news.
        changes: the changes of the release.
        table: how many findings lead.
    """
    told = read_arrow(flags, FLAGS, ["case", "reason", "lift", "look_for"])
    reviews = told.filter(pc.equal(told["reason"], REVIEW)).to_pylist()
    asked = {row["case"] for row in reviews} - set(news)
    stands = standing(current, asked, _LEADING)
    likely = stands.filter(pc.greater_equal(stands["posterior"], pa.scalar(table.posterior)))
    rows: dict[str, list[Row]] = {}
    for row in likely.to_pylist():
        rows.setdefault(row["case"], []).append(row)
    moved = {change["key"] for change in changes}
    overlapping = any(change["kind"] == "structural" for change in changes)

    def as_it_was(case: str) -> bool:
        for finding in leading(rows.get(case, ()), table):
            gene, _, variants = finding.split("|")
            alleles = variants.split("+")
            if not moved.isdisjoint((gene, *alleles)):
                return False
            if overlapping and any(map(spot_of, alleles)):  # it reads more than its own key
                return False
        return True

    return {
        row["case"]: AsBefore(row["lift"], row["look_for"])
        for row in reviews
        if row["case"] in asked and as_it_was(row["case"])
    }
