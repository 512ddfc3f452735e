"""What a diagnostic impasse is: set by each filière, declared by people, never found by Ariane."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, read_yaml
from ariane.model.case import Case, Status
from ariane.model.errors import ArianeError
from ariane.model.history import days_of

TABLE: Final = RESOURCES / "registry" / "impasse.yaml"
TECHNIQUES: Final = {"panel": "panel", "exome": "exome", "genome": "génome"}
CERTAINTIES: Final = ("primary", "page", "recalled", "inferred")
LINES: Final = ("statuses", "years_since_first_signs", "work_up")


@dataclass(frozen=True)
class Definition:
    """What a case needs to count as in impasse."""

    statuses: tuple[str, ...] = (Status.IMPASSE.value,)
    """Of the sheet or a decision; a person has declared it."""
    years: float | None = None
    """Since the first signs, at least."""
    work_up: tuple[str, ...] = ()
    """Techniques of which one must have been used; empty: none is asked for."""


@dataclass(frozen=True)
class Impasses:
    """The definitions in force."""

    default: Definition = Definition()
    filieres: Mapping[str, Definition] = field(default_factory=dict)
    """By name in lower case."""
    onset_at_latest: Mapping[str, float] = field(default_factory=dict)
    """HPO term of onset to the age in years by which the signs had begun."""

    def of(self, case: Case) -> Definition:
        """The definition of a case's filière."""
        return self.filieres.get(case.filiere.casefold(), self.default)

    def unshown(self, definition: Definition, case: Case, as_of: str) -> Iterator[str]:
        """What the definition asks for and these data do not show, in French words.

        Not shown is not refuted: an earlier exome or the true date of the first signs may be known
        elsewhere. So this is told to be checked, and the declared status stands.

        Args:
            definition: what is asked for.
            case: the case.
            as_of: ISO 8601 date of the cycle; empty when it is not known.
        """
        if definition.years is not None and self._years(case, as_of) < definition.years:
            years = f"{definition.years:g}".replace(".", ",")
            yield f"{years} an{'s' if definition.years >= 2 else ''} depuis les premiers signes"
        if definition.work_up and case.analysis.technique not in definition.work_up:
            yield " ou ".join(TECHNIQUES[t] for t in definition.work_up)

    def _years(self, case: Case, as_of: str) -> float:
        """Years since the first signs, at least: the patient had them when last seen and tested."""
        age, latest = case.phenotype.years, self.onset_at_latest.get(case.phenotype.onset)
        by_age = age - latest if age is not None and latest is not None else 0.0
        seen, began = days_of(case.phenotype.age), days_of(case.history.first_signs)
        if seen is not None and began is not None:
            by_age = (seen - began) / 365
        try:
            tested = datetime.date.fromisoformat(case.analysis.date)
            by_test = (datetime.date.fromisoformat(as_of) - tested).days / 365.25
        except ValueError:
            by_test = 0.0
        return max(by_age, by_test)


def load_impasses(path: Path = TABLE) -> Impasses:
    """The table of definitions.

    Raises:
        ArianeError: it is missing or says what cannot be understood.
    """
    raw = read_yaml(path)
    try:
        if raw["version"] != 1:
            raise ValueError(f"version {raw['version']!r}")
        filieres = {str(name): given for name, given in raw["filieres"].items()}
        for name, given in {"default": raw["default"], **filieres}.items():
            if given["certainty"] not in CERTAINTIES:
                raise ValueError(f"{name}: certainty {given['certainty']!r}")
        return Impasses(
            _definition(raw["default"]),
            {name.casefold(): _definition(given) for name, given in filieres.items()},
            {str(t): float(y) for t, y in raw["onset_at_latest"]["terms"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(
            f"{path}: not a table of impasses ({problem}). Compare it with the one shipped."
        ) from None


def parse_definition(raw: Any) -> Definition:
    """The block ``impasse:`` of a mapping.

    Raises:
        ValueError: it has other lines, or values that mean nothing; the text says which.
    """
    if not isinstance(raw, dict) or set(raw) - set(LINES):
        raise ValueError(f"use only {', '.join(LINES)}")
    return _definition({"statuses": ["impasse"], **dict.fromkeys(LINES[1:]), **raw})


def _definition(raw: Mapping[str, Any]) -> Definition:
    statuses = tuple(Status(status).value for status in raw["statuses"])
    if not statuses:
        raise ValueError("statuses is empty")
    years = raw["years_since_first_signs"]
    if years is not None and (isinstance(years, bool) or not float(years) > 0):
        raise ValueError(f"years_since_first_signs is {years!r}")
    work_up = tuple(raw["work_up"] or ())
    unknown = [t for t in work_up if t not in TECHNIQUES]
    if unknown:
        raise ValueError(f"work_up: no technique {unknown[0]!r}")
    return Definition(statuses, None if years is None else float(years), work_up)
