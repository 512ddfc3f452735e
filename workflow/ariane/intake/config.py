"""The configuration of a run: checked against its schema, with every fault in plain words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ariane.files import REPOSITORY, RESOURCES, file_at, folder_at, read_yaml
from ariane.intake.restricted import open_to_others
from ariane.intake.words import braces_in, nearest, unsafe_name
from ariane.model.errors import Fault, Level

SCHEMA: Final = REPOSITORY / "workflow" / "schemas" / "config.schema.yaml"

_TYPES: Final = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "null": "null",
}


@dataclass(frozen=True)
class Registry:
    """A registry and the mapping of its columns."""

    address: str
    """Path of a file, or URL of a database."""
    mapping: Path

    @property
    def file(self) -> Path | None:
        """The file, or None for a database."""
        return None if "://" in self.address else Path(self.address)


@dataclass(frozen=True)
class Settings:
    """The configuration with the schema's defaults. Paths are relative to the working folder."""

    cycle: str
    release: str
    families: Path
    previous: str
    """The cycle before, or empty for the first."""
    full: bool
    releases: Path
    decisions: Path | None
    policy: Path
    shards: int
    regions: Path | None
    gene_padding: int
    profile: str
    language: str
    pages: str
    registries: Mapping[str, Registry]
    engine: str = "auto"
    vep_cache: Path | None = None
    require_promotion: bool = False
    """Whether a cycle may begin only under a release that a named person promoted."""
    follow_up: Path | None = None
    compact_after: int = 12
    """Every so many deltas one is written whole, as a new base."""
    batch: str = ""
    """Only lines of this batch are read, for the steps of single cases; empty for all lines."""
    exports: Mapping[str, Any] = field(default_factory=dict)
    """What exports are told of their destinations, as the schema describes it."""

    @property
    def release_folder(self) -> Path:
        """Folder of the cycle's release."""
        return self.releases / self.release


def read_settings(path: Path) -> tuple[Settings | None, list[Fault]]:
    """Read a configuration file.

    Returns:
        The settings, or None when the file breaks the schema; and all faults, those of files it
        names that are not there included.

    Raises:
        ArianeError: the file is missing or is not YAML.
    """
    return settings_of(read_yaml(path), str(path))


def settings_of(raw: Any, where: str) -> tuple[Settings | None, list[Fault]]:
    """Settings of a configuration already loaded (by Snakemake, say).

    Args:
        raw: the configuration, with or without defaults filled in.
        where: what messages call its file.
    """
    validator = Draft202012Validator(read_yaml(SCHEMA))
    if not isinstance(raw, dict):
        found = "the configuration is not a mapping of keys to values"
        return None, [Fault(where, "", found, "Start from config/config.yaml")]
    faults = [
        Fault(where, "", what, advice)
        for error in validator.iter_errors(raw)
        for what, advice in _in_words(error)
    ]
    if faults:
        return None, faults
    full = defaults() | raw
    settings = Settings(
        cycle=full["cycle"],
        release=full["release"],
        families=Path(full["families"]),
        previous=full.get("previous", ""),
        full=full["full"],
        releases=Path(full["releases"]),
        decisions=_path(full["decisions"]),
        follow_up=_path(full["follow_up"]),
        policy=_path(full["policy"]) or RESOURCES / "policy.yaml",
        shards=full["shards"],
        regions=_path(full["regions"]),
        gene_padding=full["gene_padding"],
        engine=full["engine"],
        vep_cache=_path(full["vep_cache"]),
        profile=full["profile"],
        language=full["language"],
        pages=full["pages"],
        require_promotion=full["require_promotion"],
        compact_after=full["compact_after"],
        batch=full["batch"] or "",
        exports=export_defaults() | full["exports"],
        registries={
            name: Registry(entry.get("file") or entry["url"], Path(entry["mapping"]))
            for name, entry in sorted(full["registries"].items())
        },
    )
    return settings, list(_file_faults(settings, where))


def defaults() -> dict[str, Any]:
    """The schema's defaults by key."""
    properties = read_yaml(SCHEMA)["properties"]
    return {key: rule["default"] for key, rule in properties.items() if "default" in rule}


def export_defaults() -> dict[str, Any]:
    """The schema's defaults of the block ``exports``."""
    properties = read_yaml(SCHEMA)["properties"]["exports"]["properties"]
    return {key: rule["default"] for key, rule in properties.items() if "default" in rule}


def _path(given: str | None) -> Path | None:
    return Path(given) if given else None


def _in_words(error: ValidationError) -> Iterator[tuple[str, str]]:
    key = ".".join(map(str, error.absolute_path))
    inside = f"{key}." if key else ""
    found: Any = error.instance
    rule: Any = error.validator_value
    part: Any = error.schema
    if error.validator == "required":
        name = str(error.message).split("'")[1]
        yield f"key '{inside}{name}' is missing", "Add it (see config/README.md)"
    elif error.validator == "additionalProperties":
        known = sorted(part.get("properties", {}))
        for name in sorted(map(str, set(found) - set(known))):
            best = nearest(name, known)
            advice = f"Did you mean '{best}'" if best else "Remove it"
            yield f"key '{inside}{name}' is unknown", advice
    elif error.validator == "type":
        wanted = [rule] if isinstance(rule, str) else list(rule)
        advice = "Write " + " or ".join(_TYPES.get(w, w) for w in wanted)
        if "string" in wanted and isinstance(found, (int, float, datetime.date)):
            advice = f'Put it in quotes: "{found}"'
        yield f"key '{key}' holds {_shown(found)}", advice
    elif error.validator == "enum":
        advice = f"Write one of: {', '.join(map(str, rule))}"
        yield f"key '{key}' holds {_shown(found)}", advice
    elif error.validator == "oneOf":
        alternatives = [part["required"][0] for part in rule]
        names = " or ".join(f"'{inside}{name}'" for name in alternatives)
        yield f"key '{key}' needs one of {names}, and not both", "See config/README.md"
    elif error.validator == "pattern" and key.endswith(".url"):
        yield f"key '{key}' holds {_shown(found)}", "Write sqlite:///FILE or postgresql://HOST/BASE"
    elif error.validator == "pattern":
        named = (
            f"key '{key}'"
            if "propertyNames" not in error.absolute_schema_path
            else (f"a name in '{key}'")
        )
        advice = "Use letters, digits, '.', '_' and '-' only, at most 64"
        yield f"{named} holds {_shown(found)}, which cannot be a file name", advice
    elif error.validator in ("minimum", "maximum"):
        least = "least" if error.validator == "minimum" else "most"
        yield f"key '{key}' holds {_shown(found)}", f"Write at {least} {rule}"
    else:
        yield f"key '{key}' holds {_shown(found)}", "See config/README.md"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(value) if isinstance(value, datetime.date) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _file_faults(settings: Settings, where: str) -> Iterable[Fault]:
    named_here = [(key, getattr(settings, key)) for key in ("cycle", "previous", "release")]
    named_here += [("profile", settings.profile)]
    named_here += [("registries", name) for name in settings.registries]
    for key, name in named_here:
        reason = unsafe_name(name) if name else ""
        if reason:
            yield Fault(where, "", f"key '{key}': {name!r} {reason}", "Choose another name")
    if settings.previous == settings.cycle:
        found = f"'previous' and 'cycle' are both {settings.cycle!r}"
        yield Fault(where, "", found, "Name this cycle anew")
    own = RESOURCES / "policy.yaml"
    named: list[tuple[str, Path | None]] = [
        ("decisions", settings.decisions),
        ("follow_up", settings.follow_up),
        ("policy", None if settings.policy == own else settings.policy),
        ("regions", settings.regions),
    ]
    for name, registry in settings.registries.items():
        named.append((f"registries.{name}.file", registry.file))
        named.append((f"registries.{name}.mapping", registry.mapping))
    places = [("releases", settings.releases), ("families", settings.families)]
    for key, path in (*named, *places, ("vep_cache", settings.vep_cache)):
        if path is not None and (reason := braces_in(str(path))):
            yield Fault(where, "", f"key '{key}': {path} {reason}", "Rename the file or folder")
    for key, path in named:
        if path is not None and not file_at(path):
            yield Fault(where, "", f"key '{key}': there is no file {path}", "Check the path")
    for key, path in (("decisions", settings.decisions), ("follow_up", settings.follow_up)):
        if path is not None and file_at(path):
            yield from open_to_others(path, key, where)
    if settings.engine == "vep" and not (settings.vep_cache and folder_at(settings.vep_cache)):
        cache = settings.vep_cache
        found = f"there is no folder {cache}" if cache else "it is needed, for engine is 'vep'"
        yield Fault(where, "", f"key 'vep_cache': {found}", "Name the folder of VEP's cache")
    if not folder_at(settings.release_folder):
        found = f"key 'release': there is no folder {settings.release_folder}"
        yield Fault(where, "", found, "Check 'releases' and 'release'", Level.ERROR)
