"""Checks a proposal of SDM-MR: the model, and what Ariane promises beyond it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree

from ariane.model.errors import ArianeError
from ariane.registry.orpha import UNDIAGNOSED
from ariane.registry.sdm_check_section import Found, read_section
from ariane.registry.sdm_diagnosis import MOST
from ariane.registry.sdm_document import PROPOSAL
from ariane.registry.sdm_shapes import (
    CDA,
    DOCUMENT,
    DOCUMENT_TEMPLATE,
    SECTION_TEMPLATE,
    Element,
    attribute,
    child,
    children,
    faults_of_shape,
)
from ariane.registry.sdm_tables import Edition
from ariane.registry.sdm_values import PLACEHOLDER
from ariane.safe import parse_xml

_PERSONS: Final = (
    "recordTarget", "author", "custodian", "legalAuthenticator", "documentationOf", "componentOf",
)  # fmt: skip
"""Parts of the header that tell of persons and places."""
_NEVER: Final = ("informant", "participant", "authorization")
_UNDIAGNOSED: Final = UNDIAGNOSED.removeprefix("ORPHA:")
_OF_A_CAUSE: Final[tuple[str, ...]] = ("MED-552", "MED-1286", "MED-068", "MED-1287", "MED-554")
"""Fields that tell of a cause, in both versions."""
_CONSULTATION: Final = "11429006"
"""The one code of those parts that the model fixes."""


def faults_of(text: str, name: str, edition: Edition) -> Iterator[str]:
    """What is wrong with a proposal, each in one sentence.

    Args:
        text: the document.
        name: its file name, ``{case}.xml``.
        edition: what the destination takes.
    """
    try:
        root = parse_xml(text.encode("utf-8"), name)
    except ArianeError as problem:
        yield str(problem)
        return
    if root.tag != f"{{{CDA}}}ClinicalDocument":
        yield "is no ClinicalDocument of CDA"
        return
    yield from _header(root, name.removesuffix(".xml"), edition)
    sections = [s for s in root.iter(f"{{{CDA}}}section") if _is_diagnoses(s)]
    if len(sections) != 1:
        yield f"holds {len(sections)} diagnosis sections ({SECTION_TEMPLATE}), one must stand there"
        return
    found, faults = read_section(sections[0], edition)
    yield from faults
    if len(found) > MOST:
        yield f"{len(found)} diagnoses, but BaMaRa takes at most {MOST}"
    for diagnosis in found:
        yield from diagnosis.faults
        yield from _promised(diagnosis, edition)
    identifiers = Counter(e.get("root") for e in root.iter(f"{{{CDA}}}id", f"{{{CDA}}}setId"))
    for identifier, count in sorted((i, n) for i, n in identifiers.items() if i and n > 1):
        yield f"identifier {identifier} stands {count} times"


def _is_diagnoses(section: Element) -> bool:
    return any(t.get("root") == SECTION_TEMPLATE for t in children(section, "templateId"))


def _header(root: Element, case: str, edition: Edition) -> Iterator[str]:
    yield from (f"header: {fault}" for fault in faults_of_shape(root, DOCUMENT))
    model = [t for t in children(root, "templateId") if t.get("root") == DOCUMENT_TEMPLATE]
    if [t.get("extension") for t in model] != [edition.version]:
        yield f"header: its model is not {DOCUMENT_TEMPLATE} of version {edition.version}"
    if attribute(child(root, "code"), "code") != "34133-9":
        yield "header: its code is not 34133-9"
    title = child(root, "title")
    if title is None or not (title.text or "").startswith(PROPOSAL):
        yield "header: the title does not say that it is a proposal"
    pseudonym = attribute(child(root, "recordTarget", "patientRole", "id"), "extension")
    if pseudonym != case:
        yield "header: the pseudonym of the patient is not that of the file"
    for name in _NEVER:
        if children(root, name):
            yield f"header: {name} tells of a person or a consent, which a proposal never does"
    for name in _PERSONS:
        for part in children(root, name):
            yield from (f"header: {place} is not left to be filled" for place in _filled(part))


def _filled(part: Element) -> Iterator[str]:
    for leaf in part.iter():
        if not isinstance(leaf.tag, str) or children(leaf):
            continue
        empty = leaf.get("nullFlavor") or (leaf.text or "").startswith(PLACEHOLDER)
        if not empty and leaf.get("code") != _CONSULTATION:
            yield f"{etree.QName(part).localname}/{etree.QName(leaf).localname}"


def _promised(found: Found, edition: Edition) -> Iterator[str]:
    """What the model allows and Ariane never writes."""
    status = found.word("MED-072", "status", edition)
    where = f"diagnosis {found.number}"
    age = found.word("PAT-064", "age", edition)
    if age not in ("", "undetermined") and status != "confirmed":
        yield f"{where}: PAT-064: an age at the genetic diagnosis, but nothing is confirmed"
    if status == "undetermined" and not edition.impasse_confirmed:
        yield f"{where}: MED-072: impasse, but the site has not confirmed the code's meaning"
    orpha = attribute(found.disease, "code")
    undiagnosed = orpha == _UNDIAGNOSED
    if undiagnosed and not (status == "undetermined" and edition.takes_undiagnosed):
        yield f"{where}: disease: {UNDIAGNOSED} stands, where it may not be written"
    if status in ("ongoing", "undetermined"):
        told = [code for code in _OF_A_CAUSE if code in found.values]
        told += ["disease"] if orpha and not undiagnosed else []
        for field in told:
            yield f"{where}: {field}: stands, but no disease is decided"
