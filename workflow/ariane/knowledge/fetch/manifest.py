"""The manifest of downloads: what may be fetched, from where, under which terms."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ariane.files import REPOSITORY, RESOURCES, read_yaml
from ariane.knowledge.fetch.checksums import Checksum
from ariane.knowledge.kinds import FORMATS
from ariane.model.errors import ArianeError, Fault, InputFaults

MANIFEST: Final = RESOURCES / "manifest.yaml"
SCHEMA: Final = REPOSITORY / "workflow" / "schemas" / "resources.schema.yaml"
ASSEMBLIES: Final = ("GRCh38", "GRCh37")
BY_HAND: Final = ("agreement", "bring your own")
"""Licence classes that are never downloaded unless the laboratory says that it agreed."""

CURRENT: Final = "current"
"""Version of a file that its publisher renews under one address."""

SLIM: Final = "slim"
"""The step of ``prepare`` that cuts a whole file to the regions in use."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE: Final = re.compile(r"\{(\w*)\}")
_PLACES: Final = frozenset({"version", "compact", "year", "contig"})


@dataclass(frozen=True)
class Download:
    """One entry of the manifest, its version filled in."""

    name: str
    title: str
    kind: str
    """Kind of resource of a release; empty when none is foreseen."""
    format: str
    assembly: str
    version: str
    licence_class: str
    licence: str
    ask: str
    """Where the terms are read, or an agreement is asked for."""
    by: str
    address: str
    """With ``{contig}`` left in where the file is one of several."""
    file: str
    size: int | None
    peak: int | None
    after: int | None
    checked: bool
    source: str
    date: str = ""
    checksum: Checksum | None = None
    checksum_address: str = ""
    checksum_algorithm: str = ""
    prepare: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    contigs: tuple[str, ...] = ()
    covers: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    default: bool = False
    note: str = ""

    @property
    def is_read(self) -> bool:
        """Whether this version of Ariane reads such a file."""
        return self.format in FORMATS.get(self.kind, ())

    @property
    def is_cut(self) -> bool:
        """Whether it comes whole and is cut to the regions in use before it enters the pool."""
        return SLIM in self.prepare

    @property
    def needs_regions(self) -> bool:
        """Whether it comes after the transcripts, which say where the genes lie."""
        return self.by == "regions" or self.is_cut


@dataclass(frozen=True)
class Catalogue:
    """All downloads of a manifest."""

    path: Path
    downloads: Mapping[str, Download]

    def choose(
        self, assembly: str, only: Iterable[str] = (), also: Iterable[str] = ()
    ) -> tuple[Download, ...]:
        """Entries for an assembly: those named in ``only``, else the defaults and ``also``.

        Raises:
            ArianeError: an unknown name, an entry of the other assembly, or two of one kind; all
                told together.
        """
        fits = (assembly, "any")
        names = list(only) or [
            name for name, d in self.downloads.items() if d.default and d.assembly in fits
        ]
        names += [name for name in also if name not in names]
        problems = [
            f"{self.path}: there is no download {name!r}. Known are: {', '.join(self.downloads)}."
            for name in names
            if name not in self.downloads
        ]
        chosen = [self.downloads[name] for name in names if name in self.downloads]
        problems += [
            f"{self.path}: {d.name} is on {d.assembly}, the release on {assembly}. Leave it out."
            for d in chosen
            if d.assembly not in fits
        ]
        by_kind: dict[str, list[str]] = {}
        for one in chosen:
            if one.kind:
                by_kind.setdefault(one.kind, []).append(one.name)
        problems += [
            f"{self.path}: a release holds one '{kind}', but {' and '.join(found)} are chosen. "
            "Name what you want with --only."
            for kind, found in sorted(by_kind.items())
            if len(found) > 1
        ]
        if problems:
            raise ArianeError("\n".join(problems))
        return tuple(chosen)


def read_catalogue(
    path: Path = MANIFEST, versions: Mapping[str, str] | None = None, as_of: str = ""
) -> Catalogue:
    """Read a manifest of downloads.

    Args:
        path: the manifest.
        as_of: date that files without a version of their own (:data:`CURRENT`) take for one.
        versions: other versions by the entry's name. Size, date and checksum that the manifest
            gives belong to its own version and are then left out.

    Raises:
        ArianeError: the file is missing or is not YAML.
        InputFaults: it breaks its schema; every fault with its line.
    """
    raw = read_yaml(path)
    faults = list(_faults(raw, path))
    if faults:
        raise InputFaults(faults)
    entries = raw["downloads"]
    asked = dict(versions or {})
    for name, entry in entries.items():
        if entry["version"] == CURRENT and as_of:
            asked.setdefault(name, as_of)
    for name, version in asked.items():
        if name not in entries:
            faults.append(Fault("--version", "", f"there is no download {name!r}", "Check it"))
        elif not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}", version):
            faults.append(Fault("--version", "", f"{version!r} is no version", "Check it"))
    if faults:
        raise InputFaults(faults)
    return Catalogue(
        path, {name: _download(name, e, asked.get(name, "")) for name, e in entries.items()}
    )


def _download(name: str, raw: Mapping[str, Any], asked: str) -> Download:
    version = asked or raw["version"]
    other = raw["version"] not in (version, CURRENT)
    fill = _filler(version)
    address = fill(raw.get("address", ""))
    checksum = None
    for algorithm in ("sha256", "md5"):
        if algorithm in raw and not other and checksum is None:
            checksum = Checksum(algorithm, raw[algorithm], "the manifest")
    companion = raw.get("checksum", {})
    given = raw.get("date", "")
    made = Download(
        name=name,
        title=raw["title"],
        kind=raw["kind"] or "",
        format=raw["format"],
        assembly=raw["assembly"],
        version=version,
        licence_class=raw["licence"]["class"],
        licence=raw["licence"]["text"],
        ask=raw["licence"].get("ask", ""),
        by=raw["by"],
        address=address,
        file=fill(raw.get("file", "")) or unquote(PurePosixPath(urlsplit(address).path).name),
        size=raw["size"],
        peak=raw["disk"]["peak"],
        after=raw["disk"]["after"],
        checked=raw["checked"],
        source=raw.get("source", raw["title"]),
        date=version if _DATE.fullmatch(version) else given,
        checksum=checksum,
        checksum_address=fill(companion.get("address", "")),
        checksum_algorithm=companion.get("algorithm", ""),
        prepare=tuple(raw.get("prepare", ())),
        fields=tuple(raw.get("fields", ())),
        contigs=tuple(raw.get("contigs", ())),
        covers=raw.get("covers", False),
        options=dict(raw.get("options", {})),
        default=raw.get("default", False),
        note=raw.get("note", ""),
    )
    if not other:
        return made
    return replace(made, size=None, checked=False, date=made.date if made.date != given else "")


def _filler(version: str) -> Any:
    places = {"version": version, "compact": version.replace("-", ""), "year": version[:4]}
    return lambda text: _PLACE.sub(lambda m: places.get(m[1], m[0]), text)


def _faults(raw: Any, path: Path) -> Iterator[Fault]:
    lines = _lines(path)
    for error in Draft202012Validator(read_yaml(SCHEMA)).iter_errors(raw):
        place = tuple(map(str, error.absolute_path))
        where = next(
            (f"{path}:{lines[place[:n]]}" for n in range(len(place), -1, -1) if place[:n] in lines),
            str(path),
        )
        yield Fault(where, "", *_in_words(error, place))
    downloads = raw.get("downloads") if isinstance(raw, dict) else None
    for name, entry in (downloads if isinstance(downloads, dict) else {}).items():
        if not isinstance(entry, dict):
            continue
        where = f"{path}:{lines.get(('downloads', str(name)), 1)}"
        texts = [str(entry.get("address", "")), str(entry.get("file", ""))]
        for place_name in {m for text in texts for m in _PLACE.findall(text)} - _PLACES:
            advice = "Known are {version}, {compact}, {year} and {contig}"
            yield Fault(where, "", f"{name}: {{{place_name}}} is no known place", advice)
        date = str(entry.get("date", ""))
        try:
            datetime.date.fromisoformat(date or "2000-01-01")
        except ValueError:
            yield Fault(where, "", f"{name}: {date} is no date", "Write it as 2026-01-15")


def _in_words(error: ValidationError, place: tuple[str, ...]) -> tuple[str, str]:
    key = ".".join(place[1:]) or "the manifest"
    rule: Any = error.validator_value
    part: Any = error.schema
    if error.validator == "required":
        return f"{key}: {str(error.message).split(' is')[0]} is missing", "Add it"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        unknown = sorted(set(map(str, error.instance)) - set(part.get("properties", {})))
        return f"{key}: {', '.join(unknown)} is unknown", "Remove it"
    found = repr(error.instance)
    shown = found if len(found) <= 60 else found[:57] + "..."
    if error.validator == "enum":
        return f"{key}: {shown} is not among the choices", f"Write one of: {', '.join(rule)}"
    if error.validator == "const":
        return f"{key}: {shown} is not {rule}", f"Write {rule}"
    return f"{key}: {shown} does not fit", "See docs/resources.md"


def _lines(path: Path) -> dict[tuple[str, ...], int]:
    """Line of each key, by its path from the top."""
    found: dict[tuple[str, ...], int] = {}

    def walk(node: yaml.Node, place: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = (*place, str(key.value))
                found[inner] = key.start_mark.line + 1
                walk(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                walk(value, (*place, str(index)))

    top = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    if top is not None:
        walk(top, ())
    return found
