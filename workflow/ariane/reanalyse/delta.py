"""One cycle over one shard: a full pass, or a delta that recomputes only what changes touch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane import files
from ariane.annotate.elsewhere import CONSEQUENCE
from ariane.knowledge.in_house import case_digest
from ariane.knowledge.kinds import EVIDENCE
from ariane.knowledge.tables import ASSERTED_ELSEWHERE
from ariane.model.case import Case
from ariane.model.structural import spot_of
from ariane.model.tables import FINDINGS, LEDGER, PHENOTYPE, STANDING, TOUCHED
from ariane.rank.shard import (
    Bench,
    CaseGene,
    evaluate_all,
    local_tables,
    rank_cases,
    read_candidates,
)
from ariane.reanalyse import effective
from ariane.reanalyse.compare import FAMILY
from ariane.reanalyse.elsewhere import candidates_elsewhere, with_elsewhere

Row = dict[str, Any]
Local = Mapping[CaseGene, tuple[list[Row], list[Row]]]


@dataclass(frozen=True)
class Store:
    """A shard's candidates and read keys."""

    candidates: Path
    read_keys: Path
    cases: Path | None = None
    """``results/cases``, for alleles outside the gene they are asserted for; None asks none."""


def evaluated(cases: Sequence[Case], store: Store, bench: Bench) -> Local:
    """Rows of ``findings`` and ``ledger`` of every (case, gene) of some cases, from nothing."""
    candidates = read_candidates(
        store.candidates, (case.id for case in cases), openable=bench.openable()
    )
    if store.cases:
        elsewhere = candidates_elsewhere(store.cases, (case.id for case in cases), bench)
        candidates = with_elsewhere(candidates, elsewhere)
    return local_tables(evaluate_all({c.id: c for c in cases}, candidates, bench))


def full_pass(
    cases: Sequence[Case], store: Store, bench: Bench, out: Path, progress: Callable[[str], None]
) -> None:
    """Evaluate every (case, gene) of a shard and write its tables as a new base."""
    local = evaluated(cases, store, bench)
    touched = [_touch(key, "replaced") for key in local]
    _write(
        out, cases, local, touched, [row for key in local for row in local[key][0]], bench, progress
    )


def delta_pass(
    cases: Sequence[Case],
    store: Store,
    bench: Bench,
    previous: Sequence[Path],
    changes: Path,
    anew: Iterable[str],
    out: Path,
    progress: Callable[[str], None],
) -> None:
    """Re-evaluate what changed and write an overlay over the previous cycles.

    Args:
        cases: the shard's cases in this cycle.
        store: the shard's candidates and read keys.
        bench: the new release, opened.
        previous: the shard's folders from the last full pass to the previous cycle.
        changes: the ``changes`` table from the previous release to this one.
        anew: cases whose own data changed since (new, other calls, other pedigree): all their
            genes are evaluated again.
        out: folder of the shard in this cycle.
        progress: told each case as it is ranked.
    """
    by_id = {case.id: case for case in cases}
    old_findings = effective.effective(previous, FINDINGS)
    before = _grouped(old_findings)
    again = (set(anew) | _counted_otherwise(changes, by_id)) & by_id.keys()
    touched = touched_pairs(store.read_keys, changes, by_id)
    touched |= {key for key in before if key[0] in again}
    touched |= _pairs_of(store.read_keys, again)
    # What was asserted of an allele outside its gene may be so no more: the release names it not.
    touched |= {key for key, rows in before.items() if any(map(_outside, rows))}
    elsewhere = _elsewhere(store, bench, by_id, changes, touched, again)
    touched |= {(row["case"], row["gene"]) for row in elsewhere}
    stored = read_candidates(store.candidates, by_id, touched, bench.openable())
    candidates = with_elsewhere(stored, elsewhere)
    fresh = local_tables(evaluate_all(by_id, candidates, bench))
    ledger = _grouped(effective.effective(previous, LEDGER, touched))
    overlay: dict[CaseGene, tuple[list[Row], list[Row]]] = {}
    marks: list[Row] = []
    for key in sorted(touched | {key for key in before if key[0] not in by_id}):
        now = fresh.get(key) if key[0] in by_id else None
        if now is None and key in before:
            marks.append(_touch(key, "removed"))
        elif now is not None and not _same(now, (before.get(key, []), ledger.get(key, []))):
            overlay[key] = now
            marks.append(_touch(key, "replaced"))
    decided = {(mark["case"], mark["gene"]) for mark in marks}
    current = [row for row in old_findings if (row["case"], row["gene"]) not in decided]
    current += [row for key in overlay for row in overlay[key][0]]
    _write(out, cases, overlay, marks, current, bench, progress)


def touched_pairs(read_keys: Path, changes: Path, cases: Iterable[str]) -> set[CaseGene]:
    """The (case, gene) pairs whose evidence reads a key that changed: a semi-join.

    Changes of resources that are only shown touch nothing.
    """
    reading = ", ".join(f"'{kind}'" for kind in sorted(EVIDENCE))
    moved = f'(SELECT kind, "key" FROM changed WHERE resource IN ({reading}))'  # noqa: S608
    rows = files.query(
        f'SELECT DISTINCT held."case", held.gene FROM held SEMI JOIN {moved} AS moved '  # noqa: S608
        'ON held.kind = moved.kind AND held."key" = moved."key"',
        held=read_keys,
        changed=changes,
    )
    wanted = set(cases)
    return {(row["case"], row["gene"]) for row in rows if row["case"] in wanted}


def _outside(finding: Row) -> bool:
    return CONSEQUENCE in finding["consequence"]


def _elsewhere(
    store: Store,
    bench: Bench,
    cases: Iterable[str],
    changes: Path,
    touched: set[CaseGene],
    again: set[str],
) -> list[Row]:
    """Candidates outside their gene whose evaluation may have changed.

    No store holds read keys of them: the records are asked for every allele of a gene of which one
    such allele or the gene itself changed, and in the pairs and cases that are evaluated again
    anyway.
    """
    if store.cases is None:
        return []
    rows = files.query(
        'SELECT DISTINCT kind, "key" FROM changed WHERE kind IN '
        "('variant', 'gene', 'structural')",
        changed=changes,
    )
    moved = {row["key"] for row in rows if row["kind"] != "structural"}
    overlapping = any(row["kind"] == "structural" for row in rows)
    asserted = files.read_table(bench.folder / "asserted_elsewhere.parquet", ASSERTED_ELSEWHERE)
    # Of a gene all alleles or none: an allele that did not change may be the other half of a pair.
    genes = {
        row["gene"]
        for row in asserted
        if row["variant"] in moved
        or row["gene"] in moved
        or (overlapping and spot_of(row["variant"]))  # a long one reads more than its own key
    }
    before = {gene for _, gene in touched}

    def wanted(case: str, row: Row) -> bool:
        gene = row["gene"]
        return case in again or gene in genes or (gene in before and (case, gene) in touched)

    return candidates_elsewhere(store.cases, cases, bench, wanted)


def _counted_otherwise(changes: Path, cases: Iterable[str]) -> set[str]:
    """Cases whose own family entered or left the in-house table."""
    rows = files.query(
        f"SELECT DISTINCT \"key\" FROM changed WHERE kind = '{FAMILY}'",  # noqa: S608
        changed=changes,
    )
    moved = {row["key"] for row in rows}
    return {case for case in cases if case_digest(case) in moved} if moved else set()


def _pairs_of(read_keys: Path, cases: set[str]) -> set[CaseGene]:
    if not cases:
        return set()
    rows = files.query(
        "SELECT DISTINCT \"case\", gene FROM held WHERE kind = 'gene'", held=read_keys
    )
    return {(row["case"], row["gene"]) for row in rows if row["case"] in cases}


def _grouped(rows: Iterable[Row]) -> dict[CaseGene, list[Row]]:
    groups: dict[CaseGene, list[Row]] = {}
    for row in rows:
        groups.setdefault((row["case"], row["gene"]), []).append(row)
    return groups


def _same(now: tuple[list[Row], list[Row]], before: tuple[list[Row], list[Row]]) -> bool:
    return all(
        sorted(map(repr, (sorted(row.items()) for row in one)))
        == sorted(map(repr, (sorted(row.items()) for row in two)))
        for one, two in zip(now, before, strict=True)
    )


def _touch(key: CaseGene, operation: str) -> Row:
    return {"case": key[0], "gene": key[1], "operation": operation}


def _write(
    out: Path,
    cases: Sequence[Case],
    local: Local,
    touched: Iterable[Row],
    current: Sequence[Row],
    bench: Bench,
    progress: Callable[[str], None],
) -> None:
    phenotype, standing = rank_cases(cases, current, bench, progress)
    files.write_table(out / "findings.parquet", FINDINGS, (r for k in local for r in local[k][0]))
    files.write_table(out / "ledger.parquet", LEDGER, (r for k in local for r in local[k][1]))
    files.write_table(out / "touched.parquet", TOUCHED, touched)
    files.write_table(out / "phenotype.parquet", PHENOTYPE, phenotype)
    files.write_table(out / "standing.parquet", STANDING, standing)
