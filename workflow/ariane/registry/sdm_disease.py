"""The disease of a diagnosis in SDM-MR: an ORPHA code, or a null flavor with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ariane.registry.orpha import Code, Coder
from ariane.registry.reasons import in_words
from ariane.registry.record import CaseRecord, DecisionRecord

UNKNOWN: Final = "UNK"
"""HL7 null flavor: there is a disease, which nobody knows."""
NOT_TOLD: Final = "NI"
"""HL7 null flavor: no information."""
NO_CODE: Final = "OTH"
"""HL7 null flavor: the disease is known, and no code of the system may stand for it."""


@dataclass(frozen=True)
class Disease:
    """A bare ORPHA code, or a null flavor, with what people read."""

    code: str
    """Without its prefix, as the CDA writes it; empty where there is none."""
    label: str
    null: str
    """Null flavor where there is no code; else empty."""
    shown: str


SOUGHT: Final = Disease("", "", UNKNOWN, "Recherchée, non identifiée")


def undiagnosed(record: CaseRecord, coder: Coder) -> Disease:
    """The disease of a case without a diagnosis after full work-up: its own code where the
    destination takes it."""
    code = coder.code(record)
    if code.orpha:
        return _coded(code, "")
    return Disease("", "", UNKNOWN, "Non identifiée après bilan complet")


def decided(decision: DecisionRecord, coder: Coder) -> Disease:
    """The disease that a decision names, whether it confirms or refutes it."""
    disease = decision.disease
    if disease is None:
        return Disease("", "", NOT_TOLD, "Non codée : la décision ne nomme pas de maladie")
    code = coder.of_disease(disease.id)
    if code.orpha:
        return _coded(code, disease.id)
    name = f"{disease.label} ({disease.id})" if disease.label else disease.id
    return Disease("", "", NO_CODE, f"{name} ; non codée : {_why(code)}")


def _coded(code: Code, written: str) -> Disease:
    number = code.orpha.removeprefix("ORPHA:")
    shown = f"{code.label} (code ORPHA : {number})"
    if written not in ("", code.orpha):
        shown += f" ; décision : {written}"
    return Disease(number, code.label, "", shown + (f" ; {_why(code)}" if code.reasons else ""))


def _why(code: Code) -> str:
    """In the language of the document."""
    return in_words(code.reasons, "fr")
