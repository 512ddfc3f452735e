"""What a masked run made of each solved case: found or not, at which place, in which class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.files import query, read_table
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.contigs import spellings
from ariane.knowledge.kinds import ASSERTING
from ariane.model.canonical import shard_name, shard_of
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.tables import FINDINGS, STANDING
from ariane.reanalyse.controls import SOLVED, Control, stand_of
from ariane.reanalyse.frozen import open_cycle
from ariane.report.explain import Run, explain
from ariane.validate.masked import Solved

Row = Mapping[str, Any]

KINDS: Final = ("SNV", "indel", "CNV or SV", "mitochondrial")
"""Kinds of causal variant, the later before the earlier where a case has alleles of several."""

LONG: Final = 50
"""Bases from which a change of length is structural: the bound of dbVar and of the callers that
write such files."""

VOICES: Final = ("laboratory", "others", "nobody")
"""Who named a causal allele pathogenic in the release: the laboratory itself, others, nobody."""

_STATED: Final = "not stated"


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    case: str
    gene: str
    """Symbol where the run knows it, else what the decision names."""
    variants: tuple[str, ...]
    kind: str
    modes: str
    """Modes of inheritance of the decided disease, as the finding decided on or the release states
    them."""
    technique: str
    design: str
    voice: str
    """One of :data:`VOICES`."""
    place: int | None
    """Place of the gene by the hypothesis that holds every causal allele, ties at the worst; None
    when it is not told."""
    classes: tuple[str, ...]
    """Proposed class of each allele, in the order of ``variants``; empty where it has none."""
    reasons: tuple[str, ...] = ()
    """Why it was missed."""

    @property
    def found(self) -> bool:
        """Whether one told hypothesis holds every causal allele."""
        return self.place is not None

    @property
    def pathogenic(self) -> bool:
        """Whether every causal allele is proposed likely pathogenic or pathogenic."""
        return all(word in ("LP", "P") for word in self.classes)


def judge(run: Run, solved: Sequence[Solved]) -> list[Outcome]:
    """Judge the cases of a finished masked run.

    Raises:
        ArianeError: the run is not finished, or was not masked.
    """
    frozen = open_cycle(run.state, run.cycle)
    cases = {case.id: case for case in frozen.cases}
    told = [case.id for case in cases.values() if case.decided or case.status in SOLVED]
    if told or frozen.decisions:
        raise ArianeError(
            f"cycle {run.cycle} in {run.state.parent}: it knew what was decided, so it validates "
            "nothing. Run scripts/validate_cases.py without --report-only."
        )
    lost = sorted({one.case for one in solved} - set(cases))
    if lost:
        raise ArianeError(
            f"cycle {run.cycle} in {run.state.parent} does not hold {', '.join(lost)}. "
            "Name another cycle and run the validation again."
        )
    knowledge = run.results / "releases" / frozen.cycle.release / "knowledge"
    by_shard: dict[str, list[Solved]] = {}
    for one in solved:
        name = shard_name(shard_of(one.case, frozen.cycle.shards), frozen.cycle.shards)
        by_shard.setdefault(name, []).append(one)
    outcomes = []
    for shard, held in sorted(by_shard.items()):
        folder = run.results / "cycles" / run.cycle / "shards" / shard
        findings = _by_case(read_table(folder / "findings.parquet", FINDINGS))
        standing = _by_case(read_table(folder / "standing.parquet", STANDING))
        for one in held:
            rows = findings.get(one.case, []), standing.get(one.case, [])
            outcomes.append(_outcome(run, knowledge, cases[one.case], one, *rows))
    return sorted(outcomes, key=lambda outcome: outcome.case)


def _outcome(
    run: Run,
    knowledge: Path,
    case: Case,
    solved: Solved,
    findings: Sequence[Row],
    standing: Sequence[Row],
) -> Outcome:
    place = place_of(solved, findings, standing)
    stand = stand_of(Control(case, solved.gene, solved.variants), findings, standing)
    symbols = {row["symbol"] for row in findings if solved.gene and row["gene"] == solved.gene}
    reasons: tuple[str, ...] = ()
    if place is None:
        lines = explain(run, case.id, solved.gene) if solved.gene else []
        reasons = tuple(why_missed(solved.variants, lines, _read(run, case.id)))
    return Outcome(
        case=case.id,
        gene=min(symbols, default=solved.gene),
        variants=solved.variants,
        kind=kind_of(solved.variants),
        modes=_modes(knowledge, solved),
        technique=case.analysis.technique,
        design=case.design,
        voice=_voice(knowledge, solved.variants),
        place=place,
        classes=tuple(stand.classes.get(variant, "") for variant in solved.variants),
        reasons=reasons,
    )


def place_of(solved: Solved, findings: Iterable[Row], standing: Sequence[Row]) -> int | None:
    """Place of the gene whose told hypothesis holds every causal allele; None when there is none.

    Genes that the same posterior and points share a place with count before it.
    """
    wanted = set(solved.variants)
    holding = {
        row["finding"]
        for row in findings
        if wanted <= set(row["variants"].split("+")) and solved.gene in ("", row["gene"])
    }
    ranked = [row for row in standing if row["rank"] > 0]
    own = [row for row in ranked if row["finding"] in holding]
    if not own:
        return None
    best = min(own, key=lambda row: (row["gene_rank"], row["rank"]))
    leading: dict[str, Row] = {}
    for row in sorted(ranked, key=lambda row: row["rank"]):
        leading.setdefault(row["gene"], row)
    worth = ("posterior", "total_points")
    mine = leading[best["gene"]]
    even = [row["gene_rank"] for row in leading.values() if all(row[w] == mine[w] for w in worth)]
    return int(max(even))


def kind_of(variants: Iterable[str]) -> str:
    """The kind of a case's causal variant: of several alleles the later of :data:`KINDS`."""
    return max((_kind(variant) for variant in variants), key=KINDS.index)


def _kind(variant: str) -> str:
    contig, _, ref, alt = variant.split("-", 3)
    if "chrM" in spellings(contig):
        return "mitochondrial"
    if not alt.isalpha() or abs(len(ref) - len(alt)) >= LONG:
        return "CNV or SV"
    return "SNV" if len(ref) == len(alt) == 1 else "indel"


def why_missed(variants: Sequence[str], lines: Sequence[str], read: Iterable[str]) -> list[str]:
    """What an explanation says of alleles that no told hypothesis holds together.

    Args:
        variants: the causal alleles.
        lines: the explanation of their gene; empty where the decision names none.
        read: alleles that the run kept of this case, in whichever gene.
    """
    held = set(read)
    found = [
        f"{variant}: not among the alleles that were read of this case"
        for variant in variants
        if variant not in held
    ]
    # Sentences of the ledger are set in by two blanks as well; they say nothing of leaving out.
    plain = [
        line.strip()
        for line in lines[2:]
        if (not line.startswith("  ") or "left out" in line or line.startswith("  Not ranked"))
        and not line.endswith(":")  # a heading of lines that are not told here
    ]
    of_alleles = [line for line in plain if any(variant in line for variant in variants)]
    others = [
        line
        for line in plain
        if line and line not in of_alleles and not line.startswith(("Known disease", "None in"))
    ]
    found += of_alleles
    found += [line for line in others if line.startswith(("Not ranked", "Out of scope", "Only"))]
    if not found:
        found = others
    return found or ["the decision names no gene, so its steps cannot be told"]


def _read(run: Run, case: str) -> list[str]:
    """Alleles of the case that the run kept, in whichever gene."""
    path = run.results / "cases" / case / "candidates.parquet"
    rows = query("SELECT DISTINCT variant FROM held ORDER BY variant", held=path)
    return [row["variant"] for row in rows]


def _modes(knowledge: Path, solved: Solved) -> str:
    if solved.finding:
        return solved.finding.split("|")[1]
    if not solved.gene:
        return _STATED
    held = query(
        f"SELECT disease, modes FROM held WHERE gene = '{solved.gene}'",  # noqa: S608 - an identifier
        held=knowledge / "gene_disease.parquet",
    )
    own = [row for row in held if row["disease"] == solved.disease] or held
    words = {word for row in own for word in str(row["modes"] or "").replace("|", " ").split()}
    return ", ".join(sorted(words)) or _STATED


def _voice(knowledge: Path, variants: Sequence[str]) -> str:
    """Who names one of the alleles pathogenic in the release."""
    told = set()
    for kind in ASSERTING:
        path = knowledge / f"{kind}.parquet"
        if path.is_file():
            listed = ", ".join(f"'{variant}'" for variant in variants)
            rows = query(
                f"SELECT klass FROM held WHERE variant IN ({listed})",  # noqa: S608 - checked keys
                held=path,
            )
            told |= {kind for row in rows if row["klass"] in PATHOGENIC}
    if "laboratory" in told:
        return "laboratory"
    return "others" if told else "nobody"


def _by_case(rows: Iterable[Row]) -> dict[str, list[Row]]:
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(row["case"], []).append(row)
    return held
