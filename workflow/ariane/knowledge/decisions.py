"""Decisions: what named clinicians and RCPs decided, as a tab-separated file kept by people."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

from ariane.knowledge.hand_kept import read_lines
from ariane.model.case import Decision, Status
from ariane.model.errors import Fault

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
    "finding",
    "seen",
)
OPTIONAL: Final = frozenset({"gene", "variants", "disease", "comment", "finding", "seen"})
SIGNED: Final = frozenset({Status.SOLVED, Status.PARTLY_SOLVED, Status.REFUTED, Status.CLOSED})
"""Outcomes that close or re-open a case: they need who, in what role, which report and when."""

_WORD: Final = re.compile(r"[\w.:-]+", re.ASCII)
_GENE: Final = re.compile(r"HGNC:\d+|ENSG\d+[\w.]*", re.ASCII)
_ALT: Final = r"(?:[A-Z*.]+|<[A-Z0-9:]+>|[A-Z]*[\[\]][\w.]+:\d+[\[\]][A-Z]*)"
"""Bases, a symbolic allele with its end, or a breakend."""
_VARIANT: Final = rf"[\w.]+-\d+-[A-Z*.]+-{_ALT}"
_VARIANTS: Final = re.compile(rf"{_VARIANT}(?:\+{_VARIANT})*", re.ASCII)
FINDING: Final = re.compile(rf"[\w.:-]+\|[\w .-]+\|{_VARIANT}(?:\+{_VARIANT})*", re.ASCII)
SEEN: Final = re.compile(r"[0-9a-f]{12}")
FINDING_ADVICE: Final = "Copy it as scripts/decision_rows.py prints it, gene|mode|variants"
SEEN_ADVICE: Final = "Copy the 12 characters that scripts/decision_rows.py prints"
_FORMS: Final = {
    "gene": (_GENE, "Give the HGNC identifier, as HGNC:4053, or leave it empty"),
    "variants": (_VARIANTS, "Give chrom-pos-ref-alt keys joined by +, or leave it empty"),
    "disease": (_WORD, "Give an identifier, as OMIM:256000 or ORPHA:506, or leave it empty"),
    "finding": (FINDING, FINDING_ADVICE),
    "seen": (SEEN, SEEN_ADVICE),
}
"""These cells reach registries, so nothing but identifiers may stand in them."""


def read_decisions(path: Path) -> tuple[list[Decision], list[Fault]]:
    """Read the decisions and everything wrong with them.

    A row with a fault gives no decision. Columns ``gene``, ``variants``, ``disease``, ``comment``,
    ``finding`` and ``seen`` may be absent.

    Raises:
        ArianeError: the file cannot be read as UTF-8 text.
    """
    lines, unread = read_lines(path, COLUMNS, OPTIONAL)
    faults: list[Fault] = []
    decisions: list[Decision] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in lines:
        where = f"{path.name}:{number}"
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
    return sorted(decisions, key=lambda d: (d.case, d.date)), unread + sorted(faults)


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
    if row["seen"] and not row["finding"]:
        fault("a hash of what was seen, without its finding", FINDING_ADVICE)
    if row["date"] and not is_date(row["date"]):
        fault(f"date {row['date']!r} is not a date", "Write it as 2024-03-06")
    return faults


def is_date(text: str) -> bool:
    """Whether a text is an ISO 8601 date, written in full."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
