"""Ranking of a shard of cases: the local tables, then phenotype and standing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ariane.knowledge.context import Context
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.lookup import Keys, Knowledge, load_phenotypes, look_up
from ariane.knowledge.prepare import contigs_of, read_summary
from ariane.knowledge.release import Release
from ariane.knowledge.scores import read_scores
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.stretches import stretches_near
from ariane.rank.alleles import Setting
from ariane.rank.computational import asks_missense, asks_splice
from ariane.rank.constants import Constants, load_constants
from ariane.rank.evaluate import evaluate
from ariane.rank.finding import Evaluation
from ariane.rank.openable import Openable
from ariane.rank.phenotype import PhenotypeScorer
from ariane.rank.profile import Profile, load_profile
from ariane.rank.scope import Scopes
from ariane.rank.standing import Pairs, hypotheses, phenotype_rows, standing_rows
from ariane.seals import verified

Row = dict[str, Any]
CaseGene = tuple[str, str]

_SEPARATOR: Final = "\t"

RANKED_BY: Final = (
    *("case", "gene", "symbol", "finding", "mode", "variants", "zygosity"),
    *("acmg_class", "local_points"),
)
"""What :func:`rank_cases` reads of a finding."""


@dataclass(frozen=True)
class Bench:
    """What ranks cases under one release: opened once for a shard."""

    release: Release
    folder: Path
    """Where the release was prepared."""
    constants: Constants
    profile: Profile

    @classmethod
    def open(cls, release: Path, folder: Path, profile: str) -> Bench:
        """Open a release and the constants of this version of Ariane."""
        return cls(Release.open(release), folder, load_constants(), load_profile(profile))

    def know(self, candidates: Sequence[Row]) -> Knowledge:
        """All that the release says of some candidates."""
        keys = Keys(
            variants=frozenset(row["variant"] for row in candidates),
            codons=frozenset(row["codon"] for row in candidates),
            genes=frozenset(row["gene"] for row in candidates),
            stretches=frozenset(s for row in candidates for s in stretches_near(row["codon"])),
        )
        return self._with_scores(look_up(self.folder, keys), candidates)

    def _with_scores(self, known: Knowledge, candidates: Sequence[Row]) -> Knowledge:
        """The knowledge with what the profile's predictors say of the candidates that ask them."""
        held = [row for row in candidates if row["gene"] in known.gene_disease]
        wanted = {
            self.profile.missense.predictor: [r["variant"] for r in held if asks_missense(r)],
            self.profile.splice.predictor: [r["variant"] for r in held if asks_splice(r)],
        }
        context = self._context()
        scores = {
            kind: read_scores(self.release, kind, variants, context)
            for kind, variants in wanted.items()
            if known.has(kind) and variants
        }
        return replace(known, scores=scores) if scores else known

    def _context(self) -> Context:
        reference = self.release.require("reference")
        return Context(GeneNames.of([]), contigs_of(self.release), reference)

    def setting(self, candidates: Sequence[Row]) -> Setting:
        """The setting in which those candidates are evaluated."""
        known = self.know(candidates)
        return Setting(known, self.constants, self.profile, contigs_of(self.release))

    def openable(self) -> Openable:
        """What tells which stored candidates may open a hypothesis under this release."""
        kind = self.profile.splice.predictor
        held = kind in self.release.resources
        return Openable(
            self.folder, self.constants.consequences, self._changing_splicing if held else None
        )

    def _changing_splicing(self, variants: Iterable[str]) -> frozenset[str]:
        kind, least = self.profile.splice.predictor, self.profile.splice.pp3
        told = read_scores(self.release, kind, variants, self._context())
        return frozenset(
            variant
            for variant, scores in told.items()
            if max(float(said["score"]) for said in scores) >= least
        )

    def scorer(self) -> PhenotypeScorer | None:
        """The phenotype scorer, or None when the release holds no HPO annotations."""
        held = load_phenotypes(self.release, self.folder)
        if held is None:
            return None
        return PhenotypeScorer(held.table, held.ontology, self.constants.phenotype)

    def scopes(self) -> Scopes:
        """What may be told of each case under this release."""
        return Scopes(self.release, self.folder, self.constants.scope)

    def pairs(self, genes: Iterable[str]) -> Pairs:
        """The (gene, disease) pairs of some genes and the number of all pairs."""
        known = look_up(self.folder, Keys(genes=frozenset(genes)))
        return Pairs(known.gene_disease, int(read_summary(self.folder)["rows"]["gene_disease"]))


def read_candidates(
    store: Path,
    cases: Iterable[str],
    wanted: Iterable[CaseGene] | None = None,
    openable: Openable | None = None,
) -> list[Row]:
    """Candidates of some cases from a shard's store, or of some (case, gene) pairs only.

    Args:
        store: the shard's ``candidates.parquet``.
        cases: identifiers.
        wanted: pairs, unless all.
        openable: unless all, tells which rows may open a hypothesis: the rest is never read whole.

    Raises:
        ArianeError: the store is missing or damaged.
    """
    held = []
    for part in stored(store, cases, wanted):
        if openable is not None:
            part = part.filter(pa.array(openable.mask(part)))
        held.append(part)
    rows: list[Row] = [row for part in held for row in part.to_pylist()]
    rows.sort(key=lambda r: (r["case"], r["gene"], r["chrom"], r["pos"], r["ref"], r["alt"]))
    return rows


def stored(
    store: Path, cases: Iterable[str], wanted: Iterable[CaseGene] | None = None
) -> Iterator[pa.Table]:
    """A shard's candidates of some cases, or of some of their genes, a row group at a time.

    Two narrow columns tell which row groups hold any: only those are read whole, so that a small
    change costs little in a store of genomes.

    Raises:
        ArianeError: the store is missing or damaged.
    """
    column = "case" if wanted is None else "pair"
    asked = set(cases)
    if wanted is not None:
        asked = {_SEPARATOR.join(pair) for pair in wanted if pair[0] in asked}
    values = pa.array(sorted(asked), pa.string())
    try:
        with pq.ParquetFile(verified(store)) as content:
            for number in range(content.num_row_groups):
                keys = content.read_row_group(number, columns=["case", "gene"])
                if column == "pair":
                    told = pc.binary_join_element_wise(keys["case"], keys["gene"], _SEPARATOR)
                else:
                    told = keys["case"]
                found = pc.is_in(told, value_set=values)
                if pc.any(found).as_py():
                    yield content.read_row_group(number).filter(found)
    except FileNotFoundError:
        raise ArianeError(f"{store}: there is no store. Run the rule store.") from None
    except (pa.ArrowInvalid, OSError):
        raise ArianeError(f"{store}: damaged. Delete it and run again.") from None


def by_case_gene(candidates: Iterable[Row]) -> dict[CaseGene, list[Row]]:
    """Candidates grouped by the unit of evaluation, in sorted order."""
    groups: dict[CaseGene, list[Row]] = {}
    for row in candidates:
        groups.setdefault((row["case"], row["gene"]), []).append(row)
    return dict(sorted(groups.items()))


def evaluate_all(
    cases: Mapping[str, Case], candidates: Sequence[Row], bench: Bench
) -> dict[CaseGene, Evaluation]:
    """Evaluate each (case, gene) that has candidates, of genes with a disease."""
    setting = bench.setting(candidates)
    return {
        (case, gene): evaluate(cases[case], gene, rows, setting)
        for (case, gene), rows in by_case_gene(candidates).items()
        if gene in setting.known.gene_disease
    }


def local_tables(
    evaluations: Mapping[CaseGene, Evaluation],
) -> dict[CaseGene, tuple[list[Row], list[Row]]]:
    """Rows of ``findings`` and ``ledger`` by (case, gene), for those that have any."""
    return {
        key: (
            [finding.to_row() for finding in evaluation.findings],
            [row for finding in evaluation.findings for row in finding.to_ledger()],
        )
        for key, evaluation in evaluations.items()
        if evaluation.findings
    }


def rank_cases(
    cases: Sequence[Case],
    findings: Sequence[Mapping[str, Any]],
    bench: Bench,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[list[Row], list[Row]]:
    """Phenotype and standing of every case from its effective findings: never local, always all.

    Of what is out of scope only the number remains, in the row of "none in these data".

    Returns:
        Rows of the ``phenotype`` and of the ``standing`` table.
    """
    if not cases:
        return [], []
    of_case: dict[str, list[Mapping[str, Any]]] = {case.id: [] for case in cases}
    for finding in findings:
        of_case[finding["case"]].append(finding)
    scorer = bench.scorer()
    contigs = contigs_of(bench.release)
    pairs = bench.pairs(finding["gene"] for finding in findings)
    phenotypes: list[Row] = []
    standings: list[Row] = []
    scopes = bench.scopes()
    for case in sorted(cases, key=lambda c: c.id):
        found = hypotheses(of_case[case.id], pairs, contigs)
        rows = phenotype_rows(case, [disease["disease"] for _, disease in found], scorer)
        told, unnamed = scopes.of(case, scorer).part(found, rows)
        points = {row["disease"]: row["points"] for row in rows}
        named = {disease["disease"] for _, disease in told}
        phenotypes += [row for row in rows if row["disease"] in named]
        standing = standing_rows(case, told, points, pairs, bench.constants)
        standings += [{**standing[0], "out_of_scope": unnamed}, *standing[1:]]
        progress(case.id)
    return phenotypes, standings


def told_if_ranked(
    case: Case, findings: Sequence[Mapping[str, Any]], bench: Bench
) -> frozenset[str]:
    """Of findings that BA1 keeps from the ranking, those that fit the case's indication."""
    if not findings:
        return frozenset()
    opened = [{**finding, "acmg_class": ""} for finding in findings]
    pairs = bench.pairs(finding["gene"] for finding in findings)
    found = hypotheses(opened, pairs, contigs_of(bench.release))
    scorer = bench.scorer()
    rows = phenotype_rows(case, [disease["disease"] for _, disease in found], scorer)
    told, _ = bench.scopes().of(case, scorer).part(found, rows)
    return frozenset(finding["finding"] for finding, _ in told)


def gene_scope(case: Case, gene: str, bench: Bench) -> tuple[frozenset[str], bool]:
    """Diseases of a gene that may be told of in a case; whether one is withheld from a minor."""
    diseases = bench.pairs([gene]).by_gene.get(gene, ())
    scorer = bench.scorer()
    rows = phenotype_rows(case, [disease["disease"] for disease in diseases], scorer)
    phenotype = {row["disease"]: row for row in rows}
    return bench.scopes().of(case, scorer).of_gene(gene, diseases, phenotype)
