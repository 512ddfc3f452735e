"""What the templates of a case's page ask of its report: drawings, histories, alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ariane.knowledge.kinds import NAMED
from ariane.report.accounts import Candidate
from ariane.report.compared import Compared, compared
from ariane.report.pedigree import Pedigree, pedigree
from ariane.report.waterfall import Waterfall, waterfall

if TYPE_CHECKING:
    from ariane.report.case_report import CaseReport

Row = Mapping[str, Any]

FIRST: Final = 3
"""Candidates on the first screen."""
NEWS: Final = 3
"""Events on the first screen."""
WEIGHTY: Final = ("assertions", "frequencies", "coverage")
"""Kinds of resource whose absence the first screen names, beside the predictors."""


@dataclass(frozen=True)
class CaseView:
    """A report as its page shows it."""

    report: CaseReport
    top: int
    """Candidates that are shown in full."""

    @property
    def leading(self) -> Sequence[Candidate]:
        """The candidates that are shown in full."""
        return self.report.full[: self.top]

    @property
    def first(self) -> Sequence[Candidate]:
        """The candidates of the first screen."""
        return self.report.full[:FIRST]

    @property
    def news(self) -> Sequence[Row]:
        """Events of this cycle that matter."""
        return [row for row in self.report.new_events if row["material"]]

    @property
    def first_news(self) -> Sequence[Row]:
        """Those of the first screen."""
        return self.news[:NEWS]

    @property
    def lacking(self) -> Sequence[str]:
        """Absent kinds of resource that the first screen names: frequencies, predictors and
        their like."""
        return [k for k in self.report.absent_kinds if k in NAMED or k in WEIGHTY]

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Rank of the first hypothesis of each finding that stands in the cycle's ranking."""
        held: dict[str, int] = {}
        for one in self.report.candidates:
            held.setdefault(one.finding["finding"], one.standing["rank"])
        return held

    def waterfall(self, candidate: Candidate) -> Waterfall:
        """The candidate's rows as a waterfall."""
        return waterfall(candidate)

    def pedigree(self, candidate: Candidate) -> Pedigree:
        """The family with the candidate's genotypes."""
        return pedigree(self.report.case, candidate.alleles)

    def compared(self, candidate: Candidate) -> Compared:
        """The patient's terms against the candidate's disease."""
        return compared(
            candidate.terms,
            self.report.features,
            candidate.standing["disease"],
            self.report.case.phenotype,
        )

    def history(self, candidate: Candidate) -> Sequence[Row]:
        """Where the candidate stood in each cycle: ``cycle``, ``release``, ``as_of``, ``kept``,
        ``rank`` (0: not ranked), ``posterior``, ``points`` (None: not ranked)."""
        told = []
        for cycle in self.report.history:
            named = candidate.standing["hypothesis"]
            held = [row for row in cycle["standing"] if row["hypothesis"] == named]
            row = held[0] if held else {"rank": 0, "posterior": None, "total_points": None}
            facts = {name: cycle[name] for name in ("cycle", "release", "as_of", "kept")}
            told.append(
                {
                    **facts,
                    "rank": row["rank"],
                    "posterior": row["posterior"],
                    "points": row["total_points"],
                }
            )
        return told

    def alternatives(self, candidate: Candidate) -> Sequence[Row]:
        """The other diseases of a candidate's gene: ``disease``, ``disease_name``, ``modes``,
        ``rank`` of its best hypothesis (0: none), ``posterior``, ``points``."""
        gene, own = candidate.standing["gene"], candidate.standing["disease"]
        known = {
            row["disease"]: {"disease_name": row["disease_name"], "modes": row["modes"]}
            for row in self.report.gene_diseases
            if row["gene"] == gene
        }
        ranked: dict[str, Row] = {}
        for one in self.report.full:
            if one.standing["gene"] == gene:
                ranked.setdefault(one.standing["disease"], one.standing)
        told = []
        for disease in {*known, *ranked} - {own}:
            row = ranked.get(disease)
            told.append(
                {
                    "disease": disease,
                    "disease_name": row["disease_name"] if row else known[disease]["disease_name"],
                    "modes": known.get(disease, {}).get("modes") or (row["mode"] if row else ""),
                    "rank": row["rank"] if row else 0,
                    "posterior": row["posterior"] if row else None,
                    "points": row["total_points"] if row else None,
                }
            )
        return sorted(told, key=lambda row: (row["rank"] or 10**9, row["disease"]))
