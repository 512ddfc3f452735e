"""ACMG criteria of one variant, each as an Evidence row in the class ledger.

Each family of criteria stands in a file of its own; here they meet, and one fact counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import Evidence
from ariane.phrases import say
from ariane.rank.asserted import own_records
from ariane.rank.class_row import Candidate, terms
from ariane.rank.cnv import with_copy_number
from ariane.rank.computational import predicted
from ariane.rank.population import curated, frequency, seen_in_health, shut_by_ba1
from ariane.rank.profile import Profile
from ariane.rank.pvs1 import pvs1
from ariane.rank.region import length_changed, spread
from ariane.rank.residue import hot_spot, same_residue, same_splice
from ariane.rank.structural import as_structural, population_view, reads_structural

__all__ = ["Candidate", "class_rows", "counted_once", "shut_by_ba1", "terms"]


def class_rows(candidate: Candidate, known: Knowledge, profile: Profile) -> list[Evidence]:
    """All criteria that speak of a variant, met or looked up in vain."""
    excepted = curated(candidate["variant"], known, profile)
    seen = population_view(candidate, known)
    by_frequency = list(frequency(candidate, seen, profile, excepted))
    if reads_structural(candidate, known):
        by_frequency = [as_structural(row, row.variant, known) for row in by_frequency]
    else:
        by_frequency += seen_in_health(candidate, known, profile, excepted)
    rows = counted_once(
        [
            *pvs1(candidate, known, profile),
            *same_residue(candidate, known, profile),
            *same_splice(candidate, known, profile),
            *hot_spot(candidate, known, profile),
            *length_changed(candidate, profile),
            *spread(candidate, known, profile),
            *predicted(candidate, known, profile),
            *by_frequency,
        ],
        profile,
    )
    return with_copy_number(candidate, rows, known, profile)


def counted_once(rows: Sequence[Evidence], profile: Profile) -> list[Evidence]:
    """Rows of one allele with twins suppressed: one fact, one row that counts.

    PVS1 takes PM4, and PP3 of splicing; of PP3 and PM1 together no more counts than the profile's
    bound (Pejaver and others, AJHG 2022), at the cost of PM1.
    """
    null = any(_is(row, "PVS1") and row.points > 0 for row in rows)
    told: list[Evidence] = []
    for row in rows:
        if null and _is(row, "PM4"):
            told.append(row.suppress(say("the loss already counts by PVS1")))
        elif null and _is(row, "PP3"):
            told.append(row.suppress(say("the loss of the splice site already counts by PVS1")))
        elif null and _is(row, "PM1", "PP2", "BP1", "BP4", "BP7"):
            told.append(row.suppress(say("of a null allele only PVS1 counts")))
        else:
            told.append(row)
    return _bounded(told, profile)


def _bounded(rows: Sequence[Evidence], profile: Profile) -> list[Evidence]:
    bound = profile.weigh(profile.missense.with_pm1)
    predicted_points = sum(row.points for row in rows if _is(row, "PP3"))
    reason = say("with PP3, which speaks of the same place, the bound of both is reached")
    kept: list[Evidence] = []
    for row in rows:
        if _is(row, "PM1") and row.points > 0 and predicted_points + row.points > bound:
            kept.append(row.suppress(reason))
        else:
            kept.append(row)
    return kept


def _is(row: Evidence, *criteria: str) -> bool:
    return row.code.partition("_")[0] in criteria


NEIGHBOURS: Final = ("PS1", "PM5")


def without_own_assertion(
    rows: Sequence[Evidence], variant: str, known: Knowledge
) -> list[Evidence]:
    """Class rows with PS1 and PM5 suppressed where they rest on a record that ASSERT counts."""
    records = own_records(variant, known)
    return [
        row.suppress(say("the same record counts as the assertion of this allele"))
        if _is(row, *NEIGHBOURS) and row.resource in ASSERTING and row.record in records
        else row
        for row in rows
    ]
