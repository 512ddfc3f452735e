"""Broken and odd inputs: a good set of files, small edits, a program, and exactly what it says.

``cases/*.yaml`` hold one entry an input. ``sheet`` names another sheet than the base's: a trio with
a PED, or a case with a phenopacket. ``edits`` change the files of ``base/``, in order; a release
``R1`` is then made of them with ``make_release.py`` (but for the program ``make_release`` itself);
``then`` changes files after that. A file of the release may be named by its kind:
``R1:transcripts``.

An edit is a mapping with ``file`` and one of:

- ``line`` with ``sub: [old, new]`` (in that line), ``put`` (another line), ``drop: true``, or
  ``add`` (a line behind it);
- ``sub: [old, new]`` everywhere; ``write`` (the whole file); ``append``; ``delete: true``;
- ``pack``: ``bgzip``, ``gzip``, ``bcf``, ``index`` (faidx), ``crlf``, ``latin-1``, ``utf-16``,
  ``bom``; with ``to``, into another file;
- ``cut: N`` drops the last N bytes; ``flip: N`` inverts the byte there.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pysam
import yaml

from ariane import cli
from ariane.files import REPOSITORY
from ariane.knowledge.release import Release

sys.path.append(str(REPOSITORY / "scripts"))  # as it is for a program that is run
HERE = Path(__file__).parent
CASES = HERE / "cases"
OUT = Path("out")
MEMBER = re.compile(r"R1:(\w+)")

PROGRAMS = {
    "check_inputs": ["--config", "config.yaml"],
    "annotate_case": [
        *("--case", "F1", "--vcf", "solo.vcf", "--sample", "F1=F1"),
        *("--reference", "R1:reference", "--transcripts", "R1:transcripts"),
        *("--out-bcf", "out/v.bcf", "--out-candidates", "out/c.parquet"),
        *("--out-summary", "out/a.json"),
    ],
    "make_release": ["release.yaml", "--releases", "out"],
    "prepare_release": ["--release", "releases/R1", "--out", "out"],
    "new_cycle": ["--config", "config.yaml", "--state", "out", "--receipt", "out/r.json"],
}
"""Programs with the arguments of a good run."""


REST = "GRCh38\texome\t2024-01-15\tyes"
SHEETS = {
    "trio": [
        {
            "file": "families.tsv",
            "line": 2,
            "put": f"F1\ttrio.vcf\t\ttrio.ped\tHP:0001250\t\t\t{REST}",
        }
    ],
    "packet": [
        {
            "file": "families.tsv",
            "write": "case_id\tvcf\tsex\tphenopacket\tage\tgestation\tassembly\ttechnique\t"
            f"analysis_date\tconsent_reanalysis\nF1\tsolo.vcf\tfemale\tp.json\t\t\t{REST}\n",
        }
    ],
}
"""Other sheets than the base's, by the name that an entry gives as ``sheet``."""


@dataclass(frozen=True)
class FaultCase:
    """One entry of a file of cases."""

    name: str
    program: str
    edits: tuple[dict[str, Any], ...]
    then: tuple[dict[str, Any], ...]
    release: bool
    arguments: tuple[str, ...]
    status: int
    says: str


def read_cases(path: Path) -> list[FaultCase]:
    """The entries of one file."""
    return [
        FaultCase(
            name=entry["name"],
            program=entry.get("program", "check_inputs"),
            edits=(*SHEETS.get(entry.get("sheet", ""), ()), *entry.get("edits", ())),
            then=tuple(entry.get("then", ())),
            release=entry.get("program") != "make_release",
            arguments=tuple(entry.get("arguments", ())),
            status=entry.get("status", 2),
            says=entry.get("says", ""),
        )
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def lay_out(case: FaultCase, folder: Path, ready: Path) -> None:
    """Copy the base, apply the edits, make the release. Works in the current folder.

    Args:
        case: the entry.
        folder: an empty folder, which is the current one.
        ready: the releases made of the base as it is.
    """
    shutil.copytree(HERE / "base", folder, dirs_exist_ok=True)
    edit({"file": "reference.fa", "pack": "bgzip", "to": "reference.fa.gz"})
    edit({"file": "reference.fa.gz", "pack": "index"})
    for order in case.edits:
        edit(order)
    if case.release:
        if {order["file"] for order in case.edits} & knowledge_files():
            quietly("make_release", ["release.yaml"])
        else:
            shutil.copytree(ready, folder / "releases")
    for order in case.then:
        edit(order)


@cache
def knowledge_files() -> frozenset[str]:
    """Files of the base that the release is made of."""
    described = yaml.safe_load((HERE / "base" / "release.yaml").read_text(encoding="utf-8"))
    named = {entry["file"] for entry in described["resources"].values()}
    return frozenset({*named, "reference.fa", "reference.fa.gz.fai", "release.yaml"})


def located(name: str) -> str:
    """A path, where ``R1:kind`` stands for a file of the release."""
    found = MEMBER.fullmatch(name)
    return str(Release.open(Path("releases/R1")).require(found[1])) if found else name


def edit(order: dict[str, Any]) -> None:
    """Apply one edit."""
    path = Path(located(order["file"]))
    if order.get("delete"):
        path.unlink()
    elif "write" in order:
        path.write_text(order["write"], encoding="utf-8")
    elif "append" in order:
        path.write_bytes(path.read_bytes() + order["append"].encode())
    elif "cut" in order:
        path.write_bytes(path.read_bytes()[: -order["cut"]])
    elif "flip" in order:
        raw = bytearray(path.read_bytes())
        raw[order["flip"]] ^= 0xFF
        path.write_bytes(bytes(raw))
    elif "pack" in order:
        pack(order["pack"], path, Path(order.get("to", str(path))))
    elif "line" in order:
        edit_line(path, order)
    else:
        old, new = order["sub"]
        text = path.read_bytes().decode()
        assert old in text, f"{path} holds no {old!r}"
        path.write_bytes(text.replace(old, new).encode())


def edit_line(path: Path, order: dict[str, Any]) -> None:
    """Apply an edit to one line, counted from 1."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = order["line"] - 1
    if "put" in order:
        lines[at] = order["put"] + "\n"
    elif "add" in order:
        lines.insert(at + 1, order["add"] + "\n")
    elif order.get("drop"):
        del lines[at]
    else:
        old, new = order["sub"]
        assert old in lines[at], f"{path}:{at + 1} holds no {old!r}"
        lines[at] = lines[at].replace(old, new, 1)
    path.write_text("".join(lines), encoding="utf-8")


def pack(how: str, source: Path, target: Path) -> None:
    """Pack or encode a file."""
    if how == "index":
        pysam.faidx(str(source))
    elif how == "bgzip":
        made = target.with_name(f"{target.name}.new")
        pysam.tabix_compress(str(source), str(made), force=True)
        made.replace(target)
    elif how == "gzip":
        target.write_bytes(gzip.compress(source.read_bytes(), mtime=0))
    elif how == "crlf":
        target.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    elif how == "bom":
        target.write_bytes(b"\xef\xbb\xbf" + source.read_bytes())
    elif how == "bcf":
        with (
            pysam.VariantFile(str(source)) as vcf,
            pysam.VariantFile(str(target), "wb", header=vcf.header) as out,
        ):
            for record in vcf:
                out.write(record)
    else:
        target.write_bytes(source.read_text(encoding="utf-8").encode(how))


@cache
def program(name: str) -> ModuleType:
    """A program of ``scripts/``, as a module."""
    spec = importlib.util.spec_from_file_location(
        f"program_{name}", REPOSITORY / f"scripts/{name}.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def quietly(name: str, arguments: list[str]) -> None:
    """Run a program that must succeed."""
    status, said = run(name, arguments)
    assert status == 0, said


def run(name: str, arguments: list[str]) -> tuple[int, str]:
    """Run a program in this process as its users do: its exit status and all it says."""
    said = io.StringIO()
    with log_to(said), redirect_stdout(said), redirect_stderr(said), arguments_are(name, arguments):
        try:
            cli.run(program(name).main)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    return status, said.getvalue()


@contextmanager
def log_to(stream: io.StringIO) -> Iterator[None]:
    """Send warnings of the log where a terminal would show them."""
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


@contextmanager
def arguments_are(name: str, arguments: list[str]) -> Iterator[None]:
    """Let the command line be this one."""
    before = sys.argv
    sys.argv = [name, *map(located, arguments)]
    try:
        yield
    finally:
        sys.argv = before


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file outside ``out/``."""
    return {
        os.path.relpath(path, folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and OUT not in path.relative_to(folder).parents
    }
