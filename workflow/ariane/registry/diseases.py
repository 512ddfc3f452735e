"""The disease of a decision as a destination takes it: the one place where exports ask for it."""

from __future__ import annotations

from collections.abc import Callable

from ariane.registry.documents import Context
from ariane.registry.record import CaseRecord, Coded

Diseases = Callable[[CaseRecord], Coded | None]
"""The disease that a case's signed decision names; None where it names none."""


def diseases_for(_: Context) -> Diseases:
    """How the diseases of an export are coded: as the decisions write them."""
    return decided_disease


def decided_disease(record: CaseRecord) -> Coded | None:
    """The disease as the signed decision writes it."""
    return record.decided.disease if record.decided else None
