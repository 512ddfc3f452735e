"""Annotate one case: normalise its VCF, find consequences, write BCF, candidates and summary."""

from __future__ import annotations

import argparse
from pathlib import Path

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.genes import GENE_PADDING
from ariane.annotate.vcf_says import AUTO, ENGINES
from ariane.cli import run
from ariane.model.case import Sex
from ariane.model.errors import ArianeError


def samples_of(pairs: list[str]) -> dict[str, str]:
    """``MEMBER=SAMPLE`` pairs as a mapping.

    Raises:
        ArianeError: a pair has no ``=``, or a member comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        member, equals, sample = pair.partition("=")
        if not (member and equals and sample) or member in found:
            raise ArianeError(f"--sample {pair}: give each member once, as MEMBER=SAMPLE.")
        found[member] = sample
    return found


def sexes_of(pairs: list[str]) -> dict[str, Sex]:
    """``MEMBER=SEX`` pairs as a mapping.

    Raises:
        ArianeError: a pair has no ``=``, or its sex is not known.
    """
    found: dict[str, Sex] = {}
    for pair in pairs:
        member, _, word = pair.partition("=")
        if word not in set(Sex):
            raise ArianeError(f"--sex {pair}: give male, female or unknown, as MEMBER=SEX.")
        found[member] = Sex(word)
    return found


def main(argv: list[str]) -> int | None:
    """Parse the arguments and annotate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True, help="identifier of the case")
    parser.add_argument(
        "--vcf",
        required=True,
        type=Path,
        nargs="+",
        help="VCF (plain, gzip, BGZF) or BCF; several where members have files of their own",
    )
    parser.add_argument(
        "--sample",
        required=True,
        action="append",
        metavar="MEMBER=SAMPLE",
        help="pedigree member and sample name in the VCF; repeat for each sequenced member",
    )
    parser.add_argument("--sv-vcf", type=Path, help="VCF of structural variants, same samples")
    parser.add_argument(
        "--sex",
        action="append",
        default=[],
        metavar="MEMBER=SEX",
        help="male, female or unknown; for copy numbers on X and Y",
    )
    parser.add_argument("--reference", required=True, type=Path, help="indexed FASTA")
    parser.add_argument("--transcripts", required=True, type=Path, help="Ensembl-style GFF3")
    parser.add_argument("--regions", type=Path, help="BED of the regions to keep")
    parser.add_argument(
        "--gene-padding",
        type=int,
        default=GENE_PADDING,
        metavar="BASES",
        help="how far beyond its ends a gene reaches (default: %(default)s)",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default=AUTO,
        help="whose consequences count: the VCF's own where it has some and bcftools csq for the "
        "rest (auto), bcftools csq, or VEP's from --vep (default: %(default)s)",
    )
    parser.add_argument("--vep", type=Path, help="VEP's output for the alleles of vep_sites.py")
    parser.add_argument("--out-bcf", required=True, type=Path, help="its .csi is written beside it")
    parser.add_argument("--out-candidates", required=True, type=Path)
    parser.add_argument("--out-summary", required=True, type=Path)
    given = parser.parse_args(argv)
    annotate_case(
        Inputs(
            case=given.case,
            vcf=given.vcf[0],
            more_vcfs=tuple(given.vcf[1:]),
            samples=samples_of(given.sample),
            reference=given.reference,
            transcripts=given.transcripts,
            regions=given.regions,
            gene_padding=given.gene_padding,
            sv_vcf=given.sv_vcf,
            sexes=sexes_of(given.sex),
            engine=given.engine,
            vep=given.vep,
        ),
        Outputs(given.out_bcf, given.out_candidates, given.out_summary),
    )
    return None


if __name__ == "__main__":
    run(main)
