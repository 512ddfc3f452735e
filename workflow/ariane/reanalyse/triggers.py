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
from ariane.phrases import say
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
        yield PREGNANCY, say("a pregnancy in the family was told")
    if new.request and new.request != (old.request if old else ""):
        yield REQUEST, say("a clinician asks: {text}", text=new.request)


def _grown(old: Case, new: Case, adult_from: int) -> Iterator[tuple[str, str]]:
    was, now = old.phenotype.years, new.phenotype.years
    if was is not None and now is not None and was < adult_from <= now:
        told = say(
            "the patient came of age ({count} years): the parents' consent no longer stands for "
            "the patient's own",
            count=now,
        )
        yield CONSENT_AGAIN, told


def _described(old: Case, new: Case) -> Iterator[tuple[str, str]]:
    was, now = old.phenotype, new.phenotype
    parts = []
    for observed, one, two in (
        (True, set(was.observed), set(now.observed)),
        (False, set(was.excluded), set(now.excluded)),
    ):
        for added, terms in ((True, two - one), (False, one - two)):
            if terms:
                parts.append(_terms(observed, added, ", ".join(sorted(terms))))
    if was.onset != now.onset:
        sides = {"old": was.onset or "not given", "new": now.onset or "not given"}
        parts.append(say("onset went from {old} to {new}", **sides))
    if parts:
        yield PHENOTYPE, "; ".join(parts)
    if set(old.gene_list) != set(new.gene_list):
        yield INDICATION, say("the gene list of the indication changed")


def _terms(observed: bool, added: bool, text: str) -> str:
    if observed and added:
        return say("observed HPO terms added: {text}", text=text)
    if observed:
        return say("observed HPO terms taken away: {text}", text=text)
    if added:
        return say("excluded HPO terms added: {text}", text=text)
    return say("excluded HPO terms taken away: {text}", text=text)


def _related(old: Case, new: Case) -> Iterator[tuple[str, str]]:
    was, now = ({m.id: m for m in case.members} for case in (old, new))
    for name in sorted(now.keys() - was.keys()):
        member = now[name]
        who = _relation(new, member)
        told = (
            say("added to the family: {person}, sequenced", person=who)
            if member.sample
            else say("added to the family: {person}, not sequenced", person=who)
        )
        yield RELATIVE, told
    for name in sorted(now.keys() & was.keys()):
        if now[name].sample and not was[name].sample:
            yield RELATIVE, say("newly sequenced: {person}", person=_relation(new, now[name]))
    corrected = [
        say("{person}: {said}", person=_relation(new, now[name]), said=", ".join(differs))
        for name in sorted(now.keys() & was.keys())
        if (differs := list(_corrections(was[name], now[name])))
    ]
    corrected += [
        say("{person}: left", person=_relation(old, was[n]))
        for n in sorted(was.keys() - now.keys())
    ]
    if old.proband != new.proband:
        corrected.append(say("another member is the patient"))
    if corrected:
        yield PEDIGREE, say("the pedigree was corrected ({said})", said="; ".join(corrected))


def _corrections(was: Member, now: Member) -> Iterator[str]:
    if was.sex is not now.sex:
        yield say("sex from {old} to {new}", old=was.sex, new=now.sex)
    if was.affected is not now.affected:
        words = {True: "affected", False: "unaffected", None: "not known"}
        yield say("from {old} to {new}", old=words[was.affected], new=words[now.affected])
    if (was.father, was.mother) != (now.father, now.mother):
        yield say("other parents")
    if was.sample and was.sample != now.sample:
        yield say("another sample") if now.sample else say("no longer sequenced")


def _relation(case: Case, member: Member) -> str:
    """Who a member is to the patient; a relative by the pseudonym too, for there may be several."""
    if member.id == case.proband:
        return say("the patient")
    patient = case.member(case.proband)
    if patient and member.id == patient.father:
        return say("the father")
    if patient and member.id == patient.mother:
        return say("the mother")
    if member.affected:
        return say("an affected relative ({member})", member=member.id)
    return say("a relative ({member})", member=member.id)


def _sequenced(old: Case, new: Case, other_calls: bool) -> Iterator[tuple[str, str]]:
    was, now = old.analysis, new.analysis
    if other_calls:
        yield (
            CALLS,
            (
                say("a new VCF, of the analysis of {day}", day=now.date)
                if now.date
                else say("a new VCF")
            ),
        )
    if was.sv_vcf != now.sv_vcf:
        if not was.sv_vcf:
            yield CALLS, say("a VCF of structural variants was added")
        elif now.sv_vcf:
            yield CALLS, say("a VCF of structural variants was replaced")
        else:
            yield CALLS, say("a VCF of structural variants was taken away")
    if was.technique != now.technique:
        better = _BETTER.get(now.technique, 0) > _BETTER.get(was.technique, 0)
        sides = {"old": was.technique, "new": now.technique}
        told = (
            say("the technique went from {old} to {new}, a better technique", **sides)
            if better
            else say("the technique went from {old} to {new}", **sides)
        )
        yield TECHNIQUE, told
    if was.assembly != now.assembly:
        yield (
            TECHNIQUE,
            say("the assembly went from {old} to {new}", old=was.assembly, new=now.assembly),
        )
