"""Population frequencies: gnomAD's VCFs, and where gnomAD can see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ariane.knowledge.context import Context, spelled
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.regions import PSEUDOAUTOSOMAL, Region, bed_lines, region_of
from ariane.knowledge.vcf_records import VcfRecord, read_records
from ariane.model.canonical import digest

_FAF95: Final = (
    "fafmax_faf95_max",  # gnomAD 4: highest filtering frequency of any group
    "fafmax_faf95_max_joint",
    "faf95_max",
    "faf95_popmax",  # gnomAD 3
)
_FAF95_GROUPS: Final = tuple(
    f"faf95{parted}{group}" for group in ("afr", "amr", "eas", "nfe", "sas") for parted in "_-"
)
"""gnomAD 2.1.1 gives the filtering frequency of each group and not the highest of them, which is
taken here. The groups are those that gnomAD takes itself (none that is small or bottlenecked)."""

_GRPMAX: Final = ("AF_grpmax", "AF_grpmax_joint", "AF_popmax", "AF-popmax")
_TOTAL: Final = ("AF", "AF_joint")
_BASES: Final = (("faf95", _FAF95), ("grpmax", _GRPMAX), ("total", _TOTAL))
"""INFO fields of gnomAD's releases that give a frequency, the one to trust most first."""

_COUNTS: Final = {
    "ac": ("AC", "AC_joint"),
    "an": ("AN", "AN_joint"),
    "homozygotes": ("nhomalt", "nhomalt_joint"),
}
_HEMIZYGOTES: Final = ("nhemi", "nhemialt", "AC_Hemi", "AC_hemi")
_MALE_ALLELES: Final = ("AC_XY", "AC-XY", "AC_joint_XY", "AC_XY_joint", "AC_male")
"""Of exomes and genomes since 3.1 (with a hyphen in its first files, as recalled), of the joint
file of 4.1, and before 3.1. On X and Y outside the pseudoautosomal regions each is hemizygous."""

_NON_PAR: Final = ("non_par", "nonpar")
"""Flags of gnomAD 4 and 2. The joint file of 4.1 has none: there the place tells."""
_PASSED: Final = frozenset({"", "PASS", "."})


def read_frequencies(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """Alleles of a gnomAD-shaped VCF, with what each record gives of them.

    Raises:
        ArianeError: the file is not a complete VCF.
    """
    for line in read_records(path):
        for index, alt in enumerate(line.alts):
            if not spelled(line.ref, alt):
                continue
            said = _said(line, index, context.contigs)
            if said is not None:
                yield {
                    "variant": context.variant(line.chrom, line.pos, line.ref, alt),
                    **said,
                    "record": digest(said),
                }


def _said(line: VcfRecord, index: int, contigs: Contigs) -> dict[str, Any] | None:
    values = {name: _frequency(line.info, fields, index) for name, fields in _BASES}
    if values["faf95"] is None:
        groups = (_frequency(line.info, (name,), index) for name in _FAF95_GROUPS)
        values["faf95"] = max((one for one in groups if one is not None), default=None)
    basis = next((name for name, value in values.items() if value is not None), "")
    if not basis:
        return None
    counts = {name: _count(line.info, fields, index) for name, fields in _COUNTS.items()}
    hemizygotes = _count(line.info, _HEMIZYGOTES, index)
    if hemizygotes is None and _outside_par(line, contigs):
        hemizygotes = _count(line.info, _MALE_ALLELES, index)
    return {
        "af": values[basis],
        "basis": basis,
        **values,
        **counts,
        "hemizygotes": hemizygotes,
        "filters": ";".join(sorted(set(line.filters.split(";")) - _PASSED)),
    }


def _outside_par(line: VcfRecord, contigs: Contigs) -> bool:
    """Whether a male has one copy there: the record says so, or its place on a known assembly."""
    if any(flag in line.info for flag in _NON_PAR):
        return True
    chrom = contigs.name(line.chrom)
    known = (chrom.removeprefix("chr"), contigs.lengths.get(chrom, 0)) in PSEUDOAUTOSOMAL
    return known and region_of(chrom, line.pos, contigs) in (Region.X, Region.Y)


def _frequency(info: Mapping[str, str], names: tuple[str, ...], index: int) -> float | None:
    text = _at(info, names, index)
    # VCF floats are single precision: six significant digits are what they hold.
    return None if text is None else float(f"{float(text):.6g}")


def _count(info: Mapping[str, str], names: tuple[str, ...], index: int) -> int | None:
    text = _at(info, names, index)
    return None if text is None else int(float(text))


def _at(info: Mapping[str, str], names: tuple[str, ...], index: int) -> str | None:
    for name in names:
        parts = info.get(name, "").split(",")
        chosen = parts[index] if len(parts) > index else parts[0]
        if chosen not in ("", "."):
            return chosen
    return None


def read_coverage(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """Intervals of a BED file, 0-based and half open.

    Raises:
        InputFaults: lines that are no BED lines.
    """
    for contig, start, end in bed_lines(path):
        yield {"chrom": context.contigs.name(contig), "start": start, "end": end}
