"""The observatory of errance and impasse: indicators by filière, region, site and year.

Every record is counted once in each dimension. Counts of one to below the threshold are left out,
with all that would give them away; what no record tells is said to be missing.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ariane.model.errors import ArianeError
from ariane.registry.documents import Context, Document
from ariane.registry.indicators import (
    CASES,
    COUNTED,
    DURATIONS,
    FLAGS,
    OVERDUE,
    STATES,
    UNDATED,
    Tally,
    inclusions,
)
from ariane.registry.record import CaseRecord
from ariane.registry.suppression import Publication, Sum, suppressed, told_small
from ariane.registry.survival import quantile
from ariane.safe import cell, tsv

NAME: Final = "observatory.tsv"
KEY: Final = "observatory"
"""The block of the configuration's ``exports``."""

COLUMNS: Final = ("dimension", "stratum", "indicator", "value", "unit", "note")

THRESHOLD: Final = 11
"""Default: counts from 1 to 10 are left out, as is usual with French health data."""

LEAST: Final = 5
"""A lower threshold is refused. Our choice."""

SUPPRESSED: Final = "suppressed"
MISSING: Final = "missing: no record holds the dates"
NOT_REACHED: Final = "not reached"

NOT_TOLD: Final = "not told"
"""The stratum of records that do not say theirs."""

ALL: Final = "all"
DIMENSIONS: Final = ("filiere", "region", "site", "period")
TOTAL: Final = (ALL, ALL)

QUANTILES: Final = {"q1": 0.25, "median": 0.5, "q3": 0.75}
DAYS_OF_MONTH: Final = 30.4375

SHARES: Final = (
    ("reanalysis_yield", "solved_after_impasse", "impasse_ever"),
    ("reanalysis_flagged_share", "reanalysis_flagged", CASES),
    ("phenotype_completeness", "with_phenotype", CASES),
)
"""Shares of counts that are both published: they say nothing more."""

_WORTH: Final = {ALL: 1000, "region": 3}
"""How dear the numbers of a dimension are to readers: a total is given up last."""

Place = tuple[str, str]
"""Dimension and stratum."""

Cell = tuple[str, str, str]
"""Dimension, stratum, indicator."""


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document]:
    """One table, a line for each stratum and indicator.

    Raises:
        ArianeError: the configuration's threshold is too low.
    """
    threshold, regions = threshold_of(context.options), _regions(context.options)
    tallies: dict[Place, Tally] = {TOTAL: Tally()}
    for record in records:
        for place in _places(record, regions):
            tallies.setdefault(place, Tally()).add(record)
    counts = {
        (*place, name): tally.counts[name] for place, tally in tallies.items() for name in COUNTED
    }
    published = _publication(counts, regions)
    shown = published.shown(suppressed(published, threshold))
    rows = [
        row
        for place in sorted(tallies, key=lambda p: (p != TOTAL, p))
        for row in _lines(place, tallies[place], shown, threshold)
    ]
    yield Document(NAME, tsv(COLUMNS, rows), COLUMNS)


def check(document: Document, context: Context) -> Iterable[str]:
    """Columns and indicators; and that nobody can tell a small count from what is shown."""
    if document.text.split("\n", 1)[0] != "\t".join(COLUMNS):
        yield "other columns than those of the observatory"
        return
    threshold = threshold_of(context.options)
    table: dict[Cell, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(document.text), delimiter="\t"):
        key = (row["dimension"], row["stratum"], row["indicator"])
        if key in table:
            yield f"{' '.join(key)} is told twice"
        table[key] = row
    shown: dict[Cell, int] = {}
    for key, row in table.items():
        if (row["value"] and row["note"]) or (not row["value"] and not _may_lack(key, row)):
            yield f"{' '.join(key)}: {row['value']!r} with the note {row['note']!r}"
        if key[2] not in COUNTED or not row["value"]:
            continue
        if not row["value"].isdecimal() or 0 < int(row["value"]) < threshold:
            yield f"{' '.join(key)}: {row['value']} is no count that may be shown"
        else:
            shown[key] = int(row["value"])
    lacking = [
        f"{' '.join(place)}: no {name}"
        for place in sorted({TOTAL, *(key[:2] for key in table)})
        for name in COUNTED
        if (*place, name) not in table
    ]
    yield from lacking
    if not lacking:
        yield from _told(shown, table, _regions(context.options), threshold)


def _may_lack(key: Cell, row: Mapping[str, str]) -> bool:
    if key[2] in COUNTED:
        return row["note"] == SUPPRESSED
    return row["note"] in (SUPPRESSED, MISSING, NOT_REACHED) or row["unit"] == "percent"


def _told(
    shown: Mapping[Cell, int], table: Iterable[Cell], regions: Mapping[str, str], threshold: int
) -> Iterator[str]:
    """What a reader with nothing but the table finds to be from one to below the threshold."""
    cells = [key for key in table if key[2] in COUNTED]
    read = _publication({key: shown.get(key, 0) for key in cells}, regions)
    try:
        told = told_small(read, {key for key in cells if key not in shown}, threshold)
    except ArithmeticError:
        yield "its counts do not add up"
        return
    yield from (f"{' '.join(key)} can be told to be small" for key in told)


def threshold_of(options: Mapping[str, Any]) -> int:
    """The threshold of the configuration: the least count that is shown, but for zero.

    Raises:
        ArianeError: it is below :data:`LEAST`.
    """
    threshold = int(options.get(KEY, {}).get("threshold", THRESHOLD))
    if threshold < LEAST:
        raise ArianeError(
            f"'exports.{KEY}.threshold' is {threshold}, which would show small groups. "
            f"Give {LEAST} or more; {THRESHOLD} is usual."
        )
    return threshold


def _regions(options: Mapping[str, Any]) -> dict[str, str]:
    """Region of each site, both as cells of a table."""
    given = options.get(KEY, {}).get("regions", {})
    return {cell(site): cell(region) for site, region in given.items()}


def _places(record: CaseRecord, regions: Mapping[str, str]) -> Iterator[Place]:
    """The strata of a record: one in each dimension, and the whole."""
    year = record.analysis_date[:4]
    site = cell(record.site) or NOT_TOLD
    yield TOTAL
    yield "filiere", cell(record.filiere) or NOT_TOLD
    yield "site", site
    yield "region", regions.get(site, NOT_TOLD)
    yield "period", year if year.isdecimal() else NOT_TOLD


def _publication(counts: Mapping[Cell, int], regions: Mapping[str, str]) -> Publication[Cell]:
    """All counts, and the sums that any reader can do."""
    places = sorted({key[:2] for key in counts})
    all_counts = dict(counts)
    sums: list[Sum[Cell]] = []
    hidden: set[Cell] = set()
    harmless: set[Cell] = set()
    for place in places:
        sums.append(Sum((*place, CASES), tuple((*place, state) for state in STATES)))
        for part, whole, persons in inclusions():
            rest = (*place, f"{whole} without {part}")
            all_counts[rest] = counts[*place, whole] - counts[*place, part]
            hidden.add(rest)
            if not persons:
                harmless.add(rest)
            sums.append(Sum((*place, whole), ((*place, part), rest)))
    groups: defaultdict[Place, list[Place]] = defaultdict(list)
    for place in places:
        if place != TOTAL:
            groups[TOTAL[0], place[0]].append(place)
        if place[0] == "site":
            groups["region", regions.get(place[1], NOT_TOLD)].append(place)
    for (dimension, stratum), members in groups.items():
        above: Place = TOTAL if dimension == ALL else (dimension, stratum)
        sums += [
            Sum((*above, name), tuple((*place, name) for place in members)) for name in COUNTED
        ]
    worth = {key: _WORTH.get(key[0], 1) * (10 if key[2] == CASES else 1) for key in all_counts}
    return Publication(all_counts, sums, hidden, harmless, worth)


def _lines(
    place: Place, tally: Tally, shown: Mapping[Cell, int], threshold: int
) -> Iterator[Sequence[object]]:
    for name in COUNTED:
        unit = "flags" if name in (FLAGS, OVERDUE) else "cases"
        count = shown.get((*place, name))
        yield [*place, name, "" if count is None else count, unit, SUPPRESSED * (count is None)]
    for name, part, whole in SHARES:
        one, of = shown.get((*place, part)), shown.get((*place, whole))
        share = f"{100 * one / of:.1f}" if one is not None and of else ""
        yield [*place, name, share, "percent", SUPPRESSED * (None in (one, of))]
    for name in DURATIONS:
        dated, ended = (shown.get((*place, f"{name}_{part}")) for part in ("dated", "ended"))
        # What decides is published itself, so that a quantile left out tells nothing more.
        enough = min(dated or 0, ended or 0) >= threshold
        for label, share_ended in QUANTILES.items():
            days = quantile(tally.durations[name], share_ended) if enough else None
            months = "" if days is None else round(days / DAYS_OF_MONTH)
            note = NOT_REACHED if None not in (dated, ended) else SUPPRESSED
            yield [*place, f"{name}_{label}", months, "months", note * (days is None)]
    for name in UNDATED:
        yield [*place, f"{name}_median", "", "months", MISSING]
