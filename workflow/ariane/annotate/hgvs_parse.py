"""From a c. or n. name back to the genome: position, REF and ALT of a normalised VCF."""

from __future__ import annotations

import re
from typing import Final

from ariane.annotate.hgvs_edit import Edit, left_aligned, reverse_complement, trimmed
from ariane.annotate.sequence import Reference
from ariane.annotate.transcript_map import TranscriptMap
from ariane.model.errors import ArianeError

_PLACE: Final = r"[-*]?\d+(?:[+-]\d+)?"
_NAME: Final = re.compile(
    rf"(?:[^:\s]+:)?(?P<kind>[cn])\.(?P<first>{_PLACE})(?:_(?P<last>{_PLACE}))?"
    r"(?:(?P<old>[ACGT])>(?P<new>[ACGT])"
    r"|del(?P<lost>[ACGT]*)(?:ins(?P<instead>[ACGT]+))?"
    r"|ins(?P<more>[ACGT]+)|dup(?P<twice>[ACGT]*)|(?P<turned>inv))\Z"
)


def genomic_of(
    reference: Reference, places: TranscriptMap, contig: str, name: str
) -> tuple[int, str, str]:
    """The VCF allele that a name means: left-aligned, without needless bases.

    Older spellings are read too: an accession in front, blanks, the deleted or duplicated bases
    written out (``c.798delA``), a placement that is not the 3'-most.

    Args:
        reference: the bases.
        places: the transcript's positions.
        contig: as the reference writes it.
        name: ``c.68-2A>G``, ``NM_000350.3:c.*12del``.

    Raises:
        ArianeError: the name is none of a substitution, deletion, duplication, insertion,
            inversion or replacement; a position is not in the transcript; a base that it states
            is not the reference's.
    """
    found = _NAME.match(re.sub(r"\s", "", name))
    if found is None:
        raise ArianeError(
            f"{name}: not a c. or n. name of a substitution, deletion, duplication, insertion, "
            "inversion or replacement. Write it like c.68-2A>G or c.100_102del."
        )
    if found["kind"] != places.kind:
        raise ArianeError(f"{name}: the transcript counts {places.kind}. positions.")
    low = places.position(found["first"])
    high = places.position(found["last"]) if found["last"] else low
    if (high < low) != places.minus and high != low:
        raise ArianeError(f"{name}: the first position lies after the last.")
    low, high = min(low, high), max(low, high)
    held = reference.bases(contig, low, high - low + 1).decode()
    stated = found["old"] or found["lost"] or found["twice"] or ""
    if stated and _turned(stated, places.minus) != held:
        raise ArianeError(f"{name}: the reference has {_turned(held, places.minus)} there.")
    if found["more"]:
        if high != low + 1:
            raise ArianeError(f"{name}: an insertion stands between two neighbouring bases.")
        edit = Edit(high, "", _turned(found["more"], places.minus))
    elif found["twice"] is not None:
        edit = Edit(low, "", held)
    else:
        inserted = found["new"] or found["instead"] or ""
        inserted = reverse_complement(held) if found["turned"] else _turned(inserted, places.minus)
        edit = trimmed(low, held, inserted)
    if not edit.removed and not edit.inserted:
        raise ArianeError(f"{name}: changes nothing.")
    return left_aligned(reference, contig, edit)


def _turned(bases: str, minus: bool) -> str:
    return reverse_complement(bases) if minus else bases
