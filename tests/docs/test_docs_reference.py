"""The reference is made from the schemas: each key has a form and a meaning, none is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import docs_reference
from ariane.files import REPOSITORY as ROOT
from ariane.intake.sheet import COLUMNS
from ariane.registry.mapping import FIELDS

PAGE = ROOT / "docs" / "reference.md"
SCHEMAS = docs_reference.MARK.findall(PAGE.read_text(encoding="utf-8"))


def names(schema: dict[str, Any]) -> set[str]:
    """Every name that stands under ``properties`` anywhere in a schema."""
    found = set(schema.get("properties", {}))
    for part in schema.values():
        for inner in part if isinstance(part, list) else [part]:
            if isinstance(inner, dict):
                found |= names(inner)
    return found


def test_the_page_asks_for_the_schemas_that_people_write_by() -> None:
    assert set(SCHEMAS) == {
        "workflow/schemas/config.schema.yaml",
        "workflow/schemas/families.schema.json",
        "workflow/schemas/resources.schema.yaml",
        "resources/registry/impasse.schema.json",
    }


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_key_has_a_description(schema: str) -> None:
    found = docs_reference.keys(ROOT / schema)
    assert found
    assert [key.name for key in found if not key.meaning.strip()] == []
    assert [key.name for key in found if not key.form] == []
    assert len({key.name for key in found}) == len(found)


@pytest.mark.parametrize("schema", [name for name in SCHEMAS if "impasse" not in name])
def test_no_key_of_a_schema_is_left_out(schema: str) -> None:
    told = {key.name.rpartition(".")[2] for key in docs_reference.keys(ROOT / schema)}
    document = yaml.safe_load((ROOT / schema).read_text(encoding="utf-8"))
    # Conditions name keys again (sex or ped; by, licence), which does not make them keys anew.
    assert told == names(document)


def test_the_tables_hold_the_sheet_and_the_registry() -> None:
    filled = docs_reference.fill(PAGE.read_text(encoding="utf-8"), ROOT)
    assert "<!-- keys of" not in filled
    lines = [line for line in filled.splitlines() if line.startswith("| `")]
    told = [line.split("`")[1] for line in lines]
    assert set(COLUMNS) <= set(told)
    assert {f"`{field}`" for field in FIELDS} <= {line.split(" | ")[2] for line in lines}
    assert "exports.nomenclatures.NAME.sha256" in told
    assert "| `shards` | whole number, 1 to 999 | `16` |" in filled


def test_a_key_without_a_description_shows(tmp_path: Path) -> None:
    path = tmp_path / "a.schema.yaml"
    path.write_text("properties: {one: {type: string}}", encoding="utf-8")
    assert [key.meaning for key in docs_reference.keys(path)] == [""]


def test_a_schema_that_is_not_there_stops_the_build() -> None:
    with pytest.raises(FileNotFoundError):
        docs_reference.fill("<!-- keys of workflow/schemas/none.yaml -->", ROOT)
