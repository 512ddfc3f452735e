"""What a writer of an export is given beside the records, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane.registry.gates import Destination
from ariane.registry.record import Provenance


@dataclass(frozen=True)
class Context:
    """What all documents of an export share."""

    destination: Destination
    provenance: Provenance
    knowledge: Path
    """The cycle's release, prepared."""
    home: Path
    """Working folder, which the configuration's paths start from."""
    options: Mapping[str, Any]
    """The block ``exports`` of the configuration, with the schema's defaults."""


@dataclass(frozen=True)
class Document:
    """One file of an export, whole and not yet written."""

    name: str
    """Its file name, without a folder: ``DEMO-01.json``."""
    text: str
    columns: tuple[str, ...] = ()
    """Of a table, its header: no column of it may name an identity."""
