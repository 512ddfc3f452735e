"""Which consequences disrupt a transcript, and which known alleles are therefore read by gene.

Not every allele of the gene reads them: see :func:`reads_nulls`.
"""

from __future__ import annotations

from typing import Final

NULL_CONSEQUENCES: Final = (
    "stop_gained",
    "frameshift_variant",
    "splice_acceptor_variant",
    "splice_donor_variant",
)
"""Consequences that take a transcript's function away (Abou Tayoun and others, Hum Mutat 2018)."""

DISRUPTING: Final = frozenset(
    {
        *NULL_CONSEQUENCES,
        *("start_lost", "stop_lost", "splice_region_variant", "splice_donor_region_variant"),
        *("splice_donor_5th_base_variant", "splice_polypyrimidine_tract_variant"),
    }
)
"""Consequences of the known alleles that are read by gene: nulls, lost starts, splice regions."""


def disrupts(consequence: str) -> bool:
    """Whether a known allele of that consequence is read by gene."""
    return not DISRUPTING.isdisjoint(consequence.split("&"))


_READING: Final = frozenset({"stop_gained", "frameshift_variant", "start_lost", "intron_variant"})


def reads_nulls(consequence: str) -> bool:
    """Whether an allele of that consequence asks for the gene's disrupting alleles.

    A null or a lost start does, for PVS1, and what lies at a splice site, for PS1 of splicing. A
    structural allele does, whatever its consequence.
    """
    return any(t in _READING or t.startswith("splice_") for t in consequence.split("&"))


def is_missense(consequence: str) -> bool:
    """Whether a known allele of that consequence is read by its part of the protein."""
    return "missense_variant" in consequence.split("&")
