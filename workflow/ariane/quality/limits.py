"""The table of limits: ``resources/quality.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError, Level


@dataclass(frozen=True)
class Limits:
    """Limits by subject, as the file words them."""

    version: int
    by_subject: Mapping[str, Mapping[str, Any]]

    def number(self, subject: str, *keys: str) -> float:
        """A limit."""
        found: Any = self.by_subject[subject]
        for key in keys:
            found = found[key]
        return float(found)

    def level(self, subject: str, key: str) -> Level:
        """A level."""
        return Level(self.by_subject[subject][key])


@cache
def shipped_limits() -> Limits:
    """The limits shipped with Ariane.

    Raises:
        ArianeError: the file is broken.
    """
    path = RESOURCES / "quality.yaml"
    raw = read_yaml(path)
    if not isinstance(raw, dict) or not isinstance(raw.get("version"), int):
        raise ArianeError(f"{path}: not a table of limits. Restore it.")
    return Limits(raw["version"], {k: v for k, v in raw.items() if isinstance(v, dict)})
