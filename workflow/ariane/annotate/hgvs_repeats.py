"""Changes of a tandem repeat in the bracket spelling that ClinVar uses: ``g.45331291TA[3]``.

HGVS allows both spellings and asks for ``del`` and ``dup`` first, which :mod:`ariane.annotate.hgvs`
writes. This one serves to compare with ClinVar's CLNHGVS and to be found by it.
"""

from __future__ import annotations

from ariane.annotate.hgvs_edit import Edit, run_left, run_right
from ariane.annotate.sequence import Reference


def repeat_change(reference: Reference, contig: str, edit: Edit) -> str:
    """The repeat with its new number of copies, without accession; empty where there is no repeat.

    The rule, inferred from ClinVar's names: the changed bases are whole copies of a unit of two
    or more bases, the reference holds at least two copies, and some remain. Copies are counted
    from the 3' end of the forward strand.

    Args:
        reference: the bases.
        contig: as the reference writes it.
        edit: a trimmed change.
    """
    if edit.removed and edit.inserted:
        return ""
    edit = edit.moved(run_right(reference, contig, edit))
    changed = edit.removed or edit.inserted
    size = period(changed)
    if size < 2:
        return ""
    # The removed bases are copies themselves; inserted ones stand after the tract.
    tract = len(edit.removed) + run_left(reference, contig, edit)
    copies = tract // size
    change = len(changed) // size
    left = copies - change if edit.removed else copies + change
    if copies < (2 if edit.removed or change < 2 else 1) or left < 1:
        return ""
    return f"{edit.end + 1 - copies * size}{changed[:size]}[{left}]"


def period(bases: str) -> int:
    """Length of the smallest unit of which whole copies make the bases: 2 for ``TATA``."""
    for size in range(1, len(bases) // 2 + 1):
        if len(bases) % size == 0 and bases == bases[:size] * (len(bases) // size):
            return size
    return len(bases)
