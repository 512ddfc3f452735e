"""A release: an immutable, named snapshot of all knowledge, with a manifest."""

from __future__ import annotations

import datetime
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ariane import files
from ariane.knowledge.kinds import BY_NAME, FORMATS, REQUIRED
from ariane.model.errors import ArianeError

SCHEMA: Final = 1
MANIFEST: Final = "manifest.yaml"
LICENCE_CLASSES: Final = ("open", "non-commercial", "agreement", "bring your own")
UNINDEXED: Final = ("bigwig",)
"""Formats read by region that carry their index inside."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Resource:
    """One file of a release, with what a reader must know to cite it."""

    kind: str
    file: str
    """Path relative to the manifest's folder."""
    format: str
    version: str
    date: str
    sha256: str
    licence_class: str
    licence: str
    source: str
    companions: tuple[str, ...] = ()
    """Names of index files beside the file."""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """An opened release. Nothing outside its manifest is ever read."""

    folder: Path
    name: str
    as_of: datetime.date
    resources: Mapping[str, Resource]

    @classmethod
    def open(cls, folder: Path) -> Release:
        """Read a release's manifest and see that each file it names is there.

        Checksums are not computed here: see :meth:`verify`.

        Raises:
            ArianeError: no manifest, unknown kinds or formats, missing files; all told together.
        """
        manifest = folder / MANIFEST
        if not files.file_at(manifest):
            raise ArianeError(
                f"{folder}: no release lies here (no {MANIFEST}). "
                "Check 'releases' and 'release' in the configuration."
            )
        raw = files.read_yaml(manifest)
        problems = list(_problems(raw, manifest))
        if problems:
            raise ArianeError("\n".join(problems))
        resources = {
            kind: Resource(
                kind=kind,
                file=str(entry["file"]),
                format=str(entry["format"]),
                version=str(entry["version"]),
                date=str(entry["date"]),
                sha256=str(entry["sha256"]),
                licence_class=str(entry["licence"]["class"]),
                licence=str(entry["licence"]["text"]),
                source=str(entry["source"]),
                companions=tuple(entry.get("companions") or ()),
                options={k: str(v) for k, v in (entry.get("options") or {}).items()},
            )
            for kind, entry in sorted(raw["resources"].items())
        }
        return cls(folder, str(raw["name"]), _date(raw["as_of"]), resources)

    def path(self, kind: str) -> Path | None:
        """Path of a resource's file, or None when the release holds no such resource."""
        resource = self.resources.get(kind)
        return None if resource is None else Path(os.path.normpath(self.folder / resource.file))

    def require(self, kind: str) -> Path:
        """Path of a resource that the step cannot do without.

        Raises:
            ArianeError: the release holds no such resource.
        """
        path = self.path(kind)
        if path is None:
            raise ArianeError(f"{self.folder / MANIFEST}: the release holds no '{kind}'. Add it.")
        return path

    def paths(self, kind: str) -> list[Path]:
        """A resource's file and its companions; empty when absent."""
        path = self.path(kind)
        if path is None:
            return []
        return [path, *(path.with_name(name) for name in self.resources[kind].companions)]

    @property
    def absent(self) -> list[str]:
        """Kinds of resource that the release does not hold, in the order of their declaration."""
        return [kind for kind in FORMATS if kind not in self.resources]

    @property
    def interpretable(self) -> bool:
        """Whether results under this release may be interpreted.

        Without population frequencies a common variant looks rare: pages say "not for
        interpretation".
        """
        return "frequencies" in self.resources

    def sha256(self, kind: str) -> str:
        """Recorded checksum of a resource, or an empty string when absent."""
        resource = self.resources.get(kind)
        return "" if resource is None else resource.sha256

    def verify(self) -> None:
        """Compute each file's checksum and compare it with the manifest's.

        Raises:
            ArianeError: a file differs from its manifest; all told together.
        """
        wrong = [
            f"{self.path(kind)}: its content is not what {self.folder / MANIFEST} recorded. "
            "Restore the file or make a new release."
            for kind, resource in self.resources.items()
            if files.sha256_of(self.require(kind)) != resource.sha256
        ]
        if wrong:
            raise ArianeError("\n".join(wrong))


@dataclass(frozen=True)
class Source:
    """A file to take into a release, with what the manifest says of it."""

    kind: str
    path: Path
    format: str
    version: str
    date: str
    licence_class: str
    licence: str
    source: str
    companions: tuple[Path, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


def assemble(name: str, as_of: str, sources: Iterable[Source], releases: Path) -> Release:
    """Make a release folder from files, copying each into the pool of its content.

    Args:
        name: the release's name, safe as a folder name.
        as_of: ISO date up to which the knowledge reaches.
        sources: the files, at most one of each kind.
        releases: the folder that holds all releases; the pool is its ``files/``.

    Raises:
        ArianeError: the name is unsafe or taken by another content, a kind is given twice.
    """
    if not _NAME.fullmatch(name):
        raise ArianeError(f"{name!r} cannot name a release. Use letters, digits, '.', '_', '-'.")
    entries: dict[str, Any] = {}
    for source in sorted(sources, key=lambda s: s.kind):
        if source.kind in entries:
            raise ArianeError(f"{name}: '{source.kind}' is given twice. Keep one.")
        checksum = files.sha256_of(source.path)
        pool = releases / "files" / checksum[:16]
        for path in (source.path, *source.companions):
            _take(path, pool / path.name)
        entries[source.kind] = {
            "file": f"../files/{checksum[:16]}/{source.path.name}",
            "companions": [path.name for path in source.companions],
            "format": source.format,
            "version": source.version,
            "date": source.date,
            "sha256": checksum,
            "licence": {"class": source.licence_class, "text": source.licence},
            "source": source.source,
            "options": dict(sorted(source.options.items())),
        }
    content = {"schema": SCHEMA, "name": name, "as_of": as_of, "resources": entries}
    text = yaml.safe_dump(content, sort_keys=True, allow_unicode=True, width=100)
    manifest = releases / name / MANIFEST
    if manifest.exists() and manifest.read_text(encoding="utf-8") != text:
        raise ArianeError(f"{manifest}: a release is never changed. Give the new one another name.")
    manifest.parent.mkdir(parents=True, exist_ok=True)  # the files' paths pass through it
    problems = list(_problems(content, manifest))
    if problems:
        raise ArianeError("\n".join(problems))
    files.write_text(manifest, text)
    return Release.open(manifest.parent)


def _take(path: Path, target: Path) -> None:
    if target.exists():
        if files.sha256_of(target) != files.sha256_of(path):
            raise ArianeError(
                f"{target}: the pool holds another {path.name} beside the same file. "
                "Index the file again with the tools that indexed the first."
            )
        return
    with files.replacing(target) as temporary:
        shutil.copyfile(path, temporary)


def _date(value: object) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))


def _problems(raw: object, manifest: Path) -> Iterable[str]:
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        yield f"{manifest}: not a release manifest of schema {SCHEMA}. Use make_release.py."
        return
    if raw.get("name") != manifest.parent.name:
        yield f"{manifest}: 'name' must be the folder's name, {manifest.parent.name!r}. Mend it."
    try:
        _date(raw.get("as_of"))
    except ValueError:
        yield f"{manifest}: 'as_of' must be an ISO date, such as 2024-03-06. Mend it."
    resources = raw.get("resources")
    if not isinstance(resources, dict):
        yield f"{manifest}: 'resources' must list the release's files. Mend it."
        return
    for kind in REQUIRED:
        if kind not in resources:
            yield f"{manifest}: the release holds no '{kind}'. Add it."
    for kind, entry in sorted(resources.items()):
        if kind not in FORMATS:
            known = ", ".join(FORMATS)
            yield f"{manifest}: unknown kind of resource {kind!r}. Known are: {known}."
            continue
        wanted = {"file", "format", "version", "date", "sha256", "licence", "source"}
        if not isinstance(entry, dict) or not wanted <= set(entry):
            missing = ", ".join(sorted(wanted - set(entry if isinstance(entry, dict) else ())))
            yield f"{manifest}: '{kind}' lacks {missing}. Add it."
            continue
        if entry["format"] not in FORMATS[kind]:
            known = ", ".join(FORMATS[kind])
            yield f"{manifest}: '{kind}' is {entry['format']!r}; known formats: {known}. Mend it."
        licence = entry["licence"]
        if not isinstance(licence, dict) or licence.get("class") not in LICENCE_CLASSES:
            known = ", ".join(LICENCE_CLASSES)
            yield f"{manifest}: '{kind}' needs a licence class among: {known}. Mend it."
        elif "text" not in licence:
            yield f"{manifest}: '{kind}' lacks the licence's text. Add it."
        if not isinstance(entry.get("options") or {}, dict):
            yield f"{manifest}: the options of '{kind}' must be names with values. Mend them."
        named = [entry["file"], *_companions(entry)]
        if not all(isinstance(one, str) and one for one in named) or any(
            Path(one).name != one or one == ".." for one in named[1:]
        ):
            yield (
                f"{manifest}: '{kind}': 'file' must be a path, and companions names of files "
                "beside it. Mend them."
            )
            continue
        indexed = any(name.endswith((".tbi", ".csi")) for name in named[1:])
        if BY_NAME[kind].by_region and entry["format"] not in UNINDEXED and not indexed:
            yield (
                f"{manifest}: '{kind}' is read by region and names no index among its "
                "companions. Make both with scripts/slim_release.py."
            )
        path = manifest.parent / str(entry["file"])
        for one in (path, *(path.with_name(name) for name in named[1:])):
            if not files.file_at(one):
                absent = os.path.normpath(one)
                yield f"{manifest}: '{kind}' names {absent}, which is not there. Restore it."


def _companions(entry: Mapping[str, Any]) -> list[Any]:
    given = entry.get("companions") or []
    return given if isinstance(given, list) else [given]
