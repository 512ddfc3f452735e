"""When to look again: the laboratory's policy, as a versioned file frozen with each cycle."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError

VERSION: Final = 2
"""The version of policy files that this program writes about; version 1 is still read."""

AT_RISK: Final = "diagnosis at risk"
PREGNANCY: Final = "pregnancy in the family"
REQUEST: Final = "requested by a clinician"
CONSENT_AGAIN: Final = "consent again"
REVIEW: Final = "periodic review"

DUE: Final = (
    PREGNANCY,
    AT_RISK,
    REQUEST,
    CONSENT_AGAIN,
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

LEADING: Final = 2
"""The tier of a leading candidate: see :meth:`Policy.tier`."""

TECHNIQUES: Final = ("panel", "exome", "genome")

_SINCE_2: Final = {
    "due_days": (PREGNANCY, REQUEST, CONSENT_AGAIN),
    "": ("review", "cap"),
}
"""What a policy of version 1 does not say: taken from the policy shipped with the workflow."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReviewRules:
    """What may bring a periodic review forward; months and counts."""

    filieres: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By filière, months by technique, in place of the general ones."""
    child_below: int = 0
    """Age in years below which a patient is a young child, whose phenotype still grows."""
    child_months: int = 0
    releases_unseen: int | None = None
    """Releases after the last look from which a review is due at once; None for never."""
    small_changes: int | None = None
    """Small changes in one cycle from which the interval is the shorter one; None for never."""
    small_changes_months: int = 0


@dataclass(frozen=True)
class Policy:
    """Delays, intervals and what counts as material; see ``resources/policy.yaml``."""

    due_days: Mapping[str, int]
    review_months: Mapping[str, int]
    points: float
    considered_posterior: float
    leading_posterior: float
    phenotype_points: float
    review: ReviewRules = field(default_factory=ReviewRules)
    cap: int | None = None
    """Flags that a site is given in one cycle; None for all."""

    def tier(self, posterior: float) -> int:
        """0 for a finding that nobody is sent to, 1 for one to consider, 2 for a leading one."""
        return (posterior >= self.considered_posterior) + (posterior >= self.leading_posterior)


def load_policy(path: Path) -> Policy:
    """Read a policy. What an older version does not say is taken from the shipped one, and told.

    Raises:
        ArianeError: a key is missing or of the wrong kind, or the file is of a later version.
    """
    raw = read_yaml(path)
    try:
        version = int(raw.get("version", 1))
        if version > VERSION:
            raise ArianeError(
                f"{path}: a policy of version {version}; this program knows versions 1 to "
                f"{VERSION}. Use the program it was written for, or compare resources/policy.yaml."
            )
        if version < VERSION:
            raw = _completed(raw, path)
        return _policy(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(
            f"{path}: missing or wrong: {problem}. Compare resources/policy.yaml."
        ) from None


def _completed(raw: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """A policy of version 1 with what it does not say yet."""
    shipped = read_yaml(RESOURCES / "policy.yaml")
    days = {reason: shipped["due_days"][reason] for reason in _SINCE_2["due_days"]}
    log.warning(
        "%s: a policy of version 1. Delays of %s, the rules of review, the cap and what 'material' "
        "lacks are those of resources/policy.yaml; add them and write 'version: %d'.",
        path,
        ", ".join(f"'{reason}'" for reason in days),
        VERSION,
    )
    more = {key: shipped[key] for key in _SINCE_2[""]}
    material = {**shipped["material"], **raw["material"]}
    return {**more, **raw, "material": material, "due_days": {**days, **raw["due_days"]}}


def _policy(raw: Mapping[str, Any]) -> Policy:
    material = raw["material"]
    return Policy(
        due_days={reason: int(raw["due_days"][reason]) for reason in DUE},
        review_months={t: int(raw["periodic_review_months"][t]) for t in TECHNIQUES},
        points=float(material["points"]),
        considered_posterior=float(material["considered_posterior"]),
        leading_posterior=float(material["leading_posterior"]),
        phenotype_points=float(material["phenotype_points"]),
        review=_review(raw["review"]),
        cap=_count(raw["cap"]["per_site_and_cycle"], "cap: per_site_and_cycle"),
    )


def _review(raw: Mapping[str, Any]) -> ReviewRules:
    child, small = raw["child"], raw["small_changes"]
    filieres = {
        str(name): {str(t): int(months) for t, months in intervals.items()}
        for name, intervals in raw["filieres"].items()
    }
    for name, intervals in filieres.items():
        unknown = sorted(intervals.keys() - set(TECHNIQUES))
        if unknown:
            raise ValueError(f"review: filieres: {name}: no technique {unknown[0]!r}")
    return ReviewRules(
        filieres=filieres,
        child_below=int(child["below_years"]),
        child_months=int(child["months"]),
        releases_unseen=_count(raw["releases_unseen"], "review: releases_unseen"),
        small_changes=_count(small["events"], "review: small_changes: events"),
        small_changes_months=int(small["months"]),
    )


def _count(value: object, where: str) -> int | None:
    """A whole number from 1, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{where}: {value!r} is neither null nor a whole number from 1")
    return value
