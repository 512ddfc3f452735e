"""Invented proposals of SDM-MR, and the shared examples of the ANS where they are present."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from export_world import PROVENANCE, record
from lxml import etree

from ariane.files import REPOSITORY
from ariane.registry import sdm_mr
from ariane.registry.documents import Context, Document
from ariane.registry.gates import Destination, Purpose
from ariane.registry.patch import Refusal
from ariane.registry.record import CaseRecord
from ariane.registry.sdm_shapes import CDA, SECTION_TEMPLATE, Element

SHARED = REPOSITORY.parent / "shared" / "data" / "sdm-mr"
EXAMPLES = tuple(
    SHARED / f"SDM-MR_2024.01_{name}.xml"
    for name in ("nouveau-ne", "patiente-enceinte", "patiente-post-grossesse")
)


def present(path: Path) -> Path:
    """A shared file; the test is skipped by its name where it is absent."""
    if not path.exists():
        pytest.skip(f"shared data absent: {path.name}")
    return path


def context(**options: Any) -> Context:
    return Context(
        destination=Destination(Purpose.BNDMR),
        provenance=PROVENANCE,
        options={"sdm_mr": options} if options else {},
    )


def told(one: CaseRecord | None = None, **options: Any) -> Document | Refusal:
    """What the writer makes of a record."""
    (made,) = sdm_mr.write(iter([one or record()]), context(**options))
    return made


def written(one: CaseRecord | None = None, **options: Any) -> Element:
    """The root of a document that passes its check."""
    made = told(one, **options)
    assert isinstance(made, Document), made
    assert list(sdm_mr.check(made, context(**options))) == []
    return etree.fromstring(made.text.encode("utf-8"))


def refused(one: CaseRecord | None = None, **options: Any) -> str:
    """The reasons for which the writer refuses a record."""
    made = told(one, **options)
    assert isinstance(made, Refusal), "it was written"
    return "; ".join(made.reasons)


def section_of(root: Element) -> Element:
    held = [
        s for s in root.iter(f"{{{CDA}}}section")
        if any(t.get("root") == SECTION_TEMPLATE for t in s)
    ]  # fmt: skip
    assert len(held) == 1
    return held[0]


def diagnoses(root: Element) -> list[dict[str, list[str]]]:
    """Of each diagnosis, the codes or texts by field; ``disease`` is its code or null flavor."""
    found = []
    for entry in section_of(root).iterfind(f"{{{CDA}}}entry"):
        fields: dict[str, list[str]] = {}
        for observation in entry.iter(f"{{{CDA}}}observation"):
            code = observation.find(f"{{{CDA}}}code")
            value = observation.find(f"{{{CDA}}}value")
            assert code is not None
            assert value is not None
            name = code.get("code") or ""
            name = "disease" if name == "282291009" else name
            attributes = [value.get(a) for a in ("code", "value", "nullFlavor")]
            texts = [*attributes, (value.text or "").strip()]
            fields.setdefault(name, []).append(next(filter(None, texts), ""))
        found.append(fields)
    return found
