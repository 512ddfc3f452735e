"""The checker of SDM-MR: it passes the examples of the ANS, and tells each break by its field."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from export_world import FOUND, KEY, decision, record
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from sdm_world import EXAMPLES, diagnoses, edition, present, section_of, told, written

from ariane.model.case import Sex, Status
from ariane.registry.patch import Refusal
from ariane.registry.record import AlleleRecord, Coded, Relative
from ariane.registry.sdm_check import faults_of
from ariane.registry.sdm_check_section import section_faults
from ariane.registry.sdm_diagnosis import Age, Diagnosis
from ariane.registry.sdm_disease import Disease
from ariane.registry.sdm_document import document
from ariane.registry.sdm_shapes import CDA, DOCUMENT, SDTC, TYPE, Element, faults_of_shape
from ariane.registry.sdm_tables import VERSIONS, Edition, Field

NOW = {version: Edition(version, "2024-10-22") for version in VERSIONS}
WHOLE = Diagnosis(
    id="6D4F2B36-0D0A-5F7E-9C29-5B9A8D0C1111",
    status="confirmed",
    disease=Disease("355", "Maladie de Gaucher", "", "Maladie de Gaucher (code ORPHA : 355)"),
    made_on="2024-02-01",
    signs=(Coded("HP:0001250", "Seizure"), Coded("HP:0000252", "Microcephaly")),
    heredity="sporadic",
    first_signs=Age("age", 5),
    at_entry="absent",
    clinical=Age("age", 12),
    genetic=Age("age", 40),
    techniques=("pangenomic", "array"),
    investigations=("molecular", "clinical"),
    genes=(Coded("HGNC:4177", "GBA1"),),
    variants="NM_000001.2:c.1A>G",
    comment="Un commentaire",
)
"""A diagnosis of which everything is told."""


def whole(version: str, *more: Diagnosis) -> Element:
    text = document("F1", [WHOLE, *more], NOW[version], "c1")
    return etree.fromstring(text.encode("utf-8"))


def faults(root: Element, version: str) -> list[str]:
    text = etree.tostring(root, encoding="unicode")
    return list(faults_of(text, "F1.xml", NOW[version]))


def links(root: Element, code: str) -> list[Element]:
    """The relations that hold a field."""
    return [
        link for link in root.iter(f"{{{CDA}}}entryRelationship")
        if any(c.get("code") == code for c in link.iterfind(f"*/{{{CDA}}}code"))
    ]  # fmt: skip


def one(root: Element, path: str) -> Element:
    found = root.find(".//" + "/".join(f"{{{CDA}}}{name}" for name in path.split("/")))
    assert found is not None, path
    return found


def value(root: Element, code: str) -> Element:
    return one(links(root, code)[0], "value")


def drop(element: Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


# The examples of the ANS


@pytest.mark.shared_data
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_examples_pass(path: Path) -> None:
    root = etree.parse(str(present(path))).getroot()
    assert list(section_faults(section_of(root), NOW["2024.01"])) == []
    assert list(faults_of_shape(root, DOCUMENT)) == []


def signature(element: Element, skip: str = "text") -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every element below one, with the field it belongs to and the names of its attributes."""
    for held in element.iter():
        if not isinstance(held.tag, str):
            continue
        chain = [etree.QName(e).localname for e in (held, *held.iterancestors())]
        if skip in chain[1:]:
            continue
        owner = next((e for e in (held, *held.iterancestors()) if e.tag.endswith("}observation")
                      or e.tag.endswith("}act")), element)  # fmt: skip
        code = owner.find(f"{{{CDA}}}code")
        names = tuple(sorted(etree.QName(name).localname for name in held.attrib))
        name = "" if code is None else code.get("code") or ""
        yield name, "/".join(chain[: chain.index(etree.QName(owner).localname) + 1]), names


@pytest.mark.shared_data
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_a_whole_diagnosis_is_built_as_in_the_examples(path: Path) -> None:
    """Same elements and attributes in each field, same templates, same order of the fields."""
    example = section_of(etree.parse(str(present(path))).getroot())
    own = section_of(whole("2024.01"))
    theirs = set(signature(example))
    known = {(field, place) for field, place, _ in theirs}
    for field, place, names in signature(own):
        assert (field, place) in known
        held = [set(n) for f, p, n in theirs if (f, p) == (field, place)]
        # A time may be told or not, and some name its type.
        spare = (
            {"type", "value", "nullFlavor"} if place.startswith(("effectiveTime", "low")) else {}
        )
        assert any(set(names).difference(spare) <= one_of for one_of in held), (field, place, names)
    for name in ("templateId", "statusCode"):
        ours, others = ([e.get("root") or e.get("code") for e in s.iter(f"{{{CDA}}}{name}")]
                        for s in (own, example))  # fmt: skip
        assert set(ours) <= set(others)
    codes = [c.get("code") for c in example.iter(f"{{{CDA}}}code") if c.get("code")]
    order = list(dict.fromkeys(code for code in codes if code not in ("ORG-070", "S001")))
    ours = [c.get("code") for c in own.iter(f"{{{CDA}}}code") if c.get("code")]
    assert list(dict.fromkeys(ours)) == order


@pytest.mark.shared_data
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_a_hospital_takes_the_section_into_its_document(path: Path) -> None:
    root = etree.parse(str(present(path))).getroot()
    other = decision(Status.PARTLY_SOLVED, disease=Coded("ORPHA:1", "Disorder one"))
    proposal = section_of(written(record(decision=other, named=(FOUND,))))
    old = section_of(root)
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, copy.deepcopy(proposal))
    merged = etree.fromstring(etree.tostring(root))
    assert list(section_faults(section_of(merged), NOW["2024.01"])) == []
    assert list(faults_of_shape(merged, DOCUMENT)) == []
    assert [fields["MED-072"] for fields in diagnoses(merged)] == [["255545003"], ["385651009"]]


PATIENT: dict[str, dict[str, str]] = {
    "id": {"root": "1.2.3.4.567.8.9.10", "extension": "INVENTE-1"},
    "code": {"code": "G15_10", "displayName": "Médecin", "codeSystem": "1.2.250.1.213.1.1.4.5"},
    "telecom": {"value": "tel:0100000000", "use": "WP"},
    "administrativeGenderCode": {
        "code": "F", "displayName": "Féminin", "codeSystem": "2.16.840.1.113883.5.1",
    },
    "signatureCode": {"code": "S"},
    "time": {"value": "20240228160000+0100"},
    "low": {"value": "20240228160000+0100"},
    "birthTime": {"value": "20000101"},
    "effectiveTime": {"value": "20240228160000+0100"},
}  # fmt: skip
"""An invented patient and her invented hospital."""


def fill(root: Element) -> None:
    """Fill a proposal as a hospital's record system does."""
    for leaf in list(root.iter()):
        if not isinstance(leaf.tag, str):
            drop(leaf)  # the notice that this is a proposal
            continue
        name = etree.QName(leaf).localname
        if leaf.get("nullFlavor") == "NI":
            if name == "value":  # appreciation at entry
                leaf.attrib.pop("nullFlavor")
                for attribute, text in (("code", "2667000"), ("displayName", "absent"),
                                        ("codeSystem", "2.16.840.1.113883.6.96"),
                                        ("codeSystemName", "SNOMED CT")):  # fmt: skip
                    leaf.set(attribute, text)
                continue
            leaf.attrib.clear()
            if name == "addr":
                etree.SubElement(leaf, f"{{{CDA}}}city").text = "PARIS"
            for attribute, text in PATIENT.get(name, {}).items():
                leaf.set(attribute, text)
        if (leaf.text or "").startswith("À REMPLACER"):
            leaf.text = "INVENTE"
        if name == "title" and (leaf.text or "").startswith("PROPOSITION"):
            leaf.text = "Set de données minimum maladies rares (SDM-MR)"


@pytest.mark.shared_data
@pytest.mark.parametrize("version", VERSIONS)
def test_a_filled_proposal_has_the_structure_of_the_examples(version: str) -> None:
    theirs: set[tuple[str, tuple[str, ...]]] = set()
    for path in EXAMPLES:
        theirs |= set(headers(etree.parse(str(present(path))).getroot()))
    root = written(record(), version=version, value_sets="2024-10-22")
    fill(root)
    text = etree.tostring(root, encoding="unicode")
    assert "À REMPLACER" not in text
    assert 'nullFlavor="NI"' not in text
    assert list(faults_of_shape(root, DOCUMENT)) == []
    assert list(section_faults(section_of(root), NOW[version])) == []
    places = {place for place, _ in theirs}
    for place, names in headers(root):
        assert place in places
        assert any(set(names) <= set(n) for p, n in theirs if p == place), (place, names)
    # What the schematron of the header asserts (Entete_SDMMR.sch of 2022.01 and 2024.01).
    patient = one(root, "recordTarget/patientRole/patient")
    assert one(root, "recordTarget/patientRole").get("classCode") == "PAT"
    assert one(patient, "birthTime").get("value")
    assert patient.find(f"{{{CDA}}}name/{{{CDA}}}family[@qualifier='BR']") is not None
    assert one(root, "documentationOf/serviceEvent/code").get("code") == "11429006"
    assert one(root, "setId").get("root")
    assert one(root, "versionNumber").get("value") == "1"


def headers(root: Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Elements of the header with their place and the names of their attributes."""
    for held in root.iter():
        if isinstance(held.tag, str):
            chain = [etree.QName(e).localname for e in (held, *held.iterancestors())]
            if "component" not in chain:
                names = tuple(sorted(etree.QName(n).localname for n in held.attrib))
                yield "/".join(chain), tuple(n for n in names if n != "schemaLocation")


# What breaks the model


@pytest.mark.parametrize("version", VERSIONS)
def test_a_whole_diagnosis_passes_in_both_versions(version: str) -> None:
    assert faults(whole(version), version) == []
    codes = {c.get("code") for c in whole(version).iter(f"{{{CDA}}}code")}
    silent = {"GEN-163", "MED-086", "MED-064"}
    assert {field.code for field in NOW[version].fields} - silent <= codes


FIELDS = [(version, field) for version in VERSIONS for field in NOW[version].fields]


@pytest.mark.parametrize(("version", "field"), FIELDS, ids=lambda f: getattr(f, "code", f))
def test_cardinalities(version: str, field: Field) -> None:
    root = whole(version)
    held = links(root, field.code)
    if not held:
        assert field.code in ("GEN-163", "MED-086", "MED-064")
        return
    parent = held[0].getparent()
    assert parent is not None
    twin = copy.deepcopy(held[0])
    for identifier in twin.iter(f"{{{CDA}}}id"):
        identifier.set("root", "0F0F0F0F-0000-4000-8000-000000000000")
    parent.append(twin)
    more = [f for f in faults(root, version) if "may" in f]
    expected = f"diagnosis 1: {field.name}: stands {len(held) + 1} times, at most {field.at_most}"
    assert more == ([] if field.at_most is None else [f"{expected} may"])
    for link in links(root, field.code):
        drop(link)
    less = [f for f in faults(root, version) if field.name in f]
    expected = f"diagnosis 1: {field.name}: stands 0 times, at least {field.at_least} must"
    assert less == ([expected] if field.at_least else [])


@pytest.mark.parametrize(("version", "field"), FIELDS, ids=lambda f: getattr(f, "code", f))
def test_values_of_each_field(version: str, field: Field) -> None:
    root = whole(version)
    if not links(root, field.code) or field.kind == "comment":
        return
    held = value(root, field.code)
    for name in ("code", "value"):
        if held.get(name):
            held.set(name, "nonsense")
    held.text = None
    told_of = [f for f in faults(root, version) if f.startswith(f"diagnosis 1: {field.name}: ")]
    assert told_of
    held.set(TYPE, "INT")
    assert any("of type 'INT'" in f for f in faults(root, version))
    held.attrib.clear()
    held.set(TYPE, field.kind)
    held.set("nullFlavor", "NI")
    nulls = [f for f in faults(root, version) if "null, but a value must stand" in f]
    assert bool(nulls) is (field.code not in ("MED-071", "ORG-017"))


Change = Callable[[Element], Any]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: one(r, "templateId").set("root", "1"), "header: templateId 2.16.840"),
        (lambda r: r.findall(f"{{{CDA}}}templateId")[2].set("extension", "2022.01"),
         "header: its model is not 1.2.250.1.213.1.1.1.30 of version 2024.01"),
        (lambda r: one(r, "code").set("code", "1"), "header: its code is not 34133-9"),
        (lambda r: setattr(one(r, "title"), "text", "SDM-MR"), "does not say that it is"),
        (lambda r: drop(one(r, "author")), "header: 0 of author, at least 1"),
        (lambda r: r.insert(0, one(r, "custodian")), "header: elements out of order"),
        (lambda r: etree.SubElement(r, f"{{{CDA}}}informant"), "header: informant tells"),
        (lambda r: etree.SubElement(r, f"{{{CDA}}}authorization"), "header: authorization tells"),
        (lambda r: etree.SubElement(r, f"{{{CDA}}}zzz"), "zzz: not an element of the model"),
        (lambda r: setattr(one(r, "patient/name/family"), "text", "DUPONT"),
         "header: recordTarget/family is not left to be filled"),
        (lambda r: one(r, "birthTime").attrib.clear(), "recordTarget/birthTime is not left"),
        (lambda r: one(r, "patientRole/id").set("extension", "F2"), "pseudonym of the patient"),
        (lambda r: one(r, "section/templateId").set("root", "1"), "section: templateId 1.3.6"),
        (lambda r: one(r, "section/code").set("code", "1"), "section: its code is not 46241-6"),
        (lambda r: drop(one(r, "section/title")), "section: 0 of title"),
        (lambda r: drop(one(r, "section/entry")), "section: 0 of entry, at least 1"),
        (lambda r: drop(one(r, "entry/act")), "diagnosis 1: entry: holds no act"),
        (lambda r: one(r, "act/code").set("nullFlavor", "UNK"), "act: its code is not the null"),
        (lambda r: one(r, "act/statusCode").set("code", "done"), "act: status 'done' is not"),
        (lambda r: one(r, "act/effectiveTime").attrib.clear(), "act: its time needs a low"),
        (lambda r: one(r, "act/entryRelationship/observation/templateId").set("root", "1"),
         "holds 0 diagnoses (282291009)"),
        (lambda r: one(r, "act/entryRelationship/observation/code").set("code", "1"),
         "disease: its code is not 282291009"),
        (lambda r: one(r, "act/entryRelationship/observation/statusCode").set("code", "active"),
         "disease: its statusCode is not completed"),
        (lambda r: one(section_of(r), "effectiveTime/low").attrib.clear(), "neither a day nor"),
        (lambda r: drop(one(r, "value/originalText")), "disease: its value refers to no text"),
        (lambda r: one(r, "value").set("code", "ORPHA:355"), "'ORPHA:355' is not written as"),
        (lambda r: one(r, "value").set("codeSystem", "1.2"), "disease: code system '1.2'"),
        (lambda r: one(r, "value").set("code", "616874"), "ORPHA:616874 stands, where it may not"),
        (lambda r: one(r, "value").set("nullFlavor", "UNK"), "stands beside a code"),
        (lambda r: one(r, "value").set(TYPE, "CE"), "disease: its value is not of type CD"),
        (lambda r: one(r, "text/reference").set("value", "#no"), "'#no', which is not in the narr"),
        (lambda r: value(r, "MED-1284").set("code", "0001250"), "'0001250' is not written as"),
        (lambda r: value(r, "MED-552").set("code", "4177"), "'4177' is not written as"),
        (lambda r: value(r, "PAT-014").set("unit", "mois"), "PAT-014 (Précision de l'âge"),
        (lambda r: value(r, "PAT-014").set("value", "-1"), "not a number of mo"),
        (lambda r: value(r, "PAT-013").set("code", "373068000"), "PAT-014: months stand beside"),
        (lambda r: value(r, "MED-072").set("code", "2931005"),
         "2931005 of 2.16.840.1.113883.6.96 is not in the value set in force on 2024-10-22"),
        (lambda r: value(r, "MED-072").set("code", "42425007"), "has not confirmed the code"),
        (lambda r: value(r, "MED-072").set("code", "385651009"), "PAT-064: an age at the genetic"),
        (lambda r: value(r, "MED-072").set("code", "385651009"), "MED-552: stands, but no disease"),
        (lambda r: links(r, "MED-072")[0].set("inversionInd", "false"), "wrong inversionInd"),
        (lambda r: links(r, "MED-072")[0].set("typeCode", "COMP"), "wrong typeCode"),
        (lambda r: one(links(r, "MED-072")[0], "statusCode").set("code", "active"),
         "MED-072 (Statut actuel du diagnostic): its statusCode"),
        (lambda r: one(links(r, "MED-072")[0], "observation/code").set("codeSystem", "1"),
         "the system of its code is not"),
        (lambda r: drop(one(links(r, "MED-072")[0], "observation/id")), "0 of id, at least 1"),
        (lambda r: drop(one(links(r, "48767-8")[0], "act/templateId")), "48767-8 (Commentaire)"),
        (lambda r: one(links(r, "MED-072")[0], "observation/code").set("code", "ORG-017"),
         "ORG-017: is no field of version 2024.01"),
        (lambda r: one(links(r, "PAT-062")[0], "id").set(
            "root", one(links(r, "PAT-064")[0], "id").get("root") or ""), "stands 2 times"),
        (lambda r: one(r, "structuredBody").append(copy.deepcopy(
            one(r, "structuredBody/component"))), "holds 2 diagnosis sections"),
    ],
)  # fmt: skip
def test_each_break_is_told_with_its_place(change: Change, words: str) -> None:
    root = whole("2024.01")
    change(root)
    told_of = faults(root, "2024.01")
    assert any(words in fault for fault in told_of), told_of


@pytest.mark.parametrize(("version", "word"), [("2024.01", "inside"), ("2022.01", "beside")])
def test_fields_stand_where_the_version_has_them(version: str, word: str) -> None:
    other = next(v for v in VERSIONS if v != version)
    assert any(f"has them {word} the diagnosis" in f for f in faults(whole(other), version))


def test_at_most_six_diagnoses() -> None:
    more = [replace(WHOLE, id=f"X{n}") for n in range(6)]
    assert faults(whole("2024.01", *more[:5]), "2024.01") == []
    assert faults(whole("2024.01", *more), "2024.01") == ["7 diagnoses, but BaMaRa takes at most 6"]


def test_a_foetus_needs_its_mother() -> None:
    foetus = replace(WHOLE, foetus=Sex.MALE)
    text = document("F1", [foetus], NOW["2024.01"], "c1")
    root = etree.fromstring(text.encode())
    assert faults(root, "2024.01") == []
    drop(one(root, "observation/subject/relatedSubject/subject/name/family"))
    (fault,) = faults(root, "2024.01")
    assert fault == "diagnosis 1: foetus: the mother's family name of birth lacks"
    drop(one(root, "observation/subject/relatedSubject/subject/administrativeGenderCode"))
    lacking = "diagnosis 1: foetus: 0 of administrativeGenderCode, at least 1 must stand there"
    assert lacking in faults(root, "2024.01")
    twin = root.find(f".//{{{SDTC}}}multipleBirthInd")
    assert twin is not None
    drop(twin)
    drop(one(root, "observation/subject/relatedSubject"))
    assert "diagnosis 1: foetus: the subject names nobody" in faults(root, "2024.01")
    old = document("F1", [foetus], NOW["2022.01"], "c1")
    assert "diagnosis 1: foetus: version 2022.01 carries none" in faults(
        etree.fromstring(old.encode()), "2022.01"
    )


@pytest.mark.parametrize(("told", "right"), [("true", True), ("false", True), ("oui", False)])
def test_a_field_that_is_true_or_false(told: str, right: bool) -> None:
    """MED-064, "sujet apparemment sain", which Ariane never writes."""
    root = whole("2022.01")
    (field,) = (f for f in NOW["2022.01"].fields if f.code == "MED-064")
    link = copy.deepcopy(links(root, "MED-074")[0])
    for identifier in link.iter(f"{{{CDA}}}id"):
        identifier.set("root", "0F0F0F0F-0000-4000-8000-000000000000")
    one(link, "observation/code").set("code", field.code)
    held = one(link, "observation/value")
    held.attrib.clear()
    held.set(TYPE, "BL")
    held.set("value", told)
    links(root, "MED-074")[0].addnext(link)
    told_of = [f for f in faults(root, "2022.01") if field.name in f]
    assert told_of == ([] if right else [f"diagnosis 1: {field.name}: neither true nor false"])


def test_a_site_needs_its_identifier_code_and_name() -> None:
    root = whole("2024.01")
    problem = one(root, "act/entryRelationship/observation")
    site = etree.Element(f"{{{CDA}}}participant")
    etree.SubElement(site, f"{{{CDA}}}participantRole")
    problem.insert(list(problem).index(one(problem, "value")) + 1, site)
    told_of = [f for f in faults(root, "2024.01") if "site" in f]
    assert [re.sub(".*its ", "", f) for f in told_of] == [
        "id lacks", "playingEntity/code lacks", "playingEntity/name lacks",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<a", "no whole XML document"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "document type"),
        ('<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>', "document type"),
        ("<a/>", "is no ClinicalDocument"),
        (f'<ClinicalDocument xmlns="{CDA}"/>', "0 of realmCode"),
    ],
)
def test_what_is_no_document_is_said_and_nothing_is_fetched(text: str, words: str) -> None:
    told_of = list(faults_of(text, "F1.xml", NOW["2024.01"]))
    assert any(words in fault for fault in told_of), told_of
    assert not any("root:" in fault for fault in told_of)


# Any record

TEXTS = st.text(max_size=12)
CODED = st.builds(Coded, st.sampled_from(["HP:0001250", "HP:0000252", "HP:1", ""]) | TEXTS, TEXTS)
GENES = st.builds(Coded, st.sampled_from(["HGNC:4177", "HGNC:5", "HGNC:", "GBA"]), TEXTS)
DISEASES = st.builds(
    Coded,
    st.sampled_from([*(f"ORPHA:{n}" for n in (0, 1, 2, 3, 4, 5, 15, 616874)), "OMIM:1", "x"]),
    TEXTS,
)
ALLELES = st.builds(
    AlleleRecord, st.just(KEY), TEXTS, TEXTS, TEXTS, TEXTS,
    zygosity=st.sampled_from(["", "het", "hom", "missing"]),
)  # fmt: skip
FINDINGS = st.builds(
    lambda gene, alleles, held: replace(FOUND, gene=gene, alleles=tuple(alleles), held=held),
    GENES, st.lists(ALLELES, max_size=3), st.booleans(),
)  # fmt: skip
DECISIONS = st.builds(
    decision,
    st.sampled_from(list(Status)),
    date=st.sampled_from(["2024-02-01", "", "x"]),
    report=st.sampled_from(["CR-7", "", " "]) | TEXTS,
    gene=st.none() | GENES,
    disease=st.none() | DISEASES,
    variants=st.sampled_from([(), (KEY,)]),
)
RELATIVES = st.builds(
    Relative, st.just("R"), st.sampled_from(["mother", "father", "sibling", "relative"]),
    st.sampled_from(list(Sex)), st.sampled_from([None, True, False]), st.booleans(),
)  # fmt: skip
RECORDS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(list(Status)),
        "sex": st.sampled_from(list(Sex)),
        "gestation": st.sampled_from(["", "P22W3D"]),
        "onset": st.none() | st.sampled_from([Coded("HP:0003577", "Congenital onset")]) | CODED,
        "observed": st.lists(CODED, max_size=4).map(tuple),
        "excluded": st.lists(CODED, max_size=2).map(tuple),
        "technique": st.sampled_from(["panel", "exome", "genome", ""]),
        "assembly": TEXTS,
        "relatives": st.lists(RELATIVES, max_size=3).map(tuple),
        "decision": st.none() | DECISIONS,
        "earlier": st.lists(DECISIONS, max_size=7).map(tuple),
        "named": st.lists(FINDINGS, max_size=2).map(tuple),
    }
)
OPTIONS = st.one_of(
    st.fixed_dictionaries(
        {
            "version": st.just(version),
            "value_sets": st.dates(date.fromisoformat(model.published), date(2030, 1, 1)).map(str),
            "impasse_code_confirmed": st.booleans(),
            "candidate_is_probable": st.booleans(),
        }
    )
    for version, model in VERSIONS.items()
)


@settings(max_examples=300)
@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}", fullmatch=True), RECORDS, OPTIONS)
@example(
    "F1",
    {"decision": decision(), "earlier": tuple(
        decision(Status.REFUTED, disease=Coded(f"OMIM:{n}", "")) for n in range(2, 8))},
    {"version": "2024.01"},
)  # fmt: skip
def test_any_record_gives_a_right_document_or_a_reason(
    name: str, given_: dict[str, Any], options: dict[str, Any]
) -> None:
    made = told(record(name, **given_), **options)
    assert made == told(record(name, **given_), **options)
    if isinstance(made, Refusal):
        assert made.case == name
        assert made.reasons
        assert all(made.reasons)
    else:
        assert list(faults_of(made.text, made.name, edition(**options))) == []
        assert made.name == f"{name}.xml"
