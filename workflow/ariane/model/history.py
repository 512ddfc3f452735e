"""History: how old the patient was when the disease showed and when it was named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ANTENATAL: Final = "antenatal"
POSTMORTEM: Final = "postmortem"
AT_BIRTH: Final = "P0D"

_DURATION: Final = re.compile(
    r"P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
)


@dataclass(frozen=True)
class History:
    """Ages as ISO 8601 durations (``P3Y6M``; ``P0D`` at birth) or one of the two words above; empty
    where nobody told them."""

    first_signs: str = ""
    clinical_diagnosis: str = ""
    genetic_diagnosis: str = ""
    at_entry: str = ""
    """Appreciation of the diagnosis with which the patient came to the centre: ``absent``,
    ``inadequate``, ``adequate``."""


def parts_of(text: str) -> tuple[int, int, int, int] | None:
    """Years, months, weeks and days of a duration; None where the text is none."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    return years, months, weeks, days


def is_duration(text: str) -> bool:
    """Whether a text is an ISO 8601 duration such as ``P3Y2M``."""
    return parts_of(text) is not None


def days_of(text: str) -> int | None:
    """Days of a duration, a year as 365 and a month as 30; None where the text is none."""
    parts = parts_of(text)
    if parts is None:
        return None
    years, months, weeks, days = parts
    return years * 365 + months * 30 + weeks * 7 + days


def months_of(text: str) -> int | None:
    """Completed months of a duration; None where the text is none."""
    parts = parts_of(text)
    if parts is None:
        return None
    years, months, weeks, days = parts
    return years * 12 + months + (weeks * 7 + days) * 12 // 365


def years_of(text: str) -> int | None:
    """Completed years of a duration; None where the text is none."""
    parts = parts_of(text)
    if parts is None:
        return None
    years, months, weeks, days = parts
    return years + (months * 30 + weeks * 7 + days) // 365
