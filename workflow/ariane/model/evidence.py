"""Evidence: one reason, in points. Nothing but these rows decides anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

ABSENT: Final = "absent"
"""The resource was read and holds no record under the key."""
NOT_COVERED: Final = "not covered"
"""The resource does not speak about this position."""
NO_RESOURCE: Final = "no resource"
"""The release holds no such resource: the knowledge is missing, which is never a benign sign."""


class Ledger(StrEnum):
    """Which of the two accounts a row belongs to."""

    CLASS = "class"
    """ACMG criteria of one variant: these alone give the class."""
    TRIAGE = "triage"
    """What is added for one hypothesis: assertions, genotype under the mode."""


@dataclass(frozen=True, order=True)
class Evidence:
    """One row of a ledger.

    A row holds no release name, version or date: the folder it lies in names the release, whose
    manifest gives versions, so an unchanged record gives unchanged bytes in every release.
    """

    variant: str
    """Key of the allele the row speaks of, ``chrom-pos-ref-alt``; empty for a row on a pair or
    genotype."""
    ledger: Ledger
    code: str
    """ACMG criterion with its strength (``PVS1``, ``PM2_Supporting``) or a triage code
    (``ASSERT``, ``DE_NOVO``)."""
    points: int
    """Thousandths of a point; 0 when the row is shown but does not count."""
    sentence: str
    """The reason, for people."""
    resource: str
    """Kind of resource read (``assertions``), ``genotypes`` for the case's own data."""
    read_key: str
    """What was looked up: a variant, a transcript codon, a gene, a disease or an HPO term."""
    record: str
    """Hash of the record found, or one of ABSENT, NOT_COVERED, NO_RESOURCE."""
    suppressed: str = ""
    """Why the row counts for nothing though it was found; empty when it counts."""

    def suppress(self, reason: str) -> Evidence:
        """The same row, still visible, counting nothing, with the reason."""
        return replace(self, points=0, suppressed=reason)
