"""What the observatory counts of a record, and the durations that it measures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ariane.model.case import Status
from ariane.model.history import ANTENATAL, days_of
from ariane.reanalyse.flags import AT_RISK
from ariane.registry import ages
from ariane.registry.case_state import State, proposals, state_of
from ariane.registry.record import CaseRecord, DecisionRecord
from ariane.registry.survival import Duration

CASES: Final = "cases"

FLAGS: Final = "reanalysis_flags"
"""The workload: flags, of which a case may have several."""

OVERDUE: Final = "reanalysis_flags_overdue"

UNDATED: Final = (
    "first_signs_to_first_visit",
    "first_visit_to_clinical_diagnosis",
    "first_visit_to_genetic_diagnosis",
    "prescription_to_report",
    "report_to_downstream_rcp",
)
"""Intervals whose dates no record holds."""


def state_name(state: State) -> str:
    """The indicator of a state; the states of a stratum add up to its cases."""
    return f"state_{state.value.replace(' ', '_')}"


STATES: Final = tuple(state_name(state) for state in State)


@dataclass(frozen=True)
class Part:
    """A count of the cases that have something, and the group that they are a part of."""

    of: str
    has: Callable[[CaseRecord], bool]


def _eligible(record: CaseRecord) -> bool:
    return record.consent.reanalysis and state_of(record) not in (State.SOLVED, State.CLOSED)


def _impasses(record: CaseRecord) -> list[DecisionRecord]:
    """The signed decisions that found nothing, the oldest first."""
    held = [*record.earlier, *filter(None, [record.decision])]
    return [d for d in held if d.outcome is Status.IMPASSE and d.signed]


def _until_diagnosis(start: str, record: CaseRecord) -> Duration | None:
    """From a date to the signed diagnosis in force, or to the as-of date where there is none."""
    decided = record.decided
    solved = decided.date if decided and decided.outcome is Status.SOLVED else ""
    try:
        end = date.fromisoformat(solved or record.provenance.as_of)
        days = (end - date.fromisoformat(start)).days
    except ValueError:
        return None
    return Duration(days, bool(solved)) if days >= 0 else None


def _from_impasse(record: CaseRecord) -> Duration | None:
    held = _impasses(record)
    return _until_diagnosis(held[0].date, record) if held else None


def errance(record: CaseRecord) -> Duration | None:
    """From the first signs to the diagnosis that a signed decision names, by the patient's ages.

    A case without one is seen until the last encounter. One that is solved, and whose ages nobody
    told, is not measured: it did not wait until then.
    """
    signs, solved = record.history.first_signs, state_of(record) is State.SOLVED
    began = 0 if signs == ANTENATAL else days_of(signs)
    until = ages.first_diagnosis(record) if solved else record.age
    end = 0 if until == ANTENATAL else days_of(until)
    if began is None or end is None or end < began:
        return None
    return Duration(end - began, solved)


DURATIONS: Final[Mapping[str, Callable[[CaseRecord], Duration | None]]] = {
    "first_signs_to_diagnosis": errance,
    "analysis_to_diagnosis": lambda r: _until_diagnosis(r.analysis_date, r),
    "impasse_to_diagnosis": _from_impasse,
}
"""Durations that records date, in days, errance first; a case without the diagnosis is seen until
the as-of date, or until the last encounter where ages measure it."""


def _dated(name: str) -> Callable[[CaseRecord], bool]:
    return lambda record: DURATIONS[name](record) is not None


def _ended(name: str) -> Callable[[CaseRecord], bool]:
    def ended(record: CaseRecord) -> bool:
        duration = DURATIONS[name](record)
        return duration is not None and duration.ended

    return ended


def _solved_after_impasse(record: CaseRecord) -> bool:
    return bool(_impasses(record)) and state_of(record) is State.SOLVED


PARTS: Final[Mapping[str, Part]] = {
    "with_phenotype": Part(CASES, lambda r: bool(r.observed)),
    "with_onset": Part(CASES, lambda r: r.onset is not None),
    "with_age_at_first_signs": Part(CASES, lambda r: bool(r.history.first_signs)),
    "with_analysis_date": Part(CASES, lambda r: bool(r.analysis_date)),
    "with_proposal": Part(CASES, lambda r: bool(proposals(r))),
    "reanalysis_eligible": Part(CASES, _eligible),
    "reanalysis_flagged": Part(CASES, lambda r: bool(r.flags)),
    "diagnosis_at_risk": Part(
        "reanalysis_flagged", lambda r: any(flag.reason == AT_RISK for flag in r.flags)
    ),
    "impasse_ever": Part(CASES, lambda r: bool(_impasses(r))),
    "solved_after_impasse": Part("impasse_ever", _solved_after_impasse),
    "first_signs_to_diagnosis_dated": Part(
        "with_age_at_first_signs", _dated("first_signs_to_diagnosis")
    ),
    "first_signs_to_diagnosis_ended": Part(
        "first_signs_to_diagnosis_dated", _ended("first_signs_to_diagnosis")
    ),
    "analysis_to_diagnosis_dated": Part("with_analysis_date", _dated("analysis_to_diagnosis")),
    "analysis_to_diagnosis_ended": Part(
        "analysis_to_diagnosis_dated", _ended("analysis_to_diagnosis")
    ),
    "impasse_to_diagnosis_dated": Part("impasse_ever", _dated("impasse_to_diagnosis")),
    "impasse_to_diagnosis_ended": Part(
        "impasse_to_diagnosis_dated", _ended("impasse_to_diagnosis")
    ),
}
"""Indicators that count cases."""

COUNTED: Final = (CASES, *STATES, *PARTS, FLAGS, OVERDUE)
"""All indicators that are counts, in the order of the table."""


def inclusions() -> Iterator[tuple[str, str, bool]]:
    """Each count and another that is never below it; and whether their difference is persons."""
    for name, part in PARTS.items():
        yield name, part.of, True
    solved = state_name(State.SOLVED)
    for name in ("solved_after_impasse", *(f"{duration}_ended" for duration in DURATIONS)):
        yield name, solved, True
    yield "reanalysis_flagged", FLAGS, False
    yield OVERDUE, FLAGS, False


@dataclass
class Tally:
    """What is counted of one stratum."""

    counts: Counter[str] = field(default_factory=Counter)
    durations: defaultdict[str, list[Duration]] = field(default_factory=lambda: defaultdict(list))

    def add(self, record: CaseRecord) -> None:
        """Count one record."""
        self.counts[CASES] += 1
        self.counts[state_name(state_of(record))] += 1
        self.counts.update(name for name, part in PARTS.items() if part.has(record))
        self.counts[FLAGS] += len(record.flags)
        as_of = record.provenance.as_of
        self.counts[OVERDUE] += sum(bool(f.due) and f.due < as_of for f in record.flags)
        for name, measure in DURATIONS.items():
            duration = measure(record)
            if duration is not None:
                self.durations[name].append(duration)
