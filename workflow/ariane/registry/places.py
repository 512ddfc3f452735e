"""Which kind of registry an address names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ariane.registry.mapping import RegistryMapping
from ariane.registry.place import FilePlace, Place
from ariane.registry.sql_place import SqlPlace

REGISTRY_HELP: Final = (
    "a CSV file or workbook, or the URL of a database (sqlite:///FILE, postgresql://USER@HOST/BASE)"
)


def open_place(address: str, mapping: RegistryMapping) -> Place:
    """The place of a registry: a path, or the URL of a database whose table the mapping names.

    Raises:
        ArianeError: a URL that Ariane cannot use.
    """
    if "://" in address:
        return SqlPlace.at(address, mapping)
    return FilePlace(Path(address), mapping)
