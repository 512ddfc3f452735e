"""What of a sheet never reaches a page: identities, and what sequencing tells of kinship."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from ariane.intake.identity import fold, looks_like_a_name, names_identity, tells_a_person

_KINSHIP: Final = re.compile(
    r"filiation|ibd|ibs|inbreeding|kinship|maternite|maternity|parentage|parente|paternite"
    r"|paternity|relatedness|sexcheck"
)


def looks_like_identity(column: str, value: str) -> bool:
    """Whether a sheet column, by its title or by its value, may tell who the patient is.

    It errs on the side of silence: a harmless column withheld costs a look into the sheet, a name
    printed cannot be taken back.
    """
    capitalised = all(word[:1].isupper() for word in re.findall(r"\w+", value))
    return (
        names_identity(column)
        or tells_a_person(value)
        or (capitalised and looks_like_a_name(value))
    )


def tells_kinship(title: str) -> bool:
    """Whether a title speaks of a check of sex or relatedness, which no page may print."""
    words = _words(title)
    checks = "sex" in words and bool(words & {"check", "imputed", "inferred", "mismatch"})
    return checks or any(_KINSHIP.fullmatch(word) for word in words)


def printable_notes(notes: Mapping[str, str]) -> tuple[list[tuple[str, str]], int]:
    """Notes that may be printed, sorted by title, and how many were withheld."""
    kept = [
        (title, value)
        for title, value in sorted(notes.items())
        if value and not looks_like_identity(title, value) and not tells_kinship(title)
    ]
    return kept, sum(1 for value in notes.values() if value) - len(kept)


def _words(title: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)
    words = re.findall(r"[a-z]+", fold(spaced))
    pairs = {a + b for a, b in pairwise(words)}
    return {*words, *pairs}
