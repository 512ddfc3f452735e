"""Dismissed findings sleep: what a biologist has put aside is not brought again for little.

A finding wakes at two more points, or at a new kind of evidence for it. The background, the
phenotype and the rank drift with every release and wake nothing. Bad news is never silenced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.model.points import THOUSAND
from ariane.model.seen import Level, level_of
from ariane.reanalyse.seen import FindingKey, Sighting, read_sightings
from ariane.reanalyse.steps import State, Step, Taken, by_finding, read_steps, state_after

Row = dict[str, Any]

STEPS_FILE: Final = "follow_up.tsv"

WAKING_POINTS: Final = 2 * THOUSAND
"""Rise above the level at dismissal that wakes a finding, in thousandths."""

SILENCED: Final = frozenset(
    {"new candidate", "strengthened", "partner found", "phenotype fit changed"}
)
"""Good news that a sleeping finding keeps to itself. A disease that its gene gained is none of
these: it was not there to be weighed when the finding was dismissed."""


def frozen_steps(inputs: Path) -> tuple[Taken, ...]:
    """The steps that a cycle began with; none where it kept no file."""
    path = inputs / STEPS_FILE
    return tuple(read_steps(path)[0]) if path.is_file() else ()


@dataclass(frozen=True)
class Dismissals:
    """The findings that are dismissed, each with its level when it was."""

    levels: Mapping[FindingKey, Level]

    @classmethod
    def of(cls, taken: Iterable[Taken], sightings: Iterable[Sighting]) -> Dismissals:
        """From the steps taken and what was seen at each."""
        level = {(s.case, s.finding, s.seen): s.level for s in sightings}
        found: dict[FindingKey, Level] = {}
        for key, steps in by_finding(taken).items():
            if state_after(steps) is State.DISMISSED:
                last = next(one for one in reversed(steps) if one.step is Step.TRIAGE)
                if (*key, last.seen) in level:
                    found[key] = level[(*key, last.seen)]
        return cls(found)

    @classmethod
    def frozen(cls, inputs: Path) -> Dismissals:
        """Those of a cycle, from its frozen inputs alone, so that it replays."""
        return cls.of(frozen_steps(inputs), read_sightings(inputs))

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """The cases and genes of dismissed findings."""
        return {(case, finding.split("|")[0]) for case, finding in self.levels}

    def sleeps(self, case: str, finding: str, now_points: int, now_kinds: AbstractSet[str]) -> bool:
        """Whether a finding is dismissed and nothing lifts it above its level at dismissal.

        Args:
            case: its case.
            finding: the finding.
            now_points: its points now, in thousandths, without the background.
            now_kinds: the kinds of evidence for it now.
        """
        then = self.levels.get((case, finding))
        if then is None:
            return False
        return now_points - then.points < WAKING_POINTS and now_kinds <= then.kinds

    def quieted(
        self,
        events: Iterable[Row],
        findings: Mapping[FindingKey, Row],
        rows: Mapping[FindingKey, Sequence[Row]],
    ) -> list[Row]:
        """Events, of which good news of sleeping findings is no longer material.

        Args:
            events: rows of the ``events`` table.
            findings: the findings of this cycle's state.
            rows: their rows of the ledger.
        """
        told = []
        for event in events:
            key = (event["case"], event["finding"])
            if event["kind"] in SILENCED and key in self.levels and key in findings:
                now = level_of(findings[key], rows.get(key, ()))
                if self.sleeps(*key, now.points, now.kinds):
                    event = {**event, "material": False}
            told.append(event)
        return told
