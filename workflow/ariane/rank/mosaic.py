"""Mosaicism: a dominant allele in a small part of the reads, which no parent carries."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ariane.model.evidence import Evidence
from ariane.model.points import milli
from ariane.phrases import say
from ariane.rank import inheritance
from ariane.rank.alleles import Allele, Setting, faults_of_call
from ariane.rank.combine import capped, triage

MODES: Final = frozenset({"AD", "XLD"})
"""Modes in which a part of the cells may cause the disease."""


def own_rows(mode: str, allele: Allele, setting: Setting) -> list[Evidence]:
    """Rows of one allele under a mode: its low balance read as mosaicism where it may be.

    POOR_CALL gives way to the row MOSAIC when the balance is all that is wrong with the call.
    """
    rows, limits = list(allele.rows), setting.constants.calls
    if mode not in MODES or allele.shut or not inheritance.mosaic(allele.site, limits):
        return rows
    variant = allele.variant
    left = faults_of_call(allele.site, allele.candidate, replace(limits, balance=(0.0, 1.0)))
    taken = [row.code == "POOR_CALL" and not left for row in rows]
    reason = say("the balance is read as mosaicism")
    rows = [
        row.suppress(reason) if gone else row
        for row, gone in zip(rows, taken, strict=True)
        if row.code != "CAP"
    ]
    weight = milli(setting.constants.genotype["mosaic"]) if any(taken) else 0
    fraction = allele.site.calls[allele.site.proband.id].alt_fraction or 0.0
    sentence = say(
        "in {share:.2f} of the reads and in no parent: possibly mosaic in the patient",
        share=fraction,
    )
    rows.append(triage(variant, "MOSAIC", weight, sentence, read_key=variant))
    return capped(variant, rows)
