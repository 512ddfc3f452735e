"""What a release says of a variant, a gene or a disease beside what evidence reads: for people.

Nothing here moves a point. Each answer says whether a record was found or why not: absent, not
covered, or no resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane.knowledge import tables
from ariane.knowledge.context import Context, contigs_of
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.in_house import InHouse, case_digest, without_family
from ariane.knowledge.kinds import BY_NAME, KINDS, Key
from ariane.knowledge.lookup import Keys, Knowledge, look_up, select
from ariane.knowledge.release import Release
from ariane.knowledge.scores import Score, read_scores, scored_kinds
from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED

FOUND = "found"

BY_GENE = tuple(
    kind.name
    for kind in KINDS
    if kind.key is Key.GENE and kind.table and kind.name != "gene_disease"
)
"""Kinds that are shown for each gene."""

SCORED = tuple(kind.name for kind in KINDS if kind.by_region)
"""Kinds that give values of single variants or positions."""


@dataclass(frozen=True)
class Answer:
    """What one resource says under one key."""

    state: str
    """``found``, ``absent``, ``not covered`` or ``no resource``."""
    records: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Shown:
    """Answers for the variants, genes and diseases of one case's page."""

    case: str
    known: Knowledge
    scores: Mapping[str, Mapping[str, list[Score]]]
    genes: Mapping[str, Mapping[str, tuple[Mapping[str, Any], ...]]]
    references: Mapping[str, tuple[Mapping[str, Any], ...]]
    dates: Mapping[str, str]

    def frequency(self, variant: str) -> Answer:
        """Frequency records in their three states: found, absent at a covered site, not covered."""
        if not self.known.has("frequencies"):
            return Answer(NO_RESOURCE)
        records = self.known.frequencies.get(variant, ())
        if records:
            return Answer(FOUND, records)
        chrom, pos, _ = variant.split("-", 2)
        covered = self.known.has("coverage") and self.known.covered.holds(chrom, int(pos))
        return Answer(ABSENT if covered else NOT_COVERED)

    def in_house(self, variant: str) -> tuple[str, InHouse | None]:
        """The in-house count without the case's own family."""
        if not self.known.has("in_house"):
            return NO_RESOURCE, None
        records = self.known.in_house.get(variant, ())
        if not records:
            return ABSENT, None
        return FOUND, without_family(
            records[0], self.known.families.get(case_digest(self.case), "")
        )

    def assertions(self, variant: str) -> tuple[Mapping[str, Any], ...]:
        """Assertions of the allele, with the date of the last evaluation where it is known."""
        return tuple(
            {**record, "evaluated": record["evaluated"] or self.dates.get(record["accession"], "")}
            if record["resource"] == "assertions"
            else record
            for record in self.known.assertions.get(variant, ())
        )

    def score(self, kind: str, variant: str) -> Answer:
        """Values of a predictor for an allele."""
        if not self.known.has(kind):
            return Answer(NO_RESOURCE)
        found = self.scores.get(kind, {}).get(variant, [])
        return Answer(FOUND, tuple(found)) if found else Answer(BY_NAME[kind].missing)

    def gene(self, kind: str, gene: str) -> Answer:
        """Records of a resource on a gene."""
        if not self.known.has(kind):
            return Answer(NO_RESOURCE)
        found = self.genes.get(kind, {}).get(gene, ())
        return Answer(FOUND, found) if found else Answer(BY_NAME[kind].missing)

    def disease(self, disease: str) -> Answer:
        """Codes of a disease elsewhere; an OMIM disease is found through its ORPHA code."""
        if not self.known.has("orphanet_references"):
            return Answer(NO_RESOURCE)
        found = self.references.get(disease, ())
        return Answer(FOUND, found) if found else Answer(ABSENT)


def look_up_shown(
    release: Release,
    folder: Path,
    case: str,
    variants: Iterable[str],
    genes: Iterable[str],
    diseases: Iterable[str],
) -> Shown:
    """Look everything up that a page shows of some variants, genes and diseases.

    Args:
        release: the release.
        folder: where it was prepared.
        case: identifier of the case, whose own family is left out of the in-house counts.
        variants: keys ``chrom-pos-ref-alt``; symbolic alleles find nothing.
        genes: gene keys.
        diseases: ``OMIM:1`` or ``ORPHA:1``.

    Raises:
        ArianeError: a file of the release is missing or damaged.
    """
    alleles, wanted = frozenset(variants), frozenset(genes)
    known = look_up(folder, Keys(variants=alleles, genes=wanted))
    context = Context(GeneNames.of([]), contigs_of(release), release.require("reference"))
    spelled = [variant for variant in alleles if variant.count("-") == 3]
    accessions = frozenset(
        record["accession"]
        for records in known.assertions.values()
        for record in records
        if record["resource"] == "assertions"
    )
    dates = select(folder, tables.ASSERTION_DATES, "accession", accessions)
    by_gene = {}
    for kind in BY_GENE:
        table = BY_NAME[kind].table
        if table is not None:
            by_gene[kind] = select(folder, table, "gene", wanted)
    return Shown(
        case=case,
        known=known,
        scores={k: read_scores(release, k, spelled, context) for k in scored_kinds(release)},
        genes=by_gene,
        references=_references(folder, frozenset(diseases)),
        dates={name: max(row["evaluated"] for row in rows) for name, rows in dates.items()},
    )


def _references(folder: Path, diseases: frozenset[str]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """References of ORPHA diseases, and of those that match an OMIM disease exactly."""
    table = tables.ORPHANET_REFERENCES
    found = dict(select(folder, table, "disease", diseases))
    exact: dict[str, set[str]] = {}
    for disease, rows in select(folder, table, "reference", diseases).items():
        exact[disease] = {row["disease"] for row in rows if row["relation"] == "E"}
    through = select(folder, table, "disease", frozenset().union(*exact.values()))
    for disease, codes in exact.items():
        rows = tuple(row for code in sorted(codes) for row in through.get(code, ()))
        if rows:
            found[disease] = found.get(disease, ()) + rows
    return found
