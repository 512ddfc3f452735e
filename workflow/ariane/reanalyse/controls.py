"""Control cases: what a laboratory has solved must stand as well under a new release.

A control is a case of the last finished cycle that a signed decision solved by naming its gene or
its alleles. It is ranked again under the candidate release by the code of every analysis.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ariane.files import open_text, read_table
from ariane.intake.words import unsafe_name
from ariane.knowledge.release import Release
from ariane.model.canonical import shard_name, shard_of
from ariane.model.case import Case, Decision, Status
from ariane.model.errors import ArianeError, Fault
from ariane.model.tables import FINDINGS, STANDING
from ariane.rank.shard import Bench, rank_cases
from ariane.reanalyse.at_hand import verify_calls
from ariane.reanalyse.delta import Store, evaluated
from ariane.reanalyse.effective import effective
from ariane.reanalyse.frozen import Cycle, Frozen, chain, is_frozen, open_cycle

Row = Mapping[str, Any]

SOLVED: Final = frozenset({Status.SOLVED, Status.PARTLY_SOLVED})

CLASSES: Final = ("B", "LB", "VUS", "LP", "P")
"""Proposals of a class from the least to the most pathogenic."""

KEPT: Final = "kept"
LOST_CLASS: Final = "lost its class"
LEFT_TOP: Final = "left the top ranks"
NOT_RANKED: Final = "not ranked again"
NOT_FOUND: Final = "not found before"
"""The last cycle had no finding of what was decided: there is nothing to lose."""

EXCEPTION_COLUMNS: Final = ("case", "reason", "who", "date")


@dataclass(frozen=True)
class Control:
    """A solved case with what its last signed decision names."""

    case: Case
    gene: str
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What became of a control under the candidate release."""

    case: str
    result: str
    """``kept``, ``lost its class``, ``left the top ranks``, ``not ranked again``, ``not found
    before``; the second hides the third."""
    told: str
    """In words, from what to what."""

    @property
    def bad(self) -> bool:
        """Whether it stops the promotion unless an exception is recorded."""
        return self.result in (LOST_CLASS, LEFT_TOP, NOT_RANKED)


@dataclass(frozen=True)
class Waiver:
    """A recorded exception: this control may fail, says a named person."""

    case: str
    reason: str
    who: str
    date: str


@dataclass(frozen=True)
class Stand:
    """Where what was decided of a case stands under one release."""

    classes: Mapping[str, str]
    """Proposed class by allele, without its remark."""
    rank: int | None
    """The best rank of its genes; None when not ranked."""


def last_finished(state: Path, results: Path, names: Iterable[str]) -> Frozen | None:
    """The first of some cycles that has begun and whose every shard was ranked."""
    for name in names:
        if not name or not is_frozen(state, name):
            continue
        frozen = open_cycle(state, name)
        folders = results / "cycles" / name / "shards"
        count = frozen.cycle.shards
        shards = (shard_name(i, count) for i in range(count))
        if all((folders / shard / "standing.parquet").is_file() for shard in shards):
            return frozen
    return None


def find_controls(
    frozen: Frozen, listed: Path | None = None
) -> tuple[list[Control], list[str], list[Fault]]:
    """The controls of a cycle.

    Args:
        frozen: the cycle.
        listed: a file of case identifiers, one a line; None takes every solved case.

    Returns:
        the controls by case; solved cases that are none, each with the reason; faults of the file.
    """
    controls, left = {}, {}
    for case in frozen.cases:
        named = deciding(d for d in frozen.decisions if d.case == case.id)
        if case.status not in SOLVED:
            continue
        if named is None:
            left[case.id] = f"{case.id}: no signed decision names its gene or alleles"
        elif not case.consent.reanalysis:
            left[case.id] = f"{case.id}: no consent to reanalysis"
        else:
            variants = tuple(filter(None, named.variants.split("+")))
            controls[case.id] = Control(case, named.gene, variants)
    if listed is None:
        return [controls[c] for c in sorted(controls)], [left[c] for c in sorted(left)], []
    wanted, faults = _listed(listed)
    for name, where in wanted.items():
        if name not in controls:
            why = left.get(name, f"{name}: not a solved case of cycle {frozen.cycle.cycle}")
            faults.append(Fault(where, "", why, "Take it out of the list, or record the decision"))
    chosen = [controls[name] for name in sorted(wanted) if name in controls]
    return chosen, [], faults


def deciding(decisions: Iterable[Decision]) -> Decision | None:
    """The last signed decision that solves a case and names something, if nothing undid it."""
    held = None
    for decision in sorted(decisions, key=lambda d: (d.date, d.report)):
        if decision.outcome not in SOLVED:
            held = None
        elif decision.gene or decision.variants:
            held = decision
    return held


def _listed(path: Path) -> tuple[dict[str, str], list[Fault]]:
    found: dict[str, str] = {}
    for number, line in enumerate(_lines(path), start=1):
        name = line.strip()
        if name and not name.startswith("#"):
            found.setdefault(name, f"{path.name}:{number}")
    faults = [] if found else [Fault(path.name, "", "names no case", "Write one case id a line")]
    return found, faults


def _lines(path: Path) -> list[str]:
    try:
        with open_text(path) as handle:
            return handle.read().removeprefix("\ufeff").split("\n")
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Check the path.") from None
    except (OSError, UnicodeDecodeError):
        raise ArianeError(f"{path}: cannot be read as UTF-8 text. Save it as UTF-8.") from None


def read_exceptions(path: Path) -> tuple[list[Waiver], list[Fault]]:
    """Recorded exceptions, a TSV with the columns case, reason, who and date; and its faults.

    Raises:
        ArianeError: the file cannot be read as UTF-8 text.
    """
    rows = list(csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE))
    header = [cell.strip() for cell in rows[0]] if rows else []
    if sorted(header) != sorted(EXCEPTION_COLUMNS):
        known = ", ".join(EXCEPTION_COLUMNS)
        what = "the first line does not name the columns"
        return [], [Fault(f"{path.name}:1", "", what, f"Write {known}, separated by tabs")]
    found: dict[str, Waiver] = {}
    faults: list[Fault] = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{path.name}:{number}"
        if len(cells) > len(header):
            faults.append(Fault(where, "", "more cells than columns", "Remove the tab in a cell"))
            continue
        padded = [cell.strip() for cell in cells] + [""] * (len(header) - len(cells))
        row = dict(zip(header, padded, strict=True))
        problems = [
            Fault(where, row["case"], f"no {name}", "An exception needs all four cells")
            for name in EXCEPTION_COLUMNS
            if not row[name]
        ]
        if row["date"] and not is_date(row["date"]):
            what = f"date {row['date']!r} is not a date"
            problems.append(Fault(where, row["case"], what, "Write it as 2024-03-06"))
        if row["who"] and (reason := unsafe_name(row["who"])):
            what = f"who {row['who']!r} {reason}"
            advice = "Give a professional identifier of letters, digits, '.', '_' and '-'"
            problems.append(Fault(where, row["case"], what, advice))
        if row["case"] in found:
            problems.append(Fault(where, row["case"], "a second exception", "Keep one a case"))
        faults += problems
        if not problems:
            found[row["case"]] = Waiver(**row)
    return [found[case] for case in sorted(found)], faults


def is_date(text: str) -> bool:
    """Whether a text is an ISO date, such as 2024-03-06."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def rank_again(
    controls: Sequence[Control],
    frozen: Frozen,
    state: Path,
    results: Path,
    old: Release,
    bench: Bench,
    top: int,
    progress: Callable[[str], None],
) -> list[Verdict]:
    """Rank controls under the candidate release and compare with the last finished cycle.

    Args:
        controls: the controls.
        frozen: the cycle.
        state: the folder of frozen inputs.
        results: the folder of results.
        old: the cycle's release.
        bench: the candidate release, opened.
        top: a gene that stood this high must stay so.
        progress: told each case as it is ranked.
    """
    moved = [
        kind
        for kind in ("reference", "transcripts")
        if old.sha256(kind) != bench.release.sha256(kind)
    ]
    verdicts: list[Verdict] = []
    by_shard: dict[str, list[Control]] = {}
    count = frozen.cycle.shards
    for control in controls:
        if moved:
            # What the store holds was annotated on the old ones: it would be half of each.
            told = f"the release's {' and '.join(moved)} changed, and with them its annotation"
            verdicts.append(Verdict(control.case.id, NOT_RANKED, told))
            continue
        try:
            verify_calls(frozen, [control.case.id], results / "cases")
        except (ArianeError, OSError, KeyError, ValueError):
            told = "its annotated calls are not those of the cycle, or are not there"
            verdicts.append(Verdict(control.case.id, NOT_RANKED, told))
            continue
        by_shard.setdefault(shard_name(shard_of(control.case.id, count), count), []).append(control)
    links = chain(state, frozen.cycle.cycle)
    for shard, held in sorted(by_shard.items()):
        verdicts += _rank_shard(held, shard, links, results, bench, top, progress)
    return sorted(verdicts, key=lambda verdict: verdict.case)


def _rank_shard(
    controls: Sequence[Control],
    shard: str,
    links: Sequence[Cycle],
    results: Path,
    bench: Bench,
    top: int,
    progress: Callable[[str], None],
) -> list[Verdict]:
    folders = [results / "cycles" / link.cycle / "shards" / shard for link in links]
    old_findings = effective(folders, FINDINGS)
    old_standing = read_table(folders[-1] / "standing.parquet", STANDING)
    home = results / "store" / shard
    store = Store(home / "candidates.parquet", home / "read_keys.parquet", results / "cases")
    cases = [control.case for control in controls]
    local = evaluated(cases, store, bench)
    findings = [row for rows, _ in local.values() for row in rows]
    findings.sort(key=lambda row: tuple(row[name] for name in FINDINGS.sort))
    _, standing = rank_cases(cases, findings, bench, progress)
    verdicts = []
    for control in controls:
        named = _named(control, old_findings, old_standing)
        was = stand_of(named, old_findings, old_standing)
        now = stand_of(named, findings, standing)
        verdicts.append(compare_stands(control.case.id, was, now, top))
    return verdicts


def _named(control: Control, findings: Sequence[Row], standing: Sequence[Row]) -> Control:
    """A control with its alleles; where the decision names a gene alone, those that led it."""
    if control.variants:
        return control
    own = {f["finding"]: f for f in findings if f["case"] == control.case.id}
    for row in standing:  # sorted by rank within a case
        if row["case"] == control.case.id and row["gene"] == control.gene:
            leading = own.get(row["finding"])
            if leading is not None:
                return Control(control.case, control.gene, tuple(leading["variants"].split("+")))
    return control


def stand_of(control: Control, findings: Iterable[Row], standing: Iterable[Row]) -> Stand:
    """Where what was decided of a case stands: the best class of each allele, the best rank."""
    classes: dict[str, str] = {}
    genes = {control.gene} - {""}
    for finding in findings:
        if finding["case"] != control.case.id or (control.gene and finding["gene"] != control.gene):
            continue
        said = zip(finding["variants"].split("+"), finding["acmg_class"].split("+"), strict=True)
        for variant, proposed in said:
            if variant in control.variants:
                genes.add(finding["gene"])
                word = proposed.split(" ")[0]  # "B (BA1)" is a B
                held = classes.get(variant, word)
                classes[variant] = max(held, word, key=CLASSES.index)
    ranks = [
        row["gene_rank"]
        for row in standing
        if row["case"] == control.case.id and row["gene"] in genes and row["rank"] > 0
    ]
    return Stand(classes, min(ranks, default=None))


def compare_stands(case: str, was: Stand, now: Stand, top: int) -> Verdict:
    """What became of a control from the last cycle to the candidate release."""
    if not was.classes and was.rank is None:
        return Verdict(case, NOT_FOUND, "the last cycle holds no finding of what was decided")
    fallen = [
        f"{variant} from {old} to {now.classes.get(variant, 'nothing')}"
        for variant, old in sorted(was.classes.items())
        if variant not in now.classes or _below(now.classes[variant], old)
    ]
    said = "not ranked" if now.rank is None else f"rank {now.rank}"
    ranks = f"{'not ranked' if was.rank is None else f'rank {was.rank}'} before, {said} now"
    if fallen:
        return Verdict(case, LOST_CLASS, f"{', '.join(fallen)}; {ranks}")
    if was.rank is not None and was.rank <= top and (now.rank is None or now.rank > top):
        return Verdict(case, LEFT_TOP, ranks)
    classes = " ".join(f"{v} {now.classes[v]}" for v in sorted(was.classes))
    return Verdict(case, KEPT, f"{classes}; {ranks}" if classes else ranks)


def _below(one: str, two: str) -> bool:
    return CLASSES.index(one) < CLASSES.index(two)
