"""Cases without news are not looked at again: events and flags are those of a look at every case.

:meth:`reanalyse_lab.Laboratory.watch` holds the two against each other in each cycle of every test.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from random_histories import Moment, histories
from reanalyse_genome import KEYS
from reanalyse_lab import BASE, GOOD, INTRON, MISSENSE, SHARD, STOP, Laboratory
from reanalyse_people import Patient, family
from reanalyse_world import TERMS, Said

from ariane.files import read_table
from ariane.model.tables import CHANGES
from ariane.reanalyse import watch
from ariane.reanalyse.frozen import open_cycle
from ariane.reanalyse.looked import cases_with_news

WORLD = replace(
    BASE,
    gene_disease={("HGNC:1", "OMIM:1"): "AD", ("HGNC:2", "OMIM:2"): "AD"},
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=histories(3))
def test_every_step_of_a_history_tells_all(history: list[Moment]) -> None:
    with tempfile.TemporaryDirectory() as name:
        lab = Laboratory(Path(name))
        for number, moment in enumerate(history):
            cycle = f"c{number}"
            lab.begin(cycle, moment.world, moment.patients)
            lab.run(cycle)


def _news(lab: Laboratory, name: str, cycle: str) -> frozenset[str] | None:
    cases = open_cycle(lab.desk.state, name).cases_of(SHARD)
    earlier = {case.id: case for case in open_cycle(lab.desk.state, cycle).cases_of(SHARD)}
    current = lab.chain(name, SHARD)[-1]
    return cases_with_news(cases, earlier, current, read_table(lab.changes(name), CHANGES))


def _patients() -> list[Patient]:
    held = {"F1": STOP, "F2": MISSENSE, "F3": KEYS[8]}
    return [
        Patient(family(name, observed=TERMS[3:4]), {KEYS.index(key): {"child": GOOD}})
        for name, key in held.items()
    ]


def test_a_local_change_is_news_of_its_cases(lab: Laboratory) -> None:
    lab.cycle(WORLD, _patients())
    raised = replace(WORLD, assertions={**WORLD.assertions, MISSENSE: (Said("P", 3),)})
    told = lab.cycle(raised, _patients())
    assert _news(lab, "c1", "c0") == {"F2"}
    assert {event["case"] for event in told.events} == {"F2"}
    assert {flag["case"] for flag in told.flags} == {"F1", "F2", "F3"}  # reviews


def test_what_all_rest_on_is_news_of_all(lab: Laboratory) -> None:
    lab.cycle(WORLD, _patients())
    lab.cycle(replace(WORLD, described={("OMIM:1", TERMS[3]): "1/3"}), _patients())
    assert _news(lab, "c1", "c0") is None


def test_a_case_that_changed_is_news(lab: Laboratory) -> None:
    lab.cycle(WORLD, _patients())
    one, *others = _patients()
    asked = replace(one, case=replace(one.case, request="2024-02-01 look again"))
    lab.cycle(WORLD, [asked, *others])
    assert _news(lab, "c1", "c0") == {"F1"}


def test_advice_is_given_anew_where_the_release_says_more_of_the_gene(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gene's other null alleles change no row of a missense allele, but what would lift it."""
    asked: list[list[str]] = []
    advise = watch._advice
    monkeypatch.setattr(
        watch,
        "_advice",
        lambda adviser, chain, cases: (
            asked.append(sorted(c.id for c in cases)) or advise(adviser, chain, cases)
        ),
    )
    lab.cycle(WORLD, _patients())
    asked.clear()
    lab.cycle(
        replace(WORLD, assertions={**WORLD.assertions, KEYS[4]: (Said("P", 3),)}), _patients()
    )
    assert asked[0] == ["F1", "F2"]
    assert _news(lab, "c1", "c0") == frozenset()
    asked.clear()
    lab.cycle(
        replace(WORLD, assertions={**WORLD.assertions, INTRON: (Said("LB", 1),)}), _patients()
    )
    assert "F3" not in asked[0]
