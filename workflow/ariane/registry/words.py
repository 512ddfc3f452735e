"""The French words Ariane writes in a registry."""

from __future__ import annotations

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

ZYGOSITIES: Final = {
    "het": "hétérozygote",
    "hom": "homozygote",
    "hemi": "hémizygote",
    "heteroplasmic": "hétéroplasmique",
    "homoplasmic": "homoplasmique",
}
"""Zygosities of an allele that the patient carries."""


def impasse(unshown: Iterable[str], due: str) -> str:
    """The word for a case in impasse.

    Args:
        unshown: what the filière asks for and these data do not show.
        due: when it is looked at again, or an empty text.
    """
    what = " et ".join(unshown)
    word = IMPASSE_UNSHOWN.format(what=what) if what else IMPASSE
    return word + REVIEW.format(date=due) if due else word
