"""What was seen of VCFs before: a file of the same path, size and time is not read again.

A look at a VCF reads its first records, and its checksum all of it: for thousands of cases that is
hours, asked for by each plan of a cycle that has not begun. What is remembered is a cache and no
state: without it everything is read again, and it holds only files without an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.intake.bases import Looked
from ariane.intake.vcf import Glance
from ariane.knowledge.release import Release
from ariane.model.canonical import digest, to_json
from ariane.model.errors import Fault, Level

REMEMBERED: Final = Path(".snakemake") / "ariane" / "looked.json"
"""In the working folder, beside Snakemake's own memory."""

_CODE: Final = (
    "intake/vcf.py",
    "intake/bases.py",
    "intake/assembly.py",
    "intake/identity.py",
    "knowledge/vcf_calls.py",
    "knowledge/vcf_files.py",
    "knowledge/contigs.py",
)
"""Modules that decide what a look says: an edit of one forgets all looks."""


@dataclass
class Memory:
    """Looks and checksums by file."""

    stamp: str = ""
    """Of the reference that was compared with, and of the code that compared."""
    looks: dict[str, dict[str, Any]] = field(default_factory=dict)
    checksums: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: bool = False

    @classmethod
    def read(cls, path: Path, release: Release) -> Memory:
        """What an earlier plan wrote; empty when it is not there, damaged, or of other code."""
        stamp = _stamp(release)
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            looks = told["looks"] if told["stamp"] == stamp else {}
            return cls(stamp, dict(looks), dict(told["checksums"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls(stamp)

    def save(self, path: Path) -> None:
        """Write it, when something was added; where that cannot be, the next plan reads again."""
        if self.changed:
            told = {"stamp": self.stamp, "looks": self.looks, "checksums": self.checksums}
            with suppress(OSError):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                files.write_text(path, to_json(told) + "\n")
                self.changed = False

    def look(self, path: str, column: str) -> Looked | None:
        """What was seen of a file, unless it changed since."""
        known = self.looks.get(f"{column}:{path}")
        return _looked(path, known) if known and known["file"] == on_disk(Path(path)) else None

    def keep(self, path: str, column: str, looked: Looked, before: Mapping[str, int]) -> None:
        """Remember a look without an error.

        Args:
            path: the file.
            column: the column of the sheet that names it.
            looked: what was seen.
            before: what :func:`on_disk` said before it was read: a file that grows meanwhile is
                read again.
        """
        if not any(fault.level is Level.ERROR for fault in looked.faults) and looked.seen.usable:
            self.looks[f"{column}:{path}"] = {"file": dict(before), **_told(looked)}
            self.changed = True

    def sha256(self, paths: Sequence[Path]) -> str:
        """The checksum of one file, or of several together, as :func:`files.sha256_of_all` does."""
        key = ";".join(map(str, paths))
        found = [on_disk(path) for path in paths]
        known = self.checksums.get(key)
        if known is None or known["files"] != found:
            known = {"files": found, "sha256": files.sha256_of_all(paths)}
            self.checksums[key] = known
            self.changed = True
        return str(known["sha256"])


def on_disk(path: Path) -> dict[str, int]:
    """Size in bytes and time in nanoseconds of a file; nothing when it cannot be asked."""
    try:
        seen = path.stat()
    except OSError:
        return {}
    return {"size": seen.st_size, "time": seen.st_mtime_ns}


def _stamp(release: Release) -> str:
    package = Path(files.__file__).parent
    code = {name: files.sha256_of(package / name) for name in _CODE}
    reference = release.resources.get("reference")
    return digest({"code": code, "reference": repr(reference)})


def _told(looked: Looked) -> dict[str, Any]:
    seen = looked.seen
    return {
        "samples": list(seen.samples),
        "assemblies": sorted(seen.assemblies),
        "records": seen.records,
        "silent": sorted(seen.silent),
        "own": _rows(seen.faults),
        "faults": _rows(looked.faults),
        "agreeing": looked.agreeing,
    }


def _rows(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    return [asdict(fault) | {"level": fault.level.value} for fault in faults]


def _looked(path: str, told: Mapping[str, Any]) -> Looked:
    seen = Glance(
        path,
        samples=tuple(told["samples"]),
        assemblies=set(told["assemblies"]),
        records=told["records"],
        silent=set(told["silent"]),
        faults=_faults(told["own"]),
        usable=True,
    )
    return Looked(seen, tuple(_faults(told["faults"])), told["agreeing"])


def _faults(rows: Iterable[Mapping[str, Any]]) -> list[Fault]:
    return [Fault(**{**row, "level": Level(row["level"])}) for row in rows]
