"""Parts of a protein by which its known missense alleles are looked up.

A hot spot is asked for around a residue, not at it. So that a changed record touches only the
cases with an allele nearby, residues are held in stretches of a fixed length, named
``ENST00000123~4``, and an allele reads the one or two stretches within its reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

STRETCH: Final = 16
"""Residues in a stretch."""

REACH: Final = 8
"""Residues to either side that an allele reads: the 25 bases of Exomiser's hot spots."""


def stretch_of(codon: str) -> str:
    """The stretch that holds a codon, ``ENST00000123:59``."""
    transcript, _, number = codon.rpartition(":")
    return f"{transcript}~{int(number) // STRETCH}"


def stretches_near(codon: str) -> tuple[str, ...]:
    """The stretches within reach of a codon, in order; none for an empty text."""
    if not codon:
        return ()
    transcript, _, number = codon.rpartition(":")
    low, high = ((int(number) + step) // STRETCH for step in (-REACH, REACH))
    return tuple(f"{transcript}~{n}" for n in range(max(0, low), high + 1))


def codons_of(stretch: str) -> Iterator[str]:
    """The codons of a stretch."""
    transcript, _, number = stretch.rpartition("~")
    for residue in range(int(number) * STRETCH, (int(number) + 1) * STRETCH):
        yield f"{transcript}:{residue}"


def stretches_sql(column: str) -> str:
    """:func:`stretches_near` of a column that is not empty, as a list in DuckDB's SQL."""
    transcript = f"regexp_replace({column}, ':[0-9]+$', '')"
    number = f"CAST(regexp_extract({column}, ':([0-9]+)$', 1) AS INTEGER)"
    low = f"greatest(0, {number} - {REACH}) // {STRETCH}"
    high = f"({number} + {REACH}) // {STRETCH}"
    return f"list_transform(range({low}, {high} + 1), lambda n: {transcript} || '~' || n)"
