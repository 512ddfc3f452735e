"""The ACMG profile that a laboratory chose: strengths and thresholds, as a versioned file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError
from ariane.model.points import milli

NONE: Final = "none"
"""Strength of a branch of the tree in which a criterion is not met."""

STRENGTHS: Final = ((4.0, "very_strong"), (2.0, "strong"), (1.0, "moderate"), (0.5, "supporting"))
"""Sum of PM3 or of de novo points from which a strength is reached (ClinGen SVI)."""


@dataclass(frozen=True)
class Tree:
    """PVS1: its gate and its branches."""

    dosage: frozenset[str]
    independent_nulls: int
    validity: frozenset[str]
    branches: Mapping[str, str]
    """Strength by branch; ``none`` where the criterion is not met."""
    much_lost_from: int
    shown_pathogenic: int
    shown_stars: int
    start_window: int
    alone: str
    """``LP`` or ``VUS``: the class that PVS1 reaches with no other pathogenic criterion."""


@dataclass(frozen=True)
class Missense:
    """The one predictor of PP3 and BP4, with its calibrated thresholds."""

    predictor: str
    pp3: Mapping[str, float]
    """Lowest score by strength."""
    bp4: Mapping[str, float]
    """Highest score by strength."""
    with_pm1: str


@dataclass(frozen=True)
class Splice:
    """The splice predictor."""

    predictor: str
    pp3: float
    bp4: float
    silent_donor: int
    """Bases into an intron beyond which a change is as good as silent (BP7)."""
    silent_acceptor: int
    bp7: str


@dataclass(frozen=True)
class DeNovo:
    """Points of PS2 and PM6 by how the phenotype fits."""

    confirmed: Mapping[str, float]
    assumed: Mapping[str, float]
    parentage: str
    fit: str


@dataclass(frozen=True)
class Pm3:
    """Points of PM3 by what the other allele is."""

    trans: Mapping[str, float]
    unknown: Mapping[str, float]
    homozygous: float


@dataclass(frozen=True)
class Profile:
    """Criteria, their strengths and thresholds."""

    name: str
    version: int
    points: Mapping[str, float]
    pvs1: Tree
    ps1: Mapping[int, str]
    ps1_splice: Mapping[str, str]
    ps1_splice_steps_down: bool
    pm1: str
    pm1_pathogenic: int
    pm1_benign: int
    pm2: str
    pm2_max_frequency: float
    pm3: Pm3
    pm4: str
    pm4_single: str
    pm5: Mapping[int, str]
    de_novo: DeNovo
    pp1: Mapping[int, str]
    pp2: str
    pp2_missense_z: float
    bp1: str
    bp2: str
    bp3: str
    missense: Missense
    splice: Splice
    bs1: str
    bs1_min_frequency: float
    bs2: str
    bs2_dominant: int
    bs2_recessive: int
    bs4: str
    ba1_min_frequency: float
    common_unless_stars: int
    """Stars of a pathogenic assertion from which frequency no longer speaks against an allele."""
    cnv: str
    """Name of the table of copy-number variants (:mod:`ariane.rank.cnv_table`)."""

    def weigh(self, strength: str) -> int:
        """Thousandths of a strength."""
        return 0 if strength == NONE else milli(self.points[strength])

    @staticmethod
    def code(criterion: str, strength: str, default: str) -> str:
        """Name of a criterion at a strength: ``PM2_Supporting``; bare at its default strength."""
        if strength in (default, NONE):
            return criterion
        return f"{criterion}_{strength.replace('_', ' ').title().replace(' ', '')}"


def strength_of(points: float) -> str:
    """Strength that a sum of PM3 or de novo points reaches; ``none`` below a half."""
    return next((name for least, name in STRENGTHS if points >= least), NONE)


@cache
def load_profile(name: str, folder: Path = RESOURCES / "acmg") -> Profile:
    """Read a profile by name.

    Raises:
        ArianeError: no such profile, or a key is missing or wrong.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        stems = (held.stem for held in folder.glob("*.yaml"))
        known = ", ".join(sorted(stem for stem in stems if not stem.startswith("cnv_")))
        raise ArianeError(f"profile: there is no ACMG profile {name!r}. Choose among: {known}.")
    raw = read_yaml(path)
    try:
        return _profile(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None


def _profile(raw: Mapping[str, Any]) -> Profile:
    return Profile(
        name=str(raw["name"]),
        version=int(raw["version"]),
        points=_numbers(raw["points"]),
        pvs1=_tree(raw["pvs1"]),
        ps1=_levels(raw["ps1"]),
        ps1_splice={k: str(raw["ps1_splice"][k]) for k in ("same_base", "same_site", "with_pvs1")},
        ps1_splice_steps_down=bool(raw["ps1_splice"]["likely_steps_down"]),
        pm1=raw["pm1"]["strength"],
        pm1_pathogenic=int(raw["pm1"]["pathogenic"]),
        pm1_benign=int(raw["pm1"]["benign"]),
        pm2=raw["pm2"]["strength"],
        pm2_max_frequency=float(raw["pm2"]["max_frequency"]),
        pm3=Pm3(
            _numbers(raw["pm3"]["trans"]),
            _numbers(raw["pm3"]["unknown"]),
            float(raw["pm3"]["homozygous"]),
        ),
        pm4=raw["pm4"]["strength"],
        pm4_single=raw["pm4"]["single_residue"],
        pm5=_levels(raw["pm5"]),
        de_novo=DeNovo(
            _numbers(raw["de_novo"]["confirmed"]),
            _numbers(raw["de_novo"]["assumed"]),
            str(raw["de_novo"]["unstated"]["parentage"]),
            str(raw["de_novo"]["unstated"]["fit"]),
        ),
        pp1=_levels(raw["pp1"]),
        pp2=raw["pp2"]["strength"],
        pp2_missense_z=float(raw["pp2"]["missense_z"]),
        bp1=raw["bp1"]["strength"],
        bp2=raw["bp2"]["strength"],
        bp3=raw["bp3"]["strength"],
        missense=_missense(raw["missense"]),
        splice=Splice(
            str(raw["splice"]["predictor"]),
            float(raw["splice"]["pp3"]),
            float(raw["splice"]["bp4"]),
            int(raw["bp7"]["donor"]),
            int(raw["bp7"]["acceptor"]),
            raw["bp7"]["strength"],
        ),
        bs1=raw["bs1"]["strength"],
        bs1_min_frequency=float(raw["bs1"]["min_frequency"]),
        bs2=raw["bs2"]["strength"],
        bs2_dominant=int(raw["bs2"]["dominant"]),
        bs2_recessive=int(raw["bs2"]["recessive"]),
        bs4=raw["bs4"]["strength"],
        ba1_min_frequency=float(raw["ba1"]["min_frequency"]),
        common_unless_stars=int(raw["ba1"]["unless_stars"]),
        cnv=str(raw["cnv"]),
    )


def _tree(raw: Mapping[str, Any]) -> Tree:
    if raw["alone"] not in ("LP", "VUS"):
        raise ValueError(f"pvs1: alone is LP or VUS, not {raw['alone']}")
    return Tree(
        dosage=frozenset(map(str, raw["gate"]["dosage"])),
        independent_nulls=int(raw["gate"]["independent_nulls"]),
        validity=frozenset(str(word).lower() for word in raw["gate"]["validity"]),
        branches={k: str(v) for k, v in raw["branches"].items()},
        much_lost_from=int(raw["much_lost_from"]),
        shown_pathogenic=int(raw["shown"]["pathogenic"]),
        shown_stars=int(raw["shown"]["stars"]),
        start_window=int(raw["start_window"]),
        alone=str(raw["alone"]),
    )


def _missense(raw: Mapping[str, Any]) -> Missense:
    chosen = raw[raw["predictor"]]
    pp3, bp4 = _numbers(chosen["pp3"]), _numbers(chosen["bp4"])
    return Missense(str(raw["predictor"]), pp3, bp4, str(raw["with_pm1"]))


def _numbers(raw: Mapping[Any, Any]) -> dict[str, float]:
    return {str(key): float(value) for key, value in raw.items()}


def _levels(raw: Mapping[Any, Any]) -> dict[int, str]:
    return {int(key): str(value) for key, value in raw.items()}
