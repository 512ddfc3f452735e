"""SDM-MR in tables: its versions, value sets by day, fields and code systems.

The tables stand in ``resources/registry/sdm_mr*.tsv``, each row with its source and certainty.
Value sets change while the version stays, so a destination is pinned by a version and a day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.errors import ArianeError

DEFAULT_VERSION: Final = "2024.01"
DEFAULT_DAY: Final = "2024-10-22"
"""Day of the value sets that came with the examples of version 2024.01."""

_SYSTEM_NAMES: Final = {
    "1.2.250.1.213.1.1.4.322": "TA_ASIP",
    "2.16.840.1.113883.6.1": "LOINC",
    "2.16.840.1.113883.6.96": "SNOMED CT",
    "1.2.250.1.213.2.12": "SNOMED 3.5",
}
MANY: Final = "*"


class UntellableError(ArianeError):
    """Why a case cannot be told in this version with these value sets."""


@dataclass(frozen=True)
class Version:
    """A version of the document's model."""

    published: str
    """Day on which the example of the ANS says that it was made; its value sets are no older."""
    nested: bool
    """Whether a diagnosis' fields stand inside its observation, or beside it in the act."""
    foetus: bool
    """Whether it carries the diagnosis of a foetus."""


VERSIONS: Final[Mapping[str, Version]] = {
    "2022.01": Version("2022-10-24", nested=False, foetus=False),
    "2024.01": Version("2024-10-18", nested=True, foetus=True),
}


@dataclass(frozen=True)
class Coding:
    """A code and its system, with the names that stand beside them in a document."""

    code: str
    system: str
    system_name: str
    label: str
    shown: str
    """What people read in the narrative."""


@dataclass(frozen=True)
class Field:
    """A field of a diagnosis."""

    code: str
    system: str
    label: str
    at_least: int
    at_most: int | None
    """None for any number."""
    kind: str
    """``CD``, ``PQ``, ``ST``, ``BL`` or ``comment``."""
    values: str
    """Of a CD its value set or use of code systems, of a PQ its unit."""
    inversion: bool

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.code} ({self.label})"

    @property
    def system_name(self) -> str:
        """Name of its code's system."""
        return _SYSTEM_NAMES[self.system]


@dataclass(frozen=True)
class CodeSystem:
    """A system whose codes no value set lists."""

    oid: str
    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Edition:
    """What a destination takes: a version and value sets, and what its site has confirmed."""

    version: str
    day: str
    """ISO day whose value sets are in force there."""
    impasse_confirmed: bool = False
    """Whether the site knows that the code of ``undetermined`` stands for impasse there."""
    candidate_is_probable: bool = False
    """Whether a signed decision that says candidate is told as ``probable``."""
    takes_undiagnosed: bool = False
    """Whether BaMaRa takes ORPHA:616874 for a case without a diagnosis after full work-up."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Edition:
        """From the configuration's block ``exports``.

        Raises:
            ArianeError: no such version, or value sets older than it.
        """
        own = options.get("sdm_mr", {})
        version, day = own.get("version", DEFAULT_VERSION), own.get("value_sets", DEFAULT_DAY)
        if version not in VERSIONS:
            known = ", ".join(sorted(VERSIONS))
            raise ArianeError(f"exports.sdm_mr.version: {version!r} is not one of {known}.")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(day)):
            raise ArianeError(f"exports.sdm_mr.value_sets: {day!r} is no day. Write 2024-10-22.")
        if day < VERSIONS[version].published:
            raise ArianeError(
                f"exports.sdm_mr.value_sets: {day} is before {VERSIONS[version].published}, when "
                f"version {version} was made. Name the day of the value sets in force at BaMaRa."
            )
        return cls(
            version,
            day,
            impasse_confirmed=bool(own.get("impasse_code_confirmed", False)),
            candidate_is_probable=bool(own.get("candidate_is_probable", False)),
            takes_undiagnosed=bool(options.get("bndmr_takes_undiagnosed", False)),
        )

    @property
    def model(self) -> Version:
        """Its version."""
        return VERSIONS[self.version]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of a diagnosis, in order."""
        return _fields()[self.version]

    def coding(self, values: str, word: str) -> Coding:
        """The code of a word in a value set, as in force.

        Raises:
            UntellableError: the set does not hold it on that day, or what the code means is
                inferred and the site has not confirmed it.
        """
        rows = [r for r in _rows(values) if r["word"] == word]
        held = next((r for r in rows if self._in_force(r)), None)
        if held is None:
            name = rows[0]["fr"] if rows else word
            spans = " and ".join(_span(r) for r in rows) or "never"
            raise UntellableError(
                f"{values} '{name}' is not in the value set of {self.day}: it stands there {spans}"
            )
        if values == "status" and held["certainty"] == "I" and not self.impasse_confirmed:
            raise UntellableError(
                f"status: that {held['code']} ('{held['label']}') stands for impasse is inferred. "
                "Ask your BaMaRa team, then set exports.sdm_mr.impasse_code_confirmed: true"
            )
        return _coding(held)

    def set_of(self, values: str) -> frozenset[tuple[str, str]]:
        """Codes with their systems that a value set holds."""
        return frozenset((r["code"], r["system"]) for r in _rows(values) if self._in_force(r))

    def word_of(self, values: str, code: str, system: str) -> str:
        """The word of a code in force; empty where there is none."""
        for row in _rows(values):
            if (row["code"], row["system"]) == (code, system) and self._in_force(row):
                return row["word"]
        return ""

    def revision(self, values: str) -> str:
        """The last known change of a value set on or before the day."""
        days = {row[when] for row in _rows(values) for when in ("since", "until", "revision")}
        return max(day for day in days if day and day <= self.day)

    def _in_force(self, row: Mapping[str, str]) -> bool:
        return row["since"] <= self.day and (not row["until"] or self.day < row["until"])


def systems(use: str) -> tuple[CodeSystem, ...]:
    """Code systems of a use (``disease``, ``clinical``, ``gene``), that to write first."""
    rows = read_marked(FOLDER / "sdm_mr_systems.tsv")
    return tuple(
        CodeSystem(r["system"], r["name"], re.compile(r["pattern"]))
        for r in rows
        if r["use"] == use
    )


def becomes(kind: str, word: str) -> tuple[str, ...]:
    """What a word of a record becomes: words of a value set, none where the table has none."""
    return _words().get((kind, word), ())


def value_sets() -> frozenset[str]:
    """The names of all value sets."""
    return frozenset(row["list"] for row in read_marked(FOLDER / "sdm_mr.tsv"))


def _coding(row: Mapping[str, str]) -> Coding:
    return Coding(row["code"], row["system"], _SYSTEM_NAMES[row["system"]], row["label"], row["fr"])


def _span(row: Mapping[str, str]) -> str:
    return f"from {row['since']}" + (f" to before {row['until']}" if row["until"] else "")


def _rows(values: str) -> tuple[Mapping[str, str], ...]:
    return tuple(r for r in read_marked(FOLDER / "sdm_mr.tsv") if r["list"] == values)


@cache
def _words() -> Mapping[tuple[str, str], tuple[str, ...]]:
    rows = read_marked(FOLDER / "sdm_mr_words.tsv")
    return {(r["kind"], r["word"]): tuple(r["becomes"].split()) for r in rows}


@cache
def _fields() -> Mapping[str, tuple[Field, ...]]:
    found: dict[str, list[Field]] = {version: [] for version in VERSIONS}
    for row in read_marked(FOLDER / "sdm_mr_fields.tsv"):
        most = row["at_most"]
        found[row["version"]].append(
            Field(
                code=row["code"],
                system=row["system"],
                label=row["label"],
                at_least=int(row["at_least"]),
                at_most=None if most == MANY else int(most),
                kind=row["kind"],
                values=row["values"],
                inversion=row["inversion"] == "true",
            )
        )
    return {version: tuple(held) for version, held in found.items()}
