"""The cohort as the workflow sees it when it is planned: frozen when begun, checked when not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ariane import files
from ariane.intake.check import check
from ariane.intake.config import Settings, settings_of
from ariane.intake.looked import Memory
from ariane.knowledge.release import MANIFEST, Release
from ariane.model import engine
from ariane.model.canonical import digest, shard_name, shard_of, to_json
from ariane.model.case import Case
from ariane.model.errors import Fault, InputFaults, Level
from ariane.reanalyse.at_hand import verify_release
from ariane.reanalyse.cycle import plan
from ariane.reanalyse.frozen import FULL, Cycle, chain, is_frozen, open_cycle


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
        return self._by_shard.get(shard, [])

    def case(self, case_id: str) -> Case:
        """A case by its identifier.

        Raises:
            KeyError: the cohort holds no such case.
        """
        return self._by_id[case_id]

    # Asked for some ten times for each case while a run is planned: made once, else the time of
    # planning grows with the square of the cohort.
    @cached_property
    def _by_id(self) -> Mapping[str, Case]:
        return {case.id: case for case in self.cases}

    @cached_property
    def _by_shard(self) -> Mapping[str, list[str]]:
        held: dict[str, list[str]] = {}
        for case in sorted(self._by_id):
            held.setdefault(self.shard(case), []).append(case)
        return held


def open_cohort(
    raw: Mapping[str, Any],
    state: Path,
    where: str = "configuration",
    *,
    handed: Path | None = None,
    remembered: Path | None = None,
) -> Cohort:
    """Read the configuration and the cohort it names.

    A cycle that has begun is read from its frozen inputs; one that has not has all its inputs
    checked first. Where the configuration names a batch, its lines of the sheet are read and
    checked, and no cycle begins. Nothing is written but what is remembered of the VCFs.

    Args:
        raw: the configuration.
        state: the folder of frozen inputs.
        where: what messages call the configuration.
        handed: for a job that runs on another machine: what :func:`hand_over` wrote when the run
            started. Without it each job of a first cycle would check the whole cohort again.
        remembered: where looks at VCFs are kept from one plan to the next; None keeps none.

    Raises:
        InputFaults: the inputs have errors; all told together.
    """
    settings, faults = settings_of(dict(raw), where)
    if settings is not None and not settings.batch and is_frozen(state, settings.cycle):
        # Inputs that moved since concern the next cycle only.
        frozen = open_cycle(state, settings.cycle)
        release = Release.open(settings.release_folder)
        verify_release(frozen, release.folder)
        return _cohort(settings, release, frozen.cycle, frozen.cases, state, ())
    if settings is None or any(fault.level is Level.ERROR for fault in faults):
        raise InputFaults(faults)
    release = Release.open(settings.release_folder)
    told = _handed(handed, raw, release) if handed else None
    if told is not None:
        return _cohort(settings, release, *told, state, ())
    memory = Memory.read(remembered, release) if remembered else None
    cases, found = check(settings, release, memory)
    if memory and remembered:
        memory.save(remembered)
    faults += found
    if any(fault.level is Level.ERROR for fault in faults):
        raise InputFaults(faults)
    if settings.batch:
        cycle = _no_cycle(settings, release)
        return _cohort(settings, release, cycle, tuple(cases), state, tuple(faults))
    planned = plan(settings, release, cases, state, memory)
    if memory and remembered:
        memory.save(remembered)
    notices = (*faults, *planned.notices)
    return _cohort(settings, release, planned.cycle, planned.cases, state, notices)


def hand_over(cohort: Cohort, raw: Mapping[str, Any], path: Path) -> None:
    """Write what was planned for the jobs of this run, which may run on other machines."""
    told = {
        "configuration": digest(dict(raw)),
        "cycle": asdict(cohort.cycle),
        "cases": [case.to_json() for case in cohort.cases],
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds phenotypes
    files.write_text(path, to_json(told) + "\n")


def _handed(
    path: Path, raw: Mapping[str, Any], release: Release
) -> tuple[Cycle, tuple[Case, ...]] | None:
    """What was handed over, when it was for this configuration and release."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    manifest = files.sha256_of(release.folder / MANIFEST)
    if told["configuration"] != digest(dict(raw)) or told["cycle"]["manifest"] != manifest:
        return None
    return Cycle.from_json(told["cycle"]), tuple(map(Case.from_json, told["cases"]))


def _no_cycle(settings: Settings, release: Release) -> Cycle:
    """What stands for the cycle where only single cases are worked on."""
    return Cycle(
        cycle=settings.cycle,
        release=release.name,
        as_of=release.as_of.isoformat(),
        previous="",
        kind=FULL,
        reasons=(f"batch {settings.batch}",),
        shards=settings.shards,
        profile=settings.profile,
        engine=engine.numbers(),
        tables="",
        manifest=files.sha256_of(release.folder / MANIFEST),
        excluded={},
        anew=(),
    )


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
