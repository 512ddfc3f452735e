"""One case annotated: its VCF becomes a BCF with consequences and a table of candidates.

No knowledge that changes is read here: only the reference, the transcripts and the genotypes.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pysam

from ariane.annotate.accessions import genomic_prefixes
from ariane.annotate.counts import Counts, Fates
from ariane.annotate.genes import GENE_PADDING, Neighbourhood, read_genes
from ariane.annotate.hgvs import Namer
from ariane.annotate.members import joined
from ariane.annotate.normalise import BcftoolsError, Normalised, bcftools, index_of, normalise
from ariane.annotate.rows import Rows
from ariane.annotate.sequence import Reference
from ariane.annotate.sieve import BIN
from ariane.annotate.structural_rows import Structural
from ariane.annotate.terms import shipped_terms
from ariane.annotate.vcf_says import AUTO, CSQ, VcfSays, fields_of, layout_to_read
from ariane.files import replacing, sealed_json, sha256_of, sha256_of_all
from ariane.model import engine
from ariane.model.case import Sex
from ariane.model.errors import ArianeError


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
    engine: str = AUTO
    """Whose consequences count: see :mod:`ariane.annotate.vcf_says`."""
    vep: Path | None = None
    """VEP's output for the case's alleles, where the engine is ``vep``."""
    more_vcfs: tuple[Path, ...] = ()
    """Further VCFs, where the members were not genotyped into one."""

    @property
    def vcfs(self) -> tuple[Path, ...]:
        """All VCFs of the case."""
        return (self.vcf, *self.more_vcfs)


@dataclass(frozen=True)
class Outputs:
    """Where the case's files go; the index of the BCF lies beside it as ``.csi``."""

    bcf: Path
    candidates: Path
    summary: Path

    @property
    def index(self) -> Path:
        """The index of the BCF."""
        return index_of(self.bcf)


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
    collects = gc.isenabled()
    # Millions of small objects are made, none of them in cycles: looking for cycles took a tenth
    # of the time.
    gc.disable()
    try:
        with ExitStack() as stack:
            # Left last-in first-out: the summary, which vouches for the rest, is settled last.
            summary_file = stack.enter_context(replacing(outputs.summary))
            candidates = stack.enter_context(replacing(outputs.candidates))
            index = stack.enter_context(replacing(outputs.index))
            bcf = stack.enter_context(replacing(outputs.bcf))
            # Scratch of the job, which may be another disk: only finished files come beside the
            # target, from where they are renamed.
            scratch = tempfile.TemporaryDirectory(prefix="ariane-annotate-")
            folder = Path(stack.enter_context(scratch))
            bases = Reference(inputs.reference)
            vcf = joined(inputs.vcfs, samples, bases.contigs, folder)
            layout = layout_to_read(vcf, inputs.engine, inputs.vep)
            carried = fields_of(layout) if layout and not inputs.vep else ()
            normal = normalise(
                vcf,
                samples,
                inputs.reference,
                folder,
                inputs.regions,
                carried,
                sv_vcf=inputs.sv_vcf,
            )
            structural = _structural(inputs, members, bases, normal, folder)
            # Only genes that a variant touches are worth their exons: a third of the time.
            spans = [*_stretches(normal), *structural.spans]
            near = Neighbourhood(spans, inputs.gene_padding)
            genes = read_genes(inputs.transcripts, bases.contigs.name, near)
            symbolic = normal.counts.symbolic > 0
            terms, padding = shipped_terms(), inputs.gene_padding
            says = VcfSays(layout, genes, terms, inputs.vep) if layout else None
            rows = Rows(
                inputs.case,
                members,
                genes,
                padding,
                terms,
                Namer(bases),
                folder,
                says,
                structural.rows(inputs.case, genes, padding, terms),
                everywhere=says is not None or symbolic,
            )
            rows.write(normal.bcf, candidates)
            rows.fates.add(structural.fates)
            shutil.move(normal.bcf, bcf)
            shutil.move(index_of(normal.bcf), index)
            _check(inputs.case, normal.counts, rows.fates)
            summary = _summary(inputs, members, normal.counts, rows.fates, says)
            summary["symbolic_left_out"] = dict(sorted(structural.fates.unread.items()))
            summary_file.write_text(sealed_json(summary), encoding="utf-8")
    except BcftoolsError as problem:  # over a file made on the way: whose it was, a user can tell
        vcfs = [str(vcf) for vcf in (*inputs.vcfs, inputs.sv_vcf) if vcf]
        named = any(str(problem).startswith(f"{vcf}: ") for vcf in vcfs)
        raise ArianeError(str(problem) if named else f"{', '.join(vcfs)}: {problem}") from None
    finally:
        pysam.set_verbosity(noise)
        if collects:
            gc.enable()
    return summary


def _stretches(normal: Normalised) -> Iterator[tuple[str, int, int]]:
    for contig, bins in normal.touched.items():
        for number in bins:
            # Left alignment may carry a variant into the stretch before.
            yield contig, (number - 1) << BIN, (number + 1) << BIN


def _structural(
    inputs: Inputs, members: list[str], sequence: Reference, normal: Normalised, folder: Path
) -> Structural:
    """The symbolic alleles and breakends of the normalised file."""
    prefixes = genomic_prefixes(sequence.contigs)

    def base(contig: str, position: int) -> str:
        return sequence.bases(contig, position, 1).decode() or "N"

    records = []
    if normal.counts.symbolic:
        symbolic = folder / "symbolic.vcf"
        only = ("-i", 'ALT~"[]<[]"', "-Ov", "-H")
        bcftools("view", "--no-version", *only, "-o", str(symbolic), str(normal.bcf))
        with symbolic.open(encoding="utf-8") as handle:
            records = [line.rstrip("\n").split("\t") for line in handle]
    return Structural(
        records, members, sequence.contigs, base, inputs.sexes, lambda contig: prefixes[contig]
    )


def _check(case: str, counts: Counts, fates: Fates) -> None:
    if fates.total != counts.alleles:
        raise ArianeError(
            f"case {case}: {counts.alleles} alleles were split from the VCF but {fates.total} are "
            "accounted for. This is a fault of Ariane: report it with the annotation log."
        )


def _summary(
    inputs: Inputs,
    members: list[str],
    counts: Counts,
    fates: Fates,
    says: VcfSays | None,
) -> dict[str, Any]:
    versions = import_module("pysam.version")
    return {
        "case": inputs.case,
        "vcfs": len(inputs.vcfs),
        "samples": {member: inputs.samples[member] for member in members},
        "vcf_sha256": sha256_of_all(inputs.vcfs),
        **({"sv_vcf_sha256": sha256_of(inputs.sv_vcf)} if inputs.sv_vcf else {}),
        "transcripts_sha256": sha256_of(inputs.transcripts),
        "regions_sha256": sha256_of(inputs.regions) if inputs.regions else "",
        "gene_padding": inputs.gene_padding,
        "engine": engine.numbers(),
        "tools": {
            "bcftools": str(versions.__bcftools_version__),
            "pysam": str(versions.__version__),
        },
        "consequences": says.summary if says else {"engine": CSQ},
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
        "haplotype_variants": fates.joint,
    }
