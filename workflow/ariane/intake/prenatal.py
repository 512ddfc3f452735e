"""A foetus as a case: its age is gestational, and it has none after birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ariane.model.case import Phenotype
from ariane.model.errors import Level

WEEKS: Final = (4, 45)
"""Weeks of amenorrhoea between which a gestational age is plausible: before 4 no foetus is known,
after 45 none is unborn. Judgement, wide on purpose."""

AFTER_BIRTH: Final = frozenset(
    {
        "HP:0003623",  # neonatal
        "HP:0003593",  # infantile
        "HP:0011463",  # childhood
        "HP:0003621",  # juvenile
        "HP:0003581",  # adult
        "HP:0011462",  # young adult
        "HP:0003596",  # middle age
        "HP:0003584",  # late
    }
)
"""Onset terms that a foetus cannot have."""

_WRITTEN: Final = re.compile(r"P(?:(\d{1,3})W)?(?:(\d{1,3})D)?|(\d{1,2})\+(\d)")


def gestation_of(text: str) -> str:
    """A gestational age as ISO 8601 duration in weeks and days; empty when it is not one.

    ``22+3``, ``P22W3D`` and ``P157D`` are all ``P22W3D``; plausibility is not judged.
    """
    found = _WRITTEN.fullmatch(text)
    if not found or not any(found.groups()):
        return ""
    if found.group(4) and int(found.group(4)) > 6:
        return ""
    return duration(int(found[1] or found[3] or 0), int(found[2] or found[4] or 0))


def duration(weeks: int, days: int) -> str:
    """Weeks and days of pregnancy as ISO 8601 duration."""
    weeks, days = weeks + days // 7, days % 7
    return f"P{weeks}W{days}D" if days else f"P{weeks}W"


def prenatal_faults(phenotype: Phenotype) -> Iterator[tuple[str, str, Level]]:
    """What contradicts that the proband is a foetus, when a gestational age is given."""
    if not phenotype.gestation:
        return
    weeks = int(re.findall(r"\d+", phenotype.gestation)[0])
    if not WEEKS[0] <= weeks <= WEEKS[1]:
        what = f"gestation {phenotype.gestation} is not between {WEEKS[0]} and {WEEKS[1]} weeks"
        yield what, "Give weeks of amenorrhoea and days, such as 22+3", Level.ERROR
    if phenotype.age:
        what = f"a foetus has both gestation {phenotype.gestation} and age {phenotype.age}"
        yield what, "Keep age for a child that was born, gestation for a foetus", Level.ERROR
    if phenotype.onset in AFTER_BIRTH:
        what = f"onset {phenotype.onset} is after birth, and the case is a foetus"
        yield what, "Give an antenatal onset (HP:0030674), or none", Level.ERROR
