"""Stores, full passes and deltas over the invented world, by the code under test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reanalyse_people import Patient, candidates
from reanalyse_release import Laid

from ariane import files
from ariane.annotate.store import build_store
from ariane.model.tables import CANDIDATES
from ariane.reanalyse.compare import compare, write_changes
from ariane.reanalyse.delta import Store, delta_pass, full_pass


def build(root: Path, name: str, patients: Iterable[Patient]) -> Store:
    """A shard's store, by the store's own code."""
    sources = []
    for patient in patients:
        path = root / name / f"{patient.case.id}.parquet"
        files.write_table(path, CANDIDATES, candidates(patient))
        sources.append(path)
    store = Store(root / name / "candidates.parquet", root / name / "read_keys.parquet")
    build_store(sources, store.candidates, store.read_keys)
    return store


def quiet(_: str) -> None:
    """Progress that nobody watches."""


def full(patients: Sequence[Patient], store: Store, laid: Laid, out: Path) -> Path:
    """A full pass under a release; gives its folder."""
    full_pass([p.case for p in patients], store, laid.bench(), out, quiet)
    return out


def changes_between(root: Path, old: Laid, new: Laid) -> Path:
    """The changes table from one release to another."""
    path = root / f"{old.release.name}-{new.release.name}.changes.parquet"
    write_changes(path, compare(old.release, old.folder, new.release, new.folder))
    return path


def delta(
    patients: Sequence[Patient],
    store: Store,
    laid: Laid,
    previous: Sequence[Path],
    changes: Path,
    out: Path,
    anew: Iterable[str] = (),
    before: Sequence[Patient] | None = None,
) -> Path:
    """A delta pass under a release; gives its folder.

    The patients were the same before, unless told.
    """
    cases = [p.case for p in patients]
    then = cases if before is None else [p.case for p in before]
    delta_pass(cases, store, laid.bench(), previous, changes, anew, out, quiet, then)
    return out
