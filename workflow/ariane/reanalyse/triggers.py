"""Triggers: what changed of a case itself between two cycles, in words.

New terms, a corrected pedigree, a newly sequenced relative, a new VCF or a better technique make
the case be analysed again as a release does, and are named as the cause of its events. A request,
a pregnancy and a coming of age need a person, whatever the analysis finds: they make flags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ariane.model.case import Case, Member
from ariane.reanalyse.policy import CONSENT_AGAIN, PREGNANCY, REQUEST

PHENOTYPE: Final = "phenotype changed"
INDICATION: Final = "indication changed"
PEDIGREE: Final = "pedigree corrected"
RELATIVE: Final = "relative added"
CALLS: Final = "new VCF"
TECHNIQUE: Final = "technique changed"

FLAGGED: Final = (PREGNANCY, REQUEST, CONSENT_AGAIN)
"""Kinds that need a person, whatever the analysis finds; each is a flag of that reason."""

_BETTER: Final = {"panel": 0, "exome": 1, "genome": 2}


@dataclass(frozen=True)
class Trigger:
    """One difference of a case between two cycles."""

    case: str
    kind: str
    sentence: str


def find_triggers(
    old: Case | None, new: Case, adult_from: int, other_calls: bool = False
) -> list[Trigger]:
    """What changed of a case since the previous cycle.

    Args:
        old: the case as frozen in the previous cycle; None when it was not there.
        new: the case as frozen in this one.
        adult_from: age in years from which a patient is of age.
        other_calls: whether the content of its VCFs differs.
    """
    found = [*_asked(old, new)]
    if old is not None:
        found += _grown(old, new, adult_from)
        found += _described(old, new)
        found += _related(old, new)
        found += _sequenced(old, new, other_calls)
    return [Trigger(new.id, kind, sentence) for kind, sentence in found]


def causes_in_words(triggers: Iterable[Trigger]) -> dict[str, str]:
    """By case, the triggers that can have moved its evidence, in one sentence."""
    told: dict[str, list[str]] = {}
    for trigger in triggers:
        if trigger.kind not in (REQUEST, PREGNANCY):
            told.setdefault(trigger.case, []).append(trigger.sentence)
    return {case: "; ".join(sentences) for case, sentences in told.items()}


def _asked(old: Case | None, new: Case) -> Iterator[tuple[str, str]]:
    if new.pregnancy and not (old and old.pregnancy):
        yield PREGNANCY, "a pregnancy in the family was told"
    if new.request and new.request != (old.request if old else ""):
        yield REQUEST, f"a clinician asks: {new.request}"


def _grown(old: Case, new: Case, adult_from: int) -> Iterator[tuple[str, str]]:
    was, now = old.phenotype.years, new.phenotype.years
    if was is not None and now is not None and was < adult_from <= now:
        told = f"the patient came of age ({now} years)"
        yield CONSENT_AGAIN, f"{told}: the parents' consent no longer stands for the patient's own"


def _described(old: Case, new: Case) -> Iterator[tuple[str, str]]:
    was, now = old.phenotype, new.phenotype
    parts = []
    for word, one, two in (
        ("observed", set(was.observed), set(now.observed)),
        ("excluded", set(was.excluded), set(now.excluded)),
    ):
        for verb, terms in (("added", two - one), ("taken away", one - two)):
            if terms:
                parts.append(f"{word} HPO terms {verb}: {', '.join(sorted(terms))}")
    if was.onset != now.onset:
        parts.append(f"onset went from {was.onset or 'not given'} to {now.onset or 'not given'}")
    if parts:
        yield PHENOTYPE, "; ".join(parts)
    if set(old.gene_list) != set(new.gene_list):
        yield INDICATION, "the gene list of the indication changed"


def _related(old: Case, new: Case) -> Iterator[tuple[str, str]]:
    was, now = ({m.id: m for m in case.members} for case in (old, new))
    for name in sorted(now.keys() - was.keys()):
        member = now[name]
        how = "sequenced" if member.sample else "not sequenced"
        yield RELATIVE, f"added to the family: {_relation(new, member)}, {how}"
    for name in sorted(now.keys() & was.keys()):
        if now[name].sample and not was[name].sample:
            yield RELATIVE, f"newly sequenced: {_relation(new, now[name])}"
    corrected = [
        f"{_relation(new, now[name])}: {', '.join(differs)}"
        for name in sorted(now.keys() & was.keys())
        if (differs := list(_corrections(was[name], now[name])))
    ]
    corrected += [f"{_relation(old, was[n])}: left" for n in sorted(was.keys() - now.keys())]
    if old.proband != new.proband:
        corrected.append("another member is the patient")
    if corrected:
        yield PEDIGREE, f"the pedigree was corrected ({'; '.join(corrected)})"


def _corrections(was: Member, now: Member) -> Iterator[str]:
    if was.sex is not now.sex:
        yield f"sex from {was.sex} to {now.sex}"
    if was.affected is not now.affected:
        words = {True: "affected", False: "unaffected", None: "not known"}
        yield f"from {words[was.affected]} to {words[now.affected]}"
    if (was.father, was.mother) != (now.father, now.mother):
        yield "other parents"
    if was.sample and was.sample != now.sample:
        yield "another sample" if now.sample else "no longer sequenced"


def _relation(case: Case, member: Member) -> str:
    """Who a member is to the patient; a relative by the pseudonym too, for there may be several."""
    if member.id == case.proband:
        return "the patient"
    patient = case.member(case.proband)
    if patient and member.id == patient.father:
        return "the father"
    if patient and member.id == patient.mother:
        return "the mother"
    return f"{'an affected' if member.affected else 'a'} relative ({member.id})"


def _sequenced(old: Case, new: Case, other_calls: bool) -> Iterator[tuple[str, str]]:
    was, now = old.analysis, new.analysis
    if other_calls:
        yield CALLS, f"a new VCF, of the analysis of {now.date}" if now.date else "a new VCF"
    if was.sv_vcf != now.sv_vcf:
        verb = "added" if not was.sv_vcf else "replaced" if now.sv_vcf else "taken away"
        yield CALLS, f"a VCF of structural variants was {verb}"
    if was.technique != now.technique:
        better = _BETTER.get(now.technique, 0) > _BETTER.get(was.technique, 0)
        note = ", a better technique" if better else ""
        yield TECHNIQUE, f"the technique went from {was.technique} to {now.technique}{note}"
    if was.assembly != now.assembly:
        yield TECHNIQUE, f"the assembly went from {was.assembly} to {now.assembly}"
