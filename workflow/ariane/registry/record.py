"""CaseRecord: what an export may read of one case in one cycle.

Every export reads these records and nothing else, so what a record does not hold cannot leave. It
holds no pedigree (who is whose parent beyond the patient's own, and so consanguinity), no quality
finding (sex discordance, relatedness, contamination), no note, comment, request or other free text
of the sheet, and no path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ariane.model.case import Consent, Sex, Status
from ariane.model.genotype import Genotype
from ariane.model.history import History
from ariane.model.structural import split_key


@dataclass(frozen=True, order=True)
class Coded:
    """Something that a release names: a gene, a disease, an HPO term."""

    id: str
    """``HGNC:3603``, ``OMIM:154700``, ``HP:0001250``."""
    label: str
    """Its approved symbol or name; empty where the release does not know it."""


@dataclass(frozen=True)
class Relative:
    """Another member of the family, under a pseudonym."""

    id: str
    relation: str
    """``mother``, ``father``, ``sibling`` (a parent in common) or ``relative``."""
    sex: Sex
    affected: bool | None
    sequenced: bool


@dataclass(frozen=True)
class AlleleRecord:
    """One allele of a finding. A text is empty, and a number None, where nothing tells it."""

    key: str
    """``chrom-pos-ref-alt``, as the VCF of the case's assembly would write it, 1-based."""
    hgvs_g: str = ""
    hgvs_c: str = ""
    """Without its transcript: ``c.68-2A>G``."""
    hgvs_p: str = ""
    transcript: str = ""
    """Accession that ``hgvs_c`` is written on: RefSeq's where MANE names one, else Ensembl's."""
    consequence: str = ""
    """Sequence Ontology terms joined by ``&``, most severe first."""
    zygosity: str = ""
    """In the patient: ``het``, ``hom``, ``hemi``, ``heteroplasmic``, ``homoplasmic``, ``missing``,
    ``ref``."""
    genotype: Genotype | None = None
    """The patient's call."""
    origin: str = ""
    """``maternal``, ``paternal``, ``biparental``, ``de novo``; empty where the parents do not tell
    it."""
    acmg_class: str = ""
    """Proposed, never validated: ``P``, ``LP``, ``VUS``, ``LB``, ``B``, ``B (BA1)``."""
    acmg_points: int | None = None
    """Thousandths of a point."""
    criteria: tuple[str, ...] = ()
    """ACMG criteria that count, with their strength: ``PVS1``, ``PM2_Supporting``; sorted."""

    @property
    def place(self) -> tuple[str, int, str, str]:
        """Contig, 1-based position, REF and ALT.

        Raises:
            ValueError: the key is not in that form.
        """
        parts = split_key(self.key)
        if parts is None:
            raise ValueError(f"not a variant's key: {self.key!r}")
        return parts


@dataclass(frozen=True)
class FindingRecord:
    """An allele or a pair under one mode of inheritance."""

    id: str
    """``gene|mode|variants``."""
    gene: Coded
    mode: str
    """``AD``, ``AR``, ``XLD``, ``XLR``, ``MT``; empty where only a decision tells of it."""
    zygosity: str
    """``het``, ``hom``, ``hemi``, ``compound``, ``one hit``, ``heteroplasmic``, ``homoplasmic``;
    empty where this cycle holds no such finding."""
    alleles: tuple[AlleleRecord, ...]
    held: bool = True
    """Whether the cycle's tables hold the finding; else it is what the decision says alone."""


@dataclass(frozen=True)
class Candidate:
    """A leading hypothesis: a finding and a disease that would explain the case."""

    finding: FindingRecord
    disease: Coded
    rank: int
    """1 is first."""
    gene_rank: int
    posterior: float | None
    """0 to 1; None for one hit of a recessive gene, which has none."""


@dataclass(frozen=True)
class DecisionRecord:
    """The decision that counts: the latest. Its comment stays behind."""

    outcome: Status
    date: str
    actor: str
    role: str
    report: str
    """Identifier of the signed report; empty for an unsigned decision."""
    gene: Coded | None
    disease: Coded | None
    variants: tuple[str, ...]
    """Keys, in the order of the decision."""

    @property
    def signed(self) -> bool:
        """Whether it names its report: without one nothing is decided."""
        return bool(self.report.strip())


@dataclass(frozen=True)
class FlagRecord:
    """A reason to look at the case again, from new knowledge or from time.

    Those that the family's own data give (a pregnancy, a request, a corrected pedigree, a relative)
    stay behind.
    """

    reason: str
    gene: Coded | None
    finding: str
    hgvs: str
    source: str
    """Resource of the release, key, what was said and is said now; empty where none is named."""
    due: str
    since: str


@dataclass(frozen=True)
class Provenance:
    """Where a record comes from; one for all records of a cycle."""

    cycle: str
    release: str
    as_of: str
    """ISO date of the release; the only date of an export."""
    engine: Mapping[str, int]
    resources: Mapping[str, tuple[str, str]]
    """Kind of resource to its version and date: ``hpo_ontology`` for the terms."""
    interpretable: bool
    """Whether the release holds population frequencies: without them nothing may be
    interpreted."""


@dataclass(frozen=True)
class CaseRecord:
    """What an export may read of one case."""

    case: str
    """Pseudonym of the case."""
    patient: str
    """Pseudonym of the patient within the family."""
    consent: Consent
    status: Status
    sex: Sex
    """As the sheet declares it."""
    age: str
    """At the last encounter, ISO 8601 duration; empty where not known, and for a foetus."""
    gestation: str
    """Of a foetus, ISO 8601 duration: ``P22W3D``; else empty."""
    onset: Coded | None
    history: History
    """Ages at the first signs and at the diagnoses, and the diagnosis at entry."""
    observed: tuple[Coded, ...]
    """HPO terms as the release names them today, sorted; one it does not know keeps its id."""
    excluded: tuple[Coded, ...]
    technique: str
    """``panel``, ``exome`` or ``genome``."""
    design: str
    """``solo``, ``duo`` or ``trio``."""
    assembly: str
    analysis_date: str
    laboratory: str
    site: str
    filiere: str
    pre_indication: str
    relatives: tuple[Relative, ...]
    decision: DecisionRecord | None
    earlier: tuple[DecisionRecord, ...]
    """The decisions before it, the oldest first."""
    named: tuple[FindingRecord, ...]
    """What the decision names: the cause where it solves, the error where it refutes; empty where
    it names no variant."""
    candidates: tuple[Candidate, ...]
    """The leading hypotheses, first rank first."""
    none_posterior: float | None
    """Posterior of "none in these data"; None where the cycle did not examine the case."""
    flags: tuple[FlagRecord, ...]
    provenance: Provenance = field(repr=False)

    @property
    def prenatal(self) -> bool:
        """Whether the patient is a foetus."""
        return bool(self.gestation)

    @property
    def examined(self) -> bool:
        """Whether the cycle holds a ranking of the case: not looked at is not nothing found."""
        return self.none_posterior is not None

    @property
    def decided(self) -> DecisionRecord | None:
        """The decision where it is signed, else None."""
        return self.decision if self.decision is not None and self.decision.signed else None

    @property
    def causative(self) -> tuple[FindingRecord, ...]:
        """The findings that a signed decision calls the cause, or part of it."""
        solving = (Status.SOLVED, Status.PARTLY_SOLVED)
        return self.named if self.decided and self.decided.outcome in solving else ()
