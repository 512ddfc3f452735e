"""Candidates outside the gene they are asserted for, brought together with those of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from ariane.annotate.elsewhere import elsewhere_rows
from ariane.files import read_arrow, read_table
from ariane.knowledge.tables import ASSERTED_ELSEWHERE
from ariane.model.case import Case
from ariane.model.genotype import decode_family
from ariane.model.tables import CANDIDATES
from ariane.rank.shard import Bench

Row = dict[str, Any]


def candidates_elsewhere(
    folder: Path,
    cases: Iterable[str],
    bench: Bench,
    wanted: Callable[[str, Row], bool] = lambda _case, _row: True,
) -> list[Row]:
    """Candidates outside the gene that the release asserts them for, from the cases' own records.

    Args:
        folder: ``results/cases``.
        cases: identifiers.
        bench: the release.
        wanted: whether a row of ``asserted_elsewhere`` is asked of a case.
    """
    told = read_table(bench.folder / "asserted_elsewhere.parquet", ASSERTED_ELSEWHERE)
    asserted = [row for row in told if row["gene"]]
    reference = bench.release.require("reference")
    rows: list[Row] = []
    for case in sorted(set(cases)) if asserted else ():
        held = [row for row in asserted if wanted(case, row)]
        rows += elsewhere_rows(case, folder / case, held, reference)
    return rows


def unnamed_elsewhere(folder: Path, case: Case, bench: Bench, store: Path) -> list[str]:
    """The patient's alleles that are asserted pathogenic for no gene that could be ranked.

    Args:
        folder: ``results/cases``.
        case: the case.
        bench: the release.
        store: the shard's candidates; an allele near a gene is a candidate there.

    Returns:
        keys of alleles, sorted.
    """
    asserted = read_table(bench.folder / "asserted_elsewhere.parquet", ASSERTED_ELSEWHERE)
    unnamed = [row for row in asserted if not row["gene"]]
    rows = elsewhere_rows(case.id, folder / case.id, unnamed, bench.release.require("reference"))
    found = {
        row["variant"]
        for row in rows
        if (call := decode_family(row["genotypes"]).get(case.proband)) and 1 in call.alleles
    }
    if found:
        own = (pc.field("case") == case.id) & pc.field("variant").isin(sorted(found))
        held = read_arrow(store, CANDIDATES, ["variant"], own)
        found -= set(held["variant"].to_pylist())
    return sorted(found)


def with_elsewhere(stored: Sequence[Row], elsewhere: Iterable[Row]) -> list[Row]:
    """Both kinds of candidates in order; what the store holds of a gene is not told twice."""
    held = {(row["case"], row["variant"], row["gene"]) for row in stored}
    more = [r for r in elsewhere if (r["case"], r["variant"], r["gene"]) not in held]
    rows = [*stored, *more]
    rows.sort(key=lambda r: (r["case"], r["gene"], r["chrom"], r["pos"], r["ref"], r["alt"]))
    return rows
