"""Assemblies of the human genome by the many words people use for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


_LENGTHS: Final[Mapping[str, Mapping[str, int]]] = {
    "1": {"GRCh38": 248956422, "GRCh37": 249250621, "NCBI36": 247249719, "T2T-CHM13": 248387328},
    "2": {"GRCh38": 242193529, "GRCh37": 243199373},
    "3": {"GRCh38": 198295559, "GRCh37": 198022430},
    "7": {"GRCh38": 159345973, "GRCh37": 159138663},
    "17": {"GRCh38": 83257441, "GRCh37": 81195210},
    "22": {"GRCh38": 50818468, "GRCh37": 51304566},
    "X": {"GRCh38": 156040895, "GRCh37": 155270560},
}
"""Lengths of some chromosomes. Source: Genome Reference Consortium; NCBI36 and CHM13 recalled."""


def assembly_by_lengths(lengths: Mapping[str, int]) -> str:
    """The one assembly that has the lengths of chromosomes given, or an empty string.

    Args:
        lengths: by contig, with or without ``chr``; other contigs are passed over.
    """
    named = {
        name
        for contig, length in lengths.items()
        for name, known in _LENGTHS.get(contig.removeprefix("chr"), {}).items()
        if known == length
    }
    return named.pop() if len(named) == 1 else ""


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
