"""Events and flags over whole cycles: what is told, why, to whom and by when."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reanalyse_genome import KEYS
from reanalyse_lab import (
    BASE,
    INTRON,
    MISSENSE,
    SHIFT,
    SILENT,
    STOP,
    Laboratory,
)
from reanalyse_people import Patient
from reanalyse_world import TERMS, Said

from ariane.files import RESOURCES
from ariane.model.case import Consent, Status
from ariane.model.errors import ArianeError
from ariane.reanalyse.flags import AT_RISK, ORDER, REVIEW, add_months
from ariane.reanalyse.policy import load_policy

Make = Callable[..., Patient]


RIVAL = {("HGNC:2", "OMIM:2"): "AD"}
UNLIKELY = replace(
    SILENT,
    gene_disease={**SILENT.gene_disease, **RIVAL},
    frequencies={MISSENSE: 0.004},
    assertions={MISSENSE: (Said("B", 4),)},
)
"""A benign allele, of which a rival disease leaves less than anybody is sent to."""


def test_nothing_new_tells_nothing(lab: Laboratory, patient: Make) -> None:
    one = patient(STOP)
    first = lab.cycle(BASE, [one])
    assert first.kinds() == ["new candidate"]
    assert first.events[0]["cause_resource"] == "case"
    second = lab.cycle(BASE, [one])
    assert second.events == []
    assert second.reasons() == [REVIEW]


def test_the_untouched_stay_quiet(lab: Laboratory, patient: Make) -> None:
    cases = [patient(STOP, name="F1"), patient(KEYS[8], name="F2")]
    world = replace(BASE, gene_disease={**BASE.gene_disease, ("HGNC:2", "OMIM:2"): "AD"})
    lab.cycle(world, cases)
    told = lab.cycle(replace(world, assertions={STOP: (Said("VUS", 3),)}), cases)
    assert {event["case"] for event in told.events} == {"F1"}


def test_strengthened_and_weakened_name_the_record(lab: Laboratory, patient: Make) -> None:
    one = patient(MISSENSE)
    lab.cycle(SILENT, [one])
    known = replace(SILENT, assertions={MISSENSE: (Said("P", 3),)})
    up = lab.cycle(known, [one])
    assert up.kinds() == ["strengthened"]
    (event,) = up.events
    assert event["material"]
    assert "strengthened" in up.reasons()
    cause = ("assertions", MISSENSE, "", "P 3 stars")
    assert (event["cause_resource"], event["cause_key"]) == cause[:2]
    assert (event["cause_old"], event["cause_new"]) == cause[2:]
    assert event["new_points"] > event["old_points"]
    down = lab.cycle(SILENT, [one])
    assert down.kinds() == ["weakened"]
    assert (down.events[0]["cause_old"], down.events[0]["cause_new"]) == ("P 3 stars", "")
    assert "weakened" in down.reasons()


def test_one_of_two_records_of_an_allele_is_downgraded(lab: Laboratory, patient: Make) -> None:
    for stars in (0, 1):  # whichever of the rows sorts last
        two = (Said("P", 3, "a"), Said("VUS", stars, "b"))
        fewer = (Said("LB", 3, "a"), Said("VUS", stars, "b"))
        lab.cycle(replace(SILENT, assertions={MISSENSE: two}), [patient(MISSENSE)])
        told = lab.cycle(replace(SILENT, assertions={MISSENSE: fewer}), [patient(MISSENSE)])
        assert told.kinds() == ["weakened"]


def test_asserted_outside_the_coding_tier(lab: Laboratory, patient: Make) -> None:
    one = patient(INTRON)
    assert lab.cycle(SILENT, [one]).events == []
    told = lab.cycle(replace(SILENT, assertions={INTRON: (Said("P", 3),)}), [one])
    assert told.kinds() == ["new candidate"]
    assert told.events[0]["cause_key"] == INTRON
    gone = lab.cycle(SILENT, [one])
    assert gone.kinds() == ["withdrawn"]
    assert gone.events[0]["cause_old"] == "P 3 stars"
    assert gone.events[0]["new_rank"] == 0


def test_partner_found(lab: Laboratory, patient: Make) -> None:
    world = replace(SILENT, gene_disease={("HGNC:1", "OMIM:1"): "AR"}, dosage={"HGNC:1": "30"})
    one = patient(STOP, INTRON)
    lab.cycle(world, [one])
    told = lab.cycle(replace(world, assertions={INTRON: (Said("P", 4),)}), [one])
    assert told.kinds(INTRON) == ["partner found"]
    assert told.events[0]["cause_key"] == INTRON


def test_gene_gained_and_lost_a_disease(lab: Laboratory, patient: Make) -> None:
    one = patient(STOP)
    nothing = replace(BASE, gene_disease={("HGNC:4", "OMIM:2"): "MT"})
    assert lab.cycle(nothing, [one]).events == []
    known = replace(nothing, gene_disease={**nothing.gene_disease, ("HGNC:1", "OMIM:1"): "AD"})
    gained = lab.cycle(known, [one])
    assert gained.kinds() == ["gene gained a disease"]
    assert gained.events[0]["cause_new"] == "OMIM:1"
    lost = lab.cycle(nothing, [one])
    assert lost.kinds() == ["withdrawn"]
    assert (lost.events[0]["cause_resource"], lost.events[0]["cause_old"]) == (
        "gene_disease",
        "OMIM:1",
    )


def test_a_gene_that_gains_one_and_loses_another_is_bad_news(
    lab: Laboratory, patient: Make
) -> None:
    """The finding led by the disease that is lost; the one gained does not fit."""
    one = patient(STOP)
    lab.cycle(BASE, [one], f"F1|solved|HGNC:1|{STOP}|OMIM:1|RCP-1|RCP|R1|2024-01-02|")
    told = lab.cycle(replace(BASE, gene_disease={("HGNC:1", "OMIM:2"): "AD"}), [one])
    assert told.events[0]["kind"] in ("weakened", "withdrawn")
    assert told.events[0]["cause_old"] == "OMIM:1"
    assert told.reasons() == [AT_RISK]


def test_mode_changed(lab: Laboratory, patient: Make) -> None:
    one = patient(STOP, call="1/1:0,30:30:99:.")
    lab.cycle(BASE, [one])
    told = lab.cycle(replace(BASE, gene_disease={("HGNC:1", "OMIM:1"): "AR"}), [one])
    assert sorted(told.kinds()) == ["mode changed", "withdrawn"]
    assert {(e["cause_old"], e["cause_new"]) for e in told.events} == {("AD", "AR")}


def test_phenotype_fit_changed(lab: Laboratory, patient: Make) -> None:
    others = {("HGNC:2", d): "AD" for d in ("OMIM:2", "OMIM:3")}
    world = replace(
        SILENT,
        gene_disease={**SILENT.gene_disease, **others},
        assertions={MISSENSE: (Said("LP", 0),)},
        described={("OMIM:2", TERMS[4]): "3/3"},
    )
    one = patient(MISSENSE, observed=TERMS[3:9])
    before = lab.cycle(world, [one])
    fits = {("OMIM:1", term): "3/3" for term in TERMS[3:9]}
    told = lab.cycle(replace(world, described={**world.described, **fits}), [one])
    assert told.kinds() == ["phenotype fit changed"], before
    assert told.events[0]["cause_resource"] == "hpo_annotations"
    assert told.events[0]["cause_key"] == "OMIM:1"


SOLVED = f"F1|solved|HGNC:1|{STOP}|OMIM:1|RCP-1|RCP|R1|2024-01-02|"
THREATS = {
    "downgraded": replace(BASE, assertions={STOP: (Said("B", 3),)}),
    "record withdrawn": replace(BASE, assertions={}),
    "BA1": replace(BASE, frequencies={STOP: 0.2}),
    "BA1 and no assertion": replace(BASE, frequencies={STOP: 0.2}, assertions={}),
    "gene lost its disease": replace(BASE, gene_disease={("HGNC:2", "OMIM:2"): "AD"}),
    "mode changed": replace(BASE, gene_disease={("HGNC:1", "OMIM:1"): "AR"}),
    "gate of PVS1 shut": replace(BASE, dosage={}),
}


@pytest.mark.parametrize("threat", sorted(THREATS))
@pytest.mark.parametrize(
    "decision", [SOLVED, SOLVED.replace(STOP, ""), SOLVED.replace("HGNC:1", "").replace(STOP, "")]
)
def test_a_diagnosis_at_risk(threat: str, decision: str, lab: Laboratory, patient: Make) -> None:
    """However the decision is written: by alleles, by gene, or by neither."""
    assert lab.cycle(BASE, [patient(STOP)], decision).reasons() == []
    told = lab.cycle(THREATS[threat], [patient(STOP)])
    assert told.reasons() == [AT_RISK]
    assert told.flags[0]["due"] == "2024-03-13"
    assert all(event["sentence"] and event["cause_resource"] for event in told.events)


def test_one_allele_of_a_recessive_gene_that_a_decision_names(
    lab: Laboratory, patient: Make
) -> None:
    """Its events never move anybody to act on an unsolved case; a diagnosis rests on it here."""
    recessive = replace(BASE, gene_disease={("HGNC:1", "OMIM:1"): "AR"})
    assert lab.cycle(recessive, [patient(STOP)], SOLVED).reasons() == []
    told = lab.cycle(replace(recessive, assertions={}), [patient(STOP)])
    assert [event["material"] for event in told.events] == [False]
    assert told.reasons() == [AT_RISK]


def test_a_gate_that_shuts_is_never_good_news(lab: Laboratory, patient: Make) -> None:
    """The allele stood below zero, so the shut gate raises its points; it is still weakened."""
    said = {MISSENSE: (Said("LP", 0),)}
    low = replace(BASE, frequencies={MISSENSE: 0.04}, dosage={}, assertions=said)
    both = patient(MISSENSE, call="1/1:0,30:30:99:.")  # seldom the answer under a dominant mode
    lab.cycle(low, [both], SOLVED.replace(STOP, MISSENSE))
    told = lab.cycle(replace(low, frequencies={MISSENSE: 0.2}), [both])
    assert told.kinds() == ["weakened"]
    assert told.events[0]["new_points"] > told.events[0]["old_points"]
    assert told.reasons() == [AT_RISK]


def test_a_diagnosis_that_did_not_lead_still_counts(lab: Laboratory, patient: Make) -> None:
    first = lab.cycle(UNLIKELY, [patient(MISSENSE)], SOLVED.replace(STOP, MISSENSE))
    assert first.events == [], "the finding does not lead"
    told = lab.cycle(replace(UNLIKELY, gene_disease=RIVAL), [patient(MISSENSE)])
    assert [(e["kind"], e["material"]) for e in told.events] == [("withdrawn", False)]
    assert told.reasons() == [AT_RISK]


def test_what_stays_improbable_sends_nobody_to_a_watched_case(
    lab: Laboratory, patient: Make
) -> None:
    """Its event is told and material; the flag waits until the posterior is worth a look."""
    lab.cycle(UNLIKELY, [patient(MISSENSE)])
    commoner = replace(UNLIKELY, homozygotes={MISSENSE: 9})
    told = lab.cycle(commoner, [patient(MISSENSE)])
    (event,) = told.events
    assert event["material"]
    assert 0 < max(event["old_posterior"], event["new_posterior"]) < 0.005
    assert told.reasons() == [REVIEW]
    told = lab.cycle(replace(commoner, assertions={}, homozygotes={}), [patient(MISSENSE)])
    (event,) = told.events
    assert event["new_posterior"] >= 0.005
    assert told.reasons() == ["strengthened", REVIEW]


def test_alleles_of_a_decision_in_another_order(lab: Laboratory, patient: Make) -> None:
    world = replace(BASE, gene_disease={("HGNC:1", "OMIM:1"): "AR"})
    decision = SOLVED.replace(STOP, f"{SHIFT}+{STOP}")
    lab.cycle(world, [patient(STOP, SHIFT)], decision)
    told = lab.cycle(replace(world, assertions={}, dosage={}), [patient(STOP, SHIFT)])
    assert told.events[0]["finding"].endswith(f"{STOP}+{SHIFT}")
    assert told.reasons() == [AT_RISK]


def test_a_diagnosis_since_refuted_is_no_longer_at_risk(lab: Laboratory, patient: Make) -> None:
    later = "F1|refuted||||RCP-1|RCP|R2|2024-02-02|"
    lab.cycle(BASE, [patient(STOP)], SOLVED, later)
    told = lab.cycle(THREATS["downgraded"], [patient(STOP)])
    assert sorted(told.reasons()) == sorted(["weakened", REVIEW])


def test_good_news_leaves_a_solved_case_alone(lab: Laboratory, patient: Make) -> None:
    lab.cycle(replace(BASE, assertions={}), [patient(STOP)], SOLVED)
    told = lab.cycle(BASE, [patient(STOP)])
    assert told.kinds() == ["strengthened"]
    assert told.flags == []


def test_small_changes_are_told_but_not_flagged(lab: Laboratory, patient: Make) -> None:
    lab.cycle(replace(SILENT, assertions={MISSENSE: (Said("VUS", 1),)}), [patient(MISSENSE)])
    told = lab.cycle(replace(SILENT, assertions={MISSENSE: (Said("VUS", 3),)}), [patient(MISSENSE)])
    (event,) = told.events
    assert (event["kind"], event["material"]) == ("weakened", False)
    assert event["old_points"] - event["new_points"] == 500
    assert told.reasons() == [REVIEW]


def test_first_seen(lab: Laboratory, patient: Make) -> None:
    known = replace(SILENT, assertions={INTRON: (Said("P", 3),)})
    weaker = replace(SILENT, assertions={INTRON: (Said("LP", 1),)})
    seen = []
    for world in (SILENT, known, weaker, SILENT, known, weaker):
        told = lab.cycle(world, [patient(INTRON)])
        seen.append([(e["kind"], e["first_seen"], e["last_changed"]) for e in told.events])
    assert seen == [
        [],
        [("new candidate", "c1", "c1")],
        [("weakened", "c1", "c2")],
        [("withdrawn", "c1", "c3")],
        [("new candidate", "c4", "c4")],
        [("weakened", "c4", "c5")],
    ]


def test_first_seen_of_a_finding_that_did_not_lead(lab: Laboratory, patient: Make) -> None:
    """New in the second cycle without leading; of a case that joined in the third."""
    none, weak = replace(SILENT, gene_disease=RIVAL), UNLIKELY
    strong = replace(weak, assertions={MISSENSE: (Said("P", 4),)})
    one, two = patient(MISSENSE), patient(MISSENSE, name="F2")
    lab.cycle(none, [one])
    new = lab.cycle(weak, [one])
    assert [(e["kind"], e["material"]) for e in new.events] == [("gene gained a disease", False)]
    assert lab.cycle(weak, [one, two]).events == []
    told = lab.cycle(strong, [one, two])
    assert {e["case"]: e["first_seen"] for e in told.events} == {"F1": "c1", "F2": "c2"}


def test_of_a_case_that_left_nothing_is_told(lab: Laboratory, patient: Make) -> None:
    silent = patient(STOP, name="F2", consent=Consent())
    first = lab.cycle(BASE, [patient(STOP), silent, patient(STOP, name="F3")])
    assert first.reasons("F2") == ["new candidate", REVIEW]
    gone = "F3|consent withdrawn|||||||2024-02-01|"
    told = lab.cycle(SILENT, [patient(STOP), silent, patient(STOP, name="F3")], gone)
    assert {row["case"] for row in (*told.events, *told.flags)} == {"F1"}


def test_every_watched_case_has_one_review(lab: Laboratory, patient: Make) -> None:
    cases = [
        patient(STOP, name=f"F{n}", status=status, technique=technique, date=date)
        for n, (status, technique, date) in enumerate(
            (status, technique, date)
            for status in Status
            for technique in ("panel", "exome", "genome")
            for date in ("2022-08-31", "")
        )
    ]
    told = lab.cycle(BASE, cases)
    reviews = [flag for flag in told.flags if flag["reason"] == REVIEW]
    watched = {p.case.id: p.case for p in cases if p.case.status.watched}
    assert sorted(flag["case"] for flag in reviews) == sorted(watched)
    due = {"panel": "2023-08-31", "exome": "2024-02-29", "genome": "2024-08-31"}
    for flag in reviews:
        analysis = watched[flag["case"]].analysis
        expected = due[analysis.technique] if analysis.date else "2024-03-06"
        assert flag["due"] == expected
        assert ("overdue" in flag["sentence"]) == (flag["due"] <= "2024-03-06")
    assert sorted(flag["priority"] for flag in told.flags) == list(range(1, len(told.flags) + 1))
    order = [ORDER.index(f["reason"]) for f in sorted(told.flags, key=lambda f: f["priority"])]
    assert order == sorted(order)


@given(
    date=st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1)), months=st.integers(0, 400)
)
def test_adding_months(date: datetime.date, months: int) -> None:
    later = add_months(date, months)
    assert (later.year * 12 + later.month) - (date.year * 12 + date.month) == months
    following = later + datetime.timedelta(1)
    assert later.day == date.day or (later.day < date.day and following.day == 1)


@pytest.mark.parametrize("reason", sorted(load_policy(RESOURCES / "policy.yaml").due_days))
def test_a_policy_without_a_delay_is_refused(reason: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    shutil.copyfile(RESOURCES / "policy.yaml", path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith(f"{reason}:")]
    path.write_text("".join(kept), encoding="utf-8")
    with pytest.raises(ArianeError, match=f"missing or wrong: '{reason}'"):
        load_policy(path)


def test_flags_tell_what_is_missing_and_which_terms_to_look_for(
    lab: Laboratory, patient: Make
) -> None:
    world = replace(
        SILENT,
        gene_disease={("HGNC:1", "OMIM:1"): "AD", ("HGNC:2", "OMIM:2"): "AD"},
        described={("OMIM:1", TERMS[3]): "3/3", ("OMIM:2", TERMS[4]): "3/3"},
    )
    both = patient(MISSENSE, KEYS[8], observed=())
    told = lab.cycle(world, [both])
    review = next(flag for flag in told.flags if flag["reason"] == REVIEW)
    assert review["lift"].startswith(f"ONE {MISSENSE}: LP on paper with: ")
    assert "Genotype the mother and father" in review["lift"]
    assert TERMS[3] in review["look_for"] or TERMS[4] in review["look_for"]
    assert "bits" in review["look_for"]
    for flag in told.flags:
        if flag["finding"]:
            assert flag["finding"].split("|")[2] in flag["lift"]


def test_a_flag_of_a_case_without_candidates_tells_nothing(lab: Laboratory, patient: Make) -> None:
    told = lab.cycle(SILENT, [patient(INTRON)])
    assert [(f["reason"], f["lift"], f["look_for"]) for f in told.flags] == [(REVIEW, "", "")]


MANY = TERMS[3:9]
FITTING = {("OMIM:1", term): "3/3" for term in MANY}
AWAY = {("OMIM:1", TERMS[2]): "5/5", **{("OMIM:2", term): "9/9" for term in MANY}}
WELL = replace(BASE, described={**FITTING, ("OMIM:2", TERMS[4]): "3/3"})
ILL = replace(BASE, described=AWAY)
"""The disease fits the patient's many terms, or is described otherwise."""


def test_knowledge_brings_a_finding_into_scope(lab: Laboratory, patient: Make) -> None:
    one = patient(STOP, observed=MANY)
    first = lab.cycle(ILL, [one])
    assert first.events == [], "out of scope though asserted pathogenic: not named"
    told = lab.cycle(WELL, [one])
    (event,) = told.events
    assert (event["kind"], event["material"]) == ("new candidate", True)
    assert (event["cause_resource"], event["cause_key"]) == ("hpo_annotations", "OMIM:1")
    assert (event["old_points"], event["first_seen"]) == (0, "c1")
    assert "new candidate" in told.reasons()


def test_another_phenotype_brings_a_finding_into_scope(lab: Laboratory, patient: Make) -> None:
    others = {("OMIM:2", term): "9/9" for term in TERMS[4:9]}
    world = replace(BASE, described={("OMIM:1", TERMS[3]): "9/9", **others})
    assert lab.cycle(world, [patient(STOP, observed=TERMS[4:9])]).events == []
    told = lab.cycle(world, [patient(STOP, observed=(TERMS[3],))])
    (event,) = told.events
    assert event["kind"] == "new candidate"
    assert "fits the indication now" in event["sentence"]
    assert event["cause_resource"] == "case"


def test_a_candidate_that_goes_out_of_scope_is_not_named(lab: Laboratory, patient: Make) -> None:
    one = patient(STOP, observed=MANY)
    lab.cycle(WELL, [one])
    told = lab.cycle(ILL, [one])
    (event,) = told.events
    assert (event["kind"], event["material"], event["old_rank"]) == ("withdrawn", True, 1)
    assert not any(event[name] for name in ("gene", "symbol", "finding", "cause_key"))
    assert not any(word in repr(told.flags) for word in ("HGNC:1", STOP, "OMIM:1", "'ONE'"))
    assert lab.cycle(ILL, [one]).events == []
    back = lab.cycle(WELL, [one])
    assert [(e["kind"], e["first_seen"]) for e in back.events] == [("new candidate", "c3")]
    assert lab.cycle(replace(WELL, assertions={}), [one]).events[0]["first_seen"] == "c3"


def test_a_diagnosis_stays_in_scope(lab: Laboratory, patient: Make) -> None:
    one = patient(STOP, observed=MANY)
    lab.cycle(WELL, [one], SOLVED)
    told = lab.cycle(replace(ILL, assertions={}), [one])
    assert told.events[0]["gene"] == "HGNC:1"
    assert told.reasons() == [AT_RISK]


def test_one_hit_is_told_without_alarm_and_gives_way_to_its_pair(
    lab: Laboratory, patient: Make
) -> None:
    world = replace(SILENT, gene_disease={("HGNC:1", "OMIM:1"): "AR"}, dosage={"HGNC:1": "30"})
    one = patient(STOP, INTRON)
    assert lab.cycle(replace(world, dosage={}), [one]).events == []
    hit = lab.cycle(replace(world, dosage={}, assertions={STOP: (Said("P", 3),)}), [one])
    assert {e["material"] for e in hit.events} == {False}
    assert hit.reasons() == [REVIEW]
    pair = lab.cycle(replace(world, assertions={INTRON: (Said("P", 4),)}), [one])
    assert pair.kinds() == ["partner found"]
