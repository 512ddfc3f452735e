"""Promotion: a release is a candidate until a named person promotes it.

Before that its losses are measured against the releases in use, and the laboratory's solved cases
are ranked again under it. What is wrong is told all at once, and then nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ariane import files
from ariane.intake.words import unsafe_name
from ariane.knowledge.in_house import case_digest
from ariane.knowledge.prepare import SUMMARY, read_summary
from ariane.knowledge.release import Release
from ariane.model.errors import ArianeError, Fault, in_order
from ariane.rank.shard import Bench
from ariane.reanalyse.at_hand import verify_code
from ariane.reanalyse.controls import (
    NOT_FOUND,
    Verdict,
    Waiver,
    find_controls,
    is_date,
    last_finished,
    rank_again,
    read_exceptions,
)
from ariane.reanalyse.frozen import Frozen
from ariane.reanalyse.plausible import (
    Limits,
    Opened,
    judge,
    load_limits,
    measure_candidate,
    measure_change,
)
from ariane.reanalyse.promoted import (
    Promotion,
    manifest_of,
    read_promotion,
    read_promotions,
    write_promotion,
)

LIMITS: Final = files.RESOURCES / "promotion.yaml"


class RefusedError(ArianeError):
    """A release that must not be promoted, with every reason.

    Args:
        release: the candidate.
        faults: the reasons, in any order.
    """

    def __init__(self, release: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(in_order(faults))
        count = f"{len(self.faults)} reason" + ("" if len(self.faults) == 1 else "s")
        head = f"Release {release} is not promoted, for {count}; nothing was written."
        super().__init__("\n".join([head, *map(str, self.faults)]))


@dataclass(frozen=True)
class Home:
    """The folders of a run."""

    state: Path
    results: Path
    releases: Path

    def knowledge(self, release: str) -> Path:
        """Where a release was prepared."""
        return self.results / "releases" / release / "knowledge"


@dataclass(frozen=True)
class Request:
    """Who asks for what to be promoted, and by which rules."""

    release: str
    by: str
    date: str
    cycles: Sequence[str]
    """Cycles that may be the last finished one, the latest first."""
    limits: Path = LIMITS
    exceptions: Path | None = None
    controls: Path | None = None
    first: bool = False
    """There is no earlier release to compare with, and the person knows it."""


@dataclass(frozen=True)
class Outcome:
    """What a promotion came to."""

    promotion: Promotion
    new: bool
    """False where the same promotion was recorded before."""
    notices: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    """The controls in clear, which the record does not hold."""


def promote(home: Home, request: Request, progress: Callable[[str], None]) -> Outcome:
    """Check a release and record its promotion.

    Args:
        home: the folders of the run.
        request: who asks for what.
        progress: told each control case as it is ranked.

    Raises:
        RefusedError: the release is not plausible, a control fails, or the request has faults; all
            told together.
        ArianeError: the release is damaged, not prepared, or was promoted otherwise.
    """
    faults = list(_unsigned(request))
    release = Release.open(home.releases / request.release)
    manifest = manifest_of(release)
    if recorded := read_promotion(home.state, release.name):
        if faults:
            raise RefusedError(release.name, faults)
        return _again(recorded, manifest, request)
    release.verify()
    limits = load_limits(request.limits)
    promoted = read_promotions(home.state)
    if promoted and request.date < promoted[-1].date and not faults:
        last = promoted[-1]
        what = f"date {request.date} lies before that of {last.release}, promoted on {last.date}"
        faults.append(Fault("--date", "", what, "Give the date of today's promotion"))
    candidate = _opened(home, release)
    frozen = last_finished(home.state, home.results, request.cycles)
    older, wrong = _compared(home, promoted, frozen, release, request, limits)
    faults += wrong
    measures = measure_candidate(candidate)
    for old in older:
        measures += measure_change(old, candidate)
    faults += judge(measures, limits, release.name)
    waivers: list[Waiver] = []
    if request.exceptions:
        waivers, wrong = read_exceptions(request.exceptions)
        faults += wrong
    verdicts, notices, wrong = _controls(home, request, frozen, candidate, limits, progress)
    if frozen and _code_changed(frozen):
        # The new code will rank the next cycle: what it does to the controls must be seen as well.
        notices.append(
            f"The code or a table of constants changed since cycle {frozen.cycle.cycle}: the "
            "controls show what code and release do together."
        )
    faults += wrong + list(_failing(verdicts, waivers))
    if faults:
        raise RefusedError(release.name, faults)
    failed = {verdict.case for verdict in verdicts if verdict.bad}
    used = [
        asdict(waiver) | {"case": case_digest(waiver.case)}
        for waiver in waivers
        if waiver.case in failed
    ]
    notices += [
        f"{waiver.case}: its exception was not needed and is not recorded. Remove it."
        for waiver in waivers
        if waiver.case not in failed
    ]
    promotion = Promotion(
        number=promoted[-1].number + 1 if promoted else 1,
        release=release.name,
        manifest=manifest,
        by=request.by,
        date=request.date,
        grounds={
            "against": [old.release.name for old in older],
            "limits": files.sha256_of(request.limits),
            "measures": [measure.to_json() for measure in measures],
            "cycle": frozen.cycle.cycle if frozen else "",
            "code_changed": bool(frozen and _code_changed(frozen)),
            # A record is never changed, so it holds no pseudonym: a case may have to be erased.
            "controls": [{"case": case_digest(v.case), "result": v.result} for v in verdicts],
            "exceptions": used,
        },
    )
    write_promotion(home.state, promotion)
    return Outcome(promotion, True, tuple(notices), tuple(verdicts))


def _code_changed(frozen: Frozen) -> bool:
    try:
        verify_code(frozen)
    except ArianeError:
        return True
    return False


def in_words(outcome: Outcome) -> list[str]:
    """What a promotion rests on: comparisons, measures that are not nil, controls."""
    grounds = outcome.promotion.grounds
    against = ", ".join(grounds["against"]) or "no earlier release"
    cycle = f"cycle {grounds['cycle']}" if grounds["cycle"] else "no cycle"
    lines = [f"compared with {against}; controls of {cycle}: {len(grounds['controls'])}"]
    lines += [
        f"  {m['resource']}, {m['what']}: {m['count']} of {m['of']} ({m['share'] * 100:.2f} %)"
        + (f", against {m['against']}" if m["against"] else "")
        for m in grounds["measures"]
        if m["count"]
    ]
    return lines + [f"  {v.case}: {v.result} ({v.told})" for v in outcome.verdicts]


def _unsigned(request: Request) -> Iterator[Fault]:
    if reason := unsafe_name(request.by):
        advice = "Give a professional identifier of letters, digits, '.', '_' and '-'"
        yield Fault("--by", "", f"{request.by!r} {reason}", advice)
    if not is_date(request.date):
        yield Fault("--date", "", f"{request.date!r} is not a date", "Write it as 2024-03-06")


def _again(recorded: Promotion, manifest: str, request: Request) -> Outcome:
    """A release that was promoted before: the same once more is nothing new, all else is wrong."""
    signed = f"{recorded.by} promoted release {recorded.release} on {recorded.date}"
    if recorded.manifest != manifest:
        raise ArianeError(
            f"{signed}, and its manifest has changed since. Put the promoted release back, or make "
            "the new one under another name."
        )
    if (recorded.by, recorded.date) != (request.by, request.date):
        raise ArianeError(f"{signed}; a promotion is never changed. There is nothing to do.")
    return Outcome(recorded, False)


def _opened(home: Home, release: Release) -> Opened:
    """A release with its prepared tables.

    Raises:
        ArianeError: it is not prepared, or its tables are of other files.
    """
    folder = home.knowledge(release.name)
    command = f"scripts/prepare_release.py --release {release.folder} --out {folder}"
    if not (folder / SUMMARY).is_file():
        raise ArianeError(f"{folder}: release {release.name} is not prepared. Run {command}.")
    summary = read_summary(folder)
    if (summary["release"], summary["present"]) != (release.name, sorted(release.resources)):
        raise ArianeError(f"{folder}: prepared of another release. Delete it and run {command}.")
    return Opened(release, folder)


def _compared(
    home: Home,
    promoted: Sequence[Promotion],
    frozen: Frozen | None,
    release: Release,
    request: Request,
    limits: Limits,
) -> tuple[list[Opened], list[Fault]]:
    """The releases to compare with: the last promoted, and the one of the last finished cycle."""
    names = [promotion.release for promotion in promoted[-limits.compared :]]
    if frozen and frozen.cycle.release not in (*names, release.name):
        names.append(frozen.cycle.release)
    found: list[Opened] = []
    faults: list[Fault] = []
    for name in names:
        try:
            found.append(_opened(home, Release.open(home.releases / name)))
        except ArianeError as problem:
            what = f"release {name}, with which it is compared, cannot be read: {problem}"
            faults.append(Fault(f"release {release.name}", "", what.rstrip("."), "Restore it"))
    if not names and not request.first:
        what = "there is no promoted release and no finished cycle to compare with"
        advice = "Look at the release yourself, then say --first"
        faults.append(Fault(f"release {release.name}", "", what, advice))
    return found, faults


def _controls(
    home: Home,
    request: Request,
    frozen: Frozen | None,
    candidate: Opened,
    limits: Limits,
    progress: Callable[[str], None],
) -> tuple[list[Verdict], list[str], list[Fault]]:
    if frozen is None:
        faults = []
        if request.controls:
            what = "controls are listed, but no cycle is finished"
            faults = [Fault(request.controls.name, "", what, "Finish a cycle, or list none")]
        return [], ["No cycle is finished, so no solved case was ranked again."], faults
    controls, left, faults = find_controls(frozen, request.controls)
    notices = [f"{reason}, so it is no control." for reason in left]
    if not controls:
        return [], [*notices, f"Cycle {frozen.cycle.cycle} has no solved control case."], faults
    old = Release.open(home.releases / frozen.cycle.release)
    bench = Bench.open(candidate.release.folder, candidate.folder, frozen.cycle.profile)
    verdicts = rank_again(
        controls, frozen, home.state, home.results, old, bench, limits.top_ranks, progress
    )
    notices += [
        f"{verdict.case}: {verdict.told}, so it shows nothing."
        for verdict in verdicts
        if verdict.result == NOT_FOUND
    ]
    return verdicts, notices, faults


def _failing(verdicts: Iterable[Verdict], waivers: Iterable[Waiver]) -> Iterator[Fault]:
    excepted = {waiver.case for waiver in waivers}
    for verdict in verdicts:
        if verdict.bad and verdict.case not in excepted:
            what = f"control {verdict.result}: {verdict.told}"
            advice = "Look at the case; if it is right so, record it in a file for --exceptions"
            yield Fault("control cases", verdict.case, what, advice)
