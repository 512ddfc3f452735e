"""When a case's disease showed and was named, as exports may tell it.

An age at a diagnosis is told of a case that a signed decision solves, in whole or in part: without
one the diagnosis does not stand, and after a refuted one the sheet does not say which is meant.
"""

from __future__ import annotations

from ariane.model.case import Status
from ariane.model.history import days_of, parts_of
from ariane.registry.record import CaseRecord

_SOLVING = (Status.SOLVED, Status.PARTLY_SOLVED)


def clinical(record: CaseRecord) -> str:
    """Age at the clinical diagnosis, a duration or a word; empty where it may not be told."""
    return record.history.clinical_diagnosis if _stands(record) else ""


def genetic(record: CaseRecord) -> str:
    """Age at the genetic diagnosis; empty where it may not be told."""
    return record.history.genetic_diagnosis if _stands(record) else ""


def first_diagnosis(record: CaseRecord) -> str:
    """The lesser of the two ages; a word only where no age is told."""
    told = [age for age in (clinical(record), genetic(record)) if age]
    return min(told, key=lambda age: (days_of(age) is None, days_of(age) or 0), default="")


def in_french(age: str) -> str:
    """A duration as people write it: ``3 ans 6 mois``; empty where it is none or nothing."""
    parts = parts_of(age) or (0, 0, 0, 0)
    many = (("an", "ans"), ("mois", "mois"), ("semaine", "semaines"), ("jour", "jours"))
    told = zip(parts, many, strict=True)
    return " ".join(f"{n} {words[n > 1]}" for n, words in told if n)


def _stands(record: CaseRecord) -> bool:
    return record.decided is not None and record.decided.outcome in _SOLVING
