"""HGVS-like names of structural variants on the genome."""

from __future__ import annotations

from typing import Final

from ariane.annotate.structural import StructuralVariant

_WORDS: Final = {"DEL": "del", "DUP": "dup", "INV": "inv"}


def hgvs_g(variant: StructuralVariant, prefix: str) -> str:
    """``NC_000001.11:g.1001_3500del``; ends that are not certain stand as ``(995_1011)``.

    Args:
        variant: the allele.
        prefix: what stands before the position, ``NC_000001.11:g.``.

    Returns:
        an empty string without prefix, and for breakends and copy numbers, whose sequence the
        record does not tell.
    """
    if not prefix:
        return ""
    if variant.kind == "INS":
        size = f"N[{variant.length}]" if variant.length else "N[?]"
        return f"{prefix}{variant.pos}_{variant.pos + 1}ins{size}"
    word = _WORDS.get(variant.kind)
    if word is None:
        return ""
    low, high = variant.interval
    start = _position(low, variant.uncertain_start)
    end = _position(high, variant.uncertain_end)
    return f"{prefix}{start}{word}" if start == end else f"{prefix}{start}_{end}{word}"


def _position(base: int, uncertain: tuple[int, int]) -> str:
    before, after = uncertain
    if not before and not after:
        return str(base)
    return f"({max(1, base + before)}_{base + after})"
