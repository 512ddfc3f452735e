"""The manifest of a run: which bytes and which environment a cycle was made from, and what it made.

It names cases by pseudonym and nothing else of them. It holds no clock, host, user or absolute
path: the same cycle, made again of the same bytes, has the same manifest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

import ariane
from ariane import files
from ariane.audit import unplaced
from ariane.audit.environment import code, environment
from ariane.audit.folders import MANIFEST, Folders
from ariane.knowledge.release import MANIFEST as RELEASE_MANIFEST
from ariane.knowledge.release import Release
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.reanalyse.frozen import CASES, Frozen
from ariane.reanalyse.sums import check_sums
from ariane.registry.keys import write_private

SCHEMA: Final = files.REPOSITORY / "workflow" / "schemas" / "run_manifest.schema.json"
VERSION: Final = 1
_CHECKSUMS: Final = ("sha256", "sv_vcf_sha256", "ped_sha256", "phenopacket_sha256", "local")
"""What a manifest takes of a case's fingerprint: its path, size and time stay behind."""


def run_manifest(folders: Folders, cycle: str, command: Sequence[str]) -> dict[str, Any]:
    """The manifest of a finished cycle.

    Args:
        folders: of the run.
        cycle: its name.
        command: the words of the command that finished it; empty where nobody knows them.

    Raises:
        ArianeError: the frozen inputs or the release are not what the cycle began with.
    """
    frozen = folders.open(cycle)
    release = folders.release(frozen.cycle.release)
    found = files.sha256_of(release.folder / RELEASE_MANIFEST)
    if found != frozen.cycle.manifest:
        raise ArianeError(
            f"{release.folder}: not the release that cycle {cycle!r} began with. Put that release "
            "back."
        )
    own = frozen.cycle
    return {
        "schema": VERSION,
        "cycle": {
            "name": own.cycle,
            "as_of": own.as_of,
            "kind": own.kind,
            "reasons": list(own.reasons),
            "compacted": own.compacted,
            "shards": own.shards,
            "cases": len(frozen.cases),
            "anew": list(own.anew),
            "excluded": dict(own.excluded),
        },
        "previous": _previous(folders, own.previous),
        "command": unplaced.command(command) if command else None,
        "configuration": _configuration(frozen),
        "ariane": {"version": ariane.__version__, "engine": dict(own.engine), "code": code()},
        "environment": environment() | {"annotated_with": _annotated(folders, frozen)},
        "profile": _profile(own.profile, own.tables),
        "release": _release(release, found),
        "inputs": {"frozen": check_sums(frozen.folder), "cases": _cases(frozen)},
        "files": _made(folders.cycle(cycle), {case.id for case in frozen.cases}),
    }


def write_manifest(folders: Folders, cycle: str, command: Sequence[str]) -> Path:
    """Make a cycle's manifest, for its owner's eyes only; gives its path.

    Raises:
        ArianeError: see :func:`run_manifest`; or it would break its schema.
    """
    content = run_manifest(folders, cycle, command)
    path = folders.manifest(cycle)
    if problems := list(faults(content)):
        raise ArianeError(f"{path}: not written, it breaks its schema: {'; '.join(problems)}.")
    write_private(path, (to_json(content) + "\n").encode())
    return path


def read_manifest(path: Path) -> dict[str, Any]:
    """A manifest, held against its schema.

    Raises:
        ArianeError: it is missing, damaged or of another version.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArianeError(
            f"{path}: there is no run manifest. Run the workflow for that cycle."
        ) from None
    except (OSError, ValueError):
        raise ArianeError(f"{path}: damaged. Delete it and run the workflow again.") from None
    if problems := list(faults(content)):
        raise ArianeError(f"{path}: not a run manifest of this version: {'; '.join(problems)}.")
    return content


def faults(content: Any) -> list[str]:
    """Where a manifest breaks its schema, in words."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return [
        f"{'/'.join(map(str, error.path)) or 'the whole'}: {error.message}"
        for error in sorted(Draft202012Validator(schema).iter_errors(content), key=str)
    ]


def without_cases(content: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest that may leave the house: no case, no file of one, no checksum of theirs.

    A checksum of a VCF or a sheet is a fingerprint of people: whoever holds the file can tell
    that it was here. What is left tells code, environment, knowledge and how many cases there were.
    """
    frozen = {
        name: checksum
        for name, checksum in content["inputs"]["frozen"].items()
        if name in ("cycle.json", "configuration.json", "policy.yaml")
    }
    return {
        **content,
        "cycle": {**content["cycle"], "anew": [], "excluded": {}},
        "inputs": {"frozen": frozen, "cases": {}},
        "files": [],
        "without_cases": True,
    }


def _previous(folders: Folders, name: str) -> dict[str, Any] | None:
    """The cycle that this one rests on; its manifest's checksum, or null where it has none."""
    if not name:
        return None
    path = folders.manifest(name)
    return {
        "cycle": name,
        "run_manifest_sha256": files.sha256_of(path) if path.is_file() else None,
    }


def _configuration(frozen: Frozen) -> dict[str, Any]:
    raw = json.loads((frozen.folder / "configuration.json").read_text(encoding="utf-8"))
    cleaned: dict[str, Any] = unplaced.configuration(raw)
    return cleaned


def _profile(name: str, tables: str) -> dict[str, Any]:
    path = files.RESOURCES / "acmg" / f"{name}.yaml"
    checksum = files.sha256_of(path) if path.is_file() else None
    return {"name": name, "sha256": checksum, "constants": tables}


def _release(release: Release, checksum: str) -> dict[str, Any]:
    return {
        "name": release.name,
        "as_of": release.as_of.isoformat(),
        "manifest_sha256": checksum,
        "resources": {
            kind: {
                "file": Path(one.file).name,
                "format": one.format,
                "version": one.version,
                "date": one.date,
                "sha256": one.sha256,
                "licence": one.licence_class,
                "source": unplaced.unplaced(one.source, public=True),
            }
            for kind, one in sorted(release.resources.items())
        },
    }


def _cases(frozen: Frozen) -> dict[str, dict[str, str]]:
    """Of each case the checksums of its own files, as they were when the cycle began."""
    return {
        case: {name: mark[name] for name in _CHECKSUMS if name in mark}
        for shard in frozen.shards
        for case, mark in sorted(frozen.fingerprints_of(shard).items())
    }


def _annotated(folders: Folders, frozen: Frozen) -> list[dict[str, Any]]:
    """Programs with which the cases were annotated, perhaps long ago, with how many cases."""
    told: Counter[str] = Counter()
    for case in frozen.cases:
        path = folders.results / CASES / case.id / "annotation.json"
        if path.is_file():
            summary = files.read_json(path)
            told[to_json({"tools": summary["tools"], "engine": summary["engine"]})] += 1
    return [{**json.loads(text), "cases": count} for text, count in sorted(told.items())]


def _made(folder: Path, cases: set[str]) -> list[dict[str, Any]]:
    """Every file of a cycle, with its checksum; one of a single case names the case.

    A list and not a mapping by name, so that an erasure can take a case's entries out.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name.startswith(".") or name == MANIFEST:
            continue
        told = {"file": name, "sha256": files.sha256_of(path), "bytes": path.stat().st_size}
        if path.parent.name == CASES and path.stem in cases:
            told["case"] = path.stem
        found.append(told)
    return found
