"""ERN common data elements: one CSV for a registry, a line for each element that is known.

The columns are those of the CDE semantic model 2.0.0 of EJP RD. It has no element for a proposal,
so only what a signed decision names is told; an undiagnosed case is told by its HPO terms and the
HGVS names of the variants that the decision retained.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.history import AT_BIRTH, years_of
from ariane.registry import ages
from ariane.registry.case_state import State, state_of
from ariane.registry.diseases import coder_for
from ariane.registry.documents import Context, Document
from ariane.registry.orpha import UNDIAGNOSED, Code
from ariane.registry.patch import Refusal
from ariane.registry.record import AlleleRecord, CaseRecord
from ariane.registry.variation import HGVS
from ariane.registry.vocabularies import address, phenotype_faults
from ariane.safe import tsv

NAME: Final = "cde.csv"

COLUMNS: Final = (
    "pid",
    "context_id",
    "model",
    "value",
    "valueIRI",
    "value_datatype",
    "startdate",
    "enddate",
    "age",
    "comments",
    "agent_id",
    "process_type",
    "input_type",
    "target_type",
    "unit_type",
)

_DIAGNOSED: Final = frozenset({State.SOLVED, State.PARTLY_SOLVED})
_GENETIC: Final = _DIAGNOSED | {State.CANDIDATE, State.IMPASSE}
"""States in which the variants of the decision are the patient's: what was refuted is no longer."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEARS: Final = re.compile(r"\d{1,3}")
_AGED: Final = frozenset({"Diagnosis", "Genetic"})
"""Models of ours that may have an age."""
_IRI: Final = re.compile(r"https?://[\w.-]+/[\w./:#-]+")
_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "Sex": re.compile(r"http://purl\.obolibrary\.org/obo/NCIT_C(?:16576|20197|124294|17998)"),
    "Symptom": re.compile(r"http://purl\.obolibrary\.org/obo/HP_\d{7}"),
    "Diagnosis": _IRI,
    "Genetic": _IRI,
}
_VALUES: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "Symptom_onset": ("xsd:integer", _YEARS),
    "Consent_used": ("xsd:string", re.compile(r"Yes|No")),
}

Row = dict[str, str]


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document | Refusal]:
    """One table with the elements of all cases that are told rightly by them."""
    coder = coder_for(context)
    rows: list[Row] = []
    for record in records:
        code = coder.code(record)
        own = list(_rows(record, code))
        reasons = tuple(_reasons(record, code, own))
        if reasons:
            yield Refusal(record.case, reasons)
        else:
            rows += own
    lines = ([row.get(column, "") for column in COLUMNS] for row in rows)
    yield Document(NAME, tsv(COLUMNS, lines, delimiter=","), COLUMNS)


def check(document: Document, _: Context) -> Iterable[str]:
    """Columns, models, addresses, dates, and that no case is told as two things at once."""
    if document.text.split("\n", 1)[0] != ",".join(COLUMNS):
        yield "other columns than those of the CDE"
        return
    models: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for number, row in enumerate(csv.DictReader(io.StringIO(document.text)), start=2):
        models[row["pid"]].append(row)
        yield from (f"line {number}: {fault}" for fault in _line(row))
    for pid, own in models.items():
        kinds = [row["model"] for row in own]
        if kinds.count("Sex") != 1 or kinds.count("Consent_used") != 1:
            yield f"{pid}: not one sex and one consent to reuse"
        if not {"Symptom", "Diagnosis", "Genetic"} & set(kinds):
            yield f"{pid}: neither phenotype, nor diagnosis, nor genotype"
        told = {row["valueIRI"] for row in own if row["model"] == "Diagnosis"}
        if len(told) > 1 and address(UNDIAGNOSED) in told:
            yield f"{pid}: a diagnosis and that there is none"


def _line(row: Mapping[str, str]) -> Iterator[str]:
    model = row["model"]
    if not row["pid"]:
        yield "no pid"
    if model in _FORMS:
        if not _FORMS[model].fullmatch(row["valueIRI"]):
            yield f"{model} with the address {row['valueIRI']!r}"
        if model == "Genetic" and not row["value"]:
            yield "Genetic without a label"
    elif model in _VALUES:
        datatype, form = _VALUES[model]
        if row["value_datatype"] != datatype or not form.fullmatch(row["value"]):
            yield f"{model} of {row['value']!r} as {row['value_datatype']!r}"
    else:
        yield f"model {model!r} is none that Ariane writes"
    if row["age"] and (model not in _AGED or not _YEARS.fullmatch(row["age"])):
        yield f"{model} at the age {row['age']!r}"
    for column in ("startdate", "enddate"):
        if row[column] and not _DATE.fullmatch(row[column]):
            yield f"{column} {row[column]!r}"


def _rows(record: CaseRecord, code: Code) -> Iterator[Row]:
    """The elements of a case, in the order of the glossary."""
    base = {"pid": record.case, "context_id": record.provenance.cycle}
    yield {**base, "model": "Sex", "valueIRI": _terms()["sex", record.sex.value]["iri"]}
    years, source = _onset(record)
    if years:
        value = {"value": years, "value_datatype": "xsd:integer"}
        yield {**base, "model": "Symptom_onset", **value, "comments": source}
    for term in record.observed:
        where = {"valueIRI": address(term.id), "comments": term.label}
        yield {**base, "model": "Symptom", **where}
    decided = record.decided
    base["startdate"] = decided.date if decided else ""
    told = _diagnosis(record, code)
    if told:
        comment = "; ".join(filter(None, [code.label, code.reason]))
        age = _years(ages.first_diagnosis(record))
        where = {"valueIRI": address(told), "age": age, "comments": comment}
        yield {**base, "model": "Diagnosis", **where}
    for name, iri, note in _genotype(record):
        age = _years(ages.genetic(record))
        test = {"age": age, "process_type": _terms()["genetic", "test"]["iri"], "comments": note}
        yield {**base, "model": "Genetic", "value": name, "valueIRI": iri, **test}
    base["startdate"] = ""
    reuse = {"value": "Yes" if record.consent.research else "No", "value_datatype": "xsd:string"}
    note = "Consent to reuse data for research"
    yield {**base, "model": "Consent_used", **reuse, "comments": note}


def _onset(record: CaseRecord) -> tuple[str, str]:
    """Completed years at the first signs, and what tells them; empty where they are not told.

    The model takes a date or an age, so that signs before birth cannot be told.
    """
    signs, onset = record.history.first_signs, record.onset
    if signs:
        return _years(signs), "at birth" if signs == AT_BIRTH else signs
    term = _terms().get(("onset", onset.id)) if onset else None
    return (term["value"], onset.label or onset.id) if onset and term else ("", "")


def _years(age: str) -> str:
    years = years_of(age)
    return "" if years is None else str(years)


def _reasons(record: CaseRecord, code: Code, rows: Iterable[Row]) -> Iterator[str]:
    """Why a case cannot be told by these elements."""
    yield from phenotype_faults(record)
    state, told = state_of(record), _diagnosis(record, code)
    if told and not address(told):
        yield f"diagnosis {told!r} has no address: {code.reason}"
    if state in _DIAGNOSED and not told:
        # Without a diagnosis the registry would take the case for undiagnosed.
        yield f"{state.value}, but the decision names no disease"
    if not {"Symptom", "Diagnosis", "Genetic"} & {row["model"] for row in rows}:
        yield "neither phenotype, nor diagnosis, nor genotype"


def _diagnosis(record: CaseRecord, code: Code) -> str:
    """The ORPHA code, else a decided disease as it is; empty for a case without a diagnosis."""
    disease = record.decided.disease if record.decided else None
    as_decided = disease.id if disease and state_of(record) in _DIAGNOSED else ""
    return code.orpha or as_decided


def _genotype(record: CaseRecord) -> Iterator[tuple[str, str, str]]:
    """Label, address and comment of each gene and variant that the decision names."""
    decided = record.decided
    if decided is None or state_of(record) not in _GENETIC:
        return
    said = f"{decided.outcome.value} by report {decided.report}"
    genes = {f.gene.id: f.gene for f in record.named} or (
        {decided.gene.id: decided.gene} if decided.gene else {}
    )
    for gene in genes.values():
        if gene.id.startswith("HGNC:"):
            iri = _terms()["genetic", "gene"]["iri"] + gene.id.removeprefix("HGNC:")
            yield gene.id, iri, "; ".join(filter(None, [gene.label, said]))
    for allele in (allele for finding in record.named for allele in finding.alleles):
        name = hgvs_of(allele)
        if name:
            iri = _terms()["genetic", "variant"]["iri"]
            yield name, iri, "; ".join(filter(None, [allele.zygosity, said]))


def hgvs_of(allele: AlleleRecord) -> str:
    """The allele's full name on its transcript, else on the genome; empty where it has none."""
    coding = f"{allele.transcript}:{allele.hgvs_c}" if allele.transcript else ""
    return next((name for name in (coding, allele.hgvs_g) if HGVS.fullmatch(name)), "")


@cache
def _terms() -> Mapping[tuple[str, str], Mapping[str, str]]:
    return {(row["use"], row["word"]): row for row in read_marked(FOLDER / "cde_terms.tsv")}
