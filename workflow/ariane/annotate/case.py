"""One case annotated: its VCF becomes a BCF with consequences and a table of candidates.

No knowledge that changes is read here: only the reference, the transcripts and the genotypes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pysam

from ariane.annotate.csq import TOGETHER, consequences_alone, write_gff
from ariane.annotate.genes import GENE_PADDING, Genes, Neighbourhood, read_genes
from ariane.annotate.haplotypes import Haplotypes, read_haplotypes
from ariane.annotate.normalise import bcftools, normalise
from ariane.annotate.rows import Fates, Rows
from ariane.annotate.sequence import Reference
from ariane.annotate.sieve import Counts
from ariane.annotate.structural_rows import Structural
from ariane.annotate.terms import shipped_terms
from ariane.files import replacing, sha256_of
from ariane.knowledge.contigs import Contigs
from ariane.model import engine
from ariane.model.canonical import to_json
from ariane.model.case import Sex
from ariane.model.errors import ArianeError
from ariane.model.structural import is_symbolic


@dataclass(frozen=True)
class Inputs:
    """What one case is annotated from."""

    case: str
    vcf: Path
    samples: Mapping[str, str]
    """Member identifier to sample name in the VCF."""
    reference: Path
    transcripts: Path
    regions: Path | None = None
    gene_padding: int = GENE_PADDING
    sv_vcf: Path | None = None
    """A VCF of structural variants beside the first, of the same samples."""
    sexes: Mapping[str, Sex] = field(default_factory=dict)
    """By member, for copy numbers on X and Y."""


@dataclass(frozen=True)
class Outputs:
    """Where the case's files go; the index of the BCF lies beside it as ``.csi``."""

    bcf: Path
    candidates: Path
    summary: Path

    @property
    def index(self) -> Path:
        """The index of the BCF."""
        return self.bcf.with_name(self.bcf.name + ".csi")


def annotate_case(inputs: Inputs, outputs: Outputs) -> dict[str, Any]:
    """Normalise, find consequences, write the case's files; all of them appear, or none changes.

    Returns:
        the summary, as written to ``annotation.json``.

    Raises:
        ArianeError: an input is missing, cut, or disagrees with the reference; a record is
            unaccounted for.
    """
    members = sorted(inputs.samples)
    samples = [inputs.samples[member] for member in members]
    if not members or len(set(samples)) != len(samples):
        raise ArianeError(
            f"case {inputs.case}: each sequenced member needs a sample of its own. "
            "Correct the sample names in the families sheet."
        )
    if inputs.gene_padding < 0:
        raise ArianeError("The gene padding cannot be below zero. Give a number of bases.")
    outputs.bcf.parent.mkdir(parents=True, exist_ok=True)
    noise = pysam.set_verbosity(0)
    try:
        with ExitStack() as stack:
            # Left last-in first-out: the summary, which vouches for the rest, is settled last.
            summary_file = stack.enter_context(replacing(outputs.summary))
            candidates = stack.enter_context(replacing(outputs.candidates))
            index = stack.enter_context(replacing(outputs.index))
            bcf = stack.enter_context(replacing(outputs.bcf))
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(prefix=".annotate.", dir=outputs.bcf.parent)
                )
            )
            contigs = _contigs(inputs.reference)
            normal = normalise(
                inputs.vcf, samples, inputs.reference, folder, inputs.regions, inputs.sv_vcf
            )
            spans, symbolic = _survey(normal.bcf)
            structural = _structural(inputs, members, symbolic)
            # Only genes that a variant touches are worth their exons: a third of the time.
            near = Neighbourhood([*spans, *structural.spans], inputs.gene_padding)
            genes = read_genes(inputs.transcripts, contigs.name, near)
            found = _consequences(inputs, normal.bcf, samples, genes, contigs, folder, bcf)
            bcftools("index", "-f", "-c", "-o", str(index), str(bcf))
            terms, padding = shipped_terms(), inputs.gene_padding
            others = structural.rows(inputs.case, genes, padding, terms)
            rows = Rows(inputs.case, members, genes, padding, found, terms, others)
            rows.write(bcf, index, candidates)
            rows.fates.add(structural.fates)
            _check(inputs.case, normal.counts, rows.fates)
            summary = _summary(inputs, members, normal.counts, rows.fates, found)
            summary_file.write_text(to_json(summary) + "\n", encoding="utf-8")
    finally:
        pysam.set_verbosity(noise)
    return summary


def _survey(bcf: Path) -> tuple[list[tuple[str, int, int]], list[list[str]]]:
    """Where the alleles written in full lie, and the columns of the records that are not."""
    spans, symbolic = [], []
    with pysam.VariantFile(str(bcf)) as vcf:
        for record in vcf:
            if is_symbolic((record.alts or ("",))[0]):
                symbolic.append(str(record).rstrip("\n").split("\t"))
            else:
                spans.append((str(record.chrom), record.pos, record.pos + len(record.ref or "")))
    return spans, symbolic


def _structural(inputs: Inputs, members: list[str], symbolic: list[list[str]]) -> Structural:
    sequence = Reference(inputs.reference)

    def base(contig: str, position: int) -> str:
        return sequence.bases(contig, position, 1).decode() or "N"

    return Structural(symbolic, members, sequence.contigs, base, inputs.sexes)


def _contigs(reference: Path) -> Contigs:
    index = reference.with_name(reference.name + ".fai")
    if not index.is_file():
        raise ArianeError(
            f"{index}: there is no such file. Index the reference with samtools faidx."
        )
    return Contigs.of_index(index)


def _consequences(
    inputs: Inputs,
    source: Path,
    samples: list[str],
    genes: Genes,
    contigs: Contigs,
    folder: Path,
    target: Path,
) -> Haplotypes:
    """Annotate into ``target``; return what phased haplotypes change."""
    gff, alone = folder / "genes.gff3", folder / "alone.bcf"
    write_gff(gff, genes, contigs.lengths)
    consequences_alone(source, alone, inputs.reference, gff, folder)
    bcftools("index", "-f", str(alone))
    found = read_haplotypes(alone, samples, inputs.reference, gff, folder)
    if found.bcf is None:
        bcftools("view", "--no-version", "-Ob", "-o", str(target), str(alone))
    else:
        bcftools(
            *("annotate", "--no-version", "-a", str(found.bcf), "-c", f"INFO/{TOGETHER}"),
            *("-Ob", "-o", str(target), str(alone)),
        )
    return found


def _check(case: str, counts: Counts, fates: Fates) -> None:
    if fates.total != counts.alleles:
        raise ArianeError(
            f"case {case}: {counts.alleles} alleles were split from the VCF but {fates.total} are "
            "accounted for. This is a fault of Ariane: report it with the annotation log."
        )


def _summary(
    inputs: Inputs, members: list[str], counts: Counts, fates: Fates, found: Haplotypes
) -> dict[str, Any]:
    versions = import_module("pysam.version")
    return {
        "case": inputs.case,
        "samples": {member: inputs.samples[member] for member in members},
        "vcf_sha256": sha256_of(inputs.vcf),
        **({"sv_vcf_sha256": sha256_of(inputs.sv_vcf)} if inputs.sv_vcf else {}),
        "transcripts_sha256": sha256_of(inputs.transcripts),
        "regions_sha256": sha256_of(inputs.regions) if inputs.regions else "",
        "gene_padding": inputs.gene_padding,
        "engine": engine.numbers(),
        "tools": {
            "bcftools": str(versions.__bcftools_version__),
            "pysam": str(versions.__version__),
        },
        "records": counts.to_json(),
        "alleles": {
            "star": fates.star,
            "symbolic": fates.symbolic,
            "mates": fates.mates,
            "outside_genes": fates.outside_genes,
            "duplicate": fates.duplicate,
            "not_carried": fates.not_carried,
            "candidates": fates.candidates,
        },
        "rows": {"all": fates.rows, **dict(sorted(fates.tiers.items()))},
        "haplotype_variants": len(found.together),
    }
