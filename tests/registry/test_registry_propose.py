from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.intake.identity import tells_a_person
from ariane.model.canonical import to_json
from ariane.model.case import Analysis, Case, Consent, Decision, Member, Phenotype, Status
from ariane.model.errors import InputFaults
from ariane.registry.mapping import FIELDS, RegistryMapping, parse_mapping
from ariane.registry.patch import Patch
from ariane.registry.propose import Rules, propose

MAPPING = parse_mapping(
    {
        "key": "id",
        "columns": {f: f"ariane_{f}" for f in FIELDS},
        "date_format": "%d/%m/%Y",
    },
    "m.yaml",
)


def case(name: str = "F1", status: Status = Status.IMPASSE, registry: bool = True) -> Case:
    return Case(
        name,
        "p",
        (Member("p", "s"),),
        Phenotype(),
        Analysis("a.vcf.gz"),
        Consent(registry=registry),
        status,
    )


def standing(gene: str, posterior: float, rank: int, **more: Any) -> dict[str, Any]:
    finding = f"HGNC:{gene}|AR|chr1-55-A-G"
    return {
        "case": "F1", "gene": f"HGNC:{gene}", "symbol": f"SYM{gene}", "rank": rank,
        "hypothesis": f"{finding}|OMIM:{rank}", "finding": finding, "disease": f"OMIM:{rank}",
        "posterior": posterior, **more,
    }  # fmt: skip


NONE = {"case": "F1", "gene": "", "symbol": "", "rank": 0, "hypothesis": "none", "finding": "",
        "disease": "", "posterior": 0.95}  # fmt: skip


def flag(
    reason: str, due: str = "2024-06-30", symbol: str = "", priority: int = 1
) -> dict[str, Any]:
    sentence, status = "secret sentence", "impasse"
    return {"case": "F1", "reason": reason, "gene": "", "symbol": symbol, "finding": "",
            "sentence": sentence, "due": due, "priority": priority, "status": status}  # fmt: skip


def decision(outcome: Status, date: str = "2024-01-01", **more: str) -> Decision:
    given = {"gene": "HGNC:1", "variants": "chr1-55-A-G", "disease": "OMIM:1", "report": "CR-7"}
    return Decision(
        "F1", outcome, actor="RCP", role="RCP nationale", date=date, **{**given, **more}
    )


def proposed(
    one: Case | None = None,
    rows: list[dict[str, Any]] | None = None,
    flags: list[dict[str, Any]] | None = None,
    decisions: list[Decision] | None = None,
    findings: list[dict[str, Any]] | None = None,
    mapping: RegistryMapping = MAPPING,
    rules: Rules | None = None,
) -> Patch:
    return propose(
        [one or case()],
        flags or [],
        [NONE] if rows is None else rows,
        findings or [],
        decisions or [],
        mapping=mapping,
        cycle="2024-2",
        release="R2",
        engine={"ranking": 1},
        rules=rules or Rules(),
    )


def values(**more: Any) -> Mapping[str, str]:
    patch = proposed(**more)
    assert patch.refused == ()
    return patch.proposals[0].values


def test_a_leading_candidate_is_named() -> None:
    found = values(
        rows=[NONE, standing("1", 0.5, 1), standing("1", 0.3749, 3), standing("2", 0.1, 2)],
        findings=[{"case": "F1", "finding": "HGNC:1|AR|chr1-55-A-G", "protein_change": "59I>59L"}],
        flags=[flag("periodic review", "2024-09-01", priority=3), flag("event", symbol="SYM1")],
    )
    assert found == {
        "proposal_status": "candidat à examiner", "gene": "SYM1",
        "variant": "chr1-55-A-G (59I>59L)", "disease": "OMIM:1", "posterior": "87,5",
        "flag": "élément nouveau (SYM1) | revue périodique", "due": "30/06/2024",
        "cycle": "2024-2", "release": "R2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "rows", "flags", "expected"),
    [
        (case(), [NONE, standing("1", 0.1, 1)], [flag("periodic review")],
         "impasse maintenue, à revoir le 30/06/2024"),
        (case(), [NONE], [], "impasse maintenue"),
        (case(status=Status.IN_PROGRESS), [NONE], [], "aucun candidat"),
        (case(), [], [], "non examiné dans ce cycle"),
        (case(status=Status.SOLVED), [NONE, standing("1", 0.99, 1)], [],
         "clos dans la feuille, décision signée à joindre"),
    ],
)  # fmt: skip
def test_status_without_a_candidate(
    one: Case, rows: list[dict[str, Any]], flags: list[dict[str, Any]], expected: str
) -> None:
    found = values(one=one, rows=rows, flags=flags)
    assert found["proposal_status"] == expected
    assert [found[f] for f in ("gene", "variant", "disease", "posterior")] == ["", "", "", ""]
    assert "outcome" not in found


def test_only_a_decision_with_a_report_gives_an_outcome() -> None:
    found = values(one=case(status=Status.SOLVED), rows=[NONE, standing("1", 0.9, 1)],
                   decisions=[decision(Status.SOLVED)])  # fmt: skip
    assert (found["proposal_status"], found["outcome"], found["report"], found["gene"]) == (
        "résolu (décision)", "résolu", "CR-7", "SYM1",
    )  # fmt: skip
    assert found["posterior"] == ""
    unsigned = values(decisions=[decision(Status.SOLVED, report=" ")])
    assert "outcome" not in unsigned
    assert "report" not in unsigned
    assert unsigned["proposal_status"] == "impasse maintenue"


def test_bad_news_on_a_solved_case_comes_first() -> None:
    found = values(one=case(status=Status.SOLVED), decisions=[decision(Status.SOLVED)],
                   flags=[flag("diagnosis at risk", symbol="SYM1")])  # fmt: skip
    assert found["proposal_status"] == "diagnostic à risque"
    assert found["gene"] == "HGNC:1"
    assert found["outcome"] == "résolu"


def test_what_people_refuted_is_not_proposed_again() -> None:
    rows = [NONE, standing("1", 0.8, 1), standing("2", 0.15, 2)]
    assert values(rows=rows, decisions=[decision(Status.REFUTED)])["gene"] == "SYM2"
    other = decision(Status.REFUTED, variants="chr1-99-A-G")
    assert values(rows=rows, decisions=[other])["gene"] == "SYM1"


def test_the_latest_decision_counts() -> None:
    two = [decision(Status.REFUTED, "2024-03-01"), decision(Status.SOLVED, "2024-01-01")]
    assert values(decisions=two)["outcome"] == "diagnostic réfuté"


@pytest.mark.parametrize(
    ("one", "decisions", "reasons"),
    [
        (case(registry=False), [], ("no consent_registry",)),
        (case(status=Status.WITHDRAWN), [], ("consent withdrawn",)),
        (case(), [decision(Status.WITHDRAWN)], ("consent withdrawn",)),
        (case(registry=False, status=Status.WITHDRAWN), [],
         ("no consent_registry", "consent withdrawn")),
        (case(), [decision(Status.SOLVED, report="Mme Durand")], ("identity in a value: report",)),
        (case(), [decision(Status.SOLVED, report="2 69 05 49 588 157 80")],
         ("identity in a value: report",)),
    ],
)  # fmt: skip
def test_refused_cases_carry_no_values(
    one: Case, decisions: list[Decision], reasons: tuple[str, ...]
) -> None:
    patch = proposed(one=one, decisions=decisions, rows=[NONE, standing("1", 0.9, 1)])
    assert patch.proposals == ()
    assert [r.reasons for r in patch.refused] == [reasons]


def test_rows_of_a_case_the_cycle_does_not_hold_are_refused() -> None:
    stray = standing("1", 0.9, 1, case="F7")
    assert [r.case for r in proposed(rows=[NONE, stray]).refused] == ["F7"]


def test_only_mapped_fields_and_no_sentence_leave() -> None:
    one = parse_mapping({"key": "id", "columns": {"flag": "ariane_flag"}}, "m.yaml")
    patch = proposed(mapping=one, flags=[flag("event")])
    assert patch.proposals[0].values == {"flag": "élément nouveau"}
    assert patch.proposals[0].causes[0]["sentence"] == "secret sentence"


def test_a_long_allele_is_shown_by_its_length() -> None:
    row = standing("1", 0.9, 1, finding=f"HGNC:1|AD|chr1-5-A-{'ACGT' * 100}")
    assert values(rows=[NONE, row])["variant"] == "chr1-5-A-[400 nt]"


@pytest.mark.parametrize(("posterior", "text"), [(0.999999, "99,9"), (0.2, "20"), (0.3333, "33,3")])
def test_percent(posterior: float, text: str) -> None:
    assert values(rows=[NONE, standing("1", posterior, 1)])["posterior"] == text


@given(st.randoms(use_true_random=False))
def test_the_order_of_inputs_changes_nothing(shuffler: random.Random) -> None:
    rows = [NONE, *(standing(str(i % 3), 0.07 + i / 1000, i + 1) for i in range(9))]
    flags = [flag("event", symbol="B"), flag("event", symbol="A"), flag("periodic review")]
    decisions = [decision(Status.REFUTED, "2024-03-01"), decision(Status.SOLVED, "2024-01-01")]
    first = to_json(proposed(rows=rows, flags=flags, decisions=decisions).to_json())
    for items in (rows, flags, decisions):
        shuffler.shuffle(items)  # type: ignore[arg-type]
    again = proposed(rows=rows, flags=flags, decisions=decisions)
    assert to_json(again.to_json()) == first
    assert Patch.from_json(again.to_json()) == again


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("269054958815780", True), ("1 85 07 2A 123 456 78", True), ("a.b@chu.fr", True),
        ("06 12 34 56 78", True), ("né 03/04/1999", True), ("Enfant MARTIN", True),
        ("chr1-155235252-A-G (409N>409S)", False), ("12345678901234567890", False),
        ("HGNC:4177", False), ("CR-2024-0007", False), ("OMIM:256000", False),
    ],
)  # fmt: skip
def test_identity_by_form(text: str, found: bool) -> None:
    assert tells_a_person(text) is found


def test_all_faults_of_a_mapping_at_once() -> None:
    raw = {
        "key": "id", "people_columns": ["Ariane_Flag"], "decimal": "x", "typo": 1,
        "add_missing_columns": "yes",
        "columns": {"gene": "statut", "flag": "ariane_flag", "due": "ID", "cycle": "ariane_c",
                    "release": "ariane_C", "nothing": "ariane_n", "report": 3},
    }  # fmt: skip
    with pytest.raises(InputFaults) as caught:
        parse_mapping(raw, "m.yaml")
    text = str(caught.value)
    for said in ("does not start with 'ariane_'", "people_columns", "is the key column", "both",
                 "unknown field 'nothing'", "columns.report names no column", "decimal is 'x'",
                 "unknown entry 'typo'", "add_missing_columns is 'yes'"):  # fmt: skip
        assert said in text
    assert len(caught.value.faults) == 9


def test_the_example_mapping_is_valid_and_whole() -> None:
    from pathlib import Path

    from ariane.registry.mapping import read_mapping

    root = Path(__file__).resolve().parents[2]
    assert tuple(read_mapping(root / "config" / "registries" / "example.yaml").columns) == FIELDS


def test_every_reason_that_flags_can_give_has_its_french_word() -> None:
    from ariane.reanalyse.flags import ORDER
    from ariane.registry.words import REASONS

    assert set(ORDER) <= set(REASONS)


def test_a_reason_without_a_french_word_still_reaches_people() -> None:
    assert values(flags=[flag("unheard of", symbol="SYM1")])["flag"] == "unheard of (SYM1)"
