"""The automated class against ClinVar's records of two stars or more, their own record masked.

Two runs: the own record masked, and beside it every record of the same codon or splice site. The
release knows nothing else: no frequency, no predictor, no segregation. What others say of the
allele itself never moves its class.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from ariane.annotate.known import known_alleles
from ariane.cli import run
from ariane.files import REPOSITORY, read_table, replacing
from ariane.knowledge.assertions import BENIGN, PATHOGENIC
from ariane.knowledge.disruption import NULL_CONSEQUENCES, disrupts, is_missense
from ariane.knowledge.lookup import Covered, Knowledge
from ariane.knowledge.prepare import read_release
from ariane.knowledge.reading import READERS
from ariane.knowledge.release import Release
from ariane.knowledge.spectra import Tally
from ariane.knowledge.tables import ASSERTIONS
from ariane.model.points import acmg_class
from ariane.model.stretches import stretch_of, stretches_near
from ariane.rank.combine import class_points
from ariane.rank.criteria import class_rows
from ariane.rank.profile import Profile, load_profile
from ariane.rank.pvs1 import branch_of

STARS: Final = 2
REACHED: Final = frozenset({"P", "LP"})
_EDGE: Final = re.compile(r"c\.([*-]?\d+[+-])\d+")
_NULLS: Final = frozenset(NULL_CONSEQUENCES)
SHARED: Final = REPOSITORY.parent / "shared" / "data"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One ClinVar allele with its consequence."""

    candidate: Row
    symbol: str
    truth: str
    """``pathogenic``, ``benign`` or ``uncertain``."""

    @property
    def kind(self) -> str:
        """``null``, ``missense``, ``start lost`` or ``other``."""
        worst = self.candidate["consequence"].split("&")[0]
        names = {"missense_variant": "missense", "start_lost": "start lost"}
        return "null" if worst in _NULLS else names.get(worst, "other")


@dataclass
class Book:
    """The known alleles of a release, by every key that the criteria read."""

    rows: Sequence[Row]
    codons: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    stretches: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    genes: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    spectra: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tally = Tally()
        for row in tally.counting(self.rows):
            if row["codon"]:
                self.codons[row["codon"]].append(row)
                if is_missense(row["consequence"]):
                    self.stretches[stretch_of(row["codon"])].append(row)
            if disrupts(row["consequence"]):
                self.genes[row["gene"]].append(row)
        self.spectra = {row["gene"]: row for row in tally.rows()}


def main(argv: list[str]) -> None:
    """Print the tables and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinvar", type=Path, required=True)
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--gff", type=Path, required=True)
    parser.add_argument("--regions", type=Path, required=True, help="BED of the sequenced regions")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--dosage", type=Path, default=None, help="ClinGen's gene curation list")
    parser.add_argument("--constraint", type=Path, default=None, help="gnomAD's table by gene")
    parser.add_argument("--profile", default="clingen")
    parser.add_argument("--limit", type=int, default=0, help="first records only (0: all)")
    args = parser.parse_args(argv)
    result = measure(args)
    with replacing(args.json) as path:
        path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print("\n".join(in_words(result)))


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Classify the records under both masks."""
    profile = load_profile(args.profile)
    known, said = _release(args)
    cases = list(_cases(known, said))
    if args.limit:
        cases = cases[: args.limit]
    book = Book(known["classified"])
    runs = {}
    for name, wide in (("own record masked", False), ("codon and splice site masked", True)):
        classified = [(case, _classify(case, book, known, profile, wide)) for case in cases]
        runs[name] = summary(classified)
    return {"profile": f"{profile.name} {profile.version}", "records": len(cases), "runs": runs}


def _release(args: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Row]]:
    """Known alleles and gene tables from the real readers, and ClinVar's rows by variant."""
    dosage = args.dosage or SHARED / "genes/ClinGen_dosage_gene_curation_GRCh38.2026-02-06.tsv"
    constraint = args.constraint or SHARED / "genes/gnomad.v2.1.1.lof_metrics.by_gene.tsv.gz"
    files = {
        "reference": (args.reference, "fasta"),
        "transcripts": (args.gff, "gff3"),
        "assertions": (args.clinvar, "clinvar_vcf"),
        "genes": (SHARED / "genes/hgnc_complete_set.2024-10.txt.gz", "hgnc_tsv"),
        "dosage": (dosage, "clingen_tsv"),
        "constraint": (constraint, "gnomad_tsv"),
    }
    with tempfile.TemporaryDirectory(prefix="bench-acmg-") as name:
        folder = Path(name)
        release = _opened(folder, files)
        prepared = read_release(release, folder)
        regions = _regions(args.regions, prepared.context.contigs.name)
        rows = [
            {**row, "resource": "assertions"}
            for row in read_table(folder / "assertions.parquet", ASSERTIONS)
            if _inside(row["variant"], regions)
        ]
        tables: dict[str, Any] = {}
        symbols = {gene.id: gene.symbol for gene in prepared.context.names.genes}
        for kind in ("dosage", "constraint"):
            path, form = files[kind]
            held: dict[str, list[Row]] = {}
            for row in READERS[form](path, release.resources[kind], prepared.context):
                held.setdefault(row["gene"], []).append(row)
            tables[kind] = {gene: tuple(found) for gene, found in held.items()}
    wanted = [row for row in rows if row["klass"] in PATHOGENIC | BENIGN]
    every = [{**row, "klass": "P"} for row in rows]  # every record keeps its consequence
    annotated = known_alleles(every, args.reference, args.gff).rows
    by_variant = {row["variant"]: row for row in rows}
    classes = {row["variant"] for row in wanted}
    classified = [
        {**row, "klass": by_variant[row["variant"]]["klass"]}
        for row in annotated
        if row["variant"] in classes
    ]
    return {
        "annotated": annotated,
        "classified": classified,
        "symbols": symbols,
        **tables,
    }, by_variant


def _opened(folder: Path, files: Mapping[str, tuple[Path, str]]) -> Release:
    resources = {}
    for kind, (path, form) in files.items():
        with path.open("rb") as handle:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        resources[kind] = {
            "file": str(path.resolve()),
            "format": form,
            "version": "1",
            "date": "2026-02-26",
            "sha256": sha256,
            "licence": {"class": "open", "text": "see the source"},
            "source": "benchmark",
        }
    manifest = {"schema": 1, "name": folder.name, "as_of": "2026-02-26", "resources": resources}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    return Release.open(folder)


def _regions(path: Path, name: Any) -> Covered:
    rows = []
    with path.open(encoding="utf-8") as handle:
        for line in handle:
            fields = line.rstrip("\n").split("\t")
            if len(fields) >= 3:
                rows.append(
                    {"chrom": name(fields[0]), "start": int(fields[1]), "end": int(fields[2])}
                )
    return Covered.of(rows)


def _inside(variant: str, regions: Covered) -> bool:
    chrom, pos, ref, _ = variant.split("-")
    return regions.holds(chrom, int(pos)) and regions.holds(chrom, int(pos) + len(ref) - 1)


def _cases(known: Mapping[str, Any], said: Mapping[str, Row]) -> Iterator[Case]:
    truth = dict.fromkeys(PATHOGENIC, "pathogenic") | dict.fromkeys(BENIGN, "benign")
    truth["VUS"] = "uncertain"
    for row in known["annotated"]:
        record = said[row["variant"]]
        if record["stars"] < STARS or record["klass"] not in truth:
            continue
        if record["gene"] and record["gene"] != row["gene"]:
            continue  # the neighbour's view of the allele
        chrom, pos, ref, alt = row["variant"].split("-")
        own = {
            **{name: row[name] for name in row if name not in ("klass", "stars", "record")},
            "chrom": chrom,
            "pos": int(pos),
            "ref": ref,
            "alt": alt,
            "kind": "small",
            "symbol": known["symbols"].get(row["gene"], row["gene"]),
            "tier": "coding",
            "filters": "PASS",
            "genotypes": "",
        }
        yield Case(own, own["symbol"], truth[record["klass"]])


def _classify(
    case: Case, book: Book, known: Mapping[str, Any], profile: Profile, wide: bool
) -> dict[str, Any]:
    own = case.candidate
    gene, codon = own["gene"], own["codon"]

    def kept(rows: Sequence[Row]) -> tuple[Row, ...]:
        # The criteria themselves leave the own record out.
        return tuple(row for row in rows if not _masked(row, own)) if wide else tuple(rows)

    near = {s: kept(book.stretches.get(s, ())) for s in stretches_near(codon)}
    knowledge = Knowledge(
        present=frozenset({"assertions", "dosage", "constraint"}),
        assertions={},
        codons={codon: kept(book.codons.get(codon, ()))} if codon else {},
        nulls={gene: kept(book.genes.get(gene, ()))} if case.kind != "missense" else {},
        frequencies={},
        in_house={},
        families={},
        gene_disease={},
        constraint={gene: known["constraint"].get(gene, ())},
        dosage={gene: known["dosage"].get(gene, ())},
        covered=Covered.of(()),
        stretches=near,
        spectra={gene: (book.spectra[gene],)} if gene in book.spectra else {},
    )
    rows = class_rows(own, knowledge, profile)
    branch = branch_of(own, knowledge, profile)
    points = class_points(rows)
    counted = sorted(f"{row.code}" for row in rows if row.points)
    name = branch.name if branch else ""
    return {"class": str(acmg_class(points)), "branch": name, "rows": counted}


def _masked(row: Row, own: Row) -> bool:
    if own["codon"] and row["codon"] == own["codon"]:
        return True
    return bool(_site(own["hgvs_c"])) and _site(row["hgvs_c"]) == _site(own["hgvs_c"])


@cache
def _site(name: str) -> str:
    """Exon edge and side of a name at a splice site, ``68-``; empty elsewhere."""
    found = _EDGE.match(name)
    return found[1] if found else ""


def summary(classified: Sequence[tuple[Case, Mapping[str, Any]]]) -> dict[str, Any]:
    """Counts by kind and truth, by gene, and each benign null that reaches likely pathogenic."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    genes: dict[str, list[bool]] = defaultdict(list)
    branches: dict[str, Counter[str]] = defaultdict(Counter)
    benign, missed = [], Counter[str]()
    for case, told in classified:
        kind, truth = case.kind, case.truth
        table[f"{truth} {kind}"][told["class"]] += 1
        reached = told["class"] in REACHED
        if kind == "null" and truth != "uncertain":
            branches[truth][told["branch"]] += 1
        if kind == "null" and truth == "pathogenic":
            genes[case.symbol].append(reached)
            if not reached:
                missed[f"{case.symbol} {told['branch']} {'+'.join(told['rows'])}"] += 1
        if truth == "benign" and (kind == "null" or (kind == "missense" and reached)):
            benign.append(
                {
                    "gene": case.symbol,
                    "kind": kind,
                    **{k: case.candidate[k] for k in ("variant", "hgvs_c", "hgvs_p")},
                    **told,
                }
            )
    shares = {gene: sum(found) / len(found) for gene, found in sorted(genes.items())}
    every = [one for found in genes.values() for one in found]
    benign_nulls = [row for row in benign if row["kind"] == "null"]
    return {
        "pathogenic_nulls": {
            "n": len(every),
            "reach_LP": round(sum(every) / max(1, len(every)), 4),
            "macro_by_gene": round(sum(shares.values()) / max(1, len(shares)), 4),
            "by_gene": {g: [round(s, 4), len(genes[g])] for g, s in shares.items()},
            "missed": dict(sorted(missed.items())),
            "branches": {t: dict(sorted(c.items())) for t, c in sorted(branches.items())},
        },
        "benign_nulls": {
            "n": len(benign_nulls),
            "reach_LP": sum(row["class"] in REACHED for row in benign_nulls),
            "each": sorted(benign_nulls, key=lambda r: r["variant"]),
        },
        "benign_missense_reaching_LP": [row for row in benign if row["kind"] == "missense"],
        "by_class": {name: dict(sorted(c.items())) for name, c in sorted(table.items())},
        "baselines": {
            "every null is LP": {"pathogenic_nulls": 1.0, "benign_nulls": len(benign_nulls)},
            "everything is VUS": {"pathogenic_nulls": 0.0, "benign_nulls": 0},
        },
    }


def in_words(result: Mapping[str, Any]) -> Iterator[str]:
    """The tables as lines."""
    yield f"profile {result['profile']}, {result['records']} records with {STARS} stars or more"
    for name, told in result["runs"].items():
        nulls, benign = told["pathogenic_nulls"], told["benign_nulls"]
        yield f"{name}:"
        yield (
            f"  pathogenic nulls reaching LP: n={nulls['n']} overall={nulls['reach_LP']:.4f} "
            f"macro={nulls['macro_by_gene']:.4f}"
        )
        for gene, (share, count) in nulls["by_gene"].items():
            yield f"    {gene} n={count} {share:.4f}"
        yield f"  benign nulls reaching LP: {benign['reach_LP']} of {benign['n']}"
        for row in benign["each"]:
            yield (
                f"    {row['gene']} {row['hgvs_c']} {row['hgvs_p']} branch={row['branch']} "
                f"class={row['class']}"
            )
        yield f"  benign missense reaching LP: {len(told['benign_missense_reaching_LP'])}"
        for kind, classes in told["by_class"].items():
            counts = " ".join(f"{c}={n}" for c, n in classes.items())
            yield f"  {kind}: {counts}"
        for baseline, counts in told["baselines"].items():
            yield (
                f"  baseline '{baseline}': pathogenic nulls {counts['pathogenic_nulls']:.2f}, "
                f"benign nulls reaching LP {counts['benign_nulls']}"
            )


if __name__ == "__main__":
    run(main)
