"""Case: one proband or family under a pseudonym, with what was observed and sequenced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from ariane.model.history import History, years_of


class Sex(StrEnum):
    """Sex as PED and Phenopackets know it."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Where a case stands. Only a Decision moves it to a solved or closed status."""

    IN_PROGRESS = "in progress"
    CANDIDATE = "candidate"
    IMPASSE = "impasse"
    SOLVED = "solved"
    PARTLY_SOLVED = "partly solved"
    REFUTED = "refuted"
    CLOSED = "closed"
    WITHDRAWN = "consent withdrawn"

    @property
    def watched(self) -> bool:
        """Whether new knowledge is still brought to this case as to an unsolved one."""
        return self in {
            Status.IN_PROGRESS,
            Status.CANDIDATE,
            Status.IMPASSE,
            Status.PARTLY_SOLVED,
            Status.REFUTED,
        }


@dataclass(frozen=True)
class Member:
    """One person of the pedigree. Identifiers are pseudonyms."""

    id: str
    sample: str = ""
    """Sample name in the VCF; empty for a member who was not sequenced."""
    father: str = ""
    mother: str = ""
    sex: Sex = Sex.UNKNOWN
    affected: bool | None = None


@dataclass(frozen=True)
class Phenotype:
    """What was observed in the proband. Terms are kept as given; a release resolves them."""

    observed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    onset: str = ""
    """HPO onset term, or empty."""
    age: str = ""
    """Age at last encounter, ISO 8601 duration, or empty."""
    gestation: str = ""
    """Gestational age of a foetus when it was examined, ISO 8601 duration, or empty: ``P22W3D``."""

    @property
    def years(self) -> int | None:
        """Whole years at the last encounter; None where the age is not known. A foetus has none."""
        if self.prenatal:
            return 0
        return years_of(self.age)

    @property
    def prenatal(self) -> bool:
        """Whether the proband is a foetus."""
        return bool(self.gestation)


@dataclass(frozen=True)
class Analysis:
    """One sequencing of a case."""

    vcf: str
    """Path as given in the sheet, resolved against the sheet's folder."""
    assembly: str = "GRCh38"
    technique: str = "exome"
    """``panel``, ``exome`` or ``genome``."""
    laboratory: str = ""
    date: str = ""
    """ISO 8601 date of the analysis."""
    more_vcfs: tuple[str, ...] = ()
    """Further VCFs, where the members were not genotyped into one."""

    @property
    def vcfs(self) -> tuple[str, ...]:
        """All VCFs of the case, as given."""
        return (self.vcf, *self.more_vcfs)

    sv_vcf: str = ""
    """Path of a VCF of structural variants beside the first, of the same samples; or empty."""


@dataclass(frozen=True)
class Consent:
    """What the person agreed to. False is the default: silence is not consent."""

    reanalysis: bool = False
    registry: bool = False
    """To the diagnosis-impasse registry; to the BNDMR as well where ``opposition`` says nothing."""
    ern: bool = False
    """To European reference networks, no registry named: an older sheet's yes. It opens none."""
    matchmaking: bool = False
    research: bool = False
    """To reuse in research."""
    opposition: bool | None = None
    """Whether the person opposes the BNDMR, where French law asks for non-opposition; None when
    nobody wrote it down."""
    ern_registries: tuple[str, ...] = ()
    """ERN registries that a signed consent names, sorted, as ``resources/registry`` writes them."""
    third_countries: bool = False
    """To transfers outside the European Economic Area."""


@dataclass(frozen=True)
class Case:
    """One proband or family under a pseudonym."""

    id: str
    proband: str
    """Identifier of the member who is the patient."""
    members: tuple[Member, ...]
    phenotype: Phenotype
    analysis: Analysis
    consent: Consent
    status: Status = Status.IN_PROGRESS
    site: str = ""
    filiere: str = ""
    pre_indication: str = ""
    history: History = field(default_factory=History)
    gene_list: tuple[str, ...] = ()
    """Genes and panels that the analysis was asked for, as written; a release resolves them."""
    decided: tuple[str, ...] = ()
    """Genes and alleles that decisions on the case name: they are known to the clinician."""
    request: str = ""
    """A clinician's request to look again: its date, then what is asked; or empty."""
    pregnancy: bool = False
    """Whether there is a pregnancy in the family: what is flagged is then urgent."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Further sheet columns under their own names, carried and shown, never interpreted."""

    def member(self, member_id: str) -> Member | None:
        """The member of that identifier, or None."""
        return next((m for m in self.members if m.id == member_id), None)

    @cached_property
    def patient(self) -> Member:
        """The proband's entry in the pedigree.

        Raises:
            KeyError: the pedigree does not hold the proband.
        """
        found = self.member(self.proband)
        if found is None:
            raise KeyError(self.proband)
        return found

    @property
    def sequenced(self) -> tuple[Member, ...]:
        """Members with a sample, in order of identifier."""
        return tuple(sorted((m for m in self.members if m.sample), key=lambda m: m.id))

    @property
    def design(self) -> str:
        """``trio`` when both parents of the proband were sequenced, ``duo`` for one, else
        ``solo``."""
        sequenced = {m.id for m in self.sequenced}
        parents = {self.patient.father, self.patient.mother} & sequenced
        return {0: "solo", 1: "duo", 2: "trio"}[len(parents)]

    def to_json(self) -> dict[str, Any]:
        """Plain values only, for the frozen inputs of a cycle."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Case:
        """The inverse of :meth:`to_json`.

        Raises:
            KeyError, ValueError: a field is missing or holds an unknown word.
        """
        members = tuple(Member(**{**m, "sex": Sex(m["sex"])}) for m in raw["members"])
        phenotype = Phenotype(
            **{
                **raw["phenotype"],
                "observed": tuple(raw["phenotype"]["observed"]),
                "excluded": tuple(raw["phenotype"]["excluded"]),
            }
        )
        return cls(
            **{
                **raw,
                "members": members,
                "phenotype": phenotype,
                "analysis": Analysis(
                    **{
                        **raw["analysis"],
                        "more_vcfs": tuple(raw["analysis"].get("more_vcfs", ())),
                    }
                ),
                "consent": Consent(
                    **{
                        **raw["consent"],
                        "ern_registries": tuple(raw["consent"].get("ern_registries", ())),
                    }
                ),
                "history": History(**raw.get("history", {})),
                "gene_list": tuple(raw.get("gene_list", ())),
                "decided": tuple(raw.get("decided", ())),
                "status": Status(raw["status"]),
                "notes": dict(raw["notes"]),
            }
        )


@dataclass(frozen=True)
class Decision:
    """What a named clinician or an RCP decided; only a Decision with a report closes a case."""

    case: str
    outcome: Status
    gene: str
    """HGNC identifier, or empty when no gene is named."""
    variants: str
    """Variant keys joined by ``+``, or empty."""
    disease: str
    actor: str
    """Professional identifier or name of the RCP."""
    role: str
    report: str
    """Identifier of the signed report."""
    date: str
    comment: str = ""
    finding: str = ""
    """The finding decided on, ``gene|mode|variants``; or empty."""
    seen: str = ""
    """Hash of that finding as it was seen (:mod:`ariane.model.seen`); or empty."""
