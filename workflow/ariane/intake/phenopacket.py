"""Phenopackets v2: what was observed in the proband, and nothing that names a person."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format
from phenopackets import Phenopacket, TimeElement
from phenopackets import Sex as PacketSex

from ariane.bounds import BeyondBounds
from ariane.files import open_text
from ariane.intake.identity import holds_ins, looks_like_a_name, names_identity, strings_of
from ariane.intake.prenatal import duration
from ariane.intake.words import unread
from ariane.model.case import Phenotype, Sex
from ariane.model.errors import Fault, Level
from ariane.model.history import days_of, is_duration

ONSETS: Final = (
    "HP:0030674",  # antenatal
    "HP:0011460",  # embryonal
    "HP:0011461",  # fetal
    "HP:0034199",  # late first trimester
    "HP:0034198",  # second trimester
    "HP:0034197",  # third trimester
    "HP:0003577",  # congenital
    "HP:0003623",  # neonatal
    "HP:0003593",  # infantile
    "HP:0011463",  # childhood
    "HP:0003621",  # juvenile
    "HP:0003581",  # adult
    "HP:0011462",  # young adult
    "HP:0003596",  # middle age
    "HP:0003584",  # late
)
"""Onset terms of the HPO, earliest first."""

_DAYS_TO_ONSET: Final = (
    (28, "HP:0003623"),
    (365, "HP:0003593"),
    (5 * 365, "HP:0011463"),
    (16 * 365, "HP:0003621"),
)
"""Ages below which the onset is neonatal, infantile, childhood, juvenile; adult from 16 years.
Source: the definitions of these terms in the HPO."""

_SUBJECT: Final = frozenset(f.json_name for f in Phenopacket().subject.DESCRIPTOR.fields) | {
    f.name for f in Phenopacket().subject.DESCRIPTOR.fields
}
_V1_FIELDS: Final = frozenset({"genes", "variants", "htsFiles", "hts_files"})
_V1_FEATURE: Final = frozenset({"negated", "classOfOnset", "ageOfOnset"})
_V1_SUBJECT: Final = frozenset({"ageAtCollection", "ageRangeAtCollection", "age"})


_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST: Final = 64 << 20
"""Bytes of a phenopacket; those published have some thousand."""


@dataclass(frozen=True)
class Packet:
    """What a phenopacket says of the proband."""

    subject: str
    sex: Sex
    phenotype: Phenotype
    labels: Mapping[str, str]
    """Labels written beside the terms."""
    first_signs: str = ""
    """Age at which the earliest disease began, ISO 8601 duration; empty where no age is told."""
    hpo: str = ""
    """Date of the HPO release that the packet says it was written with, or empty."""


def read_phenopacket(path: Path) -> tuple[Packet | None, list[Fault]]:
    """Read a Phenopacket v2 in JSON, plain or gzip.

    Returns:
        The content, or None when it cannot be understood, and all faults. Dates of birth, names
        and INS numbers are errors and are not repeated in the messages.
    """
    where = str(path)
    try:
        with open_text(path, most=_MOST) as handle:
            raw = json.loads(handle.read().removeprefix("\ufeff"))
    except FileNotFoundError:
        return None, [Fault(where, "", "there is no such file", "Check the path")]
    except json.JSONDecodeError as problem:
        return None, [Fault(f"{where}:{problem.lineno}", "", "is not JSON", "Mend the syntax")]
    except BeyondBounds as problem:
        return None, [Fault(where, "", problem.what, problem.advice)]
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as problem:
        told = unread(problem) or ("is not JSON text", "Give a Phenopacket v2 in JSON")
        return None, [Fault(where, "", *told)]
    if not isinstance(raw, dict) or not {"subject", "phenotypicFeatures", "id"} & set(raw):
        advice = "Give the proband's Phenopacket v2, not a family, a cohort or a list"
        return None, [Fault(where, "", "is not a phenopacket", advice)]
    faults = [Fault(where, "", what, advice) for what, advice in _identity(raw)]
    if faults:
        return None, faults
    if _is_v1(raw):
        advice = "Convert it to version 2, for instance with phenopacket-tools"
        return None, [Fault(where, "", "is a phenopacket of version 1", advice)]
    try:
        packet = json_format.ParseDict(raw, Phenopacket())
    except json_format.ParseError as problem:
        found = f"does not follow the Phenopacket v2 schema ({_reason(problem)})"
        return None, [Fault(where, "", found, "Mend that field")]
    if looks_like_a_name(packet.subject.id):
        found = "subject.id is free text that may hold the name of a person"
        faults.append(Fault(where, "", found, "Write a pseudonym there", Level.WARNING))
    if packet.subject.sex == PacketSex.OTHER_SEX:
        found = "the subject's sex is OTHER_SEX and is taken as unknown"
        advice = "Give the chromosomal sex in the sheet if X-linked modes should be judged"
        faults.append(Fault(where, "", found, advice, Level.WARNING))
    age = _age(packet.subject.time_at_last_encounter)
    if age and not is_duration(age):
        advice = "Write it as an ISO 8601 duration, such as P3Y2M"
        faults.append(Fault(where, "", f"age {age!r} is not a duration", advice))
        age = ""
    gestation, wrong = _gestation(packet.subject.time_at_last_encounter)
    faults += [Fault(where, "", what, advice) for what, advice in wrong]
    return _content(packet, age, gestation), faults


def onset_of_age(age: str) -> str:
    """The HPO onset term for an age given as ISO 8601 duration; empty when it is not one."""
    total = days_of(age)
    if total is None:
        return ""
    return next((term for limit, term in _DAYS_TO_ONSET if total < limit), "HP:0003581")


def _content(packet: Phenopacket, age: str, gestation: str) -> Packet:
    features = [f for f in packet.phenotypic_features if f.type.id]
    observed = tuple(sorted({f.type.id for f in features if not f.excluded}))
    excluded = tuple(sorted({f.type.id for f in features if f.excluded}))
    onsets = [_onset(d.onset) for d in packet.diseases if not d.excluded]
    if not any(onsets):
        onsets = [_onset(f.onset) for f in features if not f.excluded]
    sexes = {PacketSex.MALE: Sex.MALE, PacketSex.FEMALE: Sex.FEMALE}
    return Packet(
        subject=packet.subject.id,
        sex=sexes.get(packet.subject.sex, Sex.UNKNOWN),
        phenotype=Phenotype(observed, excluded, _earliest(onsets), age, gestation),
        labels={f.type.id: f.type.label for f in features if f.type.label},
        first_signs=_first_signs(packet),
        hpo=_hpo_version(packet),
    )


def _first_signs(packet: Phenopacket) -> str:
    """The least age at which a disease began; where one began before birth, which the onset tells,
    no age is the first."""
    onsets = [disease.onset for disease in packet.diseases if not disease.excluded]
    if any(onset.HasField("gestational_age") for onset in onsets):
        return ""
    ages = [onset.age.iso8601duration for onset in onsets]
    return min(filter(is_duration, ages), key=lambda age: days_of(age) or 0, default="")


def _hpo_version(packet: Phenopacket) -> str:
    dates = [
        found.group()
        for resource in packet.meta_data.resources
        if resource.namespace_prefix == "HP" and (found := _ISO_DATE.search(resource.version))
    ]
    return max(dates, default="")


def _age(time: TimeElement) -> str:
    kind = time.WhichOneof("element")
    if kind == "age":
        return str(time.age.iso8601duration)
    if kind == "age_range":
        return str(time.age_range.end.iso8601duration)
    return ""


def _gestation(time: TimeElement) -> tuple[str, list[tuple[str, str]]]:
    """The gestational age of the subject, and what is wrong with it."""
    if time.WhichOneof("element") != "gestational_age":
        return "", []
    weeks, days = time.gestational_age.weeks, time.gestational_age.days
    if weeks < 0 or not 0 <= days <= 6:
        found = f"gestational age of {weeks} weeks and {days} days is not one"
        return "", [(found, "Give weeks, and days from 0 to 6")]
    return duration(weeks, days), []


def _onset(time: TimeElement) -> str:
    kind = time.WhichOneof("element")
    if kind == "ontology_class":
        return str(time.ontology_class.id)
    if kind == "gestational_age":
        return "HP:0030674"
    if kind == "age_range":
        return onset_of_age(time.age_range.start.iso8601duration)
    return onset_of_age(_age(time))


def _earliest(onsets: Iterable[str]) -> str:
    known = [term for term in onsets if term in ONSETS]
    return min(known, key=ONSETS.index, default="")


def _is_v1(raw: Mapping[str, Any]) -> bool:
    meta, subject = raw.get("metaData"), raw.get("subject")
    version = str(meta.get("phenopacketSchemaVersion", "")) if isinstance(meta, dict) else ""
    if version:
        return version.lstrip("v").startswith("1")
    features = raw.get("phenotypicFeatures")
    in_features = isinstance(features, list) and any(
        isinstance(f, dict) and _V1_FEATURE & set(f) for f in features
    )
    in_subject = isinstance(subject, dict) and bool(_V1_SUBJECT & set(subject))
    return bool(_V1_FIELDS & set(raw)) or in_features or in_subject


def _identity(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    advice = "Delete it: Ariane works on pseudonyms only"
    subject = raw.get("subject")
    if isinstance(subject, dict):
        if subject.get("dateOfBirth") or subject.get("date_of_birth"):
            yield "subject.dateOfBirth is given", f"{advice}. Give the age instead"
        for field in sorted(set(subject) - _SUBJECT):
            if names_identity(field):
                yield f"subject.{field} names the identity of a person", advice
        others = subject.get("alternateIds") or subject.get("alternate_ids") or []
        for number, text in enumerate(others if isinstance(others, list) else []):
            if looks_like_a_name(str(text)) or names_identity(str(text).partition(":")[0]):
                yield f"subject.alternateIds[{number}] looks like the identity of a person", advice
    for path, text in strings_of(dict(raw)):
        if holds_ins(text):
            yield f"{path} is shaped like an INS number", advice


def _reason(problem: Exception) -> str:
    """The library's reason, shortened to its first clause on one line."""
    text = str(problem).replace("\n", " ")
    named = re.search(r'has no field named "(\w+)" at "Phenopacket\.?([^"]*)"', text)
    if named:
        inside = f" in {named.group(2)}" if named.group(2) else ""
        return f"it knows no field '{named.group(1)}'{inside}"
    fields = re.findall(r"Failed to parse (\w+) field", text)
    return f"field {'.'.join(fields)}" if fields else "a field of a wrong type"
