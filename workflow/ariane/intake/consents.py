"""Consents of the families sheet: one column for each destination."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from ariane.intake.sheet import Row
from ariane.intake.words import YES_NO, instead, plain
from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Case, Consent
from ariane.model.errors import Fault, Level

SCOPES: Final = ("reanalysis", "registry", "matchmaking", "research", "third_countries")
"""Consents that are given or not, each in a column ``consent_SCOPE``."""

OPPOSITION: Final = "opposition_bndmr"

_ERN: Final = "consent_ern"
_PARTS: Final = re.compile("[;,]")
_TABLE: Final = FOLDER / "ern_registries.tsv"


def consent_of(row: Row, where: str) -> tuple[Consent, list[Fault]]:
    """Read the consents of a line, and what is wrong with them."""
    found: list[tuple[str, str, Level]] = []
    answers = {}
    for scope in SCOPES:
        word = row[f"consent_{scope}"]
        answers[scope] = YES_NO.get(plain(word), False)
        if plain(word) not in YES_NO:
            what = f"consent_{scope} {word!r} is neither yes nor no"
            found.append((what, "Write yes or no; empty means no", Level.ERROR))
    word = row[OPPOSITION]
    opposition = YES_NO.get(plain(word)) if word else None
    if plain(word) not in YES_NO:
        what = f"{OPPOSITION} {word!r} is neither yes nor no"
        advice = "Write yes where the person opposes, no where they were told and do not"
        found.append((what, advice, Level.ERROR))
    elif opposition and answers["registry"]:
        what = f"{OPPOSITION} says yes, but consent_registry says yes too"
        found.append((what, "Mend the one that is wrong", Level.ERROR))
    ern, registries, problems = _ern(row[_ERN])
    found += [(*problem, Level.ERROR) for problem in problems]
    consent = Consent(ern=ern, ern_registries=registries, opposition=opposition, **answers)
    return consent, [Fault(where, row["case_id"], *entry) for entry in found]


def unnamed_registries(cases: Iterable[Case], sheet: Path) -> list[Fault]:
    """A note where consents to ERNs name no registry: an older sheet's yes opens none of them."""
    count = sum(case.consent.ern for case in cases)
    if not count:
        return []
    what = f"{_ERN} of {count} {'case says' if count == 1 else 'cases say'} yes without a registry"
    advice = "Name the registries of the signed consents (EpiCARE;ILIAD); a yes alone opens none"
    return [Fault(str(sheet), "", what, advice, Level.NOTE)]


@cache
def registries_by_name() -> Mapping[str, tuple[str, ...]]:
    """ERN registries by their own name and by that of their network, in lower case."""
    found: dict[str, set[str]] = {}
    own: dict[str, tuple[str, ...]] = {}
    for entry in read_marked(_TABLE):
        own[plain(entry["registry"])] = (entry["registry"],)
        for network in entry["ern"].split(";"):
            for name in (network, network.removeprefix("ERN-")):
                found.setdefault(plain(name), set()).add(entry["registry"])
    # A registry's own name goes before a network's: RITA is both.
    return {**{name: tuple(sorted(held)) for name, held in found.items()}, **own}


def _ern(cell: str) -> tuple[bool, tuple[str, ...], list[tuple[str, str]]]:
    """Whether the cell is a bare yes, the registries that it names, and what is wrong with it."""
    if plain(cell) in YES_NO:
        return YES_NO[plain(cell)], (), []
    known = registries_by_name()
    named: set[str] = set()
    problems = []
    for part in filter(None, (part.strip() for part in _PARTS.split(cell))):
        held = known.get(plain(part), ())
        if len(held) == 1:
            named.add(held[0])
        elif held:
            what = f"{_ERN}: {part} keeps several registries"
            problems.append((what, f"Name the one that was signed for: {' or '.join(held)}"))
        else:
            names = sorted({registry for held in known.values() for registry in held})
            what = f"{_ERN}: {part!r} is neither yes, nor no, nor an ERN registry"
            problems.append((what, instead(part, names)))
    return False, tuple(sorted(named)), problems
