"""Predictors at exactly their thresholds and just beside: PP3, BP4, BP7. Section 2 of
docs/evidence.md."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from rank_world import PROFILE, candidate, class_points_of, codes_of, knowledge

from ariane.files import RESOURCES
from ariane.rank.computational import predicted
from ariane.rank.profile import load_profile

CHOSEN: Final = {
    "revel": PROFILE.missense,
    "alphamissense": replace(
        PROFILE.missense,
        predictor="alphamissense",
        pp3={"supporting": 0.792, "moderate": 0.906, "strong": 0.990},
        bp4={"supporting": 0.169, "moderate": 0.099},
    ),
    "cadd": replace(
        PROFILE.missense,
        predictor="cadd",
        pp3={"supporting": 25.3, "moderate": 28.1},
        bp4={"supporting": 22.7, "moderate": 17.3, "strong": 0.15},
    ),
}
"""The tables of Pejaver 2022 and Bergquist 2024, written a second time."""

# The lowest score of each strength of PP3 and the highest of each of BP4.
EDGES: Final = {
    "revel": (
        [(0.644, "PP3", 1000), (0.773, "PP3_Moderate", 2000), (0.932, "PP3_Strong", 4000)],
        [
            (0.290, "BP4", -1000),
            (0.183, "BP4_Moderate", -2000),
            (0.016, "BP4_Strong", -4000),
            (0.003, "BP4_VeryStrong", -8000),
        ],
    ),
    "alphamissense": (
        [(0.792, "PP3", 1000), (0.906, "PP3_Moderate", 2000), (0.990, "PP3_Strong", 4000)],
        [(0.169, "BP4", -1000), (0.099, "BP4_Moderate", -2000)],
    ),
    "cadd": (
        [(25.3, "PP3", 1000), (28.1, "PP3_Moderate", 2000)],
        [(22.7, "BP4", -1000), (17.3, "BP4_Moderate", -2000), (0.15, "BP4_Strong", -4000)],
    ),
}
BESIDE = 0.0001


def cases() -> list[Any]:
    found = []
    for predictor, (above, below) in EDGES.items():
        for edges, step in ((above, -BESIDE), (below, BESIDE)):
            weaker: dict[str, int] = {}
            for score, code, points in edges:
                found.append(pytest.param(predictor, score, {code: points}))
                found.append(pytest.param(predictor, score + step, weaker))
                weaker = {code: points}
    return found


@pytest.mark.parametrize(("predictor", "score", "expected"), cases())
def test_a_missense_score(predictor: str, score: float, expected: dict[str, int]) -> None:
    profile = replace(PROFILE, missense=CHOSEN[predictor])
    rows = predicted(candidate(), knowledge(scores={predictor: score}), profile)
    assert codes_of(rows) == expected


@pytest.mark.parametrize("predictor", sorted(EDGES))
@pytest.mark.parametrize("name", ["clingen", "france_ngsdiag"])
def test_the_profiles_hold_the_published_tables(predictor: str, name: str, tmp_path: Path) -> None:
    text = (RESOURCES / "acmg" / f"{name}.yaml").read_text(encoding="utf-8")
    text = text.replace("predictor: revel", f"predictor: {predictor}")
    (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert load_profile(name, tmp_path).missense == CHOSEN[predictor]


def test_only_the_chosen_predictor_is_heard() -> None:
    rows = predicted(
        candidate(), knowledge(scores={"revel": 0.5, "cadd": 40.0, "alphamissense": 1.0}), PROFILE
    )
    assert codes_of(rows) == {}


MIDDLE = "missense_variant"
# Consequence, name, scores of REVEL and SpliceAI, and what they give.
SPLICE: dict[str, tuple[str, str, dict[str, float], dict[str, int]]] = {
    "silent at 0.2": ("synonymous_variant", "", {"spliceai": 0.2}, {"PP3": 1000}),
    "silent below 0.2": ("synonymous_variant", "", {"spliceai": 0.1999}, {}),
    "silent above 0.1": ("synonymous_variant", "", {"spliceai": 0.1001}, {}),
    "silent at 0.1": (
        "synonymous_variant",
        "",
        {"spliceai": 0.1},
        {"BP4": -1000, "BP7": -1000},
    ),
    "silent, high": ("synonymous_variant", "", {"spliceai": 0.99}, {"PP3": 1000}),
    "a stop kept": ("stop_retained_variant", "", {"spliceai": 0.0}, {"BP4": -1000, "BP7": -1000}),
    "donor at +7": ("intron_variant", "c.90+7A>G", {"spliceai": 0.0}, {"BP4": -1000}),
    "donor at +8": (
        "intron_variant",
        "c.90+8A>G",
        {"spliceai": 0.0},
        {"BP4": -1000, "BP7": -1000},
    ),
    "acceptor at -21": ("intron_variant", "c.91-21A>G", {"spliceai": 0.1}, {"BP4": -1000}),
    "acceptor at -22": (
        "intron_variant",
        "c.91-22A>G",
        {"spliceai": 0.1},
        {"BP4": -1000, "BP7": -1000},
    ),
    "acceptor at -8": ("intron_variant", "c.91-8A>G", {"spliceai": 0.0}, {"BP4": -1000}),
    "deep, predicted to act": ("intron_variant", "c.91-200A>G", {"spliceai": 0.2}, {"PP3": 1000}),
    "no substitution in the intron": ("intron_variant", "c.91-30del", {"spliceai": 0.0}, {}),
    "in frame": ("inframe_deletion", "c.91_93del", {"spliceai": 0.0}, {}),
    "in frame, predicted to act": (
        "inframe_deletion",
        "c.91_93del",
        {"spliceai": 0.5},
        {"PP3": 1000},
    ),
    "nothing is known": ("synonymous_variant", "", {}, {}),
    "missense is not benign by splicing": (MIDDLE, "", {"spliceai": 0.0}, {}),
    "missense that may change splicing": (MIDDLE, "", {"spliceai": 0.2}, {"PP3": 1000}),
    "a stop is not asked": ("stop_gained", "", {"spliceai": 0.9}, {}),
    "a frameshift is not asked": ("frameshift_variant", "", {"spliceai": 0.9}, {}),
    "benign, splicing kept": (MIDDLE, "", {"revel": 0.2, "spliceai": 0.1}, {"BP4": -1000}),
    "benign, splicing doubtful": (
        MIDDLE,
        "",
        {"revel": 0.2, "spliceai": 0.11},
        {"BP4": 0},
    ),
    "benign, splicing not known": (MIDDLE, "", {"revel": 0.2}, {"BP4": -1000}),
    "benign, splicing changed": (
        MIDDLE,
        "",
        {"revel": 0.2, "spliceai": 0.2},
        {"BP4": 0, "PP3": 1000},
    ),
}


@pytest.mark.parametrize("case", SPLICE)
def test_splicing(case: str) -> None:
    consequence, name, scores, expected = SPLICE[case]
    known = knowledge(present=("assertions",), scores=scores)
    found = class_points_of(known, consequence=consequence, hgvs_c=name)
    assert {k: v for k, v in found.items() if k in ("PP3", "BP4", "BP7")} == expected


def test_of_both_predictions_the_one_of_the_protein_counts() -> None:
    known = knowledge(scores={"revel": 0.7, "spliceai": 0.9})
    rows = list(predicted(candidate(), known, PROFILE))
    assert [(row.resource, row.code, row.points) for row in rows] == [
        ("revel", "PP3", 1000),
        ("spliceai", "PP3", 0),
    ]
    assert "already counts" in rows[1].suppressed


def test_the_french_profile_has_the_same_thresholds() -> None:
    french = load_profile("france_ngsdiag")
    assert (french.missense, french.splice) == (PROFILE.missense, PROFILE.splice)
