"""A structural variant read from one record of a VCF, whatever program wrote it.

Read are symbolic alleles (``<DEL>``, ``<DUP:TANDEM>``, ``<INV>``, ``<INS:ME:ALU>``, ``<CNV>``,
``<CN0>``, ``<CPX>``), breakends (``N[chr2:321[``), those without a mate (``N.``, which the sieve
writes ``<BND:N.>``), and the symbolic ``<BND>``, ``<TRA>``, ``<CTX>`` with CHR2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ariane.bounds import whole
from ariane.model.structural import BREAKEND, SINGLE, Spot

Base = Callable[[str, int], str]
"""The reference's base at a contig's position; ``N`` where it has none."""

_WORD: Final = re.compile(r"<([A-Za-z0-9_]+)(:[A-Za-z0-9_:]+)?>")
_COPIES: Final = re.compile(r"CN(\d{1,18})")
_INTERVALS: Final = ("DEL", "DUP", "INV", "CNV", "CPX")
_SEGMENTS: Final = "QSS"
"""FORMAT field of GATK's gCNV, which writes a segment's first base as POS, not the base before
(recalled)."""
_COUNTED: Final = frozenset({"CN", "SM"})
"""FORMAT fields of segments found by depth alone."""
_OLD: Final = "OLD_RECORD"
_MATED: Final = ("BND", "TRA", "CTX")
_PAIRS: Final = str.maketrans("ACGTNacgtn", "TGCANTGCAN")
_FORMS: Final[Mapping[str, tuple[bool, str]]] = {
    "+-": (True, "["),
    "3to5": (True, "["),
    "++": (True, "]"),
    "3to3": (True, "]"),
    "-+": (False, "]"),
    "5to3": (False, "]"),
    "--": (False, "["),
    "5to5": (False, "["),
}
"""STRANDS of GATK-SV and CT of DELLY: whether the base stands before the bracket, and which."""


@dataclass(frozen=True)
class StructuralVariant:
    """One structural allele, in the form that its key is made of."""

    kind: str
    """DEL, DUP, INV, BND, CNV, INS or CPX."""
    chrom: str
    pos: int
    ref: str
    """The reference's base at ``pos``."""
    alt: str
    """``<DEL:3500>``, or a breakend's ALT; the allele as its key writes it."""
    end: int
    """The last base on ``chrom``."""
    chrom2: str = ""
    """Contig of a breakend's mate; empty where no mate is known, or it lies beyond an end of a
    chromosome."""
    pos2: int = 0
    before: bool = True
    """Breakend: the base at ``pos`` and what lies left of it are kept."""
    mark: str = ""
    """Breakend: ``[`` keeps what lies right of the mate's base, ``]`` what lies left of it."""
    length: int | None = None
    """Inserted bases, where the record tells."""
    uncertain_start: tuple[int, int] = (0, 0)
    """CIPOS: bases before and after ``pos`` within which the start lies."""
    uncertain_end: tuple[int, int] = (0, 0)
    identity: str = ""
    """The record's ID."""
    mates: tuple[str, ...] = ()
    """MATEID."""

    @property
    def key(self) -> str:
        """``chr1-1000-N-<DEL:3500>``."""
        return f"{self.chrom}-{self.pos}-{self.ref}-{self.alt}"

    @property
    def spot(self) -> Spot:
        """Kind and place."""
        return Spot(self.kind, self.chrom, self.pos, self.end, self.chrom2, self.pos2)

    @property
    def shape(self) -> str:
        """What the allele does to its chromosome: a breakend pair on one contig is told as the
        deletion, duplication or inversion that its orientation makes."""
        if self.kind != "BND" or self.chrom2 != self.chrom:
            return self.kind
        if self.before == (self.mark == "]"):
            return "INV"
        if not self.before:
            return "DUP"
        return "DEL" if self.pos2 > self.pos + 1 else "INS"

    @property
    def interval(self) -> tuple[int, int]:
        """First and last base taken, gained or turned round; ``(n + 1, n)`` for an insertion."""
        if self.shape == "INS":
            return self.pos + 1, self.pos
        if self.kind != "BND":
            return self.pos + 1, self.end
        if self.shape == "DEL":
            return self.pos + 1, self.end - 1
        return (self.pos, self.end) if self.shape == "DUP" else (self.pos + 1, self.end)

    @property
    def breakpoints(self) -> tuple[tuple[str, int], ...]:
        """Contig and base of each end of the allele."""
        if self.kind == "BND":
            mate = ((self.chrom2, self.pos2),) if self.chrom2 else ()
            return (self.chrom, self.pos), *mate
        return (self.chrom, self.pos), (self.chrom, self.end)

    @property
    def spans(self) -> tuple[tuple[str, int, int], ...]:
        """The stretches in which genes are touched: contig, first, last base."""
        if self.shape in ("INV", "BND"):
            return tuple((contig, pos, pos + 1) for contig, pos in self.breakpoints)
        low, high = self.interval
        return ((self.chrom, min(low, high), max(low, high)),)

    def copy(self, kind: str) -> StructuralVariant:
        """The same interval as a loss (DEL) or gain (DUP) of copies."""
        return replace(self, kind=kind, alt=f"<{kind}:{self.end}>")


@dataclass(frozen=True)
class Unread:
    """A symbolic allele that says too little; it is counted under its reason."""

    reason: str


def parse(
    fields: Sequence[str], base: Base, contig_name: Callable[[str], str] = str
) -> StructuralVariant | Unread:
    """Read the allele of one split record.

    Args:
        fields: the columns of the record as text, with one alternative allele.
        base: the reference.
        contig_name: turns a mate's contig name into the reference's.
    """
    chrom, pos, identity, alt = fields[0], int(fields[1]), fields[2], fields[4]
    info = dict(part.partition("=")[::2] for part in fields[7].split(";"))
    common = {
        "uncertain_start": _interval(info.get("CIPOS", "")),
        "uncertain_end": _interval(info.get("CIEND", "")),
        "identity": "" if identity == "." else identity,
        "mates": tuple(filter(None, info.get("MATEID", "").split(","))),
    }
    if found := BREAKEND.fullmatch(alt):
        before = bool(found["left"])
        text = found["left"][1:] if before else found["right"][:-1]
        mate = contig_name(found["chrom"]), int(found["pos"])
        if min(pos, mate[1]) < 1:
            return _at_the_end((chrom, pos), mate, (before, found["mark"]), base, common)
        made = _breakend((chrom, pos), mate, before, found["mark"], text.upper(), base)
        return replace(made, **common)  # type: ignore[arg-type]
    if found := SINGLE.fullmatch(alt.removeprefix("<BND:").removesuffix(">")):
        if pos < 1:
            return Unread("beyond the chromosome")
        text = found["left"][1:] if found["left"] else found["right"][:-1]
        made = _single((chrom, pos), bool(found["left"]), text.upper(), base)
        return replace(made, **common)  # type: ignore[arg-type]
    symbol = _WORD.fullmatch(alt)
    if symbol is None:
        return Unread("not understood")
    word = symbol[1].upper()
    if copies := _COPIES.fullmatch(word):
        if int(copies[1]) == 1:
            return Unread("one copy, as the reference")
        word = "DEL" if int(copies[1]) == 0 else "DUP"
    if word in _MATED:
        return _mated(chrom, pos, info, base, contig_name, common)
    if word == "INS":
        length = _whole(info.get("SVLEN", "").split(",")[0]) or _whole(info.get("INSLEN", ""))
        alt = f"<{'INS' + (symbol[2] or '').upper()}:{pos}>"
        place = chrom, pos, base(chrom, pos)
        return StructuralVariant("INS", *place, alt, pos, length=length, **common)  # type: ignore[arg-type]
    if word not in _INTERVALS:
        return Unread(f"<{word}>")
    end, moved, form = _end(pos, info), _moved(pos, info), "".join(fields[8:9]).split(":")
    if end is not None and moved and ("IMPRECISE" in info or not _COUNTED.isdisjoint(form)):
        # Left alignment by the bases means nothing where the ends are not known to the base.
        pos, end = pos + moved, end + moved
    if _SEGMENTS in form:
        pos -= 1
    if end is None:
        return Unread("no END and no SVLEN")
    if end <= pos:
        return Unread("END before POS")
    made = StructuralVariant(word, chrom, pos, base(chrom, pos), f"<{word}:{end}>", end)
    return replace(made, **common)  # type: ignore[arg-type]


def _mated(
    chrom: str,
    pos: int,
    info: Mapping[str, str],
    base: Base,
    contig_name: Callable[[str], str],
    common: Mapping[str, object],
) -> StructuralVariant | Unread:
    """A symbolic breakend: CHR2 with END2 (GATK-SV), POS2 or, in older files, END (DELLY)."""
    there = next((n for n in ("END2", "POS2", "END") if whole(info.get(n, "")) is not None), "")
    if not info.get("CHR2") or not there:
        return Unread("no mate is named")
    told = info.get("STRANDS") or info.get("CT") or "+-"
    before, mark = _FORMS.get(told, (True, "["))
    mate = contig_name(info["CHR2"]), int(info[there])
    if min(pos, mate[1]) < 1:
        return _at_the_end((chrom, pos), mate, (before, mark), base, common)
    return replace(_breakend((chrom, pos), mate, before, mark, "", base), **common)  # type: ignore[arg-type]


def _breakend(
    here: tuple[str, int],
    there: tuple[str, int],
    before: bool,
    mark: str,
    inserted: str,
    base: Base,
) -> StructuralVariant:
    """A breakend seen from its smaller end, so that two mates have one key."""
    if there < here:
        here, there = there, here
        if before == (mark == "]"):
            # Both sides keep the same arm: the form stays, the inserted bases turn round.
            inserted = inserted.translate(_PAIRS)[::-1]
        else:
            before, mark = not before, "]" if mark == "[" else "["
    ref = base(*here)
    mate = f"{mark}{there[0]}:{there[1]}{mark}"
    alt = f"{ref}{inserted}{mate}" if before else f"{mate}{inserted}{ref}"
    end = max(here[1], there[1]) if here[0] == there[0] else here[1]
    return StructuralVariant(
        "BND", *here, ref, alt, end, *there, before=before, mark=mark, length=len(inserted)
    )


def _single(here: tuple[str, int], before: bool, inserted: str, base: Base) -> StructuralVariant:
    """A breakend without a mate: where it breaks is known, what follows is not."""
    ref = base(*here)
    alt = f"{ref}{inserted}." if before else f".{inserted}{ref}"
    length = len(inserted)
    return StructuralVariant("BND", *here, ref, alt, here[1], before=before, length=length)


def _at_the_end(
    here: tuple[str, int],
    there: tuple[str, int],
    form: tuple[bool, str],
    base: Base,
    common: Mapping[str, object],
) -> StructuralVariant | Unread:
    """A breakend whose one end is a telomere (position 0; VCF specification, section 5.4.5): the
    other end breaks, and what it joins holds no gene."""
    before, mark = form
    if here[1] < 1:
        here, before = there, mark == "]"
    if here[1] < 1:
        return Unread("both ends beyond a chromosome")
    return replace(_single(here, before, "", base), **common)  # type: ignore[arg-type]


def _end(pos: int, info: Mapping[str, str]) -> int | None:
    """END, else POS and SVLEN: negative, positive or one a allele, as programs differ."""
    if (end := _whole(info.get("END", ""))) is not None:
        return end
    length = _whole(info.get("SVLEN", "").split(",")[0])
    return None if length is None else pos + abs(length)


def _moved(pos: int, info: Mapping[str, str]) -> int:
    """By how many bases left alignment moved the record; the record before stands in INFO."""
    fields = info.get(_OLD, "").split("|")
    before = whole(fields[1]) if len(fields) > 3 else None
    return 0 if before is None else before - pos


def _interval(text: str) -> tuple[int, int]:
    parts = [_whole(part) for part in text.split(",")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return 0, 0
    return parts[0], parts[1]


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
