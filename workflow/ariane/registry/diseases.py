"""The disease of a decision as a destination takes it: the one place where exports ask for it."""

from __future__ import annotations

from collections.abc import Callable

from ariane.registry.documents import Context
from ariane.registry.orpha import UNDIAGNOSED, Coder
from ariane.registry.record import CaseRecord, Coded

Diseases = Callable[[CaseRecord], Coded | None]
"""The disease that a case's signed decision names; None where it names none."""


def coder_for(context: Context) -> Coder:
    """The ORPHA coder of an export.

    Raises:
        ArianeError: the pack that is pinned for the destination is missing or another.
    """
    return Coder.of(context.destination, context.options, context.knowledge, context.home)


def diseases_for(context: Context) -> Diseases:
    """How the diseases of an export are coded.

    By the ORPHA code of the nomenclature in force at the destination; where none is pinned, or no
    code may stand, as the decision writes the disease. That there is no diagnosis is no disease.

    Raises:
        ArianeError: the pack that is pinned for the destination is missing or another.
    """
    coder = coder_for(context)

    def disease(record: CaseRecord) -> Coded | None:
        code = coder.code(record)
        if code.orpha and code.orpha != UNDIAGNOSED:
            return Coded(code.orpha, code.label)
        return record.decided.disease if record.decided else None

    return disease
