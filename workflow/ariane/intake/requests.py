"""What people ask of a case in the sheet: a clinician's request, and a pregnancy in the family."""

from __future__ import annotations

import datetime
import re
from typing import Final

from ariane.intake.sheet import Row
from ariane.intake.words import YES_NO, plain
from ariane.model.errors import Fault, Level

LONGEST: Final = 200
"""Characters of a request: one line on a page."""

_WRITTEN: Final = re.compile(r"(\d{4}-\d{2}-\d{2})\s+(\S.*)")
_FORM: Final = "Write the date, then what is asked: 2024-03-06 new seizures at night"


def request_and_pregnancy(
    row: Row, where: str, as_of: datetime.date
) -> tuple[str, bool, list[Fault]]:
    """Read both cells of a line.

    Args:
        row: the line.
        where: what messages call it.
        as_of: date of the release; a request dated later is told.

    Returns:
        The request (its date, one space, the text) or an empty string; whether there is a
        pregnancy; the faults.
    """
    case, word, text = row["case_id"], row["pregnancy"], " ".join(row["request"].split())
    faults = []
    if plain(word) not in YES_NO:
        found = f"pregnancy {word!r} is neither yes nor no"
        faults.append(Fault(where, case, found, "Write yes or no; empty means no"))
    if text:
        faults += [Fault(where, case, *found) for found in _request_faults(text, as_of)]
    return text, YES_NO.get(plain(word), False), faults


def _request_faults(text: str, as_of: datetime.date) -> list[tuple[str, str, Level]]:
    written = _WRITTEN.fullmatch(text)
    if written is None:
        # The text itself is not repeated: people write names where they should not.
        return [("request does not begin with a date and a text", _FORM, Level.ERROR)]
    faults = []
    try:
        day = datetime.date.fromisoformat(written[1])
    except ValueError:
        return [(f"request: {written[1]} is not a date", _FORM, Level.ERROR)]
    if day > as_of:
        found = f"request is of {written[1]}, later than the release, as of {as_of.isoformat()}"
        faults.append((found, "Check the date, or use a newer release", Level.WARNING))
    if len(written[2]) > LONGEST:
        found = f"request holds {len(written[2])} characters"
        faults.append((found, f"Keep it to {LONGEST}", Level.ERROR))
    return faults
