"""What is told of flags: who was flagged, at which place, and how many were flagged in vain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rank_measures import RESAMPLES, Ranks
from ranking_cases import NOT_RANKED
from reanalysis_strata import Entry
from reanalysis_world import Flagged

TOPS: Final = (1, 3, 5)
PER: Final = 200
"""Cases for which a burden is told: one flag per 200 cases and cycle is what others report."""
POINTS: Final = 100
"""Points of a curve at most."""

Booleans = npt.NDArray[np.bool_]
Flags = Mapping[str, Sequence[Flagged]]
"""By case, the most urgent first."""


@dataclass(frozen=True)
class Found:
    """How a case's causal gene was flagged."""

    rank: int
    """Place of its first flag among the case's flags, or :data:`NOT_RANKED`."""
    posterior: float
    """The highest posterior among its flags; below zero where there is none."""
    moved: float
    """The largest change of a posterior among its flags, likewise."""


def found_in(entry: Entry, flags: Flags) -> Found:
    """The flags of an entry's causal gene."""
    own = flags[entry.patient.case.id]
    places = [place for place, flag in enumerate(own, start=1) if flag.gene == entry.gene]
    hits = [flag for flag in own if flag.gene == entry.gene]
    return Found(
        min(places, default=NOT_RANKED),
        max((flag.posterior for flag in hits), default=-1.0),
        max((flag.moved for flag in hits), default=-1.0),
    )


def shares(ranks: Ranks) -> dict[str, float]:
    """Share of cases that were flagged, and whose flag was among the first."""
    told = {"flagged": float(np.mean(ranks < NOT_RANKED))}
    return told | {f"top{top}": float(np.mean(ranks <= top)) for top in TOPS}


def stratum(entries: Sequence[Entry], ranks: Sequence[int], seed: int) -> dict[str, Any]:
    """All that is measured of some cases, with 95 % intervals by paper and by gene."""
    held = np.array(ranks, dtype=np.int64)
    genes = [entry.gene for entry in entries]
    made: dict[str, Any] = {"n": len(entries), "genes": len(set(genes))}
    if not entries:
        return made
    papers = [entry.put.paper for entry in entries]
    made |= shares(held)
    names = np.unique(np.asarray(genes), return_inverse=True)[1]
    counts = np.bincount(names)
    hit = np.bincount(names, weights=held < NOT_RANKED)
    made["macro_flagged"] = float(np.mean(hit / counts))
    made["intervals_by_paper"] = bootstrap(held, papers, seed, shares)
    made["intervals_by_gene"] = bootstrap(held, genes, seed, shares)
    return made


def bootstrap(
    values: npt.NDArray[Any],
    groups: Sequence[str],
    seed: int,
    measure: Callable[[npt.NDArray[Any]], Mapping[str, float]],
) -> dict[str, tuple[float, float]]:
    """95 % intervals by resampling whole groups: their members are not independent."""
    rng = np.random.default_rng(seed)
    names, of_group = np.unique(np.asarray(groups), return_inverse=True)
    rows = [np.flatnonzero(of_group == n) for n in range(len(names))]
    drawn: dict[str, list[float]] = {}
    for _ in range(RESAMPLES):
        taken = np.concatenate([rows[n] for n in rng.integers(len(rows), size=len(rows))])
        for name, value in measure(values[taken]).items():
            drawn.setdefault(name, []).append(value)
    return {
        name: (float(np.quantile(v, 0.025)), float(np.quantile(v, 0.975)))
        for name, v in drawn.items()
    }


def quiet(
    entries: Sequence[Entry], flags: Flags, raised: frozenset[str], seed: int
) -> dict[str, Any]:
    """Flags of cases in which there is nothing to find.

    Args:
        entries: the cases.
        flags: of all cases.
        raised: alleles whose class became (likely) pathogenic.
    """
    counts = np.array([len(flags[entry.patient.case.id]) for entry in entries], dtype=float)
    told = [flag for entry in entries for flag in flags[entry.patient.case.id]]
    causes: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for flag in told:
        causes[flag.cause] = causes.get(flag.cause, 0) + 1
        reasons[flag.reason] = reasons.get(flag.reason, 0) + 1
    carried = sum(len({row["variant"] for row in entry.patient.rows} & raised) for entry in entries)
    by_record = [flag for flag in told if not flag.variants.isdisjoint(raised)]
    return {
        "n": len(entries),
        "flags": len(told),
        "flags_per_200": PER * float(counts.mean()),
        "cases_flagged": float(np.mean(counts > 0)),
        "interval_by_person": bootstrap(
            counts,
            [entry.put.person for entry in entries],
            seed,
            lambda values: {"flags_per_200": PER * float(values.mean())},
        )["flags_per_200"],
        "by_cause": dict(sorted(causes.items())),
        "by_reason": dict(sorted(reasons.items())),
        "records_raised": len(raised),
        "raised_carried": carried,
        "flags_of_raised": len(by_record),
        "flags_per_raised_record": len(by_record) / len(raised) if raised else 0.0,
        "flags_per_carried": len(by_record) / carried if carried else 0.0,
    }


@dataclass(frozen=True)
class Sweep:
    """Flags from the highest posterior, or its largest change, down to all of them.

    Args:
        entries: quiet cases.
        flags: of all cases, under a policy that hides none by its posterior.
        by: ``posterior`` or ``moved``.
    """

    entries: Sequence[Entry]
    flags: Flags
    by: str

    @cached_property
    def scores(self) -> npt.NDArray[np.float64]:
        """Of all flags of quiet cases, the highest first."""
        own = [flag for e in self.entries for flag in self.flags[e.patient.case.id]]
        return np.sort(np.array([getattr(flag, self.by) for flag in own], dtype=float))[::-1]

    def above(self, allowed: int) -> float:
        """What a flag must exceed for so many flags of quiet cases at most."""
        return float(self.scores[allowed]) if allowed < len(self.scores) else -0.5

    def allowed(self, per_200: float) -> int:
        """How many flags of quiet cases a burden allows."""
        return int(per_200 * len(self.entries) / PER + 1e-9)

    def recall(self, found: Sequence[Found], allowed: int) -> float:
        """Share of cases whose causal gene has a flag above."""
        limit = self.above(allowed)
        return float(np.mean([getattr(f, self.by) > limit for f in found]))


def curve(strata: Mapping[str, Sequence[Found]], sweep: Sweep) -> list[dict[str, float]]:
    """Recall of each stratum against the burden, from no flag to all of them."""
    steps = np.unique(np.linspace(0, len(sweep.scores), POINTS).round().astype(int))
    return [
        {
            "flags_per_200": allowed * PER / len(sweep.entries),
            "above": sweep.above(allowed),
            **{name: sweep.recall(found, allowed) for name, found in strata.items()},
        }
        for allowed in steps.tolist()
    ]


def baseline(
    entries: Sequence[Entry], new_genes: frozenset[str]
) -> tuple[list[int], npt.NDArray[np.float64]]:
    """Every rare variant in a gene new in the release is flagged; no order, so all tie.

    Returns:
        the worst rank of each case's causal gene, and how many variants of each are flagged.
    """
    ranks, counts = [], []
    for entry in entries:
        held = {(row["variant"], row["gene"]) for row in entry.patient.rows}
        named = [gene for _, gene in held if gene in new_genes]
        ranks.append(len(named) if entry.gene in named else NOT_RANKED)
        counts.append(len(named))
    return ranks, np.array(counts, dtype=float)
