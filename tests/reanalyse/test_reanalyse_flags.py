"""Triggers, priority and the queue over whole cycles, and the drafts made of flags."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reanalyse_genome import KEYS
from reanalyse_lab import BASE, INTRON, MISSENSE, SILENT, STOP, Laboratory
from reanalyse_lab import Told as Heard
from reanalyse_people import Patient
from reanalyse_world import TERMS, Said

from ariane.files import REPOSITORY
from ariane.model.case import Member, Sex
from ariane.reanalyse.flags import AT_RISK, REVIEW
from ariane.reanalyse.policy import CONSENT_AGAIN, PREGNANCY, REQUEST
from ariane.reanalyse.requests import COLUMNS, LANGUAGES, Told, draft
from ariane.reanalyse.steps import State

Make = Callable[..., Patient]
SOLVED = f"F1|solved|HGNC:1|{STOP}|OMIM:1|RCP-1|RCP|R1|2024-01-02|"


def aged(patient: Patient, age: str) -> Patient:
    return replaced(patient, phenotype=replace(patient.case.phenotype, age=age))


def replaced(patient: Patient, **more: Any) -> Patient:
    return replace(patient, case=replace(patient.case, **more))


def cap(lab: Laboratory, number: int) -> None:
    path = lab.desk.root / "policy.yaml"
    text = path.read_text(encoding="utf-8")
    line = "  per_site_and_cycle: "
    head, _, tail = text.partition(line)
    path.write_text(f"{head}{line}{number}\n{tail.partition(chr(10))[2]}", encoding="utf-8")


def flag(told: Heard, reason: str, case: str = "F1") -> dict[str, Any]:
    (found,) = [f for f in told.flags if (f["case"], f["reason"]) == (case, reason)]
    return found


def test_new_terms_are_the_cause_of_events(lab: Laboratory, patient: Make) -> None:
    others = {("OMIM:2", term): "9/9" for term in TERMS[4:9]}
    world = replace(BASE, described={("OMIM:1", TERMS[3]): "9/9", **others})
    lab.cycle(world, [patient(STOP, observed=TERMS[4:9])])
    told = lab.cycle(world, [patient(STOP, observed=(TERMS[3],))])
    (event,) = told.events
    assert f"observed HPO terms added: {TERMS[3]}" in event["sentence"]
    assert f"taken away: {', '.join(sorted(TERMS[4:9]))}" in event["sentence"]


def test_a_newly_sequenced_parent_is_the_cause_of_events(lab: Laboratory, patient: Make) -> None:
    alone = patient(MISSENSE)
    lab.cycle(SILENT, [alone])
    child = replace(alone.case.members[0], father="dad", mother="mum")
    parents = (
        Member("dad", "S-dad", "", "", Sex.MALE, False),
        Member("mum", "S-mum", "", "", Sex.FEMALE, False),
    )
    calls = {i: {**c, "dad": "0/0:30,0:30:99:.", "mum": "0/0:30,0:30:99:."}
             for i, c in alone.calls.items()}  # fmt: skip
    trio = Patient(replace(alone.case, members=(child, *parents)), calls)
    told = lab.cycle(SILENT, [trio])
    assert told.kinds() == ["strengthened"]
    assert "added to the family: the father, sequenced" in told.events[0]["sentence"]


def test_a_request_is_flagged_once(lab: Laboratory, patient: Make) -> None:
    one = patient(MISSENSE)
    asked = replaced(one, request="2024-02-02 seizures at night")
    lab.cycle(SILENT, [one])
    told = lab.cycle(SILENT, [asked])
    assert told.reasons() == [REQUEST, REVIEW]
    assert flag(told, REQUEST)["sentence"].endswith("2024-02-02 seizures at night")
    assert lab.cycle(SILENT, [asked]).reasons() == [REVIEW]
    other = replaced(one, request="2024-03-01 new MRI")
    assert lab.cycle(SILENT, [other]).reasons() == [REQUEST, REVIEW]


def test_a_pregnancy_makes_flags_urgent(lab: Laboratory, patient: Make) -> None:
    one, two = patient(MISSENSE), replaced(patient(MISSENSE, name="F2"), pregnancy=True)
    lab.cycle(SILENT, [one, patient(MISSENSE, name="F2")])
    cap(lab, 1)
    told = lab.cycle(replace(SILENT, assertions={MISSENSE: (Said("P", 3),)}), [one, two])
    order = [(f["case"], f["reason"], f["urgent"]) for f in told.flags]
    assert order[:2] == [("F2", "strengthened", True), ("F2", PREGNANCY, True)]
    assert order[2] == ("F1", "strengthened", False)
    assert not any(f["queued"] for f in told.flags[:3])
    assert "pregnancy in the family; the posterior of ONE went" in told.flags[0]["why"]


def test_one_who_comes_of_age_is_asked_again(lab: Laboratory, patient: Make) -> None:
    one = patient(MISSENSE)
    lab.cycle(SILENT, [aged(one, "P17Y11M")])
    told = lab.cycle(SILENT, [aged(one, "P18Y1M")])
    assert flag(told, CONSENT_AGAIN)["to"] == "clinician"
    assert "came of age (18 years)" in flag(told, CONSENT_AGAIN)["sentence"]
    assert lab.cycle(SILENT, [aged(one, "P18Y2M")]).reasons() == [REVIEW]


def test_bad_news_reaches_the_signing_biologist_first(lab: Laboratory, patient: Make) -> None:
    cap(lab, 1)
    both = [patient(STOP), patient(STOP, name="F2")]
    lab.cycle(BASE, both, SOLVED)
    told = lab.cycle(replace(BASE, assertions={STOP: (Said("B", 3),)}), both)
    first = told.flags[0]
    assert (first["case"], first["reason"], first["to"]) == ("F1", AT_RISK, "RCP-1")
    assert first["expected_change"] > 0
    assert "a signed diagnosis rests on it" in first["why"]
    assert not first["queued"]
    assert flag(told, "weakened", "F2")["to"] == "biologist"


def test_a_lost_source_matters_however_little_it_weighed(lab: Laboratory, patient: Make) -> None:
    twice = replace(SILENT, assertions={MISSENSE: (Said("VUS", 1),)})
    lab.cycle(twice, [patient(MISSENSE)])
    told = lab.cycle(SILENT, [patient(MISSENSE)])
    assert [(e["material"], e["cause_key"]) for e in told.events] == [(True, MISSENSE)]


def test_one_that_returns_is_new_with_its_history(lab: Laboratory, patient: Make) -> None:
    known = replace(SILENT, assertions={INTRON: (Said("P", 3),)})
    told = [lab.cycle(w, [patient(INTRON)]) for w in (SILENT, known, SILENT, known, SILENT)]
    (back,) = told[3].events
    assert (back["kind"], back["first_seen"]) == ("new candidate", "c3")
    assert back["sentence"].endswith("it had been withdrawn in cycle c2")
    assert "it had been" not in told[1].events[0]["sentence"] + told[4].events[0]["sentence"]


def test_what_exceeds_the_cap_waits_and_comes_back(lab: Laboratory, patient: Make) -> None:
    cases = [patient(MISSENSE, name=f"F{n}") for n in (1, 2, 3)]
    lab.cycle(SILENT, cases)
    cap(lab, 1)
    known = replace(SILENT, assertions={MISSENSE: (Said("P", 3),)})
    seen = []
    for _ in range(4):
        told = lab.cycle(known, cases)
        rows = [f for f in told.flags if f["reason"] == "strengthened"]
        seen.append([(f["case"], f["place"], f["since"]) for f in rows])
    assert seen == [
        [("F1", 0, "c1"), ("F2", 1, "c1"), ("F3", 2, "c1")],
        [("F2", 0, "c1"), ("F3", 1, "c1")],
        [("F3", 0, "c1")],
        [],
    ]


def test_what_waits_becomes_urgent_with_a_pregnancy(lab: Laboratory, patient: Make) -> None:
    cases = [patient(MISSENSE, name=f"F{n}") for n in (1, 2, 3)]
    lab.cycle(SILENT, cases)
    cap(lab, 1)
    known = replace(SILENT, assertions={MISSENSE: (Said("P", 3),)})
    lab.cycle(known, cases)
    told = lab.cycle(known, [*cases[:2], replaced(cases[2], pregnancy=True)])
    assert flag(told, "strengthened", "F3")["urgent"]
    assert not flag(told, "strengthened", "F3")["queued"]
    assert not flag(told, "strengthened", "F2")["queued"], "the urgent one takes nobody's place"


def test_what_waits_goes_when_its_reason_no_longer_holds(lab: Laboratory, patient: Make) -> None:
    cases = [patient(MISSENSE, name=f"F{n}") for n in (1, 2)]
    known = replace(SILENT, assertions={MISSENSE: (Said("P", 3),)})
    lab.cycle(SILENT, cases)
    cap(lab, 1)
    lab.cycle(known, cases)
    told = lab.cycle(SILENT, cases)
    assert "strengthened" not in told.reasons("F2")
    assert "weakened" in told.reasons("F2")
    solved = "F2|solved|HGNC:1||OMIM:1|RCP-1|RCP|R1|2024-02-02|"
    assert told.flags != lab.cycle(SILENT, cases, solved).flags
    assert lab.cycle(SILENT, cases).reasons("F2") == []


def test_a_draft_names_the_variant_the_news_and_the_source(
    lab: Laboratory, patient: Make, tmp_path: Path
) -> None:
    cases = [patient(STOP), patient(STOP, name="F2"), patient(KEYS[8], name="F3")]
    lab.cycle(BASE, cases, SOLVED)
    cap(lab, 1)
    lab.cycle(replace(BASE, assertions={STOP: (Said("VUS", 1),)}), cases)
    lowered = {
        "en": "assertion lowered from P 3 stars to VUS 1 star",
        "fr": "assertion abaissée de P 3 étoiles à VUS 1 étoile",
    }
    for language, word in (("en", "DRAFT"), ("fr", "BROUILLON")):
        out = tmp_path / language
        program("draft_requests").main(
            [f"--flags={lab.queued(lab.names[-1])}", f"--state={lab.desk.state}",
             "--cycle=c1", f"--language={language}", f"--markdown={out}.md", f"--tsv={out}.tsv"]
        )  # fmt: skip
        header, *rows = (tmp_path / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
        drafts = [dict(zip(header.split("\t"), r.split("\t"), strict=True)) for r in rows]
        assert [d["case"] for d in drafts] == ["F1", "F2"]
        assert all(d["draft"].startswith(word) for d in drafts)
        assert STOP in drafts[0]["variant"]
        assert drafts[0]["to"] == "RCP-1"
        assert drafts[0]["source"] == f"assertions {STOP}: P 3 stars -> VUS 1 star"
        assert lowered[language] in drafts[0]["knowledge"]
        assert "c1" in drafts[0]["release"]
        assert drafts[0]["status"].startswith(word.lower())
        page = (tmp_path / f"{language}.md").read_text(encoding="utf-8")
        assert page.count(word) == 3
        assert drafts[0]["status"] in page
        assert page.count("_" * 20) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", State)
def test_a_draft_tells_where_the_procedure_stands(state: State, language: str) -> None:
    flagged = {
        "case": "F1", "site": "", "to": "biologist", "reason": "strengthened", "gene": "HGNC:1",
        "symbol": "A", "finding": f"HGNC:1|AD|{STOP}", "hgvs": "", "sentence": "s", "source": "x",
        "why": "", "due": "2024-01-01", "lift": "",
    }  # fmt: skip
    made = draft(flagged, Told("c1", "R1", "2024-03-06"), state, language)
    assert list(made) == list(COLUMNS)
    others = {draft(flagged, Told("c1", "R1", "x"), s, language)["status"] for s in State}
    assert len(others) == len(State)
    assert made["status"] in others


def program(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("decided", [True, False])
def test_a_decision_answers_what_waited(lab: Laboratory, patient: Make, decided: bool) -> None:
    """Though it leaves the case under watch."""
    both = [patient(MISSENSE), patient(MISSENSE, name="F2")]
    lab.cycle(SILENT, both)
    cap(lab, 1)
    louder = replace(SILENT, assertions={MISSENSE: (Said("P", 3),)})
    told = lab.cycle(louder, both)
    (waits,) = [f for f in told.flags if f["queued"] and f["reason"] != REVIEW]
    row = f"{waits['case']}|candidate||||BIO-1|biologist||2024-03-07|"
    again = lab.cycle(louder, both, *([row] if decided else []))
    reasons = again.reasons(waits["case"])
    assert ("strengthened" in reasons) is not decided
    assert REVIEW in reasons
