"""Where a gene stands in a case, or at which step and by which rule it was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ariane.annotate.genes import read_genes
from ariane.files import query, read_table
from ariane.knowledge import tables
from ariane.knowledge.genes import Gene, GeneNames
from ariane.knowledge.prepare import contigs_of
from ariane.knowledge.regions import read_regions
from ariane.knowledge.release import Release
from ariane.model.canonical import shard_name, shard_of
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.points import THOUSAND
from ariane.model.tables import STANDING
from ariane.rank.evaluate import evaluate
from ariane.rank.finding import NOT_THE_PATIENTS, LeftOut
from ariane.rank.shard import (
    Bench,
    gene_scope,
    read_candidates,
)
from ariane.rank.standing import NONE
from ariane.reanalyse.effective import local_tables
from ariane.reanalyse.elsewhere import candidates_elsewhere, unnamed_elsewhere, with_elsewhere
from ariane.reanalyse.frozen import chain, open_cycle
from ariane.report import assemble, explain_lift
from ariane.report.messages import load
from ariane.report.text import percent

Row = dict[str, Any]

_NOTHING_TOLD: Final = (
    "Out of scope: no disease of this gene fits the indication of the case, so nothing is told of "
    "this gene, whether there is a finding or not."
)
_PARTLY_TOLD: Final = (
    "Only what fits the indication of the case is told of this gene; of its other diseases nothing "
    "is said, whether there is a finding or not."
)


@dataclass(frozen=True)
class Run:
    """The folders of a run that an explanation reads."""

    results: Path
    state: Path
    releases: Path
    cycle: str
    regions: Path | None


def explain(run: Run, case: str, gene: str) -> list[str]:
    """Lines that say, for any gene, ranked or not, what became of it in a case.

    Args:
        run: the run's folders.
        case: identifier of the case.
        gene: an HGNC identifier, an approved or former symbol, or the gene id of the GFF3.

    Raises:
        ArianeError: the cycle or the case is not known, or a file is missing.
    """
    frozen = open_cycle(run.state, run.cycle)
    patient = next((c for c in frozen.cases if c.id == case), None)
    if patient is None:
        reason = frozen.cycle.excluded.get(case)
        if reason:
            return [f"{case} is not analysed in cycle {run.cycle}: {reason}."]
        raise ArianeError(f"{case}: cycle {run.cycle} holds no such case. Check the identifier.")
    release = Release.open(run.releases / frozen.cycle.release)
    knowledge = run.results / "releases" / release.name / "knowledge"
    key, symbol = _find(gene, knowledge, release)
    unseen = list(explain_lift.unseen(patient, key, symbol or gene))
    if not key:
        sentence = (
            f"{gene}: neither the transcripts nor the gene names of release {release.name} know "
            "such a gene. Step: annotation. Try its HGNC identifier."
        )
        return [sentence, *_marking(release), *unseen]
    shard = shard_name(shard_of(case, frozen.cycle.shards), frozen.cycle.shards)
    folders = [
        run.results / "cycles" / link.cycle / "shards" / shard
        for link in chain(run.state, run.cycle)
    ]
    bench = Bench.open(release.folder, knowledge, frozen.cycle.profile)
    store = run.results / "store" / shard / "candidates.parquet"
    stored = read_candidates(store, [case], [(case, key)])
    elsewhere = candidates_elsewhere(
        run.results / "cases", [case], bench, lambda _, row: row["gene"] == key
    )
    candidates = with_elsewhere(stored, elsewhere)
    head = f"{symbol} ({key}) in {case}, cycle {run.cycle}, release {release.name}"
    lines = [head, "=" * len(head), *_marking(release)]
    lines += [*_knowledge_lines(knowledge, key, symbol), *unseen]
    findings, ledger = local_tables(folders)
    standing = [
        row for row in read_table(folders[-1] / "standing.parquet", STANDING) if row["case"] == case
    ]
    own = [row for row in findings if row["case"] == case and row["gene"] == key]
    own = assemble.told_findings(patient, own, standing, bench)
    rows = [row for row in ledger if row["case"] == case and row["gene"] == key]
    fitting, withheld = gene_scope(patient, key, bench)
    known = bench.pairs([key]).by_gene.get(key, ())
    if known and not fitting and not own:
        return [*lines, _NOTHING_TOLD]
    if withheld or (known and not fitting):
        told = _finding_lines(own, rows, standing) if own else ()
        return [*lines, _PARTLY_TOLD, *told, *explain_lift.lacking(patient, own, rows, bench)]
    unnamed = unnamed_elsewhere(run.results / "cases", patient, bench, store)
    lines += assemble.without_gene(unnamed)
    if not candidates:
        return [*lines, *_no_candidates(run, release, key, symbol)]
    left_out = _left_out(patient, key, candidates, fitting, bench)
    relatives = {left.variant for left in left_out if left.step == NOT_THE_PATIENTS}
    lines.append(f"Stored candidates: {len(stored)} allele(s) in or near the gene.")
    if more := len(candidates) - len(stored):
        lines.append(f"Outside the gene, asserted pathogenic for it: {more} allele(s).")
        outside = (row["variant"] for row in elsewhere if row in candidates)
        lines += [f"  {variant}" for variant in outside if variant not in relatives]
    if relatives:
        # A parent or sibling is no patient: what they alone carry is counted and never named.
        lines.append(f"Not called in the patient, and so not told: {len(relatives)} allele(s).")
    lines += [
        f"  {left.variant}: left out at step '{left.step}': {left.rule}."
        for left in left_out
        if left.variant not in relatives
    ]
    lines += _finding_lines(own, rows, standing)
    return [*lines, *explain_lift.lacking(patient, own, rows, bench)]


def _left_out(
    case: Case, gene: str, candidates: Sequence[Row], fitting: frozenset[str], bench: Bench
) -> list[LeftOut]:
    """Alleles that open no finding, as if the gene had only the diseases that fit."""
    setting = bench.setting(candidates)
    diseases = setting.known.gene_disease.get(gene, ())
    told = tuple(disease for disease in diseases if disease["disease"] in fitting)
    known = replace(setting.known, gene_disease={gene: told} if told else {})
    return evaluate(case, gene, candidates, replace(setting, known=known)).left_out


def _find(text: str, knowledge: Path, release: Release) -> tuple[str, str]:
    """Key and symbol of the gene that somebody wrote; empty when unknown."""
    held = read_table(knowledge / "genes.parquet", tables.GENES)
    names = GeneNames.of(
        Gene(r["gene"], r["symbol"], r["ncbi"], tuple(r["former"].split("|"))) for r in held
    )
    found = names.find(text)
    known = {row["gene"]: row["symbol"] for row in held}
    if text.upper() in known:
        return text.upper(), known[text.upper()]
    if found in known:
        return found, known[found]
    for gene in _annotated(release):
        if text.upper() in (gene.key.upper(), gene.symbol.upper(), gene.id.upper()):
            return gene.key, gene.symbol
    return "", ""


def _annotated(release: Release) -> Iterator[Any]:
    return iter(read_genes(release.require("transcripts"), contigs_of(release).name).all)


def _marking(release: Release) -> Iterator[str]:
    """The words that every page bears when the release holds no population frequencies."""
    if not release.interpretable:
        yield load("en").text("not_for_interpretation")


def _knowledge_lines(knowledge: Path, key: str, symbol: str) -> Iterator[str]:
    rows = query(
        f"SELECT * FROM held WHERE gene = '{_quoted(key)}' ORDER BY disease",  # noqa: S608
        held=knowledge / "gene_disease.parquet",
    )
    if not rows:
        yield f"The release knows no disease of {symbol}: it can open no hypothesis."
    for row in rows:
        modes = row["modes"] or "mode not stated"
        yield f"Known disease: {row['disease_name']} ({row['disease']}), {modes}."


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _no_candidates(run: Run, release: Release, key: str, symbol: str) -> Iterator[str]:
    place = next((gene for gene in _annotated(release) if gene.key == key), None)
    if place is None:
        yield (
            f"The transcripts of release {release.name} hold no {symbol}: no variant can be placed "
            "in it. Step: annotation."
        )
        return
    if run.regions is not None:
        covered = read_regions(run.regions, contigs_of(release)).get(place.contig, [])
        if not any(start <= place.end and place.start <= end for start, end in covered):
            yield (
                f"{symbol} lies outside the regions of {run.regions}: its variants were not read. "
                "Step: annotation."
            )
            return
    yield (
        f"No member of the family was called with an allele in or near {symbol} "
        f"({place.contig}:{place.start}-{place.end}). Step: the VCF itself. A deletion, a repeat "
        "or a badly covered exon would look the same: see the page's list of blind spots."
    )


def _finding_lines(
    findings: Sequence[Row], ledger: Sequence[Row], standing: Sequence[Row]
) -> Iterator[str]:
    none = next((row for row in standing if row["hypothesis"] == NONE), None)
    if not findings:
        yield "No finding: nothing in this gene opens a hypothesis."
    for finding in findings:
        yield ""
        yield (
            f"Finding {finding['mode']} {finding['zygosity']}: {finding['variants']} "
            f"({finding['consequence']}), class proposal {finding['acmg_class']}, "
            f"local points {_points(finding['local_points'])}."
        )
        for row in ledger:
            if row["finding"] == finding["finding"]:
                note = f" [not counted: {row['suppressed']}]" if row["suppressed"] else ""
                source = f"({row['resource']} {row['read_key']}: {row['record']})"
                yield (
                    f"  {row['ledger']:<6} {row['code']:<22} {_points(row['points']):>7}  "
                    f"{row['sentence']} {source}{note}"
                )
        yield from _stands(finding, standing)
    if none is not None:
        yield ""
        yield f"None in these data: {percent(none['posterior'], 'en')}."


def _stands(finding: Row, standing: Iterable[Row]) -> Iterator[str]:
    rows = [row for row in standing if row["finding"] == finding["finding"]]
    if "BA1" in finding["acmg_class"]:
        yield "  Not ranked: excluded by BA1."
    elif not rows:
        yield "  Not ranked: no disease of the gene has this mode."
    for row in rows:
        yield (
            f"  Rank {row['rank']} (gene rank {row['gene_rank']}) for {row['disease_name']} "
            f"({row['disease']}): local {_points(row['local_points'])} + phenotype "
            f"{_points(row['phenotype_points'])} = {_points(row['total_points'])} points, "
            f"posterior {percent(row['posterior'], 'en')}."
        )


def _points(thousandths: int) -> str:
    return f"{thousandths / THOUSAND:+.2f}"
