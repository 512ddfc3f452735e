"""What is told of a case's impasse: what its leading candidates lack, and which terms to look for.

One entry for pages, flags and explanations: all read the same tables of a cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ariane.knowledge import blind_spots
from ariane.knowledge.lookup import Keys, look_up
from ariane.knowledge.prepare import contigs_of
from ariane.model.case import Case
from ariane.model.points import THOUSAND
from ariane.rank.alleles import Setting
from ariane.rank.finding import one_hit
from ariane.rank.lift import Lift, brief, case_lifts, leading, one_hits
from ariane.rank.lift_table import LiftTable, load_lift
from ariane.rank.phenotype import PhenotypeScorer
from ariane.rank.separating import Separator, Term
from ariane.rank.shard import Bench

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Impasse:
    """What would help one case."""

    lifts: tuple[Lift, ...] = ()
    terms: tuple[Term, ...] = ()

    def in_words(self, finding: str = "") -> str:
        """What the alleles of a finding lack, or those of the first leading one that lacks any."""
        if not finding and self.lifts:
            finding = str(self.lifts[0].finding["finding"])
        told = [lift for lift in self.lifts if lift.finding["finding"] == finding]
        return "; ".join(brief(lift) for lift in told)

    def terms_in_words(self) -> str:
        """The terms to look for, with their expected information."""
        told = (f"{t.label} ({t.term}, {t.bits / THOUSAND:.2f} bits)" for t in self.terms)
        return "; ".join(told)


@dataclass(frozen=True)
class Adviser:
    """Tells what would help the cases of a release."""

    bench: Bench
    table: LiftTable

    @classmethod
    def of(cls, bench: Bench) -> Adviser:
        """With the table of this version of Ariane."""
        return cls(bench, load_lift())

    @cached_property
    def scorer(self) -> PhenotypeScorer | None:
        """The release's phenotype scorer, or None when it holds no HPO annotations."""
        return self.bench.scorer()

    @cached_property
    def _separator(self) -> Separator | None:
        return Separator(self.scorer, self.table.look_for) if self.scorer else None

    def setting(self, findings: Iterable[Row]) -> Setting:
        """What the release says of the genes and alleles of some findings."""
        held = list(findings)
        keys = Keys(
            variants=frozenset(v for row in held for v in row["variants"].split("+")),
            genes=frozenset(row["gene"] for row in held),
        )
        known = look_up(self.bench.folder, keys)
        contigs = contigs_of(self.bench.release)
        return Setting(known, self.bench.constants, self.bench.profile, contigs)

    def leading(self, standing: Iterable[Row]) -> set[tuple[str, str]]:
        """The cases and genes of leading findings, of which :meth:`advise` reads the ledger."""
        genes: set[tuple[str, str]] = set()
        for case, rows in _by_case(standing).items():
            told = set(leading(rows, self.table))
            genes |= {(case, row["gene"]) for row in rows if row["finding"] in told}
        return genes

    def advise(
        self,
        cases: Sequence[Case],
        standing: Iterable[Row],
        findings: Iterable[Row],
        ledger: Iterable[Row],
    ) -> dict[str, Impasse]:
        """By case, what its leading candidates lack and which terms to look for.

        Args:
            cases: the cases.
            standing: rows of these and perhaps other cases.
            findings: their findings.
            ledger: their ledger.
        """
        of_case = _by_case(standing)
        wanted = {
            (case.id, name)
            for case in cases
            for name in leading(of_case.get(case.id, ()), self.table)
        }
        held = [row for row in findings if (row["case"], row["finding"]) in wanted]
        rows = [row for row in ledger if (row["case"], row["finding"]) in wanted]
        setting = self.setting(held)
        of_findings, of_ledger = _by_case(held), _by_case(rows)
        told = {}
        for case in cases:
            own = of_case.get(case.id, [])
            lifts = case_lifts(
                case,
                own,
                of_findings.get(case.id, ()),
                of_ledger.get(case.id, ()),
                setting,
                self.table,
                blind(case),
            )
            terms = self._separator.look_for(case, own) if self._separator else ()
            told[case.id] = Impasse(tuple(lifts), tuple(terms))
        return told

    def single_hits(self, case: Case, findings: Iterable[Row], ledger: Iterable[Row]) -> list[Lift]:
        """Damaging single hits in recessive genes that fit the patient, and what they lack.

        Args:
            case: the case.
            findings: its findings that may be told.
            ledger: their rows.
        """
        hits = [finding for finding in findings if one_hit(finding)]
        terms = self.scorer.informative(case.phenotype.observed) if self.scorer else ()
        if self.scorer is None or not terms or not hits:
            return []
        setting = self.setting(hits)
        totals, places = self.scorer.totals(terms), self.scorer.table.disease_index
        fit = {}
        for gene in sorted({hit["gene"] for hit in hits}):
            diseases = [row["disease"] for row in setting.known.gene_disease.get(gene, ())]
            points = [int(totals[places[d]]) for d in diseases if d in places]
            fit[gene] = max(points, default=0)
        return one_hits(case, hits, ledger, fit, setting, self.table, blind(case))


def blind(case: Case) -> dict[str, list[str]]:
    """By gene, the blind spots of a case's technique, by identifier."""
    found: dict[str, list[str]] = {}
    for spot in blind_spots.of(case.analysis.technique, "en", case.analysis.assembly):
        for _, gene in spot.genes:
            found.setdefault(gene, []).append(spot.id)
    return found


def _by_case(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["case"], []).append(row)
    return found
