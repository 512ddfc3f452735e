"""What the sheet and a phenopacket say of the proband, as one phenotype."""

from __future__ import annotations

from pathlib import Path

from ariane.intake.family import Family
from ariane.intake.phenopacket import Packet, read_phenopacket
from ariane.intake.prenatal import gestation_of, prenatal_faults
from ariane.intake.sheet import Row, resolve
from ariane.intake.terms import Names, check_phenotype, label_only, split_terms
from ariane.model.case import Phenotype, Sex
from ariane.model.errors import Fault, Level
from ariane.model.history import is_duration


def described(
    row: Row, family: Family, folder: Path, names: Names | None, where: str
) -> tuple[Phenotype, str, list[Fault]]:
    """Read the phenotype of a line and of the phenopacket that it names.

    Args:
        row: the line.
        family: the family of the line.
        folder: where the sheet lies.
        names: the release's HPO; None where it has none, and terms are not checked.
        where: what messages call the line.

    Returns:
        The phenotype; the age at the first signs that the phenopacket tells, or an empty string;
        the faults.
    """
    case = row["case_id"]
    faults: list[Fault] = []
    labels: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for column in ("hpo", "hpo_excluded"):
        terms = split_terms(row[column])
        for term, label in terms:
            if not term:
                faults.append(Fault(where, case, *label_only(label, names)))
            elif label:
                labels[term] = label
        lists[column] = tuple(sorted({term for term, _ in terms if term}))
    onsets = split_terms(row["onset"])
    onset = onsets[0][0] if len(onsets) == 1 and onsets[0][0] else row["onset"]
    gestation = gestation_of(row["gestation"])
    if row["gestation"] and not gestation:
        found = f"gestation {row['gestation']!r} is not a gestational age"
        advice = "Write weeks of amenorrhoea and days, such as 22+3 or P22W3D"
        faults.append(Fault(where, case, found, advice))
    given = Phenotype(lists["hpo"], lists["hpo_excluded"], onset, row["age"], gestation)
    if given.age and not is_duration(given.age):
        found = f"age {given.age!r} is not an ISO 8601 duration"
        faults.append(Fault(where, case, found, "Write it as P3Y2M (three years, two months)"))
    written_with = first_signs = ""
    if row["phenopacket"]:
        if given.observed or given.excluded:
            found = "both phenopacket and HPO columns are filled"
            faults.append(Fault(where, case, found, "Keep one of them"))
        given, packet, problems = _from_packet(row, given, family, folder, where)
        if packet is not None:
            labels |= packet.labels
            written_with, first_signs = packet.hpo, packet.first_signs
        faults += problems
    unread = any(fault.level is Level.ERROR for fault in faults)
    if not given.observed and not unread:
        found = "has no observed HPO term"
        advice = "Add terms: without them the candidates are ranked by genotype and class alone"
        faults.append(Fault(where, case, found, advice, Level.WARNING))
    faults += [Fault(where, case, *found) for found in prenatal_faults(given)]
    told = check_phenotype(given, labels, names, where, case, written_with)
    return given, first_signs, faults + told


def _from_packet(
    row: Row, given: Phenotype, family: Family, folder: Path, where: str
) -> tuple[Phenotype, Packet | None, list[Fault]]:
    case = row["case_id"]
    packet, faults = read_phenopacket(Path(resolve(folder, row["phenopacket"])))
    if packet is None:
        return given, None, faults
    if packet.subject not in ("", case, family.proband):
        found = "the phenopacket's subject is neither the case nor the proband"
        advice = "Check that it is this proband's"
        faults.append(Fault(where, case, found, advice, Level.WARNING))
    patient = next((m for m in family.members if m.id == family.proband), None)
    if patient and Sex.UNKNOWN not in (patient.sex, packet.sex) and patient.sex is not packet.sex:
        found = f"sex is {packet.sex.value} in the phenopacket and {patient.sex.value} elsewhere"
        faults.append(Fault(where, case, found, "Mend the wrong one"))
    own = packet.phenotype
    for name, ours, theirs in (
        ("onset", given.onset, own.onset),
        ("age", given.age, own.age),
        ("gestation", given.gestation, own.gestation),
    ):
        if ours and theirs and ours != theirs:
            found = f"{name} is {ours} in the sheet and {theirs} in the phenopacket"
            faults.append(Fault(where, case, found, "The sheet's is used", Level.WARNING))
    merged = Phenotype(
        own.observed,
        own.excluded,
        given.onset or own.onset,
        given.age or own.age,
        given.gestation or own.gestation,
    )
    return merged, packet, faults
