"""The cohort as the workflow sees it when it is planned: frozen when begun, checked when not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane.intake.check import check
from ariane.intake.config import Settings, settings_of
from ariane.knowledge.release import Release
from ariane.model.canonical import shard_name, shard_of
from ariane.model.case import Case
from ariane.model.errors import Fault, InputFaults, Level
from ariane.reanalyse.at_hand import verify_release
from ariane.reanalyse.cycle import plan
from ariane.reanalyse.frozen import Cycle, chain, is_frozen, open_cycle


@dataclass(frozen=True)
class Cohort:
    """What the fan-out rests on."""

    settings: Settings
    release: Release
    cycle: Cycle
    cases: tuple[Case, ...]
    earlier: tuple[Cycle, ...]
    """The cycles that this one's overlay lies on, from the last base; empty for a full one."""
    previous: tuple[Cycle, ...]
    """The cycles that make up the previous state, with which events compare."""
    notices: tuple[Fault, ...]

    @property
    def shards(self) -> list[str]:
        """Names of all shards."""
        count = self.cycle.shards
        return [shard_name(index, count) for index in range(count)]

    def shard(self, case: str) -> str:
        """The shard of a case."""
        return shard_name(shard_of(case, self.cycle.shards), self.cycle.shards)

    def cases_in(self, shard: str) -> list[str]:
        """Cases of a shard, sorted."""
        return sorted(case.id for case in self.cases if self.shard(case.id) == shard)

    def case(self, case_id: str) -> Case:
        """A case by its identifier.

        Raises:
            KeyError: the cohort holds no such case.
        """
        return self._by_id[case_id]

    @property
    def _by_id(self) -> Mapping[str, Case]:
        return {case.id: case for case in self.cases}


def open_cohort(raw: Mapping[str, Any], state: Path, where: str = "configuration") -> Cohort:
    """Read the configuration and the cohort it names.

    A cycle that has begun is read from its frozen inputs; one that has not has all its inputs
    checked first. Nothing is written.

    Raises:
        InputFaults: the inputs have errors; all told together.
    """
    settings, faults = settings_of(dict(raw), where)
    if settings is not None and is_frozen(state, settings.cycle):
        # Inputs that moved since concern the next cycle only.
        frozen = open_cycle(state, settings.cycle)
        release = Release.open(settings.release_folder)
        verify_release(frozen, release.folder)
        return _cohort(settings, release, frozen.cycle, frozen.cases, state, ())
    if settings is None or any(fault.level is Level.ERROR for fault in faults):
        raise InputFaults(faults)
    release = Release.open(settings.release_folder)
    cases, found = check(settings, release)
    faults += found
    if any(fault.level is Level.ERROR for fault in faults):
        raise InputFaults(faults)
    planned = plan(settings, release, cases, state)
    notices = (*faults, *planned.notices)
    return _cohort(settings, release, planned.cycle, planned.cases, state, notices)


def _cohort(
    settings: Settings,
    release: Release,
    cycle: Cycle,
    cases: tuple[Case, ...],
    state: Path,
    notices: tuple[Fault, ...],
) -> Cohort:
    previous = tuple(chain(state, cycle.previous)) if cycle.previous else ()
    earlier = previous if cycle.kind == "delta" else ()
    return Cohort(settings, release, cycle, cases, earlier, previous, notices)
