"""The section FR-Diagnostic-admission-hopital of SDM-MR, built from typed diagnoses.

Each diagnosis is a table of the narrative and an entry whose texts refer to that table, as in the
examples of the ANS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree

from ariane.model.case import Sex
from ariane.registry.identifiers import uuid_of
from ariane.registry.sdm_diagnosis import Diagnosis
from ariane.registry.sdm_shapes import (
    ACT,
    CDA,
    COMMENT,
    LOINC,
    OBSERVATION,
    PROBLEM,
    SDTC,
    SECTION,
    SNOMED,
    SUBJECT,
    TYPE,
    Element,
    Shape,
)
from ariane.registry.sdm_tables import Coding, Edition, Field, systems
from ariane.registry.sdm_values import PLACEHOLDER, Months, Null, Value, Words, values_of
from ariane.safe import visible

_GENDERS: Final = {Sex.FEMALE: ("F", "Féminin"), Sex.MALE: ("M", "Masculin")}


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A new last child, its text made safe; ``type`` is the type of a value."""
    kind = attributes.pop("type", "")
    child = etree.SubElement(parent, f"{{{CDA}}}{tag}")
    if kind:
        child.set(TYPE, kind)
    for name, value in attributes.items():
        child.set(name, visible(value))
    if text:
        child.text = visible(text)
    return child


def templates(parent: Element, shape: Shape) -> None:
    """The template identifiers that an element conforms to."""
    for root in shape.templates:
        add(parent, "templateId", root=root)


def coded(
    parent: Element, tag: str, code: str, label: str, system: str, system_name: str, **more: str
) -> Element:
    """A coded element; without a name where there is none."""
    names = {"displayName": label} if label else {}
    return add(
        parent, tag, code=code, **names, codeSystem=system, codeSystemName=system_name, **more
    )


def add_section(parent: Element, diagnoses: Sequence[Diagnosis], edition: Edition) -> Element:
    """The section with all its entries.

    Raises:
        UntellableError: a value set in force does not hold a word of a diagnosis.
    """
    section = add(parent, "section")
    templates(section, SECTION)
    add(section, "id", root=_uid(*(d.id for d in diagnoses), "section"))
    coded(section, "code", "46241-6", "Diagnostic d'admission à l'hôpital", LOINC, "LOINC")
    add(section, "title", "Diagnostics MR")
    text = add(section, "text")
    for number, diagnosis in enumerate(diagnoses, start=1):
        rows = list(_rows(diagnosis, edition, number))
        _narrative(text, diagnosis, number, rows)
        _entry(add(section, "entry"), diagnosis, edition, number, rows)
    return section


Row = tuple[Field, Value, str]
"""A field, one of its values, and the identifier of its text in the narrative."""


def _rows(diagnosis: Diagnosis, edition: Edition, number: int) -> Iterator[Row]:
    for field in edition.fields:
        for turn, value in enumerate(values_of(field, diagnosis, edition), start=1):
            yield field, value, f"diagnostic-{number}-{field.code}-{turn}"


def _narrative(text: Element, diagnosis: Diagnosis, number: int, rows: Sequence[Row]) -> None:
    table = add(text, "table", border="0")
    head = add(add(table, "thead"), "tr")
    about = " (fœtus)" if diagnosis.foetus is not None else ""
    add(head, "th", f"Diagnostic {number}{about} : proposition à valider")
    add(head, "th")
    body = add(table, "tbody")

    def line(label: str, shown: str, identifier: str = "") -> None:
        row = add(body, "tr")
        add(row, "td", label)
        cell = add(row, "td", "" if identifier else shown)
        if identifier:
            add(cell, "content", shown, ID=identifier)

    line("Identifiant du diagnostic", diagnosis.id)
    line("Date du diagnostic", diagnosis.made_on or "Inconnue")
    line("Maladie rare", diagnosis.disease.shown, _disease_id(number))
    for field, value, identifier in rows:
        line(field.label, value.shown, identifier)
    if all(field.kind != "comment" for field, _, _ in rows) and diagnosis.comment:
        line("Commentaire", diagnosis.comment)


def _entry(
    entry: Element, diagnosis: Diagnosis, edition: Edition, number: int, rows: Sequence[Row]
) -> None:
    # In 2022.01 the act is the diagnosis and bears its identifier, in 2024.01 the observation.
    nested = edition.model.nested
    act = add(entry, "act", classCode="ACT", moodCode="EVN")
    templates(act, ACT)
    add(act, "id", root=_uid(diagnosis.id, "act") if nested else diagnosis.id)
    add(act, "code", nullFlavor="NA")
    add(act, "statusCode", code="active")
    add(act, "effectiveTime", nullFlavor="NA")
    problem = add(
        add(act, "entryRelationship", typeCode="SUBJ", inversionInd="false"),
        "observation",
        classCode="OBS",
        moodCode="EVN",
    )
    templates(problem, PROBLEM)
    add(problem, "id", root=diagnosis.id if nested else _uid(diagnosis.id, "problem"))
    coded(problem, "code", "282291009", "interprétation diagnostique", SNOMED, "SNOMED CT")
    _reference(problem, _disease_id(number))
    add(problem, "statusCode", code="completed")
    when = add(problem, "effectiveTime", type="IVL_TS")
    day = diagnosis.made_on.replace("-", "")
    add(when, "low", **({"value": day} if day else {"nullFlavor": "UNK"}))
    disease, system = diagnosis.disease, systems("disease")[0]
    if disease.code:
        value = coded(
            problem, "value", disease.code, disease.label, system.oid, system.name, type="CD"
        )
    else:
        value = add(problem, "value", nullFlavor=disease.null, type="CD")
    add(add(value, "originalText"), "reference", value=f"#{_disease_id(number)}")
    if diagnosis.foetus is not None:
        _subject(problem, diagnosis.foetus)
    home = problem if nested else act
    for field, told, identifier in rows:
        _observation(home, diagnosis, field, told, identifier)


def _observation(
    home: Element, diagnosis: Diagnosis, field: Field, value: Value, identifier: str
) -> None:
    comment = field.kind == "comment"
    link = add(home, "entryRelationship", typeCode="SUBJ" if comment else "REFR")
    if field.inversion:
        link.set("inversionInd", "true")
    if comment:
        act = add(link, "act", classCode="ACT", moodCode="EVN")
        templates(act, COMMENT)
        coded(act, "code", field.code, field.label, field.system, field.system_name)
        _reference(act, identifier)
        add(act, "statusCode", code="completed")
        return
    observation = add(link, "observation", classCode="OBS", moodCode="EVN")
    templates(observation, OBSERVATION)
    add(observation, "id", root=_uid(diagnosis.id, identifier))
    coded(observation, "code", field.code, field.label, field.system, field.system_name)
    _reference(observation, identifier)
    add(observation, "statusCode", code="completed")
    add(observation, "effectiveTime", nullFlavor="NA")
    match value:
        case Coding():
            coded(
                observation, "value", value.code, value.label, value.system, value.system_name,
                type="CD",
            )  # fmt: skip
        case Months():
            add(observation, "value", value=str(value.count), unit=field.values, type="PQ")
        case Words():
            add(observation, "value", value.shown, type="ST")
        case Null():
            add(observation, "value", nullFlavor=value.flavor, type=field.kind)


def _subject(problem: Element, sex: Sex) -> None:
    """The foetus that a diagnosis is about, in the document of the mother, whose names it needs."""
    subject = add(problem, "subject", typeCode="SBJ")
    templates(subject, SUBJECT)
    related = add(subject, "relatedSubject", classCode="PRS")
    coded(related, "code", "CHILD", "Enfant", "2.16.840.1.113883.5.111", "RoleCode")
    person = add(related, "subject", classCode="PSN")
    etree.SubElement(person, f"{{{SDTC}}}id").set("nullFlavor", "NI")
    name = add(person, "name")
    add(name, "family", f"{PLACEHOLDER} : nom de naissance de la mère", qualifier="BR")
    add(name, "given", f"{PLACEHOLDER} : premier prénom de la mère", qualifier="BR")
    if sex in _GENDERS:
        code, label = _GENDERS[sex]
        add(
            person, "administrativeGenderCode", code=code, displayName=label,
            codeSystem="2.16.840.1.113883.5.1",
        )  # fmt: skip
    else:
        add(person, "administrativeGenderCode", nullFlavor="UNK")
    etree.SubElement(person, f"{{{SDTC}}}multipleBirthInd").set("nullFlavor", "NI")


def _reference(parent: Element, identifier: str) -> None:
    add(add(parent, "text"), "reference", value=f"#{identifier}")


def _uid(*parts: str) -> str:
    """A UUID, written as the examples write theirs."""
    return uuid_of("sdm-mr", *parts).upper()


def _disease_id(number: int) -> str:
    return f"diagnostic-{number}-maladie"
