"""Records of a knowledge VCF, one after the other, as text: nothing is held but the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pysam

from ariane.knowledge.vcf_files import compression_of, header_of, incomplete, open_lines
from ariane.model.errors import ArianeError


class VcfRecord(NamedTuple):
    """One line of a VCF without its samples; ``.`` has become an empty string."""

    chrom: str
    pos: int
    id: str
    ref: str
    alts: tuple[str, ...]
    filters: str
    info: Mapping[str, str]
    """A flag's value is an empty string."""


def read_records(path: Path) -> Iterator[VcfRecord]:
    """Records of a VCF or BCF of knowledge, once it is seen to be complete.

    Raises:
        ArianeError: the file is cut, or is no VCF.
        ValueError: a line has too few columns or a position that is no number; it is named.
    """
    if reason := incomplete(path):
        raise ArianeError(f"{path}: {reason}. Download it again.")
    header_of(path)  # says in words that the file is no VCF
    for number, line in enumerate(_lines(path), 1):
        if line.startswith("#") or not line.strip():
            continue
        yield parse(line, number)


def parse(line: str, number: int = 0) -> VcfRecord:
    """One record line as values.

    Raises:
        ValueError: too few columns, or a position that is no number.
    """
    fields = line.rstrip("\r\n").split("\t", 8)
    try:
        chrom, pos, name, ref, alts, _, filters, info = fields[:8]
        return VcfRecord(
            chrom,
            int(pos),
            "" if name == "." else name,
            ref.upper(),
            tuple(alts.upper().split(",")) if alts != "." else (),
            "" if filters == "." else filters,
            info_of(info),
        )
    except ValueError:
        raise ValueError(f"line {number} is no record of a VCF") from None


def info_of(text: str) -> dict[str, str]:
    """INFO fields by name."""
    found = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if value != "." and name not in ("", "."):
            found[name] = value
    return found


def _lines(path: Path) -> Iterator[str]:
    if compression_of(path) == "bcf":
        with pysam.VariantFile(str(path)) as vcf:
            for record in vcf:
                yield str(record)
        return
    with open_lines(path) as lines:
        for raw in lines:
            yield raw.decode("utf-8", "replace")
