"""One cycle over one shard: a full pass, or a delta that recomputes only what changes touch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ariane import files
from ariane.annotate.elsewhere import CONSEQUENCE
from ariane.knowledge.disruption import reads_nulls
from ariane.knowledge.in_house import case_digest
from ariane.knowledge.kinds import EVIDENCE
from ariane.knowledge.tables import ASSERTED_ELSEWHERE
from ariane.model.case import Case
from ariane.model.structural import SMALL, spot_of
from ariane.model.tables import FINDINGS, LEDGER, PHENOTYPE, STANDING, TOUCHED, Table
from ariane.rank.shard import (
    RANKED_BY,
    Bench,
    CaseGene,
    evaluate_all,
    local_tables,
    rank_cases,
    read_candidates,
)
from ariane.reanalyse import effective
from ariane.reanalyse.compare import EVERYWHERE, FAMILY, NULLS
from ariane.reanalyse.elsewhere import candidates_elsewhere, with_elsewhere

Row = dict[str, Any]
_WHERE: Final = ("case", "gene", "finding", "consequence")
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
    before: Iterable[Case] = (),
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
        before: cases as they were in the previous cycle. Of one that is the same to the letter,
            and of which no finding changed, phenotype and standing are carried forward, unless a
            resource changed on which those of every case rest.
    """
    by_id = {case.id: case for case in cases}
    old = effective.held(previous, FINDINGS, columns=_WHERE)
    again = (set(anew) | _counted_otherwise(changes, by_id)) & by_id.keys()
    touched = touched_pairs(store, changes, by_id)
    touched |= effective.pairs_in(effective.of_cases(old, again))
    touched |= _pairs_of(store.read_keys, again)
    # What was asserted of an allele outside its gene may be so no more: the release names it not.
    outside = pc.match_substring(old["consequence"], CONSEQUENCE)
    touched |= effective.pairs_in(old.filter(outside))
    elsewhere = _elsewhere(store, bench, by_id, changes, touched, again)
    touched |= {(row["case"], row["gene"]) for row in elsewhere}
    stored = read_candidates(store.candidates, by_id, touched, bench.openable())
    candidates = with_elsewhere(stored, elsewhere)
    fresh = local_tables(evaluate_all(by_id, candidates, bench))
    present = pc.is_in(old["case"], value_set=pa.array(sorted(by_id), pa.string()))
    gone = effective.pairs_in(old.filter(pc.invert(present)))
    had = _grouped(effective.effective(previous, FINDINGS, touched | gone))
    ledger = _grouped(effective.effective(previous, LEDGER, touched))
    overlay: dict[CaseGene, tuple[list[Row], list[Row]]] = {}
    marks: list[Row] = []
    for key in sorted(touched | gone):
        now = fresh.get(key) if key[0] in by_id else None
        if now is None and key in had:
            marks.append(_touch(key, "removed"))
        elif now is not None and not _same(now, (had.get(key, []), ledger.get(key, []))):
            overlay[key] = now
            marks.append(_touch(key, "replaced"))
    same = set[str]() if _of_all(changes) else _unchanged(cases, before)
    carried = _carried(previous[-1], same - {mark["case"] for mark in marks})
    ranked = [case for case in cases if case.id not in carried.cases]
    decided = {(mark["case"], mark["gene"]) for mark in marks}
    rows = effective.held(
        previous, FINDINGS, cases=[case.id for case in ranked], columns=RANKED_BY
    ).to_pylist()
    current = [row for row in rows if (row["case"], row["gene"]) not in decided]
    current += [row for key in overlay for row in overlay[key][0]]
    _write(out, ranked, overlay, marks, current, bench, progress, carried)


def _unchanged(cases: Iterable[Case], before: Iterable[Case]) -> set[str]:
    """Cases that are to the letter what they were in an earlier cycle, their status included."""
    then = {case.id: case for case in before}
    return {case.id for case in cases if then.get(case.id) == case}


def touched_pairs(store: Store, changes: Path, cases: Iterable[str]) -> set[CaseGene]:
    """The (case, gene) pairs whose evidence reads a key that changed: a semi-join.

    Changes of resources that are only shown touch nothing.
    """
    reading = ", ".join(f"'{kind}'" for kind in sorted(EVIDENCE))
    moved = f'(SELECT kind, "key" FROM changed WHERE resource IN ({reading}))'  # noqa: S608
    rows = files.query(
        f'SELECT DISTINCT held."case", held.gene FROM held SEMI JOIN {moved} AS moved '  # noqa: S608
        'ON held.kind = moved.kind AND held."key" = moved."key"',
        held=store.read_keys,
        changed=changes,
    )
    wanted = set(cases)
    touched = {(row["case"], row["gene"]) for row in rows if row["case"] in wanted}
    return touched | {pair for pair in _reading_nulls(store, changes) if pair[0] in wanted}


def _reading_nulls(store: Store, changes: Path) -> set[CaseGene]:
    """Pairs with an allele that reads its gene's disrupting alleles, where these changed."""
    genes = files.query(
        f"SELECT DISTINCT \"key\" FROM changed WHERE kind = '{NULLS}'",  # noqa: S608
        changed=changes,
    )
    if not genes:
        return set()
    rows = files.query(
        'SELECT DISTINCT "case", gene, consequence, kind FROM held '
        "SEMI JOIN genes ON held.gene = genes.gene",
        held=store.candidates,
        genes=pa.table({"gene": pa.array([row["key"] for row in genes], pa.string())}),
    )
    return {
        (row["case"], row["gene"])
        for row in rows
        if row["kind"] != SMALL or reads_nulls(row["consequence"])
    }


def _of_all(changes: Path) -> bool:
    """Whether a resource changed on which phenotype and standing of every case rest."""
    told = f"SELECT 1 FROM changed WHERE kind = '{EVERYWHERE}' LIMIT 1"  # noqa: S608
    return bool(files.query(told, changed=changes))


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
        len(one) == len(two) and (_ordered(one, table) == two or _written(one) == _written(two))
        for one, two, table in zip(now, before, (FINDINGS, LEDGER), strict=True)
    )


def _ordered(rows: list[Row], table: Table) -> list[Row]:
    return sorted(rows, key=itemgetter(*table.sort))


def _written(rows: Iterable[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


def _touch(key: CaseGene, operation: str) -> Row:
    return {"case": key[0], "gene": key[1], "operation": operation}


@dataclass(frozen=True)
class _Carried:
    """What the previous cycle said of cases that nothing touches."""

    cases: frozenset[str]
    phenotype: pa.Table
    standing: pa.Table


_NOTHING: Final = _Carried(
    frozenset(), PHENOTYPE.schema.empty_table(), STANDING.schema.empty_table()
)


def _carried(last: Path, cases: Iterable[str]) -> _Carried:
    """The last cycle's rows of some cases; of one that it does not hold, nothing is carried."""
    asked = sorted(cases)
    if not asked:
        return _NOTHING
    standing = effective.standing(last, asked)
    found = frozenset(standing["case"].unique().to_pylist())
    phenotype = files.read_arrow(last / "phenotype.parquet", PHENOTYPE)
    return _Carried(found, effective.of_cases(phenotype, found), standing)


def _write(
    out: Path,
    cases: Sequence[Case],
    local: Local,
    touched: Iterable[Row],
    current: Sequence[Row],
    bench: Bench,
    progress: Callable[[str], None],
    carried: _Carried = _NOTHING,
) -> None:
    phenotype, standing = rank_cases(cases, current, bench, progress)
    files.write_table(out / "findings.parquet", FINDINGS, (r for k in local for r in local[k][0]))
    files.write_table(out / "ledger.parquet", LEDGER, (r for k in local for r in local[k][1]))
    files.write_table(out / "touched.parquet", TOUCHED, touched)
    files.write_table(out / "phenotype.parquet", PHENOTYPE, phenotype, carried.phenotype)
    files.write_table(out / "standing.parquet", STANDING, standing, carried.standing)
