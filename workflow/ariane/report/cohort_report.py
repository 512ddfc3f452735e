"""What is told of all cases together: where each stands, who must look, what knowledge changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ariane import files
from ariane.knowledge.release import Release
from ariane.model.case import Case, Status
from ariane.model.tables import QUEUE
from ariane.reanalyse.drift import Drift, drift_by_case, total
from ariane.reanalyse.flags import ORDER
from ariane.report import accounts, pages, text
from ariane.report.accounts import Row
from ariane.report.case_report import CycleInfo
from ariane.safe import tsv

SHOWN: Final = 2000
"""Rows of a table on the page: a browser stays quick; the tables beside the page hold all."""

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
class CaseLine:
    """One case in the cohort."""

    case: str
    status: str
    filiere: str
    site: str
    technique: str
    design: str
    leading: Row | None
    """Row of the standing with rank 1, or None when nothing was ranked."""
    none_posterior: float | None
    material_events: int
    """Events of this cycle that matter."""
    drift: Drift
    """What else moved in this cycle, too little to act on."""
    flags: int
    due: str
    """The earliest due date of its flags, or empty."""
    urgency: int
    """Place of its most urgent flag's reason among all reasons; lower is more urgent."""

    @property
    def page(self) -> str:
        """Address of the case's page relative to the cohort's."""
        return f"cases/{quote(self.case, safe='')}.html"


def case_lines(
    cases: Iterable[Case],
    standing: Iterable[Row],
    events: Iterable[Row],
    flags: Iterable[Row],
    cycle: str,
) -> list[CaseLine]:
    """One line for each case of the cycle's frozen inputs, in order of identifier.

    Args:
        cases: the cases; rows of a case that is not among them are left out.
        standing: rows of rank 0 and 1 are enough.
        events: all events; those last changed in this cycle that matter are counted.
        flags: all flags.
        cycle: identifier of the cycle.
    """
    leading: dict[str, Row] = {}
    none: dict[str, float] = {}
    for row in sorted(standing, key=lambda r: (r["rank"], r["hypothesis"]), reverse=True):
        if row["hypothesis"] == accounts.NONE:
            none[row["case"]] = float(row["posterior"])
        elif row["posterior"] > 0:  # a case of one hits alone has no candidate that leads
            leading[row["case"]] = row
    told = [row for row in events if row["last_changed"] in ("", cycle)]
    matter = Counter(row["case"] for row in told if row["material"])
    drift = drift_by_case(told)
    dues: dict[str, list[str]] = {}
    urgencies: dict[str, int] = {}
    for row in flags:
        dues.setdefault(row["case"], []).append(row["due"])
        place = urgency(row["reason"])
        urgencies[row["case"]] = min(place, urgencies.get(row["case"], place))
    return [
        CaseLine(
            case=case.id,
            status=case.status.value,
            filiere=case.filiere,
            site=case.site,
            technique=case.analysis.technique,
            design=case.design,
            leading=leading.get(case.id),
            none_posterior=none.get(case.id),
            material_events=matter[case.id],
            drift=drift.get(case.id, Drift()),
            flags=len(dues.get(case.id, ())),
            due=min(filter(None, dues.get(case.id, ())), default=""),
            urgency=urgencies.get(case.id, len(ORDER) + 1),
        )
        for case in sorted(cases, key=lambda case: case.id)
    ]


def urgency(reason: str) -> int:
    """Place of a flag's reason among all, 0 the most urgent; a reason not listed comes last."""
    return ORDER.index(reason) if reason in ORDER else len(ORDER)


@dataclass(frozen=True)
class CohortReport:
    """Everything the cohort's page is made of."""

    lines: Sequence[CaseLine]
    flags: Sequence[Row]
    changes: Sequence[Row]
    cycle: CycleInfo
    release: Release

    @property
    def interpretable(self) -> bool:
        """Whether the release allows any interpretation: it holds population frequencies."""
        return self.release.interpretable

    @property
    def absent_kinds(self) -> list[str]:
        """Kinds of resource that the release does not hold."""
        return self.release.absent

    @cached_property
    def ordered(self) -> list[CaseLine]:
        """Cases with those to look at first on top: by urgency, due date and identifier."""
        return sorted(self.lines, key=lambda c: (c.urgency, c.due, c.case))

    @cached_property
    def ordered_flags(self) -> list[Row]:
        """Flags in the order of the queue of all shards."""
        return sorted(self.flags, key=lambda row: int(row["priority"]))

    @property
    def queued(self) -> int:
        """Flags that wait in the queue of their site."""
        return sum(1 for row in self.flags if row["queued"])

    @cached_property
    def drift(self) -> Drift:
        """What moved in all cases, too little to act on."""
        return total(line.drift for line in self.lines)

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """Case to the address of its page."""
        return {line.case: line.page for line in self.lines}

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
    def change_counts(self) -> list[tuple[str, str, str, int]]:
        """Number of changes by resource, kind of key and change."""
        counts = Counter((r["resource"], r["kind"], r["change"]) for r in self.changes)
        return [(*key, counts[key]) for key in sorted(counts)]

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
        return pages.render("cohort.html.j2", language, report=self, shown=SHOWN)

    def write(self, language: str, html: Path, table: Path, flags: Path) -> None:
        """Write the page and both tables, each atomically."""
        page, rows, flag_rows = self.render_html(language), self.to_tsv(), self.flags_tsv()
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
