"""One hit: a damaging allele of a recessive gene alone, kept below every full hypothesis."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_world import (
    BROTHER,
    CONSTANTS,
    DAD,
    GENE,
    KID,
    MUM,
    SISTER,
    VARIANT,
    asserted,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    points_of,
)

from ariane.rank.finding import ONE_HIT
from ariane.rank.standing import Pairs, standing_rows

SECOND = "1-200-C-G"
TRIO = family(KID, MUM, DAD)
AR = knowledge(diseases=[disease("AR")], dosage="30")
STOP = {"consequence": "stop_gained"}


def test_a_null_allele_alone_is_one_hit() -> None:
    (found,) = findings(family(KID), AR, candidate(**STOP)).values()
    assert (found.id, found.zygosity) == (f"{GENE}|AR|{VARIANT}", ONE_HIT)
    assert points_of(found)["ONE_HIT"] == -4000
    assert found.to_row()["local_points"] == sum(points_of(found).values())


def test_a_single_allele_that_is_not_damaging_is_left_out() -> None:
    assert findings(family(KID), AR, candidate()) == {}
    common = knowledge(diseases=[disease("AR")], dosage="30", frequencies={VARIANT: 0.03})
    assert findings(family(KID), common, candidate(**STOP)) == {}


def test_an_asserted_allele_is_damaging() -> None:
    known = knowledge(diseases=[disease("AR")], assertions={VARIANT: [asserted("P")]})
    (found,) = findings(family(KID), known, candidate()).values()
    assert found.zygosity == ONE_HIT


def test_one_hit_of_a_gene_with_a_dominant_disease_too() -> None:
    both = knowledge(diseases=[disease("AD"), disease("AR", "OMIM:2")], dosage="30")
    found = findings(family(KID), both, candidate(**STOP))
    assert {key: f.zygosity for key, f in found.items()} == {
        f"AD|{VARIANT}": "het",
        f"AR|{VARIANT}": ONE_HIT,
    }


def test_a_pair_or_two_copies_are_no_one_hit() -> None:
    pair = findings(family(KID), AR, candidate(**STOP), candidate(SECOND, **STOP))
    assert set(pair) == {f"AR|{VARIANT}+{SECOND}"}
    (two,) = findings(family(KID), AR, candidate(**STOP, genotypes=calls(kid="1/1"))).values()
    assert two.zygosity == "hom"


def test_two_alleles_in_cis_are_two_hits() -> None:
    seen = calls(kid="0/1", mum="0/1", dad="0/0")
    found = findings(
        TRIO, AR, candidate(**STOP, genotypes=seen), candidate(SECOND, **STOP, genotypes=seen)
    )
    assert {f.zygosity for f in found.values()} == {ONE_HIT}
    assert len(found) == 2


@pytest.mark.parametrize(("written", "held"), [("0/0", -6000), ("0/1", None), ("./.", None)])
def test_an_affected_brother_without_the_allele(written: str, held: int | None) -> None:
    quad = family(KID, MUM, DAD, BROTHER, SISTER)
    seen = calls(kid="0/1", mum="0/1", dad="0/0", bro=written, sis="0/1")
    (found,) = findings(quad, AR, candidate(**STOP, genotypes=seen)).values()
    assert points_of(found).get("AFFECTED_WITHOUT") == held
    assert "UNAFFECTED_SAME_GENOTYPE" not in points_of(found)


def test_not_on_the_x() -> None:
    on_x = "X-60000000-A-T"
    known = knowledge(diseases=[disease("XLR")], dosage="30")
    girl = calls(kid="0/1")
    (found,) = findings(family(KID), known, candidate(on_x, **STOP, genotypes=girl)).values()
    assert found.zygosity != ONE_HIT


def half(gene: str, points: int, zygosity: str) -> tuple[dict[str, Any], dict[str, Any]]:
    key = f"{gene}|AR|1-5-A-T"
    fields = {"gene": gene, "symbol": gene, "finding": key, "mode": "AR", "variants": "1-5-A-T"}
    finding = fields | {"local_points": points, "zygosity": zygosity, "acmg_class": "LP"}
    return finding, disease("AR", f"OMIM:{gene}", gene)


def halves(many: list[tuple[int, bool]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [half(f"G{n}", p, ONE_HIT if one else "hom") for n, (p, one) in enumerate(many)]


@given(
    st.lists(st.tuples(st.integers(-9000, 15_000), st.booleans()), max_size=8).map(halves),
)
def test_one_hits_stand_below_and_move_no_posterior(found: Any) -> None:
    points = {d["disease"]: 0 for _, d in found}
    single = {f["finding"] for f, _ in found if f["zygosity"] == ONE_HIT}
    rows = standing_rows(family(), found, points, Pairs({}, 5000), CONSTANTS)
    full = standing_rows(
        family(),
        [h for h in found if h[0]["finding"] not in single],
        points,
        Pairs({}, 5000),
        CONSTANTS,
    )
    assert rows[: len(full)] == full
    below = rows[len(full) :]
    assert {row["finding"] for row in below} == single
    assert [row["rank"] for row in rows] == list(range(len(rows)))
    assert [row["gene_rank"] for row in below] == [row["rank"] for row in below]
    assert all(row["posterior"] == 0 for row in below)
    totals = [row["total_points"] for row in below]
    assert totals == sorted(totals, reverse=True)
