"""Promotions: who let which release be used, when, and on what grounds. Never changed after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge.release import MANIFEST, Release
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError, Fault

SCHEMA: Final = 1


@dataclass(frozen=True)
class Promotion:
    """One promotion, as recorded in ``state/promotions/{release}.json``."""

    number: int
    """Promotions count from 1, in the order in which they were made."""
    release: str
    manifest: str
    """SHA-256 of the release's manifest, which holds those of all its files."""
    by: str
    date: str
    grounds: Mapping[str, Any]
    """What was compared and measured, the controls and the exceptions used."""


def promotion_file(state: Path, release: str) -> Path:
    """Where the promotion of a release is recorded."""
    return state / "promotions" / f"{release}.json"


def read_promotion(state: Path, release: str) -> Promotion | None:
    """The promotion of a release, or None.

    Raises:
        ArianeError: its record is damaged.
    """
    path = promotion_file(state, release)
    return _read(path) if path.is_file() else None


def read_promotions(state: Path) -> list[Promotion]:
    """All promotions in the order in which they were made.

    Raises:
        ArianeError: a record is damaged.
    """
    found = [
        _read(path)
        for path in (state / "promotions").glob("*.json")
        if not path.name.startswith(".")  # what a killed process left
    ]
    return sorted(found, key=lambda promotion: promotion.number)


def _read(path: Path) -> Promotion:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.pop("schema") != SCHEMA:
            raise ValueError
        promotion = Promotion(**raw)
        if promotion.release != path.stem or not isinstance(promotion.grounds, dict):
            raise ValueError
        return promotion
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        raise ArianeError(f"{path}: damaged. Restore it from a backup.") from None


def write_promotion(state: Path, promotion: Promotion) -> None:
    """Record a promotion.

    Raises:
        ArianeError: the release has one already.
    """
    path = promotion_file(state, promotion.release)
    if path.exists():
        raise ArianeError(f"{path}: a promotion is never changed. Nothing was written.")
    content = {
        "schema": SCHEMA,
        "number": promotion.number,
        "release": promotion.release,
        "manifest": promotion.manifest,
        "by": promotion.by,
        "date": promotion.date,
        "grounds": promotion.grounds,
    }
    files.write_text(path, to_json(content) + "\n")


def manifest_of(release: Release) -> str:
    """SHA-256 of a release's manifest."""
    return files.sha256_of(release.folder / MANIFEST)


def faults_of(state: Path, release: Release) -> Iterator[Fault]:
    """Why a cycle that requires promotions may not use a release."""
    promotion = read_promotion(state, release.name)
    where = str(release.folder)
    if promotion is None:
        what = "the release was not promoted, and 'require_promotion' is true"
        advice = "Run scripts/promote_release.py, or name a release that was"
        yield Fault(where, "", what, advice)
    elif promotion.manifest != manifest_of(release):
        what = f"the release changed since {promotion.by} promoted it on {promotion.date}"
        yield Fault(where, "", what, "Put the promoted one back, or make one of another name")
