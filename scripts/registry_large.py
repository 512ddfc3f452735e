"""Registries as large as they come: how long a write takes, how much memory, what it changed."""

from __future__ import annotations

import io
import re
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import openpyxl
import yaml

from ariane.files import REPOSITORY
from ariane.registry.mapping import FIELDS, read_mapping
from ariane.registry.patch import Patch, Proposal, write_patch

PEOPLE: Final = 30
"""Columns that people keep beside Ariane's."""
STEP: Final = 100
"""One row in so many is written in the smaller of two writes; all are in the larger."""

VALUES: Final = {
    "proposal_status": "candidat à examiner", "gene": "GBA1", "posterior": "87,5",
    "variant": "chr1-155235252-A-G (409N>409S)", "disease": "OMIM:230800", "flag": "nouveau",
    "due": "30/06/2024", "cycle": "2024-2", "release": "R2",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """One write."""

    kind: str
    rows: int
    written: int
    seconds: float
    """By the clock."""
    cpu: float
    """Seconds of computing: on a busy machine less than by the clock."""
    megabytes: int
    """Peak of the writing process."""
    file_megabytes: float
    only_cells_meant: bool

    @property
    def line(self) -> str:
        """For people."""
        kept = "only the cells meant changed" if self.only_cells_meant else "OTHER BYTES CHANGED"
        size = f"{self.rows:>7} rows ({self.file_megabytes:.1f} MB)"
        spent = f"{self.seconds:5.1f} s, computing {self.cpu:.1f} s, {self.megabytes} MB"
        return f"{self.kind:<7} {size}, {self.written:>6} written: {spent}; {kept}"


def columns_of() -> list[str]:
    """Header of a large registry."""
    return [
        "pseudonyme",
        *(f"colonne {i}" for i in range(PEOPLE)),
        *(f"ariane_{f}" for f in FIELDS),
    ]


def people(number: int) -> list[str]:
    """What people keep of a case: texts, French numbers and dates."""
    cells = [f"P{number:06}"]
    for column in range(PEOPLE):
        text = ("confirmé", f"{number % 97},{column}", "12/03/2019", "", f"note {number} é")
        cells.append(text[(number + column) % 5])
    return cells


def make_csv(path: Path, rows: int) -> None:
    """Windows-1252 with semicolons, as a French spreadsheet saves."""
    blank = ";" * len(FIELDS)
    lines = [";".join(columns_of())]
    lines += [";".join(people(n)) + blank for n in range(rows)]
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("cp1252"))


def make_xlsx(path: Path, rows: int) -> None:
    """A workbook with the registry on one sheet and a count on another."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Registre")
    sheet.append(columns_of())
    for number in range(rows):
        sheet.append([text or None for text in people(number)])
    book.create_sheet("Comptes").append(["=COUNTA(Registre!AF:AF)"])
    book.save(path)


def make_sqlite(path: Path, rows: int) -> None:
    """A table of texts with its key."""
    names = columns_of()
    declared = ", ".join(f'"{name}" TEXT' for name in names[1:])
    marks = ", ".join("?" * (PEOPLE + 1))
    held = ", ".join(f'"{name}"' for name in names[: PEOPLE + 1])
    base = sqlite3.connect(path)
    base.execute(f'CREATE TABLE registre ("pseudonyme" TEXT PRIMARY KEY, {declared})')
    insert = f"INSERT INTO registre ({held}) VALUES ({marks})"  # noqa: S608 (our own names)
    base.executemany(insert, map(people, range(rows)))
    base.commit()
    base.close()


def foreign_csv(path: Path) -> bytes:
    """All bytes but those of Ariane's cells."""
    kept = []
    for line in path.read_bytes().splitlines(keepends=True):
        cells = line.split(b";")
        kept.append(b";".join(cells[: PEOPLE + 1]) + cells[-1][len(cells[-1].rstrip(b"\r\n")) :])
    return b"".join(kept)


def foreign_xlsx(path: Path) -> bytes:
    """All parts, the sheet's without Ariane's cells and the main one's wish to compute anew."""
    own = re.compile(rb'<c r="A(?:F|G|H|I|J|K|L|M|N|O|P)[0-9]+"(?:[^>]*?/>|.*?</c>)')
    kept = []
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as source:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                header, _, rest = content.partition(b"</row>")
                content = header + _ + own.sub(b"", rest)
            if name == "xl/workbook.xml":
                content = re.sub(rb' fullCalcOnLoad="1"', b"", content)
            kept += [name.encode(), content]
    return b"\n".join(kept)


def foreign_sqlite(path: Path) -> bytes:
    """All cells of people's columns."""
    held = ", ".join(f'"{name}"' for name in columns_of()[: PEOPLE + 1])
    base = sqlite3.connect(path)
    rows = base.execute(f"SELECT {held} FROM registre ORDER BY 1").fetchall()  # noqa: S608
    base.close()
    return repr(rows).encode()


Kind = tuple[str, Callable[[Path, int], None], Callable[[Path], bytes]]

KINDS: Final[dict[str, Kind]] = {
    "csv": ("r.csv", make_csv, foreign_csv),
    "xlsx": ("r.xlsx", make_xlsx, foreign_xlsx),
    "sqlite": ("r.db", make_sqlite, foreign_sqlite),
}


def measure(kind: str, rows: int, folder: Path) -> list[Measured]:
    """Write a few rows, then all, each by the program that users run."""
    name, make, foreign = KINDS[kind]
    registry = folder / name
    make(registry, rows)
    columns = {f: f"ariane_{f}" for f in FIELDS}
    given: dict[str, Any] = {"key": "pseudonyme", "columns": columns, "date_format": "%d/%m/%Y"}
    if kind == "sqlite":
        given["table"] = "registre"
    mapping = folder / "mapping.yaml"
    mapping.write_text(yaml.safe_dump(given), encoding="utf-8")
    identity = read_mapping(mapping).identity
    address = f"sqlite:///{registry}" if kind == "sqlite" else str(registry)
    before = foreign(registry)
    found = []
    for cycle, step in (("few", STEP), ("all", 1)):
        values = VALUES | {"cycle": cycle, "gene": f"GENE{step}"}
        proposals = tuple(Proposal(f"P{n:06}", values) for n in range(0, rows, step))
        write_patch(folder / "patch.json", Patch(cycle, "R2", {}, identity, 0.1, proposals))
        command = [
            sys.executable, str(REPOSITORY / "scripts" / "apply_registry.py"),
            "--registry", address, "--mapping", str(mapping), "--state", str(folder / "state"),
            "--patch", str(folder / "patch.json"), "--as-of", "2024-03-06", "--actor", "bench",
            "--receipt", str(folder / "receipt.json"),
        ]  # fmt: skip
        began = time.monotonic()
        megabytes, cpu = _spent(command)
        seconds = time.monotonic() - began
        same = foreign(registry) == before
        size = registry.stat().st_size / 1e6
        written = len(proposals)
        found.append(Measured(kind, rows, written, seconds, cpu, megabytes, size, same))
    return found


def _spent(command: list[str]) -> tuple[int, float]:
    """Run a program and give the megabytes it held at most, and its seconds of computing."""
    code = (
        "import resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[1:], check=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_maxrss // 1024, used.ru_utime + used.ru_stime)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], check=True, capture_output=True, text=True
    )
    megabytes, seconds = done.stdout.split()[-2:]
    return int(megabytes), float(seconds)
