"""The French words Ariane writes in a registry, and what may never stand among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ariane.model.case import Status

CANDIDATE: Final = "candidat à examiner"
NO_CANDIDATE: Final = "aucun candidat"
IMPASSE: Final = "impasse maintenue"
IMPASSE_UNSHOWN: Final = "impasse déclarée, à vérifier : {what}"
"""Declared by people, while these data do not show all that the filière asks for."""
REVIEW: Final = ", à revoir le {date}"
AT_RISK: Final = "diagnostic à risque"
NOT_EXAMINED: Final = "non examiné dans ce cycle"
CLOSED_WITHOUT_DECISION: Final = "clos dans la feuille, décision signée à joindre"
"""The sheet says solved or closed, but no signed decision came with the cycle."""

BY_DECISION: Final = {
    Status.SOLVED: "résolu (décision)",
    Status.PARTLY_SOLVED: "résolu en partie (décision)",
    Status.REFUTED: "diagnostic réfuté (décision)",
    Status.CLOSED: "clos (décision)",
}
OUTCOME: Final = {
    Status.SOLVED: "résolu",
    Status.PARTLY_SOLVED: "résolu en partie",
    Status.REFUTED: "diagnostic réfuté",
    Status.CLOSED: "clos",
    Status.IMPASSE: "impasse constatée",
    Status.CANDIDATE: "candidat retenu pour examen",
    Status.IN_PROGRESS: "en cours",
}
REASONS: Final = {
    "diagnosis at risk": "diagnostic à risque",
    "pregnancy in the family": "grossesse dans la famille",
    "requested by a clinician": "demandé par un clinicien",
    "consent again": "consentement à renouveler",
    "periodic review": "revue périodique",
    "event": "élément nouveau",
    "new candidate": "nouveau candidat",
    "strengthened": "candidat renforcé",
    "weakened": "candidat affaibli",
    "withdrawn": "candidat retiré",
    "partner found": "second variant trouvé",
    "gene gained a disease": "gène nouvellement lié à une maladie",
    "mode changed": "mode de transmission modifié",
    "phenotype fit changed": "concordance phénotypique modifiée",
}
"""Reasons of the flags table. One that is not here is written as the table has it: a reason to look
again must reach people even without a translation."""


def impasse(unshown: Iterable[str], due: str) -> str:
    """The word for a case in impasse.

    Args:
        unshown: what the filière asks for and these data do not show.
        due: when it is looked at again, or an empty text.
    """
    what = " et ".join(unshown)
    word = IMPASSE_UNSHOWN.format(what=what) if what else IMPASSE
    return word + REVIEW.format(date=due) if due else word


_IDENTITY: Final = (
    # NIR or INS: sex, year, month, department, commune, order, key (with or without spaces).
    re.compile(
        r"(?<!\d)[1-478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3}"
        r"(?: ?\d{2})?(?!\d)"
    ),
    re.compile(r"[\w.+-]+@[\w-]+\.\w+"),  # e-mail
    re.compile(r"(?<!\d)(?:\+33 ?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)"),  # French telephone
    re.compile(r"(?<!\d)[0-3]\d/[01]\d/(?:19|20)\d{2}(?!\d)"),  # a date as births are written
    # A civil title with a name.
    re.compile(r"\b(?:Mme|Mlle|M\.|Mr|Monsieur|Madame|Enfant)\s+[A-ZÀ-Ý]"),
)


def looks_like_identity(texts: Iterable[str]) -> bool:
    """Whether a text that comes from data holds what could name a person.

    Judged by form: national number, e-mail, telephone, a birth date's spelling, a civil title.
    """
    return any(pattern.search(text) for text in texts for pattern in _IDENTITY)
