"""The laboratory's quality files: one a case in JSON, one for all in TSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ariane.files import read_json, sealed_json, write_text
from ariane.knowledge.contigs import Contigs
from ariane.model.case import Member
from ariane.model.errors import ArianeError, Level
from ariane.quality.calls import read_calls
from ariane.quality.limits import shipped_limits
from ariane.quality.measures import Family

COLUMNS: Final = ("case", "level", "measure", "members", "value", "sites", "said")
_ORDER: Final = (Level.ERROR.value, Level.WARNING.value, "", "not judged")


def case_quality(
    case: str, bcf: Path, members: Sequence[Member], reference: Path, joint: bool
) -> dict[str, Any]:
    """Measure one case.

    Args:
        case: its identifier.
        bcf: the case's normalised BCF.
        members: the family; those with a sample are measured.
        reference: the FASTA, whose index tells the assembly.
        joint: whether the members were genotyped into one VCF.

    Raises:
        ArianeError: the BCF or the index cannot be read.
    """
    sequenced = sorted((m for m in members if m.sample), key=lambda m: m.id)
    contigs = Contigs.of_index(reference.with_name(reference.name + ".fai"))
    limits = shipped_limits()
    calls = read_calls(bcf, [m.sample for m in sequenced], contigs)
    measures = list(Family(calls, members, limits, joint).measures())
    levels = {measure.level for measure in measures}
    return {
        "case": case,
        "limits": limits.version,
        "genotyped_together": joint,
        "records": calls.records,
        "level": next((one for one in _ORDER[:2] if one in levels), ""),
        "measures": [
            {**asdict(m), "value": None if m.value is None else round(m.value, 4)} for m in measures
        ],
    }


def write_case(path: Path, content: dict[str, Any]) -> None:
    """Write the file of one case."""
    write_text(path, sealed_json(content))


def cohort_rows(cases: Iterable[Path]) -> list[dict[str, str]]:
    """The measures of all cases by :data:`COLUMNS`, errors first.

    Raises:
        ArianeError: a case's file is missing or damaged.
    """
    rows: list[dict[str, str]] = []
    for one in cases:
        try:
            held = read_json(one)
            rows += [
                {"case": held["case"], **{column: _text(m[column]) for column in COLUMNS[1:]}}
                for m in held["measures"]
            ]
        except (KeyError, TypeError):
            raise ArianeError(f"{one}: no quality file. Delete it and run again.") from None
    rows.sort(
        key=lambda row: (
            _ORDER.index(row["level"]),
            row["case"],
            row["measure"],
            row["members"],
        )
    )
    return rows


def write_cohort(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """Write the list of all cases for the laboratory."""
    lines = [list(COLUMNS), *([row[column] for column in COLUMNS] for row in rows)]
    write_text(path, "".join("\t".join(line) + "\n" for line in lines))


def _text(value: object) -> str:
    return "" if value is None else str(value)
