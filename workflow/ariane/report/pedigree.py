"""A family drawn: who lies where, and the lines between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ariane.model.case import Case, Member
from ariane.report.accounts import Allele, Call, relation

STEP: Final = 150
"""Units between two neighbours."""
SYMBOL: Final = 30
"""Side of a square, diameter of a circle."""
LINE: Final = 15
"""Height of a line of text."""
GAP: Final = 34
"""Units between the text of a generation and the symbols of the next."""
TOP: Final = 12


@dataclass(frozen=True)
class Person:
    """One member with his place; ``x`` is the middle of the symbol, ``y`` its top."""

    id: str
    relation: str
    sex: str
    affected: bool | None
    sequenced: bool
    proband: bool
    calls: tuple[Call | None, ...]
    """His call at each allele, in order; None where there is none."""
    x: int
    y: int


@dataclass(frozen=True)
class Pedigree:
    """A drawing of a family."""

    people: tuple[Person, ...]
    lines: tuple[tuple[int, int, int, int], ...]
    """Lines of marriage and descent: two points each."""
    width: int
    height: int


def pedigree(case: Case, alleles: Sequence[Allele]) -> Pedigree:
    """Lay a family out, with what each member carries of a finding.

    Parents stand one generation above their children; a parent whom the pedigree names and does
    not list is not drawn.
    """
    members = {member.id: member for member in case.members}
    level = _generations(members)
    rows: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name in sorted(members):
        rows[level[name]].append(name)
    place: dict[str, float] = {}
    for row in rows:
        _set_row(row, members, place)
    least = min(place.values(), default=0.0)
    text = LINE * (2 + max(len(alleles), 1))
    pitch = SYMBOL + text + GAP
    spot = {
        name: (round((place[name] - least) * STEP) + STEP // 2, TOP + level[name] * pitch)
        for name in members
    }
    calls = [{call.member: call for call in allele.calls} for allele in alleles]
    people = tuple(
        Person(
            id=name,
            relation=relation(case, name),
            sex=member.sex.value,
            affected=member.affected,
            sequenced=bool(member.sample),
            proband=name == case.proband,
            calls=tuple(held.get(name) for held in calls),
            x=spot[name][0],
            y=spot[name][1],
        )
        for name, member in sorted(members.items())
    )
    width = max((x for x, _ in spot.values()), default=0) + STEP // 2
    height = TOP + len(rows) * pitch - GAP + LINE // 2
    return Pedigree(people, tuple(_lines(members, spot)), width, height)


def _generations(members: Mapping[str, Member]) -> dict[str, int]:
    """The generation of each member: below both parents, level with the other parent of a child."""
    level = dict.fromkeys(members, 0)
    # Enough rounds to settle; a pedigree that bites its tail stops there too.
    for number in range(2 * len(members)):
        before = dict(level)
        for name, member in members.items():
            parents = _parents(member, members)
            for parent in parents:
                level[name] = max(level[name], level[parent] + 1)
            # Levelling gives way in the end: a child stands below its parents whatever happens.
            for parent in parents if number < len(members) else ():
                level[parent] = max(level[parent], *(level[p] for p in parents))
        if level == before:
            break
    used = {old: new for new, old in enumerate(sorted(set(level.values())))}
    return {name: used[old] for name, old in level.items()}


def _set_row(row: list[str], members: Mapping[str, Member], place: dict[str, float]) -> None:
    """Give the members of a generation their places, couples side by side, no two on one spot."""
    wish: dict[str, float] = {}
    for n, name in enumerate(row):
        above = [place[p] for p in _parents(members[name], members) if p in place]
        wish[name] = sum(above) / len(above) if above else float(n)
    couples = {
        (member.father, member.mother)
        for member in members.values()
        if member.father in wish and member.mother in wish
    }
    order: list[str] = []
    for name in sorted(row, key=lambda one: (wish[one], one)):
        partners = [f if m == name else m for f, m in sorted(couples) if name in (f, m)]
        if name not in order:
            order.append(name)
        for partner in partners:
            if partner not in order:
                first = name in {f for f, _ in couples}
                order.insert(order.index(name) + (1 if first else 0), partner)
    last: float | None = None
    middle = sum(wish.values()) / len(wish) if wish else 0.0
    for n, name in enumerate(order):
        wanted = wish[name] if len(order) > 1 else middle
        if len(order) > 1 and all(not _parents(members[one], members) for one in order):
            wanted = float(n)
        elif last is None:
            wanted = min(wanted, middle - (len(order) - 1) / 2)
        place[name] = wanted if last is None else max(wanted, last + 1)
        last = place[name]


def _lines(
    members: Mapping[str, Member], spot: Mapping[str, tuple[int, int]]
) -> list[tuple[int, int, int, int]]:
    lines = set()
    for name, member in members.items():
        parents = sorted(
            (spot[p] for p in _parents(member, members)), key=lambda at: (at[0], at[1])
        )
        if not parents:
            continue
        x, y = spot[name]
        turn = y - GAP // 2
        if len(parents) > 1:
            (left, a), (right, b) = parents
            lines.add((left + SYMBOL // 2, a + SYMBOL // 2, right - SYMBOL // 2, b + SYMBOL // 2))
            middle, top = (left + right) // 2, (a + b) // 2 + SYMBOL // 2
        else:
            middle, top = parents[0][0], parents[0][1] + SYMBOL
        lines |= {(middle, top, middle, turn), (middle, turn, x, turn), (x, turn, x, y)}
    return sorted(line for line in lines if line[:2] != line[2:])


def _parents(member: Member, members: Mapping[str, Member]) -> list[str]:
    return [p for p in (member.father, member.mother) if p in members]
