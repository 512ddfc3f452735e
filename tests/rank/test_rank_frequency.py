"""Which of several frequency records speaks: filters, the in-house table, the own family."""

from __future__ import annotations

from typing import Any

import pytest
from rank_world import (
    CONSTANTS,
    KID,
    PROFILE,
    VARIANT,
    asserted,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    points_of,
)

from ariane.knowledge.in_house import case_digest
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import Evidence
from ariane.rank.asserted import assert_rows
from ariane.rank.criteria import frequency

EVERYTHING = ("assertions", "consensus", "laboratory", "frequencies", "coverage", "in_house")
EVERYTHING += ("gene_disease",)


def record(af: float, filters: str = "", name: str = "r") -> dict[str, Any]:
    return {"variant": VARIANT, "af": af, "filters": filters, "record": name}


def knows(*records: dict[str, Any], **more: Any) -> Knowledge:
    known = knowledge(present=EVERYTHING, diseases=[disease("AD")], **more)
    return Knowledge(**{**vars(known), "frequencies": {VARIANT: records}})


def heard(known: Knowledge) -> Evidence:
    (row,) = frequency(candidate(), known, PROFILE)
    return row


@pytest.mark.parametrize(("af", "code"), [(0.2, "BA1_NotApplied"), (0.02, "BS1")])
def test_a_failed_record_alone_shuts_and_weighs_nothing(af: float, code: str) -> None:
    row = heard(knows(record(af, "AC0;AS_VQSR")))
    assert (row.code, row.points) == (code, 0)
    assert row.suppressed == "the record failed the filter AC0;AS_VQSR"
    assert "failed AC0, AS_VQSR" in row.sentence


def test_a_failed_and_common_allele_still_ranks_low() -> None:
    known = knows(record(0.2, "AC0"))
    (found,) = findings(family(KID), known, candidate()).values()
    assert points_of(found)["TOO_COMMON"] < 0
    assert "BA1" not in points_of(found)


def test_a_record_that_passed_goes_before_one_that_failed() -> None:
    row = heard(knows(record(0.3, "AC0", "failed"), record(0.00002, "", "passed")))
    assert (row.record, row.code) == ("passed", "PM2_Supporting")
    row = heard(knows(record(0.3, "AC0", "failed"), record(0.08, "", "passed")))
    assert (row.record, row.code) == ("passed", "BA1")


def in_house(ac: int, an: int, carriers: str = "") -> dict[str, Any]:
    return {"ac": ac, "an": an, "homozygotes": 0, "hemizygotes": 0, "carriers": carriers}


def test_the_in_house_table_speaks_from_bs1_on_by_its_lower_bound() -> None:
    row = heard(knows(record(0.00001), in_house={VARIANT: in_house(20, 200)}))
    assert (row.code, row.resource, row.record) == ("BA1", "in_house", f"in-house-{VARIANT}")
    assert "20 of 200 chromosomes" in row.sentence
    row = heard(knows(record(0.00001), in_house={VARIANT: in_house(2, 200)}))
    assert (row.code, row.resource) == ("PM2_Supporting", "frequencies")


def test_two_affected_families_that_share_an_allele_are_not_common() -> None:
    known = knows(record(0.00001), in_house={VARIANT: in_house(2, 100)})
    (found,) = findings(family(KID), known, candidate()).values()
    assert "TOO_COMMON" not in points_of(found)


def test_the_own_family_is_left_out_of_the_in_house_table() -> None:
    table = {VARIANT: in_house(6, 200, "0:2:2,1:1:2,2:1:2,3:2:2")}
    others = knows(record(0.00001), in_house=table)
    own = knows(record(0.00001), in_house=table, families={case_digest("F1"): "0"})
    assert heard(others).resource == "in_house"
    assert heard(own).resource == "frequencies"


def test_the_laboratory_is_heard_before_all_others() -> None:
    records = [
        asserted("P", 4, "expert panel"),
        asserted("VUS", 3, "own", resource="laboratory"),
        asserted("LB", 1, "many", resource="consensus"),
    ]
    rows = assert_rows(
        VARIANT, knowledge(present=EVERYTHING, assertions={VARIANT: records}), CONSTANTS
    )
    assert [(r.record, r.resource, bool(r.suppressed)) for r in rows] == [
        ("own", "laboratory", False),
        ("expert panel", "assertions", True),
        ("many", "consensus", True),
    ]
    assert "by the laboratory itself" in rows[0].sentence
    assert rows[1].suppressed == "the laboratory's own classification is heard first"


def test_without_clinvar_a_second_source_still_speaks() -> None:
    records = [asserted("LP", 1, "many", resource="consensus")]
    known = knowledge(present=("consensus",), assertions={VARIANT: records})
    (row,) = assert_rows(VARIANT, known, CONSTANTS)
    assert (row.resource, row.points) == ("consensus", 4000)
    (silent,) = assert_rows("1-5-A-G", known, CONSTANTS)
    assert (silent.resource, silent.record) == ("consensus", "absent")
