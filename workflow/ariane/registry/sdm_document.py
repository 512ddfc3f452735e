"""A proposal in the form of an SDM-MR document: the diagnosis section under a header to fill.

The model demands the names, the INS and the authors that Ariane never holds. Each stands there as
a null flavor or as a text that begins with ``À REMPLACER``: the hospital's record system puts its
own in their place, or takes the section alone into its own document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from lxml import etree

from ariane.registry.identifiers import uuid_of
from ariane.registry.sdm_diagnosis import Diagnosis
from ariane.registry.sdm_section import add, add_section
from ariane.registry.sdm_shapes import (
    CDA,
    DOCUMENT,
    DOCUMENT_TEMPLATE,
    LOINC,
    SDTC,
    SNOMED,
    XSI,
    Element,
)
from ariane.registry.sdm_tables import Edition
from ariane.registry.sdm_values import PLACEHOLDER

PROPOSAL: Final = "PROPOSITION À VALIDER"
TITLE: Final = f"{PROPOSAL} - Set de données minimum maladies rares (SDM-MR)"

_NOTICE: Final = (
    " Proposition d'Ariane. Ce n'est pas un document SDM-MR : le dossier patient de "
    "l'établissement remplit l'en-tête, et tout ce qui porte nullFlavor NI ou commence par "
    f"{PLACEHOLDER} ; les sections obligatoires du dossier manquent. Un clinicien valide avant "
    "tout envoi. "
)
_NOT_TOLD: Final = {"nullFlavor": "NI"}


def document(case: str, diagnoses: Sequence[Diagnosis], edition: Edition, cycle: str) -> str:
    """The whole proposal for a case, as the text of an XML file.

    Raises:
        UntellableError: a value set in force does not hold a word of a diagnosis.
    """
    # The stubs know no default namespace.
    spaces = cast("Mapping[str, str]", {None: CDA, "xsi": XSI, "sdtc": SDTC})
    root: Element = etree.Element(f"{{{CDA}}}ClinicalDocument", nsmap=spaces)
    root.append(etree.Comment(_NOTICE))
    add(root, "realmCode", code="FR")
    add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    for template in DOCUMENT.templates:
        of_model = {"extension": edition.version} if template == DOCUMENT_TEMPLATE else {}
        add(root, "templateId", root=template, **of_model)
    add(root, "id", root=uuid_of("sdm-mr", case, cycle, edition.version, edition.day).upper())
    add(root, "code", code="34133-9", displayName="Synthèse d'épisode de soins", codeSystem=LOINC)
    add(root, "title", TITLE)
    add(root, "effectiveTime", **_NOT_TOLD)
    add(
        root, "confidentialityCode", code="N", displayName="Normal",
        codeSystem="2.16.840.1.113883.5.25",
    )  # fmt: skip
    add(root, "languageCode", code="fr-FR")
    add(root, "setId", root=uuid_of("sdm-mr", case, "set").upper())
    add(root, "versionNumber", value="1")
    _patient(root, case)
    _author(root)
    _custodian(root)
    _signatory(root)
    _act(root)
    _encounter(root)
    body = add(add(root, "component"), "structuredBody")
    add_section(add(body, "component"), diagnoses, edition)
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text.decode("utf-8")


def _patient(root: Element, case: str) -> None:
    role = add(add(root, "recordTarget"), "patientRole", classCode="PAT")
    add(
        role, "id", **_NOT_TOLD, extension=case,
        assigningAuthorityName=f"{PLACEHOLDER} : pseudonyme d'Ariane, mettre l'INS et l'IPP",
    )  # fmt: skip
    add(role, "addr", **_NOT_TOLD)
    add(role, "telecom", **_NOT_TOLD)
    patient = add(role, "patient", classCode="PSN")
    name = add(patient, "name")
    add(name, "family", f"{PLACEHOLDER} : nom de naissance", qualifier="BR")
    add(name, "given", f"{PLACEHOLDER} : prénoms de l'acte de naissance")
    add(name, "given", f"{PLACEHOLDER} : premier prénom de naissance", qualifier="BR")
    add(patient, "administrativeGenderCode", **_NOT_TOLD)
    add(patient, "birthTime", **_NOT_TOLD)
    add(add(add(patient, "birthplace"), "place"), "addr", **_NOT_TOLD)


def _author(root: Element) -> None:
    author = add(root, "author")
    add(author, "time", **_NOT_TOLD)
    _professional(add(author, "assignedAuthor"), "clinicien qui suit le patient")


def _custodian(root: Element) -> None:
    assigned = add(add(root, "custodian"), "assignedCustodian")
    _organisation(add(assigned, "representedCustodianOrganization"))


def _signatory(root: Element) -> None:
    signatory = add(root, "legalAuthenticator")
    add(signatory, "time", **_NOT_TOLD)
    add(signatory, "signatureCode", **_NOT_TOLD)
    entity = add(signatory, "assignedEntity")
    _professional(entity, "signataire")
    _organisation(add(entity, "representedOrganization"))


def _act(root: Element) -> None:
    event = add(add(root, "documentationOf"), "serviceEvent")
    add(
        event, "code", code="11429006", displayName="consultation", codeSystem=SNOMED,
        codeSystemName="SNOMED CT",
    )  # fmt: skip
    add(add(event, "effectiveTime"), "low", **_NOT_TOLD)
    entity = add(add(event, "performer", typeCode="PRF"), "assignedEntity")
    _professional(entity, "clinicien de la consultation", brief=True)
    _organisation(add(entity, "representedOrganization"))


def _encounter(root: Element) -> None:
    encounter = add(add(root, "componentOf"), "encompassingEncounter")
    add(add(encounter, "effectiveTime"), "low", **_NOT_TOLD)
    facility = add(add(encounter, "location"), "healthCareFacility")
    add(facility, "code", **_NOT_TOLD)
    place = add(facility, "location")
    add(place, "name", f"{PLACEHOLDER} : établissement")
    add(place, "addr", **_NOT_TOLD)


def _professional(parent: Element, who: str, *, brief: bool = False) -> None:
    """A person of the hospital; briefly where the examples ask for no specialty and address."""
    add(parent, "id", **_NOT_TOLD)
    if not brief:
        add(parent, "code", **_NOT_TOLD)
    for tag in ("addr", "telecom"):
        add(parent, tag, nullFlavor="NASK" if brief else "NI")
    name = add(add(parent, "assignedPerson"), "name")
    add(name, "given", f"{PLACEHOLDER} : prénom du {who}")
    add(name, "family", f"{PLACEHOLDER} : nom du {who}")


def _organisation(parent: Element) -> None:
    add(parent, "id", **_NOT_TOLD)
    add(parent, "name", f"{PLACEHOLDER} : établissement")
    add(parent, "telecom", **_NOT_TOLD)
    add(parent, "addr", **_NOT_TOLD)
