"""A sparse chromosome 12: RNU4-2 where it lies, three invented genes far from it, N between.

The bases around RNU4-2 are those that the published variants themselves give (REF alleles and the
repeats behind each ``dup``); all other bases are drawn.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pysam
import yaml

from ariane.files import REPOSITORY, read_table
from ariane.model.canonical import shard_name
from ariane.model.tables import CANDIDATES, STANDING

CONTIG, LENGTH = "chr12", 133_275_309
RNU4_2, RNU4_2_DISEASE = "HGNC:10193", "OMIM:620851"
RNU4_2_SPAN = (120_291_763, 120_291_903)
GIVEN = {120_291_826: "T", 120_291_828: "G", 120_291_835: "GTTTTC"}
"""Bases of GRCh38 told by the variants of the published cases."""

_STRETCH = (RNU4_2_SPAN[0] - 6_000, RNU4_2_SPAN[1] + 6_000)
_EXON = "ATG" + "GCTGAACTGGATTCC" * 6 + "GT"
DECOYS = {"SCN2A": ("HGNC:10588", 10_000_001), "ARID1B": ("HGNC:18040", 10_100_001)}
"""Symbol, key and start of genes with real diseases and invented sequence: two exons of 95 and
100 bases with an intron of 3 kb between."""
INTRON = 3_000


def _decoy() -> str:
    rng = random.Random(4)  # noqa: S311
    intron = "GTAAGT" + "".join(rng.choice("ACGT") for _ in range(INTRON - 8)) + "AG"
    return _EXON + intron + "C" + "GATTCCGCTGAACTG" * 6 + "AACTAATAA"[:9]


def bases() -> dict[int, str]:
    """The known stretches by 1-based start."""
    rng = random.Random(12)  # noqa: S311
    low, high = _STRETCH
    around = [rng.choice("ACGT") for _ in range(low, high + 1)]
    for position, text in GIVEN.items():
        around[position - low : position - low + len(text)] = text
    found = {low: "".join(around)}
    for _, start in DECOYS.values():
        flank = "".join(rng.choice("ACGT") for _ in range(6_000))
        beyond = "".join(rng.choice("ACGT") for _ in range(60_000))
        found[start - len(flank)] = flank + _decoy() + beyond
    return found


def base_at(position: int, length: int = 1) -> str:
    """Reference bases of a known stretch."""
    for start, text in _KNOWN.items():
        if start <= position < start + len(text):
            return text[position - start : position - start + length]
    raise KeyError(position)


_KNOWN = bases()


def write_reference(path: Path) -> None:
    """The chromosome in full length, packed and indexed."""
    width = 60 * 65_536
    with pysam.BGZFile(str(path), "wb") as out:
        out.write(f">{CONTIG}\n".encode())
        sequence = bytearray(b"N" * LENGTH)
        for start, text in _KNOWN.items():
            sequence[start - 1 : start - 1 + len(text)] = text.encode()
        for start in range(0, LENGTH, width):
            out.write(bytes(sequence[start : start + width]) + b"\n")
    pysam.faidx(str(path))


def gff(contig: str = "12") -> str:
    """RNU4-2 as Ensembl writes RNA genes, and the invented genes."""
    start, end = RNU4_2_SPAN
    described = "description=RNA%2C U4 small nuclear 2 [Source:HGNC Symbol%3BAcc:HGNC:10193]"
    rna = "gene:ENSG00000202538"
    lines: list[tuple[str, int, int, str, str, str]] = [
        ("ncRNA_gene", start, end, "-", ".", f"ID={rna};Name=RNU4-2;biotype=snRNA;{described}"),
        (
            *("snRNA", start, end, "-", "."),
            f"ID=transcript:ENST00000365668;Parent={rna};biotype=snRNA;tag=basic;version=1",
        ),
        ("exon", start, end, "-", ".", "Parent=transcript:ENST00000365668"),
    ]
    for number, (symbol, (hgnc, at)) in enumerate(DECOYS.items(), 1):
        gene, transcript = f"ENSG0000000000{number}", f"ENST0000000000{number}"
        first, second = (at, at + 94), (at + 95 + INTRON, at + 95 + INTRON + 99)
        coding, mane = "biotype=protein_coding", "tag=basic,MANE_Select;version=1"
        named = f"ID=gene:{gene};Name={symbol};{coding};hgnc_id={hgnc}"
        placed = f"ID=transcript:{transcript};Parent=gene:{gene};{coding};{mane}"
        parent = f"Parent=transcript:{transcript}"
        lines += [
            ("gene", first[0], second[1], "+", ".", named),
            ("mRNA", first[0], second[1], "+", ".", placed),
            ("exon", *first, "+", ".", parent),
            ("exon", *second, "+", ".", parent),
            ("CDS", *first, "+", "0", parent),
            ("CDS", *second, "+", "1", parent),
        ]
    body = [
        "\t".join([contig, "t", kind, str(s), str(e), ".", strand, phase, tags])
        for kind, s, e, strand, phase, tags in lines
    ]
    return "\n".join(["##gff-version 3", *body]) + "\n"


def missense() -> list[tuple[int, str, str]]:
    """One substitution in the first exon of each invented gene: GCT (Ala) to GAT (Asp)."""
    return [(start + 4, "C", "A") for _, start in DECOYS.values()]


@dataclass(frozen=True)
class Patient:
    """One case: terms, and its heterozygous alleles."""

    id: str
    alleles: Sequence[tuple[int, str, str]]
    observed: Sequence[str]
    excluded: Sequence[str] = ()
    sex: str = "unknown"
    name: str = ""
    """On the transcript, as published; empty where the publication calls a ``dup`` an insertion."""


def published(cases: Path) -> Iterator[Patient]:
    """The published cases of RNU4-2 from the phenopackets."""
    with gzip.open(cases, "rt", encoding="utf-8") as handle:
        packets = [json.loads(line) for line in handle if '"RNU4-2"' in line]
    for number, packet in enumerate(packets, 1):
        features = packet["phenotypicFeatures"]
        terms: dict[bool, list[str]] = {True: [], False: []}
        for feature in features:
            terms[bool(feature.get("excluded"))].append(feature["type"]["id"])
        alleles = [
            (int(record["pos"]), record["ref"], record["alt"])
            for interpretation in packet["interpretations"]
            for one in interpretation["diagnosis"]["genomicInterpretations"]
            for record in [one["variantInterpretation"]["variationDescriptor"]["vcfRecord"]]
        ]
        observed = sorted(set(terms[False]))
        excluded = sorted(set(terms[True]) - set(observed))
        said = [
            expression["value"]
            for interpretation in packet["interpretations"]
            for one in interpretation["diagnosis"]["genomicInterpretations"]
            for expression in one["variantInterpretation"]["variationDescriptor"]["expressions"]
        ]
        names = [text.partition(":")[2] for text in said if ":n." in text]
        name = "" if any(text.endswith("dup") for text in said) else names[0]
        sex = packet["subject"].get("sex", "unknown").lower()
        yield Patient(f"R-{number:02d}", alleles, observed, excluded, sex, name)


def write_vcf(path: Path, sample: str, alleles: Sequence[tuple[int, str, str]]) -> None:
    """A VCF of one sample, heterozygous throughout."""
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID={CONTIG},length={LENGTH}>"]
    lines += [
        f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{name}">'
        for name, number, kind in (
            *(("GT", "1", "String"), ("AD", "R", "Integer")),
            *(("DP", "1", "Integer"), ("GQ", "1", "Integer")),
        )
    ]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample]
    lines.append("\t".join(columns))
    for pos, ref, alt in sorted(alleles):
        fields = [CONTIG, str(pos), ".", ref, alt, "99", "PASS", ".", "GT:AD:DP:GQ"]
        lines.append("\t".join([*fields, "0/1:15,15:30:99"]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


Call = tuple[str, list[str]]
"""A program of ``scripts/`` and its arguments."""


def _main(program: str, arguments: list[str]) -> None:
    folder = str(REPOSITORY / "scripts")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    main: Callable[[list[str]], object] = import_module(program).main
    main(arguments)


def apart(*calls: Call) -> None:
    """Run programs one after another in one process of their own.

    bcftools csq keeps the place of a contig's first record from one run to the next within a
    process, and takes a later run that begins before it for an unsorted file.
    """
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as process:
        for program, arguments in calls:
            process.submit(_main, program, arguments).result()


@dataclass
class Run:
    """A release, and cycles under it, through the programs in the order of the workflow."""

    folder: Path
    hpo: Path
    hgnc: Path
    assertions: Sequence[tuple[int, str, str, str, str]] = ()
    """Position, REF, ALT, CLNSIG, GENEINFO of ClinVar-like records."""

    def release(self) -> None:
        """Assemble and prepare a release of real HPO files and the invented genome."""
        files = self.folder / "files"
        files.mkdir(parents=True)
        write_reference(files / "reference.fa.gz")
        (files / "genes.gff3").write_text(gff(), encoding="utf-8")
        common = {
            "version": "1", "date": "2025-01-16", "source": "test",
            "licence": {"class": "open", "text": "test"},
        }  # fmt: skip
        named: dict[str, tuple[Path, str]] = {
            "reference": (files / "reference.fa.gz", "fasta"),
            "transcripts": (files / "genes.gff3", "gff3"),
            "genes": (self.hgnc, "hgnc_tsv"),
            "hpo_ontology": (self.hpo / "hp.obo.gz", "obo"),
            "hpo_annotations": (self.hpo / "phenotype.hpoa.gz", "hpoa"),
            "gene_disease": (self.hpo / "phenotype_to_genes.txt.gz", "phenotype_to_genes"),
        }
        if self.assertions:
            named["assertions"] = (self._clinvar(files), "clinvar_vcf")
        resources: dict[str, Any] = {
            kind: {"file": str(path), "format": form, **common}
            for kind, (path, form) in named.items()
        }
        pair = [str(files / f"reference.fa.gz.{end}") for end in ("fai", "gzi")]
        resources["reference"]["companions"] = pair
        described = self.folder / "release.yaml"
        text = {"name": "R", "as_of": "2025-01-16", "resources": resources}
        described.write_text(yaml.safe_dump(text), encoding="utf-8")
        release = str(self.folder / "releases/R")
        apart(
            ("make_release", [str(described), "--releases", str(self.folder / "releases")]),
            ("prepare_release", ["--release", release, "--out", str(self.knowledge)]),
        )

    @property
    def knowledge(self) -> Path:
        """The prepared release."""
        return self.folder / "knowledge"

    def _clinvar(self, folder: Path) -> Path:
        path = folder / "clinvar.vcf"
        lines = ["##fileformat=VCFv4.2", f"##contig=<ID={CONTIG},length={LENGTH}>"]
        lines += [
            f'##INFO=<ID={name},Number=.,Type=String,Description="{name}">'
            for name in ("CLNSIG", "CLNREVSTAT", "GENEINFO", "CLNDN")
        ]
        lines.append("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]))
        status = "criteria_provided,_multiple_submitters,_no_conflicts"
        for number, (pos, ref, alt, word, gene) in enumerate(sorted(self.assertions), 1):
            info = f"CLNSIG={word};CLNREVSTAT={status};GENEINFO={gene}"
            lines.append("\t".join([CONTIG, str(pos), str(number), ref, alt, ".", ".", info]))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        packed = folder / "clinvar.vcf.gz"
        pysam.tabix_compress(str(path), str(packed), force=True)
        return packed

    def cycle(self, name: str, patients: Sequence[Patient]) -> Path:
        """Annotate each case, build the store, freeze the cycle, rank the one shard.

        Returns:
            the folder of all that was written.
        """
        folder = self.folder / name
        folder.mkdir()
        columns = (
            "case_id vcf sex hpo hpo_excluded assembly technique analysis_date consent_reanalysis"
        )
        rows = ["\t".join(columns.split())]
        candidates: list[str] = []
        annotated: list[Call] = []
        reference, genes = (self.folder / "files" / n for n in ("reference.fa.gz", "genes.gff3"))
        # In order of their first allele: csq remembers where its last run began (see apart).
        for patient in sorted(patients, key=lambda p: min(p.alleles)[0]):
            vcf = folder / f"{patient.id}.vcf"
            write_vcf(vcf, patient.id, patient.alleles)
            hpo = (";".join(terms) for terms in (patient.observed, patient.excluded))
            analysis = ("GRCh38", "genome", "2025-01-02", "yes")
            rows.append("\t".join([patient.id, vcf.name, patient.sex, *hpo, *analysis]))
            out = folder / "results" / "cases" / patient.id
            candidates.append(str(out / "candidates.parquet"))
            arguments = ["--case", patient.id, "--vcf", vcf]
            arguments += ["--sample", f"{patient.id}={patient.id}"]
            arguments += ["--reference", reference, "--transcripts", genes]
            arguments += ["--out-bcf", out / "variants.bcf", "--out-candidates", candidates[-1]]
            arguments += ["--out-summary", out / "annotation.json"]
            annotated.append(("annotate_case", [str(argument) for argument in arguments]))
        sheet, config = folder / "families.tsv", folder / "config.yaml"
        sheet.write_text("\n".join(rows) + "\n", encoding="utf-8")
        given = {"cycle": "C", "release": "R", "shards": 1, "families": str(sheet)}
        given["releases"] = str(self.folder / "releases")
        config.write_text(yaml.safe_dump(given), encoding="utf-8")
        state = folder / "state"
        store = [str(folder / f"{table}.parquet") for table in ("candidates", "read_keys")]
        rank = ["--state", state, "--cycle", "C", "--shard", shard_name(0, 1)]
        rank += ["--release", self.folder / "releases/R", "--knowledge", self.knowledge]
        rank += ["--candidates", store[0], "--read-keys", store[1]]
        rank += ["--cases", folder / "results/cases", "--out", folder / "shard"]
        build = ["--candidates", *candidates, "--out-candidates", store[0]]
        apart(
            *annotated,
            ("new_cycle", ["--config", str(config), "--state", str(state)]),
            ("build_store", [*build, "--out-read-keys", store[1]]),
            ("rank_shard", [str(argument) for argument in rank]),
        )
        return folder


def candidates(folder: Path) -> list[Mapping[str, Any]]:
    """The store's candidates."""
    return list(read_table(folder / "candidates.parquet", CANDIDATES))


def standing(folder: Path) -> list[Mapping[str, Any]]:
    """Where each hypothesis stands."""
    return list(read_table(folder / "shard" / "standing.parquet", STANDING))
