"""Patch: what Ariane proposes for a registry in one cycle, before any file is touched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from sys import intern
from typing import Any, Final

from ariane.files import read_json, sealed_json, write_text
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry.mapping import FIELDS

SCHEMA: Final = 1


@dataclass(frozen=True)
class Proposal:
    """The cells proposed for one case."""

    case: str
    values: Mapping[str, str]
    """Field to text; a field that is not named is left as it stands, an empty text clears it."""
    causes: tuple[Mapping[str, str], ...] = ()
    """Why, from the flags: reason, gene, finding, sentence. Kept here, never in the registry."""


@dataclass(frozen=True)
class Refusal:
    """A case that Ariane did not write about, and why."""

    case: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Patch:
    """All proposals of a cycle for one registry."""

    cycle: str
    release: str
    engine: Mapping[str, int]
    mapping: str
    """Identity of the mapping it was made for."""
    min_posterior: float
    proposals: tuple[Proposal, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return {
            "schema": SCHEMA,
            "cycle": self.cycle,
            "release": self.release,
            "engine": dict(self.engine),
            "mapping": self.mapping,
            "min_posterior": self.min_posterior,
            "proposals": [
                {"case": p.case, "values": dict(p.values), "causes": [dict(c) for c in p.causes]}
                for p in self.proposals
            ],
            "refused": [{"case": r.case, "reasons": list(r.reasons)} for r in self.refused],
        }

    @cached_property
    def sha256(self) -> str:
        """Identity of the patch: SHA-256 of its canonical JSON."""
        return hashlib.sha256(to_json(self.to_json()).encode()).hexdigest()

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Patch:
        """The inverse of :meth:`to_json`.

        Raises:
            KeyError, TypeError, ValueError: not a patch, an unknown field, or a case named twice.
        """
        if raw["schema"] != SCHEMA:
            raise ValueError(f"schema {raw['schema']!r}")
        proposals = tuple(
            Proposal(
                str(p["case"]),
                # Few texts fill many rows: each is held once.
                {str(k): intern(_text(v)) for k, v in p["values"].items()},
                tuple({str(k): _text(v) for k, v in c.items()} for c in p["causes"]),
            )
            for p in raw["proposals"]
        )
        cases = [p.case for p in proposals]
        if len(set(cases)) != len(cases):
            raise ValueError("a case is named twice")
        for proposal in proposals:
            unknown = sorted(set(proposal.values) - set(FIELDS))
            if unknown:
                raise ValueError(f"unknown field {unknown[0]!r}")
        return cls(
            _text(raw["cycle"]),
            _text(raw["release"]),
            {str(k): int(v) for k, v in raw["engine"].items()},
            _text(raw["mapping"]),
            float(raw["min_posterior"]),
            proposals,
            tuple(
                Refusal(str(r["case"]), tuple(_text(x) for x in r["reasons"]))
                for r in raw["refused"]
            ),
        )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def write_patch(path: Path, patch: Patch) -> None:
    """Write a patch as canonical JSON."""
    write_text(path, sealed_json(patch.to_json()))


def read_patch(path: Path) -> Patch:
    """Read a patch.

    Raises:
        ArianeError: missing, or not a patch of this version.
    """
    try:
        return Patch.from_json(read_json(path, "propose_registry first"))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(
            f"{path}: not a patch of this version of Ariane ({problem}). Run propose_registry "
            "again."
        ) from None
