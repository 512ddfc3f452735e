"""PED files, read strictly: a pedigree understood wrongly gives a wrong mode of inheritance."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.bounds import BeyondBounds
from ariane.files import open_text
from ariane.intake.identity import holds_ins
from ariane.intake.words import unread, unsafe_name
from ariane.model.case import Member, Sex
from ariane.model.errors import Fault

NO_PARENT: Final = "0"
_MOST: Final = 64 << 20
"""Bytes of a PED: a line takes some forty."""

_SEX: Final[Mapping[str, Sex]] = {
    "1": Sex.MALE,
    "2": Sex.FEMALE,
    "0": Sex.UNKNOWN,
    "-9": Sex.UNKNOWN,
}
_AFFECTED: Final[Mapping[str, bool | None]] = {"1": False, "2": True, "0": None, "-9": None}


@dataclass(frozen=True)
class Person:
    """One line of a PED file."""

    line: int
    family: str
    member: Member
    """Without a sample: that is known once the VCF is."""


def read_ped(path: Path, proband: str) -> tuple[tuple[Member, ...], list[Fault]]:
    """The family that holds the proband, sorted by identifier.

    Six columns (family, individual, father, mother, sex, phenotype), parted by tabs or spaces;
    ``#`` starts a comment; parent ``0`` is none; sex 1, 2 or 0; phenotype 1 (unaffected),
    2 (affected), 0 or -9 (unknown). Source: the PLINK PED format.

    Returns:
        The members, and the faults of the whole file; no members when it holds no such proband.
    """
    where = str(path)
    try:
        with open_text(path, most=_MOST) as handle:
            text = handle.read().removeprefix("\ufeff")
    except FileNotFoundError:
        return (), [Fault(where, "", "there is no such file", "Check the path of the PED")]
    except BeyondBounds as problem:
        return (), [Fault(where, "", problem.what, problem.advice)]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as problem:
        told = unread(problem) or ("is not UTF-8 text", "Save the PED as plain UTF-8 text")
        return (), [Fault(where, "", *told)]
    people, faults = parse_ped(text, where)
    homes = sorted({p.family for p in people if p.member.id == proband})
    if not homes and not faults:
        faults.append(_no_proband(where, proband, people))
    if len(homes) > 1:
        found = f"{proband} stands in families {', '.join(homes)}"
        faults.append(Fault(where, "", found, "Give each person an identifier of their own"))
    if len(homes) != 1:
        return (), faults
    family = {p.member.id: p.member for p in reversed(people) if p.family == homes[0]}
    return tuple(family[one] for one in sorted(family)), faults


def parse_ped(text: str, where: str) -> tuple[list[Person], list[Fault]]:
    """All persons of a PED text in its order, and every fault of it."""
    people: list[Person] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), start=1):
        spot = f"{where}:{number}"
        if holds_ins(line):
            advice = "Delete it: Ariane works on pseudonyms only"
            faults.append(Fault(spot, "", "a value is shaped like an INS number", advice))
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [c.strip() for c in line.split("\t")] if "\t" in line else line.split()
        problems = list(_line_problems(cells))
        faults += [Fault(spot, "", what, advice) for what, advice in problems]
        if problems:
            continue
        family, one, father, mother, sex, phenotype = cells
        member = Member(
            id=one,
            father="" if father == NO_PARENT else father,
            mother="" if mother == NO_PARENT else mother,
            sex=_SEX[sex],
            affected=_AFFECTED[phenotype],
        )
        people.append(Person(number, family, member))
    faults += _family_faults(people, where, whole=not faults)
    return people, faults


def write_ped(family: str, members: Iterable[Member]) -> str:
    """A pedigree as PED text, the inverse of :func:`parse_ped` for one family."""
    sexes = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0"}
    states = {False: "1", True: "2", None: "0"}
    lines = [
        "\t".join(
            [
                family,
                m.id,
                m.father or NO_PARENT,
                m.mother or NO_PARENT,
                sexes[m.sex],
                states[m.affected],
            ]
        )
        for m in members
    ]
    return "".join(f"{line}\n" for line in lines)


def _line_problems(cells: list[str]) -> Iterator[tuple[str, str]]:
    if len(cells) != 6:
        advice = "Write family, individual, father, mother, sex, phenotype"
        yield f"the line has {len(cells)} columns where a PED has 6", advice
        return
    family, one, father, mother, sex, phenotype = cells
    if not family:
        yield "the family is empty", "Name it"
    if unsafe_name(one) or one == NO_PARENT:
        yield f"{one!r} cannot name a person", "Use letters, digits, '.', '_' and '-', but not 0"
    for role, parent in (("father", father), ("mother", mother)):
        if parent == one:
            yield f"{one} is named as their own {role}", "Mend the line"
        elif parent != NO_PARENT and unsafe_name(parent):
            yield f"{parent!r} cannot name the {role} of {one}", "Write 0 where there is none"
    if father == mother != NO_PARENT:
        yield f"{father} is named as both parents of {one}", "Mend the line"
    if sex not in _SEX:
        yield f"sex {sex!r} of {one} is unknown", "Write 1 (male), 2 (female) or 0"
    if phenotype not in _AFFECTED:
        advice = "Write 1 (unaffected), 2 (affected) or 0 (unknown)"
        yield f"phenotype {phenotype!r} of {one} is unknown", advice


def _family_faults(people: list[Person], where: str, whole: bool) -> list[Fault]:
    faults: list[Fault] = []
    table: dict[tuple[str, str], Person] = {}
    for person in people:
        first = table.setdefault((person.family, person.member.id), person)
        if first is not person:
            found = f"{person.member.id} stands in line {first.line} and in line {person.line}"
            faults.append(Fault(f"{where}:{person.line}", "", found, "Keep one line a person"))
    for person in people:
        spot, one = f"{where}:{person.line}", person.member
        parents = (("father", one.father, Sex.FEMALE), ("mother", one.mother, Sex.MALE))
        for role, parent, contrary in parents:
            known = table.get((person.family, parent))
            if parent and known is None and whole:
                found = f"{parent}, {role} of {one.id}, has no line in family {person.family}"
                faults.append(Fault(spot, "", found, f"Add a line for {parent} or write 0"))
            elif parent and known is not None and known.member.sex is contrary:
                found = f"{parent} is the {role} of {one.id} and is {contrary.value} in line "
                advice = "Mend the sex or the parents"
                faults.append(Fault(spot, "", found + str(known.line), advice))
    for (family, one_id), person in table.items():
        if _own_ancestor(table, family, one_id):
            found = f"{one_id} is among their own ancestors"
            faults.append(Fault(f"{where}:{person.line}", "", found, "Mend the parents"))
    return faults


def _own_ancestor(table: Mapping[tuple[str, str], Person], family: str, one: str) -> bool:
    seen: set[str] = set()
    above = [one]
    while above:
        person = table.get((family, above.pop()))
        if person is None:
            continue
        for parent in (person.member.father, person.member.mother):
            if parent == one:
                return True
            if parent and parent not in seen:
                seen.add(parent)
                above.append(parent)
    return False


def _no_proband(where: str, proband: str, people: list[Person]) -> Fault:
    affected = sorted(p.member.id for p in people if p.member.affected)
    advice = "Name the proband's PED individual in column 'proband'"
    if affected:
        advice += f"; affected here: {', '.join(affected[:5])}"
    return Fault(where, "", f"holds no proband '{proband}'", advice)
