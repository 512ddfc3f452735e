"""Flat tables for research, in the manner of GREGoR and seqr: four files joined by identifiers.

Column names and words are those of the GREGoR data model where it has them; consents, the origin of
a finding and the release are told in columns of our own. Whether parents are related is not told.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ariane.model.case import Phenotype, Sex
from ariane.model.history import is_duration
from ariane.registry.case_state import State, proposals, state_of
from ariane.registry.diseases import diseases_for
from ariane.registry.documents import Context, Document
from ariane.registry.identifiers import short_id
from ariane.registry.patch import Refusal
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, FindingRecord, Relative
from ariane.registry.sentences import of_case, of_proposal
from ariane.registry.variation import unwritable
from ariane.registry.vocabularies import phenotype_faults, structural, variant_kind
from ariane.safe import tsv

_CONSENTS: Final = ("consent_research", "consent_third_countries")

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "participant.tsv": (
        "participant_id", "family_id", "center", "paternal_id", "maternal_id",
        "proband_relationship", "sex", "affected_status", "age_at_last_observation",
        "onset_age_range", "solve_status", *_CONSENTS,
    ),
    "family.tsv": (
        "family_id", "proband_id", "network", "pre_indication", "sequenced", "design",
        "cycle", "release", *_CONSENTS,
    ),
    "phenotype.tsv": (
        "phenotype_id", "participant_id", "term_id", "term_label", "presence", "ontology",
        *_CONSENTS,
    ),
    "genetic_findings.tsv": (
        "genetic_findings_id", "participant_id", "experiment_id", "variant_type", "sv_type",
        "variant_reference_assembly", "chrom", "pos", "pos_end", "ref", "alt", "gene_of_interest",
        "gene_id", "transcript", "hgvsc", "hgvsp", "hgvs", "consequence", "zygosity",
        "allele_balance_or_heteroplasmy_percentage", "copy_number", "variant_inheritance",
        "linked_variant", "gene_known_for_phenotype", "known_condition_name", "condition_id",
        "condition_inheritance", "phenotype_contribution", "method_of_discovery",
        "finding_status", "acmg_class_proposed", "acmg_criteria_proposed", "notes", *_CONSENTS,
    ),
}  # fmt: skip
"""Columns of each table."""

WORDS: Final[Mapping[str, frozenset[str]]] = {
    "proband_relationship": frozenset({"Self", "Mother", "Father", "Sibling", "Other"}),
    "sex": frozenset({"Male", "Female", "Unknown"}),
    "affected_status": frozenset({"Affected", "Unaffected", "Unknown"}),
    "solve_status": frozenset({"Solved", "Partially solved", "Unsolved", ""}),
    "presence": frozenset({"Present", "Absent"}),
    "ontology": frozenset({"HPO"}),
    "variant_type": frozenset({"SNV", "INDEL", "SV", "CNV"}),
    "variant_reference_assembly": frozenset({"GRCh37", "GRCh38"}),
    "zygosity": frozenset(
        {"Heterozygous", "Homozygous", "Hemizygous", "Heteroplasmy", "Homoplasmy", ""}
    ),
    "variant_inheritance": frozenset({"de novo", "maternal", "paternal", "biparental", "unknown"}),
    "gene_known_for_phenotype": frozenset({"Known", "Candidate"}),
    "condition_inheritance": frozenset(
        {"Autosomal dominant", "Autosomal recessive", "X-linked", "Mitochondrial", "Unknown"}
    ),
    "phenotype_contribution": frozenset({"Full", "Partial", "Uncertain"}),
    "method_of_discovery": frozenset({"SR-ES", "SR-GS", ""}),
    "finding_status": frozenset({"decided", "proposed"}),
    "consent_research": frozenset({"yes"}),
    "consent_third_countries": frozenset({"yes", "no"}),
}
"""Words that a column may hold."""

_SEXES: Final = {Sex.MALE: "Male", Sex.FEMALE: "Female", Sex.UNKNOWN: "Unknown"}
_AFFECTED: Final = {True: "Affected", False: "Unaffected", None: "Unknown"}
_SOLVED: Final = {State.SOLVED: "Solved", State.PARTLY_SOLVED: "Partially solved"}
_CONTRIBUTION: Final = {State.SOLVED: "Full", State.PARTLY_SOLVED: "Partial"}
_RETAINED: Final = frozenset({State.SOLVED, State.PARTLY_SOLVED, State.CANDIDATE})
_ZYGOSITIES: Final = {
    "het": "Heterozygous",
    "hom": "Homozygous",
    "hemi": "Hemizygous",
    "heteroplasmic": "Heteroplasmy",
    "homoplasmic": "Homoplasmy",
}
_MODES: Final = {
    "AD": "Autosomal dominant",
    "AR": "Autosomal recessive",
    "XLD": "X-linked",
    "XLR": "X-linked",
    "MT": "Mitochondrial",
}
_METHODS: Final = {"exome": "SR-ES", "genome": "SR-GS"}

Row = dict[str, object]


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document | Refusal]:
    """The four tables, with all cases that they can hold."""
    disease_of = diseases_for(context)
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for record in records:
        reasons = tuple(_reasons(record))
        if reasons:
            yield Refusal(record.case, reasons)
            continue
        told = {
            "participant.tsv": _participants(record),
            "family.tsv": [_family(record)],
            "phenotype.tsv": _phenotypes(record),
            "genetic_findings.tsv": _findings(record, disease_of(record)),
        }
        third = "yes" if record.consent.third_countries else "no"
        consents = {"consent_research": "yes", "consent_third_countries": third}
        for name, own in told.items():
            rows[name] += [{**row, **consents} for row in own]
    for name, columns in TABLES.items():
        lines = ([row.get(column, "") for column in columns] for row in rows[name])
        yield Document(name, tsv(columns, lines), columns)


def check(document: Document, _: Context) -> Iterable[str]:
    """Columns, words, identifiers that are there once, and parents that are in the table."""
    columns = TABLES.get(document.name)
    if columns is None or document.text.split("\n", 1)[0] != "\t".join(columns):
        yield "other columns than those of the table"
        return
    rows = list(csv.DictReader(io.StringIO(document.text), delimiter="\t"))
    keys = [row[columns[0]] for row in rows]
    if len(set(keys)) != len(keys) or "" in keys:
        yield f"{columns[0]} is missing or stands twice"
    known = {*keys, "0"}
    for number, row in enumerate(rows, start=2):
        for column, words in WORDS.items():
            if column in row and row[column] not in words:
                yield f"line {number}: {column} {row[column]!r}"
        for parent in ("paternal_id", "maternal_id"):
            if row.get(parent, "0") not in known:
                yield f"line {number}: {parent} is not in the table"
        if row.get("linked_variant") and row["linked_variant"] not in known:
            yield f"line {number}: linked_variant is not in the table"
        if "finding_status" in row and not row["notes"]:
            yield f"line {number}: a finding that does not say who says it"


def _reasons(record: CaseRecord) -> Iterator[str]:
    yield from phenotype_faults(record)
    if not record.consent.research:
        yield "no consent_research"
    if record.age and not is_duration(record.age):
        yield f"age {record.age!r} is not a duration"
    if record.assembly not in WORDS["variant_reference_assembly"]:
        yield f"assembly {record.assembly!r} is not known"
    people = [record.patient, *(relative.id for relative in record.relatives)]
    if len(set(people)) != len(people) or "0" in people:
        yield "two members share an identifier, or one is '0'"
    for finding in [*_decided(record), *(c.finding for c in proposals(record))]:
        for allele in finding.alleles:
            reason = unwritable(allele)
            if reason:
                yield f"variant {allele.key!r} {reason}"


def _participants(record: CaseRecord) -> Iterator[Row]:
    """The patient and the sequenced relatives: of others nothing is needed."""
    shown = [relative for relative in record.relatives if relative.sequenced]
    parents = {relative.relation: _person(record, relative.id) for relative in shown}
    phenotype = Phenotype(age=record.age)
    common: Row = {"family_id": record.case, "center": record.site}
    yield {
        **common,
        "participant_id": _person(record, record.patient),
        "paternal_id": parents.get("father", "0"),
        "maternal_id": parents.get("mother", "0"),
        "proband_relationship": "Self",
        "sex": _SEXES[record.sex],
        "affected_status": "Affected",
        "age_at_last_observation": "" if phenotype.years is None else phenotype.years,
        "onset_age_range": record.onset.id if record.onset else "",
        "solve_status": _SOLVED.get(state_of(record), "Unsolved"),
    }
    for relative in shown:
        yield {**common, **_relative(record, relative)}


def _relative(record: CaseRecord, relative: Relative) -> Row:
    words = {"mother": "Mother", "father": "Father", "sibling": "Sibling"}
    return {
        "participant_id": _person(record, relative.id),
        "paternal_id": "0",
        "maternal_id": "0",
        "proband_relationship": words.get(relative.relation, "Other"),
        "sex": _SEXES[relative.sex],
        "affected_status": _AFFECTED[relative.affected],
    }


def _person(record: CaseRecord, member: str) -> str:
    """A member's identifier in all families together: pseudonyms are unique in a family only."""
    return f"{record.case}:{member}"


def _family(record: CaseRecord) -> Row:
    return {
        "family_id": record.case,
        "proband_id": _person(record, record.patient),
        "network": record.filiere,
        "pre_indication": record.pre_indication,
        "sequenced": 1 + sum(relative.sequenced for relative in record.relatives),
        "design": record.design,
        "cycle": record.provenance.cycle,
        "release": record.provenance.release,
    }


def _phenotypes(record: CaseRecord) -> Iterator[Row]:
    for presence, terms in (("Present", record.observed), ("Absent", record.excluded)):
        for term in terms:
            yield {
                "phenotype_id": short_id(record.case, term.id),
                "participant_id": _person(record, record.patient),
                "term_id": term.id,
                "term_label": term.label,
                "presence": presence,
                "ontology": "HPO",
            }


def _decided(record: CaseRecord) -> tuple[FindingRecord, ...]:
    return record.named if state_of(record) in _RETAINED else ()


def _findings(record: CaseRecord, disease: Coded | None) -> Iterator[Row]:
    """What was decided, then what is proposed and was not decided."""
    told: set[str] = set()
    for finding in _decided(record):
        told.add(finding.id)
        contribution = _CONTRIBUTION.get(state_of(record), "Uncertain")
        yield from _alleles(record, finding, disease, "decided", contribution, of_case(record))
    for candidate in proposals(record):
        if candidate.finding.id not in told:
            note = of_proposal(candidate, record.provenance)
            yield from _alleles(
                record, candidate.finding, candidate.disease, "proposed", "Uncertain", note
            )


def _alleles(
    record: CaseRecord,
    finding: FindingRecord,
    disease: Coded | None,
    status: str,
    contribution: str,
    note: str,
) -> Iterator[Row]:
    names = [short_id(record.case, finding.id, allele.key) for allele in finding.alleles]
    condition = disease or Coded("", "")
    for number, allele in enumerate(finding.alleles):
        others = [name for place, name in enumerate(names) if place != number]
        yield {
            "genetic_findings_id": names[number],
            "participant_id": _person(record, record.patient),
            "experiment_id": f"{record.case}.{record.technique}",
            "variant_reference_assembly": record.assembly,
            "gene_of_interest": finding.gene.label,
            "gene_id": finding.gene.id,
            "linked_variant": others[0] if len(others) == 1 else "",
            "gene_known_for_phenotype": "Known" if condition.id else "Candidate",
            "known_condition_name": condition.label,
            "condition_id": condition.id,
            "condition_inheritance": _MODES.get(finding.mode, "Unknown"),
            "phenotype_contribution": contribution,
            "method_of_discovery": _METHODS.get(record.technique, ""),
            "finding_status": status,
            "notes": note,
            **_allele(allele, classified=record.provenance.interpretable),
        }


def _allele(allele: AlleleRecord, *, classified: bool) -> Row:
    contig, position, ref, alt = allele.place
    kind = variant_kind(allele)
    long = structural(allele)
    call = allele.genotype
    share = call.alt_fraction if call else None
    end: object = ""
    if alt.startswith("<"):
        alt, _, last = alt[1:-1].rpartition(":")
        alt, end = f"<{alt}>", int(last)
    return {
        "variant_type": ("CNV" if kind == "CNV" else "SV") if long else _small(kind),
        "sv_type": kind if long else "",
        "chrom": contig.removeprefix("chr"),
        "pos": position,
        "pos_end": end,
        "ref": ref,
        "alt": alt,
        "transcript": allele.transcript,
        "hgvsc": allele.hgvs_c,
        "hgvsp": allele.hgvs_p,
        "hgvs": allele.hgvs_g,
        "consequence": allele.consequence,
        "zygosity": _ZYGOSITIES.get(allele.zygosity, ""),
        "allele_balance_or_heteroplasmy_percentage": "" if share is None else round(share, 4),
        "copy_number": "" if call is None or call.copies is None else call.copies,
        "variant_inheritance": allele.origin or "unknown",
        "acmg_class_proposed": allele.acmg_class if classified else "",
        "acmg_criteria_proposed": " ".join(allele.criteria) if classified else "",
    }


def _small(kind: str) -> str:
    return "SNV" if kind == "SNV" else "INDEL"
