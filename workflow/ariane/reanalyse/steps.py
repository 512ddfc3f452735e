"""Who acts, in what order, by when: the steps from a flag to the registry, and the file of them.

Which outcome leads where stands in one table, so does who may act. Both are a first reading of the
French pathway (a biologist reports, an RCP concludes, the prescriber tells the patient): no text
that we know of fixes them as rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ariane.files import RESOURCES, read_yaml
from ariane.knowledge.decisions import FINDING, FINDING_ADVICE, SEEN, SEEN_ADVICE, is_date
from ariane.knowledge.hand_kept import read_lines
from ariane.model.errors import ArianeError, Fault

COLUMNS: Final = (
    "case_id",
    "finding",
    "step",
    "outcome",
    "actor",
    "role",
    "report",
    "date",
    "seen",
    "reason",
)
_OPTIONAL: Final = frozenset({"report", "seen", "reason"})
NO_STEPS: Final = ("\t".join(COLUMNS) + "\n").encode()
"""What is frozen where the configuration names no file."""


class Step(StrEnum):
    """What is to be done with a flagged finding, in order."""

    TRIAGE = "triage"
    CONFIRMATION = "confirmation"
    RCP = "rcp"
    REPORT = "report"
    RECONTACT = "recontact"
    KIN = "kin"
    REGISTRY = "registry"


ORDER: Final = tuple(Step)


class State(StrEnum):
    """Where the procedure of one finding stands."""

    NEW = "to triage"
    TO_CONFIRM = "to confirm"
    FOR_RCP = "for the RCP"
    TO_REPORT = "to report"
    TO_RECONTACT = "to recontact"
    KIN_TO_INFORM = "kin to inform"
    TO_REGISTER = "to register"
    DISMISSED = "dismissed"
    NOT_CONFIRMED = "not confirmed"
    REFUSED = "refused"
    FINISHED = "finished"

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be done until something new is told."""
        return self not in AWAITS


AWAITS: Final[Mapping[State, Step]] = {
    State.NEW: Step.TRIAGE,
    State.TO_CONFIRM: Step.CONFIRMATION,
    State.FOR_RCP: Step.RCP,
    State.TO_REPORT: Step.REPORT,
    State.TO_RECONTACT: Step.RECONTACT,
    State.KIN_TO_INFORM: Step.KIN,
    State.TO_REGISTER: Step.REGISTRY,
}
"""The step that each open state waits for."""

LEADS_TO: Final[Mapping[Step, Mapping[str, State]]] = {
    Step.TRIAGE: {"accepted": State.TO_CONFIRM, "dismissed": State.DISMISSED},
    Step.CONFIRMATION: {
        "confirmed": State.FOR_RCP,
        "not confirmed": State.NOT_CONFIRMED,
        "not needed": State.FOR_RCP,
    },
    Step.RCP: {"approved": State.TO_REPORT, "refused": State.REFUSED},
    Step.REPORT: {"signed": State.TO_RECONTACT},
    Step.RECONTACT: dict.fromkeys(
        ("done", "impossible", "not wished", "deceased"), State.KIN_TO_INFORM
    ),
    Step.KIN: dict.fromkeys(("informed", "not applicable"), State.TO_REGISTER),
    Step.REGISTRY: dict.fromkeys(("written", "not applicable"), State.FINISHED),
}
"""The outcomes of each step, and the state that each leads to."""

ROLES: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.TRIAGE: ("biologist", "geneticist"),
    Step.CONFIRMATION: ("biologist",),
    Step.RCP: ("RCP", "prescriber"),
    Step.REPORT: ("biologist",),
    Step.RECONTACT: ("prescriber", "genetic counsellor"),
    Step.KIN: ("prescriber", "genetic counsellor"),
    Step.REGISTRY: ("prescriber", "registry manager"),
}
"""Who may act, at each step."""

_SIGNED: Final = frozenset({State.TO_RECONTACT, State.KIN_TO_INFORM, State.TO_REGISTER})
"""A report is signed, and what it says must reach the patient: triage does not stop that."""
_REASONED: Final = frozenset({(Step.TRIAGE, "dismissed"), (Step.RCP, "refused")})
_REPORT: Final = re.compile(r"\w[\w.:/ -]{0,63}", re.ASCII)


def after(state: State, step: Step, outcome: str) -> State | None:
    """The state that a step leads to, or None where it is not its turn.

    Triage may come at any time, for something new may be told at any time. Accepting opens a
    procedure and leaves an open one where it is; dismissing ends it, unless a report is signed.
    """
    if step is Step.TRIAGE and state is not State.NEW and not state.ended:
        if outcome == "accepted":
            return state
        return None if state in _SIGNED else State.DISMISSED
    if step is not Step.TRIAGE and AWAITS.get(state) is not step:
        return None
    return LEADS_TO[step][outcome]


@dataclass(frozen=True)
class Taken:
    """One step that somebody took: a row of the file."""

    where: str
    """File and line."""
    case: str
    finding: str
    step: Step
    outcome: str
    actor: str
    role: str
    report: str
    date: str
    seen: str
    reason: str

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes a row the same in a later copy of the file, where a slip may be mended."""
        return self.case, self.finding, self.step, self.date


def in_order(taken: Iterable[Taken]) -> list[Taken]:
    """By case and finding, then as they happened, whatever their order in the file."""
    return sorted(taken, key=lambda t: (t.case, t.finding, t.date, ORDER.index(t.step)))


def by_finding(taken: Iterable[Taken]) -> dict[tuple[str, str], list[Taken]]:
    """Steps of each case and finding, as they happened."""
    found: dict[tuple[str, str], list[Taken]] = {}
    for one in in_order(taken):
        found.setdefault((one.case, one.finding), []).append(one)
    return found


def state_after(taken: Sequence[Taken]) -> State:
    """Where the procedure of one finding stands after its steps, which must be in order."""
    state = State.NEW
    for one in taken:
        state = after(state, one.step, one.outcome) or state
    return state


def read_steps(path: Path) -> tuple[list[Taken], list[Fault]]:
    """Read the steps that people took, and everything wrong with them.

    A row with a fault is left out; so is what follows the first step out of turn of a finding.

    Raises:
        ArianeError: the file cannot be read as UTF-8 text.
    """
    lines, faults = read_lines(path, COLUMNS, _OPTIONAL)
    sound: list[Taken] = []
    first: dict[tuple[str, ...], int] = {}
    spoilt: set[tuple[str, str]] = set()
    for number, row in lines:
        where = f"{path.name}:{number}"
        found = _faults(row, where)
        same = (row["case_id"], row["finding"], row["step"], row["date"])
        if not found and same in first:
            what = f"a second {row['step']} of the same date as line {first[same]}"
            advice = "Keep the one that stands, or give each its date"
            found.append(Fault(where, row["case_id"], what, advice))
        first.setdefault(same, number)
        faults += found
        if found:
            spoilt.add((row["case_id"], row["finding"]))
            continue
        cells = {c: row[c] for c in COLUMNS if c not in ("case_id", "step")}
        sound.append(Taken(where, row["case_id"], step=Step(row["step"]), **cells))
    kept: list[Taken] = []
    for key, taken in by_finding(sound).items():
        good, wrong = _in_turn(taken)
        kept += good
        if wrong and key not in spoilt:  # else it would only echo the fault already told
            faults.append(wrong)
    return kept, sorted(faults)


def _in_turn(taken: Sequence[Taken]) -> tuple[list[Taken], Fault | None]:
    """Steps up to the first out of turn, and what is wrong with that one."""
    state = State.NEW
    for place, one in enumerate(taken):
        reached = after(state, one.step, one.outcome)
        if reached is None:
            return list(taken[:place]), _out_of_turn(one, state, taken[place + 1 :])
        state = reached
    return list(taken), None


def _out_of_turn(one: Taken, state: State, later: Sequence[Taken]) -> Fault:
    if one.step is Step.TRIAGE:
        what = "dismissed after its report was signed"
        advice = "Finish recontact, kin and registry first; a decision 'refuted' takes it back"
        return Fault(one.where, one.case, what, advice)
    awaited = AWAITS.get(state, Step.TRIAGE)
    before = next((t for t in later if t.step is awaited and t.date > one.date), None)
    if before:
        line = before.where.rpartition(":")[2]
        what = f"{one.step} of {one.date} is dated before its {awaited}, {before.date} in line "
        return Fault(one.where, one.case, what + line, "Mend the date that is wrong")
    what = f"step '{one.step}' while the finding stands at '{state}': '{awaited}' comes first"
    advice = f"Write the row of the {awaited} step, or take this one out"
    return Fault(one.where, one.case, what, advice)


def _faults(row: Mapping[str, str], where: str) -> list[Fault]:
    case, faults = row["case_id"], list[Fault]()

    def fault(what: str, advice: str) -> None:
        faults.append(Fault(where, case, what, advice))

    if not case:
        fault("no case_id", "Name the case by its pseudonym")
    finding, seen = row["finding"], row["seen"]
    if finding and not FINDING.fullmatch(finding):
        fault(f"finding {finding!r} is not one", FINDING_ADVICE)
    if seen and not SEEN.fullmatch(seen):
        fault(f"seen {seen!r} is not a hash", SEEN_ADVICE)
    if seen and not finding:
        fault("a hash of what was seen, without its finding", FINDING_ADVICE)
    if not row["actor"]:
        fault("no actor", "Give the professional's identifier, or the name of the RCP")
    if not is_date(row["date"]):
        fault(f"date {row['date']!r} is not a date", "Write it as 2024-03-06")
    if row["report"] and not _REPORT.fullmatch(row["report"]):
        fault(f"report {row['report']!r} is not an identifier", "Use letters, digits and . : / -")
    if row["step"] not in ORDER:
        fault(f"unknown step {row['step']!r}", f"Use one of {', '.join(ORDER)}")
        return faults
    step, outcome = Step(row["step"]), row["outcome"]
    if outcome not in LEADS_TO[step]:
        fault(f"unknown outcome {outcome!r} of {step}", f"Use one of {', '.join(LEADS_TO[step])}")
    if row["role"] not in ROLES[step]:
        fault(f"role {row['role']!r} does not do the {step}", f"Use one of {_list(ROLES[step])}")
    if (step, outcome) in _REASONED and not row["reason"]:
        fault(f"{outcome} without a reason", "Say why in the column 'reason'")
    if step is Step.REPORT and not row["report"]:
        fault("signed without a report", "Give the identifier of the signed report")
    if step is Step.TRIAGE and finding and not seen:
        fault("a triage without the hash of what was seen", SEEN_ADVICE)
    return faults


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def load_delays(path: Path) -> Mapping[Step, int]:
    """Days that each step after triage may take, from the block ``steps`` of a policy.

    A policy without the block has the delays of ``resources/policy.yaml``.

    Raises:
        ArianeError: a delay is missing or is not a number of days.
    """
    raw = read_yaml(path)
    if "steps" not in raw:
        raw = read_yaml(RESOURCES / "policy.yaml")
    wanted = ORDER[1:]
    given = raw["steps"]
    if not isinstance(given, dict) or set(given) != set(wanted):
        raise ArianeError(f"{path}: 'steps' needs a number of days for each of {_list(wanted)}.")
    for step, days in given.items():
        if type(days) is not int or days < 0:
            raise ArianeError(f"{path}: 'steps': {step} holds {days!r}. Write a number of days.")
    return {step: given[step] for step in wanted}
