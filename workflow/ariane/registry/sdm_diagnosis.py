"""The diagnoses of a case as SDM-MR tells them, and why a case cannot be told.

A status is what a signed decision says, else ``ongoing``; never what Ariane proposes. What no
record holds (such as the site) is left undetermined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ariane.model.case import Sex, Status
from ariane.model.history import ANTENATAL, POSTMORTEM, days_of, months_of
from ariane.registry import ages
from ariane.registry.identifiers import uuid_of
from ariane.registry.orpha import Coder
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, DecisionRecord, FindingRecord
from ariane.registry.sdm_disease import SOUGHT, Disease, decided, undiagnosed
from ariane.registry.sdm_tables import Edition, UntellableError, becomes, systems
from ariane.registry.words import ZYGOSITIES

MOST: Final = 6
"""Diagnoses of a patient that BaMaRa takes; from a third party's schema, not from the BNDMR."""

_NAMED: Final = frozenset({"confirmed", "refuted", "probable"})
"""Statuses of a disease that the decision names; for the others nothing is found."""

_STAYING: Final = frozenset({Status.PARTLY_SOLVED, Status.REFUTED})
"""Outcomes of earlier decisions that a later one about another disease does not end. Of a case that
was said to be solved, and is decided anew, the last word counts."""
_BY_DECISION: Final = frozenset(
    {Status.SOLVED, Status.PARTLY_SOLVED, Status.REFUTED, Status.CLOSED}
)
_NEONATAL: Final = 28
"""Days after birth; HPO's definition of neonatal."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Age:
    """When something happened, as the value set of ages tells it."""

    word: str = "undetermined"
    """Word of the value set ``age``."""
    months: int | None = None
    """Completed months, only beside ``age``."""
    told: str = ""
    """What says so, for people."""

    @classmethod
    def of(cls, age: str) -> Age:
        """An age of the sheet; undetermined where it is empty. The first four weeks count as
        birth: that code of the value set says "néonatal"."""
        days, months = days_of(age), months_of(age)
        if days is None or months is None:
            return cls(age if age in (ANTENATAL, POSTMORTEM) else "undetermined")
        if days < _NEONATAL:
            return cls("birth", told=ages.in_french(age))
        return cls("age", months, ages.in_french(age))


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis of a case. What nothing tells is empty."""

    id: str
    """UUID: the same in every cycle for the same case and disease."""
    status: str
    disease: Disease
    made_on: str = ""
    """ISO day."""
    signs: tuple[Coded, ...] = ()
    """HPO terms observed."""
    heredity: str = ""
    """``sporadic`` or ``familial``."""
    first_signs: Age = Age()
    at_entry: str = ""
    """Appreciation of the diagnosis when the patient came to the centre."""
    clinical: Age = Age()
    genetic: Age = Age()
    """Age at the genetic diagnosis; undetermined unless the diagnosis is confirmed."""
    techniques: tuple[str, ...] = ()
    """That the genetic diagnosis rests on."""
    investigations: tuple[str, ...] = ()
    genes: tuple[Coded, ...] = ()
    variants: str = ""
    comment: str = ""
    foetus: Sex | None = None
    """Sex of the foetus that the diagnosis is about; None where it is about the patient."""


@dataclass(frozen=True)
class _Ruling:
    """A diagnosis as decisions leave it: its status, and the decision that says so."""

    status: str
    decision: DecisionRecord | None
    named: tuple[FindingRecord, ...] = ()
    """What the decision names, as far as the record holds it."""

    @property
    def outcome(self) -> Status | None:
        """What the decision says; None where there is none."""
        return self.decision.outcome if self.decision else None

    @property
    def genes(self) -> tuple[Coded, ...]:
        """Of the decision first; each once."""
        first = [self.decision.gene] if self.decision and self.decision.gene else []
        return tuple({g.id: g for g in (*first, *(f.gene for f in self.named)) if g.id}.values())

    @property
    def subject(self) -> tuple[str, ...]:
        """What the diagnosis is about: it keeps its identifier when it is refuted."""
        if self.decision is None or self.status not in _NAMED:
            return ("open",)
        if self.decision.disease:
            return (self.decision.disease.id,)
        return tuple(gene.id for gene in self.genes) or self.decision.variants


def untellable(record: CaseRecord, edition: Edition) -> tuple[str, ...]:
    """Why a case cannot be told; empty where it can."""
    return tuple(_reasons(record, edition))


def diagnoses_of(record: CaseRecord, edition: Edition, coder: Coder) -> tuple[Diagnosis, ...]:
    """The diagnoses of a case that can be told.

    A case that is solved in part, or whose diagnosis was refuted, has another one that is still
    sought; parts found and errors refuted by earlier decisions stay. What is told of the case as a
    whole (signs, age at the first, heredity) stands with the diagnosis that is open, or with the
    last: nothing tells which signs a part explains.
    """
    rulings = _rulings(record, edition)
    return tuple(
        _diagnosis(
            record, edition, coder, ruling, whole=number == len(rulings), alone=len(rulings) == 1
        )
        for number, ruling in enumerate(rulings, start=1)
    )


def _rulings(record: CaseRecord, edition: Edition) -> list[_Ruling]:
    last = record.decided
    if last is None:
        return [_Ruling("ongoing", None)]
    words = becomes("outcome", last.outcome.value)
    if last.outcome is Status.CANDIDATE and edition.candidate_is_probable:
        words = ("probable",)
    past: dict[tuple[str, ...], _Ruling] = {}
    for earlier in record.earlier:
        named = [w for w in becomes("outcome", earlier.outcome.value) if w in _NAMED]
        if earlier.signed and named:
            ruling = _Ruling(named[0], earlier)
            past[ruling.subject] = ruling
    now = [_Ruling(word, last, record.named if word in _NAMED else ()) for word in words]
    subjects = {ruling.subject for ruling in now}
    stay = [
        ruling
        for subject, ruling in past.items()
        if subject and subject not in subjects and ruling.outcome in _STAYING
    ]
    return [*stay, *now] if words else []


def _reasons(record: CaseRecord, edition: Edition) -> Iterator[str]:
    last = record.decided
    if record.prenatal and not edition.model.foetus:
        yield f"a foetus: version {edition.version} carries none"
    if last is None and record.status in _BY_DECISION:
        # "En cours" would take back in the national bank what a clinician may have confirmed there.
        yield f"the sheet says {record.status.value}, but no signed decision came"
    rulings = _rulings(record, edition)
    if last is not None and not rulings:
        yield f"the decision says {last.outcome.value}, which is no status of a diagnosis"
    if len(rulings) > MOST:
        yield f"{len(rulings)} diagnoses, but BaMaRa takes at most {MOST}"
    for status in dict.fromkeys(ruling.status for ruling in rulings):
        try:
            edition.coding("status", status)
        except UntellableError as problem:
            yield str(problem)
    pattern = systems("gene")[0].pattern
    for ruling in rulings:
        if ruling.status not in _NAMED or ruling.decision is None:
            continue
        said = f"{ruling.decision.outcome.value} ({ruling.decision.report})"
        if not ruling.subject:
            yield f"{said}: the decision names no disease, gene or variant"
        for gene in ruling.genes:
            if not pattern.fullmatch(gene.id):
                yield f"{said}: gene {gene.id!r} is no HGNC identifier"


def _diagnosis(
    record: CaseRecord, edition: Edition, coder: Coder, ruling: _Ruling, *, whole: bool, alone: bool
) -> Diagnosis:
    decision, status = ruling.decision, ruling.status
    if decision is not None and status in _NAMED:
        disease = decided(decision, coder)
    else:
        disease = undiagnosed(record, coder) if status == "undetermined" else SOUGHT
    confirmed_now = status == "confirmed" and decision is record.decided
    dated = status == "confirmed" and decision is not None and _DAY.fullmatch(decision.date)
    return Diagnosis(
        id=uuid_of("sdm-mr", record.case, *ruling.subject).upper(),
        status=status,
        disease=disease,
        made_on=decision.date if decision and dated else "",
        signs=tuple(term for term in record.observed if _known(term)) if whole else (),
        heredity=_heredity(record) if whole else "",
        first_signs=_first_signs(record) if whole else Age(),
        at_entry=_at_entry(record, alone=alone),
        clinical=Age.of(ages.clinical(record)) if confirmed_now else Age(),
        genetic=Age.of(ages.genetic(record)) if confirmed_now else Age(),
        techniques=_techniques(record, ruling),
        investigations=becomes("investigation", record.technique),
        genes=ruling.genes if status in _NAMED else (),
        variants=_variants(record, ruling) if status in _NAMED else "",
        comment=_comment(record, edition, decision, whole=whole),
        foetus=record.sex if record.prenatal else None,
    )


def _at_entry(record: CaseRecord, *, alone: bool) -> str:
    """The appreciation at entry: of several diagnoses nothing tells which was right or wrong."""
    word = record.history.at_entry
    return word if alone or word == "absent" else ""


def _techniques(record: CaseRecord, ruling: _Ruling) -> tuple[str, ...]:
    """Only where this analysis holds the cause: a diagnosis made elsewhere rests on another."""
    held = ruling.status == "confirmed" and any(finding.held for finding in ruling.named)
    return becomes("technique", record.technique) if held else ()


def _known(term: Coded) -> bool:
    return bool(term.label and systems("clinical")[0].pattern.fullmatch(term.id))


def _heredity(record: CaseRecord) -> str:
    """``familial`` by an affected relative; ``sporadic`` where both parents and all others are said
    to be unaffected; else not told."""
    if any(relative.affected for relative in record.relatives):
        return "familial"
    parents = {r.relation for r in record.relatives} >= {"mother", "father"}
    return "sporadic" if parents and all(r.affected is False for r in record.relatives) else ""


def _first_signs(record: CaseRecord) -> Age:
    if record.history.first_signs:
        return Age.of(record.history.first_signs)
    if record.onset is not None:
        words = becomes("onset", record.onset.id)
        told = (
            f"{record.onset.label} ({record.onset.id})" if record.onset.label else record.onset.id
        )
        return Age(words[0] if words else "undetermined", told=told)
    if record.prenatal and record.observed:
        return Age("antenatal", told="signes observés chez un fœtus")
    return Age()


def _variants(record: CaseRecord, ruling: _Ruling) -> str:
    if ruling.named or ruling.decision is None:
        told = [_written(f, allele, record.assembly) for f in ruling.named for allele in f.alleles]
    else:
        genes = [gene.label or gene.id for gene in ruling.genes]
        told = [
            ", ".join([*genes, f"{key} ({record.assembly})"]) for key in ruling.decision.variants
        ]
    return " ; ".join(told)


def _written(finding: FindingRecord, allele: AlleleRecord, assembly: str) -> str:
    coding = f"{allele.transcript}:{allele.hgvs_c}" if allele.transcript else allele.hgvs_c
    first = " ".join(filter(None, (coding if allele.hgvs_c else "", allele.hgvs_p)))
    place = f"{allele.hgvs_g or allele.key} ({assembly})"
    parts = (finding.gene.label or finding.gene.id, first, place, ZYGOSITIES.get(allele.zygosity))
    return ", ".join(filter(None, parts))


def _comment(
    record: CaseRecord, edition: Edition, decision: DecisionRecord | None, *, whole: bool
) -> str:
    source = record.provenance
    made = (
        f"Proposition d'Ariane à valider : cycle {source.cycle}, connaissances {source.release} "
        f"({source.as_of}), jeux de valeurs en vigueur le {edition.day} "
        f"(statut : révision {edition.revision('status')})."
    )
    told = [made]
    if decision is not None:
        told.append(f"Décision du {decision.date or '?'}, compte rendu {decision.report}.")
    if whole:
        absent = [_shown(term) for term in record.excluded if _known(term)]
        strange = [t.id for t in (*record.observed, *record.excluded) if not _known(t)]
        told += [f"Signes recherchés et absents : {', '.join(absent)}."] if absent else []
        told += [f"Termes HPO inconnus, non codés : {', '.join(strange)}."] if strange else []
    return " ".join(told)


def _shown(term: Coded) -> str:
    return f"{term.label} ({term.id})"
