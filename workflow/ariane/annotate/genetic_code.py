"""The two genetic codes of a human cell."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

_ORDER: Final = "TCAG"
_AT_ONCE: Final = 300
"""Bases read at once on the way to a stop codon."""
_NUMBERS: Final = np.full(256, 4, dtype=np.int64)
_NUMBERS[np.frombuffer(_ORDER.encode(), dtype=np.uint8)] = range(4)
_WEIGHTS: Final = np.array([25, 5, 1])


class GeneticCode:
    """One table of codons.

    Args:
        table: residues of the codons in the order TTT, TTC, TTA, TTG, TCT and so on.
        starts: codons that begin translation.
    """

    def __init__(self, table: str, starts: frozenset[str]) -> None:
        triples = map("".join, itertools.product(_ORDER, repeat=3))
        self.letters: Final = dict(zip(triples, table, strict=True))
        """Residue of each codon, ``*`` for a stop."""
        self.starts: Final = starts
        every = map("".join, itertools.product(f"{_ORDER}N", repeat=3))
        text = "".join(self.letters.get(codon, "X") for codon in every)
        self._by_number = np.frombuffer(text.encode(), dtype=np.uint8)

    def translated(self, bases: str, to_stop: bool = False) -> str:
        """One letter for each whole codon, ``X`` for one with unknown bases.

        Args:
            bases: upper-case.
            to_stop: leave out what comes after the first stop codon.
        """
        found: list[str] = []
        step = _AT_ONCE if to_stop else max(3, len(bases))
        for begin in range(0, len(bases) - 2, step):
            piece = np.frombuffer(bases[begin : begin + step].encode(), dtype=np.uint8)
            whole = _NUMBERS[piece[: len(piece) // 3 * 3]].reshape(-1, 3)
            letters = self._by_number[whole @ _WEIGHTS].tobytes().decode()
            stop = letters.find("*") if to_stop else -1
            if stop >= 0:
                found.append(letters[: stop + 1])
                break
            found.append(letters)
        return "".join(found)


STANDARD: Final = GeneticCode(
    "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", frozenset({"ATG"})
)
"""NCBI translation table 1. Other starts exist there and are rare: HGVS takes ATG."""
MITOCHONDRIAL: Final = GeneticCode(
    "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
    frozenset({"ATG", "ATA", "ATT", "ATC", "GTG"}),
)
"""NCBI translation table 2, vertebrate mitochondria."""
