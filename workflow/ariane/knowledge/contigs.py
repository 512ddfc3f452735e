"""Contig names: ``1`` and ``chr1``, ``MT`` and ``chrM`` are one, written as the reference does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.model.errors import ArianeError

TOLERATED: Final = 0.01
"""Share of REF alleles that may differ from the reference. On another assembly about three quarters
do; a few records of a lifted file may (measured on real data: 19 in 57,790)."""

DECISIVE: Final = 20
"""Compared bases of which one may differ: by chance they all agree once in 4**20."""


def on_reference(wrong: int, compared: int) -> bool:
    """Whether a VCF speaks of the reference, by how many of its REF alleles differ from it."""
    return wrong <= TOLERATED * compared or (wrong == 1 and compared >= DECISIVE)


@dataclass(frozen=True)
class Contigs:
    """The contigs of a reference with their lengths."""

    lengths: Mapping[str, int]

    @classmethod
    def of_index(cls, fai: Path) -> Contigs:
        """Read a FASTA index.

        Raises:
            ArianeError: the index is missing, or is none.
        """
        advice = "Index the reference with samtools faidx."
        try:
            rows = [line.split("\t") for line in fai.read_text(encoding="utf-8").splitlines()]
            lengths = {row[0]: int(row[1]) for row in rows}
            sound = _follow_one_another(rows)
        except OSError:
            raise ArianeError(f"{fai}: there is no such file. {advice}") from None
        except (IndexError, ValueError):
            sound = False
        if not sound:
            raise ArianeError(f"{fai}: not the index of a FASTA, or damaged. {advice}")
        if not lengths:
            raise ArianeError(f"{fai}: the index names no contig. {advice}")
        return cls(lengths)

    def name(self, raw: str) -> str:
        """The reference's name for a contig; the name as given when the reference lacks it."""
        for candidate in spellings(raw):
            if candidate in self.lengths:
                return candidate
        return raw


_LONGEST_NAME_LINE: Final = 1 << 16


def _follow_one_another(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each contig of an index begins where the one before ends, but for its line of name.

    Columns: name, bases, offset, bases of a line, bytes of a line (samtools faidx).
    """
    end = 0
    for name, *numbers in rows:
        bases, offset, line, width = map(int, numbers)
        room = offset - end - len(name.encode()) - 2
        if not (bases > 0 and 0 < line < width <= line + 2 and 0 <= room <= _LONGEST_NAME_LINE):
            return False
        whole, rest = divmod(bases, line)
        end = offset + whole * width + (rest + width - line if rest else 0)
    return True


def spellings(raw: str) -> Iterable[str]:
    """The ways one human contig is written, the given way first."""
    bare = raw.removeprefix("chr")
    mitochondrial = bare in ("M", "MT")
    yield raw
    yield from ("chrM", "MT", "M", "chrMT") if mitochondrial else (f"chr{bare}", bare)
