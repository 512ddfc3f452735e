"""What the release says of each allele, gene and disease of a case, beside the ledger.

These rows move no points: they are what a geneticist looks up. Each says whether a record was
found, or why not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.shown import BY_GENE, FOUND, SCORED, Answer, Shown
from ariane.model.evidence import ABSENT, NO_RESOURCE

Row = dict[str, Any]

_KEYS: Final = frozenset({"record", "gene", "variant", "disease", "resource"})
_CONFIDENCE: Final = {"3": "green", "2": "amber", "1": "red"}


def rows(
    shown: Shown, variants: Iterable[str], genes: Iterable[str], diseases: Iterable[str]
) -> list[Row]:
    """One row for each resource and key: ``about``, ``key``, ``resource``, ``state``, ``text``,
    ``records``."""
    found: list[Row] = []
    for variant in sorted(set(variants)):
        found += _of_variant(shown, variant)
    for gene in sorted(set(genes)):
        for kind in BY_GENE:
            answer = shown.gene(kind, gene)
            told = "; ".join(dict.fromkeys(_of_gene(kind, record) for record in answer.records))
            found.append(_row("gene", gene, kind, answer, told))
    for disease in sorted(set(diseases) - {""}):
        answer = shown.disease(disease)
        names = dict.fromkeys(_reference(record) for record in answer.records)
        found.append(_row("disease", disease, "orphanet_references", answer, ", ".join(names)))
    return found


def _of_variant(shown: Shown, variant: str) -> Iterator[Row]:
    answer = shown.frequency(variant)
    yield _row(
        "variant", variant, "frequencies", answer, "; ".join(map(_frequency, answer.records))
    )
    state, counted = shown.in_house(variant)
    told = ""
    record: tuple[Row, ...] = ()
    if counted is not None:
        told = f"{counted.ac} of {counted.an} chromosomes, at least {counted.faf95:.3g}"
        told += f", homozygotes {_number(counted.homozygotes)}"
        told += f", hemizygotes {_number(counted.hemizygotes)}"
        told += ", the own family left out" if counted.own_left_out else ""
        record = (
            {
                "ac": counted.ac,
                "an": counted.an,
                "faf95": counted.faf95,
                "homozygotes": counted.homozygotes,
                "hemizygotes": counted.hemizygotes,
                "own_family_left_out": counted.own_left_out,
            },
        )
    yield _row("variant", variant, "in_house", Answer(state, record), told)
    said = shown.assertions(variant)
    for kind in ASSERTING:
        records = tuple(record for record in said if record["resource"] == kind)
        state = FOUND if records else ABSENT if shown.known.has(kind) else NO_RESOURCE
        told = "; ".join(map(_assertion, records))
        yield _row("variant", variant, kind, Answer(state, records), told)
    for kind in SCORED:
        answer = shown.score(kind, variant)
        yield _row("variant", variant, kind, answer, "; ".join(map(_plain, answer.records)))


def _row(about: str, key: str, resource: str, answer: Answer, told: str) -> Row:
    return {
        "about": about,
        "key": key,
        "resource": resource,
        "state": answer.state,
        "text": told,
        "records": [
            {name: value for name, value in record.items() if name not in _KEYS - {"disease"}}
            for record in answer.records
        ],
    }


def _frequency(record: Mapping[str, Any]) -> str:
    names = {"faf95": "filtering (faf95)", "grpmax": "highest group", "total": "total"}
    parts = [f"{told} {record[n]:.3g}" for n, told in names.items() if record[n] is not None]
    if record["ac"] is not None and record["an"] is not None:
        parts.append(f"{record['ac']} of {record['an']} chromosomes")
    parts.append(f"homozygotes {_number(record['homozygotes'])}")
    parts.append(f"hemizygotes {_number(record['hemizygotes'])}")
    parts.append(f"failed filters: {record['filters']}" if record["filters"] else "filters passed")
    return ", ".join(parts)


def _assertion(record: Mapping[str, Any]) -> str:
    stars = record["stars"]
    parts = [f"{record['klass']}, {stars} star{'' if stars == 1 else 's'}"]
    if record["conditions"]:
        parts.append(f"for {record['conditions'].replace('|', ', ')}")
    if record["conflicts"]:
        parts.append(f"conflicts: {record['conflicts'].replace('|', ', ')}")
    if record["evaluated"]:
        parts.append(f"last evaluated {record['evaluated']}")
    if record["accession"]:
        parts.append(f"record {record['accession']}")
    return ", ".join(parts)


def _of_gene(kind: str, record: Mapping[str, Any]) -> str:
    if kind in ("validity", "gencc"):
        who = f", {record['submitter']}" if record.get("submitter") else ""
        name = f"{record['classification']} for {record['disease_name']} ({record['disease']})"
        return f"{name}, {record['mode'] or 'mode not stated'}{who}, {record['evaluated']}".rstrip(
            ", "
        )
    if kind == "panels":
        confidence = _CONFIDENCE.get(record["confidence"], record["confidence"])
        mode = f", {record['mode']}" if record["mode"] else ""
        return f"{confidence} on {record['panel_name']}{mode}"
    if kind == "orphanet_genes":
        told = f"{record['association']} {record['disease_name']} ({record['disease']})"
        return f"{told}, {record['status'].lower()}" if record["status"] else told
    return _plain(record)


def _reference(record: Mapping[str, Any]) -> str:
    return f"{record['reference']} ({record['relation']})"


def _plain(record: Mapping[str, Any]) -> str:
    """Values by name, those that are missing left out."""
    held = {n: v for n, v in record.items() if n not in _KEYS and v not in (None, "")}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in held.items())


def _number(value: int | None) -> str:
    return "not given" if value is None else str(value)
