"""The ages of a case in the sheet: at the first signs and at the diagnoses; and what it came with.

They serve the exports alone: no ranking reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from ariane.intake.phenopacket import onset_of_age
from ariane.intake.prenatal import AFTER_BIRTH
from ariane.intake.sheet import Row
from ariane.intake.words import instead, plain
from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Phenotype, Status
from ariane.model.errors import Fault, Level
from ariane.model.history import (
    ANTENATAL,
    AT_BIRTH,
    POSTMORTEM,
    History,
    days_of,
    is_duration,
)

COLUMNS: Final = ("age_first_signs", "age_clinical_diagnosis", "age_genetic_diagnosis")
AT_ENTRY: Final = "diagnosis_at_entry"

_WORDS: Final[Mapping[str, str]] = {
    "antenatal": ANTENATAL,
    "birth": AT_BIRTH,
    "naissance": AT_BIRTH,
    "postmortem": POSTMORTEM,
}
_ADVICE: Final = "Write it as P3Y6M (three years, six months), or as antenatal or birth"
_AT_WORK: Final = frozenset({Status.IN_PROGRESS, Status.CANDIDATE, Status.IMPASSE})
_ADULT: Final = "HP:0003581"
_RANKS: Final[Mapping[str, int]] = {
    "HP:0003577": 1,  # congenital
    "HP:0003623": 1,  # neonatal
    "HP:0003593": 2,  # infantile
    "HP:0011463": 3,  # childhood
    "HP:0003621": 4,  # juvenile
    **dict.fromkeys((_ADULT, "HP:0011462", "HP:0003596", "HP:0003584"), 5),
}
"""Onset terms that cannot be confused, in order of age; the terms before birth come before all."""


def history_of(
    row: Row, phenotype: Phenotype, status: Status, from_packet: str, where: str
) -> tuple[History, list[Fault]]:
    """Read the four cells of a line.

    Args:
        row: the line.
        phenotype: what the line and its phenopacket say of the proband.
        status: where the case stands.
        from_packet: age at the first signs by the phenopacket, or an empty string.
        where: what messages call the line.
    """
    case, faults = row["case_id"], list[tuple[str, str, Level]]()
    ages = {column: _WORDS.get(plain(row[column]), row[column]) for column in COLUMNS}
    for column, age in ages.items():
        allowed = {ANTENATAL, POSTMORTEM} - ({POSTMORTEM} if column == COLUMNS[0] else set())
        if age and age not in allowed and not is_duration(age):
            faults.append((f"{column} {age!r} is not an age", _ADVICE, Level.ERROR))
            ages[column] = ""
    given = ages[COLUMNS[0]]
    if given and from_packet and given != from_packet:
        found = f"{COLUMNS[0]} is {given} in the sheet and {from_packet} in the phenopacket"
        faults.append((found, "The sheet's is used", Level.WARNING))
    ages[COLUMNS[0]] = given or from_packet
    word = row[AT_ENTRY]
    if word and plain(word) not in at_entry_words():
        found = f"{AT_ENTRY} {word!r} is not known"
        faults.append((found, instead(word, at_entry_words()), Level.ERROR))
    signs, clinical, genetic = (ages[column] for column in COLUMNS)
    history = History(signs, clinical, genetic, at_entry_words().get(plain(word), ""))
    faults += _contradictions(history, phenotype, status)
    return history, [Fault(where, case, *fault) for fault in faults]


@cache
def at_entry_words() -> Mapping[str, str]:
    """Words of the national value set "appréciation du diagnostic à l'entrée" in plain form, in
    English and in French, with the word that each stands for."""
    rows = [row for row in read_marked(FOLDER / "sdm_mr.tsv") if row["list"] == "appreciation"]
    return {plain(row[name]): row["word"] for row in rows for name in ("word", "fr", "label")}


def _contradictions(
    history: History, phenotype: Phenotype, status: Status
) -> Iterator[tuple[str, str, Level]]:
    signs = history.first_signs
    if phenotype.prenatal:
        told = (signs, history.clinical_diagnosis, history.genetic_diagnosis)
        for column, age in zip(COLUMNS, told, strict=True):
            if is_duration(age):
                what = f"{column} is {age}, and the case is a foetus"
                yield what, "Write antenatal, or leave it empty", Level.ERROR
        return
    seen, began = days_of(phenotype.age), days_of(signs)
    if seen is not None and began is not None and began > seen:
        what = f"{COLUMNS[0]} {signs} is later than the age at the last encounter, {phenotype.age}"
        yield what, "Mend the wrong one", Level.WARNING
    if signs and not _agree(phenotype.onset, signs):
        what = f"{COLUMNS[0]} is {signs}, and onset is {phenotype.onset}"
        yield what, "Mend the wrong one: exports tell the age", Level.WARNING
    if history.genetic_diagnosis and status in _AT_WORK:
        what = f"{COLUMNS[2]} is given, and status is {status.value}"
        yield what, "It is told only of a case that a signed decision solves", Level.WARNING


def _agree(onset: str, signs: str) -> bool:
    """Whether an onset term can mean the age; a term of no known range does."""
    rank = _RANKS.get(onset)
    if signs == ANTENATAL:
        return onset not in AFTER_BIRTH
    return rank is None or rank == _RANKS.get(onset_of_age(signs))
