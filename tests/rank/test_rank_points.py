"""Criteria beside PVS1, PS1, PM5 and frequency, at their borders."""

from __future__ import annotations

from typing import Any

import pytest
from rank_world import PROFILE, candidate, knowledge, known_allele

from ariane.rank.computational import predicted
from ariane.rank.criteria import class_rows
from ariane.rank.family import de_novo_rows
from ariane.rank.profile import load_profile
from ariane.rank.region import length_changed, spread
from ariane.rank.residue import hot_spot


@pytest.mark.parametrize(
    ("score", "code", "points"),
    [
        (0.932, "PP3_Strong", 4000),
        (0.931, "PP3_Moderate", 2000),
        (0.773, "PP3_Moderate", 2000),
        (0.772, "PP3", 1000),
        (0.644, "PP3", 1000),
        (0.643, "", 0),
        (0.291, "", 0),
        (0.290, "BP4", -1000),
        (0.183, "BP4_Moderate", -2000),
        (0.016, "BP4_Strong", -4000),
        (0.003, "BP4_VeryStrong", -8000),
    ],
)
def test_revel_by_its_calibrated_borders(score: float, code: str, points: int) -> None:
    rows = list(predicted(candidate(), knowledge(scores={"revel": score}), PROFILE))
    assert [(r.code, r.points) for r in rows] == ([(code, points)] if code else [])


@pytest.mark.parametrize(("score", "codes"), [(0.2, ["PP3"]), (0.19, []), (0.1, ["BP4", "BP7"])])
def test_spliceai_of_a_silent_change(score: float, codes: list[str]) -> None:
    known = knowledge(scores={"spliceai": score})
    rows = predicted(candidate(consequence="synonymous_variant"), known, PROFILE)
    assert [r.code for r in rows] == codes


def test_a_benign_missense_score_gives_way_to_splicing() -> None:
    known = knowledge(scores={"revel": 0.1, "spliceai": 0.5})
    rows = {r.code: r.points for r in predicted(candidate(), known, PROFILE)}
    assert rows == {"BP4_Moderate": 0, "PP3": 1000}


@pytest.mark.parametrize(
    ("pathogenic", "benign", "met"), [(4, 0, True), (3, 0, False), (4, 1, False)]
)
def test_a_hot_spot(pathogenic: int, benign: int, met: bool) -> None:
    def near(number: int, klass: str) -> Any:
        codon = f"ENST1:{35 + number}"
        return known_allele(f"1-{number + 200}-C-{klass[0]}", codon=codon, klass=klass)

    records = [near(n, "P") for n in range(pathogenic)] + [near(5, "B") for _ in range(benign)]
    known = knowledge(stretches={"ENST1~2": records})
    assert [r.code for r in hot_spot(candidate(), known, PROFILE)] == ["PM1"] * met


@pytest.mark.parametrize(("z", "points"), [(3.09, 1000), (3.08, 0), (None, 1000)])
def test_pp2_asks_for_constraint_where_known(z: float | None, points: int) -> None:
    known = knowledge(spectrum="missense", missense_z=z)
    (row,) = spread(candidate(), known, PROFILE)
    assert (row.code, row.points) == ("PP2", points)


@pytest.mark.parametrize(
    ("ref", "alt", "name", "code"),
    [
        ("ACTG", "A", "p.(Leu7del)", "PM4_Supporting"),
        ("ACTGCAG", "A", "p.(Leu7_Gln8del)", "PM4"),
        ("A", "ACAGCAGCAG", "p.(Gln10_Gln12dup)", "BP3"),
    ],
)
def test_in_frame_changes(ref: str, alt: str, name: str, code: str) -> None:
    seen = candidate(f"1-100-{ref}-{alt}", "inframe_deletion", hgvs_p=name)
    assert [r.code for r in length_changed(seen, PROFILE)] == [code]


def test_a_null_allele_counts_once() -> None:
    seen = candidate(consequence="splice_donor_variant")
    known = knowledge(dosage="3", scores={"spliceai": 0.9})
    rows = {r.code: r.points for r in class_rows(seen, known, PROFILE)}
    assert (rows["PVS1"], rows["PP3"]) == (8000, 0)


@pytest.mark.parametrize(
    ("parentage", "fit", "code", "points"),
    [
        ("confirmed", "yes", "PS2", 4000),
        ("confirmed", "partly", "PS2_Moderate", 2000),
        ("assumed", "yes", "PM6", 2000),
        ("assumed", "partly", "PM6_Supporting", 1000),
        ("assumed", "no", "PM6", 0),
    ],
)
def test_de_novo_by_parentage_and_fit(parentage: str, fit: str, code: str, points: int) -> None:
    (row,) = de_novo_rows("v", parentage, fit, PROFILE)
    assert (row.code, row.points) == (code, points)


def test_the_french_profile_keeps_pm2_at_moderate() -> None:
    french = load_profile("france_ngsdiag")
    assert (french.pm2, french.pvs1.alone) == ("moderate", "VUS")
