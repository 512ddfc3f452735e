"""Calls of structural alleles: genotypes where given, copy numbers where not, reads as support."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ariane.annotate.genotypes import genotype
from ariane.bounds import whole
from ariane.model.genotype import Genotype

LOSS: Final = "DEL"
GAIN: Final = "DUP"
COPIES: Final = ("CN", "RD_CN", "RDCN")
"""Copy number of the sample: VCF, GATK-SV, DELLY."""

_QUALITIES: Final = ("GQ", "CNQ", "RD_GQ", "QS", "QA")
"""Quality of a call, the one to trust most first; QS and QA are those of GATK's gCNV."""


def copies_of(call: Mapping[str, str]) -> int | None:
    """The copy number that a call states; None where it states none."""
    for name in COPIES:
        if (found := whole(call.get(name, ""))) is not None:
            return found
    return None


def split_calls(columns: Iterable[str], keys: Sequence[str]) -> list[dict[str, str]]:
    """The sample columns of a record by FORMAT field."""
    return [dict(zip(keys, column.split(":"), strict=False)) for column in columns]


def structural_call(
    call: Mapping[str, str], kind: str, ploidy: int | None, allele: int = 1
) -> Genotype:
    """One member's call of one structural allele.

    A diploid genotype counts as written. A copy number decides where the genotype is missing or
    has one allele for a whole segment (gCNV writes 0, 1 and 2 for reference, loss and gain), and
    where loss and gain stand at once (copy-neutral loss of heterozygosity).

    Args:
        call: FORMAT fields by name, as text.
        kind: DEL, DUP or another kind.
        ploidy: copies of the place in a healthy person of the member's sex; None when not known.
        allele: number of this allele in the record before the split.
    """
    made = genotype(call, allele)
    copies = copies_of(call)
    alleles = made.alleles
    stated = next((n for n in _QUALITIES if call.get(n, ".") not in ("", ".")), "")
    if stated and stated != "GQ":
        made = replace(made, quality=genotype({"GQ": call[stated]}).quality)
    if copies is not None and kind in (LOSS, GAIN):
        alleles = _by_copies(made, copies, kind, ploidy)
    reference, alternative = _support(call)
    if made.ref_depth is None and made.alt_depth is None:
        made = replace(made, ref_depth=reference, alt_depth=alternative)
    depth = made.depth
    if depth is None and reference is not None and alternative is not None:
        depth = reference + alternative
    return replace(made, alleles=alleles, depth=depth, copies=copies)


def _by_copies(
    made: Genotype, copies: int, kind: str, ploidy: int | None
) -> tuple[int | None, ...]:
    called = any(allele is not None for allele in made.alleles)
    carried = 1 in made.alleles
    if called and ploidy is not None and made.other_alt and copies == ploidy:
        return (0,) * ploidy if ploidy else (0,)
    if called and (len(made.alleles) > 1 or not carried):
        return made.alleles
    if not called and ploidy is None and copies > 0 and not (kind == GAIN and copies > 2):
        return made.alleles  # one copy of an X is a loss in a female and none in a male
    normal = 2 if ploidy is None else ploidy
    if kind == LOSS:
        if copies >= normal and not carried:
            return (0,) * max(1, normal)
        lost = 1 if carried and copies >= normal else normal - copies
        return (0,) * (normal - lost) + (1,) * lost if normal > 1 else (1,)
    if copies <= normal and not carried:
        return (0,) * max(1, normal)
    if normal < 2:
        return (1,)
    # Two or more further copies may lie on one chromosome or on both.
    return (0, 1) if copies <= normal + 1 else (None, 1)


def _support(call: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Reads for the reference and for the allele.

    Manta: PR and SR, reference before allele. DELLY: RR and RV of split reads where there are any,
    else DR and DV of pairs. GATK-SV: PE and SR count the allele's reads alone.
    """
    pairs = [call.get(name, "").split(",") for name in ("PR", "SR")]
    both = [(whole(pair[0]), whole(pair[1])) for pair in pairs if len(pair) == 2]
    if both:
        known = [(ref, alt) for ref, alt in both if ref is not None and alt is not None]
        if known:
            return sum(ref for ref, _ in known), sum(alt for _, alt in known)
    for names in (("RR", "RV"), ("DR", "DV")):
        ref, alt = (whole(call.get(name, "")) for name in names)
        if ref is not None and alt is not None and ref + alt > 0:
            return ref, alt
    alone = [whole(call.get(name, "")) for name in ("PE", "SR")]
    reads = [count for count in alone if count is not None]
    return None, sum(reads) if reads else None
