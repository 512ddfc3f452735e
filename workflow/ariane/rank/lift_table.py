"""Kinds of evidence that a case may lack: ``resources/lift.yaml``.

The table is read when a result is told. Nothing that is weighed rests on it, so a change of it is
no reason for a full pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError
from ariane.model.points import THOUSAND, milli


@dataclass(frozen=True)
class Kind:
    """One kind of missing evidence."""

    name: str
    cost: int
    """Place in the order of cost, 0 the cheapest."""
    group: str
    """Results of one group are one fact, or steps of one: only one of them counts."""
    source: str
    words: Mapping[str, str]
    """By language; with the names ``who``, ``with`` and ``where`` to be put in."""


@dataclass(frozen=True)
class LookFor:
    """How HPO terms are chosen that would separate the leading diseases."""

    terms: int
    bits: int
    """Least expected information, in thousandths of a bit."""
    likeness: float
    narrower: float
    diseases: int


@dataclass(frozen=True)
class LiftTable:
    """One version of ``resources/lift.yaml``."""

    version: int
    findings: int
    posterior: float
    one_hit_class: int
    """Least class points of a single hit, in thousandths."""
    one_hit_phenotype: int
    """Least phenotype points of its gene's best disease, in thousandths."""
    one_hit_genes: int
    strengths: Mapping[str, str]
    second_hit: str
    kinds: Mapping[str, Kind]
    """By name, in order of cost."""
    look_for: LookFor


@cache
def load_lift(path: Path = RESOURCES / "lift.yaml") -> LiftTable:
    """Read the table.

    Raises:
        ArianeError: a key is missing or of the wrong kind.
    """
    raw = read_yaml(path)
    try:
        return _table(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None


def _table(raw: Mapping[str, Any]) -> LiftTable:
    kinds = [
        Kind(
            name=str(row["kind"]),
            cost=cost,
            group=str(row["group"]),
            source=str(row["source"]),
            words={language: str(row[language]) for language in ("en", "fr")},
        )
        for cost, row in enumerate(raw["kinds"])
    ]
    look = raw["look_for"]
    return LiftTable(
        version=int(raw["version"]),
        findings=int(raw["leading"]["findings"]),
        posterior=float(raw["leading"]["posterior"]),
        one_hit_class=milli(float(raw["one_hit"]["class_points"])),
        one_hit_phenotype=milli(float(raw["one_hit"]["phenotype_points"])),
        one_hit_genes=int(raw["one_hit"]["genes"]),
        strengths={str(k): str(v) for k, v in raw["strengths"].items()},
        second_hit=str(raw["second_hit"]),
        kinds={kind.name: kind for kind in kinds},
        look_for=LookFor(
            terms=int(look["terms"]),
            bits=int(float(look["bits"]) * THOUSAND),
            likeness=float(look["likeness"]),
            narrower=float(look["narrower"]),
            diseases=int(look["diseases"]),
        ),
    )
