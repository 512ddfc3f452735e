"""What a technique cannot see, from the versioned table shipped with the workflow."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ariane import files
from ariane.model.errors import ArianeError

COLUMNS = ("id", "technique", "assembly", "genes", "terms", "region", "why", "source")
ANY = "any"


@dataclass(frozen=True)
class BlindSpot:
    """One gene, region or kind of change that an analysis may miss though its result is clean."""

    id: str
    technique: str
    """``panel``, ``exome``, ``genome`` or ``any``."""
    assembly: str
    """``GRCh38``, ``GRCh37`` or ``any``."""
    genes: tuple[tuple[str, str], ...]
    """Symbol and HGNC identifier of each gene it hides."""
    terms: tuple[str, ...]
    """HPO terms of patients in whom it matters."""
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
    return tuple(_spot(row) for row in reader)


def _spot(row: Mapping[str, str]) -> BlindSpot:
    pairs = (text.partition("=") for text in row["genes"].split())
    return BlindSpot(
        **{name: row[name] for name in COLUMNS if name not in ("genes", "terms")},
        genes=tuple((symbol, gene) for symbol, _, gene in pairs),
        terms=tuple(row["terms"].split()),
    )


def of(technique: str, language: str = "en", assembly: str = "") -> tuple[BlindSpot, ...]:
    """The rows that hold for a technique and an assembly.

    A technique that is not in the table gets every row, an unknown assembly too.
    """
    rows = load(language)
    if technique in {row.technique for row in rows}:
        rows = tuple(row for row in rows if row.technique in {technique, ANY})
    return tuple(row for row in rows if not assembly or row.assembly in {assembly, ANY})


def told(
    technique: str, language: str, assembly: str, applying: Mapping[str, str]
) -> tuple[tuple[BlindSpot, str], ...]:
    """The rows of a case with the reason why each applies to it, those that do at the head.

    Args:
        technique: technique of the analysis.
        language: ``en`` or ``fr``.
        assembly: assembly of the analysis.
        applying: reason by row identifier; a row without one is told as general.
    """
    rows = [(spot, applying.get(spot.id, "")) for spot in of(technique, language, assembly)]
    return (*(row for row in rows if row[1]), *(row for row in rows if not row[1]))
