"""Consents of the sheet: each destination its own, older sheets as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.intake.consents import SCOPES, consent_of, registries_by_name, unnamed_registries
from ariane.intake.sheet import Row
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype

NAMES = sorted({registry for held in registries_by_name().values() for registry in held})


def read(**cells: str) -> tuple[Consent, list[str]]:
    consent, faults = consent_of(Row(4, {"case_id": "F1", **cells}), "families.tsv:4")
    return consent, [str(fault) for fault in faults]


def test_a_sheet_without_the_new_columns_says_what_it_always_said() -> None:
    older = dict.fromkeys((f"consent_{s}" for s in ("reanalysis", "registry", "ern")), "oui")
    assert read(**older) == (Consent(reanalysis=True, registry=True, ern=True), [])
    assert read() == (Consent(), [])


@pytest.mark.parametrize(("word", "means"), [("yes", True), ("non", False), ("", None)])
def test_opposition_is_yes_no_or_not_known(word: str, means: bool | None) -> None:
    consent, faults = read(opposition_bndmr=word)
    assert (consent.opposition, faults) == (means, [])


@given(st.lists(st.sampled_from(NAMES)), st.sampled_from([";", ",", " ; "]), st.booleans())
def test_registries_are_read_by_their_names_in_any_order(
    names: list[str], mark: str, lower: bool
) -> None:
    cell = mark.join(name.lower() if lower else name for name in names)
    consent, faults = read(consent_ern=cell)
    assert faults == []
    assert consent.ern_registries == tuple(sorted(set(names)))
    assert not consent.ern


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"consent_registry": "maybe"}, "'maybe' is neither yes nor no. Write yes or no"),
        ({"opposition_bndmr": "x"}, "Write yes where the person opposes"),
        ({"opposition_bndmr": "yes", "consent_registry": "yes"}, "consent_registry says yes too"),
        ({"consent_ern": "EpiCARE;Epicar"}, "Did you mean 'EpiCARE'"),
        ({"consent_ern": "yes;EpiCARE"}, "'yes' is neither yes, nor no, nor an ERN registry"),
        ({"consent_ern": "GUARD-Heart"}, "signed for: Heart-Core or cond-GUARD-HEART"),
        ({"consent_third_countries": "?"}, "consent_third_countries '?' is neither"),
    ],
)  # fmt: skip
def test_faults_are_told_in_the_users_words(cells: dict[str, str], words: str) -> None:
    consent, faults = read(**cells)
    assert len(faults) == 1
    assert words in faults[0]
    assert faults[0].startswith("error: families.tsv:4: case F1: ")
    assert consent.ern_registries in ((), ("EpiCARE",))


def test_all_faults_of_a_line_at_once() -> None:
    wrong = {f"consent_{scope}": "?" for scope in SCOPES} | {"opposition_bndmr": "?"}
    assert len(read(**wrong)[1]) == len(SCOPES) + 1


@pytest.mark.parametrize(("count", "told"), [(0, None), (1, "1 case says"), (2, "2 cases say")])
def test_one_note_for_all_bare_yes(count: int, told: str | None) -> None:
    cases = [
        Case(f"F{n}", "p", (Member("p"),), Phenotype(), Analysis("v"), Consent(ern=n < count))
        for n in range(3)
    ]
    notes = unnamed_registries(cases, Path("families.tsv"))
    assert [str(note).split("of ")[1].split(" yes")[0] for note in notes] == (
        [told] if told else []
    )
