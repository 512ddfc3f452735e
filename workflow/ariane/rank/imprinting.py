"""Imprinted genes: from which parent an allele came decides whether it is heard at all.

A parent who is well may carry the allele on the side that was silent in him; and an allele from the
parent whose copy is silent in the child does not cause the disease.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from ariane.files import RESOURCES, open_text
from ariane.model.errors import ArianeError
from ariane.model.evidence import Evidence
from ariane.model.points import milli
from ariane.phrases import say
from ariane.rank.combine import triage
from ariane.rank.inheritance import Site, parent_of_origin

MODE: Final = "AD"
"""Imprinted genes lie on autosomes, and one copy causes their diseases."""

_SIDES: Final = frozenset({"maternal", "paternal", "both"})


@cache
def load_imprinted(path: Path = RESOURCES / "imprinted.tsv") -> Mapping[str, str]:
    """By gene the parent whose allele is expressed: ``maternal``, ``paternal`` or ``both``.

    Raises:
        ArianeError: the table is missing or damaged.
    """
    try:
        with open_text(path) as handle:
            rows = csv.DictReader((ln for ln in handle if not ln.startswith("#")), delimiter="\t")
            found = {row["gene"]: row["expressed"] for row in rows}
    except (OSError, KeyError) as problem:
        raise ArianeError(f"{path}: missing or damaged: {problem}. Restore the file.") from None
    if not _SIDES.issuperset(found.values()):
        raise ArianeError(f"{path}: 'expressed' holds another word. Restore the file.")
    return found


def expressed_side(gene: str, mode: str) -> str:
    """The side from which a gene is expressed under a mode; empty where it is not imprinted."""
    return load_imprinted().get(gene, "") if mode == MODE else ""


def heard(
    site: Site, carriers: Mapping[str, bool | None], expressed: str
) -> dict[str, bool | None]:
    """Whether each relative has the disease genotype, as far as the imprint lets one know.

    A well carrier speaks only when his allele came from the expressed side: a brother or sister of
    the patient whose parents gave it so. The parents themselves are told, and weighed apart.
    """
    patient = site.proband
    parents = {patient.father, patient.mother}
    known = expressed == parent_of_origin(site)
    told: dict[str, bool | None] = {}
    for member in site.relatives:
        has = carriers.get(member.id)
        sibling = (
            bool(member.father and member.mother) and {member.father, member.mother} == parents
        )
        silent = has and not member.affected and member.id not in parents
        told[member.id] = None if silent and not (sibling and known) else has
    return told


def weighed(
    site: Site,
    variant: str,
    told: Iterable[Evidence],
    expressed: str,
    weights: Mapping[str, float],
) -> Iterator[Evidence]:
    """The rows of segregation under the imprint, and what the allele's origin says."""
    for row in told:
        if row.code == "INHERITED_FROM_UNAFFECTED":
            row = row.suppress(
                say("an imprinted gene: a carrier whose own copy was silent is well")
            )
        yield row
    came = parent_of_origin(site)
    points, code = 0, "IMPRINTED"
    if expressed == "both":
        sentence = say("an imprinted gene, expressed from either side by tissue")
    elif not came:
        sentence = say(
            "an imprinted gene: heard only if {side}; the origin is not known", side=expressed
        )
    elif came == expressed:
        sentence = say("an imprinted gene: {side}, the side that is expressed", side=came)
    else:
        points, code = milli(weights["imprinted_silent"]), "IMPRINTED_SILENT"
        sentence = say(
            "an imprinted gene: {side}, and only the {other_side} copy is expressed",
            side=came,
            other_side=expressed,
        )
    yield triage("", code, points, sentence, read_key=variant)
