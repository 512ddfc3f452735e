"""The findings of a case as columns of plain values, for the table that people filter and sort."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.kinds import ASSERTING
from ariane.model.genotype import Genotype, Zygosity
from ariane.rank.finding import one_hit
from ariane.report import accounts
from ariane.report.columns import packed
from ariane.report.listing import Column, Listing, Words, for_program
from ariane.report.messages import Messages

if TYPE_CHECKING:
    from ariane.report.case_report import CaseReport

Row = Mapping[str, Any]

FINDINGS: Final = Listing(
    "findings",
    (
        Column("rank", "number"),
        Column("posterior", "share"),
        Column("gene", "gene"),
        Column("hgvs"),
        Column("consequence", "codes"),
        Column("mode", "choice"),
        Column("zygosity", "choice"),
        Column("inherited", "choice"),
        Column("disease_name"),
        Column("class", "choice"),
        Column("total", "points"),
        Column("frequency", "frequency"),
        Column("asserted"),
    ),
    ("de_novo", "recessive", "known", "new", "one_hit"),
    sort="rank",
    further=(
        "variants", "gene_id", "disease", "diseases", "local", "phenotype", "genotypes", "finding",
    ),
    points=("local", "phenotype"),
    coded=True,
)  # fmt: skip

DE_NOVO: Final = frozenset({"DE_NOVO", "PS2", "PM6"})
"""Criteria, without their strength, that tell a new mutation."""

RECESSIVE: Final = frozenset({"AR", "XLR"})
NOTHING: Final = "\u2013"
"""Stands for an allele of which nobody says anything."""

ABSENT_CALL: Final = frozenset({Zygosity.REFERENCE, Zygosity.MISSING})


def columns(report: CaseReport) -> dict[str, Any]:
    """Every finding that may be told, one a row, the first rank first.

    Points are whole thousandths, probabilities and frequencies shares; what is not known is None.
    Packed as :func:`ariane.report.columns.packed` says.
    """
    said: dict[str, list[Row]] = {}
    for row in report.annotations:
        if row["about"] == "variant":
            said.setdefault(row["key"], []).append(row)
    ledger: dict[str, list[Row]] = {}
    for row in report.ledger:
        ledger.setdefault(row["finding"], []).append(row)
    best: dict[str, Row] = {}
    diseases: dict[str, set[str]] = {}
    for standing in accounts.ranked(report.standing):
        best.setdefault(standing["finding"], standing)
        diseases.setdefault(standing["finding"], set()).add(standing["disease"])
    new = {row["finding"] for row in report.new_events if row["material"]}
    rows = []
    for finding in report.findings:
        name = finding["finding"]
        alleles = str(finding["variants"]).split("+")
        asserted, known = _asserted(alleles, said)
        frequency, state = _frequency(alleles, said)
        rows.append(
            {
                **_standing(best.get(name), finding),
                "diseases": len(diseases.get(name, ())),
                "gene": finding["symbol"] or finding["gene"],
                "gene_id": finding["gene"],
                "hgvs": finding["hgvs"] or finding["hgvs_g"],
                "variants": finding["variants"],
                "consequence": finding["consequence"],
                "mode": finding["mode"],
                "zygosity": finding["zygosity"],
                "inherited": inherited(report, finding, ledger.get(name, ())),
                "class": finding["acmg_class"],
                "local": int(finding["local_points"]),
                "frequency": frequency,
                "frequency_state": state,
                "asserted": asserted,
                "genotypes": _genotypes(report, finding),
                "finding": name,
                "de_novo": _de_novo(ledger.get(name, ())),
                "recessive": finding["mode"] in RECESSIVE and not one_hit(finding),
                "known": known,
                "new": name in new,
                "one_hit": one_hit(finding),
            }
        )
    rows.sort(key=lambda row: (row["rank"] or 10**9, row["finding"]))
    return packed(rows)


def told_in(report: CaseReport, words: Messages) -> dict[str, Any]:
    """What the page's program is told of the table, in one language."""
    groups = {"zygosity": "zygosity", "inherited": "inherited", "consequence": "consequence"}
    groups["frequency_state"] = "frequency_word"
    values: dict[str, Words | Sequence[str]] = {
        column: words.words(group) for column, group in groups.items()
    }
    if words.language == "fr":
        named = sorted({(row["disease_name"], row["disease"]) for row in report.standing})
        values["disease_name"] = {
            name: report.french_diseases[disease]
            for name, disease in named
            if name and disease in report.french_diseases
        }
    states = words.words("frequency_word")
    why = {word: words.word("record", state) for state, word in states.items()}
    hints = {"mode": words.words("mode"), "frequency": why}
    return for_program(FINDINGS, words.words("column"), words.words("preset"), values, hints)


def inherited(report: CaseReport, finding: Row, ledger: Iterable[Row]) -> str:
    """From whom each allele comes, joined by ``+``: ``de novo``, ``mother``, ``father``, ``both``,
    ``neither`` (both parents were called without it) or ``unknown``."""
    patient = report.case.patient
    told = []
    new = _de_novo(ledger)
    for calls in accounts.families(finding):
        mother, father = (_carries(calls.get(one)) for one in (patient.mother, patient.father))
        if mother and father:
            told.append("both")
        elif mother or father:
            told.append("mother" if mother else "father")
        elif mother is None or father is None:
            told.append("unknown")
        else:
            told.append("de novo" if new else "neither")
    return "+".join(told)


def _carries(call: Genotype | None) -> bool | None:
    """Whether a member carries an allele; None where nothing was called."""
    if call is None or call.zygosity is Zygosity.MISSING:
        return None
    return call.zygosity not in ABSENT_CALL


def _standing(row: Row | None, finding: Row) -> dict[str, Any]:
    if row is None:
        blank = dict.fromkeys(("rank", "posterior", "phenotype", "total"))
        return {**blank, "disease": "", "disease_name": ""}
    return {
        "rank": int(row["rank"]),
        "posterior": None if one_hit(finding) else float(row["posterior"]),
        "phenotype": int(row["phenotype_points"]),
        "total": int(row["total_points"]),
        "disease": row["disease"],
        "disease_name": row["disease_name"] or row["disease"],
    }


def _asserted(alleles: Iterable[str], said: Mapping[str, Sequence[Row]]) -> tuple[str, bool]:
    """What is asserted of each allele, joined by ``+``, and whether any is called pathogenic."""
    told, known = [], False
    for allele in alleles:
        records = [
            record
            for row in said.get(allele, ())
            if row["resource"] in ASSERTING
            for record in row["records"]
        ]
        known = known or any(record.get("klass") in PATHOGENIC for record in records)
        words = (
            f"{record.get('klass', '')} {'★' * int(record.get('stars') or 0)}".strip()
            for record in records
        )
        told.append(", ".join(dict.fromkeys(words)) or NOTHING)
    return (" + ".join(told) if set(told) != {NOTHING} else ""), known


def _frequency(
    alleles: Iterable[str], said: Mapping[str, Sequence[Row]]
) -> tuple[float | None, str]:
    """The highest frequency of the alleles, or why there is none."""
    rows = [r for a in alleles for r in said.get(a, ()) if r["resource"] == "frequencies"]
    found = [
        record["af"] for row in rows for record in row["records"] if record.get("af") is not None
    ]
    if found:
        return max(map(float, found)), "found"
    return None, next((row["state"] for row in rows), "")


def _genotypes(report: CaseReport, finding: Row) -> str:
    members = [member.id for member in report.case.sequenced]
    told = []
    for calls in accounts.families(finding):
        held = [(name, calls.get(name)) for name in members]
        told.append(
            ", ".join(f"{name} {call.encode().split(':')[0]}" for name, call in held if call)
        )
    return " + ".join(told)


def _de_novo(ledger: Iterable[Row]) -> bool:
    return any(
        row["points"] > 0
        and not row["suppressed"]
        and (row["code"] in DE_NOVO or row["code"].partition("_")[0] in DE_NOVO)
        for row in ledger
    )
