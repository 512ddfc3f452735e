"""Tables of ``resources/registry``: each row tells its source, how certain it is, and as of when.

What the field does not publish in a form that machines read was recalled or inferred. Such facts
stand in these tables, never in logic, so that a site can see which they are and mend them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from ariane.files import RESOURCES, open_text
from ariane.model.errors import ArianeError

FOLDER: Final = RESOURCES / "registry"

MARKS: Final = ("source", "certainty", "as_of")
"""Columns of every table."""

CERTAINTIES: Final[Mapping[str, str]] = {
    "P": "found in a primary machine-readable source that was opened",
    "S": "found in a stored web page or a third party's repository",
    "R": "recalled, not verified",
    "I": "inferred or suggested: no source says it",
}


@cache
def read_marked(path: Path) -> tuple[Mapping[str, str], ...]:
    """All rows of a marked table, in the order of the file; ``#`` lines are comments.

    Raises:
        ArianeError: the file is missing, a row lacks a mark, or has more cells than columns.
    """
    try:
        with open_text(path) as handle:
            lines = [line for line in handle if not line.startswith("#")]
    except (OSError, UnicodeDecodeError):
        raise ArianeError(f"{path}: missing or damaged. Restore it from the repository.") from None
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))
    for number, row in enumerate(rows, start=1):
        whole = None not in row and all(row.get(mark, "").strip() for mark in MARKS)
        if not whole or row["certainty"] not in CERTAINTIES:
            raise ArianeError(
                f"{path}: row {number} lacks {', '.join(MARKS)}, or has cells without a column. "
                f"Give each row a certainty of {', '.join(CERTAINTIES)}."
            )
    return tuple(rows)
