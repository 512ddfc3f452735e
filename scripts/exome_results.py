"""What the workflow made of each spiked case: consequence, ranks, and why a gene has none."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.files import open_text, read_table
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.lookup import Keys, Knowledge, look_up
from ariane.model import tables
from ariane.model.canonical import shard_name, shard_of
from ariane.model.points import odds_from_points
from exome_cases import Allele, Bases, Published
from exome_inputs import CYCLE, SHARDS, Spiked
from exome_release import NAME
from exome_spike import Exome, Record, write_vcf

TIED: Final = 1 - 1e-9
"""Weights at least this share of another count as equal to it: a tie is told as the worse rank."""
_TOP: Final = (1, 3, 10)


def normal_key(allele: Allele, bases: Bases) -> str:
    """The allele's key, trimmed and left-aligned (Tan and others, Bioinformatics 2015).

    Worked out here from the reference alone, so that the workflow's own normalisation is checked.
    """
    pos, ref, alt = allele.pos, allele.ref, allele.alt
    while ref[-1] == alt[-1] and (len(ref) > 1 or len(alt) > 1):
        if min(len(ref), len(alt)) == 1:
            before = bases.fetch(allele.chrom, pos - 2, pos - 1).upper()
            pos, ref, alt = pos - 1, before + ref, before + alt
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return f"{allele.chrom}-{pos}-{ref}-{alt}"


@dataclass(frozen=True)
class Results:
    """The finished cycle of the benchmark."""

    work: Path
    bases: Bases

    @property
    def knowledge(self) -> Path:
        """Folder of the prepared release."""
        return self.work / "results" / "releases" / NAME / "knowledge"

    def rows(self, spiked: Sequence[Spiked]) -> list[dict[str, Any]]:
        """One row a case: what was published, what was found, where it ranks."""
        alleles = [allele for one in spiked for allele in one.case.alleles]
        known = look_up(
            self.knowledge,
            Keys(
                variants=frozenset(normal_key(allele, self.bases) for allele in alleles),
                genes=frozenset(one.case.gene for one in spiked),
            ),
        )
        return [self._row(one, known) for one in spiked]

    def seconds(self) -> dict[str, float]:
        """Seconds of all jobs of each rule together, as the workflow measured them."""
        spent: dict[str, float] = {}
        for path in sorted((self.work / "results" / "timings").glob("*/*.tsv")):
            with open_text(path) as handle:
                for row in csv.DictReader(handle, delimiter="\t"):
                    spent[path.parent.name] = spent.get(path.parent.name, 0.0) + float(row["s"])
        return {rule: round(total, 1) for rule, total in spent.items()}

    def _row(self, one: Spiked, known: Knowledge) -> dict[str, Any]:
        case = one.case
        keys = [normal_key(allele, self.bases) for allele in case.alleles]
        candidates = read_table(
            self.work / "results" / "cases" / one.id / "candidates.parquet", tables.CANDIDATES
        )
        own = {row["variant"]: row for row in candidates if row["gene"] == case.gene}
        found = [own[key]["consequence"] if key in own else "" for key in keys]
        shard = shard_name(shard_of(one.id, SHARDS), SHARDS)
        folder = self.work / "results" / "cycles" / CYCLE / "shards" / shard
        standing = _of(one.id, read_table(folder / "standing.parquet", tables.STANDING))
        findings = _of(one.id, read_table(folder / "findings.parquet", tables.FINDINGS))
        asserted = [
            any(record["klass"] in PATHOGENIC for record in known.assertions.get(key, ()))
            for key in keys
        ]
        ranks = _ranks(case, frozenset(keys), standing)
        return {
            "case": one.id,
            "published_case": case.id,
            "gene": case.symbol,
            "gene_id": case.gene,
            "disease": case.disease,
            "zygosity": case.zygosity,
            "sex": one.sex,
            "published": [allele.published for allele in case.alleles],
            "variants": keys,
            "filters": [own[key]["filters"] if key in own else "" for key in keys],
            "expected": [allele.expected for allele in case.alleles],
            "found": found,
            "fitting": all(
                allele.fits(words) for allele, words in zip(case.alleles, found, strict=True)
            ),
            **ranks,
            "posterior_none": next(
                row["posterior"] for row in standing if row["hypothesis"] == "none"
            ),
            "genes_ranked": len({row["gene"] for row in standing if row["gene"]}),
            "asserted": sum(asserted),
            "unseen": case.unseen,
            "pair_known": case.pair_known,
            "terms": {"observed": one.observed, "excluded": one.excluded},
            "dropped_terms": list(one.dropped),
            "explanation": ""
            if ranks["gene_rank"]
            else _why(case, frozenset(keys), found, findings, standing, known),
        }


def _of(case: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["case"] == case]


def _ranks(
    case: Published, keys: frozenset[str], standing: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Ranks of the gene and of the right hypothesis, ties as the worst; None when not ranked."""
    real = [row for row in standing if row["gene"]]
    rivals: dict[tuple[str, str], int] = {}
    for row in real:
        pair = (row["gene"], row["disease"])
        rivals[pair] = rivals.get(pair, 0) + 1
    weights = [odds_from_points(r["total_points"]) / rivals[r["gene"], r["disease"]] for r in real]
    of_gene: dict[str, float] = {}
    for row, weight in zip(real, weights, strict=True):
        of_gene[row["gene"]] = of_gene.get(row["gene"], 0.0) + weight
    right = [
        (row, weight)
        for row, weight in zip(real, weights, strict=True)
        if row["gene"] == case.gene and frozenset(row["finding"].split("|")[2].split("+")) == keys
    ]
    exact = [pair for pair in right if pair[0]["disease"] == case.disease]
    best = max(exact or right, key=lambda pair: pair[1], default=None)
    own = of_gene.get(case.gene)
    return {
        # The gene's rank counts only when the published alleles themselves are ranked there.
        "gene_rank": _place(own, of_gene.values()) if own is not None and best else None,
        "hypothesis_rank": _place(best[1], weights) if best else None,
        "hypothesis_disease": best[0]["disease"] if best else None,
        "posterior": best[0]["posterior"] if best else None,
        "local_points": best[0]["local_points"] / 1000 if best else None,
        "phenotype_points": best[0]["phenotype_points"] / 1000 if best else None,
    }


def _place(own: float, all_of_them: Iterable[float]) -> int:
    return sum(1 for weight in all_of_them if weight >= own * TIED)


def _why(
    case: Published,
    keys: frozenset[str],
    found: Sequence[str],
    findings: Sequence[Mapping[str, Any]],
    standing: Sequence[Mapping[str, Any]],
    known: Knowledge,
) -> str:
    if not all(found):
        return "an allele is not annotated in the gene"
    diseases = known.gene_disease.get(case.gene, ())
    if not diseases:
        return "the release links the gene with no disease"
    own = [f for f in findings if f["gene"] == case.gene]
    if not any(frozenset(f["variants"].split("+")) == keys for f in own):
        ranked = min((row["gene_rank"] for row in standing if row["gene"] == case.gene), default=0)
        beside = f"; by other findings the gene ranks {ranked}" if ranked else ""
        return f"the published alleles together open no finding{beside}"
    modes = ", ".join(sorted({d["modes"] or "none stated" for d in diseases}))
    return f"no disease of the gene has a mode that the genotype fits (modes: {modes})"


def check_alleles(
    cases: Sequence[Published],
    exome: Exome,
    reference: Path,
    transcripts: Path,
    regions: Path,
    bases: Bases,
    folder: Path,
) -> tuple[int, list[dict[str, Any]]]:
    """Annotate every distinct allele of every qualifying case at once, without the workflow.

    Returns:
        the number of alleles whose paper announces a consequence, and those where another was
        found.
    """
    pairs = {(case.gene, allele): case.symbol for case in cases for allele in case.alleles}
    sites = sorted({(a.chrom, a.pos, a.ref, a.alt) for _, a in pairs})
    records = [
        Record(chrom, pos, (chrom, str(pos), ".", ref, alt, ".", "PASS", ".", "GT", "0/1"))
        for chrom, pos, ref, alt in sites
    ]
    vcf = folder / "alleles.vcf.gz"
    write_vcf(vcf, exome.header, records)
    outputs = Outputs(folder / "alleles.bcf", folder / "alleles.parquet", folder / "alleles.json")
    annotate_case(
        Inputs("alleles", vcf, {"alleles": exome.sample}, reference, transcripts, regions), outputs
    )
    rows = read_table(outputs.candidates, tables.CANDIDATES)
    found = {(row["gene"], row["variant"]): row["consequence"] for row in rows}
    judged = {
        (symbol, normal_key(allele, bases), allele.published, allele.expected): (
            allele,
            found.get((gene, normal_key(allele, bases)), ""),
        )
        for (gene, allele), symbol in pairs.items()
        if allele.expected
    }
    misfits = [
        {"gene": symbol, "variant": key, "published": told, "expected": term, "found": words}
        for (symbol, key, told, term), (allele, words) in sorted(
            judged.items(), key=lambda item: item[0]
        )
        if not allele.fits(words)
    ]
    return len(judged), misfits


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Cases among the first one, three and ten genes, by what the release could know.

    ``exact`` counts the published alleles together with the published disease instead of the gene:
    a gene may stand first by one allele of a compound under a mode that is not the disease's.
    """
    groups = {
        "unseen, no allele asserted": [r for r in rows if r["unseen"] and not r["asserted"]],
        "unseen": [r for r in rows if r["unseen"]],
        "all": list(rows),
    }
    return {
        name: {
            "cases": len(held),
            **{
                f"top{top}": sum(1 for r in held if r["gene_rank"] and r["gene_rank"] <= top)
                for top in _TOP
            },
            **{
                f"exact{top}": sum(
                    1 for r in held if r["hypothesis_rank"] and r["hypothesis_rank"] <= top
                )
                for top in _TOP
            },
            "not ranked": sum(1 for r in held if not r["gene_rank"]),
        }
        for name, held in groups.items()
    }
