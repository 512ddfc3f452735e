"""Cycles: one pass from a release to the next, over inputs frozen when it began.

Rules read only the frozen copies under ``state/cycles/{cycle}/inputs/``; a later edit of the sheet,
the decisions or the policy belongs to the next cycle, and any past cycle can be replayed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from ariane import files, runs
from ariane.intake.config import Settings
from ariane.intake.looked import Memory
from ariane.knowledge.decisions import COLUMNS as DECISION_COLUMNS
from ariane.knowledge.decisions import read_decisions
from ariane.knowledge.prepare import contigs_of
from ariane.knowledge.release import MANIFEST, Release
from ariane.model import engine
from ariane.model.canonical import digest, to_json
from ariane.model.case import Case, Decision, Status
from ariane.model.errors import ArianeError, Fault, InputFaults, Level, in_order
from ariane.phrases import say
from ariane.reanalyse import promoted
from ariane.reanalyse.answers import read_answers
from ariane.reanalyse.compare import reasons_for_full_pass
from ariane.reanalyse.dismissals import STEPS_FILE
from ariane.reanalyse.fingerprints import (
    fingerprints,
    read_fingerprints,
    sight_of,
    sources_of,
)
from ariane.reanalyse.frozen import (
    DELTA,
    FULL,
    Cycle,
    Frozen,
    chain,
    history,
    inputs_folder,
    is_frozen,
    open_cycle,
    write_by_shard,
)
from ariane.reanalyse.policy import load_policy
from ariane.reanalyse.seen import SEEN_FILE, Sighting, read_sightings, write_sightings
from ariane.reanalyse.steps import NO_STEPS, load_delays
from ariane.reanalyse.sums import write_sums

_TABLES: Final = (
    "ranking.yaml",
    "model/phenotype.json",
    "model/ranking.json",
    "assertion_words.tsv",
    "assertion_sources.tsv",
    "review_stars.tsv",
    "inheritance_modes.tsv",
    "consequences.tsv",
    "structural.yaml",
    "mitochondrial.yaml",
    "adult_onset.tsv",
    "secondary_findings.tsv",
    "imprinted.tsv",
    "lift.yaml",
    "blind_spots.tsv",
)
"""Tables of ``resources/`` that a ranking rests on, and what is told of an impasse, beside the ACMG
profile and the tables of copy numbers."""


class Plan(NamedTuple):
    """What a cycle will be."""

    cycle: Cycle
    cases: tuple[Case, ...]
    """Those that it takes up."""
    decisions: tuple[Decision, ...]
    marks: dict[str, Any]
    """Each case's fingerprint."""
    sightings: tuple[Sighting, ...]
    """What people say they saw, found true."""
    notices: tuple[Fault, ...]
    """What a person should read; nothing of it stops the cycle."""


def plan(
    settings: Settings,
    release: Release,
    cases: Sequence[Case],
    state: Path,
    memory: Memory | None = None,
) -> Plan:
    """Work out what a cycle will be, without writing anything.

    Args:
        settings: the configuration.
        release: the cycle's release.
        cases: the checked cases of the sheet.
        state: the folder of frozen inputs.
        memory: checksums of VCFs that need not be read again; new ones are added.

    Raises:
        InputFaults: the decisions or the follow-up have faults, the number of shards differs
            from before, or the release was not promoted where the configuration requires it.
    """
    before = open_cycle(state, settings.previous) if settings.previous else None
    decisions, faults = read_decisions(settings.decisions) if settings.decisions else ([], [])
    if before and before.cycle.shards != settings.shards:
        found = f"'shards' is {settings.shards}, but the cohort started with {before.cycle.shards}"
        faults.append(Fault("configuration", "", found, "Put the first number back"))
    known = {case.id for case in cases}
    faults += [
        Fault(
            str(settings.decisions),
            d.case,
            "no such case in the sheet",
            "Check the case id",
            Level.WARNING,
        )
        for d in decisions
        if d.case not in known
    ]
    faults += _unplaced(decisions, settings, release)
    if settings.require_promotion:
        faults += promoted.faults_of(state, release)
    sightings, found_faults = read_answers(
        settings,
        known,
        history(state, settings.previous) if before else (),
        state.parent / "results",
        read_sightings(before.folder) if before else (),
    )
    faults += found_faults
    if any(fault.level is Level.ERROR for fault in faults):
        raise InputFaults(faults)
    seen = frozenset[str]()
    if before:
        seen = frozenset(case.id for case in before.cases) | before.cycle.excluded.keys()
    taken, excluded = _in_scope(cases, decisions, seen)
    load_policy(settings.policy)  # a wrong one must not be frozen: it could never be mended
    load_delays(settings.policy)
    earlier = before.folder if before else None
    known_sums = memory.sha256 if memory else files.sha256_of_all
    sources = sources_of(settings.families)
    marks = fingerprints(taken, earlier, sight_of(settings), sources, known_sums)
    old_marks = read_fingerprints(earlier)
    anew = tuple(
        sorted(
            case
            for case, mark in marks.items()
            if old_marks.get(case, {}).get("local") != mark["local"]
        )
    )
    reasons = _reasons(settings, release, before)
    deltas = len(chain(state, settings.previous)) if before and not reasons else 0
    cycle = Cycle(
        cycle=settings.cycle,
        release=release.name,
        as_of=release.as_of.isoformat(),
        previous=settings.previous,
        kind=FULL if reasons else DELTA,
        reasons=tuple(reasons),
        shards=settings.shards,
        profile=settings.profile,
        engine=engine.numbers(),
        tables=tables_digest(settings.profile),
        manifest=files.sha256_of(release.folder / MANIFEST),
        excluded=excluded,
        anew=anew,
        compacted=deltas >= settings.compact_after,  # this one counted, since the last base
    )
    return Plan(cycle, taken, tuple(decisions), marks, sightings, tuple(in_order(faults)))


def freeze(
    settings: Settings,
    release: Release,
    cases: Sequence[Case],
    state: Path,
    configuration: Mapping[str, Any] | None = None,
    memory: Memory | None = None,
) -> Frozen:
    """Begin a cycle: copy its inputs under ``state/``, all or nothing.

    A cycle that has begun is left as it is.

    Args:
        settings: the configuration, read.
        release: the cycle's release.
        cases: the checked cases of the sheet.
        state: the folder of frozen inputs.
        configuration: the configuration as the user gave it, to be kept beside the inputs.
        memory: see :func:`plan`.

    Raises:
        ArianeError: see :func:`plan`.
    """
    if settings.batch:
        raise ArianeError(
            f"'batch' is {settings.batch!r}: a cycle is of the whole cohort. Take the key out of "
            "the configuration to begin one."
        )
    if is_frozen(state, settings.cycle):
        return open_cycle(state, settings.cycle)
    target = inputs_folder(state, settings.cycle)
    target.parent.mkdir(parents=True, exist_ok=True)
    working = files.temporary_beside(target)
    try:
        # Decisions are read from their copy: an edit meanwhile cannot part statuses from the file.
        decisions = working / "decisions.tsv"
        given = settings.decisions.read_bytes() if settings.decisions else _NO_DECISIONS
        _write_restricted(decisions, given)
        steps = working / STEPS_FILE
        given = settings.follow_up.read_bytes() if settings.follow_up else NO_STEPS
        _write_restricted(steps, given)
        copied = replace(settings, decisions=decisions, follow_up=steps)
        planned = plan(copied, release, cases, state, memory)
        cycle, taken, marks = planned.cycle, planned.cases, planned.marks
        write_sightings(working / SEEN_FILE, planned.sightings)
        write_by_shard(working, cycle.shards, taken, marks)
        files.write_bytes(working / "families.tsv", settings.families.read_bytes())
        files.write_bytes(working / "policy.yaml", settings.policy.read_bytes())
        files.write_text(working / "configuration.json", to_json(dict(configuration or {})))
        files.write_text(working / "cycle.json", to_json(asdict(cycle)) + "\n")
        write_sums(working)
        runs.followed()
        try:
            working.rename(target)
        except OSError:
            if not is_frozen(state, settings.cycle):  # else another process began it meanwhile
                raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return open_cycle(state, settings.cycle)


_NO_DECISIONS: Final = ("\t".join(DECISION_COLUMNS) + "\n").encode()


def _write_restricted(path: Path, content: bytes) -> None:
    """Write what names people who decided: only the owner of the state may read it."""
    files.write_bytes(path, content)
    path.chmod(0o600)


def _unplaced(
    decisions: Sequence[Decision], settings: Settings, release: Release
) -> Iterator[Fault]:
    """Alleles of decisions on contigs that the reference lacks: no downgrade could find them."""
    known = contigs_of(release).lengths
    for decision in decisions:
        for variant in filter(None, decision.variants.split("+")):
            contig = variant.split("-")[0]
            if contig not in known:
                found = f"variant {variant} lies on {contig}, which the reference does not hold"
                advice = "Write the contig as the reference does (chr1 or 1)"
                yield Fault(str(settings.decisions), decision.case, found, advice)


def _in_scope(
    cases: Sequence[Case], decisions: Sequence[Decision], seen: frozenset[str]
) -> tuple[tuple[Case, ...], dict[str, str]]:
    """The cases a cycle may take up, at the status that the last decision gave them."""
    last: dict[str, Decision] = {}
    for decision in sorted(decisions, key=lambda d: (d.date, d.report)):
        last[decision.case] = decision
    taken, excluded = [], {}
    for case in sorted(cases, key=lambda c: c.id):
        status = last[case.id].outcome if case.id in last else case.status
        if status is Status.WITHDRAWN:
            excluded[case.id] = "consent withdrawn"
        elif case.id in seen and not case.consent.reanalysis:
            excluded[case.id] = "no consent to reanalysis"
        else:
            named = _named(d for d in decisions if d.case == case.id)
            taken.append(replace(case, status=status, decided=named))
    return tuple(taken), excluded


def _named(decisions: Iterable[Decision]) -> tuple[str, ...]:
    """Genes and alleles that decisions name, sorted."""
    found = {name for d in decisions for name in (d.gene, *d.variants.split("+"))}
    return tuple(sorted(found - {""}))


def _reasons(settings: Settings, release: Release, before: Frozen | None) -> list[str]:
    if before is None:
        return [say("the first cycle of the cohort")]
    reasons = []
    if settings.full:
        reasons.append(say("the configuration asks for a full pass"))
    old = before.cycle
    for room in ("knowledge", "annotation", "ranking"):
        was, now = old.engine.get(room), engine.numbers().get(room)
        if was != now:
            engines = {"old": was, "new": now}
            reasons.append(say("the {room} engine went from {old} to {new}", room=room, **engines))
    if old.profile != settings.profile:
        sides = {"old": old.profile, "new": settings.profile}
        reasons.append(say("the ACMG profile went from {old} to {new}", **sides))
    elif old.tables != tables_digest(settings.profile):
        reasons.append(say("the constants in resources/ changed"))
    old_release = Release.open(settings.releases / old.release)
    if files.sha256_of(old_release.folder / MANIFEST) != old.manifest:
        # What the findings rest on cannot be compared with any more.
        said = {"name": old.release, "cycle": old.cycle}
        reasons.append(say("release {name} is not what it was in cycle {cycle}", **said))
    return reasons + reasons_for_full_pass(old_release, release)


def tables_digest(profile: str) -> str:
    """Digest of the constants that a ranking under an ACMG profile rests on."""
    paths = [files.RESOURCES / name for name in _TABLES]
    profiles = files.RESOURCES / "acmg"
    paths += [profiles / f"{profile}.yaml", *sorted(profiles.glob("cnv_*.yaml"))]
    return digest({path.name: files.sha256_of(path) for path in paths if path.is_file()})
