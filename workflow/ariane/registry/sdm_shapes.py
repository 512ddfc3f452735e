"""Shapes of SDM-MR: which templates and children an element has, how often, in which order.

Read off the examples of the ANS and its schematrons; the order is that of CDA Release 2.
"""

from __future__ import annotations

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


DOCUMENT: Final = Shape(
    ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", DOCUMENT_TEMPLATE),
    (
        ("realmCode", 1, 1),
        ("typeId", 1, 1),
        ("templateId", 3, None),
        ("id", 1, 1),
        ("code", 1, 1),
        ("title", 1, 1),
        ("effectiveTime", 1, 1),
        ("confidentialityCode", 1, 1),
        ("languageCode", 1, 1),
        ("setId", 1, 1),
        ("versionNumber", 1, 1),
        ("recordTarget", 1, 1),
        ("author", 1, None),
        ("informant", 0, None),
        ("custodian", 1, 1),
        ("legalAuthenticator", 1, 1),
        ("participant", 0, None),
        ("documentationOf", 1, None),
        ("authorization", 0, None),
        ("componentOf", 1, 1),
        ("component", 1, 1),
    ),
)
SECTION: Final = Shape(
    ("1.3.6.1.4.1.19376.1.5.3.1.3.3", SECTION_TEMPLATE),
    (
        ("templateId", 2, None),
        ("id", 1, 1),
        ("code", 1, 1),
        ("title", 1, 1),
        ("text", 1, 1),
        ("entry", 1, None),
    ),
)
ACT: Final = Shape(
    (
        "2.16.840.1.113883.10.20.1.27",
        "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
        "1.3.6.1.4.1.19376.1.5.3.1.4.5.2",
        "1.2.250.1.213.1.1.3.39",
    ),
    (
        ("templateId", 4, None),
        ("id", 1, 1),
        ("code", 1, 1),
        ("statusCode", 1, 1),
        ("effectiveTime", 1, 1),
        ("entryRelationship", 1, None),
    ),
)
PROBLEM: Final = Shape(
    ("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"),
    (
        ("templateId", 3, None),
        ("id", 1, 1),
        ("code", 1, 1),
        ("text", 1, 1),
        ("statusCode", 1, 1),
        ("effectiveTime", 1, 1),
        ("value", 1, 1),
        ("subject", 0, 1),
        ("participant", 0, 1),
        ("entryRelationship", 0, None),
    ),
)
OBSERVATION: Final = Shape(
    ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48"),
    (
        ("templateId", 2, None),
        ("id", 1, 1),
        ("code", 1, 1),
        ("text", 1, 1),
        ("statusCode", 1, 1),
        ("effectiveTime", 1, 1),
        ("value", 1, 1),
    ),
)
COMMENT: Final = Shape(
    ("2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32"),
    (
        ("templateId", 3, None),
        ("code", 1, 1),
        ("text", 1, 1),
        ("statusCode", 1, 1),
    ),
)
SUBJECT: Final = Shape(
    ("1.3.6.1.4.1.19376.1.5.3.1.4.15.2", "1.2.250.1.213.1.1.3.60"),
    (("templateId", 2, None), ("relatedSubject", 1, 1)),
)
FOETUS: Final = Shape(
    (),
    (
        ("id", 1, 1),
        ("name", 1, 1),
        ("administrativeGenderCode", 1, 1),
        ("multipleBirthInd", 1, 1),
        ("multipleBirthOrderNumber", 0, 1),
    ),
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
