"""What a release changed, counted for people, and how much of it reached this cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ariane.knowledge.kinds import KINDS
from ariane.knowledge.release import Release

Row = Mapping[str, Any]

ORDER: Final = ("variant", "structural", "gene", "disease", "term", "name", "codon", "stretch")
"""Kinds of key in the order in which they are told; all others come after."""

Causes = Mapping[tuple[str, str], Collection[str]]
"""By (resource, key), the cases with an event of this cycle that matters and has this for its
cause."""


@dataclass(frozen=True)
class Changed:
    """One kind of change of one resource."""

    resource: str
    kind: str
    """Kind of key: ``variant``, ``gene``, ``disease``, ``term`` and so on."""
    change: str
    number: int
    cases: int
    """Cases with an event that matters and was caused by one of these changes."""


@dataclass(frozen=True)
class Versions:
    """A resource before and now; empty where the release did not hold it."""

    resource: str
    before: str
    now: str


def changed(changes: Iterable[Row], causes: Causes) -> list[Changed]:
    """Changes counted by resource, kind of key and change; resources in the order of the kinds.

    Args:
        changes: rows of the ``changes`` table.
        causes: what reached which cases.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    reached: dict[tuple[str, str, str], set[str]] = {}
    for row in changes:
        group = (row["resource"], row["kind"], row["change"])
        counts[group] += 1
        reached.setdefault(group, set()).update(causes.get((row["resource"], row["key"]), ()))
    resources = [kind.name for kind in KINDS]

    def order(group: tuple[str, str, str]) -> tuple[int, int, tuple[str, str, str]]:
        return _place(resources, group[0]), _place(ORDER, group[1]), group

    ordered = sorted(counts, key=order)
    return [Changed(*group, counts[group], len(reached[group])) for group in ordered]


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def versions(before: Release | None, now: Release) -> list[Versions]:
    """Resources whose file or description is another one now, in the order of the kinds."""
    if before is None:
        return []
    found = []
    for kind in (one.name for one in KINDS):
        sides = [release.resources.get(kind) for release in (before, now)]
        if before.sha256(kind) == now.sha256(kind):
            continue
        found.append(Versions(kind, *(side.version if side else "" for side in sides)))
    return found


def of_resource(held: Sequence[Changed]) -> dict[str, list[Changed]]:
    """Changes of each resource, resources in the order in which they come."""
    found: dict[str, list[Changed]] = {}
    for one in held:
        found.setdefault(one.resource, []).append(one)
    return found
