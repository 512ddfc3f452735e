"""The diagnoses of a case as SDM-MR tells them, and why a case cannot be told.

A status is what a signed decision says, else ``ongoing``; never what Ariane proposes. What no
record holds (ages at the diagnoses, appreciation at entry, the site) is left undetermined.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ariane.intake.identity import holds_ins
from ariane.model.case import Sex, Status
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, FindingRecord
from ariane.registry.sdm_disease import Disease, disease_of
from ariane.registry.sdm_tables import Edition, UntellableError, becomes, systems
from ariane.registry.words import ZYGOSITIES

MOST: Final = 6
"""Diagnoses of a patient that BaMaRa takes; from a third party's schema, not from the BNDMR."""

_NAMED: Final = frozenset({"confirmed", "refuted", "probable"})
"""Statuses of a disease that the decision names; for the others nothing is found."""

_BY_DECISION: Final = frozenset(
    {Status.SOLVED, Status.PARTLY_SOLVED, Status.REFUTED, Status.CLOSED}
)
_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_OID, "1.2.250.1.213.1.1.1.30")
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


def untellable(record: CaseRecord, edition: Edition) -> tuple[str, ...]:
    """Why a case cannot be told; empty where it can."""
    return tuple(_reasons(record, edition))


def diagnoses_of(record: CaseRecord, edition: Edition) -> tuple[Diagnosis, ...]:
    """The diagnoses of a case that can be told.

    A case that is solved in part, or whose diagnosis was refuted, has a second one that is still
    sought. What is told of the case as a whole (signs, age at the first, heredity) stands with the
    diagnosis that is open, or with the only one: nothing tells which signs a part explains.
    """
    words = _statuses(record, edition)
    return tuple(
        _diagnosis(record, edition, word, whole=number == len(words))
        for number, word in enumerate(words, start=1)
    )


def uid(*parts: str) -> str:
    """A UUID that is always the same for the same parts, and never shaped like an INS."""
    for turn in itertools.count():
        found = str(uuid.uuid5(_SPACE, "\x1f".join((*parts, str(turn))))).upper()
        if not holds_ins(found):
            return found
    raise AssertionError  # never reached: the count has no end


def _statuses(record: CaseRecord, edition: Edition) -> tuple[str, ...]:
    decided = record.decided
    if decided is None:
        return ("ongoing",)
    if decided.outcome is Status.CANDIDATE and edition.candidate_is_probable:
        return ("probable",)
    return becomes("outcome", decided.outcome.value)


def _reasons(record: CaseRecord, edition: Edition) -> Iterator[str]:
    decided = record.decided
    if record.prenatal and not edition.model.foetus:
        yield f"a foetus: version {edition.version} carries none"
    if decided is None and record.status in _BY_DECISION:
        # "En cours" would take back in the national bank what a clinician may have confirmed there.
        yield f"the sheet says {record.status.value}, but no signed decision came"
    words = _statuses(record, edition)
    if decided is not None and not words:
        yield f"the decision says {decided.outcome.value}, which is no status of a diagnosis"
    for word in words:
        try:
            edition.coding("status", word)
        except UntellableError as problem:
            yield str(problem)
    if not _NAMED.isdisjoint(words):
        if decided is not None and not (decided.disease or decided.gene or record.named):
            yield f"{decided.outcome.value}, but the decision names no disease, gene or variant"
        pattern = systems("gene")[0].pattern
        for gene in _genes(record):
            if not pattern.fullmatch(gene.id):
                yield f"the decision names gene {gene.id!r}, which is no HGNC identifier"


def _diagnosis(record: CaseRecord, edition: Edition, word: str, *, whole: bool) -> Diagnosis:
    decided = record.decided
    named, confirmed = word in _NAMED, word == "confirmed"
    genes = _genes(record) if named else ()
    return Diagnosis(
        id=uid(record.case, *(_subject(record) if named else ("open",))),
        status=word,
        disease=disease_of(record, word),
        made_on=decided.date if confirmed and decided and _DAY.fullmatch(decided.date) else "",
        signs=_signs(record) if whole else (),
        heredity=_heredity(record) if whole else "",
        first_signs=_first_signs(record) if whole else Age(),
        techniques=_techniques(record) if confirmed else (),
        investigations=becomes("investigation", record.technique),
        genes=genes,
        variants=_variants(record) if named else "",
        comment=_comment(record, edition, whole=whole),
        foetus=record.sex if record.prenatal else None,
    )


def _subject(record: CaseRecord) -> tuple[str, ...]:
    """What a named diagnosis is about: it keeps its identifier when it is refuted."""
    decided = record.decided
    if decided is not None and decided.disease:
        return (decided.disease.id,)
    genes = tuple(gene.id for gene in _genes(record))
    return genes or (decided.variants if decided else ())


def _genes(record: CaseRecord) -> tuple[Coded, ...]:
    decided = record.decided
    first = [decided.gene] if decided and decided.gene else []
    found = {gene.id: gene for gene in (*first, *(f.gene for f in record.named)) if gene.id}
    return tuple(found.values())


def _techniques(record: CaseRecord) -> tuple[str, ...]:
    """Only where this analysis holds the cause: a diagnosis made elsewhere rests on another."""
    held = any(finding.held for finding in record.causative)
    return becomes("technique", record.technique) if held else ()


def _known(term: Coded) -> bool:
    return bool(term.label and systems("clinical")[0].pattern.fullmatch(term.id))


def _signs(record: CaseRecord) -> tuple[Coded, ...]:
    return tuple(term for term in record.observed if _known(term))


def _heredity(record: CaseRecord) -> str:
    """``familial`` by an affected relative; ``sporadic`` where both parents and all others are said
    to be unaffected; else not told."""
    if any(relative.affected for relative in record.relatives):
        return "familial"
    parents = {r.relation for r in record.relatives} >= {"mother", "father"}
    return "sporadic" if parents and all(r.affected is False for r in record.relatives) else ""


def _first_signs(record: CaseRecord) -> Age:
    if record.onset is not None:
        words = becomes("onset", record.onset.id)
        told = (
            f"{record.onset.label} ({record.onset.id})" if record.onset.label else record.onset.id
        )
        return Age(words[0] if words else "undetermined", told=told)
    if record.prenatal and record.observed:
        return Age("antenatal", told="signes observés chez un fœtus")
    return Age()


def _variants(record: CaseRecord) -> str:
    return " ; ".join(
        _written(finding, allele, record.assembly)
        for finding in record.named
        for allele in finding.alleles
    )


def _written(finding: FindingRecord, allele: AlleleRecord, assembly: str) -> str:
    coding = f"{allele.transcript}:{allele.hgvs_c}" if allele.transcript else allele.hgvs_c
    first = " ".join(filter(None, (coding if allele.hgvs_c else "", allele.hgvs_p)))
    place = f"{allele.hgvs_g or allele.key} ({assembly})"
    parts = (finding.gene.label or finding.gene.id, first, place, ZYGOSITIES.get(allele.zygosity))
    return ", ".join(filter(None, parts))


def _comment(record: CaseRecord, edition: Edition, *, whole: bool) -> str:
    source, decided = record.provenance, record.decided
    made = (
        f"Proposition d'Ariane à valider : cycle {source.cycle}, connaissances {source.release} "
        f"({source.as_of}), jeux de valeurs en vigueur le {edition.day} "
        f"(statut : révision {edition.revision('status')})."
    )
    told = [made]
    if decided:
        told.append(f"Décision du {decided.date or '?'}, compte rendu {decided.report}.")
    if whole:
        absent = [_shown(term) for term in record.excluded if _known(term)]
        strange = [t.id for t in (*record.observed, *record.excluded) if not _known(t)]
        told += [f"Signes recherchés et absents : {', '.join(absent)}."] if absent else []
        told += [f"Termes HPO inconnus, non codés : {', '.join(strange)}."] if strange else []
    return " ".join(told)


def _shown(term: Coded) -> str:
    return f"{term.label} ({term.id})"
