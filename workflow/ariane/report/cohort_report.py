"""What is told of all cases together: where each stands, who must look, what knowledge changed."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge.release import Release
from ariane.model.case import Status
from ariane.model.tables import QUEUE
from ariane.reanalyse.drift import Drift, total
from ariane.reanalyse.flags import AT_RISK, REVIEW
from ariane.report import cohort_page, comparison, figures, indicators, text
from ariane.report.accounts import Row
from ariane.report.case_report import CycleInfo
from ariane.report.cohort_lines import CaseLine
from ariane.report.comparison import Causes, Changed, Versions
from ariane.report.rounds import Recall, Round
from ariane.safe import tsv

TSV_COLUMNS: Final = (
    "case",
    "status",
    "filiere",
    "site",
    "technique",
    "design",
    "gene",
    "gene_id",
    "mode",
    "disease",
    "disease_name",
    "finding",
    "posterior",
    "none_in_these_data",
    "material_events",
    "small_changes",
    "flags",
    "due",
    "page",
    "cycle",
    "release",
    "interpretation",
    "absent_resources",
)


@dataclass(frozen=True)
class CohortReport:
    """Everything the cohort's page is made of."""

    lines: Sequence[CaseLine]
    flags: Sequence[Row]
    changes: Sequence[Row]
    cycle: CycleInfo
    release: Release
    steps: Sequence[Row] = ()
    """Rows of the follow-up table, as text."""
    news: Mapping[tuple[str, str], Sequence[Row]] = field(default_factory=dict)
    """Events by case and finding, of the findings that flags name."""
    causes: Causes = field(default_factory=dict)
    rounds: Sequence[Round] = ()
    """The flags of each cycle so far and what they led to; the last is this cycle's."""
    recall: Recall = field(default_factory=Recall)
    french_diseases: Mapping[str, str] = field(default_factory=dict)
    """Name of a leading disease, as the standing has it, to its French name."""
    before: Release | None = None
    """The release of the cycle before, or None."""
    reasons: Sequence[str] = ()
    """Why the cycle is a full pass; empty for a delta."""
    cap: int | None = None
    """Flags that the policy gives a site in one cycle; None for all."""
    leads: float = 0.10
    """Posterior from which a candidate leads, by the policy."""

    @property
    def interpretable(self) -> bool:
        """Whether the release allows any interpretation: it holds population frequencies."""
        return self.release.interpretable

    @property
    def absent_kinds(self) -> list[str]:
        """Kinds of resource that the release does not hold."""
        return self.release.absent

    @property
    def as_of(self) -> datetime.date:
        """The date by which everything is judged."""
        return self.release.as_of

    @cached_property
    def ordered(self) -> list[CaseLine]:
        """Cases with those to look at first on top: by urgency, due date and identifier."""
        return sorted(self.lines, key=lambda c: (c.urgency, c.due, c.case))

    @cached_property
    def ordered_flags(self) -> list[Row]:
        """Flags in the order of the queue of all shards."""
        return sorted(self.flags, key=lambda row: int(row["priority"]))

    @cached_property
    def of_case(self) -> Mapping[str, CaseLine]:
        """Lines by case."""
        return {line.case: line for line in self.lines}

    @property
    def queued(self) -> int:
        """Flags that wait in the queue of their site."""
        return sum(1 for row in self.flags if row["queued"])

    def asks(self, flag: Row) -> bool:
        """Whether a flag asks somebody to look now: it is told, and no review of a later date."""
        later = flag["reason"] == REVIEW and flag["due"] > self.as_of.isoformat()
        return not flag["queued"] and not later

    @property
    def asked(self) -> list[Row]:
        """Flags that ask somebody to look now."""
        return [flag for flag in self.ordered_flags if self.asks(flag)]

    @property
    def pressing(self) -> int:
        """Flags of a diagnosis at risk, or urgent; they never wait."""
        return sum(1 for row in self.flags if row["urgent"] or row["reason"] == AT_RISK)

    @cached_property
    def drift(self) -> Drift:
        """What moved in all cases, too little to act on."""
        return total(line.drift for line in self.lines)

    @property
    def statuses(self) -> list[str]:
        """Statuses met, in the order of the list of statuses."""
        met = {line.status for line in self.lines}
        return [status.value for status in Status if status.value in met]

    @property
    def by_filiere(self) -> list[tuple[str, list[int]]]:
        """Each filière with its number of cases by status, in the order of ``statuses``."""
        counts = Counter((line.filiere, line.status) for line in self.lines)
        names = sorted({line.filiere for line in self.lines})
        return [(name, [counts[name, status] for status in self.statuses]) for name in names]

    @property
    def totals(self) -> list[int]:
        """Cases by status."""
        counts = Counter(line.status for line in self.lines)
        return [counts[status] for status in self.statuses]

    @property
    def watched(self) -> int:
        """Cases to which new knowledge is still brought as to unsolved ones."""
        return sum(1 for line in self.lines if Status(line.status).watched)

    @property
    def overdue_steps(self) -> int:
        """Steps whose date has passed."""
        return sum(1 for row in self.steps if row["overdue"] == "yes")

    @property
    def open_steps(self) -> int:
        """Steps that somebody is to take."""
        return sum(1 for row in self.steps if row["next_step"])

    @cached_property
    def changed(self) -> list[Changed]:
        """Number of changes by resource, kind of key and change."""
        return comparison.changed(self.changes, self.causes)

    @property
    def versions(self) -> list[Versions]:
        """Resources that are others than in the cycle before."""
        return comparison.versions(self.before, self.release)

    @cached_property
    def by_reason(self) -> list[indicators.ByReason]:
        """Flags by reason, reviews left out."""
        return indicators.by_reason(self.flags)

    @property
    def by_site(self) -> list[indicators.Load]:
        """What each site has to do."""
        return indicators.by_site(self.lines, self.asked, self.flags, self.steps)

    @cached_property
    def reviews(self) -> list[indicators.Due]:
        """Periodic reviews by month."""
        return indicators.reviews_due(self.flags, self.as_of)

    @cached_property
    def waiting(self) -> list[indicators.Waiting]:
        """Time in the impasse by technique."""
        return indicators.waiting(self.lines, self.as_of)

    @property
    def answered(self) -> list[Round]:
        """Cycles that people had time to answer: all but this one, where its flags are at hand."""
        return [one for one in self.rounds if one.kept and not one.last]

    def to_tsv(self) -> str:
        """One row for each case, in order of identifier."""
        return tsv(TSV_COLUMNS, (self._values(line) for line in self.lines))

    def flags_tsv(self) -> str:
        """One row for each flag, by priority."""
        columns = QUEUE.columns
        rows = [[row[name] for name in columns] for row in self.ordered_flags]
        return tsv(columns, rows)

    def render_html(self, language: str) -> str:
        """The page: one self-contained document that asks the network for nothing.

        Raises:
            ArianeError: the language is not known.
        """
        return cohort_page.render(self, language)

    def write(
        self, language: str, html: Path, table: Path, flags: Path, drawings: Path | None = None
    ) -> None:
        """Write the page, both tables and, into a folder, the figures, each file atomically."""
        page, rows, flag_rows = self.render_html(language), self.to_tsv(), self.flags_tsv()
        if drawings is not None:
            for name, content in figures.files_of(self, language).items():
                files.write_text(drawings / f"{name}.svg", content)
        files.write_text(table, rows)
        files.write_text(flags, flag_rows)
        files.write_text(html, page)

    def _values(self, line: CaseLine) -> list[object]:
        leading: Mapping[str, Any] = line.leading or {}
        names = ("symbol", "gene", "mode", "disease", "disease_name", "finding", "posterior")
        return [
            line.case,
            line.status,
            line.filiere,
            line.site,
            line.technique,
            line.design,
            *(leading.get(name, "") for name in names),
            "" if line.none_posterior is None else line.none_posterior,
            line.material_events,
            line.drift.in_words(),
            line.flags,
            line.due,
            line.page,
            self.cycle.id,
            self.release.name,
            text.interpretation(self.interpretable),
            " ".join(self.absent_kinds),
        ]
