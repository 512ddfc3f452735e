"""Invented proposals of SDM-MR, and the shared examples of the ANS where they are present."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from export_world import FOUND, decision, record
from lxml import etree
from nomenclature_world import nomenclature

from ariane.files import REPOSITORY
from ariane.model.case import Status
from ariane.registry.documents import Document
from ariane.registry.orpha import Coder
from ariane.registry.orpha_links import OrphaLinks
from ariane.registry.patch import Refusal
from ariane.registry.record import CaseRecord, Coded
from ariane.registry.sdm_check import faults_of
from ariane.registry.sdm_mr import tell
from ariane.registry.sdm_shapes import CDA, SECTION_TEMPLATE, Element
from ariane.registry.sdm_tables import Edition

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


CODER = Coder(
    nomenclature(),
    OrphaLinks.from_rows(
        [
            {"disease": "ORPHA:1", "reference": "OMIM:1", "relation": "E"},
            {"disease": "ORPHA:4", "reference": "OMIM:4", "relation": "E"},
        ],
        (),
    ),
    undiagnosed=False,
)
"""Codes by the invented nomenclature; the BNDMR takes no ORPHA:616874."""


def edition(**options: Any) -> Edition:
    return Edition.of({"sdm_mr": options})


def told(one: CaseRecord | None = None, coder: Coder = CODER, **options: Any) -> Document | Refusal:
    """What becomes of a record."""
    return tell(one or record(), edition(**options), coder)


def written(one: CaseRecord | None = None, **options: Any) -> Element:
    """The root of a document that passes its check."""
    made = told(one, **options)
    assert isinstance(made, Document), made
    assert list(faults_of(made.text, made.name, edition(**options))) == []
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


ORPHA = Coded("ORPHA:1", "Disorder one é")


def decided(outcome: Status = Status.SOLVED, **more: Any) -> CaseRecord:
    """A record with a signed decision on the finding of the world, whose disease has a code."""
    fields = set(CaseRecord.__dataclass_fields__) & set(more)
    own = {name: more.pop(name) for name in fields}
    ruling = decision(outcome, **{"disease": ORPHA, **more})
    return record(decision=ruling, **{"named": (FOUND,), "status": outcome, **own})
