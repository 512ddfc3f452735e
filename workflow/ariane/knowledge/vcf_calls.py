"""Sample columns of a VCF as text: what is wrong with a call, and one shape for all of them.

A call that names an allele the record lacks, or a column too many, must never be read past: the
variant would count as carried by nobody, or as another person's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ariane.model.structural import SINGLE

_GT: Final = re.compile(r"[|/]?(?:\.|[0-9]{1,9})(?:[|/](?:\.|[0-9]{1,9}))*")
"""No record has alleles of ten digits, and Python takes no number of 5,000."""
_PHASE_SET: Final = re.compile(r"[\w.,*<>-]+")
_MISSING: Final = ("", ".")


def gt_fault(text: str, alts: int) -> str:
    """What is wrong with a GT, in words; empty when nothing is.

    Any ploidy, half-missing calls and either separator are right. A separator may stand first
    (VCF 4.4, section 1.6.2).

    Args:
        text: the GT as written.
        alts: number of alternative alleles of the record.
    """
    if not _GT.fullmatch(text):
        return f"GT {text[:20]!r} is not a genotype"
    highest = max((int(mark) for mark in re.findall(r"\d+", text)), default=0)
    if highest > alts:
        had = "1 ALT allele" if alts == 1 else f"{alts} ALT alleles"
        return f"GT {text[:20]!r} names allele {highest}, but the record has {had}"
    return ""


def format_fault(form: str) -> str:
    """What is wrong with a FORMAT column, in words; empty when nothing is."""
    keys = form.split(":")
    if "" in keys or any(key != key.strip() for key in keys):
        return f"FORMAT {form[:40]!r} holds an empty name"
    twice = sorted({key for key in keys if keys.count(key) > 1})
    return f"FORMAT names {twice[0]} twice" if twice else ""


def phased_gt(call: Mapping[str, str]) -> tuple[str, str]:
    """The GT with the phase that the call knows, and the name of its phase set or an empty string.

    GATK before 4.1.2 writes physical phase beside an unphased GT: ``PGT`` holds the ordered alleles
    and ``PID`` names the block. It is taken where PGT has the same alleles as GT.

    Args:
        call: FORMAT fields by name, as text, of a record that was not split.
    """
    text, block, ordered = call.get("GT", "."), call.get("PID", "."), call.get("PGT", ".")
    phase_set = call.get("PS", ".")
    if block not in _MISSING and _PHASE_SET.fullmatch(block):
        if "|" in ordered and sorted(ordered.split("|")) == sorted(re.split(r"[|/]", text)):
            text, phase_set = (text, phase_set) if "|" in text else (ordered, block)
        if "|" in text and phase_set in _MISSING:
            phase_set = block
    return text, "" if phase_set in _MISSING or "|" not in text else phase_set


def alt_fault(alts: Sequence[str]) -> str:
    """What is wrong with the ALT alleles of a record, in words; empty when nothing is.

    Symbolic alleles, breakends with and without a mate, and ``*`` are right; IUPAC codes but N are
    not (VCF 4.4, 1.6.1).
    """
    for allele in alts:
        known = allele in ("*", ".") or any(mark in allele for mark in "<>[]")
        known = known or SINGLE.fullmatch(allele) is not None
        if not known and (not allele or allele.strip("ACGTNacgtn")):
            return f"ALT {allele[:20]!r} is no sequence of A, C, G, T or N"
    return "ALT names one allele twice" if len(set(alts)) < len(alts) else ""


class Columns:
    """The sample columns of a VCF's records, checked and brought into one shape.

    What was seen to be right is remembered, so a record costs little.
    """

    def __init__(self) -> None:
        self._forms: dict[bytes, tuple[int, int]] = {}
        self._right: set[tuple[bytes, int]] = set()

    def tidy(self, form: bytes, calls: list[bytes], alts: int) -> tuple[bytes, list[bytes]]:
        """A record's FORMAT and calls: GT first, an empty call as ``.``, no leading separator.

        Raises:
            ValueError: FORMAT or a call is wrong; the text says what.
        """
        if form not in self._forms:
            if fault := format_fault(form.decode()):
                raise ValueError(fault)
            keys = form.split(b":")
            self._forms[form] = (keys.index(b"GT") if b"GT" in keys else -1, len(keys))
        place, count = self._forms[form]
        calls = [self._call(call, place, count, alts) for call in calls]
        if place < 1:
            return form, calls
        return _first(form, place), [_first(call, place) for call in calls]

    def _call(self, call: bytes, place: int, count: int, alts: int) -> bytes:
        if not call:
            return b"."
        if call.count(b":") >= count:
            raise ValueError(f"{call[:40].decode()!r} has more fields than FORMAT names")
        parts = call.split(b":", place + 1) if place >= 0 else []
        if len(parts) <= place or place < 0:
            return call
        text = parts[place] or b"."
        if (text, alts) not in self._right:
            if fault := gt_fault(text.decode(), alts):
                raise ValueError(fault)
            if text[:1] not in b"|/":
                self._right.add((text, alts))
        if text is parts[place] and text[:1] not in b"|/":
            return call
        parts[place] = text.lstrip(b"|/")
        return b":".join(parts)


def _first(text: bytes, place: int) -> bytes:
    """The fields with one of them moved to the front; a field left out is missing."""
    parts = text.split(b":")
    moved = parts.pop(place) if place < len(parts) else b"."
    return b":".join([moved, *parts])
