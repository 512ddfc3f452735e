"""Whether a release still holds the record that a ledger row names, to the letter.

A row names a record by a digest of its content. Here the digest is made again from the prepared
table, as the reader of that resource made it, so that a table edited by hand shows as well as a
record that went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.audit.links import State
from ariane.files import query
from ariane.knowledge import tables
from ariane.knowledge.context import Context, contigs_of
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.kinds import ASSERTING, BY_NAME, Key
from ariane.knowledge.release import Release
from ariane.knowledge.scores import read_scores
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError
from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED
from ariane.model.stretches import stretches_near
from ariane.model.tables import Table
from ariane.rank.computational import of_transcript
from ariane.seals import verified

Row = Mapping[str, Any]

OWN: Final = "case"
"""What a row names that rests on the case's own calls."""

OUTSIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "laboratory": ("variant",),
    "assertions": ("variant",),
    "consensus": ("variant",),
    "frequencies": ("variant",),
    "in_house": ("variant",),
    "constraint": ("gene",),
    "dosage": ("gene",),
    "spectra": ("gene",),
    "gene_disease": ("symbol",),
}
"""Columns that have no part in a record's digest, by table; every other column has."""
_WHERE_SAID: Final = ("conflicts", "evaluated")
"""Columns of an assertion that have a part only where the source says something."""
_KEYED: Final = {Key.VARIANT: "variant", Key.GENE: "gene", Key.DISEASE: "disease"}


@dataclass(frozen=True)
class Found:
    """What a release holds of a record."""

    state: State
    sentence: str
    rows: tuple[Row, ...] = ()
    """Rows of the prepared table: those of that digest, else those under the key."""


def digest_of(table: str, row: Row) -> str:
    """The digest of a prepared row, made as the resource's reader made it."""
    left = {"record", *OUTSIDE.get(table, ())}
    if table in ASSERTING:
        left |= {name for name in _WHERE_SAID if not row[name]}
    return digest({name: value for name, value in row.items() if name not in left})


def table_of(resource: str) -> Table | None:
    """The prepared table that a row's resource names; None where there is none to look in."""
    if resource == tables.SPECTRA.name:
        return tables.SPECTRA
    kind = BY_NAME.get(resource)
    table = kind.table if kind else None
    return table if table is not None and "record" in table.columns else None


def rows_where(folder: Path, table: Table, column: str, value: str) -> list[dict[str, Any]]:
    """Rows of a prepared table with a value in a column, in the table's order.

    Raises:
        ArianeError: the release is not prepared there, or the table is damaged.
    """
    path = folder / f"{table.name}.parquet"
    if not path.is_file():
        raise ArianeError(f"{path}: the release is not prepared there. Run the workflow.")
    by = ", ".join(f'"{name}"' for name in table.sort)
    wanted = value.replace("'", "''")
    return query(
        f"SELECT * FROM held WHERE \"{column}\" = '{wanted}' ORDER BY {by}",  # noqa: S608
        held=verified(path),
    )


def look(release: Release, folder: Path, row: Row, candidates: Sequence[Row] = ()) -> Found:
    """Whether a release still holds what a row of the ledger names.

    Args:
        release: the release of the cycle that the row stands in.
        folder: where it was laid out as tables.
        row: of the ledger: ``resource``, ``read_key``, ``record``, ``variant``.
        candidates: stored candidates of the finding, which tell the transcript of a prediction.
    """
    resource, key, record = (str(row[name]) for name in ("resource", "read_key", "record"))
    if record == OWN:
        return Found(State.TOLD, "rests on the case's own calls: see the candidates below")
    if record == NO_RESOURCE:
        held = resource in release.resources
        return Found(
            State.DIFFERS if held else State.SAME,
            f"the release {'holds' if held else 'still holds no'} '{resource}'",
        )
    kind = BY_NAME.get(resource)
    if kind is not None and kind.by_region:
        return _predicted(release, row, candidates)
    table = table_of(resource)
    if table is None:
        return Found(State.TOLD, f"'{resource}' has no table of records: not compared")
    if record in (ABSENT, NOT_COVERED):
        return _silent(folder, table, key, record)
    found = _placed(folder, table, key, rows_where(folder, table, "record", record))
    if not found:
        there = under(folder, table, key) or []
        told = f"; under {key} it holds {_named(there)}" if there else ""
        sentence = f"the release holds no record {record}{told}"
        return Found(State.DIFFERS, sentence, tuple(there))
    wrong = [one for one in found if digest_of(table.name, one) != record]
    if wrong:
        made = digest_of(table.name, wrong[0])
        return Found(
            State.DIFFERS, f"the record's content hashes to {made}: not {record}", tuple(found)
        )
    return Found(
        State.SAME, f"the release holds this record, and it hashes to {record}", tuple(found)
    )


def _placed(
    folder: Path, table: Table, key: str, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Of rows that share a digest those that are read under the key.

    Records of two alleles may say the same to the letter, and then have one digest.
    """
    column = _column(table, key)
    if column:
        return [row for row in rows if row[column] == key]
    if table.name not in ASSERTING:
        return rows
    placed = {
        known["variant"]
        for record in {row["record"] for row in rows}
        for known in rows_where(folder, tables.KNOWN_ALLELES, "record", record)
        if known["resource"] == table.name and key in _keys_of(known)
    }
    return [row for row in rows if row["variant"] in placed]


def _keys_of(known: Row) -> set[str]:
    """The keys under which a known allele is read as a neighbour."""
    return {known["gene"], known["codon"], *stretches_near(known["codon"])} - {""}


def _silent(folder: Path, table: Table, key: str, record: str) -> Found:
    """Whether a resource still says nothing under a key."""
    there = under(folder, table, key)
    if there is None:
        return Found(State.TOLD, f"'{record}' under {key}: this key is not looked up again")
    if there:
        sentence = f"was '{record}', and the release holds {_named(there)}"
        return Found(State.DIFFERS, sentence, tuple(there))
    return Found(State.SAME, f"still no record under {key} ({record})")


def under(folder: Path, table: Table, key: str) -> list[dict[str, Any]] | None:
    """Rows under a read key; None where the table is not asked by that kind of key.

    Raises:
        ArianeError: the release is not prepared there, or the table is damaged.
    """
    column = _column(table, key)
    return rows_where(folder, table, column, key) if column else None


def _column(table: Table, key: str) -> str:
    """The column in which a table holds a key of that kind; empty where it has none."""
    kind = BY_NAME.get(table.name)
    column = _KEYED.get(kind.key if kind else Key.GENE, "")
    fits = column in table.columns and (column == "variant") == (key.count("-") >= 3)
    return column if fits else ""


def _named(rows: Sequence[Row] | None) -> str:
    return ", ".join(str(row["record"]) for row in rows or ()) or "nothing"


def _predicted(release: Release, row: Row, candidates: Sequence[Row]) -> Found:
    """Predictions are read where they lie: the digest is that of the scores that were taken."""
    resource, key, record = (str(row[name]) for name in ("resource", "read_key", "record"))
    if resource not in release.resources:
        return Found(State.DIFFERS, f"the release holds no '{resource}'")
    context = Context(GeneNames.of([]), contigs_of(release), release.require("reference"))
    said = read_scores(release, resource, [key], context).get(key, [])
    taken = [said, *(of_transcript(one, said) for one in candidates if one["variant"] == key)]
    rows = tuple(dict(one) for one in said)
    if any(digest([dict(one) for one in some]) == record for some in taken):
        return Found(
            State.SAME, f"the file says the same of {key}, and it hashes to {record}", rows
        )
    return Found(State.DIFFERS, f"the file no longer says of {key} what hashed to {record}", rows)


@dataclass(frozen=True)
class Reach:
    """The keys under which a record may be read, and its digests."""

    resource: str
    keys: frozenset[str]
    """Its own key; of an assertion also the codons, stretches and genes that it is known in."""
    records: frozenset[str]


def reach(folder: Path, resource: str, key: str) -> Reach:
    """Where a record of a release may be read.

    An assertion is read under its own allele, and as a neighbour under the codon, the stretch of
    residues and the gene in which its consequence lies.

    Raises:
        ArianeError: the release is not prepared there, or a table is damaged.
    """
    table = table_of(resource)
    rows = (under(folder, table, key) or []) if table is not None else []
    keys = {key}
    if resource in ASSERTING:
        for known in rows_where(folder, tables.KNOWN_ALLELES, "variant", key):
            if known["resource"] == resource:
                keys |= _keys_of(known)
    return Reach(resource, frozenset(keys), frozenset(str(row["record"]) for row in rows))
