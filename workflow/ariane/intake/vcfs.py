"""The VCFs of one case: one for the family, or several whose samples are told by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ariane.intake.bases import Looked, Reference, word_faults
from ariane.intake.sheet import resolve
from ariane.intake.vcf import sample_faults
from ariane.model.errors import Fault, Level

BETWEEN = ";"
"""Parts the paths of a cell."""


def paths_of(folder: Path, cell: str) -> tuple[str, ...]:
    """The paths of a cell, seen from where the program runs."""
    return tuple(resolve(folder, part.strip()) for part in cell.split(BETWEEN) if part.strip())


def samples_of(looked: Sequence[Looked]) -> tuple[str, ...] | None:
    """All samples of the files; None when one of them could not be read."""
    if not looked or not all(one.seen.usable for one in looked):
        return None
    return tuple(sample for one in looked for sample in one.seen.samples)


def vcf_faults(
    looked: Sequence[Looked],
    wanted: Mapping[str, str],
    assembly: str,
    reference: Reference | None,
    where: str,
    case: str,
) -> list[Fault]:
    """Faults of a case's samples and assembly against its VCFs.

    Args:
        looked: the files, all readable.
        wanted: sample name to the role of its member.
        assembly: as declared; empty when it is not known.
        reference: the release's, or None.
        where: file and line for the messages.
        case: the case's identifier.
    """
    faults: list[Fault] = []
    homes: dict[str, list[Looked]] = {}
    for one in looked:
        for sample in one.seen.samples:
            homes.setdefault(sample, []).append(one)
        if reference is not None and assembly:
            faults += word_faults(one, assembly, reference, where, case)
    for sample, role in sorted(wanted.items()):
        found = homes.get(sample, [])
        if len({one.seen.path for one in found}) > 1:
            what = f"{role}'s sample '{sample}' stands in {found[0].seen.path} and in "
            what += found[1].seen.path
            faults.append(Fault(where, case, what, "Rename one with 'bcftools reheader'"))
        elif found or len(looked) == 1:
            faults += sample_faults((found or looked)[0].seen, {sample: role}, where, case)
        else:
            what = f"{role}'s sample '{sample}' is in none of the case's VCFs"
            held = ", ".join(sorted(homes)[:10]) + (", ..." if len(homes) > 10 else "")
            faults.append(Fault(where, case, what, f"They have: {held or 'no sample'}"))
    if len({homes[sample][0].seen.path for sample in wanted if sample in homes}) > 1:
        what = "its members stand in several VCFs: a variant absent from a member's file counts as "
        what += "missing there, and none can be called de novo"
        advice = "Genotype the family together where you can"
        faults.append(Fault(where, case, what, advice, Level.WARNING))
    return faults
