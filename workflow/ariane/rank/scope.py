"""Scope: which hypotheses of a case may be told. What does not fit its indication is only counted.

A hypothesis is in scope when its gene was asked for or when its disease fits the phenotype. A
disease that HPO does not describe is in scope: missing knowledge is not a misfit. Diseases of
adults are withheld from minors, whoever asked for the gene, unless the phenotype itself points to
one of them. No assertion, however strong, brings a finding into scope: Ariane looks for no
secondary findings. What a decision on the case names is known to its clinician and always told.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, open_text, read_table
from ariane.knowledge import tables
from ariane.knowledge.genes import Gene, GeneNames
from ariane.knowledge.readers import diseases_of_adults
from ariane.knowledge.release import Release
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.points import THOUSAND, milli
from ariane.phrases import say
from ariane.rank.constants import ScopeLimits
from ariane.rank.finding import one_hit
from ariane.rank.phenotype import NO_PHENOTYPE, NOT_ANNOTATED, PhenotypeScorer

_MODES: Final = ("AD", "AR", "XLD", "XLR", "YL", "MT")

Row = Mapping[str, Any]
Hypothesis = tuple[Row, Row]
"""A finding and a disease of its gene."""


@dataclass(frozen=True)
class LateOnset:
    """What is known of diseases of adults: the table of genes, and the onsets of a release."""

    by_gene: Mapping[str, tuple[frozenset[str], frozenset[str]]]
    """Modes under which the gene's diseases are those of adults, and the diseases that are not."""
    diseases: frozenset[str] = frozenset()
    """Diseases of which the release states an onset in adults and no earlier one."""

    def predicts(self, gene: str, mode: str, disease: str) -> bool:
        """Whether a finding of this mode would predict a disease of adults."""
        modes, earlier = self.by_gene.get(gene, (frozenset(), frozenset()))
        return disease in self.diseases or (mode in modes and disease not in earlier)


@cache
def load_late_onset(path: Path = RESOURCES / "adult_onset.tsv") -> Mapping[str, Any]:
    """Modes and exceptions by gene, from the table.

    Raises:
        ArianeError: the table is missing or damaged.
    """
    try:
        with open_text(path) as handle:
            rows = csv.DictReader((ln for ln in handle if not ln.startswith("#")), delimiter="\t")
            return {
                row["gene"]: (frozenset(row["modes"].split()), frozenset(row["except"].split()))
                for row in rows
            }
    except (OSError, KeyError, AttributeError) as problem:
        raise ArianeError(f"{path}: missing or damaged: {problem}. Restore the file.") from None


@cache
def sensitive_genes(path: Path = RESOURCES / "secondary_findings.tsv") -> frozenset[str]:
    """Genes known for secondary findings, and those that predict a disease of adults.

    Raises:
        ArianeError: a table is missing or damaged.
    """
    try:
        with open_text(path) as handle:
            rows = csv.DictReader((ln for ln in handle if not ln.startswith("#")), delimiter="\t")
            return frozenset(row["gene"] for row in rows) | frozenset(load_late_onset())
    except (OSError, KeyError) as problem:
        raise ArianeError(f"{path}: missing or damaged: {problem}. Restore the file.") from None


@dataclass(frozen=True)
class Scope:
    """What may be told of one case."""

    limits: ScopeLimits
    late: LateOnset
    minor: bool
    """Whether he is a minor, or not known to be of age."""
    listed: frozenset[str] = frozenset()
    """Genes that were asked for."""
    limited: bool = False
    """Whether there is a list of genes at all."""
    decided: frozenset[str] = frozenset()
    """Genes and alleles that decisions name."""
    fits_from: int = 0
    """Phenotype points, in thousandths, from which a disease fits the patient's terms."""
    sensitive: frozenset[str] = frozenset()
    """Genes in which a finding that nobody looked for would weigh on the patient."""

    def fits(self, finding: Row, disease: str, points: int, state: str) -> bool:
        """Whether a hypothesis may be told, whatever else is found in its gene.

        Args:
            finding: its ``gene``, ``mode`` and ``variants``.
            disease: its disease.
            points: phenotype points of the disease, in thousandths.
            state: state of these points, as the ``phenotype`` table gives it.
        """
        named = self.decided
        if named and not named.isdisjoint({finding["gene"], *finding["variants"].split("+")}):
            return True
        if self._predicts(finding, disease):
            return points >= self.limits.adult_onset_from
        if finding["gene"] in self.listed:
            return True
        if state == NO_PHENOTYPE:
            return not self.limited
        if state == NOT_ANNOTATED:
            return True
        least = self.limits.sensitive_from if finding["gene"] in self.sensitive else self.fits_from
        return points >= max(least, self.fits_from)

    def part(
        self, found: Sequence[Hypothesis], phenotype: Iterable[Row]
    ) -> tuple[list[Hypothesis], int]:
        """The hypotheses that are told, in their order, and the number of findings that are not.

        Args:
            found: all hypotheses of the case.
            phenotype: the case's rows of the ``phenotype`` table, one for each of their diseases.
        """
        rows = {row["disease"]: row for row in phenotype}
        told, withheld = [], set[str]()
        for finding, disease in found:
            row = rows[disease["disease"]]
            if self.fits(finding, disease["disease"], row["points"], row["state"]):
                told.append((finding, disease))
            elif self._predicts(finding, disease["disease"]):
                withheld.add(finding["variants"])
        # One hit of a recessive disease would tell the very allele that is withheld as dominant.
        withheld -= {f["variants"] for f, _ in told if not one_hit(f)}
        told = [(f, d) for f, d in told if not (one_hit(f) and f["variants"] in withheld)]
        named = {finding["finding"] for finding, _ in told}
        return told, len({finding["finding"] for finding, _ in found} - named)

    def of_gene(
        self, gene: str, diseases: Iterable[Row], phenotype: Mapping[str, Row]
    ) -> tuple[frozenset[str], bool]:
        """What may be told of a gene, whether or not anything is found in it.

        Args:
            gene: its key.
            diseases: its rows of the ``gene_disease`` table.
            phenotype: the case's rows of the ``phenotype`` table by disease.

        Returns:
            Its diseases that fit under some mode; and whether one is withheld from a minor.
        """
        fitting, withheld = set(), False
        for disease in diseases:
            name = disease["disease"]
            for mode in disease["modes"].split() or _MODES:
                finding = {"gene": gene, "mode": mode, "variants": ""}
                row = phenotype[name]
                if self.fits(finding, name, row["points"], row["state"]):
                    fitting.add(name)
                elif self._predicts(finding, name):
                    withheld = True
        return frozenset(fitting), withheld

    def _predicts(self, finding: Row, disease: str) -> bool:
        return self.minor and self.late.predicts(finding["gene"], finding["mode"], disease)


@dataclass(frozen=True)
class Scopes:
    """Makes the scope of each case under one release.

    Args:
        release: the release.
        folder: where it was prepared.
        limits: thresholds.
    """

    release: Release
    folder: Path
    limits: ScopeLimits
    _keys: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, case: Case, scorer: PhenotypeScorer | None) -> Scope:
        """The scope of a case.

        Args:
            case: the case.
            scorer: the release's, or None when it holds no HPO annotations.
        """
        terms = scorer.informative(case.phenotype.observed) if scorer else ()
        floor = scorer.floor(terms) if scorer else 0
        listed = frozenset[str]().union(*(self.genes(word) for word in case.gene_list))
        minor = not self.of_age(case)
        return Scope(
            self.limits,
            self._late() if minor else LateOnset({}),
            minor,
            listed,
            bool(case.gene_list),
            frozenset(case.decided),
            milli(self.limits.misfit * floor / THOUSAND),
            sensitive_genes(),
        )

    def of_age(self, case: Case) -> bool:
        """Whether a patient is known to be of age: by his age, or by a disease that began then."""
        years = case.phenotype.years
        if years is not None:
            return years >= self.limits.minor_below
        grown = self.limits.adult_onset_terms - {"HP:0003581", "HP:0011462"}  # from 16 years
        return case.phenotype.onset in grown

    def genes(self, word: str) -> frozenset[str]:
        """Keys of the genes that a word of a gene list means; none where the release knows none."""
        if word not in self._keys:
            self._keys[word] = self._panel(word) or self._gene(word)
        return self._keys[word]

    def notices(self, case: Case, scored: bool) -> list[str]:
        """What must be said of a case's scope, without a word on any finding.

        Args:
            case: the case.
            scored: whether the case has terms that the release can score.
        """
        told = []
        if not scored and not case.gene_list:
            told.append(
                say(
                    "No phenotype can be scored for this case, and no gene list is given: every "
                    "gene is in scope. Add HPO terms, so that findings outside the indication are "
                    "not told."
                )
            )
        elif not scored:
            told.append(
                say(
                    "No phenotype can be scored for this case: only the genes of its list are told."
                )
            )
        unknown = [word for word in case.gene_list if not self.genes(word)]
        if unknown:
            told.append(
                say(
                    "The gene list names what this release does not know: {text}. Write HGNC "
                    "identifiers, approved symbols or panels of the release.",
                    text=", ".join(unknown),
                )
            )
        if not self.of_age(case) and case.phenotype.years is None:
            told.append(
                say(
                    "The patient's age is not given: predictive findings of adult diseases are "
                    "withheld, as from a minor. Give the age."
                )
            )
        return told

    def _late(self) -> LateOnset:
        path = self.release.path("hpo_annotations")
        terms = self.limits.adult_onset_terms
        diseases = diseases_of_adults(path, terms) if path else frozenset[str]()
        return LateOnset(load_late_onset(), diseases)

    def _gene(self, word: str) -> frozenset[str]:
        rows = read_table(self.folder / "genes.parquet", tables.GENES)
        symbols = {row["symbol"].upper(): row["gene"] for row in rows}
        known = {row["gene"] for row in rows}
        names = GeneNames.of(
            Gene(r["gene"], r["symbol"], r["ncbi"], tuple(r["former"].split("|"))) for r in rows
        )
        key = word.upper()
        found = key if key in known else symbols.get(key) or names.find(word)
        return frozenset({found} & known)

    def _panel(self, word: str) -> frozenset[str]:
        return frozenset(
            row["gene"]
            for row in read_table(self.folder / "panels.parquet", tables.PANELS)
            if word.casefold() in (row["panel"].casefold(), row["panel_name"].casefold())
            and row["confidence"].isdecimal()
            and int(row["confidence"]) >= self.limits.panel_confidence
        )
