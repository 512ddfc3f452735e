"""Matchmaker Exchange: the search request of each case that looks for another, as a file.

Release 1.1 of the search API (ga4gh/mme-apis). A person sends it, or does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from ariane import files
from ariane.model.canonical import to_json
from ariane.model.case import Sex, Status
from ariane.model.errors import ArianeError
from ariane.registry.case_state import State, proposals, state_of
from ariane.registry.diseases import diseases_for
from ariane.registry.documents import Context, Document
from ariane.registry.fhir_codes import consequence_codings, find
from ariane.registry.patch import Refusal
from ariane.registry.record import AlleleRecord, CaseRecord, Coded, FindingRecord
from ariane.registry.variation import unwritable
from ariane.registry.vocabularies import phenotype_faults
from ariane.safe import visible

SCHEMA: Final = files.REPOSITORY / "workflow" / "schemas" / "matchmaker.schema.json"

KEY: Final = "matchmaker"
"""The block of the configuration's ``exports``."""

Json = dict[str, Any]

_ENDED: Final = frozenset({Status.SOLVED, Status.CLOSED})
_SUSPECTED: Final = frozenset({State.PARTLY_SOLVED, State.CANDIDATE})
"""States in which the disease of a decision is the patient's, at least as a hypothesis."""

_SEXES: Final = {Sex.FEMALE: "FEMALE", Sex.MALE: "MALE"}
_COPIES: Final = {"het": 1, "hemi": 1, "hom": 2}
_PREFIXES: Final = {"OMIM": "MIM", "ORPHA": "Orphanet"}
_SYMBOLIC: Final = re.compile(r"<[^<>]+:(\d+)>")
_BASES: Final = re.compile(r"[ACGTN]+")


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document | Refusal]:
    """One request for each case that has something to be matched by.

    Raises:
        ArianeError: the configuration names no contact, or not as the API takes it.
    """
    block = context.options.get(KEY, {})
    contact = _contact(block.get("contact"))
    exact = bool(block.get("variants", True))
    disease_of = diseases_for(context)
    for record in records:
        patient = _patient(record, disease_of(record), contact, exact=exact)
        reasons = tuple(_reasons(record, patient))
        if reasons:
            yield Refusal(record.case, reasons)
        else:
            yield Document(f"{record.case}.json", to_json({"patient": patient}) + "\n")


def _reasons(record: CaseRecord, patient: Json) -> Iterator[str]:
    yield from phenotype_faults(record)
    # The decision ends the search, or the sheet where nobody decided.
    status = record.decided.outcome if record.decided else record.status
    if status in _ENDED:
        yield f"{status.value}: there is nothing to look for"
    if not {"features", "genomicFeatures"} & set(patient):
        yield "neither a phenotype nor a candidate gene with a symbol"


def check(document: Document, context: Context) -> Iterable[str]:
    """What breaks the API's schema, or says more of a variant than is right."""
    try:
        content = json.loads(document.text)
    except ValueError:
        return ["is not JSON"]
    faults = [
        f"{'/'.join(map(str, fault.absolute_path)) or 'the document'}: {fault.message}"
        for fault in _validator().iter_errors(content)
    ]
    return sorted(faults) or list(_claims(content["patient"], context))


def _claims(patient: Json, context: Context) -> Iterator[str]:
    observed = [feature["id"] for feature in patient.get("features", ())]
    if len(set(observed)) != len(observed):
        yield "a feature is told twice"
    exact = context.options.get(KEY, {}).get("variants", True)
    for feature in patient.get("genomicFeatures", ()):
        variant = feature.get("variant")
        if variant and not exact:
            yield "a variant, though the configuration shares genes alone"
        if variant and variant.get("end", variant["start"] + 1) <= variant["start"]:
            yield "a variant that ends before it starts"
        reference = (variant or {}).get("referenceBases")
        if reference and variant["end"] - variant["start"] != len(reference):
            yield "a variant whose end does not fit its reference bases"


def _contact(given: Any) -> Json:
    """The contact of the configuration.

    Raises:
        ArianeError: it lacks, or has not the form of the API.
    """
    rule = json.loads(SCHEMA.read_text(encoding="utf-8"))
    part = rule["properties"]["patient"]["properties"]["contact"]
    faults = [fault.message for fault in Draft202012Validator(part).iter_errors(given)]
    if given is None or faults:
        told = f" ({'; '.join(sorted(faults))})" if given is not None else ""
        raise ArianeError(
            f"'exports.{KEY}.contact' is missing or not as the API takes it{told}. Give 'name' and "
            "'href' (https://... or mailto:...); 'institution', 'email' and 'roles' are optional."
        )
    return dict(given)


def _patient(record: CaseRecord, disease: Coded | None, contact: Json, *, exact: bool) -> Json:
    findings = _findings(record)
    genomic = [one for finding in findings for one in _genomic(finding, record.assembly, exact)]
    modes = {finding.mode for finding in findings}
    mode = find("mode", modes.pop()) if len(modes) == 1 else None
    onset = record.onset.id if record.onset else ""
    label = visible(record.case)
    found: Json = {
        "id": label,
        "label": label,
        "contact": contact,
        "species": "NCBITaxon:9606",
        "sex": _SEXES.get(record.sex),
        "ageOfOnset": onset if onset in _onsets() else None,
        "inheritanceMode": mode["code"] if mode else None,
        "disorders": _disorders(record, disease),
        "features": [
            _named({"id": term.id, "observed": observed}, term.label)
            for observed, terms in (("yes", record.observed), ("no", record.excluded))
            for term in terms
        ],
        "genomicFeatures": genomic,
    }
    return {key: value for key, value in found.items() if value}


def _findings(record: CaseRecord) -> tuple[FindingRecord, ...]:
    """What people retained as candidates, else what Ariane proposes."""
    if state_of(record) is State.CANDIDATE and record.named:
        return record.named
    return tuple(candidate.finding for candidate in proposals(record))


def _disorders(record: CaseRecord, disease: Coded | None) -> list[Json]:
    if disease is None or state_of(record) not in _SUSPECTED:
        return []
    prefix, _, number = disease.id.partition(":")
    if prefix not in _PREFIXES or not number.isdecimal():
        return []
    return [_named({"id": f"{_PREFIXES[prefix]}:{number}"}, disease.label)]


def _genomic(finding: FindingRecord, assembly: str, exact: bool) -> Iterator[Json]:
    gene = _gene(finding.gene)
    if gene is None:
        return
    for allele in finding.alleles:
        told: Json = {"gene": gene}
        variant = _variant(allele, assembly) if exact else None
        if variant:
            told["variant"] = variant
        if allele.zygosity in _COPIES:
            told["zygosity"] = _COPIES[allele.zygosity]
        effects = consequence_codings(allele.consequence)
        if effects:
            told["type"] = {"id": effects[0]["code"], "label": effects[0]["display"]}
        yield told


def _gene(gene: Coded) -> Json | None:
    """Ensembl's identifier, else the symbol: the API takes no HGNC identifier."""
    if gene.id.startswith("ENSG"):
        return {"id": gene.id.partition(".")[0]}
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", gene.label):
        return None
    own = {"_hgnc": gene.id} if re.fullmatch(r"HGNC:\d+", gene.id) else {}
    return {"id": gene.label, **own}


def _variant(allele: AlleleRecord, assembly: str) -> Json | None:
    """Place and bases, 0-based and half open; None where the API has no word for them."""
    if unwritable(allele):
        return None
    contig, position, ref, alt = allele.place
    name = contig.removeprefix("chr")
    part = _rule()["genomicFeatures"]["items"]["properties"]["variant"]["properties"]
    if name not in part["referenceName"]["enum"] or assembly not in part["assembly"]["enum"]:
        return None
    where: Json = {"assembly": assembly, "referenceName": name}
    symbolic = _SYMBOLIC.fullmatch(alt)
    if symbolic:  # VCF names the base before the variant
        return {**where, "start": position, "end": max(int(symbolic[1]), position + 1)}
    ref, alt = ref.upper(), alt.upper()
    if not _BASES.fullmatch(ref + alt):
        return {**where, "start": position - 1}
    bases = {"referenceBases": ref, "alternateBases": alt}
    return {**where, "start": position - 1, "end": position - 1 + len(ref), **bases}


def _named(content: Json, label: str) -> Json:
    return content | ({"label": visible(label)} if label else {})


def _onsets() -> list[str]:
    return list(_rule()["ageOfOnset"]["enum"])


@cache
def _rule() -> Mapping[str, Any]:
    """The schema's rules of a patient's fields."""
    content = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return dict(content["properties"]["patient"]["properties"])


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
