"""When to look again: the laboratory's policy, as a versioned file frozen with each cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ariane.files import read_yaml
from ariane.model.errors import ArianeError


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
            due_days={str(k): int(v) for k, v in raw["due_days"].items()},
            review_months={str(k): int(v) for k, v in raw["periodic_review_months"].items()},
            points=float(material["points"]),
            leading_posterior=float(material["leading_posterior"]),
            phenotype_points=float(material["phenotype_points"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(
            f"{path}: missing or wrong: {problem}. Compare resources/policy.yaml."
        ) from None
