"""Bring together what a case's report is made of, from the folders of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ariane.files import read_json, read_table
from ariane.knowledge.lookup import PhenotypeKnowledge, load_phenotypes
from ariane.knowledge.prepare import read_summary
from ariane.knowledge.shown import look_up_shown
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.tables import EVENTS, FLAGS, PHENOTYPE, STANDING
from ariane.phrases import say
from ariane.rank.dual import two_diseases
from ariane.rank.finding import Evaluation
from ariane.rank.impasse import Adviser
from ariane.rank.phenotype import PhenotypeScorer
from ariane.rank.shard import (
    Bench,
    evaluate_all,
    read_candidates,
    stored,
    told_if_ranked,
)
from ariane.reanalyse.at_hand import verify_release
from ariane.reanalyse.effective import local_tables
from ariane.reanalyse.elsewhere import candidates_elsewhere, unnamed_elsewhere, with_elsewhere
from ariane.reanalyse.frozen import Frozen, chain, open_cycle
from ariane.report import beside, looked_up
from ariane.report.applying import applying
from ariane.report.case_report import TOP, CaseReport, CycleInfo

Row = dict[str, Any]

GENE: Final = "gene"
"""The step before them, told where it leaves an allele out."""

STEPS: Final = ("disease", "patient", "consequence", "frequency", "mode")
"""Steps of the ranking at which a candidate may be left out, in their order."""

_RULES: Final[Mapping[str, str]] = {
    GENE: say("asserted pathogenic outside every gene, and no gene with a known disease is named"),
    "disease": say("the gene has no known disease in this release"),
    "patient": say("carried by a relative, not by the patient"),
    "consequence": say(
        "a consequence that opens no hypothesis unless asserted pathogenic or predicted to change "
        "splicing"
    ),
    "frequency": say("excluded by BA1: common in the population"),
    "mode": say("the genotype does not fit a mode of the gene's diseases"),
}


def case_report(
    *,
    case: str,
    cycle_folder: Path,
    shard: str,
    inputs: Path,
    knowledge: Path,
    release: Path,
    summary: Path,
    store: Path,
) -> CaseReport:
    """Everything that is told of one case in one cycle.

    Args:
        case: identifier of the case.
        cycle_folder: ``results/cycles/{cycle}``.
        shard: the case's shard.
        inputs: the cycle's frozen inputs, ``state/cycles/{cycle}/inputs``.
        knowledge: the release, prepared.
        release: folder of the release's manifest.
        summary: the case's ``annotation.json``.
        store: the shard's store.

    Raises:
        ArianeError: the cycle holds no such case, or a file is missing or damaged.
    """
    frozen = open_cycle(inputs.parents[2], inputs.parent.name)
    verify_release(frozen, release)
    patient = _patient(frozen, case)
    folders = [
        cycle_folder.parent / earlier.cycle / "shards" / shard
        for earlier in chain(inputs.parents[2], frozen.cycle.cycle)
    ]
    current = folders[-1]
    findings, ledger = local_tables(folders)
    bench = Bench.open(release, knowledge, frozen.cycle.profile)
    openable = bench.openable()
    opening = read_candidates(store / "candidates.parquet", [case], openable=openable)
    elsewhere = candidates_elsewhere(summary.parent.parent, [case], bench)
    candidates = with_elsewhere(opening, elsewhere)
    kept = list(stored(store / "candidates.parquet", [case]))
    removed = sum((openable.left_out(part, patient.proband) for part in kept), Counter[str]())
    total = sum(map(len, kept)) + len(candidates) - len(opening)
    unnamed = unnamed_elsewhere(summary.parent.parent, patient, bench, store / "candidates.parquet")
    evaluations = evaluate_all({case: patient}, candidates, bench)
    standing = _of(case, read_table(current / "standing.parquet", STANDING))
    held = load_phenotypes(bench.release, knowledge)
    labels, terms = _phenotype(patient, standing, held, bench)
    own_findings = told_findings(patient, _of(case, findings), standing, bench)
    named = {row["finding"] for row in own_findings}
    own_ledger = [row for row in _of(case, ledger) if row["finding"] in named]
    scorer = bench.scorer()
    used = scorer.informative(patient.phenotype.observed) if scorer else ()
    joint = two_diseases(standing, used, scorer, bench.pairs(()).count, bench.constants.dual)
    told = (
        {variant for row in own_findings for variant in row["variants"].split("+")},
        {row["gene"] for row in own_findings},
        {row["disease"] for row in standing},
    )
    leading = [row for row in standing if 1 <= row["rank"] <= TOP]
    linked = beside.gene_diseases(knowledge, {row["gene"] for row in leading})
    described = beside.features(
        bench.release, {row["disease"] for row in leading}, held.ontology if held else None
    )
    adviser = Adviser.of(bench)
    impasse = adviser.advise([patient], standing, own_findings, own_ledger)[case]
    single = adviser.single_hits(patient, own_findings, own_ledger)
    return CaseReport(
        case=patient,
        release=bench.release,
        cycle=cycle_info(frozen),
        findings=own_findings,
        ledger=own_ledger,
        phenotype=_of(case, read_table(current / "phenotype.parquet", PHENOTYPE)),
        standing=standing,
        events=_of(case, read_table(current / "events.parquet", EVENTS)),
        flags=_of(case, read_table(current / "flags.parquet", FLAGS)),
        annotation=read_json(summary),
        steps=selection_steps(total, removed, evaluations.values(), len(unnamed)),
        labels=labels,
        terms=terms,
        annotations=looked_up.rows(look_up_shown(bench.release, knowledge, case, *told), *told),
        applying=applying(patient, knowledge, scorer),
        lift=[lift.to_row() for lift in (*impasse.lifts, *single)],
        look_for=[term.to_row() for term in impasse.terms],
        notices=[
            *notices(read_summary(knowledge), own_ledger),
            *without_gene(unnamed),
            *bench.scopes().notices(patient, bool(used)),
        ],
        two_diseases=joint.to_row() if joint else None,
        french=beside.french(
            bench.release,
            {
                *labels,
                *(row["term"] for row in described),
                *(term.term for term in impasse.terms),
            },
        ),
        french_diseases=beside.french_diseases(
            bench.release,
            knowledge,
            {row["disease"] for row in (*standing, *linked)},
        ),
        features=described,
        gene_diseases=linked,
        history=beside.history(
            cycle_folder.parent, inputs.parents[2], frozen.cycle.cycle, patient.id
        ),
    )


def told_findings(
    case: Case, findings: Sequence[Row], standing: Sequence[Row], bench: Bench
) -> list[Row]:
    """The findings of a case that may be told: those that stand, and those that only BA1 shuts.

    What does not fit the indication stays in the tables of the shard, so that a later cycle can
    bring it into scope; no report reads it.
    """
    stands = {row["finding"] for row in standing}
    shut = [f for f in findings if f["finding"] not in stands and "BA1" in f["acmg_class"]]
    told = stands | told_if_ranked(case, shut, bench)
    return [finding for finding in findings if finding["finding"] in told]


def cycle_info(frozen: Frozen) -> CycleInfo:
    """A frozen cycle as reports name it."""
    cycle = frozen.cycle
    return CycleInfo(
        cycle.cycle,
        cycle.release,
        cycle.previous,
        cycle.kind,
        cycle.engine,
        cycle.profile,
        cycle.tables,
        cycle.manifest,
    )


def selection_steps(
    total: int, before: Counter[str], evaluations: Iterable[Evaluation], unnamed: int = 0
) -> list[Row]:
    """How many candidates each step of the ranking left out, and how many it kept.

    Args:
        total: candidates of the case: one per allele and gene.
        before: how many stopped at which step before any gene was evaluated.
        evaluations: what came of each gene.
        unnamed: asserted alleles outside every gene for which no gene could be ranked.
    """
    removed = before + Counter(left.step for one in evaluations for left in one.left_out)
    removed[GENE] = unnamed
    kept, steps = total + unnamed, []
    for step in (GENE, *STEPS) if unnamed else STEPS:
        kept -= removed[step]
        steps.append({"step": step, "rule": _RULES[step], "removed": removed[step], "kept": kept})
    return steps


def notices(summary: Mapping[str, Any], ledger: Sequence[Row]) -> list[str]:
    """What must be known of a release beside the resources that it lacks.

    Words of assertions that Ariane does not know are told where they touch the case's own alleles.
    """
    words = summary.get("unknown_words", {})
    touched = any(r["code"] == "ASSERT" and "asserted other " in r["sentence"] for r in ledger)
    if not words or not touched:
        return []
    sentence = say(
        "An allele of this case is asserted with a word that moves no points. "
        "The release holds these words that Ariane does not know: {text}.",
        text=", ".join(sorted(words)),
    )
    return [sentence]


def without_gene(unnamed: Sequence[str]) -> list[str]:
    """What must be said of asserted alleles that no gene is named for: nothing ranks them."""
    if not unnamed:
        return []
    sentence = say(
        "The release asserts alleles of this patient (likely) pathogenic that lie outside every "
        "gene, and no assertion names a gene with a known disease. They are not ranked: "
        "{text}. Look them up by hand.",
        text=", ".join(unnamed),
    )
    return [sentence]


def _patient(frozen: Frozen, case: str) -> Case:
    for known in frozen.cases:
        if known.id == case:
            return known
    raise ArianeError(
        f"cycle {frozen.cycle.cycle}: it holds no case {case!r}. Check the identifier."
    )


def _of(case: str, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["case"] == case]


def _phenotype(
    patient: Case, standing: Sequence[Row], held: PhenotypeKnowledge | None, bench: Bench
) -> tuple[dict[str, str], list[Row]]:
    if held is None:
        return {}, []
    ontology = held.ontology
    written = (*patient.phenotype.observed, *patient.phenotype.excluded, patient.phenotype.onset)
    labels = {raw: ontology.resolve(raw).label for raw in written if raw}
    scorer = PhenotypeScorer(held.table, ontology, bench.constants.phenotype)
    used = scorer.informative(patient.phenotype.observed)
    rows: list[Row] = []
    named: set[str] = set()
    for row in standing:
        if not 1 <= row["rank"] <= TOP or row["disease"] in named:
            continue
        named.add(row["disease"])
        for part in scorer.explain(used, row["disease"]):
            labels |= {
                t: ontology.names[t] for t in (part.term, part.matched) if t in ontology.names
            }
            rows.append(
                {
                    "disease": row["disease"],
                    "disease_name": row["disease_name"],
                    "term": part.term,
                    "label": labels.get(part.term, ""),
                    "points": part.points,
                    "match": part.match,
                    "matched_term": part.matched,
                    "matched_label": labels.get(part.matched, ""),
                }
            )
    return labels, rows
