"""Whether a new release may be what its sources meant: how much of the old one it lost.

A file cut in half, or one whose words changed, is read without a fault: what it no longer says
looks withdrawn. Such a loss is seen by its share of all records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.hpo import Ontology, load_obo
from ariane.knowledge.kinds import ASSERTING, KINDS
from ariane.knowledge.prepare import read_summary
from ariane.knowledge.readers import read_hpoa
from ariane.knowledge.release import Release
from ariane.model.errors import ArianeError, Fault
from ariane.model.tables import Table
from ariane.reanalyse.compare import same_sources
from ariane.reanalyse.differences import SEVERITY

REMOVED: Final = "removed"
DOWNGRADED: Final = "downgraded"
NO_LONGER: Final = "no longer pathogenic"
STARS: Final = "stars lost"
UNKNOWN: Final = "unknown words"
SIZE: Final = "size lost"
VANISHED: Final = "vanished"

SHARES: Final = (REMOVED, DOWNGRADED, NO_LONGER, STARS, UNKNOWN, SIZE)
"""What is measured as a share and needs a limit."""

_NOT_IDENTITY: Final = frozenset({"record", "accession", "mode", "association", "evaluated"})
"""Columns that tables are sorted by and that may change in a record that stays."""

_IDENTITY: Final[Mapping[str, tuple[str, ...]]] = {
    "assertion_dates": ("accession",),
    "dosage_regions": ("region",),
}
_STRETCHES: Final = frozenset({"coverage", "structural_coverage"})
"""Kinds whose rows may be cut elsewhere without a loss: their bases are counted."""

_BESIDE: Final[Mapping[str, Table]] = {"genes": tables.GENES, "transcripts": tables.PROTEINS}
"""Kinds that are read by a part of their own, with the table that shows how much was read."""


@dataclass(frozen=True)
class Opened:
    """A release and the folder of its prepared tables."""

    release: Release
    folder: Path


@dataclass(frozen=True)
class Measure:
    """How many records of how many changed in one way, from one release to the candidate."""

    against: str
    """Name of the older release; empty for what is measured of the candidate alone."""
    resource: str
    what: str
    count: int
    of: int

    @property
    def share(self) -> Fraction:
        """The count as a share; of nothing, nothing."""
        return Fraction(self.count, self.of) if self.of else Fraction(0)

    def to_json(self) -> dict[str, Any]:
        """The measure for a promotion's record, the share rounded to a millionth."""
        return {
            "against": self.against,
            "resource": self.resource,
            "what": self.what,
            "count": self.count,
            "of": self.of,
            "share": round(float(self.share), 6),
        }


@dataclass(frozen=True)
class Limits:
    """What a release may lose; see ``resources/promotion.yaml``."""

    version: int
    compared: int
    few: int
    top_ranks: int
    may_vanish: frozenset[str]
    shares: Mapping[str, Mapping[str, Fraction]]

    def of(self, resource: str, what: str) -> Fraction:
        """The limit of one kind of resource, or the one of all others."""
        own = self.shares.get(resource, {})
        return own.get(what, self.shares["default"].get(what, Fraction(0)))

    def exceeded(self, measure: Measure) -> bool:
        """Whether a measure is more than this laboratory takes for plausible.

        A few records are no share of a small table; but one that lost all is empty, however small.
        """
        if measure.what == VANISHED:
            return measure.resource not in self.may_vanish
        beyond = measure.share > self.of(measure.resource, measure.what)
        emptied = measure.what == REMOVED and measure.share == 1
        return beyond and (emptied or measure.count > self.few)


def load_limits(path: Path) -> Limits:
    """Read the limits.

    Raises:
        ArianeError: a key is missing, unknown or of the wrong kind.
    """
    raw = files.read_yaml(path)
    try:
        shares = {
            str(kind): {str(what): Fraction(str(share)) for what, share in entry.items()}
            for kind, entry in raw["shares"].items()
        }
        limits = Limits(
            version=int(raw["version"]),
            compared=int(raw["compared_releases"]),
            few=int(raw["few"]),
            top_ranks=int(raw["top_ranks"]),
            may_vanish=frozenset(map(str, raw["may_vanish"])),
            shares=shares,
        )
        wrong = list(_wrong(limits))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(
            f"{path}: missing or wrong: {problem}. Compare resources/promotion.yaml."
        ) from None
    if wrong:
        raise ArianeError("\n".join(f"{path}: {what}." for what in wrong))
    return limits


def _wrong(limits: Limits) -> Iterator[str]:
    kinds = {kind.name for kind in KINDS}
    if limits.compared < 1 or limits.few < 0 or limits.top_ranks < 1:
        yield "'compared_releases' and 'top_ranks' must be at least 1, 'few' at least 0. Mend them"
    for kind in sorted((limits.may_vanish | limits.shares.keys()) - kinds - {"default"}):
        yield f"unknown kind of resource {kind!r}. See docs/architecture.md for the kinds"
    needed = [("default", what) for what in (REMOVED, SIZE)]
    needed += [(k, w) for k in ASSERTING for w in (DOWNGRADED, NO_LONGER, STARS, UNKNOWN)]
    for kind, what in needed:
        if what not in limits.shares.get(kind, {}):
            yield f"no limit for '{what}' of '{kind}'. Compare resources/promotion.yaml"
    for kind, entry in sorted(limits.shares.items()):
        for what, share in sorted(entry.items()):
            if what not in SHARES:
                yield f"'{kind}' limits {what!r}. Write one of: {', '.join(SHARES)}"
            elif not 0 <= share <= 1:
                yield f"'{kind}': {what} is {share}. Write a share from 0 to 1"


def measure_candidate(new: Opened) -> list[Measure]:
    """Shares that the candidate shows alone: words of assertions that no table knows.

    Raises:
        ArianeError: the release was prepared before such words were counted by resource.
    """
    summary = read_summary(new.folder)
    if "unknown_by_resource" not in summary:
        raise ArianeError(
            f"{new.folder}: prepared by an earlier version of Ariane. Prepare the release again "
            "with scripts/prepare_release.py."
        )
    words: Mapping[str, int] = summary["unknown_by_resource"]
    return [
        Measure("", kind, UNKNOWN, words.get(kind, 0), summary["rows"][kind])
        for kind in ASSERTING
        if kind in new.release.resources
    ]


def measure_change(old: Opened, new: Opened) -> list[Measure]:
    """Shares of the old release that the candidate lost, for each resource that changed."""
    name = old.release.name
    found: list[Measure] = []
    for kind in KINDS:
        if kind.name not in old.release.resources:
            continue
        if kind.name not in new.release.resources:
            found.append(Measure(name, kind.name, VANISHED, 1, 1))
            continue
        if same_sources(old.release, new.release, kind):
            continue
        table = kind.table or _BESIDE.get(kind.name)
        if kind.name in ASSERTING:
            found += _assertions(name, kind.name, old.folder, new.folder)
        elif kind.name in _STRETCHES:
            found.append(_bases(name, kind.name, old.folder, new.folder))
        elif table is not None:
            found.append(_rows(name, kind.name, table, old.folder, new.folder))
        elif kind.by_region:
            found.append(_size(name, kind.name, old.release, new.release))
    return found + _phenotypes(old.release, new.release)


def judge(measures: Iterable[Measure], limits: Limits, release: str) -> list[Fault]:
    """Every measure beyond its limit, in words.

    Args:
        measures: of the candidate.
        limits: the laboratory's.
        release: the candidate's name.
    """
    where = f"release {release}"
    return [
        Fault(where, "", _in_words(measure, limits), _ADVICE[measure.what])
        for measure in measures
        if limits.exceeded(measure)
    ]


_LOST: Final = (
    "Check that the file is whole and of the right kind; if the loss is real, raise the limit in "
    "your own copy of resources/promotion.yaml and give it with --limits"
)
_ADVICE: Final[Mapping[str, str]] = {
    **dict.fromkeys(SHARES, _LOST),
    UNKNOWN: "List the words in resources/assertion_words.tsv and prepare the release again",
    VANISHED: "Put it back; if it is meant, list it under 'may_vanish' in your own limits",
}


def _in_words(measure: Measure, limits: Limits) -> str:
    if measure.what == VANISHED:
        return f"it holds no '{measure.resource}', which {measure.against} holds"
    unit = "bytes" if measure.what == SIZE else "records"
    owner = f" of {measure.against}" if measure.against else ""
    limit = limits.of(measure.resource, measure.what)
    return (
        f"{measure.resource}, {measure.what}: {measure.count:,} of {measure.of:,} {unit}{owner}, "
        f"{_percent(measure.share)}; the limit is {_percent(limit)}"
    )


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.2f} %"


def _paths(table: str, old: Path, new: Path) -> dict[str, Path]:
    return {"old": old / f"{table}.parquet", "new": new / f"{table}.parquet"}


def _assertions(against: str, kind: str, old: Path, new: Path) -> list[Measure]:
    order = " ".join(f"WHEN '{word}' THEN {i}" for i, word in enumerate(SEVERITY))
    bad = ", ".join(f"'{word}'" for word in sorted(PATHOGENIC))
    side = (
        f"SELECT variant, max(CASE klass {order} END) AS severity, max(stars) AS stars, "  # noqa: S608
        f"bool_or(klass IN ({bad})) AS bad FROM {{}} GROUP BY variant"
    )
    sql = (
        f"WITH a AS ({side.format('old')}), b AS ({side.format('new')}) "  # noqa: S608
        "SELECT count(*) AS total, count(*) FILTER (a.bad) AS bad, "
        "count(*) FILTER (b.variant IS NULL) AS removed, "
        "count(*) FILTER (b.severity < a.severity) AS downgraded, "
        "count(*) FILTER (a.bad AND NOT coalesce(b.bad, FALSE)) AS no_longer, "
        "count(*) FILTER (b.stars < a.stars) AS stars FROM a LEFT JOIN b ON a.variant = b.variant"
    )
    [told] = files.query(sql, **_paths(kind, old, new))
    return [
        Measure(against, kind, REMOVED, told["removed"], told["total"]),
        Measure(against, kind, DOWNGRADED, told["downgraded"], told["total"]),
        Measure(against, kind, NO_LONGER, told["no_longer"], told["bad"]),
        Measure(against, kind, STARS, told["stars"], told["total"]),
    ]


def _rows(against: str, kind: str, table: Table, old: Path, new: Path) -> Measure:
    names = _IDENTITY.get(kind) or tuple(n for n in table.sort if n not in _NOT_IDENTITY)
    columns = ", ".join(f'"{name}"' for name in names)
    sql = (
        f"WITH a AS (SELECT DISTINCT {columns} FROM old) SELECT "  # noqa: S608
        f"(SELECT count(*) FROM (SELECT * FROM a EXCEPT SELECT {columns} FROM new)) AS removed, "
        "(SELECT count(*) FROM a) AS total"
    )
    [told] = files.query(sql, **_paths(table.name, old, new))
    return Measure(against, kind, REMOVED, told["removed"], told["total"])


def _bases(against: str, kind: str, old: Path, new: Path) -> Measure:
    total = 'SELECT coalesce(sum("end" - "start"), 0)::BIGINT FROM'
    [told] = files.query(
        f"SELECT ({total} old) AS before, ({total} new) AS after", **_paths(kind, old, new)
    )
    return Measure(against, kind, REMOVED, max(0, told["before"] - told["after"]), told["before"])


def _size(against: str, kind: str, old: Release, new: Release) -> Measure:
    before, after = (side.require(kind).stat().st_size for side in (old, new))
    return Measure(against, kind, SIZE, max(0, before - after), before)


def _phenotypes(old: Release, new: Release) -> list[Measure]:
    """Terms that lost their place without a successor, and annotations that are gone.

    Both sides' annotations are read under the new ontology: a merged term is no loss.
    """
    kinds = ("hpo_ontology", "hpo_annotations")
    held = [kind for kind in kinds if old.sha256(kind) and new.sha256(kind)]
    changed = [kind for kind in held if old.sha256(kind) != new.sha256(kind)]
    if not changed or "hpo_ontology" not in held:
        return []
    found = []
    after = load_obo(new.require("hpo_ontology"))
    if "hpo_ontology" in changed:
        before = load_obo(old.require("hpo_ontology"))
        gone = sum(after.resolve(term).term is None for term in before.names)
        found.append(Measure(old.name, "hpo_ontology", REMOVED, gone, len(before.names)))
    if "hpo_annotations" in changed:
        one, two = (_annotated(side.require("hpo_annotations"), after) for side in (old, new))
        found.append(Measure(old.name, "hpo_annotations", REMOVED, len(one - two), len(one)))
    return found


def _annotated(path: Path, ontology: Ontology) -> set[tuple[str, str]]:
    live: dict[str, str] = {}
    pairs = set()
    for row in read_hpoa(path):
        raw = row["hpo_id"]
        if raw not in live:
            live[raw] = ontology.resolve(raw).term or raw
        pairs.add((row["database_id"], live[raw]))
    return pairs
