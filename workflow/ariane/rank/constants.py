"""The constants of ranking, read from versioned tables in ``resources/``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError
from ariane.model.points import milli


@dataclass(frozen=True)
class PhenotypeConstants:
    """Constants of the phenotype points: ``resources/ranking.yaml`` and, where they are fitted,
    ``resources/model/phenotype.json``."""

    noise: float
    back_off: float
    profile: float
    likeness_power: float
    scale: float
    decline: float
    free: float
    bound: float


@dataclass(frozen=True)
class CallThresholds:
    """What a single call must reach to be trusted."""

    depth: int
    quality: int
    balance: tuple[float, float]
    homozygous_balance: float
    parental_depth: int
    parental_quality: int
    parental_alt_fraction: float
    mosaic: tuple[float, float]
    """Share of reads within which a dominant allele may be mosaic."""
    mosaic_reads: int
    """Least reads with the allele."""


@dataclass(frozen=True)
class Calibration:
    """How far a case's evidence for any answer is believed: its log Bayes factor times ``slope``
    plus ``shift``, natural logarithms. Sums of points err on the bold side, for rows that are
    thought independent are not quite."""

    slope: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True)
class DualConstants:
    """Two diseases in one patient."""

    share: float
    """Of diagnosed patients."""
    genes: int
    told_from: float


@dataclass(frozen=True)
class ScopeLimits:
    """From where on a disease fits what a case was analysed for; points in thousandths."""

    misfit: float
    """Share of the points of a disease that explains nothing, below which a disease is a misfit."""
    sensitive_from: int
    """Points from which a finding of a gene known for secondary findings fits."""
    adult_onset_from: int
    minor_below: int
    """Years."""
    panel_confidence: int
    adult_onset_terms: frozenset[str]


@dataclass(frozen=True)
class Constants:
    """All constants of one version of ``resources/ranking.yaml``."""

    version: int
    phenotype: PhenotypeConstants
    assertions: Mapping[str, tuple[float, ...]]
    """Points by class, then by stars 0 to 4."""
    genotype: Mapping[str, float]
    background: Mapping[str, float]
    """Points by feature of a finding: see :mod:`ariane.rank.background`."""
    calibration: Calibration
    calls: CallThresholds
    max_frequency: Mapping[str, float]
    """By mode, the highest population frequency thought possible for a causal allele."""
    trans: Mapping[str, float]
    alleles_per_gene: int
    one_hit_from: int
    """Thousandths from which a single allele of a recessive gene is damaging."""
    none: Mapping[str, Mapping[str, float]]
    consequences: frozenset[str]
    leading_posterior: float
    dual: DualConstants
    scope: ScopeLimits


@cache
def load_constants(path: Path = RESOURCES / "ranking.yaml") -> Constants:
    """Read the constants.

    Raises:
        ArianeError: a key is missing or of the wrong kind.
    """
    raw = read_yaml(path)
    try:
        return _constants(raw)
    except (KeyError, TypeError, ValueError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None


@cache
def fitted(name: str) -> Mapping[str, Any]:
    """What ``scripts/fit_{name}.py`` wrote: constants, those of each fold, and how they fit.

    Args:
        name: ``phenotype`` or ``ranking``.

    Raises:
        ArianeError: the file is missing or damaged.
    """
    path = RESOURCES / "model" / f"{name}.json"
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ArianeError(f"{path}: missing or damaged: {problem}. Restore the file.") from None
    return found


def fold_constants() -> list[Constants]:
    """The constants fitted without each fold of genes, for honest figures on the same cases."""
    whole = load_constants()
    given = read_yaml(RESOURCES / "ranking.yaml")["phenotype"]
    ranking = fitted("ranking")
    folds = zip(
        fitted("phenotype")["folds"], ranking["folds"], ranking["calibration_folds"], strict=True
    )
    return [
        replace(
            whole,
            phenotype=_phenotype(given, phenotype),
            background=background,
            calibration=Calibration(**calibration),
        )
        for phenotype, background, calibration in folds
    ]


def _phenotype(given: Mapping[str, Any], fitted: Mapping[str, Any]) -> PhenotypeConstants:
    return PhenotypeConstants(**{k: float(v) for k, v in {**given, **fitted}.items()})


def _constants(raw: Mapping[str, Any]) -> Constants:
    phenotype, calls = raw["phenotype"], raw["calls"]
    spans = {
        k: (float(low), float(high)) for k in ("balance", "mosaic") for low, high in [calls[k]]
    }
    return Constants(
        version=int(raw["version"]),
        phenotype=_phenotype(phenotype, fitted("phenotype")["constants"]),
        assertions={k: tuple(map(float, v)) for k, v in raw["assertions"].items()},
        genotype={k: float(v) for k, v in raw["genotype"].items()},
        background=fitted("ranking")["constants"],
        calibration=Calibration(**fitted("ranking")["calibration"]),
        calls=CallThresholds(**{**calls, **spans}),
        max_frequency={k: float(v) for k, v in raw["max_frequency"].items()},
        trans={k: float(v) for k, v in raw["trans"].items()},
        alleles_per_gene=int(raw["pairs"]["alleles_per_gene"]),
        one_hit_from=milli(float(raw["pairs"]["one_hit_from"])),
        none={k: {r: float(p) for r, p in v.items()} for k, v in raw["prior"]["none"].items()},
        consequences=frozenset(raw["candidates"]["consequences"]),
        leading_posterior=float(raw["candidates"]["leading_posterior"]),
        dual=DualConstants(**raw["dual"]),
        scope=_scope(raw["scope"]),
    )


def _scope(raw: Mapping[str, Any]) -> ScopeLimits:
    return ScopeLimits(
        misfit=float(raw["misfit"]),
        sensitive_from=milli(float(raw["sensitive_from"])),
        adult_onset_from=milli(float(raw["adult_onset_from"])),
        minor_below=int(raw["minor_below"]),
        panel_confidence=int(raw["panel_confidence"]),
        adult_onset_terms=frozenset(map(str, raw["adult_onset_terms"])),
    )
