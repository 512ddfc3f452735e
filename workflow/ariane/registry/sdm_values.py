"""What stands in each field of a diagnosis of SDM-MR: codes, quantities and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ariane.registry.record import Coded
from ariane.registry.sdm_diagnosis import Age, Diagnosis
from ariane.registry.sdm_tables import Coding, Edition, Field, systems

PLACEHOLDER: Final = "À REMPLACER"
"""How every text begins that the hospital's record system must replace."""


@dataclass(frozen=True)
class Months:
    """An age in completed months."""

    count: int

    @property
    def shown(self) -> str:
        """What people read."""
        return f"{self.count} mois"


@dataclass(frozen=True)
class Words:
    """Free text."""

    shown: str


@dataclass(frozen=True)
class Null:
    """A value that must stand there and that nothing tells."""

    flavor: str
    shown: str


Value = Coding | Months | Words | Null


def values_of(field: Field, diagnosis: Diagnosis, edition: Edition) -> tuple[Value, ...]:
    """The values of a field, each of which stands in an observation of its own.

    Raises:
        UntellableError: a value set in force does not hold the word.
    """
    of = _OF.get(field.code)
    return tuple(of(field, diagnosis, edition)) if of else ()


def _status(field: Field, diagnosis: Diagnosis, edition: Edition) -> Iterable[Value]:
    yield edition.coding(field.values, diagnosis.status)


def _signs(field: Field, diagnosis: Diagnosis, _: Edition) -> Iterable[Value]:
    return (_named(field.values, term) for term in diagnosis.signs)


def _genes(field: Field, diagnosis: Diagnosis, _: Edition) -> Iterable[Value]:
    return (_named(field.values, gene) for gene in diagnosis.genes)


def _heredity(field: Field, diagnosis: Diagnosis, edition: Edition) -> Iterable[Value]:
    return (edition.coding(field.values, w) for w in (diagnosis.heredity,) if w)


def _at_entry(field: Field, diagnosis: Diagnosis, edition: Edition) -> Iterable[Value]:
    if diagnosis.at_entry:
        yield edition.coding(field.values, diagnosis.at_entry)
    else:
        # The schematron of 2024.01 demands the field, and no value of the set says "not known".
        yield Null("NI", f"{PLACEHOLDER} : absent, inadéquat ou adéquat")


def _techniques(field: Field, diagnosis: Diagnosis, edition: Edition) -> Iterable[Value]:
    return (edition.coding(field.values, word) for word in diagnosis.techniques)


def _investigations(field: Field, diagnosis: Diagnosis, edition: Edition) -> Iterable[Value]:
    if not diagnosis.investigations:
        yield Null("NI", f"{PLACEHOLDER} : investigations réalisées")
    yield from (edition.coding(field.values, word) for word in diagnosis.investigations)


def _variants(_: Field, diagnosis: Diagnosis, __: Edition) -> Iterable[Value]:
    return (Words(text) for text in (diagnosis.variants,) if text)


def _comment(_: Field, diagnosis: Diagnosis, __: Edition) -> Iterable[Value]:
    return (Words(text) for text in (diagnosis.comment,) if text)


def _at_diagnosis(diagnosis: Diagnosis) -> Age:
    """The one age of version 2022.01: that of the first of the two diagnoses which is told."""
    first = diagnosis.clinical
    return first if first.word != "undetermined" else diagnosis.genetic


def _moment(of: Callable[[Diagnosis], Age]) -> Getter:
    def values(field: Field, diagnosis: Diagnosis, edition: Edition) -> Iterable[Value]:
        age = of(diagnosis)
        coding = edition.coding(field.values, age.word)
        shown = f"{coding.shown} : {age.told}" if age.told else coding.shown
        yield Coding(coding.code, coding.system, coding.system_name, coding.label, shown)

    return values


def _months(of: Callable[[Diagnosis], Age]) -> Getter:
    def values(_: Field, diagnosis: Diagnosis, __: Edition) -> Iterable[Value]:
        months = of(diagnosis).months
        return () if months is None else (Months(months),)

    return values


def _named(use: str, item: Coded) -> Coding:
    system = systems(use)[0]
    shown = f"{item.label} ({item.id})" if item.label else item.id
    return Coding(item.id, system.oid, system.name, item.label, shown)


Getter = Callable[[Field, Diagnosis, Edition], Iterable[Value]]

_OF: Final[Mapping[str, Getter]] = {
    "MED-072": _status,
    "MED-1284": _signs,
    "MED-074": _signs,
    "MED-073": _heredity,
    "PAT-013": _moment(lambda d: d.first_signs),
    "PAT-014": _months(lambda d: d.first_signs),
    "MED-071": _at_entry,
    "PAT-015": _moment(_at_diagnosis),
    "PAT-016": _months(_at_diagnosis),
    "PAT-062": _moment(lambda d: d.clinical),
    "PAT-063": _months(lambda d: d.clinical),
    "PAT-064": _moment(lambda d: d.genetic),
    "PAT-065": _months(lambda d: d.genetic),
    "MED-1286": _techniques,
    "MED-068": _techniques,
    "ORG-017": _investigations,
    "MED-552": _genes,
    "MED-1287": _variants,
    "MED-554": _variants,
    "48767-8": _comment,
}
"""By the field's code. GEN-163, MED-086 and MED-064 of version 2022.01 have none: nothing tells
them."""
