"""Requests for Matchmaker Exchange: the API's form, 0-based places, and what is not said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from export_world import (
    ALLELE,
    CONTACT,
    FOUND,
    GENE,
    OPTIONS,
    PROVENANCE,
    SYMBOL,
    context_for,
    decision,
    record,
)
from hypothesis import given
from hypothesis import strategies as st
from record_strategies import records

from ariane.files import read_yaml
from ariane.intake.config import SCHEMA as CONFIG
from ariane.intake.config import settings_of
from ariane.model.case import Sex, Status
from ariane.model.errors import ArianeError
from ariane.registry import matchmaker
from ariane.registry.documents import Document
from ariane.registry.gates import Destination, Purpose
from ariane.registry.patch import Refusal
from ariane.registry.record import AlleleRecord, Candidate, CaseRecord, Coded, FindingRecord

TO = Destination(Purpose.MATCHMAKER)
CONTEXT = context_for(TO, **OPTIONS)
GENES_ALONE = context_for(TO, matchmaker={"contact": CONTACT, "variants": False})


def written(*given: CaseRecord, context: Any = CONTEXT) -> list[Document | Refusal]:
    return list(matchmaker.write(iter(given), context))


def patient_of(one: CaseRecord, context: Any = CONTEXT) -> dict[str, Any]:
    (document,) = written(one, context=context)
    assert isinstance(document, Document)
    assert list(matchmaker.check(document, context)) == []
    content: dict[str, Any] = json.loads(document.text)["patient"]
    return content


def with_alleles(*alleles: AlleleRecord, **more: Any) -> CaseRecord:
    finding = replace(FOUND, alleles=alleles, **more)
    return record(candidates=(Candidate(finding, Coded("OMIM:1", ""), 1, 1, 0.9),))


def test_a_request_says_what_the_api_takes_and_nothing_else() -> None:
    assert patient_of(record()) == {
        "id": "F1",
        "label": "F1",
        "contact": CONTACT,
        "species": "NCBITaxon:9606",
        "sex": "FEMALE",
        "ageOfOnset": "HP:0003593",
        "inheritanceMode": "HP:0000006",
        "features": [
            {"id": "HP:0001250", "label": "Seizure", "observed": "yes"},
            {"id": "HP:0000252", "label": "Microcephaly", "observed": "no"},
        ],
        "genomicFeatures": [
            {
                "gene": {"id": SYMBOL, "_hgnc": GENE},
                "variant": {
                    "assembly": "GRCh38", "referenceName": "1", "start": 54, "end": 55,
                    "referenceBases": "A", "alternateBases": "G",
                },
                "zygosity": 1,
                "type": {"id": "SO:0001583", "label": "missense_variant"},
            }
        ],
    }  # fmt: skip


def test_genes_alone_where_the_site_shares_no_variants() -> None:
    (one,) = patient_of(record(), GENES_ALONE)["genomicFeatures"]
    assert one.keys() == {"gene", "zygosity", "type"}


@pytest.mark.parametrize(
    ("key", "variant"),
    [
        ("chr1-90-CT-C", {"start": 89, "end": 91, "referenceBases": "CT", "alternateBases": "C"}),
        ("chrX-90-c-ctt", {"start": 89, "end": 90, "referenceBases": "C", "alternateBases": "CTT"}),
        ("chr1-1000-N-<DEL:5000>", {"start": 1000, "end": 5000}),
        ("chr4-10-A-<INS:10>", {"start": 10, "end": 11}),
        ("chr2-321681-G-G]chr17:198982]", {"start": 321680}),
    ],
)
def test_places_are_0_based_and_half_open(key: str, variant: Mapping[str, Any]) -> None:
    (one,) = patient_of(with_alleles(replace(ALLELE, key=key)))["genomicFeatures"]
    found = {k: v for k, v in one["variant"].items() if k not in ("assembly", "referenceName")}
    assert found == variant


@pytest.mark.parametrize("key", ["chrM-3243-A-G", "chrUn_KI270742v1-5-A-G", "odd"])
def test_what_the_api_has_no_word_for_leaves_the_gene(key: str) -> None:
    (one,) = patient_of(with_alleles(replace(ALLELE, key=key)))["genomicFeatures"]
    assert "variant" not in one
    assert one["gene"]["id"] == SYMBOL


@pytest.mark.parametrize(
    ("gene", "told"),
    [
        (Coded("HGNC:1", "A1BG-AS1"), {"id": "A1BG-AS1", "_hgnc": "HGNC:1"}),
        (Coded("ENSG00000139618.4", "BRCA2"), {"id": "ENSG00000139618"}),
        (Coded("gene-x", "X1"), {"id": "X1"}),
        (Coded("HGNC:1", ""), None),
    ],
)
def test_genes(gene: Coded, told: Mapping[str, str] | None) -> None:
    found = patient_of(with_alleles(ALLELE, gene=gene)).get("genomicFeatures", [])
    assert [one["gene"] for one in found] == ([told] if told else [])


@pytest.mark.parametrize(
    ("zygosity", "copies"), [("het", 1), ("hemi", 1), ("hom", 2), ("heteroplasmic", None)]
)
def test_zygosity(zygosity: str, copies: int | None) -> None:
    (one,) = patient_of(with_alleles(replace(ALLELE, zygosity=zygosity)))["genomicFeatures"]
    assert one.get("zygosity") == copies


def test_what_people_retained_goes_before_what_ariane_proposes() -> None:
    other = FindingRecord("x", Coded("HGNC:2", "OTHER1"), "AR", "hom", (ALLELE,))
    told = record(decision=decision(Status.CANDIDATE), named=(other,))
    (one,) = patient_of(told)["genomicFeatures"]
    assert one["gene"]["id"] == "OTHER1"
    assert patient_of(told)["disorders"] == [{"id": "MIM:1", "label": "One"}]


@pytest.mark.parametrize(
    ("disease", "told"),
    [(Coded("ORPHA:558", ""), [{"id": "Orphanet:558"}]), (Coded("MONDO:0007947", "x"), [])],
)
def test_disorders(disease: Coded, told: list[Mapping[str, str]]) -> None:
    part = decision(Status.PARTLY_SOLVED, disease=disease)
    assert patient_of(record(decision=part)).get("disorders", []) == told


def test_a_refuted_disease_is_no_disorder() -> None:
    assert "disorders" not in patient_of(record(decision=decision(Status.REFUTED)))


def test_what_is_unknown_is_not_said() -> None:
    bare = replace(PROVENANCE, interpretable=False)
    patient = patient_of(record(sex=Sex.UNKNOWN, onset=None, provenance=bare))
    assert not {"sex", "ageOfOnset", "inheritanceMode", "genomicFeatures"} & set(patient)
    assert "ageOfOnset" not in patient_of(record(onset=Coded("HP:0030674", "Antenatal onset")))


def test_two_modes_are_no_mode() -> None:
    other = FindingRecord("x", Coded("HGNC:2", "OTHER1"), "AR", "hom", (ALLELE,))
    both = record(
        candidates=(
            Candidate(FOUND, Coded("OMIM:1", ""), 1, 1, 0.5),
            Candidate(other, Coded("OMIM:2", ""), 2, 2, 0.4),
        )
    )
    assert "inheritanceMode" not in patient_of(both)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"decision": decision(), "named": (FOUND,)}, "solved: there is nothing to look for"),
        ({"decision": decision(Status.CLOSED)}, "closed: there is nothing to look for"),
        ({"status": Status.SOLVED}, "solved: there is nothing to look for"),
        ({"observed": (), "excluded": (), "candidates": ()}, "neither a phenotype nor"),
        ({"observed": (Coded("seizure", ""),)}, "'seizure' is not an HPO term"),
        ({"excluded": (Coded("HP:0001250", ""),)}, "both observed and excluded"),
    ],
)
def test_each_refusal(change: Mapping[str, Any], reason: str) -> None:
    (refusal,) = written(record(**change))
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reasons[0]


@pytest.mark.parametrize(
    "contact",
    [None, {}, {"name": "x"}, {"name": "x", "href": "06 12 34 56 78"},
     {"name": "x", "href": "https://x.org", "roles": ["friend"]},
     {"name": "x", "href": "https://x.org", "email": "no"}],
)  # fmt: skip
def test_without_a_right_contact_nothing_is_written(contact: Any) -> None:
    context = context_for(TO, matchmaker={"contact": contact})
    with pytest.raises(ArianeError, match="contact' is missing or not as the API"):
        written(record(), context=context)


def test_the_configuration_takes_a_contact(tmp_path: Path) -> None:
    sheet = tmp_path / "families.tsv"
    sheet.write_text("")
    raw = {"cycle": "c", "release": "r", "families": str(sheet), "exports": OPTIONS}
    settings, faults = settings_of(raw, "config.yaml")
    assert settings is not None, faults
    assert settings.exports["matchmaker"] == OPTIONS["matchmaker"]
    _, faults = settings_of({**raw, "exports": {"matchmaker": {"contact": {}}}}, "config.yaml")
    assert faults
    assert "matchmaker" in read_yaml(CONFIG)["properties"]["exports"]["properties"]


@given(records(), st.booleans())
def test_any_record_is_a_valid_request_or_is_refused_with_a_reason(
    one: CaseRecord, exact: bool
) -> None:
    context = CONTEXT if exact else GENES_ALONE
    (first,) = written(one, context=context)
    assert written(one, context=context) == [first]
    if isinstance(first, Refusal):
        assert all(first.reasons)
        return
    assert list(matchmaker.check(first, context)) == []
    if not exact:
        assert "referenceName" not in first.text
    assert "posterior" not in first.text


def broken(change: Any, context: Any = CONTEXT) -> list[str]:
    """Faults that the checker finds in a right request that was changed."""
    patient = patient_of(record())
    change(patient)
    text = json.dumps({"patient": patient})
    return list(matchmaker.check(Document("F1.json", text), context))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p: p.update(id=""), "patient/id"),
        (lambda p: p.update(id="x" * 256), "patient/id"),
        (lambda p: p.pop("contact"), "'contact' is a required property"),
        (lambda p: p["contact"].update(href="x"), "patient/contact/href"),
        (lambda p: p.update(birthDate="2001-01-01"), "'birthDate' was unexpected"),
        (lambda p: p.update(sex="OTHER"), "patient/sex"),
        (lambda p: p.update(ageOfOnset="HP:0030674"), "patient/ageOfOnset"),
        (lambda p: [p.pop("features"), p.pop("genomicFeatures")], "is not valid under any"),
        (lambda p: p["features"][0].update(observed="unknown"), "'unknown' is not one of"),
        (lambda p: p["features"].append(p["features"][0]), "a feature is told twice"),
        (lambda p: p["features"][0].update(id="seizure"), "patient/features/0/id"),
        (lambda p: p["genomicFeatures"][0].update(zygosity=3), "3 is not one of"),
        (lambda p: p["genomicFeatures"][0].pop("gene"), "'gene' is a required property"),
        (lambda p: p["genomicFeatures"][0]["variant"].update(referenceName="chr1"), "'chr1'"),
        (lambda p: p["genomicFeatures"][0]["variant"].update(end=10), "ends before it starts"),
        (lambda p: p["genomicFeatures"][0]["variant"].update(end=60), "does not fit"),
        (lambda p: p["genomicFeatures"][0]["type"].update(id="missense"), "type/id"),
        (lambda p: p.update(disorders=[{"id": "OMIM:1"}]), "disorders/0/id"),
    ],
)  # fmt: skip
def test_each_fault_that_the_checker_knows(change: Any, fault: str) -> None:
    assert any(fault in one for one in broken(change)), broken(change)


def test_a_variant_that_the_site_does_not_share_is_a_fault() -> None:
    assert "a variant, though the configuration shares genes alone" in broken(
        lambda p: None, GENES_ALONE
    )
    assert list(matchmaker.check(Document("F1.json", "{"), CONTEXT)) == ["is not JSON"]
