"""What of a case is its own and local: when it changed, all its genes are evaluated again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.intake.config import Settings
from ariane.intake.sheet import read_sheet, resolve
from ariane.model.canonical import digest
from ariane.model.case import Case

FINGERPRINTS: Final = "fingerprints"
"""Folder of the frozen fingerprints, one file for each shard."""


def sight_of(settings: Settings) -> dict[str, Any]:
    """What of the configuration decides which alleles of a VCF become candidates, and as what."""
    regions = files.sha256_of(settings.regions) if settings.regions else ""
    return {
        "regions": regions,
        "gene_padding": settings.gene_padding,
        "engine": settings.engine,
    }


Sources = Mapping[str, Mapping[str, Path]]
"""The files that the sheet names beside the VCFs, by case, then by column."""


def sources_of(sheet: Path) -> Sources:
    """The PED files and phenopackets of a sheet, by case."""
    rows = read_sheet(sheet)[0] if sheet.is_file() else []
    return {
        row["case_id"]: {
            column: Path(resolve(sheet.parent, row[column]))
            for column in ("ped", "phenopacket")
            if row[column]
        }
        for row in rows
    }


def fingerprints(
    cases: Sequence[Case],
    inputs: Path | None,
    sight: Mapping[str, Any],
    sources: Sources,
    checksum_of: Callable[[Sequence[Path]], str] = files.sha256_of_all,
) -> dict[str, Any]:
    """Of each case: its VCF's checksum, and a digest of all that local evidence reads of it.

    The checksums of its PED, phenopacket and second VCF stand beside them, to tell by later what a
    result came from. A VCF of the same path, size and time as before is not read again.

    Args:
        cases: the cases.
        inputs: the frozen inputs of the cycle before, or None.
        sight: see :func:`sight_of`.
        sources: see :func:`sources_of`.
        checksum_of: gives the checksum of files that the cycle before does not know.
    """
    old = read_fingerprints(inputs)
    marks: dict[str, Any] = {}
    for case in cases:
        paths = [Path(path) for path in case.analysis.vcfs]
        seen = [path.stat() for path in paths]
        on_disk = {
            "path": ";".join(map(str, paths)),
            "size": sum(one.st_size for one in seen),
            "time": sum(one.st_mtime_ns for one in seen),
        }
        known = old.get(case.id, {})
        same = {key: known.get(key) for key in on_disk} == on_disk
        checksum = known["sha256"] if same else checksum_of(paths)
        # A case without a VCF of structural variants keeps the digest it always had.
        second = {"sv": checksum_of([Path(sv)])} if (sv := case.analysis.sv_vcf) else {}
        beside = sources.get(case.id, {})
        members = [asdict(member) for member in case.members]
        marks[case.id] = {
            **on_disk,
            "sha256": checksum,
            **{f"{name}_sha256": checksum_of([path]) for name, path in sorted(beside.items())},
            **{f"{name}_vcf_sha256": one for name, one in second.items()},
            "local": digest(
                {"vcf": checksum, "proband": case.proband, "members": members, **second, **sight}
            ),
        }
    return marks


def read_fingerprints(inputs: Path | None, shard: str = "*") -> dict[str, Any]:
    """What an earlier cycle wrote of each case; nothing where there is none.

    Args:
        inputs: the frozen inputs of that cycle, or None.
        shard: the one whose cases are asked for, unless all.
    """
    if inputs is None:
        return {}
    marks: dict[str, Any] = {}
    for path in sorted((inputs / FINGERPRINTS).glob(f"{shard}.json")):
        marks |= json.loads(path.read_text(encoding="utf-8"))
    return marks
