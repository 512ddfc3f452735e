"""Assemblies of the human genome by the many words people use for them."""

from __future__ import annotations

import re
from typing import Final

ASSEMBLIES: Final = ("GRCh38", "GRCh37", "NCBI36", "T2T-CHM13")

_WORDS: Final = (
    (
        "GRCh38",
        r"grch[_-]?38|hg[_-]?38|b38|hs38\w*|gca_000001405\.(?:1[5-9]|2\d)|gcf_000001405\.(?:2[6-9]|[34]\d)",
    ),
    (
        "GRCh37",
        r"grch[_-]?37|hg[_-]?19|b37|hs37\w*|g1k_v37|gca_000001405\.(?:[1-9]|1[0-4])|gcf_000001405\.(?:1[3-9]|2[0-5])",
    ),
    ("NCBI36", r"ncbi[_-]?36|hg[_-]?18|b36"),
    ("T2T-CHM13", r"chm13\w*|t2t|hs1"),
)
"""Names used by UCSC, NCBI, the 1000 Genomes Project and the GATK bundle."""

_PATTERNS: Final = tuple(
    (name, re.compile(rf"(?<![a-z0-9])(?:{words})(?![0-9])", re.IGNORECASE))
    for name, words in _WORDS
)


def assemblies_in(text: str) -> tuple[str, ...]:
    """Every assembly that a text names, sorted: ``hg19.fa`` names GRCh37."""
    return tuple(sorted(name for name, pattern in _PATTERNS if pattern.search(text)))


def assembly_of(word: str) -> str:
    """The assembly that a whole word names, or an empty string: ``hg38`` is GRCh38."""
    for name, pattern in _PATTERNS:
        found = pattern.match(word.strip())
        rest = word.strip()[found.end() :] if found else ""
        if found and re.fullmatch(r"(?:[._-]?p\d+|_[a-z]+)?", rest, re.IGNORECASE):
            return name
    return ""
