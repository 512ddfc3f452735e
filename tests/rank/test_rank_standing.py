"""Standing: posteriors that sum to one with "none in these data", in one fixed order."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_world import CONSTANTS, CONTIGS, disease, family

from ariane.model.case import Analysis, Status
from ariane.model.points import odds_from_points
from ariane.model.tables import STANDING
from ariane.rank.constants import Calibration
from ariane.rank.standing import NONE, Pairs, hypotheses, prior_of_none, standing_rows

CASE = family()
PAIRS = 5000


def finding(gene: str, points: int, variant: str = "1-5-A-T", **fields: Any) -> dict[str, Any]:
    mode = fields.get("mode", "AD")
    return {
        "case": "F1",
        "gene": gene,
        "symbol": gene,
        "finding": f"{gene}|{mode}|{variant}",
        "mode": mode,
        "variants": variant,
        "acmg_class": "VUS",
        "local_points": points,
    } | fields


def stand(
    *pairs: tuple[dict[str, Any], dict[str, Any]], phenotype: dict[str, int] | None = None
) -> list[dict[str, Any]]:
    points = dict.fromkeys((d["disease"] for _, d in pairs), 0) | (phenotype or {})
    return standing_rows(CASE, pairs, points, Pairs({}, PAIRS), CONSTANTS)


FOUND = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(-20_000, 22_000),
    ),
    unique_by=lambda x: x[:3],
    max_size=12,
).map(
    lambda many: [
        (finding(f"G{g}", points, f"1-{v}-A-T"), disease("AD", f"OMIM:{g}{d}", f"G{g}"))
        for g, d, v, points in many
    ]
)


@given(FOUND.flatmap(lambda f: st.tuples(st.just(f), st.permutations(f))))
def test_posteriors_ranks_and_order(both: Any) -> None:
    found, shuffled = both
    rows = stand(*found)
    assert stand(*shuffled) == rows
    assert [row["hypothesis"] for row in rows].count(NONE) == 1
    assert rows[0]["hypothesis"] == NONE
    assert all(set(row) == set(STANDING.columns) for row in rows)
    assert sum(row["posterior"] for row in rows) == pytest.approx(1, abs=1e-6 * (len(rows) + 1))
    ranked = rows[1:]
    assert [row["rank"] for row in ranked] == list(range(1, len(found) + 1))
    posteriors = [row["posterior"] for row in ranked]
    assert posteriors == sorted(posteriors, reverse=True)
    assert all(row["posterior"] == round(row["posterior"], 6) for row in rows)


def test_none_stands_alone_where_nothing_was_found() -> None:
    (none,) = stand()
    assert (none["hypothesis"], none["posterior"], none["rank"]) == (NONE, 1.0, 0)
    assert none["case"] == "F1"


def test_a_posterior_by_hand() -> None:
    none, row = stand((finding("G", 12_000), disease()), phenotype={"OMIM:1": 3000})
    slope, shift = CONSTANTS.calibration.slope, CONSTANTS.calibration.shift
    factor = 0.30 / PAIRS * odds_from_points(15_000) / 0.30
    odds = 0.30 / 0.70 * factor**slope * math.exp(shift)
    assert row["posterior"] == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert none["posterior"] == pytest.approx(1 / (1 + odds), abs=1e-6)
    assert (row["local_points"], row["phenotype_points"]) == (12_000, 3000)
    assert row["total_points"] == 15_000


def test_two_modes_of_one_pair_share_its_prior() -> None:
    both = disease("AD AR")
    (_, alone) = stand((finding("G", 10_000), both))
    twice = stand((finding("G", 10_000), both), (finding("G", 10_000, mode="AR"), both))
    assert sum(row["posterior"] for row in twice[1:]) == pytest.approx(alone["posterior"], abs=2e-6)
    assert twice[1]["posterior"] == twice[2]["posterior"]


def test_two_diseases_of_one_gene_have_each_their_prior() -> None:
    one, other = disease(), disease("AD", "OMIM:2")
    (_, alone) = stand((finding("G", 9000), one))
    rows = stand((finding("G", 9000), one), (finding("G", 9000), other))
    both = sum(row["posterior"] for row in rows[1:])
    before, after = (p / (1 - p) for p in (alone["posterior"], both))
    assert after / before == pytest.approx(2**CONSTANTS.calibration.slope, abs=1e-4)


@given(FOUND)
def test_calibration_moves_a_case_and_no_rank(found: Any) -> None:
    plain = replace(CONSTANTS, calibration=Calibration())
    points = dict.fromkeys((d["disease"] for _, d in found), 0)
    bold = standing_rows(CASE, found, points, Pairs({}, PAIRS), plain)
    ranks = {row["hypothesis"]: row["gene_rank"] for row in bold}
    rows = stand(*found)
    assert {row["hypothesis"]: row["gene_rank"] for row in rows} == ranks
    for one, two in combinations([r for r in rows[1:] if r["posterior"] > 0.01], 2):
        held = {row["hypothesis"]: row["posterior"] for row in bold}
        before = held[one["hypothesis"]] / max(held[two["hypothesis"]], 1e-9)
        if held[two["hypothesis"]] > 0.01:
            assert one["posterior"] / two["posterior"] == pytest.approx(before, rel=1e-3)


def test_ties_are_broken_by_name() -> None:
    found = [(finding(g, 5000), disease("AD", "OMIM:1", g)) for g in ("B", "C", "A")]
    rows = stand(*found)[1:]
    assert [(row["gene"], row["rank"], row["gene_rank"]) for row in rows] == [
        ("A", 1, 1),
        ("B", 2, 2),
        ("C", 3, 3),
    ]


def test_a_gene_is_ranked_by_all_its_hypotheses() -> None:
    many = [(finding("G1", 9000, f"1-{n}-A-T"), disease("AD", f"OMIM:{n}", "G1")) for n in range(3)]
    rows = stand((finding("G2", 9500), disease("AD", "OMIM:9", "G2")), *many)[1:]
    assert (rows[0]["gene"], rows[0]["rank"], rows[0]["gene_rank"]) == ("G2", 1, 2)
    assert {row["gene_rank"] for row in rows if row["gene"] == "G1"} == {1}


@pytest.mark.parametrize(
    ("technique", "status", "prior"),
    [
        ("genome", Status.IN_PROGRESS, 0.69),
        ("genome", Status.IMPASSE, 0.90),
        ("exome", Status.CANDIDATE, 0.70),
        ("panel", Status.IMPASSE, 0.93),
        ("something else", Status.IN_PROGRESS, 0.70),
    ],
)
def test_the_prior_of_none(technique: str, status: Status, prior: float) -> None:
    case = family(analysis=Analysis("f.vcf", technique=technique), status=status)
    assert prior_of_none(case, CONSTANTS) == prior


def test_a_reexamined_negative_is_harder_to_convince() -> None:
    found = (finding("G", 12_000), disease())
    again = standing_rows(
        family(status=Status.IMPASSE), [found], {"OMIM:1": 0}, Pairs({}, PAIRS), CONSTANTS
    )
    assert again[1]["posterior"] < stand(found)[1]["posterior"]


def held(*rows: dict[str, Any]) -> Pairs:
    return Pairs({"G": rows}, PAIRS)


def test_a_finding_meets_only_the_diseases_of_its_mode() -> None:
    pairs = held(
        disease("AD", "OMIM:1"), disease("AR", "OMIM:2"), disease("", "OMIM:3"),
        disease("none", "OMIM:4"),
    )  # fmt: skip
    found = hypotheses([finding("G", 0)], pairs, CONTIGS)
    assert [d["disease"] for _, d in found] == ["OMIM:1", "OMIM:3"]
    assert hypotheses([finding("other", 0)], pairs, CONTIGS) == []


def test_an_allele_excluded_by_ba1_is_no_hypothesis() -> None:
    pairs = held(disease("AD"))
    assert hypotheses([finding("G", 0, acmg_class="B (BA1)")], pairs, CONTIGS) == []


@given(st.permutations(["1-5-A-T", "1-6-A-T", "1-7-A-T"]))
def test_hypotheses_come_in_one_order(order: list[str]) -> None:
    found = hypotheses([finding("G", 0, v) for v in order], held(disease("AD")), CONTIGS)
    assert [f["variants"] for f, _ in found] == ["1-5-A-T", "1-6-A-T", "1-7-A-T"]
