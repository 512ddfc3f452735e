"""What the flags of each cycle led to, by what people wrote down afterwards.

All is counted from the cohort's own tables: flags that were told, steps that were taken, decisions
that were signed. A cohort in which nobody answers yet says so; nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from ariane.model.case import Decision, Status
from ariane.reanalyse.flags import REVIEW
from ariane.reanalyse.steps import Step, Taken, by_finding

Row = Mapping[str, Any]
FindingKey = tuple[str, str]

PER: Final = 200
"""Cases that a burden is given for, as in ``docs/reanalysis.md``."""

DIAGNOSED: Final = (Status.SOLVED, Status.PARTLY_SOLVED)
"""Outcomes of a decision that name a diagnosis."""


@dataclass(frozen=True)
class Pass:
    """What one cycle told, and what its inputs already held."""

    cycle: str
    release: str
    as_of: str
    flags: Sequence[Row] | None
    """Rows with ``case``, ``reason``, ``finding`` and ``queued``; None where the table is no longer
    at hand."""
    steps: AbstractSet[tuple[str, str, str, str]]
    """Identities of the steps in its frozen file."""
    decisions: Sequence[Decision]
    """Those in its frozen file."""


@dataclass(frozen=True)
class Round:
    """The flags of one cycle and what became of them; counts of cases that are still here."""

    cycle: str
    release: str
    as_of: str
    kept: bool
    """Whether its flags are at hand; where not, all counts are 0 and mean nothing."""
    watched: int = 0
    """Cases under watch: each has one periodic review."""
    told: int = 0
    """Flags that people were told, periodic reviews aside."""
    waiting: int = 0
    """Flags, periodic reviews aside, that were beyond the cap of their site."""
    findings: int = 0
    """Findings that the flags told of."""
    accepted: int = 0
    """Of these: the next triage accepted it."""
    dismissed: int = 0
    """The next triage dismissed it."""
    reported: int = 0
    """A report on it was signed after the cycle."""
    diagnosed: int = 0
    """A later decision names it as the diagnosis."""
    last: bool = False
    """Whether it is the cycle of the page, to which nobody could answer yet."""

    @property
    def unanswered(self) -> int:
        """Findings that no triage answered."""
        return self.findings - self.accepted - self.dismissed

    @property
    def burden(self) -> float | None:
        """Flags told for every :data:`PER` cases under watch; None without any."""
        return PER * self.told / self.watched if self.watched else None


@dataclass(frozen=True)
class Recall:
    """Diagnoses that were signed since the first cycle, and whether a flag had told of them."""

    signed: int = 0
    """Diagnoses that decisions name which the first cycle did not know."""
    told: int = 0
    """A flag of an earlier cycle had told the case's finding, or its gene where no finding is
    written."""
    unnamed: int = 0
    """The decision names neither gene nor finding, so nobody can tell."""

    @property
    def missed(self) -> int:
        """Signed without a flag before."""
        return self.signed - self.told - self.unnamed


def rounds(passes: Sequence[Pass], taken: Iterable[Taken], cases: AbstractSet[str]) -> list[Round]:
    """Each cycle's flags and what they led to, oldest first.

    A triage answers a flag when the flag's cycle did not yet hold it, as in the follow-up.

    Args:
        passes: the cycles so far, oldest first; the last is this one.
        taken: the steps that people took, by this cycle's inputs.
        cases: those still in the cohort: of a case that left nothing is counted.
    """
    steps = by_finding(taken)
    entered = {
        one.identity: next(n for n, held in enumerate(passes) if one.identity in held.steps)
        for own in steps.values()
        for one in own
    }
    now = passes[-1].decisions if passes else ()
    found = []
    for number, one in enumerate(passes):
        facts = (one.cycle, one.release, one.as_of)
        if one.flags is None:
            found.append(Round(*facts, kept=False))
            continue
        mine = [flag for flag in one.flags if flag["case"] in cases]
        news = [flag for flag in mine if flag["reason"] != REVIEW]
        told = [flag for flag in news if not flag["queued"]]
        keys = {(flag["case"], flag["finding"]) for flag in told if flag["finding"]}
        before = set(one.decisions)
        later = [d for d in now if d not in before and d.outcome in DIAGNOSED]
        answers = [_answer(steps.get(key, ()), entered, number) for key in keys]
        found.append(
            Round(
                *facts,
                kept=True,
                watched=len({flag["case"] for flag in mine if flag["reason"] == REVIEW}),
                told=len(told),
                waiting=len(news) - len(told),
                findings=len(keys),
                accepted=answers.count("accepted"),
                dismissed=answers.count("dismissed"),
                reported=sum(
                    any(s.step is Step.REPORT and entered[s.identity] > number for s in own)
                    for own in (steps.get(key, ()) for key in keys)
                ),
                diagnosed=sum(any(_names(d, *key) for d in later) for key in keys),
                last=number == len(passes) - 1,
            )
        )
    return found


def recall(passes: Sequence[Pass], cases: AbstractSet[str]) -> Recall:
    """How many diagnoses signed since the first cycle a flag had told of before.

    A diagnosis that nobody made is in no table, so this is a share of those made, not of those
    that could be made.

    Args:
        passes: the cycles so far, oldest first.
        cases: those still in the cohort.
    """
    told: dict[str, set[str]] = {}
    seen: set[FindingKey] = set()
    signed = before = unnamed = 0
    for number, one in enumerate(passes):
        for decision in sorted(one.decisions, key=lambda d: (d.date, d.report)):
            what = decision.finding or decision.gene or decision.variants
            key = (decision.case, what.split("|")[0])
            if decision.outcome not in DIAGNOSED or decision.case not in cases or key in seen:
                continue
            seen.add(key)
            if not number:
                continue  # known when the watch began
            signed += 1
            unnamed += not what
            findings = told.get(decision.case, ())
            before += any(_names(decision, decision.case, finding) for finding in findings)
        for flag in one.flags or ():
            if flag["finding"] and not flag["queued"] and flag["reason"] != REVIEW:
                told.setdefault(flag["case"], set()).add(flag["finding"])
    return Recall(signed, before, unnamed)


def _answer(
    steps: Iterable[Taken], entered: Mapping[tuple[str, str, str, str], int], number: int
) -> str:
    """Outcome of the first triage that the cycle's inputs did not hold, or empty."""
    later = (s for s in steps if s.step is Step.TRIAGE and entered[s.identity] > number)
    first = next(later, None)
    return first.outcome if first else ""


def _names(decision: Decision, case: str, finding: str) -> bool:
    """Whether a decision speaks of a finding: it names it, its gene, or an allele of it."""
    if decision.case != case:
        return False
    if decision.finding:
        return decision.finding == finding
    gene, _, variants = finding.split("|")
    if decision.gene and decision.gene != gene:
        return False
    if decision.variants:
        return not set(decision.variants.split("+")).isdisjoint(variants.split("+"))
    return bool(decision.gene)  # else it names nothing
