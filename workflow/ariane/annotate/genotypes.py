"""Genotypes as the VCF writes them, made into :class:`ariane.model.genotype.Genotype`.

Calls are read from the text of the record, where a missing depth is ``.`` and a haploid call is
one allele. Array interfaces mark both with sentinel numbers that look like data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ariane.annotate.fields import UNSPLIT_GT
from ariane.bounds import DIGITS, whole
from ariane.knowledge.vcf_calls import phased_gt
from ariane.model.genotype import Genotype

SHARES = ("AF", "VAF", "HF")
"""FORMAT fields that give an allele's share of the reads: GATK, others, callers of mitochondria."""

_SEPARATOR = re.compile(r"[|/]")


def genotype(call: Mapping[str, str], allele: int = 1) -> Genotype:
    """One member's call of one split allele.

    A ``1/2`` site is heterozygous for each of its alleles, with ``other_alt`` set; so is an allele
    beside ``*``, a deletion that spans it. Any ploidy is kept as written, also on chrX and chrY;
    inheritance interprets them. Physical phase in PGT and PID is taken where GT has none.

    Args:
        call: FORMAT fields by name, as text.
        allele: number of this allele in the record before the split, for ``GT_UNSPLIT``.
    """
    unsplit = call.get(UNSPLIT_GT, ".")
    split = unsplit not in (".", "")
    text, phase_set = phased_call({**call, "GT": unsplit} if split else call)
    number = allele if split else 1
    alleles: list[int | None] = []
    other = False
    for mark in _SEPARATOR.split(text):
        if not mark.isdecimal():
            alleles.append(None)
            continue
        alleles.append(1 if int(mark) == number else 0)
        other = other or int(mark) not in (0, number)
    depths = call.get("AD", ".").split(",")
    alt_depth = _whole(depths[1]) if len(depths) > 1 else None
    return Genotype(
        alleles=tuple(alleles),
        phased="|" in text,
        ref_depth=_whole(depths[0]),
        alt_depth=alt_depth,
        depth=_whole(call.get("DP", ".")),
        quality=_whole(call.get("GQ", ".")),
        phase_set=phase_set,
        other_alt=other,
        share=_share(call) if alt_depth is None else None,
    )


def phased_call(call: Mapping[str, str]) -> tuple[str, str]:
    """GT and phase set of one member's call, see :func:`ariane.knowledge.vcf_calls.phased_gt`.

    PGT counts the alleles of the whole record: it is not read where that record was split.
    """
    whole = call.get(UNSPLIT_GT, ".") in (".", "")
    return phased_gt(call if whole else {k: v for k, v in call.items() if k != "PGT"})


def family(
    columns: Sequence[str], keys: Sequence[str], members: Sequence[str], allele: int = 1
) -> dict[str, Genotype]:
    """Calls of all members, from the sample columns of one split record.

    Args:
        columns: the sample columns in the order of ``members``.
        keys: the FORMAT column, split.
        members: member identifiers.
        allele: see :func:`genotype`.
    """
    return {
        member: genotype(dict(zip(keys, column.split(":"), strict=False)), allele)
        for member, column in zip(members, columns, strict=True)
    }


def carries(call: Genotype) -> bool:
    """Whether at least one allele of the call is this one."""
    return 1 in call.alleles


def better(first: Genotype, second: Genotype) -> Genotype:
    """Of two calls of one allele in two records: more alleles carried, then more reads seen."""

    def weight(call: Genotype) -> tuple[int, int, int]:
        called = sum(1 for allele in call.alleles if allele is not None)
        return (sum(1 for allele in call.alleles if allele == 1), called, call.depth or 0)

    return second if weight(second) > weight(first) else first


def _share(call: Mapping[str, str]) -> int | None:
    """Thousandths of the reads that carry the allele, where a field gives the share alone."""
    text = next((call[name] for name in SHARES if call.get(name, ".") not in ("", ".")), ".")
    try:
        share = Decimal(text)
    except InvalidOperation:
        return None  # several values that the split left together: whose share is not told
    if not (share.is_finite() and 0 <= share <= 1):
        return None
    return int((share * 1000).to_integral_value(ROUND_HALF_UP))


def _whole(text: str) -> int | None:
    """A number, whole or not, as a whole one, halves up; None when missing or no number."""
    if (number := whole(text)) is not None:
        return number
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or value.adjusted() >= DIGITS:
        return None
    return int(value.to_integral_value(ROUND_HALF_UP))
