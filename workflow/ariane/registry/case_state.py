"""Where a record's case stands, in the words that exports share, and what Ariane proposes for it.

What people decided and what Ariane proposes are told apart in every export: a proposal is never
written as an outcome.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Status
from ariane.registry.propose import MIN_POSTERIOR
from ariane.registry.record import Candidate, CaseRecord

_TABLE: Final = FOLDER / "case_states.tsv"


class State(StrEnum):
    """Rows of ``resources/registry/case_states.tsv``."""

    IN_PROGRESS = "in progress"
    CANDIDATE = "candidate"
    DECLARED = "impasse declared"
    """The sheet says impasse, and no signed decision does."""
    IMPASSE = "impasse"
    SOLVED = "solved"
    PARTLY_SOLVED = "partly solved"
    REFUTED = "refuted"
    CLOSED = "closed"


_OPEN: Final = frozenset({State.IN_PROGRESS, State.DECLARED, State.IMPASSE})
_ENDED: Final = frozenset({State.SOLVED, State.CLOSED})


def state_of(record: CaseRecord) -> State:
    """What people say of the case: its signed decision; without one, that it is in progress.

    A sheet that says solved, refuted or closed decides nothing without a signed decision.
    """
    if record.decided is not None:
        return State(record.decided.outcome.value)
    return State.DECLARED if record.status is Status.IMPASSE else State.IN_PROGRESS


def words_of(state: State) -> Mapping[str, str]:
    """The row of the table: ``progress``, ``interpretation``, ``overall``, ``overall_label``."""
    return _states()[state]


def overall_state(record: CaseRecord) -> State:
    """As :func:`state_of`; an open case with a proposal stands as a candidate."""
    state = state_of(record)
    return State.CANDIDATE if state in _OPEN and proposals(record) else state


def proposals(record: CaseRecord) -> tuple[Candidate, ...]:
    """The leading hypothesis of each gene that Ariane names, best first.

    A gene is named as it is to a registry file: where its leading hypotheses together pass
    :data:`ariane.registry.propose.MIN_POSTERIOR` and people have not refuted it. There is none for
    a case that is solved or closed, and none from a release without population frequencies.
    """
    closed_in_sheet = record.status in (Status.SOLVED, Status.CLOSED) and record.decided is None
    ended = state_of(record) in _ENDED or closed_in_sheet
    if ended or not record.provenance.interpretable:
        return ()
    genes: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in record.candidates:
        if not _was_refuted(candidate, record):
            genes[candidate.finding.gene.id].append(candidate)
    found = [
        min(held, key=_place)
        for held in genes.values()
        if math.fsum(c.posterior or 0.0 for c in held) > MIN_POSTERIOR
    ]
    return tuple(sorted(found, key=_place))


def _place(candidate: Candidate) -> tuple[int, str, str]:
    return candidate.rank, candidate.finding.id, candidate.disease.id


def _was_refuted(candidate: Candidate, record: CaseRecord) -> bool:
    """Whether people have said that this is not the cause: its variants, or its gene alone."""
    decided = record.decided
    if decided is None or decided.outcome is not Status.REFUTED or decided.gene is None:
        return False
    finding = candidate.finding
    if finding.gene.id != decided.gene.id:
        return False
    keys = {allele.key for allele in finding.alleles}
    return not decided.variants or keys == set(decided.variants)


@cache
def _states() -> Mapping[str, Mapping[str, str]]:
    return {row["state"]: row for row in read_marked(_TABLE)}
