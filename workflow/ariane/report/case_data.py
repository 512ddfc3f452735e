"""The data of a case as plain values: what the page shows, for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from ariane.knowledge.blind_spots import BlindSpot
from ariane.report import accounts
from ariane.report.accounts import Candidate, Row

if TYPE_CHECKING:
    from ariane.report.case_report import CaseReport

SCHEMA_VERSION: Final = "1.3"


def content(report: CaseReport) -> dict[str, Any]:
    """The report as plain values that follow ``case_result.schema.json``."""
    phenotype = report.case.phenotype
    return {
        "schema_version": SCHEMA_VERSION,
        "case": _case(report),
        "cycle": {**asdict(report.cycle), "engine": dict(report.cycle.engine)},
        "release": _release(report),
        "notices": list(report.notices),
        "none_in_these_data": report.none_posterior,
        "hypotheses": [_hypothesis(candidate) for candidate in report.candidates],
        "two_diseases": dict(report.two_diseases) if report.two_diseases else None,
        "findings": [_finding(row) for row in _in_order(report.findings)],
        "ledger": [_bare(row) for row in _in_order(report.ledger)],
        "phenotype": {
            "observed": _terms(report, phenotype.observed),
            "excluded": _terms(report, phenotype.excluded),
            "scores": [_bare(row) for row in _in_order(report.phenotype)],
            "terms": [dict(row) for row in _in_order(report.terms)],
        },
        "events": [_bare(row) for row in _in_order(report.events)],
        "flags": [_bare(row) for row in _in_order(report.flags)],
        "counts": {
            "annotation": [{"step": s, "count": n} for s, n in report.annotation_counts],
            "ranking": [
                {name: step[name] for name in ("step", "rule", "removed", "kept")}
                for step in report.steps
            ],
            "out_of_scope": report.out_of_scope,
        },
        "annotations": [dict(row) for row in _in_order(report.annotations)],
        "lift": [_bare(row) for row in report.lift],
        "look_for": [dict(row) for row in report.look_for],
        "blind_spots": [_spot(spot, reason) for spot, reason in report.blind_spots("en")],
    }


def _spot(spot: BlindSpot, reason: str) -> dict[str, Any]:
    genes = [{"symbol": symbol, "id": gene} for symbol, gene in spot.genes]
    return {**asdict(spot), "genes": genes, "terms": list(spot.terms), "applies": reason}


def dump(data: Mapping[str, Any]) -> str:
    """The data as a JSON document with sorted keys and one value a line."""
    return json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _case(report: CaseReport) -> dict[str, Any]:
    case, analysis = report.case, report.case.analysis
    return {
        "id": case.id,
        "status": case.status.value,
        "design": case.design,
        "technique": analysis.technique,
        "assembly": analysis.assembly,
        "laboratory": analysis.laboratory,
        "date": analysis.date,
        "site": case.site,
        "filiere": case.filiere,
        "pre_indication": case.pre_indication,
        "members": [
            {
                "id": member.id,
                "relation": accounts.relation(case, member.id),
                "affected": member.affected,
                "sequenced": bool(member.sample),
            }
            for member in sorted(case.members, key=lambda m: m.id)
        ],
    }


def _release(report: CaseReport) -> dict[str, Any]:
    release = report.release
    names = ("version", "date", "sha256", "format", "licence_class", "licence", "source")
    return {
        "name": release.name,
        "as_of": release.as_of.isoformat(),
        "resources": [
            {"kind": kind, **{name: getattr(resource, name) for name in names}}
            for kind, resource in sorted(release.resources.items())
        ],
        "absent": report.absent_kinds,
        "interpretable": report.interpretable,
    }


def _terms(report: CaseReport, terms: Sequence[str]) -> list[dict[str, str]]:
    return [{"term": term, "label": report.label(term)} for term in sorted(set(terms))]


def _finding(row: Row) -> dict[str, Any]:
    genotypes = [
        {member: calls[member].encode() for member in sorted(calls)}
        for calls in accounts.families(row)
    ]
    return {**_bare(row), "genotypes": genotypes}


def _hypothesis(candidate: Candidate) -> dict[str, Any]:
    row = _bare(candidate.standing)
    row.pop("out_of_scope", None)
    return {**row, "posterior": None if candidate.one_hit else row["posterior"]}


def _bare(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "case"}


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True, ensure_ascii=False))
