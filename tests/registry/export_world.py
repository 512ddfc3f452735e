"""Invented cycles and records for the tests of exports."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from ariane.files import sha256_of, write_table
from ariane.knowledge.tables import GENE_DISEASE, GENES, ORPHANET_GENES, ORPHANET_REFERENCES
from ariane.model import tables
from ariane.model.canonical import shard_name, shard_of, to_json
from ariane.model.case import Analysis, Case, Consent, Decision, Member, Phenotype, Sex, Status
from ariane.model.genotype import Genotype, encode_family
from ariane.model.history import History
from ariane.reanalyse.frozen import write_by_shard
from ariane.reanalyse.sums import write_sums
from ariane.registry.documents import Context
from ariane.registry.gates import Destination
from ariane.registry.record import (
    AlleleRecord,
    Candidate,
    CaseRecord,
    Coded,
    DecisionRecord,
    FindingRecord,
    Provenance,
)

ALL: Consent = Consent(
    reanalysis=True,
    registry=True,
    matchmaking=True,
    research=True,
    opposition=False,
    ern_registries=("EpiCARE", "ILIAD"),
    third_countries=True,
)
OBO = """format-version: 1.2
data-version: hp/releases/2024-03-06

[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:0001250
name: Seizure
alt_id: HP:0002279
is_a: HP:0000118

[Term]
id: HP:0000252
name: Microcephaly
is_a: HP:0000118

[Term]
id: HP:0003593
name: Infantile onset
is_a: HP:0000118
"""
HET = Genotype((0, 1), ref_depth=20, alt_depth=18, depth=38, quality=99)
REF = Genotype((0, 0), ref_depth=30, alt_depth=0, depth=30, quality=99)
HOM = Genotype((1, 1), ref_depth=0, alt_depth=30, depth=30, quality=99)
KEY, SECOND = "chr1-55-A-G", "chr1-90-CT-C"
GENE, SYMBOL = "HGNC:4177", "GBA1"
Row = dict[str, Any]


def case(name: str = "F1", *, trio: bool = False, **more: Any) -> Case:
    """A case: solo, or with both parents and a cousin whose parents are not told."""
    child = Member(f"{name}-P", "s1", f"{name}-F" if trio else "", f"{name}-M" if trio else "",
                   Sex.FEMALE, True)  # fmt: skip
    others = (
        Member(f"{name}-F", "s2", sex=Sex.MALE, affected=False),
        Member(f"{name}-M", "s3", sex=Sex.FEMALE, affected=None),
        Member(f"{name}-C", sex=Sex.MALE),
    )
    given = {
        "phenotype": Phenotype(("HP:0002279", "HP:0000252"), ("HP:9999999",), "HP:0003593", "P3Y"),
        "analysis": Analysis(
            "secret/path.vcf.gz", "GRCh38", "genome", "Laboratory-01", "2024-01-31"
        ),
        "consent": ALL,
        "status": Status.IMPASSE,
        "site": "Site-01",
        "filiere": "DéfiScience",
        "pre_indication": "Déficience intellectuelle",
        "request": "2024-01-01 private request",
        "notes": {"sex_check": "discordant", "remarque": "private note"},
        **more,
    }
    return Case(name, child.id, (child, *(others if trio else ())), **given)


def finding(
    name: str = "F1",
    variants: Sequence[str] = (KEY,),
    mode: str = "AD",
    calls: Sequence[Mapping[str, Genotype]] = ({"P": HET},),
    **more: Any,
) -> Row:
    """A row of the findings table; calls are by the last letter of the member's name."""
    count = len(variants)
    numbers = range(1, count + 1)
    keys = "+".join(variants)
    return {
        "case": name,
        "gene": GENE,
        "symbol": "old name",
        "finding": f"{GENE}|{mode}|{keys}",
        "mode": mode,
        "variants": keys,
        "zygosity": "compound" if count > 1 else "het",
        "consequence": "+".join(["missense_variant"] * count),
        "hgvs": "; ".join(f"NM_000001.2:c.{n}A>G p.(Lys{n}Glu)" for n in numbers),
        "hgvs_g": "; ".join(f"NC_000001.11:g.{n}A>G" for n in numbers),
        "protein_change": "+" * (count - 1),
        "transcript": "+".join(["ENST1.1"] * count),
        "acmg_points": "+".join(["6000"] * count),
        "acmg_class": "+".join(["LP"] * count),
        "local_points": 9000,
        "genotypes": "+".join(
            encode_family({f"{name}-{m}": g for m, g in family.items()}) for family in calls
        ),
        **more,
    }


def ledger(row: Row, code: str, points: int = 1000, **more: Any) -> Row:
    """A row of the ledger on the first allele of a finding."""
    return {
        "case": row["case"], "gene": row["gene"], "finding": row["finding"], "ledger": "class",
        "variant": row["variants"].split("+")[0], "code": code, "points": points,
        "sentence": "the parents are first cousins", "resource": "x", "read_key": "k",
        "record": "r", "suppressed": "", **more,
    }  # fmt: skip


def stands(row: Row, rank: int = 1, disease: str = "OMIM:1", posterior: float = 0.9) -> Row:
    """A hypothesis of the standing table on a finding."""
    return {
        "case": row["case"], "hypothesis": f"{row['finding']}|{disease}", "gene": row["gene"],
        "symbol": SYMBOL, "disease": disease, "disease_name": f"name of {disease}",
        "mode": row["mode"], "finding": row["finding"], "local_points": 0, "phenotype_points": 0,
        "total_points": 0, "posterior": posterior, "rank": rank, "gene_rank": 1, "out_of_scope": 0,
    }  # fmt: skip


def none(name: str = "F1", posterior: float = 0.1) -> Row:
    """'None in these data'."""
    empty = dict.fromkeys(tables.STANDING.columns, "")
    numbers = dict.fromkeys(
        ("local_points", "phenotype_points", "total_points", "rank", "gene_rank", "out_of_scope"), 0
    )
    return {**empty, **numbers, "case": name, "hypothesis": "none", "posterior": posterior}


def lay_out(folder: Path) -> None:
    """A release that knows four HPO terms; its other files are there and empty."""
    folder.mkdir(parents=True)
    contents = {"hpo_ontology": ("hp.obo", "obo", OBO), "reference": ("r.fa", "fasta", ""),
                "transcripts": ("t.gff3", "gff3", "")}  # fmt: skip
    resources = {}
    for kind, (name, form, content) in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
        resources[kind] = {
            "file": name, "format": form, "version": "2024-03-06", "date": "2024-03-06",
            "sha256": sha256_of(folder / name), "licence": {"class": "open", "text": "x"},
            "source": "x",
        }  # fmt: skip
    manifest = {"schema": 1, "name": folder.name, "as_of": "2024-03-06", "resources": resources}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")


class Bench:
    """A working folder with one cycle, whose tables hold the rows given."""

    def __init__(self, root: Path, shards: int = 3) -> None:
        self.root, self.shards = root, shards
        self.release = root / "releases" / "R1"
        self.knowledge = root / "results" / "releases" / "R1" / "knowledge"
        self.inputs = root / "state" / "cycles" / "c1" / "inputs"
        self.cycles = root / "results" / "cycles"
        lay_out(self.release)
        genes = [{"gene": GENE, "symbol": SYMBOL, "ncbi": "", "former": ""}]
        write_table(self.knowledge / "genes.parquet", GENES, genes)
        known = {"gene": GENE, "symbol": SYMBOL, "disease": "OMIM:1", "disease_name": "One",
                 "modes": "AD", "record": "r"}  # fmt: skip
        write_table(self.knowledge / "gene_disease.parquet", GENE_DISEASE, [known])
        write_table(self.knowledge / "orphanet_genes.parquet", ORPHANET_GENES, [])
        write_table(self.knowledge / "orphanet_references.parquet", ORPHANET_REFERENCES, [])

    def cycle(
        self,
        cases: Sequence[Case],
        *,
        standing: Sequence[Row] = (),
        findings: Sequence[Row] = (),
        ledger: Sequence[Row] = (),
        flags: Sequence[Row] = (),
        decisions: Sequence[Decision] = (),
        excluded: Mapping[str, str] | None = None,
    ) -> None:
        """Write the frozen inputs and the tables of a full pass."""
        self.inputs.mkdir(parents=True)
        write_by_shard(self.inputs, self.shards, cases, {one.id: {} for one in cases})
        columns = "case outcome gene variants disease actor role report date comment finding seen"
        rows = [
            [getattr(d, c).value if c == "outcome" else getattr(d, c) for c in columns.split()]
            for d in decisions
        ]
        header = columns.replace("case ", "case_id ", 1).split()
        text = "".join("\t".join(row) + "\n" for row in [header, *rows])
        (self.inputs / "decisions.tsv").write_text(text, encoding="utf-8")
        facts = {
            "cycle": "c1", "release": "R1", "as_of": "2024-03-06", "previous": "", "kind": "full",
            "reasons": [], "shards": self.shards, "profile": "p", "engine": {"ranking": 7},
            "tables": "t", "manifest": "m", "excluded": dict(excluded or {}), "anew": [],
        }  # fmt: skip
        (self.inputs / "cycle.json").write_text(to_json(facts), encoding="utf-8")
        write_sums(self.inputs)
        given = {
            tables.STANDING: standing, tables.FINDINGS: findings, tables.LEDGER: ledger,
            tables.FLAGS: flags, tables.TOUCHED: [],
        }  # fmt: skip
        for index in range(self.shards):
            folder = self.cycles / "c1" / "shards" / shard_name(index, self.shards)
            for table, rows_of in given.items():
                own = [r for r in rows_of if shard_of(r["case"], self.shards) == index]
                write_table(folder / f"{table.name}.parquet", table, own)


PROVENANCE = Provenance(
    "c1", "R1", "2024-03-06", {"ranking": 7}, {"hpo_ontology": ("2024-03-06",) * 2},
    interpretable=True,
)  # fmt: skip
ALLELE = AlleleRecord(
    KEY, "NC_000001.11:g.55A>G", "c.1A>G", "p.(Lys1Glu)", "NM_000001.2", "missense_variant", "het",
    HET, "de novo", "LP", 6000, ("PM2_Supporting", "PS2"),
)  # fmt: skip
FOUND = FindingRecord(f"{GENE}|AD|{KEY}", Coded(GENE, SYMBOL), "AD", "het", (ALLELE,))


CONTACT = {"name": "Service exemple", "href": "mailto:genetique@chu.example"}
OPTIONS = {"matchmaker": {"contact": CONTACT}}
"""A configuration under which every format can be written."""


def context_for(destination: Destination, **options: Any) -> Context:
    """What a writer and a checker are given, under a release without Orphadata."""
    return Context(destination, PROVENANCE, _bare_knowledge(), Path(), options)


@cache
def _bare_knowledge() -> Path:
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    write_table(folder / "orphanet_genes.parquet", ORPHANET_GENES, [])
    write_table(folder / "orphanet_references.parquet", ORPHANET_REFERENCES, [])
    return folder


def decision(outcome: Status = Status.SOLVED, **more: Any) -> DecisionRecord:
    """A signed decision on the finding above."""
    given = {
        "date": "2024-02-01", "actor": "RCP-9", "role": "RCP", "report": "CR-7",
        "gene": Coded(GENE, SYMBOL), "disease": Coded("OMIM:1", "One"), "variants": (KEY,), **more,
    }  # fmt: skip
    return DecisionRecord(outcome, **given)


def record(name: str = "F1", **more: Any) -> CaseRecord:
    """A record as the reader gives it; any field may be named anew."""
    given: dict[str, Any] = {
        "patient": f"{name}-P",
        "consent": ALL,
        "status": Status.IMPASSE,
        "sex": Sex.FEMALE,
        "age": "P3Y",
        "gestation": "",
        "onset": Coded("HP:0003593", "Infantile onset"),
        "history": History(),
        "observed": (Coded("HP:0001250", "Seizure"),),
        "excluded": (Coded("HP:0000252", "Microcephaly"),),
        "technique": "genome",
        "design": "solo",
        "assembly": "GRCh38",
        "analysis_date": "2024-01-31",
        "laboratory": "Laboratory-01",
        "site": "Site-01",
        "filiere": "DéfiScience",
        "pre_indication": "Déficience intellectuelle",
        "relatives": (),
        "decision": None,
        "earlier": (),
        "named": (),
        "candidates": (Candidate(FOUND, Coded("OMIM:1", "One"), 1, 1, 0.9),),
        "none_posterior": 0.1,
        "flags": (),
        "provenance": PROVENANCE,
        **more,
    }
    return CaseRecord(case=name, **given)
