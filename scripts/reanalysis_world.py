"""Releases of real HPO folders and real assertions, and shards of cases that pass through them.

Everything that is measured is the product's: a release is assembled and prepared, a store is built
from candidates, a full pass, a comparison of releases, a delta pass, events and flags follow as in
a laboratory's cycles.
"""

from __future__ import annotations

import argparse
import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ariane.annotate.genes import proteins, read_genes
from ariane.annotate.known import known_alleles
from ariane.annotate.store import build_store
from ariane.files import REPOSITORY, RESOURCES, read_table, write_table
from ariane.knowledge.prepare import Prepared, read_release, write_prepared
from ariane.knowledge.release import Release, Source
from ariane.model.case import Case, Decision
from ariane.model.tables import CANDIDATES, CHANGES
from ariane.rank.constants import load_constants
from ariane.rank.profile import load_profile
from ariane.rank.shard import Bench
from ariane.reanalyse.compare import compare, write_changes
from ariane.reanalyse.delta import Store, delta_pass, full_pass
from ariane.reanalyse.effective import shard_state
from ariane.reanalyse.events import Causes, View, find_events
from ariane.reanalyse.flags import REVIEW, find_flags
from ariane.reanalyse.policy import Policy, load_policy
from ranking_world import make_release

Row = dict[str, Any]

SHARD: Final = 200
"""Cases that pass together."""
_OTHERWISE: Final = "the standing of other candidates changed"


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """A parser of what every benchmark of reanalysis is told."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--hpo-from", type=Path, required=True)
    parser.add_argument("--hpo-to", type=Path, required=True)
    parser.add_argument("--assertions", type=Path, required=True)
    parser.add_argument("--assert-from", required=True, help="column of the first release")
    parser.add_argument("--assert-to", required=True, help="column of the second release")
    parser.add_argument("--backgrounds", type=Path, required=True)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--seed", type=int, default=1)
    return parser


@dataclass(frozen=True)
class Patient:
    """A case as it enters a cycle, with its candidates."""

    case: Case
    rows: tuple[Row, ...]
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class Flagged:
    """A flag, with what its event says of it; periodic reviews are no such flags."""

    gene: str
    variants: frozenset[str]
    reason: str
    cause: str
    """The resource that changed, or ``case``."""
    cause_old: str
    cause_new: str
    cause_key: str
    posterior: float
    """The larger one of the finding's posteriors before and after."""
    moved: float
    """By how much the posterior rose or fell."""


class Knowledge:
    """Releases by name, each made and prepared once.

    Args:
        data: the real data.
        reference: a FASTA that holds all alleles of the cases.
        assertions: the table of classes, one column a release.
        work: an existing folder.
    """

    def __init__(self, data: Path, reference: Path, assertions: Path, work: Path) -> None:
        self._data, self._reference, self._assertions = data, reference, assertions
        self._work = work
        self._known: dict[str, list[Mapping[str, Any]]] = {}
        self._proteins: list[Mapping[str, Any]] = []
        self._benches: dict[tuple[Path, str], Bench] = {}
        self._changes: dict[tuple[str, str], Path] = {}

    def bench(self, hpo: Path, column: str) -> Bench:
        """The release of an HPO folder and one column of assertions, opened."""
        if (hpo, column) not in self._benches:
            release = self._release(hpo, column)
            folder = self._work / "prepared" / release.name
            folder.mkdir(parents=True)
            prepared = read_release(release, folder)
            if not self._proteins:  # of the transcripts, which all releases share
                self._proteins = list(proteins(read_genes(release.require("transcripts")).all))
            write_prepared(prepared, self._placed(prepared, column), self._proteins)
            bench = Bench(release, folder, load_constants(), load_profile("clingen"))
            self._benches[hpo, column] = bench
        return self._benches[hpo, column]

    def changes(self, old: Bench, new: Bench) -> Path:
        """The ``changes`` table from one release to another."""
        names = (old.release.name, new.release.name)
        if names not in self._changes:
            path = self._work / f"{'-'.join(names)}.changes.parquet"
            write_changes(path, compare(old.release, old.folder, new.release, new.folder))
            self._changes[names] = path
        return self._changes[names]

    def _release(self, hpo: Path, column: str) -> Release:
        source = Source(
            *("assertions", self._assertions, "consensus_tsv", column, "2024-03-06", "agreement"),
            *("for tests only", "VKGL consensus of expert laboratories"),
            options={"column": column, "stars": "1"},
        )
        name = re.sub(r"[^A-Za-z0-9]+", "-", f"{hpo.name}.{column}").strip("-")
        found = re.search(r"\d{4}-\d{2}-\d{2}", hpo.name)
        as_of = found[0] if found else "2024-03-06"
        made = (self._data, self._reference, self._work / "releases", name, as_of, (source,))
        return make_release(hpo, *made)

    def _placed(self, prepared: Prepared, column: str) -> list[Mapping[str, Any]]:
        """Asserted alleles on their transcripts: no other resource shapes these rows."""
        if column not in self._known:
            release = prepared.release
            paths = (release.require("reference"), release.require("transcripts"))
            self._known[column] = [
                row for batch in prepared.classified() for row in known_alleles(batch, *paths).rows
            ]
        return self._known[column]


class Shard:
    """Some cases and their store; each pass leaves a folder of tables.

    Args:
        patients: the cases.
        work: an existing folder of their own.
    """

    def __init__(self, patients: Sequence[Patient], work: Path) -> None:
        self.patients = tuple(patients)
        self.cases = [patient.case for patient in patients]
        self._work = work
        self._count = 0
        source = work / "source.parquet"
        write_table(source, CANDIDATES, (row for patient in patients for row in patient.rows))
        self.store = Store(work / "candidates.parquet", work / "read_keys.parquet")
        build_store([source], self.store.candidates, self.store.read_keys)

    def digests(self, chain: Sequence[Path]) -> dict[str, str]:
        """Digests of the state that some passes, the oldest first, make up."""
        return shard_state(chain).digests()

    def full(self, bench: Bench) -> Path:
        """A full pass under a release; gives its folder."""
        out = self._next()
        full_pass(self.cases, self.store, bench, out, _quiet)
        return out

    def delta(self, bench: Bench, previous: Sequence[Path], changes: Path) -> Path:
        """A delta pass to a release; gives its folder."""
        out = self._next()
        delta_pass(self.cases, self.store, bench, previous, changes, (), out, _quiet, self.cases)
        return out

    def asserted(self, chain: Sequence[Path]) -> dict[str, set[str]]:
        """By case, the alleles whose assertion counts in a state."""
        found: dict[str, set[str]] = {}
        for row in shard_state(chain).ledger:
            if row["code"] == "ASSERT" and row["points"] > 0:
                found.setdefault(row["case"], set()).add(row["variant"])
        return found

    def flags(
        self,
        before: Sequence[Path],
        after: Sequence[Path],
        changes: Path,
        as_of: datetime.date,
        *considered: float,
    ) -> list[dict[str, list[Flagged]]]:
        """Flags of each case from one state to the next, the most urgent first, no reviews.

        Args:
            before: folders of the passes that make up the first state.
            after: those of the second.
            changes: the ``changes`` table from the first release to the second.
            as_of: the second release's date.
            considered: posteriors from which somebody is sent to a finding, in place of the
                policy's own.

        Returns:
            the flags under the policy as it is delivered, then those under each of ``considered``.
        """
        policy = load_policy(RESOURCES / "policy.yaml")
        views = (View.of(shard_state(before)), View.of(shard_state(after)))
        causes = Causes.of(read_table(changes, CHANGES), _OTHERWISE)
        policies = [policy, *(replace(policy, considered_posterior=one) for one in considered)]
        return [self._flags(views, causes, one, as_of) for one in policies]

    def _flags(
        self, views: tuple[View, View], causes: Causes, policy: Policy, as_of: datetime.date
    ) -> dict[str, list[Flagged]]:
        events = find_events(*views, causes, policy, "next", {})
        decisions = [d for patient in self.patients for d in patient.decisions]
        rows = find_flags(self.cases, events, decisions, policy, as_of, {})
        told: dict[tuple[str, str, str], Row] = {}
        for event in events:
            told.setdefault((event["case"], event["finding"], event["sentence"]), event)
        found: dict[str, list[Flagged]] = {case.id: [] for case in self.cases}
        for row in sorted(rows, key=lambda r: r["priority"]):
            if row["reason"] == REVIEW:
                continue
            event = told[row["case"], row["finding"], row["sentence"]]
            best = [view.best.get((row["case"], row["finding"])) for view in views]
            was, now = (one.posterior if one else 0.0 for one in best)
            found[row["case"]].append(
                Flagged(
                    gene=row["gene"],
                    variants=frozenset(row["finding"].rpartition("|")[2].split("+")),
                    reason=row["reason"],
                    cause=event["cause_resource"],
                    cause_old=event["cause_old"],
                    cause_new=event["cause_new"],
                    cause_key=event["cause_key"],
                    posterior=max(was, now),
                    moved=abs(now - was),
                )
            )
        return found

    def _next(self) -> Path:
        self._count += 1
        folder = self._work / f"pass{self._count}"
        folder.mkdir()
        return folder


def shards(patients: Sequence[Patient], work: Path) -> Iterator[Shard]:
    """The cases in shards of :data:`SHARD`, one at a time."""
    for number, begin in enumerate(range(0, len(patients), SHARD)):
        folder = work / f"shard{number}"
        folder.mkdir(parents=True)
        yield Shard(patients[begin : begin + SHARD], folder)


def _quiet(_: str) -> None:
    """Progress that nobody watches."""
