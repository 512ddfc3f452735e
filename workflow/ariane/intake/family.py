"""The members of a case, from its line of the sheet, its PED and the samples of its VCF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ariane.intake.ped import read_ped
from ariane.intake.sheet import Row, resolve
from ariane.intake.words import SEX, instead, plain, unsafe_name
from ariane.model.case import Member, Sex
from ariane.model.errors import Fault, Level


@dataclass(frozen=True)
class Family:
    """The members of a case and the samples expected of its VCF."""

    proband: str
    members: tuple[Member, ...]
    wanted: dict[str, str]
    """Sample name to the role of its member, as messages name it."""


def read_family(
    row: Row, folder: Path, samples: Sequence[str] | None, where: str
) -> tuple[Family, list[Fault]]:
    """Put a family together.

    Args:
        row: the case's line.
        folder: where relative paths start from.
        samples: samples of the VCF, or None when it could not be read.
        where: file and line for the messages.
    """
    if row["ped"]:
        return _with_ped(row, folder, samples, where)
    return _without_ped(row, samples, where)


def sex_of(row: Row, where: str) -> tuple[Sex, list[Fault]]:
    """The sex that the sheet gives; unknown when it gives none."""
    word = row["sex"]
    if not word:
        return Sex.UNKNOWN, []
    if plain(word) not in SEX:
        found = f"sex {word!r} is not known"
        return Sex.UNKNOWN, [Fault(where, row["case_id"], found, instead(word, Sex))]
    return SEX[plain(word)], []


def _without_ped(row: Row, samples: Sequence[str] | None, where: str) -> tuple[Family, list[Fault]]:
    case = row["case_id"]
    sex, faults = sex_of(row, where)
    if row.lacks("sex", "ped"):
        found = "neither sex nor ped is given"
        faults.append(Fault(where, case, found, "Give one: X-linked modes depend on it"))
    proband = row["proband"] or case
    if row["proband"] and unsafe_name(proband):
        found = f"proband {proband!r} cannot name a person"
        faults.append(Fault(where, case, found, "Use letters, digits, '.', '_' and '-' only"))
    sample = row["proband_sample"]
    if not sample and samples and len(samples) == 1:
        sample = samples[0]
        if sample != proband:
            found = f"the only sample of the VCF, '{sample}', is taken as the proband's"
            advice = "Name it in column 'proband_sample' to be sure"
            faults.append(Fault(where, case, found, advice, Level.NOTE))
    sample = sample or proband
    wanted = {sample: "proband"}
    members = []
    parents = {}
    for role, parent_sex in (("father", Sex.MALE), ("mother", Sex.FEMALE)):
        name = row[f"{role}_sample"]
        if not name:
            continue
        if name in wanted:
            found = f"sample '{name}' is given for {wanted[name]} and {role}"
            faults.append(Fault(where, case, found, "Give each person a sample of their own"))
            continue
        wanted[name] = role
        parents[role] = f"{proband}-{role}"
        members.append(Member(id=parents[role], sample=name, sex=parent_sex))
    patient = Member(
        id=proband,
        sample=sample,
        father=parents.get("father", ""),
        mother=parents.get("mother", ""),
        sex=sex,
        affected=True,
    )
    everyone = tuple(sorted([patient, *members], key=lambda m: m.id))
    return Family(proband, everyone, wanted), faults


def _with_ped(
    row: Row, folder: Path, samples: Sequence[str] | None, where: str
) -> tuple[Family, list[Fault]]:
    case = row["case_id"]
    proband = row["proband"] or case
    members, faults = read_ped(Path(resolve(folder, row["ped"])), proband)
    sheet_sex, problems = sex_of(row, where)
    faults += problems
    patient = next((m for m in members if m.id == proband), None)
    if patient is None:
        return Family(proband, (), {}), faults
    given = {proband: row["proband_sample"]}
    for role, parent in (("father", patient.father), ("mother", patient.mother)):
        name = row[f"{role}_sample"]
        if name and not parent:
            found = f"{role}_sample is given, but the PED gives {proband} no {role}"
            faults.append(Fault(where, case, found, f"Add the {role} to the PED"))
        elif name:
            given[parent] = name
    patient, problems = _patient(patient, sheet_sex, where, case)
    faults += problems
    wanted: dict[str, str] = {}
    sequenced = []
    absentees: list[str] = []
    for member in (patient if m.id == proband else m for m in members):
        role = "proband" if member.id == proband else f"member {member.id}"
        sample = given.get(member.id, "") or member.id
        absent = samples is not None and sample not in samples
        if absent and member.id != proband and not given.get(member.id):
            absentees.append(member.id)
            sequenced.append(member)
            continue
        if sample in wanted:
            found = f"sample '{sample}' is given for {wanted[sample]} and {role}"
            faults.append(Fault(where, case, found, "Give each person a sample of their own"))
            continue
        wanted[sample] = role
        sequenced.append(replace(member, sample=sample))
    faults += _absent(absentees, {patient.father, patient.mother}, where, case)
    return Family(proband, tuple(sequenced), wanted), faults


def _absent(names: Sequence[str], parents: set[str], where: str, case: str) -> Iterator[Fault]:
    """A parent without a sample may be a slip that turns a trio into a duo; others are common."""
    advice = "Name their sample in the sheet if they were sequenced"
    for name in names:
        if name in parents:
            found = f"{name}, a parent in the PED, is no sample of the VCF: counts as not sequenced"
            yield Fault(where, case, found, advice, Level.WARNING)
    others = [name for name in names if name not in parents]
    if others:
        found = f"in the PED but not in the VCF, so not sequenced: {', '.join(others)}"
        yield Fault(where, case, found, "Nothing to do if that is right", Level.NOTE)


def _patient(patient: Member, sheet_sex: Sex, where: str, case: str) -> tuple[Member, list[Fault]]:
    faults = []
    if patient.affected is False:
        found = f"the proband {patient.id} is unaffected in the PED"
        faults.append(Fault(where, case, found, "Mend the PED or column 'proband'"))
    elif patient.affected is None:
        found = f"the PED does not say whether the proband {patient.id} is affected"
        faults.append(Fault(where, case, found, "The proband counts as affected", Level.WARNING))
        patient = replace(patient, affected=True)
    if Sex.UNKNOWN not in (sheet_sex, patient.sex) and sheet_sex is not patient.sex:
        found = f"sex is {sheet_sex.value} in the sheet and {patient.sex.value} in the PED"
        faults.append(Fault(where, case, found, "Mend the wrong one"))
    if patient.sex is Sex.UNKNOWN:
        patient = replace(patient, sex=sheet_sex)
    return patient, faults
