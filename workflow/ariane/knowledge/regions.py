"""Parts of the genome: X, Y, pseudoautosomal, mitochondria, and the regions of a BED file."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from ariane.files import open_text
from ariane.knowledge.contigs import Contigs
from ariane.model.case import Sex
from ariane.model.errors import ArianeError, Fault, InputFaults

_FURTHER: Final = ("#", "track", "browser")
"""What a line of a BED file begins with that is no region."""

_WRITE: Final = "Give contig, start and end"


class Region(StrEnum):
    """A part of the genome with its own law of inheritance."""

    AUTOSOME = "autosome"
    X = "X"
    Y = "Y"
    MITOCHONDRIAL = "mitochondrial"


PSEUDOAUTOSOMAL: Final[Mapping[tuple[str, int], tuple[tuple[int, int], ...]]] = {
    ("X", 156_040_895): ((10_001, 2_781_479), (155_701_383, 156_030_895)),  # GRCh38
    ("Y", 57_227_415): ((10_001, 2_781_479), (56_887_903, 57_217_415)),
    ("X", 155_270_560): ((60_001, 2_699_520), (154_931_044, 155_260_560)),  # GRCh37
    ("Y", 59_373_566): ((10_001, 2_649_520), (59_034_050, 59_363_566)),
}
"""Pseudoautosomal intervals (1-based, closed) by chromosome and its length, which tells the
assembly. Source: Genome Reference Consortium."""


def region_of(chrom: str, pos: int, contigs: Contigs) -> Region:
    """The region of a position; pseudoautosomal positions behave as autosomal ones."""
    bare = chrom.removeprefix("chr")
    if bare in ("M", "MT"):
        return Region.MITOCHONDRIAL
    if bare not in ("X", "Y"):
        return Region.AUTOSOME
    shared = PSEUDOAUTOSOMAL.get((bare, contigs.lengths.get(chrom, 0)), ())
    if any(first <= pos <= last for first, last in shared):
        return Region.AUTOSOME
    return Region(bare)


def ploidy_of(region: Region, sex: Sex) -> int | None:
    """Copies of a region in a healthy person of a sex; None where that is not known."""
    if region is Region.AUTOSOME:
        return 2
    if region is Region.MITOCHONDRIAL or sex is Sex.UNKNOWN:
        return None
    if region is Region.X:
        return 1 if sex is Sex.MALE else 2
    return 1 if sex is Sex.MALE else 0


_PLACE: Final = re.compile(r"[0-9]{1,18}")


def bed_lines(path: Path) -> Iterator[tuple[str, int, int]]:
    """The regions of a BED file, line by line: contig as written, start, end; 0-based, half open.

    Args:
        path: plain or gzip.

    Raises:
        ArianeError: there is no such file, or it is no text.
        InputFaults: lines that are no regions, each with its number, once all are read.
    """
    faults: list[Fault] = []
    try:
        with open_text(path) as handle:
            for number, line in enumerate(handle, 1):
                if not line.strip() or line.startswith(_FURTHER):
                    continue
                fields = line.split()
                where = f"{path}:{number}"
                if len(fields) < 3 or not all(map(_PLACE.fullmatch, fields[1:3])):
                    faults.append(Fault(where, "", "not a BED line", _WRITE))
                elif int(fields[1]) >= int(fields[2]):
                    what = f"the region ends at {fields[2]}, before it begins"
                    faults.append(Fault(where, "", what, "Start is 0-based, end is not in"))
                else:
                    yield fields[0], int(fields[1]), int(fields[2])
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Check the path.") from None
    except UnicodeDecodeError:
        raise ArianeError(f"{path}: it is not UTF-8 text. Give a BED file.") from None
    except (OSError, EOFError, zlib.error):
        raise ArianeError(f"{path}: it is cut or damaged. Give a whole BED file.") from None
    if faults:
        raise InputFaults(faults)


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """0-based half-open spans, sorted, those that touch or overlap joined."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def read_regions(path: Path, contigs: Contigs) -> dict[str, list[tuple[int, int]]]:
    """Regions of a BED file by contig of the reference, 1-based, closed, merged.

    Raises:
        ArianeError: the file is missing; InputFaults: lines that are no BED lines.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for contig, start, end in bed_lines(path):
        found.setdefault(contigs.name(contig), []).append((start, end))
    return {
        contig: [(start + 1, end) for start, end in joined(spans)]
        for contig, spans in found.items()
    }
