"""What a cycle rests on is what it began with: the code, the release, the calls, the store.

A cycle is ranked shard by shard, and a past one may be made again: half of it must not come from
other rules, or from other cases, than the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ariane import files
from ariane.knowledge.release import MANIFEST
from ariane.model import engine
from ariane.model.canonical import shard_name, shard_of
from ariane.model.errors import ArianeError
from ariane.reanalyse.cycle import tables_digest
from ariane.reanalyse.frozen import Frozen
from ariane.seals import verified


def verify_code(frozen: Frozen) -> None:
    """See that the code and constants at hand are those that the cycle began with.

    Raises:
        ArianeError: they differ: half of a cycle must not be ranked by other rules than the rest.
    """
    numbers = engine.numbers()
    changed = [
        f"the {room} engine"
        for room in ("knowledge", "annotation", "ranking")
        if frozen.cycle.engine.get(room) != numbers[room]
    ]
    if frozen.cycle.tables != tables_digest(frozen.cycle.profile):
        changed.append("a table of constants in resources/")
    if changed:
        raise ArianeError(
            f"cycle {frozen.cycle.cycle}: {' and '.join(changed)} changed after the cycle began. "
            "Begin a new cycle, or go back to the version that began this one."
        )


def verify_release(frozen: Frozen, folder: Path) -> None:
    """See that a release is the one that the cycle began with.

    Raises:
        ArianeError: its manifest is another.
    """
    if files.sha256_of(folder / MANIFEST) != frozen.cycle.manifest:
        raise ArianeError(
            f"{folder}: not the release that cycle {frozen.cycle.cycle!r} began with. Put that "
            "release back, or name a new cycle."
        )


def verify_calls(frozen: Frozen, cases: Sequence[str], folder: Path) -> None:
    """See that the annotated calls are those of the VCFs that the cycle began with.

    Args:
        frozen: the cycle.
        cases: the cases to look at.
        folder: ``results/cases``, where each case's ``annotation.json`` tells its VCF's checksum.

    Raises:
        ArianeError: a VCF was changed after the cycle began, or an annotation is of an earlier VCF,
            as when the new one bears an older time; all told together.
    """
    count = frozen.cycle.shards
    marks: dict[str, Any] = {}
    for shard in {shard_name(shard_of(case, count), count) for case in cases}:
        marks |= frozen.fingerprints_of(shard)
    changed: list[str] = []
    stale: list[str] = []
    for case in cases:
        summary = files.read_json(folder / case / "annotation.json")
        if summary["vcf_sha256"] != marks[case]["sha256"]:
            same = _vcf_of(marks[case]) == marks[case]["sha256"]
            (stale if same else changed).append(case)
    told = []
    if changed:
        told.append(
            f"cycle {frozen.cycle.cycle}: the VCF of {', '.join(changed)} changed after the cycle "
            "began. Put the first file back, or begin a new cycle."
        )
    if stale:
        places = ", ".join(str(folder / case) for case in stale)
        told.append(
            f"cycle {frozen.cycle.cycle}: {', '.join(stale)} was annotated from another VCF than "
            f"the one that the cycle began with. Delete {places} and run again."
        )
    if told:
        raise ArianeError("\n".join(told))


def _vcf_of(mark: Mapping[str, Any]) -> str:
    """Checksum of the VCF that a fingerprint was taken of, as it is now; empty where it is gone."""
    try:
        return files.sha256_of_all([Path(path) for path in mark["path"].split(";")])
    except OSError:
        return ""


def verify_store(frozen: Frozen, cases: Sequence[str], folder: Path, store: Path) -> None:
    """See that a shard's store holds the candidates of all cases asked for, as annotated.

    The store is built for the cases of the cycle at hand: one that left since is no longer in it,
    and an earlier cycle made again on it would silently lose him.

    Args:
        frozen: the cycle.
        cases: the cases to look at.
        folder: ``results/cases``, where each case's ``annotation.json`` tells its rows.
        store: the shard's candidates.

    Raises:
        ArianeError: candidates are missing or others; all told together.
    """
    asked = 'SELECT "case", count(*) AS rows FROM held GROUP BY "case"'
    held = {row["case"]: row["rows"] for row in files.query(asked, held=verified(store))}
    wrong = []
    for case in cases:
        summary = files.read_json(folder / case / "annotation.json")
        if summary["rows"]["all"] != held.get(case, 0):
            wrong.append(case)
    if wrong:
        raise ArianeError(
            f"{store}: not the candidates of {', '.join(wrong)}, which cycle {frozen.cycle.cycle} "
            "took up: the store was built for the cases of another cycle. Run the workflow with "
            "the configuration of that cycle, which builds it anew."
        )
