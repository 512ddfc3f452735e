"""FHIR bundles: structure, codes, and that a proposal is never told as a result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from export_world import ALLELE, FOUND, GENE, HET, PROVENANCE, SYMBOL, context_for, decision, record
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given
from record_strategies import records

from ariane.annotate.terms import shipped_terms
from ariane.model.case import Sex, Status
from ariane.model.history import History
from ariane.registry import fhir, fhir_check
from ariane.registry.documents import Document
from ariane.registry.fhir_codes import (
    allelic_coding,
    change_coding,
    code,
    consequence_codings,
    known_codes,
)
from ariane.registry.gates import Destination, Purpose
from ariane.registry.patch import Refusal
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, FindingRecord
from ariane.registry.vocabularies import allelic_states, variant_types

CONTEXT = context_for(Destination(Purpose.REUSE))
SOLVED = record(status=Status.SOLVED, decision=decision(), named=(FOUND,))


def written(*given: CaseRecord) -> list[Document | Refusal]:
    return list(fhir.write(iter(given), CONTEXT))


def bundle_of(one: CaseRecord) -> dict[str, Any]:
    (document,) = written(one)
    assert isinstance(document, Document)
    assert list(fhir_check.check(document, CONTEXT)) == []
    content: dict[str, Any] = json.loads(document.text)
    return content


def resources(one: CaseRecord) -> dict[str, list[dict[str, Any]]]:
    """Resources of a bundle by their profile's last word, the patient under ``Patient``."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in bundle_of(one)["entry"]:
        resource = entry["resource"]
        profile = resource.get("meta", {}).get("profile", [resource["resourceType"]])[0]
        found.setdefault(profile.rpartition("/")[2], []).append(resource)
    return found


def parts(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Components by LOINC code, each with its value."""
    return {
        part["code"]["coding"][0]["code"]: next(v for k, v in part.items() if k != "code")
        for part in resource.get("component", ())
    }


def answer(value: Mapping[str, Any]) -> str:
    return str(value["coding"][0]["code"])


def test_a_signed_diagnosis() -> None:
    held = resources(SOLVED)
    (patient,), (report,) = held["Patient"], held["genomic-report"]
    assert patient.keys() == {"resourceType", "id", "identifier", "gender"}
    assert (patient["identifier"][0]["value"], patient["gender"]) == ("F1-P", "female")
    assert (report["status"], report["issued"]) == ("final", "2024-03-06T00:00:00Z")
    assert report["effectiveDateTime"] == "2024-01-31"
    assert report["identifier"][0]["value"] == "CR-7"
    assert len(report["result"]) == 5
    (overall,) = held["overall-interpretation"]
    assert (answer(overall["valueCodeableConcept"]), overall["status"]) == ("LA6576-8", "final")
    (variant,) = held["variant"]
    assert answer(variant["valueCodeableConcept"]) == "LA9633-4"
    told = parts(variant)
    assert told["48018-6"]["coding"] == [
        {"system": "http://www.genenames.org", "code": GENE, "display": SYMBOL}
    ]
    assert answer(told["48004-6"]) == "NM_000001.2:c.1A>G"
    assert answer(told["81290-9"]) == "NC_000001.11:g.55A>G"
    assert told["48005-3"] == {"text": "p.(Lys1Glu)"}
    assert (answer(told["51958-7"]), answer(told["48013-7"])) == ("NM_000001.2", "NC_000001.11")
    assert (told["69547-8"], told["69551-0"]) == ("A", "G")
    assert (answer(told["62374-4"]), answer(told["48019-4"])) == ("LA26806-2", "SO:0001483")
    assert (answer(told["92822-6"]), told["81254-5"]) == ("LA30102-0", {"low": {"value": 55}})
    assert (answer(told["53034-5"]), answer(told["48002-0"])) == ("LA6706-1", "LA26807-0")
    assert (told["81258-6"]["value"], told["82121-5"]["value"]) == (0.4737, 18)
    (implication,) = held["diagnostic-implication"]
    assert implication["derivedFrom"] == [{"reference": f"urn:uuid:{variant['id']}"}]
    meant = parts(implication)
    assert meant["81259-4"]["coding"] == [
        {"system": "http://www.omim.org", "code": "1", "display": "One"}
    ]
    assert answer(meant["53037-8"]) == "LA26332-9"
    assert answer(meant["condition-inheritance"]) == "HP:0000006"
    assert "PM2_Supporting PS2" in implication["note"][0]["text"]
    (effect,) = held["molecular-consequence"]
    assert answer(parts(effect)["feature-consequence"]) == "SO:0001583"


def test_a_proposal_is_preliminary_and_inconclusive() -> None:
    held = resources(record())
    assert held["genomic-report"][0]["status"] == "preliminary"
    (overall,) = held["overall-interpretation"]
    assert answer(overall["valueCodeableConcept"]) == "LA9663-1"
    assert {o["status"] for o in (overall, *held["variant"], *held["diagnostic-implication"])} == {
        "preliminary"
    }
    assert "decided by nobody" in held["diagnostic-implication"][0]["note"][0]["text"]


def test_what_was_decided_stands_in_place_of_the_same_proposal() -> None:
    held = resources(record(decision=decision(Status.PARTLY_SOLVED), named=(FOUND,)))
    assert [one["status"] for one in held["variant"]] == ["final"]
    assert [one["status"] for one in held["diagnostic-implication"]] == ["final"]


@pytest.mark.parametrize(
    ("outcome", "overall", "report", "implied"),
    [
        (Status.SOLVED, "LA6576-8", "final", 1), (Status.PARTLY_SOLVED, "LA6576-8", "final", 1),
        (Status.IMPASSE, "LA6577-6", "final", 0), (Status.REFUTED, "", "final", 0),
        (Status.CLOSED, "", "final", 0), (Status.CANDIDATE, "LA9663-1", "preliminary", 1),
        (Status.IN_PROGRESS, "", "preliminary", 0),
    ],
)  # fmt: skip
def test_each_state(outcome: Status, overall: str, report: str, implied: int) -> None:
    held = resources(record(decision=decision(outcome), named=(FOUND,), candidates=()))
    answers = [answer(o["valueCodeableConcept"]) for o in held.get("overall-interpretation", ())]
    assert answers == [overall] * bool(overall)
    assert held["genomic-report"][0]["status"] == report
    assert len(held.get("diagnostic-implication", ())) == implied


def test_a_refuted_variant_is_told_without_a_meaning() -> None:
    held = resources(record(decision=decision(Status.REFUTED), named=(FOUND,)))
    assert len(held["variant"]) == 1
    assert "diagnostic-implication" not in held
    assert "refuted" in held["genomic-report"][0]["conclusion"]


def test_a_pair_is_told_as_one() -> None:
    second = replace(ALLELE, key="chr1-90-CT-C", origin="maternal")
    pair = FindingRecord("x", FOUND.gene, "AR", "compound", (ALLELE, second))
    held = resources(record(decision=decision(), named=(pair,)))
    first, other, both = held["variant"]
    assert [m["reference"] for m in both["hasMember"]] == [
        f"urn:uuid:{one['id']}" for one in (first, other)
    ]
    assert answer(parts(both)["81263-6"]) == "LA26217-2"
    assert answer(parts(other)["94186-4"]) == "LA26320-4"
    assert parts(other)["81254-5"] == {"low": {"value": 90}, "high": {"value": 91}}


@pytest.mark.parametrize(
    ("zygosity", "told"), [("ref", "LA9634-2"), ("missing", "LA18198-4"), ("hom", "LA9633-4")]
)
def test_whether_the_call_shows_the_variant(zygosity: str, told: str) -> None:
    finding = replace(FOUND, alleles=(replace(ALLELE, zygosity=zygosity),))
    (variant,) = resources(record(decision=decision(), named=(finding,)))["variant"]
    assert answer(variant["valueCodeableConcept"]) == told


def test_what_the_cycle_does_not_hold_is_neither_present_nor_absent() -> None:
    finding = replace(FOUND, alleles=(AlleleRecord(ALLELE.key),), held=False)
    (variant,) = resources(record(decision=decision(), named=(finding,)))["variant"]
    assert "valueCodeableConcept" not in variant


def test_a_structural_variant_has_its_end_and_copies() -> None:
    allele = AlleleRecord("chr1-10-N-<DEL:5000>", zygosity="het", genotype=replace(HET, copies=1))
    finding = replace(FOUND, alleles=(allele,))
    (variant,) = resources(record(decision=decision(), named=(finding,)))["variant"]
    told = parts(variant)
    assert told["69551-0"] == "<DEL>"
    assert told["81254-5"] == {"low": {"value": 10}, "high": {"value": 5000}}
    assert (answer(told["48019-4"]), told["82155-3"]["value"]) == ("SO:0000159", 1)


def test_a_foetus_and_an_unknown_sex() -> None:
    allele = replace(ALLELE, origin="")
    held = resources(
        record(gestation="P22W", age="", sex=Sex.UNKNOWN, decision=decision(),
               named=(replace(FOUND, alleles=(allele,)),))
    )  # fmt: skip
    assert held["Patient"][0]["gender"] == "unknown"
    assert answer(parts(held["variant"][0])["48002-0"]) == "LA10429-1"


def test_without_frequencies_nothing_is_classified_or_proposed() -> None:
    bare = replace(PROVENANCE, interpretable=False)
    held = resources(record(decision=decision(), named=(FOUND,), provenance=bare))
    assert "53037-8" not in parts(held["diagnostic-implication"][0])
    assert set(resources(record(provenance=bare, onset=None))) == {"Patient", "genomic-report"}


def ages_of(history: History, **more: Any) -> dict[str, tuple[Any, str]]:
    """Value and status of each age that a bundle tells, by the text of its code."""
    told = {}
    for one in resources(record(history=history, **more)).get("Observation", []):
        quantity = one.get("valueQuantity")
        value = (
            (quantity["value"], quantity["code"])
            if quantity
            else answer(one["valueCodeableConcept"])
        )
        told[one["code"]["text"]] = (value, one["status"])
        assert "effectiveDateTime" not in one
    return told


def test_ages_are_told_with_the_diagnosis_that_they_belong_to() -> None:
    history = History("P3M", "P3Y6M", "P12D")
    solved: dict[str, Any] = {"decision": decision(), "named": (FOUND,)}
    assert ages_of(history, **solved) == {
        "Age at first signs": ((3, "mo"), "final"),
        "Age at clinical diagnosis": ((42, "mo"), "final"),
        "Age at genetic diagnosis": ((12, "d"), "final"),
    }
    words = History("antenatal", "postmortem", "P0D")
    assert [value for value, _ in ages_of(words, **solved).values()] == [
        "303112003", "303113008", (0, "d"),
    ]  # fmt: skip
    for undecided in (None, decision(Status.REFUTED), decision(Status.IMPASSE)):
        assert set(ages_of(history, decision=undecided)) == {"Age at first signs"}
    assert ages_of(History()) == {"Age at first signs": ("HP:0003593", "preliminary")}
    assert ages_of(History(), onset=None) == {}


def test_an_age_without_a_value_is_told() -> None:
    (made,) = written(record(history=History("P3M")))
    assert isinstance(made, Document)
    bundle = json.loads(made.text)
    for entry in bundle["entry"]:
        entry["resource"].pop("valueQuantity", None)
    broken = Document(made.name, json.dumps(bundle))
    assert any("an age without a value" in fault for fault in fhir_check.check(broken, CONTEXT))


@pytest.mark.parametrize(
    ("disease", "told"),
    [
        (Coded("ORPHA:558", "Marfan syndrome"), ("http://www.orpha.net", "ORPHA:558")),
        (Coded("OMIM:154700", ""), ("http://www.omim.org", "154700")),
        (Coded("MONDO:0007947", ""), ("http://purl.obolibrary.org/obo/mondo.owl", "MONDO:0007947")),
    ],
)
def test_diseases_by_vocabulary(disease: Coded, told: tuple[str, str]) -> None:
    held = resources(record(decision=decision(disease=disease), named=(FOUND,)))
    (one,) = parts(held["diagnostic-implication"][0])["81259-4"]["coding"]
    assert (one["system"], one["code"]) == told


def test_a_disease_without_a_code_system_is_a_text() -> None:
    told = decision(disease=Coded("DECIPHER:1", "a syndrome"))
    held = resources(record(decision=told, named=(FOUND,)))
    assert parts(held["diagnostic-implication"][0])["81259-4"] == {"text": "a syndrome"}


def test_ids_are_the_same_in_every_cycle_but_those_of_the_report() -> None:
    later = replace(SOLVED, provenance=replace(PROVENANCE, cycle="c2", as_of="2024-04-06"))
    (document,) = written(later)
    assert isinstance(document, Document)
    first, second = bundle_of(SOLVED), json.loads(document.text)
    ids = [{e["resource"]["id"] for e in bundle["entry"]} for bundle in (first, second)]
    assert len(ids[0] - ids[1]) == 2
    assert all(UUID(one).version == 5 for one in ids[0])
    assert first["id"] != second["id"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"assembly": "hg18"}, "assembly 'hg18' has no code"),
        ({"decision": decision(), "named": (replace(FOUND, alleles=(AlleleRecord("odd"),)),)},
         "variant 'odd' is not chrom-pos-ref-alt"),
    ],
)  # fmt: skip
def test_each_refusal(change: Mapping[str, Any], reason: str) -> None:
    (refusal,) = written(record(**change))
    assert isinstance(refusal, Refusal)
    assert reason in "; ".join(refusal.reasons)


@given(records())
def test_any_record_is_a_valid_bundle_or_is_refused_with_a_reason(one: CaseRecord) -> None:
    (first,) = written(one)
    assert written(one) == [first]
    if isinstance(first, Refusal):
        assert all(first.reasons)
        return
    assert list(fhir_check.check(first, CONTEXT)) == []
    Bundle.model_validate_json(first.text)
    bundle = json.loads(first.text)
    statuses = {e["resource"].get("status") for e in bundle["entry"]}
    assert "final" not in statuses or one.decided is not None


def test_every_word_has_a_code() -> None:
    assert all(allelic_coding(word) for word in allelic_states())
    assert all(change_coding(kind) for kind in variant_types())
    for term in shipped_terms().rank:
        assert consequence_codings(term), term
    assert ("http://loinc.org", "69548-6", "Genetic variant assessment") in known_codes()
    with pytest.raises(KeyError):
        code("resource", "nothing")


def broken(change: Any) -> list[str]:
    """Faults that the checker finds in a right bundle that was changed."""
    bundle = bundle_of(SOLVED)
    by_kind: dict[str, Any] = {"Bundle": bundle}
    for entry in bundle["entry"]:
        resource = entry["resource"]
        profile = resource.get("meta", {}).get("profile", [resource["resourceType"]])[0]
        by_kind[profile.rpartition("/")[2]] = resource
    change(by_kind)
    return list(fhir_check.check(Document("F1.json", json.dumps(bundle)), CONTEXT))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda b: b["Patient"].update(birthDate="yesterday"), "does not follow FHIR R4B"),
        (lambda b: b["Patient"].update(birthDate="2001-01-01"), "more or less than a pseudonym"),
        (lambda b: b["Patient"].update(identifier=[]), "more or less than a pseudonym"),
        (lambda b: b["Bundle"].update(timestamp="2024-03-07T00:00:00Z"), "as-of date"),
        (lambda b: b["Bundle"]["entry"].append(b["Bundle"]["entry"][0]), "share an address"),
        (lambda b: b["Bundle"]["entry"].pop(0), "not one Patient"),
        (lambda b: b["Bundle"]["entry"].pop(3), "which is not in the bundle"),
        (lambda b: b["Bundle"]["entry"][3].update(fullUrl="urn:uuid:x"), "another address"),
        (lambda b: b["variant"]["code"]["coding"][0].update(code="69548-7"), "69548-7"),
        (lambda b: b["variant"]["code"]["coding"][0].update(display="Other"), "(Other)"),
        (lambda b: b["variant"]["meta"].update(profile=["x"]), "are not of one kind"),
        (lambda b: b["variant"].update(status="amended"), "neither final nor preliminary"),
        (lambda b: b["variant"].pop("subject"), "of no subject"),
        (lambda b: b["variant"]["component"].append(b["variant"]["component"][0]), "stands twice"),
        (lambda b: b["variant"]["category"][0]["coding"].clear(), "category laboratory"),
        (lambda b: b["diagnostic-implication"].pop("derivedFrom"), "derived from nothing"),
        (lambda b: b["diagnostic-implication"].pop("note"), "a class without its source"),
        (lambda b: [b["diagnostic-implication"].pop(part) for part in ("note", "component")]
         and b["diagnostic-implication"].update(status="preliminary"),
         "a proposal that does not say so"),
    ],
)  # fmt: skip
def test_each_fault_that_the_checker_knows(change: Any, fault: str) -> None:
    assert any(fault in one for one in broken(change)), broken(change)
