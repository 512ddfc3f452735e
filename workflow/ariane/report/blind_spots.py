"""What a technique cannot see, from the versioned table shipped with the workflow."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from ariane import files
from ariane.model.errors import ArianeError

COLUMNS = ("technique", "region", "why", "source")
ANY = "any"


@dataclass(frozen=True)
class BlindSpot:
    """One gene, region or kind of change that an analysis may miss though its result is clean."""

    technique: str
    """``panel``, ``exome``, ``genome`` or ``any``."""
    region: str
    why: str
    source: str


@cache
def load(language: str) -> tuple[BlindSpot, ...]:
    """All rows of the table, in the order of the file.

    Raises:
        ArianeError: the file is missing or has other columns.
    """
    path = files.RESOURCES / ("blind_spots.tsv" if language == "en" else "blind_spots.fr.tsv")
    if not path.is_file():
        raise ArianeError(f"{path}: there is no such file. Restore it from the repository.")
    with files.open_text(path) as handle:
        lines = [line for line in handle if not line.startswith("#")]
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ArianeError(f"{path}: its columns must be {', '.join(COLUMNS)}. Restore it.")
    return tuple(BlindSpot(**{name: row[name] for name in COLUMNS}) for row in reader)


def of(technique: str, language: str = "en") -> tuple[BlindSpot, ...]:
    """The rows that hold for a technique; a technique not in the table gets every row."""
    rows = load(language)
    if technique not in {row.technique for row in rows}:
        return rows
    return tuple(row for row in rows if row.technique in {technique, ANY})
