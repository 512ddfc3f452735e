"""The table of a case: every hypothesis that was ranked, one a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ariane.report import text
from ariane.report.accounts import Candidate
from ariane.safe import Number, tsv

if TYPE_CHECKING:
    from ariane.report.case_report import CaseReport

REASONS: Final = 3
"""Rows named as top reasons."""

COLUMNS: Final = (
    "case",
    "rank",
    "gene_rank",
    "gene",
    "gene_id",
    "mode",
    "variants",
    "zygosity",
    "consequence",
    "hgvs",
    "hgvs_g",
    "protein_change",
    "transcript",
    "disease",
    "disease_name",
    "acmg_class_proposal",
    "acmg_points",
    "local_points",
    "phenotype_points",
    "total_points",
    "posterior",
    "top_reasons",
    "cycle",
    "release",
    "interpretation",
    "absent_resources",
)


def table(report: CaseReport) -> str:
    """The whole table as TSV; 'none in these data' comes first, with rank 0."""
    origin = {
        "case": report.case.id,
        "cycle": report.cycle.id,
        "release": report.cycle.release,
        "interpretation": text.interpretation(report.interpretable),
        "absent_resources": " ".join(report.absent_kinds),
    }
    rows: list[dict[str, object]] = []
    if report.none_posterior is not None:
        none = {"rank": 0, "posterior": report.none_posterior, "top_reasons": "none in these data"}
        rows.append({**dict.fromkeys(COLUMNS, ""), **none, **origin})
    rows += [{**_values(candidate), **origin} for candidate in report.candidates]
    return tsv(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))


def _values(candidate: Candidate) -> dict[str, object]:
    standing, finding = candidate.standing, candidate.finding
    reasons = [
        f"{line.row['code']} {text.decimal(line.points)}: {line.row['sentence']}"
        for line in candidate.reasons(REASONS)
    ]
    return {
        "rank": standing["rank"],
        "gene_rank": standing["gene_rank"],
        "gene": standing["symbol"],
        "gene_id": standing["gene"],
        "mode": standing["mode"],
        "variants": finding["variants"],
        "zygosity": finding["zygosity"],
        "consequence": finding["consequence"],
        "hgvs": finding["hgvs"],
        "hgvs_g": finding["hgvs_g"],
        "protein_change": finding["protein_change"],
        "transcript": finding["transcript"],
        "disease": standing["disease"],
        "disease_name": standing["disease_name"],
        "acmg_class_proposal": finding["acmg_class"],
        "acmg_points": _joined([allele.acmg_points for allele in candidate.alleles]),
        "local_points": Number(text.decimal(candidate.local_points)),
        "phenotype_points": Number(text.decimal(candidate.phenotype_points)),
        "total_points": Number(text.decimal(candidate.total_points)),
        "posterior": "" if candidate.one_hit else float(standing["posterior"]),
        "top_reasons": " | ".join(reasons),
    }


def _joined(thousandths: Sequence[int | None]) -> object:
    written = ["" if value is None else text.decimal(value) for value in thousandths]
    if len(written) == 1 and written[0]:
        return Number(written[0])
    return " and ".join(written)
