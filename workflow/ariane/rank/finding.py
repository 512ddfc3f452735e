"""Findings: one allele or pair under one mode, with its rows; and what opened none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ariane.model.evidence import Evidence
from ariane.model.points import acmg_class
from ariane.rank.combine import class_points, total
from ariane.rank.criteria import shut_by_ba1

ONE_HIT: Final = "one hit"
"""Zygosity of a damaging allele of a recessive gene whose partner was not found."""


def one_hit(finding: Mapping[str, Any]) -> bool:
    """Whether a row of the ``findings`` table is half of a recessive genotype."""
    return bool(finding.get("zygosity") == ONE_HIT)


def split_per_variant(finding: Mapping[str, Any], column: str, mark: str = "+") -> list[str]:
    """A column that holds one value for each variant, joined by ``+`` or another mark.

    A value that does not split into as many parts as there are variants is kept whole at the
    first, so that nothing is attributed to the wrong allele.
    """
    variants = str(finding["variants"]).split("+")
    parts = str(finding[column]).split(mark)
    if len(parts) == len(variants):
        return parts
    return [str(finding[column]), *("" for _ in variants[1:])]


NOT_THE_PATIENTS: Final = "patient"
"""The step that stops what only relatives carry."""


@dataclass(frozen=True)
class LeftOut:
    """A candidate that opened no finding, with the step and the rule that stopped it."""

    variant: str
    step: str
    rule: str


@dataclass(frozen=True)
class Finding:
    """One allele or pair under one mode, with its rows."""

    case: str
    gene: str
    symbol: str
    mode: str
    variants: tuple[str, ...]
    zygosity: str
    candidates: tuple[Mapping[str, Any], ...]
    rows: tuple[Evidence, ...]

    @property
    def id(self) -> str:
        """``gene|mode|variants``."""
        return f"{self.gene}|{self.mode}|{'+'.join(self.variants)}"

    @property
    def local_points(self) -> int:
        """Triage total without phenotype, in thousandths."""
        return total(self.rows)

    def _class(self, variant: str) -> tuple[int, str]:
        rows = [row for row in self.rows if row.variant == variant]
        points = class_points(rows)
        return points, "B (BA1)" if shut_by_ba1(rows) else str(acmg_class(points))

    def to_row(self) -> dict[str, Any]:
        """A row of the ``findings`` table."""
        classes = [self._class(variant) for variant in self.variants]
        return {
            "case": self.case,
            "gene": self.gene,
            "symbol": self.symbol,
            "finding": self.id,
            "mode": self.mode,
            "variants": "+".join(self.variants),
            "zygosity": self.zygosity,
            "consequence": _joined(self.candidates, "consequence"),
            "hgvs": "; ".join(_named(c) for c in self.candidates),
            "hgvs_g": "; ".join(c["hgvs_g"] for c in self.candidates),
            "protein_change": _joined(self.candidates, "protein_change"),
            "transcript": _joined(self.candidates, "transcript"),
            "acmg_points": "+".join(str(points) for points, _ in classes),
            "acmg_class": "+".join(name for _, name in classes),
            "local_points": self.local_points,
            "genotypes": _joined(self.candidates, "genotypes"),
        }

    def to_ledger(self) -> Iterator[dict[str, Any]]:
        """Rows of the ``ledger`` table."""
        for row in sorted(self.rows):
            yield {
                "case": self.case,
                "gene": self.gene,
                "finding": self.id,
                "ledger": str(row.ledger),
                "variant": row.variant,
                "code": row.code,
                "points": row.points,
                "sentence": row.sentence,
                "resource": row.resource,
                "read_key": row.read_key,
                "record": row.record,
                "suppressed": row.suppressed,
            }


@dataclass
class Evaluation:
    """What came of one (case, gene)."""

    findings: list[Finding] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def _named(candidate: Mapping[str, Any]) -> str:
    """Transcript, c. and p. name of a candidate, RefSeq's transcript where MANE names one."""
    if not candidate["hgvs_c"]:
        return ""
    name = f"{candidate['refseq'] or candidate['transcript']}:{candidate['hgvs_c']}"
    return f"{name} {candidate['hgvs_p']}".rstrip()


def _joined(candidates: tuple[Mapping[str, Any], ...], column: str) -> str:
    return "+".join(str(c[column]) for c in candidates)
