"""Tables of docs/reference.md, made from the schemas themselves when the site is built.

Only PyYAML is needed, for the site is built without the package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

MARK: Final = re.compile(r"^<!-- keys of ([\w./-]+) -->$", re.MULTILINE)
"""A line of a page that a table takes the place of."""

_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
    "null": "null",
}


@dataclass(frozen=True)
class Key:
    """One key of a schema, with the keys above it before it."""

    name: str
    """``exports.nomenclatures.NAME.pack``; ``NAME`` stands for a name of the user's choice."""
    form: str
    default: str
    meaning: str


def fill(markdown: str, root: Path) -> str:
    """A page with the table of each schema that it asks for.

    Args:
        markdown: the page.
        root: the repository.

    Raises:
        FileNotFoundError: a schema that the page names is not there.
    """
    return MARK.sub(lambda found: table(keys(root / found[1])), markdown)


def table(found: list[Key]) -> str:
    """A table in Markdown."""
    lines = ["| key | form | default | meaning |", "|---|---|---|---|"]
    lines += [
        "| " + " | ".join([f"`{key.name}`", key.form, key.default, _cell(key.meaning)]) + " |"
        for key in found
    ]
    return "\n".join(lines)


def keys(path: Path) -> list[Key]:
    """The keys of a JSON Schema, or the fields of a Table Schema, in their order."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "fields" in document:
        return list(_fields(document["fields"]))
    return list(_keys(document, document, ""))


def _keys(schema: Mapping[str, Any], root: Mapping[str, Any], above: str) -> Iterator[Key]:
    required = schema.get("required", ())
    for name, given in schema.get("properties", {}).items():
        rule = _resolved(given, root)
        default = "required" if name in required else ""
        if "default" in rule:
            default = f"`{json.dumps(rule['default'], ensure_ascii=False)}`"
        yield Key(above + name, _form(rule), default, rule.get("description", ""))
        yield from _below(rule, root, f"{above}{name}.")
    more = schema.get("additionalProperties")
    if isinstance(more, dict) and not above:
        yield from _below(schema, root, above)


def _below(rule: Mapping[str, Any], root: Mapping[str, Any], above: str) -> Iterator[Key]:
    """The keys inside a mapping, a mapping of names or a list of mappings."""
    yield from _keys(rule, root, above) if above else ()
    more = rule.get("additionalProperties")
    if isinstance(more, dict):
        yield from _keys(_resolved(more, root), root, f"{above}NAME.")
    if isinstance(rule.get("items"), dict):
        yield from _keys(_resolved(rule["items"], root), root, f"{above}[].")


def _resolved(rule: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with what it refers to; its own words stand before those."""
    if "$ref" not in rule:
        return dict(rule)
    name = rule["$ref"].removeprefix("#/$defs/")
    return {**root["$defs"][name], **rule}


def _form(rule: Mapping[str, Any]) -> str:
    if "enum" in rule:
        return ", ".join(f"`{value}`" for value in rule["enum"])
    if "const" in rule:
        return f"`{rule['const']}`"
    types = rule.get("type", "string")
    form = " or ".join(_TYPES[one] for one in ([types] if isinstance(types, str) else types))
    least, most = rule.get("minimum"), rule.get("maximum")
    if least is not None and most is not None:
        return f"{form}, {least} to {most}"
    return f"{form}, at least {least}" if least is not None else form


def _fields(fields: list[dict[str, Any]]) -> Iterator[Key]:
    for field in fields:
        meaning = f"{field.get('description', '')}. *{field.get('description_fr', '')}.*"
        if not field.get("description") or not field.get("description_fr"):
            meaning = ""
        default = f"`{field['ariane_field']}`" if "ariane_field" in field else "people's"
        yield Key(field["name"], field["type"], default, meaning)


def _cell(text: str) -> str:
    """A text as it may stand in a cell."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
