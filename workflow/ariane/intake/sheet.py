"""The families sheet: a table of cases, read line by line, with every fault of form at once."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.intake.identity import holds_ins, names_identity
from ariane.intake.words import nearest, unsafe_name
from ariane.model.errors import Fault

REQUIRED: Final = ("case_id", "vcf", "assembly", "technique", "analysis_date", "consent_reanalysis")
"""Columns that every sheet has; ``sex`` or ``ped`` comes on top."""

COLUMNS: Final = (
    "case_id",
    "vcf",
    "sv_vcf",
    "ped",
    "proband",
    "proband_sample",
    "mother_sample",
    "father_sample",
    "sex",
    "phenopacket",
    "hpo",
    "hpo_excluded",
    "onset",
    "age",
    "gestation",
    "age_first_signs",
    "age_clinical_diagnosis",
    "age_genetic_diagnosis",
    "diagnosis_at_entry",
    "assembly",
    "technique",
    "analysis_date",
    "batch",
    "laboratory",
    "site",
    "filiere",
    "pre_indication",
    "gene_list",
    "status",
    "request",
    "pregnancy",
    "consent_reanalysis",
    "consent_registry",
    "consent_ern",
    "consent_matchmaking",
    "consent_research",
    "consent_third_countries",
    "opposition_bndmr",
)
"""Columns with a meaning; any other is carried as a note."""

_PSEUDONYMS = "Delete it: Ariane works on pseudonyms only"


@dataclass(frozen=True)
class Row:
    """One case's line of the sheet."""

    line: int
    """Line number in the file, from 1."""
    cells: Mapping[str, str]
    """Every column of the sheet, stripped; empty where the line says nothing."""

    def __getitem__(self, column: str) -> str:
        """The cell, or an empty string when the sheet has no such column."""
        return self.cells.get(column, "")

    def lacks(self, *columns: str) -> bool:
        """Whether the sheet has these columns, or one of them, and this line leaves all empty.

        A column missing from the whole sheet is told once, at its header.
        """
        return any(c in self.cells for c in columns) and not any(self[c] for c in columns)

    @property
    def notes(self) -> dict[str, str]:
        """Filled cells of columns that have no meaning here."""
        return {k: v for k, v in sorted(self.cells.items()) if v and k not in COLUMNS}


def read_sheet(path: Path) -> tuple[list[Row], list[Fault]]:
    """Read the families sheet: TSV in UTF-8, any line ends, ``#`` lines are comments.

    A cell may stand in double quotes and never spans lines, so a stray quote spoils one line only.
    Rows come back in the file's order, also where they hold faults; but a line with an INS number
    is dropped, so that no later message repeats it.

    Returns:
        The rows and the faults of form: encoding, columns, quotes, identity, unsafe or repeated
        case identifiers. Whether the values make sense is judged in :mod:`ariane.intake.check`.
    """
    where = str(path)
    text, faults = _text(path)
    header: list[str] | None = None
    rows: list[Row] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if holds_ins(line):
            found = "a value is shaped like an INS number; the line was not read further"
            faults.append(_fault(where, number, "", found, _PSEUDONYMS))
            continue
        if line.startswith("#") or not line.strip():
            continue
        cells, problem = _cells(line)
        if problem:
            faults.append(_fault(where, number, "", *problem))
            if header is None:
                break
            continue
        if not any(cells):
            continue
        if header is None:
            header = [c if c.lower() not in COLUMNS else c.lower() for c in cells]
            faults += _header_faults(where, number, header, line)
            if "case_id" not in header:
                break
            continue
        if len(cells) > len(header) and any(cells[len(header) :]):
            found = f"{len(cells)} cells under {len(header)} columns"
            faults.append(_fault(where, number, cells[0], found, "Remove the extra cells"))
        padded = cells + [""] * (len(header) - len(cells))
        rows.append(Row(number, {n: c for n, c in zip(header, padded, strict=False) if n}))
    if header is None and not faults:
        faults.append(Fault(where, "", "the sheet is empty", "Write a header line and one case"))
    elif header is not None and "case_id" in header:
        if not rows and not faults:
            faults.append(Fault(where, "", "the sheet holds no case", "Write a line for each case"))
        faults += _id_faults(where, rows)
    return rows, faults


def of_batch(rows: list[Row], batch: str, path: Path) -> tuple[list[Row], list[Fault]]:
    """The lines whose column ``batch`` says so; a fault when there is none.

    The files that the other lines name are never opened.
    """
    own = [row for row in rows if row["batch"] == batch]
    if own or not rows:
        return own, []
    best = nearest(batch, {row["batch"] for row in rows})
    advice = f"Did you mean '{best}'" if best else "Fill the column, or mend 'batch' in the config"
    return [], [Fault(str(path), "", f"no line's column 'batch' says {batch!r}", advice)]


def resolve(folder: Path, given: str) -> str:
    """A path of the sheet, seen from where the program runs."""
    return os.path.normpath(folder / given) if given else ""


def _text(path: Path) -> tuple[str, list[Fault]]:
    where = str(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return "", [Fault(where, "", "there is no such file", "Check 'families' in the config")]
    except OSError as problem:
        return "", [Fault(where, "", f"cannot be read ({problem.strerror})", "Check the file")]
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in raw:
        return "", [Fault(where, "", "the sheet is not UTF-8 text", "Save it as TSV in UTF-8")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        found = "the line holds a character that is not UTF-8"
        return "", [_fault(where, line, "", found, "Save the sheet as TSV in UTF-8")]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def _cells(line: str) -> tuple[list[str], tuple[str, str] | None]:
    try:
        cells = next(csv.reader([line], delimiter="\t", strict=True))
    except csv.Error:
        return [], ("a double quote is opened or closed wrongly", "Remove or pair the quotes")
    if any(ord(c) < 32 or ord(c) == 127 for cell in cells for c in cell):
        return [], ("a cell holds a control character", "Remove it")
    return [cell.strip().strip("\ufeff\u200b") for cell in cells], None


def _header_faults(where: str, line: int, header: list[str], raw: str) -> list[Fault]:
    if "\t" not in raw and any(mark in raw for mark in ",;"):
        found = "the columns are not separated by tabs"
        return [_fault(where, line, "", found, "Save the sheet as tab-separated text (TSV)")]
    faults: list[Fault] = []
    for name in sorted({n for n in header if n and header.count(n) > 1}):
        found = f"column '{name}' stands {header.count(name)} times"
        faults.append(_fault(where, line, "", found, "Keep one"))
    for name in sorted({n for n in header if names_identity(n)}):
        found = f"column '{name}' names the identity of a person"
        faults.append(_fault(where, line, "", found, _PSEUDONYMS))
    faults += [
        _fault(where, line, "", f"column '{name}' is missing", "Add it (see config/README.md)")
        for name in REQUIRED
        if name not in header
    ]
    if "sex" not in header and "ped" not in header:
        found = "the sheet has neither a column 'sex' nor a column 'ped'"
        faults.append(_fault(where, line, "", found, "Add one of them"))
    return faults


def _id_faults(where: str, rows: list[Row]) -> list[Fault]:
    faults: list[Fault] = []
    first: dict[str, Row] = {}
    for row in rows:
        case = row["case_id"]
        if not case:
            faults.append(_fault(where, row.line, "", "case_id is empty", "Give the case one"))
            continue
        reason = unsafe_name(case)
        if reason:
            advice = "Choose another: letters, digits, '.', '_' and '-', at most 64"
            faults.append(_fault(where, row.line, "", f"case_id {case!r} {reason}", advice))
        earlier = first.setdefault(case.casefold(), row)
        if earlier is row:
            continue
        if earlier["case_id"] == case:
            found = f"the case stands in line {earlier.line} and in line {row.line}"
        else:
            found = f"differs from {earlier['case_id']} of line {earlier.line} by letter case only"
        faults.append(_fault(where, row.line, case, found, "Give each case its own case_id"))
    return faults


def _fault(where: str, line: int, case: str, what: str, advice: str) -> Fault:
    return Fault(f"{where}:{line}", case, what, advice)
