"""What kind of change the gene and the place tolerate: PM4, BP3, PP2, BP1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import Evidence
from ariane.phrases import say
from ariane.rank.class_row import Candidate, class_row, terms
from ariane.rank.profile import NONE, Profile
from ariane.rank.structural import without_sequence

_INFRAME: Final = frozenset({"inframe_insertion", "inframe_deletion", "protein_altering_variant"})
_ONE: Final = re.compile(
    r"p\.\(?[A-Z][a-z]{2}\d+(?:del|dup|_[A-Z][a-z]{2}\d+ins[A-Z][a-z]{2})\)?\Z"
)
"""Names of one residue lost, doubled, or put in between two others."""
_RUN: Final = 3
"""Repeats of one residue or of two from which an in-frame change lies in a repeat (inferred)."""


def length_changed(candidate: Candidate, profile: Profile) -> Iterator[Evidence]:
    """PM4 or BP3: the protein's length changes in frame, outside a repeat or within one."""
    found = set(terms(candidate))
    if without_sequence(candidate):
        return
    if "stop_lost" in found and "frameshift_variant" not in found:
        sentence, strength = say("the stop is lost and the protein longer"), profile.pm4
    elif found & _INFRAME:
        if in_repeat(candidate):
            yield _by_sequence(
                candidate,
                profile.code("BP3", profile.bp3, "supporting"),
                -profile.weigh(profile.bp3),
                say("in-frame change of a repeat's length"),
            )
            return
        single = bool(_ONE.match(candidate["hgvs_p"]))
        strength = profile.pm4_single if single else profile.pm4
        sentence = say("in-frame change of the protein's length")
    else:
        return
    code = profile.code("PM4", strength, "moderate")
    yield _by_sequence(candidate, code, profile.weigh(strength), sentence)


def in_repeat(candidate: Candidate) -> bool:
    """Whether the bases that an in-frame allele adds or takes are copies of one short unit.

    The allele alone is looked at: at least three copies of one codon are gained or lost.
    """
    ref, alt = str(candidate["ref"]), str(candidate["alt"])
    if min(len(ref), len(alt)) > 1:
        return False  # other bases are replaced as well
    changed = ref[1:] if len(ref) > len(alt) else alt[1:]
    copies = len(changed) // 3
    return copies >= _RUN and len(changed) % 3 == 0 and changed == changed[:3] * copies


def _by_sequence(candidate: Candidate, code: str, points: int, sentence: str) -> Evidence:
    return class_row(
        candidate,
        code,
        points,
        sentence,
        resource="transcripts",
        read_key=candidate["gene"],
        record="case",
    )


def spread(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PP2 or BP1 of a missense allele, by how the gene's asserted alleles are spread.

    Where the release knows the gene's missense constraint, PP2 also asks for it; it never opens
    PP2 alone.
    """
    if "missense_variant" not in terms(candidate):
        return
    gene, symbol = candidate["gene"], candidate["symbol"]
    for record in known.spectra.get(gene, ()):
        read = {"resource": "assertions", "read_key": gene, "record": record["record"]}
        if record["missense"]:
            z = _missense_z(gene, known)
            weak = z is not None and z < profile.pp2_missense_z
            yield class_row(
                candidate,
                profile.code("PP2", profile.pp2, "supporting"),
                profile.weigh(profile.pp2),
                say("missense is how {gene} causes disease, and seldom benign", gene=symbol),
                suppressed=(
                    say("the gene is not constrained against missense (z {z:.2f})", z=z)
                    if weak and z is not None
                    else ""
                ),
                **read,
            )
        elif record["truncating"]:
            yield class_row(
                candidate,
                profile.code("BP1", profile.bp1, "supporting"),
                -profile.weigh(profile.bp1),
                say("disease by {gene} is nearly always by loss of function", gene=symbol),
                suppressed=say("the profile does not count BP1") if profile.bp1 == NONE else "",
                **read,
            )


def _missense_z(gene: str, known: Knowledge) -> float | None:
    values = [r.get("missense_z") for r in known.constraint.get(gene, ())]
    return next((float(z) for z in values if z is not None), None)
