"""Sentences that stand in documents beside the codes: who said what of a case."""

from __future__ import annotations

from collections.abc import Iterator

from ariane.registry.record import Candidate, CaseRecord, Provenance


def of_case(record: CaseRecord) -> str:
    """What people decided, and why Ariane proposes nothing where it cannot."""
    return " ".join(_of_case(record))


def of_proposal(candidate: Candidate, provenance: Provenance) -> str:
    """That it is a proposal, with its rank, posterior, mode and source."""
    mode = candidate.finding.mode or "not told"
    share = "none" if candidate.posterior is None else f"{candidate.posterior:.6g}"
    return (
        f"Proposed by Ariane, decided by nobody: rank {candidate.rank}, posterior {share}, "
        f"mode {mode}; cycle {provenance.cycle}, release {provenance.release}."
    )


def _of_case(record: CaseRecord) -> Iterator[str]:
    decided = record.decided
    if decided:
        yield f"Decided on {decided.date} by {decided.role}, report {decided.report}:"
        yield f"{decided.outcome.value}."
    else:
        yield f"No signed decision; the sheet says {record.status.value}."
    if not record.examined:
        yield "Not examined in this cycle."
    if not record.provenance.interpretable:
        yield "The release holds no population frequencies: nothing is proposed or classified."
