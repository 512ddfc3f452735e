"""What an impasse is, filière by filière: people declare it, the table says what it asks for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.files import read_yaml
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Status
from ariane.model.errors import ArianeError, InputFaults
from ariane.model.history import History
from ariane.registry.impasse import (
    CERTAINTIES,
    TABLE,
    Definition,
    Impasses,
    load_impasses,
    parse_definition,
)
from ariane.registry.mapping import FIELDS, RegistryMapping, parse_mapping
from ariane.registry.propose import Rules, propose

NONE = {"case": "F1", "gene": "", "symbol": "", "rank": 0, "hypothesis": "none", "finding": "",
        "disease": "", "posterior": 0.95}  # fmt: skip
FLAG = {"case": "F1", "reason": "periodic review", "gene": "", "symbol": "", "finding": "",
        "sentence": "", "due": "2025-06-30", "priority": 1}  # fmt: skip


def mapping(**more: object) -> RegistryMapping:
    columns = {f: f"ariane_{f}" for f in FIELDS}
    return parse_mapping({"key": "id", "columns": columns, **more}, "m.yaml")


def case(filiere: str = "RESPIFIL", **more: object) -> Case:
    phenotype = Phenotype(onset=str(more.get("onset", "")), age=str(more.get("age", "")))
    technique, date = str(more.get("technique", "exome")), str(more.get("date", ""))
    status = more.get("status", Status.IMPASSE)
    assert isinstance(status, Status)
    return Case(
        "F1", "p", (Member("p", "s"),), phenotype,
        Analysis("a.vcf.gz", "GRCh38", technique, "", date),
        Consent(registry=True), status, filiere=filiere,
        history=History(str(more.get("signs", ""))),
    )  # fmt: skip


def word(one: Case, due: bool = False, as_of: str = "2024-03-06", **more: object) -> str:
    patch = propose(
        [one], [FLAG] if due else [], [NONE], [], [], mapping=mapping(**more), cycle="c",
        release="R", engine={}, rules=Rules(0.1, load_impasses(), as_of),
    )  # fmt: skip
    return patch.proposals[0].values["proposal_status"]


SIGNS = "impasse déclarée, à vérifier : 2 ans depuis les premiers signes"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (case("AnDDI-Rares"), "impasse maintenue"),
        (case(""), "impasse maintenue"),
        (case(), SIGNS),
        (case(date="2022-03-01"), "impasse maintenue"),
        (case(date="2022-04-01"), SIGNS),
        (case(date="hier"), SIGNS),
        (case(onset="HP:0003593", age="P3Y"), "impasse maintenue"),
        (case(onset="HP:0003593", age="P2Y11M"), SIGNS),
        (case(onset="HP:0003577", age="P2Y"), "impasse maintenue"),
        (case(onset="HP:0003581", age="P60Y"), SIGNS),
        (case(age="P60Y"), SIGNS),
        (case(age="P4Y", signs="P2Y"), "impasse maintenue"),
        (case(age="P4Y", signs="P2Y1M"), SIGNS),
        (case(onset="HP:0003593", age="P4Y", signs="P3Y"), SIGNS),
        (case(status=Status.IN_PROGRESS), "aucun candidat"),
    ],
)
def test_what_a_filiere_asks_for_is_shown_or_told_to_be_checked(one: Case, said: str) -> None:
    assert word(one) == said
    if said.startswith("impasse"):
        assert word(one, due=True) == f"{said}, à revoir le 2025-06-30"


def test_without_the_cycle_s_date_the_analysis_says_nothing_of_today() -> None:
    assert word(case(date="2000-01-01"), as_of="") == SIGNS


def test_a_registry_has_its_own_word_on_it() -> None:
    own = {"years_since_first_signs": 0.5, "work_up": ["exome", "genome"]}
    panel = case("RespiFIL", technique="panel", date="2024-01-01")
    assert word(panel, impasse=own) == (
        "impasse déclarée, à vérifier : 0,5 an depuis les premiers signes et exome ou génome"
    )
    assert word(replace(panel, filiere=""), impasse={"statuses": ["in progress"]}) == (
        "aucun candidat"
    )
    running = case("", status=Status.IN_PROGRESS)
    assert word(running, impasse={"statuses": ["in progress"]}) == "impasse maintenue"
    # A patch made under another definition is another registry's.
    assert mapping(impasse=own).identity != mapping().identity


@pytest.mark.parametrize(
    "block",
    [[], {"years": 2}, {"statuses": []}, {"statuses": ["lost"]}, {"work_up": ["MRI"]},
     {"years_since_first_signs": 0}, {"years_since_first_signs": True},
     {"years_since_first_signs": "two"}],
)  # fmt: skip
def test_a_definition_that_means_nothing_is_a_fault_of_the_mapping(block: object) -> None:
    with pytest.raises(InputFaults, match=r"impasse: .*See resources/registry/impasse.yaml"):
        mapping(impasse=block)


def test_the_table_shipped_says_where_each_line_comes_from() -> None:
    raw = read_yaml(TABLE)
    assert re.fullmatch(r"\d{4}-\d{2}", str(raw["date"]))
    for given_ in [raw["default"], *raw["filieres"].values(), raw["onset_at_latest"]]:
        assert given_["certainty"] in CERTAINTIES
    table = load_impasses()
    assert table.of(case("respifil")).years == 2
    assert table.of(case("elsewhere")) == Definition()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("version: 1", "version: 2", "version 2"), ("certainty: page", "certainty: sure", "sure"),
     ("filieres:", "other:", "filieres"), ("    HP:0003593: 1 ", "    HP:0003593: x ", "float")],
)  # fmt: skip
def test_a_damaged_table_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "impasse.yaml"
    text = TABLE.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ArianeError, match=said):
        load_impasses(path)


@given(
    st.integers(0, 80), st.sampled_from(["", *load_impasses().onset_at_latest]),
    st.sampled_from(["", "2020-01-01", "2024-03-06"]), st.floats(0.25, 30),
)  # fmt: skip
def test_years_are_never_overstated(age: int, onset: str, date: str, asked: float) -> None:
    """What is shown holds whenever the signs began within the onset term's time."""
    table = Impasses(onset_at_latest=load_impasses().onset_at_latest)
    one = case(onset=onset, age=f"P{age}Y", date=date)
    unshown = list(table.unshown(Definition(years=asked), one, "2024-03-06"))
    latest = table.onset_at_latest.get(onset)
    by_age = latest is not None and age - latest >= asked
    by_test = date == "2020-01-01" and asked <= 4.2
    assert bool(unshown) is not (by_age or by_test)


def test_the_block_of_a_mapping_may_name_one_line_only() -> None:
    assert parse_definition({"work_up": ["genome"]}) == Definition(work_up=("genome",))
