"""Reads what the cohort's page needs from the folders of a run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ariane import files
from ariane.knowledge.release import Release
from ariane.model.canonical import shard_name
from ariane.model.errors import ArianeError
from ariane.model.tables import CHANGES, EVENTS, QUEUE, STANDING
from ariane.reanalyse import followup
from ariane.reanalyse.at_hand import verify_release
from ariane.reanalyse.dismissals import frozen_steps
from ariane.reanalyse.frozen import Frozen, open_cycle
from ariane.reanalyse.policy import load_policy
from ariane.report import beside
from ariane.report.assemble import cycle_info
from ariane.report.cohort_lines import CaseLine, case_lines
from ariane.report.cohort_report import CohortReport
from ariane.report.rounds import Pass, recall, rounds
from ariane.seals import verified

Row = dict[str, Any]


def read(
    cycle_folder: Path,
    inputs: Path,
    release: Path,
    shards: int,
    changes: Path | None,
    follow_up: Path,
    before: Path | None = None,
) -> CohortReport:
    """Bring the shards of a cycle together.

    Args:
        cycle_folder: ``results/cycles/{cycle}``, which holds ``flags.parquet`` and
            ``shards/{shard}/*.parquet``; those of earlier cycles lie beside it.
        inputs: ``state/cycles/{cycle}/inputs``.
        release: folder of the release's manifest.
        shards: number of shards of the cohort.
        changes: table of what the release changed, or None in a first pass.
        follow_up: table of who acts next.
        before: folder of the previous cycle's release, or None.

    Raises:
        ArianeError: a file is missing or damaged; the missing ones are named together.
    """
    folders = [cycle_folder / "shards" / shard_name(n, shards) for n in range(shards)]
    queue = cycle_folder / f"{QUEUE.name}.parquet"
    tables = (STANDING, EVENTS)
    paths = [folder / f"{table.name}.parquet" for folder in folders for table in tables]
    paths += [queue, follow_up]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise ArianeError("\n".join([*missing, "These tables are missing. Run the cycle first."]))
    frozen = open_cycle(inputs.parents[2], inputs.parent.name)
    verify_release(frozen, release)
    if before:
        verify_release(open_cycle(inputs.parents[2], frozen.cycle.previous), before)
    cycle = cycle_info(frozen)
    flags = files.read_table(queue, QUEUE)
    flagged = {(flag["case"], flag["finding"]) for flag in flags if flag["finding"]}
    by_case: dict[str, list[Row]] = {}
    for flag in flags:
        by_case.setdefault(flag["case"], []).append(flag)
    lines: list[CaseLine] = []
    news: dict[tuple[str, str], list[Row]] = {}
    causes: dict[tuple[str, str], set[str]] = {}
    for folder in folders:  # one after the other: a large cohort has more events than memory
        cases = frozen.cases_of(folder.name)
        events = files.read_table(folder / f"{EVENTS.name}.parquet", EVENTS)
        standing = first_ranks(folder / f"{STANDING.name}.parquet")
        own = [flag for case in cases for flag in by_case.get(case.id, ())]
        lines += case_lines(cases, standing, events, own, cycle.id, frozen.decisions)
        for event in events:
            key = (event["case"], event["finding"])
            if key in flagged:
                news.setdefault(key, []).append(event)
            if event["material"] and event["last_changed"] in ("", cycle.id):
                cause = (event["cause_resource"], event["cause_key"])
                causes.setdefault(cause, set()).add(event["case"])
    policy = load_policy(inputs / "policy.yaml")
    passes = story(frozen, flags, cycle_folder.parent)
    here = {line.case for line in lines}
    opened = Release.open(release)
    knowledge = cycle_folder.parents[1] / "releases" / opened.name / "knowledge"
    return CohortReport(
        lines=lines,
        flags=flags,
        changes=files.read_table(changes, CHANGES) if changes else [],
        cycle=cycle,
        release=opened,
        steps=read_steps(follow_up),
        news=news,
        causes=causes,
        rounds=rounds(passes, frozen_steps(frozen.folder), here),
        recall=recall(passes, here),
        french_diseases=_french(opened, knowledge, lines),
        before=Release.open(before) if before else None,
        reasons=frozen.cycle.reasons,
        cap=policy.cap,
        leads=policy.leading_posterior,
    )


def _french(release: Release, knowledge: Path, lines: Sequence[CaseLine]) -> dict[str, str]:
    leading = {
        row["disease"]: row["disease_name"] for row in (line.leading for line in lines) if row
    }
    french = beside.french_diseases(release, knowledge, set(leading))
    return {leading[disease]: name for disease, name in french.items() if leading[disease]}


def first_ranks(path: Path) -> list[Row]:
    """Rows of rank 0 ('none in these data') and 1 of a standing table.

    Raises:
        ArianeError: the file is damaged or has other columns.
    """
    content = files.read_arrow(path, STANDING, filters=[("rank", "<=", 1)])
    return list(content.to_pylist())


def read_steps(path: Path) -> list[Row]:
    """The table of who acts next, each cell as text.

    Raises:
        ArianeError: it is damaged or has other columns.
    """
    with files.checked(path).open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, delimiter="\t")
        if tuple(reader.fieldnames or ()) != followup.COLUMNS:
            raise ArianeError(
                f"{path}: not a follow-up table of this version of Ariane. Delete it and run again."
            )
        return list(reader)


def story(frozen: Frozen, flags: Sequence[Row], cycles: Path) -> list[Pass]:
    """The cycles up to one, oldest first, with what each told and what people had written by then.

    Args:
        frozen: the last.
        flags: its flags.
        cycles: ``results/cycles``, where the flags of the others lie.

    Raises:
        ArianeError: a cycle was never begun, or its inputs are damaged.
    """
    found = [_pass(frozen, flags)]
    while frozen.cycle.previous:
        frozen = open_cycle(frozen.folder.parents[2], frozen.cycle.previous)
        found.append(_pass(frozen, _flags_of(cycles / frozen.cycle.cycle)))
    return found[::-1]


def _pass(frozen: Frozen, flags: Sequence[Row] | None) -> Pass:
    cycle = frozen.cycle
    steps = frozenset(one.identity for one in frozen_steps(frozen.folder))
    return Pass(cycle.cycle, cycle.release, cycle.as_of, flags, steps, frozen.decisions)


def _flags_of(folder: Path) -> list[Row] | None:
    """The flags of an earlier cycle; None where they are not at hand."""
    path = folder / f"{QUEUE.name}.parquet"
    if not path.is_file():
        return None
    # Columns by name: an older version of the table may have fewer of the others.
    return files.query('SELECT "case", reason, finding, queued FROM held', held=verified(path))
