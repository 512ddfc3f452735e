"""How differences of releases are found and told: records by key, assertions, names of genes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge import tables
from ariane.model.tables import Table
from ariane.phrases import say

Row = dict[str, Any]

CONFLICTING: Final = "conflicting"
NAME: Final = "name"
"""Kind of a change of a gene's name."""

SEVERITY: Final = ("B", "B/LB", "LB", "other", "VUS", "conflicting", "LP", "P/LP", "P")
"""Classes from benign to pathogenic, for telling an upgrade from a downgrade."""


def change_row(
    resource: str, kind: str, key: str, change: str, old: str, new: str, sentence: str
) -> Row:
    """One row of the ``changes`` table."""
    return {
        "resource": resource,
        "kind": kind,
        "key": key,
        "change": change,
        "old": old,
        "new": new,
        "sentence": sentence,
    }


def differing(
    old: Path, new: Path, table: Table, column: str
) -> tuple[dict[str, list[Mapping[str, Any]]], dict[str, list[Mapping[str, Any]]]]:
    """All records, on both sides, of the keys whose records differ.

    Whole rows are compared, repeats counted: a record's hash says what is asserted, not of which
    allele, so two alleles of a gene may share it.

    Args:
        old: folder of the older prepared release.
        new: folder of the newer one.
        table: the table to compare.
        column: the column that holds the key.
    """
    one, two = (folder / f"{table.name}.parquet" for folder in (old, new))
    keys = " UNION ".join(
        f"SELECT {column} FROM (SELECT * FROM {a} EXCEPT ALL SELECT * FROM {b})"  # noqa: S608
        for a, b in (("old", "new"), ("new", "old"))
    )
    order = ", ".join(table.sort)
    sides = []
    for side in ("old", "new"):
        sql = f"SELECT * FROM {side} WHERE {column} IN ({keys}) ORDER BY {order}"  # noqa: S608
        held: dict[str, list[Mapping[str, Any]]] = {}
        for row in files.query(sql, old=one, new=two):
            held.setdefault(row[column], []).append(row)
        sides.append(held)
    return sides[0], sides[1]


def _said(records: list[Mapping[str, Any]]) -> str:
    return "; ".join(sorted(map(_in_words, records)))


def _in_words(record: Mapping[str, Any]) -> str:
    told = {"klass": record["klass"], "stars": record["stars"]}
    if record["stars"] == 1:
        return say("{klass} {stars} star", **told)
    return say("{klass} {stars} stars", **told)


def _rank(records: list[Mapping[str, Any]]) -> int:
    return max(SEVERITY.index(record["klass"]) for record in records)


def _conflicts(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """What records say of a conflict: that there is one, and which classes disagree."""
    return sorted(
        f"{r['klass'] == CONFLICTING} {r['conflicts']}"
        for r in records
        if r["klass"] == CONFLICTING or r["conflicts"]
    )


def assertion_changes(
    resource: str, key: str, before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]
) -> Iterator[Row]:
    """What changed in the assertions of one allele.

    Between uncertain and conflicting nothing is raised or lowered: a conflict came or went.
    """
    old, new = _said(before), _said(after)
    sides = {"old": old, "new": new}
    classes = [sorted(r["klass"] for r in records) for records in (before, after)]
    disputed = _conflicts(before) != _conflicts(after)
    between = {SEVERITY[_rank(records)] for records in (before, after) if records}
    if not before:
        change, sentence = "new", say("newly asserted {new}", new=new)
    elif not after:
        change, sentence = "removed", say("the assertion {old} was withdrawn", old=old)
    elif between == {"VUS", CONFLICTING}:
        change, sentence = "conflict changed", say("assertion went from {old} to {new}", **sides)
    elif _rank(after) > _rank(before):
        change, sentence = "upgraded", say("assertion raised from {old} to {new}", **sides)
    elif _rank(after) < _rank(before):
        change, sentence = "downgraded", say("assertion lowered from {old} to {new}", **sides)
    elif old != new and classes[0] == classes[1]:
        change = "stars changed"
        sentence = say("review of the assertion went from {old} to {new}", **sides)
    elif disputed:
        change, sentence = "conflict changed", say("the classes that disagree changed")
    elif old != new:
        change = "review changed"
        sentence = say("review of the assertion went from {old} to {new}", **sides)
    else:
        change = "details changed"
        sentence = say("conditions or accession of the assertion changed")
    yield change_row(resource, "variant", key, change, old, new, sentence)


def name_changes(old: Path, new: Path) -> Iterator[Row]:
    """What changed in the names of genes: identifiers that came or went, symbols, NCBI's numbers.

    Their kind is ``name``, which no evidence reads: what a new name makes of a resource's records
    is told under that resource.
    """
    before, after = differing(old, new, tables.GENES, "gene")
    for gene in sorted(before.keys() | after.keys()):
        was, now = (side[gene][0] if gene in side else None for side in (before, after))
        if was is None or now is None:
            symbol = str((was or now or {})["symbol"])
            change, verb = ("removed", "lost") if now is None else ("new", "gained")
            texts = ("", symbol) if was is None else (symbol, "")
            yield change_row("genes", NAME, gene, change, *texts, f"HGNC {verb} {gene} {symbol}")
        elif was["symbol"] != now["symbol"]:
            sentence = f"{was['symbol']} is now called {now['symbol']}"
            yield change_row("genes", NAME, gene, "renamed", was["symbol"], now["symbol"], sentence)
        elif was["ncbi"] != now["ncbi"]:
            sentence = f"NCBI's number of {now['symbol']} went from {was['ncbi']} to {now['ncbi']}"
            yield change_row(
                "genes", NAME, gene, "number changed", was["ncbi"], now["ncbi"], sentence
            )
        else:
            sentence = f"former symbols or aliases of {now['symbol']} changed"
            yield change_row(
                "genes", NAME, gene, "former names changed", was["former"], now["former"], sentence
            )
