"""An invented reference with a gene on each strand, and VCFs written onto it."""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pysam

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.model.case import Sex

LENGTH = 1000
REPEAT_START, REPEAT = 901, "CAG" * 6
PLUS, MINUS, RNA, ODD = "HGNC:1", "HGNC:2", "HGNC:3", "ENSG04"
_TAGS = "tag=basic,MANE_Select;version=7"
_PAIRS = str.maketrans("ACGTN", "TGCAN")

HEADER = [
    "##fileformat=VCFv4.2",
    '##FILTER=<ID=LowQual,Description="low">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="end">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="count">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="depths">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="quality">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="phase set">',
]


def reverse_complement(bases: str) -> str:
    return bases.translate(_PAIRS)[::-1]


def _sequence() -> str:
    rng = random.Random(20)  # noqa: S311
    bases = [rng.choice("ACGT") for _ in range(LENGTH)]

    def put(position: int, text: str) -> None:
        bases[position - 1 : position - 1 + len(text)] = text

    put(331, "ATG" + "GCT" * 9 + "GTAAGT")
    put(380, "CTCTCTAC")
    put(399, "AG" + "AAATGGTGTCATGATGAACGTCTTCCATGT" + "GTAAGT")
    put(499, "AG" + "TTTGGG" * 4 + "CTTTAA")
    put(801, "N" * 30)
    put(REPEAT_START - 1, "T" + REPEAT + "T")
    return "".join(bases)


def _features(contig: str, gene: str, transcript: str, hgnc: str, flip: bool) -> list[str]:
    parts = [
        ("gene", 301, 560, ".", f"ID=gene:{gene};Name={gene}S;biotype=protein_coding;{hgnc}"),
        (
            "mRNA",
            301,
            560,
            ".",
            f"ID=transcript:{transcript};Parent=gene:{gene};biotype=protein_coding;{_TAGS}",
        ),
    ]
    for kind, spans in (
        ("exon", ((301, 360), (401, 430), (501, 560))),
        ("CDS", ((331, 360), (401, 430), (501, 530))),
    ):
        phase = "0" if kind == "CDS" else "."
        parts += [(kind, s, e, phase, f"Parent=transcript:{transcript}") for s, e in spans]
    lines = []
    for kind, start, end, phase, tags in parts:
        if flip:
            start, end = LENGTH + 1 - end, LENGTH + 1 - start
        strand = "-" if flip else "+"
        lines.append("\t".join([contig, "t", kind, str(start), str(end), ".", strand, phase, tags]))
    return lines


def _gff() -> str:
    lines = ["##gff-version 3"]
    lines += _features("1", "ENSG01", "ENST01", "hgnc_id=HGNC:1", flip=False)
    described = "description=two [Source:HGNC Symbol%3BAcc:HGNC:2]"
    lines += _features("X", "ENSG02", "ENST02", described, flip=True)
    for gene, start, end, biotype, extra in (
        ("ENSG03", 650, 700, "snRNA", ";hgnc_id=HGNC:3"),
        ("ENSG04", 720, 760, "novel_kind", ""),
    ):
        number = gene[-2:]
        for kind, tags in (
            ("ncRNA_gene", f"ID=gene:{gene};Name=R{number};biotype={biotype}{extra}"),
            (biotype, f"ID=transcript:ENST{number};Parent=gene:{gene};biotype={biotype}"),
            ("exon", f"Parent=transcript:ENST{number}"),
        ):
            lines.append("\t".join(["1", "t", kind, str(start), str(end), ".", "+", ".", tags]))
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class World:
    folder: Path
    bases: str

    @property
    def reference(self) -> Path:
        return self.folder / "reference.fa"

    @property
    def transcripts(self) -> Path:
        return self.folder / "transcripts.gff3"

    def ref(self, position: int, length: int = 1) -> str:
        return self.bases[position - 1 : position - 1 + length]

    def other(self, position: int) -> str:
        return next(base for base in "ACGT" if base != self.ref(position))

    def vcf(
        self,
        folder: Path,
        records: Sequence[str],
        samples: Sequence[str] = ("S1",),
        name: str = "case.vcf",
        header: Sequence[str] = HEADER,
    ) -> Path:
        """Write records whose columns are split by spaces, packed as the name's suffix says."""
        path = folder / name
        columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
        body = ["\t".join(record.split(" ")) for record in records]
        text = "\n".join([*header, "\t".join([*columns, *samples]), *body]) + "\n"
        if name.endswith(".bgz"):
            with pysam.BGZFile(str(path), "wb") as out:
                out.write(text.encode())
        elif name.endswith(".gz"):
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text, encoding="utf-8")
        return path

    def annotate(
        self,
        folder: Path,
        vcf: Path,
        samples: dict[str, str] | None = None,
        regions: Path | None = None,
        out: str = "out",
        **more: Any,
    ) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, Any]]:
        """Rows by (variant, gene), and the summary."""
        target = folder / out
        summary = annotate_case(
            Inputs(
                "F1",
                vcf,
                samples or {"P": "S1"},
                self.reference,
                self.transcripts,
                regions,
                100,
                **more,
            ),
            Outputs(target / "v.bcf", target / "candidates.parquet", target / "annotation.json"),
        )
        rows = pq.read_table(target / "candidates.parquet").to_pylist()
        return {(row["variant"], row["gene"]): row for row in rows}, summary

    def annotate_files(
        self, folder: Path, source: Path, sexes: dict[str, Sex]
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Rows in their order, and the summary, of a folder's ``case.vcf`` and ``sv.vcf``."""
        second = source / "sv.vcf"
        summary = annotate_case(
            Inputs(
                case="F1",
                vcf=source / "case.vcf",
                samples={member: member for member in sexes},
                reference=self.reference,
                transcripts=self.transcripts,
                gene_padding=100,
                sv_vcf=second if second.exists() else None,
                sexes=sexes,
            ),
            Outputs(folder / "v.bcf", folder / "candidates.parquet", folder / "annotation.json"),
        )
        return pq.read_table(folder / "candidates.parquet").to_pylist(), summary


def build_world(folder: Path) -> World:
    bases = _sequence()
    made = World(folder, bases)
    text = f">chr1\n{bases}\n>chrX\n{reverse_complement(bases)}\n>chrM\n{bases[:200]}\n"
    made.reference.write_text(text, encoding="utf-8")
    pysam.faidx(str(made.reference))
    made.transcripts.write_text(_gff(), encoding="utf-8")
    return made
