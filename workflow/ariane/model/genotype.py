"""Genotypes of a family at one site, as read from a VCF and as kept in the store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Zygosity(StrEnum):
    """How a member carries the alternative allele of a split record."""

    REFERENCE = "ref"
    HETEROZYGOUS = "het"
    HOMOZYGOUS = "hom"
    HEMIZYGOUS = "hemi"
    MISSING = "missing"


_FIELD = re.compile(r"^[^=;:]+=")


@dataclass(frozen=True)
class Genotype:
    """One member's call of one split allele. Depths and quality are None where the VCF has none."""

    alleles: tuple[int | None, ...]
    """Allele numbers of the split record: 0 reference, 1 this allele, None missing. Another
    alternative allele of the same site counts as 0 here and sets ``other_alt``."""
    phased: bool = False
    ref_depth: int | None = None
    alt_depth: int | None = None
    depth: int | None = None
    quality: int | None = None
    phase_set: str = ""
    other_alt: bool = False
    """The second haplotype carries a different alternative allele (a split 1/2 site)."""
    share: int | None = None
    """Share of the allele in thousandths, where the VCF gives it and no depths (mitochondria)."""
    copies: int | None = None
    """Copy number of the place, where a copy-number caller gives it."""

    @cached_property
    def zygosity(self) -> Zygosity:
        """Zygosity by allele count; a partly missing call counts what is there."""
        called = [a for a in self.alleles if a is not None]
        if not called:
            return Zygosity.MISSING
        count = sum(1 for a in called if a == 1)
        if count == 0:
            return Zygosity.REFERENCE if len(called) == len(self.alleles) else Zygosity.MISSING
        if len(self.alleles) == 1:
            return Zygosity.HEMIZYGOUS
        return Zygosity.HOMOZYGOUS if count == len(self.alleles) else Zygosity.HETEROZYGOUS

    @property
    def alt_fraction(self) -> float | None:
        """Share of reads that carry the allele, or None where nothing tells it."""
        if self.ref_depth is None or self.alt_depth is None:
            return None if self.share is None else self.share / 1000
        total = self.ref_depth + self.alt_depth
        return self.alt_depth / total if total else None

    def encode(self) -> str:
        """``GT:AD:DP:GQ:PS`` with ``.`` for what is missing; ``0*`` marks another ALT allele.

        ``:share:copies`` follow where one of them is known.
        """
        bar = "|" if self.phased else "/"
        marks = ["." if a is None else str(a) for a in self.alleles]
        if self.other_alt and "0" in marks:
            marks[marks.index("0")] = "0*"
        depths = f"{_text(self.ref_depth)},{_text(self.alt_depth)}"
        fields = [bar.join(marks), depths, _text(self.depth), _text(self.quality)]
        fields.append(self.phase_set or ".")
        if self.share is not None or self.copies is not None:
            fields += [_text(self.share), _text(self.copies)]
        return ":".join(fields)

    @classmethod
    def decode(cls, text: str) -> Genotype:
        """The inverse of :meth:`encode`.

        Raises:
            ValueError: the text is not in that form.
        """
        fields = text.split(":")
        if len(fields) not in (5, 7):
            raise ValueError(f"not a stored genotype: {text!r}")
        gt, depths, depth, quality, phase_set = fields[:5]
        share, copies = fields[5:] or (".", ".")
        marks = re.split(r"[|/]", gt)
        ref_depth, _, alt_depth = depths.partition(",")
        return cls(
            alleles=tuple(None if m == "." else int(m.rstrip("*")) for m in marks),
            phased="|" in gt,
            ref_depth=_number(ref_depth),
            alt_depth=_number(alt_depth),
            depth=_number(depth),
            quality=_number(quality),
            phase_set="" if phase_set == "." else phase_set,
            other_alt="*" in gt,
            share=_number(share),
            copies=_number(copies),
        )


def encode_family(calls: dict[str, Genotype]) -> str:
    """Calls of the sequenced members as one string: ``member=GT:AD:DP:GQ:PS;...``, sorted."""
    return ";".join(f"{member}={calls[member].encode()}" for member in sorted(calls))


def decode_family(text: str) -> dict[str, Genotype]:
    """The inverse of :func:`encode_family`.

    Raises:
        ValueError: the text is not in that form.
    """
    calls: dict[str, Genotype] = {}
    for part in filter(None, text.split(";")):
        if not _FIELD.match(part):
            raise ValueError(f"not a stored genotype: {part!r}")
        member, _, call = part.partition("=")
        calls[member] = Genotype.decode(call)
    return calls


def _text(number: int | None) -> str:
    return "." if number is None else str(number)


def _number(text: str) -> int | None:
    return None if text in (".", "") else int(text)
