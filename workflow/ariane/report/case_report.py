"""What is told of one case: the page, the table of all its hypotheses, and the data behind both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge import blind_spots
from ariane.knowledge.blind_spots import BlindSpot
from ariane.knowledge.release import Release
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.evidence import NO_RESOURCE
from ariane.model.seen import seen_hash
from ariane.report import (
    accounts,
    case_data,
    case_page,
    case_table,
    privacy,
    schema,
)
from ariane.report.accounts import Candidate, Row

TOP: Final = 10
"""Candidates on the page; the table beside it holds all."""


COUNT_BLOCKS: Final = ("counts", "records", "alleles")
"""Parts of ``annotation.json`` that hold counts by step; nothing else of it is read."""


@dataclass(frozen=True)
class CycleInfo:
    """The cycle a report belongs to."""

    id: str
    release: str
    previous: str
    """Identifier of the cycle before, empty for the first."""
    kind: str
    """``full`` or ``delta``."""
    engine: Mapping[str, int]
    """Engine numbers by room, as :func:`ariane.model.engine.numbers` gives them."""
    profile: str = ""
    """The ACMG profile."""
    tables: str = ""
    """Digest of the constants that the ranking rests on."""
    manifest: str = ""
    """SHA-256 of the release's manifest."""


@dataclass(frozen=True)
class CaseReport:
    """Everything a case's report is made of: rows of one case, effective under one cycle.

    Raises:
        ArianeError: rows of another case are among them, the release is not the cycle's, or the
            standing names a finding that is not given. Each would print something untrue.
    """

    case: Case
    release: Release
    cycle: CycleInfo
    findings: Sequence[Row]
    ledger: Sequence[Row]
    phenotype: Sequence[Row]
    standing: Sequence[Row]
    events: Sequence[Row]
    flags: Sequence[Row]
    annotation: Mapping[str, Any] = field(default_factory=dict)
    """The case's ``annotation.json``; only its counts by step are read, in the order given."""
    steps: Sequence[Row] = ()
    """Ranking steps in order: ``step``, ``rule``, ``removed``, ``kept``."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """HPO term to its name."""
    terms: Sequence[Row] = ()
    """Per-term rows of the leading diseases: ``disease``, ``disease_name``, ``term``, ``label``,
    ``points`` (thousandths, scaled), ``match``, ``matched_term``, ``matched_label``."""
    annotations: Sequence[Row] = ()
    """What the release says of each allele, gene and disease, as ``report.looked_up.rows``
    gives it; these rows move no points."""
    applying: Mapping[str, str] = field(default_factory=dict)
    """Why a blind spot matters for the case's phenotype, by its identifier."""
    notices: Sequence[str] = ()
    """Sentences for the banner, said as given."""
    lift: Sequence[Row] = ()
    """What alleles of leading candidates and single hits lack, as ``rank.lift.Lift.to_row``."""
    look_for: Sequence[Row] = ()
    """HPO terms to look for, as ``rank.separating.Term.to_row`` gives them."""
    two_diseases: Mapping[str, Any] | None = None
    """Two of the ranked hypotheses at once, as :meth:`rank.dual.TwoDiseases.to_row` gives them."""
    french: Mapping[str, str] = field(default_factory=dict)
    """HPO term to its French name, where the release has one."""
    french_diseases: Mapping[str, str] = field(default_factory=dict)
    """Disease to its French name, where the release has one."""
    features: Sequence[Row] = ()
    """Features of the leading diseases, as ``report.beside.features`` gives them."""
    gene_diseases: Sequence[Row] = ()
    """Diseases of the leading genes, as ``report.beside.gene_diseases`` gives them."""
    history: Sequence[Row] = ()
    """Standing in this cycle and those before it, as ``report.beside.history`` gives it."""

    def __post_init__(self) -> None:
        problems = []
        for name in ("findings", "ledger", "phenotype", "standing", "events", "flags", "lift"):
            others = sorted({r["case"] for r in getattr(self, name)} - {self.case.id})
            if others:
                problems.append(
                    f"case {self.case.id}: its {name} hold rows of {', '.join(others)}. "
                    "No page was written; run the ranking of this shard again."
                )
        if self.release.name != self.cycle.release:
            problems.append(
                f"cycle {self.cycle.id}: it was made under release {self.cycle.release}, but "
                f"{self.release.name} was given. Give the release of the cycle."
            )
        known = {row["finding"] for row in self.findings}
        lost = sorted({r["finding"] for r in accounts.ranked(self.standing)} - known)
        if lost:
            problems.append(
                f"case {self.case.id}: the standing names {lost[0]}, which the findings do not "
                "hold. No page was written; run the ranking of this shard again."
            )
        if problems:
            raise ArianeError("\n".join(problems))

    @property
    def absent_kinds(self) -> list[str]:
        """Kinds of resource that the release does not hold, in the order of their use."""
        return self.release.absent

    @property
    def interpretable(self) -> bool:
        """Whether the release allows any interpretation: it holds population frequencies."""
        return self.release.interpretable

    def looked_up(self, candidate: Candidate) -> list[Row]:
        """Rows of the annotations on a candidate's alleles, gene and disease, found ones only;
        then those on its alleles that tell why nothing was found."""
        variants = {allele.variant for allele in candidate.alleles}
        keys = variants | {str(candidate.standing["gene"]), str(candidate.standing["disease"])}
        return [
            row
            for row in self.annotations
            if row["key"] in keys and (row["text"] or row["state"] != NO_RESOURCE)
        ]

    def lift_of(self, finding: str) -> list[Row]:
        """What the alleles of a ranked finding lack."""
        return [row for row in self.lift if row["finding"] == finding and not row["one_hit"]]

    @property
    def single_hits(self) -> list[Row]:
        """Single hits in recessive genes, with what they lack."""
        return [row for row in self.lift if row["one_hit"]]

    def blind_spots(self, language: str) -> Sequence[tuple[BlindSpot, str]]:
        """What the technique cannot see, what matters for this case's phenotype at the head."""
        analysis = self.case.analysis
        return blind_spots.told(analysis.technique, language, analysis.assembly, self.applying)

    @property
    def none_posterior(self) -> float | None:
        """Posterior that the cause is not in these data."""
        return accounts.none_in_these_data(self.standing)

    @property
    def out_of_scope(self) -> int:
        """Findings that do not fit the indication: they are counted, and nothing else."""
        return sum(int(row.get("out_of_scope") or 0) for row in self.standing)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """All ranked hypotheses, the first first."""
        findings = {row["finding"]: row for row in self.findings}
        ledger = _by("finding", self.ledger)
        phenotype, terms = _by("disease", self.phenotype), _by("disease", self.terms)
        return tuple(
            accounts.candidate(
                row,
                findings[row["finding"]],
                ledger.get(row["finding"], ()),
                phenotype.get(row["disease"], ()),
                terms.get(row["disease"], ()),
                self.case,
                self.release,
            )
            for row in accounts.ranked(self.standing)
        )

    @property
    def full(self) -> tuple[Candidate, ...]:
        """Ranked hypotheses without one hits."""
        return tuple(c for c in self.candidates if not c.one_hit)

    @property
    def one_hits(self) -> tuple[Candidate, ...]:
        """Single damaging alleles of recessive genes, the first first."""
        return tuple(c for c in self.candidates if c.one_hit)

    @property
    def both(self) -> list[Row]:
        """Standing of the two hypotheses of the joint one, empty where none is told."""
        named = self.two_diseases or {}
        wanted = (named.get("first"), named.get("second"))
        return [
            c.standing for name in wanted for c in self.full if c.standing["hypothesis"] == name
        ]

    @property
    def new_events(self) -> list[Row]:
        """Events of this cycle, those that matter first."""
        return [row for row in self._events() if row["last_changed"] in ("", self.cycle.id)]

    @property
    def older_events(self) -> list[Row]:
        """Events carried from earlier cycles."""
        return [row for row in self._events() if row["last_changed"] not in ("", self.cycle.id)]

    def _events(self) -> list[Row]:
        def order(row: Row) -> tuple[bool, str, str, str]:
            return not row["material"], row["symbol"], row["finding"], row["kind"]

        return sorted(self.events, key=order)

    def classes(self, top: int) -> list[str]:
        """Class proposals met among the first candidates, sorted."""
        found = {a.acmg_class for c in self.candidates[:top] for a in c.alleles}
        return sorted(found - {""})

    @property
    def annotation_counts(self) -> list[tuple[str, int]]:
        """Counts at each step of the annotation, in the order given."""
        return [
            (step, number)
            for block in COUNT_BLOCKS
            for step, number in _counts(block, self.annotation.get(block))
            if not privacy.tells_kinship(step)
        ]

    @property
    def consequences(self) -> Mapping[str, Any] | None:
        """Where the consequences come from, when not from Ariane's own engine alone."""
        told = self.annotation.get("consequences", {})
        return told if isinstance(told, Mapping) and "read" in told else None

    def label(self, term: str, language: str = "en") -> str:
        """Name of an HPO term in a language, else in English, else an empty string."""
        english = self.labels.get(term, "")
        return self.french.get(term, english) if language == "fr" else english

    def disease(self, row: Row, language: str = "en") -> str:
        """Name of a row's disease in a language, else in English, else its code or nothing."""
        english = str(row["disease_name"] or row["disease"])
        return self.french_diseases.get(row["disease"], english) if language == "fr" else english

    @property
    def due(self) -> str:
        """The earliest date by which a flag asks for a look; empty where none does."""
        return min((row["due"] for row in self.flags if row["due"]), default="")

    @cached_property
    def seen(self) -> Mapping[str, str]:
        """The hash of each finding as this page shows it: see :mod:`ariane.model.seen`."""
        rows = _by("finding", self.ledger)
        return {f["finding"]: seen_hash(f, rows.get(f["finding"], ())) for f in self.findings}

    def to_json(self) -> dict[str, Any]:
        """The report as plain values, free of language; points are whole thousandths.

        Identities cannot follow: paths, sample names and sheet notes are left out.
        """
        return case_data.content(self)

    def to_tsv(self) -> str:
        """One row for 'none in these data' (rank 0), then one for each hypothesis ranked."""
        return case_table.table(self)

    def render_html(self, language: str) -> str:
        """The page: one self-contained document that asks the network for nothing.

        Args:
            language: ``en`` or ``fr``: the language it opens in. It holds both.

        Raises:
            ArianeError: the language is not known.
        """
        return case_page.render(self, language, TOP)

    def write(self, language: str, html: Path, table: Path, data: Path) -> None:
        """Write page, table and data, each atomically; the data are checked before.

        Raises:
            ArianeError: the data do not follow their schema; nothing is written then.
        """
        content = self.to_json()
        schema.check(content)
        page, rows = self.render_html(language), self.to_tsv()
        files.write_text(data, case_data.dump(content))
        files.write_text(table, rows)
        files.write_text(html, page)


def _by(column: str, rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by one of their values."""
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(row[column], []).append(row)
    return held


def _counts(block: str, steps: object) -> Iterator[tuple[str, int]]:
    """Whole numbers of one part of the summary; a part other than ``counts`` names its steps."""
    for step, number in steps.items() if isinstance(steps, Mapping) else ():
        if isinstance(number, int) and not isinstance(number, bool):
            yield (str(step) if block == "counts" else f"{block}.{step}"), number
