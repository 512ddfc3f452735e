"""The disease of a diagnosis in SDM-MR: an ORPHA code, or none with the reason.

The one place where this format asks for a code. It knows no nomenclature: only a code that the
decision itself writes stands, and every other disease is told in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ariane.registry.record import CaseRecord

UNKNOWN: Final = "UNK"
"""HL7 null flavor: there is a disease, which nobody knows."""
NOT_TOLD: Final = "NI"
"""HL7 null flavor: no information."""
NO_CODE: Final = "OTH"
"""HL7 null flavor: the disease is known, and the code system does not hold it."""

_UNDIAGNOSED: Final = "616874"
_ORPHA: Final = re.compile(r"ORPHA:([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Disease:
    """A bare ORPHA code, or a null flavor, with what people read."""

    code: str
    """Without its prefix, as the CDA writes it; empty where there is none."""
    label: str
    null: str
    """Null flavor where there is no code; else empty."""
    shown: str


def disease_of(record: CaseRecord, status: str) -> Disease:
    """The disease of a diagnosis of a case.

    Args:
        record: the case.
        status: the diagnosis' status, a word of the value set.
    """
    if status == "ongoing":
        return Disease("", "", UNKNOWN, "Recherchée, non identifiée")
    if status == "undetermined":
        return Disease("", "", UNKNOWN, "Non identifiée après bilan complet")
    disease = record.decided.disease if record.decided else None
    if disease is None:
        return Disease("", "", NOT_TOLD, "Non codée : la décision ne nomme pas de maladie")
    written = _ORPHA.fullmatch(disease.id)
    if written and written[1] != _UNDIAGNOSED:
        name = f"{disease.label} (code ORPHA : {written[1]})" if disease.label else disease.id
        return Disease(written[1], disease.label, "", name)
    name = f"{disease.label} ({disease.id})" if disease.label else disease.id
    return Disease("", "", NO_CODE, f"{name} ; non codée : la décision n'écrit pas de code ORPHA")
