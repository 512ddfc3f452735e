"""The ACMG profile that a laboratory chose: strengths and thresholds, as a versioned file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError
from ariane.model.points import milli


@dataclass(frozen=True)
class Profile:
    """Criteria, their strengths and thresholds."""

    name: str
    version: int
    points: Mapping[str, float]
    pvs1_null: str
    pvs1_start_lost: str
    pvs1_dosage: frozenset[str]
    pvs1_independent_nulls: int
    ps1: Mapping[int, str]
    pm5: Mapping[int, str]
    pm2: str
    pm2_max_frequency: float
    pm6: str
    bs1: str
    bs1_min_frequency: float
    ba1_min_frequency: float
    common_unless_stars: int
    """Stars of a pathogenic assertion from which frequency no longer speaks against an allele."""

    def weigh(self, strength: str) -> int:
        """Thousandths of a strength."""
        return milli(self.points[strength])

    @staticmethod
    def code(criterion: str, strength: str, default: str) -> str:
        """Name of a criterion at a strength: ``PM2_Supporting``; bare at its default strength."""
        if strength == default:
            return criterion
        return f"{criterion}_{strength.replace('_', ' ').title().replace(' ', '')}"


@cache
def load_profile(name: str, folder: Path = RESOURCES / "acmg") -> Profile:
    """Read a profile by name.

    Raises:
        ArianeError: no such profile, or a key is missing or wrong.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.yaml")))
        raise ArianeError(f"profile: there is no ACMG profile {name!r}. Choose among: {known}.")
    raw = read_yaml(path)
    try:
        return Profile(
            name=str(raw["name"]),
            version=int(raw["version"]),
            points={k: float(v) for k, v in raw["points"].items()},
            pvs1_null=raw["pvs1"]["null"],
            pvs1_start_lost=raw["pvs1"]["start_lost"],
            pvs1_dosage=frozenset(map(str, raw["pvs1"]["dosage"])),
            pvs1_independent_nulls=int(raw["pvs1"]["independent_nulls"]),
            ps1={int(k): v for k, v in raw["ps1"].items()},
            pm5={int(k): v for k, v in raw["pm5"].items()},
            pm2=raw["pm2"]["strength"],
            pm2_max_frequency=float(raw["pm2"]["max_frequency"]),
            pm6=raw["pm6"]["strength"],
            bs1=raw["bs1"]["strength"],
            bs1_min_frequency=float(raw["bs1"]["min_frequency"]),
            ba1_min_frequency=float(raw["ba1"]["min_frequency"]),
            common_unless_stars=int(raw["ba1"]["unless_stars"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None
