"""Tables that a spreadsheet opens, and who may read what programs leave."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.files import REPOSITORY, keep_from_others, write_text
from ariane.registry import csv_file, xlsx_file
from ariane.registry.mapping import parse_mapping
from ariane.safe import tsv

FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1",
    "\u00a0=1",
    "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", '=HYPERLINK("http://x","y")', "=IMPORTXML(1)",
)  # fmt: skip
MAPPING = parse_mapping({"key": "id", "columns": {"gene": "ariane_g"}}, "m.yaml")


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_no_table_runs_it(text: str) -> None:
    for delimiter in ("\t", ",", ";"):
        written = tsv(("a",), [(text,)], delimiter=delimiter)
        (_, row) = csv.reader(io.StringIO(written), delimiter=delimiter)
        assert row[0].startswith("'")


@pytest.mark.parametrize("text", [f for f in FORMULAS if f.strip()[:1] in "=+-@"], ids=ascii)
def test_no_registry_runs_it(text: str) -> None:
    document = csv_file.load(b"id;ariane_g\n1;\n", MAPPING)
    document.set(1, "ariane_g", text)
    (_, row) = csv.reader(io.StringIO(document.render().decode(), newline=""), delimiter=";")
    assert row[1].startswith("'")


@given(st.sampled_from("=+-@"), st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_no_workbook_runs_it(start: str, rest: str) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["id", "ariane_g"])
    book.active.append(["1", "x"])
    out = io.BytesIO()
    book.save(out)
    document = xlsx_file.load(out.getvalue(), MAPPING)
    row = next(iter(document.data_rows()))
    document.set(row, "ariane_g", start + rest)
    sheet = openpyxl.load_workbook(io.BytesIO(document.render())).active
    assert sheet is not None
    assert sheet["B2"].data_type != "f"


@pytest.mark.parametrize(
    ("mask", "file", "folder"),
    [(0o022, 0o640, 0o750), (0o002, 0o660, 0o770), (0o077, 0o600, 0o700), (0o000, 0o660, 0o770)],
)
def test_others_are_kept_out_and_the_users_own_mask_holds(
    mask: int, file: int, folder: int, tmp_path: Path
) -> None:
    before = os.umask(mask)
    try:
        keep_from_others()
        write_text(tmp_path / "new" / "x.txt", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "x.txt").stat().st_mode & 0o777 == file
    assert (tmp_path / "new").stat().st_mode & 0o777 == folder


def test_a_folder_made_before_is_closed(tmp_path: Path) -> None:
    old = tmp_path / "results"
    old.mkdir()
    old.chmod(0o2755)
    before = os.umask(0o022)
    try:
        keep_from_others(old, tmp_path / "absent")
    finally:
        os.umask(before)
    assert old.stat().st_mode & 0o7777 == 0o2750


def test_a_program_keeps_others_out(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from ariane import cli, files\n"
        f"cli.run(lambda _: files.write_text(Path({str(tmp_path / 'x')!r}), 'x'))"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, umask=0o022,
        env={"PYTHONPATH": str(REPOSITORY / "workflow"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_the_workflow_keeps_others_out_on_each_node() -> None:
    """A job on a cluster reads the rules again; what it makes is seen in test_workflow_security."""
    text = (REPOSITORY / "rules" / "common.smk").read_text(encoding="utf-8")
    assert '\nkeep_from_others(Path(".snakemake"), Path("results"), STATE)\n' in text
