"""Published cases, each put into a drawn person of the same sex, and ranked by the product's code.

One place for what the benchmark of ranking measures and what its constants are fitted on.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ariane.annotate.genes import proteins, read_genes
from ariane.files import REPOSITORY
from ariane.knowledge.prepare import read_release, write_prepared
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex
from ariane.rank.alleles import Setting
from ariane.rank.constants import Constants, fold_constants, load_constants
from ariane.rank.evaluate import evaluate
from ariane.rank.finding import Finding
from ariane.rank.phenotype import PhenotypeScorer
from ariane.rank.profile import load_profile
from ariane.rank.shard import Bench
from ariane.rank.standing import Hypothesis, Pairs, hypotheses, phenotype_rows, weigh
from published_cases import HpoRelease, Published, known_cases, read_published
from ranking_trios import causal_origins, own_origin, trio_of, with_parents
from ranking_world import Allele, causal_alleles, make_release, read_by_product, read_persons

Row = dict[str, Any]

NOT_RANKED: Final = 1_000_000


@dataclass(frozen=True)
class Put:
    """A published case, its causal alleles, and the person that they are put into."""

    published: Published
    alleles: tuple[Allele, ...]
    person: str
    case: Case

    @property
    def paper(self) -> str:
        """The first paper, else the case itself: what intervals draw."""
        return self.published.papers[0] if self.published.papers else self.published.id


@dataclass(frozen=True)
class Outcome:
    """One ranking of one case."""

    rank: int
    best: float
    """Posterior of the first gene."""
    none: float
    """Posterior of "none in these data"."""
    own: float
    """Posterior of the gene that was asked for."""


def arguments(about: str | None) -> argparse.ArgumentParser:
    """The arguments of a script that ranks published cases."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--hpo", type=Path, required=True)
    parser.add_argument("--backgrounds", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=1)
    return parser


class World:
    """Everything that ranks published cases.

    Args:
        args: what :func:`arguments` reads.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.hpo = HpoRelease.read(args.hpo)
        every = known_cases(read_published(args.cases), self.hpo)
        held = [(case, found) for case in every if (found := causal_alleles(case))]
        if args.limit and args.limit < len(held):
            held = random.Random(args.seed).sample(held, args.limit)  # noqa: S311
        persons = read_persons(args.backgrounds)
        self.puts = [put_into(case, alleles, persons) for case, alleles in held]
        self.persons = {name: persons[name] for name in sorted({p.person for p in self.puts})}
        alleles = [a for p in self.puts for a in p.alleles]
        alleles += [a for _, own in self.persons.values() for a in own]
        with TemporaryDirectory() as work:
            self.candidates = read_by_product(alleles, args.data, Path(work))
            bench = _bench(args, Path(work))
            rows = [row for rows in self.candidates.values() for row in rows]
            self.setting = bench.setting(rows)
            self.pairs = bench.pairs({row["gene"] for row in rows})
            scorer = bench.scorer()
        assert scorer is not None  # noqa: S101 (the release holds HPO's annotations)
        self.scorer = scorer

    def rankers(self, trio: bool = False) -> list[Ranker]:
        """What ranks the cases of each fold of genes: constants that never saw these genes."""
        return [Ranker(self, constants, trio) for constants in fold_constants()]


class Ranker:
    """Ranks cases under one set of constants; what a person holds of his own is evaluated once.

    Args:
        world: what is ranked.
        constants: under which.
        trio: whether both parents, healthy, were sequenced too: see :mod:`ranking_trios`.
    """

    def __init__(self, world: World, constants: Constants, trio: bool = False) -> None:
        self._world = world
        given = world.setting
        self.setting = Setting(given.known, constants, given.profile, given.contigs)
        held = world.scorer
        self.pairs: Pairs = world.pairs
        self.scorer = PhenotypeScorer(held.table, held.ontology, constants.phenotype)
        self._trio = trio
        self._own: dict[str, tuple[dict[str, list[Row]], dict[str, list[Finding]]]] = {}

    def outcome(
        self, put: Put, spiked: Sequence[Allele], gene: str = "", observed: Sequence[str] = ()
    ) -> Outcome:
        """How a case is ranked when its person holds some alleles beside his own.

        Args:
            put: the case and its person.
            spiked: the alleles.
            gene: whose rank is asked for; the causal gene unless given.
            observed: the patient's terms, unless those of the publication.
        """
        case = put.case
        if observed:
            case = replace(case, phenotype=Phenotype(tuple(observed), case.phenotype.excluded))
        found, phenotype = self.hypotheses(case, self.findings(put, spiked))
        none, _, weights = weigh(case, found, phenotype, self.pairs, self.setting.constants)
        genes: dict[str, float] = {}
        for (finding, _), weight in zip(found, weights.tolist(), strict=True):
            genes[finding["symbol"]] = genes.get(finding["symbol"], 0.0) + weight
        whole = none + sum(genes.values())
        own = genes.get(gene or put.published.gene)
        rank = NOT_RANKED if own is None else sum(w >= own for w in genes.values())
        best = max(genes.values(), default=0.0)
        return Outcome(rank, best / whole, none / whole, (own or 0.0) / whole)

    def findings(self, put: Put, spiked: Sequence[Allele]) -> list[Finding]:
        """Findings of a person who holds some alleles beside his own."""
        genes, own = self._of_person(put)
        mine: dict[str, list[Row]] = {}
        for allele, origin in zip(spiked, causal_origins(spiked), strict=True):
            for row in self._rows(allele, origin):
                mine.setdefault(row["gene"], []).append(row)
        found = dict(own)
        for gene, rows in mine.items():
            held = {row["variant"]: row for row in genes.get(gene, ())}
            held |= {row["variant"]: row for row in rows}
            found[gene] = self._evaluate(put, gene, list(held.values()))
        return [finding for gene in sorted(found) for finding in found[gene]]

    def hypotheses(
        self, case: Case, findings: Sequence[Finding]
    ) -> tuple[list[Hypothesis], dict[str, int]]:
        """What the findings may explain, and the phenotype points of each disease."""
        rows = [finding.to_row() for finding in findings]
        found = hypotheses(rows, self.pairs, self.setting.contigs)
        phenotype = phenotype_rows(case, [d["disease"] for _, d in found], self.scorer)
        return found, {row["disease"]: row["points"] for row in phenotype}

    def _rows(self, allele: Allele, origin: str) -> list[Row]:
        rows = self._world.candidates.get(allele.key, [])
        return [with_parents(row, allele.gt, origin) for row in rows] if self._trio else rows

    def _evaluate(self, put: Put, gene: str, rows: Sequence[Row]) -> list[Finding]:
        case = replace(put.case, members=trio_of(put.case)) if self._trio else put.case
        return evaluate(case, gene, rows, self.setting).findings

    def _of_person(self, put: Put) -> tuple[dict[str, list[Row]], dict[str, list[Finding]]]:
        if put.person not in self._own:
            genes: dict[str, list[Row]] = {}
            for allele in self._world.persons[put.person][1]:
                for row in self._rows(allele, own_origin(allele)):
                    genes.setdefault(row["gene"], []).append(row)
            findings = {g: self._evaluate(put, g, rows) for g, rows in sorted(genes.items())}
            self._own[put.person] = (genes, findings)
        return self._own[put.person]


def put_into(published: Published, alleles: Sequence[Allele], persons: Mapping[str, Any]) -> Put:
    """A case in a person of its sex, drawn by the case's identifier."""
    male = published.sex == "male" or (not published.sex and any(a.gt == "1" for a in alleles))
    wanted = sorted(p for p, (sex, _) in persons.items() if (sex == "M") == male)
    person = wanted[int(sha256(published.id.encode()).hexdigest()[:8], 16) % len(wanted)]
    patient = Member("P", "P", "", "", Sex.MALE if male else Sex.FEMALE, True)
    case = Case(
        id="case",
        proband="P",
        members=(patient,),
        phenotype=Phenotype(published.observed, published.excluded),
        analysis=Analysis("case.vcf", technique="exome"),
        consent=Consent(reanalysis=True),
    )
    return Put(published, tuple(alleles), person, case)


def _bench(args: argparse.Namespace, work: Path) -> Bench:
    release = make_release(args.hpo, args.data, work / "reference.fa.gz", work)
    prepared = work / "prepared"
    prepared.mkdir()
    genes = read_genes(release.require("transcripts")).all
    write_prepared(read_release(release, prepared), (), proteins(genes))
    return Bench(release, prepared, load_constants(), load_profile("clingen"))
