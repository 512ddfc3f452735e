"""Decisions: what named clinicians and RCPs decided, as a tab-separated file kept by people."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Final

from ariane.files import open_text
from ariane.model.case import Decision, Status
from ariane.model.errors import ArianeError, Fault

COLUMNS: Final = (
    "case_id",
    "outcome",
    "gene",
    "variants",
    "disease",
    "actor",
    "role",
    "report",
    "date",
    "comment",
)
_OPTIONAL: Final = frozenset({"gene", "variants", "disease", "comment"})
SIGNED: Final = frozenset({Status.SOLVED, Status.PARTLY_SOLVED, Status.REFUTED, Status.CLOSED})
"""Outcomes that close or re-open a case: they need who, in what role, which report and when."""

_WORD: Final = re.compile(r"[\w.:-]+", re.ASCII)
_GENE: Final = re.compile(r"HGNC:\d+|ENSG\d+[\w.]*", re.ASCII)
_ALT: Final = r"(?:[A-Z*.]+|<[A-Z0-9:]+>|[A-Z]*[\[\]][\w.]+:\d+[\[\]][A-Z]*)"
"""Bases, a symbolic allele with its end, or a breakend."""
_VARIANT: Final = rf"[\w.]+-\d+-[A-Z*.]+-{_ALT}"
_VARIANTS: Final = re.compile(rf"{_VARIANT}(?:\+{_VARIANT})*", re.ASCII)
_FORMS: Final = {
    "gene": (_GENE, "Give the HGNC identifier, as HGNC:4053, or leave it empty"),
    "variants": (_VARIANTS, "Give chrom-pos-ref-alt keys joined by +, or leave it empty"),
    "disease": (_WORD, "Give an identifier, as OMIM:256000 or ORPHA:506, or leave it empty"),
}
"""These cells reach registries, so nothing but identifiers may stand in them."""


def read_decisions(path: Path) -> tuple[list[Decision], list[Fault]]:
    """Read the decisions and everything wrong with them.

    A row with a fault gives no decision. Columns ``gene``, ``variants``, ``disease`` and
    ``comment`` may be absent.

    Raises:
        ArianeError: the file cannot be read as UTF-8 text.
    """
    try:
        with open_text(path) as handle:
            text = handle.read().removeprefix("\ufeff")
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Check the path.") from None
    except (OSError, UnicodeDecodeError):
        raise ArianeError(f"{path}: cannot be read as UTF-8 text. Save it as UTF-8.") from None
    name = path.name
    faults: list[Fault] = []
    # QUOTE_NONE: a quote in a comment is a quote; a stray one must not swallow later decisions.
    rows = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows:
        return [], [Fault(name, "", "the file is empty", f"Begin with {', '.join(COLUMNS)}")]
    header = [cell.strip() for cell in rows[0]]
    known = ", ".join(COLUMNS)
    faults += [
        Fault(f"{name}:1", "", f"unknown column {c!r}", f"Use only {known}, separated by tabs")
        for c in header
        if c not in COLUMNS
    ]
    faults += [
        Fault(f"{name}:1", "", f"column {c!r} is given twice", "Keep one of them")
        for c in sorted({c for c in header if header.count(c) > 1})
    ]
    faults += [
        Fault(f"{name}:1", "", f"no column {c!r}", "Add it to the first line")
        for c in COLUMNS
        if c not in header and c not in _OPTIONAL
    ]
    if faults:
        return [], faults

    decisions: list[Decision] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{name}:{number}"
        if len(cells) > len(header) and any(c.strip() for c in cells[len(header) :]):
            faults.append(
                Fault(where, "", "more cells than columns", "Remove the tab inside a cell")
            )
            continue
        cells = [c.strip() for c in cells] + [""] * (len(header) - len(cells))
        row = dict.fromkeys(COLUMNS, "") | dict(zip(header, cells, strict=False))
        found = _faults(row, where)
        key = (row["case_id"], row["date"])
        if row["case_id"] and key in seen:
            found.append(
                Fault(
                    where,
                    row["case_id"],
                    f"a second decision of the same date as line {seen[key]}",
                    "Keep the one that stands, or give each its date",
                )
            )
        seen.setdefault(key, number)
        faults += found
        if not found:
            decisions.append(
                Decision(
                    case=row["case_id"],
                    outcome=Status(row["outcome"]),
                    **{c: row[c] for c in COLUMNS if c not in ("case_id", "outcome")},
                )
            )
    return sorted(decisions, key=lambda d: (d.case, d.date)), sorted(faults)


def _faults(row: dict[str, str], where: str) -> list[Fault]:
    case = row["case_id"]
    faults: list[Fault] = []

    def fault(what: str, advice: str) -> None:
        faults.append(Fault(where, case, what, advice))

    if not case:
        fault("no case_id", "Name the case by its pseudonym")
    words = [s.value for s in Status]
    if row["outcome"] not in words:
        fault(f"unknown outcome {row['outcome']!r}", f"Use one of {', '.join(words)}")
    elif Status(row["outcome"]) in SIGNED:
        faults += [
            Fault(
                where,
                case,
                f"outcome {row['outcome']!r} without {needed}",
                "Only a signed decision counts; give actor, role, report and date",
            )
            for needed in ("actor", "role", "report", "date")
            if not row[needed]
        ]
    for name, (form, advice) in _FORMS.items():
        if row[name] and not form.fullmatch(row[name]):
            fault(f"{name} {row[name]!r} is not an identifier", advice)
    if row["date"]:
        try:
            if date.fromisoformat(row["date"]).isoformat() != row["date"]:
                raise ValueError
        except ValueError:
            fault(f"date {row['date']!r} is not a date", "Write it as 2024-03-06")
    return faults
