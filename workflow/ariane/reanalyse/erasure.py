"""Lawful erasure of a case from a run's results and frozen inputs.

Everything of the case goes: its folders and pages, its rows of every table of every cycle, its
lines of the frozen inputs. What is left of the cohort stays what it was, so that past cycles
replay without the case. Times of files are kept: nothing is computed again for it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc
import pyarrow.parquet as pq

from ariane import files
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.reanalyse.sums import SUMS, check_sums, sums_of
from ariane.seals import verified

RUNNING: Final = "erasing"
"""File of the state that is there while an erasure runs, or was stopped."""

CLUSTER_LOGS: Final = "slurm_logs"
"""Folder of ``.snakemake`` in which the SLURM plugin keeps its logs, by rule and case."""

_LINES: Final = frozenset({".jsonl", ".tsv", ".csv"})
_NAMES: Final = ("case", "case_id", "id")
"""Columns and keys that hold a case's identifier."""


@dataclass
class Erased:
    """What was done."""

    deleted: list[Path] = field(default_factory=list)
    rewritten: list[Path] = field(default_factory=list)
    left: list[Path] = field(default_factory=list)
    """Files that still name the case, for people to look at."""


def erase(home: Path, case: str) -> Erased:
    """Erase a case from ``results/``, ``state/cycles/`` and the workflow's own notes.

    Stopped in the middle, the same call goes on. The registry's state has a way of its own
    (``scripts/registry_journal.py erase``); the sheet, the VCF and the decisions file are people's.

    Args:
        home: working folder of the run.
        case: identifier of the case.

    Raises:
        ArianeError: the identifier is empty, or the inputs of a cycle are not what was frozen.
    """
    if not case.strip():
        raise ArianeError("No case was named. Give its identifier.")
    word = re.compile(rb"(?<![\w-])" + re.escape(case.encode()) + rb"(?![\w-])")
    cycles = sorted((home / "state" / "cycles").glob("*/inputs"))
    summed = [folder for folder in cycles if (folder / SUMS).is_file()]
    running = home / "state" / RUNNING
    if not running.is_file():  # else an erasure was stopped between a file and its checksum
        for folder in summed:
            check_sums(folder)
    files.write_text(running, "")
    done = Erased()
    for root in (home / "results", home / "state" / "cycles"):
        for folder in sorted(root.glob(f"**/{_glob(case)}"), reverse=True):
            if folder.is_dir():
                shutil.rmtree(folder)
                done.deleted.append(folder)
        for path in sorted(p for p in root.glob("**/*") if p.is_file() and not p.is_symlink()):
            _file(path, case, word, root.name == "results", done)
    for folder in summed:
        if sums_of(folder) != json.loads((folder / SUMS).read_text(encoding="utf-8")):
            _write(folder / SUMS, (to_json(sums_of(folder)) + "\n").encode())
    running.unlink()
    for note in [*_notes(home, word), *_remembered(home, word)]:
        note.unlink()
        done.deleted.append(note)
    for folder in sorted((home / ".snakemake" / CLUSTER_LOGS).glob(f"**/{_glob(case)}")):
        folder.rmdir()  # its logs are gone
    return done


def _glob(case: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", case)


def _file(path: Path, case: str, word: re.Pattern[bytes], rebuilt: bool, done: Erased) -> None:
    if not path.is_file():
        return  # it went with the page that it was printed from
    if word.search(path.name.encode()):
        path.unlink()
        done.deleted.append(path)
        return
    if path.suffix == ".parquet":
        if _parquet(path, case):
            done.rewritten.append(path)
        return
    content = path.read_bytes()
    if not word.search(content):
        return
    if path.suffix in _LINES:
        kept = b"".join(line for line in _whole_lines(content) if not word.search(line))
        _write(path, kept)
        done.rewritten.append(path)
    elif path.suffix == ".json" and (pruned := _without(json.loads(content), case)) is not None:
        text = (to_json(pruned) + "\n").encode()
        _write(path, text)
        (done.left if word.search(text) else done.rewritten).append(path)
    elif rebuilt:  # a page or log of many cases: the workflow can make it again
        # What was printed from it names the case too, packed so that no search finds it.
        for one in (path, path.with_suffix(".pdf")):
            if one.is_file():
                one.unlink()
                done.deleted.append(one)
    else:
        done.left.append(path)


def _whole_lines(content: bytes) -> list[bytes]:
    # Not splitlines(): a cell may hold other characters that end a line for Unicode.
    return [line for line in re.split(rb"(?<=\n)", content) if line]


def _parquet(path: Path, case: str) -> bool:
    names = pq.read_schema(verified(path)).names
    if "case" not in names:
        return False
    content = pq.read_table(path)
    kept = content.filter(pc.not_equal(content["case"], case))
    if len(kept) == len(content):
        return False
    times = path.stat()
    files.write_arrow(path, kept)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return True


def _without(value: Any, case: str) -> Any:
    """A document without what belongs to the case; None where it all does."""
    if isinstance(value, dict):
        if any(value.get(name) == case for name in _NAMES):
            return None
        pruned = {key: _without(held, case) for key, held in value.items() if key != case}
        return {key: held for key, held in pruned.items() if held is not None or value[key] is None}
    if isinstance(value, list):
        kept = [_without(held, case) for held in value if held != case]
        return [held for held in kept if held is not None]
    return value


def _write(path: Path, content: bytes) -> None:
    times, mode = path.stat(), path.stat().st_mode
    files.write_bytes(path, content)
    path.chmod(mode & 0o777)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _remembered(home: Path, word: re.Pattern[bytes]) -> Iterator[Path]:
    """What the next plan makes again, and the logs of jobs on a cluster."""
    kept = home / ".snakemake"
    for path in sorted(p for top in ("ariane", CLUSTER_LOGS) for p in (kept / top).rglob("*")):
        inside = str(path.relative_to(kept)).encode()
        if path.is_file() and (word.search(inside) or word.search(path.read_bytes())):
            yield path


def _notes(home: Path, word: re.Pattern[bytes]) -> Iterator[Path]:
    """Snakemake's notes on files of the case: their names are the paths, in base64."""
    for path in sorted((home / ".snakemake").glob("metadata/**/*")):
        if not path.is_file():
            continue
        root = home / ".snakemake" / "metadata"
        name = "".join(part.removeprefix("@") for part in path.relative_to(root).parts)
        try:
            told = base64.b64decode(name.encode() + b"=" * (-len(name) % 4), validate=False)
        except (binascii.Error, ValueError):
            told = b""
        if word.search(told) or word.search(path.read_bytes()):
            yield path
