"""Which filière and which European network a case may belong to: a suggestion, by tables.

No official table of perimeters is public. Ours stand in ``resources/registry`` with their marks;
what the sheet declares always comes first, and what the tables cannot tell is said to be open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from ariane.intake.words import plain
from ariane.knowledge.marked import FOLDER, read_marked
from ariane.knowledge.nomenclature import Nomenclature

_FILIERES: Final = FOLDER / "filieres.tsv"
_BRANCHES: Final = FOLDER / "filiere_branches.tsv"


@dataclass(frozen=True)
class Suggestion:
    """Where a case may belong."""

    filieres: tuple[str, ...]
    """The declared one first, then those suggested, sorted."""
    declared: bool
    """Whether the first is what the sheet declares."""
    erns: tuple[str, ...]
    """Networks of those filières, in their order."""
    open: tuple[str, ...]
    """Classifications that hold the disease and whose branch no table assigns."""


def suggest(
    declared: str, disorders: Iterable[str], nomenclature: Nomenclature | None
) -> Suggestion:
    """Filières and networks of a case.

    Args:
        declared: the filière of the sheet, or empty.
        disorders: ORPHA codes of its disease, or of those that its gene causes.
        nomenclature: the pack in force, with the classifications of :func:`classifications`.
    """
    found: set[str] = set()
    unresolved: set[str] = set()
    for disorder in sorted(set(disorders)):
        own = [row["filiere"] for row in read_marked(_FILIERES) if disorder in _list(row, "only")]
        if own:
            found.update(own)
            continue
        for number in classifications():
            above = nomenclature.above(number, disorder) if nomenclature else frozenset[str]()
            if not above:
                continue
            named = _whole(number) or _by_branch(number, above, nomenclature)
            found.update(named)
            if not named:
                unresolved.add(number)
    first = [declared] if declared else []
    filieres = (*first, *sorted(f for f in found if plain(f) != plain(declared)))
    return Suggestion(filieres, bool(declared), _networks(filieres), tuple(sorted(unresolved)))


@cache
def classifications() -> tuple[str, ...]:
    """Numbers of the Orphanet classifications that the tables speak of, sorted."""
    rows = read_marked(_FILIERES)
    return tuple(sorted({n for row in rows for c in ("whole", "part") for n in _list(row, c)}))


def _whole(number: str) -> list[str]:
    return [row["filiere"] for row in read_marked(_FILIERES) if number in _list(row, "whole")]


def _by_branch(number: str, above: frozenset[str], nomenclature: Nomenclature | None) -> set[str]:
    """Filières of the deepest branches that hold an entry and that the table assigns."""
    rules = {
        row["branch"]: row["filiere"]
        for row in read_marked(_BRANCHES)
        if row["classification"] == number and row["branch"] in above
    }
    if nomenclature is None:
        return set()
    higher = {
        other
        for branch in rules
        for other in nomenclature.above(number, branch) - {branch}
        if other in rules
    }
    return {filiere for branch, filiere in rules.items() if branch not in higher}


def _networks(filieres: Sequence[str]) -> tuple[str, ...]:
    held = {plain(row["filiere"]): _list(row, "erns") for row in read_marked(_FILIERES)}
    return tuple(dict.fromkeys(ern for f in filieres for ern in held.get(plain(f), ())))


def _list(row: Mapping[str, str], column: str) -> list[str]:
    return [part for part in row[column].split(";") if part]
