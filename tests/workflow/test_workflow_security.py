"""What a colleague on the same machine can read of a run, and what its texts give away."""

from __future__ import annotations

import base64
import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_run import DEMO, Run

from ariane.knowledge.hpo import load_obo
from ariane.knowledge.release import Release
from ariane.safe import neutralise

TERM = re.compile(r"HP:\d{7}")
ONLY_OWNER = ("keys.json", "journal.jsonl", "base.json", "lock", "decisions.tsv", "follow_up.tsv")


def made(run: Run) -> Iterator[Path]:
    """Everything below the folders that a run makes."""
    for name in ("results", "state", ".snakemake"):
        yield from (run.folder / name).rglob("*")


def told_aside(run: Run) -> Iterator[Path]:
    """Logs, timings and Snakemake's own notes: read by whoever keeps the machine going.

    What a plan hands to its jobs is the cohort itself, and lies in a folder closed to others.
    """
    cohort = run.folder / ".snakemake" / "ariane"
    for name in ("results/logs", "results/timings", ".snakemake"):
        for path in (run.folder / name).rglob("*"):
            if path.is_file() and not path.is_relative_to(cohort):
                yield path


def test_others_can_read_nothing(demo: Run) -> None:
    """A folder that is closed closes what lies in it; links and the top folder are the user's."""
    looked = 0
    for path in made(demo):
        above = [p for p in (path, *path.parents) if p.is_relative_to(demo.folder)]
        modes = [p.stat().st_mode for p in above if p != demo.folder and not p.is_symlink()]
        looked += 1
        assert any(not mode & 0o007 for mode in modes), path
    assert looked > 500


def test_what_a_run_writes_is_closed_by_itself(demo: Run) -> None:
    for name in ("results", "state"):
        for path in (demo.folder / name).rglob("*"):
            assert path.is_symlink() or not path.stat().st_mode & 0o007, path


def test_what_names_people_or_keys_is_its_owners_alone(demo: Run) -> None:
    names = [path for path in (demo.folder / "state").rglob("*") if path.name in ONLY_OWNER]
    assert {path.name for path in names} == set(ONLY_OWNER)
    assert [path for path in names if path.stat().st_mode & 0o077] == []
    backups = list((demo.folder / "state").rglob("backups"))
    assert backups
    assert [path for path in backups if path.stat().st_mode & 0o077] == []


@pytest.fixture(scope="session")
def phenotypes() -> frozenset[str]:
    """Names of terms that are long enough to be nothing else, in lower case."""
    release = Release.open(DEMO / "releases" / "demo-A")
    return frozenset(
        name.lower() for name in load_obo(release.require("hpo_ontology")).names.values()
        if len(name) > 8 and name != "Phenotypic abnormality"
    )  # fmt: skip


def test_no_phenotype_in_logs_and_notes(demo: Run, phenotypes: frozenset[str]) -> None:
    looked = 0
    for path in told_aside(demo):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")
        looked += 1
        assert TERM.findall(text) == [], path
        lower = text.lower()
        assert [name for name in phenotypes if name in lower] == [], path
    assert looked > 100


def test_no_actor_in_logs_and_notes(demo: Run) -> None:
    with (DEMO / "decisions.tsv").open(encoding="utf-8") as handle:
        actors = {row["actor"] for row in csv.DictReader(handle, delimiter="\t")} - {""}
    assert actors
    for path in told_aside(demo):
        text = path.read_bytes().decode("utf-8", "replace")
        assert [actor for actor in actors if actor in text] == [], path


def test_names_of_jobs_and_of_files_hold_pseudonyms_only(
    demo: Run, phenotypes: frozenset[str]
) -> None:
    names = [str(path.relative_to(demo.folder)) for path in made(demo)]
    names += [
        base64.b64decode(path.name, altchars=b"-_").decode("utf-8", "replace")
        for path in (demo.folder / ".snakemake" / "metadata").iterdir()
        if "/" not in path.name and len(path.name) % 4 == 0
    ]
    assert [name for name in names if TERM.search(name) or name.lower() in phenotypes] == []


def test_no_cell_of_a_table_runs(demo: Run) -> None:
    looked = 0
    for path in sorted((demo.folder / "results").rglob("*")):
        if path.suffix not in (".tsv", ".csv") or "timings" in path.parts:
            continue
        with path.open(encoding="utf-8-sig", newline="") as handle:
            delimiter = "\t" if path.suffix == ".tsv" else ","
            for row in csv.reader(handle, delimiter=delimiter):
                for cell in row:
                    looked += 1
                    assert neutralise(cell) == cell or is_number(cell), (path, cell)
    assert looked > 1000


def is_number(cell: str) -> bool:
    """A number runs in no spreadsheet, though it may begin with a minus."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_the_run_left_no_pickle(demo: Run) -> None:
    """Snakemake keeps one of its own in .snakemake/iocache, where others cannot write."""
    suffixes = {".pkl", ".pickle", ".joblib", ".pt", ".npy"}
    for name in ("results", "state"):
        assert [p for p in (demo.folder / name).rglob("*") if p.suffix in suffixes] == []
    arrays = list((demo.folder / "results").rglob("*.npz"))
    assert arrays  # opened with allow_pickle=False: see tests/security/test_security_code.py
