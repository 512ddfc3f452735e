"""Shapes of SDM-MR: which templates and children an element has, how often, in which order.

Read off the examples of the ANS and its schematrons; the order is that of CDA Release 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

CDA: Final = "urn:hl7-org:v3"
SDTC: Final = "urn:hl7-org:sdtc"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
TYPE: Final = f"{{{XSI}}}type"
LOINC: Final = "2.16.840.1.113883.6.1"
SNOMED: Final = "2.16.840.1.113883.6.96"

DOCUMENT_TEMPLATE: Final = "1.2.250.1.213.1.1.1.30"
"""The model SDM-MR; its version stands beside it."""
SECTION_TEMPLATE: Final = "1.2.250.1.213.1.1.2.129"

Element = etree._Element


@dataclass(frozen=True)
class Shape:
    """An element of the model."""

    templates: Sequence[str]
    """Identifiers of what it conforms to, in the order of the examples."""
    holds: Sequence[tuple[str, int, int | None]]
    """Its children in order: name, at least, at most (None for any number)."""


def _holds(words: str) -> tuple[tuple[str, int, int | None], ...]:
    """Children of an element: ``id`` once, ``id?`` at most once, ``id+`` at least once, ``id*`` as
    often as you like, ``id3+`` three times and more."""
    held = []
    for name, least, mark in re.findall(r"([A-Za-z]+)(\d*)([?+*]?)", words):
        held.append((name, int(least or mark in ("", "+")), 1 if mark in ("", "?") else None))
    return tuple(held)


DOCUMENT: Final = Shape(
    ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", DOCUMENT_TEMPLATE),
    _holds(
        "realmCode typeId templateId3+ id code title effectiveTime confidentialityCode "
        "languageCode setId versionNumber recordTarget author+ informant* custodian "
        "legalAuthenticator participant* documentationOf+ authorization* componentOf "
        "component"
    ),
)
SECTION: Final = Shape(
    ("1.3.6.1.4.1.19376.1.5.3.1.3.3", SECTION_TEMPLATE),
    _holds("templateId2+ id code title text entry+"),
)
ACT: Final = Shape(
    (
        "2.16.840.1.113883.10.20.1.27",
        "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
        "1.3.6.1.4.1.19376.1.5.3.1.4.5.2",
        "1.2.250.1.213.1.1.3.39",
    ),
    _holds("templateId4+ id code statusCode effectiveTime entryRelationship+"),
)
PROBLEM: Final = Shape(
    ("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"),
    _holds(
        "templateId3+ id code text statusCode effectiveTime value subject? participant? "
        "entryRelationship*"
    ),
)
OBSERVATION: Final = Shape(
    ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48"),
    _holds("templateId2+ id code text statusCode effectiveTime value"),
)
COMMENT: Final = Shape(
    ("2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32"),
    _holds("templateId3+ code text statusCode"),
)
SUBJECT: Final = Shape(
    ("1.3.6.1.4.1.19376.1.5.3.1.4.15.2", "1.2.250.1.213.1.1.3.60"),
    _holds("templateId2+ relatedSubject"),
)
FOETUS: Final = Shape(
    (), _holds("id name administrativeGenderCode multipleBirthInd multipleBirthOrderNumber?")
)


def children(element: Element, name: str = "") -> list[Element]:
    """Child elements, those of a local name if one is given; comments are none."""
    found = [child for child in element if isinstance(child.tag, str)]
    return [c for c in found if etree.QName(c).localname == name] if name else found


def child(element: Element, *path: str) -> Element | None:
    """The first element down a path of names in CDA's own namespace, or None."""
    return element.find("/".join(f"{{{CDA}}}{name}" for name in path))


def attribute(element: Element | None, name: str) -> str:
    """An attribute's text; empty where the element or the attribute is not there."""
    return (element.get(name) or "") if element is not None else ""


def faults_of_shape(element: Element, shape: Shape) -> Iterator[str]:
    """What is missing, too often, out of place or unknown among an element's children, and the
    template identifiers that lack."""
    yield from (f"templateId {root} lacks" for root in lacking(element, shape))
    order = [name for name, _, _ in shape.holds]
    names = [etree.QName(held).localname for held in children(element)]
    for name, least, most in shape.holds:
        count = names.count(name)
        if count < least:
            yield f"{count} of {name}, at least {least} must stand there"
        if most is not None and count > most:
            yield f"{count} of {name}, at most {most} may stand there"
    unknown = sorted(set(names) - set(order))
    if unknown:
        yield f"{', '.join(unknown)}: not an element of the model here"
    known = [order.index(name) for name in names if name in order]
    if known != sorted(known):
        yield f"elements out of order: {', '.join(names)}"


def lacking(element: Element, shape: Shape) -> list[str]:
    """Template identifiers that an element must name and does not."""
    held = {held.get("root") for held in children(element, "templateId")}
    return [root for root in shape.templates if root not in held]
