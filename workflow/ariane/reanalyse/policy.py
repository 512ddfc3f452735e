"""When to look again: the laboratory's policy, as a versioned file frozen with each cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.files import read_yaml
from ariane.model.errors import ArianeError

DUE: Final = (
    "diagnosis at risk",
    "gene gained a disease",
    "partner found",
    "new candidate",
    "strengthened",
    "mode changed",
    "phenotype fit changed",
    "weakened",
    "withdrawn",
)
"""Reasons for a flag, most urgent first, each of which needs a delay."""

_TECHNIQUES: Final = ("panel", "exome", "genome")


@dataclass(frozen=True)
class Policy:
    """Delays, intervals and what counts as material; see ``resources/policy.yaml``."""

    due_days: Mapping[str, int]
    review_months: Mapping[str, int]
    points: float
    leading_posterior: float
    phenotype_points: float


def load_policy(path: Path) -> Policy:
    """Read a policy.

    Raises:
        ArianeError: a key is missing or of the wrong kind.
    """
    raw = read_yaml(path)
    try:
        material = raw["material"]
        return Policy(
            due_days={reason: int(raw["due_days"][reason]) for reason in DUE},
            review_months={t: int(raw["periodic_review_months"][t]) for t in _TECHNIQUES},
            points=float(material["points"]),
            leading_posterior=float(material["leading_posterior"]),
            phenotype_points=float(material["phenotype_points"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(
            f"{path}: missing or wrong: {problem}. Compare resources/policy.yaml."
        ) from None
