"""Structural variants of populations and ClinGen's dosage regions: read, laid out, matched."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ariane.bounds import whole
from ariane.files import RESOURCES, open_text, query, read_yaml
from ariane.knowledge import tables
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.vcf_files import open_whole
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError
from ariane.model.structural import (
    BREAKEND,
    OVERLAPPING,
    SMALL,
    Spot,
    is_symbolic,
    kind_of,
    read_keys,
    reciprocal_overlap,
    spot_of,
)

_FREQUENCIES: Final = ("GRPMAX_AF", "grpmax_AF", "AF_grpmax", "POPMAX_AF", "AF_popmax", "AF")
"""INFO fields of gnomAD's structural releases that give a frequency, the largest group first."""
_HOMOZYGOTES: Final = ("N_HOMALT", "nhomalt")
_WORD: Final = re.compile(r"<([A-Za-z]+)[^<>]*>")
_PLACE: Final = re.compile(r"(?:chr)?([\w.]+):(\d+)-(\d+)")
_BED_COLUMNS: Final = ("chrom", "start", "end", "svtype", "af")
KINDS: Final = frozenset({"DEL", "DUP", "INV", "INS", "BND", "CNV"})

Rows = Mapping[str, tuple[Mapping[str, Any], ...]]


@dataclass(frozen=True)
class Limits:
    """When two structural variants count as one (``resources/structural.yaml``)."""

    reciprocal: float
    breakpoints: int


@cache
def load_limits(path: Path = RESOURCES / "structural.yaml") -> Limits:
    """Read the limits.

    Raises:
        ArianeError: a key is missing or wrong, or the overlap asked is below one half, where a
            match could lie under another read key than the one that is compared.
    """
    raw = read_yaml(path)
    try:
        found = Limits(float(raw["match"]["reciprocal"]), int(raw["match"]["breakpoints"]))
    except (KeyError, TypeError, ValueError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None
    if not 0.5 <= found.reciprocal <= 1 or found.breakpoints < 0:
        raise ArianeError(f"{path}: 'reciprocal' goes from 0.5 to 1. Mend it.")
    return found


def read_structural_frequencies(
    path: Path, form: str, contigs: Contigs
) -> Iterator[dict[str, Any]]:
    """Alleles of a population: a VCF shaped like gnomAD-SV's, or a BED-like table.

    Records that the makers filtered are passed over: a doubtful frequency must not speak against
    an allele. Copy-number sites without an allele frequency are passed over too.

    Args:
        path: the file.
        form: ``gnomad_sv_vcf`` or ``sv_bed``.
        contigs: the reference's contigs.

    Raises:
        ArianeError: the file is not a complete VCF, or the table lacks a column.
    """
    rows = _of_vcf(path, contigs) if form == "gnomad_sv_vcf" else _of_bed(path, contigs)
    for spot, af, homozygotes in rows:
        said = {
            "kind": spot.kind,
            "chrom": spot.chrom,
            "start": spot.low,
            "end": spot.high,
            "chrom2": spot.chrom2,
            "pos2": spot.pos2,
            "af": float(f"{af:.6g}"),
            "homozygotes": homozygotes,
        }
        yield {**said, "record": digest(said)}


def _of_vcf(path: Path, contigs: Contigs) -> Iterator[tuple[Spot, float, int]]:
    with open_whole(path) as handle:
        for line in handle:
            fields = str(line).rstrip("\n").split("\t")
            if fields[6] not in ("PASS", "."):
                continue
            info = dict(part.partition("=")[::2] for part in fields[7].split(";"))
            spot = _spot(fields, info, contigs)
            af = next((_number(info[name]) for name in _FREQUENCIES if name in info), None)
            if spot is not None and af is not None:
                count = next((_number(info[n]) for n in _HOMOZYGOTES if n in info), None)
                yield spot, af, int(count or 0)


def _spot(fields: list[str], info: Mapping[str, str], contigs: Contigs) -> Spot | None:
    chrom, pos, ref, alt = contigs.name(fields[0]), int(fields[1]), fields[3], fields[4]
    if found := BREAKEND.fullmatch(alt):
        return _mated(chrom, pos, contigs.name(found["chrom"]), int(found["pos"]))
    if not is_symbolic(alt):
        kind = kind_of(ref, alt)
        return None if kind == SMALL else Spot(kind, chrom, pos, pos + len(ref) - 1)
    word = _WORD.fullmatch(alt)
    kind = word[1].upper() if word else ""
    if kind in ("BND", "CTX", "TRA"):
        there = next((info[n] for n in ("END2", "POS2") if whole(info.get(n, "")) is not None), "")
        return _mated(chrom, pos, contigs.name(info.get("CHR2", "")), int(there)) if there else None
    if kind == "INS":
        return Spot(kind, chrom, pos, pos)
    length = _number(info.get("SVLEN", "").split(",")[0])
    end = whole(info.get("END", ""))
    if end is None and length is not None:
        end = pos + abs(int(length))
    return Spot(kind, chrom, pos, end) if kind in KINDS and end is not None else None


def _mated(chrom: str, pos: int, chrom2: str, pos2: int) -> Spot:
    """A pair of ends, the smaller first, as keys write it."""
    (chrom, pos), (chrom2, pos2) = sorted(((chrom, pos), (chrom2, pos2)))
    return Spot("BND", chrom, pos, pos2 if chrom == chrom2 else pos, chrom2, pos2)


def _of_bed(path: Path, contigs: Contigs) -> Iterator[tuple[Spot, float, int]]:
    """Columns chrom, start (from 0), end, svtype, af, and homozygotes where known."""
    with open_text(path) as handle:
        columns: list[str] = []
        for number, line in enumerate(handle, 1):
            fields = [cell.strip() for cell in line.rstrip("\r\n").split("\t")]
            if not columns:
                columns = [name.lstrip("#").lower() for name in fields]
                if missing := [name for name in _BED_COLUMNS if name not in columns]:
                    told = ", ".join(missing)
                    raise ArianeError(f"{path}: lacks the columns {told} in its first line.")
                continue
            row = dict(zip(columns, fields, strict=False))
            if not line.strip() or line.startswith("#") or row.get("svtype", "") not in KINDS:
                continue
            try:
                start, end, af = int(row["start"]), int(row["end"]), float(row["af"])
            except (KeyError, ValueError):
                raise ArianeError(
                    f"{path}:{number}: start, end and af must be numbers. Mend the line."
                ) from None
            count = _number(row.get("homozygotes", ""))
            yield Spot(row["svtype"], contigs.name(row["chrom"]), start, end), af, int(count or 0)


def read_dosage_regions(path: Path, contigs: Contigs) -> list[dict[str, Any]]:
    """ClinGen's region curation list: regions with their two scores.

    Raises:
        ArianeError: the file lacks the list's header line.
    """
    rows: list[dict[str, Any]] = []
    columns: list[str] = []
    with open_text(path) as handle:
        for fields in csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            if fields and fields[0] == "#ISCA ID":
                columns = fields
            elif columns and fields and not fields[0].startswith("#"):
                row = dict(zip(columns, fields, strict=False))
                place = _PLACE.fullmatch(row.get("Genomic Location", "").strip())
                if place is None:
                    continue  # ClinGen has not placed it on this assembly
                said = {
                    "region": row["#ISCA ID"],
                    "name": row.get("ISCA Region Name", ""),
                    "chrom": contigs.name(place[1]),
                    "start": int(place[2]),
                    "end": int(place[3]),
                    "haploinsufficiency": row.get("Haploinsufficiency Score", "").strip(),
                    "triplosensitivity": row.get("Triplosensitivity Score", "").strip(),
                }
                rows.append({**said, "record": digest(said)})
    if not columns:
        raise ArianeError(f"{path}: lacks the header line of ClinGen's list. Download it again.")
    return rows


def matches(folder: Path, variants: Iterable[str], limits: Limits) -> Rows:
    """The records of a prepared release that are the same variant as each of some keys.

    The best match stands first: the largest overlap or the nearest ends, then the highest
    frequency. Each row carries ``likeness``, the share in common in thousandths, or for ends the
    bases between them as a negative number.
    """
    spots = {key: spot for key in variants if (spot := spot_of(key)) is not None}
    if not spots:
        return {}
    wanted = pa.table(
        {
            "variant": pa.array(sorted(spots), pa.string()),
            "kind": pa.array([spots[k].kind for k in sorted(spots)], pa.string()),
            "chrom": pa.array([spots[k].chrom for k in sorted(spots)], pa.string()),
            "first": pa.array([_reach(spots[k], limits)[0] for k in sorted(spots)], pa.int64()),
            "last": pa.array([_reach(spots[k], limits)[1] for k in sorted(spots)], pa.int64()),
        }
    )
    near = query(
        "SELECT wanted.variant, held.* FROM held JOIN wanted ON held.kind = wanted.kind "
        'AND held.chrom = wanted.chrom AND held."start" <= wanted.last '
        'AND held."end" >= wanted.first',
        held=folder / f"{tables.STRUCTURAL_FREQUENCIES.name}.parquet",
        wanted=wanted,
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in near:
        likeness = likeness_of(spots[row["variant"]], row, limits)
        if likeness is not None:
            found.setdefault(row["variant"], []).append({**row, "likeness": likeness})
    return {
        key: tuple(sorted(rows, key=lambda r: (-r["likeness"], -r["af"], r["record"])))
        for key, rows in sorted(found.items())
    }


def _reach(spot: Spot, limits: Limits) -> tuple[int, int]:
    """Bases of which a matching record holds at least one."""
    if spot.kind in OVERLAPPING:
        return spot.anchor - 1, spot.anchor + 1
    return spot.low - limits.breakpoints, spot.low + limits.breakpoints


def likeness_of(spot: Spot, record: Mapping[str, Any], limits: Limits) -> int | None:
    """How alike a variant and a record of the same kind are; None when they are two variants."""
    if spot.kind != record["kind"] or spot.chrom != record["chrom"]:
        return None
    if spot.kind in OVERLAPPING:
        share = reciprocal_overlap((spot.low, spot.high), (record["start"], record["end"]))
        return int(share * 1000) if share >= limits.reciprocal else None
    apart = abs(spot.low - record["start"])
    if spot.kind == "INV":
        apart = max(apart, abs(spot.high - record["end"]))
    if spot.kind == "BND":
        if spot.chrom2 != record["chrom2"]:
            return None
        apart = max(apart, abs(spot.pos2 - record["pos2"]))
    return -apart if apart <= limits.breakpoints else None


def keys_of(record: Mapping[str, Any], limits: Limits) -> Iterator[str]:
    """Every read key under which a variant that matches a record may stand."""
    first, last = record["start"], record["end"]
    if record["kind"] in OVERLAPPING:
        # A variant that shares half of its bases has its middle here, or one base beside.
        return read_keys(record["kind"], record["chrom"], first - 1, last + 1)
    slack = limits.breakpoints + 1
    return read_keys(record["kind"], record["chrom"], first - slack, first + slack)


def regions(folder: Path, variants: Iterable[str]) -> Rows:
    """ClinGen's regions that each lost or gained interval touches.

    Each row carries ``covered``, the thousandths of the region that lie inside the variant.
    """
    spots = {
        key: spot
        for key in variants
        if (spot := spot_of(key)) is not None and spot.kind in ("DEL", "DUP")
    }
    if not spots:
        return {}
    wanted = pa.table(
        {
            "variant": pa.array(sorted(spots), pa.string()),
            "chrom": pa.array([spots[k].chrom for k in sorted(spots)], pa.string()),
            "low": pa.array([spots[k].low for k in sorted(spots)], pa.int64()),
            "high": pa.array([spots[k].high for k in sorted(spots)], pa.int64()),
        }
    )
    near = query(
        "SELECT wanted.variant, held.* FROM held JOIN wanted ON held.chrom = wanted.chrom "
        'AND held."start" <= wanted.high AND held."end" >= wanted.low '
        "ORDER BY wanted.variant, held.region, held.record",
        held=folder / f"{tables.DOSAGE_REGIONS.name}.parquet",
        wanted=wanted,
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in near:
        spot = spots[row["variant"]]
        shared = min(spot.high, row["end"]) - max(spot.low, row["start"]) + 1
        covered = 1000 * shared // (row["end"] - row["start"] + 1)
        found.setdefault(row["variant"], []).append({**row, "covered": covered})
    return {key: tuple(rows) for key, rows in found.items()}


def _number(text: str) -> float | None:
    try:
        return float(text.split(",")[0])
    except ValueError:
        return None
